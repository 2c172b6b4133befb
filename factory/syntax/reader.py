"""From bytes to an outline, whatever the language; never raises for what the bytes hold."""

from __future__ import annotations

from factory.syntax.broken import hopeless
from factory.syntax.outline import Outline, Span
from factory.syntax.parse import PARSED, Tree, parse_frugally

MAX_BYTES = 4_000_000
"""Files above this are not parsed: no person wrote them, and one would hold up a whole build."""

MAX_LINE = 200_000
"""Nor are files with a line longer than this (bytes): data, minified or packed."""


def read(source: bytes, language: str) -> tuple[Outline, Tree | None]:
    """The outline of a file, and its tree for transforms that look deeper.

    Broken code gives a partial outline and error spans. A file that is not worth parsing gives an
    empty outline with `truncated` saying why, and no tree. Markdown has neither.
    """
    refused = _refused(source)
    if refused:
        return Outline(language, len(source), (), (), refused), None
    if language not in PARSED:
        return Outline(language, len(source), (), ()), None
    tree = parse_frugally(source, language)
    if tree is None:
        whole = Span(0, len(source))
        return Outline(language, len(source), (), (whole,), "takes too many steps to parse"), None
    if hopeless(tree.root_node):
        whole = Span(0, len(source))
        return Outline(language, len(source), (), (whole,), "too broken to be read"), None
    if language == "elixir":
        from factory.syntax.elixir import outline as read_elixir

        return read_elixir(source, tree), tree
    if language == "erlang":
        from factory.syntax.erlang import outline as read_erlang

        return read_erlang(source, tree), tree
    return Outline(language, len(source), (), ()), tree


def _refused(source: bytes) -> str:
    if len(source) > MAX_BYTES:
        return f"larger than {MAX_BYTES:,} bytes"
    if b"\0" in source:
        return "holds NUL bytes"
    if len(source) > MAX_LINE and max(map(len, source.split(b"\n"))) > MAX_LINE:
        return f"a line longer than {MAX_LINE:,} bytes"
    return ""
