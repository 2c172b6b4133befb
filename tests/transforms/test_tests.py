"""Tests paired with what they exercise; from code to tests and from tests to code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from factory.parsed import Parsed
from factory.records import Document, Example, LeftOut
from factory.syntax import parse
from tests.transforms import golden
from transforms import tests as task
from transforms.exercise import (
    BROKEN,
    CHANCE,
    FEW,
    FILES,
    IDLE,
    LONG,
    MORE_CODE,
    NOTHING,
    REDACTED,
    STUBS,
    SUPPORT,
    TRIVIAL,
    UNTOLD,
)
from transforms.fences import unfenced
from transforms.pairs import UNPAIRED, Pair, about, groups, pairs
from transforms.tested import is_computed, is_configured

LOCK = '''\
defmodule Lock do
  @moduledoc "Locks with a code."

  @tries 3

  defstruct [:code, open: false]

  @doc "Returns a closed lock."
  @spec new(integer) :: %Lock{}
  def new(code) when is_integer(code) do
    %Lock{code: code}
  end

  @doc """
  Tries a code.

  Raises nothing.
  """
  @spec enter(%Lock{}, integer) :: {:ok, %Lock{}} | {:error, pos_integer}
  def enter(%Lock{code: code} = lock, code), do: {:ok, %{lock | open: true}}
  def enter(%Lock{}, other), do: {:error, left(other)}

  defp left(other), do: max(@tries - digits(other), 1)
  defp digits(number), do: number |> Integer.digits() |> length()
end
'''

LOCK_TEST = """\
defmodule LockTest do
  use ExUnit.Case, async: true

  setup do
    {:ok, lock: Lock.new(42)}
  end

  defp open(lock, code) do
    {:ok, lock} = Lock.enter(lock, code)
    lock
  end

  test "new/1 is closed" do
    lock = Lock.new(1)
    refute lock.open
    assert lock.code == 1
  end

  describe "enter/2" do
    test "opens with its code", %{lock: lock} do
      assert open(lock, 42).open
    end

    test "says how often one may try again", %{lock: lock} do
      assert Lock.enter(lock, 1) == {:error, 2}
      assert Lock.enter(lock, 1234) == {:error, 1}
    end
  end
end
"""

TILL = """\
-module(till).
-export([add/2, sum/1]).

-spec add(integer(), [integer()]) -> [integer()].
add(Coin, Till) when Coin > 0 ->
    lists:sort([Coin | Till]).

sum(Till) -> lists:sum(Till).

-ifdef(TEST).
-include_lib("eunit/include/eunit.hrl").

add_test() ->
    ?assertEqual([1, 2], add(2, [1])),
    ?assertError(function_clause, add(0, [])).

sum_test() ->
    ?assertEqual(3, sum([1, 2])).
