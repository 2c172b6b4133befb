"""Split: whole package families to train or to validation, so that nothing leaks between them.

Families that share a file, or hold near-duplicates of each other, are tied into one component, and
components are never divided: a model validated on one side has seen nothing of it on the other.
Choosing components whose rows sum to a share is a subset-sum problem: up to `EXHAUSTIVE` of them
every choice is tried, more are filled in seeded order and then improved by swapping.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from factory import choice
from factory.passes.components import Components
from factory.spec import Split

EXHAUSTIVE = 14
OVERSHOOT = 1.5
"""Validation may hold at most this many times what was asked for, if anything else is possible."""
FORCED = 0.25
"""When even the smallest component is larger than that, it becomes the validation side only if it
holds at most this share of the rows. A dataset is better off without validation than without a
third of its training rows."""

SPLIT_SCHEMA = pa.schema(
    [
        pa.field("family", pa.string(), nullable=False),
        pa.field("component", pa.string(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
    ]
)
"""`component` is its first family's name, `split` is `train` or `validation`."""


class Violation(NamedTuple):
    """Something that has rows on both sides, and how many on each."""

    kind: str
    thing: str
    train: int
    validation: int


def assign(
    connection: duckdb.DuckDBPyConnection, rows: str, links: str, split: Split, seed: int
) -> pa.Table:
    """The side of every family, as `SPLIT_SCHEMA`, ordered by family.

    `rows` names a table or view with one line per row of the dataset and its `family`; `links`
    one with `family` and `thing`, a text that identifies something which must not be on both
    sides (a file's digest, a near-duplicate component) and which rows of the family are about.
    """
    counted = connection.sql(
        f"SELECT family, count(*) AS rows FROM {rows} GROUP BY family ORDER BY family"
    ).to_arrow_table()
    families: list[str] = counted["family"].to_pylist()
    place = {family: at for at, family in enumerate(families)}
    ties = connection.sql(
        f"SELECT DISTINCT first, family FROM (SELECT family, min(family) OVER (PARTITION BY thing)"
        f" AS first FROM {links} WHERE family IN (SELECT family FROM {rows})) WHERE first <> family"
    ).to_arrow_table()
    joined = Components(len(families))
    joined.join(
        np.array([place[name] for name in ties["first"].to_pylist()], np.int64),
        np.array([place[name] for name in ties["family"].to_pylist()], np.int64),
    )
    roots = joined.all_roots()
    sizes = np.bincount(roots, weights=counted["rows"].to_numpy(), minlength=len(families))
    components = [Component(families[at], int(sizes[at])) for at in np.unique(roots).tolist()]
    chosen = {component.name for component in choose(components, split.validation, seed)}
    names = [families[at] for at in roots.tolist()]
    sides = ["validation" if name in chosen else "train" for name in names]
    return pa.table([families, names, counted["rows"], sides], schema=SPLIT_SCHEMA)


class Component(NamedTuple):
    """Families that must stay together, by the first one's name, and how many rows they have."""

    name: str
    rows: int


def choose(components: Sequence[Component], share: float, seed: int) -> list[Component]:
    """The components to validate on: their rows are as near `share` of all as can be.

    Never all components, never more than `OVERSHOOT` times the share unless even the smallest
    component exceeds that (then it alone, within `FORCED`), and none when `share` is 0 or there is
    only one component. Equally good choices are decided by `seed`.
    """
    total = sum(c.rows for c in components)
    target = share * total
    if target <= 0 or len(components) < 2:
        return []
    order = sorted(components, key=lambda c: (choice.number(seed, "split", c.name), c.name))
    fitting = [c for c in order if c.rows <= OVERSHOOT * target]
    if len(fitting) == len(order):
        # One component has to stay in train; the largest leaves the most freedom.
        fitting.remove(max(fitting, key=lambda c: c.rows))
    if not fitting:
        smallest = min(order, key=lambda c: c.rows)
        return [smallest] if smallest.rows <= FORCED * total else []
    return _exhaustive(fitting, target) if len(fitting) <= EXHAUSTIVE else _filled(fitting, target)


def _exhaustive(order: list[Component], target: float) -> list[Component]:
    best: tuple[float, tuple[Component, ...]] = (float("inf"), ())
    for count in range(1, len(order) + 1):
        for some in combinations(order, count):
            rows = sum(c.rows for c in some)
            if rows <= OVERSHOOT * target and abs(rows - target) < best[0]:
                best = (abs(rows - target), some)
    return list(best[1])


def _filled(order: list[Component], target: float) -> list[Component]:
    chosen: list[Component] = []
    spare: list[Component] = []
    rows = 0
    for component in order:
        if rows + component.rows <= target:
            chosen.append(component)
            rows += component.rows
        else:
            spare.append(component)
    # Swap one chosen component (or none) for a spare one while that comes nearer the target.
    while spare:
        spare.sort(key=lambda c: c.rows)
        sizes = [c.rows for c in spare]
        best = (abs(rows - target), -1, -1)
        for out, gone in enumerate([0, *(c.rows for c in chosen)]):
            at = bisect_left(sizes, target - rows + gone)
            for new in (at - 1, at):
                if 0 <= new < len(spare):
                    off = abs(rows - gone + sizes[new] - target)
                    best = min(best, (off, out, new)) if off < best[0] else best
        if best[1] < 0:
            break
        _, out, new = best
        rows += sizes[new]
        chosen.append(spare.pop(new))
        if out:
            rows -= chosen[out - 1].rows
            spare.append(chosen.pop(out - 1))
    return chosen


def prove(connection: duckdb.DuckDBPyConnection, placed: str) -> list[Violation]:
    """What stands on both sides, worst first; empty when the split holds.

    `placed` names a table or view with `kind` (words such as `release`, `file`, `near-duplicate
    cluster`), `thing` and `split`, one line for each row of the dataset and each thing it is from.
    """
    found = connection.sql(
        f"""
        SELECT kind, thing, count(*) FILTER (split = 'train') AS train,
            count(*) FILTER (split <> 'train') AS validation
        FROM {placed} GROUP BY kind, thing HAVING count(DISTINCT split) > 1
        ORDER BY least(train, validation) DESC, kind, thing
        """
    ).fetchall()
    return [Violation(*row) for row in found]
