"""`make bench`: every table, one after the other. `python -m benchmarks building` runs one alone."""

from __future__ import annotations

import importlib
import sys

TABLES = ("building", "near_duplicates")

for name in sys.argv[1:] or TABLES:
    importlib.import_module(f"benchmarks.{name}").main()
