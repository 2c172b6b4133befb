"""What a piece of Elixir code leaves open: variables that nothing in it binds, functions that it
calls by their bare name, modules that it names. All are read from its tree, so code inside
`#{…}` counts and words inside strings do not.

Binding is read without scopes: what a statement, or one before it, binds is bound. What this does
not do: expand macros, or know what `import` and `use` bring in.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import NamedTuple

from factory.syntax import Node, parse
from factory.syntax.names import KERNEL
from factory.syntax.rewrite import Parts, call, named, operand, operator, sides, text, walk

_DEFINING = "def defp defmacro defmacrop defguard defguardp defdelegate"
_ABOUT = "spec type typep opaque callback macrocallback doc moduledoc typedoc"
_NOT_KERNELS = "||| &&& <<< >>> ^^^ ~~~ <<~ ~>> <~ ~> <~> <|> +++ ---"
_DEFINES = frozenset(_DEFINING.split())
_TYPED = frozenset(_ABOUT.split())
_FREE_OPERATORS = frozenset(_NOT_KERNELS.split())
_STANDARD_SIGILS = frozenset("CDNRSTUWcrsw")
_LANGUAGE = KERNEL | _DEFINES | frozenset(["do", "end"])


class Called(NamedTuple):
    """A call: the module as written ("" for a bare name), the name, and how many arguments,
    what is piped in and a do-block counted."""

    module: str
    name: str
    arity: int


class Snippet(NamedTuple):
    """`free` are variables (or bare names without arguments) that are read and nowhere bound,
    `calls` all calls by name, `modules` all modules named, as written and without those defined
    here; `strange` the operators and sigils that Kernel gives no meaning. `open` says that a
    function is called of a module that only the run knows, `whole` that nothing is broken."""

    free: frozenset[str]
    calls: frozenset[Called]
    modules: frozenset[str]
    strange: frozenset[str]
    open: bool
    whole: bool

    @property
    def bare(self) -> frozenset[str]:
        """The names called without a module that Kernel does not have."""
        return frozenset(c.name for c in self.calls if not c.module) - _LANGUAGE


@functools.lru_cache(maxsize=256)
def snippet(code: str) -> Snippet:
    """What `code` leaves open."""
    root = parse(code.encode(), "elixir").root_node
    return _Reader().read(root)


class _Reader:
    def __init__(self) -> None:
        self.read_names: set[str] = set()
        self.bound: set[str] = set()
        self.calls: set[Called] = set()
        self.modules: set[str] = set()
        self.defined: set[str] = set()
        self.strange: set[str] = set()
        self.open = False

    def read(self, root: Node) -> Snippet:
        free: set[str] = set()
        for statement in named(root):
            pair = sides(statement) if operator(statement) == "=" else None
            self._read(pair[1] if pair else statement)
            # What a statement binds, its own right side cannot read yet.
            free |= self.read_names - self.bound
            self.read_names.clear()
            if pair:
                self._bind(pair[0])
                self._read(pair[0])
        own = {name for name in self.defined if name[:1].isupper()}
        return Snippet(
            frozenset((free | self.read_names - self.bound) - _LANGUAGE),
            frozenset(c for c in self.calls if c.module or c.name not in self.defined),
            frozenset(self.modules - own),
            frozenset(self.strange),
            self.open,
            not root.has_error,
        )

    def _read(self, top: Node) -> None:
        waiting = [top]
        while waiting:
            node = waiting.pop()
            waiting.extend(reversed(list(self._inside(node))))

    def _inside(self, node: Node) -> Iterator[Node]:
        """Notes what `node` is and gives what of it is still to be read."""
        kind = node.type
        if kind == "identifier":
            name = text(node)
            if not name.startswith("_"):
                self.read_names.add(name)
        elif kind == "alias":
            self.modules.add(text(node))
        elif kind == "call":
            yield from self._call(node)
        elif kind == "unary_operator":
            yield from self._unary(node)
        elif kind == "binary_operator":
            yield from self._binary(node)
        elif kind == "stab_clause":
            left = node.child_by_field_name("left")
            self._bind(left)
            yield from named(node)
        elif kind == "sigil":
            name = next((text(n) for n in node.children if n.type == "sigil_name"), "")
            if name not in _STANDARD_SIGILS:
                self.strange.add(f"~{name}")
            yield from named(node)
        elif kind == "dot":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None:
                yield left
            if right is not None and right.type not in ("identifier", "operator_identifier"):
                yield right
        else:
            yield from named(node)

    def _bind(self, pattern: Node | None) -> None:
        for node in walk(pattern) if pattern is not None else ():
            if node.type == "identifier":
                self.bound.add(text(node))

    def _call(self, node: Node) -> Iterator[Node]:
        parts = call(node)
        if parts is None:
            yield from named(node)
            return
        if parts.name in _DEFINES and not parts.module and parts.arguments:
            yield from self._definition(parts)
            return
        if parts.name == "defmodule" and parts.arguments:
            self.defined.add(text(parts.arguments[0]))
        if not parts.module and parts.name:
            self.calls.add(Called("", parts.name, _arity(parts)))
        elif parts.name:
            left = parts.target.child_by_field_name("left")
            if left is not None and left.type in ("alias", "atom"):
                self.calls.add(Called(parts.module, parts.name, _arity(parts)))
            elif parts.module == "__MODULE__":
                self.calls.add(Called("__MODULE__", parts.name, _arity(parts)))
            else:
                self.open |= parts.parens or bool(parts.arguments)
            yield parts.target
        else:
            yield parts.target
        yield from parts.arguments
        if parts.block is not None:
            yield from named(parts.block)

    def _definition(self, parts: Parts) -> Iterator[Node]:
        """A clause: what its head binds, then its guard and body."""
        head = parts.arguments[0]
        pair = sides(head) if operator(head) == "when" else None
        if pair is not None:
            head = pair[0]
            yield pair[1]
        signature = call(head)
        self.defined.add(signature.name if signature is not None else text(head))
        for argument in signature.arguments if signature is not None else ():
            self._bind(argument)
            yield argument
        yield from parts.arguments[1:]
        if parts.block is not None:
            yield from named(parts.block)

    def _unary(self, node: Node) -> Iterator[Node]:
        held = operand(node)
        name = operator(node)
        if held is None:
            return
        if name == "@":
            set_to = call(held)
            if set_to is not None and set_to.name not in _TYPED:
                yield from set_to.arguments
            return
        if name in _FREE_OPERATORS:
            self.strange.add(name)
        pair = sides(held) if name == "&" and operator(held) == "/" else None
        if pair is None or pair[1].type != "integer":
            yield held
            return
        count = int(text(pair[1]))
        target = call(pair[0])
        if pair[0].type == "identifier":
            self.calls.add(Called("", text(pair[0]), count))
        elif target is not None and target.module[:1].isupper():
            self.calls.add(Called(target.module, target.name, count))
            yield target.target
        else:
            yield pair[0]

    def _binary(self, node: Node) -> Iterator[Node]:
        pair = sides(node)
        if pair is None:
            yield from named(node)
            return
        name = operator(node)
        if name in _FREE_OPERATORS:
            self.strange.add(name)
        if name in ("=", "<-"):
            self._bind(pair[0])
        if name == "::":
            yield pair[0]
            return
        yield pair[0]
        if name == "|>" and pair[1].type == "identifier":
            self.calls.add(Called("", text(pair[1]), 1))
            return
        yield pair[1]


def _arity(parts: Parts) -> int:
    node = parts.node
    parent = node.parent
    pair = sides(parent) if parent is not None and operator(parent) == "|>" else None
    piped = pair is not None and pair[1] == node
    return len(parts.arguments) + (parts.block is not None) + piped
