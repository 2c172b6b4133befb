"""Doctests asked for, and values asked for, from code whose examples a reader can derive."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from factory.parsed import Parsed
from factory.records import Document, Example, LeftOut
from tests.transforms import golden
from transforms.doctest import (
    BROKEN,
    CONSTANT,
    ERRORS,
    LONG,
    MORE_CODE,
    NO_PROSE,
    STRANGE,
    UNKNOWABLE,
    UNTOLD,
    Doctest,
    DoctestOptions,
)
from transforms.fences import unfenced
from transforms.iex import derivable, foretold, part, tried

TIDE = '''\
defmodule Tide do
  @moduledoc """
  Levels of the sea.

      iex> Tide.turn(:high)
      :low

  """

  @doc """
  Says what comes after a level.

  Anything else raises.

  ## Examples

      iex> Tide.turn(:low)
      :high

      iex> level = Tide.turn(:high)
      iex> level
      :low
      iex> Tide.turn(:flood)
      ** (FunctionClauseError) no function clause matching in Tide.turn/1

  """
  @spec turn(atom) :: atom
  def turn(level) when level in [:low, :high], do: other(level)

  defp other(:low), do: :high
  defp other(:high), do: :low
end
'''


def made(
    text: str, seed: int = 7, path: str = "lib/sea.ex", **options: object
) -> list[Example | LeftOut]:
    document = Document("t", "sea", "1", "sha256:0", "sea", path, "elixir", "MIT", text)
    return list(Doctest(DoctestOptions(**options), seed).document(Parsed(document)))


def rows(text: str, path: str = "lib/sea.ex", **options: object) -> list[Example]:
    found = made(text, path=path, **options)
    assert all(isinstance(row, Example) for row in found), found
    return [row for row in found if isinstance(row, Example)]


def module(doc: str, code: str = "def f(x), do: x", name: str = "Sea") -> str:
    said = "\n".join(f"  {line}" if line else "" for line in dedent(doc).strip("\n").split("\n"))
    return f'defmodule {name} do\n  @doc """\n{said}\n  """\n  {code}\nend\n'


def test_the_doctests_of_a_function_are_asked_for_with_its_prose_and_code() -> None:
    (row,) = rows(TIDE, evaluate=0)
    assert unfenced(row.answer) == [
        dedent(
            """\
            iex> Tide.turn(:low)
            :high

            iex> level = Tide.turn(:high)
            iex> level
            :low
            iex> Tide.turn(:flood)
            ** (FunctionClauseError) no function clause matching in Tide.turn/1"""
        )
    ]
    assert unfenced(row.request) == [
        dedent(
            '''\
            defmodule Tide do
              @doc """
              Says what comes after a level.

              Anything else raises.
              """
              @spec turn(atom) :: atom
              def turn(level) when level in [:low, :high], do: other(level)

              defp other(:low), do: :high
              defp other(:high), do: :low
            end'''
        )
    ]
    assert "`Tide.turn/1`" in row.request
    assert row.provenance.subject == "Tide.turn/1"
    assert row.quality.documentation == 1.0


def test_values_are_asked_for_with_the_code_that_they_reach() -> None:
    found = rows(TIDE, write=False)
    assert [(row.provenance.subject, unfenced(row.answer)[0]) for row in found] == [
        ("Tide", ":low"),
        ("Tide.turn/1", ":high"),
        ("Tide.turn/1", ":low"),
        ("Tide.turn/1", "** (FunctionClauseError) no function clause matching in Tide.turn/1"),
    ]
    for row in found:
        (shown,) = [code for code in unfenced(row.request) if code.startswith("defmodule Tide do")]
        assert "def turn(level)" in shown and "defp other(:high)" in shown
        assert "iex>" not in row.request


def test_what_an_expression_depends_on_comes_before_it_and_nothing_else() -> None:
    text = module(
        """
        Adds nothing.

            iex> unused = 1
            1
            iex> y = Sea.f(2)
            2
            iex> Sea.f(y + 40)
            42

        """
    )
    last = rows(text, write=False)[-1]
    assert unfenced(last.answer) == ["42"]
    assert "y = Sea.f(2)\nSea.f(y + 40)" in unfenced(last.request)


def test_the_standard_library_needs_no_code_beside_the_expression() -> None:
    text = module(
        """
        Folds a list.

            iex> List.f([1, 2])
            3
        """,
        name="List",
    )
    (row,) = rows(text, "elixir/lib/elixir/lib/list.ex", write=False)
    assert unfenced(row.request) == ["List.f([1, 2])"]
    assert unfenced(row.answer) == ["3"]
    (row,) = rows(text, "lib/list.ex", write=False)
    assert "def f(x), do: x" in row.request


def test_imports_and_requires_are_stated() -> None:
    imported = module("Gives it back as it is.\n\n    iex> f(41) + 1\n    42")
    write, value = rows(imported)
    assert "Sea" in write.request.rsplit("```", 1)[-1]
    assert "import Sea\nf(41) + 1" in unfenced(value.request)
    macro = module("Gives it back.\n\n    iex> Sea.f(42) + 1\n    43", "defmacro f(x), do: x")
    (value,) = rows(macro, write=False)
    assert "require Sea\nSea.f(42) + 1" in unfenced(value.request)


def test_calls_with_the_name_of_the_module_and_without_are_both_followed() -> None:
    doc = "Gives it back as it is.\n\n    iex> Sea.f(g(41)) + 1\n    42"
    code = "def f(x), do: x\n  def g(x), do: x"
    (value,) = rows(module(doc, code), write=False)
    assert "import Sea\nSea.f(g(41)) + 1" in unfenced(value.request)
    assert "def g(x)" in value.request


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(fn 1 -> 2 end).(3)", "** (FunctionClauseError) anonymous fn/1 in SeaTest"),
        ("spawn(fn -> :ok end)", "#PID<0.1.0>"),
        ("make_ref()", "#Reference<0.1.2.3>"),
        ("&(&1 + 1)", "#Function<42.1/1 in :erl_eval.expr/6>"),
        ("Sea.query()", "#Ecto.Query<from p in Post>"),
        ("Enum.random(1..10)", "7"),
        ("DateTime.utc_now()", "~U[2020-01-01 00:00:00Z]"),
        ("System.get_env()", "%{}"),
        ("File.cwd!()", '"/home"'),
        ("Sea.many()", "[1, 2, ...]"),
    ],
)
def test_values_that_depend_on_the_run_cannot_be_derived(expression: str, value: str) -> None:
    assert not derivable(expression, value)
    text = module(f"Looks around at sea.\n\n    iex> {expression}\n    {value}")
    assert [(r.reason, r.subject) for r in made(text) if isinstance(r, LeftOut)] == [
        (UNKNOWABLE, "Sea.f/1")
    ]
    assert len(made(text)) == 1


def test_the_same_words_inside_texts_do_not_count() -> None:
    assert derivable('String.upcase("System.get_env()")', '"#PID<0.1.0>"')
    assert derivable("MapSet.new([1, 2])", "MapSet.new([1, 2])")


def test_a_value_that_repeats_its_expression_is_not_asked_for() -> None:
    text = module("Gives it back.\n\n    iex> x = %{a: 1}\n    %{a: 1}\n    iex> Sea.f(x).a\n    1")
    (row,) = rows(text, write=False)
    assert unfenced(row.answer) == ["1"]


def test_reasons_for_leaving_out() -> None:
    def reasons(text: str, **options: object) -> list[str]:
        return [r.reason for r in made(text, **options) if isinstance(r, LeftOut)]

    example = "    iex> Sea.f(1) + 1\n    2"
    assert reasons(module(f"Same.\n\n{example}"), evaluate=0) == [NO_PROSE]
    assert reasons(module(f"Gives what it was given.\n\n{example}"), longest=40) == []
    long = "\n".join(f"    iex> Sea.f({i}) + 1\n    {i + 1}" for i in range(120))
    assert reasons(module(f"Gives what it was given.\n\n{long}"), evaluate=0) == [LONG]
    elsewhere = module(f"Gives what it was given.\n\n{example}", "def f(x), do: Ocean.Deep.look(x)")
    assert reasons(elsewhere, write=False) == [MORE_CODE]
    delegated = module(f"Gives what it was given.\n\n{example}", "defdelegate f(x), to: :sea")
    assert reasons(delegated) == [MORE_CODE, MORE_CODE]
    clock = module(f"Gives what it was given.\n\n{example}", "def f(x), do: x + System.os_time()")
    assert MORE_CODE in reasons(clock)
    broken = module(f"Gives what it was given.\n\n{example}", "def f(x), do: ) x")
    assert set(reasons(broken)) <= {BROKEN}
    assert not [r for r in made(broken) if isinstance(r, Example)]


def test_parting_a_doc_keeps_prose_and_drops_empty_sections() -> None:
    doc = dedent(
        """\
        Opens the lock.

        ## Options

          * `:key` - which key

        ## Examples

        For example:

            iex> open(1)
            2
            iex(2)> open(2)
            ...> |> close()
            3

        ## Errors

        It raises when stuck:

        ```elixir
        iex> open(:stuck)
        ** (RuntimeError) stuck
        ```

        ## See also
        """
    )
    prose, blocks = part(doc)
    assert prose == dedent(
        """\
        Opens the lock.

        ## Options

          * `:key` - which key

        ## Errors

        It raises when stuck."""
    )
    assert blocks == (
        "iex> open(1)\n2\niex> open(2)\n...> |> close()\n3",
        "iex> open(:stuck)\n** (RuntimeError) stuck",
    )


def test_what_introduces_an_example_goes_with_it_and_what_says_something_stays() -> None:
    doc = dedent(
        """\
        Opens the lock. The code is checked first. To open it twice:

            iex> open(1) |> open()
            2

        The lock is returned as it is when nothing fits:

            # Some other key
            iex> open(3)
            1

        ## Examples

            iex> open(1)
            2

        ## Example

            mix lock

            iex> open(2)
            1
        """
    )
    assert part(doc).prose == dedent(
        """\
        Opens the lock. The code is checked first.

        The lock is returned as it is when nothing fits.

        ## Example

            mix lock"""
    )


def test_expressions_of_several_lines_are_examples_like_others() -> None:
    text = module(
        """
        Gives what it was given.

            iex> Sea.f(1)
            ...> |> Kernel.+(1)
            2
        """
    )
    (row,) = rows(text, evaluate=0)
    assert unfenced(row.answer) == ["iex> Sea.f(1)\n...> |> Kernel.+(1)\n2"]


def test_texts_of_errors_are_asked_for_only_where_the_code_holds_them() -> None:
    def raising(error: str, code: str, path: str = "lib/sea.ex", name: str = "Sea") -> list[str]:
        doc = f"Gives what it was given.\n\n    iex> {name}.f(3)\n    ** ({error}"
        found = made(module(doc, code, name), path=path, write=False)
        return [r.reason if isinstance(r, LeftOut) else "asked" for r in found]

    told = "ArgumentError) three is far too much"
    assert raising(told, 'def f(_), do: raise(ArgumentError, "three is far too much")') == ["asked"]
    language = "lib/elixir/lib/list.ex"
    assert raising(told, "def f(x), do: x", language, "List") == [UNTOLD]
    runtime = "ArithmeticError) bad argument in arithmetic expression"
    assert raising(runtime, "def f(x), do: x", language, "List") == ["asked"]


def test_at_most_so_many_values_of_a_doc_are_asked_for() -> None:
    many = "\n".join(f"    iex> Sea.f({i}) + 1\n    {i + 1}\n" for i in range(20))
    text = module(f"Gives what it was given.\n\n{many}")
    assert len(rows(text, write=False, evaluate=5)) == 5
    assert rows(text, write=False, evaluate=5) == rows(text, write=False, evaluate=5)


def test_rows_from_real_code(corpus: Path) -> None:
    root = golden.package(corpus, "elixir-lang")
    assert root is not None
    paths = [f"lib/elixir/lib/{name}.ex" for name in ("list", "tuple", "keyword", "version")]
    written = valued = 0
    for document in golden.documents("elixir-lang", root, paths):
        flat = [line.strip() for line in document.text.split("\n")]
        for row in Doctest(DoctestOptions(), 7).document(Parsed(document)):
            if isinstance(row, LeftOut):
                continue
            (answer,) = unfenced(row.answer)
            if answer.startswith("iex>"):
                written += 1
                assert f"`{row.provenance.subject}`" in row.request
                assert "iex>" not in "".join(unfenced(row.request))
                for line in answer.split("\n"):
                    assert line.strip() in flat
            else:
                valued += 1
                assert answer.split("\n")[0].strip() in flat
    assert written > 60
    assert valued > 100


def test_a_later_version_asks_the_same_in_the_same_words() -> None:
    """So that what two versions of a file share is told to be a duplicate."""
    moved = "# The sea.\n\n" + TIDE
    asked = {row.request for row in rows(TIDE) if "iex>" not in row.answer}
    assert asked == {row.request for row in rows(moved) if "iex>" not in row.answer}


GIVEN = "Gives what it was given, as it is.\n\n"


def asked(doc: str, code: str, **options: object) -> list[str]:
    """Of every example (and of the doctests as a whole) the reason, or "asked"."""
    found = made(module(GIVEN + doc, code), **options)
    return [row.reason if isinstance(row, LeftOut) else "asked" for row in found]


@pytest.mark.parametrize(
    ("doc", "code"),
    [
        ("    iex> Sea.f(message)\n    2", "def f(x), do: x + 1"),
        ("    iex> Sea.f(1)\n    2", "import Ocean.Deep\n  def f(x), do: sink(x)"),
        ("    iex> Sea.f(1)\n    2", "require Record\n  def f(x), do: vec(size: x)"),
        ("    iex> Sea.f(1)\n    2", "def f(x), do: x.ocean.deep(x)"),
        ('    iex> Sea.f(1)\n    "2"', 'def f(x), do: "#{Ocean.deep(x)}"'),
        ("    iex> Sea.f(1)\n    2", "alias Ocean.Enum\n  def f(x), do: Enum.deep(x)"),
        ("    iex> Sea.f(1)\n    2", '@d File.read!("deep")\n  def f(x), do: {@d, x}'),
        ("    iex> Sea.f(1)\n    2", "def f(x), do: Process.get(x)"),
        ("    iex> Sea.f(1)\n    2", "def f(x)"),
        ("    iex> Sea.f(1, 2)\n    2", "def f(x), do: x + 1"),
    ],
)
def test_values_are_asked_for_only_where_all_that_they_depend_on_is_shown(
    doc: str, code: str
) -> None:
    assert asked(doc, code, write=False) == [MORE_CODE]


def test_imports_of_the_language_are_followed() -> None:
    code = "import Bitwise\n  def f(x), do: band(x, 3)"
    assert asked("    iex> Sea.f(7)\n    3", code, write=False) == ["asked"]


def test_constants_are_not_asked_for() -> None:
    doc = "    iex> Sea.f()\n    :deep\n"
    assert asked(doc, "def f, do: :deep") == [CONSTANT, CONSTANT]
    assert asked(doc, "def f, do: Enum.at([:flat, :deep], 1)") == ["asked", "asked"]
    assert asked(doc, "def f, do: :deep\n  def f(x, y), do: x + y", write=False) == [CONSTANT]


def test_what_was_stored_before_is_not_asked_for() -> None:
    doc = "    iex> Sea.f(:a)\n    [Boat]\n"
    assert "asked" not in asked(doc, "def f(x), do: [:dets.first(x)]")


def test_exercises_that_are_not_solved_are_not_asked_for() -> None:
    doc = "    iex> Sea.f(1)\n    :deep\n"
    assert asked(doc, 'def f(_), do: raise("not implemented")') == [MORE_CODE, MORE_CODE]


def test_no_doctests_are_asked_for_that_nobody_could_write() -> None:
    def written(doc: str, code: str) -> list[str]:
        return asked(doc, code, evaluate=0)

    outside = "def f(x), do: x |> Sea.Deep.g()\n  def g(x), do: Ocean.Deep.look(x)"
    helped = "def f(x), do: g(x)\n  defp g(x), do: Ocean.Deep.look(x)"
    assert written("    iex> Sea.f(1)\n    1", outside) == [MORE_CODE]
    assert written("    iex> Sea.f(1)\n    1", helped) == ["asked"]
    assert written('    iex> Sea.f(1)\n    [2, "deep"]', helped) == [STRANGE]
    assert written("    iex> Sea.f(1)\n    true", helped) == [STRANGE]
    assert written("    iex> Sea.f(1)\n    :ok, 1", helped) == [STRANGE]
    assert written("    iex> Sea.f(Backend)\n    1", helped) == [STRANGE]
    assert written("    iex> Sea.f(Backend)\n    Backend", helped) == ["asked"]
    some = "    iex> Sea.f(1)\n    7\n\n    iex> Sea.f(1)\n    8\n\n    iex> Sea.f(1)\n    1"
    assert written(some, helped) == [STRANGE]
    told = 'raise(ArgumentError, "three is far too much")'
    raising = f"def f(x), do: g(x)\n  defp g(3), do: {told}\n  defp g(x), do: Ocean.look(x)"
    errors = "    iex> Sea.f(3)\n    ** (ArgumentError) three is far too much"
    assert written(f"{errors}\n\n    iex> Sea.f(1)\n    9", raising) == [ERRORS]


def test_functions_that_examples_call_are_shown_too() -> None:
    code = "def f(x), do: [x]\n  def empty?(list), do: list == []"
    (row,) = rows(module(GIVEN + "    iex> Sea.empty?(Sea.f(1))\n    false", code), evaluate=0)
    assert "def empty?(list)" in unfenced(row.request)[0]


def test_an_alias_that_examples_take_for_granted_is_stated() -> None:
    text = module(GIVEN + "    iex> Deep.f(1) + 1\n    2", name="Sea.Deep")
    write, value = rows(text)
    assert "Sea.Deep" in write.request.rsplit("```", 1)[-1]
    assert "alias Sea.Deep\nDeep.f(1) + 1" in unfenced(value.request)


def test_doctests_are_counted_only_where_each_has_one_value() -> None:
    block = "iex> x = Sea.f(1)\niex> x.a\n1\niex> x.b\n2"
    assert not tried(block).apart and tried(block).values == ("1", "2")
    assert tried("iex> a(\n...> 1)\n1\niex> b\n[\n  2\n]").values == ("1", "[\n  2\n]")
    assert tried("iex> a(\n...> 1)\n1\niex> b\n2").apart
    counts = {
        row.request.split(" doctest")[0].rsplit(" ", 1)[-1].lower()
        for seed in range(40)
        for row in made(
            module(GIVEN + "    iex> Sea.f(1) + 1\n    2\n    iex> Sea.f(2)\n    2"), seed
        )
        if isinstance(row, Example) and "two doctests" in row.request.lower()
    }
    assert counts == {"two"}
    several = module(
        GIVEN + "    iex> x = Sea.f(%{a: 1, b: 2})\n    iex> x.a\n    1\n    iex> x.b\n    2"
    )
    for seed in range(40):
        for row in made(several, seed, evaluate=0):
            assert isinstance(row, Example) and "two doctests" not in row.request.lower()


def test_what_is_foretold_stands_in_the_expression_or_in_words_that_are_seen() -> None:
    def told(block: str, shown: str = "") -> bool:
        return foretold(tried(block), shown)

    assert told('iex> f("a", 1)\n{"a", 1}')
    assert told("iex> f(1)\n:deep", "gives :deep")
    assert not told("iex> f(1)\n:deep")
    assert not told("iex> f(1)\n[:deep, :deep]", "gives :deep")
    assert told("iex> f(:deep)\n[:deep, :deep]")
    assert not told("iex> f(1)\n2", "adds 2")
    assert not told("iex> f(1)\ntrue", "gives true")
    assert told("iex> f(1)\n** (FunctionClauseError) no function clause matching in Sea.f/1")