-endif.
"""


def parsed(path: str, text: str) -> Parsed:
    language = "erlang" if path.endswith(".erl") else "elixir"
    return Parsed(Document("t", "r", "1", "sha256:0", "r", path, language, "MIT", text))


def release(lock: str = LOCK, test: str = LOCK_TEST, **others: str) -> list[Parsed]:
    files = {"lib/lock.ex": lock, "test/lock_test.exs": test}
    files |= {name.replace("__", "/") + ".ex": text for name, text in others.items()}
    return [parsed(path, text) for path, text in files.items()]


def writing(documents: Sequence[Parsed], **options: object) -> list[Example | LeftOut]:
    return list(task.TestWriting(task.TestWriting.Options(**options), 7).release(documents))


def driven(documents: Sequence[Parsed], **options: object) -> list[Example | LeftOut]:
    return list(task.TestDriven(task.TestDriven.Options(**options), 7).release(documents))


def rows(found: Sequence[Example | LeftOut]) -> list[Example]:
    return [row for row in found if isinstance(row, Example)]


def reasons(found: Sequence[Example | LeftOut]) -> list[tuple[str, str]]:
    return [(x.subject, x.reason) for x in found if isinstance(x, LeftOut)]


def paired(documents: Sequence[Parsed]) -> Pair:
    (pair,) = pairs(documents)
    assert isinstance(pair, Pair)
    return pair


# Pairs


def test_a_test_module_belongs_to_the_module_of_its_name() -> None:
    pair = paired(release())
    assert (pair.module.name, pair.suite.name) == ("Lock", "LockTest")
    assert [[f.label for f in functions] for functions in pair.exercised] == [
        ["new/1"],
        ["enter/2"],
        ["enter/2"],
    ]


def test_without_a_name_in_common_the_calls_decide() -> None:
    pair = paired(release(test=LOCK_TEST.replace("LockTest", "Lock.SafetyTest")))
    assert (pair.module.name, pair.suite.name) == ("Lock", "Lock.SafetyTest")


def test_calls_alone_do_not_make_a_pair() -> None:
    documents = release(test=LOCK_TEST.replace("LockTest", "SafetyTest"))
    assert reasons(writing(documents)) == [("SafetyTest", UNPAIRED)]


def test_tests_that_call_nothing_of_the_release_are_unpaired() -> None:
    lonely = 'defmodule OddTest do\n  test "sums" do\n    assert 1 + 1 == 2\n  end\nend\n'
    documents = [parsed("lib/lock.ex", LOCK), parsed("test/odd_test.exs", lonely)]
    assert reasons(writing(documents)) == [("OddTest", UNPAIRED)]
    assert reasons(driven(documents)) == [("OddTest", UNPAIRED)]


def subjects(body: str, title: str = "it works") -> list[str]:
    test = (
        "defmodule LockTest do\n  use ExUnit.Case\n\n  defp opened(code) do\n"
        "    code |> Lock.new() |> Lock.enter(code)\n  end\n\n"
        f'  test "{title}" do\n    {body}\n  end\nend\n'
    )
    (found,) = about(paired(release(test=test)))
    return [f.label for f in found]


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("enter/2", "lock = Lock.new(1)\n    assert Lock.enter(lock, 1)", ["enter/2"]),
        ("enter a code", "lock = Lock.new(1)\n    assert Lock.enter(lock, 1)", ["enter/2"]),
        ("new/1 and enter/2", "assert Lock.enter(Lock.new(1), 1)", ["new/1", "enter/2"]),
        ("wrong codes", "assert Lock.enter(Lock.new(1), 2)", ["enter/2"]),
        ("wrong codes", "lock = Lock.new(1)\n    assert lock.code == 1", []),
        ("wrong codes", "assert Lock.new(1) == Lock.new(1)", ["new/1"]),
    ],
)
def test_a_test_is_about_what_its_title_names_or_it_asserts(
    title: str, body: str, expected: list[str]
) -> None:
    assert subjects(body, title) == expected


def test_an_arity_in_a_title_means_no_function_of_another() -> None:
    lock = LOCK.replace(
        "  defp left", "  def enter(lock, code, _ \\\\ 1), do: enter(lock, code)\n\n  defp left"
    )
    test = (
        'defmodule LockTest do\n  use ExUnit.Case\n  test "enter/2" do\n'
        "    assert Lock.enter(%{}, 1) == Lock.enter(%{}, 1, 2)\n  end\nend\n"
    )
    (found,) = about(paired(release(lock=lock, test=test)))
    assert [f.label for f in found] == ["enter/2"]


def test_a_helper_that_calls_other_modules_too_tells_nothing() -> None:
    assert subjects("assert {:ok, _} = opened(1)") == ["new/1"]
    helped = LOCK_TEST.replace("Lock.enter(lock, code)\n", "Lock.enter(Vault.note(lock), code)\n")
    assert [[f.label for f in found] for found in paired(release(test=helped)).exercised] == [
        ["new/1"],
        [],
        ["enter/2"],
    ]


def test_tests_gather_by_describe_or_by_the_function_they_are_about() -> None:
    found = groups(paired(release()))
    assert [(g.describe, [f.label for f in g.about], len(g.tests)) for g in found] == [
        ("", ["new/1"], 1),
        ("enter/2", ["enter/2"], 2),
    ]
    block = found[1].span.cut(LOCK_TEST.encode())
    assert block.startswith('describe "enter/2" do') and block.endswith("  end")
    assert block.count("test ") == 2


# From code to tests


def test_a_small_module_is_shown_whole_and_its_whole_tests_are_asked_for() -> None:
    (row,) = rows(writing(release()))
    assert unfenced(row.request) == [LOCK.strip()]
    assert unfenced(row.answer) == [LOCK_TEST.strip()]
    assert "`LockTest`" in row.request and "`Lock`" in row.request and "ExUnit" in row.request
    assert row.provenance.path == "test/lock_test.exs"
    assert row.provenance.related == ("lib/lock.ex",)
    assert (row.task, row.provenance.subject) == ("test_writing", "Lock")


def test_large_ones_are_cut_to_a_block_with_the_functions_it_exercises() -> None:
    new, enter = rows(writing(release(), module=200, shortest=50))
    assert unfenced(enter.answer)[0].startswith('describe "enter/2" do\n  test "opens with')
    context, scaffold = sorted(unfenced(enter.request), key=lambda code: "ExUnit" in code)
    assert "def enter(%Lock{code: code} = lock, code)" in context
    assert "defp left(other)" in context and "@tries 3" in context
    assert scaffold == dedent(
        """\
        defmodule LockTest do
          use ExUnit.Case, async: true

          setup do
            {:ok, lock: Lock.new(42)}
          end

          defp open(lock, code) do
            {:ok, lock} = Lock.enter(lock, code)
            lock
          end
        end"""
    )
    assert "`Lock.enter/2`" in enter.request
    assert unfenced(new.answer)[0].startswith('test "new/1 is closed" do')
    assert "`Lock.new/1`" in new.request


def test_half_of_the_requests_name_the_tests() -> None:
    documents = release()
    named = [
        "- enter/2 opens with its code" in row.request or "- opens with its code" in row.request
        for seed in range(40)
        for row in rows(task.TestWriting(task.TestWriting.Options(), seed).release(documents))
    ]
    assert 8 < sum(named) < 32


def test_erlang_tests_inside_a_module_are_taken_out_of_it() -> None:
    (row,) = rows(writing([parsed("src/till.erl", TILL)]))
    (code,) = unfenced(row.request)
    assert code.endswith("sum(Till) -> lists:sum(Till).")
    assert "_test" not in code and "TEST" not in code
    (answer,) = unfenced(row.answer)
    assert answer.startswith('-include_lib("eunit/include/eunit.hrl").')
    assert answer.endswith("?assertEqual(3, sum([1, 2])).")
    assert "EUnit" in row.request and "Elixir" not in row.request
    assert row.provenance.related == ()


def test_tests_that_need_files_or_support_code_are_left_out() -> None:
    reading = LOCK_TEST.replace("assert lock.code == 1", 'assert File.read!("test/x.txt") == ""')
    assert reasons(writing(release(test=reading))) == [("LockTest", FILES)]
    case = "defmodule MyCase do\n  use ExUnit.CaseTemplate\nend\n"
    leaning = LOCK_TEST.replace("use ExUnit.Case, async: true", "use MyCase")
    found = writing(release(test=leaning, test__support__my_case=case))
    assert reasons(found) == [("LockTest", SUPPORT)]


def test_parts_that_cannot_be_asked_for_say_why() -> None:
    aside = LOCK_TEST.replace(
        'describe "enter/2"',
        'describe "arithmetic" do\n    test "sums" do\n      assert 1 + 1 == 2\n    end\n  end\n\n'
        '  describe "enter/2"',
    )
    assert ("arithmetic", NOTHING) in reasons(writing(release(test=aside), module=200))
    assert ("enter/2", LONG) in reasons(writing(release(), module=200, part=200))
    assert ("enter/2", MORE_CODE) in reasons(writing(release(), module=200, context=200))
    assert ("Lock.new/1", TRIVIAL) in reasons(writing(release(), module=200))
    broken = LOCK.replace("def new(code) when", "def new(code)) when")
    assert not rows(writing(release(lock=broken)))


# From tests to code


def test_a_function_is_asked_for_by_its_tests() -> None:
    found = {row.provenance.subject: row for row in rows(driven(release(), share=1, module=200))}
    row = found["Lock.enter/2"]
    assert unfenced(row.answer) == [
        "def enter(%Lock{code: code} = lock, code), do: {:ok, %{lock | open: true}}\n"
        "def enter(%Lock{}, other), do: {:error, left(other)}"
    ]
    tests, context = sorted(unfenced(row.request), key=lambda code: "defmodule" in code)
    assert tests.startswith(
        "setup do\n  {:ok, lock: Lock.new(42)}\nend\n\ndefp open(lock, code) do"
    )
    assert 'test "says how often one may try again"' in tests
    assert "# Tries a code.\n" in context and "# enter/2 goes here" in context
    assert "@spec enter(" in context and "@tries 3" in context and "defp left(other)" in context
    assert "open: true}}" not in row.request
    assert "`Lock.enter/2`" in row.request
    assert row.provenance.path == "lib/lock.ex"
    assert row.provenance.related == ("test/lock_test.exs",)
    assert row.quality.documentation == pytest.approx(2 / 3)


def test_a_module_is_asked_for_by_tests_of_most_of_it() -> None:
    (row,) = [r for r in rows(driven(release())) if r.provenance.subject == "Lock"]
    (answer,) = unfenced(row.answer)
    assert answer.startswith("defmodule Lock do\n") and "@doc" not in answer
    assert "defp digits(number), do: number |> Integer.digits() |> length()" in answer
    tests, outline = sorted(unfenced(row.request), key=lambda code: "ExUnit" not in code)
    assert tests == LOCK_TEST.strip()
    assert "def new(code) when is_integer(code), do: ..." in outline
    assert "digits" not in outline
    half = LOCK_TEST.replace("Lock.enter", "Other.enter")
    assert ("Lock", FEW) in reasons(driven(release(test=half)))


def test_erlang_functions_are_asked_for_by_eunit_tests() -> None:
    (row,) = rows(driven([parsed("src/till.erl", TILL)], shortest=40))
    assert row.provenance.subject == "till:add/2"
    assert unfenced(row.answer) == [
        "add(Coin, Till) when Coin > 0 ->\n    lists:sort([Coin | Till])."
    ]
    tests, context = sorted(unfenced(row.request), key=lambda code: "-module" in code)
    assert tests.startswith("add_test() ->")
    assert "%% add/2 goes here" in context and "lists:sort" not in context


def test_functions_that_tests_do_not_determine_say_why() -> None:
    documents = [parsed("src/till.erl", TILL)]
    assert reasons(driven(documents)) == [("till:sum/1", TRIVIAL)]
    assert ("till:sum/1", FEW) in reasons(driven(documents, shortest=10))
    assert ("Lock.enter/2", LONG) in reasons(driven(release(), module=200, function=60))
    untold = LOCK.replace("{:error, left(other)}", "{:error, left(other, :strict, :loud)}")
    assert ("Lock.enter/2", FEW) in reasons(driven(release(lock=untold), module=200))


def test_calls_outside_the_module_are_named() -> None:
    lock = LOCK.replace("{:error, left(other)}", "{:error, Vault.Count.left(other)}")
    row = next(
        r
        for r in rows(driven(release(lock=lock), module=200))
        if r.provenance.subject == "Lock.enter/2"
    )
    assert "`Vault.Count.left`" in row.request.rsplit("```", 1)[-1]


def test_what_is_called_in_other_modules_of_the_release_is_shown() -> None:
    lock = LOCK.replace("{:error, left(other)}", "{:error, Vault.left(other)}")
    vault = "defmodule Vault do\n  def left(code), do: max(3 - code, 1)\n\n  def more, do: 1\nend\n"
    row = next(
        r
        for r in rows(driven(release(lock=lock, lib__vault=vault), module=200))
        if r.provenance.subject == "Lock.enter/2"
    )
    *_, shown = unfenced(row.request)
    assert shown == "defmodule Vault do\n  def left(code), do: max(3 - code, 1)\nend"
    made = "defmodule Vault do\n  for n <- [:left], do: def(unquote(n)(code), do: code)\nend\n"
    found = reasons(driven(release(lock=lock, lib__vault=made), module=200))
    assert ("Lock.enter/2", MORE_CODE) in found


@pytest.mark.parametrize(
    "body",
    [
        "{:error, left(other, :strict, :loud)}",
        "{:error, %{remaining: left(other), wrong: other}}",
        '"no " <> left(other)',
        'raise ArgumentError, "somebody tried the number #{other}"',
    ],
)
def test_words_that_nobody_could_think_of_are_not_asked_for(body: str) -> None:
    lock = LOCK.replace("{:error, left(other)}", body)
    assert ("Lock.enter/2", FEW) in reasons(driven(release(lock=lock), module=200))


def test_tests_that_only_tell_how_code_fails_are_too_few() -> None:
    fails = LOCK_TEST.replace("assert Lock.enter(lock, 1) ==", "assert_raise Lock.enter(lock, 1),")
    fails = fails.replace("assert Lock.enter(lock, 1234) ==", "assert_raise Lock.enter(lock, 1),")
    fails = fails.replace("assert open(lock, 42).open", "assert_raise open(lock, 42)")
    assert ("Lock.enter/2", FEW) in reasons(driven(release(test=fails), module=200))


def test_what_a_helper_returns_is_not_taken_apart_unseen() -> None:
    long = "".join(f"  defp left({n}), do: {{{n}, other_value({n}, :a, :b)}}\n" for n in range(25))
    lock = LOCK.replace("  defp left(other), do: max(@tries - digits(other), 1)\n", long)
    assert ("Lock.enter/2", MORE_CODE) not in reasons(driven(release(lock=lock), module=200))
    taken = lock.replace(
        "do: {:error, left(other)}",
        "do: (\n    {tries, _} = left(other)\n    {:error, tries}\n  )",
    )
    assert ("Lock.enter/2", MORE_CODE) in reasons(driven(release(lock=taken), module=200))


def test_values_that_only_unseen_code_can_build_are_not_asked_about() -> None:
    built = """
    defmodule Lock do
      def iron(code), do: {code, 1}
      def brass(code), do: {code, 2}
      def none, do: {0, 0}

      def stronger?(lock, other) do
        {_, one} = lock
        {_, two} = other
        is_integer(one) and one < two
      end
    end
    """
    test = """
    defmodule LockTest do
      use ExUnit.Case

      test "stronger?/2 prefers iron to brass, and brass to none at all" do
        assert Lock.stronger?(Lock.iron(1), Lock.brass(1))
        assert Lock.stronger?(Lock.none(), Lock.iron(1))
        assert Lock.stronger?(Lock.none(), Lock.brass(1))
      end
    end
    """
    documents = release(lock=dedent(built), test=dedent(test))
    assert reasons(driven(documents, module=200)) == [("Lock.stronger?/2", MORE_CODE)]
    typed = dedent(built).replace("do\n", "do\n  @type t :: {integer, 0..2}\n\n", 1)
    typed = typed.replace("  def stronger?", "  @spec stronger?(t, t) :: boolean\n  def stronger?")
    (row,) = rows(driven(release(lock=typed, test=dedent(test)), module=200))
    assert "@type t :: {integer, 0..2}" in row.request


def test_tests_of_random_numbers_are_left_out() -> None:
    drawn = LOCK_TEST.replace(
        "    lock = Lock.new(1)", "    :rand.seed(:exsss, {1, 2, 3})\n    lock = Lock.new(1)"
    )
    assert reasons(writing(release(test=drawn))) == [("LockTest", CHANCE)]


def test_tests_that_lean_on_strangers_are_left_out() -> None:
    stranger = LOCK_TEST.replace("assert Lock.enter(lock, 1) ==", "same?(Lock.enter(lock, 1)) ==")
    assert ("Lock.enter/2", SUPPORT) in reasons(driven(release(test=stranger), module=200))
    assert reasons(writing(release(test=stranger))) == [("LockTest", SUPPORT)]
    given = LOCK_TEST.replace("  setup do\n    {:ok, lock: Lock.new(42)}\n  end\n\n", "")
    assert ("Lock.enter/2", SUPPORT) in reasons(driven(release(test=given), module=200))
    assert reasons(writing(release(test=given))) == [("LockTest", SUPPORT)]
    macro = TILL.replace("?assertEqual(3", "?assertEqual(?THREE")
    assert reasons(writing([parsed("src/till.erl", macro)])) == [("till", SUPPORT)]


def test_messages_that_tests_expect_have_to_stand_in_the_code() -> None:
    expecting = LOCK_TEST.replace(
        "refute lock.open",
        'assert_raise ArgumentError, "nobody may pass without asking", fn -> Lock.new(:x) end',
    )
    assert reasons(writing(release(test=expecting))) == [("LockTest", UNTOLD)]
    told = LOCK.replace(
        "    %Lock{code: code}\n",
        '    code > 0 || raise("nobody may pass without asking")\n    %Lock{code: code}\n',
    )
    assert len(rows(writing(release(lock=told, test=expecting)))) == 1
    partly = told.replace("without asking", "here")
    assert reasons(writing(release(lock=partly, test=expecting))) == [("LockTest", UNTOLD)]
    title = LOCK_TEST.replace("opens with its code", "is no error at all")
    assert len(rows(writing(release(test=title)))) == 1
    reason = LOCK_TEST.replace("{:error, 2}", "{:error, :stuck}")
    assert reasons(writing(release(test=reason))) == [("LockTest", UNTOLD)]
    inside = LOCK_TEST.replace("{:error, 2}", "%{stage: 1, code: :stuck}")
    assert reasons(writing(release(test=inside))) == [("LockTest", UNTOLD)]


def test_what_has_no_code_here_is_not_to_be_tested() -> None:
    body = "def new(_), do: %Lock{}\n  def enter(_, _), do: {:error, 2}\n"
    plain = f"defmodule Lock do\n  defstruct [:code, :open]\n  {body}end\n"
    assert len(rows(writing(release(lock=plain)))) == 1
    heads = "defprotocol Lock do\n  def new(code)\n  def enter(lock, code)\nend\n"
    assert reasons(writing(release(lock=heads))) == [("LockTest", MORE_CODE)]
    handed = (
        "defmodule Lock do\n  defstruct [:code, :open]\n"
        "  defdelegate new(code), to: Smith\n  defdelegate enter(lock, code), to: Smith\nend\n"
    )
    assert reasons(writing(release(lock=handed))) == [("LockTest", MORE_CODE)]


def test_what_is_sent_to_a_server_is_shown_with_its_callback() -> None:
    asks = LOCK.replace("{:error, left(other)}", "GenServer.call(:lock, {:left, other})")
    assert ("Lock.enter/2", MORE_CODE) in reasons(driven(release(lock=asks), module=200))
    assert ("enter/2", MORE_CODE) in reasons(writing(release(lock=asks), module=200))
    takes = "  def handle_call({:left, other}, _, state), do: {:reply, left(other), state}\n\n"
    takes = asks.replace("  defp left", takes + "  defp left")
    found = rows(writing(release(lock=takes), module=200, shortest=50))
    assert ["handle_call" in row.request for row in found] == [False, True]


def test_tuples_that_nobody_has_seen_are_not_taken_apart() -> None:
    lock = LOCK.replace("def enter(%Lock{}, other), do", "def enter({_, other, _}, _), do")
    assert ("Lock.enter/2", FEW) in reasons(driven(release(lock=lock), module=200))
    seen = LOCK_TEST.replace("Lock.enter(lock, 1) ==", "Lock.enter({lock, 1, nil}, 1) ==")
    found = rows(driven(release(lock=lock, test=seen), module=200))
    assert [row.provenance.subject for row in found] == ["Lock.enter/2"]


def test_attributes_that_serve_other_tests_are_no_part_of_the_module_shown() -> None:
    test = (
        LOCK_TEST.replace("  setup do", "  @other 7\n  @right 42\n\n  setup do")
        .replace("open(lock, 42)", "open(lock, @right)")
        .replace("lock.code == 1", "lock.code == @other - 6")
    )
    new, enter = rows(writing(release(test=test), module=200, shortest=50))
    assert "@other 7" in new.request and "@right" not in new.request
    assert "@right 42" in enter.request and "@other" not in enter.request


def test_code_that_only_hands_on_does_not_tell_what_its_tests_expect() -> None:
    thin = "defmodule Lock do\n  def enter(lock, code), do: Door.Deep.enter(lock, code)\nend\n"
    test = LOCK_TEST.replace("Lock.new(42)", "%{}").replace("Lock.new(1)", "%{}")
    assert reasons(writing(release(lock=thin, test=test))) == [("LockTest", MORE_CODE)]


def test_what_stands_between_tests_is_no_part_of_their_module() -> None:
    said = LOCK_TEST.replace(
        '  describe "enter/2"', '  # The code is four digits long.\n\n  describe "enter/2"'
    )
    new, _ = rows(writing(release(test=said), module=200, shortest=50))
    scaffold = next(code for code in unfenced(new.request) if "ExUnit" in code)
    assert "four digits" not in scaffold and scaffold.endswith("lock\n  end\nend")


def test_functions_for_tests_alone_are_not_what_is_tested() -> None:
    till = TILL.replace(
        "add_test() ->\n    ?assertEqual([1, 2], add(2, [1])),",
        "full(Till) -> add(9, Till).\n\n"
        "add_test() ->\n    ?assertEqual([9], full([])),\n    ?assertEqual([1, 2], add(2, [1])),",
    )
    (row,) = rows(driven([parsed("src/till.erl", till)], shortest=40))
    assert row.provenance.subject == "till:add/2"
    tests = next(code for code in unfenced(row.request) if "goes here" not in code)
    assert tests.startswith("full(Till) -> add(9, Till).\n\nadd_test")


# Both, on real code


@pytest.fixture(scope="module")
def real(corpus: Path) -> list[Parsed]:
    found: list[Parsed] = []
    for name in ("elixir-makeup", "elixir-nimble-parsec", "elixir-ex-doc"):
        root = golden.package(corpus, name)
        assert root is not None
        found += [Parsed(d) for d in golden.documents(name, root) if d.language == "elixir"]
    return found


@pytest.mark.parametrize("make", [writing, driven])
def test_answers_from_real_code_parse_and_stand_in_their_file(
    make: object, real: list[Parsed]
) -> None:
    assert callable(make)
    texts = {p.document.path: [line.strip() for line in p.document.text.split("\n")] for p in real}
    made = rows(make(real))
    assert len(made) > 2
    for row in made:
        (answer,) = unfenced(row.answer)
        assert not parse(answer.encode(), "elixir").root_node.has_error
        lines = set(texts[row.provenance.path])
        assert all(line.strip() in lines for line in answer.split("\n"))
        assert answer not in row.request


def test_broken_code_is_left_out_and_raises_nothing() -> None:
    broken = LOCK_TEST.replace('test "opens with its code"', 'test "opens ((( with its code')
    found = writing(release(test=broken)) + driven(release(test=broken))
    assert not rows(found)
    assert {reason for _, reason in reasons(found)} <= {BROKEN, UNPAIRED, FEW, TRIVIAL, MORE_CODE}


# What a request has to show


def test_what_the_tests_lean_on_in_their_module_is_shown() -> None:
    test = LOCK_TEST.replace(
        "  setup do",
        "  alias Lock, as: L\n  alias Other.Thing\n\n  @code 42\n\n  setup do",
    ).replace("Lock.enter(lock, 1) ==", "L.enter(lock, @code - 41) ==")
    row = next(
        r
        for r in rows(driven(release(test=test), module=200))
        if r.provenance.subject == "Lock.enter/2"
    )
    tests = next(code for code in unfenced(row.request) if "goes here" not in code)
    assert tests.startswith("alias Lock, as: L\n@code 42\n\nsetup do\n")
    assert "\n\ndefp open(lock, code) do" in tests
    assert "Other.Thing" not in row.request


@pytest.mark.parametrize(
    "code", [":ets.lookup_element(:locks, other, 2)", "made_by_a_macro(other)"]
)
def test_functions_that_lean_on_the_unseen_are_left_out(code: str) -> None:
    lock = LOCK.replace("{:error, left(other)}", "{:error, " + code + "}")
    test = LOCK_TEST.replace("Lock.enter(lock, 1) ==", ":locks = Lock.enter(lock, 1) ==")
    assert ("Lock.enter/2", MORE_CODE) in reasons(driven(release(lock=lock, test=test), module=200))


def test_macros_and_records_of_erlang_tests_are_shown() -> None:
    till = TILL.replace(
        "-ifdef(TEST).",
        "-record(coin, {worth = 1 :: integer()}).\n-define(FIVE, 5).\n-ifdef(TEST).",
    ).replace("add(2, [1])),", "add(2, [?FIVE - 4])),\n    #coin{worth = 1} = #coin{},")
    (row,) = rows(driven([parsed("src/till.erl", till)], shortest=40))
    tests = next(code for code in unfenced(row.request) if "goes here" not in code)
    assert tests.startswith(
        "-record(coin, {worth = 1 :: integer()}).\n-define(FIVE, 5).\n\nadd_test"
    )
    add = rows(writing([parsed("src/till.erl", till)], module=200))[0]
    assert "-define(FIVE, 5)." in add.request and "-record(coin" in add.request


COUNTER = """\
defmodule Counter do
  def new(start), do: %{count: start, log: []}
  def up(counter), do: %{counter | count: counter.count + 1}
  def down(counter), do: %{counter | count: counter.count - 1}
  def reset(counter), do: %{counter | count: 0, log: []}
