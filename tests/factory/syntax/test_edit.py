"""Edits by span: what is taken out and put back gives the same bytes; a cut leaves tidy lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.syntax.edit import Edit, cut, replace, without
from factory.syntax.outline import Span

SHOP = b"""defmodule Shop do
  def a, do: 1

  def b, do: 2

  @x 1
  def c, do: 3
end
"""


def span(text: str) -> Span:
    start = SHOP.index(text.encode())
    return Span(start, start + len(text))


def tidy(*texts: str) -> str:
    return cut(SHOP, map(span, texts)).decode()


def test_edits_are_made_at_once_in_any_order() -> None:
    edits = [
        Edit(*span("def c"), "defp c"),
        Edit(*span("do: 1"), "do: 100"),
        Edit(0, 0, "# Shop\n"),
    ]
    text = replace(SHOP, edits).decode()
    assert text.startswith("# Shop\ndefmodule Shop do\n  def a, do: 100\n")
    assert text.endswith("  @x 1\n  defp c, do: 3\nend\n")


@pytest.mark.parametrize(
    "spans",
    [
        [Span(0, 5), Span(4, 6)],
        [Span(3, 3), Span(3, 3)],
        [Span(0, len(SHOP) + 1)],
        [Span(5, 4)],
        [Span(-2, 1)],
    ],
)
def test_edits_that_make_no_sense_are_refused(spans: list[Span]) -> None:
    for edit in (without, cut):
        with pytest.raises(ValueError, match="cannot edit bytes"):
            edit(SHOP, spans)


@given(st.binary(max_size=200).map(lambda b: b.hex().encode()), st.data())
def test_without_and_put_back_are_inverse(source: bytes, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(source)), min_size=2, max_size=2).map(sorted))
    hole = Span(places[0], places[1])
    left = without(source, [hole])
    assert len(left) == len(source) - (hole.end - hole.start)
    assert replace(left, [Edit(hole.start, hole.start, hole.cut(source))]) == source


def test_a_filler_stands_where_the_span_was() -> None:
    assert b"def b, do: ...\n" in without(SHOP, [span("2")], "...")


def test_a_cut_takes_whole_lines_and_one_side_s_blank_lines() -> None:
    assert tidy("def a, do: 1") == SHOP.decode().replace("  def a, do: 1\n\n", "")
    assert tidy("def b, do: 2") == SHOP.decode().replace("  def b, do: 2\n\n", "")
    assert tidy("@x 1") == SHOP.decode().replace("  @x 1\n", "")
    assert tidy("@x 1\n  def c, do: 3") == SHOP.decode().replace("\n  @x 1\n  def c, do: 3\n", "")


def test_neighbours_are_cut_as_one() -> None:
    assert tidy("def b, do: 2", "@x 1", "def c, do: 3") == (
        "defmodule Shop do\n  def a, do: 1\nend\n"
    )
    assert tidy("def a, do: 1", "def b, do: 2", "@x 1\n  def c, do: 3") == (
        "defmodule Shop do\nend\n"
    )


def test_part_of_a_line_goes_with_the_blanks_before_it() -> None:
    assert "  def b,\n" in tidy("do: 2")
