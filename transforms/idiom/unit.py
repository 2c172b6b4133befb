"""A function cut out of its module, and the places in it where code is plainly evaluated.

A rule may only touch a place that runs as it reads: not a pattern, not what `quote` or an unknown
macro gets as data. `Unit.places` lists those places; whatever is not surely such a place is not
listed. `Around` holds what the module around the function says about names: which calls are to
functions, which of Elixir's own modules and macros mean something else here.

What this does not see: names that a `use` brings in by replacing Kernel's own. Modules known to do
so are listed; the rest is believed not to, because Elixir refuses ambiguous imports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from factory.syntax import Directive, Function, Module, Node, parse
from factory.syntax.rewrite import call, keyword_values, named, operator, sides, text, walk


def words(listed: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(listed.split())


CONTROL = words("if unless case cond with for try receive")

KERNEL = words(
    """
    abs apply binary_part binary_slice bit_size byte_size ceil div elem exit floor
    function_exported? get_and_update_in get_in hd inspect is_atom is_binary is_bitstring
    is_boolean is_exception is_float is_function is_integer is_list is_map is_map_key is_nil
    is_number is_pid is_port is_reference is_struct is_tuple length macro_exported? make_ref
    map_size match? max min node not pop_in put_elem put_in raise rem reraise round self
    send spawn spawn_link spawn_monitor struct struct! tap then throw tl to_charlist
    to_string trunc tuple_size update_in
    """
)
"""Kernel's functions, and those of its macros that evaluate their arguments once, in order."""

REPLACES_KERNEL = frozenset({"Nx.Defn", "Witchcraft", "Pathex", "Numerix.Tensor", "OK.Pipe"})
"""Modules whose `use` or `import` gives Kernel's operators or macros another meaning."""

_OPERATORS = words(
    """
    = <- |> + - * / ** ++ -- <> .. // == != === !== =~ < > <= >= && || and or in | => ! not
    """
) | {"not in"}

_PATTERN_FIRST = frozenset({"match?", "destructure"})
_RECORDED = frozenset({"call", "binary_operator", "unary_operator", "anonymous_function", "string"})
_BLOCKS = frozenset({"do_block", "else_block", "after_block", "body", "source"})
_STABS = frozenset({"rescue_block", "catch_block"})
_WRAPPERS = frozenset({"list", "tuple", "map", "map_content", "keywords", "access_call"})
_ALIAS_AS = re.compile(r"\bas:\s*([A-Z]\w*)")
_WORD = re.compile(r"[a-z_]\w*[?!]?")


@dataclass(frozen=True)
class Around:
    """What the module says about names. `functions` are its own, `untrusted` the local names that
    do not (or not surely) mean Kernel's, `shadowed` the first segments of module names that are
    aliased to something, `macros` the modules whose macros may be called with a dot."""

    functions: frozenset[str] = frozenset()
    untrusted: frozenset[str] = frozenset()
    shadowed: frozenset[str] = frozenset()
    macros: frozenset[str] = frozenset()

    def kernel(self, name: str) -> bool:
        """Whether a local call of `name` is surely Kernel's (or a special form)."""
        return name not in self.untrusted and name not in self.functions

    def own(self, module: str) -> bool:
        """Whether `module` is Elixir's module of that name."""
        return module not in self.shadowed


def around(modules: list[Module]) -> Around | None:
    """The surroundings of a function in the last of `modules`, which lie inside one another,
    outermost first; None where Kernel is replaced, so that nothing can be said."""
    module = modules[-1]
    functions = {f.name for f in module.functions if f.kind in ("def", "defp", "defdelegate")}
    untrusted = {f.name for f in module.functions} - functions
    shadowed: set[str] = set()
    macros: set[str] = set()
    for holder in modules:
        shadowed |= {inner.name.rsplit(".", 1)[-1] for inner in holder.modules}
        for directive in holder.directives:
            if not _follow(directive, untrusted, shadowed, macros):
                return None
    return Around(*map(frozenset, (functions, untrusted, shadowed, macros)))


