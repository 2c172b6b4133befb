"""Calibration: 60 functions, each written idiomatically and plainly, both right, ranked by idiom.

Every third pair was held out when weights were set.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from evals.sandbox import Engine, Program
from evals.scores.idiom import idiom

FOLDER = Path(__file__).parent / "pairs"


class Pair(NamedTuple):
    name: str
    checks: tuple[str, ...]
    idiomatic: str
    plain: str
    held_out: bool


@cache
def pairs() -> list[Pair]:
    found = []
    for at, path in enumerate(sorted(FOLDER.glob("*.exs")), 1):
        head, rest = path.read_text().split("\n# idiomatic\n")
        idiomatic, plain = rest.split("\n# plain\n")
        checks = tuple(re.findall(r"^# check: (.+)$", head, re.MULTILINE))
        found.append(Pair(path.stem, checks, idiomatic, plain, at % 3 == 0))
    return found


def ranked_right(some: list[Pair]) -> float:
    scores = [(idiom(pair.idiomatic).score, idiom(pair.plain).score) for pair in some]
    return sum(a is not None and b is not None and a > b for a, b in scores) / len(scores)


def test_there_are_60_pairs_and_20_of_them_were_held_out() -> None:
    assert len(pairs()) == 60
    assert sum(pair.held_out for pair in pairs()) == 20
    assert all(pair.checks for pair in pairs())


def test_at_least_90_percent_rank_right() -> None:
    assert ranked_right(pairs()) >= 0.9


def test_at_least_90_percent_of_those_held_out_rank_right() -> None:
    assert ranked_right([pair for pair in pairs() if pair.held_out]) >= 0.9


def test_every_pair_is_told_apart_by_more_than_a_hair() -> None:
    gaps = [(idiom(p.idiomatic).score or 0) - (idiom(p.plain).score or 0) for p in pairs()]
    assert sorted(gaps)[len(gaps) // 2] > 0.3


def test_both_versions_of_every_pair_are_right_and_formatted(engine: Engine) -> None:
    script: list[str] = []
    for at, pair in enumerate(pairs()):
        for kind, code in (("Idiomatic", pair.idiomatic), ("Plain", pair.plain)):
            module = f"{kind}{at}"
            script.append(code.replace("defmodule Pair do", f"defmodule {module} do"))
            script += [
                f'({asked}) || IO.puts("{pair.name} {kind} is wrong")'
                for check in pair.checks
                if (asked := check.replace("Pair.", f"{module}."))
            ]
            script.append(
                f"code = ~S'''\n{code}\n'''\n"
                "formatted = code |> Code.format_string!() |> IO.iodata_to_binary()\n"
                "String.trim(formatted) == String.trim(code) || "
                f'IO.puts("{pair.name} {kind} is not formatted")'
            )
    script.append('IO.puts("all were looked at")')
    running = engine.start(Program(["elixir", "-e", "Code.eval_string(IO.read(:stdio, :eof))"]))
    running.stdin.write("\n".join(script).encode())
    running.stdin.close()
    said = running.stdout.read().decode()
    running.kill()
    assert said == "all were looked at\n", running.stderr()
