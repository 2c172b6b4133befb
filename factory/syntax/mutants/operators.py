"""Changed operators and constants: `<` for `<=`, one more, `:error` for `:ok`."""

from __future__ import annotations

from collections.abc import Iterator

from factory.syntax.mutants.places import Change, Place, word
from factory.syntax.parse import Node
from factory.syntax.rewrite import call, named, operator, primary, sides, text

_OPERATORS: dict[str, tuple[tuple[str, str], ...]] = {
    "+": (("arithmetic", "-"),),
    "-": (("arithmetic", "+"),),
    "*": (("arithmetic", "+"),),
    "/": (("arithmetic", "*"),),
    "<": (("boundary", "<="), ("comparison", ">=")),
    "<=": (("boundary", "<"), ("comparison", ">")),
    ">": (("boundary", ">="), ("comparison", "<=")),
    ">=": (("boundary", ">"), ("comparison", "<")),
    "==": (("comparison", "!="),),
    "!=": (("comparison", "=="),),
    "===": (("comparison", "!=="),),
    "!==": (("comparison", "==="),),
    "and": (("logic", "or"),),
    "or": (("logic", "and"),),
    "&&": (("logic", "||"),),
    "||": (("logic", "&&"),),
    "in": (("logic", "not in"),),
    "not in": (("logic", "in"),),
    "++": (("concatenation", "--"),),
    "--": (("concatenation", "++"),),
}
_ATOMS = {
    a: b
    for pair in (
        (":ok", ":error"),
        (":cont", ":halt"),
        (":asc", ":desc"),
        (":lt", ":gt"),
        (":one_for_one", ":one_for_all"),
        (":permanent", ":temporary"),
        (":reply", ":noreply"),
        (":normal", ":abnormal"),
    )
    for a, b in (pair, pair[::-1])
} | {":rest_for_one": ":one_for_one", ":transient": ":permanent"}


def operators(here: Place) -> Iterator[Change]:
    """Other operators, sides swapped, negations dropped."""
    node = here.node
    sign = operator(node)
    if not sign or here.pattern or here.size:
        return
    token = node.child_by_field_name("operator")
    assert token is not None
    if node.type == "unary_operator":
        operand = node.child_by_field_name("operand")
        if operand is not None and sign in ("not", "!", "-"):
            kind = "arithmetic" if sign == "-" else "logic"
            yield Change(kind, node.start_byte, operand.start_byte, "", f"`{sign}` dropped")
        return
    for kind, other in _OPERATORS.get(sign, ()):
        yield Change(kind, token.start_byte, token.end_byte, other, f"`{other}` for `{sign}`")
    pair = sides(node)
    if sign in ("++", "<>") and pair and all(map(primary, pair)):
        left, right = map(text, pair)
        if left != right and '""' not in (left, right) and "[]" not in (left, right):
            swapped = f"{right} {sign} {left}"
            yield Change(
                "concatenation", node.start_byte, node.end_byte, swapped, f"`{sign}` turned round"
            )


def constants(here: Place) -> Iterator[Change]:
    """Numbers one off, other atoms and booleans, texts emptied."""
    node = here.node
    start, end = node.start_byte, node.end_byte
    was = text(node)
    if node.type == "integer":
        yield from _integer(here, was)
    elif node.type == "float":
        yield Change("number", start, end, repr(float(was.replace("_", "")) + 1.0), f"1 + {was}")
    elif node.type == "boolean" and not _otherwise(node):
        other = "false" if was == "true" else "true"
        yield Change("boolean", start, end, other, f"`{other}` for `{was}`")
    elif node.type == "atom" and was in _ATOMS:
        yield Change("atom", start, end, _ATOMS[was], f"`{_ATOMS[was]}` for `{was}`")
    elif node.type == "string" and not here.message and not was.startswith('"""'):
        new = '"mutant"' if was == '""' else '""'
        if was != '""' or not _concatenated(node):
            yield Change("text", start, end, new, f"{new} for {_short(was)}")


def _integer(here: Place, was: str) -> Iterator[Change]:
    node = here.node
    start, end = node.start_byte, node.end_byte
    number = int(was.replace("_", ""), 0 if was[1:2].isalpha() else 10)
    if here.waiting:
        if number:
            yield Change("time", start, end, "0", f"0 for {was}")
        return
    yield Change("number", start, end, str(number + 1), f"{number + 1} for {was}")
    parent = node.parent
    signed = parent is not None and parent.type == "unary_operator"
    if number > 0 or not (signed or here.size):
        less = str(number - 1) if number else "(-1)"
        yield Change("number", start, end, less, f"{number - 1} for {was}")


