"""From tallies of verdicts to pass@k, its interval, and the comparison of two runs.

Problems are the unit: a suite stands for the problems one could have asked, so intervals resample
problems, never samples of one problem. An infrastructure error says nothing about a candidate and
is in no tally. Nothing here corrects for comparing many runs with one another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evals.verdict import Verdict

RESAMPLES = 10_000
LEVEL = 0.95
_BLOCK = 1_000_000
"""How many draws are held in memory at once."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tally:
    """Of `samples` candidates for one problem that were graded, `passed` passed."""

    samples: int
    passed: int

    def __post_init__(self) -> None:
        if not 0 <= self.passed <= self.samples:
            raise ValueError(f"{self.passed} of {self.samples} candidates cannot have passed")


@dataclass(frozen=True)
class Interval:
    """A two-sided confidence interval. `method` is `bootstrap`, or `exact` where every problem
    has the same value and resampling them could show no spread."""

    low: float
    high: float
    level: float
    method: Literal["bootstrap", "exact"]


@dataclass(frozen=True)
class Estimate:
    """Mean pass@k over the problems where it is defined; `undefined` names the others.

    `value` and `interval` are None when it is defined for no problem."""

    k: int
    value: float | None
    interval: Interval | None
    problems: int
    undefined: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Run B against run A over the problems that both graded.

    `difference` is B's pass@1 less A's. `a_better` and `b_better` count problems on which one
    passed more often. `left_out` names problems that only one of the runs graded."""

    problems: int
    a: float | None
    b: float | None
    difference: float | None
    interval: Interval | None
    p_value: float | None
    method: Literal["mcnemar", "paired_bootstrap"]
    a_better: int
    b_better: int
    left_out: tuple[str, ...] = ()


def tally(verdicts: Iterable[Verdict]) -> Tally:
    """The tally of one problem's verdicts; infrastructure errors are left out of it."""
    counted = [verdict.passed for verdict in verdicts if verdict.counts]
    return Tally(len(counted), sum(counted))


