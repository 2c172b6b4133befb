"""Scores: how good a graded program is, beyond whether it passes.

`score` measures one program; `evals.scores.composite` says how the parts become one number.
"""

from evals.scores.composite import DEFAULT, Scores, Weights, combined, score
from evals.scores.measure import Measure

__all__ = ["DEFAULT", "Measure", "Scores", "Weights", "combined", "score"]
