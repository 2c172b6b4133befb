"""`book_qa`: what is asked of a section, what answers, and what is left out."""

from __future__ import annotations

import pytest

from factory.records import Curriculum
from tests.transforms.book.guide import PADDING, guide, made, only, reason, teaching

TASK = "book_qa"

MAPS = """\
## Keyword lists

> #### Beware {: .warning}
>
> There are two kinds.

Keyword lists are [lists](lists.md) of pairs whose keys are atoms. They are what a function takes
its options as:

```elixir
iex(1)> list = [a: 1, b: 2]
[a: 1, b: 2]
iex(2)> list[:a]
1
```

As you can see, a key is read in brackets. We will come back to this in the next chapter.
"""


def test_a_section_asks_by_its_heading_and_answers_with_its_prose_and_example() -> None:
    row = only(TASK, MAPS)
    assert row.request == (
        "I'm learning about data in Elixir. Please explain keyword lists and show some code."
    )
    assert row.answer == (
        "Keyword lists are lists of pairs whose keys are atoms. They are what a function takes its "
        "options as:\n\n"
        "```elixir\niex> list = [a: 1, b: 2]\n[a: 1, b: 2]\niex> list[:a]\n1\n```\n\n"
        "A key is read in brackets."
    )
    assert (row.task, row.format, row.language, row.licence) == (
        "book_qa",
        "messages",
        "elixir",
        "Apache-2.0",
    )


def test_a_row_says_where_it_stands_and_what_it_teaches() -> None:
    text = teaching(MAPS)
    parsed = guide(
        text, source="books", book="A Book", chapter="Data", pages=((0, 7), (60, 8), (900, 9))
    )
    rows, _ = made(TASK, parsed)
    (row,) = rows
    where = row.provenance
    assert (where.book, where.chapter, where.pages) == ("A Book", "Data", "7-8")
    start, end = text.index("## Keyword lists"), text.index("\n\n\n## About") + 1
    assert (where.start_byte, where.end_byte) == (start, end)
    assert where.subject == "Keyword lists"
    assert "keyword lists" in row.curriculum.introduces
    assert row.curriculum.step is Curriculum().step is None


def test_a_concept_is_introduced_once_in_a_document() -> None:
    again = MAPS.replace("## Keyword lists", "## Options in keyword lists")
    rows, _ = made(TASK, guide(teaching(MAPS + "\n" + again)))
    assert ["keyword lists" in row.curriculum.introduces for row in rows] == [True, False]
    assert "keyword lists" in rows[1].curriculum.uses


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Keyword lists", "keyword lists"),
        ("Reading keyword lists", "read keyword lists"),
        ("When to use keyword lists?", "When to use keyword lists?"),
        ("`list[:a]` and keyword lists", "`list[:a]` and keyword lists"),
    ],
)
def test_the_question_has_the_form_of_the_heading(heading: str, words: str) -> None:
    row = only(TASK, MAPS.replace("## Keyword lists", f"## {heading}", 1))
    assert words in row.request


def test_what_a_sentence_says_its_code_is_for_is_asked() -> None:
    row = only(
        TASK,
        """\
## What else there is

To delete a file from your disk, call `File.rm/1` with its path:

```elixir
iex> File.rm("a.txt")
:ok
```

The result is `:ok` when `File.rm/1` found the file, and `File.rm!/1` raises when it does not.
""",
    )
    assert "delete a file from my disk" in row.request
    assert row.answer == (
        "To delete a file from your disk, call `File.rm/1` with its path:\n\n"
        '```elixir\niex> File.rm("a.txt")\n:ok\n```\n\n'
        "The result is `:ok` when `File.rm/1` found the file, and `File.rm!/1` raises when it does "
        "not."
    )
    assert row.provenance.subject == "What else there is: delete a file from my disk"


