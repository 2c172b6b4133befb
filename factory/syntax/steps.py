"""A clause's body as the steps that a reader would name: bindings, calls, tuples and branches.

One shape for Elixir and Erlang, so that whoever tells what code does (`transforms.otp`) needs no
tree. A step that is none of these is `Plain`: its text is all there is to say. Nothing is
evaluated, macros are not expanded, and below `MAX_DEPTH` branches inside branches stay `Plain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from factory.syntax.heads import operands, operator
from factory.syntax.outline import Clause, Span
from factory.syntax.parse import Node, QueryCursor, query

MAX_DEPTH = 6
MAX_STEPS = 60
"""A body, or one arm of a branch, of more steps than this is read no further."""


@dataclass(frozen=True, slots=True)
class Plain:
    """An expression with nothing to take apart."""

    span: Span
    note: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """`target` as written (`GenServer.call`, `:ets.new`, `send`, `gen_server:call`, `!`). A
    trailing keyword list without brackets is one argument."""

    span: Span
    target: str
    arguments: tuple[Span, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Let:
    """`pattern = value`."""

    span: Span
    pattern: Span
    value: Step
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pipe:
    """Elixir's `first |> rest …`, from left to right."""

    span: Span
    first: Step
    rest: tuple[Span, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple by its elements: in a callback's last place it tells the process what to do."""

    span: Span
    elements: tuple[Span, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Arm:
    """One way through a branch. `condition` is a pattern, a test, or None for what is left over;
    `role` is `of`, `else`, `rescue`, `catch`, `after` or `body` (of `with`, `for`, `try`)."""

    role: str
    condition: Span | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """`word` is `case`, `if`, `unless`, `cond`, `with`, `try`, `receive` or `for` (a comprehension
    or a function over each). `subjects` are what is looked at: the value of a `case`, the test of
    an `if`, the clauses of a `with`, the generators and filters of a `for`."""

    span: Span
    word: str
    subjects: tuple[Span, ...]
    arms: tuple[Arm, ...]
    note: str = ""


Step: TypeAlias = Plain | Call | Let | Pipe | Tuple | Branch

_ELIXIR_BLOCKS = {
    "else_block": "else",
    "rescue_block": "rescue",
    "catch_block": "catch",
    "after_block": "after",
}
_BRANCHES = frozenset({"if", "unless", "case", "cond", "with", "try", "receive", "for"})
_EACH = frozenset({"Enum.each", "lists:foreach"})


def steps_of(root: Node, source: bytes, language: str, clause: Clause) -> tuple[Step, ...]:
    """The steps of a clause's body; empty when it has none."""
    if clause.body is None or clause.body.start == clause.body.end:
        return ()
    reader = _Erlang(source) if language == "erlang" else _Elixir(source)
    node = root.named_descendant_for_byte_range(clause.span.start, clause.span.end)
    return reader.clause(node) if node is not None else ()


def list_items(root: Node, span: Span) -> tuple[Span, ...] | None:
    """The elements of the list that stands at `span`, None when no list does (or it has a tail)."""
    node = root.named_descendant_for_byte_range(span.start, span.end)
    while node is not None and node.type == "paren_expr" and node.named_child_count == 1:
        node = node.named_children[0]
    if node is None or node.type != "list" or node.start_byte != span.start:
        return None
    items: list[Span] = []
    for child in operands(node):
        if child.type == "keywords":
            return None
        if child.type == "pipe" or (child.type == "binary_operator" and operator(child) == "|"):
            return None
        items.append(_span(child))
    return tuple(items)


def tuple_items(root: Node, span: Span) -> tuple[Span, ...] | None:
    """The elements of the tuple at `span`, None when no tuple stands there."""
    node = root.named_descendant_for_byte_range(span.start, span.end)
    if node is None or node.type != "tuple" or node.start_byte != span.start:
        return None
    return tuple(_span(child) for child in operands(node))


def pairs_of(root: Node, source: bytes, span: Span) -> dict[str, Span] | None:
    """Keys and values of the map, keyword list or bare keywords at `span`, in order; None when
    something else stands there, or a key is no plain atom."""
    node = root.named_descendant_for_byte_range(span.start, span.end)
    if node is None or node.start_byte != span.start or node.end_byte != span.end:
        return None
    if node.type == "pair" and node.parent is not None:
        node = node.parent
    found: dict[str, Span] = {}
    if node.type == "map_expr":
        for field in operands(node):
            key, value = field.child_by_field_name("key"), field.child_by_field_name("value")
            if field.type != "map_field" or key is None or value is None or key.type != "atom":
                return None
            found[_text(source, key)] = _span(value)
        return found
    while node.type in ("map", "map_content", "list") and len(operands(node)) == 1:
        node = operands(node)[0]
    if node.type in ("map", "list") and not operands(node):
        return found
    if node.type != "keywords":
        return None
    for pair in operands(node):
        parts = operands(pair)
        if pair.type != "pair" or len(parts) != 2 or parts[0].type != "keyword":
            return None
        found[_text(source, parts[0]).strip().removesuffix(":")] = _span(parts[1])
    return found


def comment_lines(root: Node, source: bytes, language: str, within: Span) -> tuple[Span, ...]:
    """The comments that have a line to themselves, each from its line's start through its end
    (the line break included), in order."""
    found: list[Span] = []
    cursor = QueryCursor(query(language, "(comment) @comment"))
    cursor.set_byte_range(within.start, within.end)
    for node in cursor.captures(root).get("comment", ()):
        start = source.rfind(b"\n", 0, node.start_byte) + 1
        if within.start <= start and not source[start : node.start_byte].strip():
            end = source.find(b"\n", node.end_byte, within.end)
            found.append(Span(start, end + 1 if end >= 0 else within.end))
    return tuple(sorted(found))


def _span(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)


def _text(source: bytes, node: Node) -> str:
    return source[node.start_byte : node.end_byte].decode(errors="replace")


class _Reader:
    """What both languages share: sequences with the comments above each step."""

    def __init__(self, source: bytes) -> None:
        self.source = source

    def step(self, node: Node, note: str = "", depth: int = 0) -> Step:
        raise NotImplementedError

    def sequence(self, nodes: Iterable[Node], depth: int) -> tuple[Step, ...]:
        found: list[Step] = []
        comments: list[str] = []
        row = -1
        for node in nodes:
            if len(found) >= MAX_STEPS:
                break
            if node.type == "comment":
                if node.start_point.row != row:
                    comments.append(_text(self.source, node).lstrip("#% ").rstrip())
                continue
            found.append(self.step(node, " ".join(filter(None, comments)), depth))
            comments.clear()
            row = node.end_point.row
        return tuple(found)


class _Elixir(_Reader):
    def clause(self, node: Node) -> tuple[Step, ...]:
        block = next((c for c in node.children if c.type == "do_block"), None)
        if block is not None:
            arms = self._extra(block, 0)
            body = self.sequence(self._inside(block), 0)
            if not arms:
                return body
            return (Branch(_span(block), "try", (), (Arm("body", None, body), *arms)),)
        keywords = self._keywords(node)
        return (self.step(keywords["do"]),) if "do" in keywords else ()

    def step(self, node: Node, note: str = "", depth: int = 0) -> Step:
        span, kind = _span(node), node.type
        if depth > MAX_DEPTH:
            return Plain(span, note)
        if kind == "block" and len(operands(node)) == 1:
            return self.step(operands(node)[0], note, depth + 1)
        if kind == "tuple":
            return Tuple(span, tuple(map(_span, operands(node))), note)
        if kind == "binary_operator":
            return self._operation(node, note, depth)
        if kind == "call":
            return self._call(node, note, depth)
        return Plain(span, note)

    def _operation(self, node: Node, note: str, depth: int) -> Step:
        sides, sign = operands(node), operator(node)
        if len(sides) != 2 or sign not in ("=", "|>"):
            return Plain(_span(node), note)
        left, right = sides
        if sign == "=":
            return Let(_span(node), _span(left), self.step(right, "", depth + 1), note)
        rest: list[Span] = []
        whole = node
        while (
            node.type == "binary_operator"
            and operator(node) == "|>"
            and len(sides := operands(node)) == 2
            and len(rest) < MAX_STEPS
        ):
            node, last = sides
            if last.type == "call" and self._target(last) == "case" and not rest:
                return self._branch(last, "case", note, depth, [node])
            rest.append(_span(last))
        return Pipe(_span(whole), self.step(node, "", depth + 1), tuple(reversed(rest)), note)

    def _target(self, node: Node) -> str:
        target = node.child_by_field_name("target")
        return _text(self.source, target) if target is not None else ""

    def _arguments(self, node: Node) -> list[Node]:
        inside = next((c for c in node.children if c.type == "arguments"), None)
        return operands(inside) if inside is not None else []

    def _call(self, node: Node, note: str, depth: int) -> Step:
        name, span = self._target(node), _span(node)
        arguments = self._arguments(node)
        if name in _BRANCHES:
            return self._branch(node, name, note, depth, arguments)
        if any(child.type == "do_block" for child in node.children):
            return Plain(span, note)
        if name in _EACH and len(arguments) == 2:
            each = self._each(arguments[1], arguments[0], depth)
            if each is not None:
                return Branch(span, "for", *each, note)
        return Call(span, name, tuple(map(_span, arguments)), note)

    def _each(self, function: Node, over: Node, depth: int) -> tuple[tuple[Span, ...], Arms] | None:
        """`Enum.each(over, fn x -> … end)` as one arm for each `x`."""
        clauses = [c for c in function.named_children if c.type == "stab_clause"]
        if function.type != "anonymous_function" or len(clauses) != 1:
            return None
        arm = self._stab(clauses[0], "body", depth)
        return ((_span(over),), (arm,)) if arm.condition else None

    def _keywords(self, node: Node) -> dict[str, Node]:
        """`do: a, else: b` of a call, without other options."""
        arguments = self._arguments(node)
        if not arguments or arguments[-1].type != "keywords":
            return {}
        found: dict[str, Node] = {}
        for pair in operands(arguments[-1]):
            parts = operands(pair)
            if len(parts) == 2:
                found[_text(self.source, parts[0]).strip().removesuffix(":")] = parts[1]
        return found

    def _branch(
        self, node: Node, word: str, note: str, depth: int, subjects: Sequence[Node]
    ) -> Step:
        span, depth = _span(node), depth + 1
        block = next((c for c in node.children if c.type == "do_block"), None)
        if block is None:
            given = self._keywords(node)
            if not given or not given.keys() <= {"do", "else"} or "do" not in given:
                return Plain(span, note)
            subjects = subjects[:-1]
            body = (self.step(given["do"], "", depth),)
            arms = [Arm("body", None, body)]
            if "else" in given:
                arms.append(Arm("else", None, (self.step(given["else"], "", depth),)))
            return Branch(span, word, tuple(map(_span, subjects)), tuple(arms), note)
        if any(subject.type == "keywords" for subject in subjects):
            return Plain(span, note)
        if word in ("case", "cond", "receive"):
            arms = [self._stab(n, "of", depth) for n in block.children if n.type == "stab_clause"]
            arms += self._extra(block, depth)
        else:
            arms = [Arm("body", None, self.sequence(self._inside(block), depth))]
            arms += self._extra(block, depth)
        return Branch(span, word, tuple(map(_span, subjects)), tuple(arms), note)

    def _inside(self, block: Node) -> list[Node]:
        return [n for n in block.named_children if n.type not in _ELIXIR_BLOCKS]

    def _extra(self, block: Node, depth: int) -> list[Arm]:
        """The arms after `else`, `rescue`, `catch` and `after`."""
        arms: list[Arm] = []
        for part in block.named_children:
            role = _ELIXIR_BLOCKS.get(part.type)
            if role is None:
                continue
            clauses = [n for n in part.named_children if n.type == "stab_clause"]
            if clauses:
                arms += [self._stab(n, role, depth) for n in clauses]
            else:
                arms.append(Arm(role, None, self.sequence(part.named_children, depth)))
        return arms

    def _stab(self, node: Node, role: str, depth: int) -> Arm:
        left = node.child_by_field_name("left")
        right = node.child_by_field_name("right")
        above = [child for child in node.children if child.type == "comment"]
        inside = [*above, *right.named_children] if right is not None else []
        return Arm(
            role, _span(left) if left is not None else None, self.sequence(inside, depth + 1)
        )


class _Erlang(_Reader):
    def clause(self, node: Node) -> tuple[Step, ...]:
        while node.type == "fun_decl" and node.named_children:
            node = node.named_children[0]
        return self._body(node, 0)

    def _body(self, node: Node, depth: int) -> tuple[Step, ...]:
        body = node.child_by_field_name("body")
        return self.sequence(body.named_children, depth) if body is not None else ()

    def step(self, node: Node, note: str = "", depth: int = 0) -> Step:
        span, kind = _span(node), node.type
        if depth > MAX_DEPTH:
            return Plain(span, note)
        if kind == "tuple":
            return Tuple(span, tuple(map(_span, operands(node))), note)
        if kind == "paren_expr" and len(operands(node)) == 1:
            return self.step(operands(node)[0], note, depth + 1)
        if kind == "match_expr" and len(operands(node)) == 2:
            left, right = operands(node)
            return Let(span, _span(left), self.step(right, "", depth + 1), note)
        if kind == "call":
            return self._call(node, note, depth)
        if kind == "binary_op_expr" and len(operands(node)) == 2:
            left, right = operands(node)
            if any(child.type == "!" for child in node.children):
                return Call(span, "!", (_span(left), _span(right)), note)
        word = kind.removesuffix("_expr")
        if word in ("case", "if", "receive", "try"):
            return self._branch(node, word, note, depth + 1)
        return Plain(span, note)

    def _call(self, node: Node, note: str, depth: int) -> Step:
        target, given = node.child_by_field_name("expr"), node.child_by_field_name("args")
        if target is None or given is None:
            return Plain(_span(node), note)
        name, arguments = _text(self.source, target), operands(given)
        if name in _EACH and len(arguments) == 2:
            function, over = arguments
            clauses = [c for c in function.named_children if c.type == "fun_clause"]
            if function.type == "anonymous_fun" and len(clauses) == 1:
                head = clauses[0].child_by_field_name("args")
                taken = operands(head) if head is not None else []
                if len(taken) == 1:
                    arm = Arm("body", _span(taken[0]), self._body(clauses[0], depth + 1))
                    return Branch(_span(node), "for", (_span(over),), (arm,), note)
        return Call(_span(node), name, tuple(map(_span, arguments)), note)

    def _branch(self, node: Node, word: str, note: str, depth: int) -> Step:
        subjects: list[Span] = []
        arms: list[Arm] = []
        if word == "case":
            value = node.child_by_field_name("expr")
            subjects = [_span(value)] if value is not None else []
        elif word == "try":
            inside = node.children_by_field_name("exprs")
            arms.append(Arm("body", None, self.sequence(inside, depth)))
        for part in node.named_children:
            if part.type in ("cr_clause", "if_clause"):
                arms.append(self._arm(part, "of", depth))
            elif part.type == "catch_clause":
                arms.append(self._arm(part, "catch", depth))
            elif part.type == "receive_after":
                wait = part.child_by_field_name("expr")
                condition = _span(wait) if wait is not None else None
                arms.append(Arm("after", condition, self._body(part, depth)))
            elif part.type == "try_after":
                arms.append(Arm("after", None, self.sequence(part.named_children, depth)))
        return Branch(
            _span(node), "cond" if word == "if" else word, tuple(subjects), tuple(arms), note
        )

    def _arm(self, node: Node, role: str, depth: int) -> Arm:
        """The condition runs from the clause's start to its arrow, a guard included."""
        body = node.child_by_field_name("body")
        end = body.start_byte if body is not None else node.end_byte
        text = self.source[node.start_byte : end]
        condition = Span(node.start_byte, node.start_byte + len(text.rstrip()))
        return Arm(role, condition, self._body(node, depth))


Arms: TypeAlias = tuple[Arm, ...]
