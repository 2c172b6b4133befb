"""Whatever the text holds, the three transforms end, raise nothing, and quote within the limit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.book.guide import PADDING, guide, made, teaching

TASKS = ("book_qa", "book_exercise", "book_explain")

ODD = [
    "`" * 4_000,
    "` `` " * 1_000,
    "[" * 4_000,
    "[a](b " * 800,
    "*a" * 3_000,
    "# " + "`a " * 2_000,
    "```elixir\n" + "f a - @f a - @" * 400 + "\n```\n\nThe `a` function is `b`.",
    "```elixir\n" + ", & " * 2_000 + "\n```",
    "```elixir\n" + "iex> x\n" * 1_000 + "```\n",
    "<details><summary>" * 300,
    "## Exercises\n\n" + "1. a\n" * 600 + "\n## Solutions\n\n" + "1. a\n" * 600,
    "\x00\x0b\x85\u2028\ufeff\u202e # a\n\n```\n",
    "- " * 3_000,
    "we will " * 2_000,
    "\ue000 `a` \ue000.",
    "```elixir\n" + "iex> foo(\n1\n" * 1_000 + "```\n",
    "## Exercise 1\n\nUse `a/1` on `["
    + "," * 2_900
    + "\n\n## Solution 1\n\n```elixir\na(1)\n```\n",
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("task", TASKS)
def test_odd_text_is_read_to_its_end(task: str, odd: str) -> None:
    for text in (teaching(odd), teaching(f"## {odd}"), f"{odd}\n\n{PADDING}"):
        made(task, guide(text))


_BLOCKS = st.sampled_from(
    [
        "## Keyword lists",
        "### Problem",
        "## Exercise 1",
        "## Solution 1",
        "Keyword lists are lists of pairs, and `list[:a]` reads one of them by its key.",
        "To read a key from a keyword list, write it in brackets:",
        "As you can see, `list` is bound. The last line reads `list[:a]`.",
        "As we saw in chapter 2, this is so.",
        "```elixir\niex> list = [a: 1]\n[a: 1]\niex> list[:a]\n1\n```",
        "```elixir\ndef a(list), do: list[:a]\n```",
        "1. Write a function `get/1` that reads `:a` from a keyword list.\n2. And back.",
        "> #### Note {: .tip}\n>\n> Lists.",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_BLOCKS, max_size=12))
def test_every_row_is_of_the_text_and_within_its_limit(blocks: list[str]) -> None:
    text = teaching("\n\n".join(blocks))
    for task in TASKS:
        rows, left_out = made(task, guide(text), max_quote=200)
        for row in rows:
            assert row.task == task
            assert row.language == "elixir"
            assert 0 < len(row.request) < 800
            assert len(row.answer) < 200 + 60, "fences, marks of lists and blank lines come on top"
            assert row.provenance.end_byte <= len(text.encode())
            for line in row.answer.split("\n"):
                for word in line.strip("-*` ").split():
                    assert word.strip("*`").lower() in text.lower() or word.isdigit()
        assert all(item.reason and item.stage == task for item in left_out)
        again, _ = made(task, guide(text), max_quote=200)
        assert [row.id for row in again] == [row.id for row in rows]
