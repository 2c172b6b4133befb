"""One real row of each task, as Markdown: what the README shows.

Rows are drawn by id from those of readable size, so that the choice is nobody's taste.
"""

from __future__ import annotations

from typing import Any

from factory.registry import find, load, locate
from factory.samples import request_and_answer
from factory.store import Store
from factory.version import opened, read

DATASET = "elixir-stdlib-v1"
LONGEST = {
    "fim": 1_300,
    "otp": 2_200,
    "pretrain": 1_200,
    "test_writing": 2_200,
    "test_driven": 2_200,
}
USUAL = 1_000


def rows() -> list[dict[str, Any]]:
    """A row of each task of the newest version in this folder's store, building it if need be."""
    from factory.build import build
    from factory.store import DEFAULT

    store = Store(DEFAULT)
    report = build(find(load(locate()), DATASET), store, workers=2)
    chosen = []
    with opened(read(report.folder)) as connection:
        tasks = connection.execute("SELECT DISTINCT task FROM rows ORDER BY task").fetchall()
        for (task,) in tasks:
            found = connection.sql(
                """
                SELECT *, coalesce(length(prompt) + length(completion), length(text),
                    list_sum(list_transform(messages, lambda m: length(m.content)))) AS size
                FROM rows
                WHERE task = $task AND language = 'elixir' AND size BETWEEN 300 AND $longest
                ORDER BY id LIMIT 1
                """,
                params={"task": task, "longest": LONGEST.get(task, USUAL)},
            ).to_arrow_table()
            chosen += found.to_pylist()
    return chosen


def markdown(row: dict[str, Any]) -> str:
    place = row["provenance"]
    request, answer = request_and_answer(row)
    asked = f"**Request**\n\n{_quoted(request)}\n\n" if request else ""
    return (
        f"<details><summary><code>{row['task']}</code>: {place['subject'] or place['path']} "
        f"({place['release']} {place['version']}, {place['path']}:{place['start_line']}, "
        f"{row['licence']}, {row['difficulty']}, row <code>{row['id'][:12]}</code>)</summary>\n\n"
        f"{asked}**{'Answer' if request else 'Text'}**\n\n{_quoted(answer)}\n\n</details>"
    )


def _quoted(text: str) -> str:
    """The text as it is, in a fence longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"


def render() -> str:
    return "\n\n".join(markdown(row) for row in rows())


def main() -> None:
    print(render())
