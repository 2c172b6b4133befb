"""The rules of idiom as data: what each is worth, and what to say to who broke it.

A fault's weight is how much it costs each time it is found, a virtue's what it is worth to a
function that has it. The weights were set by hand and tuned on 40 of the 60 pairs under
tests/evals/scores/pairs; the other 20 were held out (docs/scores.md has both results).
"""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """Something that reads better otherwise."""

    weight: float
    advice: str


class Virtue(NamedTuple):
    """Something that idiomatic code does where it can."""

    weight: float
    meaning: str


FAULTS: dict[str, Fault] = {
    # Decisions
    "nested_if": Fault(1.0, "`if` inside `if`: use clauses, guards, `cond` or `with`"),
    "nested_case": Fault(0.7, "`case` inside `case`: use `with` or a function with clauses"),
    "nil_comparison": Fault(0.8, "comparing with nil: match on it, or rely on truthiness"),
    "nil_test": Fault(0.5, "asking `is_nil`: match on nil in a clause or `case`"),
    "boolean_comparison": Fault(0.8, "comparing with true or false: use the value itself"),
    "if_returns_boolean": Fault(1.0, "`if` that gives true and false: its condition is the answer"),
    "case_on_boolean": Fault(0.8, "`case` over true and false: use `if`"),
    "negated_condition": Fault(0.5, "a negated condition with `else`: swap the branches"),
    "unless_else": Fault(0.8, "`unless` with `else`: use `if` with the branches swapped"),
    "small_cond": Fault(0.6, "`cond` with one real branch: use `if`"),
    "cond_on_value": Fault(1.0, "`cond` that compares one value with constants: match on it"),
    "if_on_literal": Fault(0.6, "`if x == constant`: a clause that matches the constant says it"),
    "type_test": Fault(0.6, "testing a type in a condition: put it into a guard"),
    "constant_condition": Fault(1.0, "a condition that is always the same"),
    "if_ok_tuple": Fault(0.8, "`elem` or `==` on a tagged tuple: match on `{:ok, value}`"),
    # Lists and other collections
    "length_zero": Fault(1.0, "`length(x) == 0` walks the whole list: compare with `[]`"),
    "index_loop": Fault(1.2, "a loop over indexes: iterate over the elements"),
    "at_in_loop": Fault(1.0, "`Enum.at` in a loop is quadratic: iterate, zip or build a map"),
    "positional_access": Fault(0.4, "`Enum.at` with a fixed position: match on the list"),
    "append_in_loop": Fault(1.0, "`++` in a loop copies the list each time: prepend, then reverse"),
    "concat_in_loop": Fault(0.8, "`<>` in a reduce: join, or build iodata"),
    "hd_tl": Fault(0.8, "`hd` and `tl`: match on `[head | tail]`"),
    "elem": Fault(0.6, "`elem`: match on the tuple"),
    "has_key_then_get": Fault(0.8, "asking for a key, then for its value: match or `Map.fetch`"),
    "get_then_nil": Fault(0.7, "`Map.get` and a test for nil: match on the map or `Map.fetch`"),
    "reduce_reimplements": Fault(0.7, "a reduce that `Enum` has a function for"),
    "recursion_reimplements": Fault(0.7, "a recursion that `Enum` has a function for"),
    "two_passes": Fault(0.5, "two steps that one function of `Enum` does"),
    "identity_step": Fault(1.0, "a step that changes nothing"),
    "erlang_call": Fault(0.4, "an Erlang function that Elixir has a function for"),
    # Flow
    "each_with_state": Fault(1.2, "`Enum.each` that is meant to change a variable: use a reduce"),
    "process_dictionary": Fault(1.5, "the process dictionary used as a variable"),
    "needless_process": Fault(1.2, "a process or table where a function would do"),
    "rescue_as_control": Fault(1.0, "`try`/`rescue` as control flow: ask first, or match"),
    "throw": Fault(1.0, "`throw` as control flow: return the value"),
    "single_pipe": Fault(0.5, "a pipe of one step: call the function"),
    "nested_calls": Fault(0.8, "calls nested in calls: a pipe reads in order"),
    "step_variables": Fault(0.5, "a variable for each step of what could be one pipe"),
    "rebinding": Fault(0.6, "the same variable bound again and again"),
    "returned_variable": Fault(0.6, "a variable bound only to be returned"),
    "unused_value": Fault(1.0, "a value that nobody uses"),
    "single_with_else": Fault(0.5, "`with` of one clause and `else`: use `case`"),
    "redundant_with_clause": Fault(0.6, "the last clause of `with` only repeats what it matched"),
    "anonymous_step": Fault(0.6, "a pipe into `(fn … end).()`: name the function or use `then`"),
    "literal_apply": Fault(0.6, "`apply` with a known function: call it"),
    "wrapped_capture": Fault(0.4, "`fn x -> f(x) end`: capture `&f/1`"),
    "string_building": Fault(0.3, "`<>` with `to_string` or a call: interpolate"),
    # Functions
    "long_clause": Fault(0.8, "a long function: split it"),
    "deep_nesting": Fault(0.8, "blocks nested four deep: split the function"),
    "dispatch_in_body": Fault(0.8, "the body only tells cases of an argument apart: use clauses"),
    "foreign_name": Fault(0.8, "a name that is not snake_case"),
    "dead_function": Fault(0.8, "a private function that nothing calls"),
}

VIRTUES: dict[str, Virtue] = {
    "pattern_heads": Virtue(1.0, "clauses told apart or arguments taken apart by patterns"),
    "guards": Virtue(0.5, "a guard decides"),
    "pipeline": Virtue(0.9, "a pipe of at least two steps that do something"),
    "with": Virtue(0.9, "`with` for steps that may fail"),
    "comprehension": Virtue(0.6, "a comprehension whose value is used"),
    "tagged_tuples": Virtue(0.4, "`{:ok, value}` and `{:error, reason}`"),
    "destructuring": Virtue(0.5, "patterns in `case`, `fn` and `=` that take values apart"),
    "higher_order": Virtue(0.4, "`Enum`, `Stream` or `Map` with a function"),
    "library": Virtue(0.4, "one call of the standard library is the whole function"),
    "capture": Virtue(0.2, "a captured function"),
    "update_syntax": Virtue(0.3, "`%{map | key: value}`"),
}
