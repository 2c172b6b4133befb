"""`otp`: from the description of a process to its module, and from one half of it to the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from factory.parsed import Parsed
from factory.records import Document, Example, LeftOut
from factory.syntax import parse
from factory.syntax.steps import Branch, Let, Step, steps_of
from tests.transforms.golden import documents, make
from transforms.fences import unfenced
from transforms.otp import Otp, answer, brief, quote, tell, transform
from transforms.otp.points import Point, headed, rendered
from transforms.otp.quote import UntellableError, one_line
from transforms.wording import wordings

FIXTURES = Path(__file__).parents[1] / "fixtures" / "otp"
Real = list[tuple[Parsed, list[Example | LeftOut]]]

REAL = (
    "elixir-lang/lib/logger",
    "elixir-lang/lib/mix/lib/mix",
    "elixir-lang/lib/iex",
    "elixir-lang/lib/ex_unit",
    "elixir-lang/lib/elixir/src",
    "elixir-lang/lib/elixir/lib",
    "elixir-lang/lib/elixir/pages/mix-and-otp",
    "elixir-makeup/lib",
    "erlang-poolboy",
    "erlang-p1-mysql/src",
)


def document(text: str, path: str = "lib/a.ex") -> Document:
    language = {"ex": "elixir", "erl": "erlang", "md": "markdown"}[path.rsplit(".", 1)[1]]
    return Document("s", "r", "1", "sha256:0", "r", path, language, "MIT", text)


def run(text: str, path: str = "lib/a.ex", **options: object) -> list[Example | LeftOut]:
    made = Otp(Otp.Options(**options), 7)
    return list(made.document(Parsed(document(text, path))))


def rows(items: Iterable[Example | LeftOut]) -> list[Example]:
    return [item for item in items if isinstance(item, Example)]


def reasons(items: Iterable[Example | LeftOut]) -> list[str]:
    return [item.reason for item in items if isinstance(item, LeftOut)]


@pytest.fixture(scope="module")
def desk() -> dict[str, Example]:
    """The rows of the fixtures by subject."""
    made = make(Otp(Otp.Options(), 7), documents("desk", FIXTURES))
    assert not made.left_out
    return {row.provenance.subject: row for row in made.rows}


@pytest.fixture(scope="module")
def real(corpus: Path) -> Real:
    made = Otp(Otp.Options(), 7)
    found = []
    for folder in REAL:
        for one in documents(folder, corpus / folder):
            parsed = Parsed(one)
            found.append((parsed, list(made.document(parsed))))
    return found


def test_a_supervisor_in_full(desk: dict[str, Example]) -> None:
    row = desk["desk_sup"]
    assert row.request == (
        "Let's add `desk_sup`, an Erlang supervisor. This is the behaviour I want:\n\n"
        "Its API:\n\n"
        "- `start_link()`: starts the process linked, its argument `[]`, under the name "
        "`{local, ?MODULE}`.\n\n"
        "What the process does:\n\n"
        "- `init` given `[]`:\n"
        "  - starts these children, in order:\n"
        "    - id `desk_log`, start function `desk_log:start_link(100)`, restart `permanent`, "
        "shutdown `5000`, type `worker`, modules `[desk_log]`.\n"
        "    - id `sweeper`, start function `desk_sweeper:start_link()`, restart `transient`, "
        "shutdown `brutal_kill`.\n"
        "  - strategy `one_for_all`, at most `3` restarts in `60` seconds.\n\n"
        "I want the complete module as code."
    )
    assert unfenced(row.answer) == [(FIXTURES / "desk_sup.erl").read_text().strip()]
    assert row.language == "erlang"
    assert row.provenance.start_line == 1


def test_every_kind_is_asked_for_by_its_name(desk: dict[str, Example]) -> None:
    kinds = {
        "Desk.Counter": "a GenServer",
        "Desk.Supervisor": "a Supervisor",
        "Desk.Rooms": "a DynamicSupervisor",
        "Desk.Stamps": "an Agent",
        "Desk.App": "an Application callback module",
        "Desk.Mailing": "a Task and Registry-based module",
        "Desk.Queue": "a GenStage",
        "Desk.Door": "a module with the behaviour `:gen_statem`",
        "desk_log": "an Erlang gen_server",
        "desk_sup": "an Erlang supervisor",
        "desk_alarm": "an Erlang gen_event",
    }
    for name, kind in kinds.items():
        opening = desk[name].request.split("\n\n")[0]
        assert f"`{name}`" in opening
        assert kind in opening or kind.split(" ", 1)[1] in opening
    assert set(desk) == set(kinds) | {"Desk.Counter client", "desk_log client"}


def bullets(row: Example) -> list[str]:
    return [line.strip(" -").rstrip(".:") for line in row.request.split("\n") if "- " in line]


def said(key: str, **facts: str) -> list[str]:
    """Every way to say this."""
    return [text.format_map(facts) for text in wordings("otp").variants[key]]


def has(row: Example, key: str, **facts: str) -> bool:
    return any(text in row.request for text in said(key, **facts))


def test_a_server_is_told_by_messages_replies_and_states(desk: dict[str, Example]) -> None:
    row = desk["Desk.Counter"]
    assert has(row, "traps")
    assert has(row, "sends_later", message=":tick", receiver="self()", time="@close_after")
    assert has(row, "begins", state="%{visitors: first, open: true}")
    assert has(row, "with_continue", extra=":greet")
    assert has(row, "head_call", message=":visitors")
    assert has(row, "reply", reply="state.visitors")
    assert has(row, "state_is", state="%{open: true}")
    assert has(row, "guard", guard="is_pid(pid)")
    assert has(row, "becomes", state="%{state | open: false}")
    assert has(row, "answers", reply="{:error, :closed}", client="from")
    assert has(row, "stops", reason=":normal")
    assert has(row, "sends", message=":welcome", receiver="pid")
    assert has(row, "with_hibernate")
    assert has(row, "any_info")
    assert has(row, "mark_impl", value="true")
    assert has(row, "use_options", kind="GenServer", options="restart: :transient")
    assert "Counts the visitors of a desk" in row.request
    assert "@close_after 5_000" in row.request


def test_the_spelling_of_otp_is_left_to_the_answer(desk: dict[str, Example]) -> None:
    for name in ("Desk.Counter", "Desk.Stamps", "Desk.Door", "desk_log", "desk_alarm"):
        for spelled in ("{:reply", "{:noreply", "{reply", "{noreply", "next_state", "remove_"):
            assert spelled not in desk[name].request
        for called in ("GenServer.call", "GenServer.start", "gen_server:", "Agent.", "gen_statem."):
            assert called not in desk[name].request


REBOUND = """
defmodule Rebound do
  use GenServer

  def init(state), do: {:ok, state}

  def handle_call({:step, n}, _from, state) do
    case Rules.step(n, state) do
      {:ok, state} -> {:reply, n, state}
      {:error, ^state} -> {:reply, :no, state}
      other when state == n -> {:reply, other, state}
    end
  end

  def handle_cast({:jump, n}, state) do
    {:far, state} = Rules.jump(n, state)
    Rules.check(state)
    {:noreply, state}
  end

  def handle_cast({:try, n}, state) do
    with {:ok, state} <- Rules.try(n, state) do
      {:noreply, state}
    else
      _ -> {:noreply, state}
    end
  end
