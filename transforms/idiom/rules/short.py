"""A body on one line after `do:`, or between `do` and `end`."""

from __future__ import annotations

import re

from factory.syntax.rewrite import Edit, call, operator, text
from transforms.idiom.layout import indented, one_line, piece
from transforms.idiom.rule import Rule, Way, whole_unit
from transforms.idiom.unit import Unit

_WORTH_A_BLOCK = 24
"""Nobody would spread a shorter body over three lines, or one that calls nothing."""


def _to_block(unit: Unit) -> list[Edit]:
    heads = unit.heads
    if not heads or not all(h.short for h in heads) or len(heads) > 1:
        return []
    (only,) = heads
    parts = call(unit.definitions[0])
    if parts is None:
        return []
    keywords = parts.arguments[-1]
    comma = unit.source.rfind(b",", 0, keywords.start_byte)
    content = piece(unit, only.body[0])
    if len(content) < _WORTH_A_BLOCK or call(only.body[0]) is None:
        return []
    if "\n" in unit.source[comma : only.body[0].start_byte].decode():
        content = one_line(content)
    return [Edit(comma, keywords.end_byte, f" do\n{indented(content)}\nend")]


def _to_short(unit: Unit) -> list[Edit]:
    heads = unit.heads
    if len(heads) != 1 or heads[0].short or len(heads[0].body) != 1:
        return []
    (only,) = heads
    content = only.body[0]
    parts = call(content)
    if "\n" in text(content) or operator(content) == "=" or (parts and parts.block):
        return []
    if parts is None or (parts.arguments and not parts.parens):
        return []
    definition = call(unit.definitions[0])
    if definition is None or definition.block is None:
        return []
    start = definition.arguments[-1].end_byte
    made = f", do: {text(content)}"
    if unit.column(start) + len(made) > 90:
        return []
    return [Edit(start, definition.block.end_byte, made)]


SHORT_BODY = Rule(
    "short_body",
    1,
    "`do: expression` and `do … end` around one expression are the same syntax tree.",
    (
        Way(
            "one_line_body",
            "block_body",
            (),
            re.compile(rb", do: "),
            whole_unit(_to_block),
            made=1,
            most=1,
        ),
        Way(
            "block_body",
            "one_line_body",
            (),
            re.compile(rb"\bdo\n[^\n]*\n *end\Z"),
            whole_unit(_to_short),
            made=1,
            real=1,
            most=1,
        ),
    ),
)