def test_a_goal_whose_function_the_code_has_not_is_not_asked() -> None:
    told = "To delete a file from your disk, call `File.rm/1` with its path, and it is gone:"
    text = f"## What else\n\n{told}\n\n```elixir\n{{}}\n```\n"
    assert reason(TASK, text.format('File.rm!("a")'), "What else") == (
        "nobody would ask by its heading"
    )
    assert len(made(TASK, guide(teaching(text.format('File.rm("a")'))))[0]) == 1


@pytest.mark.parametrize(
    "goal",
    ["do the same with it", "change our list", "delete the user", "frobnicate a list of words"],
)
def test_a_goal_that_leans_on_the_text_is_not_asked(goal: str) -> None:
    text = f"## What else\n\nTo {goal}, call `File.rm/1`:\n\n```elixir\nFile.rm(1)\n```\n"
    assert reason(TASK, text, "What else") == "nobody would ask by its heading"


def test_parts_without_a_name_of_their_own_belong_to_their_section() -> None:
    row = only(
        TASK,
        """\
## Comments overuse

### Problem

When you overuse comments, code is less readable than it would be without any of them.

### Example

```elixir
# Adds one and two
1 + 2
```

### Refactoring

Prefer names that say what a value is, and leave comments that repeat them out:

```elixir
sum = 1 + 2
```

### Exercises

1. Find a comment to delete in a program of yours.
""",
    )
    assert row.answer == (
        "**Problem**\n\n"
        "When you overuse comments, code is less readable than it would be without any of them."
        "\n\n**Example**\n\n```elixir\n# Adds one and two\n1 + 2\n```\n\n"
        "**Refactoring**\n\n"
        "Prefer names that say what a value is, and leave comments that repeat them out:\n\n"
        "```elixir\nsum = 1 + 2\n```"
    )


def test_an_answer_ends_where_the_next_paragraph_leans_on_other_text() -> None:
    more = "\nAs we saw in chapter 2, the shelf is a keyword list.\n\n```elixir\nshelf()\n```\n"
    assert only(TASK, MAPS + more).answer == only(TASK, MAPS).answer


def test_an_answer_begins_with_the_first_sentence_that_can_begin_it() -> None:
    before = "Our shelf from the previous chapter is done. It was one list.\n\n"
    row = only(TASK, MAPS.replace("Keyword lists are [", f"{before}Keyword lists are [", 1))
    assert row.answer == only(TASK, MAPS).answer
    row = only(TASK, MAPS.replace("Keyword lists are [", "For example, keyword lists are [", 1))
    assert row.answer == only(TASK, MAPS).answer


def test_no_row_quotes_more_than_max_quote() -> None:
    more = "\nA key that is not in the list gives `nil`, and a list may hold the same key twice.\n"
    whole = only(TASK, MAPS + more)
    short = only(TASK, MAPS + more, max_quote=200)
    assert short.answer == only(TASK, MAPS).answer
    assert whole.answer.startswith(short.answer)
    long = MAPS.replace("They are", "They are not what a map is, for they are in order. " * 4)
    assert reason(TASK, long, "Keyword lists", max_quote=200) == (
        "its quotation would be longer than max_quote"
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("iex(2)> list[:a]", "iex(2)> shelf[:a]"), "its example uses what is defined elsewhere"),
        (("iex(2)> list[:a]", "iex(2)> list[:a"), "its code is not whole"),
        (
            ("Keyword lists are [lists](lists.md) of pairs whose keys are atoms.", ""),
            "begins with what ",
        ),
        (
            ("They are what a function takes\nits options as", "In chapter 2 it is used so"),
            "leans on text elsewhere",
        ),
        (("## Keyword lists", "## Our shelf"), "nobody would ask by its heading"),
        (("## Keyword lists", "## Records and trees"), "does not speak of what its heading names"),
        (("## Keyword lists", "## Keyword lists, `Keyword.get/2`"), "nobody would ask by its head"),
        (("## Keyword lists", "## Lists for `Keyword.get/2`"), "does not speak of what its head"),
        (
            ("They are what", "First, define a list, which is what"),
            "only the first of several steps",
        ),
        (
            ("They are what", "You can start by making a list, which is what"),
            "only the first of several steps",
        ),
        (("iex(2)> list[:a]\n1", "iex(2)> list[:a] # TODO\n1"), "has no example of its own"),
        (
            ("Keyword lists are", "Because one of the keyword lists is lost, they are"),
            "begins with what ",
        ),
        (
            (
                "Keyword lists are [lists](lists.md) of pairs whose keys are atoms.",
                "To sort keyword lists by the keys of each.",
            ),
            "begins with what ",
        ),
        (("atoms. They", "atoms too. They"), "begins with what "),
        (
            ("They are what", "Let's have a look at one. With maps this is what"),
            "leans on text elsewhere",
        ),
        (("## Keyword lists", "## Example keyword lists"), "nobody would ask by its heading"),
        (("## Keyword lists", "## Atomic"), "nobody would ask by its heading"),
    ],
)
def test_what_cannot_stand_alone_is_left_out_with_its_reason(
    change: tuple[str, str], expected: str
) -> None:
    text = MAPS.replace(*change)
    subject = change[1][3:] if change[1].startswith("## ") else "Keyword lists"
    assert reason(TASK, text, subject).startswith(expected)