end
"""


def test_a_state_that_a_pattern_binds_anew_is_not_kept() -> None:
    (row,) = rows(run(REBOUND, parts=False))
    keeps, goes_on = said("keeps"), said("goes_on", state="state")
    steps = {
        "`{:ok, state}`: ": goes_on,
        "`{:error, ^state}`": keeps,
        "`other when state == n`": keeps,
        "Rules.check(state)": goes_on,
        "all match" if "all match" in row.request else "that works out": goes_on,
        "otherwise" if "otherwise" in row.request else "else": keeps,
    }
    lines = row.request.split("\n")
    for place, wanted in steps.items():
        line = next(line for line in lines if place in line)
        assert any(text in line for text in wanted), line


def test_a_message_that_carries_something_of_its_own_is_quoted() -> None:
    text = HELD.replace(
        "GenServer.call(server, {:work, list})",
        "GenServer.call(server, {:work, {server, list}})\n"
        "  def rest(server, list), do: GenServer.call(server, {:rest, list})\n"
        "  def stop(server, list), do: GenServer.call(server, {:stop, list ++ server})\n"
        "  def elsewhere(server), do: GenServer.call({:desk, server}, :elsewhere)",
    ).replace(
        "  def handle_info(",
        "  def handle_call({:rest, _}, _, s), do: {:reply, 0, s}\n\n  def handle_info(",
    )
    client = next(r for r in rows(run(text)) if r.provenance.subject == "Held client")
    assert has(client, "makes_call", message="{:work, {server, list}}", server="server")
    assert has(client, "makes_call", message="{:stop, list ++ server}", server="server")
    assert has(client, "makes_call_alike", server="server")
    assert "{:rest, list}" not in client.request
    # No callback here takes it, so nobody could know how it is spelled.
    assert has(client, "makes_call", message=":elsewhere", server="{:desk, server}")


def test_a_state_machine_is_told_by_states_and_events(desk: dict[str, Example]) -> None:
    row = desk["Desk.Door"]
    assert has(row, "begins_machine", current=":locked", state="%{code: code, left: code}")
    assert has(row, "head_state", name="open", event="`:state_timeout`", message=":lock")
    assert has(row, "next", current=":open")
    assert has(row, "with_actions", extra="[{:state_timeout, 2_000, :lock}]")
    assert has(row, "data_is", state="%{left: [digit | rest]}")
    assert has(row, "stays")
    assert has(row, "keeps_data")


def test_children_are_told_in_order_with_what_differs(desk: dict[str, Example]) -> None:
    request = desk["Desk.Supervisor"].request
    names = ["Desk.Counter", "Desk.Printer", "`Registry`", ":lamp", "{Desk.Printer, []}"]
    below = request[request.index("in order" if "in order" in request else "in this order") :]
    assert [below.index(name) for name in names] == sorted(below.index(name) for name in names)
    assert "`keys: :unique, name: Desk.Names, partitions: 2`" in below
    assert "`Desk.Lamp.light(:desk, 40)`" in below
    assert ":rest_for_one" in below
    assert "`4`" in below
    assert "`9`" in below


def test_options_bound_to_a_variable_are_read_there(desk: dict[str, Example]) -> None:
    row = desk["Desk.App"]
    assert has(row, "strategy", strategy=":one_for_all")
    assert has(row, "supervisor_name", name="Desk.Top")
    assert "opts" not in row.request


def test_an_agent_and_a_stage(desk: dict[str, Example]) -> None:
    agent, stage = desk["Desk.Stamps"], desk["Desk.Queue"]
    assert has(agent, "holds", value="%{}")
    assert has(agent, "agent_get_and_update", agent="__MODULE__", function="&Map.pop(&1, key)")
    assert has(stage, "begins_stage", word="producer", state="first")
    assert has(stage, "emits", events="numbers")
    assert has(stage, "emits_none")


def test_a_handler_of_events(desk: dict[str, Example]) -> None:
    row = desk["desk_alarm"]
    assert has(row, "head_event", message="{ring, Why}")
    assert has(row, "any_event")
    assert has(row, "removes_replying", reply="bye")
    assert has(row, "every_info")


def test_what_speaks_of_the_file_or_is_not_told_leaves_the_answer(desk: dict[str, Example]) -> None:
    log, counter = desk["desk_log"], desk["Desk.Counter"]
    assert "%% API" in log.answer
    for gone in ("nobody", "@author", "%%%"):
        assert gone not in log.answer + log.request
    assert "# The first visitor is greeted by name" in counter.answer
    assert "The first visitor is greeted by name" in counter.request
    for gone in ("hands out a greeting", "@moduledoc", "@doc", "Lets one more"):
        assert gone not in counter.answer


def test_client_functions_are_asked_for_with_the_callbacks_shown(desk: dict[str, Example]) -> None:
    row = desk["Desk.Counter client"]
    (context,), (code,) = unfenced(row.request), unfenced(row.answer)
    assert "def handle_call(:visitors, _from, state)" in context
    assert "def visitors" not in context
    assert "defp greet" not in context
    assert code.count("def ") == 4
    assert "GenServer.call(server, :visitors)" in code
    assert "GenServer.call" not in row.request
    assert has(row, "makes_call_alike", server="server")
    assert has(row, "makes_cast", message="{:enter, self()}", server="server")


HELD = """
defmodule Held do
  use GenServer

  def start_link(opts), do: GenServer.start_link(__MODULE__, opts)
  def work(server, list), do: GenServer.call(server, {:work, list})

  def init(opts), do: {:ok, %{opts: opts, done: 0}}

  def handle_call({:work, list}, _from, state) do
    {result, count} = crunch(list)
    {:reply, result, %{state | done: state.done + count}}
  end

  def handle_info(:reset, state), do: {:noreply, %{state | done: 0}}

  defp crunch(list) do
    Enum.reduce(list, {[], 0}, fn
      {:a, x}, {acc, n} ->
        acc = [x * 2 | acc]
        {acc, n + 1}

      {:b, x}, {acc, n} ->
        acc = [x * 3 | acc]
        {acc, n + 2}
    end)
  end
