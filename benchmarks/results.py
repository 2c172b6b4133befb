"""Where figures go: a table on the terminal and `results.json` (name → value, unit, baseline,
ratio)."""

from __future__ import annotations

import json
import re
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
    """Print a Markdown table, and put it into what the README will show, in place of one that a
    former run left under that title."""
    lines = [f"### {title}", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    text = "\n".join(lines)
    print(f"\n{text}", flush=True)
    TABLES.parent.mkdir(exist_ok=True)
    kept = TABLES.read_text(encoding="utf-8") if TABLES.exists() else ""
    parts = [part.strip() for part in re.split(r"^(?=### )", kept, flags=re.M) if part]
    found = {_about(part): part for part in parts}
    found[_about(text)] = text
    TABLES.write_text("".join(f"{part}\n\n" for part in found.values()), encoding="utf-8")


def _about(part: str) -> str:
    """A table's title without its figures, which differ from run to run."""
    return re.sub(r"\d+(\.\d+)?", "", part.partition("\n")[0])


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
