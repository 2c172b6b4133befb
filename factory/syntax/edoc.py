"""Erlang's documentation as text: EDoc comments, and the `-doc`/`-moduledoc` strings of OTP 27.

EDoc (the `edoc` application's user guide, chapters "Welcome to EDoc" and "Wiki notation") reads
tags at the start of comment lines; what stands before the first tag, and in comments without any
tag, is for readers of the source and no documentation. Its markup becomes Markdown as far as it
can be seen locally: quotes, a few HTML elements, links. Tags other than `@doc`, `@private` and
`@hidden` are left out, and nothing is looked up in other files (`@headerfile`, `{file, …}`).
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence

from factory.syntax.outline import Doc, Span

_LINE = re.compile(r"[ \t]*%+[ \t]?")
_TAG = re.compile(r"@([a-zA-Z]+)(?:[ \t]+|$)")
_RULE = re.compile(r"[-=*~#_+.\s]{5,}")
_OURS = frozenset({"doc", "private", "hidden"})

HAS_TAG = re.compile(rb"%[ \t]*@(?:doc|private|hidden|spec|end|equiv|since|see|deprecated)\b")
"""Finds a line that makes a comment one that EDoc reads."""


def edoc(source: bytes, comments: Sequence[Span]) -> Doc | None:
    """What the comment lines `comments` (one span per line, in order) document, or None when they
    say nothing with the tags `@doc`, `@private` and `@hidden`.

    The span runs from the first of these tags to the end of what belongs to the last, so that a
    licence in the same comment stays outside.
    """
    text: list[str] = []
    hidden = False
    section = ""
    first: int | None = None
    end = 0
    for span in comments:
        line = _LINE.sub("", source[span.start : span.end].decode(errors="replace"), count=1)
        tag = _TAG.match(line.lstrip())
        if tag:
            ended, section = section, tag[1]
            if section in _OURS:
                first = span.start if first is None else first
                hidden |= section != "doc"
                line = line.lstrip()[tag.end() :]
            elif section == "end" and ended in _OURS:
                end = span.end
        if section in _OURS:
            if section == "doc" and not _RULE.fullmatch(line):
                text.append(line.strip() if tag else line.rstrip())
            if (line.strip() and not _RULE.fullmatch(line)) or tag:
                end = span.end
    written = _markdown(_joined(text))
    if first is None or not (written or hidden):
        return None
    return Doc(Span(first, end), written, hidden)


def _joined(lines: list[str]) -> str:
    if not lines:
        return ""
    return (lines[0] + "\n" + textwrap.dedent("\n".join(lines[1:]))).strip()


_ELEMENTS = {
    "p": "\n\n",
    "/p": "",
    "br": "\n",
    "code": "`",
    "tt": "`",
    "em": "*",
    "i": "*",
    "b": "**",
    "strong": "**",
    "li": "- ",
    "/li": "",
    **dict.fromkeys(["ul", "/ul", "ol", "/ol", "dl", "/dl", "dt", "/dt", "dd", "/dd"], ""),
    **dict.fromkeys(["a", "/a", "div", "/div", "span", "/span"], ""),
}
_ELEMENT = re.compile(
    r"<(/?(?:p|br|code|tt|em|i|b|strong|li|ul|ol|dl|dt|dd|a|div|span))(?:\s[^<>]*)?/?>", re.I
)
_ITEM = re.compile(r"^[ \t]*- \s*", re.M)
_LINK = re.compile(r"\{@link\s+([^{}]{0,200}?)(?:\.\s+([^{}]{0,200}))?\}")
_DOUBLE_QUOTED = re.compile(r"``(?!`)(.{0,400}?)''", re.S)
_QUOTED = re.compile(r"`([^`']+)'")
_HEADING = re.compile(r"^[ \t]*(={2,4})[ \t]*([^=\n]{1,100}?)[ \t]*\1[ \t]*$", re.M)
_VERBATIM = re.compile(r"```|<pre(?:\s[^<>]{0,100})?>")
_BLANK_LINES = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")


def _element(found: re.Match[str]) -> str:
    name = found[1].lower()
    return _ELEMENTS[name] if name in _ELEMENTS else _ELEMENTS[name.removeprefix("/")]


def _markdown(text: str) -> str:
    """EDoc's markup as Markdown; verbatim blocks keep every character."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        opening = _VERBATIM.search(text, at)
        if opening is None:
            break
        closing = text.find("'''" if opening[0] == "```" else "</pre>", opening.end())
        if closing < 0:
            break
        code = text[opening.end() : closing]
        code = code if opening[0] == "```" else html.unescape(code)
        parts.append(_prose(text[at : opening.start()]).rstrip())
        parts.append("\n\n```\n" + code.strip("\n").rstrip() + "\n```")
        at = closing + (3 if opening[0] == "```" else 6)
    parts.append(_prose(text[at:]))
    return "".join(parts).strip()


def _prose(text: str) -> str:
    if "`" in text:
        text = _QUOTED.sub(r"`\1`", _DOUBLE_QUOTED.sub(r"`\1`", text))
    if "{@" in text:
        text = _LINK.sub(lambda m: m[2] or f"`{m[1]}`", text)
    if "==" in text:
        text = _HEADING.sub(lambda m: "#" * len(m[1]) + " " + m[2], text)
    if "<" in text:
        text = _BLANK_LINES.sub("\n\n", _ELEMENT.sub(_element, text))
        text = _ITEM.sub("- ", text)
    if "&" in text:
        text = html.unescape(text)
    return text.replace("@@", "@")


_TRIPLE = re.compile(r'(~[bBsS]?)?("{3,})[ \t]*\r?\n')
_STRING = re.compile(r'(~[bBsS]?)?"([^"\\]*(?:\\.[^"\\]*)*)"\s*', re.S)
_ESCAPE = re.compile(r"\\(x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|[0-7]{1,3}|\^.|.)", re.S)
_LETTERS = dict(zip("bdefnrstv", "\b\x7f\x1b\f\n\r \t\v", strict=True))


def literal(text: str) -> str | None:
    """The value of an Erlang string literal (OTP 27's triple-quoted strings and `~` sigils with
    double quotes too; several in a row are one), or None when `text` is anything else."""
    text = text.strip()
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    triple = _TRIPLE.match(text)
    if triple:
        return _triple_quoted(text, triple)
    parts: list[str] = []
    at = 0
    while at < len(text):
        found = _STRING.match(text, at)
        if not found:
            return None
        parts.append(found[2] if found[1] in {"~B", "~S"} else _unescaped(found[2]))
        at = found.end()
    return "".join(parts) if parts else None


def _triple_quoted(text: str, opening: re.Match[str]) -> str | None:
    sigil, quotes = opening.groups()
    body, _, margin = text[opening.end() :].removesuffix(quotes).rpartition("\n")
    if not text.endswith(quotes) or margin.strip():
        return None
    value = "\n".join(line.removeprefix(margin) for line in body.split("\n"))
    return _unescaped(value) if sigil in {"~", "~b", "~s"} else value


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    code = found[2] or found[3]
    if code:
        point = int(code, 16)
        return chr(point) if point < 0xD800 or 0xE000 <= point < 0x110000 else "\ufffd"
    body = found[1]
    if body[0] in "01234567":
        return chr(int(body, 8))
    if body[0] == "^":
        return chr(ord(body[1]) & 31)
    return _LETTERS.get(body, "" if body == "\n" else body)
