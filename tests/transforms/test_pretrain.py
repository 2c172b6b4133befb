"""Whole files in the order of their uses, split between functions, one licence to a row."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.parsed import Parsed
from factory.records import Document, Example, LeftOut
from transforms.order import in_order
from transforms.pretrain import ASIDE, SHORT, Pretrain, PretrainOptions, split

LANGUAGES = {
    "ex": "elixir",
    "exs": "elixir",
    "erl": "erlang",
    "hrl": "erlang",
    "heex": "heex",
    "eex": "eex",
    "md": "markdown",
}


def parsed(path: str, text: str, licence: str = "MIT") -> Parsed:
    language = LANGUAGES[path.rsplit(".", 1)[1]]
    one = Parsed(Document("t", "r", "1", "sha256:0", "r", path, language, licence, text))
    one.forget_tree()
    return one


def made(documents: Sequence[Parsed], **options: object) -> list[Example]:
    options.setdefault("shortest", 20)
    found = list(Pretrain(PretrainOptions(**options), 7).release(documents))
    assert all(isinstance(row, Example) for row in found), found
    return [row for row in found if isinstance(row, Example)]


def paths(documents: Sequence[Parsed]) -> list[str]:
    return [one.document.path for one in documents]


CART = parsed("lib/a_cart.ex", "defmodule Cart do\n  def sum(c), do: Price.add(c.prices)\nend\n")
PRICE = parsed("lib/price.ex", "defmodule Price do\n  def add(prices), do: Enum.sum(prices)\nend\n")
GUIDE = parsed("a_guide.md", "# Guide\n\nCall `Cart.sum/1` and be happy with what comes out.\n")


def test_a_file_comes_after_what_it_uses() -> None:
    assert paths(in_order([CART, GUIDE, PRICE])) == ["lib/price.ex", "lib/a_cart.ex", "a_guide.md"]


def test_a_row_is_a_file_under_its_path() -> None:
    price, cart, guide = made([CART, GUIDE, PRICE])
    assert price.text == f"# lib/price.ex\n{PRICE.document.text}"
    assert guide.text == f"<!-- a_guide.md -->\n{GUIDE.document.text}"
    assert (cart.format, cart.task, cart.language) == ("text", "pretrain", "elixir")
    assert cart.provenance.end_byte == len(CART.source)
    assert [row.text for row in made([PRICE], headers=False)] == [PRICE.document.text]


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("src/a.erl", "% src/a.erl"),
        ("lib/a.heex", "<!-- lib/a.heex -->"),
        ("lib/a.eex", "<!-- lib/a.eex -->"),
        ("a --> b\n.md", "<!-- a   b .md -->"),
    ],
)
def test_headers_are_comments_of_the_language(path: str, header: str) -> None:
    text = "-module(a).\n-export([long_enough/1]).\n%% whatever the language\n"
    (row,) = made([parsed(path, text)])
    assert row.text.split("\n", 1) == [header, text]


def test_the_line_that_says_what_runs_a_script_stays_first() -> None:
    (row,) = made([parsed("bin/a.erl", "#!/usr/bin/env escript\nmain(_) -> io:format(hello).\n")])
    assert row.text.split("\n")[:2] == ["#!/usr/bin/env escript", "% bin/a.erl"]


def test_erlang_headers_come_before_the_files_that_include_them() -> None:
    code = parsed("src/a.erl", '-module(a).\n-include("z.hrl").\nf() -> z:g().\n')
    header = parsed(
        "src/include/z.hrl", "-record(z, {of = 0 :: integer(), to = 9 :: integer()}).\n"
    )
    other = parsed("src/z.erl", "-module(z).\n-export([g/0]).\ng() -> 1.\n")
    assert paths(in_order([code, header, other]))[-1] == "src/a.erl"


def test_a_ring_is_broken_where_compilation_allows_it() -> None:
    a = parsed("lib/a.ex", "defmodule A do\n  use B\n  def f, do: 1\nend\n")
    b = parsed("lib/b.ex", "defmodule B do\n  def g, do: A.f()\nend\n")
    assert paths(in_order([a, b])) == ["lib/b.ex", "lib/a.ex"]


@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=25),
    st.randoms(use_true_random=False),
)
def test_order_respects_uses_and_ignores_the_order_given(
    edges: list[tuple[int, int]], shuffler: random.Random
) -> None:
    files = [
        parsed(
            f"lib/m{i:02}.ex",
            f"defmodule M{i} do\n"
            + "".join(f"  def f{to}, do: M{to}.f()\n" for at, to in edges if at == i)
            + "end\n",
        )
        for i in range(12)
    ]
    shuffled = list(files)
    shuffler.shuffle(shuffled)
    ordered = paths(in_order(shuffled))
    assert ordered == paths(in_order(files))
    assert sorted(ordered) == paths(files)
    reach = [{i} for i in range(12)]
    for _ in range(12):
        for at, to in edges:
            reach[at] |= reach[to]
    place = {path: i for i, path in enumerate(ordered)}
    for at, to in edges:
        if at not in reach[to]:
            assert place[f"lib/m{to:02}.ex"] < place[f"lib/m{at:02}.ex"]


def test_a_chain_of_many_files_is_no_reason_to_fail() -> None:
    files = [
        parsed(f"m{i:04}.ex", f"defmodule M{i} do\n  def f, do: M{i + 1}.f()\nend\n")
        for i in range(3_000)
    ]
    assert paths(in_order(files)) == paths(files)[::-1]


def test_rows_never_mix_licences_or_languages() -> None:
    documents = [
        parsed(
            f"lib/f{i}.ex", f"defmodule F{i} do\n  def f(x), do: x + {i} * 1_000\nend\n", licence
        )
        for i, licence in enumerate(["MIT", "Apache-2.0", "MIT", "Apache-2.0", "MIT"])
    ] + [GUIDE]
    found = made(documents, pack=4_000)
    assert sorted((row.licence, row.language, row.text.count("defmodule")) for row in found) == [
        ("Apache-2.0", "elixir", 2),
        ("MIT", "elixir", 3),
        ("MIT", "markdown", 0),
    ]
    packed = next(row for row in found if row.licence == "Apache-2.0")
    assert packed.text == "".join(
        f"# lib/f{i}.ex\n{documents[i].document.text}{end}" for i, end in ((1, "\n"), (3, ""))
    )
    assert packed.provenance.related == ("lib/f3.ex",)


def test_packed_rows_keep_to_their_bytes() -> None:
    documents = [
        parsed(f"lib/f{i:02}.ex", f"defmodule F{i} do\n" + f"  def f{i}, do: {i}\n" * 20 + "end\n")
        for i in range(30)
    ]
    found = made(documents, pack=1_500)
    assert 1 < len(found) < 30
    assert all(len(row.text.encode()) <= 1_500 for row in found)


def test_short_and_unread_files_are_left_out_with_their_reason() -> None:
    documents = [parsed("lib/a.ex", "1\n"), parsed("lib/b.ex", "y" * 250_000)]
    found = list(Pretrain(PretrainOptions(), 7).release(documents))
    assert [(x.path, x.reason) for x in found if isinstance(x, LeftOut)] == [
        ("lib/a.ex", SHORT),
        ("lib/b.ex", "not read: a line longer than 200,000 bytes"),
    ]
    assert len(found) == 2


def test_a_licence_is_not_what_makes_a_file_long() -> None:
    terms = "%% You may do with this whatever you like, in any place and at any time.\n" * 9
    little = parsed("src/a.erl", f"{terms}-module(a).\n-export([f/0]).\nf() -> ok.\n")
    enough = parsed("src/b.erl", f"{terms}-module(b).\n" + "-export([first_of_many/1]).\n" * 5)
    found = list(Pretrain(PretrainOptions(), 7).release([little, enough]))
    assert [x.reason if isinstance(x, LeftOut) else x.text for x in found] == [
        SHORT,
        f"% src/b.erl\n{enough.document.text}",
    ]


@pytest.mark.parametrize("path", ["CODE_OF_CONDUCT.md", "docs/LICENSE.md", "licence-of-assets.md"])
def test_texts_about_people_and_terms_are_left_out(path: str) -> None:
    one = parsed(path, "# Terms\n\n" + "Be kind to others, and to yourself as well. " * 9)
    (found,) = Pretrain(PretrainOptions(), 7).release([one])
    assert isinstance(found, LeftOut) and found.reason == ASIDE


def test_a_long_file_is_split_between_functions() -> None:
    functions = [f"  def f{i}(x) do\n    x + {i} * 1_000_000\n  end\n" for i in range(60)]
    one = parsed("lib/long.ex", "defmodule Long do\n" + "\n".join(functions) + "end\n")
    found = made([one], limit=1_000)
    assert len(found) > 2
    assert found[0].text.startswith(f"# lib/long.ex (part 1 of {len(found)})\ndefmodule Long do\n")
    assert found[1].text.split("\n")[1].startswith("  def f")
    assert "".join(row.text.split("\n", 1)[1] for row in found) == one.document.text


def test_a_function_is_never_cut_however_long() -> None:
    body = "".join(f"    step_{i}(x)\n" for i in range(200))
    one = parsed(
        "lib/long.ex", f"defmodule Long do\n  def f(x) do\n{body}  end\n\n  def g, do: 1\nend\n"
    )
    texts = [one.text(span) for span in split(one, 1_000)]
    assert sum(body in text for text in texts) == 1
    assert "".join(texts) == one.document.text


def test_markdown_is_split_at_headings_outside_code() -> None:
    section = "## Part\n\n```elixir\n# not a heading\n```\n\n" + "word " * 60 + "\n\n"
    one = parsed("guide.md", "# Guide\n\n" + section * 10)
    texts = [one.text(span) for span in split(one, 1_000)]
    assert "".join(texts) == one.document.text
    assert len(texts) > 3
    assert all(text.startswith(("# Guide", "## Part")) for text in texts)


def test_real_files_are_whole_and_cut_only_between_functions(corpus: Path) -> None:
    files = [
        *(corpus / "elixir-nimble-parsec").rglob("*.ex*"),
        *(corpus / "erlang-cowlib").rglob("*.erl"),
        *(corpus / "elixir-makeup").rglob("*.md"),
    ]
    pieces = 0
    for file in sorted(files):
        one = parsed(str(file), file.read_text(encoding="utf-8"))
        spans = split(one, 4_000)
        assert "".join(one.text(span) for span in spans) == one.document.text
        cuts = {span.start for span in spans[1:]}
        for module in one.outline.every_module():
            for function in module.functions:
                for clause in function.clauses:
                    inside = range(clause.span.start + 1, clause.span.end)
                    assert cuts.isdisjoint(inside)
        pieces += len(spans)
    assert pieces > len(files) * 2


def test_licences_come_from_the_document() -> None:
    other = replace(PRICE.document, licence="LGPL-3.0-only")
    assert [row.licence for row in made([Parsed(other)])] == ["LGPL-3.0-only"]
