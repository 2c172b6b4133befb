"""`make bench`: every table. `python -m benchmarks building` measures one alone, `rows` prints a
real row of each task, `readme` puts rows and the last tables into the README."""

from __future__ import annotations

import importlib
import sys

from benchmarks import results

TABLES = ("building", "near_duplicates")

if not sys.argv[1:]:
    results.TABLES.unlink(missing_ok=True)
for name in sys.argv[1:] or TABLES:
    importlib.import_module(f"benchmarks.{name}").main()
