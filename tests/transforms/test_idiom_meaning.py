"""Both forms of every rule do the same thing when run, in the same order, once each."""

from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from tests.transforms.idioms import WAYS, ask_elixir, cases, rewritten

needs_elixir = pytest.mark.skipif(shutil.which("elixir") is None, reason="elixir is not installed")


def test_every_way_has_cases_that_it_rewrites() -> None:
    rewrites: dict[tuple[str, int], int] = defaultdict(int)
    for case in cases():
        rewrites[case.way, case.template] += rewritten(case.way, case.code) is not None
    assert {way for way, _ in rewrites} == set(WAYS)
    idle = [f"{way} ({template})" for (way, template), count in rewrites.items() if not count]
    assert not idle


@needs_elixir
def test_rewriting_keeps_results_order_and_number_of_evaluations(tmp_path: Path) -> None:
    given, pairs = [], []
    for case in cases():
        other = rewritten(case.way, case.code)
        if other is not None:
            given.append((case, other))
            pairs.append((case.code, other, "\n".join(case.calls)))
    verdicts = ask_elixir("idiom_meaning.exs", tmp_path, pairs)
    assert len(verdicts) == len(pairs)
    wrong = [
        f"{case.way}\n{case.code}\n{other}\n{verdicts[number][0]}"
        for number, (case, other) in enumerate(given)
        if verdicts[number] != ["equal"]
    ]
    assert not wrong, "\n\n".join(wrong)


@needs_elixir
def test_a_difference_would_be_seen(tmp_path: Path) -> None:
    """The check itself: other order, other count, other value, other error."""
    pairs = [
        ("def f(x), do: b(t(1, x), t(2, x))", "def f(x), do: b(t(2, x), t(1, x))", "f(1)"),
        ("def f(x), do: t(1, x)", "def f(x), do: (t(1, x); t(1, x))", "f(1)"),
        ("def f(x), do: x == 1", "def f(x), do: x === 1", "f(1.0)"),
        ("def f(x), do: length(x)", "def f(x), do: Enum.count(x)", "f(1)"),
        ("def f(x), do: length(x)", "def f(x), do: length(x)", "f(1)"),
    ]
    verdicts = ask_elixir("idiom_meaning.exs", tmp_path, pairs)
    assert [said == ["equal"] for said in verdicts.values()] == [False, False, False, False, True]
