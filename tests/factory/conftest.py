"""A registry of its own for each test, and a stranger's plugins to use in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from factory import plugins
from factory.errors import RequestError
from factory.registry import load
from factory.spec import Dataset, Registry
from tests.factory import stranger

Written = Callable[[str], Registry]
Refused = Callable[[str | bytes], str]

POND = """\
datasets:
  pond-v1:
    description: What swims.
    sources:
      pond: {fish: [carp]}
    transforms: [ripple]
"""


@pytest.fixture
def pond(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The stranger's plugins `pond` and `ripple`, installed for one test."""
    site = tmp_path / "site"
    site.mkdir()
    stranger.install(site)
    monkeypatch.syspath_prepend(site)
    plugins._found.cache_clear()
    yield
    plugins._found.cache_clear()
    for module in ("pond", "leaky"):
        sys.modules.pop(module, None)


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def written(pond: None, in_folder: Path) -> Written:
    """Loads a registry with this text, written to `r.yaml` in the working directory."""

    def load_text(text: str) -> Registry:
        Path("r.yaml").write_text(dedent(text))
        return load(Path("r.yaml"))

    return load_text


@pytest.fixture
def refused(pond: None, in_folder: Path) -> Refused:
    """What is said about a registry that is wrong."""

    def load_wrong(text: str | bytes) -> str:
        Path("r.yaml").write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        with pytest.raises(RequestError) as caught:
            load(Path("r.yaml"))
        assert caught.value.exit_code == 2
        return str(caught.value)

    return load_wrong


@pytest.fixture
def pond_dataset(written: Written) -> Dataset:
    return written(POND).datasets["pond-v1"]
