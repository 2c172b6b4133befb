"""What a snippet is written with: calls, modules, operators and forms, as plain words.

A word is written as a person would write it: `Enum.map` for a remote call and `Enum` for a module
that is named (Erlang's as `:ets.new` and `:ets`), `case` for a local call, `use GenServer`, `@spec`
for an attribute that is set, `~r` for a sigil, `|>` for an operator, and a name in parentheses for
a form that has no word of its own (`(struct)`, `(pattern match)`; all are in `FORMS`). What stands
in strings and comments is no code and gives no word.

A snippet need not be a whole file, and may be broken: what the parser makes out counts. Names are
taken as written: no alias is resolved, nothing is expanded.
"""

from __future__ import annotations

from factory.syntax.parse import Node, QueryCursor, parse_frugally, query

LONGEST = 100_000
"""Bytes of a snippet that are read."""

FORMS = frozenset(
    {
        "(atom)",
        "(attribute)",
        "(binary)",
        "(boolean)",
        "(capture)",
        "(charlist)",
        "(comprehension)",
        "(erlang call)",
        "(fn)",
        "(float)",
        "(guard)",
        "(integer)",
        "(interpolation)",
        "(keyword list)",
        "(list)",
        "(map)",
        "(map update)",
        "(nil)",
        "(pattern match)",
        "(pin)",
        "(string)",
        "(struct)",
        "(tagged tuple)",
        "(tuple)",
    }
)

_ELIXIR = """
(call target: (identifier) @word)
(call target: (dot left: (alias) @module right: (identifier) @function))
(call target: (dot left: (atom) @erlang right: (identifier) @function))
(call target: (identifier) @directive (arguments . (alias) @target)
  (#any-of? @directive "use" "import" "alias" "require"))
(call target: (identifier) @define (arguments . (call target: (identifier) @no_word))
  (#any-of? @define "def" "defp" "defmacro" "defmacrop" "defguard" "defguardp" "defdelegate"))
(call target: (identifier) @define
  (arguments . (binary_operator left: (call target: (identifier) @no_word) operator: "when"))
  (#any-of? @define "def" "defp" "defmacro" "defmacrop" "defguard" "defguardp"))
(alias) @name
(binary_operator operator: _ @operator)
(unary_operator operator: "not" @operator)
(unary_operator operator: "!" @operator)
(unary_operator operator: "@" operand: (call target: (identifier) @attribute @no_word))
(unary_operator operator: "&") @capture
(unary_operator operator: "^") @pin
(sigil (sigil_name) @sigil)
(binary_operator left: [(tuple) (list) (map) (bitstring) (binary_operator)] operator: "=") @match
(stab_clause left: (arguments [(tuple) (list) (map) (bitstring) (atom)])) @match
(rescue_block) @rescue
(catch_block) @catch
(map (struct)) @struct
(map) @map
(map_content (binary_operator operator: "|")) @update
(list (keywords)) @keyword_list
(list) @list
(tuple) @tuple
(tuple . (atom) @tag)
(bitstring) @binary
(charlist) @charlist
(string) @string
(interpolation) @interpolation
(anonymous_function) @fn
(atom) @atom
(quoted_atom) @atom
(boolean) @boolean
(nil) @nil
(integer) @integer
(float) @float
"""

_ERLANG = """
(call expr: (atom) @word)
(call expr: (remote module: (remote_module module: (atom) @erlang) fun: (atom) @function))
(binary_op_expr "!" @send)
(receive_expr) @receive
(case_expr) @case
(try_expr) @try
(anonymous_fun) @fn
(guard) @guard
(list_comprehension) @comprehension
(binary_comprehension) @comprehension
(binary) @binary
(map_expr) @map
(tuple) @tuple
(list) @list
(match_expr) @match
"""

_FORM_OF = {
    "capture": "(capture)",
    "pin": "(pin)",
    "match": "(pattern match)",
    "struct": "(struct)",
    "map": "(map)",
    "update": "(map update)",
    "keyword_list": "(keyword list)",
    "list": "(list)",
    "tuple": "(tuple)",
    "binary": "(binary)",
    "charlist": "(charlist)",
    "string": "(string)",
    "interpolation": "(interpolation)",
    "fn": "(fn)",
    "atom": "(atom)",
    "boolean": "(boolean)",
    "nil": "(nil)",
    "integer": "(integer)",
    "float": "(float)",
    "guard": "(guard)",
    "comprehension": "(comprehension)",
    "receive": "receive",
    "send": "send",
    "case": "case",
    "rescue": "rescue",
    "catch": "catch",
    "try": "try",
}

_TAGS = frozenset({b":ok", b":error"})
_DOCUMENTED = frozenset(
    {
        "after_compile",
        "before_compile",
        "behaviour",
        "callback",
        "compile",
        "deprecated",
        "derive",
        "describetag",
        "dialyzer",
        "doc",
        "enforce_keys",
        "external_resource",
        "fallback_to_any",
        "impl",
        "macrocallback",
        "moduledoc",
        "moduletag",
        "on_definition",
        "on_load",
        "opaque",
        "optional_callbacks",
        "shortdoc",
        "since",
        "spec",
        "tag",
        "type",
        "typedoc",
        "typep",
    }
)
"""Attributes with a meaning of the language's own: none of them is a constant of the module's."""


def vocabulary(code: str, language: str) -> frozenset[str]:
    """The words that `code` is written with; none for languages other than Elixir and Erlang, and
    for a snippet that takes the parser many times the steps that real source does."""
    pattern = {"elixir": _ELIXIR, "erlang": _ERLANG}.get(language)
    source = code.encode("utf-8", "replace")[:LONGEST]
    tree = parse_frugally(source, language) if pattern else None
    if pattern is None or tree is None:
        return frozenset()
    words: set[str] = set()
    called: dict[int, str] = {}
    named: set[int] = set()
    for _, found in QueryCursor(query(language, pattern)).matches(tree.root_node):
        if "word" in found:
            called[found["word"][0].start_byte] = _text(found["word"][0]).decode()
        if "no_word" in found:
            named.add(found["no_word"][0].start_byte)
        words.update(_words({name: _text(nodes[0]) for name, nodes in found.items()}))
    return frozenset(words) | {word for start, word in called.items() if start not in named}


def _words(found: dict[str, bytes]) -> list[str]:
    """What one match of the query says."""
    function = found.get("function", b"").decode()
    match found:
        case {"directive": directive, "target": target}:
            return [f"{directive.decode()} {name}" for name in _prefixes(target.decode())]
        case {"module": module}:
            return [f"{name}.{function}" for name in _prefixes(module.decode())[:1]]
        case {"erlang": module}:
            name = ":" + module.decode().removeprefix(":").strip("'")
            return [name, f"{name}.{function}", "(erlang call)"]
        case {"name": name}:
            return _prefixes(name.decode())
        case {"attribute": name}:
            own = name.decode()
            return [f"@{own}"] if own in _DOCUMENTED else [f"@{own}", "(attribute)"]
        case {"sigil": name}:
            return [f"~{name.decode()}"]
        case {"tag": name}:
            return ["(tagged tuple)"] if name in _TAGS else []
        case {"operator": operator}:
            word = operator.decode()
            return [word, "(guard)"] if word == "when" else [word]
    return [_FORM_OF[name] for name in found if name in _FORM_OF]


def _prefixes(name: str) -> list[str]:
    """`Ecto.Changeset`, then `Ecto`."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _text(node: Node) -> bytes:
    return (node.text or b"")[:200]
