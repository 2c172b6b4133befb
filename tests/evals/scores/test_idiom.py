"""Idiom: what is found, where, and that neither length nor stuffing moves the score."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.scores.idiom import Idiom, idiom
from evals.scores.idiom.rules import FAULTS, VIRTUES


def program(body: str) -> str:
    inside = textwrap.indent(textwrap.dedent(body).strip(), "  ")
    return f"defmodule M do\n{inside}\nend\n"


def faults(body: str, **options: tuple[str, ...]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for finding in idiom(program(body), **options).findings:
        found.setdefault(finding.rule, []).append(finding.line)
    return found


def virtues(body: str) -> set[str]:
    return {name for name, _ in idiom(program(body)).virtues}


def score(source: str, **options: tuple[str, ...]) -> float:
    value = idiom(source, **options).score
    assert value is not None
    return value


GUILTY = {
    "nested_if": "def f(a, b) do\n  if a do\n    if b, do: 1, else: 2\n  else\n    3\n  end\nend",
    "nested_case": (
        "def f(m) do\n  case Map.fetch(m, :a) do\n    {:ok, a} ->\n      case g(a) do\n"
        "        {:ok, b} -> b\n        e -> e\n      end\n    :error -> nil\n  end\nend\n"
        "def g(x), do: x"
    ),
    "nil_comparison": "def f(a), do: g(a.b == nil)\ndef g(x), do: x",
    "nil_test": "def f(a) do\n  if is_nil(a.b), do: 1, else: 2\nend",
    "boolean_comparison": "def f(a), do: g(a) == true\ndef g(x), do: x",
    "if_returns_boolean": "def f(a), do: if(a > 1, do: true, else: false)",
    "case_on_boolean": (
        "def f(a) do\n  case a > 1 do\n    true -> :big\n    false -> :small\n  end\nend"
    ),
    "negated_condition": "def f(a), do: if(!a, do: 1, else: 2) || unless(!a, do: 3)",
    "unless_else": "def f(a) do\n  unless a do\n    1\n  else\n    2\n  end\nend",
    "small_cond": "def f(a) do\n  cond do\n    a > 1 -> 1\n    true -> 2\n  end\nend",
    "cond_on_value": "def f(a) do\n  cond do\n    a.x == 1 -> :a\n    a.x == 2 -> :b\n  end\nend",
    "if_on_literal": "def f(n), do: if(n == 0, do: 1, else: n * f(n - 1))",
    "type_test": "def f(a), do: if(is_list(a.b), do: 1, else: 2)",
    "constant_condition": "def f(a), do: if(1 == 1, do: a, else: 2)",
    "if_ok_tuple": "def f(a), do: if(elem(a, 0) == :ok, do: 1, else: 2)",
    "length_zero": "def f(list), do: length(list) == 0",
    "index_loop": "def f(l), do: for(i <- 0..(length(l) - 1), do: {l, i})",
    "at_in_loop": "def f(l, is), do: Enum.map(is, fn i -> Enum.at(l, i) end)",
    "positional_access": "def f(l), do: Enum.at(l, 0)",
    "append_in_loop": "def f(l), do: Enum.reduce(l, [], fn x, acc -> acc ++ [x, x] end)",
    "concat_in_loop": 'def f(l), do: Enum.reduce(l, "", fn x, acc -> acc <> x end)',
    "hd_tl": "def f(l), do: hd(l) + 1",
    "elem": "def f(t), do: elem(t, 1)",
    "has_key_then_get": "def f(m), do: if(Map.has_key?(m, :a), do: Map.get(m, :a), else: 0)",
    "get_then_nil": "def f(m) do\n  case Map.get(m, :a) do\n    nil -> 0\n    a -> a\n  end\nend",
    "reduce_reimplements": "def f(l), do: Enum.reduce(l, 0, fn x, acc -> acc + x end)",
    "recursion_reimplements": "def f([]), do: 0\ndef f([h | t]), do: h + f(t)",
    "two_passes": "def f(l), do: l |> Enum.filter(&g/1) |> Enum.count()\ndef g(x), do: x",
    "identity_step": "def f(l), do: l |> Enum.map(& &1) |> Enum.sum()",
    "erlang_call": "def f(l), do: :lists.reverse(l)",
    "each_with_state": "def f(l) do\n  s = 0\n  Enum.each(l, fn x -> s = s + x end)\n  s\nend",
    "process_dictionary": "def f(x), do: Process.put(:x, x)",
    "needless_process": "def f(x) do\n  {:ok, a} = Agent.start_link(fn -> x end)\n  a\nend",
    "rescue_as_control": "def f(x) do\n  String.to_integer(x)\nrescue\n  _ -> nil\nend",
    "throw": "def f(x), do: throw(x)",
    "single_pipe": "def f(x), do: x |> g()\ndef g(x), do: x",
    "nested_calls": "def f(x), do: Enum.sum(Enum.map(Enum.uniq(x), & &1.a))",
    "step_variables": (
        "def f(x) do\n  a = String.trim(x)\n  b = String.upcase(a)\n  String.first(b)\nend"
    ),
    "rebinding": "def f(x) do\n  x = g(x)\n  x = g(x + x)\n  x + x\nend\ndef g(x), do: x",
    "returned_variable": "def f(x) do\n  y = x + 1\n  y\nend",
    "unused_value": "def f(x) do\n  Enum.map(x, &(&1 + 1))\n  x + 1\nend",
    "single_with_else": (
        "def f(x) do\n  with {:ok, y} <- x do\n    y\n  else\n    e -> e\n  end\nend"
    ),
    "redundant_with_clause": (
        "def f(x) do\n  with {:ok, a} <- x, {:ok, b} <- a do\n    {:ok, b}\n  end\nend"
    ),
    "anonymous_step": "def f(x), do: x |> String.trim() |> (fn y -> y <> y end).()",
    "literal_apply": "def f(x), do: apply(String, :trim, [x])",
    "wrapped_capture": "def f(l), do: Enum.map(l, fn x -> g(x) end)\ndef g(x), do: x",
    "string_building": 'def f(x), do: "n: " <> to_string(x)',
    "long_clause": "def f(x) do\n" + "".join(f"  IO.puts(x + {n})\n" for n in range(24)) + "end",
    "deep_nesting": (
        "def f(l) do\n  for a <- l do\n    for b <- a do\n      for c <- b do\n"
        "        if c > 1, do: c\n      end\n    end\n  end\nend"
    ),
    "dispatch_in_body": "def f(x) do\n  if is_list(x), do: 1, else: 2\nend",
    "foreign_name": "def f(myValue), do: myValue + 1",
    "dead_function": "def f(x), do: x\ndefp g(x), do: x",
}


@pytest.mark.parametrize("rule", sorted(FAULTS))
def test_every_fault_is_found_where_it_is(rule: str) -> None:
    assert rule in faults(GUILTY[rule])


def test_findings_tell_line_and_advice() -> None:
    result = idiom(
        "defmodule M do\n  def f(l) do\n    g(length(l) == 0)\n  end\n\n  def g(x), do: x\nend\n"
    )
    assert [(f.rule, f.line) for f in result.findings] == [("length_zero", 3)]
    assert "[]" in result.findings[0].advice


INNOCENT = """
@moduledoc false
use GenServer

