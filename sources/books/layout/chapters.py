"""From blocks to a book: which headings are chapters, their Markdown, sections and pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sources.books.fences import fence, language
from sources.books.layout.blocks import Block
from sources.books.layout.headings import LEFT_OUT, PART
from sources.books.model import Chapter, Section

ESCAPED = re.compile(r"^(#{1,6}(?=\s|$)|>|```|~~~|[-+*](?=\s)|\d+[.)](?=\s))")


def chapters(blocks: Sequence[Block], title: str) -> tuple[Chapter, ...]:
    """The chapters in order. What stands before the first is the book's front and no chapter's."""
    top = _chapter_level(blocks, title)
    found: list[Chapter] = []
    part = ""
    start: int | None = None
    level_of_chapter = top
    for at, block in enumerate([*blocks, None]):
        level = block.level if block is not None and block.kind == "heading" else 99
        if block is not None and level > level_of_chapter:
            continue
        if start is not None:
            begun = blocks[start].parts[0][0]
            if not LEFT_OUT.match(begun) and not (not found and _is_title(begun, title)):
                found.append(_chapter(blocks[start:at], blocks[start].level, part))
            start = None
        if block is None:
            break
        if level < top and not _has_own_text(blocks, at):
            part = block.parts[0][0]
            level_of_chapter = top
            continue
        part = "" if level < top else part
        level_of_chapter = max(level, 1) if level < top else top
        start = at
    return tuple(found[1:] if len(found) > 3 and _is_contents(found) else found)


def _has_own_text(blocks: Sequence[Block], at: int) -> bool:
    """Whether a heading that may be a part's has text below it before the next."""
    title = blocks[at].heading
    if title is not None and PART.match(title.title):
        return False
    return at + 1 < len(blocks) and blocks[at + 1].kind != "heading"


def _is_contents(found: Sequence[Chapter]) -> bool:
    """Whether the first chapter is the book's title with its contents: it names the others, and
    says little else."""
    said = _key(found[0].text)
    listed = sum(_key(chapter.title) in said for chapter in found[1:])
    titles = sum(len(_key(title)) for chapter in found[1:] for title in _titles(chapter))
    return listed > 0.8 * (len(found) - 1) and len(said) < 3 * titles


def _titles(chapter: Chapter | Section) -> list[str]:
    return [chapter.title, *(title for inner in chapter.sections for title in _titles(inner))]


def _is_title(text: str, title: str) -> bool:
    return bool(title) and _key(text) == _key(title)


def _key(words: str) -> str:
    return "".join(c for c in words.casefold() if c.isalnum())


def _chapter_level(blocks: Sequence[Block], title: str) -> int:
    """The level whose headings are chapters: the highest, or the one below it where the highest
    has parts or only the book's title."""
    heads = [block for block in blocks if block.kind == "heading"]
    levels = sorted({block.level for block in heads})
    if not levels:
        return 1
    highest = [block for block in heads if block.level == levels[0]]
    named = [b for b in highest if not LEFT_OUT.match(b.parts[0][0])]
    parts = sum(bool(b.heading and PART.match(b.heading.title)) for b in named)
    if len(levels) > 1 and _are_parts(blocks, levels[0]):
        return levels[1]
    only_title = len(named) == 1 and _is_title(named[0].parts[0][0], title)
    if len(levels) > 1 and (only_title or (parts and parts >= 0.5 * len(named))):
        return levels[1]
    return levels[0]


def _are_parts(blocks: Sequence[Block], level: int) -> bool:
    """Whether the headings of a level that have others below them each stand on a page alone."""
    heads = [at for at, block in enumerate(blocks) if block.kind == "heading"]
    alone = []
    for at, below in pairwise(heads):
        if blocks[at].level != level or blocks[below].level <= level:
            continue
        if not LEFT_OUT.match(blocks[at].parts[0][0]):
            alone.append(below == at + 1 and blocks[below].parts[0][1] > blocks[at].parts[0][1])
    return bool(alone) and all(alone)


@dataclass
class _Open:
    title: str
    level: int
    start: int
    inner: list[Section]


class _Writer:
    """Markdown as it is written, its length in bytes, and where pages begin."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.pages: list[tuple[int, int]] = []

    def write(self, text: str, page: int = 0) -> None:
        if page and (not self.pages or self.pages[-1][1] != page):
            if self.pages and self.pages[-1][0] == self.length:
                self.pages.pop()
            if not self.pages or self.pages[-1][1] < page:
                self.pages.append((self.length, page))
        self.parts.append(text)
        self.length += len(text.encode())


def _chapter(blocks: Sequence[Block], top: int, part: str) -> Chapter:
    out = _Writer()
    title = blocks[0].parts[0][0]
    open_: list[_Open] = [_Open(title, 1, 0, [])]
    ranks = sorted({b.level for b in blocks if b.kind == "heading"} | {top})
    notes: list[Block] = []

    def close(level: int) -> None:
        while len(open_) > 1 and open_[-1].level >= level:
            done = open_.pop()
            section = Section(done.title, done.level, done.start, out.length, tuple(done.inner))
            open_[-1].inner.append(section)

    def put_notes() -> None:
        for note in notes:
            _paragraph(out, note)
        notes.clear()

    previous = ""
    for block in blocks:
        if block.kind == "heading":
            put_notes()
            level = min(6, 1 + block.level - top)
            close(level)
            if out.length and level > 1:
                open_.append(_Open(block.parts[0][0], level, out.length, []))
            text, page = block.parts[0]
            out.write(f"{'#' * level} {text}\n\n", page)
        elif block.kind == "code":
            code = "\n".join(text for text, _ in block.parts)
            _fenced(out, block, fence(code, language(code)), code)
        elif block.kind == "note":
            notes.append(block)
        else:
            _paragraph(out, block)
        previous = block.kind
    del previous, ranks
    put_notes()
    close(0)
    return Chapter(title, "".join(out.parts), tuple(open_[0].inner), tuple(out.pages), part)


def _fenced(out: _Writer, block: Block, text: str, code: str) -> None:
    head, _, _ = text.partition(code)
    out.write(head, block.parts[0][1])
    for line, page in block.parts:
        out.write(line + "\n", page)
    out.write(text[len(head) + len(code) + 1 :] + "\n")


def _paragraph(out: _Writer, block: Block) -> None:
    first, page = block.parts[0]
    if block.kind in ("paragraph", "quote"):
        first = ESCAPED.sub(lambda found: "\\" + found.group(1), first)
    lead = "  " * block.level if block.kind == "item" else "> " if block.kind == "quote" else ""
    out.write(lead + first, page)
    for text, at in block.parts[1:]:
        out.write(text, at)
    out.write("\n\n")
