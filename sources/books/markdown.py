"""Books in Markdown: one file, or a folder with a file for each chapter.

A folder is read in the order of its `SUMMARY.md` (mdBook, GitBook) or `Book.txt` (Leanpub) where
it has one, else by name, numbers by their value. A single file is cut at its headings of level 1;
where it has only one, that is the book's title and chapters are of level 2. The text of a chapter
stays as its author wrote it, whatever kind of Markdown that is.

Not covered: links to a file's parts, files that another includes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt

from factory.errors import SourceError
from factory.syntax.reader import MAX_BYTES
from sources.books.assembly import nested
from sources.books.contents import FRONT_AND_BACK
from sources.books.model import Book, Chapter
from sources.languages import UndecodableError, decode

SUFFIXES = (".md", ".markdown", ".livemd", ".cheatmd")
MAX_FILES = 2_000
"""Of a folder, and chapters of a file."""
ABOUT_THE_FILES = frozenset(
    ["summary", "license", "licence", "contributing", "changelog", "code_of_conduct", "security"]
)
"""Files beside a book's text that are no part of it, without their ending."""

_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\r?\n(.{0,20000}?)^(?:---|\.\.\.)[ \t]*\r?\n", re.M | re.S
)
_FIELD = re.compile(r"^(title|author|authors|isbn):[ \t]*(.{1,300}?)[ \t]*$", re.M | re.I)
_LINK = re.compile(r"\]\(\s*<?([^)>\s]{1,500})")
_ATTRIBUTES = re.compile(r"[ \t]*\{[:#.][^{}\n]*\}[ \t]*$")


@dataclass(frozen=True)
class Source:
    """A file's text without its front matter, and what that says."""

    path: Path
    text: str
    fields: dict[str, str]


def read_markdown(path: Path) -> Book:
    """The book in a Markdown file, or in a folder of them.

    Raises `SourceError` for one that cannot be read, is too large or is no text.
    """
    if not path.is_dir():
        return _from_file(_source(path, path.name), path.stem)
    found = _from_folder(path)
    fields = found[0][0].fields
    chapters = tuple(chapter for _, chapter in found)
    return Book(_spoken(path.name), chapters, _authors(fields), fields.get("isbn", ""))


def own_paths(folder: Path) -> tuple[str, ...]:
    """The paths of a folder's chapters below it, in the order of `read_markdown`; () where its
    order is told, by a summary or by numbers in all names."""
    paths = [source.path.relative_to(folder).as_posix() for source, _ in _from_folder(folder)]
    numbered = all(re.match(r"\d", path.rpartition("/")[2]) for path in paths)
    return () if numbered or _told_order(folder) else tuple(paths)


def _from_folder(folder: Path) -> list[tuple[Source, Chapter]]:
    """A chapter for each file that holds one."""
    found = []
    for path in files(folder):
        source = _source(path, f"{folder.name}/{path.relative_to(folder)}")
        otherwise = source.fields.get("title") or _spoken(path.stem)
        chapter = _chapter(_headings(source.text), source.text, otherwise)
        if _has_text(source.text) and not FRONT_AND_BACK.fullmatch(chapter.title):
            found.append((source, chapter))
    if not found:
        raise SourceError(f"{folder.name}: the folder holds no Markdown with text in it")
    return found


def files(folder: Path) -> list[Path]:
    """A book's files in reading order; links and hidden files are none of them."""
    listed = [
        path
        for path in sorted(folder.rglob("*"), key=lambda p: _natural(p.relative_to(folder)))
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not path.is_symlink()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.stem.lower() not in ABOUT_THE_FILES
    ]
    if len(listed) > MAX_FILES:
        raise SourceError(
            f"{folder.name}: it holds more than {MAX_FILES:,} Markdown files: no book does"
        )
    order = {place: at for at, place in enumerate(_told_order(folder))}
    if not order:
        return listed
    return (
        sorted(
            (path for path in listed if path.resolve() in order), key=lambda p: order[p.resolve()]
        )
        or listed
    )


def _told_order(folder: Path) -> list[Path]:
    """Files in the order that a summary of the book names them, each once."""
    for name, pattern in (("SUMMARY.md", _LINK), ("src/SUMMARY.md", _LINK), ("Book.txt", _LINE)):
        summary = folder / name
        if summary.is_file() and not summary.is_symlink():
            text = _source(summary, f"{folder.name}/{name}").text
            named = [unquote(found).partition("#")[0] for found in pattern.findall(text)]
            root = folder.resolve()
            places = [(summary.parent / each).resolve() for each in named if each]
            return list(dict.fromkeys(p for p in places if root in p.parents))
    return []