def test_a_section_whose_example_is_in_a_picture_is_left_out() -> None:
    text = "## Trees\n\nTrees of processes are drawn like this, from the top to the bottom:\n\n"
    assert reason(TASK, text + "```mermaid\ngraph TD\n```\n", "Trees") == "its code is not whole"


def test_exercises_are_not_explained() -> None:
    text = MAPS.replace("## Keyword lists", "## Exercise 2: Keyword lists")
    assert made(TASK, guide(teaching(text)))[0] == []


def test_a_section_without_code_of_our_languages_has_no_example() -> None:
    text = (
        "## Lists in JSON\n\nLists in JSON are written in brackets, with commas between items, so "
    )
    text += "that a parser knows where each of them ends:\n\n```json\n[1, 2]\n```\n"
    assert reason(TASK, text, "Lists in JSON") == "has no example of its own"


def test_rows_of_one_document_are_limited() -> None:
    text = "\n".join(MAPS.replace("Keyword lists", f"Keyword lists {n}s", 1) for n in "abc")
    assert len(made(TASK, guide(teaching(text)))[0]) == 3
    assert len(made(TASK, guide(teaching(text)), per_document=2)[0]) == 2


def test_nobody_asks_what_a_project_is_in_the_project() -> None:
    text = teaching(MAPS.replace("Keyword lists", "Commanded"))
    rows, left_out = made(TASK, guide(text, source="hex", release="commanded"))
    assert rows == []
    assert "nobody would ask by its heading" in {item.reason for item in left_out}
    rows, _ = made(TASK, guide(text, source="hex", release="phoenix"))
    assert len(rows) == 1


def test_a_project_is_named_by_its_name_and_an_unknown_one_in_backticks() -> None:
    rows, _ = made(TASK, guide(teaching(MAPS), source="hex", release="phoenix"))
    assert "in Phoenix" in rows[0].request
    rows, _ = made(TASK, guide(teaching(MAPS), source="hex", release="shelves"))
    assert "in `shelves`" in rows[0].request


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", "a README presents a project and teaches none of it"),
        ("CHANGELOG.md", "a text about the project's people, terms or history"),
        ("docs/CODE_OF_CONDUCT.md", "a text about the project's people, terms or history"),
        (".github/guide.md", "a text about the project's people, terms or history"),
        ("guides/upgrading/v2.md", "notes for those who upgrade"),
        ("test/fixtures/a.md", "part of tests or of templates"),
    ],
)
def test_documents_that_teach_nothing_are_told_by_their_names(path: str, expected: str) -> None:
    rows, left_out = made(TASK, guide(teaching(MAPS), path))
    assert rows == []
    assert [(item.reason, item.subject) for item in left_out] == [(expected, "")]
    rows, _ = made(TASK, guide(teaching(MAPS), path, book="A Book"))
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n\n" + PADDING, "shows no code that tasks are made from"),
        ("# A\n\nkort\n\n```elixir\nx = 1\n```\n", "not in English, or hardly any prose"),
        (
            "# A\n\n" + "Der Hund und die Katze sind nicht hier. " * 12 + "\n\n```elixir\nx\n```\n",
            "not in English, or hardly any prose",
        ),
        ("<!-- This file was generated by Spark -->\n" + MAPS, "a reference that a program wrote"),
        (("a" * 99 + "\n") * 6_001, "not read: longer than 600,000 characters"),
    ],
)
def test_documents_that_teach_nothing_are_told_by_what_they_hold(text: str, expected: str) -> None:
    _, left_out = made(TASK, guide(text))
    assert [item.reason for item in left_out] == [expected]


