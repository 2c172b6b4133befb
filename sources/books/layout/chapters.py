"""From blocks to a book: which headings are chapters, their Markdown, sections and pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sources.books.fences import fence, language
from sources.books.layout.blocks import Block
from sources.books.layout.headings import PART
from sources.books.model import Chapter, Section

LEFT_OUT = re.compile(
    r"^(?:(?:table of )?contents|inhalt(?:sverzeichnis)?|index|stichwortverzeichnis|cover|"
    r"title page|copyright.*|colophon|"
    r"list of (?:figures|tables|listings).*|dedication|half title|imprint)$",
    re.I,
)
ESCAPED = re.compile(r"^(#{1,6}(?=\s|$)|>|```|~~~|[-+*](?=\s)|\d+[.)](?=\s))")


def chapters(blocks: Sequence[Block], title: str) -> tuple[Chapter, ...]:
    """The chapters in order. What stands before the first is the book's front and no chapter's."""
    top = _chapter_level(blocks, title)
    found: list[Chapter] = []
    part = ""
    start: int | None = None
    begun = ""
    for at, block in enumerate([*blocks, None]):
        level = block.level if block is not None and block.kind == "heading" else 99
        if block is not None and level > top:
            continue
        if start is not None:
            if not LEFT_OUT.match(begun) and not (not found and _is_title(begun, title)):
                found.append(_chapter(blocks[start:at], top, part))
            start = None
        if block is None:
            break
        if level < top:
            part = block.parts[0][0]
            continue
        start = at
        begun = block.parts[0][0]
    return tuple(found[1:] if len(found) > 3 and _is_contents(found) else found)


def _is_contents(found: Sequence[Chapter]) -> bool:
    """Whether the first chapter is the book's title with its contents: it names the others."""
    listed = sum(chapter.title in found[0].text for chapter in found[1:])
    return "```" not in found[0].text and listed > 0.8 * (len(found) - 1)


def _is_title(text: str, title: str) -> bool:
    def key(words: str) -> str:
        return "".join(c for c in words.casefold() if c.isalnum())

    return bool(title) and key(text) == key(title)


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
    only_title = len(named) == 1 and _is_title(named[0].parts[0][0], title)
    if len(levels) > 1 and (only_title or (parts and parts >= 0.5 * len(named))):
        return levels[1]
    return levels[0]


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
