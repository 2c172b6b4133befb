"""How often 95 % intervals for pass@1 hold the truth, by method, on suites of made-up problems.

Prints the table of docs/scores.md: `python -m benchmarks.intervals`. Each cell is the share of
1,000 simulated runs whose interval holds the mean solve rate that problems were drawn with. The
percentile and BCa bootstraps are here to be compared with; `evals.statistics` has the third.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evals.statistics import mean_interval

RUNS = 1_000
RESAMPLES = 1_000
TAIL = 0.025
SUITES = {
    "even, 20 samples": (1.0, 1.0, 20),
    "hard, 20 samples": (0.3, 1.5, 20),
    "easy, 10 samples": (4.0, 0.5, 10),
    "one sample": (3.0, 7.0, 1),
}
Z = 1.959964


def main() -> None:
    print("| problems | suite | percentile | BCa | expanded percentile |")
    print("|---:|---|---:|---:|---:|")
    for problems in (10, 20, 50, 150):
        for name, (alpha, beta, samples) in SUITES.items():
            shares = covered(problems, alpha, beta, samples)
            cells = " | ".join(f"{100 * share:.1f} %" for share in shares)
            print(f"| {problems} | {name} | {cells} |")


def covered(problems: int, alpha: float, beta: float, samples: int) -> tuple[float, float, float]:
    """The share of runs covered by percentile, BCa and our interval."""
    random = np.random.default_rng(1)
    truth = alpha / (alpha + beta)
    counts = np.zeros(3)
    for run in range(RUNS):
        values = random.binomial(samples, random.beta(alpha, beta, problems)) / samples
        ours = mean_interval(values.tolist(), 0, 1, seed=run, resamples=RESAMPLES)
        if ours.method == "exact":
            # The others have no width here and never cover.
            counts[2] += ours.low <= truth <= ours.high
            continue
        means = values[random.integers(0, problems, (RESAMPLES, problems))].mean(axis=1)
        for at, tails in enumerate(((TAIL, 1 - TAIL), bca(values, means))):
            low, high = np.quantile(means, tails)
            counts[at] += low <= truth <= high
        counts[2] += ours.low <= truth <= ours.high
    percentile, corrected, expanded = counts / RUNS
    return float(percentile), float(corrected), float(expanded)


def bca(values: NDArray[np.float64], means: NDArray[np.float64]) -> tuple[float, float]:
    """The quantiles of Efron's bias-corrected and accelerated bootstrap (1987)."""
    below = ((means < values.mean()).mean() + (means <= values.mean()).mean()) / 2
    bias = quantile(min(max(float(below), 1e-4), 1 - 1e-4))
    left_out = (values.sum() - values) / (len(values) - 1)
    gaps = left_out.mean() - left_out
    acceleration = float((gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5))

    def tail(z: float) -> float:
        moved = bias + (bias + z) / (1 - acceleration * (bias + z))
        return 0.5 * math.erfc(-moved / math.sqrt(2))

    return tail(-Z), tail(Z)


def quantile(p: float) -> float:
    """Of the normal distribution, by bisection."""
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 0.5 * math.erfc(-middle / math.sqrt(2)) < p else (low, middle)
    return high


if __name__ == "__main__":
    main()
