"""Which repositories are wanted: the words of a search, and the same rules held here once more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sources.github.options import GitHubOptions
from sources.github.repository import Details, Facts, Sample
from sources.github.selection import QUERY, lacks, searches, unwanted
from sources.github.windows import LONGEST, Window

GOOD = Facts(
    id="R_1", name="a/b", family="a/b", stars=50, forks=1, kilobytes=1000,
    created="2020-01-01T00:00:00Z", pushed="2024-05-06T07:08:09Z", licence="MIT",
    language="Elixir", languages=(), topics=(), archived=False, disabled=False, fork=False,
    mirror=False, private=False, template=False, branch="main", ref="", commit="c" * 40,
    committed="2024-05-06T07:08:00Z",
)  # fmt: skip

KNOWN = Details(Sample(), (), ci=True, tests=True, tags=(), tag_count=0, releases=("v1",),
                release_count=1)  # fmt: skip


def options(**given: Any) -> GitHubOptions:
    return GitHubOptions.model_validate({"languages": ["Elixir"], "min_stars": 50, **given})


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({}, ""),
        ({"fork": True}, "forks"),
        ({"mirror": True}, "mirrors"),
        ({"archived": True}, "archived"),
        ({"template": True}, "templates"),
        ({"private": True}, "private"),
        ({"disabled": True}, "blocked by GitHub"),
        ({"commit": ""}, "empty"),
        ({"stars": 49}, "too few stars"),
        ({"pushed": "2024-05-05T23:59:59Z"}, "not pushed to since"),
        ({"pushed": ""}, "not pushed to since"),
        ({"kilobytes": 1001}, "too large"),
        ({"licence": ""}, "without a licence file"),
        ({"licence": "NOASSERTION"}, ""),
    ],
)
def test_what_a_search_lets_through_is_judged_again(other: dict[str, Any], reason: str) -> None:
    """An index lags behind, and GitHub Enterprise does not know every word."""
    chosen = options(pushed_after="2024-05-06", max_size_mb=1, require=["licence"])
    assert unwanted(replace(GOOD, **other), chosen) == reason
    if reason in chosen.exclude:
        assert unwanted(replace(GOOD, **other), options(exclude=[])) == ""


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({}, ""),
        ({"tests": False}, "without tests"),
        ({"tests": None}, "without tests"),
        ({"ci": False}, "without continuous integration"),
        ({"release_count": 0}, "without a published release"),
    ],
)
def test_what_a_commit_must_hold(other: dict[str, Any], reason: str) -> None:
    chosen = options(require=["tests", "ci", "releases"])
    assert lacks(replace(KNOWN, **other), chosen) == reason
    assert lacks(replace(KNOWN, **other), options(require=[])) == ""


def test_a_search_for_each_language_and_topic() -> None:
    chosen = options(languages=["Elixir", "Common Lisp"], topics=["web", "otp"], exclude=[])
    assert [words.partition(" is:")[0] for words in searches(chosen)] == [
        "language:Elixir topic:web",
        "language:Elixir topic:otp",
        'language:"Common Lisp" topic:web',
        'language:"Common Lisp" topic:otp',
    ]
    assert searches(options(languages=[], repositories=["a/b"])) == []


def test_the_words_of_a_search() -> None:
    chosen = options(pushed_after="2022-01-01", max_size_mb=100)
    assert searches(chosen) == [
        "language:Elixir is:public pushed:>=2022-01-01 archived:false mirror:false "
        "template:false sort:stars-asc size:<=100000"
    ]
    assert "fork:true" in searches(options(exclude=["archived"]))[0]


def test_a_search_is_never_longer_than_github_takes() -> None:
    """What does not fit is left to the rules here."""
    chosen = options(languages=["L" * 50], topics=["t" * 50], pushed_after="2022-01-01")
    (words,) = searches(chosen)
    longest = Window(100_000, 100_000, 1_600_000_000, 1_700_000_000)
    assert len(str(longest)) <= LONGEST
    assert len(f"{words} {longest}") <= QUERY
    assert "size:" not in words