end
"""


def test_callbacks_are_asked_for_when_the_module_cannot_be_told() -> None:
    made = run(HELD, helpers=0.0)
    assert reasons(made) == [quote.MORE]
    (row,) = rows(made)
    assert row.provenance.subject == "Held callbacks"
    (context,), (code,) = unfenced(row.request), unfenced(row.answer)
    assert "defp crunch(list) do" in context
    assert "def work(server, list)" in context
    assert "handle_call" not in context
    assert "`init/1`, `handle_call/3` and `handle_info/2`" in row.request
    assert code.startswith("def init(opts)")
    assert "{:reply, result, %{state | done: state.done + count}}" in code


def test_parts_can_be_switched_off() -> None:
    assert rows(run(HELD, helpers=0.0, parts=False)) == []
    source = (FIXTURES / "desk_log.erl").read_text()
    assert len(rows(run(source, "src/desk_log.erl"))) == 2
    assert len(rows(run(source, "src/desk_log.erl", parts=False))) == 1


def test_private_functions_that_cannot_be_told_are_shown_when_they_are_few() -> None:
    (row,) = rows(run(HELD, helpers=0.6))
    assert row.provenance.subject == "Held"
    (kept,) = unfenced(row.request)
    assert kept.startswith("defp crunch(list) do")
    assert re.sub(r"\n(?=.)", "\n  ", kept) in row.answer


def server(body: str) -> str:
    more = "\n".join(f"  def f{n}(x), do: {{x, {n}}}" for n in range(12))
    return f"defmodule A do\n  use GenServer\n{more}\n{body}\nend\n"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("  for n <- [1], do: def(unquote(:a), do: n)", brief.OUTSIDE),
        ("  def handle_call(:a, state), do: {:reply, state}", brief.ODD_ARITY),
        ("  defmacro a(x), do: x", quote.MORE),
        ("  def init(x), do: g(x\n", transform.BROKEN),
        ("  def long, do: [" + "1, " * 3_000 + "1]", transform.TOO_LONG),
        ("  def long, do: [" + "1, " * 100 + "1]", quote.MORE),
    ],
)
def test_what_is_left_out_has_its_reason(body: str, reason: str) -> None:
    assert reasons(run(server(body), parts=False)) == [reason]


def test_a_module_compiled_by_conditions_is_left_out() -> None:
    text = (FIXTURES / "desk_log.erl").read_text() + "\n-ifdef(TEST).\nx() -> 1.\n-endif.\n"
    assert reasons(run(text, "src/desk_log.erl", parts=False)) == [brief.MACROS]


def test_a_short_module_and_one_that_leans_on_those_around_it_are_left_out() -> None:
    assert reasons(run("defmodule A do\n  use Agent\n  def f, do: 1\nend")) == [transform.TOO_SHORT]
    inner = server("  def g(x), do: Short.call(x)").replace("\n", "\n  ")
    text = f"defmodule Outer do\n  alias Very.Long.Short\n  {inner}\nend\n"
    assert reasons(run(text)) == [transform.SURROUNDED]
    assert len(rows(run(text.replace("  alias Very.Long.Short\n", "")))) == 1


def test_a_request_that_would_be_the_code_is_left_out() -> None:
    lines = "\n".join(f"    Thing.number_{n}(state, {n} + {n})" for n in range(9))
    text = server(f"  def handle_info(:a, state) do\n{lines}\n    {{:noreply, state}}\n  end")
    assert reasons(run(text, parts=False)) == [transform.QUOTED]
    assert len(rows(run(text, parts=False, quoted=1.0))) == 1


def test_a_module_of_private_functions_is_no_description_of_a_process() -> None:
    lines = "\n".join(f"  defp h{n}(x), do: h{n + 1}(x)" for n in range(20))
    text = f"defmodule A do\n  use GenServer\n  def init(x), do: {{:ok, x}}\n{lines}\nend\n"
    assert reasons(run(text)) == [brief.PRIVATE]


def test_a_module_that_is_nothing_of_otp_makes_nothing() -> None:
    assert run("defmodule A do\n  def f(task), do: Enum.map(task, & &1)\nend") == []


GUIDE = """
# Counters

