"""Code on one line, to be quoted inside a sentence.

Only what stays the same when its lines are joined is quoted: no comment, no string over several
lines, and in Elixir, where a line's end ends an expression, no block of more than one. Everything
else is `UntellableError`.
"""

from __future__ import annotations

import re

LONGEST = 220
"""Code longer than this (characters, on one line) is not quoted: it would be the answer itself."""

_ELIXIR_COMMENT = re.compile(r"(?m)^[^\"\n]*#(?!\{)")
_ERLANG_COMMENT = re.compile(r"(?m)^[^\"$\n]*%")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_SHORT_BLOCK = re.compile(r"(->|\bdo)[ \t]*\n[ \t]*([^\n]+)\n[ \t]*end\b")
_OPEN_BLOCK = re.compile(r"(?:->|\bdo|\belse)[ \t]*(?:\n|$)|\n[^\n]*->|\n[ \t]*end\b")
_BREAK = re.compile(r"(?:(?<=([(\[{])))?(,?)\s*\n\s*(?=([)\]}])?)")
_SPACES = re.compile(r"(?<=\S) {2,}")
_QUOTED = re.compile(r"[\"'$?~]")


class UntellableError(Exception):
    """What a request cannot tell; the text is the reason for leaving the row out."""


MORE = "the code does more than a request can tell"


def one_line(code: str, language: str, longest: int = LONGEST) -> str:
    """`code` on one line. Raises `UntellableError` when that would change it, or is too long."""
    text = code.strip()
    if "\n" in text:
        text = _joined(text, language)
    if len(text) > longest or "`" in text:
        raise UntellableError(MORE)
    return text


def _joined(text: str, language: str) -> str:
    if len(text) > 4 * LONGEST:
        raise UntellableError(MORE)
    comment = _ERLANG_COMMENT if language == "erlang" else _ELIXIR_COMMENT
    bare = _STRING.sub("", text)
    if comment.search(bare) or '"' in bare or "\\\n" in text:
        raise UntellableError(MORE)
    if language != "erlang":
        text = _SHORT_BLOCK.sub(_shortened, text)
        if _OPEN_BLOCK.search(text) or ";" in bare:
            raise UntellableError(MORE)
    joined = _BREAK.sub(_space, text)
    if not _QUOTED.search(joined):
        joined = _SPACES.sub(" ", joined)
    return joined


def _space(line_end: re.Match[str]) -> str:
    """What a line's end becomes: nothing beside a bracket, where a last comma goes too."""
    opened, comma, closed = line_end.groups()
    return "" if closed else comma if opened else comma + " "


def _shortened(block: re.Match[str]) -> str:
    """`fn x -> body end` on one line; a `do` block becomes `, do:` only by rewriting, so stays."""
    return f"-> {block[2]} end" if block[1] == "->" else block[0]
