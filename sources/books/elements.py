"""What elements of XHTML are for: blocks and parts of a line, asides, bars to get around, lines of
a listing. Told by names, types and the classes that publishers and tools use."""

from __future__ import annotations

import re
from typing import Any

from sources.books import listings
from sources.books.markup import classes, name, types

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = frozenset(
    [
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "caption",
            "center",
            "dd",
            "details",
        ),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr"),
        *("html", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody"),
        *("td", "tfoot", "th", "thead", "tr", "ul", *HEADINGS),
    ]
)
SILENT = frozenset(
    [
        *("head", "script", "style", "template", "nav", "hr", "iframe", "object", "embed", "audio"),
        *("video", "input", "button", "select", "textarea", "rt", "rp", "colgroup", "noscript"),
    ]
)
CARRIERS = frozenset(["a", "b", "big", "code", "em", "font", "i", "ins", "small", "span", "strong"])
"""Elements of a line that some books put around blocks."""
_CODE_INLINE = frozenset(["code", "tt", "kbd", "samp"])
_CODE_SPAN = re.compile(r"^(?:inline-?code|code-?inline|literal|monospaced?|c-?code|tt)$", re.I)
_ASIDE = re.compile(
    r"^(?:admonition(?:block)?|sidebar|tip|note|warning|caution|important|info|box|callout-box|aside"
    r"|notice|hint)$",
    re.I,
)
_HEADING_NUMBER = re.compile(r"(?:header-)?(?:section|chapter|sec|chap)-?(?:number|num|no)$", re.I)
_ABOUT = re.compile(
    r"(?:related|sphinxsidebar|headerlink|toctree-wrapper|toc|nav-?(?:bar|header|footer))$", re.I
)


def leads_about(element: Any) -> bool:
    """Whether an element is there to get around in the book: bars, lists of chapters."""
    return "navigation" in types(element) or any(_ABOUT.match(word) for word in classes(element))


def explains_callouts(element: Any) -> bool:
    """Whether a table is a list of notes to a listing's callouts, as DocBook sets it."""
    around = (element, *list(element.iterancestors())[:2])
    return any("calloutlist" in classes(place) or "colist" in classes(place) for place in around)


def goes_on(element: Any) -> bool:
    """Whether a paragraph is a line of the listing that the paragraph before it begins."""
    before = element.getprevious()
    return (
        name(element) == "p"
        and before is not None
        and name(before) == "p"
        and classes(before) == classes(element)
        and not (before.tail or "").strip()
        and listings.is_listing(element)
        and listings.is_listing(before)
    )


def is_aside(element: Any, tag: str) -> bool:
    if tag == "aside":
        return True
    return tag in ("div", "section") and any(_ASIDE.match(word) for word in classes(element))


def is_inline_code(element: Any, tag: str) -> bool:
    return tag in _CODE_INLINE or any(_CODE_SPAN.match(word) for word in classes(element))


def is_number_of_heading(element: Any) -> bool:
    """Whether an element of a heading holds its number, as pandoc sets it."""
    return any(_HEADING_NUMBER.match(word) for word in classes(element))
