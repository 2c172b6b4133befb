"""Fill-in-the-middle rows: one contiguous piece of a file, cut where a person would type."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from factory.parsed import Parsed
from factory.records import Document, Example, LeftOut
from factory.syntax import Span
from transforms.fim import MANY_CLAUSES, SENTINEL_INSIDE, SETTINGS, Fim, FimOptions, window

SHOP = """\
defmodule Shop do
  @doc "Adds up the prices."
  def total(items) do
    items
    |> Enum.map(fn item -> item.price * item.count end)
    |> Enum.sum()
  end

  def label(%{name: name, price: price}) do
    String.pad_trailing(name, 20) <> Integer.to_string(price)
  end
end
"""


def document(text: str, language: str = "elixir", path: str = "lib/shop.ex") -> Document:
    return Document("test", "shop", "1", "sha256:0", "shop", path, language, "MIT", text)


def made(text: str, seed: int = 7, language: str = "elixir", **options: object) -> list[Example]:
    rows = list(Fim(FimOptions(**options), seed).document(Parsed(document(text, language))))
    assert all(isinstance(row, Example) for row in rows)
    return [row for row in rows if isinstance(row, Example)]


def pieces(row: Example, order: str = "psm") -> tuple[str, str, str]:
    """Prefix, suffix and middle of a row with the default sentinels."""
    head, rest = row.prompt.split("<|fim_suffix|>")
    if order == "psm":
        suffix, end = rest.split("<|fim_middle|>")
        assert head.startswith("<|fim_prefix|>") and end == ""
        return head.removeprefix("<|fim_prefix|>"), suffix, row.completion
    assert head == "<|fim_prefix|>"
    suffix, prefix = rest.split("<|fim_middle|>")
    return prefix, suffix, row.completion


def test_a_pipe_step_is_a_row_of_its_function() -> None:
    (row,) = made(SHOP, kinds=("pipe_step",), per_kb=20, shortest=20)
    assert row.format == "prompt_completion" and row.task == "fim"
    assert row.completion == "|> Enum.map(fn item -> item.price * item.count end)"
    prefix, suffix, middle = pieces(row)
    assert prefix + middle + suffix == SHOP
    assert row.provenance.subject == "Shop.total/1"
    assert (row.provenance.start_line, row.provenance.end_line) == (2, 7)


def test_a_whole_function_is_taken_only_where_something_foretells_it() -> None:
    rows = made(SHOP, kinds=("function",), per_kb=20)
    assert [row.provenance.subject for row in rows] == ["Shop.total/1"]
    assert rows[0].prompt.count('@doc "Adds up the prices."') == 1


def test_sentinels_and_order_are_options() -> None:
    names = {"prefix_token": "<PRE>", "suffix_token": "<SUF>", "middle_token": "<MID>"}
    (psm,) = made(SHOP, kinds=("pipe_step",), per_kb=20, shortest=20, **names)
    (spm,) = made(SHOP, kinds=("pipe_step",), per_kb=20, shortest=20, order="spm", **names)
    before, after = SHOP.split(psm.completion)
    assert psm.prompt == f"<PRE>{before}<SUF>{after}<MID>"
    assert spm.prompt == f"<PRE><SUF>{after}<MID>{before}"
    assert spm.completion == psm.completion


def test_a_file_that_holds_a_sentinel_is_left_out_with_the_reason() -> None:
    text = SHOP.replace("Adds up", "<|fim_suffix|>")
    (left,) = Fim(FimOptions(), 7).document(Parsed(document(text)))
    assert isinstance(left, LeftOut)
    assert (left.reason, left.path, left.line) == (SENTINEL_INSIDE, "lib/shop.ex", 0)


def test_a_file_that_was_not_read_is_left_out_with_the_reason() -> None:
    (left,) = Fim(FimOptions(), 7).document(Parsed(document("x" * 300_000)))
    assert isinstance(left, LeftOut) and left.reason.startswith("not read: a line longer")


def test_short_middles_and_bare_texts_are_not_asked_for() -> None:
    text = 'defmodule A do\n  def f(x), do: g("a text that nobody could guess at all", [x, 1])\nend'
    assert made(text, kinds=("argument",), per_kb=100, shortest=3) == []


def test_messages_are_asked_for_only_in_words_that_stand_around_them() -> None:
    body = 'sold |> Enum.sort() |> Map.new(&{&1, "every single ticket went"})'
    text = f"defmodule A do\n  def f(sold) do\n    {body}\n  end\nend\n"
    assert made(text, kinds=("body",), per_kb=100) == []
    said = text.replace("  def f", "  # Says that every single ticket went.\n  def f")
    (row,) = made(said, kinds=("body",), per_kb=100)
    assert row.completion == body


def test_made_up_values_are_asked_for_only_where_they_stand_around() -> None:
    text = "defmodule A do\n  def f do\n    {:sold_out, :matinee, 12}\n  end\nend\n"
    assert made(text, kinds=("body",), per_kb=100) == []
    said = text.replace(
        "  def f", "  @type t :: {:sold_out, :matinee | :evening, integer}\n  def f"
    )
    (row,) = made(said, kinds=("body",), per_kb=100)
    assert row.completion == "{:sold_out, :matinee, 12}"


def test_lines_of_a_table_are_not_asked_for() -> None:
    def table(count: int) -> str:
        lines = "".join(f"  def code(:name_{i}), do: Map.new(at: {i})\n" for i in range(count))
        return f"defmodule A do\n{lines}end\n"

    assert made(table(MANY_CLAUSES + 1), kinds=("clause",), per_kb=100) == []
    assert len(made(table(MANY_CLAUSES), kinds=("clause",), per_kb=100)) == 1


@pytest.mark.parametrize("path", ["mix.exs", "apps/shop/mix.exs"])
def test_settings_of_a_project_are_left_out(path: str) -> None:
    (left,) = Fim(FimOptions(), 7).document(Parsed(document(SHOP, path=path)))
    assert isinstance(left, LeftOut)
    assert (left.reason, left.path) == (SETTINGS, path)


def test_the_number_of_rows_follows_size_and_stops_at_the_limit() -> None:
    many = "defmodule A do\n" + "".join(
        f"  def f{i}(given), do: given |> Map.put(:key_{i}, {i}) |> Map.delete(:other)\n\n"
        for i in range(100)
    )
    assert len(made(many + "end\n", per_kb=1, per_file=100)) == round(len(many) / 1_000)
    assert len(made(many + "end\n", per_kb=100, per_file=9)) == 9


def test_the_seed_decides_and_nothing_else() -> None:
    text = SHOP.replace("end\nend", "end\n\n  def no(items), do: Enum.any?(items, &(&1 == 0))\nend")
    assert made(text) == made(text)
    assert len({tuple(r.completion for r in made(text, seed=seed)) for seed in range(20)}) > 3


def test_templates_lose_an_element() -> None:
    text = '<ul>\n  <li :for={item <- @items}>{item.name}</li>\n</ul>\n<p class="x">{@sum}</p>\n'
    text += "<!-- the sum is that of all items, with tax -->\n"
    rows = made(text, language="heex", per_kb=100)
    assert {row.completion for row in rows} == {
        "<ul>\n  <li :for={item <- @items}>{item.name}</li>\n</ul>",
        "<li :for={item <- @items}>{item.name}</li>",
        '<p class="x">{@sum}</p>',
    }


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValidationError, match="kinds"):
        FimOptions(kinds=("sentence",))


def real_rows(corpus: Path, order: str) -> Iterator[tuple[Example, str]]:
    fim = Fim(FimOptions(order=order, context=1_500), 3)
    paths = [
        *(corpus / "elixir-makeup").rglob("*.ex*"),
        *(corpus / "erlang-poolboy").rglob("*.erl"),
    ]
    for path in sorted(paths):
        language = "erlang" if path.suffix == ".erl" else "elixir"
        text = path.read_text(encoding="utf-8")
        for row in fim.document(Parsed(document(text, language, path.name))):
            if isinstance(row, LeftOut):
                assert (row.path, row.reason) == ("mix.exs", SETTINGS)
                continue
            yield row, text


@pytest.mark.parametrize("order", ["psm", "spm"])
def test_prefix_middle_and_suffix_are_one_piece_of_the_real_file(corpus: Path, order: str) -> None:
    count = 0
    for row, text in real_rows(corpus, order):
        prefix, suffix, middle = pieces(row, order)
        whole = prefix + middle + suffix
        at = text.find(whole)
        assert at >= 0
        assert at == 0 or text[at - 1] == "\n"
        assert at + len(whole) == len(text) or whole.endswith("\n")
        assert len((prefix + suffix).encode()) <= 1_500
        where = row.provenance
        unit = text.encode()[where.start_byte : where.end_byte].decode()
        assert middle in unit
        count += 1
    assert count > 30


@given(
    st.lists(st.text("ab é\n", max_size=30), min_size=1).map("".join),
    st.data(),
    st.integers(1, 60),
)
def test_a_window_ends_at_lines_and_keeps_to_its_limit(
    text: str, data: st.DataObject, limit: int
) -> None:
    source = text.replace("é", "e").encode()
    start = data.draw(st.integers(0, len(source)))
    hole = Span(start, data.draw(st.integers(start, len(source))))
    seen = window(source, hole, limit)
    if seen is None:
        line = source.rfind(b"\n", 0, hole.start) + 1
        after = source.find(b"\n", hole.end)
        rest = (len(source) if after < 0 else after + 1) - hole.end
        assert hole.start - line + rest > limit // 3
        return
    assert seen.holds(hole)
    assert hole.start - seen.start + seen.end - hole.end <= limit
    assert seen.start == 0 or source[seen.start - 1 : seen.start] == b"\n"
    assert seen.end == len(source) or source[seen.end - 1 : seen.end] == b"\n"


def test_licence_and_language_are_the_documents() -> None:
    parsed = Parsed(replace(document(SHOP), licence="Apache-2.0"))
    rows = [r for r in Fim(FimOptions(), 7).document(parsed) if isinstance(r, Example)]
    assert {(row.licence, row.language) for row in rows} == {("Apache-2.0", "elixir")}


def test_long_bodies_are_no_holes_and_those_of_tests_sooner() -> None:
    lines = "\n".join(f"    assert total([{i}]) == {i}" for i in range(8))
    text = f"""\
defmodule ShopTest do
  use ExUnit.Case

  test "adds up" do
{lines}
  end
end
"""
    (row,) = made(text, kinds=("body",), per_kb=20)
    assert row.completion.startswith("assert total([0]) == 0")
    longer = text.replace("    assert total([7]) == 7", lines)
    assert made(longer, kinds=("body",), per_kb=20) == []
    assert len(made(longer, kinds=("body",), per_kb=20, longest_test=900)) == 1


def test_a_function_whose_documentation_is_hidden_is_not_foretold() -> None:
    hidden = SHOP.replace('@doc "Adds up the prices."', "@doc false")
    assert made(hidden, kinds=("function",), per_kb=20) == []
