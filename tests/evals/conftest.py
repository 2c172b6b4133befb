"""The sandbox for tests: the root file system, built once a machine, and engines over it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evals.sandbox import Engine
from evals.sandbox.bubblewrap import Bubblewrap
from evals.sandbox.container import Container
from evals.sandbox.image import Image, find

COMMANDS = {"bubblewrap": "bwrap", "podman": "podman"}


@pytest.fixture(scope="session")
def image() -> Image:
    """The sandbox's image: `$ELIXIR_FACTORY_ROOTFS`, or built once into the cache."""
    return find()


@pytest.fixture(scope="session")
def rootfs(image: Image) -> Path:
    """Its root file system."""
    return image.rootfs


@pytest.fixture(scope="session")
def engine(image: Image) -> Engine:
    """bubblewrap over it."""
    _need("bubblewrap")
    return Bubblewrap(image)


@pytest.fixture(scope="session", params=sorted(COMMANDS))
def each_engine(request: pytest.FixtureRequest, image: Image) -> Engine:
    """Every engine that this machine has, in turn; one that is installed must work."""
    name: str = request.param
    _need(name)
    return Bubblewrap(image) if name == "bubblewrap" else Container(image, "podman")


def _need(name: str) -> None:
    if shutil.which(COMMANDS[name]) is None:
        pytest.skip(f"{COMMANDS[name]} is not installed")
