"""`implement`: the request states what the function must do, the answer is the function."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.syntax import parse
from tests.transforms.reading import real, run
from transforms import implement, prose
from transforms.fences import unfenced

CASE = '''
defmodule Temperature do
  @moduledoc "Converts."

  @zero 273.15

  @doc """
  Converts degrees Celsius to kelvin, rounded to `digits`.

  ## Examples

      iex> Temperature.to_kelvin(0)
      273.2

  """
  @spec to_kelvin(number, 0..15) :: float
  def to_kelvin(celsius, digits \\\\ 1) when is_number(celsius) do
    rounded(celsius + @zero, digits)
  end

  @doc "Reads the sensor of the given name once and answers in degrees Celsius."
  def read(name), do: Sensors.Bus.read(name)

  # Rounds to a number of digits, as engineers do it.
  defp rounded(number, digits), do: Float.round(number, digits)

  # and so on
  defp other(x), do: x

  @doc false
  def hidden(x), do: other(x)

  @impl true
  def init(x), do: {:ok, x}

  @doc "See `to_kelvin/2`."
  def kelvin(x), do: to_kelvin(x)

  @doc "Gives the name of the scale that is used."
  defdelegate scale(x), to: Scale

  @doc "Tells the weather by means that are not shown."
  def weather(x), do: x |> then(& &1[@station])
end
'''


def test_a_whole_row() -> None:
    rows, _ = run("implement", CASE)
    row = rows["Temperature.to_kelvin/2"]
    assert row.request == (
        "Missing public function in `Temperature`:\n\n"
        "```elixir\n"
        "defmodule Temperature do\n"
        "  @zero 273.15\n\n"
        '  @doc """\n'
        "  Converts degrees Celsius to kelvin, rounded to `digits`.\n\n"
        "  ## Examples\n\n"
        "      iex> Temperature.to_kelvin(0)\n"
        "      273.2\n\n"
        '  """\n'
        "  @spec to_kelvin(number, 0..15) :: float\n"
        "  # implement to_kelvin/2\n\n"
        "  defp rounded(number, digits), do: Float.round(number, digits)\n"
        "end\n"
        "```\n\n"
        "Give me `to_kelvin/2`.\n\n"
        "Signature: `to_kelvin(celsius, digits \\\\ 1)`."
    )
    assert row.answer == (
        "```elixir\n"
        "def to_kelvin(celsius, digits \\\\ 1) when is_number(celsius) do\n"
        "  rounded(celsius + @zero, digits)\n"
        "end\n"
        "```"
    )
    assert row.quality.documentation == 1.0
    assert (row.provenance.start_line, row.provenance.end_line) == (7, 19)
    assert (row.task, row.language, row.licence) == ("implement", "elixir", "MIT")


def test_functions_of_unknown_modules_are_named_in_the_request() -> None:
    rows, _ = run("implement", CASE)
    assert "`Sensors.Bus.read`" in rows["Temperature.read/1"].request


def test_a_private_function_is_asked_for_when_a_comment_says_what_it_does() -> None:
    rows, left_out = run("implement", CASE)
    request = rows["Temperature.rounded/2"].request
    assert "private function" in request
    assert "# Rounds to a number of digits, as engineers do it." in request
    assert left_out["Temperature.other/1"] == implement.UNDOCUMENTED


def test_what_cannot_be_asked_for_is_left_out_with_its_reason() -> None:
    _, left_out = run("implement", CASE)
    assert left_out == {
        "Temperature.other/1": implement.UNDOCUMENTED,
        "Temperature.hidden/1": implement.HIDDEN,
        "Temperature.init/1": implement.CALLBACK,
        "Temperature.kelvin/1": prose.TOO_SHORT,
        "Temperature.scale/1": implement.DELEGATE,
        "Temperature.weather/1": implement.NEEDS_MORE,
    }


