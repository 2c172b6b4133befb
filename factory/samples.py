"""Rows to read: a seeded sample of a version, spread over its tasks."""

from __future__ import annotations

from typing import Any

from factory.errors import RequestError
from factory.plugins import nearest
from factory.version import Version, opened


def sample(
    version: Version, count: int, *, seed: int = 0, task: str = "", language: str = ""
) -> list[dict[str, Any]]:
    """`count` rows, as many tasks among them as there are, the same for the same seed.

    Raises `RequestError` naming the nearest task or language when there is none of that name.
    """
    for key, wanted in (("task", task), ("language", language)):
        known = {c[key] for c in version.manifest["counts"][f"by_{key}"]}
        if wanted and wanted not in known:
            close = nearest(wanted, known)
            hint = f"did you mean {close}?" if close else f"it has: {', '.join(sorted(known))}"
            raise RequestError(f"{version.name} has no {key} {wanted!r}; {hint}")
    if not version.formats():
        return []
    with opened(version) as connection:
        # Ordered first by how many of the task came before, so that tasks take turns.
        found = connection.execute(
            """
            WITH drawn AS (
                SELECT id, task, row_number() OVER (
                           PARTITION BY task ORDER BY md5(id || '/' || $seed)
                       ) AS turn
                FROM rows
                WHERE ($task = '' OR task = $task) AND ($language = '' OR language = $language)
            )
            SELECT id FROM drawn ORDER BY turn, md5(task || '/' || $seed) LIMIT $count
            """,
            {"seed": str(seed), "task": task, "language": language, "count": count},
        ).fetchall()
        ids = [row_id for (row_id,) in found]
        rows = (
            connection.sql("SELECT * FROM rows WHERE list_contains($ids, id)", params={"ids": ids})
            .to_arrow_table()
            .to_pylist()
        )
    by_id = {row["id"]: row for row in rows}
    return [by_id[row_id] for row_id in ids]


def request_and_answer(row: dict[str, Any]) -> tuple[str, str]:
    """What a row asks and what it answers, whatever its format."""
    if row.get("messages"):
        turns = [m["content"] for m in row["messages"]]
        return "\n\n".join(turns[:-1]), turns[-1]
    if row.get("completion") is not None:
        return row["prompt"], row["completion"]
    return "", row["text"]
