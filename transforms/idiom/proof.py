"""What can be proved of an expression by looking at it: that it is a boolean, a list, a binary,
or that evaluating it does nothing but compute.

Every function here answers *surely yes* or *not surely*. The facts about Elixir's own functions are
those of its documentation: what each returns for every argument it accepts.
"""

from __future__ import annotations

from collections.abc import Iterator

from factory.syntax import Node
from factory.syntax.rewrite import (
    Parts,
    call,
    keyword_values,
    named,
    operand,
    operator,
    pipeline,
    sides,
    text,
    walk,
)
from transforms.idiom.unit import Unit, words

DEPTH = 12
"""How far down an expression is followed before giving up."""

COMPARISONS = words("== != === !== < > <= >= in") | {"not in"}

BOOLEAN_LOCAL = words(
    """
    is_atom/1 is_binary/1 is_bitstring/1 is_boolean/1 is_exception/1 is_float/1
    is_function/1 is_function/2 is_integer/1 is_list/1 is_map/1 is_map_key/2 is_nil/1
    is_number/1 is_pid/1 is_port/1 is_reference/1 is_struct/1 is_struct/2 is_tuple/1
    match?/2 function_exported?/3 macro_exported?/3
    """
)

_BOOLEAN_MODULES = words(
    """
    Enum Map Keyword MapSet List String File Path Regex Process Version Code Range
    """
)
"""Elixir's modules whose functions ending in `?` return booleans."""

_BINARY = {
    "String": words(
        """
    capitalize downcase upcase duplicate pad_leading pad_trailing replace replace_leading
    replace_prefix replace_suffix replace_trailing reverse slice trim trim_leading
    trim_trailing normalize
    """
    ),
    "Integer": frozenset({"to_string"}),
    "Float": frozenset({"to_string"}),
    "Atom": frozenset({"to_string"}),
    "List": frozenset({"to_string"}),
    "Macro": frozenset({"to_string", "underscore", "camelize"}),
    "Enum": frozenset({"join", "map_join"}),
    "IO": frozenset({"iodata_to_binary", "chardata_to_string"}),
    "Path": frozenset({"join", "basename", "dirname", "expand", "rootname", "extname", "absname"}),
    "Base": frozenset({"encode16", "encode32", "encode64", "url_encode64"}),
    "URI": frozenset({"to_string", "encode", "encode_www_form", "encode_query", "decode"}),
    "Exception": frozenset({"message", "format_mfa", "format_stacktrace"}),
    "Module": frozenset(),
}

_LIST = {
    "Enum": words(
        """
    chunk_by chunk_every concat dedup dedup_by drop drop_every drop_while filter flat_map
    intersperse map map_every map_intersperse reject reverse scan shuffle slice sort sort_by
    take take_every take_random take_while to_list uniq uniq_by with_index zip zip_with
    """
    ),
    "Map": frozenset({"keys", "values", "to_list"}),
    "MapSet": frozenset({"to_list"}),
    "Keyword": words(
        """
    delete drop filter keys merge new put put_new reject take values validate! replace
    """
    ),
    "String": frozenset({"codepoints", "graphemes", "to_charlist"}),
    "List": frozenset({"delete", "delete_at", "duplicate", "flatten", "insert_at", "wrap"}),
    "Tuple": frozenset({"to_list"}),
    "Path": frozenset({"split", "wildcard"}),
    "Integer": frozenset({"digits", "to_charlist"}),
}

_PURE_MODULES = words("String Integer Float Atom Map Keyword List Tuple MapSet Path")
_PURE_LOCAL = words(
    """
    abs binary_part bit_size byte_size ceil div elem floor hd length map_size max min not
    rem round self tl trunc tuple_size
    """
)
_PURE_OPERATORS = COMPARISONS | words("+ - * / ++ -- <> .. && || and or ! not | => =~")
_LITERALS = words("identifier integer float atom char boolean nil alias")


def inner(node: Node) -> Node:
    """The node without parentheses around it."""
    while node.type == "block" and len(named(node)) == 1:
        node = named(node)[0]
    return node