def test_limits_leave_out() -> None:
    assert run("implement", CASE, max_answer=100)[1]["Temperature.to_kelvin/2"] == (
        implement.TOO_LONG
    )
    assert run("implement", CASE, max_documentation=100)[1]["Temperature.to_kelvin/2"] == (
        implement.LONG_DOC
    )
    assert run("implement", CASE, max_unknown_calls=0)[1]["Temperature.read/1"] == (
        implement.NEEDS_MORE
    )


def test_a_function_that_does_more_than_it_is_said_to_is_left_out() -> None:
    body = "\n".join(f"    x = step(x, {i})" for i in range(60))
    doc = '  @doc "Steps through all of the steps."'
    source = f"defmodule A do\n{doc}\n  def f(x) do\n{body}\n  end\nend\n"
    assert run("implement", source) == ({}, {"A.f/1": implement.DOES_MORE})


def reason(code: str, doc: str = "Turns what it is given into what is wanted.") -> str:
    """Why a function `f` is left out, "" when it is asked for."""
    source = f'defmodule A do\n  @doc "{doc}"\n{code}\nend\n'
    rows, left_out = run("implement", source)
    assert rows or left_out
    return next((why for name, why in left_out.items() if name.startswith("A.f/")), "")


@pytest.mark.parametrize(
    ("code", "told", "untold"),
    [
        ('x || raise("no")', "Gives the thing back, or raises.", "Gives the thing back as it is."),
        ("IO.puts(x)", "Prints the thing in full.", "Does it to the thing at hand."),
        ("Logger.info(x)", "Logs the thing as it is.", "Takes note of the thing."),
    ],
)
def test_what_users_would_notice_has_to_be_told(code: str, told: str, untold: str) -> None:
    assert reason(f"  def f(x), do: {code}", told) == ""
    assert reason(f"  def f(x), do: {code}", untold) == implement.DOES_MORE


def test_options_have_to_be_told() -> None:
    code = "  def f(x, opts), do: String.trim_leading(x, opts[:mark])"
    assert reason(code) == implement.DOES_MORE
    assert reason(code, "Trims the text; the option `:mark` says what of.") == ""


def test_one_word_texts_have_to_be_told() -> None:
    code = '  def f(x), do: x <> ".backup"'
    assert reason(code) == implement.DOES_MORE
    assert reason(code, "Puts `.backup` at the end of the name.") == ""


def test_results_have_to_be_told_by_spec_or_words() -> None:
    code = "  def f(x), do: {:found, x}"
    assert reason(code) == implement.NEEDS_MORE
    assert reason(code, "Gives `{:found, thing}` for a thing.") == ""
    assert reason("  @spec f(term) :: {:found, term}\n" + code) == ""


def test_messages_have_to_be_told() -> None:
    code = "  @spec f(pid) :: term\n  def f(pid), do: send(pid, {:wake_up, 1})"
    assert reason(code) == implement.NEEDS_MORE
    assert reason(code, "Sends `{:wake_up, 1}` to the process.") == ""
    asks = "  def f(pid) do\n    send(pid, 1)\n    receive do\n      x -> x\n    end\n  end"
    assert reason(asks) == implement.NEEDS_MORE


def test_functions_called_by_the_own_modules_name_have_to_be_shown() -> None:
    assert reason("  def f(x), do: A.made_by_a_macro(x)") == implement.NEEDS_MORE


def test_fields_have_to_be_told() -> None:
    code = "  def f(%{colour: c}), do: c"
    assert reason(code) == implement.NEEDS_MORE
    assert reason(code, "Gives the colour that the thing has.") == ""


def test_what_stands_in_for_native_code_is_left_out() -> None:
    assert reason("  def f(_x), do: :erlang.nif_error(:missing)") == implement.STUB


def test_documentation_with_computed_parts_is_left_out() -> None:
    assert reason("  def f(x), do: x", "Turns it, up to #{@most} times.") == implement.COMPUTED
    assert reason("  def f(x), do: x", "Turns it up to three times.") == ""


