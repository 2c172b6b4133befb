"""`book_exercise`: exercises, and the solutions that a book has for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factory.parsed import Parsed
from tests.transforms.book.guide import PADDING, guide, made

TASK = "book_exercise"

ASK = "Write a function `total/1` in a module `Tally` that adds up the values of a map."
SOLUTION = """\
```elixir
defmodule Tally do
  def total(map), do: map |> Map.values() |> Enum.sum()
end
```"""


def chapter(text: str, path: str = "book/ch03-maps.md", title: str = "3. Maps") -> Parsed:
    return guide(f"# {title}\n\n{PADDING}\n\n{text}\n", path, book="A Book", chapter=title)


def appendix(text: str) -> Parsed:
    return guide(f"# Solutions\n\n{PADDING}\n\n{text}\n", "book/z.md", book="A Book")


def pairs(*documents: Parsed) -> list[tuple[str, str]]:
    rows, _ = made(TASK, documents)
    return [(row.request, row.answer) for row in rows]


@pytest.mark.parametrize(
    ("asked", "solved"),
    [
        (f"## Exercise 3-1: Totals\n\n{ASK}", f"## Solution 3-1\n\n{SOLUTION}"),
        (f"## Étude 3.1\n\n{ASK}", f"## Solution 3.1: Totals\n\n{SOLUTION}"),
        (f"## Exercises\n\n1. {ASK}", f"## Chapter 3\n\n### Exercise 1\n\n{SOLUTION}"),
        (f"## Exercises\n\n- {ASK}", f"## Chapter 3\n\n### Exercise 1\n\n*{ASK}*\n\n{SOLUTION}"),
        (
            f"## Exercises\n\n- {ASK}",
            "## 3. Maps\n\n1. " + SOLUTION.replace("\n", "\n   "),
        ),
        (
            f"## Exercise 1\n\n{ASK}",
            f"## Chapter 3\n\n### Solution 1\n\nHere is a suggested solution.\n\n{SOLUTION}",
        ),
    ],
)
def test_an_exercise_finds_its_solution_in_an_appendix_by_its_number(
    asked: str, solved: str
) -> None:
    rows, left_out = made(TASK, [appendix(solved), chapter(asked)])
    assert [(row.answer, row.language) for row in rows] == [(SOLUTION, "elixir")], left_out
    (row,) = rows
    assert ASK in row.request
    assert row.provenance.path == "book/ch03-maps.md"
    assert row.provenance.related == ("book/z.md",)
    assert (row.provenance.book, row.provenance.chapter) == ("A Book", "3. Maps")


def test_the_same_number_in_another_chapter_is_another_exercise() -> None:
    solved = appendix(f"## Chapter 4\n\n### Exercise 1\n\n{SOLUTION}")
    rows, left_out = made(TASK, [chapter(f"## Exercises\n\n1. {ASK}"), solved])
    assert rows == []
    assert [item.reason for item in left_out] == ["no solution of it was found"]


def test_chapters_without_numbers_are_known_by_their_titles() -> None:
    asked = guide(f"# Maps\n\n{PADDING}\n\n## Exercises\n\n1. {ASK}\n", "a.md", book="B")
    solved = appendix("## Maps\n\n1. " + SOLUTION.replace("\n", "\n   "))
    assert [answer for _, answer in pairs(asked, solved)] == [SOLUTION]


@pytest.mark.parametrize(
    "text",
    [
        f"## Your turn\n\n{ASK}\n\n### Solution\n\n{SOLUTION}",
        f"## Exercise: totals\n\n{ASK}\n\n## Solution\n\n{SOLUTION}",
        f"### Your turn\n\n{ASK}\n\n<details>\n<summary>Example Solution</summary>\n\n"
        f"{SOLUTION}\n\n</details>",
    ],
)
def test_a_solution_right_under_its_exercise_needs_no_number(text: str) -> None:
    ((request, answer),) = pairs(chapter(text))
    assert ASK in request
    assert SOLUTION not in request
    assert answer == SOLUTION


def test_several_folded_solutions_in_one_section_each_have_their_exercise() -> None:
    fold = f"<details>\n<summary>Solution</summary>\n\n{SOLUTION}\n\n</details>"
    second = ASK.replace("total/1", "sum/1")
    place = "```elixir\nwrite_yours = :here\n```"
    found = pairs(chapter(f"## Your turn\n\n{ASK}\n\n{fold}\n\n{place}\n\n{second}\n\n{fold}"))
    assert not any("write_yours" in request for request, _ in found)
    assert [("total/1" in request, "sum/1" in request) for request, _ in found] == [
        (True, False),
        (False, True),
    ]


def test_a_question_in_an_exercise_stays() -> None:
    text = f"## Exercise 1\n\n{ASK} What does it give for `%{{}}`?\n\n## Solution\n\n{SOLUTION}"
    ((request, _),) = pairs(chapter(text))
    assert "What does it give for `%{}`?" in request


def test_files_of_a_solution_are_named_when_there_are_two() -> None:
    call = "```elixir\nTally.total(%{})\n```"
    text = f"## Solution 3-1\n\n### a.ex\n\n{SOLUTION}\n\n### b.ex\n\n{call}"
    ((_, answer),) = pairs(chapter(f"## Exercise 3-1\n\n{ASK}"), appendix(text))
    assert answer == f"`a.ex`:\n\n{SOLUTION}\n\n`b.ex`:\n\n{call}"
    ((_, answer),) = pairs(
        chapter(f"## Exercise 3-1\n\n{ASK}"), appendix(f"## Solution 3-1\n\n### a.ex\n\n{SOLUTION}")
    )
    assert answer == SOLUTION


@pytest.mark.parametrize(
    ("asked", "solved", "expected"),
    [
        ("Extend the module of the previous exercise with `b/1`.", SOLUTION, "leans on text"),
        ("Change your program so that it prints `:ok` at its end.", SOLUTION, "leans on text"),
        ("Guard your total/1 function against what is no map.", SOLUTION, "leans on text"),
        ("Add up the values of this map in a function `total/1`.", SOLUTION, "leans on text"),
        ("Do it.", SOLUTION, "asks too little"),
        (ASK, "Use `Enum.sum/1`.", "its solution holds no code"),
        (ASK, SOLUTION.replace("Enum.sum()", "..."), "its solution holds no code"),
        (ASK, SOLUTION.replace("\nend", ""), "its code is not whole"),
        (ASK, f"*Reverse the words of a long sentence.*\n\n{SOLUTION}", "its solution repeats"),
    ],
)
def test_what_is_no_exercise_or_no_solution_is_left_out(
    asked: str, solved: str, expected: str
) -> None:
    text = f"## Exercise 1\n\n{asked}\n\n## Solution 1\n\n{solved}"
    rows, left_out = made(TASK, chapter(text))
    assert rows == []
    assert [item.reason.startswith(expected) for item in left_out] == [True], left_out


def test_two_solutions_of_one_number_are_ambiguous() -> None:
    twice = f"## Solution 3-1\n\n{SOLUTION}\n\n## Solution 3-1\n\n{SOLUTION}"
    _, left_out = made(TASK, [chapter(f"## Exercise 3-1\n\n{ASK}"), appendix(twice)])
    assert [item.reason for item in left_out] == ["two exercises or solutions have its number"]


def test_exercise_and_solution_together_are_within_max_quote() -> None:
    text = f"## Exercise 1\n\n{ASK}\n\n## Solution 1\n\n{SOLUTION}\n\n{'It is short. ' * 9}"
    assert len(pairs(chapter(text))) == 1
    _, left_out = made(TASK, chapter(text), max_quote=200)
    assert [item.reason for item in left_out] == ["its quotation would be longer than max_quote"]


@pytest.mark.parametrize("title", ["Task", "Tasks", "Problem", "Practice", "Questions and answers"])
def test_words_that_mean_other_things_too_are_no_exercises_without_a_number(title: str) -> None:
    rows, left_out = made(TASK, chapter(f"## {title}\n\n{ASK}"))
    assert (rows, left_out) == ([], [])


def test_chapters_that_lost_their_numbers_are_matched_in_order_where_both_are_as_many() -> None:
    second = ASK.replace("total/1", "sum/1")
    chapters = [
        chapter(f"## Exercises\n\n1. {ASK}", "book/07-maps.md", "Maps"),
        chapter(f"## Exercises\n\n1. {second}", "book/08-sets.md", "Sets"),
    ]
    one, two = (
        f"## Chapter {n}\n\n### Exercise 1\n\n{SOLUTION.replace('map)', f'm{n})')}" for n in (2, 5)
    )
    found = pairs(*chapters, appendix(f"{one}\n\n{two}"))
    assert [("total/1" in asked, "m2" in answer) for asked, answer in found] == [
        (True, True),
        (False, False),
    ]
    assert pairs(*chapters, appendix(one)) == []
    three = f"{two}\n\n### Exercise 2\n\n{SOLUTION}"
    assert pairs(*chapters, appendix(f"{one}\n\n{three}")) == []


def test_a_solution_that_repeats_its_exercise_is_found_by_its_words() -> None:
    asked = chapter(f"## Exercises\n\n- {ASK}", "book/07-maps.md", "Maps")
    solved = appendix(f"## Chapter 9\n\n### Exercise 4\n\n_{ASK}_\n\n{SOLUTION}")
    assert [answer for _, answer in pairs(asked, solved)] == [SOLUTION]


def test_the_number_in_a_file_s_name_is_a_chapter_s_only_where_it_says_so() -> None:
    solved = appendix(
        f"## Chapter 7\n\n### Exercise 1\n\n{SOLUTION}\n\n### Exercise 2\n\n{SOLUTION}"
    )
    text = f"## Exercises\n\n1. {ASK}"
    assert pairs(chapter(text, "book/07-maps.md", "Maps"), solved) == []
    assert len(pairs(chapter(text, "book/ch07-maps.md", "Maps"), solved)) == 1


def test_code_given_under_the_solution_is_part_of_the_exercise_that_speaks_of_it() -> None:
    fold = f"<details>\n<summary>Solution</summary>\n\n{SOLUTION}\n\n</details>"
    data = "```elixir\n%{a: 1}\n```"
    ask = ASK.replace("a map", "the following map")
    place = f"Enter your solution below.\n\n{data}"
    text = f"## Your turn\n\n{ask}\n\n{fold}\n\n{place}\n\n{ASK}\n\n{fold}"
    (first, _), (second, _) = pairs(chapter(text))
    assert f"{ask}\n\n{data}" in first
    assert ASK in second
    assert "%{a: 1}" not in second
    for blank in ("# Write here", "answer = nil", ""):
        ((request, _),) = pairs(chapter(text.replace("%{a: 1}", blank)))
        assert ASK in request
        assert blank not in request or not blank


def test_the_parts_of_an_exercise_belong_to_it() -> None:
    text = f"## Exercise 1\n\n{ASK}\n\n### Part One\n\nUse `Enum.sum/1` for it, and no recursion."
    ((request, _),) = pairs(chapter(f"{text}\n\n## Solution 1\n\n{SOLUTION}"))
    assert f"{ASK}\n\n**Part One**\n\nUse `Enum.sum/1` for it, and no recursion." in request


def test_an_exercise_that_speaks_of_itself_stands_alone() -> None:
    text = f"## Exercise 1\n\nIn this exercise, you will have a look at maps. {ASK}"
    ((request, _),) = pairs(chapter(f"{text}\n\n## Solution 1\n\n{SOLUTION}"))
    assert f"You will have a look at maps. {ASK}" in request


@pytest.mark.parametrize(
    ("asked", "solved"),
    [
        ("Find out with `Map.has_key?/2` whether a map has a key.", "Map.has_key(%{}, :a)"),
        ("Take the keys of a map with `Map.keys/1` and `Enum.sort/1`.", "Map.keys(%{b: 1})"),
        ("Multiply the numbers of this list: `[5, 12, 9]`, please.", "Enum.product([2, 4])"),
        ("With numbers and pipes:\n\n1. start with `10`,\n2. add `5` to it.", "10 |> Kernel.+(2)"),
        ('Write a module `Dog` whose `say/0` returns `"Woof!"`.', 'def say, do: "woof!"'),
        (
            "Implement the protocol `Size` for maps, as you like.",
            "defimpl Size, for: Map do\n  def size(map), do: map_size(map)\nend",
        ),
    ],
)
def test_a_solution_with_a_slip_is_left_out(asked: str, solved: str) -> None:
    text = f"## Exercise 1\n\n{asked}\n\n## Solution 1\n\n```elixir\n{solved}\n```"
    rows, left_out = made(TASK, chapter(text))
    assert rows == []
    assert [item.reason for item in left_out] == ["its solution does other than it asks"]


@pytest.mark.parametrize(
    ("asked", "solved"),
    [
        ("Find a key with `Map.get/2` or `Map.fetch/2` in a map.", "Map.fetch(%{}, :a)"),
        ("Double the numbers of `[1, 2, 3]` to make `[2, 4, 6]`.", "Enum.map([1, 2, 3], & &1 * 2)"),
        ('Capitalise `"hello"` so that it is `"Hello"` in the end.', 'String.capitalize("hello")'),
        ("With numbers and pipes:\n\n1. start with `1000`,\n2. add `5`.", "1_000 |> Kernel.+(5)"),
    ],
)
def test_a_solution_that_does_as_it_is_asked_has_no_slip(asked: str, solved: str) -> None:
    text = f"## Exercise 1\n\n{asked}\n\n## Solution 1\n\n```elixir\n{solved}\n```"
    assert len(pairs(chapter(text))) == 1


def test_code_at_the_margin_belongs_to_the_item_above_it() -> None:
    """As chapters read from PDF and EPUB have it."""
    second = SOLUTION.replace("Enum.sum", "Enum.product").replace("total", "product")
    asked = f"## Exercises\n\n1. {ASK}\n2. {ASK.replace('total', 'product')}"
    solved = f"## 3. Maps\n\n1. Add them up:\n\n{SOLUTION}\n\n2. Multiply them:\n\n{second}"
    found = pairs(chapter(asked), appendix(solved))
    assert [answer for _, answer in found] == [
        f"Add them up:\n\n{SOLUTION}",
        f"Multiply them:\n\n{second}",
    ]


ASKS = """\
# Instructions

