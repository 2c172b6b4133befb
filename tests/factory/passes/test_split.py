"""Split: what belongs together stays together, and validation is as large as was asked."""

from __future__ import annotations

import random

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.passes.split import Component, Violation, assign, choose, prove
from factory.spec import Split


def database(
    rows: dict[str, int], links: list[tuple[str, str]] | None = None
) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    families = [family for family, n in rows.items() for _ in range(n)]
    connection.register("r", pa.table({"family": pa.array(families, pa.string())}))
    connection.register(
        "l",
        pa.table(
            {
                "family": pa.array([f for f, _ in links or []], pa.string()),
                "thing": pa.array([t for _, t in links or []], pa.string()),
            }
        ),
    )
    return connection


def sides(
    connection: duckdb.DuckDBPyConnection, validation: float, seed: int = 0
) -> dict[str, str]:
    found = assign(connection, "r", "l", Split(validation=validation), seed)
    return dict(zip(found["family"].to_pylist(), found["split"].to_pylist(), strict=True))


def rows_of(components: list[Component]) -> int:
    return sum(c.rows for c in components)


def test_families_that_share_a_thing_are_on_one_side_through_any_chain() -> None:
    rows = {f"f{n}": 10 for n in range(40)}
    links = [(f"f{n}", f"file{k}") for n in range(20) for k in (n // 2, 100 + (n + 1) // 2)]
    found = assign(database(rows, links), "r", "l", Split(validation=0.2), 5).to_pylist()
    assert {row["component"] for row in found if row["family"] < "f2"} >= {"f0"}
    tied = [row for row in found if int(row["family"][1:]) < 20]
    assert {row["component"] for row in tied} == {"f0"}
    assert len({row["split"] for row in tied}) == 1
    assert sum(row["rows"] for row in found if row["split"] == "validation") == 80


def test_links_of_families_without_rows_tie_nothing() -> None:
    connection = database(
        {"a": 5, "b": 5}, [("a", "x"), ("ghost", "x"), ("b", "y"), ("ghost", "y")]
    )
    assert sorted(sides(connection, 0.5).values()) == ["train", "validation"]


@pytest.mark.parametrize("validation", [0.0, 0.3])
def test_one_component_is_never_taken_from_train(validation: float) -> None:
    assert sides(database({"a": 5, "b": 9}, [("a", "x"), ("b", "x")]), validation) == {
        "a": "train",
        "b": "train",
    }
    assert sides(database({}), validation) == {}


def test_few_components_are_chosen_as_well_as_can_be() -> None:
    components = [Component(f"c{n}", n) for n in (700, 180, 53, 31, 17, 12, 7)]
    assert rows_of(choose(components, 0.02, 0)) == 19
    assert rows_of(choose(components, 0.1, 0)) == 101
    assert rows_of(choose(components, 0.03, 0)) == 31


def test_when_everything_is_too_large_the_smallest_serves_within_reason() -> None:
    assert choose([Component("a", 800), Component("b", 110), Component("c", 90)], 0.02, 0) == [
        Component("c", 90)
    ]
    assert choose([Component("a", 60), Component("b", 40)], 0.02, 0) == []


COMPONENTS = st.lists(st.integers(1, 3000), min_size=2, max_size=60).map(
    lambda sizes: [Component(f"c{n}", size) for n, size in enumerate(sizes)]
)


@given(COMPONENTS, st.floats(0.001, 0.6), st.integers(0, 5))
def test_the_share_is_never_overshot_by_half_where_it_could_be_kept(
    components: list[Component], share: float, seed: int
) -> None:
    chosen = choose(components, share, seed)
    target = share * rows_of(components)
    assert len(chosen) < len(components)
    assert len(set(chosen)) == len(chosen)
    if min(c.rows for c in components) <= 1.5 * target:
        assert 0 < rows_of(chosen) <= 1.5 * target
    else:
        assert len(chosen) <= 1


@given(st.lists(st.integers(1, 50), min_size=200, max_size=300), st.integers(0, 3))
def test_many_components_come_within_a_row_of_the_share(sizes: list[int], seed: int) -> None:
    components = [Component(f"c{n}", size) for n, size in enumerate(sizes)]
    target = 0.1 * sum(sizes)
    assert abs(rows_of(choose(components, 0.1, seed)) - target) <= 1


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_makes_no_difference_and_the_seed_does(order: random.Random) -> None:
    rows = {f"f{n}": 3 + n % 5 for n in range(60)}
    expected = sides(database(rows), 0.1, seed=1)
    names = list(rows)
    order.shuffle(names)
    assert sides(database({name: rows[name] for name in names}), 0.1, seed=1) == expected
    assert sides(database(rows), 0.1, seed=2) != expected


def test_the_proof_finds_whatever_stands_on_both_sides() -> None:
    connection = duckdb.connect()
    lines = [
        *[("file", "sha256:1", "train")] * 3,
        ("file", "sha256:1", "validation"),
        ("file", "sha256:2", "validation"),
        *[("release", "debian:a@1", "train")] * 2,
        *[("release", "debian:a@1", "validation")] * 2,
        ("release", "sha256:2", "train"),
    ]
    names = ("kind", "thing", "split")
    connection.register(
        "p", pa.Table.from_pylist([dict(zip(names, x, strict=True)) for x in lines])
    )
    assert prove(connection, "p") == [
        Violation("release", "debian:a@1", 2, 2),
        Violation("file", "sha256:1", 3, 1),
    ]