def test_the_arguments_of_a_function_without_a_spec_are_told() -> None:
    doc = '@doc "Puts the one behind the other one."'
    source = f"defmodule A do\n  {doc}\n  def f(b, a), do: a ++ b\nend\n"
    assert "`f(b, a)`" in run("implement", source)[0]["A.f/2"].request


DOC = '  @doc "Tells whether the number is one of ours."\n'


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("  def f(1), do: true\n  def g(x), do: x\n  def f(_), do: false\n", implement.SCATTERED),
        ("  def f(x), do: (x ++ ]\n", implement.BROKEN),
        ("  def f(x) do\n    x ++ * 1\n  end\n", implement.BROKEN),
        ("  def f(x)\n", implement.NO_BODY),
        ("  def f(unquote(x)), do: x\n", implement.MADE),
    ],
)
def test_incomplete_functions_are_left_out(code: str, reason: str) -> None:
    rows, left_out = run("implement", f"defmodule A do\n{DOC}{code}end\n")
    assert rows == {}
    assert left_out["A.f/1"] == reason


def test_erlang_speaks_of_erlang() -> None:
    source = (
        "-module(temp).\n-export([kelvin/1]).\n-define(ZERO, 273.15).\n\n"
        "%% @doc Converts degrees Celsius to kelvin.\n-spec kelvin(number()) -> float().\n"
        "kelvin(Celsius) ->\n    Celsius + ?ZERO.\n"
    )
    rows, left_out = run("implement", source, "erlang")
    assert left_out == {}
    row = rows["temp:kelvin/1"]
    assert "exported function" in row.request and "lixir" not in row.request
    assert "-define(ZERO, 273.15)." in row.request
    assert "%% @doc Converts degrees Celsius to kelvin." in row.request
    assert row.answer == "```erlang\nkelvin(Celsius) ->\n    Celsius + ?ZERO.\n```"


def test_the_seed_chooses_the_wording_and_nothing_else() -> None:
    by_seed = [run("implement", CASE, seed=seed)[0]["Temperature.read/1"] for seed in range(12)]
    assert len({row.request for row in by_seed}) > 6
    assert len({row.answer for row in by_seed}) == 1
    assert run("implement", CASE, seed=3) == run("implement", CASE, seed=3)


PLACES = [
    ("elixir-nimble-parsec", "lib/nimble_parsec.ex"),
    ("elixir-lang", "lib/elixir/lib/enum.ex"),
    ("elixir-makeup", "lib"),
    ("erlang-cowlib", "src"),
    ("erlang-poolboy", "src"),
]


@pytest.mark.parametrize(("package", "path"), PLACES)
def test_real_rows_hold_what_was_promised(corpus: Path, package: str, path: str) -> None:
    seen = 0
    for document in real(corpus, package, path):
        rows, _ = run("implement", document)
        lines = {line.strip() for line in document.document.text.split("\n")}
        for subject, row in rows.items():
            seen += 1
            (code,) = unfenced(row.answer)
            assert not parse(code.encode(), row.language).root_node.has_error, subject
            assert all(line.strip() in lines for line in code.split("\n")), subject
            name, _, arity = subject.rpartition("/")
            local = name.replace(":", ".").split(".", name.count("."))[-1]
            assert f"{local}/{arity}" in row.request or f"/{arity}" in row.request, subject
            assert code not in row.request, subject
    assert seen > 5 or package == "erlang-poolboy"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("  def f, do: @zone", implement.CONSTANT),
        ("  def f do\n    @zone\n  end", implement.CONSTANT),
        ("  def f, do: {@zone, 1}", implement.NEEDS_MORE),
        ("  def f, do: {:ok, @zone}", ""),
        ("  def f(x) do\n    Path.join(x)\n  rescue\n    _ -> x\n  end", implement.DOES_MORE),
        ("  def f(module), do: module.language.name(1)", implement.NEEDS_MORE),
        ("  def f({tag, meta, value}), do: [tag, meta, value]", implement.NEEDS_MORE),
        ("  @spec f(binary) :: atom\n  def f(x) when is_list(x), do: hd(x)", implement.NEEDS_MORE),
    ],
)
def test_what_the_documentation_does_not_tell(code: str, why: str) -> None:
    doc = '  @doc "Tells the zone that the whole of the place is in, as a name."\n'
    source = f"defmodule A do\n  @zone :alps\n{doc}{code}\nend\n"
    assert "".join(run("implement", source)[1].values()) == why