def test_a_result_that_only_a_notebook_shows_ends_the_answer() -> None:
    more = "\nThe {} above is what you get of it, in the order in which it was written down.\n"
    assert only(TASK, MAPS + more.format("tuple")).answer == only(TASK, MAPS).answer
    assert only(TASK, MAPS + more.format("map")).answer == only(TASK, MAPS).answer
    assert "The list is what you get of it" in only(TASK, MAPS + more.format("list")).answer


def test_an_answer_that_is_but_a_small_part_of_its_section_is_none() -> None:
    rest = "\nAs we saw in chapter 2, the shelf is long. " + "It has many boards and books. " * 40
    assert reason(TASK, MAPS + rest, "Keyword lists") == "leans on text elsewhere"
    assert only(TASK, MAPS + rest, max_quote=220).answer == only(TASK, MAPS).answer


def test_marks_of_documentation_are_no_text() -> None:
    row = only(TASK, MAPS.replace("whose keys are atoms", "whose keys are [`atoms`], `t:atom/0`"))
    assert "whose keys are `atoms`, `atom/0`." in row.answer
    row = only(TASK, MAPS.replace("whose keys are", "by `d:Ash.Dsl.sort|keysort`, whose keys are"))
    assert "by `keysort`, whose" in row.answer


def test_a_file_without_a_name_is_named_by_its_folder() -> None:
    text = teaching(MAPS).replace("# Data", "# About")
    (row,) = made(TASK, guide(text, "concepts/linked-lists/about.md"))[0]
    assert "linked lists" in row.request
    for path in ("guides/about.md", "concepts/linked-lists/data.md"):
        (row,) = made(TASK, guide(text, path))[0]
        assert "linked lists" not in row.request
        assert "guides" not in row.request


@pytest.mark.parametrize("title", ["**More of it:**", "**More of it**", "__More of it__:"])
def test_a_heading_in_bold_ends_no_answer(title: str) -> None:
    more = f"\n{title}\n\nAs we saw in chapter 2, there is more.\n"
    assert only(TASK, MAPS + more).answer == only(TASK, MAPS).answer


def test_a_repository_is_a_project_when_the_code_of_its_text_uses_it() -> None:
    text = teaching(MAPS)
    where = {"source": "github", "release": "acme/shelves"}
    rows, _ = made(TASK, guide(text, **where))
    assert "in Elixir" in rows[0].request
    rows, _ = made(TASK, guide(f"{text}\n```elixir\nuse Shelves\n```\n", **where))
    assert "in `shelves`" in rows[0].request


@pytest.mark.parametrize(
    ("release", "code", "expected"),
    [
        ("acme/coat_shelves", "MyApp.CoatShelves", "in `coat_shelves`"),
        ("acme/shelf", "shelf:put(1)", "in `shelf`"),
        ("acme/shelf_tutorial", "use ShelfTutorial", "in Elixir"),
    ],
)
def test_a_repository_is_told_by_what_its_code_is_called(
    release: str, code: str, expected: str
) -> None:
    text = f"{teaching(MAPS)}\n```\n{code}\n```\n"
    rows, _ = made(TASK, guide(text, source="github", release=release))
    assert expected in rows[0].request