A counter is a process:

```elixir
defmodule Sum do
  use Agent

  def start_link(first) do
    Agent.start_link(fn -> first end, name: __MODULE__)
  end

  def value do
    Agent.get(__MODULE__, & &1)
  end

  def add(number) do
    Agent.update(__MODULE__, &(&1 + number))
  end
end
```

and this is half of one:

```elixir
defmodule Half do
  use Agent
  ...
end
```
"""


def test_examples_in_guides_and_documentation_are_asked_for() -> None:
    (row,) = rows(run(GUIDE, "guides/counters.md"))
    assert row.provenance.subject == "Sum example"
    assert row.provenance.path == "guides/counters.md"
    assert row.language == "elixir"
    assert unfenced(row.answer)[0].startswith("defmodule Sum do\n  use Agent\n")
    shown = GUIDE.strip().replace("\n", "\n  ")
    inside = f'defmodule Doc do\n  @moduledoc """\n  {shown}\n  """\nend\n'
    (same,) = rows(run(inside))
    assert same.answer == row.answer
    assert run(GUIDE, "guides/counters.md", examples=False) == []
    assert run(GUIDE, "guides/process-anti-patterns.md") == []


# Real modules


def test_real_modules_make_rows_of_every_sort(real: Real) -> None:
    subjects = {row.provenance.subject for _, made in real for row in rows(made)}
    assert {
        "Mix.PubSub.Subscriber",
        "Logger.Backends.Supervisor",
        "Logger.Backends.Watcher",
        "ExUnit.RunnerStats client",
        "ExUnit.CaptureServer callbacks",
        "KV.Bucket example",
        "elixir_sup",
        "poolboy_sup",
        "poolboy_test_worker",
        "p1_mysql_sup",
    } <= subjects


def every_row(real: Real) -> Iterator[tuple[Parsed, Example]]:
    for parsed, made in real:
        for row in rows(made):
            yield parsed, row


def test_every_answer_parses(real: Real) -> None:
    for _, row in every_row(real):
        (code,) = unfenced(row.answer)
        assert not parse(code.encode(), row.language).root_node.has_error, row.provenance.subject


def test_every_line_of_an_answer_stands_in_the_file(
    real: Real,
) -> None:
    for parsed, row in every_row(real):
        source = {line.strip() for line in parsed.document.text.split("\n")}
        for line in unfenced(row.answer)[0].split("\n"):
            marked = re.fullmatch(r"@impl .*|defmodule \w.* do", line)
            assert marked or line.strip() in source, (row.provenance.subject, line)


def test_a_request_names_every_function_that_the_answer_has(
    real: Real,
) -> None:
    roles = {"init", "terminate", "code_change", "format_status"}
    for _, row in every_row(real):
        (code,) = unfenced(row.answer)
        if row.language == "elixir":
            named = set(re.findall(r"^\s*defp? ([a-z_]\w*[?!]?)", code, re.MULTILINE))
        else:
            named = set(re.findall(r"^([a-z]\w*)\(", code, re.MULTILINE))
        plain = {n for n in named if not n.startswith("handle_")} - roles
        missing = [name for name in plain if name not in row.request]
        assert not missing, row.provenance.subject


def test_no_request_shows_the_body_of_a_callback_that_it_asks_for(
    real: Real,
) -> None:
    checked = 0
    for parsed, row in every_row(real):
        where = row.provenance
        for module in parsed.outline.every_module():
            for function in module.functions:
                if not (where.start_byte <= function.code.start < where.end_byte):
                    continue
                if not function.name.startswith("handle_") or "example" in where.subject:
                    continue
                for clause in function.clauses:
                    body = parsed.text(clause.body) if clause.body else ""
                    if body.count("\n") > 1 and body in row.answer:
                        checked += 1
                        assert body not in row.request
    assert checked > 10


def test_reasons_are_from_a_small_set(real: Real) -> None:
    known = {
        brief.OUTSIDE,
        brief.MACROS,
        brief.ODD_ARITY,
        brief.PRIVATE,
        quote.MORE,
        transform.BROKEN,
        transform.TOO_LONG,
        transform.TOO_SHORT,
        transform.SURROUNDED,
        transform.QUOTED,
    }
    for _, made in real:
        assert set(reasons(made)) <= known


def expressions(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, Let):
            yield from expressions([step.value])
        elif isinstance(step, Branch):
            for arm in step.arms:
                yield from expressions(arm.steps)


def shape(code: str, language: str) -> str:
    text = f"f() -> {code}." if language == "erlang" else code
    return str(parse(text.encode(), language).root_node)


def test_code_on_one_line_is_the_same_code(
    real: Real,
) -> None:
    """Whatever real expression is quoted on one line still parses to the same tree."""
    joined = 0
    for one, _ in real:
        parsed = Parsed(one.document)
        language = parsed.document.language
        if language == "markdown" or len(parsed.source) > 60_000:
            continue
        for module in parsed.outline.every_module():
            for clause in (c for f in module.functions for c in f.clauses):
                for step in expressions(steps_of(parsed.root, parsed.source, language, clause)):
                    code = parsed.text(step.span)
                    if "\n" not in code:
                        continue
                    try:
                        line = one_line(code, language)
                    except UntellableError:
                        continue
                    joined += 1
                    assert "\n" not in line
                    assert shape(line, language) == shape(code, language), line
    assert joined > 300


# Laws and hostile input


def test_the_same_document_makes_the_same_rows_and_another_seed_other_words() -> None:
    text = (FIXTURES / "desk.ex").read_text()
    assert run(text) == run(text)
    others = rows(Otp(Otp.Options(), 8).document(Parsed(document(text))))
    ours = rows(run(text))
    assert [row.answer for row in others] == [row.answer for row in ours]
    assert [row.request for row in others] != [row.request for row in ours]


def test_wordings_leave_no_two_openings_alike() -> None:
    variants = wordings("otp").variants
    for key in ("open", "write_callbacks", "write_client"):
        assert len(variants[key]) >= 8
        assert len({text.split()[0] for text in variants[key]}) >= 5


@pytest.mark.parametrize(
    "body",
    [
        "  def init(x), do: " + "[" * 5_000,
        "  def init(x) do\n" + "if x do\n" * 2_000 + "end\n" * 2_000 + "  end",
        "  def init(x), do: " + " = ".join(["x"] * 5_000),
        "  def init(x), do: x" + " |> f()" * 5_000,
        "  def handle_call(" + "{" * 900 + "}" * 900 + ", _from, s), do: {:reply, 1, s}",
        '  def init(x), do: """\n  \\\n  "`" # `',
        "".join(f"  def handle_info({n}, s), do: {{:noreply, s}}\n" for n in range(4_000)),
    ],
)
def test_hostile_modules_raise_nothing(body: str) -> None:
    for item in run(server(body)):
        assert isinstance(item, Example | LeftOut)


