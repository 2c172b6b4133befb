"""The calls that an ExUnit test makes to the code it tests.

Remote calls are resolved through aliases; local ones through `import`, when syntax alone can tell:
a name listed in `only:`, or any name when a single module is imported whole. Calls of functions
held in variables, and modules held in attributes or variables, are not seen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from factory.syntax.heads import operands
from factory.syntax.names import EXUNIT, KERNEL, Names
from factory.syntax.outline import Call
from factory.syntax.parse import Node

_CAPTURED = re.compile(rb"\s*/\s*(\d{1,3})")
_CALLEE = re.compile(
    rb"(?:((?:[A-Z]\w*\.)*[A-Z]\w*|:[a-z_]\w*|__MODULE__(?:\.[A-Z]\w*)*)\.)?([a-z_]\w*[?!]?)"
)


GIVEN = frozenset(name.encode() for name in KERNEL | EXUNIT)
"""What a test calls without naming or importing a module, and not to test anything."""


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


def read_calls(source: bytes, targets: Sequence[Node], around: Around) -> tuple[Call, ...]:
    """The distinct calls whose targets are given, in order, ExUnit's and Kernel's left out."""
    found: dict[Call, None] = {}
    for target in targets:
        start, end = target.start_byte, target.end_byte
        callee = _CALLEE.fullmatch(source, start, end)
        node = target.parent
        if callee is None or node is None:
            continue
        owner, name = callee[1], callee[2].decode()
        if owner is not None:
            module = _module(owner.decode("utf-8", "replace"), start, around)
        else:
            module = "" if name in around.defined else around.imports.module_of(name)
        if module in ("Kernel", "ExUnit") or module.startswith("ExUnit."):
            continue
        found[Call(module, name, _arity(source, node, start, end))] = None
    return tuple(found)


def _module(owner: str, position: int, around: Around) -> str:
    if owner.startswith("__MODULE__"):
        return around.module + owner[len("__MODULE__") :]
    return owner if owner.startswith(":") else around.names.resolve(owner, position)


def _arity(source: bytes, node: Node, start: int, callee_end: int) -> int:
    """How many arguments a call has, a piped one and a `do` block counted."""
    count = node.child_count
    arity = 0
    if count == 1:
        if source[start - 1 : start] == b"&":
            counted = _CAPTURED.match(source, callee_end)
            if counted:
                return int(counted[1])
    else:
        part = node.child(1)
        assert part is not None
        if count > 2 or part.type == "do_block":
            arity = _arity_with_block(node)
        elif b"#" in source[part.start_byte : part.end_byte]:
            arity = len(operands(part))
        else:
            arity = part.named_child_count
    pipe = source.rfind(b"|>", max(0, start - 200), start)
    return arity + (pipe >= 0 and not source[pipe + 2 : start].strip())


def _arity_with_block(node: Node) -> int:
    arity = 0
    keywords = block = False
    for part in node.children[1:]:
        if part.type == "arguments":
            given = operands(part)
            arity = len(given)
            keywords = bool(given) and given[-1].type == "keywords"
        elif part.type == "do_block":
            block = True
    return arity + (block and not keywords)
