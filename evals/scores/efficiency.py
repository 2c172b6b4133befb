"""Efficiency: the work a right program does, relative to the reference on the same tests.

    efficiency = 0.7 * min(1, R_ref / R) + 0.3 * min(1, M_ref / M)

R is the number of reductions (the BEAM's count of calls), M the memory in use at most, in bytes and
at least `LEAST_MEMORY`, below which it is noise. Twice the reference's work scores one half, less
work than the reference's no more than one. Seconds are not looked at: they do not repeat.
"""

from __future__ import annotations

from evals.scores.measure import Measure, weighted
from evals.verdict import Verdict

WEIGHTS = {"reductions": 0.7, "memory": 0.3}
LEAST_MEMORY = 256 * 1024
LEAST_REDUCTIONS = 1_000


def efficiency(verdict: Verdict, reference: Verdict | None) -> Measure:
    """The efficiency of what got `verdict`, where the reference solution got `reference`.

    Not measured for programs that do not pass (giving up is fast), without a passing reference, and
    where a candidate's work cannot be told from the harness's, as in two VMs.
    """
    if not verdict.passed:
        return Measure(None, "the program does not pass")
    if reference is None or not reference.passed:
        return Measure(None, "there is no passing reference to compare with")
    return weighted(
        {
            "reductions": _share(verdict.reductions, reference.reductions, LEAST_REDUCTIONS),
            "memory": _share(verdict.memory, reference.memory, LEAST_MEMORY),
        },
        WEIGHTS,
    )


def _share(own: int | None, reference: int | None, least: int) -> Measure:
    if own is None:
        return Measure(None, "not told apart from the harness's own")
    if reference is None:
        return Measure(None, "not known of the reference")
    return Measure(min(1.0, max(reference, least) / max(own, least)))
