"""The file itself, through PyMuPDF: what is refused, and what is taken from each page.

Nothing is decided here but which fonts are monospaced. That is measured where a font shows enough
different characters (the file's flags and names are often wrong or missing), and read from flag and
name only where it does not. Text that is not upright is no text of the book (a stamp, a figure's
axis) and is left out; text that runs over the page's edge is kept, since code does.
"""

from __future__ import annotations

import importlib
import operator
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from factory.errors import RequestError, SourceError
from sources.books.layout.glyphs import Bookmark, Box, Font, Link, Page, Pdf, Run

MAX_BYTES = 500_000_000
MAX_PAGES = 5_000
MAX_CHARACTERS = 12_000_000
MAX_PAGE_CHARACTERS = 100_000
MAX_DRAWINGS = 20_000
MAX_OUTLINE = 20_000
"""No book is larger. A page over its limit is a drawing, whose text would be no text."""

SCANNED = 20
"""Characters a page below which a file is no text but pictures of pages."""

EVERYWHERE = (-20_000.0, -20_000.0, 20_000.0, 20_000.0)
"""Without it what runs over the page's edge would be cut."""
THIN = 3.0
"""Points; a filled rectangle no thicker is a line that was drawn."""

MONO_NAME = re.compile(
    r"mono|courier|consol|typewriter|menlo|fira ?code|source ?code|inconsolata|hack\b|cascadia"
    r"|cmtt|sftt|ectt|lmtt|fixed|terminal|andale|code ?pro|letter ?gothic|ocr|tt\d"
    r"|nimbusmon|ubun.*mon|txtt|pxtt|luximo|bera.*mo|anonymous|iosevka|jetbrains",
    re.IGNORECASE,
)
BOLD_NAME = re.compile(r"bold|black|heavy|semib|demi|-b\b|cmbx|bx\d", re.IGNORECASE)
ITALIC_NAME = re.compile(r"ital|obli|slant|-it\b|cmti|cmsl", re.IGNORECASE)
NO_WIDTH = 0.01
"""Points; the second and further characters that one glyph stands for have no more."""
ENOUGH = 8
"""Different characters, narrow and wide ones among them, that settle whether a font is mono."""
SIGNS = 3
"""Different characters, none a letter, of a font that only lends signs to another."""
STRAIGHT = frozenset("`'\"")
EQUAL = 0.005
"""By how much their widths differ from that one's at most."""
MOST = 0.75
"""Of them equally wide: a few widths are wrong where one sign stands for several characters."""
NARROW = frozenset("iljtfrI.,:;!'|()[]")
WIDE = frozenset("mwMWGOQD@%&ABCHKNRUVXY")


def read(path: Path, password: str = "") -> Pdf:
    """Raises as `read_pdf`."""
    try:
        pymupdf: Any = importlib.import_module("pymupdf")
    except ModuleNotFoundError as error:
        raise RequestError(
            "reading PDF needs PyMuPDF: pip install 'elixir-factory[books]'"
        ) from error
    if path.stat().st_size > MAX_BYTES:
        raise SourceError(f"{path.name}: it is larger than {MAX_BYTES:,} bytes")
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        document = pymupdf.open(path, filetype="pdf")
    except (RuntimeError, ValueError) as error:
        raise _damaged(path) from error
    with document:
        _unlock(path, document, password)
        count = document.page_count
        if count > MAX_PAGES:
            raise SourceError(f"{path.name}: it has {count:,} pages; {MAX_PAGES:,} are read")
        if not count:
            raise _damaged(path)
        return _Reader(path, document).read(_flags(pymupdf))


def _flags(pymupdf: Any) -> int:
    flags: int = (
        pymupdf.TEXT_PRESERVE_WHITESPACE
        | pymupdf.TEXT_PRESERVE_LIGATURES
        | pymupdf.TEXT_INHIBIT_SPACES
    )
    return flags


def _damaged(path: Path) -> SourceError:
    return SourceError(
        f"{path.name}: it is no PDF or too damaged to be read; open it in a viewer, save it anew, "
        "or leave it out"
    )


def _unlock(path: Path, document: Any, password: str) -> None:
    if not document.needs_pass:
        return
    if not password:
        raise SourceError(
            f"{path.name}: it is encrypted; name the variable with its password as `password_env`"
        )
    if not document.authenticate(password):
        raise SourceError(
            f"{path.name}: it is encrypted and the password that was given does not open it"
        )