end
"""
COUNTER_TEST = """\
defmodule CounterTest do
  use ExUnit.Case, async: true

  test "up/1 counts one more each time it is called" do
    assert Counter.up(%{count: 1, log: []}) == %{count: 2, log: []}
    assert Counter.up(%{count: -1, log: []}) == %{count: 0, log: []}
  end
end
"""


def of_counter(test: str = COUNTER_TEST, code: str = COUNTER) -> list[Parsed]:
    return [parsed("lib/counter.ex", code), parsed("test/counter_test.exs", test)]


def test_tests_of_a_small_part_of_a_module_are_asked_for_by_its_name() -> None:
    (row,) = rows(writing(of_counter()))
    assert "`up/1`" in row.request
    rest = "\n".join(
        f'  test "{name}" do\n    assert Counter.{name}(%{{count: 1, log: 0}}).count == 0\n  end\n'
        for name in ("down", "reset")
    )
    (row,) = rows(writing(of_counter(COUNTER_TEST.removesuffix("end\n") + rest + "end\n")))
    assert "`down/1`" not in row.request


def test_a_line_of_tests_teaches_nothing() -> None:
    body = '  test "up" do\n    assert Counter.up(%{count: 1})\n  end\n'
    short = f"defmodule CounterTest do\n  use ExUnit.Case\n\n{body}end\n"
    assert reasons(writing(of_counter(short))) == [("CounterTest", TRIVIAL)]


def test_fields_of_a_struct_that_nobody_has_seen_are_not_tested() -> None:
    nested = COUNTER.replace("Counter", "Shop.Counter").replace(
        "%{count: start, log: []}", "Shop.Entry.wrap(start)"
    )
    test = (
        COUNTER_TEST.replace("Counter", "Shop.Counter")
        .replace("  test", "  alias Shop.Entry\n\n  test")
        .replace("%{count: 2, log: []}", "%Entry{count: 2, written: true}")
    )
    assert reasons(writing(of_counter(test, nested))) == [("Shop.CounterTest", SUPPORT)]


def test_code_that_leans_on_how_a_stranger_works_is_not_asked_for() -> None:
    code = COUNTER.replace(
        "%{counter | count: counter.count + 1}",
        "%{counter | count: Ledger.update(counter, fn one -> one.count + 1 end)}",
    )
    found = reasons(driven(of_counter(COUNTER_TEST, code)))
    assert ("Counter.up/1", MORE_CODE) in found


def test_stubs_of_native_code_are_no_module_to_write() -> None:
    body = "  def up(_), do: error()\n  def down(_), do: error()\n"
    stubs = f"defmodule Counter do\n  use Native\n{body}end\n"
    test = (
        COUNTER_TEST.removesuffix("end\n")
        + '\n  test "down" do\n    assert Counter.down(1) == 0\n  end\nend\n'
    )
    found = driven(of_counter(test, stubs))
    assert rows(found) == []
    assert ("Counter", TRIVIAL) in reasons(found)


def test_a_server_that_is_tested_by_messages_is_asked_for_whole() -> None:
    server = COUNTER.replace("  def new", "  def handle_info(:up, n), do: {:noreply, n}\n  def new")
    (row,) = rows(writing(of_counter(code=server)))
    assert "`up/1`" not in row.request


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('assert_received {:said, "counted to two" <> _}', False),
        ('send(self(), {:said, "to two"})\n    assert_received {:said, "to two"}', True),
    ],
)
def test_texts_that_tests_wait_for_are_said_somewhere(line: str, kept: bool) -> None:
    tests = COUNTER_TEST.replace("  end\nend", f"    {line}\n  end\nend")
    found = writing(of_counter(tests))
    assert bool(rows(found)) is kept
    assert kept or reasons(found) == [("CounterTest", UNTOLD)]


def test_functions_of_native_code_are_not_to_be_tested() -> None:
    block = COUNTER_TEST.replace("  test", '  describe "up/1" do\n  test', 1)
    block = block.replace("  end\nend", "  end\n  end\nend")
    native = COUNTER.replace("def up(counter), do: %{counter | count: counter.count + 1}", "{}")
    for body, why in (("def up(_), do: err()", MORE_CODE), ("def up(n), do: inc(n)", "")):
        found = writing(of_counter(block, native.replace("{}", body)), module=200)
        assert [reason for _, reason in reasons(found)] == ([why] if why else [])


def test_what_is_there_to_be_filled_in_is_no_code_to_test_nor_to_learn() -> None:
    stubs = (
        "defmodule Counter do\n  def up(_counter), do: nil\n  def down(counter) do\n  end\nend\n"
    )
    two = COUNTER_TEST.removesuffix("end\n") + (
        '\n  test "down counts one less" do\n    assert Counter.down(%{count: 1}) == %{count: 0}\n'
        "    assert Counter.down(%{count: 0}) == %{count: -1}\n  end\nend\n"
    )
    documents = of_counter(two, stubs)
    assert reasons(writing(documents)) == [("CounterTest", STUBS)]
    found = driven(documents, shortest=1)
    assert rows(found) == []
    assert ("Counter", STUBS) in reasons(found)


def test_tests_of_another_module_of_their_name_are_not_of_the_one_they_call() -> None:
    other = parsed("lib/steps/counter_step.ex", "defmodule Steps.CounterStep do\nend\n")
    test = COUNTER_TEST.replace("CounterTest", "Shop.CounterStepTest")
    assert rows(writing(of_counter(test)))
    assert reasons(writing([*of_counter(test), other])) == [("Shop.CounterStepTest", UNPAIRED)]


def with_line(line: str) -> str:
    return COUNTER_TEST.replace("  end\nend", f"    {line}\n  end\nend")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('assert Counter.up(%{count: "REDACTED"}) == 1', REDACTED),
        ("assert Counter.up(Ledger) == Shop.Ledger", SUPPORT),
        ("assert {:counted_up, 2} = Counter.up(%{count: 1})", UNTOLD),
        (f'assert Counter.up("a") == "{"0123456789abcdef" * 2}"', UNTOLD),
        ("assert_receive {:COUNTED, 2}", UNTOLD),
        ('assert Counter.up("test/support/one.txt") == 2', FILES),
        ('assert Counter.up("test/one.txt") == 2', FILES),
        ('assert Counter.up("test/one_test.exs") == 2', ""),
        ("assert Counter.up(%{count: Elsewhere}) == Elsewhere", ""),
    ],
)
def test_what_tests_expect_follows_from_the_code(line: str, why: str) -> None:
    ledger = parsed("lib/ledger.ex", "defmodule Shop.Ledger do\n  def new, do: []\nend\n")
    found = writing([*of_counter(with_line(line)), ledger])
    assert reasons(found) == ([("CounterTest", why)] if why else [])


def test_what_tests_call_of_other_modules_is_shown() -> None:
    ledger = parsed("lib/ledger.ex", "defmodule Ledger do\n  def start(n), do: %{count: n}\nend\n")
    test = with_line("assert Counter.up(Ledger.start(1)).count == 2")
    (row,) = rows(writing([*of_counter(test), ledger]))
    assert "`Ledger.start`" in row.request
    assert "def start(n), do: %{count: n}" in row.request


def test_what_tests_hand_on_by_name_is_shown_with_the_part_they_are_of() -> None:
    agent = COUNTER.replace(
        "  def new", "  def start_link(n), do: Agent.start_link(fn -> new(n) end)\n\n  def new"
    )
    block = COUNTER_TEST.replace("  test", '  describe "up/1" do\n  test', 1)
    block = block.replace("  end\nend", "    start_supervised!({Counter, 1})\n  end\n  end\nend")
    (row,) = rows(writing(of_counter(block, agent), module=200))
    assert "def start_link(n)" in row.request.split("```")[1]
    assert "def down" not in row.request


def test_all_that_a_test_asserts_is_asked_for() -> None:
    both = TILL.replace("add_test() ->", "both_test() ->\n    ?assertEqual(3, sum([1, 2])),")
    both = both.replace("sum(Till) -> lists", f"%% {'Coins. ' * 20}\nsum(Till) -> lists")
    both = f"{both[: both.index('sum_test')].strip()}\n-endif.\n"
    (row,) = rows(writing([parsed("src/till.erl", both)], module=200, shortest=50))
    assert "`till:add/2` and `till:sum/1`" in row.request


def test_tests_that_assert_nothing_are_no_tests() -> None:
    idle = TILL.replace("?assertEqual([1, 2], add(2, [1])),", "add(2, [1]) =:= [1, 2].")
    idle = idle.replace("    ?assertError(function_clause, add(0, [])).\n", "")
    idle = idle.replace("?assertEqual(3, sum([1, 2]))", "sum([1, 2]) =:= 3")
    assert reasons(writing([parsed("src/till.erl", idle)])) == [("till", IDLE)]


def test_a_library_of_a_standard_name_is_shown_as_the_projects_own() -> None:
    ledger = parsed("lib/task.ex", "defmodule Shop.Task do\n  def start(n), do: %{count: n}\nend\n")
    test = with_line("assert Counter.up(Task.start(1)).count == 2")
    test = test.replace("async: true\n", "async: true\n  alias Shop.Task\n")
    (row,) = rows(writing([*of_counter(test), ledger]))
    assert "def start(n), do: %{count: n}" in row.request


@pytest.mark.parametrize(
    ("read", "kept"),
    [("fetch_env!(:shop, :first)", False), ("get_env(:shop, :first, 0)", True)],
)
def test_what_a_configuration_sets_is_not_expected_of_tests(read: str, kept: bool) -> None:
    code = COUNTER.replace("counter.count + 1", f"counter.count + Application.{read}")
    found = writing(of_counter(code=code))
    assert bool(rows(found)) is kept
    assert kept or reasons(found) == [("CounterTest", UNTOLD)]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("Task.Supervisor.start_child(Counter.Tasks, fn -> counter end)", FEW),
        ("Agent.update(__MODULE__, fn _ -> counter end)", MORE_CODE),
        ("%{super(counter) | count: counter.count + 1}", MORE_CODE),
        ('Map.put(counter, :log, ["#{shown counter}"])', MORE_CODE),
        ("down(counter, {0, [], nil})", MORE_CODE),
        ("counter.kept.increased(counter)", MORE_CODE),
        ("Counter.reset(counter)", MORE_CODE),
    ],
)
def test_what_nobody_could_write_from_tests_is_not_asked_for(body: str, why: str) -> None:
    code = COUNTER.replace("%{counter | count: counter.count + 1}", body)
    code = code.replace("  def reset", "  defp down(counter, _), do: counter\n  def reset")
    assert ("Counter.up/1", why) in reasons(driven(of_counter(code=code), shortest=1))


def test_functions_of_one_name_are_not_asked_for_apart() -> None:
    code = COUNTER.replace(
        "  def down", "  def up(counter, by), do: %{counter | count: by}\n  def down"
    )
    test = with_line("assert Counter.up(%{count: 1, log: []}, 3) == %{count: 3, log: []}")
    found = reasons(driven(of_counter(test, code), shortest=1))
    assert ("Counter.up/1", MORE_CODE) in found


def test_a_title_that_speaks_of_another_modules_function_is_about_that() -> None:
    test = (
        COUNTER_TEST.replace("up/1 counts", "summed counts")
        .replace("Counter.up(%{count: 1", "Counter.up(Ledger.summed(%{count: 1")
        .replace("log: []}) == %{count: 2", "log: []})) == %{count: 2")
    )
    pair = paired(of_counter(test))
    assert about(pair) == [()]


def test_types_are_nothing_to_build_on() -> None:
    code = COUNTER.replace(
        "  def new", "  @type t :: %{at: Ledger.t(), log: Ledger.entries()}\n  def new"
    )
    rest = "".join(
        f'  test "{name}" do\n    assert Counter.{name}(%{{count: 1, log: 0}}).count == 0\n  end\n'
        for name in ("down", "reset")
    )
    test = COUNTER_TEST.removesuffix("end\n") + rest + "end\n"
    (row,) = [r for r in rows(driven(of_counter(test, code))) if r.provenance.subject == "Counter"]
    assert "Ledger.t`" not in row.request


def test_a_list_that_nobody_has_seen_is_not_taken_apart() -> None:
    code = COUNTER.replace(
        "def up(counter), do: %{counter |", "def up([of, at, counter]), do: %{of => at,"
    )
    code = code.replace("%{of => at, count", "%{counter | count")
    found = reasons(driven(of_counter(code=code), shortest=1))
    assert ("Counter.up/1", FEW) in found


def test_heads_alone_are_no_module_to_write() -> None:
    heads = "defprotocol Counter do\n  def up(counter)\n  def down(counter)\nend\n"
    rest = '  test "down" do\n    assert Counter.down(%{count: 1}).count == 0\n  end\n'
    test = COUNTER_TEST.removesuffix("end\n") + rest + "end\n"
    assert ("Counter", TRIVIAL) in reasons(driven(of_counter(test, heads)))


def test_a_describe_tells_what_its_tests_are_about() -> None:
    block = COUNTER_TEST.replace(
        '  test "up/1 counts', '  describe "up" do\n  test "down counts', 1
    )
    block = block.replace("  end\nend", "    assert Counter.down(%{count: 1})\n  end\n  end\nend")
    pair = paired(of_counter(block))
    assert [[f.label for f in functions] for functions in about(pair)] == [["up/1"]]


def test_what_a_macro_made_of_the_module_is_not_called_unseen() -> None:
    block = COUNTER_TEST.replace("  test", '  describe "up/1" do\n  test', 1)
    line = "    assert Counter.up(Counter.zero()).count == 1\n"
    block = block.replace("  end\nend", f"{line}  end\n  end\nend")
    made = COUNTER.replace(
        "  def new", "  for {n, c} <- [zero: 0], do: (def unquote(n)(), do: c)\n  def new"
    )
    assert ("up/1", SUPPORT) in reasons(writing(of_counter(block, made), module=200))


def test_a_mock_is_what_a_configuration_sets() -> None:
    read = "Application.get_env(:shop, :ledger, Ledger).up(counter)"
    assert is_configured("expect(LedgerMock, :up, fn c -> c end)", read)
    assert not is_configured("assert up(1) == 2", read)


def test_sums_are_computed_where_code_computes_them() -> None:
    sums = "assert Counter.sum(1) == <<" + ", ".join(str(at * 7) for at in range(20)) + ">>"
    assert is_computed(sums, "def sum(n), do: :crypto.hash(:md5, n)")
    assert not is_computed(sums, "def sum(n), do: for at <- 0..n, do: at * 7")


def test_what_a_file_holds_is_not_expected_of_tests() -> None:
    code = COUNTER.replace("  def up", '  @first "priv/first" |> File.read!()\n  def up')
    code = code.replace("counter.count + 1", "counter.count + @first")
    assert reasons(writing(of_counter(code=code))) == [("CounterTest", FILES)]
    block = COUNTER_TEST.replace("  test", '  describe "up/1" do\n  test', 1)
    block = block.replace("  end\nend", "  end\n  end\nend")
    assert reasons(writing(of_counter(block, code), module=200)) == [("up/1", FILES)]


def test_what_is_delegated_is_not_expected_of_tests() -> None:
    code = COUNTER.replace("  def up", "  defdelegate first(counter), to: Ledger\n  def up")
    test = with_line("assert Counter.first(%{count: 1}) == 1")
    assert reasons(writing(of_counter(test, code))) == [("CounterTest", MORE_CODE)]


def test_conditions_inside_those_of_tests_end_none() -> None:
    inner = TILL.replace("sum_test() ->", "-ifndef(SLOW).\nsum_test() ->")
    inner = inner.replace("sum([1, 2])).\n", "sum([1, 2])).\n-endif.\n")
    (row,) = rows(writing([parsed("src/till.erl", inner)]))
    assert "-endif" not in row.request
    assert row.answer.count("-endif.") == 1


@pytest.mark.parametrize(
    ("head", "kept"), [("kind \\\\ 1, counter", False), ("counter, kind \\\\ 1", True)]
)
def test_an_argument_in_the_middle_that_nobody_gives_is_not_asked_for(
    head: str, kept: bool
) -> None:
    code = COUNTER.replace("up(counter)", f"up({head})").replace("count + 1}", "count + kind}")
    found = reasons(driven(of_counter(code=code), shortest=1))
    assert (("Counter.up/2", MORE_CODE) not in found) is kept


def test_options_that_the_module_takes_out_of_sight_are_not_expected() -> None:
    code = COUNTER.replace("  def reset", "  def other(opts), do: opts[:on_reset]\n  def reset")
    block = COUNTER_TEST.replace("  test", '  describe "up/1" do\n  test', 1)
    line = "    assert Counter.up(%{count: 1, on_reset: 2}).count == 2\n"
    block = block.replace("  end\nend", f"{line}  end\n  end\nend")
    assert reasons(writing(of_counter(block, code), module=200)) == [("up/1", UNTOLD)]
    assert rows(writing(of_counter(block), module=200))


def test_tests_with_setups_of_their_own_are_not_put_together() -> None:
    block = """
  describe "{0}" do
    setup do
      %{{by: {1}}}
    end

    test "up/1 counts {0}", %{{by: by}} do
      assert Counter.up(%{{count: by, log: []}}) == %{{count: by + 1, log: []}}
      assert Counter.up(%{{count: {1}, log: []}}) == %{{count: by + 1, log: []}}
    end
  end
