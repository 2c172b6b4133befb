"""Books: code blocks that come back exactly, chapter trees, languages, pages a second.

A block counts when its text is the source's, character by character; trailing blanks, which no
print shows, and blank lines around are no part of it. The tree counts when titles, order and
nesting of all headings are the source's. A block's language is held against what the source
declares, where it does (a session declared as Elixir is a session).

Beside it pymupdf4llm reads the same PDFs; its blocks are the fenced ones of its Markdown.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bookmaking import ASKED, OTHERS, Layout, Truth, make
from benchmarks.results import Figure, table, write
from sources.books.epub import read_epub
from sources.books.layout import read_pdf
from sources.books.model import Book, Section

FENCED = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1[ ]*$", re.MULTILINE | re.DOTALL)
SESSION = re.compile(r"(?:#[^\n]*\n|Erlang/OTP[^\n]*\n|Interactive Elixir[^\n]*\n|\s)*iex")
DECLARED = {
    "elixir": ("elixir",),
    "iex": ("iex",),
    "erlang": ("erlang",),
    "console": ("shell",),
    "shell": ("shell",),
    "bash": ("shell",),
    "bat": ("shell",),
    "batch": ("shell",),
    "text": ("text", "output"),
    "c": ("text",),
    "markdown": ("text",),
}


@dataclass(frozen=True)
class Score:
    """Of one reading of one book. `found` counts the reader's blocks; `tree` is the share of
    headings at their place, `known` of blocks with a language declared those told rightly."""

    truth: int
    found: int
    exact: int
    tree: float
    known: int
    told: int
    pages: int
    seconds: float

    @property
    def recall(self) -> float:
        return self.exact / self.truth

    @property
    def precision(self) -> float:
        return self.exact / max(1, self.found)


def exactly(text: str) -> str:
    lines = [line.rstrip() for line in text.split("\n")]
    return "\n".join(lines).strip("\n")


def fenced(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of Markdown: language and text."""
    return [(found[2].strip(), exactly(found[3])) for found in FENCED.finditer(text)]


def score(book: Book, truth: Truth, seconds: float) -> Score:
    blocks = [block for chapter in book.chapters for block in fenced(chapter.text)]
    wanted = Counter(exactly(text) for _, text in truth.blocks)
    exact = wanted & Counter(text for _, text in blocks)
    declared = {exactly(text): language for language, text in truth.blocks if language}
    judged = [(language, text) for language, text in blocks if text in declared]
    told = sum(language in _right(declared[text], text) for language, text in judged)
    return Score(
        len(truth.blocks), len(blocks), exact.total(), _tree(book, truth),
        len(judged), told, len(book.labels), seconds,
    )  # fmt: skip


def _right(declared: str, text: str) -> tuple[str, ...]:
    if declared == "elixir" and SESSION.match(text):
        return ("iex",)
    return DECLARED.get(declared, ("text",))


def _tree(book: Book, truth: Truth) -> float:
    found: list[tuple[int, str]] = []
    for chapter in book.chapters:
        found.append((1, chapter.title))
        found += _headings(chapter.sections)
    wanted, got = _nested(truth.headings), _nested(found)
    same = Counter(wanted) & Counter(got)
    share = same.total() / max(len(wanted), len(got))
    return 1.0 if got == wanted else min(share, 0.9999)


def _nested(headings: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Headings with how many others they stand under: a level that is left out nests no deeper,
    and some formats cannot leave one out."""
    above: list[int] = []
    found = []
    for level, title in headings:
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        found.append((len(above), _key(title)))
    return found


def _headings(sections: Iterable[Section]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for section in sections:
        found += [(section.level, section.title), *_headings(section.sections)]
    return found


def _key(title: str) -> str:
    return "".join(title.replace("`", "").split())


def ours(path: Path, truth: Truth) -> Score:
    started = time.perf_counter()
    book = read_epub(path) if path.suffix == ".epub" else read_pdf(path)
    return score(book, truth, time.perf_counter() - started)


def pymupdf4llm(path: Path, truth: Truth) -> tuple[int, int, float]:
    """Exact blocks, blocks found and seconds of pymupdf4llm on a PDF."""
    import pymupdf4llm as other

    started = time.perf_counter()
    text = str(other.to_markdown(str(path), show_progress=False))
    seconds = time.perf_counter() - started
    blocks = fenced(text)
    wanted = Counter(exactly(block) for _, block in truth.blocks)
    return (wanted & Counter(block for _, block in blocks)).total(), len(blocks), seconds


def _row(layout: Layout, got: Score) -> tuple[str, ...]:
    speed = f"{got.pages / got.seconds:.0f}" if got.pages else ""
    return (
        layout.name,
        f"{got.exact} of {got.truth}",
        f"{got.recall:.1%}",
        f"{got.precision:.1%}",
        f"{got.tree:.1%}" if got.tree in (0.0, 1.0) else f"{got.tree:.2%}",
        f"{got.told / max(1, got.known):.1%}",
        str(got.pages or ""),
        speed,
    )


HEAD = ("layout", "exact", "recall", "precision", "tree", "language", "pages", "pages/s")


def measure(layouts: Sequence[Layout], title: str) -> dict[str, Score]:
    scores: dict[str, Score] = {}
    for layout in layouts:
        path, truth = make(layout)
        scores[layout.name] = ours(path, truth)
    table(title, HEAD, [_row(layout, scores[layout.name]) for layout in layouts])
    return scores


def main() -> None:
    scores = measure(ASKED, "Books: code that comes back exactly")
    rows = []
    figures = []
    for layout in ASKED:
        got = scores[layout.name]
        figures.append(Figure(f"books, {layout.name}: recall", got.recall, "share", "0.95"))
        figures.append(Figure(f"books, {layout.name}: precision", got.precision, "share", "0.95"))
        if layout.ending == "epub":
            continue
        path, truth = make(layout)
        exact, found, seconds = pymupdf4llm(path, truth)
        speed, other = got.pages / got.seconds, got.pages / seconds
        rows.append(
            (layout.name, f"{exact} of {got.truth}", f"{exact / max(1, found):.1%}", f"{other:.1f}")
        )
        figures.append(
            Figure(f"books, {layout.name}: pages", speed, "pages/s", "pymupdf4llm", speed / other)
        )
    table("The same books read by pymupdf4llm", ("layout", "exact", "precision", "pages/s"), rows)
    write(figures)
    measure(OTHERS, "Books in other layouts")
