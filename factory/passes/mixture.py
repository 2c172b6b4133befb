"""Mixture: shares by language and by task, and a cap on rows, reached by leaving rows out.

Nothing is ever repeated. A group with a share keeps at most that share of the rows that stay; a
group without one keeps all it has, as long as there is no cap. So what is too frequent shrinks
until every share holds, and what is rarer than its share stays whole:

    kept(g) = min(has(g), share(g) * N)        N = rows of unnamed groups + the sum of kept(g)

with the largest N that solves it. When every row belongs to a named group and the shares sum to
less than 1, they are taken as proportions; named groups without any rows are left out of account.
Languages and tasks are limited in turn until both hold (raking; Deming and Stephan 1940). Which
rows of a group stay is decided by the seed and each row's id alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import duckdb
import pyarrow as pa

from factory import choice
from factory.errors import RequestError
from factory.spec import Mixture

_ROUNDS = 200
_NOTHING = 1e-6
"""Rows in all, below which shares that cannot hold together have shrunk everything."""
_CLOSE = 1e-7

Cell = tuple[str, str]
"""A language and a task."""


class Target(NamedTuple):
    """How many rows of a cell stay: `shared` after the shares, `kept` after the cap as well.
    `reason` says which share took the others."""

    kept: int
    shared: int
    reason: str


def dropped(
    connection: duckdb.DuckDBPyConnection, rows: str, mixture: Mixture, seed: int
) -> duckdb.DuckDBPyRelation:
    """Rows to drop: (row, reason), lazily. `rows` names a table or view with `row` (unique), `id`,
    `language` and `task`. Raises RequestError when the shares cannot hold together."""
    counted = connection.sql(
        f"SELECT language, task, count(*) FROM {rows} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    counts = {(language, task): n for language, task, n in counted}
    aims = {c: aim for c, aim in targets(counts, mixture).items() if aim.kept < counts[c]}
    connection.register(
        "mixture_targets",
        pa.table(
            {
                "language": pa.array([language for language, _ in aims], pa.string()),
                "task": pa.array([task for _, task in aims], pa.string()),
                "kept": pa.array([t.kept for t in aims.values()], pa.int64()),
                "shared": pa.array([t.shared for t in aims.values()], pa.int64()),
                "reason": pa.array([t.reason for t in aims.values()], pa.string()),
            }
        ),
    )
    salt = f"{choice.number(seed, 'mixture'):016x}"
    return connection.sql(
        f"""
        SELECT row, CASE WHEN place > shared THEN reason
            ELSE 'mixture: the dataset is limited to {mixture.rows or 0:,} rows' END AS reason
        FROM (
            SELECT row, language, task, row_number() OVER (
                PARTITION BY language, task ORDER BY md5('{salt}' || id), row
            ) AS place FROM {rows}
        ) JOIN mixture_targets USING (language, task) WHERE place > kept
        """
    )


def targets(counts: Mapping[Cell, int], mixture: Mixture) -> dict[Cell, Target]:
    """How many rows of each (language, task) stay, in the order of `counts`."""
    shares: tuple[Mapping[str, float], Mapping[str, float]]
    shares = ({str(k): v for k, v in mixture.languages.items()}, mixture.tasks)
    amounts, factors = _raked(counts, shares)
    total = sum(amounts.values())
    if counts and total < 1:
        raise RequestError(
            "mixture: the shares of languages and tasks cannot hold together with the rows there "
            "are; loosen the share of a task that exists in one language only"
        )
    shared = _whole(amounts)
    cap = mixture.rows
    kept = shared
    if cap is not None and sum(shared.values()) > cap:
        kept = _whole({cell: n * cap / total for cell, n in amounts.items()})
    return {
        cell: Target(min(kept[cell], shared[cell]), shared[cell], _reason(cell, factors, shares))
        for cell in counts
    }


def _raked(
    counts: Mapping[Cell, int], shares: tuple[Mapping[str, float], Mapping[str, float]]
) -> tuple[dict[Cell, float], tuple[dict[str, float], dict[str, float]]]:
    """How much of each cell stays, and by what factor each language and each task shrank."""
    factors: tuple[dict[str, float], dict[str, float]] = ({}, {})
    before = -1.0
    for turn in range(2 * _ROUNDS):
        # Each axis is solved anew over what the other one leaves, so it can also grow back. What
        # does not settle in that way only shrinks from half way on, which always settles.
        shrinking = turn >= _ROUNDS
        for axis in (0, 1):
            left = {c: n * factors[1 - axis].get(c[1 - axis], 1.0) for c, n in counts.items()}
            if shrinking:
                left = {c: n * factors[axis].get(c[axis], 1.0) for c, n in left.items()}
            for group, factor in _limits(left, shares[axis], axis).items():
                factors[axis][group] = factor * (
                    factors[axis].get(group, 1.0) if shrinking else 1.0
                )
        amounts = {
            c: n * factors[0].get(c[0], 1.0) * factors[1].get(c[1], 1.0) for c, n in counts.items()
        }
        limits = [f for axis in (0, 1) for f in _limits(amounts, shares[axis], axis).values()]
        total = sum(amounts.values())
        if min(limits, default=1.0) >= 1 - _CLOSE and abs(total - before) <= _CLOSE * total:
            return amounts, factors
        if total < _NOTHING:
            # A group that shrinks until it is no number any more would count as absent.
            break
        before = total
    return dict.fromkeys(counts, 0.0), factors


def _limits(
    amounts: Mapping[Cell, float], shares: Mapping[str, float], axis: int
) -> dict[str, float]:
    """By what factor each named group shrinks so that none exceeds its share."""
    groups: dict[str, float] = defaultdict(float)
    for cell, amount in amounts.items():
        groups[cell[axis]] += amount
    named = {group: share for group, share in shares.items() if groups.get(group, 0) > 0}
    if not named:
        return {}
    free = sum(amount for group, amount in groups.items() if group not in named)
    if free == 0:
        whole = sum(named.values())
        named = {group: share / whole for group, share in named.items()}
    # Groups that run out last as N grows have too many rows; the others stay whole.
    total = rest = sum(groups.values())
    limited = 0.0
    for group in sorted(named, key=lambda g: (-groups[g] / named[g], g)):
        if groups[group] <= named[group] * total * (1 + _CLOSE):
            break
        limited += named[group]
        rest -= groups[group]
        if limited >= 1 - _CLOSE:
            break
        total = rest / (1 - limited)
    return {g: min(1.0, share * total / groups[g]) for g, share in named.items()}


def _whole(amounts: Mapping[Cell, float]) -> dict[Cell, int]:
    """Whole numbers that sum to what `amounts` sum to (Hamilton's largest remainders)."""
    whole = {cell: int(amount + _CLOSE) for cell, amount in amounts.items()}
    missing = int(sum(amounts.values()) + 0.5) - sum(whole.values())
    by_rest = sorted(amounts, key=lambda cell: (whole[cell] - amounts[cell], cell))
    for cell in by_rest[: max(0, missing)]:
        whole[cell] += 1
    return whole


def _reason(
    cell: Cell,
    factors: tuple[Mapping[str, float], Mapping[str, float]],
    shares: tuple[Mapping[str, float], Mapping[str, float]],
) -> str:
    """Which of the two limits took more of this cell."""
    axis = 0 if factors[0].get(cell[0], 1.0) <= factors[1].get(cell[1], 1.0) else 1
    share = shares[axis].get(cell[axis])
    return "" if share is None else f"mixture: {cell[axis]} is limited to {share:.4g} of the rows"
