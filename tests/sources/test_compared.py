"""Two texts as one list of lines: nothing is lost, little is marked, nothing takes long."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sources.compared import compared, lines_of

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n", "e\n", "\n"]), max_size=30)


@settings(max_examples=300)
@given(LINES, LINES)
def test_both_texts_come_back(before: list[str], after: list[str]) -> None:
    found = list(compared(before, after))
    assert [line for mark, line in found if mark != "+"] == before
    assert [line for mark, line in found if mark != "-"] == after


@given(LINES)
def test_equal_texts_have_no_mark(lines: list[str]) -> None:
    assert {mark for mark, _ in compared(lines, lines)} <= {" "}


def test_what_changed_and_no_more_is_marked() -> None:
    before = ["one\n", *(f"{n}\n" for n in range(900)), "end\n", "end\n"]
    after = ["two\n", *(f"{n}\n" for n in range(900)), "end\n", "new\n", "end\n"]
    assert [pair for pair in compared(before, after) if pair[0] != " "] == [
        ("-", "one\n"),
        ("+", "two\n"),
        ("+", "new\n"),
    ]
    assert list(compared(lines_of("a\nb"), lines_of("a\nc"))) == [
        (" ", "a\n"),
        ("-", "b"),
        ("+", "c"),
    ]


def test_texts_made_to_take_long_count_as_replaced() -> None:
    before = ["a\n" if n % 2 else f"{n}\n" for n in range(4_000)]
    after = ["a\n" if n % 2 else f"q{n}\n" for n in range(4_000)]
    marks = [mark for mark, _ in compared(before, after)]
    assert (marks.count("-"), marks.count("+")) == (3_999, 3_999)
