"""`explain`: nothing is said that the documentation or the code does not say."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.syntax import Call
from factory.syntax.calls import deeds
from tests.transforms.reading import parsed, real, run
from transforms import explain
from transforms.fences import unfenced

CASE = '''
defmodule Tree do
  @moduledoc """
  Binary trees as nested tuples.

  ## History

  They are old.
  """

  @behaviour Access

  defstruct [:root]

  @doc """
  Adds up all the leaves.

      iex> Tree.sum({1, 2})
      3
  """
  @spec sum(tuple | number) :: number
  def sum({left, right}), do: sum(left) + sum(right)
  def sum(leaf) when is_number(leaf), do: leaf
  def sum(other) do
    message = "no tree: " <> inspect(other)
    raise ArgumentError, message
  end

  @doc "Reads numbers from the lines of a text, `base` 10 unless told otherwise."
  def read(text, base \\\\ 10) do
    text |> String.split("\\n") |> Enum.map(&number(&1, base))
  end

  @doc "Fetches the left part of a tree or the right one."
  @impl Access
  def fetch(tree, :left) when is_tuple(tree), do: {:ok, elem(tree, 0)}
  def fetch(tree, :right) when is_tuple(tree), do: {:ok, elem(tree, 1)}

  @doc "Short and well known."
  def id(x), do: x

  defp number(text, base), do: String.to_integer(text, base)
end
'''


def test_whole_rows() -> None:
    rows, left_out = run("explain", CASE)
    assert left_out == {"Tree.id/1": explain.TOO_SHORT}
    assert rows["Tree.sum/1"].answer == (
        "Adds up all the leaves.\n\n"
        "It calls itself recursively. Its code can raise `ArgumentError`.\n\n"
        "It has three clauses, tried from top to bottom:\n\n"
        "  * `sum({left, right})` gives `sum(left) + sum(right)`\n"
        "  * `sum(leaf) when is_number(leaf)` gives `leaf`\n"
        "  * `sum(other)` has a body of 2 lines"
    )
    assert unfenced(rows["Tree.sum/1"].request)[0] == (
        "defmodule Tree do\n"
        "  @behaviour Access\n\n"
        "  @spec sum(tuple | number) :: number\n"
        "  def sum({left, right}), do: sum(left) + sum(right)\n"
        "  def sum(leaf) when is_number(leaf), do: leaf\n"
        "  def sum(other) do\n"
        '    message = "no tree: " <> inspect(other)\n'
        "    raise ArgumentError, message\n"
        "  end\n"
        "end"
    )


def test_facts_of_defaults_pipelines_helpers_and_callbacks() -> None:
    rows, _ = run("explain", CASE)
    read = rows["Tree.read/2"].answer
    assert "`base`" in read and "`10`" in read
    assert "`String.split/2`, then `Enum.map/2`" in read
    assert "`number/2`" in read
    assert "`Access`" in rows["Tree.fetch/2"].answer


def test_a_module_is_explained_by_its_opening_and_what_it_offers() -> None:
    row = run("explain", CASE)[0]["Tree"]
    paragraphs = row.answer.split("\n\n")
    assert paragraphs[0] == "Binary trees as nested tuples."
    assert "behaviour `Access`" in paragraphs[1] and "struct" in paragraphs[1]
    assert paragraphs[3] == (
        "  * `sum/1`: Adds up all the leaves.\n"
        "  * `read/2`: Reads numbers from the lines of a text, `base` 10 unless told otherwise.\n"
        "  * `fetch/2`: Fetches the left part of a tree or the right one.\n"
        "  * `id/1`: Short and well known."
    )
    (shown,) = unfenced(row.request)
    assert "@doc" not in shown and "@moduledoc" not in shown and "defp number" in shown


def test_a_module_too_long_to_show_is_not_explained() -> None:
    assert run("explain", CASE, max_module=300)[1]["Tree"] == explain.TOO_LONG


def test_macros_that_quote_are_not_read_for_calls() -> None:
    source = (
        'defmodule A do\n  @doc "Checks twice that the thing is fine."\n'
        "  defmacro twice(thing) do\n    quote do\n      Other.check(unquote(thing))\n"
        "      raise ArgumentError\n    end\n  end\nend\n"
    )
    answer = run("explain", source)[0]["A.twice/1"].answer
    assert "quoted code" in answer
    assert "Other" not in answer and "raise" not in answer


def test_delegations_name_their_target() -> None:
    source = (
        'defmodule A do\n  @doc "Sums up the numbers of a list."\n'
        "  defdelegate total(list_of_all_the_numbers), to: Enum, as: :sum\nend\n"
    )
    assert "`Enum.sum/1`" in run("explain", source)[0]["A.total/1"].answer


def test_erlang_facts() -> None:
    source = (
        "-module(walk).\n-export([all/2]).\n\n"
        "%% @doc Calls a function with every element.\n"
        "all(_Fun, []) -> ok;\n"
        "all(Fun, [X | Rest]) ->\n    lists:map(fun check/1, X),\n    case Fun(X) of\n"
        "        stop -> error(stopped);\n        _ -> ?MODULE:all(Fun, Rest)\n    end.\n\n"
        "check(X) -> X.\n"
    )
    answer = run("explain", source, "erlang")[0]["walk:all/2"].answer
    assert "calls itself" in answer and "`check/1`" in answer and "`lists:map/2`" in answer
    assert "`case`" in answer and "`error`" in answer
    assert "`all(_Fun, [])`" in answer and "lixir" not in answer


@pytest.mark.parametrize(
    ("body", "calls", "only", "pipeline"),
    [
        ("Enum.map(x, &g/1)", ["Enum.map/2", "g/1"], "Enum.map/2", []),
        ("x |> a() |> B.c(1)", ["a/1", "B.c/2"], "", ["a/1", "B.c/2"]),
        ("x |> a() |> fun.()", ["a/1"], "", []),
        ("a(x)\n    b(x)", ["a/1", "b/1"], "", []),
        ("x.field + :erlang.abs(x)", [":erlang.abs/1"], "", []),
        ("with {:ok, y} <- f(x), do: y", ["f/1"], "", []),
        ("__MODULE__.f(x)", ["f/1"], "f/1", []),
        ("run x do\n      y\n    end", ["run/2"], "run/2", []),
    ],
)
def test_calls_are_read_from_the_tree(
    body: str, calls: list[str], only: str, pipeline: list[str]
) -> None:
    given = parsed(f"defmodule A do\n  def f(x) do\n    {body}\n  end\nend\n")
    clause = given.outline.modules[0].functions[0].clauses[0]
    assert clause.body is not None
    done = deeds(given.root, given.source, "elixir", [clause.body])

    def written(call: Call) -> str:
        return f"{call.module}.{call.name}/{call.arity}".lstrip("." if not call.module else "")

    assert sorted(map(written, done.calls)) == sorted(calls)
    assert (written(done.only) if done.only else "") == only
    assert list(map(written, done.pipeline)) == pipeline


PLACES = [
    ("elixir-nimble-parsec", "lib"),
    ("elixir-lang", "lib/elixir/lib/keyword.ex"),
    ("elixir-makeup", "lib"),
    ("erlang-poolboy", "src"),
    ("erlang-cowlib", "src"),
]


@pytest.mark.parametrize(("package", "path"), PLACES)
def test_real_answers_name_only_what_the_code_or_its_docs_name(
    corpus: Path, package: str, path: str
) -> None:
    import re

    for given in real(corpus, package, path):
        rows, _ = run("explain", given)
        text = given.document.text
        for subject, row in rows.items():
            for name in re.findall(r"`[^`\n]*?([a-z_]\w*[?!]?)/\d+`", row.answer):
                assert name in text, (subject, name)
            assert "```" not in row.answer and "iex>" not in row.answer


def test_a_capture_is_no_call_without_arguments() -> None:
    doc = '  @doc "Filters the paths: keeps what is a dir, and not what is none of that kind."\n'
    code = "  def f(some_paths) do\n    Enum.filter(some_paths, &File.dir?/1)\n  end\n"
    answer = run("explain", f"defmodule A do\n{doc}{code}end\n")[0]["A.f/1"].answer
    assert "File.dir?/1" in answer and "File.dir?/0" not in answer