def pass_at_k(samples: int, passed: int, k: int) -> float | None:
    """The chance that at least one of k candidates passes, without bias from n samples of which c
    passed: 1 - C(n-c, k) / C(n, k) (Chen et al. 2021, section 2.1).

    None when there are fewer than k samples: the estimator is not defined there, and neither 1.0
    nor the share that passed would be pass@k. Raises ValueError when k < 1.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    Tally(samples, passed)
    if samples < k:
        return None
    if samples - passed < k:
        return 1.0
    if passed == 0:
        return 0.0
    # C(n-c, k) / C(n, k) as a product of factors below 1: no large number is ever formed.
    missed = math.prod(1.0 - k / i for i in range(samples - passed + 1, samples + 1))
    return 1.0 - missed


def estimate(
    tallies: Mapping[str, Tally],
    k: int,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Estimate:
    """pass@k over a suite, with its interval by bootstrap over problems.

    The result depends on what is in `tallies`, not on its order.
    """
    values: list[float] = []
    undefined: list[str] = []
    for name in sorted(tallies):
        value = pass_at_k(tallies[name].samples, tallies[name].passed, k)
        if value is None:
            undefined.append(name)
        else:
            values.append(value)
    if not values:
        return Estimate(k, None, None, 0, tuple(undefined))
    return Estimate(
        k,
        math.fsum(values) / len(values),
        mean_interval(values, 0.0, 1.0, seed=seed, resamples=resamples, level=level),
        len(values),
        tuple(undefined),
    )


def mean_interval(
    values: Sequence[float],
    least: float,
    most: float,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Interval:
    """The interval of the mean of what `values` (one for each problem) were drawn from.

    Percentiles of the bootstrap distribution, taken further out by as much as it is too narrow for
    a small sample (the expanded percentile interval of Hesterberg 2015, "What Teachers Should Know
    About the Bootstrap"). BCa corrects for skewness and not for that: on 10 and 20 problems it
    covered less often, on 50 and 150 as often (the measurement is in docs/scores.md).

    Where all n values are the same, unseen others may still hold a share of up to
    1 - (alpha/2)^(1/n) of the problems (Clopper and Pearson 1934, for 0 of n), each of them worth
    anything from `least` to `most`.
    """
    if not values:
        raise ValueError("an interval needs at least one problem")
    sample = np.asarray(values, dtype=np.float64)
    alpha = 1.0 - level
    n = len(sample)
    if n == 1 or float(np.ptp(sample)) == 0.0:
        unseen = 1.0 - (alpha / 2) ** (1.0 / n)
        seen = (1.0 - unseen) * float(sample[0])
        return Interval(seen + unseen * least, seen + unseen * most, level, "exact")
    means = _resampled_means(sample, seed, resamples)
    tail = _expanded_tail(n, alpha / 2)
    low, high = np.quantile(means, [tail, 1.0 - tail])
    return Interval(max(least, float(low)), min(most, float(high)), level, "bootstrap")


def compare(
    a: Mapping[str, Tally],
    b: Mapping[str, Tally],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Comparison:
    """Two runs over the same problems: is B better than A, and by how much?

    With one sample a problem in both, the p-value is McNemar's exact one: a fair coin for every
    problem that exactly one run solved. With more, it is the same test of differences in pass@1:
    under no difference every problem's may as well have had the other sign (10,000 draws, the
    observed one counted). The interval of the difference is by paired bootstrap in both cases.
    """
    shared = sorted(
        name for name in a.keys() & b.keys() if a[name].samples > 0 and b[name].samples > 0
    )
    left_out = tuple(sorted((a.keys() | b.keys()) - set(shared)))
    single = all(a[name].samples == 1 and b[name].samples == 1 for name in shared)
    method: Literal["mcnemar", "paired_bootstrap"] = "mcnemar" if single else "paired_bootstrap"
    if not shared:
        return Comparison(0, None, None, None, None, None, method, 0, 0, left_out)
    rate_a = np.array([a[name].passed / a[name].samples for name in shared])
    rate_b = np.array([b[name].passed / b[name].samples for name in shared])
    difference = rate_b - rate_a
    a_better, b_better = int((difference < 0).sum()), int((difference > 0).sum())
    p_value = mcnemar(a_better, b_better) if single else _sign_flip_p(difference, seed, resamples)
    return Comparison(
        len(shared),
        float(rate_a.mean()),
        float(rate_b.mean()),
        float(difference.mean()),
        mean_interval(difference.tolist(), -1.0, 1.0, seed=seed, resamples=resamples, level=level),
        p_value,
        method,
        a_better,
        b_better,
        left_out,
    )


def mcnemar(only_a: int, only_b: int) -> float:
    """The exact two-sided p-value for problems solved by one run only (McNemar 1947, with the
    binomial distribution): twice the smaller tail of a fair coin, at most 1."""
    n = only_a + only_b
    tail = sum(math.comb(n, i) for i in range(min(only_a, only_b) + 1))
    return min(1.0, tail / (1 << (n - 1))) if n else 1.0


def _resampled_means(sample: Floats, seed: int, resamples: int) -> Floats:
    n = len(sample)

    def draw(random: np.random.Generator, rows: int) -> Floats:
        means: Floats = sample[random.integers(0, n, size=(rows, n))].mean(axis=1)
        return means

    return _in_blocks(draw, n, seed, resamples)


def _sign_flip_p(difference: Floats, seed: int, resamples: int) -> float:
    moved = difference[difference != 0.0]
    if not len(moved):
        return 1.0
    observed = abs(float(moved.sum()))

    def draw(random: np.random.Generator, rows: int) -> Floats:
        signs = random.integers(0, 2, size=(rows, len(moved)), dtype=np.int8) * 2 - 1
        sums: Floats = signs @ moved
        return sums

    sums = _in_blocks(draw, len(moved), seed, resamples)
    # Sums of the same numbers in another order differ in their last bits: a tie is a tie.
    as_far = int((np.abs(sums) >= observed - 1e-9).sum())
    return (as_far + 1) / (resamples + 1)


def _in_blocks(
    draw: Callable[[np.random.Generator, int], Floats], width: int, seed: int, resamples: int
) -> Floats:
    """`resamples` draws, as many rows at a time as fit."""
    random = np.random.default_rng(seed)
    rows = max(1, _BLOCK // width)
    return np.concatenate(
        [draw(random, min(rows, resamples - done)) for done in range(0, resamples, rows)]
    )


def _expanded_tail(n: int, tail: float) -> float:
    """The tail to cut so that the percentiles of n values' bootstrap means lie as far out as
    Student's t with the unbiased deviation would put them."""
    return _normal_cdf(-math.sqrt(n / (n - 1)) * _student_quantile(1.0 - tail, n - 1))


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def _student_quantile(p: float, freedom: int) -> float:
    """The quantile of Student's t for p > 1/2, by bisection over its distribution function."""
    low, high = 0.0, 1e4
    for _ in range(80):
        middle = (low + high) / 2
        if _student_cdf(middle, freedom) < p:
            low = middle
        else:
            high = middle
    return high


def _student_cdf(t: float, freedom: int) -> float:
    """P(T <= t) for t >= 0, by the finite sums for whole degrees of freedom (Abramowitz and Stegun
    1964, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    if freedom % 2:
        term, total = cosine, cosine if freedom > 1 else 0.0
        for i in range(3, freedom - 1, 2):
            term *= cosine * cosine * (i - 1) / i
            total += term
        within = 2 / math.pi * (angle + sine * total)
    else:
        term = total = 1.0
        for i in range(2, freedom - 1, 2):
            term *= cosine * cosine * (i - 1) / i
            total += term
        within = sine * total
    return 0.5 + within / 2
