"""Real source for all tests: Debian's source packages, fetched once and kept outside the tree.

The `corpus` is fetched by our own `debian` source and unpacked with our own archive reader. It
lies in `$XDG_CACHE_HOME/elixir-factory-tests` (`~/.cache` by default) and is shared by all workers
and runs. A machine that cannot reach Debian's archive fails the tests that need it: without real
source nothing here is proved.
"""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from factory.errors import FactoryError
from factory.plugins import SourceContext
from sources.archive import read_archive
from sources.debian import Debian

# A shell that starts the tests in the background has Ctrl-C ignored, and what they start would too.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No example is too slow on a busy machine. CI tries the same examples every time, so that a change
# is judged by itself; runs elsewhere keep looking for new ones.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

SUITE = "trixie"
PACKAGES = (
    "elixir-lang",
    "elixir-nimble-parsec",
    "elixir-makeup",
    "elixir-earmark-parser",
    "elixir-ex-doc",
    "erlang-poolboy",
    "erlang-cowlib",
    "erlang-p1-mysql",
)


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "elixir-factory-tests"


@pytest.fixture(scope="session")
def debian_cache() -> Path:
    """What `debian` fetched for the corpus, to be read (with a copy's own state) by its tests."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        _fetch(folder)
    return folder / "debian"


@pytest.fixture(scope="session")
def corpus(debian_cache: Path) -> Path:
    """A folder with one unpacked package in each sub-folder, named after the package."""
    return debian_cache.parent / "corpus"


def _fetch(folder: Path) -> None:
    missing = [name for name in PACKAGES if not (folder / "corpus" / name).is_dir()]
    if not missing:
        return
    (folder / "debian").mkdir(exist_ok=True)
    source = Debian(
        Debian.Options(packages=PACKAGES, suite=SUITE), SourceContext(folder / "debian")
    )
    try:
        for release in source.releases():
            if release.name in missing:
                _unpack(source, release.label, folder / "corpus" / release.name)
    except FactoryError as error:
        pytest.fail(
            f"the tests need real source from Debian {SUITE}, which cannot be had: {error}\n"
            f"(apt must reach Debian's archive once; then {folder} keeps what it fetched)",
            pytrace=False,
        )


def _unpack(source: Debian, label: str, to: Path) -> None:
    partial = to.with_name(f".{to.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for archive in source.archives(label):
        with read_archive(archive, lambda _path, _size: True) as contents:
            for entry in contents.entries:
                if entry.kind == "file":
                    (partial / entry.path).parent.mkdir(parents=True, exist_ok=True)
                    (partial / entry.path).write_bytes(contents.read(entry.path))
    partial.rename(to)