def start_link(options), do: GenServer.start_link(__MODULE__, options)

@impl true
def init(options), do: {:ok, %{limit: Keyword.get(options, :limit, 10), seen: []}}

@impl true
def handle_call({:add, item}, _from, %{seen: seen, limit: limit} = state)
    when length(seen) < limit do
  {:reply, :ok, %{state | seen: [item | seen]}}
end

def handle_call({:add, _}, _from, state), do: {:reply, {:error, :full}, state}

def parse(line) do
  with [key, value] <- String.split(line, "="),
       {number, ""} <- Integer.parse(value) do
    {:ok, {key, number}}
  else
    _ -> {:error, :malformed}
  end
end

def names(people) do
  people
  |> Enum.filter(& &1.active)
  |> Enum.map_join(", ", & &1.name)
end

def fallback(value) do
  if value, do: value.name, else: "nobody"
end

defp depth(nil), do: 0
defp depth({_, left, right}), do: 1 + max(depth(left), depth(right))

def deepest(trees), do: trees |> Enum.map(&depth/1) |> Enum.max(fn -> 0 end)
"""


def test_honest_code_has_no_findings() -> None:
    assert faults(INNOCENT, capabilities=("process",)) == {}
    assert score(program(INNOCENT), capabilities=("process",)) > 0.7


@pytest.mark.parametrize(
    ("virtue", "body"),
    [
        ("pattern_heads", "def f([h | _]), do: h"),
        ("guards", "def f(x) when x > 0, do: x"),
        ("pipeline", "def f(x), do: x |> String.trim() |> String.upcase()"),
        ("with", "def f(x) do\n  with {:ok, a} <- x, {:ok, b} <- a, do: b\nend"),
        ("comprehension", "def f(x), do: for(a <- x, do: a + 1)"),
        ("tagged_tuples", "def f(x), do: {:ok, x}"),
        ("destructuring", "def f(x) do\n  {a, _} = x\n  a\nend"),
        ("higher_order", "def f(x), do: Enum.map(x, &(&1 + 1))"),
        ("library", "def f(x), do: Enum.chunk_every(x, 2)"),
        ("capture", "def f(x), do: Enum.map(x, &String.trim/1)"),
        ("update_syntax", "def f(x), do: %{x | a: 1}"),
    ],
)
def test_every_virtue_is_seen(virtue: str, body: str) -> None:
    assert virtue in virtues(body)
    assert virtue not in virtues("def f(x), do: x")


def test_the_virtues_above_are_all_of_them() -> None:
    marks = test_every_virtue_is_seen.pytestmark  # type: ignore[attr-defined]
    assert {virtue for virtue, _ in marks[0].args[1]} == set(VIRTUES)
    assert set(GUILTY) == set(FAULTS)


# What does not move the score

PLAIN = """
def describe(value) do
  if is_number(value) do
    "number"
  else
    if is_binary(value) do
      "text"
    else
      "other"
    end
  end
