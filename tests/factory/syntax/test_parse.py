"""Parsing within a number of steps: real and dense source is parsed, what is written to harm is
given up, and what can be parsed gives the tree that it always gave."""

from __future__ import annotations

from pathlib import Path

import pytest

from factory.syntax import read
from factory.syntax.parse import parse, parse_frugally

GIVEN_UP = "takes too many steps to parse"


@pytest.mark.parametrize("size", [8_000, 150_000])
@pytest.mark.parametrize(
    ("language", "unit"),
    [
        ("elixir", b", & "),
        ("elixir", b", + "),
        ("elixir", b"do - & "),
        ("elixir", b"f a - @"),
        ("elixir", b"- f a + "),
        ("elixir", b"... .. + "),
        ("erlang", b"+ | "),
        ("erlang", b"! not "),
    ],
)
def test_what_takes_the_square_of_its_size_is_given_up(
    language: str, unit: bytes, size: int
) -> None:
    source = unit * (size // len(unit))
    outline, tree = read(source, language)
    assert (outline.truncated, tree) == (GIVEN_UP, None)
    assert read(source, language)[0] == outline


def test_after_giving_up_the_parser_reads_as_before() -> None:
    source = b"defmodule A do\n  def f(x), do: x\nend\n"
    before = str(parse(source, "elixir").root_node)
    assert parse_frugally(b", & " * 5_000, "elixir") is None
    after = parse_frugally(source, "elixir")
    assert after is not None
    assert str(after.root_node) == before


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"1, " * 30_000 + b"1]",
        b"<<" + b"255, " * 20_000 + b"0>>",
        b"[" + b"a: 1, " * 15_000 + b"b: 2]",
        b"x" + b" |> f()" * 5_000,
        b"x" + b"\n|> f()" * 20_000,
        b'"a"' + b' <> "b"' * 5_000,
        b"x" + b" + y" * 400,
        b"%{" + b'"a" => {:b, 1}, ' * 8_000 + b'"c" => 1}',
        b"\n".join(b"  def f(%d), do: [?a, :b | %d]" % (n, n) for n in range(4_000)),
    ],
    ids=lambda body: f"{body[:14]!r}",
)
def test_dense_source_is_parsed(body: bytes) -> None:
    outline, tree = read(b"defmodule A do\n" + body + b"\nend\n", "elixir")
    assert tree is not None
    assert outline.truncated == ""
    assert [module.name for module in outline.modules] == ["A"]


def test_markdown_is_text_and_never_reaches_its_parser() -> None:
    outline, tree = read(b">" * 5_000 + b" quoted\n", "markdown")
    assert (outline.truncated, outline.modules, outline.errors, tree) == ("", (), (), None)


def test_the_tree_is_that_of_an_unlimited_parse(corpus: Path) -> None:
    paths = [*corpus.rglob("*.ex"), *corpus.rglob("*.erl")]
    for path in sorted(paths)[::25]:
        source = path.read_bytes()
        language = "erlang" if path.suffix == ".erl" else "elixir"
        frugal = parse_frugally(source, language)
        assert frugal is not None, path
        assert str(frugal.root_node) == str(parse(source, language).root_node)
