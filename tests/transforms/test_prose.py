"""Documentation is asked for and quoted only when it says something that its code can bear."""

from __future__ import annotations

import pytest

from transforms import prose
from transforms.standard import known, unknown_calls

TALKATIVE = """Adds two numbers.

The sum is
exact. See `sub/2`. It never overflows.

Some cases:

    iex> add(1, 2)
    3

## Notes

More here.
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("See `other/2`.", prose.TOO_SHORT),
        ("Callback implementation for `c:GenServer.init/1`.", prose.TOO_SHORT),
        ("Short.", prose.TOO_SHORT),
        ("TODO: describe what this function does", prose.UNFINISHED),
        ("Returns the sum of the two numbers.", ""),
        ("Adds an item to the todo list of a person.", ""),
    ],
)
def test_documentation_that_says_nothing_is_told_apart(text: str, reason: str) -> None:
    assert prose.unfit(text) == reason


@pytest.mark.parametrize(
    "text",
    [
        "Works like https://example.org says.",
        "See the documentation of the module.",
        "Described in the section above.",
        "Deprecated in favour of `x/1`.",
        "Since Elixir 1.10 it returns a tuple.",
        "Read [the guide](guide.html).",
        "Implements RFC 3986.",
        "Follows the suggestion of RFC3339.",
        "This is an experimental module.",
        "Called by others; only to be used in tests.",
        "For an example, see `x/1`.",
        "Like below, but with one argument less.",
        "The syntax is documented in the README.",
    ],
)
def test_documentation_that_leans_on_other_texts_is_told_apart(text: str) -> None:
    assert prose.speaks_of_elsewhere(text)


@pytest.mark.parametrize(
    "text",
    [
        "Puts the element above the others and checks that it stays there.",
        "Returns the section of a document that holds the line.",
        "Takes the version of a package, say 1.2.",
    ],
)
def test_the_same_words_in_their_own_right_are_fine(text: str) -> None:
    assert not prose.speaks_of_elsewhere(text)


def test_the_opening_is_prose_up_to_the_first_example() -> None:
    assert prose.intro(TALKATIVE) == ("Adds two numbers.\n\nThe sum is exact. It never overflows.")


def test_the_opening_stops_at_whole_paragraphs() -> None:
    assert prose.intro("One two three.\n\nFour five six.", 20) == "One two three."
    assert prose.intro("One two three.", 5) == ""


def test_lists_keep_their_lines_and_links_their_words() -> None:
    assert prose.intro("Takes:\n\n  * `a` - [the first](x.html)\n  * `b` - `t:sum/0`") == (
        "Takes:\n\n* `a` - the first\n* `b` - `sum/0`"
    )


def test_a_summary_is_the_first_sentence_on_one_line() -> None:
    assert prose.summary("Returns `a.b` of\nthe thing. Then more.") == "Returns `a.b` of the thing."
    assert prose.summary("    iex> 1\n    1") == ""


def test_length_counts_prose_alone() -> None:
    assert prose.length("Words.\n\n# Title\n\n    code()\n\n```\nmore\n```\n") == len("Words.")


def test_modules_of_the_language_are_known() -> None:
    assert known("Enum") and known("Calendar.ISO") and not known("Shop.Cart")


def test_calls_to_unknown_modules_are_named_as_written() -> None:
    code = "Enum.map(x, &Shop.add/2) |> Cart.sum(); :lists.sort(x); :elixir_env.trace(x)"
    assert unknown_calls(code, "elixir") == ["Shop.add", "Cart.sum", ":elixir_env.trace"]
    assert unknown_calls("lists:map(fun jid:to/1, ?M:x()), cow:parse(X)", "erlang") == [
        "jid:to",
        "cow:parse",
    ]


@pytest.mark.parametrize(
    ("text", "name", "echo"),
    [
        ("Parse the status line.", "parse_status_line", True),
        ("Returns the `tmp_path`.", "tmp_path", True),
        ("Parses the Trailer header.", "parse_trailer", False),
        ("Removes a backend\n\nthat is there.", "remove_backend", False),
    ],
)
def test_a_text_may_say_nothing_but_the_name(text: str, name: str, echo: bool) -> None:
    assert prose.echoes(text, name) is echo


def test_names_and_options_have_to_be_in_the_code() -> None:
    assert prose.names_unseen("For the given `node`.", "def f(module_node), do: 1") == ["node"]
    assert prose.names_unseen("Takes `enumerable`.\n\nOr `rest`.", "def f(enum), do: 1") == []
    assert prose.atoms_unseen("`:limit` or `{:max, n}`, `:ok`, `--dry-run`", "limit") == [
        "dry_run",
        "max",
    ]
    assert prose.atoms_unseen("`--no-start` and `:ok`", "opts[:start]") == []


def test_an_example_without_arguments_is_a_mistake() -> None:
    assert prose.miscalled("Puts.\n\n    A.put()\n", "put")
    assert not prose.miscalled("Puts.\n\n    x |> A.put()\n", "put")
    assert not prose.miscalled("Puts, unlike `put()`.", "put")


@pytest.mark.parametrize(
    "text",
    [
        "We do not support escapes.",
        "Works for `EC` keys only, currently.",
        "Accepts the same options as `read/2`.",
        'See the table in the "Options" section.',
        "Made public for tests.",
        "This is potentially expensive.",
        "Used primarily with titles.",
        "Fetches the value (see the ).",
    ],
)
def test_more_that_code_cannot_show(text: str) -> None:
    assert prose.speaks_of_elsewhere(text)


def test_prose_becomes_sentences() -> None:
    assert prose.sentences("parses a date") == "Parses a date."
    assert prose.sentences("`f/1` twice.") == "`f/1` twice."
    assert prose.sentences("Takes:\n\n* one\n* two") == "Takes:\n\n* one\n* two"


def test_a_pointer_with_a_dot_in_it_goes_whole() -> None:
    assert prose.intro("Reads.  See `b/2` and `A.B.c/2`.") == "Reads."


def test_a_pointer_to_another_module_says_too_little() -> None:
    assert prose.unfit('Same semantics as in module\n<a href="x">lists</a>.') == prose.TOO_SHORT


def test_a_sentence_begins_with_a_capital_and_code_stays_as_it_is() -> None:
    assert prose.sentences("sends the letter") == "Sends the letter."
    assert prose.sentences("left != right") == "left != right."
    assert prose.sentences("list ++ other") == "list ++ other."
    assert prose.speaks_of_elsewhere("You need to run Phoenix 1.8+ for it.")
