"""Which module a name stands for at a place in an Elixir file, as far as syntax can tell.

Aliases are lexical: each holds from its directive to the end of the block it stands in, and a later
or deeper one wins. What `use` brings in is not known here.
"""

from __future__ import annotations

from typing import NamedTuple

_SPECIAL = (
    "alias case cond fn for import quote receive require super try unquote unquote_splicing with"
)
_KERNEL = """
abs alias! and apply binary_part binary_slice binding bit_size byte_size ceil dbg def defdelegate
defexception defguard defguardp defimpl defmacro defmacrop defmodule defoverridable defp defprotocol
defstruct destructure div elem exit floor function_exported? get_and_update_in get_in hd if in
inspect is_atom is_binary is_bitstring is_boolean is_exception is_float is_function is_integer
is_list is_map is_map_key is_nil is_non_struct_map is_number is_pid is_port is_reference is_struct
is_tuple length macro_exported? make_ref map_size match? max min node not or pop_in put_elem put_in
raise rem reraise round self send sigil_C sigil_D sigil_N sigil_R sigil_S sigil_T sigil_U sigil_W
sigil_c sigil_r sigil_s sigil_w spawn spawn_link spawn_monitor struct struct! tap then throw tl
to_char_list to_charlist to_string to_timeout trunc tuple_size unless update_in use var!
"""
_EXUNIT = """
assert assert_in_delta assert_raise assert_receive assert_received catch_error catch_exit
catch_throw flunk refute refute_in_delta refute_receive refute_received on_exit setup setup_all
start_link_supervised! start_supervised start_supervised! stop_supervised stop_supervised! describe
test doctest
"""

KERNEL = frozenset((_SPECIAL + _KERNEL).split())
"""Functions and macros that every Elixir file can call without naming a module (1.14 to 1.18)."""

EXUNIT = frozenset(_EXUNIT.split())
"""What `use ExUnit.Case` lets a test call without naming a module."""


class Binding(NamedTuple):
    """A short name that stands for `full` between the bytes `start` and `end`."""

    start: int
    end: int
    full: str


class Names:
    """The aliases of one file; filled in source order while the file is outlined."""

    def __init__(self) -> None:
        self._bindings: dict[str, list[Binding]] = {}

    def bind(self, short: str, full: str, start: int, end: int) -> None:
        self._bindings.setdefault(short, []).append(Binding(start, end, full))

    def constant(self, short: str) -> bool:
        """Whether `short` means the same wherever it is seen in its file."""
        return short not in self._bindings

    def resolve(self, name: str, position: int) -> str:
        """The full name of `name` (`B.C` after `alias A.B` is `A.B.C`) at a byte position.

        Erlang modules keep their colon, `Elixir.` in front is taken off."""
        first, dot, rest = name.partition(".")
        if first == "Elixir" and rest:
            return rest
        bindings = self._bindings.get(first)
        if bindings:
            best: Binding | None = None
            for binding in bindings:
                if binding.start <= position < binding.end and (
                    best is None or binding.start > best.start
                ):
                    best = binding
            if best is not None:
                return best.full + dot + rest
        return name
