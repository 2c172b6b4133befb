"""Mixture: shares hold, nothing is left out without need, and order makes no difference."""

from __future__ import annotations

import random
from collections import Counter

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.errors import RequestError
from factory.passes.mixture import dropped, targets
from factory.spec import Mixture


def kept(counts: dict[tuple[str, str], int], mixture: Mixture) -> dict[tuple[str, str], int]:
    return {cell: target.kept for cell, target in targets(counts, mixture).items()}


def by_task(counts: dict[str, int], mixture: Mixture) -> dict[str, int]:
    found = kept({("elixir", task): n for task, n in counts.items()}, mixture)
    return {task: n for (_, task), n in found.items()}


def test_without_shares_everything_stays() -> None:
    assert by_task({"fim": 70, "spec": 3}, Mixture()) == {"fim": 70, "spec": 3}


def test_a_group_that_is_too_frequent_shrinks_to_its_share_of_what_stays() -> None:
    assert by_task({"fim": 900, "spec": 60, "doctest": 20}, Mixture(tasks={"fim": 0.2})) == {
        "fim": 20,
        "spec": 60,
        "doctest": 20,
    }


def test_a_group_rarer_than_its_share_stays_whole_and_costs_the_others_nothing() -> None:
    mixture = Mixture(tasks={"fim": 0.5, "spec": 0.3})
    assert by_task({"fim": 40, "spec": 10, "doctest": 50}, mixture) == {
        "fim": 40,
        "spec": 10,
        "doctest": 50,
    }


def test_where_shares_cover_all_rows_they_are_proportions() -> None:
    both = Mixture(languages={"elixir": 0.85, "erlang": 0.15})
    assert kept({("elixir", "t"): 1000, ("erlang", "t"): 30}, both) == {
        ("elixir", "t"): 170,
        ("erlang", "t"): 30,
    }
    assert by_task({"a": 100, "b": 100}, Mixture(tasks={"a": 0.2, "b": 0.1})) == {"a": 100, "b": 50}


def test_a_named_group_without_rows_is_left_out_of_account() -> None:
    assert kept({("elixir", "t"): 100}, Mixture(languages={"elixir": 0.85, "erlang": 0.15})) == {
        ("elixir", "t"): 100
    }


def test_languages_and_tasks_hold_together() -> None:
    counts = {
        ("elixir", "fim"): 5000,
        ("elixir", "spec"): 800,
        ("erlang", "fim"): 4000,
        ("erlang", "spec"): 300,
        ("markdown", "text"): 100,
    }
    found = kept(counts, Mixture(languages={"erlang": 0.25}, tasks={"fim": 0.4}))
    total = sum(found.values())
    fim = found["elixir", "fim"] + found["erlang", "fim"]
    erlang = found["erlang", "fim"] + found["erlang", "spec"]
    assert fim == pytest.approx(0.4 * total, abs=3)
    assert erlang == pytest.approx(0.25 * total, abs=3)
    assert found["markdown", "text"] == 100
    assert found["elixir", "spec"] == 800


def test_shares_that_cannot_hold_together_are_a_wrong_request() -> None:
    counts = {("elixir", "spec"): 100, ("erlang", "fim"): 100}
    mixture = Mixture(languages={"elixir": 0.2, "erlang": 0.8}, tasks={"spec": 0.8, "fim": 0.2})
    with pytest.raises(RequestError, match="cannot hold together"):
        targets(counts, mixture)


def test_a_cap_keeps_the_proportions() -> None:
    mixture = Mixture(tasks={"fim": 0.5}, rows=100)
    assert by_task({"fim": 9000, "spec": 300, "doctest": 700}, mixture) == {
        "fim": 50,
        "spec": 15,
        "doctest": 35,
    }


SHARES = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.floats(0.01, 0.25), max_size=4)


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e"]), st.integers(1, 10_000)),
    SHARES,
    st.none() | st.integers(1, 5000),
)
def test_no_share_is_exceeded_and_nothing_more_could_stay(
    counts: dict[str, int], shares: dict[str, float], cap: int | None
) -> None:
    found = by_task(counts, Mixture(tasks=shares, rows=cap))
    total = sum(found.values())
    assert all(found[t] <= n for t, n in counts.items())
    if cap is not None:
        assert total <= cap
        return
    named = {t: s for t, s in shares.items() if t in counts}
    if set(counts) == set(named):
        named = {t: s / sum(named.values()) for t, s in named.items()}
    for task, n in counts.items():
        if task not in named:
            assert found[task] == n
        else:
            assert found[task] <= named[task] * total + 2
            assert found[task] >= min(n, named[task] * total) - 2


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["elixir", "erlang"]), st.sampled_from(["a", "b", "c", "d", "e"])
        ),
        st.integers(1, 10_000),
        min_size=1,
    ),
    st.dictionaries(st.sampled_from(["elixir", "erlang"]), st.floats(0.05, 0.5)),
    SHARES,
)
def test_no_share_on_either_axis_is_exceeded(
    counts: dict[tuple[str, str], int], languages: dict[str, float], tasks: dict[str, float]
) -> None:
    try:
        found = kept(counts, Mixture(languages=languages, tasks=tasks))  # type: ignore[arg-type]
    except RequestError:
        return
    total = sum(found.values())
    for axis, shares in ((0, languages), (1, tasks)):
        groups = {cell[axis] for cell in counts}
        named = {g: s for g, s in shares.items() if g in groups}
        if set(named) == groups:
            named = {g: s / sum(named.values()) for g, s in named.items()}
        for group, share in named.items():
            have = sum(n for cell, n in found.items() if cell[axis] == group)
            assert have <= share * total + len(counts) + 1


def test_shares_that_shrink_a_group_to_nothing_are_a_wrong_request() -> None:
    counts = {("elixir", "a"): 6, ("erlang", "b"): 1, ("erlang", "c"): 127}
    with pytest.raises(RequestError, match="cannot hold together"):
        kept(counts, Mixture(languages={"erlang": 0.0625}, tasks={"a": 0.25}))


def table(rows: list[tuple[int, str, str, str]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    names = ("row", "id", "language", "task")
    connection.register(
        "given", pa.Table.from_pylist([dict(zip(names, r, strict=True)) for r in rows])
    )
    connection.execute("CREATE TABLE rows AS SELECT * FROM given")
    return connection


ROWS = [(n, f"id{n}", "elixir", "fim" if n % 10 else "spec") for n in range(1000)]
LIMITED = Mixture(tasks={"fim": 0.5}, rows=150)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_which_rows_stay_depends_on_seed_and_id_alone(order: random.Random) -> None:
    expected = dict(dropped(table(ROWS), "rows", LIMITED, 1).fetchall())
    shuffled = list(ROWS)
    order.shuffle(shuffled)
    assert dict(dropped(table(shuffled), "rows", LIMITED, 1).fetchall()) == expected
    other = dict(dropped(table(ROWS), "rows", LIMITED, 2).fetchall())
    assert len(other) == len(expected) and other != expected


def test_every_dropped_row_says_which_limit_took_it() -> None:
    reasons = Counter(why for _, why in dropped(table(ROWS), "rows", LIMITED, 1).fetchall())
    assert reasons == {
        "mixture: fim is limited to 0.5 of the rows": 800,
        "mixture: the dataset is limited to 150 rows": 50,
    }


def test_a_smaller_cap_keeps_a_part_of_what_a_larger_one_keeps() -> None:
    def gone(rows: int) -> set[int]:
        return {r for r, _ in dropped(table(ROWS), "rows", Mixture(rows=rows), 3).fetchall()}

    assert gone(400) < gone(100)
