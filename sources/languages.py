"""Which language a file is written in, told by its name, and its bytes as text.

Grammar files (`.yrl`, `.xrl`, `.asn1`), Erlang terms (`rebar.config`, `.app.src`) and lock files
are none of the languages that tasks are made from. Nothing is guessed from content.
"""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath

from factory.errors import SourceError

_BY_SUFFIX = {
    ".ex": "elixir",
    ".exs": "elixir",
    ".erl": "erlang",
    ".hrl": "erlang",
    ".escript": "erlang",
    ".eex": "eex",
    ".leex": "eex",
    ".heex": "heex",
    ".md": "markdown",
    ".markdown": "markdown",
    ".livemd": "markdown",
    ".cheatmd": "markdown",
}

_MARKS = (  # the longer ones first: UTF-32's little-endian mark begins like UTF-16's
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_CODING = re.compile(rb"[^\n]{0,1000}?coding\s*[:=]\s*([A-Za-z0-9-]+)")
_LATIN_1 = frozenset({b"latin-1", b"latin1", b"iso-8859-1", b"iso-latin-1"})


class UndecodableError(SourceError, ValueError):
    """A file's bytes are no text that we can read; the message names the byte."""


def language_of(path: str) -> str | None:
    """One of `factory.records.LANGUAGES`, or None for a file that no task is made from.

    `path` is relative to the release, with `/`. A name's last suffix decides: `page.html.heex` is
    HEEx, `mix.exs.eex` is EEx.
    """
    return _BY_SUFFIX.get(PurePosixPath(path).suffix.lower())


def decode(raw: bytes, language: str) -> str:
    """The text of a source file: UTF-8, its byte order mark removed, line ends as they are.

    An Erlang file may declare Latin-1 in a comment on one of its first two lines (the manual of
    Erlang's `epp`, section "Source File Encoding"). Raises `UndecodableError`.
    """
    for mark, name in _MARKS:
        if raw.startswith(mark):
            raise UndecodableError(f"it begins with the byte order mark of {name}: not UTF-8")
    nul = raw.find(b"\0")
    if nul >= 0:
        raise UndecodableError(f"it holds a NUL byte at byte {nul:,}: not a text file")
    if language == "erlang" and _declared(raw) in _LATIN_1:
        return raw.decode("latin-1")
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        at = error.start + (len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0)
        raise UndecodableError(
            f"it is not UTF-8: byte {at:,} is 0x{raw[at]:02X} ({error.reason})"
        ) from None


def _declared(raw: bytes) -> bytes:
    """The encoding that a comment on the first two lines names, in lower case ("" for none)."""
    for line in raw[:4_000].split(b"\n")[:2]:
        if line.lstrip().startswith(b"%"):
            found = _CODING.match(line)
            if found:
                return found[1].lower()
    return b""
