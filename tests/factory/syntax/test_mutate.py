"""Mutants: which mistakes are made of which source, and what holds for all of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.syntax import parse
from factory.syntax.mutate import MAX_BYTES, Mutant, mutants, sample

SUITES = Path(__file__).parents[3] / "evals" / "suites"
SOURCES = [path.read_text("utf-8") for path in sorted(SUITES.glob("*/*/solution.ex"))]


def changed(source: str, kind: str = "") -> set[str]:
    """The mutants of one expression or definition."""
    return {m.source for m in mutants(source) if not kind or m.kind == kind}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x + y", {"x - y"}),
        ("x * y", {"x + y"}),
        ("-x", {"x"}),
        ("x < y", {"x <= y", "x >= y"}),
        ("x >= y", {"x > y", "x < y"}),
        ("x == y", {"x != y"}),
        ("x and y", {"x or y"}),
        ("x || y", {"x && y"}),
        ("not x", {"x"}),
        ("x in y", {"x not in y"}),
        ("x not in y", {"x in y"}),
        ("x ++ y", {"x -- y", "y ++ x"}),
        ("x <> y", {"y <> x"}),
    ],
)
def test_operators(source: str, expected: set[str]) -> None:
    assert changed(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("0", {"1", "(-1)"}),
        ("7", {"6", "8"}),
        ("1_000", {"999", "1001"}),
        ("0x10", {"15", "17"}),
        ("-1", {"-0", "-2", "1"}),
        ("1.5", {"2.5"}),
        ("true", {"false"}),
        (":ok", {":error"}),
        (":error", {":ok"}),
        (":cont", {":halt"}),
        (":other", set()),
        ("nil", set()),
        ('"text"', {'""'}),
        ('""', {'"mutant"'}),
        ('"a #{x} b"', {'""'}),
        ("~r/a1/", set()),
    ],
)
def test_constants(source: str, expected: set[str]) -> None:
    assert changed(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Enum.filter(x, f)", {"Enum.reject(x, f)"}),
        ("Enum.take_while(x, f)", {"Enum.drop_while(x, f)"}),
        ("&Enum.min/1", set()),
        ("String.upcase(x)", {"String.downcase(x)", "x"}),
        ("Other.filter(x, f)", set()),
        ("max(x, y)", {"min(x, y)"}),
        ("Enum.reverse(x)", {"x"}),
        ("a |> b() |> c()", {"a |> b()", "a |> c()"}),
        ("a |> IO.inspect()", set()),
        ("{a, b}", {"{b, a}"}),
        ("{:a, b}", set()),
        ("{a, a}", set()),
    ],
)
def test_functions_pipelines_and_pairs(source: str, expected: set[str]) -> None:
    assert changed(source) == expected


def test_conditions() -> None:
    source = "if x do\n  a\nelse\n  b\nend\n"
    assert changed(source, "condition") == {source.replace("if", "unless")}
    (branch,) = changed(source, "branch")
    assert branch.split() == ["if", "x", "do", "a", "end"]


FUNCTION = """\
defmodule M do
  def f([]), do: a
  def f([x | _]) when x > y, do: b
  # a comment
  def f(_), do: c
  def g(x), do: x
