"""Taking Elixir's tree apart by hand, and editing by span."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.syntax import Node, parse
from factory.syntax.rewrite import (
    Edit,
    apply,
    call,
    comments,
    keyword_values,
    named,
    operand,
    operator,
    pipeline,
    primary,
    sides,
    text,
    walk,
)


def only(source: str) -> Node:
    """The one expression of a source."""
    (node,) = named(parse(source.encode(), "elixir").root_node)
    return node


@given(
    st.lists(st.text(min_size=1, max_size=5), max_size=8),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_edits_replace_their_spans_and_nothing_else(parts: list[str], chosen: list[bool]) -> None:
    edits, at, expected = [], 0, []
    for part, change in zip(parts, chosen, strict=False):
        size = len(part.encode())
        if change:
            edits.append(Edit(at, at + size, f"<{part}>"))
        expected.append(f"<{part}>" if change else part)
        at += size
    source = "".join(parts).encode()
    assert apply(source, reversed(edits)) == "".join(expected).encode()


def test_overlapping_edits_are_refused() -> None:
    with pytest.raises(ValueError, match="byte 1"):
        apply(b"abc", [Edit(0, 2, "x"), Edit(1, 3, "y")])


@pytest.mark.parametrize(
    ("source", "module", "name", "arguments", "parens", "block"),
    [
        ("f(1, b: 2)", "", "f", ["1", "b: 2"], True, False),
        ("f 1, 2", "", "f", ["1", "2"], False, False),
        ("A.B.f()", "A.B", "f", [], True, False),
        (":lists.map(f, x)", ":lists", "map", ["f", "x"], True, False),
        ("x.y", "x", "y", [], False, False),
        ("f.(1)", "f", "", ["1"], True, False),
        ("if x do\n  1\nend", "", "if", ["x"], False, True),
        ("f(1, # one\n  2)", "", "f", ["1", "2"], True, False),
    ],
)
def test_a_call_taken_apart(
    source: str, module: str, name: str, arguments: list[str], parens: bool, block: bool
) -> None:
    parts = call(only(source))
    assert parts is not None
    assert (parts.module, parts.name, parts.parens) == (module, name, parens)
    assert [text(argument) for argument in parts.arguments] == arguments
    assert (parts.block is not None) == block
    assert parts.label.endswith(f"{name}/{len(arguments)}")


def test_what_is_no_call_has_no_parts() -> None:
    assert call(only("1 + 2")) is None
    assert call(None) is None


def test_a_pipeline_in_order() -> None:
    assert [text(step) for step in pipeline(only("a |> b() |> c(1)\n|> d"))] == [
        "a",
        "b()",
        "c(1)",
        "d",
    ]
    assert [text(step) for step in pipeline(only("a + b"))] == ["a + b"]


def test_operators_and_their_sides() -> None:
    node = only("x not   in y")
    assert operator(node) == "not in"
    pair = sides(node)
    assert pair is not None
    assert [text(side) for side in pair] == ["x", "y"]
    assert sides(only("-x")) is None
    assert operator(only("f(x)")) == ""


def test_an_operand_comes_without_the_captures_parentheses() -> None:
    held = operand(only("&(&1 + 1)"))
    assert held is not None
    assert text(held) == "&1 + 1"
    assert operand(only("x + 1")) is None


@pytest.mark.parametrize(
    ("source", "tight"),
    [
        ("x", True),
        ("@timeout", True),
        ("f(x)", True),
        ("x.y", True),
        ("x[:y]", True),
        ("[1, 2]", True),
        ("f x", False),
        ("x + 1", False),
        ("not x", False),
        ("fn -> 1 end", False),
        ("if x do\n  1\nend", False),
    ],
)
def test_what_binds_tightly(source: str, tight: bool) -> None:
    assert primary(only(source)) == tight


def test_keywords_by_key() -> None:
    parts = call(only("if x, do: 1, else: a + b"))
    assert parts is not None
    values = keyword_values(parts.arguments[-1])
    assert {key: text(value) for key, value in values.items()} == {"do": "1", "else": "a + b"}
    assert keyword_values(parts.arguments[0]) == {}


def test_walking_needs_no_recursion_and_counts_comments() -> None:
    deep = "[" * 5_000 + "]" * 5_000
    assert sum(node.type == "list" for node in walk(only(deep))) == 5_000
    assert comments(parse(b"# one\nf(1) # two\n'# none'", "elixir").root_node) == 2
