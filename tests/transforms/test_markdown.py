"""Markdown as a tree of sections: what belongs where, and on which bytes it stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.markdown import (
    LONGEST,
    Code,
    Html,
    Items,
    Note,
    Prose,
    Section,
    Table,
    TooLongError,
    read,
)

GUIDE = """\
---
title: "A guide: to tallies"
---
Before any heading.

# Tallies {: #tallies}

Prose of é
two lines.

```elixir title="a.ex"
def a do

  1
end
```

> #### Careful {: .warning}
>
> It bites.
>
>     x = 1

## Lists

1. one

   ```
   in an item
   ```
2. two

    iex> 1

<!-- a comment -->

| a | b |
|---|---|
| 1 | 2 |

### Deep

> [!TIP]
> Be quick.

Setext
------

~~~erl
x.
~~~
"""


def cut(text: str, piece: Prose | Code | Items | Note | Table | Html | Section) -> str:
    return text.encode()[piece.span.start : piece.span.end].decode()


def test_a_document_is_a_tree_of_sections_with_what_stands_in_each() -> None:
    whole = read(GUIDE)
    assert [(s.level, s.title, [a.title for a in above]) for above, s in whole.every()] == [
        (0, "A guide: to tallies", []),
        (1, "Tallies", ["A guide: to tallies"]),
        (2, "Lists", ["A guide: to tallies", "Tallies"]),
        (3, "Deep", ["A guide: to tallies", "Tallies", "Lists"]),
        (2, "Setext", ["A guide: to tallies", "Tallies"]),
    ]
    tallies = whole.sections[0]
    lists, setext = tallies.sections
    assert [type(block).__name__ for block in tallies.blocks] == ["Prose", "Code", "Note"]
    assert [type(block).__name__ for block in lists.blocks] == ["Items", "Html", "Table"]
    assert cut(GUIDE, lists).startswith("## Lists\n")
    assert cut(GUIDE, lists).endswith("> Be quick.\n\n")
    assert cut(GUIDE, setext) == "Setext\n------\n\n~~~erl\nx.\n~~~\n"
    assert cut(GUIDE, tallies) == GUIDE[GUIDE.index("# Tallies") :]


def test_code_is_exact_and_says_its_language() -> None:
    whole = read(GUIDE)
    code = whole.sections[0].blocks[1]
    assert isinstance(code, Code)
    assert code.text == "def a do\n\n  1\nend\n"
    assert (code.info, code.language) == ('elixir title="a.ex"', "elixir")
    assert cut(GUIDE, code).startswith('```elixir title="a.ex"\ndef a do\n')
    (last,) = whole.sections[0].sections[1].blocks
    assert isinstance(last, Code)
    assert (last.language, last.text) == ("erl", "x.\n")


@pytest.mark.parametrize(
    ("info", "language"),
    [("", ""), ("Elixir", "elixir"), ("{.elixir .numberLines}", "elixir"), ("c++", "c++")],
)
def test_the_language_of_an_info_string(info: str, language: str) -> None:
    (code,) = read(f"```{info}\nx\n```\n").blocks
    assert isinstance(code, Code)
    assert code.language == language


def test_indented_code_has_no_info_string() -> None:
    (prose, code) = read("Text:\n\n    a\n\n      b\n\n").blocks
    assert isinstance(prose, Prose)
    assert isinstance(code, Code)
    assert (code.text, code.info, code.language) == ("a\n\n  b\n", None, "")


def test_notes_are_admonitions_of_exdoc_and_of_github_and_quotations() -> None:
    whole = read(GUIDE + "\n> Somebody said so.\n")
    note = whole.sections[0].blocks[2]
    assert isinstance(note, Note)
    assert (note.title, note.kind) == ("Careful", "warning")
    assert [type(block).__name__ for block in note.blocks] == ["Prose", "Code"]
    (tip,) = whole.sections[0].sections[0].sections[0].blocks
    assert isinstance(tip, Note)
    assert (tip.title, tip.kind) == ("", "tip")
    assert [block.text for block in tip.blocks if isinstance(block, Prose)] == ["Be quick."]
    said = whole.sections[0].sections[1].blocks[-1]
    assert isinstance(said, Note)
    assert (said.title, said.kind) == ("", "")


def test_a_list_has_its_items_blocks_and_its_first_number() -> None:
    (items,) = read("3. one\n\n   ```\n   x\n   ```\n4. two\n").blocks
    assert isinstance(items, Items)
    assert items.first == 3
    assert [[type(block).__name__ for block in item] for item in items.items] == [
        ["Prose", "Code"],
        ["Prose"],
    ]
    (bullets,) = read("- a\n- b\n").blocks
    assert isinstance(bullets, Items)
    assert bullets.first is None


def test_headings_inside_code_lists_and_quotations_open_no_section() -> None:
    whole = read("# One\n\n```\n# no\n```\n\n> # no\n\n- # no\n\n    # no\n")
    assert [s.title for _, s in whole.every()] == ["", "One"]


def test_a_deeper_heading_without_one_between_belongs_to_the_one_above() -> None:
    whole = read("# A\n\n### B\n\n## C\n\n# D\n")
    assert [(s.title, [b.title for b in s.sections]) for s in whole.sections] == [
        ("A", ["B", "C"]),
        ("D", []),
    ]


def test_front_matter_of_elixir_is_no_content() -> None:
    text = '%{\n  version: "1",\n  title: "Enum",\n}\n---\n\nText.\n'
    whole = read(text)
    assert whole.title == "Enum"
    (prose,) = whole.blocks
    assert isinstance(prose, Prose)
    assert cut(text, prose) == "Text.\n"


def test_windows_line_ends_keep_their_bytes() -> None:
    text = "# A\r\n\r\nTwo\r\nlines.\r\n\r\n```\r\nx\r\n```\r\n"
    (section,) = read(text).sections
    prose, code = section.blocks
    assert isinstance(prose, Prose)
    assert prose.text == "Two\nlines."
    assert cut(text, prose) == "Two\r\nlines.\r\n"
    assert cut(text, code) == "```\r\nx\r\n```\r\n"


def test_a_document_too_long_is_refused() -> None:
    with pytest.raises(TooLongError, match="600,000"):
        read("a" * (LONGEST + 1))


@pytest.mark.parametrize(
    "text",
    [
        ">" * 5_000,
        "* " * 5_000,
        "- a\n" * 5_000,
        "[a]: b\n" * 5_000,
        "```\n" * 5_001,
        "<!--" * 5_000,
        ("> " * 100 + "a\n") * 100,
        "| " * 5_000 + "\n" + "|-" * 5_000,
        "\x00# a\x0b\x85\u2028\n",
        "---\n" * 3,
        "# \n## \n### \n",
    ],
)
def test_odd_documents_are_read_to_the_end(text: str) -> None:
    whole = read(text)
    assert whole.span.end == len(text.encode())


_LINES = st.lists(
    st.sampled_from(
        ["# A", "## B", "#### C", "text é", "", "```elixir", "```", "> q", "- i", "  1. j", "    x"]
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(_LINES, st.sampled_from(["\n", "\r\n"]))
def test_sections_nest_and_blocks_stand_in_order_inside_their_section(
    lines: list[str], end: str
) -> None:
    text = end.join(lines)
    whole = read(text)
    assert whole.span.end == len(text.encode())
    for above, section in whole.every():
        for outer in above:
            assert outer.span.start <= section.span.start <= section.span.end <= outer.span.end
            assert outer.level < section.level
        at = section.span.start
        for block in section.blocks:
            assert at <= block.span.start < block.span.end <= section.span.end
            at = block.span.end
        for below in section.sections:
            assert at <= below.span.start
            at = below.span.end