def test_a_comment_bears_less_code_than_documentation() -> None:
    lines = "\n".join(f"    list = [x + {n} | list]" for n in range(22))
    body = f"  def{{}} f(x, list) do\n{lines}\n    Enum.reverse(list)\n  end\n"
    said = "Adds what is asked for to the `list`, time after time, and turns it around"
    spec = "  @spec f(integer, [integer]) :: [integer]\n"
    documented = f'defmodule A do\n  @doc "{said}."\n{spec}{body.format("")}end\n'
    commented = f"defmodule A do\n  # {said}.\n{spec}{body.format('p')}end\n"
    assert run("implement", documented)[1] == {}
    assert run("implement", commented)[1] == {"A.f/2": implement.DOES_MORE}


DOC = '  @doc "Does with `x` and `y` what the shop does with them, and answers as the shop does."\n'


def asked(code: str, rest: str = "", doc: str = DOC) -> tuple[str, str]:
    """The request for `A.f` and why there is none."""
    rows, left_out = run("implement", f"defmodule A do\n{doc}{code}\n{rest}end\n")
    request = next((row.request for name, row in rows.items() if name.startswith("A.f/")), "")
    return request, next((why for name, why in left_out.items() if name.startswith("A.f/")), "")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        # A call of whatever module or function value is at hand, by a name that nothing tells.
        ("  def f(x, y), do: x.price(y)", implement.NEEDS_MORE),
        ("  def f(x, y), do: shop(x).price(y)", implement.NEEDS_MORE),
        ("  def f(x, y), do: x.answers(y)", ""),
        # What a server is sent, when no callback of it is shown.
        ("  def f(x, y), do: GenServer.call(x, {:does, y})", implement.NEEDS_MORE),
        ("  def f(x, y), do: GenStateMachine.call(x, {:does, y})", implement.NEEDS_MORE),
        ("  def f(x, y), do: ask({:does, x, y})", implement.NEEDS_MORE),
        # Tags, fields, and modules that stand nowhere.
        ("  def f(x, y), do: {:priced, x, y}", implement.NEEDS_MORE),
        ("  def f(%Shop{till: till}, y), do: till + y", implement.NEEDS_MORE),
        ("  def f(x, y), do: if(x, do: y, else: raise(Shop.Closed))", implement.DOES_MORE),
        ("  def f(x, y), do: Enum.map(x, &struct(Priced, &1)) ++ y", implement.NEEDS_MORE),
        # Texts, also between single quotes, and words that are joined with values.
        ("  def f(x, y), do: System.cmd(x, ['--shop', y])", implement.DOES_MORE),
        ('  def f(x, y), do: "#{x}_ledger" <> y', implement.DOES_MORE),
        ('  def f(x, y), do: "#{x}_shop" <> y', ""),
        ('  def f(x, y), do: x <> y <> "Please come back on another day"', implement.DOES_MORE),
        # A module nested in this one is one of the unknown, and named.
        ("  def f(x, y), do: __MODULE__.Till.add(x, y)", ""),
    ],
)
def test_what_no_request_can_tell_is_left_out(code: str, reason: str) -> None:
    rest = "  defp ask(z), do: GenServer.call(__MODULE__, z)\n  defp shop(z), do: z\n"
    request, why = asked(code, rest)
    assert why == reason
    assert bool(request) is not bool(reason)
    assert "__MODULE__" not in code or "`__MODULE__.Till.add`" in request


