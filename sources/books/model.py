"""A book as its readers give it, whatever the file was: chapters of Markdown, with their sections
and pages.

A chapter's text is Markdown of one plain kind, so that nobody needs a Markdown parser to cut it:
headings are `#` lines (the chapter's own is the first line, `# Title`), code stands between fences
of backticks whose info string is one of `LANGUAGES`, and what was left out has a line of its own
(`[figure: its caption]`, `[table: its caption]`). Lines end with a newline and there is no other
kind of code block, no HTML and no setext heading.

Pages are counted from 1 as they lie in the file: what a viewer goes to, known for every book and
never twice the same. What is printed on them (`xii`, `3`) stands in `Book.labels`.
"""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("elixir", "erlang", "iex", "shell", "output", "text")
"""What a fence says of its block. `iex` is a session with its prompts, `shell` commands typed at
one (with or without what they print), `output` what a program printed, `text` everything else
(JSON, HTML, a tree of folders)."""


@dataclass(frozen=True)
class Section:
    """A heading below the chapter's own, and all under it. `start` is the byte offset of its
    heading in the chapter's text and `end` where the next heading of its level or above begins;
    `level` is the number of `#` (2 for a chapter's sections)."""

    title: str
    level: int
    start: int
    end: int
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """One chapter. `pages` is (byte offset in `text`, page), ascending: from that byte on the text
    stands on that page; () for a book without pages. `part` is the title of the part it is in."""

    title: str
    text: str
    sections: tuple[Section, ...] = ()
    pages: tuple[tuple[int, int], ...] = ()
    part: str = ""


@dataclass(frozen=True)
class Book:
    """A book. What its file does not tell is "" or (). `language` is a BCP 47 tag (`en-GB`), and
    `labels` what is printed as the number of each page, from page 1 on; "" for a page without."""

    title: str
    chapters: tuple[Chapter, ...]
    authors: tuple[str, ...] = ()
    isbn: str = ""
    language: str = ""
    labels: tuple[str, ...] = ()