def test_many_unfinished_examples_cost_little() -> None:
    assert run("defmodule A do\nuse Agent\n" * 20_000, "a.md") == []


def test_points_that_branch_stand_below() -> None:
    flat = headed("a", [Point("b"), Point("c")])
    assert rendered([flat]) == "- a: b; c."
    last = headed("a", [Point("b"), Point("c", (Point("d"),))])
    assert rendered([last]) == "- a: b; c:\n  - d."
    first = headed("a", [Point("c", (Point("d"),), alone=True), Point("b")])
    assert rendered([first]) == "- a:\n  - c:\n    - d.\n  - b."


@pytest.mark.parametrize(
    ("code", "language", "line"),
    [
        ("%{\n  a: 1,\n  b: 2\n}", "elixir", "%{a: 1, b: 2}"),
        ("f(fn x ->\n  x + 1\nend)", "elixir", "f(fn x -> x + 1 end)"),
        ("a\n|> b()\n|> c()", "elixir", "a |> b() |> c()"),
        ("#{a  => 1,\n  b => [\n   2]}", "erlang", "#{a => 1, b => [2]}"),
        ('f("a  b",\n  c)', "elixir", 'f("a  b", c)'),
    ],
)
def test_code_is_joined_as_a_person_would(code: str, language: str, line: str) -> None:
    assert one_line(code, language) == line


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("fn x ->\n  y = x\n  y + 1\nend", "elixir"),
        ("if x do\n  1\nend", "elixir"),
        ("[\n  1, # one\n  2\n]", "elixir"),
        ("[1, % one\n 2]", "erlang"),
        ('f("a\nb")', "elixir"),
        ("`x`", "elixir"),
        ("x" * 300, "elixir"),
    ],
)
def test_code_that_would_change_on_one_line_is_not_quoted(code: str, language: str) -> None:
    with pytest.raises(UntellableError):
        one_line(code, language)