class _Reader:
    """One pass over a document. Fonts are numbered as they first come."""

    def __init__(self, path: Path, document: Any) -> None:
        self.path = path
        self.document = document
        self.numbers: dict[tuple[str, int], int] = {}
        self.advances: defaultdict[int, dict[str, float]] = defaultdict(dict)
        self.characters = 0
        self.flags = 0

    def read(self, flags: int) -> Pdf:
        self.flags = flags
        pages: list[Page] = []
        broken = 0
        for number in range(self.document.page_count):
            try:
                pages.append(self._page(self.document[number], number + 1))
            except (RuntimeError, ValueError):
                broken += 1
                pages.append(Page(number + 1, 0.0, 0.0, ()))
        if broken > len(pages) // 10:
            raise _damaged(self.path)
        if self.characters < SCANNED * len(pages):
            raise SourceError(
                f"{self.path.name}: its {len(pages)} pages hold next to no text: it is a scan; run "
                "it through text recognition (say ocrmypdf) first, or leave it out"
            )
        fonts = self._completed(
            [self._font(name, flags, at) for (name, flags), at in self.numbers.items()]
        )
        pages = [self._straightened(page, fonts) for page in pages]
        meta = self.document.metadata or {}
        return Pdf(
            pages=tuple(pages),
            fonts=fonts,
            outline=self._outline(),
            title=_plain(meta.get("title")),
            author=_plain(meta.get("author")),
            language=_plain(self.document.language),
            producer=_plain(f"{meta.get('producer') or ''} {meta.get('creator') or ''}"),
            about=_plain(f"{meta.get('subject') or ''} {meta.get('keywords') or ''}"),
        )

    def _page(self, page: Any, number: int) -> Page:
        runs = self._runs(page.get_text("rawdict", flags=self.flags, clip=EVERYWHERE))
        self.characters += sum(len(run.text) for run in runs)
        if self.characters > MAX_CHARACTERS:
            raise SourceError(f"{self.path.name}: it holds more than {MAX_CHARACTERS:,} characters")
        rules, fills = _drawn(page)
        images = tuple(
            Box(*info["bbox"])
            for info in page.get_image_info()[:MAX_DRAWINGS]
            if info["bbox"][2] > info["bbox"][0]
        )
        links = tuple(
            Link(Box(*link["from"]), link["page"] + 1)
            for link in page.get_links()[:MAX_DRAWINGS]
            if link.get("page", -1) >= 0
        )
        width, height = page.rect.width, page.rect.height
        return Page(number, width, height, runs, rules, fills, images, links, page.get_label())

    def _runs(self, found: dict[str, Any]) -> tuple[Run, ...]:
        runs: list[Run] = []
        count = 0
        for block in found["blocks"]:
            for line in block.get("lines", ()):
                dx, dy = line["dir"]
                if abs(dy) > 0.01 or dx < 0:
                    continue
                for span in line["spans"]:
                    count += len(span["chars"])
                    if count > MAX_PAGE_CHARACTERS:
                        return ()
                    self._span(span, runs)
        return tuple(runs)

    def _span(self, span: dict[str, Any], runs: list[Run]) -> None:
        chars = span["chars"]
        size = span["size"]
        if not chars or size < 1.0 or not span.get("alpha", 255):
            return
        key = (span["font"], span["flags"] & 0b11110)
        font = self.numbers.setdefault(key, len(self.numbers))
        seen = self.advances[font]
        lefts = [char["origin"][0] for char in chars]
        rights = [char["bbox"][2] for char in chars]
        text = "".join([char["c"] for char in chars])
        if len(seen) < 60 and len(text) == len(chars):
            for char in chars:
                if char["c"] not in seen:
                    x0, _, x1, _ = char["bbox"]
                    seen[char["c"]] = (x1 - x0) / size
        if len(text) != len(chars):
            lefts = [x for char, x in zip(chars, lefts, strict=True) for _ in char["c"]]
            rights = [x for char, x in zip(chars, rights, strict=True) for _ in char["c"]]
        if min(map(operator.sub, rights, lefts), default=NO_WIDTH) < NO_WIDTH:
            text, lefts, rights = _spelled(text, lefts, rights)
        y = chars[0]["origin"][1]
        runs.append(Run(text, lefts, rights, y, size, font, span["color"], len(runs)))

    def _straightened(self, page: Page, fonts: Sequence[Font]) -> Page:
        """The page with monospaced characters as wide as they are: slanted by the typesetter, they
        reach over the next."""
        widths = {
            at: median(self.advances[at].values())
            for at, font in enumerate(fonts)
            if font.mono and self.advances[at]
        }
        runs = []
        for run in page.runs:
            width = widths.get(run.font, 0.0) * run.size
            if width and run.rights[0] - run.lefts[0] > 1.05 * width:
                rights = [
                    left + width if right - left < 1.6 * width else right
                    for left, right in zip(run.lefts, run.rights, strict=True)
                ]
                runs.append(replace(run, rights=rights))
            else:
                runs.append(run)
        return replace(page, runs=tuple(runs))

    def _completed(self, fonts: Sequence[Font]) -> tuple[Font, ...]:
        """The fonts, those that hold a few signs for a monospaced one counted as such: TeX takes
        straight quotes and the like from another file, and the width tells whose they are, or that
        prose has no straight quotes from a font of their own."""
        widths = [
            median(self.advances[at].values())
            for at, font in enumerate(fonts)
            if font.mono and len(self.advances[at]) >= ENOUGH
        ]
        found = []
        for at, font in enumerate(fonts):
            signs = self.advances[at]
            few = 0 < len(signs) <= SIGNS and not any(char.isalnum() for char in signs)
            fits = few and any(
                all(abs(own - width) < EQUAL * width for own in signs.values()) for width in widths
            )
            quotes = few and set(signs) <= STRAIGHT and bool(widths)
            found.append(replace(font, mono=True) if fits or quotes else font)
        return tuple(found)

    def _font(self, name: str, flags: int, at: int) -> Font:
        plain = name.partition("+")[2] or name
        widths = {c: w for c, w in self.advances[at].items() if "!" <= c <= "~" and w > 0}
        measured = [w for c, w in widths.items() if c in NARROW or c in WIDE]
        if len(widths) >= ENOUGH and not NARROW.isdisjoint(widths) and not WIDE.isdisjoint(widths):
            usual = median(measured)
            same = sum(abs(width - usual) < 0.02 * usual for width in measured)
            mono = same >= MOST * len(measured)
        else:
            even = max(widths.values(), default=0) - min(widths.values(), default=0) < 0.02
            mono = (bool(flags & 8) or bool(MONO_NAME.search(plain))) and even
        return Font(
            plain,
            mono,
            bool(flags & 16) or bool(BOLD_NAME.search(plain)),
            bool(flags & 2) or bool(ITALIC_NAME.search(plain)),
        )

    def _outline(self) -> tuple[Bookmark, ...]:
        try:
            entries = self.document.get_toc(simple=False)[:MAX_OUTLINE]
        except (RuntimeError, ValueError):
            return ()
        found = []
        for level, title, page, place in entries:
            to = place.get("to") if isinstance(place, dict) else None
            y = float(to.y) if to is not None else 0.0
            if 0 < page <= self.document.page_count:
                found.append(Bookmark(level, _plain(title), page, y))
        return tuple(found)


