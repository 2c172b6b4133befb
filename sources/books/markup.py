"""XML and XHTML that strangers made, parsed without running into their traps.

Nothing is fetched and no entity is expanded: a file that declares entities of its own (the way of
"billion laughs" bombs and of external entities that read files) is refused, every other document
type declaration is cut off before the parser sees it, and HTML's named characters (`&nbsp;`) become
what they stand for. lxml does the rest, with its limits on depth and size. Chapters that are not
well-formed XML are read as a browser reads HTML.
"""

from __future__ import annotations

import codecs
import re
from html.entities import html5
from importlib import import_module
from typing import Any

from factory.errors import RequestError, SourceError

MAX_BYTES = 20_000_000
"""Of one file; a long chapter has 200,000."""

XHTML = "http://www.w3.org/1999/xhtml"
EPUB = "http://www.idpf.org/2007/ops"

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ENCODINGS = frozenset({"utf-8", "utf-16", "ascii", "iso8859-1", "iso8859-15", "cp1252"})
_XML_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,500}\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^\[>]{0,2000}(\[[^\]]{0,20000}\]\s*)?>", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_NAMED = frozenset({"amp", "lt", "gt", "quot", "apos"})
_SELF_CLOSED = re.compile(r"<([A-Za-z][\w:.-]*)((?:\s[^<>]*?)?)/>")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"]
)
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f￾￿]")


def xml(data: bytes, where: str) -> Any:
    """The root element of an XML file. Raises `SourceError` naming `where` when it is not
    well-formed, too large, or declares entities."""
    text = _prepared(data, where)
    etree = _etree()
    try:
        return etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError as error:
        raise SourceError(f"{where}: it is not well-formed XML ({_short(error)})") from error


def xhtml(data: bytes, where: str) -> Any:
    """The root element of a chapter. What is no well-formed XML is read as HTML; `name` and
    `attribute` see no difference. Raises as `xml` does, but not for broken markup."""
    text = _prepared(data, where)
    etree = _etree()
    try:
        return etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError:
        pass
    opened = _SELF_CLOSED.sub(_opened, text)
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(opened.encode(), parser)
    except (etree.XMLSyntaxError, etree.ParserError) as error:
        raise SourceError(f"{where}: it is no XHTML ({_short(error)})") from error
    if root is None:
        raise SourceError(f"{where}: it is no XHTML (it holds nothing)")
    return root


def name(element: Any) -> str:
    """The element's name in lower case without its namespace; "" for what is no element."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def attribute(element: Any, wanted: str, namespace: str = "") -> str:
    """An attribute's value, "" without it; `epub:type` is found as XML and as HTML have it."""
    value = element.get(wanted)
    if value is None and namespace:
        value = element.get(f"{{{namespace}}}{wanted}")
        if value is None and namespace == EPUB:
            value = element.get(f"epub:{wanted}")
    return str(value or "")


def types(element: Any) -> frozenset[str]:
    """The words of `epub:type` and `role`: what an element is for."""
    words = f"{attribute(element, 'type', EPUB)} {attribute(element, 'role')}".lower().split()
    return frozenset(word.removeprefix("doc-") for word in words)


def classes(element: Any) -> tuple[str, ...]:
    return tuple(attribute(element, "class").split())


def words(element: Any) -> str:
    """All text in an element on one line."""
    return " ".join("".join(map(str, element.itertext())).split())


def children(element: Any) -> list[Any]:
    """The element's children that are elements."""
    return [child for child in element if name(child)]


def descendants(element: Any, wanted: str) -> list[Any]:
    """All elements of a name below (and including) this one, in order."""
    return [found for found in element.iter() if name(found) == wanted]


_TAKEN = "data-factory-note"


def take(element: Any) -> None:
    """Mark a note that will stand elsewhere, so that the flow passes it by."""
    element.set(_TAKEN, "1")


def is_taken(element: Any) -> bool:
    return bool(attribute(element, _TAKEN))


def _etree() -> Any:
    try:
        return import_module("lxml.etree")  # by name, because it carries no types
    except ModuleNotFoundError as error:
        raise RequestError(
            "reading EPUB needs lxml: pip install 'elixir-factory[books]'"
        ) from error


def _parser() -> Any:
    return _etree().XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _prepared(data: bytes, where: str) -> str:
    if len(data) > MAX_BYTES:
        raise SourceError(f"{where}: it is larger than {MAX_BYTES:,} bytes")
    text = _decoded(data, where)
    if _ENTITY.search(text):
        raise SourceError(
            f"{where}: it declares entities of its own, as files made to exhaust or to spy on "
            "their reader do; the book is not read"
        )
    text = _XML_DECLARATION.sub("", text, count=1).lstrip("\ufeff")
    text = _DOCTYPE.sub("", text, count=1)
    return _UNREADABLE.sub("", _NAMED.sub(_character, text))


def _decoded(data: bytes, where: str) -> str:
    """The text of a file: by its byte order mark, by what its first line declares, or UTF-8."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        declared = _DECLARED.match(data.removeprefix(codecs.BOM_UTF8).lstrip())
        encoding = declared[1].decode().lower() if declared else "utf-8"
        try:
            encoding = codecs.lookup(encoding).name
        except LookupError:
            encoding = ""
        if encoding not in _ENCODINGS:
            raise SourceError(f"{where}: its encoding is none that is read (UTF-8, UTF-16, Latin)")
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{where}: byte {error.start:,} is no text of its encoding, {encoding}"
        ) from None


def _character(match: re.Match[str]) -> str:
    found = None if match[1] in _XML_NAMED else html5.get(match[1] + ";")
    if found is None:
        return match[0] if match[1] in _XML_NAMED else "&amp;" + match[0][1:]
    return "".join(f"&#{ord(character)};" for character in found)


def _opened(match: re.Match[str]) -> str:
    """`<a id="x"/>` means `<a id="x"></a>`, which HTML would read as an `<a>` that stays open."""
    if match[1].lower() in _VOID:
        return match[0]
    return f"<{match[1]}{match[2]}></{match[1]}>"


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