def _otherwise(node: Node) -> bool:
    """Whether this is the `true` of the last clause of a `cond`."""
    held = node.parent
    clause = held.parent if held is not None and held.type == "arguments" else None
    block = clause.parent if clause is not None and clause.type == "stab_clause" else None
    return block is not None and word(block.parent) == "cond"


def _concatenated(node: Node) -> bool:
    """Whether an empty text is the start of an accumulation, which any text would do for."""
    return operator(node.parent) == "<>" if node.parent is not None else False


def _short(was: str) -> str:
    line = was.split("\n", 1)[0]
    return line if len(line) <= 40 else f"{line[:39]}…"


def functions(here: Place) -> Iterator[Change]:
    """Another function of the same shape: `Enum.reject` for `Enum.filter`."""
    node = here.node
    if node.type == "dot" and not here.pattern:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or text(left) not in _LIBRARY:
            return
        name = text(right)
        if other := _PAIRS.get(name):
            said = f"`{text(left)}.{other}` for `{text(left)}.{name}`"
            yield Change("function", right.start_byte, right.end_byte, other, said)
        return
    parts = call(node)
    if parts is None or here.pattern:
        return
    if not parts.module and (other := _LOCAL.get(parts.name)):
        target = parts.target
        said = f"`{other}` for `{parts.name}`"
        kind = "condition" if parts.name in ("if", "unless") else "function"
        yield Change(kind, target.start_byte, target.end_byte, other, said)
    if parts.path in _WRAPPERS and len(parts.arguments) == 1 and not parts.block:
        inside = text(parts.arguments[0])
        if parts.arguments[0].type != "keywords":
            said = f"`{parts.path}` dropped"
            yield Change("function", node.start_byte, node.end_byte, inside, said)


def pipelines(here: Place) -> Iterator[Change]:
    """A step of a pipeline left out."""
    node = here.node
    pair = sides(node) if operator(node) == "|>" else None
    if pair and word(pair[1]) not in _HARMLESS:
        left, right = pair
        said = f"`|> {_short(text(right))}` dropped"
        yield Change("pipeline", left.end_byte, node.end_byte, "", said)


def tuples(here: Place) -> Iterator[Change]:
    """The elements of a pair turned round, where neither says what the pair is."""
    node = here.node
    if node.type != "tuple" or here.pattern:
        return
    items = named(node)
    if len(items) != 2 or any(i.type in ("atom", "keywords", "boolean", "nil") for i in items):
        return
    first, second = map(text, items)
    if first != second:
        start, end = items[0].start_byte, items[1].end_byte
        yield Change("pair", start, end, f"{second}, {first}", "elements turned round")


_MODULES = "Enum Stream String List Map Keyword MapSet Date DateTime NaiveDateTime Integer Float"
_LIBRARY = frozenset(_MODULES.split())
_PAIRS = {
    a: b
    for pair in (
        ("filter", "reject"),
        ("take", "drop"),
        ("take_while", "drop_while"),
        ("min", "max"),
        ("min_by", "max_by"),
        ("first", "last"),
        ("any?", "all?"),
        ("sum", "product"),
        ("upcase", "downcase"),
        ("trim_leading", "trim_trailing"),
        ("pad_leading", "pad_trailing"),
        ("starts_with?", "ends_with?"),
        ("union", "intersection"),
        ("before?", "after?"),
        ("floor_div", "mod"),
        ("floor", "ceil"),
    )
    for a, b in (pair, pair[::-1])
} | {"difference": "intersection", "flat_map": "map", "uniq_by": "sort_by", "put_new": "put"}
_LOCAL = {
    a: b
    for pair in (("if", "unless"), ("div", "rem"), ("min", "max"), ("floor", "ceil"))
    for a, b in (pair, pair[::-1])
}
_OF_ONE = """
Enum.reverse Enum.sort Enum.uniq Enum.dedup abs String.trim String.downcase String.upcase
String.reverse List.flatten
"""
_WRAPPERS = frozenset(_OF_ONE.split())
_HARMLESS = frozenset({"IO.inspect", "dbg"})
