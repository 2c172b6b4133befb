"""`shapes`: a spec that its clauses belie is not worth learning."""

from __future__ import annotations

import pytest

from tests.transforms.reading import run
from transforms import shapes, spec


def elixir(written: str, code: str, types: str = "") -> dict[str, str]:
    return run("spec", f"defmodule A do\n{types}\n  @spec {written}\n{code}\nend\n")[1]


def erlang(written: str, code: str) -> dict[str, str]:
    return run("spec", f"-module(a).\n-spec {written}.\n{code}\n", "erlang")[1]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("f(any) :: integer", "  def f([]), do: 0\n  def f([_ | t]), do: f(t) + 1"),
        ("f(term, atom) :: atom", "  def f(x, y) when is_binary(x), do: y"),
        ("f(:line | pos_integer) :: atom", "  def f(:all), do: hd([:a])\n  def f(:line), do: :b"),
        ("f(binary) :: atom", "  def f(x) when is_list(x), do: hd(x)\n  def f(x), do: x"),
        ("f(X.t()) :: atom", "  def f(%X{}), do: :a\n  def f([%X{} | _]), do: :b"),
        (
            "f(atom) :: {:ok, atom}",
            "  def f(x) do\n    if x, do: {:ok, x}, else: {:e, x}\n  end",
        ),
        (
            "f(atom) :: {:ok, atom}",
            "  def f(x) do\n    case g(x) do\n      1 -> {:ok, x}\n      "
            "_ -> {:bad, x}\n    end\n  end",
        ),
        ("f(atom) :: any", "  def f(:a), do: [1]\n  def f(x) when is_atom(x), do: {:b, 1}"),
        (
            "f(atom) :: {:ok, atom}",
            "  def f(x) do\n    g(x)\n  end\n"
            "  defp g(:a), do: {:ok, :a}\n  defp g(x), do: {:error, x}",
        ),
        ("f(atom, fun) :: atom", "  def f(x, g) when is_function(g, 1), do: g.(x)"),
        ("f(atom) :: :ok | {:error, {atom, pid}}", "  def f(x), do: Port.close(x)"),
    ],
)
def test_what_clauses_belie_is_left_out(written: str, code: str) -> None:
    assert spec.UNTRUE in elixir(written, code).values()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("f(any) :: integer", "  def f([]), do: 0\n  def f({}), do: 1"),
        ("f(any) :: integer", "  def f([]), do: 0\n  def f(_), do: 1"),
        ("f(any, binary) :: list", "  def f(x, y) when is_binary(x) or is_atom(x), do: [x, y]"),
        ("f(:line | pos_integer) :: atom", "  def f(1), do: :a\n  def f(:line), do: :b"),
        ("f(nil | [atom]) :: atom", "  def f(nil), do: :a\n  def f([x]), do: x"),
        ("f(x :: iodata) :: atom", "  def f([]), do: :a\n  def f(<<>>), do: :b"),
        ("f(X.t()) :: atom", "  def f(%X{} = x), do: x.name"),
        ("f(String.t(), Path.t()) :: atom", "  def f(<<_>>, [_]), do: :a"),
        (
            "f(atom) :: {:ok, atom} | {:error, atom}",
            "  def f(:a), do: {:ok, :a}\n  def f(x), do: {:error, x}",
        ),
        ("f(atom) :: [atom]", "  def f(x) do\n    Enum.map(x, fn y -> {:pair, y} end)\n  end"),
        (
            "f(atom) :: atom",
            "  def f(x) do\n    case x do\n      1 -> {:o, y} = g(x)\n    end\n  end",
        ),
        ("f(f) :: f when f: (... -> any)", "  def f(x), do: Function.identity(x)"),
    ],
)
def test_what_may_be_true_is_kept(written: str, code: str) -> None:
    assert spec.UNTRUE not in elixir(written, code).values()


def test_types_that_are_shown_tell_of_results() -> None:
    code = "  def f(x), do: {:union, x}"
    told = "  @type op :: {:union, list} | {:null, atom}"
    untold = "  @type op :: {:all, list} | {:null, atom}"
    assert elixir("f(list) :: op", code, told) == {}
    assert elixir("f(list) :: op", code, untold) == {"A.f/1": spec.UNTRUE}


def test_erlang_too() -> None:
    cases = "        1 -> {ok, X};\n        _ -> {error, X}\n    end."
    sign = f"f(X) ->\n    case g(X) of\n{cases}\ng(X) -> X."
    assert erlang("f(X) -> Y when X :: atom(), Y :: binary()", sign) == {"a:f/1": spec.UNTRUE}
    assert erlang("f(atom()) -> {ok, atom()} | {error, atom()}", sign) == {}
    assert erlang("f(Fun::fun(), list()) -> list()", "f(Fun, L) -> lists:map(Fun, L).") == {
        "a:f/2": spec.UNTRUE
    }
    assert erlang("f(fun((any()) -> any())) -> any()", "f(F) -> F(1).") == {}
    assert erlang("f(atom()) -> pid()", "f(P) when is_pid(P) -> P;\nf(N) -> whereis(N).") == {
        "a:f/1": spec.UNTRUE
    }


