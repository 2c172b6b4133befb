"""Elixir as the rules of idiom want to see it: calls with their arguments and blocks, pipes laid
flat, keyword `do:` and `do … end` alike.

Made from the tree of `factory.syntax`; nothing is expanded or resolved, so `Enum` is whatever is
called `Enum`. What nests deeper than `MAX_DEPTH` becomes one opaque form.
"""

from __future__ import annotations

from collections.abc import Iterator

from factory.syntax import Node

MAX_DEPTH = 150
"""Of nodes in the tree; code that people write stays below 60."""

BLOCKS = frozenset({"do", "else", "rescue", "catch", "after"})

_LITERALS = frozenset(
    {"integer", "float", "boolean", "nil", "char", "atom", "quoted_atom", "charlist", "sigil"}
)
_COLLECTIONS = frozenset({"list", "tuple", "map", "bitstring", "string", "body"})
_TRANSPARENT = frozenset({"map_content", "interpolation", "arguments"})


class Form:
    """One piece of code.

    `kind` is `call`, `op`, `unary`, `pipe`, `fn`, `stab`, `block`, `list`, `tuple`, `map`,
    `struct`, `bitstring`, `string`, `keywords`, `pair`, `var`, `alias`, `field`, `access` or the
    tree's own name for a literal. `name` is what is called (`if`, `Enum.map`, `:lists.sort`, `.`
    for a function in a variable), the operator, the variable, or a literal's text. `args` are what
    it consists of, in order; a call's are its arguments as written. `blocks` are a call's `do`,
    `else`, …; `guard` is a clause's. `piped` is what is piped into a call. `line` counts from 1.
    `calls_itself` remembers of a definition whether it does, once somebody asked.
    """

    __slots__ = (
        "args",
        "blocks",
        "calls_itself",
        "guard",
        "kind",
        "line",
        "name",
        "parent",
        "piped",
        "span",
    )

    def __init__(self, kind: str, name: str, line: int, args: list[Form]) -> None:
        self.kind = kind
        self.name = name
        self.line = line
        self.args = args
        self.blocks: dict[str, Form] = {}
        self.guard: Form | None = None
        self.piped: Form | None = None
        self.parent: Form | None = None
        self.span = (0, 0)
        self.calls_itself: bool | None = None

    def __repr__(self) -> str:
        return f"{self.kind}:{self.name}@{self.line}"

    @property
    def inputs(self) -> list[Form]:
        """A call's arguments with the piped one in front."""
        return self.args if self.piped is None else [self.piped, *self.args]

    def children(self) -> list[Form]:
        """What stands directly inside, in the order of the source."""
        found = [*self.args, *([self.guard] if self.guard is not None else [])]
        found += self.blocks.values()
        return found

    def walk(self) -> Iterator[Form]:
        """This form and everything inside it."""
        stack = [self]
        while stack:
            form = stack.pop()
            yield form
            stack.extend(reversed(form.children()))

    def ancestors(self) -> Iterator[Form]:
        """The forms that this one stands in, innermost first."""
        form = self.parent
        while form is not None:
            yield form
            form = form.parent

    def calls(self, *names: str) -> bool:
        """Whether this is a call of one of `names`."""
        return self.kind == "call" and self.name in names

    def is_op(self, *names: str) -> bool:
        """Whether this is one of the binary operators `names`."""
        return self.kind == "op" and self.name in names


def build(root: Node, source: bytes) -> Form:
    """The whole file as one block."""
    top = Form("block", "", 1, _all(root.named_children, source, 0))
    _own(top)
    return top


def statements(block: Form | None) -> list[Form]:
    """The expressions of a block; one that is no block is itself its only expression."""
    if block is None:
        return []
    return block.args if block.kind == "block" else [block]


def clauses(block: Form | None) -> list[Form]:
    """The `->` clauses of a block."""
    return [form for form in statements(block) if form.kind == "stab"]


