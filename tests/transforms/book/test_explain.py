"""`book_explain`: the code that asks and the paragraph that answers."""

from __future__ import annotations

import pytest

from tests.transforms.book.guide import guide, made, only, reason, teaching

TASK = "book_explain"

SUM = """\
## Sums

Now let's add up a list:

```elixir
defmodule Math do
  def sum([head | tail]), do: head + sum(tail)
  def sum([]), do: 0
end
```

In the example above, `sum/1` takes the `head` off the list and adds what `sum/1` gives for the
`tail`. The second clause matches `[]` and ends the recursion. See the next chapter for more.
"""


def test_the_paragraph_under_a_code_block_explains_it() -> None:
    row = only(TASK, SUM)
    assert SUM[SUM.index("```elixir") : SUM.index("\n\nIn the")] in row.request
    assert row.answer == (
        "`sum/1` takes the `head` off the list and adds what `sum/1` gives for the `tail`. "
        "The second clause matches `[]` and ends the recursion."
    )
    assert (row.language, row.task, row.provenance.subject) == ("elixir", TASK, "Sums")


def test_the_row_spans_code_and_explanation() -> None:
    text = teaching(SUM)
    (row,) = made(TASK, guide(text))[0]
    start = text.index("```elixir")
    end = text.index("\n\n\n## About") + 1
    assert (row.provenance.start_byte, row.provenance.end_byte) == (start, end)


def test_explanations_go_on_as_long_as_they_speak_of_the_code() -> None:
    more = "\nThe call `sum([1, 2])` adds `head` twice: `1` and `2`, and `0` for the empty list.\n"
    apart = "\nStreams are lazy.\n\n```elixir\nStream.map([1], &(&1 + 1))\n```\n"
    row = only(TASK, SUM + more + apart)
    assert row.answer.endswith(
        "recursion.\n\nThe call `sum([1, 2])` adds `head` twice: `1` and `2`, "
        "and `0` for the empty list."
    )
    short = only(TASK, SUM + more, max_quote=300)
    assert short.answer == only(TASK, SUM).answer


def test_a_session_asks_why_it_gives_what_it_gives() -> None:
    text = """\
## Division

```elixir
iex(4)> div(10, 3)
3
iex(5)> rem 10, 3
1
```

Notice that `rem` is called without parentheses, which Elixir allows for calls with arguments.
"""
    row = only(TASK, text)
    assert "iex> div(10, 3)\n3\niex> rem 10, 3\n1" in row.request
    assert row.answer == (
        "Notice that `rem` is called without parentheses, which Elixir allows for calls with "
        "arguments."
    )
    told = text.replace("Notice that `rem` is", "The `rem` function can be")
    other = only(TASK, told)
    assert other.request != row.request


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("In the example above, `sum/1`", "Lists are long. `sum/1`"), "no paragraph"),
        (("In the example above, `sum/1`", "However, `sum/1`"), "no paragraph"),
        (("In the example above, `sum/1`", "The difference is that `sum/1`"), "no paragraph"),
        (("In the example above, `sum/1`", "That's because `sum/1`"), "no paragraph"),
        (("In the example above, `sum/1`", "where `sum/1`"), "no paragraph"),
        (("In the example above, `sum/1`", "Add `sum/1` to your module. It"), "no paragraph"),
        (("In the example above, `sum/1`", "In `sum/1` we could say that it"), "no paragraph"),
        (("the `head` off", "`Foo.a`, `Foo.b`, `bar` and `baz` off"), "no paragraph"),
        (("In the example above, `sum/1`", "Now `sum/1`"), "no paragraph"),
        (("In the example above, `sum/1`", "In the example above, `1 + 2` in `sum/1`"), "no para"),
        (("In the example above, `sum/1`", "This macro, `sum/1`,"), "no paragraph"),
        (("In the example above, `sum/1`", "This way `sum/1`"), "no paragraph"),
        (("In the example above, `sum/1`", "Use `sum/1` as it"), "no paragraph"),
        (("The second clause", "We are removing a clause. The second clause"), "leans on"),
        (("defmodule Math do", "defmodule Math"), "its code is not whole"),
        (("The second clause", "Like the rewrite above, the second clause"), "leans on"),
        (("The second clause", "We removed a clause. The second clause"), "leans on"),
        (("do: 0\nend", "do: 0\n"), "its code is not whole"),
        (("do: 0\nend", "do: ...\n\n  ...\nend"), "most of the code is left out"),
    ],
)
def test_what_does_not_explain_this_code_makes_no_row(
    change: tuple[str, str], expected: str
) -> None:
    assert reason(TASK, SUM.replace(*change), "Sums").startswith(expected)


def test_numbers_beside_the_code_s_own_are_those_of_other_code() -> None:
    text = "## Checks\n\n```elixir\nvalidate_number(changeset, :status, less_than: 2)\n```\n\n"
    told = "The `validate_number` call takes the `changeset` and checks `:status` with `less_than`"
    assert len(made(TASK, guide(teaching(f"{text}{told}: it is less than `2`.")))[0]) == 1
    wrong = f"{text}{told}: it is between `1` and `2`."
    assert reason(TASK, wrong, "Checks") == "no paragraph under it explains it"


