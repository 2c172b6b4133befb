"""Where a run's suite comes from, so that it is found again from another folder."""

from __future__ import annotations

from pathlib import Path

from evals import suite


def absolute(source: str) -> str:
    """An installed name as it is; a path from the root on."""
    if source in suite.names() or not Path(source).exists():
        return source
    return str(Path(source).resolve())
