"""Where figures go: a table on the terminal and `results.json` (name → value, unit, baseline,
ratio)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = Path(__file__).with_name("results.json")
TABLES = Path(__file__).with_name("work") / "tables.md"


@dataclass(frozen=True)
class Figure:
    """One measured value. `baseline` names what it is compared with, `ratio` is value over
    baseline ("" and None where nothing is compared)."""

    name: str
    value: float
    unit: str
    baseline: str = ""
    ratio: float | None = None


def write(figures: Sequence[Figure]) -> None:
    """Merge figures into `results.json`, so that one table can be measured again alone."""
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    for figure in figures:
        fields = asdict(figure)
        known[fields.pop("name")] = fields
    FILE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table, and add it to what the README will show."""
    lines = [f"### {title}", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    text = "\n".join(lines)
    print(f"\n{text}", flush=True)
    TABLES.parent.mkdir(exist_ok=True)
    with TABLES.open("a", encoding="utf-8") as stream:
        stream.write(f"{text}\n\n")


def figures_table(title: str, figures: Sequence[Figure]) -> None:
    rows = [
        (
            f.name,
            f"{f.value:,.3g} {f.unit}",
            f.baseline,
            "" if f.ratio is None else f"{f.ratio:.3g}",
        )
        for f in figures
    ]
    table(title, ("what", "measured", "baseline", "ratio"), rows)