def test_a_word_about_a_detail_of_long_code_explains_it_not() -> None:
    lines = "\n".join(f"  def f{n}(x), do: x + {n}" for n in range(30))
    code = f"```elixir\ndefmodule A do\n{lines}\nend\n```"
    text = f"## Long\n\n{code}\n\nWhen called with a number, `f1/1` adds one to it.\n"
    assert reason(TASK, text, "Long") == "no paragraph under it explains it"


def test_short_code_and_short_explanations_are_left_out() -> None:
    assert reason(TASK, SUM, "Sums", least_code=500) == "the code is too short to explain"
    assert reason(TASK, SUM, "Sums", least_prose=500) == "what is said of it is too little"
    assert reason(TASK, SUM, "Sums", max_quote=200) == (
        "its quotation would be longer than max_quote"
    )


def test_code_in_other_languages_is_not_asked_about() -> None:
    rows, left_out = made(TASK, guide(teaching(SUM.replace("```elixir", "```python"))))
    assert rows == []
    assert [item for item in left_out if item.subject == "Sums"] == []


def test_an_explanation_of_one_name_is_asked_for_that_name() -> None:
    lines = "\n".join(f"  def f{n}(x), do: x + {n}" for n in range(30))
    code = f"```elixir\ndefmodule A do\n{lines}\nend\n```"
    told = "The function `f1/1` adds one to its argument, which may be an integer or a float."
    row = only(TASK, f"## Long\n\n{code}\n\n{told}\n")
    assert "`f1/1`" in row.request.replace(code, "")
    assert row.answer == told
    two = told.replace("The function `f1/1` adds", "Both `f1/1` and `f2/1` add a small number")
    row = only(TASK, f"## Long\n\n{code}\n\n{two}\n")
    assert "`f1/1` and `f2/1`" in row.request.replace(code, "")


def test_a_remark_about_one_thing_asks_for_what_is_worth_noting() -> None:
    other = SUM.replace("def sum([]), do: 0", "def sum([]), do: 0\n  def mean(list, opts), do: nil")
    told = "When the list is empty, the recursion ends with a zero, and `sum/1` calls nothing more."
    code, _, _ = other.partition("In the example")
    row = only(TASK, f"{code}{told}\n")
    assert row.answer == told
    noted = row.request.replace(code[code.index("```") :].strip(), "").strip()
    assert noted in {
        "What should I notice in this example?",
        "Is there something here that I should pay attention to?",
        "What is worth noting about this code?",
    }


def test_an_interjection_does_not_hide_an_explanation() -> None:
    assert only(TASK, SUM.replace("In the example above, `sum", "Hooray! `sum")).answer == (
        only(TASK, SUM).answer
    )


def test_the_first_step_alone_explains_nothing() -> None:
    text = SUM.replace("In the example above,", "First of all,").replace("The second", "A")
    assert reason(TASK, text, "Sums") == "only the first of several steps can be quoted"


def test_what_we_did_in_the_code_that_is_shown_is_no_story() -> None:
    told = "We made `sum/1` recursive, and our `head` is what it adds to the sum of the `tail`."
    row = only(TASK, SUM.partition("In the example")[0] + told + "\n")
    assert row.answer == told
    other = "We made `sum/1` recursive. Our program of the last week had a loop in its place."
    assert reason(TASK, SUM.partition("In the example")[0] + other + "\n", "Sums") == (
        "no paragraph under it explains it"
    )


CACHE = """\
## Caching

A cache with a limit:

```elixir
{Cache, name: :pages, limit: 100, expire: :timer.minutes(5), on_miss: &fetch/1}
```

"""


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (
            "The `limit` says how many entries the cache keeps before it drops the oldest one of "
            "them.",
            ("What does", "What is", "I don't understand"),
        ),
        (
            "If `limit` is not given, the cache keeps as many entries as there is memory for on "
            "the machine.",
            ("know about", "Tell me about"),
        ),
    ],
)
def test_what_is_asked_about_one_name_fits_what_is_said_of_it(
    said: str, asked: tuple[str, ...]
) -> None:
    row = only(TASK, CACHE + said)
    assert any(f"{ask} `limit`" in row.request for ask in asked)


def test_an_explanation_of_some_names_is_asked_about_these() -> None:
    said = (
        "The snippet tells `Cache` to call `fetch/1` for a page that it has not met, and keeps "
        "what that gives for five minutes, after which it asks for it once more."
    )
    row = only(TASK, CACHE + said)
    assert "`Cache` and `fetch/1`" in row.request


def test_what_is_wrong_beside_what_is_right_is_no_one_piece_to_explain() -> None:
    wrong = SUM.replace("defmodule", "# Bad\nsum(list)\n\n# Good\ndefmodule", 1)
    assert reason(TASK, wrong, "Sums") == "no paragraph under it explains it"
    assert only(TASK, wrong.replace("# Bad", "# The list"))


def test_values_that_are_only_written_out_are_nothing_to_explain() -> None:
    text = "## Data\n\n```elixir\nfirst = {1, 2, 3, 4, 5}\nsecond = [4, 5, 6, 7, 8]\n```\n\n"
    said = "Both `first` and `second` live on the stack and point at what is kept on the heap."
    assert reason(TASK, text + said, "Data") == "the code is too short to explain"


def test_what_compares_with_code_that_was_there_before_explains_nothing() -> None:
    said = "Notice how the `limit` and `name` now appear in the tuple, where the map disappeared."
    assert reason(TASK, CACHE + said, "Caching") == "leans on text elsewhere"
