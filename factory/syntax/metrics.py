"""How much structure a piece of code has, measured for many spans of a file in one pass.

One query finds the nodes that count (control structures, other constructs, calls to do with
processes, metaprogramming); each span then takes the ones inside it by bisection. What is counted
is what stands in the code as written: nothing is expanded, and strings and comments do not count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from factory.syntax.outline import Span
from factory.syntax.parse import Node, QueryCursor, query

_MAX_DEPTH = 500


@dataclass(frozen=True, slots=True)
class Metrics:
    """`lines` that the span touches, `nesting` of control structures at its deepest, how many
    distinct kinds of `constructs` it uses, how many calls have to do with `processes`, and how
    many places have to do with `macros` (`quote`, `unquote`, `defmacro`, `use`; Erlang's `?X`)."""

    lines: int
    nesting: int
    constructs: int
    processes: int
    macros: int


class _Grammar(NamedTuple):
    """What counts in one language. `nodes` maps node types (or tokens in quotes) to constructs;
    the words are local calls, the modules those whose remote calls count as process-related."""

    nodes: dict[str, str]
    nesting_nodes: frozenset[str]
    words: dict[str, str]
    nesting_words: frozenset[str]
    process_nodes: frozenset[str]
    process_words: frozenset[str]
    process_modules: frozenset[str]
    macro_nodes: frozenset[str]
    macro_words: frozenset[str]
    local_call: str
    remote_call: str


_ELIXIR = _Grammar(
    nodes={
        "(anonymous_function)": "fn",
        "(sigil)": "sigil",
        "(bitstring)": "binary",
        "(struct)": "struct",
        "(interpolation)": "interpolation",
        "(access_call)": "access",
        "(rescue_block)": "rescue",
        "(after_block)": "after",
        "(catch_block)": "catch",
        '(binary_operator operator: "|>")': "pipe",
        '(binary_operator operator: "when")': "guard",
        '(binary_operator operator: "|")': "cons or update",
        '(binary_operator operator: "\\\\\\\\")': "default",
        '(binary_operator operator: "<>")': "concatenation",
        '(unary_operator operator: "&")': "capture",
        '(unary_operator operator: "^")': "pin",
    },
    nesting_nodes=frozenset({"(anonymous_function)"}),
    words={
        "case": "case",
        "cond": "cond",
        "if": "if",
        "unless": "if",
        "with": "with",
        "for": "for",
        "receive": "receive",
        "try": "try",
        "raise": "raise",
        "throw": "throw",
        "quote": "quote",
        "unquote": "quote",
        "defmacro": "macro",
        "defmacrop": "macro",
    },
    nesting_words=frozenset({"case", "cond", "if", "unless", "with", "for", "receive", "try"}),
    process_nodes=frozenset(),
    process_words=frozenset(
        {"receive", "send", "self", "spawn", "spawn_link", "spawn_monitor", "exit"}
    ),
    process_modules=frozenset(
        {
            "Agent",
            "DynamicSupervisor",
            "GenServer",
            "GenStage",
            "Node",
            "PartitionSupervisor",
            "Process",
            "Registry",
            "Supervisor",
            "Task",
            "Task.Supervisor",
            ":dets",
            ":ets",
            ":gen_event",
            ":gen_server",
            ":gen_statem",
            ":global",
            ":mnesia",
            ":persistent_term",
            ":pg",
            ":proc_lib",
            ":rpc",
            ":supervisor",
            ":sys",
            ":timer",
        }
    ),
    macro_nodes=frozenset(),
    macro_words=frozenset(
        {"quote", "unquote", "unquote_splicing", "defmacro", "defmacrop", "use", "var!"}
    ),
    local_call="(call target: (identifier) @word) @local",
    remote_call="(call target: (dot left: [(alias) (atom)] @module))",
)

_ERLANG = _Grammar(
    nodes={
        "(anonymous_fun)": "fun",
        "(internal_fun)": "capture",
        "(external_fun)": "capture",
        "(case_expr)": "case",
        "(if_expr)": "if",
        "(receive_expr)": "receive",
        "(try_expr)": "try",
        "(maybe_expr)": "maybe",
        "(catch_expr)": "catch",
        "(block_expr)": "begin",
        "(list_comprehension)": "comprehension",
        "(binary_comprehension)": "comprehension",
        "(map_comprehension)": "comprehension",
        "(binary)": "binary",
        "(map_expr)": "map",
        "(map_expr_update)": "map",
        "(record_expr)": "record",
        "(record_update_expr)": "record",
        "(record_field_expr)": "record",
        "(guard)": "guard",
        "(pipe)": "cons",
        "(macro_call_expr)": "macro",
        '(binary_op_expr "!")': "send",
    },
    nesting_nodes=frozenset(
        {
            "(anonymous_fun)",
            "(case_expr)",
            "(if_expr)",
            "(receive_expr)",
            "(try_expr)",
            "(maybe_expr)",
            "(list_comprehension)",
            "(binary_comprehension)",
            "(map_comprehension)",
        }
    ),
    words={},
    nesting_words=frozenset(),
    process_nodes=frozenset({"(receive_expr)", '(binary_op_expr "!")'}),
    process_words=frozenset(
        {
            "exit",
            "link",
            "monitor",
            "register",
            "self",
            "spawn",
            "spawn_link",
            "spawn_monitor",
            "spawn_opt",
            "unlink",
            "whereis",
        }
    ),
    process_modules=frozenset(
        {
            "dets",
            "ets",
            "gen_event",
            "gen_server",
            "gen_statem",
            "global",
            "mnesia",
            "persistent_term",
            "pg",
            "proc_lib",
            "rpc",
            "supervisor",
            "sys",
            "timer",
        }
    ),
    macro_nodes=frozenset({"(macro_call_expr)"}),
    macro_words=frozenset(),
    local_call="(call expr: (atom) @word) @local",
    remote_call="(call expr: (remote module: (remote_module module: (atom) @module)))",
)

_GRAMMARS = {"elixir": _ELIXIR, "erlang": _ERLANG}


class _Found(NamedTuple):
    """Places in a file, each list sorted: of control structures with their depth, of constructs
    with their kind's number, of process calls and of macros."""

    control: list[int]
    depths: list[int]
    constructs: list[int]
    kinds: list[int]
    processes: list[int]
    macros: list[int]


def measure(root: Node, spans: Sequence[Span], language: str) -> list[Metrics]:
    """The metrics of each span of the file that `root` is the tree of, in the order of `spans`.

    Nodes count for a span when they start in it. Languages other than Elixir and Erlang get their
    lines counted and nothing else.
    """
    source, offset = root.text or b"", root.start_byte
    grammar = _GRAMMARS.get(language)
    found = _find(root, grammar, source, offset) if grammar else _Found([], [], [], [], [], [])
    return [_metrics(found, span, _lines(source, span, offset)) for span in spans]


def _lines(source: bytes, span: Span, offset: int) -> int:
    start, end = max(0, span.start - offset), max(0, span.end - offset)
    breaks = source.count(b"\n", start, end)
    return breaks + (not source.endswith(b"\n", start, end)) if span.end > span.start else 0


def _metrics(found: _Found, span: Span, lines: int) -> Metrics:
    first, last = bisect_left(found.control, span.start), bisect_left(found.control, span.end)
    depths = found.depths[first:last]
    kinds = found.kinds[
        bisect_left(found.constructs, span.start) : bisect_left(found.constructs, span.end)
    ]
    return Metrics(
        lines,
        max(depths) - min(depths) + 1 if depths else 0,
        len(set(kinds)),
        bisect_left(found.processes, span.end) - bisect_left(found.processes, span.start),
        bisect_left(found.macros, span.end) - bisect_left(found.macros, span.start),
    )


def _find(root: Node, grammar: _Grammar, source: bytes, offset: int) -> _Found:
    kinds = sorted({*grammar.nodes.values(), *grammar.words.values()})
    number = {kind: at for at, kind in enumerate(kinds)}
    control: list[tuple[int, int]] = []
    constructs: list[tuple[int, int]] = []
    processes: list[int] = []
    macros: list[int] = []

    cursor = QueryCursor(query(_name_of(grammar), _pattern(grammar)))
    cursor.set_max_start_depth(_MAX_DEPTH)
    captured = cursor.captures(root)
    for at, (pattern, kind) in enumerate(grammar.nodes.items()):
        places = captured.get(f"n{at}")
        if not places:
            continue
        constructs += [(node.start_byte, number[kind]) for node in places]
        if pattern in grammar.nesting_nodes:
            control += [(node.start_byte, node.end_byte) for node in places]
        if pattern in grammar.process_nodes:
            processes += [node.start_byte for node in places]
        if pattern in grammar.macro_nodes:
            macros += [node.start_byte for node in places]
    for call in captured.get("local", ()):
        start = call.start_byte
        callee = call.child(0)
        assert callee is not None
        word = source[start - offset : callee.end_byte - offset].decode("utf-8", "replace")
        if word in grammar.words:
            constructs.append((start, number[grammar.words[word]]))
        if word in grammar.nesting_words:
            control.append((start, call.end_byte))
        if word in grammar.process_words:
            processes.append(start)
        if word in grammar.macro_words:
            macros.append(start)
    processes += [node.start_byte for node in captured.get("module", ())]
    constructs.sort()
    control.sort()
    return _Found(
        [start for start, _ in control],
        _depths(control),
        [start for start, _ in constructs],
        [kind for _, kind in constructs],
        sorted(processes),
        sorted(macros),
    )


def _depths(control: list[tuple[int, int]]) -> list[int]:
    """How many of the others each control structure stands in; they come sorted by start."""
    depths: list[int] = []
    ends: list[int] = []
    for start, end in control:
        while ends and ends[-1] <= start:
            ends.pop()
        depths.append(len(ends))
        ends.append(end)
    return depths


def _name_of(grammar: _Grammar) -> str:
    return next(name for name, known in _GRAMMARS.items() if known is grammar)


def _pattern(grammar: _Grammar) -> str:
    """The query for everything that counts; the words are checked inside tree-sitter."""
    words = {*grammar.words, *grammar.process_words, *grammar.macro_words}
    parts = [f"{pattern} @n{at}" for at, pattern in enumerate(grammar.nodes)]
    parts.append(f"({grammar.local_call} (#any-of? @word {_quoted(words)}))")
    parts.append(f"({grammar.remote_call} (#any-of? @module {_quoted(grammar.process_modules)}))")
    return "\n".join(parts)


def _quoted(words: set[str] | frozenset[str]) -> str:
    return " ".join(f'"{word}"' for word in sorted(words))