def last_call(node: Node) -> Parts | None:
    """The call whose value a call or a pipeline has."""
    return call(pipeline(node)[-1])


def arity(node: Node) -> int:
    """How many arguments `last_call` gets, the piped one included."""
    parts = last_call(node)
    return (len(parts.arguments) if parts else 0) + (operator(node) == "|>")


def standard(unit: Unit, parts: Parts | None, table: dict[str, frozenset[str]]) -> bool:
    """Whether the call is one of Elixir's own functions listed in `table` by module."""
    return (
        parts is not None
        and parts.name in table.get(parts.module, ())
        and unit.around.own(parts.module)
        and parts.block is None
    )


def boolean(unit: Unit, node: Node, depth: int = DEPTH) -> bool:
    """Whether the value is surely `true` or `false`, if there is a value at all."""
    node = inner(node)
    if depth == 0:
        return False
    if node.type == "boolean":
        return True
    name = operator(node)
    if name in ("!", "not") or name in COMPARISONS or name == "=~":
        return True
    pair = sides(node)
    if pair and name in ("and", "or"):
        return boolean(unit, pair[1], depth - 1)
    if pair and name in ("&&", "||"):
        return boolean(unit, pair[0], depth - 1) and boolean(unit, pair[1], depth - 1)
    parts = last_call(node)
    if parts is None or parts.block is not None:
        return False
    if not parts.module:
        label = f"{parts.name}/{arity(node)}"
        return label in BOOLEAN_LOCAL and unit.around.kernel(parts.name)
    return (
        parts.module in _BOOLEAN_MODULES
        and unit.around.own(parts.module)
        and parts.name.endswith("?")
    )


def a_list(unit: Unit, node: Node, depth: int = DEPTH) -> bool:
    """Whether the value is surely a proper list, if there is a value at all."""
    node = inner(node)
    if depth == 0:
        return False
    if node.type == "list":
        return not any(operator(item) == "|" for item in named(node))
    if operator(node) == "++":
        pair = sides(node)
        return pair is not None and a_list(unit, pair[1], depth - 1)
    if node.type == "identifier":
        value = only_value(unit, text(node))
        return (
            guarded(unit, text(node), "is_list")
            if value is None
            else a_list(unit, value, depth - 1)
        )
    parts = last_call(node)
    if parts is None:
        return False
    if parts.module:
        if parts.module == "String" and parts.name == "split":
            return unit.around.own("String")
        return standard(unit, parts, _LIST)
    if parts.name == "for" and unit.around.kernel("for"):
        options: set[str] = set()
        for argument in parts.arguments:
            options |= keyword_values(argument).keys()
        return not options & {"into", "reduce"}
    branches = list(_branches(unit, parts))
    return bool(branches) and all(a_list(unit, branch, depth - 1) for branch in branches)


def a_binary(unit: Unit, node: Node, depth: int = DEPTH) -> bool:
    """Whether the value is surely a binary, if there is a value at all."""
    node = inner(node)
    if depth == 0:
        return False
    if node.type == "string" or operator(node) == "<>":
        return True
    if node.type == "identifier":
        value = only_value(unit, text(node))
        return (
            guarded(unit, text(node), "is_binary")
            if value is None
            else a_binary(unit, value, depth - 1)
        )
    parts = last_call(node)
    if parts is None:
        return False
    if not parts.module and parts.name in ("to_string", "inspect"):
        return unit.around.kernel(parts.name)
    return standard(unit, parts, _BINARY)


def _branches(unit: Unit, parts: Parts) -> Iterator[Node]:
    """The last expressions of the branches of `if … else …` and `case`; nothing for others."""
    if not unit.around.kernel(parts.name) or not parts.arguments:
        return
    if parts.name == "if" and parts.block is None:
        values = keyword_values(parts.arguments[-1])
        yield from values.values() if list(values) == ["do", "else"] else ()
    elif parts.block is None:
        return
    elif parts.name == "if":
        then, other = split_else(parts.block)
        if then and other:
            yield then[-1]
            yield other[-1]
    elif parts.name == "case":
        for clause in named(parts.block):
            body = clause.child_by_field_name("right") if clause.type == "stab_clause" else None
            if body is not None and named(body):
                yield named(body)[-1]


