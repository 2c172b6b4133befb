"""Where a suite comes from: an installed name, a folder, or another benchmark's file."""

from __future__ import annotations

from pathlib import Path

from evals import suite
from evals.suite import Suite


def opened(source: str) -> Suite:
    """The suite that a person names. Raises `SuiteError` saying what is wrong with it."""
    return suite.load(source)


def absolute(source: str) -> str:
    """A source that means the same from any folder."""
    if source in suite.names() or not Path(source).exists():
        return source
    return str(Path(source).resolve())
