"""Rows of the `idiom` transform: whole ones on code of our own, and laws on real code."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.parsed import Parsed
from factory.records import Document, Example, LeftOut
from factory.syntax import Span, parse
from tests.transforms.golden import package
from transforms.fences import unfenced
from transforms.idiom import Idiom, IdiomOptions
from transforms.idiom.transform import TOO_LONG
from transforms.wording import wordings

FORMS = re.compile(r" \((\w+) to (\w+)\)$")


def parsed(text: str, path: str = "lib/shop.ex") -> Parsed:
    return Parsed(
        Document(
            source="test",
            release="shop",
            version="1.0.0",
            checksum="sha256:0",
            family="shop",
            path=path,
            language="elixir",
            licence="MIT",
            text=dedent(text),
        )
    )


def made(text: str, seed: int = 3, **options: Any) -> list[Example | LeftOut]:
    return list(Idiom(IdiomOptions.model_validate(options), seed).document(parsed(text)))


def rows(text: str, seed: int = 3, **options: Any) -> list[Example]:
    return [row for row in made(text, seed, **options) if isinstance(row, Example)]


UNLESS = """
    defmodule Shop do
      @moduledoc false

      @doc "Sends it."
      @spec dispatch(map()) :: :ok | nil
      def dispatch(order) do
        unless order.lines == [] do
          Mailer.send(order)
        end
      end
    end
    """


def test_a_whole_row_with_a_made_answer() -> None:
    (row,) = rows(UNLESS)
    assert row.task == "idiom"
    assert row.format == "messages"
    assert row.provenance.subject == "Shop.dispatch/1 (unless to if_negated)"
    assert (row.provenance.start_line, row.provenance.end_line) == (7, 11)
    assert row.quality.documentation == pytest.approx(2 / 3)
    assert unfenced(row.request) == [
        "def dispatch(order) do\n  unless order.lines == [] do\n    Mailer.send(order)\n  end\nend"
    ]
    assert row.answer == (
        "```elixir\n"
        "def dispatch(order) do\n"
        "  if order.lines != [] do\n"
        "    Mailer.send(order)\n"
        "  end\n"
        "end\n"
        "```"
    )
    assert "`Shop.dispatch/1`" in row.request


def test_real_code_in_the_better_form_is_the_answer() -> None:
    (row,) = rows(
        """
        defmodule Shop do
          def totals(orders) do
            Map.new(orders, fn order -> {order.id, total(order)} end)
          end
        end
        """
    )
    assert row.provenance.subject == "Shop.totals/1 (map_then_into to map_new)"
    assert unfenced(row.request) == [
        "def totals(orders) do\n"
        "  orders\n"
        "  |> Enum.map(fn order -> {order.id, total(order)} end)\n"
        "  |> Enum.into(%{})\n"
        "end"
    ]
    assert unfenced(row.answer) == [
        "def totals(orders) do\n  Map.new(orders, fn order -> {order.id, total(order)} end)\nend"
    ]


def test_wordings_vary_with_the_seed_and_name_the_wanted_form() -> None:
    asked = {rows(UNLESS, seed)[0].request for seed in range(40)}
    assert len(asked) > 25
    about = re.compile(r"\bif\b|unless")
    assert all(about.search(request.split("```")[0] + request.split("```")[2]) for request in asked)


def test_every_form_has_wordings() -> None:
    from transforms.idiom.transform import WAYS

    keys = wordings("idiom").variants
    wanted = {way.target for _, way in WAYS if way.made} | {
        way.source for _, way in WAYS if way.real
    }
    assert {f"how.{form}" for form in wanted} <= keys.keys()


LONG = "defmodule Shop do\n  def f(x) do\n" + "    unless x, do: y(x)\n" * 40 + "  end\nend\n"


def test_a_function_too_long_to_show_is_left_out() -> None:
    (left,) = made(LONG, max_code=300)
    assert isinstance(left, LeftOut)
    assert (left.reason, left.subject, left.line) == (TOO_LONG, "Shop.f/1", 2)


def test_a_short_clause_of_a_long_function_stands_for_itself() -> None:
    text = LONG.replace("def f(x) do", "def f(0), do: unless g(), do: h(1)\n  def f(x) do")
    (row,) = rows(text, max_code=300)
    assert "this clause of `Shop.f/1`" in row.request
    assert unfenced(row.answer) == ["def f(0), do: if !g(), do: h(1)"]


@pytest.mark.parametrize(
    "line",
    [
        "import Kernel, except: [unless: 2]",
        "import Kernel, only: [def: 2]",
        "import Kernel, except: [==: 2]",
        "use Nx.Defn",
        "defmacro unless(a, b), do: {a, b}",
        "def unless(a, b), do: {a, b}",
    ],
)
def test_nothing_is_said_of_names_that_mean_something_else(line: str) -> None:
    text = dedent(UNLESS).replace("@moduledoc false", line)
    assert not [row for row in rows(text) if "dispatch" in row.provenance.subject]


def test_an_alias_takes_a_name_from_elixirs_module() -> None:
    text = """
        defmodule Shop do
          alias Shop.Map

          def totals(orders) do
            Map.new(orders, fn order -> {order.id, total(order)} end)
          end
        end
        """
    assert not any("map_new" in row.provenance.subject for row in rows(text))
    (row,) = rows(text.replace("alias Shop.Map", "alias Shop.Map, as: ShopMap"))
    assert "map_new" in row.provenance.subject


def test_a_macro_of_an_aliased_module_gets_its_arguments_as_data() -> None:
    text = """
        defmodule Shop do
          alias Shop.Query, as: Q
          require Q

          def open(orders) do
            Q.where(orders, is_nil(order.closed) or order.total != nil)
          end
        end
        """
    assert not any("nil" in row.provenance.subject for row in rows(text))
    assert any("nil" in row.provenance.subject for row in rows(text.replace("require Q", "")))


def test_options_limit_rules_and_rows() -> None:
    many = "defmodule Shop do\n" + "".join(
        f"  def f{n}(x) do\n    unless x do\n      g({n})\n    end\n  end\n\n" for n in range(30)
    )
    text = many + "end\n"
    assert len(rows(text, tries_per_kb=100)) == 6
    assert len(rows(text, tries_per_kb=100, per_rule=3)) == 3
    assert len(rows(text, tries_per_kb=100, per_file=2)) == 2
    assert rows(text, tries_per_kb=100, without=("unless",)) == []


def test_a_broken_function_is_left_out_and_its_neighbours_are_not() -> None:
    text = dedent(UNLESS).replace("@moduledoc false", "def broken(x) do\n    {x, ]\n  end")
    found = made(text)
    assert any(isinstance(item, LeftOut) for item in found)


def _real_rows(root: Path) -> list[tuple[Parsed, Example]]:
    found = []
    transform = Idiom(IdiomOptions.model_validate({"tries_per_kb": 1}), 11)
    for path in sorted(root.rglob("*.ex")):
        document = parsed(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())
        if document.has_tree:
            made = transform.document(document)
            found += [(document, row) for row in made if isinstance(row, Example)]
    return found


@pytest.fixture(scope="module")
def real(corpus: Path) -> list[tuple[Parsed, Example]]:
    found = []
    for name in ("elixir-makeup", "elixir-nimble-parsec", "elixir-earmark-parser", "elixir-ex-doc"):
        root = package(corpus, name)
        assert root is not None
        found += _real_rows(root / "lib")
    return found


def test_real_rows_keep_one_side_as_it_was_written(real: list[tuple[Parsed, Example]]) -> None:
    assert len(real) > 150
    for document, row in real:
        where = row.provenance
        written = document.dedented(Span(where.start_byte, where.end_byte))
        (shown,), (answer,) = unfenced(row.request), unfenced(row.answer)
        assert written in (shown, answer)
        assert shown != answer
        assert answer not in row.request
        assert FORMS.sub("", where.subject) in row.request


def test_real_rows_parse_on_both_sides(real: list[tuple[Parsed, Example]]) -> None:
    for _, row in real:
        for text in unfenced(row.request) + unfenced(row.answer):
            assert not parse(text.encode(), "elixir").root_node.has_error, text


def test_real_rows_are_of_many_kinds_and_no_kind_floods(
    real: list[tuple[Parsed, Example]],
) -> None:
    kinds = Counter(row.provenance.subject.rsplit("(", 1)[1] for _, row in real)
    assert len(kinds) >= 15
    assert max(kinds.values()) < len(real) / 3
    functions = Counter(
        (document.document.path, FORMS.sub("", row.provenance.subject)) for document, row in real
    )
    assert max(functions.values()) == 1


HOSTILE = [
    "defmodule A do\n  def f(x), do: " + "[" * 50_000 + "]" * 50_000 + "\nend\n",
    "defmodule A do\n  def f(x), do: unless x, do: " + "(" * 500 + "1" + ")" * 500 + "\nend\n",
    "defmodule A do\n  def f(x) do\n    unless x do\n",
    "defmodule A do\n" + "defmodule B do\nend\n" * 4_000 + "end\n",
    "defmodule A do\n  def f(x), do: " + "x |> g() " * 200 + "\nend\n",
    "defmodule A do\n  def f(), do: " + "f(" * 700 + ")" * 700 + "\nend\n",
    "defmodule A do\n  def f(x), do: " + 'x <> "a" <> ' * 150 + "x\nend\n",
    'defmodule A do\n  def f(é), do: if not é, do: "#{é}", else: &(&1)\nend\n',
    "a\0b",
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_raise_nothing(text: str) -> None:
    document = parsed(text)
    for _ in (
        Idiom(IdiomOptions.model_validate({}), 1).document(document) if document.has_tree else ()
    ):
        pass


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(UNLESS)), st.text('unless do end|>fn->()[]{}"#&,. \n', max_size=30))
def test_broken_code_raises_nothing(at: int, rubbish: str) -> None:
    made(dedent(UNLESS[:at] + rubbish + UNLESS[at:]))


def test_windows_line_ends_make_the_same_rows() -> None:
    (row,) = rows(dedent(UNLESS).replace("\n", "\r\n"))
    (same,) = rows(UNLESS)
    assert (row.request, row.answer) == (same.request, same.answer)
