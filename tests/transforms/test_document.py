"""`document`: code without its documentation in, the documentation out."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.syntax import parse
from tests.transforms.reading import parsed, real, run
from transforms import document, prose
from transforms.fences import unfenced

CASE = '''
defmodule Queue do
  @moduledoc """
  A queue of jobs: the first that goes in is the first that comes out.
  """

  @doc """
  Adds a job at the end of the queue.

  ## Examples

      iex> Queue.add([], :a)
      [:a]

  """
  @spec add(list, term) :: list
  def add(queue, job) do
    queue ++ [job]
  end

  @doc "Takes the first job, or gives `:empty` when there is none."
  def take([job | rest]), do: {job, rest}
  def take([]), do: :empty

  @doc "See `take/1`."
  def pop(queue), do: take(queue)

  @doc "Works as https://example.org/queues explains it."
  def merge(a, b), do: a ++ b

  @doc false
  def secret(queue), do: queue

  @doc "Counts the jobs in a way of its own."
  defdelegate count(queue), to: Enum

  def undocumented(queue), do: queue
end
'''


def test_a_whole_row() -> None:
    rows, _ = run("document", CASE)
    row = rows["Queue.add/2"]
    assert row.request == (
        "Write the @doc for `Queue.add/2`:\n\n"
        "```elixir\n"
        "defmodule Queue do\n"
        "  @spec add(list, term) :: list\n"
        "  def add(queue, job) do\n"
        "    queue ++ [job]\n"
        "  end\n"
        "end\n"
        "```\n\n"
        "With examples."
    )
    assert row.answer == (
        "```elixir\n"
        '@doc """\n'
        "Adds a job at the end of the queue.\n\n"
        "## Examples\n\n"
        "    iex> Queue.add([], :a)\n"
        "    [:a]\n\n"
        '"""\n'
        "```"
    )
    assert row.quality.documentation == 1.0


def test_the_module_is_shown_without_what_is_asked_for() -> None:
    rows, _ = run("document", CASE)
    row = rows["Queue"]
    assert "@moduledoc" not in unfenced(row.request)[0]
    assert "def take([job | rest]), do: {job, rest}" in row.request
    assert row.answer == (
        '```elixir\n@moduledoc """\n'
        "A queue of jobs: the first that goes in is the first that comes out.\n"
        '"""\n```'
    )


def test_a_long_module_is_shown_by_its_heads() -> None:
    rows, _ = run("document", CASE, whole_module=0)
    request = rows["Queue"].request
    assert "# Adds a job at the end of the queue.\n  @spec add(list, term) :: list" in request
    assert "queue ++ [job]" not in request


def test_what_code_cannot_tell_is_left_out_with_its_reason() -> None:
    rows, left_out = run("document", CASE)
    assert set(rows) == {"Queue", "Queue.add/2", "Queue.take/1"}
    assert left_out == {
        "Queue.pop/1": prose.TOO_SHORT,
        "Queue.merge/2": prose.ELSEWHERE,
        "Queue.count/1": document.DELEGATE,
    }


def test_documentation_longer_than_its_code_can_bear_is_left_out() -> None:
    long = "It is a word that is as it is and that is given here. " * 8
    source = f'defmodule A do\n  @doc "{long}"\n  def f(x), do: x\nend\n'
    assert run("document", source)[1] == {"A.f/1": document.SAYS_MORE}
    assert run("document", source, share=500.0)[1] == {}
    assert run("document", source, max_answer=100)[1] == {"A.f/1": document.DOC_TOO_LONG}


def reason(doc: str, code: str) -> str:
    """Why a function `f` is left out, "" when it is asked for."""
    source = f'defmodule A do\n  @doc "{doc}"\n{code}\nend\n'
    return run("document", source)[1].get("A.f/1", "")


def test_documentation_that_refers_to_what_is_not_shown_is_left_out() -> None:
    code = "  def f(x), do: x\n\n  def g(x), do: x"
    assert reason("Does the same as `g/1` does.", code) == ""
    assert reason("Does the same as `A.g/1` does.", code) == ""
    assert reason("Does the same as `h/1` does.", code) == document.SAYS_MORE
    assert reason("Does the same as `B.h/1` does.", code) == document.SAYS_MORE


def test_a_few_lines_around_unknown_code_bear_little_documentation() -> None:
    doc = "Takes the given string, and where that has a value of its own, returns it as one."
    assert reason(doc, "  def f(x), do: x |> Post.take() |> Post.given()") == document.SAYS_MORE
    assert reason(doc, "  def f(x), do: x |> String.trim() |> String.upcase()") == ""