def split_else(block: Node) -> tuple[list[Node], list[Node]]:
    """The expressions of a do-block before `else` and after it."""
    then = [child for child in named(block) if not child.type.endswith("_block")]
    other = [c for child in named(block) if child.type == "else_block" for c in named(child)]
    return then, other


def only_value(unit: Unit, name: str) -> Node | None:
    """What `name` is bound to, where one plain `name = value` is the only binding in the unit."""
    found = unit.bindings.get(name, [])
    if len(found) != 1:
        return None
    parent = found[0].parent
    if parent is None or operator(parent) != "=":
        return None
    pair = sides(parent)
    return pair[1] if pair and pair[0] == found[0] else None


def guarded(unit: Unit, name: str, test: str) -> bool:
    """Whether `name` is an argument of the only clause, bound once, whose guard says `test` of it
    and nothing weaker (`and` may join it to more)."""
    if len(unit.definitions) != 1 or not unit.around.kernel(test):
        return False
    # A guard's own mention of the name counts as part of the head, hence two.
    if len(unit.bindings.get(name, [])) != 2:
        return False
    parts = call(unit.definitions[0])
    head = parts.arguments[0] if parts and parts.arguments else None
    pair = sides(head) if head is not None and operator(head) == "when" else None
    waiting = [pair[1]] if pair else []
    while waiting:
        here = waiting.pop()
        both = sides(here)
        if both and operator(here) == "and":
            waiting += both
            continue
        found = call(here)
        if found and found.path == test and [text(a) for a in found.arguments] == [name]:
            return True
    return False


def pure(unit: Unit, node: Node) -> bool:
    """Whether evaluating does nothing but compute (it may raise). A field read as `value.field`
    is taken for a map's field."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if here.type in _LITERALS:
            continue
        if here.type in ("list", "tuple", "map", "map_content", "keywords", "block"):
            waiting += [child for child in named(here) if child.type != "struct"]
        elif here.type == "pair":
            value = here.child_by_field_name("value")
            waiting += [value] if value else []
        elif here.type == "access_call":
            waiting += named(here)
        elif here.type in ("string", "interpolation", "charlist"):
            quoted = ("quoted_content", "escape_sequence")
            waiting += [child for child in named(here) if child.type not in quoted]
        elif here.type in ("binary_operator", "unary_operator"):
            if operator(here) == "@":
                continue
            if operator(here) not in _PURE_OPERATORS and operator(here) != "|>":
                return False
            waiting += named(here)
        elif not _pure_call(unit, here, waiting):
            return False
    return True


def _pure_call(unit: Unit, node: Node, waiting: list[Node]) -> bool:
    parts = call(node)
    if parts is None or parts.block is not None:
        return False
    waiting += parts.arguments
    if not parts.module:
        known = parts.name in _PURE_LOCAL or any(
            label.startswith(parts.name + "/") for label in BOOLEAN_LOCAL
        )
        return known and parts.name != "match?" and unit.around.kernel(parts.name)
    if parts.module in _PURE_MODULES:
        return unit.around.own(parts.module) and not parts.name.endswith("_atom")
    left = parts.target.child_by_field_name("left")
    if left is not None and left.type == "identifier" and not parts.arguments:
        return not parts.parens
    return False


def binds(node: Node) -> bool:
    """Whether evaluating the node may bind a variable: how far it is seen then depends on what
    the node is part of (`case` lets it out, `with` and `for` do not)."""
    return any(operator(found) == "=" for found in walk(node))


def plain_value(node: Node) -> bool:
    """Whether evaluating the node earlier or later can make no difference: a literal, a variable,
    a module attribute, a function written out."""
    node = inner(node)
    if node.type in _LITERALS or node.type == "anonymous_function":
        return True
    if node.type == "string":
        return not any(child.type == "interpolation" for child in named(node))
    if operator(node) == "@":
        return True
    if operator(node) == "&":
        held = operand(node)
        return held is not None
    return node.type in ("tuple", "list") and all(plain_value(item) for item in named(node))
