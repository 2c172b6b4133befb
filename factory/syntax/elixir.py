"""The outline of an Elixir file, read off its tree-sitter tree.

Definitions count where they stand in a module's body or in an `if`/`unless` there (the first branch
that defines a function wins). What a macro or a comprehension makes (`quote`, `for`, any other
block) is not part of the outline, and a function that has such clauses besides written ones is
marked as not contiguous. Modules inside functions and tests are left out too.

In a broken file the parts that the parser could still read are kept, and a `defmodule` whose `end`
is lost reaches to the end of the block it stands in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from factory.syntax.aliases import bind_alias, bind_late_aliases, module_named, modules_named
from factory.syntax.broken import error_spans
from factory.syntax.building import Block, ModuleParts, TestParts
from factory.syntax.doctests import find_doctests
from factory.syntax.heads import block_body, operands, read_clause, read_head, span_of, split_guard
from factory.syntax.heads import operator as operator_of
from factory.syntax.mentions import MODULES, Places, fill_mentions
from factory.syntax.names import Names
from factory.syntax.outline import Attribute, Directive, Doc, Outline, Span, Spec, TypeDef
from factory.syntax.parse import Node, QueryCursor, Tree, query
from factory.syntax.strings import literal, text
from factory.syntax.structure import pattern, structure

_MAX_NESTING = 40
_MAX_DEPTH = 500

_MODULES = frozenset({"defmodule", "defprotocol", "defimpl"})
_FUNCTIONS = frozenset(
    {"def", "defp", "defmacro", "defmacrop", "defguard", "defguardp", "defdelegate"}
)
_DIRECTIVES = frozenset({"use", "import", "alias", "require"})
_CONDITIONS = frozenset({"if", "unless"})
_DOCS = frozenset({"doc", "moduledoc", "typedoc"})
_SPECS = frozenset({"spec", "callback", "macrocallback"})
_TYPES = frozenset({"type", "typep", "opaque"})
_OWN = frozenset({"impl", "deprecated", "since"})


def outline(source: bytes, tree: Tree) -> Outline:
    """The outline of `source`, whose tree is given. Never raises for what the source holds."""
    root = tree.root_node
    reader = _Reader(source, root)
    reader.walk(reader.statements(root), Block(len(source)), 0)
    captured = _captures(root)
    words = captured.get("word", [])
    late = bind_late_aliases(source, words, reader.names, reader.aliases_seen)
    fill_mentions(
        source,
        captured,
        reader.names,
        Places(reader.every, reader.tests, reader.alias_spans + late, reader.own_names),
    )
    modules = tuple(parts.build(source, reader.names) for parts in reader.outermost)
    found = structure(captured, source, "elixir")
    return Outline("elixir", len(source), modules, error_spans(root), structure=found)


def _captures(root: Node) -> dict[str, list[Node]]:
    """All that is looked for in the whole tree, by one query: going through the tree takes longer
    than what is captured on the way."""
    cursor = QueryCursor(query("elixir", MODULES + pattern("elixir")))
    cursor.set_max_start_depth(_MAX_DEPTH)
    return cursor.captures(root)


class _Opening(NamedTuple):
    """A module definition as it begins: its kind, arguments, and what stands inside it."""

    kind: str
    span: Span
    given: list[Node]
    body: Span
    inside: list[Node]


class _Reader:
    """One walk over one file. `every` holds all modules in source order, `outermost` the roots."""

    def __init__(self, source: bytes, root: Node) -> None:
        self.source = source
        self.root = root
        self.damaged = root.has_error
        self.names = Names()
        self.outermost: list[ModuleParts] = []
        self.every: list[ModuleParts] = []
        self.tests: list[TestParts] = []
        self.aliases_seen: set[int] = set()
        self.alias_spans: list[Span] = []
        self.own_names: set[int] = set()

    def text(self, node: Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    # Blocks

    def statements(self, block: Node) -> list[Node]:
        """The statements in a block; what stands in an error node counts as if outside."""
        if not self.damaged:
            return block.named_children
        found: list[Node] = []
        waiting = list(reversed(block.children))
        while waiting:
            node = waiting.pop()
            if node.is_error:
                waiting.extend(reversed(node.children))
            elif node.is_named or node.type == "do":
                found.append(node)
        return found

    def walk(self, nodes: list[Node], block: Block, depth: int) -> None:
        """Reads statements in order into `block.module`, or the file when that is None."""
        if depth > _MAX_NESTING:
            return
        at = 0
        while at < len(nodes):
            node = nodes[at]
            kind = node.type
            at += 1
            if kind == "comment":
                block.comment(self.source, node.start_byte, node.end_byte)
                continue
            if self.damaged:
                taken = self.unfinished(nodes, at - 1, block, depth)
                if taken:
                    at += taken - 1
                    continue
            if kind == "call":
                self.call(node, block, depth)
            elif kind == "unary_operator" and self.source[node.start_byte] == 0x40:
                self.attribute(node, block)
            elif kind not in ("do", "else_block", "rescue_block", "after_block", "catch_block"):
                block.interrupt()

    def call(self, node: Node, block: Block, depth: int) -> None:
        parts = node.children
        target = parts[0]
        name = self.text(target) if target.type == "identifier" else ""
        module = block.module
        if name in _FUNCTIONS:
            if module is not None:
                read = read_clause(self.source, node)
                if read is None:
                    block.interrupt()
                else:
                    block.function(self.source, name, *read)
        elif name in _MODULES:
            self.module(name, node, parts[1:], block, depth)
        elif name in _DIRECTIVES:
            self.directive(name, node, block)
        elif name in _CONDITIONS:
            self.condition(parts, block, depth)
        elif name == "quote":
            block.interrupt()
        elif module is None:
            pass
        elif name in ("test", "describe"):
            self.exunit(name, node, parts[1:], block, depth)
        else:
            if name in ("defstruct", "defexception") and module.struct is None:
                module.struct = span_of(node)
            self.generated(parts, block)
            block.interrupt()

    def condition(self, parts: list[Node], block: Block, depth: int) -> None:
        """Both branches of an `if` around definitions; the second adds what the first lacks."""
        block.interrupt()
        for part in parts:
            if part.type == "do_block":
                others = [child for child in part.children if child.type == "else_block"]
                inner = Block(part.end_byte, block.module, block.describe)
                self.walk(self.statements(part), inner, depth + 1)
                for other in others:
                    known = frozenset(block.module.functions) if block.module else frozenset()
                    inner = Block(part.end_byte, block.module, block.describe, known)
                    self.walk(self.statements(other), inner, depth + 1)

    def generated(self, parts: list[Node], block: Block) -> None:
        """Notes which functions get clauses from inside a `for` or another macro's block."""
        assert block.module is not None
        for part in parts:
            if part.type != "do_block":
                continue
            for inner in part.named_children:
                if inner.type != "call":
                    continue
                target = inner.child(0)
                if target is not None and self.text(target) in _FUNCTIONS:
                    read = read_clause(self.source, inner)
                    if read is not None:
                        block.module.generated.add((read[0].name, read[0].arity))

    # Modules

    def module(
        self, kind: str, node: Node, parts: Sequence[Node], block: Block, depth: int
    ) -> None:
        given, body, inside = self.module_parts(parts)
        if body is None:
            block.interrupt()
            return
        self.open_module(_Opening(kind, span_of(node), given, body, inside), block, depth)

    def module_parts(self, parts: Sequence[Node]) -> tuple[list[Node], Span | None, list[Node]]:
        """The arguments, the body's span and its statements."""
        given: list[Node] = []
        body: Span | None = None
        inside: list[Node] = []
        for part in parts:
            if part.type == "arguments":
                given = operands(part)
            elif part.type == "do_block":
                body = block_body(self.source, part)
                inside = self.statements(part)
        if body is None:
            pairs = given[-1].named_children if given and given[-1].type == "keywords" else []
            for pair in pairs:
                sides = pair.named_children
                if len(sides) == 2 and self.text(sides[0]).startswith("do:"):
                    value = sides[1]
                    body = span_of(value)
                    inside = self.statements(value) if value.type == "block" else [value]
        return given, body, inside

    def open_module(self, opening: _Opening, block: Block, depth: int) -> None:
        kind, span, given, body, inside = opening
        outer = block.module
        block.interrupt()
        name = protocol = target = ""
        if given and kind == "defimpl":
            protocol = module_named(self.source, given[0], self.names, full_name(outer))
            target = self.implemented_for(given, outer)
            if protocol and target:
                name = f"{protocol}.{target.split(', ')[0]}"
        elif given:
            name = self.defined_name(given[0], outer, block)
        if not name:
            return
        parts = ModuleParts(kind, name, span, body, protocol, target)
        self.every.append(parts)
        (self.outermost if outer is None else outer.modules).append(parts)
        self.walk(inside, Block(span.end, parts), depth + 1)

    def defined_name(self, node: Node, outer: ModuleParts | None, block: Block) -> str:
        """The full name a `defmodule` gives; in a module its first part becomes an alias."""
        self.own_names.add(node.start_byte)
        if node.type == "alias":
            short = self.text(node)
            if short.startswith("Elixir.") or outer is None:
                return self.names.resolve(short, node.start_byte)
            first = short.partition(".")[0]
            self.names.bind(first, f"{outer.name}.{first}", node.start_byte, block.end)
            return f"{outer.name}.{short}"
        return module_named(self.source, node, self.names, full_name(outer))

    def implemented_for(self, given: list[Node], outer: ModuleParts | None) -> str:
        for node in given[1:]:
            for pair in node.named_children if node.type == "keywords" else ():
                sides = pair.named_children
                if len(sides) == 2 and self.text(sides[0]).startswith("for:"):
                    value = sides[1]
                    found = operands(value) if value.type == "list" else [value]
                    return ", ".join(
                        filter(
                            None,
                            (
                                module_named(self.source, one, self.names, full_name(outer))
                                for one in found
                            ),
                        )
                    )
        return outer.name if outer is not None else ""

    def unfinished(self, nodes: list[Node], at: int, block: Block, depth: int) -> int:
        """How many statements a definition that lost its `end` takes up; 0 when it is none.

        The parser leaves such a definition as loose parts: `defmodule A`, `do`, statements. One
        that starts further left or just as far ends it."""
        node = nodes[at]
        kind = self.opened(node)
        if not kind:
            return 0
        head = 1 if node.type == "call" else 2
        if at + head >= len(nodes) or nodes[at + head].type != "do":
            return 0
        if kind in _FUNCTIONS:
            block.interrupt()
            return head + 1
        given = operands(nodes[at + 1]) if head == 2 else self.module_parts(node.children)[0]
        first = at + head + 1
        last = first
        column = node.start_point[1]
        while last < len(nodes) and not (
            nodes[last].start_point[1] <= column and self.opened(nodes[last]) in _MODULES
        ):
            last += 1
        inside = nodes[first:last]
        start = nodes[at + head].end_byte
        end = max(start, inside[-1].end_byte) if inside else start
        span = Span(node.start_byte, end)
        self.open_module(_Opening(kind, span, given, Span(start, end), inside), block, depth)
        return last - at

    def opened(self, node: Node) -> str:
        """Which definition `node` starts: the loose word, or the call without a block."""
        if node.type == "identifier":
            word = self.text(node)
        elif node.type == "call":
            target = node.child(0)
            assert target is not None
            word = self.text(target) if target.type == "identifier" else ""
        else:
            return ""
        return word if word in _MODULES or word in _FUNCTIONS else ""

    # Directives and attributes

    def directive(self, kind: str, node: Node, block: Block) -> None:
        block.last = None
        module = block.module
        span = span_of(node)
        given = operands(node.children[1]) if len(node.children) > 1 else []
        if kind == "alias":
            self.aliases_seen.add(node.start_byte)
            self.alias_spans.append(span)
        if not given:
            return
        options = ""
        if len(given) > 1:
            options = self.source[given[1].start_byte : given[-1].end_byte].decode(
                "utf-8", "replace"
            )
        for target in modules_named(self.source, given[0], self.names, full_name(module)):
            bind_alias(self.source, self.names, kind, target, given, block.end)
            if module is not None:
                module.directives.append(Directive(kind, target, options, span))
        block.after_directive(span.end)

    def attribute(self, node: Node, block: Block) -> None:
        operand = node.children[-1]
        if operand.type != "call":
            block.interrupt()
            return
        parts = operand.children
        name = self.text(parts[0])
        value = parts[1] if len(parts) > 1 and parts[1].type == "arguments" else None
        given = operands(value) if value is not None else []
        module = block.module
        if module is None or value is None or not given:
            block.interrupt()
            return
        span = span_of(node)
        if name in _DOCS:
            self.doc(name, span, given[0], block)
        elif name in _SPECS:
            front, _ = split_guard(given[0])
            sides = operands(front) if operator_of(front) == "::" else []
            head = read_head(self.source, sides[0]) if sides else None
            if head is None:
                block.interrupt()
                return
            spec = Spec(head.name, head.arity, span)
            if name == "spec":
                block.spec(self.source, spec)
            else:
                module.callbacks.append(spec)
                block.interrupt()
        elif name in _TYPES:
            sides = operands(given[0]) if operator_of(given[0]) == "::" else []
            head = read_head(self.source, sides[0]) if sides else None
            if head is not None:
                module.types.append(TypeDef(name, head.name, head.arity, span, block.typedoc))
            block.typedoc = None
            block.last = None
        elif name in _OWN:
            block.own(self.source, span)
            if name == "impl":
                block.impl = self.text(given[0])
        elif name == "tag":
            block.tag(span)
        elif name == "behaviour":
            found = module_named(self.source, given[0], self.names, full_name(module))
            if found:
                module.behaviours.append(found)
            block.last = None
        else:
            module.attributes.append(Attribute(name, span, span_of(value)))
            block.last = None

    def doc(self, name: str, span: Span, value: Node, block: Block) -> None:
        if value.type == "keywords":
            if name == "doc":
                block.own(self.source, span)
            return
        inner = operands(value) if value.type == "block" else []
        found = literal(self.source, inner[0] if len(inner) == 1 else value)
        if found is None:
            hidden = self.source[value.start_byte : value.end_byte] == b"false"
            doc = Doc(span, "", hidden)
        else:
            doc = Doc(span, text(self.source, found), False, find_doctests(self.source, found))
        if name == "doc":
            block.doc_above(self.source, doc)
        elif name == "typedoc":
            block.typedoc = doc
        elif block.module is not None:
            block.module.doc = doc

    # Tests

    def exunit(
        self, name: str, node: Node, parts: Sequence[Node], block: Block, depth: int
    ) -> None:
        assert block.module is not None
        given: list[Node] = []
        body: Node | None = None
        for part in parts:
            if part.type == "arguments":
                given = operands(part)
            elif part.type == "do_block":
                body = part
        if not given or given[0].type not in ("string", "sigil"):
            block.interrupt()
            return
        title = self.title(given[0])
        if name == "test":
            full = f"{block.describe} {title}" if block.describe else title
            inside = block_body(self.source, body) if body is not None else None
            self.tests.append(block.test(full, span_of(node), inside))
            return
        block.interrupt()
        if body is not None:
            inner = Block(body.end_byte, block.module, title)
            self.walk(self.statements(body), inner, depth + 1)

    def title(self, node: Node) -> str:
        """A test's name as written; one with interpolation keeps its `#{…}`."""
        found = literal(self.source, node)
        if found is None:
            return self.text(node)
        return text(self.source, found) or self.source[found.start : found.end].decode(
            "utf-8", "replace"
        )


def full_name(module: ModuleParts | None) -> str:
    """What `__MODULE__` stands for; "" outside of modules."""
    return module.name if module is not None else ""
