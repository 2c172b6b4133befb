"""Duplicates: copies are found whatever their order, and the best copy's rows stay."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.passes.components import Components
from factory.passes.duplicates import clusters, dropped, repeated, version_order
from factory.passes.signatures import SKETCH, banding, signatures
from factory.passes.tokens import tokenise
from factory.spec import Dedup
from tests.factory.passes.units import World, clone, function, similarity


def found(world: World, dedup: Dedup | None = None) -> dict[int, int]:
    """For each unit that has a copy, the unit it is a copy of."""
    table = clusters(world.connection, "units", dedup or Dedup())
    return dict(zip(table["unit"].to_pylist(), table["cluster"].to_pylist(), strict=True))


def test_every_planted_clone_is_found_and_nothing_else() -> None:
    rng = random.Random(7)
    originals = [function(rng, rng.randrange(2, 90)) for _ in range(300)]
    clones = [clone(rng, text, 0.8) for text in originals]
    similarities = [similarity(a, b) for a, b in zip(originals, clones, strict=True)]
    assert min(similarities) < 0.85, "the planted clones are too easy to find"
    assert found(World.of([*originals, *clones])) == {
        **{n: n for n in range(300)},
        **{300 + n: n for n in range(300)},
    }


def test_reported_similarity_is_exact_for_functions_and_close_for_large_modules() -> None:
    rng = random.Random(3)
    small, large = function(rng, 8), function(rng, 400)
    copies = [clone(rng, small, 0.8), clone(rng, large, 0.5)]
    table = clusters(World.of([small, large, *copies]).connection, "units", Dedup(threshold=0.5))
    measured = dict(zip(table["unit"].to_pylist(), table["similarity"].to_pylist(), strict=True))
    assert measured[2] == pytest.approx(similarity(small, copies[0]), abs=1e-6)
    assert measured[3] == pytest.approx(similarity(large, copies[1]), abs=0.06)


def test_only_units_with_the_same_tokens_are_wholly_alike() -> None:
    text = function(random.Random(29), 2000)
    changed = text.replace("def ", "def my_", 1)
    repeated_twice = World.of([text, changed, text + "\n"])
    table = clusters(repeated_twice.connection, "units", Dedup())
    assert [x == 1 for x in table["similarity"].to_pylist()] == [True, False, True]


def test_pairs_below_the_threshold_stay_apart() -> None:
    rng = random.Random(5)
    text = function(rng, 12)
    other = text
    while similarity(text, other) >= 0.75:
        other = clone(rng, other, 0.9)
    world = World.of([text, other])
    assert found(world) == {}
    assert found(World.of([text, other], Dedup(threshold=0.5)), Dedup(threshold=0.5)) == {
        0: 0,
        1: 0,
    }


def test_layout_and_comments_make_no_difference() -> None:
    text = function(random.Random(1), 3)
    relaid = "# mine\n" + text.replace("\n", "  # note\n\n")
    table = clusters(World.of([text, relaid]).connection, "units", Dedup(near=False))
    assert table.to_pylist() == [
        {"unit": 0, "cluster": 0, "component": 0, "size": 2, "similarity": 1.0},
        {"unit": 1, "cluster": 0, "component": 0, "size": 2, "similarity": 1.0},
    ]


def test_units_shorter_than_a_shingle_are_copies_only_when_equal() -> None:
    texts = ["a(b)", "a( b )", "a(c)", "", ""]
    assert found(World.of(texts)) == {0: 0, 1: 0}
    assert found(World.of(texts), Dedup(exact=False)) == {}


def test_what_is_dropped_is_like_what_is_kept_even_along_a_chain() -> None:
    rng = random.Random(11)
    chain = [function(rng, 10)]
    while similarity(chain[0], chain[-1]) > 0.3:
        chain.append(clone(rng, chain[-1], 0.85))
    table = clusters(World.of(chain).connection, "units", Dedup()).to_pylist()
    assert {row["component"] for row in table} == {0}
    assert len({row["cluster"] for row in table}) > 1
    for row in table:
        assert similarity(chain[row["unit"]], chain[row["cluster"]]) >= 0.8
        assert row["cluster"] <= row["unit"], "the best copy leads"


def test_a_thousand_units_from_one_template_are_one_component() -> None:
    rng = random.Random(2)
    template = function(rng, 20)
    texts = [template.replace("def ", f"def v{n}_", 1) for n in range(1000)]
    assert set(found(World.of(texts)).values()) == {0}


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_units_come_does_not_matter(order: random.Random) -> None:
    rng = random.Random(13)
    texts = [function(rng, rng.randrange(1, 12)) for _ in range(12)]
    texts += [clone(rng, rng.choice(texts), 0.7) for _ in range(24)]
    ids = list(range(len(texts)))
    expected = clusters(World.of(texts, ids=ids).connection, "units", Dedup())
    order.shuffle(ids)
    shuffled = World.of([texts[n] for n in ids], ids=ids)
    assert clusters(shuffled.connection, "units", Dedup()).equals(expected)


def test_ids_need_not_be_dense() -> None:
    text = function(random.Random(1), 5)
    assert found(World.of([text, "x", text], ids=[-5, 12, 10**12])) == {-5: -5, 10**12: -5}


def test_nothing_is_left_behind_in_the_database() -> None:
    world = World.of([function(random.Random(1), 5)] * 3)
    clusters(world.connection, "units", Dedup())
    assert [t[0] for t in world.connection.sql("SHOW TABLES").fetchall()] == ["given", "units"]


def test_signatures_of_nested_spans_are_those_of_their_text() -> None:
    rng = random.Random(17)
    inner = function(rng, 30)
    source = ("defmodule A do\n" + inner + "end\n").encode()
    start = source.index(b"  def")
    spans = [(0, len(source)), (start, start + len(inner)), (3, 3), (start, start + 6)]
    both = signatures(tokenise(source), spans, Dedup()).columns()
    alone = signatures(tokenise(inner.encode()), [(0, len(inner))], Dedup()).columns()
    assert [column[1] for column in both] == [column[0] for column in alone]
    assert [column[2].as_py() for column in both] == [0, 0, [], []]
    assert both[1].to_pylist()[3] == 0
    assert [len(s) for s in both[3].to_pylist()] == [min(n, SKETCH) for n in both[1].to_pylist()]


def test_units_nested_in_one_another_are_worked_on_in_batches_without_a_trace() -> None:
    source = function(random.Random(23), 40).encode()
    spans = [(at, len(source)) for at in range(0, len(source), 50)]
    whole = signatures(tokenise(source), spans, Dedup()).columns()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("factory.passes.signatures._FLAT", 300)
        assert signatures(tokenise(source), spans, Dedup()).columns() == whole


def test_a_document_without_units_or_tokens_has_no_signatures() -> None:
    nothing = signatures(tokenise(b""), [], Dedup())
    assert [len(c) for c in nothing.columns()] == [0, 0, 0, 0]
    assert signatures(tokenise(b""), [(0, 0)], Dedup()).content.tolist() == [0]


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0])
def test_banding_overlooks_less_than_one_in_ten_thousand(threshold: float) -> None:
    bands, rows = banding(threshold)
    assert (1 - threshold**rows) ** bands <= 1e-4
    assert bands * rows <= 128


def rows_of(world: World, rows: list[tuple[int, str, str, int]]) -> None:
    table = pa.Table.from_pylist(
        [dict(zip(("row", "id", "task", "unit"), r, strict=True)) for r in rows]
    )
    world.connection.register("rows", table)


def test_of_each_task_the_best_copy_that_has_rows_stays_with_all_of_them() -> None:
    rng = random.Random(19)
    text = function(rng, 15)
    near = text.replace("def ", "def my_", 1)
    world = World.of([text, text + " # same", near, function(rng, 5)])
    rows_of(
        world,
        [
            (1, "a", "fim", 0),
            (2, "b", "fim", 0),
            (3, "c", "fim", 1),
            (4, "d", "fim", 2),
            (5, "e", "spec", 2),
            (6, "f", "spec", 1),
            (7, "g", "doctest", 2),
            (8, "h", "fim", 3),
        ],
    )
    world.connection.register("found", clusters(world.connection, "units", Dedup()))
    gone = dropped(world.connection, "rows", "units", "found").order("row").fetchall()
    alike = round(100 * similarity(text, near))
    assert gone == [
        (3, "duplicate but for white space and comments of unit 0", True),
        (4, f"near-duplicate of unit 0 ({alike}% alike; 3 copies in all)", False),
        (5, f"near-duplicate of unit 1 ({alike}% alike; 3 copies in all)", False),
    ]


def test_of_rows_with_equal_content_the_best_units_first_stays() -> None:
    world = World.of(["a", "b", "c"])
    rows_of(world, [(1, "x", "t", 2), (2, "x", "t", 1), (3, "x", "t", 1), (4, "y", "t", 0)])
    gone = repeated(world.connection, "rows", "units").order("row").fetchall()
    assert gone == [
        (1, "same content as a row about unit 1"),
        (3, "same content as a row about unit 1"),
    ]


def test_versions_sort_as_people_count() -> None:
    ascending = [
        *("0.9", "1.0.0~rc1", "1.0.0", "1.0.0.1", "1.2", "1.10.0-rc.1", "1.10.0", "1.14.0.dfsg"),
        *("1.18.3", "2024.1"),
    ]
    assert sorted(ascending, key=version_order) == ascending
    assert version_order("") < version_order("0.1")


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40), st.integers(1, 9))
def test_components_are_those_of_a_walk_through_the_graph(
    edges: list[tuple[int, int]], batch: int
) -> None:
    joined = Components(20)
    for at in range(0, len(edges), batch):
        some = np.array(edges[at : at + batch], np.int64).reshape(-1, 2)
        joined.join(some[:, 0], some[:, 1])
    expected = []
    for node in range(20):
        seen, waiting = {node}, [node]
        while waiting:
            here = waiting.pop()
            near = {b for a, b in edges if a == here} | {a for a, b in edges if b == here}
            waiting += near - seen
            seen |= near
        expected.append(min(seen))
    assert joined.all_roots().tolist() == expected