def _follow(d: Directive, untrusted: set[str], shadowed: set[str], macros: set[str]) -> bool:
    if d.target in REPLACES_KERNEL:
        return False
    if d.kind == "alias":
        as_name = _ALIAS_AS.search(d.options)
        name = as_name.group(1) if as_name else d.target.rsplit(".", 1)[-1]
        if name != d.target:
            shadowed.add(name)
    elif d.kind == "import" and d.target in ("Kernel", "Kernel.SpecialForms"):
        if "except" not in d.options:
            return not d.options.strip()
        untrusted |= set(_WORD.findall(d.options))
    elif d.kind in ("import", "require", "use"):
        macros |= {d.target, d.target.rsplit(".", 1)[-1]}
    return True


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A node that is evaluated. `role`: `statement` (an item of a block or a body), `value` (the
    right side of a statement `name = …`), `first` and `step` of a pipeline, `operand` of an
    operator, `argument` otherwise. `inside` is the nearest place around it."""

    node: Node
    role: str
    inside: Place | None
    guard: bool = False
    interpolated: bool = False
    captured: bool = False


class Unit:
    """One function's clauses as text, parsed on their own."""

    def __init__(self, source: bytes, around: Around, function: Function | None = None) -> None:
        self.source = source
        self.around = around
        self.function = function
        self.root = parse(source, "elixir").root_node

    @property
    def broken(self) -> bool:
        return self.root.has_error

    @cached_property
    def places(self) -> list[Place]:
        """All places, outer before inner, in source order."""
        return list(_places(self.root, self.around))

    def calls(self) -> Iterator[Place]:
        """The places that are calls."""
        return (place for place in self.places if place.node.type == "call")

    @cached_property
    def definitions(self) -> list[Node]:
        """The clauses' nodes, in order."""
        return [node for node in named(self.root) if _defines(node)]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every identifier in the unit, whatever it means."""
        return frozenset(text(node) for node in walk(self.root) if node.type == "identifier")

    @cached_property
    def bindings(self) -> dict[str, list[Node]]:
        """Where each identifier stands in a pattern (clause heads count)."""
        found: dict[str, list[Node]] = {}
        for pattern in _patterns(self.root):
            for node in walk(pattern):
                if node.type == "identifier":
                    found.setdefault(text(node), []).append(node)
        return found

    def indent(self, byte: int) -> int:
        """How many spaces the line of this byte starts with."""
        start = self.source.rfind(b"\n", 0, byte) + 1
        line = self.source[start : start + 400]
        return len(line) - len(line.lstrip(b" "))

    def column(self, byte: int) -> int:
        """How many bytes stand before this byte on its line."""
        return byte - self.source.rfind(b"\n", 0, byte) - 1

    def starts_line(self, node: Node) -> bool:
        return self.column(node.start_byte) == self.indent(node.start_byte)

    def ends_line(self, node: Node) -> bool:
        return self.source[node.end_byte : node.end_byte + 1] in (b"", b"\n")

    def fresh(self, *wishes: str) -> str | None:
        """The first of `wishes` that is no identifier of the unit and no function around it."""
        taken = self.names | self.around.functions
        return next((wish for wish in wishes if wish not in taken), None)


def _defines(node: Node) -> bool:
    parts = call(node)
    return parts is not None and parts.path in ("def", "defp")


def _patterns(root: Node) -> Iterator[Node]:
    for node in walk(root):
        if node.type == "stab_clause":
            left = node.child_by_field_name("left")
            if left is not None:
                yield left
        elif operator(node) in ("=", "<-"):
            pair = sides(node)
            if pair:
                yield pair[0]
        elif _defines(node):
            parts = call(node)
            if parts and parts.arguments:
                yield parts.arguments[0]


_Child = tuple[Node, str, bool]
"""A node to look at next, its role, and whether it is a guard."""


def _places(root: Node, around: Around) -> Iterator[Place]:
    waiting: list[tuple[Node, str, Place | None, bool, bool, bool]] = [
        (node, "definition", None, False, False, False) for node in reversed(named(root))
    ]
    while waiting:
        node, role, inside, guard, interpolated, captured = waiting.pop()
        here = inside
        if node.type in _RECORDED and role != "definition":
            here = Place(node, role, inside, guard, interpolated, captured)
            yield here
        captured = captured or (node.type == "unary_operator" and operator(node) == "&")
        for child, child_role, child_guard in reversed(list(_inside(node, role, around))):
            within = interpolated or node.type == "interpolation"
            waiting.append((child, child_role, here, guard or child_guard, within, captured))


def _inside(node: Node, role: str, around: Around) -> Iterator[_Child]:
    kind = node.type
    if role == "definition":
        yield from _definition(node)
    elif kind == "call":
        yield from _call(node, around)
    elif kind == "binary_operator":
        yield from _binary(node, role)
    elif kind == "unary_operator":
        if operator(node) not in ("@", "^"):
            yield from ((child, "operand", False) for child in named(node))
    elif kind in ("anonymous_function", *_STABS):
        yield from ((child, "", False) for child in named(node))
    elif kind == "stab_clause":
        yield from _stab(node, expression=False)
    elif kind in _BLOCKS:
        yield from ((child, "statement", False) for child in named(node))
    elif kind in _WRAPPERS:
        yield from ((child, "argument", False) for child in named(node))
    elif kind == "pair":
        value = node.child_by_field_name("value")
        if value is not None:
            yield value, "argument", False
    elif kind in ("string", "charlist", "interpolation", "quoted_atom"):
        yield from ((child, "argument", False) for child in named(node))
    elif kind == "block":
        yield from ((child, "operand", False) for child in named(node))


def _definition(node: Node) -> Iterator[_Child]:
    parts = call(node)
    if parts is None or parts.path not in ("def", "defp") or not parts.arguments:
        return
    if operator(parts.arguments[0]) == "when":
        pair = sides(parts.arguments[0])
        if pair:
            yield pair[1], "operand", True
    body = keyword_values(parts.arguments[-1]).get("do")
    if body is not None:
        yield body, "statement", False
    if parts.block is not None:
        yield parts.block, "", False


def _call(node: Node, around: Around) -> Iterator[_Child]:
    parts = call(node)
    if parts is None:
        return
    cond = False
    arguments = parts.arguments
    if parts.target.type == "identifier":
        name = parts.name
        if name in CONTROL and around.kernel(name):
            cond = name == "cond"
        elif name not in around.functions and not (name in KERNEL and around.kernel(name)):
            return
        if name in _PATTERN_FIRST:
            arguments = arguments[1:]
        if name in CONTROL:
            for argument in arguments:
                for value in keyword_values(argument).values():
                    yield value, "statement", False
    else:
        left = parts.target.child_by_field_name("left")
        if parts.module in around.macros and parts.module != "Logger":
            return
        if left is not None and left.type not in ("alias", "atom"):
            yield left, "operand", False
    for argument in arguments:
        if not (parts.name in CONTROL and argument.type == "keywords"):
            yield argument, "argument", False
    if parts.block is None:
        return
    if not cond:
        yield parts.block, "", False
        return
    for child in named(parts.block):
        if child.type == "stab_clause":
            yield from _stab(child, expression=True)


def _stab(node: Node, *, expression: bool) -> Iterator[_Child]:
    left, body = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is not None and expression:
        yield from ((child, "argument", False) for child in named(left))
    elif left is not None and operator(left) == "when":
        pair = sides(left)
        if pair:
            yield pair[1], "operand", True
    if body is not None:
        yield body, "", False


def _binary(node: Node, role: str) -> Iterator[_Child]:
    pair = sides(node)
    name = operator(node)
    if pair is None or name not in _OPERATORS:
        return
    left, right = pair
    if name == "=":
        yield right, "value" if role == "statement" else "argument", False
    elif name == "<-":
        if operator(left) == "when":
            guard = sides(left)
            if guard:
                yield guard[1], "operand", True
        yield right, "argument", False
    elif name == "|>":
        yield left, "first", False
        yield right, "step", False
    else:
        inner = "argument" if name in ("|", "=>") else "operand"
        yield left, inner, False
        yield right, inner, False