def same(a: Form, b: Form) -> bool:
    """Whether two forms say the same thing."""
    pairs = [(a, b)]
    while pairs:
        x, y = pairs.pop()
        if (x.kind, x.name) != (y.kind, y.name):
            return False
        inside_x, inside_y = x.children(), y.children()
        if len(inside_x) != len(inside_y):
            return False
        pairs.extend(zip(inside_x, inside_y, strict=True))
    return True


def variables(form: Form) -> set[str]:
    """The names of all variables that occur in a form."""
    return {inner.name for inner in form.walk() if inner.kind == "var"}


def is_literal(form: Form) -> bool:
    """Whether a form is a number, an atom, a plain string or an empty collection."""
    if form.kind in _LITERALS or form.kind == "alias":
        return True
    return form.kind in {"string", "list", "map", "tuple"} and not form.args


def is_pattern(form: Form) -> bool:
    """Whether a form in a pattern takes something apart or compares: more than a variable."""
    if form.is_op("\\\\"):
        return is_pattern(form.args[0]) if form.args else False
    return form.kind not in {"var", "opaque"}


def _own(top: Form) -> None:
    for form in top.walk():
        for child in form.children():
            child.parent = form


def _all(nodes: list[Node], source: bytes, depth: int) -> list[Form]:
    return [
        form
        for node in nodes
        if node.type != "comment"
        if (form := _form(node, source, depth)) is not None
    ]


def _text(node: Node, source: bytes) -> str:
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _form(node: Node, source: bytes, depth: int) -> Form | None:
    form = _read(node, source, depth)
    if form is not None:
        form.span = (node.start_byte, node.end_byte)
    return form


def _read(node: Node, source: bytes, depth: int) -> Form | None:
    kind, line = node.type, node.start_point[0] + 1
    if depth > MAX_DEPTH:
        return Form("opaque", "", line, [])
    if kind == "identifier":
        return Form("var", _text(node, source), line, [])
    if kind == "alias":
        return Form("alias", _text(node, source), line, [])
    if kind == "call":
        return _call(node, source, depth)
    if kind == "binary_operator":
        return _binary(node, source, depth)
    if kind == "unary_operator":
        operator = node.child_by_field_name("operator")
        operand = _all(node.children_by_field_name("operand"), source, depth + 1)
        operand = [form for form in operand if form.kind != "("]
        return Form("unary", _text(operator, source) if operator else "", line, operand)
    if kind == "anonymous_function":
        return Form("fn", "", line, _all(node.named_children, source, depth + 1))
    if kind == "stab_clause":
        return _stab(node, source, depth)
    if kind == "block":
        # Parentheses around one expression are no block of their own.
        inside = _all(node.named_children, source, depth + 1)
        return inside[0] if len(inside) == 1 else Form("block", "", line, inside)
    if kind == "string":
        holes = [child for child in node.named_children if child.type == "interpolation"]
        written = "" if holes else _text(node, source)
        return Form("string", written, line, _all(holes, source, depth + 1))
    if kind in _LITERALS:
        return Form(kind, _text(node, source), line, [])
    if kind in _TRANSPARENT:
        inside = _all(node.named_children, source, depth + 1)
        return inside[0] if len(inside) == 1 else Form("block", "", line, inside)
    if kind == "keywords":
        return Form("keywords", "", line, _all(node.named_children, source, depth + 1))
    if kind == "pair":
        return _pair(node, source, depth)
    if kind == "dot":
        return Form(
            "field", _text(node, source), line, _all(node.named_children, source, depth + 1)
        )
    if kind == "access_call":
        return Form("access", "", line, _all(node.named_children, source, depth + 1))
    if kind == "map":
        struct = any(child.type == "struct" for child in node.named_children)
        parts = [child for child in node.named_children if child.type != "struct"]
        args = [
            form
            for child in parts
            for form in _all(
                child.named_children if child.type == "map_content" else [child], source, depth + 1
            )
        ]
        return Form("struct" if struct else "map", "", line, args)
    if kind in _COLLECTIONS:
        return Form(
            "block" if kind == "body" else kind,
            "",
            line,
            _all(node.named_children, source, depth + 1),
        )
    if not node.is_named:
        return None
    return Form(kind, "", line, _all(node.named_children, source, depth + 1))