def test_functions_that_imports_bring_are_named() -> None:
    code = "  def f(x, y), do: x |> priced(y) |> taxed()"
    request = asked(code, "  import Shop.Prices\n")[0]
    assert "`priced` and `taxed`" in request
    only = asked(code, "  import Shop.Prices, only: [priced: 2, taxed: 1]\n")[0]
    assert "priced: 2" in only
    assert "`taxed`" not in only


def test_documentation_between_clauses_tells_the_answer() -> None:
    second = '  @doc "Does it for `y` alone, as the shop does."\n  def f(x, :y), do: x\n'
    code = "  def f(x, nil), do: x\n\n" + second
    assert asked(code)[1] == implement.SCATTERED
    for name in ("document", "explain"):
        rows, left_out = run(name, f"defmodule A do\n{DOC}{code}end\n")
        assert rows == {}
        assert left_out["A.f/2"] == implement.SCATTERED


def test_a_message_has_to_be_one_that_a_shown_callback_takes() -> None:
    code = "  def f(x, y), do: GenServer.cast(x, {:does, y})"
    server = "  def handle_cast({:%s, y}, state), do: {:noreply, [y | state]}\n"
    assert asked(code, server % "does")[0]
    assert asked(code, server % "answers")[1] == implement.NEEDS_MORE


@pytest.mark.parametrize(
    ("doc", "reason"),
    [
        ("Does with `x` what the shop does, by the option `:till`.", ""),
        ("Does with `x` what the shop does, by `till: 1` and by what is at hand.", ""),
        ("Does with `x` what the shop does with it at its till.", implement.DOES_MORE),
    ],
)
def test_an_option_is_told_where_it_is_written_as_one(doc: str, reason: str) -> None:
    assert asked("  def f(x, y), do: x + y[:till] + opts[:till]", "", f'  @doc "{doc}"\n')[1] == (
        reason
    )


def test_long_code_under_few_words_does_more_than_they_say() -> None:
    lines = "".join(f"    x = x + {n} * y\n" for n in range(20))
    code = f"  def f(x, y) do\n{lines}    x\n  end"
    assert asked(code, "", '  @doc "Adds `y` to `x`."\n')[1] in (
        implement.DOES_MORE,
        prose.TOO_SHORT,
    )
    doc = '  @doc "Adds multiples of `y` up to 19 to `x`, one by one and so on."\n'
    spec = "  @spec f(integer, integer) :: integer\n"
    assert asked(code, "", doc + spec)[0]
    assert asked(code, "", doc)[1] == implement.DOES_MORE


def test_sizes_of_segments_that_nothing_tells() -> None:
    code = "  def f(x, y), do: match?(<<^y::bits-size(96), _::bits-size(64)>>, x)"
    assert asked(code)[1] == implement.NEEDS_MORE
    told = '  @doc "Does with `x` and `y` what the shop does: the first 96 bits of 96 and 64."\n'
    request = asked(code, "", told)[0]
    assert request
    assert "`size`" not in request


def test_what_hands_on_without_a_word_of_its_own_is_no_exercise() -> None:
    doc = '  @doc "Gives the prices that the shop has for everybody."\n'
    assert asked("  def f, do: Shop.prices()", "", doc)[1] == implement.CONSTANT
    assert asked("  def f() do\n    :shop.prices()\n  end", "", doc)[1] == implement.CONSTANT
    assert asked("  def f, do: Shop.prices(node())", "", doc)[0]
    assert asked("  def f, do: System.schedulers_online()", "", doc)[0]


def test_a_call_of_a_nested_module_is_named_and_one_of_the_module_itself_is_not() -> None:
    rest = "  def shop(x), do: x + 1\n"
    request = asked("  def f(x, y), do: A.shop(x) + A.Till.add(y)", rest)[0]
    assert "`A.Till.add`" in request
    assert "`A.shop`" not in request


