"""`make bench`: every table. `python -m benchmarks building` measures one alone."""

from __future__ import annotations

import importlib
import sys

TABLES = ("building", "near_duplicates")

for name in sys.argv[1:] or TABLES:
    importlib.import_module(f"benchmarks.{name}").main()
