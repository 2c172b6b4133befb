"""The gates of the warm VM: what they let in, what they send to two VMs, what they refuse.

One VM is started in the sandbox; it judges every case of `gates/` and tells. Whether the host obeys
the gates is not tested here.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evals.runtime import INSIDE, compiled
from evals.sandbox import Engine, Limits, Program, everything
from tests.evals.programs import read

GATES = Path(__file__).parent / "gates"
# Where allowed functions jump at their end, which tracing cannot tell from a call by their caller.
JUMPS = (
    ":gen.",
    ":proc_lib.start",
    ":elixir_erl_pass.no_parens_remote",
    ":error_handler.",
    ":elixir_json.encode_list",
    ":io.get_line",
    ":io.put_chars",
    ":unicode_util.cp",
    ":unicode_util.gc",
    "JSON.Encoder.List.encode",
    "List.Chars.",
    "String.Unicode.",
    "String.Break.",
)
SHOWN = "/opt/elixireval/gates"
ALL = ("process", "registry", "timer")


def _drive(engine: Engine, script: str, cases: object) -> Any:
    runtime = compiled(engine)
    running = engine.start(
        Program(
            argv=("elixir", "-pa", INSIDE, f"{SHOWN}/{script}"),
            limits=Limits(memory=1 << 30, seconds=300),
            binds={INSIDE: runtime.folder, SHOWN: GATES},
        )
    )
    try:
        running.stdin.write(json.dumps(cases).encode())
        running.stdin.close()
        said = everything(running).decode()
        assert said, running.stderr()
        # Not splitlines: JSON may hold U+2028 and its like.
        return json.loads(said.rstrip("\n").split("\n")[-1])
    finally:
        running.kill()


def _case(source: str) -> tuple[str, str, dict[str, Any]]:
    """What is expected of a program of `routing.ex`, and the question."""
    outcome, _, reason = source.splitlines()[0].removeprefix("# ").partition(": ")
    named = re.search(r"^# capabilities: (.+)$", source, re.MULTILINE)
    capabilities = list(ALL) if named is None else [c for c in named[1].split() if c != "none"]
    return outcome, reason, {"source": source, "capabilities": capabilities}


def _running(source: str) -> tuple[str, str, dict[str, Any]]:
    """What is expected of `A.run()` of a program of `dynamic.ex`, and the question."""
    what, _, text = source.splitlines()[0].removeprefix("# ").partition(": ")
    return what, text, {"source": source, "capabilities": list(ALL), "run": "A.run()"}


ROUTING = {name: _case(source) for name, source in read(GATES / "routing.ex")}
DYNAMIC = {name: _running(source) for name, source in read(GATES / "dynamic.ex")}
HONEST = {path.stem: path.read_text() for path in sorted((GATES / "honest").glob("*.ex"))}


@pytest.fixture(scope="module")
def answers(engine: Engine) -> dict[str, Any]:
    cases = [question for _, _, question in [*ROUTING.values(), *DYNAMIC.values()]]
    for source in HONEST.values():
        capabilities = source.splitlines()[0].removeprefix("# capabilities:").split()
        cases.append({"source": source, "capabilities": capabilities})
    told: dict[str, Any] = _drive(engine, "drive.exs", cases)
    names = [("routing", n) for n in ROUTING] + [("dynamic", n) for n in DYNAMIC]
    names += [("honest", n) for n in HONEST]
    told["of"] = dict(zip(names, told["answers"], strict=True))
    return told


@pytest.mark.parametrize("name", ROUTING)
def test_a_source_goes_where_it_belongs(answers: dict[str, Any], name: str) -> None:
    outcome, reason, _ = ROUTING[name]
    answer = answers["of"]["routing", name]
    assert answer["outcome"] == outcome, answer
    assert reason in answer.get("reason", "")


@pytest.mark.parametrize("name", DYNAMIC)
def test_a_dynamic_call_is_checked_when_it_is_made(answers: dict[str, Any], name: str) -> None:
    what, text, _ = DYNAMIC[name]
    answer = answers["of"]["dynamic", name]
    assert answer["outcome"] == "warm", answer
    if what == "stopped":
        assert answer["violation"] == text, answer
    else:
        assert (answer["value"], answer["violation"]) == (text, None)


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_module_stays_warm(answers: dict[str, Any], name: str) -> None:
    assert answers["of"]["honest", name] == {"outcome": "warm"}


def test_a_hostile_source_costs_little(engine: Engine) -> None:
    sources = {"A." * 40_000: "chains", "(" * 90_000: "", "x" * 100_001: "too long"}
    many = "defmodule A do\n" + "".join(f"def f{n}, do: :g{n}\n" for n in range(3000)) + "end"
    sources[many] = "too many atoms"
    cases = [{"source": source, "capabilities": []} for source in sources]
    for answer, reason in zip(
        _drive(engine, "drive.exs", cases)["answers"], sources.values(), strict=True
    ):
        assert answer["outcome"] in ("two_vms", "compile_error")
        assert reason in answer["reason"]


def test_the_gates_leave_nothing_behind(answers: dict[str, Any]) -> None:
    assert answers["tables_left"] == 0
    assert answers["atoms"] < 200 * len(answers["answers"])


@pytest.mark.parametrize(
    ("seed", "count"), [(7, 150), pytest.param(8, 5000, marks=pytest.mark.slow)]
)
def test_no_generated_module_reaches_what_it_may_not(engine: Engine, seed: int, count: int) -> None:
    results = _drive(engine, "fuzz.exs", {"seed": seed, "count": count})
    assert [r for r in results if r["outcome"] == "crash"] == []
    holes = [
        (hole, r["source"])
        for r in results
        for hole in r.get("holes", ())
        if not hole.startswith(JUMPS)
    ]
    assert holes == []
    warm = [r for r in results if r["outcome"] == "warm"]
    # The fuzzer must get through often enough to try something, and be stopped when it does.
    assert len(warm) > count // 5
    assert sum(r["calls"] for r in warm) > len(warm)
    assert sum(r["violation"] is not None for r in warm) > len(warm) // 5


def test_the_beam_gate_needs_no_gate_before_it(engine: Engine) -> None:
    said = {
        "Enum.sum(module)": "ok",
        ":erlang.!(module, :x)": "uses send",
        "apply(module, :sum, [[1]])": "uses apply_last",
        "[module.sum([1])]": "uses apply",
        "System.halt()": "calls System.halt/0",
    }
    sources = [f"defmodule A do\n  def run(module), do: {body}\nend" for body in said]
    assert dict(zip(said, _drive(engine, "beam_gate.exs", sources), strict=True)) == said
