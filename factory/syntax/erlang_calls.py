"""Which functions a piece of Erlang calls, as far as syntax can tell.

Calls through variables, `apply` and macros' own bodies are not seen; the arguments of a macro are.
"""

from __future__ import annotations

import re

from factory.syntax.erlang_forms import File
from factory.syntax.erlang_nodes import arity_of, plain, text_of
from factory.syntax.outline import Call
from factory.syntax.parse import Node

_BIFS = (
    "abs apply atom_to_binary atom_to_list binary_part binary_to_atom binary_to_existing_atom "
    "binary_to_float binary_to_integer binary_to_list binary_to_term bit_size bitstring_to_list "
    "byte_size ceil demonitor element erase error exit float float_to_binary float_to_list "
    "floor get garbage_collect halt hd integer_to_binary integer_to_list iolist_size "
    "iolist_to_binary is_alive is_atom is_binary is_bitstring is_boolean is_float is_function "
    "is_integer is_list is_map is_map_key is_number is_pid is_port is_process_alive is_record "
    "is_reference is_tuple length link list_to_atom list_to_binary list_to_existing_atom "
    "list_to_float list_to_integer list_to_pid list_to_tuple make_ref map_get map_size max min "
    "monitor node nodes pid_to_list process_flag process_info processes put register registered "
    "round self setelement size spawn spawn_link spawn_monitor split_binary term_to_binary "
    "throw time tl trunc tuple_size tuple_to_list unlink unregister whereis"
)
AUTO_IMPORTED = frozenset(_BIFS.split())
"""Functions of the module `erlang` that are called without naming it (its reference manual)."""


def calls_under(file: File, top: Node, module: str) -> list[Call]:
    """Every call under `top`, in source order, without those to EUnit and the module `erlang`."""
    source = file.source
    found: list[Call] = []
    cursor = top.walk()
    while True:
        node = cursor.node
        assert node is not None
        if node.type == "call":
            target, arguments = node.child_by_field_name("expr"), node.child_by_field_name("args")
            if target is not None and arguments is not None:
                arity = arity_of(arguments)
                call = _call(file, text_of(source, target), arity, target.type, module)
                if call is not None:
                    found.append(call)
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found


def _call(file: File, written: str, arity: int, kind: str, module: str) -> Call | None:
    if kind == "atom":
        name = plain(written)
        if (name, arity) in file.drafts:
            return Call("", name, arity)
        if name in AUTO_IMPORTED:
            return None
        return Call(file.imported.get((name, arity), ""), name, arity)
    if kind != "remote" or ":" not in written:
        return None
    target, _, name = (part.strip() for part in written.partition(":"))
    if target in {"erlang", "eunit"} or not re.match(r"[a-z']", name):
        return None
    return Call("" if target in {"?MODULE", module} else plain(target), plain(name), arity)
