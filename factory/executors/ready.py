"""Imported by the process that workers are forked from: what each would otherwise do for itself.

Modules that jobs import when they need them, grammars, and the queries over trees that take a tenth
of a second to compile.
"""

from __future__ import annotations

from factory import shards, work  # noqa: F401
from factory.syntax import read

for language in ("elixir", "erlang"):
    read(b"", language)
