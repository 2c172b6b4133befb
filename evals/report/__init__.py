"""The report: one HTML page about a run, or about two side by side. It needs nothing else, runs no
script and asks no network, so that it can be sent around and read in years."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from evals.report.page import page
from evals.runs.summary import Told
from factory.errors import RequestError

__all__ = ["page", "write"]


def write(target: Path, runs: Sequence[Told]) -> None:
    """Write the page about one run or two, whole or not at all.

    Raises `RequestError` when it cannot be written there.
    """
    content = page(runs)
    new = target.with_name(target.name + ".new")
    try:
        with new.open("w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(target)
    except OSError as error:
        raise RequestError(f"--out {target}: cannot be written: {error.strerror}") from error