def test_what_shows_nothing_is_left_out() -> None:
    doc = "Returns the environment of the caller."
    assert reason(doc, "  def f(_x), do: :erlang.nif_error(:missing)") == document.STUB
    assert reason("Gives up to #{@most} of them.", "  def f(x), do: x") == document.NOT_TEXT
    long = f'  @table "{"x" * 5_000}"\n'
    assert reason(doc, f"{long}  def f(_x), do: @table") == document.SAYS_MORE


def test_inputs_of_tests_are_left_out() -> None:
    given = parsed(CASE, path="test/fixtures/queue.ex")
    rows, left_out = run("document", given)
    assert rows == {}
    assert left_out["Queue.add/2"] == document.FIXTURE


def test_erlang_comments_are_asked_for_as_what_they_are() -> None:
    source = (
        "%% @doc Keeps jobs in the order in which they came.\n-module(queues).\n"
        "-export([add/2]).\n\n"
        "%% @doc Adds a job at the end\n%% of the queue.\nadd(Queue, Job) -> Queue ++ [Job].\n"
    )
    rows, left_out = run("document", source, "erlang")
    assert left_out == {}
    row = rows["queues:add/2"]
    assert "EDoc comment" in row.request and "lixir" not in row.request
    assert "a EDoc" not in row.request
    assert row.answer == "```erlang\n%% @doc Adds a job at the end\n%% of the queue.\n```"
    assert unfenced(rows["queues"].answer) == [
        "%% @doc Keeps jobs in the order in which they came."
    ]


PLACES = [
    ("elixir-nimble-parsec", "lib/nimble_parsec.ex"),
    ("elixir-lang", "lib/elixir/lib/keyword.ex"),
    ("elixir-makeup", "lib"),
    ("erlang-poolboy", "src"),
    ("erlang-cowlib", "src"),
]


@pytest.mark.parametrize(("package", "path"), PLACES)
def test_real_rows_hold_what_was_promised(corpus: Path, package: str, path: str) -> None:
    for given in real(corpus, package, path):
        rows, _ = run("document", given)
        lines = {line.strip() for line in given.document.text.split("\n")}
        for subject, row in rows.items():
            (code,) = unfenced(row.answer)
            (shown,) = unfenced(row.request)
            assert not parse(code.encode(), row.language).root_node.has_error, subject
            assert all(line.strip() in lines for line in code.split("\n")), subject
            assert code not in shown and f"`{subject}`" in row.request, subject


FACT = "Tells how many there are in the whole of it"


@pytest.mark.parametrize(
    ("doc", "code", "why"),
    [
        (f"{FACT}, up to `:limit`.", "def f(x), do: length(x) + 1", document.SAYS_MORE),
        (f"{FACT} of the given `tree`.", "def f(x), do: length(x) + 1", document.SAYS_MORE),
        ("Counts all of it.", "def count_all(x), do: length(x)", document.ECHO),
        (f"{FACT}.\\n\\n    A.f()", "def f(x), do: length(x)", document.MISTAKEN),
        (f"{FACT}.", "def f(module), do: module.info(:count)", document.SAYS_MORE),
        (f"{FACT}.", "def f(x), do: length(x)", ""),
    ],
)
def test_documentation_of_other_code_is_left_out(doc: str, code: str, why: str) -> None:
    _, left_out = run("document", f'defmodule A do\n  @doc "{doc}"\n  {code}\nend\n')
    assert "".join(left_out.values()) == why


def test_tests_and_examples_are_nothing_to_document() -> None:
    source = f'defmodule A do\n  @doc "{FACT}."\n  def f(x), do: length(x)\nend\n'
    for path in ("test/support/a.ex", "bench/a.ex", "lib/a/examples/a.ex", "test/a_SUITE.erl"):
        given = parsed(source, path=path)
        for name in ("document", "explain", "implement", "spec"):
            rows, _ = run(name, given)
            assert rows == {}, (name, path)
    assert run("document", parsed(source, path="lib/latest/a.ex"))[0]


def test_an_exception_does_not_tell_when_it_is_raised() -> None:
    source = (
        'defmodule A.Error do\n  @moduledoc "Raised when the tree has grown too tall."\n'
        '  defexception message: "too tall"\nend\n'
    )
    assert run("document", source) == ({}, {"A.Error": document.SAYS_MORE})
    assert run("explain", source)[0] == {}


