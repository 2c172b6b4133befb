"""`elixir-stdlib-v1`, built once a run by the README's command, for tests that read it.

Only what was downloaded is kept between runs; everything that our code makes is made anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import cache_folder

REPOSITORY = Path(__file__).parents[1]


def factory(folder: Path, store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `factory WORDS` in `folder` with this store."""
    return subprocess.run(
        [sys.executable, "-c", "from factory.cli import main; main()", *words],
        cwd=folder,
        env={**os.environ, "FACTORY_STORE": str(store)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def fresh_store() -> Path:
    """A store with nothing in it but downloads of earlier runs."""
    store = cache_folder() / "stdlib-store"
    store.mkdir(parents=True, exist_ok=True)
    for path in store.iterdir():
        if path.name == "downloads":
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return store