def test_a_course_asks_about_the_library_that_its_code_uses() -> None:
    schema = "defmodule Shelf do\n  use Ecto.Schema\nend"
    told = "A schema says which fields a row has, and of which table it is. " * 2
    text = f"## Schemas\n\n{told}\n\n```elixir\n{schema}\n```\n"
    row = only(TASK, text)
    assert "in Ecto" in row.request
    again = only(
        TASK, text.replace("## Schemas", "## Ecto schemas").replace("A schema", "An Ecto schema")
    )
    assert "Ecto schemas" in again.request
    assert "in Elixir" in again.request


def test_a_question_does_not_say_its_topic_twice() -> None:
    text = teaching(MAPS).replace("# Data", "# Elixir data types").replace("keyword lists", "them")
    (row,), _ = made(TASK, guide(text))
    assert "data types in Elixir" in row.request
    assert "Elixir data" not in row.request
    text = MAPS.replace("## Keyword lists", "## Keyword lists in elixir")
    assert only(TASK, text).request.lower().count("elixir") == 1


def test_an_answer_does_not_end_with_what_the_next_code_shows() -> None:
    more = "Pairs may be written out. You can also read it as a map.\n\n```elixir\nMap.new(\n```\n"
    row = only(TASK, f"{MAPS}\n{more}")
    assert row.answer.endswith("Pairs may be written out.")
    fact = more.replace("You can also read it as a map.", "Both are the same list.")
    assert only(TASK, f"{MAPS}\n{fact}").answer.endswith("Both are the same list.")


def test_a_list_in_the_place_of_an_item_s_text_is_not_quoted() -> None:
    assert "- Keys are" in only(TASK, f"{MAPS}\n- Keys are atoms.\n").answer
    assert "Keys are" not in only(TASK, f"{MAPS}\n- - Keys are atoms.\n").answer


def test_code_blocks_in_a_row_are_not_parted() -> None:
    apart = "Another way is a map:\n\n```elixir\nx = %{a: 1}\n```\n\n```elixir\nMap.new(\n```\n"
    assert only(TASK, f"{MAPS}\n{apart}").answer.endswith("A key is read in brackets.")


def test_how_to_do_something_is_not_answered_with_what_does_not_work() -> None:
    fails = "Reading a file with `File.open!/1` keeps it open until its process ends. " * 2
    works = '```elixir\nFile.read!("a")\n```\n\n' + "It closes the file that it has read. " * 12
    text = f'## Reading a file\n\n{fails}\n\n```elixir\nFile.open!("a")\n```\n\n{{}}\n\n{works}'
    row = only(TASK, text.format("That needs care."))
    assert "File.read!" in row.answer
    stopped = "See the figure in chapter 3 for what is wrong with it."
    rows, left_out = made(TASK, guide(teaching(text.format(f"As we saw, {stopped}"))))
    assert [row.provenance.subject for row in rows if row.provenance.subject != "About"] == []
    (left,) = [item.reason for item in left_out if item.subject == "Reading a file"]
    assert left == "only the first of several steps can be quoted"


@pytest.mark.parametrize(("says", "rows"), [("This works in a release:", 1), ("It won't work:", 0)])
def test_the_way_that_fails_is_not_how_to_do_it(says: str, rows: int) -> None:
    told = "Reading a file with `File.open!/1` keeps it open until its process ends. " * 4
    code = '```elixir\nFile.open!("a")\n```'
    text = f"## Reading a file\n\n{told}{says}\n\n{code}\n\nAs we saw in chapter 3, no.\n\n{code}\n"
    assert len(made(TASK, guide(teaching(text)))[0]) == rows


def test_what_was_before_alone_is_no_answer() -> None:
    label = "**{}**\n\n```elixir\n[a: 1]\n```\n\n"
    more = f"{MAPS}\n{label.format('Before')}"
    assert "Before" not in only(TASK, more).answer
    assert "Before" in only(TASK, f"{more}{label.format('After')}").answer


