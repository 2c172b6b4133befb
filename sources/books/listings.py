"""Listings in XHTML: which elements are code, what was typed in them, and the language they name.

A publisher may wrap a listing in `pre` with coloured spans, in a table with a row for each line and
line numbers beside them, or in a paragraph for each line; all come out as the same text.
"""

from __future__ import annotations

import re
from typing import Any

from sources.books import code
from sources.books.markup import attribute, classes, name, words

DEEPEST = 120
"""Elements inside each other; what lies deeper is read as plain text."""

_LISTING = re.compile(
    r"^(?:code-?(?:block|para|line|text|listing)?s?|programlisting|program-?code|computer-?code"
    r"|(?:source|verbatim|screen|listing|console|terminal)(?:-?code|-?block)?|(?:pre|cd|cdt)\d?"
    r"|processedcode)$",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"^(?:line-?nos?|line-?numbers?(?:-rows)?|linenr|lnt?|(?:rouge-)?gutter"
    r"|hljs-ln-n(?:umbers)?|code-?prefix|blob-num)$",
    re.IGNORECASE,
)
_CALLOUT = re.compile(r"^(?:conum|callouts?|colist-num|calloutnumber)$", re.IGNORECASE)
_NAMED = re.compile(r"^(?:language|lang|highlight|brush|source)-([\w+-]+)$", re.IGNORECASE)
_NO_CODE = frozenset(["svg", "script", "style", "rt", "rp"])
_LINES = frozenset(["div", "p", "li", "tr", "pre", "ol", "ul"])
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_COLOURED = frozenset(["sourcecode", "highlight", "code", "codehilite", "listingblock"])


def is_listing(element: Any) -> bool:
    """Whether the element is a block of code: `pre`, or one whose class says so."""
    tag = name(element)
    if tag == "pre":
        return True
    if tag not in ("p", "div", "samp") or not called_code(element):
        return False
    holds = {name(below) for below in element.iterdescendants()}
    return not holds & {"pre", "table", *_HEADINGS}


def called_code(element: Any) -> bool:
    return any(_LISTING.match(word) for word in classes(element))


def is_number(element: Any) -> bool:
    """Whether the element holds lines' numbers, or is the cell beside a line."""
    if not any(_NUMBERS.match(word) for word in classes(element)):
        return False
    return name(element) in ("td", "th") or re.fullmatch(r"[\d\s.:|]*", words(element)) is not None


def text_of(element: Any) -> str:
    """The code in an element as it stands: `br` and blocks inside break lines, numbers of lines and
    callouts are left out. Where the element is no `pre` and blanks are held by hard spaces, others
    count as one, as in a browser."""
    parts: list[str] = []
    _collect(element, parts, 0)
    text = "".join(parts)
    if name(element) != "pre" and "\u00a0" in text:
        text = re.sub(r"[ \t]*\n[ \t]*", "\n", text) if "\n" in text else text
    return text


def _collect(element: Any, parts: list[str], depth: int) -> None:
    if depth > DEEPEST:
        _add(parts, "".join(map(str, element.itertext())))
        return
    _add(parts, element.text)
    for child in element:
        tag = name(child)
        if tag == "br":
            parts.append("\n")
        elif tag == "img" or (tag and _is_callout(child)):
            parts.append(code.CALLOUT)
        elif tag and tag not in _NO_CODE and not is_number(child):
            if tag in _LINES:
                _break(parts)
            _collect(child, parts, depth + 1)
            if tag in _LINES:
                _break(parts)
        _add(parts, child.tail)


def _break(parts: list[str]) -> None:
    """A new line, where there is none yet."""
    if parts and not parts[-1].endswith("\n"):
        parts.append("\n")


def _add(parts: list[str], text: str | None) -> None:
    """No part is empty, so that the last one tells how the text ends."""
    if text:
        parts.append(str(text))


def _is_callout(element: Any) -> bool:
    marks = classes(element)
    if any(_CALLOUT.match(word) for word in marks) or (name(element) == "a" and "co" in marks):
        return True
    before = element.getprevious()  # Asciidoctor: <i class="conum"/><b>(1)</b>
    return (
        name(element) == "b"
        and before is not None
        and any(_CALLOUT.match(word) for word in classes(before))
        and re.fullmatch(r"\(\d+\)", words(element)) is not None
    )


def hint(element: Any) -> str:
    """What the markup calls a block's language, on the block itself, on the `code` in it, or on
    what wraps it; "" where it says nothing."""
    inner = [below for below in element.iterdescendants() if name(below) == "code"][:1]
    for place in (element, *inner):
        if found := _language(place, bare=True):
            return found
    for place in list(element.iterancestors())[:3]:
        coloured = any(word.lower() in _COLOURED for word in classes(place))
        if found := _language(place, bare=coloured):
            return found
    return ""


def _language(place: Any, *, bare: bool) -> str:
    """`bare`: a class that is a language's name alone counts too."""
    for key in ("data-code-language", "data-lang", "data-language", "data-type"):
        if code.named(attribute(place, key)):
            return attribute(place, key)
    for word in classes(place):
        found = _NAMED.match(word)
        if found and code.named(found[1]):
            return found[1]
        if bare and code.named(word):
            return word
    return ""
