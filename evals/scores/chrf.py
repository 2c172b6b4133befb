"""ChrF: how much a program's text has in common with the reference's (Popović 2015).

Character n-grams up to 6, beta 2, as sacrebleu computes it, from 0 to 1. It is reported beside the
composite and is no part of it: right programs may look like anything.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from evals.scores.measure import Measure

MAX_CHARACTERS = 100_000


def chrf(program: str, reference: str) -> Measure:
    """ChrF of a program against the reference solution."""
    if not reference.strip():
        return Measure(None, "the problem has no reference solution")
    if len(program) > MAX_CHARACTERS:
        return Measure(None, f"longer than {MAX_CHARACTERS:,} characters")
    metric = _metric()
    if metric is None:
        return Measure(None, "sacrebleu is missing; install it: pip install elixir-factory[evals]")
    value = metric.sentence_score(program, [reference[:MAX_CHARACTERS]]).score / 100
    return Measure(min(1.0, max(0.0, float(value))))


@cache
def _metric() -> Any:
    try:
        from sacrebleu.metrics.chrf import CHRF
    except ImportError:
        return None
    return CHRF()
