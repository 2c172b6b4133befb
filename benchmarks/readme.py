"""Puts the rows and the last `make bench`'s tables into the README, between their marks."""

from __future__ import annotations

from pathlib import Path

from benchmarks import results, rows

README = Path(__file__).parents[1] / "README.md"


def replace(text: str, mark: str, content: str) -> str:
    before, _, rest = text.partition(f"<!-- {mark} -->")
    _, _, after = rest.partition(f"<!-- /{mark} -->")
    return f"{before}<!-- {mark} -->\n\n{content.strip()}\n\n<!-- /{mark} -->{after}"


def main() -> None:
    text = README.read_text(encoding="utf-8")
    text = replace(text, "rows", rows.render())
    text = replace(text, "bench", results.TABLES.read_text(encoding="utf-8"))
    README.write_text(text, encoding="utf-8")