end
"""


def test_clauses_of_functions_are_dropped() -> None:
    lines = FUNCTION.splitlines(keepends=True)
    expected = {"".join([*lines[:n], "  \n", *lines[n + 1 :]]) for n in (1, 2, 4)}
    assert changed(FUNCTION, "clause") == expected


def test_clauses_change_places_where_both_may_match() -> None:
    assert changed(FUNCTION, "order") == {
        FUNCTION.replace("f([x | _]) when x > y, do: b", "f(_), do: C")
        .replace("f(_), do: c", "f([x | _]) when x > y, do: b")
        .replace("do: C", "do: c")
    }


@pytest.mark.parametrize(
    ("first", "second", "matters"),
    [
        ("1", "2", False),
        ("1", "x", True),
        (":a", "nil", False),
        ("[]", "[_ | _]", False),
        ("[a]", "[a, b]", False),
        ("[a | _]", "[a, b]", True),
        ("[1 | _]", "[2 | _]", False),
        ("{:ok, x}", "{:error, x}", False),
        ("{:ok, x}", "{y, 1}", True),
        ("{x}", "{x, y}", False),
        ("{x}", "[x]", False),
        ('"a" <> r', '"b" <> r', False),
        ('"a" <> r', '"ab" <> r', True),
        ('"\\n" <> r', '"\\"" <> r', False),
        ('""', '"a" <> r', False),
        ("<<>>", "<<x, r::binary>>", False),
        ("<<?a, r::binary>>", "<<?b, r::binary>>", False),
        ("<<x, r::binary>>", "<<?b, r::binary>>", True),
        ("%{a: 1}", "%{a: 2}", False),
        ("%{a: 1}", "%{b: 2}", True),
        ("%A{}", "%B{}", False),
        ("%A{}", "%{}", True),
        ("{:a, _} = x", "{:b, _} = x", False),
        ("a..b//_", "[a | b]", False),
        ("a..b//_", "%{}", True),
        ("^a", "^b", True),
    ],
)
def test_the_order_of_patterns_that_nothing_matches_both_of_is_left(
    first: str, second: str, matters: bool
) -> None:
    for a, b in ((first, second), (second, first)):
        source = f"case v do\n  {a} -> one\n  {b} -> two\nend"
        assert bool(changed(source, "order")) == matters
        assert len(changed(source, "clause")) == 2


def test_the_order_of_thresholds_matters_that_of_other_conditions_does_not() -> None:
    def orders(*conditions: str) -> int:
        body = "".join(f"  {c} -> r{n}\n" for n, c in enumerate(conditions))
        return len(changed(f"cond do\n{body}end", "order"))

    assert orders("x < 10", "x < 100") == 1
    assert orders("x < 0", "x > 0") == 0
    assert orders("x < 0", "y < 0") == 0
    assert orders("x < 0", "true") == 0


def test_clauses_of_with_rescue_and_anonymous_functions() -> None:
    assert len(changed("fn\n  1 -> a\n  2 -> b\nend", "clause")) == 2
    assert len(changed("with x <- y do\n  x\nelse\n  1 -> a\n  2 -> b\nend", "clause")) == 2
    assert len(changed("try do\n  x\nrescue\n  A -> a\n  B -> b\nend", "clause")) == 2
    assert changed("fn 1 -> a end", "clause") == set()


def test_guards_are_dropped_and_turned_round() -> None:
    source = "def f(x) when x in y, do: x"
    assert changed(source, "guard") == {
        "def f(x), do: x",
        "def f(x) when not (x in y), do: x",
    }


def test_a_last_guard_that_but_states_a_type_is_not_dropped() -> None:
    last = "def f(x) when is_binary(x) and is_list(y), do: x"
    assert changed(last, "guard") == {"def f(x) when not (is_binary(x) and is_list(y)), do: x"}
    first = "fn\n  x when is_binary(x) -> a\n  x -> b\nend"
    assert first.replace(" when is_binary(x)", "") in changed(first, "guard")


def test_statements_are_dropped_save_the_last() -> None:
    source = "def f(x) do\n  send(x, y)\n  z = g(x)\n  Logger.info(x)\n  h(x)\nend\n"
    assert changed(source, "statement") == {source.replace("send(x, y)", "")}


def test_times_become_zero_and_are_not_moved_by_one() -> None:
    assert changed("receive do\n  x -> x\nafter\n  50 -> y\nend", "time") == {
        "receive do\n  x -> x\nafter\n  0 -> y\nend"
    }
    assert changed("f(x, timeout: 500)") == {"f(x, timeout: 0)"}
    assert changed("Process.send_after(x, y, 500)") == set()


@pytest.mark.parametrize(
    "source",
    [
        '@doc "Adds 1 to x, or x + 1."',
        '@moduledoc "text"',
        "@spec f(1..5, :ok | :error) :: true",
        "@type t :: {:ok, 0} | :error",
        "@impl true",
        "@behaviour Access",
        "# x + 1",
        "alias A.B, as: C",
        "import A, only: [f: 1]",
        "use GenServer, restart: :permanent",
        'raise ArgumentError, "text"',
        'Logger.info("text #{1 + 2}")',
        "&f/2",
        "& &1",
        "defdelegate f(x), to: M",
        "def f(x), do: x",
    ],
)
def test_what_tests_cannot_notice_is_left(source: str) -> None:
    assert changed(source) == set()


def test_patterns_are_changed_in_their_constants_alone() -> None:
    assert changed('def f(<<x::8, "a">> <> r, 1), do: x') == {
        'def f(<<x::7, "a">> <> r, 1), do: x',
        'def f(<<x::9, "a">> <> r, 1), do: x',
        'def f(<<x::8, "">> <> r, 1), do: x',
        'def f(<<x::8, "a">> <> r, 0), do: x',
        'def f(<<x::8, "a">> <> r, 2), do: x',
    }


def test_a_mutant_tells_where_and_what() -> None:
    (first, second) = [m for m in mutants("# é\nf(x <= y)\n") if m.line == 2]
    assert first == Mutant(
        "boundary:2:9", "boundary", 2, 9, 11, "<", "`<` for `<=`", "# é\nf(x < y)\n"
    )
    assert second.name == "comparison:2:9"


@pytest.mark.parametrize(
    "source",
    ["", "f(", "x + \0", "x + " * 9, "%{" * 4_000, f"x + {'1' * MAX_BYTES}", "'" * 5_000],
)
def test_what_does_not_parse_has_no_mutants(source: str) -> None:
    assert mutants(source) == []


def test_deep_source_is_walked_without_recursion() -> None:
    deep = "[" * 3_000 + "x" + "]" * 3_000
    assert mutants(deep) == []


@pytest.mark.parametrize("source", SOURCES, ids=[str(n) for n in range(len(SOURCES))])
def test_every_mutant_of_the_suites_parses_and_differs_in_its_span_alone(source: str) -> None:
    data = source.encode()
    found = mutants(source)
    assert len(found) > 5
    assert len({m.name for m in found}) == len({m.source for m in found}) == len(found)
    for mutant in found:
        spliced = data[: mutant.start] + mutant.text.encode() + data[mutant.end :]
        assert mutant.source.encode() == spliced != data
        assert mutant.line == data.count(b"\n", 0, mutant.start) + 1
        assert not parse(spliced, "elixir").root_node.has_error
    assert mutants(source) == found


OPERATORS = ["+", "-", "*", "==", "<=", "and", "||", "++", "<>", "in", "|>", ".."]
_EXPRESSIONS = st.recursive(
    st.sampled_from(["x", "0", "12", ":ok", "true", '"s"', "nil", "f()", "-y", "@z"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(OPERATORS), inner).map(
            lambda t: f"({t[0]}) {t[1]} ({t[2]})"
        ),
        inner.map(lambda e: f"not ({e})"),
        st.lists(inner, max_size=3).map(lambda es: "{" + ", ".join(es) + "}"),
        st.tuples(inner, inner, inner).map(
            lambda t: f"case {t[0]} do\n  1 when {t[1]} -> {t[2]}\n  _ -> {t[1]}\nend"
        ),
        st.tuples(inner, inner).map(lambda t: f"if({t[0]}, do: {t[1]}, else: {t[0]})"),
    ),
    max_leaves=12,
)


@given(_EXPRESSIONS)
@settings(max_examples=80, deadline=None)
def test_every_mutant_of_any_expression_parses_and_differs_in_its_span_alone(source: str) -> None:
    data = source.encode()
    for mutant in mutants(source):
        spliced = data[: mutant.start] + mutant.text.encode() + data[mutant.end :]
        assert mutant.source.encode() == spliced != data
        assert not parse(spliced, "elixir").root_node.has_error


@given(st.text(alphabet=" \n(){}[]<>|&@#\"'\\~:.,;-+=xdefnow10%", max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_it_raise(source: str) -> None:
    for mutant in mutants(source):
        assert mutant.source != source


def test_a_sample_is_even_over_kinds_and_depends_on_the_seed_alone() -> None:
    found = mutants(SOURCES[0])
    kinds = Counter(m.kind for m in found)
    some = sample(found, 2 * len(kinds), seed=3)
    assert len(some) == 2 * len(kinds)
    assert some == sample(list(found), 2 * len(kinds), seed=3)
    assert some != sample(found, 2 * len(kinds), seed=4)
    chosen = Counter(m.kind for m in some)
    assert set(chosen) == set(kinds)
    fewest = min(n for kind, n in chosen.items() if n < kinds[kind])
    assert max(chosen.values()) - fewest <= 1
    assert [m for m in found if m in some] == some
    assert sample(found, 10_000, seed=3) == found
    assert sample(found, 0, seed=3) == []
