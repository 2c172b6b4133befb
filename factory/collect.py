"""Garbage collection: what the store keeps and no version needs any more."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from factory.errors import FactoryError
from factory.store import Store
from factory.version import read


@dataclass(frozen=True)
class Garbage:
    """Paths that can go, relative to the store's root, and their bytes together."""

    paths: list[Path]
    bytes: int


def find(store: Store, keep: int | None = None) -> Garbage:
    """Cached files that no remaining version was made from, and with `keep` all but the newest
    `keep` versions of each dataset. Downloads stay: they are the one thing that costs others."""
    needed: set[str] = set()
    old: list[Path] = []
    for name in store.names():
        versions = store.versions(name)
        going = versions[: max(0, len(versions) - keep)] if keep is not None else []
        old += going
        for folder in versions:
            if folder in going:
                continue
            for release in read(folder).manifest["releases"]:
                cache = release["cache"]
                needed.add(f"documents/{cache['documents']}.parquet")
                needed |= {
                    f"signals/{cache['signals']}-{part}.parquet" for part in ("rows", "units")
                }
                needed |= {
                    f"partitions/{transform}/{key}.parquet"
                    for transform, key in cache["partitions"].items()
                }
    going_files = [
        path
        for folder in ("documents", "partitions", "signals")
        for path in sorted((store.root / folder).rglob("*.parquet*"))
        if str(path.relative_to(store.root)).removesuffix(".json") not in needed
    ]
    size = sum(p.stat().st_size for p in going_files)
    size += sum(f.stat().st_size for v in old for f in v.rglob("*") if f.is_file())
    return Garbage([p.relative_to(store.root) for p in (*old, *going_files)], size)


def collect(store: Store, keep: int | None, say: Callable[[str], None]) -> Garbage:
    """Remove what `find` finds, while holding the store's lock. Raises `FactoryError`."""
    with store.locked(say):
        garbage = find(store, keep)
        for path in garbage.paths:
            full = store.root / path
            try:
                if full.is_dir():
                    # Without its manifest a version does not exist, however far removal gets.
                    (full / "manifest.json").unlink(missing_ok=True)
                    shutil.rmtree(full)
                else:
                    full.unlink(missing_ok=True)
            except OSError as error:
                raise FactoryError(f"cannot remove {full}: {error.strerror}") from error
        return garbage
