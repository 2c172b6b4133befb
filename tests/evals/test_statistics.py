"""pass@k, its interval, and the comparison of two runs: known values, laws, measured coverage."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.statistics import Tally, compare, estimate, mcnemar, mean_interval, pass_at_k, tally
from evals.verdict import Verdict

tallies = st.integers(1, 12).flatmap(lambda n: st.integers(0, n).map(lambda c: Tally(n, c)))
suites = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), tallies, min_size=1, max_size=9)


# pass@k


@given(tallies, st.integers(1, 12))
def test_pass_at_k_is_the_share_of_k_subsets_that_hold_a_pass(tally: Tally, k: int) -> None:
    outcomes = [at < tally.passed for at in range(tally.samples)]
    subsets = list(itertools.combinations(outcomes, k))
    value = pass_at_k(tally.samples, tally.passed, k)
    if not subsets:
        assert value is None
    else:
        assert value == pytest.approx(sum(map(any, subsets)) / len(subsets))


@given(tallies)
def test_pass_at_1_is_the_share_that_passed(tally: Tally) -> None:
    assert pass_at_k(tally.samples, tally.passed, 1) == pytest.approx(tally.passed / tally.samples)


def test_values_worked_out_by_hand() -> None:
    assert pass_at_k(5, 2, 2) == pytest.approx(1 - 3 / 10)
    assert pass_at_k(200, 1, 100) == pytest.approx(0.5)
    assert pass_at_k(20, 0, 10) == 0.0
    assert pass_at_k(20, 11, 10) == 1.0


def test_it_is_undefined_with_fewer_samples_than_k_even_when_all_of_them_passed() -> None:
    assert pass_at_k(3, 3, 5) is None
    assert pass_at_k(0, 0, 1) is None
    with pytest.raises(ValueError, match="k must be at least 1"):
        pass_at_k(3, 3, 0)


def test_it_stays_exact_where_binomials_are_huge() -> None:
    expected = 1 - math.comb(9_000, 300) / math.comb(10_000, 300)
    assert pass_at_k(10_000, 1_000, 300) == pytest.approx(expected, abs=1e-12)


def test_infrastructure_errors_are_in_no_tally() -> None:
    verdicts = [Verdict("passed"), Verdict("infrastructure_error"), Verdict("timeout")]
    assert tally(verdicts) == Tally(2, 1)


def test_no_tally_can_hold_more_passes_than_samples() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        Tally(2, 3)


# a suite's estimate


def test_a_problem_with_too_few_samples_is_named_and_not_averaged() -> None:
    result = estimate({"a": Tally(5, 5), "b": Tally(2, 2), "c": Tally(5, 0)}, 5)
    assert (result.value, result.problems, result.undefined) == (0.5, 2, ("b",))


def test_where_no_problem_has_k_samples_there_is_no_value() -> None:
    result = estimate({"a": Tally(2, 2)}, 5)
    assert (result.value, result.interval, result.undefined) == (None, None, ("a",))


@given(suites, st.integers(1, 3))
@settings(max_examples=40)
def test_an_estimate_lies_in_its_interval_and_ignores_order(
    suite: dict[str, Tally], k: int
) -> None:
    result = estimate(suite, k, resamples=500)
    assert result == estimate(dict(reversed(suite.items())), k, resamples=500)
    if result.value is not None:
        assert result.interval is not None
        assert 0 <= result.interval.low <= result.value + 1e-9
        assert result.value - 1e-9 <= result.interval.high <= 1


def test_the_seed_decides_the_interval() -> None:
    suite = {str(at): Tally(20, at) for at in range(20)}
    first = estimate(suite, 1, seed=1)
    assert first == estimate(suite, 1, seed=1)
    assert first.interval != estimate(suite, 1, seed=2).interval


def test_a_suite_that_is_solved_whole_leaves_room_for_problems_not_seen() -> None:
    interval = estimate({str(at): Tally(1, 1) for at in range(20)}, 1).interval
    assert interval is not None
    assert interval.method == "exact"
    assert interval.high == 1.0
    # Clopper and Pearson's lower limit for 20 of 20.
    assert interval.low == pytest.approx(0.8316, abs=1e-4)


@pytest.mark.parametrize(("problems", "least"), [(10, 0.93), (20, 0.92), (50, 0.93)])
def test_95_percent_intervals_cover_about_95_percent(problems: int, least: float) -> None:
    """Problems whose rates are spread evenly, 20 samples each: how often is the mean covered?"""
    random = np.random.default_rng(7)
    runs = 500
    covered = 0
    for run in range(runs):
        rates = random.uniform(size=problems)
        values = random.binomial(20, rates) / 20
        interval = mean_interval(values.tolist(), 0, 1, seed=run, resamples=1_000)
        covered += interval.low <= 0.5 <= interval.high
    assert least <= covered / runs <= 0.985


# two runs


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [(0, 0, 1.0), (0, 5, 0.0625), (1, 9, 22 / 1024), (5, 5, 1.0), (10, 2, 0.03857421875)],
)
def test_mcnemar_agrees_with_the_binomial_tables(only_a: int, only_b: int, p: float) -> None:
    assert mcnemar(only_a, only_b) == pytest.approx(p)
    assert mcnemar(only_b, only_a) == pytest.approx(p)


def test_one_sample_each_is_compared_by_mcnemar() -> None:
    a = {str(at): Tally(1, at < 10) for at in range(30)}
    b = {str(at): Tally(1, 1 <= at < 20) for at in range(30)}
    result = compare(a, b)
    assert (result.method, result.a_better, result.b_better) == ("mcnemar", 1, 10)
    assert result.difference == pytest.approx(0.3)
    assert result.p_value == pytest.approx(mcnemar(1, 10))
    assert result.interval is not None
    assert 0 < result.interval.low < 0.3 < result.interval.high


def test_with_more_samples_the_sign_test_of_one_sample_each_is_met_again() -> None:
    """Five samples that all agree are one sample: the p-value is McNemar's."""
    a = {str(at): Tally(5, 5 * (at < 10)) for at in range(30)}
    b = {str(at): Tally(5, 5 * (1 <= at < 12)) for at in range(30)}
    result = compare(a, b)
    assert result.method == "paired_bootstrap"
    assert result.p_value == pytest.approx(mcnemar(1, 2), abs=0.02)