def test_quoted_share_counts_lines_of_code() -> None:
    code = "\n".join(f"  call_number_{n}(state)" for n in range(6))
    assert answer.quoted_share("", code) == 0.0
    assert answer.quoted_share("call_number_0(state) and call_number_1(state)", code) == 2 / 6
    assert answer.quoted_share(code, code) == 1.0


LAMP = """
defmodule Lamp do
  use GenServer

  def start_link(opts), do: GenServer.start_link(__MODULE__, opts, name: __MODULE__)

  @impl true
  def init(opts) do
    {:ok, _ref} =
      case opts[:kind] do
        :mains -> Mains.plug_in(self())
        kind -> Battery.open(kind, self())
      end

    __MODULE__ = :ets.new(__MODULE__, [:named_table])
    {:ok, %{on: false, hours: 0}}
  end

  @impl true
  def handle_call(:toggle, _from, state) do
    {:reply, not state.on, %{state | on: not state.on}}
  end

  @impl true
  def handle_info(:hour, state) do
    {:noreply, %{state | hours: state.hours + 1}}
  end
end
"""


def test_what_a_branch_has_to_give_is_told_as_a_match() -> None:
    (row,) = rows(run(LAMP))
    assert has(row, "has_to_match", name="{:ok, _ref}")
    assert has(row, "matches", pattern="__MODULE__", value=":ets.new(__MODULE__, [:named_table])")
    assert has(row, "mark_impl", value="true")


