"""Reading the cases of the idiom rules, and asking Elixir about two texts."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from transforms.idiom.around import Around
from transforms.idiom.rule import Way, applied
from transforms.idiom.rules import RULES
from transforms.idiom.unit import Unit

HERE = Path(__file__).parent

OWN = Around(functions=frozenset({"a", "b", "c", "t", "f", "f?"}))
"""What every case may call."""

WAYS: dict[str, Way] = {f"{way.source} {way.target}": way for rule in RULES for way in rule.ways}

_HOLE = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Case:
    """One function of a way's cases, its holes filled; `template` numbers what it was made of."""

    way: str
    template: int
    code: str
    calls: tuple[str, ...]


def read(name: str) -> Any:
    return YAML(typ="safe").load((HERE / name).read_text(encoding="utf-8"))


def cases() -> Iterator[Case]:
    """Every case with every expression of its pools, holes filled in turn."""
    loaded = read("idiom_cases.yaml")
    pools: Mapping[str, list[str]] = loaded.pop("pools")
    default: list[str] = loaded.pop("calls")
    for way, listed in loaded.items():
        for template, entry in enumerate(listed):
            code = entry if isinstance(entry, str) else entry["code"]
            calls = default if isinstance(entry, str) else entry["calls"]
            names = set(_HOLE.findall(code))
            for turn in range(max((len(pools[name]) for name in names), default=1)):
                yield Case(way, template, _filled(code, pools, turn), tuple(calls))


def _filled(code: str, pools: Mapping[str, list[str]], turn: int) -> str:
    """Holes of the same name take expressions that follow one another in the pool."""
    count = 0

    def fill(hole: re.Match[str]) -> str:
        nonlocal count
        count += 1
        pool = pools[hole.group(1)]
        return pool[(turn + count - 1) % len(pool)]

    return _HOLE.sub(fill, code)


def rewritten(way: str, code: str, around: Around = OWN) -> str | None:
    """The function in the way's other form; None where the rule leaves it as it is."""
    unit = Unit(code.rstrip("\n").encode(), around)
    assert not unit.broken, f"does not parse:\n{code}"
    if not WAYS[way].trigger.search(unit.source):
        return None
    other = applied(WAYS[way], unit)
    return other.source.decode() if other else None


def ask_elixir(script: str, folder: Path, texts: Iterable[tuple[str, ...]]) -> dict[int, list[str]]:
    """What `script` says of each tuple of texts, by its number."""
    asked = folder / "asked.tsv"
    lines = []
    for number, parts in enumerate(texts):
        coded = [base64.b64encode(part.encode()).decode() for part in parts]
        lines.append("\t".join([str(number), *coded]))
    asked.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        ["elixir", str(HERE / script), str(asked)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    answers = [line.split("\t") for line in done.stdout.splitlines()]
    return {int(number): said for number, *said in answers}
