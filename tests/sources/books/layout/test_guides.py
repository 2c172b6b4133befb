"""Elixir's guides set by LaTeX and by a browser come back: the benchmark's own measure."""

from __future__ import annotations

import pytest

from benchmarks.bookmaking import ASKED, Layout, make
from benchmarks.books import ours


@pytest.mark.slow
@pytest.mark.parametrize("layout", [layout for layout in ASKED if layout.ending == "pdf"])
def test_code_and_tree_come_back(layout: Layout) -> None:
    score = ours(*make(layout))
    assert score.recall >= 0.98
    assert score.precision >= 0.98
    assert score.tree == 1.0
    assert score.told >= 0.97 * score.known