def test_marks_are_told_only_where_all_callbacks_that_are_asked_for_have_them() -> None:
    (row,) = rows(run(LAMP.replace("  @impl true\n  def handle_info", "  def handle_info")))
    assert "@impl" not in row.request
    late = "\n\n  @impl true\n  def handle_call(:off, _from, s), do: {:reply, :ok, s}\n"
    call = "  @impl true\n  def handle_call(:toggle"
    first = LAMP.replace(call, call.removeprefix("  @impl true\n"))
    end = first.index("\n\n  @impl true\n  def handle_info")
    (row,) = rows(run(first[:end] + late + first[end + 1 :]))
    assert "@impl" not in row.request


def test_erlangs_own_functions_are_quoted_in_elixir_code() -> None:
    (row,) = rows(
        run(LAMP.replace("GenServer.start_link(__MODULE__", ":gen_server.start_link(Lamp"))
    )
    assert "`:gen_server.start_link(Lamp, opts, name: __MODULE__)`" in row.request


def test_modules_of_a_time_gone_by_are_not_asked_for() -> None:
    old = """
defmodule Lamps do
  use Supervisor

  def start_link(opts), do: Supervisor.start_link(__MODULE__, opts, name: __MODULE__)

  def init(opts) do
    children = [worker(Lamp, [opts]), worker(Switch, [opts]), worker(Cable, [opts])]
    supervise(children, strategy: :one_for_one, max_restarts: 5, max_seconds: 10)
  end
end
"""
    assert transform.OLD in reasons(run(old))
    bare = old.replace("supervise(children", "supervise children").replace("10)", "10")
    assert transform.OLD in reasons(run(bare))


def test_callbacks_that_give_what_no_process_takes_are_not_asked_for() -> None:
    for given in (":ok", "{:ok, state}", "{:error, state.hours}", "{:stop, :normal}"):
        wrong = LAMP.replace("{:noreply, %{state | hours: state.hours + 1}}", given)
        assert tell.NO_RESULT in reasons(run(wrong))