end
"""


def test_the_same_code_twice_scores_the_same() -> None:
    twice = program(PLAIN + PLAIN.replace("describe", "tell"))
    assert score(twice) == pytest.approx(score(program(PLAIN)), abs=1e-9)


def test_comments_and_documentation_change_nothing() -> None:
    stuffed = "# |> with {:ok, x} <- y\n" * 50 + program(
        '@doc """\nUses `with` and pipes |> a() |> b().\n"""\n' + PLAIN
    )
    assert score(stuffed) == score(program(PLAIN))


SHOW = """
def show([h | t], %{a: a}) when a > 0 do
  with {:ok, x} <- h, {:ok, y} <- t do
    {:ok, for(z <- x |> Enum.map(&(&1 + y)) |> Enum.uniq(), do: z)}
  end
end
"""


@pytest.mark.parametrize(
    "stuffing",
    [
        PLAIN + SHOW.replace("def show", "defp show"),
        PLAIN.replace("do\n", "do\n  _ = value |> List.wrap() |> Enum.map(&{:ok, &1})\n", 1),
        PLAIN.replace("do\n", "do\n  [value] |> Enum.uniq() |> Enum.map(&{:ok, &1})\n", 1),
        PLAIN.replace("do\n", "do\n  value = value |> then(& &1) |> Function.identity()\n", 1),
        PLAIN.replace('"number"\n', '"number" |> to_string() |> then(& &1) |> then(& &1)\n', 1),
    ],
    ids=["dead function", "unused pipe", "dropped pipe", "identity pipe", "idle steps"],
)
def test_stuffing_does_not_pay(stuffing: str) -> None:
    assert score(program(stuffing)) <= score(program(PLAIN))


def test_public_functions_that_nobody_asked_for_do_not_pay() -> None:
    asked = ("M.describe/1",)
    assert score(program(PLAIN + SHOW), entry_points=asked) == score(program(PLAIN))


def test_who_is_asked_for_a_process_may_start_one() -> None:
    assert "needless_process" in faults(GUILTY["needless_process"])
    assert faults(GUILTY["needless_process"], capabilities=("process",)) == {}


# Hostile input


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(x) do", "does not parse"),
        ("", "defines no function"),
        ("IO.puts(1)", "defines no function"),
        ("x" * 300_000, "larger than 200,000 bytes"),
        ("defmodule M do\0end", "holds NUL bytes"),
    ],
)
def test_what_cannot_be_read_is_not_measured_and_says_why(source: str, reason: str) -> None:
    assert idiom(source) == Idiom(None, reason)


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 2_000 + "1" + ")" * 2_000,
        "[" * 2_000 + "]" * 2_000,
        " |> ".join(["x"] * 2_000),
        " <> ".join(["x"] * 2_000),
        "fn -> " * 500 + "1" + " end" * 500,
        "if a do " * 500 + "1" + " end" * 500,
    ],
    ids=["parentheses", "lists", "pipes", "concatenations", "functions", "choices"],
)
def test_deep_code_is_read_without_harm(expression: str) -> None:
    value = idiom(f"defmodule M do\n  def f(x), do: {expression}\nend\n")
    assert value.score is None or 0 <= value.score <= 1


@pytest.mark.parametrize(
    "statement",
    ["y{n} = x + {n}", "x = g(x)", "Enum.at(x, y)", "if x do z = z + 1 end", "f(x ++ [y])"],
)
def test_its_work_is_bounded(statement: str) -> None:
    """Rules that compare statements with one another would take minutes over thousands."""
    body = "\n".join(statement.format(n=n) for n in range(6_000))
    assert idiom(program(f"def f(x) do\n{body}\nend")).reason == (
        "a function of more than 4,000 forms"
    )


@given(st.text(alphabet="def f(x)o\n|>,[]{}%&:=-<ifcasendw1\"'@", max_size=120))
@settings(max_examples=150, deadline=None)
def test_no_source_makes_it_raise(source: str) -> None:
    for text in (source, program(source)):
        result = idiom(text)
        assert (result.score is None) == bool(result.reason)
