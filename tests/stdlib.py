"""`elixir-stdlib-v1`, built once a run by the README's command, for tests that read it.

Only what was downloaded is kept between runs; everything that our code makes is made anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from tests.conftest import cache_folder

REPOSITORY = Path(__file__).parents[1]


def factory(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `factory WORDS` in `folder`, at its real speed: under coverage's tracing a build of 20 MB
    takes minutes, and shows no line that smaller builds do not."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("COVERAGE_", "FACTORY_"))}
    return subprocess.run(
        [sys.executable, "-c", "from factory.cli import main; main()", *words],
        cwd=folder,
        env=plain,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def fresh_store(folder: Path) -> Path:
    """The default store of `folder` with nothing in it but what earlier runs downloaded."""
    store = folder / ".factory"
    kept = cache_folder() / "stdlib-downloads"
    with FileLock(cache_folder() / "stdlib-lock"):
        if kept.is_dir():
            shutil.copytree(kept, store / "downloads")
    return store


def keep_downloads(store: Path) -> None:
    """Keep what a build downloaded for the next run."""
    kept = cache_folder() / "stdlib-downloads"
    with FileLock(cache_folder() / "stdlib-lock"):
        if not kept.is_dir():
            shutil.copytree(store / "downloads", kept.with_name("stdlib-partial"))
            kept.with_name("stdlib-partial").rename(kept)
