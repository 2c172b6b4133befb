"""A fenced block gives back the code that was put in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from transforms.fences import fenced, unfenced

LINES = st.lists(
    st.sampled_from(["def f, do: 1", "```", "  ```elixir", "````", "", "x = `y`", "  end"]),
    min_size=1,
    max_size=8,
)


@given(LINES)
def test_what_is_fenced_comes_back(lines: list[str]) -> None:
    code = "\n".join(lines)
    assert unfenced(fenced(code, "elixir")) == [code.strip("\n").rstrip()]


def test_the_fence_names_the_language() -> None:
    assert fenced("\nf() -> 1.\n", "erlang") == "```erlang\nf() -> 1.\n```"


def test_a_longer_fence_guards_fences_inside() -> None:
    assert fenced("```\nx\n```", "elixir") == "````elixir\n```\nx\n```\n````"


def test_blocks_are_found_in_order_between_prose() -> None:
    blocks = fenced("a", "elixir"), fenced("b", "erlang")
    assert unfenced(f"First:\n{blocks[0]}\n\nthen\n\n{blocks[1]}") == ["a", "b"]