def test_an_answer_does_not_end_with_what_only_lays_the_ground() -> None:
    text = """\
## Keyword lists

Keyword lists hold options, and a function takes them apart. Let's take this example list:

```elixir
[limit: 10, order: :title, fields: [:title, :author]]
```

{}
"""
    after = "As we saw, see chapter 3 for how a keyword list is read."
    assert reason(TASK, text.format(after), "Keyword lists") == (
        "only the first of several steps can be quoted"
    )
    told = "```elixir\nKeyword.get([limit: 10], :limit)\n```\n\nA keyword list is read by its keys."
    assert "Keyword.get" in only(TASK, text.format(told)).answer


def test_the_name_of_the_file_that_code_stands_in_is_no_part_of_a_sentence() -> None:
    text = MAPS.replace("```elixir", "**`lib/shelf.ex`**\n\n```elixir", 1)
    assert "lib/shelf.ex" not in only(TASK, text).answer


USES = """\
## Reading a shelf

```elixir
defmodule Shelf do
  def books(shelf), do: shelf
end
```

## Counting books

Counting books takes the length of what a shelf holds, and what it holds is a list{}. A list is as
long as it has elements, and counting them takes the longer the more there are.

```elixir
{}
```
"""


@pytest.mark.parametrize(
    ("prose", "code", "rows"),
    [
        ("", "length([1, 2])", 1),
        ("", "length(books([1, 2]))", 0),
        ("", "length(Shelf.books([1, 2]))", 0),
        (" of a `Shelf`", "length(Shelf.books([1, 2]))", 0),
        (" of a `Shelf`", "alias MyApp.Shelf\nlength(Shelf.books([1, 2]))", 1),
        (" of `books/1`", "length([1, 2])", 0),
        (" of the `books/1` callback", "length([1, 2])", 1),
        ("", "def books(shelf), do: shelf\n\nlength(books([1, 2]))", 1),
    ],
)
def test_what_another_section_defines_is_not_used(prose: str, code: str, rows: int) -> None:
    parsed = guide(teaching(USES.format(prose, code)), release="shelf")
    made_of = [row for row in made(TASK, parsed)[0] if row.provenance.subject == "Counting books"]
    assert len(made_of) == rows


def test_blocks_of_a_notebook_share_their_variables() -> None:
    text = USES.format("", "length(books)").replace(
        "defmodule Shelf do", "books = [1]\ndefmodule A do"
    )
    for path, rows in (("guides/shelf.md", 1), ("guides/shelf.livemd", 0)):
        found, _ = made(TASK, guide(teaching(text), path, release="shelf"))
        assert len([row for row in found if row.provenance.subject == "Counting books"]) == rows


def test_an_answer_does_not_end_with_the_data_that_something_is_shown_with() -> None:
    data = MAPS.replace(
        "iex(1)> list = [a: 1, b: 2]\n[a: 1, b: 2]\niex(2)> list[:a]\n1", "a = [a: 1]"
    )
    assert only(TASK, data)
    more = f"{data}\nAs we saw in chapter 3, no.\n\n```elixir\nKeyword.get(a, :a)\n```\n"
    assert reason(TASK, more, "Keyword lists") == "only the first of several steps can be quoted"


def test_what_a_page_showed_under_its_announcement_ends_the_answer() -> None:
    said = (
        "The shell then shows this result:\n\n{}\n\nAll of them are pairs of an atom and a value."
    )
    assert "All of them" not in only(TASK, f"{MAPS}\n{said.format('> [a: 1]')}\n").answer
    label = said.format("**Elixir**\n\n```elixir\n[a: 1]\n```")
    assert "All of them" in only(TASK, f"{MAPS}\n{label}\n").answer


def test_a_chapter_that_names_a_part_of_the_topic_stands_for_it() -> None:
    text = teaching(MAPS).replace("# Data", "# Embedded Elixir (EEx)")
    text = text.replace("It is one of", "In Elixir it is one of")
    (row,), _ = made(TASK, guide(text))
    assert "keyword lists in embedded Elixir (EEx)" in row.request