"""
    body = block.format("few", 2) + block.format("many", 20)
    test = f"defmodule CounterTest do\n  use ExUnit.Case\n{body}end\n"
    (row,) = [r for r in rows(driven(of_counter(test), shortest=1)) if "/" in r.provenance.subject]
    assert row.request.count("setup do") == 1
    assert "many" not in row.request


def test_libraries_and_files_that_nobody_tells_of_are_not_expected() -> None:
    test = COUNTER_TEST.replace("async: true\n", "async: true\n  use Patcher\n")
    assert reasons(writing(of_counter(test))) == [("CounterTest", SUPPORT)]
    code = COUNTER.replace("  def reset", "  def load(name), do: File.read!(name)\n  def reset")
    test = with_line('assert Counter.load("data.txt") == "1"')
    assert reasons(writing(of_counter(test, code))) == [("CounterTest", FILES)]


def block_of(line: str) -> str:
    block = COUNTER_TEST.replace("  test", '  describe "up/1" do\n  test', 1)
    return block.replace("  end\nend", f"    {line}\n  end\n  end\nend")


def test_values_that_other_modules_decide_on_are_not_expected() -> None:
    code = COUNTER.replace("counter.count + 1", "Ledger.next(counter.count)")
    test = with_line('assert Counter.up(%{count: "first"}) == "second"')
    assert reasons(writing(of_counter(test, code))) == [("CounterTest", UNTOLD)]
    ledger = parsed(
        "lib/ledger.ex", 'defmodule Ledger do\n  def next("first"), do: "second"\nend\n'
    )
    (row,) = rows(writing([*of_counter(test, code), ledger]))
    assert 'def next("first"), do: "second"' in row.request


def test_what_tested_functions_come_to_is_shown_with_what_it_reads() -> None:
    steps = "\n".join(
        f"    counter = put_in(counter.log, [{at} | counter.log])" for at in range(20)
    )
    code = COUNTER.replace("| count: counter.count + 1}", "| count: later(counter)}")
    body = f"  @step 5\n  defp later(counter) do\n{steps}\n    counter.count + @step\n  end\nend\n"
    code = code.removesuffix("end\n") + body
    test = block_of("assert Counter.up(%{count: 6, log: []}).count == 11")
    (row,) = rows(writing(of_counter(test, code), module=200))
    assert "counter.count + @step" in row.request
    assert "@step 5" in row.request
    assert reasons(writing(of_counter(test, code), module=200, context=600)) == [
        ("up/1", MORE_CODE)
    ]


def test_tags_that_only_a_project_reads_are_not_asked_for() -> None:
    tagged = COUNTER_TEST.replace("  test", "  @tag :pending\n  @tag timeout: 10\n  test")
    (row,) = rows(writing(of_counter(tagged)))
    assert "pending" not in row.answer
    assert "@tag timeout: 10" in row.answer
    read = tagged.replace("  @tag :p", "  setup %{pending: on}, do: %{on: on}\n\n  @tag :p")
    (row,) = rows(writing(of_counter(read)))
    assert "@tag :pending" in row.answer


def test_tests_that_are_skipped_or_yet_to_be_written_make_no_row() -> None:
    skipped = COUNTER_TEST.replace("  test", "  @tag :skip\n  test")
    assert reasons(writing(of_counter(skipped))) == [("CounterTest", SUPPORT)]
    later = COUNTER_TEST.removesuffix("end\n") + '\n  test "down" do\n  end\nend\n'
    assert reasons(writing(of_counter(later))) == [("CounterTest", IDLE)]


def test_native_code_is_not_tested() -> None:
    code = COUNTER.replace(
        "  def reset", "  def tick(_), do: :erlang.nif_error(:none)\n  def reset"
    )
    assert reasons(writing(of_counter(code=code))) == [("CounterTest", MORE_CODE)]


def test_clauses_that_could_not_be_read_leave_no_function() -> None:
    torn = TILL.replace("sum(Till) ->", "sum(?TILL{coins = Till}) ->\n    sum(Till);\nsum(Till) ->")
    assert ("till:sum/1", BROKEN) in reasons(driven([parsed("src/till.erl", torn)], shortest=1))


@pytest.mark.parametrize(
    "body",
    [
        "send(self(), {:counted, counter})",
        "%{counter | count: counter.stored + 1}",
        "with {:error, {_reason, why}} <- new(counter), do: why",
    ],
)
def test_what_code_takes_for_granted_of_its_values_is_not_asked_for(body: str) -> None:
    code = COUNTER.replace("%{counter | count: counter.count + 1}", body)
    assert ("Counter.up/1", FEW) in reasons(driven(of_counter(code=code), shortest=1))
    assert ("Counter.up/1", FEW) not in reasons(driven(of_counter(), shortest=1))


def test_functions_that_others_stand_on_unseen_make_no_tests() -> None:
    steps = "\n".join(
        f"    counter = put_in(counter.log, [{at} | counter.log])" for at in range(20)
    )
    code = COUNTER.replace("%{count: start, log: []}", "later(%{count: start, log: []})")
    code = code.removesuffix("end\n") + f"  defp later(counter) do\n{steps}\n  end\nend\n"
    test = block_of("assert Counter.up(Counter.new(6)).count == 7")
    assert rows(writing(of_counter(test, code), module=200))
    assert reasons(writing(of_counter(test, code), module=200, context=600)) == [
        ("up/1", MORE_CODE)
    ]


def test_messages_that_nobody_has_seen_are_not_expected() -> None:
    code = COUNTER.replace("  def reset", "  def load(n), do: raise(Counter.Lost, n)\n  def reset")
    line = 'assert_raise Counter.Lost, ~r/lost count/, fn -> Counter.load("n") end'
    assert reasons(writing(of_counter(with_line(line), code))) == [("CounterTest", UNTOLD)]
    told = code.replace("raise(Counter.Lost, n)", 'raise(Counter.Lost, "lost count of #{n}")')
    assert rows(writing(of_counter(with_line(line), told)))


def test_tests_that_need_surroundings_of_their_own_are_not_expected() -> None:
    other = (
        '\n  @tag :online\n  test "down/1" do\n    assert Counter.down(%{count: 1}).count == 0\n'
    )
    some = COUNTER_TEST.removesuffix("end\n") + f"{other}  end\nend\n"
    assert reasons(writing(of_counter(some))) == [("CounterTest", SUPPORT)]
    assert rows(writing(of_counter(some.replace("  @tag :online\n", ""))))


def test_blocks_called_after_another_function_are_not_asked_for() -> None:
    block = block_of("assert Counter.up(%{count: 6}).count == 7")
    assert rows(writing(of_counter(block), module=200))
    block = block.replace('describe "up/1"', 'describe "Ledger.next/1"')
    assert reasons(writing(of_counter(block), module=200)) == [("Ledger.next/1", SUPPORT)]


def test_short_hashes_are_computed_too() -> None:
    line = 'assert Counter.seal("a") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="'
    assert is_computed(line, "def seal(n), do: Base.encode64(:crypto.hash(:sha, n))")
    assert not is_computed(line, "def seal(n), do: Base.encode64(n)")