def test_long_tuples_that_nothing_shows() -> None:
    code = "  def f(x, y), do: Enum.map(x, fn {a, b, c, d} -> a + b + c + d + y end)"
    assert asked(code)[1] == implement.NEEDS_MORE
    told = (
        '  @doc "Does with `x`, which is a list of `{a, b, c, d}`, and `y` what the shop does."\n'
    )
    assert asked(code, "", told)[0]


def test_calls_without_parentheses_are_calls() -> None:
    request = asked("  def f(x, y), do: x + y + Shop.price")[0]
    assert "`Shop.price`" in request
    rest = "  defp charge(till, z), do: till + z\n"
    assert "defp charge" in asked("  def f(x, y), do: charge(x, y)", rest)[0]
    assert "defp charge" in asked("  def f(x, y) do\n    charge x, y\n  end", rest)[0]
    assert asked("  def f(x, charge), do: x + charge", rest)[1] in ("", implement.NEEDS_MORE)


@pytest.mark.parametrize("value", ["44_444", '"shop"', "@till"])
def test_a_value_alone_is_nothing_to_write(value: str) -> None:
    doc = '  @doc "Gives the price that the shop has for everybody."\n'
    assert asked(f"  def f, do: {value}", "", doc)[1] == implement.CONSTANT


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        # The word of a tag is not the tag.
        ("  def f(x, y), do: send(x, {:shop, y})", implement.NEEDS_MORE),
        # What is kept in a table, when nothing shows how.
        ("  def f(x, y), do: :ets.insert(x, {y, x, y})", implement.NEEDS_MORE),
        ("  def f(x, y), do: :ets.delete(x, y)", implement.NEEDS_MORE),
        # Regular expressions that no description spells out.
        ("  def f(x, y), do: x =~ ~r/^a+$/ and y", implement.DOES_MORE),
        # What is kept where nothing shown speaks of, and a pair of unknown parts.
        ("  def f(x, y), do: :persistent_term.get({x, y})", implement.NEEDS_MORE),
        (
            "  def f(x, y) do\n    {:ok, {a, b}} = Till.open(x)\n    a + b + y\n  end",
            implement.NEEDS_MORE,
        ),
        # A result of unknown shape.
        (
            "  def f(x, y) do\n    case Till.open(x) do\n      [a, b] -> a + b + y\n"
            "      _ -> y\n    end\n  end",
            implement.NEEDS_MORE,
        ),
        (
            "  def f(x, y) do\n    case Till.open(x) do\n      {:ok, a} -> a + y\n"
            "      _ -> y\n    end\n  end",
            "",
        ),
    ],
)
def test_shapes_that_nobody_can_know(code: str, reason: str) -> None:
    assert asked(code)[1] == reason


def test_a_table_that_the_module_speaks_of() -> None:
    code = "  def f(x, y), do: :ets.delete(@table, x) and y"
    assert asked(code, "  @table :shop\n")[1] == ""


def test_a_sigil_is_no_call_and_an_alias_hides_the_standard_library() -> None:
    assert "can rely" not in asked("  def f(x, y), do: x in ~w(a b) or y")[0]
    assert "`w`" not in asked("  def f(x, y), do: x in ~w(a b) or y")[0]
    code = "  def f(x, y), do: Registry.find(x, y)"
    assert "`Registry.find`" in asked(code.replace("f(", "f("), "  alias Shop.Registry\n")[0]
    assert "`Registry.find`" not in asked(code)[0]
    doc = '  @doc "Gives the prices that the shop has for everybody."\n'
    assert asked("  def f, do: ~w(low high)", "", doc)[1] == implement.CONSTANT
    assert asked("  def f(x, y), do: x + y", "", '  @doc "Called at runtime to add."\n')[1] == (
        prose.TOO_SHORT
    )


