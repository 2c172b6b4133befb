"""Laying code out as `mix format` would: calls, pipelines and blocks, within the line's width.

A piece of code is a text whose first line starts at column 0 and whose other lines are indented
relative to it. What this does not do: it is no formatter. It lays out the few shapes that rules
write, and raises `UnfitError` where a piece cannot be moved without changing what it says (text of
several lines inside quotes) or where nothing would fit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from factory.syntax import Node
from factory.syntax.rewrite import text, walk
from transforms.idiom.unit import Unit

WIDTH = 96
"""Columns of a made line: mix format's 98, less the module's indentation that a unit lacks."""


class UnfitError(Exception):
    """This site cannot be laid out; the rule leaves it as it is."""


def piece(unit: Unit, node: Node) -> str:
    """The node's text as a piece. Raises UnfitError when it holds quoted text of several lines."""
    whole = text(node)
    if "\n" not in whole:
        return whole
    return _outdent(whole, unit.indent(node.start_byte), node)


def pieces(unit: Unit, nodes: Sequence[Node]) -> list[str]:
    return [piece(unit, node) for node in nodes]


def body(unit: Unit, nodes: Sequence[Node]) -> str:
    """A block's expressions, with the comments and blank lines between them, as a piece."""
    if not nodes:
        raise UnfitError("an empty block")
    whole = unit.source[nodes[0].start_byte : nodes[-1].end_byte].decode()
    if "\n" not in whole:
        return whole
    margin = unit.indent(nodes[0].start_byte)
    for node in nodes:
        _refuse_quoted(node)
    return _outdent(whole, margin, None)


def _outdent(whole: str, margin: int, node: Node | None) -> str:
    if node is not None:
        _refuse_quoted(node)
    first, *rest = whole.split("\n")
    lines = [first]
    for line in rest:
        if line.strip() and line[:margin].strip():
            raise UnfitError("indented less than where it starts")
        lines.append(line[margin:] if line.strip() else "")
    return "\n".join(lines)


def _refuse_quoted(node: Node) -> None:
    for found in walk(node):
        if found.type in ("quoted_content", "sigil") and (
            found.start_point[0] != found.end_point[0]
        ):
            raise UnfitError("quoted text of several lines")


def shifted(whole: str, by: int) -> str:
    """All lines but the first moved right."""
    first, *rest = whole.split("\n")
    return "\n".join([first, *(" " * by + line if line else "" for line in rest)])


def indented(whole: str, by: int = 2) -> str:
    """All lines moved right; blank ones stay blank."""
    return "\n".join(" " * by + line if line else "" for line in whole.split("\n"))


def one_line(whole: str) -> str:
    """The text itself when it has one line. Raises UnfitError otherwise."""
    if "\n" in whole:
        raise UnfitError("more than one line")
    return whole


_KEYWORDS = re.compile(r"\w+[?!]?: ")


def _hugs(argument: str) -> bool:
    """Whether a last argument of several lines may start on the call's own line."""
    return argument.startswith(("fn ", "fn\n", "[", "{", "%{", "&"))


def call_of(path: str, arguments: Sequence[str], room: int = WIDTH) -> str:
    """`path(arguments)` on one line where it fits, else with each argument on its own."""
    single = f"{path}({', '.join(arguments)})"
    head = single.split("\n", 1)[0]
    several = ["\n" in argument for argument in arguments]
    if len(head) <= room and (not any(several[:-1])):
        if not arguments or not several[-1]:
            return single
        if _hugs(arguments[-1]):
            return single
    if any("\n" in argument and _KEYWORDS.match(argument) for argument in arguments):
        raise UnfitError("keywords on several lines")
    inside = ",\n".join(indented(argument) for argument in arguments)
    return f"{path}(\n{inside}\n)"


def piped(start: str, steps: Sequence[str]) -> str:
    """A pipeline with each step on its own line."""
    return "\n".join([start, *(f"|> {step}" for step in steps)])


def block(head: str, *sections: tuple[str, str]) -> str:
    """`head do … end`; further sections come with their keyword (`else`), the first with ""."""
    lines = [f"{head} do"]
    for keyword, content in sections:
        if keyword:
            lines.append(keyword)
        lines.append(indented(content))
    return "\n".join([*lines, "end"])


def arrows(clauses: Sequence[tuple[str, str]]) -> str:
    """`pattern -> body` clauses: all on one line each where every body allows it, else every body
    on its own line and a blank line between clauses."""
    if all("\n" not in content and len(head) + len(content) < 80 for head, content in clauses):
        return "\n".join(f"{head} -> {content}" for head, content in clauses)
    return "\n\n".join(f"{head} ->\n{indented(content)}" for head, content in clauses)


def too_wide(made: str, real: str) -> bool:
    """Whether `made` has a line above the width that does not stand in `real` too."""
    if max(map(len, made.split("\n")), default=0) <= WIDTH:
        return False
    known = {line.strip() for line in real.split("\n")}
    return any(len(line) > WIDTH and line.strip() not in known for line in made.split("\n"))
