"""`make bench`: every table. `python -m benchmarks building` measures one alone, `rows` prints a
real row of each task, `readme` puts rows and the last tables into the README."""

from __future__ import annotations

import importlib
import sys

from benchmarks import results

TABLES = ("building", "near_duplicates", "grading", "crawl", "books")


def main(names: list[str]) -> None:
    if not names:
        results.TABLES.unlink(missing_ok=True)
    for name in names or TABLES:
        importlib.import_module(f"benchmarks.{name}").main()


# Worker processes import this module, too.
if __name__ == "__main__":
    main(sys.argv[1:])
