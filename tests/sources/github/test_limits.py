"""The server refuses what GitHub refuses: its rules tried on the examples of GitHub's own pages,
and our questions held against them at their largest."""

from __future__ import annotations

import pytest
from graphql import parse, validate

from sources.github import details, listing, queries, tags
from tests.sources.github.limits import LimitError, weigh
from tests.sources.github.schema import schema
from tests.sources.github.searching import RefusedError, search
from tests.sources.github.world import made

NODES_550 = """
query { viewer { repositories(first: 50) { edges { repository: node { name
  issues(first: 10) { totalCount edges { node { title bodyHTML } } } } } } } }
"""

NODES_22060 = """
query { viewer {
  repositories(first: 50) { edges { repository: node { name
    pullRequests(first: 20) { edges { pullRequest: node { title
      comments(first: 10) { edges { comment: node { bodyHTML } } } } } }
    issues(first: 20) { totalCount edges { issue: node { title bodyHTML
      comments(first: 10) { edges { comment: node { bodyHTML } } } } } }
  } } }
  followers(first: 10) { edges { follower: node { login } } }
} }
"""

COST_51 = """
query { viewer { login repositories(first: 100) { edges { node { id
  issues(first: 50) { edges { node { id labels(first: 60) { edges { node { id name } } } } } }
} } } } }
"""


def test_nodes_and_points_are_counted_as_github_counts_them() -> None:
    simple, complex_, dear = (
        weigh(schema(), parse(text), {}) for text in (NODES_550, NODES_22060, COST_51)
    )
    assert (simple.nodes, complex_.nodes) == (550, 22_060)
    assert (dear.requests, dear.cost) == (5101, 51)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{ viewer { repositories { totalCount } } }", "MISSING_PAGINATION_BOUNDARIES"),
        ("{ viewer { repositories(first: 101) { totalCount } } }", "EXCESSIVE_PAGINATION"),
        ("{ viewer { repositories(first: 0) { totalCount } } }", "EXCESSIVE_PAGINATION"),
        (COST_51.replace("50", "100"), "MAX_NODE_LIMIT_EXCEEDED"),
    ],
)
def test_what_github_refuses_is_refused(text: str, kind: str) -> None:
    with pytest.raises(LimitError) as refused:
        weigh(schema(), parse(text), {})
    assert refused.value.kind == kind


@pytest.mark.parametrize(
    ("text", "variables", "cost"),
    [
        (queries.VIEWER, {}, 1),
        (queries.SEARCH, {"first": listing.PAGE}, 2),
        (queries.lookup(listing.BATCH), {}, 1),
        (queries.details(details.BATCH), {"sample": details.SAMPLE}, 1),
        (queries.parts(details.BATCH), {}, 1),
        (queries.tags((5,) * tags.MOST_REPOSITORIES), {}, 1),
    ],
    ids=["viewer", "search", "lookup", "details", "parts", "tags"],
)
def test_our_largest_questions_are_allowed_and_cheap(
    text: str, variables: dict[str, int], cost: int
) -> None:
    document = parse(text)
    assert validate(schema(), document) == []
    weight = weigh(schema(), document, variables)
    assert weight.cost == cost
    assert weight.nodes <= 5_000
    assert "rateLimit { cost" in text


@pytest.mark.parametrize(
    "query", ["stars:>=1 " + "x" * 250, "size:big", "stars:1 sort:created", "archived:no", "word"]
)
def test_a_search_that_is_not_documented_is_refused(query: str) -> None:
    with pytest.raises((RefusedError, ValueError)):
        search(made(1), query)


def test_ranges_mean_what_github_says() -> None:
    world = made(300, seed=4, fork=False)

    def stars(query: str) -> set[int]:
        return {r.stars for r in search(world, query)}

    every = {r.stars for r in world.repositories}
    assert stars("stars:>5") == {n for n in every if n > 5}
    assert stars("stars:>=5") == stars("stars:5..*") == {n for n in every if n >= 5}
    assert stars("stars:<5") == {n for n in every if n < 5}
    assert stars("stars:<=5") == stars("stars:*..5") == {n for n in every if n <= 5}
    assert stars("stars:3..5") == {n for n in every if 3 <= n <= 5}
    day = world.repositories[0].created
    on = search(world, f"created:{day:%Y-%m-%d}")
    assert {r.created.date() for r in on} == {day.date()}
    later = search(world, f"created:>{day:%Y-%m-%d}")
    assert {r.id for r in later} == {
        r.id for r in world.repositories if r.created.date() > day.date()
    }
    exact = search(world, f"created:{day:%Y-%m-%dT%H:%M:%SZ}..{day:%Y-%m-%dT%H:%M:%SZ}")
    assert [r.id for r in exact] == [world.repositories[0].id]
