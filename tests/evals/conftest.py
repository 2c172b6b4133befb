"""The sandbox for tests: the root file system, built once a machine, and engines over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.sandbox import Engine
from evals.sandbox.bubblewrap import Bubblewrap
from evals.sandbox.image import find


@pytest.fixture(scope="session")
def rootfs() -> Path:
    """The root file system of the sandbox's image."""
    found = find().rootfs
    assert found is not None
    return found


@pytest.fixture(scope="session")
def engine(rootfs: Path) -> Engine:
    """bubblewrap over it."""
    return Bubblewrap(find())
