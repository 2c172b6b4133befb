"""The calls that an ExUnit test makes to the code it tests.

Remote calls are resolved through aliases; local ones through `import`, when syntax alone can tell:
a name listed in `only:`, or any name when a single module is imported whole. Calls of functions
held in variables, and modules held in attributes or variables, are not seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from factory.syntax.heads import operands
from factory.syntax.names import EXUNIT, KERNEL, Names
from factory.syntax.outline import Call
from factory.syntax.parse import Node, QueryCursor, query

_MAX_DEPTH = 500
_CAPTURED = re.compile(rb"\s*/\s*(\d{1,3})")
_CALLS = "(call) @call"


@dataclass(slots=True)
class Imports:
    """What a module imports: names listed one by one, and modules imported whole."""

    listed: dict[str, str] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)

    def module_of(self, name: str) -> str:
        """The module that a local call of `name` goes to; "" when it stays local or is unsure."""
        if name in self.listed:
            return self.listed[name]
        return self.whole[0] if len(self.whole) == 1 else ""


@dataclass(frozen=True, slots=True)
class Around:
    """What decides where a call in a test module goes: `module` is its full name, `defined` holds
    the names of its own functions, whose calls stay local."""

    module: str
    names: Names
    imports: Imports
    defined: frozenset[str]


def calls_in(source: bytes, body: Node, around: Around) -> tuple[Call, ...]:
    """The distinct calls under `body`, in order of appearance, ExUnit's and Kernel's left out."""
    found: dict[Call, None] = {}
    cursor = QueryCursor(query("elixir", _CALLS))
    cursor.set_max_start_depth(_MAX_DEPTH)
    for node in cursor.captures(body).get("call", ()):
        parts = node.children
        target = parts[0]
        if target.type == "identifier":
            name = source[target.start_byte : target.end_byte].decode("utf-8", "replace")
            if name in KERNEL or name in EXUNIT:
                continue
            owner = "" if name in around.defined else around.imports.module_of(name)
        elif target.type == "dot":
            sides = target.children
            if len(sides) != 3 or sides[2].type != "identifier":
                continue
            owner = _owner(source, sides[0], around)
            if not owner:
                continue
            last = sides[2]
            name = source[last.start_byte : last.end_byte].decode("utf-8", "replace")
        else:
            continue
        if owner in ("Kernel", "ExUnit") or owner.startswith("ExUnit."):
            continue
        found[Call(owner, name, _arity(source, node, parts))] = None
    return tuple(found)


def _owner(source: bytes, node: Node, around: Around) -> str:
    text = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
    if node.type == "alias":
        return around.names.resolve(text, node.start_byte)
    if node.type == "atom":
        return text
    if text == "__MODULE__":
        return around.module
    if text.startswith("__MODULE__.") and node.type == "dot":
        return around.module + text[len("__MODULE__") :]
    return ""


def _arity(source: bytes, node: Node, parts: list[Node]) -> int:
    arity = 0
    keywords = block = False
    for part in parts[1:]:
        if part.type == "arguments":
            given = operands(part)
            arity = len(given)
            keywords = bool(given) and given[-1].type == "keywords"
        elif part.type == "do_block":
            block = True
    if block and not keywords:
        arity += 1
    start = node.start_byte
    if len(parts) == 1 and source[start - 1 : start] == b"&":
        counted = _CAPTURED.match(source, node.end_byte)
        if counted:
            return int(counted[1])
    if source[max(0, start - 200) : start].rstrip().endswith(b"|>"):
        arity += 1
    return arity
