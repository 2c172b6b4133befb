"""A Markdown document as a tree of sections, with the bytes that each piece stands on.

Blocks are told by markdown-it-py, which follows CommonMark to the letter; what stands inside a line
(links, emphasis, code spans) is left as it is written. A section is a heading and all under it; its
`blocks` are what comes before the first heading below. ExDoc's and GitHub's admonitions
(`> #### Title {: .tip}`, `> [!NOTE]`) are notes, and so is every other quotation.

Spans count bytes of the UTF-8 text and end after a block's last line. The text of a code block is
exact, less the indentation of what holds it. Front matter (YAML between `---` lines, or an Elixir
map before one) is no content; its `title` is the document's.

What this does not do: read HTML (a block of it is kept as it stands), footnotes, or a document of
more than `LONGEST` characters, which no person wrote as one text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.token import Token

from factory.syntax import Span

LONGEST = 600_000
"""Characters; a long chapter of a book has a tenth. Parsing takes some three seconds at worst."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_FRONT_MATTER = re.compile(
    r"\ufeff?(?:---[ \t]*\r?\n|(?=%\{[ \t]*\r?\n)).*?^(?:---|\.\.\.)[ \t]*$", re.M | re.S
)
_TITLE = re.compile(r"^[ \t]*title:[ \t]*(.+?)[ \t]*,?[ \t]*$", re.MULTILINE)
_ATTRIBUTES = re.compile(r"[ \t]*\{(?::[ ]|[:#.])[^{}\n]*\}[ \t]*$")
_ALERT = re.compile(r"\[!([A-Za-z]+)\][ \t]*(?:\n|$)")
_KIND = re.compile(r"\.(info|tip|warning|error|neutral|note|important|caution)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Prose:
    """A paragraph, its lines without the marks and indentation of what holds it."""

    text: str
    span: Span


@dataclass(frozen=True)
class Code:
    """A fenced block, or one indented by four columns (`info` is None then, else the whole info
    string, "" where there is none)."""

    text: str
    span: Span
    info: str | None = None

    @property
    def language(self) -> str:
        """The first word of the info string in lower case, as `elixir` in `elixir title="a.ex"`
        and in `{.elixir .numberLines}`; "" where there is none."""
        words = re.findall(r"[\w+#-]+", self.info or "")
        return words[0].lower() if words else ""


@dataclass(frozen=True)
class Items:
    """A list. Each item is the blocks in it; `text` is the whole as it stands, `first` the number
    of a numbered list's first item."""

    items: tuple[tuple[Block, ...], ...]
    span: Span
    text: str
    first: int | None = None


@dataclass(frozen=True)
class Note:
    """A quotation or an admonition: what stands beside the text. `kind` is the admonition's in
    lower case (`tip`, `warning`), "" for a plain quotation."""

    title: str
    kind: str
    blocks: tuple[Block, ...]
    span: Span


@dataclass(frozen=True)
class Table:
    text: str
    span: Span


@dataclass(frozen=True)
class Html:
    """A block of HTML, comments too, as it stands."""

    text: str
    span: Span


Block = Prose | Code | Items | Note | Table | Html


@dataclass(frozen=True)
class Section:
    """A heading and all under it. The document itself is a section of level 0, which holds what
    comes before the first heading; its title is that of its front matter, "" where it has none."""

    title: str
    level: int
    span: Span
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()

    def every(self) -> Iterator[tuple[tuple[Section, ...], Section]]:
        """This section and all below it in reading order, each under those that hold it."""
        waiting: list[tuple[tuple[Section, ...], Section]] = [((), self)]
        while waiting:
            above, section = waiting.pop()
            yield above, section
            inner = (*above, section)
            waiting.extend((inner, below) for below in reversed(section.sections))


class TooLongError(ValueError):
    """The document has more than `LONGEST` characters."""


def read(text: str) -> Section:
    """The whole document as a section of level 0. Raises TooLongError."""
    if len(text) > LONGEST:
        raise TooLongError(f"longer than {LONGEST:,} characters")
    front = _FRONT_MATTER.match(text)
    body = re.sub(r"[^\r\n]", " ", front[0]) + text[front.end() :] if front else text
    titled = _TITLE.search(front[0]) if front else None
    title = plain_title(titled[1].strip("\"'")) if titled else ""
    return _Reading(text, title, _parser().parse(body)).document()


@cache
def _parser() -> MarkdownIt:
    """Blocks alone: what is inside lines is never parsed, which is where Markdown is slow."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable(["inline", "text_join"])
    return parser


class _Reading:
    """The tokens of one document on their way to a tree."""

    def __init__(self, text: str, title: str, tokens: Sequence[Token]) -> None:
        self._title = title
        self._tokens = tokens
        self._opening: list[Block] = []
        lines = _LINE.findall(text)
        self._lines = lines
        self._starts = [0, *accumulate(len(line.encode()) for line in lines)]

    def document(self) -> Section:
        blocks: list[Block] = []
        headings: list[tuple[str, int, Span, list[Block]]] = []
        at = 0
        while at < len(self._tokens):
            token = self._tokens[at]
            if token.type == "heading_open":
                title = plain_title(self._tokens[at + 1].content)
                blocks = []
                headings.append((title, int(token.tag[1:]), self._span(token), blocks))
                at += 3
                continue
            block, at = self._block(at)
            if block is not None:
                (blocks if headings else self._opening).append(block)
        return self._tree(headings)

    def _tree(self, headings: Sequence[tuple[str, int, Span, list[Block]]]) -> Section:
        """Sections from headings, innermost first: a section ends where the next heading of its
        level or a higher one starts."""
        end = self._starts[-1]
        waiting: list[Section] = []  # sections that no heading above has taken yet, last one first
        for title, level, span, blocks in reversed(headings):
            below: list[Section] = []
            while waiting and waiting[-1].level > level:
                below.append(waiting.pop())
            stop = waiting[-1].span.start if waiting else end
            waiting.append(
                Section(title, level, Span(span.start, stop), tuple(blocks), tuple(below))
            )
        return Section(self._title, 0, Span(0, end), tuple(self._opening), tuple(reversed(waiting)))

    def _span(self, token: Token) -> Span:
        first, last = token.map or (0, 0)
        return Span(self._starts[first], self._starts[min(last, len(self._lines))])

    def _text(self, token: Token) -> str:
        first, last = token.map or (0, 0)
        return "".join(self._lines[first:last]).replace("\r\n", "\n").rstrip()

    def _block(self, at: int) -> tuple[Block | None, int]:
        """The block that begins at this token, and where the next one does."""
        token = self._tokens[at]
        match token.type:
            case "fence":
                return Code(token.content, self._span(token), token.info.strip()), at + 1
            case "code_block":
                return Code(token.content.rstrip("\n") + "\n", self._span(token)), at + 1
            case "html_block":
                return Html(token.content.rstrip(), self._span(token)), at + 1
            case "paragraph_open" | "heading_open":
                return Prose(self._tokens[at + 1].content, self._span(token)), at + 3
            case "bullet_list_open" | "ordered_list_open":
                return self._list(at)
            case "blockquote_open":
                end = self._close(at)
                return self._note(token, at + 1, end), end + 1
            case "table_open":
                return Table(self._text(token), self._span(token)), self._close(at) + 1
        return None, at + 1

    def _close(self, at: int) -> int:
        """Where the token that closes this one stands."""
        level = self._tokens[at].level
        at += 1
        while self._tokens[at].level != level or self._tokens[at].nesting != -1:
            at += 1
        return at

    def _list(self, at: int) -> tuple[Block, int]:
        token, end = self._tokens[at], self._close(at)
        items: list[tuple[Block, ...]] = []
        at += 1
        while at < end:
            close = self._close(at)
            items.append(self._blocks(at + 1, close))
            at = close + 1
        ordered = token.type == "ordered_list_open"
        first = int(token.attrs.get("start", 1)) if ordered else None
        return Items(tuple(items), self._span(token), self._text(token), first), end + 1

    def _blocks(self, at: int, end: int) -> tuple[Block, ...]:
        found: list[Block] = []
        while at < end:
            block, at = self._block(at)
            if block is not None:
                found.append(block)
        return tuple(found)

    def _note(self, token: Token, at: int, end: int) -> Note:
        title = kind = ""
        if at < end and self._tokens[at].type == "heading_open":
            heading = self._tokens[at + 1].content
            title = plain_title(heading)
            marked = _KIND.search(heading)
            kind = marked[1].lower() if marked else ""
            at += 3
        blocks = self._blocks(at, end)
        if blocks and isinstance(blocks[0], Prose):
            alert = _ALERT.match(blocks[0].text)
            if alert:
                kind = alert[1].lower()
                rest = blocks[0].text[alert.end() :]
                first = (Prose(rest, blocks[0].span),) if rest else ()
                blocks = (*first, *blocks[1:])
        return Note(title, kind, blocks, self._span(token))


def plain_title(heading: str) -> str:
    """A heading's words on one line, without the attributes that ExDoc and pandoc read
    (`{: .tip}`, `{#anchor}`)."""
    return " ".join(_ATTRIBUTES.sub("", heading).split())