def _call(node: Node, source: bytes, depth: int) -> Form:
    line = node.start_point[0] + 1
    target = node.child_by_field_name("target")
    name, args = "", []
    if target is not None and target.type == "dot":
        owner = target.child_by_field_name("left")
        function = target.child_by_field_name("right")
        if function is None:
            name, args = ".", _all([owner] if owner else [], source, depth + 1)
        elif owner is not None and owner.type in {"alias", "atom"}:
            name = f"{_text(owner, source)}.{_text(function, source)}"
        elif owner is not None and _text(owner, source) == "__MODULE__":
            name = _text(function, source)
        else:
            inner = _all([owner] if owner else [], source, depth + 1)
            written = [child.type for child in node.named_children]
            if "arguments" not in written:
                return Form("field", _text(function, source), line, inner)
            name, args = f"?.{_text(function, source)}", inner
    elif target is not None and target.type == "identifier":
        name = _text(target, source)
    elif target is not None:
        name, args = "?", _all([target], source, depth + 1)
    form = Form("call", name, line, args)
    for child in node.named_children:
        if child.type == "arguments":
            form.args += _all(child.named_children, source, depth + 1)
        elif child.type == "do_block":
            _do_block(form, child, source, depth + 1)
    _keyword_blocks(form)
    return form


def _do_block(form: Form, node: Node, source: bytes, depth: int) -> None:
    line = node.start_point[0] + 1
    others = [child for child in node.named_children if child.type.endswith("_block")]
    own = [child for child in node.named_children if child not in others]
    form.blocks["do"] = Form("block", "do", line, _all(own, source, depth + 1))
    for child in others:
        name = child.type.removesuffix("_block")
        form.blocks[name] = Form(
            "block", name, child.start_point[0] + 1, _all(child.named_children, source, depth + 1)
        )


def _keyword_blocks(form: Form) -> None:
    """Moves a trailing `do: …, else: …` from the arguments to the blocks."""
    if form.blocks or not form.args or form.args[-1].kind != "keywords":
        return
    keywords = form.args[-1]
    named = [pair for pair in keywords.args if pair.kind == "pair" and pair.name in BLOCKS]
    if not any(pair.name == "do" for pair in named):
        return
    for pair in named:
        value = pair.args[0] if pair.args else Form("nil", "nil", pair.line, [])
        form.blocks[pair.name] = Form("block", pair.name, pair.line, [value])
    keywords.args = [pair for pair in keywords.args if pair not in named]
    if not keywords.args:
        form.args.pop()


def _pair(node: Node, source: bytes, depth: int) -> Form:
    key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
    name = _text(key, source).strip().removesuffix(":").strip('"') if key else ""
    return Form(
        "pair", name, node.start_point[0] + 1, _all([value] if value else [], source, depth)
    )


def _binary(node: Node, source: bytes, depth: int) -> Form:
    line = node.start_point[0] + 1
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    name = _text(operator, source) if operator else ""
    sides = _all([side for side in (left, right) if side is not None], source, depth + 1)
    if name == "not in" or (name.startswith("not") and name.endswith("in")):
        name = "not in"
    if name != "|>" or len(sides) != 2:
        return Form("op", name, line, sides)
    before, step = sides
    steps = [*before.args, step] if before.kind == "pipe" else [before, step]
    step.piped = steps[-2]
    return Form("pipe", "|>", steps[0].line, steps)


def _stab(node: Node, source: bytes, depth: int) -> Form:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    patterns: list[Form] = []
    guard = None
    if left is not None:
        inside = left.named_children if left.type == "arguments" else [left]
        patterns = _all(inside, source, depth + 1)
    if len(patterns) == 1 and patterns[0].is_op("when") and len(patterns[0].args) == 2:
        head, guard = patterns[0].args
        patterns = head.args if head.kind == "block" else [head]
    form = Form("stab", "->", node.start_point[0] + 1, patterns)
    form.guard = guard
    body = _all([right] if right is not None else [], source, depth + 1)
    form.blocks["do"] = (
        body[0] if body and body[0].kind == "block" else Form("block", "do", form.line, body)
    )
    return form
