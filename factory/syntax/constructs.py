"""What metrics count as structure in each language: nodes of its grammar, calls, modules.

Data alone; `factory.syntax.structure` finds it in a file.
"""

from __future__ import annotations

from typing import NamedTuple


class Grammar(NamedTuple):
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


_ELIXIR = Grammar(
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
)

_ERLANG = Grammar(
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
)

GRAMMARS = {"elixir": _ELIXIR, "erlang": _ERLANG}
