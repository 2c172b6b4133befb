"""A number from 0 to 1, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """`value` from 0 (worst) to 1; None for what was not measured, which is neither: `reason` says
    why."""

    value: float | None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.value is None and not self.reason:
            raise ValueError("what is not measured needs a reason")
        if self.value is not None and not 0.0 <= self.value <= 1.0:
            raise ValueError(f"{self.value} is not from 0 to 1")


def weighted(parts: Mapping[str, Measure], weights: Mapping[str, float]) -> Measure:
    """The weighted mean of the parts that were measured, their weights scaled to sum to one.

    `reason` then names the parts that are not in it.
    """
    measured = {
        name: part.value
        for name, part in parts.items()
        if part.value is not None and weights[name] > 0
    }
    missing = [name for name, part in parts.items() if part.value is None and weights[name] > 0]
    without = f"without {', '.join(missing)}" if missing else ""
    if not measured:
        return Measure(None, f"nothing of it was measured ({', '.join(parts)})")
    total = math.fsum(weights[name] for name in measured)
    value = math.fsum(weights[name] * value for name, value in measured.items()) / total
    return Measure(min(1.0, value), without)