def test_pairing_sees_what_two_intervals_side_by_side_hide() -> None:
    a = {str(at): Tally(20, at) for at in range(19)}
    b = {str(at): Tally(20, at + 1) for at in range(19)}
    result = compare(a, b)
    alone_a, alone_b = estimate(a, 1).interval, estimate(b, 1).interval
    assert alone_a is not None and alone_b is not None and result.p_value is not None
    assert alone_a.high > alone_b.low
    assert result.difference == pytest.approx(0.05)
    assert result.p_value < 0.001


@given(suites, suites)
@settings(max_examples=40)
def test_comparing_the_other_way_round_turns_the_sign(
    a: dict[str, Tally], b: dict[str, Tally]
) -> None:
    there, back = compare(a, b, resamples=300), compare(b, a, resamples=300)
    assert (there.problems, there.left_out) == (back.problems, back.left_out)
    assert there.p_value == pytest.approx(back.p_value) if there.problems else True
    if there.difference is not None:
        assert there.difference == pytest.approx(-(back.difference or 0.0))


def test_a_run_against_itself_shows_nothing() -> None:
    run = {str(at): Tally(3, at % 4) for at in range(12)}
    result = compare(run, run)
    assert (result.difference, result.p_value) == (0.0, 1.0)
    assert result.interval is not None
    assert result.interval.low < 0 < result.interval.high


def test_problems_of_one_run_only_are_named_and_left_out() -> None:
    result = compare({"x": Tally(1, 1), "y": Tally(1, 1)}, {"x": Tally(1, 0), "z": Tally(1, 1)})
    assert (result.problems, result.left_out) == (1, ("y", "z"))
    assert compare({"x": Tally(0, 0)}, {"x": Tally(1, 1)}).difference is None


def test_p_values_are_even_where_there_is_no_difference() -> None:
    """At most about 5 % of comparisons of two runs of the same model are below 0.05."""
    random = np.random.default_rng(3)
    below = 0
    for run in range(300):
        rates = random.uniform(size=20)
        a, b = (
            {str(at): Tally(5, int(c)) for at, c in enumerate(random.binomial(5, rates))}
            for _ in "ab"
        )
        p_value = compare(a, b, seed=run, resamples=400).p_value
        below += p_value is not None and p_value < 0.05
    assert 0 < below / 300 <= 0.08