def test_half_a_conditional_is_not_shown() -> None:
    source = (
        "-module(a).\n-ifdef(OLD).\nlow(S) -> string:to_lower(S).\n-else.\n"
        "low(S) -> string:lowercase(S).\n-endif.\n"
        f"%% @doc {FACT}, letters of either case being one.\n"
        "-spec f(string()) -> integer().\nf(S) -> length(lists:usort(low(S))).\n"
    )
    for name in ("document", "spec", "explain", "implement"):
        rows, left_out = run(name, source, "erlang")
        shown = "".join(row.request for row in rows.values())
        assert "-else" not in shown or "-ifdef" in shown, (name, left_out)


def test_functions_that_stand_for_documentation_are_stubs() -> None:
    for call in ("doc!([x])", "doc! [x]", "special_form!([x])"):
        code = f'  def f(x), do: {call}\n  defp doc!(_), do: raise("never called")'
        assert reason("Counts what is given as `x`.", code) == document.STUB


def test_a_reference_with_a_colon_too_many_is_one() -> None:
    code = "  def f(x), do: x\n\n  def g(x), do: x"
    assert reason("Does the same as `:f/1` does.", code) == ""
    assert reason("Does the same as `:h/1` does.", code) == document.SAYS_MORE


def with_doc(doc: str, code: str, rest: str = "") -> tuple[str, str]:
    """The request for `A.f` and why there is none."""
    rows, left_out = run("document", f'defmodule A do\n  @doc """\n{doc}  """\n{code}\n{rest}end\n')
    request = next((row.request for name, row in rows.items() if name.startswith("A.f/")), "")
    return request, next((why for name, why in left_out.items() if name.startswith("A.f/")), "")


def test_functions_that_examples_call_are_shown() -> None:
    doc = "  Starts with nothing in the list.\n\n      iex> A.f() |> A.put(1)\n      [1]\n"
    put = "  def put(list, x), do: [x | list]\n"
    assert "def put(list, x), do: [x | list]" in with_doc(doc, "  def f, do: []", put)[0]


@pytest.mark.parametrize(
    ("doc", "code", "reason"),
    [
        # What an example gives, only the code elsewhere knows.
        (
            "  Asks the shop for `x`.\n\n      iex> A.f(1)\n      {:ok, 2}\n",
            "  def f(x), do: shop(x)",
            document.SAYS_MORE,
        ),
        ("  Asks the shop for `x`.\n", "  def f(x), do: shop(x)", ""),
        # Tokens that nobody writes by heart.
        (
            '  Adds one to `x`.\n\n      A.f("eyJhbGciOiJIUzI1NiJ9e305paAJxaOXSqRUIXrP")\n',
            "  def f(x), do: x + 1",
            document.SAYS_MORE,
        ),
        # Examples and nothing said.
        ("  ## Examples\n\n      A.f(1)\n", "  def f(x), do: x + 1", prose.TOO_SHORT),
        # Pointers.
        ("  Wraps `Shop.open/1`.\n", "  def f(x), do: shop(x)", prose.TOO_SHORT),
        ("  DBConnection callback.\n", "  def f(x), do: shop(x)", prose.TOO_SHORT),
        ("  Documentation for f.\n", "  def f(x), do: shop(x)", document.ECHO),
    ],
)
def test_documentation_that_code_cannot_lead_to(doc: str, code: str, reason: str) -> None:
    assert with_doc(doc, code)[1] == reason


def test_errors_that_no_branch_gives() -> None:
    doc = "  Gives the sum `x` in a tuple.\n\n  Returns `{:error, reason}` where there is none.\n"
    row = f'defmodule A do\n  @doc """\n{doc}  """\n  def f(x), do: BODY\nend\n'
    assert run("document", row.replace("BODY", "{:sum, x}"))[1] == {"A.f/1": document.SAYS_MORE}
    assert run("document", row.replace("BODY", "sum(x)"))[1] == {}


def test_a_value_alone_has_no_more_to_tell_than_a_sentence() -> None:
    doc = "  Names the port of the server.\n"
    row = 'defmodule A do\n  @doc """\nDOC  """\n  def port, do: :"server.port"\nend\n'
    more = doc + "\n  The value may be written as text.\n"
    assert run("document", row.replace("DOC", more))[1] == {"A.port/0": document.SAYS_MORE}
    assert run("document", row.replace("DOC", doc))[1] == {}
