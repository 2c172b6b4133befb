"""What `factory.syntax.otp` and `factory.syntax.steps` read from the tree, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.syntax import Module, Node, Span, read
from factory.syntax.otp import (
    APPLICATION,
    EVENT,
    SERVER,
    STAGE,
    STATEM,
    SUPERVISOR,
    Child,
    Told,
    asked,
    behaviours,
    child,
    flags,
    list_items,
    role,
    states,
    told,
    works_with,
)
from factory.syntax.steps import (
    MAX_DEPTH,
    Branch,
    Call,
    Let,
    Pipe,
    Plain,
    Step,
    Tuple,
    comment_lines,
    pairs_of,
    steps_of,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "otp"


class Source:
    """A piece of code with its outline and tree, and the text of spans in it."""

    def __init__(self, text: str, language: str = "elixir") -> None:
        self.bytes, self.language = text.encode(), language
        self.outline, tree = read(self.bytes, language)
        assert tree is not None
        self.root: Node = tree.root_node

    def module(self, name: str) -> Module:
        return next(m for m in self.outline.every_module() if m.name == name)

    def text(self, span: Span | None) -> str:
        return span.cut(self.bytes) if span else ""

    def steps(self, clause: int = 0) -> tuple[Step, ...]:
        function = self.outline.modules[0].functions[0]
        return steps_of(self.root, self.bytes, self.language, function.clauses[clause])


def elixir(body: str) -> Source:
    return Source(f"defmodule M do\n  def f(x) do\n{body}\n  end\nend\n")


def erlang(body: str) -> Source:
    return Source(f"-module(m).\n-export([f/1]).\nf(X) ->\n{body}.\n", "erlang")


@pytest.fixture(scope="module")
def desk() -> Source:
    return Source((FIXTURES / "desk.ex").read_text())


def test_behaviours_come_from_use_and_from_behaviour(desk: Source) -> None:
    found = {module.name: behaviours(module) for module in desk.outline.modules}
    assert found == {
        "Desk.Counter": ("GenServer",),
        "Desk.Supervisor": ("Supervisor",),
        "Desk.Rooms": ("DynamicSupervisor",),
        "Desk.Stamps": ("Agent",),
        "Desk.App": ("Application",),
        "Desk.Mailing": (),
        "Desk.Queue": ("GenStage",),
        "Desk.Door": ("gen_statem",),
    }


def test_a_module_without_a_behaviour_works_with_what_it_calls(desk: Source) -> None:
    assert works_with(desk.bytes, desk.module("Desk.Mailing")) == ("Task", "Registry")
    plain = Source("defmodule A do\n  def f(task), do: MyTask.async(task)\nend")
    assert works_with(plain.bytes, plain.module("A")) == ()


def test_erlang_behaviours_in_either_spelling() -> None:
    both = Source("-module(m).\n-behavior(application).\n-behaviour(supervisor).\n", "erlang")
    assert behaviours(both.outline.modules[0]) == (APPLICATION, SUPERVISOR)


def test_every_callback_has_its_role(desk: Source) -> None:
    door = desk.module("Desk.Door")
    named = states(desk.bytes, door)
    assert named == {"locked", "open"}
    assert {f.label: role((STATEM,), f, named) for f in door.functions} == {
        "start_link/1": "",
        "push/2": "",
        "callback_mode/0": "callback_mode",
        "init/1": "init",
        "locked/3": "state",
        "open/3": "state",
    }
    counter = desk.module("Desk.Counter")
    assert [role((SERVER,), f, frozenset()) for f in counter.functions] == (
        ["", "", "", "", "init", "continue", "call", "cast", "info", ""]
    )


def test_a_private_function_is_no_callback() -> None:
    source = Source("defmodule A do\n  use GenServer\n  defp init(x), do: x\nend")
    assert role((SERVER,), source.module("A").functions[0], frozenset()) == ""


def test_a_head_by_the_meaning_of_its_arguments(desk: Source) -> None:
    calls = next(f for f in desk.module("Desk.Counter").functions if f.name == "handle_call")
    found = asked("call", calls.clauses[1])
    assert found is not None
    assert desk.text(found.message) == ":close"
    assert desk.text(found.sender) == "{pid, _tag}"
    assert desk.text(found.state) == "%{open: true} = state"
    assert asked("call", desk.module("Desk.Counter").functions[0].clauses[0]) is None
    assert asked("", calls.clauses[0]) is None


def told_by(code: str, kind: str, role_name: str, language: str = "elixir") -> Told | None:
    source = elixir(code) if language == "elixir" else erlang(code)
    return told(source.bytes, (kind,), role_name, source.steps()[-1])


@pytest.mark.parametrize(
    ("code", "kind", "role_name", "deed"),
    [
        ("{:reply, 1, x}", SERVER, "call", "reply"),
        ("{:noreply, x}", SERVER, "call", "wait"),
        ("{:noreply, x, 500}", SERVER, "info", "wait"),
        ("{:stop, :normal, x}", SERVER, "cast", "stop"),
        ("{:stop, :normal, :ok, x}", SERVER, "call", "stop_reply"),
        ("{:ok, x, {:continue, :a}}", SERVER, "init", "begin"),
        (":ignore", SERVER, "init", "ignore"),
        ("{:ok, x}", EVENT, "event", "wait"),
        ("{:ok, 1, x}", EVENT, "event_call", "reply"),
        (":remove_handler", EVENT, "event", "remove"),
        ("{:next_state, :open, x}", STATEM, "state", "next"),
        (":keep_state_and_data", STATEM, "any_state", "keep"),
        ("{:ok, :open, x}", STATEM, "init", "begin"),
        ("{:producer, x}", STAGE, "init", "stage"),
        ("{:noreply, [1], x}", STAGE, "demand", "wait"),
    ],
)
def test_a_result_tells_the_process_what_to_do(
    code: str, kind: str, role_name: str, deed: str
) -> None:
    found = told_by(code, kind, role_name)
    assert found is not None
    assert found.deed == deed


@pytest.mark.parametrize(
    ("code", "kind", "role_name"),
    [
        ("{:ok, x}", SERVER, "call"),
        ("{:reply, 1, x}", SERVER, "cast"),
        ("{:noreply, x}", SERVER, "terminate"),
        ("{:reply, x}", SERVER, "call"),
        ("reply(x)", SERVER, "call"),
        ("{}", SERVER, "call"),
    ],
)
def test_what_is_no_result_of_that_callback_is_not_told(
    code: str, kind: str, role_name: str
) -> None:
    assert told_by(code, kind, role_name) is None


def test_parts_of_a_result_are_exact_spans() -> None:
    source = erlang("{reply, {ok, X}, X#state{a = 1}, hibernate}")
    found = told(source.bytes, (SERVER,), "call", source.steps()[-1])
    assert found is not None
    assert source.text(found.reply) == "{ok, X}"
    assert source.text(found.state) == "X#state{a = 1}"
    assert source.text(found.extra) == "hibernate"


def child_of(code: str, language: str = "elixir") -> dict[str, str]:
    source = elixir(f"[{code}]") if language == "elixir" else erlang(f"[{code}]")
    items = list_items(source.root, source.steps()[0].span)
    assert items is not None
    found = child(source.root, source.bytes, items[0])
    if found is None:
        return {}
    parts = {}
    for name in Child.__slots__:
        value = getattr(found, name)
        if isinstance(value, Span):
            parts[name] = source.text(value)
        elif value is not None:
            parts[name] = ".".join(map(source.text, value))
    return parts


def test_child_specifications_in_every_form() -> None:
    assert child_of("A.B") == {"module": "A.B"}
    assert child_of("{A.B, name: C}") == {"module": "A.B", "argument": "name: C"}
    full = {"id": ":a", "function": "A.:start", "arguments": "[1, 2]", "restart": ":transient"}
    assert child_of("%{id: :a, start: {A, :start, [1, 2]}, restart: :transient}") == full
    assert child_of("%{id: :a, start: mfa}") == {"id": ":a", "start": "mfa"}
    tuple_form = "{a, {a, start_link, []}, permanent, 5000, worker, [a]}"
    map_form = (
        "#{id => a, start => {a, start_link, []}, restart => permanent, shutdown => 5000, "
        "type => worker, modules => [a]}"
    )
    wanted = {
        "id": "a",
        "function": "a.start_link",
        "arguments": "[]",
        "restart": "permanent",
        "shutdown": "5000",
        "type": "worker",
        "modules": "[a]",
    }
    assert child_of(tuple_form, "erlang") == wanted
    assert child_of(map_form, "erlang") == wanted


@pytest.mark.parametrize("code", ["spec(x)", "%{id: :a}", "%{a | id: 1}", "{a, b}", "%{x => 1}"])
def test_a_child_that_code_computes_is_none(code: str) -> None:
    assert child_of(code) == {}


def test_flags_as_keywords_map_and_tuple() -> None:
    for source in (
        elixir("[strategy: :one_for_all, max_restarts: 2, max_seconds: 9]"),
        elixir("%{strategy: :one_for_all, intensity: 2, period: 9}"),
        erlang("#{strategy => one_for_all, intensity => 2, period => 9}"),
        erlang("{one_for_all, 2, 9}"),
    ):
        found = flags(source.root, source.bytes, source.steps()[0].span)
        assert found is not None
        assert source.text(found.strategy).removeprefix(":") == "one_for_all"
        assert source.text(found.intensity) == "2"
        assert source.text(found.period) == "9"


def test_keywords_given_without_brackets_are_pairs() -> None:
    source = elixir("g(x, name: A)")
    call = source.steps()[0]
    assert isinstance(call, Call)
    pairs = pairs_of(source.root, source.bytes, call.arguments[1])
    assert pairs is not None
    assert {key: source.text(span) for key, span in pairs.items()} == {"name": "A"}


def test_a_list_with_a_tail_is_no_list_of_children() -> None:
    assert list_items(elixir("[x | y]").root, Span(28, 35)) is None
    source = erlang("[X | Y]")
    assert list_items(source.root, source.steps()[0].span) is None


def test_steps_of_elixir() -> None:
    source = elixir(
        """
        # why it does so
        {:ok, a} = g(x)
        h(a) |> i(1) |> j()
        a = if a, do: 1, else: 2
        :done
        """
    )
    let, pipe, branch, last = source.steps()
    assert isinstance(let, Let)
    assert isinstance(let.value, Call)
    assert (source.text(let.pattern), let.value.target, let.note) == (
        "{:ok, a}",
        "g",
        "why it does so",
    )
    assert isinstance(pipe, Pipe)
    assert source.text(pipe.first.span) == "h(a)"
    assert [source.text(span) for span in pipe.rest] == ["i(1)", "j()"]
    assert isinstance(branch, Let)
    assert isinstance(branch.value, Branch)
    assert branch.value.word == "if"
    assert [arm.role for arm in branch.value.arms] == ["body", "else"]
    assert isinstance(last, Plain)


def test_steps_of_erlang() -> None:
    source = erlang(
        """
    %% why it does so
    {ok, A} = g(X),
    self() ! A,
    case A of
        1 when X -> {noreply, X};
        _ -> m:h(A)
    end"""
    )
    let, send, branch = source.steps()
    assert isinstance(let, Let)
    assert let.note == "why it does so"
    assert isinstance(send, Call)
    assert (send.target, [source.text(a) for a in send.arguments]) == ("!", ["self()", "A"])
    assert isinstance(branch, Branch)
    assert [source.text(arm.condition) for arm in branch.arms] == ["1 when X", "_"]
    first, second = (arm.steps[0] for arm in branch.arms)
    assert isinstance(first, Tuple)
    assert isinstance(second, Call)
    assert second.target == "m:h"


@pytest.mark.parametrize(
    ("code", "word", "roles"),
    [
        ("case x do\n1 -> 2\n_ -> 3\nend", "case", ["of", "of"]),
        ("x |> case do\n1 -> 2\nend", "case", ["of"]),
        ("cond do\nx -> 1\ntrue -> 2\nend", "cond", ["of", "of"]),
        ("with {:ok, y} <- x do\ny\nelse\n_ -> 1\nend", "with", ["body", "else"]),
        (
            "try do\nx\nrescue\nA -> 1\ncatch\n:exit, _ -> 2\nafter\ny\nend",
            "try",
            ["body", "rescue", "catch", "after"],
        ),
        ("receive do\n1 -> 2\nafter\n5 -> 3\nend", "receive", ["of", "after"]),
        ("for y <- x, y > 1 do\ny\nend", "for", ["body"]),
        ("Enum.each(x, fn y -> y end)", "for", ["body"]),
        ("unless x do\n1\nend", "unless", ["body"]),
    ],
)
def test_branches_of_elixir(code: str, word: str, roles: list[str]) -> None:
    (branch,) = elixir(code).steps()
    assert isinstance(branch, Branch)
    assert branch.word == word
    assert [arm.role for arm in branch.arms] == roles


@pytest.mark.parametrize(
    ("code", "word", "roles"),
    [
        ("if X > 1 -> 2; true -> 3 end", "cond", ["of", "of"]),
        ("try f() of 1 -> 2 catch _:_ -> 3 after g() end", "try", ["body", "of", "catch", "after"]),
        ("receive 1 -> 2 after 5 -> 3 end", "receive", ["of", "after"]),
        ("lists:foreach(fun(Y) -> g(Y) end, X)", "for", ["body"]),
    ],
)
def test_branches_of_erlang(code: str, word: str, roles: list[str]) -> None:
    (branch,) = erlang(code).steps()
    assert isinstance(branch, Branch)
    assert branch.word == word
    assert [arm.role for arm in branch.arms] == roles


def test_a_rescue_of_the_whole_function_is_a_try() -> None:
    source = Source("defmodule M do\n  def f(x) do\n    x\n  rescue\n    _ -> 1\n  end\nend")
    (branch,) = source.steps()
    assert isinstance(branch, Branch)
    assert [arm.role for arm in branch.arms] == ["body", "rescue"]


def depth_of(steps: tuple[Step, ...]) -> int:
    return 1 + max(
        (depth_of(arm.steps) for s in steps if isinstance(s, Branch) for arm in s.arms), default=0
    )


def test_branches_are_read_to_a_limited_depth() -> None:
    nested = "if x do\n" * 400 + "y\n" + "end\n" * 400
    assert depth_of(elixir(nested).steps()) <= MAX_DEPTH + 2
    chained = " = ".join(["y"] * 3_000)
    assert len(elixir(chained).steps()) == 1


def test_comment_lines_are_whole_lines_without_code() -> None:
    source = Source("# one\ndefmodule A do\n  # two\n  @a 1 # three\nend\n")
    found = comment_lines(source.root, source.bytes, "elixir", Span(0, len(source.bytes)))
    assert [source.text(span) for span in found] == ["# one\n", "  # two\n"]
