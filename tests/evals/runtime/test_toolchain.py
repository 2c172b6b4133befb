"""The compiler that the host VM uses makes what Elixir's own makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.runtime import INSIDE, compiled
from evals.sandbox import Engine, Limits, Program, everything

HERE = Path(__file__).parent
SHOWN = "/opt/elixireval/shown"
# Modules that honest solutions are like, and what the compilers have something to say of.
SPEAKING = """
defmodule Speaking do
  @compile {:inline, half: 1}
  def unused(a, b), do: a
  def shadowed(x) when is_atom(x), do: x
  def shadowed(_), do: 1
  def shadowed(2), do: 2
  def missing, do: Enum.no_such(1) + String.also_missing() + Nowhere.at_all()
  def deprecated, do: Enum.partition([1], & &1)
  def wrong, do: String.to_integer(:atom) + 1
  def half(n), do: div(n, 2)
  def always, do: case(1, do: (2 -> :never; 1 -> :ever))
  def bits(<<a::size(4), rest::bitstring>>), do: {a, for(<<b::1 <- rest>>, do: b)}
  def struct, do: %URI{nothing: 1}
end
"""
BROKEN = "defmodule Broken do\n  def f(x), do: g(y)\nend\n"
UNDEFINED = "defmodule Undefined do\n  def f(x), do: g(x)\nend\n"


@pytest.fixture(scope="module")
def answer(engine: Engine) -> dict[str, Any]:
    sources = [path.read_text() for path in sorted((HERE / "gates" / "honest").glob("*.ex"))]
    sources += [SPEAKING.replace("  def struct, do: %URI{nothing: 1}\n", "")]
    sources += [SPEAKING, BROKEN, UNDEFINED]
    running = engine.start(
        Program(
            argv=("elixir", "-pa", INSIDE, f"{SHOWN}/toolchain.exs"),
            limits=Limits(memory=1 << 30, seconds=300),
            binds={INSIDE: compiled(engine).folder, SHOWN: HERE},
        )
    )
    try:
        running.stdin.write(json.dumps(sources).encode())
        running.stdin.close()
        said = everything(running).decode()
        assert said, running.stderr()
        return json.loads(said.splitlines()[-1])
    finally:
        running.kill()


def test_the_same_code_and_the_same_diagnostics(answer: dict[str, Any]) -> None:
    assert answer["later"] == answer["before"]
    *_, speaking, structs, broken, undefined = answer["before"]
    assert isinstance(speaking["made"], list)
    assert len(speaking["diagnostics"]) >= 6
    for one in (structs, broken, undefined):
        assert isinstance(one["made"], str)
        assert one["diagnostics"]


def test_the_checker_knows_the_standard_library_as_it_found_it(answer: dict[str, Any]) -> None:
    assert [what for same, what in answer["known"] if not same] == []
    assert len(answer["known"]) > 800
