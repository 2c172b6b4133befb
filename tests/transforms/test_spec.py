"""`spec`: a function and the types at hand in, its type specification out."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.syntax import parse
from tests.transforms.reading import real, run
from transforms import spec
from transforms.fences import unfenced

CASE = """
defmodule Bank do
  @type money :: {integer, currency}
  @type currency :: :eur | :chf
  @type unused :: atom

  @doc "Adds two amounts of one currency."
  @spec add(money, money) :: money
  def add({a, c}, {b, c}), do: {a + b, c}

  @spec owner(t) :: Shop.Person.name()
  def owner(account), do: account.owner

  @spec pass(term) :: any
  def pass(x), do: x

  @spec round(float) :: integer
  @spec round(integer) :: integer
  def round(x), do: Kernel.round(x)

  @spec far(atom) :: [pid]
  defdelegate far(name), to: Elsewhere

  @doc "Has none, although it is documented."
  def none(x), do: x

  defp private(x), do: x
end
"""


def test_a_whole_row() -> None:
    rows, _ = run("spec", CASE)
    row = rows["Bank.add/2"]
    assert row.request == (
        "`Bank.add/2` has no type specification. Which `@spec` fits?\n\n"
        "```elixir\n"
        "defmodule Bank do\n"
        "  @type money :: {integer, currency}\n"
        "  @type currency :: :eur | :chf\n\n"
        '  @doc "Adds two amounts of one currency."\n'
        "  def add({a, c}, {b, c}), do: {a + b, c}\n"
        "end\n"
        "```"
    )
    assert row.answer == "```elixir\n@spec add(money, money) :: money\n```"


def test_several_specs_are_one_answer() -> None:
    row = run("spec", CASE)[0]["Bank.round/1"]
    assert unfenced(row.answer) == [
        "@spec round(float) :: integer\n@spec round(integer) :: integer"
    ]
    assert "2" in row.request.rsplit("```", 1)[1]


def test_a_spec_of_another_arity_is_asked_for_by_that_arity() -> None:
    source = (
        "defmodule A do\n  @spec f(atom) :: atom\n  def f(a, b \\\\ nil), do: b || a\n\n"
        "  @spec g(atom) :: atom\n  @spec g(atom, atom) :: atom\n"
        "  def g(a, b \\\\ nil), do: b || a\nend\n"
    )
    rows, _ = run("spec", source)
    assert "`f/1`" in rows["A.f/2"].request
    assert "`g/1` and `g/2`" in rows["A.g/2"].request


def test_what_cannot_be_known_is_left_out_with_its_reason() -> None:
    rows, left_out = run("spec", CASE)
    assert set(rows) == {"Bank.add/2", "Bank.round/1"}
    assert left_out == {
        "Bank.owner/1": spec.UNKNOWN_TYPES,
        "Bank.pass/1": spec.SAYS_NOTHING,
        "Bank.far/1": spec.DELEGATE,
        "Bank.none/1": spec.UNSPECIFIED,
    }


def test_a_file_of_look_alikes_is_sampled_by_seed() -> None:
    functions = "".join(
        f"  @spec f{i}(integer) :: integer\n  def f{i}(x), do: x + {i}\n" for i in range(9)
    )
    source = f"defmodule Many do\n{functions}end\n"
    chosen = [frozenset(run("spec", source, seed=s, max_per_file=4)[0]) for s in range(5)]
    assert all(len(one) == 4 for one in chosen) and len(set(chosen)) > 1
    left_out = run("spec", source, max_per_file=4)[1]
    assert set(left_out.values()) == {spec.TOO_MANY} and len(left_out) == 5


@pytest.mark.parametrize(
    ("written", "shown", "language", "unknown"),
    [
        ("@spec f(String.t()) :: [Path.t()]", "", "elixir", []),
        ("@spec f(Conn.t()) :: Conn.t()", "def f(%Conn{} = c), do: c", "elixir", []),
        ("@spec f(Conn.t()) :: Conn.t()", "def f(c), do: c", "elixir", ["Conn.t", "Conn.t"]),
        ("@spec f(own()) :: nil | [pid()]", "@type own :: atom", "elixir", []),
        ("@spec f(own()) :: keyword(integer())", "", "elixir", ["own"]),
        ("@spec f((-> m)) :: :ok when m: %{new: [a], at: b}", "new", "elixir", ["at"]),
        ("@spec f(binary, trim: boolean) :: {:done, x}", "opts[:trim]", "elixir", ["done"]),
        ("-spec f(A, on | off) -> {bad, b()} when A :: pid().", "on b", "erlang", ["bad", "off"]),
        ("-spec f(jid(), file:filename()) -> ok.", "", "erlang", ["jid"]),
        ("-spec f(ra:id()) -> [tuple()].", "-type x() :: ra:id().", "erlang", []),
        ("-spec f(#state{}, 'x') -> ok.", "", "erlang", []),
    ],
)
def test_types_have_to_be_seen(written: str, shown: str, language: str, unknown: list[str]) -> None:
    assert spec.unknown_types(written, shown, language) == unknown


def test_erlang_speaks_of_erlang() -> None:
    source = (
        "-module(bank).\n-type money() :: {integer(), atom()}.\n"
        "-spec add(money(), money()) -> money().\nadd({A, C}, {B, C}) -> {A + B, C}.\n"
    )
    row = run("spec", source, "erlang")[0]["bank:add/2"]
    assert row.answer == "```erlang\n-spec add(money(), money()) -> money().\n```"
    assert "-type money() :: {integer(), atom()}." in row.request
    assert "`-spec`" in row.request and "lixir" not in row.request


PLACES = [
    ("elixir-nimble-parsec", "lib/nimble_parsec.ex"),
    ("elixir-lang", "lib/elixir/lib/map.ex"),
    ("erlang-cowlib", "src"),
    ("erlang-poolboy", "src"),
]


@pytest.mark.parametrize(("package", "path"), PLACES)
def test_real_rows_hold_what_was_promised(corpus: Path, package: str, path: str) -> None:
    seen = 0
    for given in real(corpus, package, path):
        rows, _ = run("spec", given)
        for subject, row in rows.items():
            seen += 1
            (code,) = unfenced(row.answer)
            (shown,) = unfenced(row.request)
            assert not parse(code.encode(), row.language).root_node.has_error, subject
            assert code not in shown and f"`{subject}`" in row.request, subject
    assert seen > 3


def test_a_type_of_the_same_name_elsewhere_is_not_for_guessing() -> None:
    source = (
        "defmodule A do\n  @type hour :: 0..23\n  @spec f({}) :: {}\n  def f(h), do: h + 1\nend\n"
    )
    both = source.format("Calendar.hour()", "integer")
    assert run("spec", both)[1] == {"A.f/1": spec.RIVAL}
    assert run("spec", source.format("hour", "Calendar.year()"))[1] == {}


def test_code_that_hands_everything_over_tells_of_no_types() -> None:
    source = "defmodule A do\n{}  @spec f(atom) :: pid\n  def f(x), do: {}\nend\n"
    assert run("spec", source.format("", "Bus.find(x)"))[1] == {"A.f/1": spec.WRAPPER}
    assert run("spec", source.format("", "Process.whereis(x)"))[1] == {}
    told = '  @doc "Returns the process of that name, which has to be there."\n'
    assert run("spec", source.format(told, "Bus.find(x)"))[1] == {}
    assert run("spec", source.format("", "x.info(:pid)"))[1] == {"A.f/1": spec.WRAPPER}
    asked = "GenServer.call(A, {:find, x}) && self()"
    assert run("spec", source.format("", asked))[1] == {"A.f/1": spec.WRAPPER}


def test_a_named_type_is_seen_behind_its_label() -> None:
    assert spec.unknown_types("-spec f(Wait::wait()) -> ok.", "", "erlang") == ["wait"]