In this exercise you look after birds.

## 1. Count them

Implement `Birds.total/1`. It takes a list of daily counts and gives their [sum][enum].

```elixir
Birds.total([1, 2])
# => 3
```

[enum]: https://example.com/enum
"""
BEGIN = (
    "defmodule Birds do\n  def total(list) do\n    # Please implement the function\n  end\nend\n"
)
SOLVED = "defmodule Birds do\n  def total(list), do: Enum.sum(list)\nend\n"


def code(text: str, path: str) -> Parsed:
    return Parsed(replace(guide("").document, text=text, path=path, language="elixir"))


def in_files(asks: str = ASKS, solved: str = SOLVED) -> list[Parsed]:
    return [
        guide(asks, "exercises/birds/.docs/instructions.md"),
        code(solved, "exercises/birds/.meta/exemplar.ex"),
        code(BEGIN, "exercises/birds/lib/birds.ex"),
        code(SOLVED, "exercises/birds/test/birds_test.exs"),
    ]


def test_an_exercise_that_is_files_is_asked_whole_with_the_file_to_begin_with() -> None:
    (row,), left_out = made(TASK, in_files())
    assert left_out == []
    assert row.answer == f"```elixir\n{SOLVED}```"
    assert (
        "In this exercise you look after birds.\n\n**Count them**\n\n"
        "Implement `Birds.total/1`. It takes a list of daily counts and gives their sum.\n\n"
        "```elixir\nBirds.total([1, 2])\n# => 3\n```"
    ) in row.request
    assert row.request.endswith(f"```elixir\n{BEGIN}```")
    assert row.provenance.path == "exercises/birds/.docs/instructions.md"
    assert row.provenance.related == (
        "exercises/birds/.meta/exemplar.ex",
        "exercises/birds/lib/birds.ex",
    )


def test_instructions_lose_what_they_say_of_their_course() -> None:
    asks = ASKS.replace(
        "In this exercise you look", "Check out our video. In this exercise you look"
    )
    asks += "\n- Count all of them.\n- Submit your solution.\n"
    (row,), _ = made(TASK, in_files(asks))
    assert row.request.startswith("In this exercise you look after birds.\n\n")
    assert "\n\n- Count all of them.\n\n" in row.request
    assert "Submit" not in row.request


def test_an_erlang_solution_has_the_name_of_the_module_to_fill_in() -> None:
    def file(text: str, path: str) -> Parsed:
        return Parsed(replace(guide("").document, text=text, path=path, language="erlang"))

    begin = "-module(birds).\n-export([total/1]).\n\ntotal(_List) -> undefined.\n"
    solved = (
        "-module(example).\n-export([total/1]).\n\n"
        "total(List) -> lists:foldl(fun example:add/2, 0, List).\n"
    )
    asks = guide(ASKS.replace("`Birds.total/1`", "an example"), "birds/.docs/instructions.md")
    solution = file(solved, "birds/.meta/example.erl")
    (row,), _ = made(TASK, [asks, solution, file(begin, "birds/src/birds.erl")])
    assert row.answer == f"```erlang\n{solved.replace('example', 'birds')}```"
    assert row.request.endswith(f"```erlang\n{begin}```")
    rows, left_out = made(TASK, [asks, solution])
    assert rows == []
    assert [item.reason for item in left_out] == [
        "its solution needs names or texts that nothing tells"
    ]


def test_a_solution_that_needs_what_nobody_tells_makes_no_row() -> None:
    lucky = SOLVED.replace("Enum.sum(list)", "if(list == [], do: :no_birds, else: Enum.sum(list))")
    rows, left_out = made(TASK, in_files(solved=lucky))
    assert rows == []
    assert [item.reason for item in left_out] == [
        "its solution needs names or texts that nothing tells"
    ]
    rows, left_out = made(TASK, in_files(ASKS.replace("sum", "sum, `:no_birds` without"), lucky))
    assert len(rows) == 1, left_out


def test_two_solutions_in_one_folder_are_not_paired() -> None:
    other = code(SOLVED, "exercises/birds/.meta/example.ex")
    assert made(TASK, [*in_files(), other])[0] == []


def test_an_exercise_that_goes_on_from_another_is_shown_with_its_solution() -> None:
    asked = f"## Exercise 3-1\n\n{ASK}\n\n## Exercise 3-2\n\n{{}}"
    solved = appendix(
        f"## Solution 3-1\n\n{SOLUTION}\n\n## Solution 3-2\n\n"
        + SOLUTION.replace("total", "mean").replace("Enum.sum()", "Statistics.mean()")
    )
    further = "Add to the module that you wrote in Exercise 3-1 a function `mean/1`, its average."
    rows = pairs(solved, chapter(asked.format(further)))
    (_, (request, answer)) = rows
    assert further in request
    assert request.endswith(SOLUTION)
    assert "mean" in answer
    unknown = further.replace("3-1", "2-7")
    assert len(pairs(solved, chapter(asked.format(unknown)))) == 1


def test_a_solution_whose_words_lean_on_others_answers_with_its_code() -> None:
    solved = f"## Solution 3-1\n\nThis is much like Exercise 1-1:\n\n{SOLUTION}"
    ((_, answer),) = pairs(appendix(solved), chapter(f"## Exercise 3-1\n\n{ASK}"))
    assert answer == SOLUTION


def test_what_a_publisher_asks_for_in_its_code_is_not_asked_of_a_reader() -> None:
    marked = SOLUTION.replace("  def", '  @moduledoc "Copyright 2013 by A. Author"\n\n  def')
    rows, left_out = made(
        TASK, [appendix(f"## Solution 3-1\n\n{marked}"), chapter(f"## Exercise 3-1\n\n{ASK}")]
    )
    assert rows == []
    assert [item.reason for item in left_out] == [
        "its solution needs names or texts that nothing tells"
    ]


def test_why_something_happens_is_not_answered_by_code_alone() -> None:
    asked = "The line `5 / four` shows an error. Think about why this error might happen."
    solved = "As we saw in Chapter 1, words are no numbers:\n\n```elixir\niex> 5 / 4\n1.25\n```"
    rows, _ = made(
        TASK, [appendix(f"## Solution 3-1\n\n{solved}"), chapter(f"## Exercise 3-1\n\n{asked}")]
    )
    assert rows == []
