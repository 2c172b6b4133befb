"""Imported first by the command and by the process that workers are forked from: pandas stays out.

pyarrow asks whether what it is given is a pandas object, and imports pandas to know, if it is
installed: a third of a second in every process, for a library that no job uses. Who uses `factory`
as a library keeps their pandas.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NotHere(MetaPathFinder):
    """Says of one module that it is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname == self._name:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


if "pandas" not in sys.modules:
    sys.meta_path.insert(0, _NotHere("pandas"))