@pytest.mark.parametrize(
    ("code", "rest", "fact"),
    [
        # Clauses of which nothing else tells what they take, and in which order.
        (
            "  def f(x, y) when is_map(x), do: Map.values(x) ++ y\n"
            "  def f(x, y) when is_list(x), do: x ++ y",
            "",
            "`f(x, y) when is_map(x)` and `f(x, y) when is_list(x)`",
        ),
        # An option that no documentation names, though a field of the struct is called so.
        (
            "  def f(%__MODULE__{} = x, y), do: [x | Keyword.get(y, :till, [])]",
            "  defstruct [:till]\n",
            "`:till`",
        ),
        # Numbers that stand for something, and no others.
        ("  def f(x, y), do: Enum.find_index(x, &(&1 == y)) || -1", "", "`-1`"),
        ("  def f(x, y), do: Process.send_after(x, y, 4_700) + 10", "", "`4_700`"),
        # Results that neither a spec nor a word tells.
        ("  def f(x, y), do: {:ok, x ++ y}", "", "`{:ok, _}`"),
        # A key is not told by a word that is spelt as it is.
        ("  def f(x, y), do: Map.merge(x, %{shop: y})", "", "`:shop`"),
    ],
)
def test_what_only_the_code_knows_is_told(code: str, rest: str, fact: str) -> None:
    assert fact in asked(code, rest)[0].rsplit("```", 1)[1]


def test_a_marked_key_is_told_by_its_documentation() -> None:
    doc = (
        '  @doc "Does with `x` and `y` what the `:shop` does with them, and answers as it does."\n'
    )
    request = asked("  def f(x, y), do: Map.merge(x, %{shop: y})", "", doc)[0]
    assert request
    assert "`:shop`" not in request.rsplit("```", 1)[1]


def test_heads_that_are_all_of_the_code_are_not_told() -> None:
    code = (
        "  def f(x, y) when x > 4_700 and y > 4_700 and x != y, do: true\n  def f(_, _), do: false"
    )
    assert "when x > 4_700" not in asked(code)[0]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ('  def f(_x, _y), do: raise("call it elsewhere")', implement.RAISES),
        ("  def f(_x, _y), do: exit(:shop)", implement.RAISES),
        ("  def f(x, y), do: if(Code.ensure_loaded?(x), do: [x, y])", implement.FALLS_BACK),
        (
            "  def f(x, y), do: if(function_exported?(:maps, :get, 2), do: [x], else: [y])",
            implement.FALLS_BACK,
        ),
        ("  def f, do: {nil, %{}}", implement.CONSTANT),
        ('  def f, do: [a: 1, b: "x"]', implement.CONSTANT),
        # Shapes: rows of tables, pairs of errors, large tuples, positions in rows.
        ("  def f(x, y), do: :ets.insert(name(x), {y, x, y})", implement.NEEDS_MORE),
        (
            "  def f(x, y) do\n    case g(x) do\n      {:error, {a, b}} -> {a, b, y}\n"
            "      other -> other\n    end\n  end",
            implement.NEEDS_MORE,
        ),
        (
            "  def f(x, y) do\n    case g(x) do\n      {:error, a, b} -> a + b + y\n"
            "      other -> other\n    end\n  end",
            implement.NEEDS_MORE,
        ),
        ('  def f(x, y), do: Enum.map(x, &{:==, :"$3", &1, y})', implement.NEEDS_MORE),
        ("  def f(x, y), do: {__MODULE__, [x, y]}", implement.NEEDS_MORE),
        # What a module of a name put together can be asked for, only that module knows.
        (
            "  def f(x, y) do\n    module = Module.concat(x, List)\n    module.f(y)\n  end",
            implement.NEEDS_MORE,
        ),
        # What an unknown function returns, taken apart element by element.
        (
            "  def f(x, y) do\n    Till.all(x)\n    |> Enum.filter(fn {a, _} -> a == y end)\n  end",
            implement.NEEDS_MORE,
        ),
    ],
)
def test_what_no_description_can_tell(code: str, reason: str) -> None:
    helpers = "  defp g(x), do: Enum.at(x, 0)\n  defp name(x), do: x\n"
    assert asked(code, helpers)[1] == reason