_LINE = re.compile(r"^[ \t]*([^#\s:][^\n:]{0,300}?)[ \t]*$", re.M)


def _source(path: Path, name: str) -> Source:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"{name}: it is larger than {MAX_BYTES:,} bytes")
        text = decode(path.read_bytes(), "markdown")
    except UndecodableError as error:
        raise SourceError(f"{name}: {error}") from error
    except OSError as error:
        raise SourceError(f"{name}: it cannot be read: {error.strerror}") from error
    front = _FRONT_MATTER.match(text)
    if not front:
        return Source(path, text, {})
    fields = {key.lower(): value.strip("\"'[] ") for key, value in _FIELD.findall(front[1])}
    return Source(path, text[front.end() :], fields)


def _from_file(source: Source, stem: str) -> Book:
    text = source.text
    headings = _headings(text)
    levels = [level for _, level, _ in headings]
    cut = 2 if levels.count(1) == 1 and levels[0] == 1 and levels.count(2) > 1 else 1
    starts = [at for _, level, at in headings if level == cut]
    if len(starts) > MAX_FILES:
        raise SourceError(
            f"{source.path.name}: it has more than {MAX_FILES:,} chapters: no book does"
        )
    title = source.fields.get("title") or (headings[0][0] if cut == 2 else "") or _spoken(stem)
    offsets = [at for _, _, at in headings]
    data = text.encode()
    chapters: list[Chapter] = []
    bounds = [*starts, len(data)]
    front = data[: bounds[0]].decode()
    if _has_text(front):
        chapters.append(_chapter([], front, title))
    for start, end in zip(starts, bounds[1:], strict=True):
        first, last = bisect_left(offsets, start), bisect_left(offsets, end)
        inside = [(name, level, at - start) for name, level, at in headings[first:last]]
        chapters.append(_chapter(inside, data[start:end].decode(), title))
    if not chapters:
        raise SourceError(f"{source.path.name}: it holds no text")
    kept = tuple(c for c in chapters if not FRONT_AND_BACK.fullmatch(c.title))
    return Book(title, kept, _authors(source.fields), source.fields.get("isbn", ""))


def _chapter(headings: Sequence[tuple[str, int, int]], text: str, otherwise: str) -> Chapter:
    """A chapter whose title is its first heading, where that is its highest."""
    own = headings[0] if headings else None
    if own is None or own[1] > min(level for _, level, _ in headings):
        return Chapter(otherwise, text, nested(headings, len(text.encode())))
    rest = [each for each in headings[1:] if each[1] > own[1]]
    return Chapter(own[0], text, nested(rest, len(text.encode())))


def _has_text(markdown: str) -> bool:
    """Whether there is anything but headings."""
    return any(line.strip() and not line.startswith("#") for line in markdown.splitlines())


@cache
def _parser() -> MarkdownIt:
    """Blocks alone: what is inside lines is never parsed."""
    parser = MarkdownIt("commonmark")
    parser.core.ruler.disable(["inline", "text_join"])
    return parser


def _headings(text: str) -> list[tuple[str, int, int]]:
    """Title, level and byte offset of every heading that stands in no list or quotation."""
    lines = re.findall(r"[^\r\n]*(?:\r\n?|\n|\Z)", text)
    starts = [0, *accumulate(len(line.encode()) for line in lines)]
    tokens = _parser().parse(text)
    return [
        (_title(tokens[at + 1].content), int(token.tag[1:]), starts[token.map[0]])
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]


def _title(heading: str) -> str:
    return " ".join(_ATTRIBUTES.sub("", heading).split())


def _authors(fields: dict[str, str]) -> tuple[str, ...]:
    named = fields.get("authors") or fields.get("author") or ""
    return tuple(part.strip("\"' ") for part in re.split(r",| and ", named) if part.strip("\"' "))


def _spoken(name: str) -> str:
    """A file's name as words, without the number before it."""
    return " ".join(re.sub(r"^\d+[-_. ]+", "", name).replace("_", "-").split("-")).strip() or name


def _natural(path: Path) -> tuple[tuple[tuple[int, str], ...], ...]:
    return tuple(
        tuple(
            (int(part[:18]), "") if at % 2 else (-1, part)
            for at, part in enumerate(re.split(r"([0-9]+)", name))
        )
        for name in path.parts
    )
