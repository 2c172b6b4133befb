"""What changed from one version to another: spec, releases, rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from factory.version import Version, define_views


@dataclass(frozen=True)
class Difference:
    """`spec` lists (key, before, after); releases are `source:name` with versions; `tasks` lists
    (task, rows removed, rows added, rows in both)."""

    spec: list[tuple[str, Any, Any]]
    releases_removed: list[str]
    releases_added: list[str]
    releases_changed: list[tuple[str, str, str]]
    tasks: list[tuple[str, int, int, int]]

    @property
    def empty(self) -> bool:
        return not (
            self.spec
            or self.releases_removed
            or self.releases_added
            or self.releases_changed
            or any(removed or added for _, removed, added, _ in self.tasks)
        )


def compare(before: Version, after: Version) -> Difference:
    """Compare two versions, of one dataset or of two. Rows are the same when their ids are, that
    is when task, format and payload are."""
    old, new = _releases(before), _releases(after)
    removed = sorted(f"{n} {v}" for n in old.keys() - new.keys() for v in old[n])
    added = sorted(f"{n} {v}" for n in new.keys() - old.keys() for v in new[n])
    changed = [
        (n, ", ".join(old[n]), ", ".join(new[n]))
        for n in sorted(old.keys() & new.keys())
        if old[n] != new[n]
    ]
    return Difference(
        list(_spec(before.manifest["spec"], after.manifest["spec"])),
        removed,
        added,
        changed,
        _tasks(before, after),
    )


def _releases(version: Version) -> dict[str, list[str]]:
    """Versions by `source:name`; one without a version number of its own shows its checksum."""
    found: dict[str, list[str]] = {}
    for r in version.manifest["releases"]:
        label = f"{r['version']} ({r['checksum'].partition(':')[2][:8]})"
        found.setdefault(f"{r['source']}:{r['name']}", []).append(label)
    return {name: sorted(versions) for name, versions in found.items()}


def _spec(before: Any, after: Any, key: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            yield from _spec(before.get(name), after.get(name), f"{key}.{name}" if key else name)
    elif before != after:
        yield key, before, after


def _tasks(before: Version, after: Version) -> list[tuple[str, int, int, int]]:
    with duckdb.connect() as connection:
        for name, version in (("a", before), ("b", after)):
            connection.execute(f"CREATE SCHEMA {name}")
            connection.execute(f"USE {name}")
            define_views(connection, version)
        return connection.execute(
            """
            SELECT coalesce(x.task, y.task) AS task,
                   count(*) FILTER (y.id IS NULL), count(*) FILTER (x.id IS NULL),
                   count(*) FILTER (x.id = y.id)
            FROM a.rows x FULL OUTER JOIN b.rows y ON x.id = y.id
            GROUP BY 1 ORDER BY 1
            """
        ).fetchall()