def _spelled(
    text: str, lefts: Sequence[float], rights: Sequence[float]
) -> tuple[str, list[float], list[float]]:
    """Characters without those that only make room for a ligature: fonts for programming draw `->`
    as one glyph in the last of its columns, behind glyphs that are empty whatever they claim to
    be, all the same."""
    kept: list[tuple[str, float, float]] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and rights[end] - lefts[end] < NO_WIDTH:
            end += 1
        found = list(zip(text[at:end], lefts[at:end], rights[at:end], strict=True))
        more = end - at - 1
        room = kept[-more:] if more else []
        width = rights[at] - lefts[at]
        if (
            len(room) == more > 0
            and len({char for char, _, _ in room}) == 1
            and not (room[0][0].isalnum() or room[0][0].isspace())
            and all(abs(right - left - width) < 0.05 * width for _, left, right in room)
        ):
            places = [(left, right) for _, left, right in [*room, found[0]]]
            found = [(char, *place) for char, place in zip(text[at:end], places, strict=True)]
            del kept[-more:]
        kept += found
        at = end
    return (
        "".join(char for char, _, _ in kept),
        [left for _, left, _ in kept],
        [right for _, _, right in kept],
    )


def _drawn(page: Any) -> tuple[tuple[Box, ...], tuple[Box, ...]]:
    """Lines drawn across, and filled or framed rectangles, white ones left out."""
    rules: list[Box] = []
    fills: list[Box] = []
    for drawing in page.get_cdrawings()[:MAX_DRAWINGS]:
        box = Box(*drawing["rect"])
        if 1.0 < box.width <= THIN and 1.0 < box.height <= THIN:
            fills.append(box)  # a bullet
            continue
        if box.height <= THIN:
            if box.width > 4 * THIN:
                rules.append(box)
            continue
        if box.width <= THIN:
            continue
        fill = drawing.get("fill")
        framed = drawing.get("color") is not None and "s" in drawing["type"]
        if framed or (fill is not None and min(fill) < 0.995):
            fills.append(box)
    return tuple(rules), tuple(fills)


def _plain(text: str | None) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text or "").split())
