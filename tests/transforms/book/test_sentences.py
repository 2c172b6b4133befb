"""Sentences: where they end, what of them is kept, and what tells that one leans on others."""

from __future__ import annotations

import pytest

from transforms.book.sentences import Sentence, hidden, plain, sentences, without_filler


def one(text: str) -> Sentence:
    (sentence,) = sentences(plain(text))
    return sentence


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("See [the docs](https://x.y/z_(a)).", "See the docs."),
        ("[`Enum.map/2`](`Enum.map/2`) and [maps][1]", "`Enum.map/2` and maps"),
        ("A ![picture](a.png) of\nit[^3].", "A of it."),
        ("Press <kbd>Tab</kbd>, not `<kbd>`", "Press Tab, not `<kbd>`"),
        ("`c:GenServer.init/1` and `t:map/0`", "`GenServer.init/1` and `map/0`"),
        ("[mix] is no link", "[mix] is no link"),
        ("`[a](b)` is code", "`[a](b)` is code"),
    ],
)
def test_plain_keeps_the_words_of_links_and_drops_what_a_page_draws(
    markdown: str, expected: str
) -> None:
    assert plain(markdown) == expected


def test_sentences_end_where_english_ends_them_and_code_ends_none() -> None:
    text = (
        "Use `a. B` here. `x` is one, e.g. The second. It holds 1.5 of J. Valim (or so). "
        'He said "no." Then: it went.'
    )
    assert [s.text for s in sentences(text)] == [
        "Use `a. B` here.",
        "`x` is one, e.g. The second.",
        "It holds 1.5 of J. Valim (or so).",
        'He said "no."',
        "Then: it went.",
    ]


def test_code_is_hidden_from_the_spellings() -> None:
    assert "below" not in hidden("Call `below()` now.")
    assert not one("Call `above/1` and `See the docs`.").leans


@pytest.mark.parametrize(
    "text",
    [
        "We will come back to this topic when discussing [macros](macros.md).",
        "For more information, see the `Enum` module.",
        "See the [next chapter](next.md).",
        "In the next section we build a server.",
        "Let's move on.",
        "You can read more about it in the documentation.",
        "What happens if we pass a list?",
        "With this out of the way, here we go.",
    ],
)
def test_a_sentence_that_only_points_elsewhere_is_told(text: str) -> None:
    assert one(text).pointer


@pytest.mark.parametrize(
    "text",
    [
        "Maps are the go-to data structure.",
        "Let's see an example:",
        "You can read a file with `File.read/1`.",
        "Reading is lazy.",
    ],
)
def test_a_sentence_that_says_something_is_no_pointer(text: str) -> None:
    assert not one(text).pointer


@pytest.mark.parametrize(
    "text",
    [
        "As we have seen, maps are lazy.",
        "The module from the previous chapter is used.",
        "Figure 3 tells why.",
        "Listing 2.1 shows a server.",
        "The following diagram shows the tree.",
        "Since Elixir 1.12 there is another way.",
        "It is described in the documentation of `Enum`.",
        "Visit https://elixir-lang.org now.",
        "This is left as an exercise.",
        "Here is what I think.",
    ],
)
def test_a_sentence_that_leans_on_text_elsewhere_is_told(text: str) -> None:
    assert one(text).leans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("As you can see, we got 3 parts.", "We got 3 parts."),
        ("Of course, now, it works.", "It works."),
        ("Now it works.", "Now it works."),
        ("However, it works.", "However, it works."),
    ],
)
def test_openings_that_say_nothing_are_cut(text: str, expected: str) -> None:
    assert without_filler(one(text), shown=False).text == expected


def test_openings_that_name_the_code_are_cut_only_where_it_is_shown() -> None:
    sentence = one("In the example above, `x` is bound.")
    assert without_filler(sentence, shown=True).text == "`x` is bound."
    assert without_filler(sentence, shown=False).text == sentence.text


@pytest.mark.parametrize(
    ("text", "dangling"),
    [
        ("It is lazy.", True),
        ("Another way is `map/2`.", True),
        ("To do so, call `map/2`.", True),
        ("Streams are also lazy.", True),
        ("An example of this is a map.", True),
        ("Streams are for that.", True),
        ("A pipe can make such a stream.", True),
        ("As we have a stream, we read it.", True),
        ("Streams are lazy.", False),
        ("Streams, such as files, are lazy.", False),
        ("To delete a file, call `File.rm/1`.", False),
    ],
)
def test_what_takes_up_an_earlier_sentence_cannot_begin_an_answer(
    text: str, dangling: bool
) -> None:
    assert one(text).dangling is dangling


@pytest.mark.parametrize(
    ("text", "hook"),
    [
        ("The result:", True),
        ("Let's see how.", True),
        ("Then add a function", True),
        ("Here are some types.", True),
        ("The result is `3`", False),
        ("It is done.", False),
    ],
)
def test_what_promises_more_cannot_end_an_answer(text: str, hook: bool) -> None:
    assert one(text).hook is hook
