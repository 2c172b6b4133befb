"""Erlang terms as `metadata.config` holds them, printed as Erlang's `io_lib_pretty` prints them:
what does not fit into 80 columns is broken after commas, and indented by its bracket.

A `str` is a UTF-8 binary, `bytes` one of any bytes, a `tuple` a tuple, a `list` a list, a `bool`
and an `Atom` an atom, an `int` and a `float` a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 80

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


@dataclass(frozen=True)
class Atom:
    name: str


Term = str | bytes | bool | int | float | Atom | tuple["Term", ...] | Sequence["Term"]


def consultable(terms: Sequence[Term]) -> bytes:
    """The terms as a file for `file:consult/1`."""
    return "".join(f"{printed(term)}.\n" for term in terms).encode()


def printed(term: Term, column: int = 0) -> str:
    if isinstance(term, bool):
        return "true" if term else "false"
    if isinstance(term, Atom):
        return term.name
    if isinstance(term, int | float):
        return repr(term)
    if isinstance(term, str | bytes):
        return _binary(term)
    opening, closing = "{}" if isinstance(term, tuple) else "[]"
    flat = opening + ",".join(printed(each) for each in term) + closing
    if "\n" not in flat and column + len(flat) <= WIDTH:
        return flat
    inside = column + 1
    if isinstance(term, tuple):
        each = [printed(item, inside) for item in term]
        return opening + f",\n{' ' * inside}".join(each) + closing
    return opening + _filled([printed(item, inside) for item in term], inside) + closing


def _filled(items: Sequence[str], indent: int) -> str:
    """Items of a list: short ones share lines, one that is broken stands alone."""
    lines: list[str] = []
    for item in items:
        roomy = lines and "\n" not in lines[-1] and "\n" not in item and item[0] != "{"
        if roomy and indent + len(lines[-1]) + len(item) + 2 <= WIDTH:
            lines[-1] += f",{item}"
        else:
            lines.append(item)
    return f",\n{' ' * indent}".join(lines)


def _binary(value: str | bytes) -> str:
    if isinstance(value, bytes):
        return "<<" + ",".join(str(byte) for byte in value) + ">>"
    if not all(c.isprintable() or c in _ESCAPES for c in value):
        return _binary(value.encode())
    text = "".join(_ESCAPES.get(c, c) for c in value)
    return f'<<"{text}">>' if value.isascii() else f'<<"{text}"/utf8>>'