@pytest.mark.parametrize(
    ("written", "halves"),
    [
        ("@spec f() :: :ok", ([], ":ok")),
        ("@spec f(a, [b | c]) :: {d, e}", (["a", "[b | c]"], "{d, e}")),
        (
            "@spec put?(t, (a, b -> c), %{x: y}) :: t when a: b",
            (["t", "(a, b -> c)", "%{x: y}"], "t when a: b"),
        ),
        ("-spec f(a(), <<_:8, _:_*8>>) -> b().", (["a()", "<<_:8, _:_*8>>"], "b()")),
    ],
)
def test_a_spec_is_cut_into_arguments_and_result(
    written: str, halves: tuple[list[str], str]
) -> None:
    assert shapes.halves(written) == halves


@pytest.mark.parametrize(
    ("written", "code"),
    [
        # Errors that carry more than the spec says, and tuples of another size.
        ("f(atom) :: :ok | {:error, String.t()}", "  def f(x), do: {:error, {:bad, x}}"),
        (
            "f(atom) :: {:ok, atom} | {:error, atom}",
            "  def f(x) do\n    case x do\n      :a -> {:ok, x}\n"
            "      _ -> {:error, :bad, x}\n    end\n  end",
        ),
        # Types that the standard library has not.
        ("f(Integer.t()) :: integer", "  def f(x), do: x + 1"),
        # What nobody means.
        ("f(atom) :: %{}", "  def f(x), do: %{a: x}"),
        ("f(atom) :: {Date.t()}", "  def f(x), do: Date.new!(x, 1, 1)"),
        ("f(atom) :: {:ok, [atom] | {:error, atom}}", "  def f(x), do: {:ok, [x]}"),
        # Nothing, where nothing can be missing.
        ("f(%{a: atom}) :: atom | nil", "  def f(%{a: a}), do: a"),
    ],
)
def test_results_that_the_code_belies(written: str, code: str) -> None:
    assert elixir(written, code) == {"A.f/1": spec.UNTRUE}


def test_a_type_that_is_brought_by_an_alias_is_one() -> None:
    alias = "  alias Shop.{Float, List}"
    assert elixir("f(List.t()) :: integer", "  def f(%List{} = x), do: x.sum + 1", alias) == {}


def test_a_tuple_that_no_clause_takes_apart() -> None:
    written = "f({pos_integer, atom}, [integer]) :: [integer]"
    assert elixir(written, "  def f(version, x), do: [g(version) | x]\n  defp g(_), do: 1") == {
        "A.f/2": spec.UNKNOWN_TYPES
    }
    assert elixir(written, "  def f({a, _}, x), do: [a | x]") == {}
    assert elixir(written, "  def f(version, x), do: [elem(version, 0) | x]") == {}


def test_tagged_tuples_are_told_by_tag_and_size() -> None:
    assert shapes.tagged("{:ok, {:a, b(c, d), 1}} | %{:x, 1} | {e, 2}", "elixir") == {
        ("ok", 2),
        ("a", 3),
    }
    assert shapes.tagged("{ok, {a, B, 1}} | {E, 2}", "erlang") == {("ok", 2), ("a", 3)}


@pytest.mark.parametrize(
    ("text", "code", "otherwise"),
    [
        ("Gives `{:ok, rows, count}`.", "{:ok, rows}", True),
        ("Gives `{:ok, rows}`.", "{:ok, rows}", False),
        ("Gives `{:ok, rows}`.", "rows", False),
        ("Gives `{:error, :no_rows}`.", "{:error, :not_found}", True),
        ("Gives `{:error, :no_rows}`.", "{:error, reason}", False),
        ("True if `is_atom` holds.", "is_tuple(x)", True),
        ("True if `is_atom` holds.", "is_atom(x)", False),
    ],
)
def test_a_description_of_what_the_code_once_did(text: str, code: str, otherwise: bool) -> None:
    assert shapes.told_otherwise(text, code, "elixir") is otherwise


def test_the_type_of_an_argument_that_nothing_names() -> None:
    assert elixir("f([atom]) :: :ok", "  def f(_), do: :ok") == {"A.f/1": spec.UNKNOWN_TYPES}
    assert elixir("f(any) :: :ok", "  def f(_), do: :ok") == {}
    assert elixir("f([atom]) :: :ok", "  def f(_names), do: :ok") == {}


def test_a_comparison_gives_no_anything() -> None:
    assert elixir("f(atom) :: term", "  def f(x), do: g(x) == :a") == {"A.f/1": spec.UNTRUE}
    assert elixir("f(atom) :: term", "  def f(x), do: h(x == :a)") != {"A.f/1": spec.UNTRUE}
