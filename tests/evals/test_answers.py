"""Which program a model's answer stands for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.answers import blocks, extract, parses
from evals.problem import Problem

ASKED = Problem("p", "s", "Write `Sum.of/1`.", "", "test", ("Sum.of/1",))
BEGUN = replace(
    ASKED,
    prefix="# Adds.\ndefmodule Sum do\n  def candidate(l), do: of(l)\n  def of(l) do\n    ",
    stop=("\ndefmodule", "\n#", "\n\n"),
)
PROGRAM = "defmodule Sum do\n  def of(list), do: Enum.sum(list)\nend\n"
HELPER = "defmodule Helper do\n  def one, do: 1\nend\n"
COMMAND = "```bash\nmix test\n```\n"
TESTS = "defmodule SumTest do\n  use ExUnit.Case\nend\n"


def fenced(text: str, mark: str = "elixir") -> str:
    return f"```{mark}\n{text}```\n"


@pytest.mark.parametrize(
    "answer",
    [
        PROGRAM,
        fenced(PROGRAM),
        fenced(PROGRAM, ""),
        fenced(PROGRAM, "Elixir"),
        f"Sure! Here it is:\n\n{fenced(PROGRAM)}\nIt sums. Try `Sum.of([1])`.",
        f"```elixir\n{PROGRAM}",
        f"~~~elixir\n{PROGRAM}~~~",
        fenced(PROGRAM).replace("\n", "\r\n"),
        f"Run it:\n{COMMAND}\n{fenced(PROGRAM)}",
        f"Run it:\n```bash\nmix test\n\n{fenced(PROGRAM)}",
        f"{fenced(PROGRAM)}\nUse it so:\n{fenced('Sum.of([1])')}",
        f"{fenced(PROGRAM)}\nand test it:\n{fenced(TESTS)}",
        f"<think>\n{fenced(HELPER)}\nno…</think>\n{fenced(PROGRAM)}",
        f"Here is the module:\n\n{PROGRAM}\nIt uses `Enum.sum/1`.",
        f"First try:\n{fenced(PROGRAM.replace('sum', 'max'))}\nThat is wrong:\n{fenced(PROGRAM)}",
    ],
)
def test_the_program_is_found_in_what_surrounds_it(answer: str) -> None:
    assert extract(answer, ASKED) == PROGRAM


def test_a_block_in_a_list_loses_its_indentation() -> None:
    inside = "".join(f"   {line}\n" for line in PROGRAM.splitlines())
    assert extract(f"1. So:\n\n   ```elixir\n{inside}   ```\n", ASKED) == PROGRAM


def test_a_fence_inside_documentation_does_not_end_the_block() -> None:
    documented = PROGRAM.replace(
        "  def", '  @doc """\n  Adds:\n\n  ```\n  of([1])\n  ```\n  """\n  def', 1
    )
    assert extract(fenced(documented), ASKED) == documented


def test_modules_in_several_blocks_belong_together() -> None:
    answer = f"A helper:\n{fenced(HELPER)}\nand then:\n{fenced(PROGRAM)}"
    assert extract(answer, ASKED) == f"{HELPER}\n{PROGRAM}"


def test_an_answer_in_another_language_is_what_it_is() -> None:
    assert extract(fenced("print(1)\n", "python"), ASKED) == "print(1)\n"
    assert extract("I cannot do that.", ASKED) == "I cannot do that."


# Completions

WHOLE = BEGUN.prefix + "Enum.sum(l)\n  end\nend\n"


def test_a_raw_completion_continues_the_prompt_up_to_a_stop_text() -> None:
    answer = "Enum.sum(l)\n  end\nend\n\ndefmodule Junk do\n"
    assert extract(answer, BEGUN) == BEGUN.prefix + "Enum.sum(l)\n  end\nend"


@pytest.mark.parametrize(
    "answer",
    [
        "Enum.sum(l)\n  end\nend\n",
        "Enum.sum(l)\n",
        "Enum.sum(l)\n  end\n",
        "  def of(l) do\n    Enum.sum(l)\n  end\n",
        "  @spec of(list) :: number\n  def of(l) do\n    Enum.sum(l)\n  end\n",
        WHOLE,
    ],
    ids=["rest", "body", "no last end", "function", "function with spec", "module"],
)
def test_a_block_is_fitted_to_what_the_prompt_began(answer: str) -> None:
    program = extract(fenced(answer), BEGUN)
    assert parses(program)
    assert program.count("defmodule Sum do") == 1
    assert program.count("def of(l) do") == 1
    assert "def candidate(l), do: of(l)" in program
    assert "Enum.sum(l)" in program


def test_stop_texts_do_not_cut_a_block() -> None:
    body = "l\n\n    |> Enum.sum()\n  end\nend\n"
    assert extract(fenced(body), BEGUN) == BEGUN.prefix + body


def test_an_unfenced_answer_that_repeats_the_prompt_is_the_program() -> None:
    assert extract(WHOLE, BEGUN) == WHOLE


@given(st.text(alphabet="`~ \nabdefmoulex</thinkend|>#", max_size=300))
def test_no_answer_makes_it_raise(answer: str) -> None:
    for problem in (ASKED, BEGUN):
        assert isinstance(extract(answer, problem), str)
    assert all(block.text.strip() for block in blocks(answer))


def test_a_huge_answer_is_cut() -> None:
    assert len(extract("x" * 5_000_000, ASKED)) <= 1_000_001
    assert extract("```\n" * 200_000, ASKED) is not None