def test_a_with_that_matches_nothing_is_not_told() -> None:
    bound = "    with hours = state.hours + 1, do: {:noreply, %{state | hours: hours}}"
    odd = LAMP.replace("    {:noreply, %{state | hours: state.hours + 1}}", bound)
    assert quote.MORE not in reasons(run(LAMP))
    assert quote.MORE in reasons(run(odd))


def test_comments_in_another_script_are_not_asked_for() -> None:
    noted = LAMP.replace("(:hour, state) do", "(:hour, state) do # \u0447\u0430\u0441")
    assert transform.OTHER_TONGUE in reasons(run(noted))


def test_clients_of_a_module_without_callbacks_are_not_asked_for() -> None:
    calls = "".join(
        f"  def {name}(pid, key, value) when is_atom(key) do\n"
        f"    GenServer.call(pid, {{:{name}, key, value, node()}}, 60_000)\n  end\n\n"
        for name in ("put", "swap", "drop")
    )
    top, end = "defmodule Lamps do\n  use GenServer\n\n", "end\n"
    served = rows(run(top + calls + "  def init(opts), do: {:ok, opts}\n" + end))
    assert any("put/3" in row.request.split("```")[0] for row in served)
    alone = rows(run(top.replace("GenServer", "Application") + calls + end))
    assert not any("put/3" in row.request.split("```")[0] for row in alone)


def test_messages_that_no_callback_takes_are_not_asked_for() -> None:
    grow = "  def grow(by), do: GenServer.call(__MODULE__, {:grow, by})\n\n"
    cast = "  @impl true\n  def handle_cast({:grow, by}, _), do: {:noreply, %{hours: by}}\n"
    call = "  @impl true\n  def handle_call("
    crossed = LAMP.replace(call, f"{grow}{cast}\n{call}")
    assert tell.UNTAKEN in reasons(run(crossed))
    nobody = crossed.replace("{:grow, by})\n\n", "{:shrink, by})\n\n")
    assert tell.UNTAKEN in reasons(run(nobody))
    elsewhere = nobody.replace("GenServer.call(__MODULE__, ", "GenServer.call(Other, ")
    assert tell.UNTAKEN not in reasons(run(elsewhere))
    right = crossed.replace("GenServer.call", "GenServer.cast")
    assert tell.UNTAKEN not in reasons(run(right))
    any_call = crossed.replace(
        "  @impl true\n  def handle_info",
        "  def handle_call(other, _from, state), do: {:reply, other, state}\n\n"
        "  @impl true\n  def handle_info",
    )
    assert tell.UNTAKEN not in reasons(run(any_call))


def test_another_behaviours_functions_are_quoted() -> None:
    other = LAMP.replace(
        "    {:noreply, %{state | h",
        "    :gen_statem.reply(state.on, 1)\n    {:noreply, %{state | h",
    )
    (row,) = rows(run(other))
    assert "`:gen_statem.reply(state.on, 1)`" in row.request


def test_comments_of_helpers_that_are_given_stay_in_the_answer() -> None:
    noted = HELD.replace(
        "      {:a, x}, {acc, n} ->",
        "      # Doubles what comes\n      # and counts it.\n      {:a, x}, {acc, n} ->",
    )
    (row,) = rows(run(noted, helpers=0.9))
    assert "# and counts it." in unfenced(row.request)[0]
    assert "# and counts it." in unfenced(row.answer)[0]


def test_a_module_itself_is_a_pattern_like_others() -> None:
    lamp = LAMP.replace("def init(opts)", "def init(__MODULE__)")
    (row,) = rows(run(lamp.replace("opts[:kind]", "Mains.kind()")))
    assert has(row, "head_init", message="__MODULE__")


def test_what_is_given_of_a_nested_module_is_in_the_answer() -> None:
    inner = "  defmodule State do\n    @moduledoc false\n\n    defstruct [:a]\n  end\n\n"
    init = "  @impl true\n  def init("
    (row,) = rows(run(LAMP.replace(init, inner + init)))
    assert "@moduledoc" not in row.request + row.answer
    assert "  defmodule State do\n    defstruct [:a]\n  end" in unfenced(row.answer)[0]
