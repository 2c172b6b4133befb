"""What a rule is: two forms that mean the same under a stated precondition, and ways between them.

A way turns every site of one form in a unit into the other form, or leaves a site alone where its
precondition cannot be seen to hold. Rows come from a way in two manners: real code is rewritten
(the answer is made), or real code is the answer and its rewriting the question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from factory.syntax import Node
from factory.syntax.rewrite import Edit, apply
from transforms.idiom.layout import UnfitError, shifted
from transforms.idiom.unit import Place, Unit

MAX_SITES = 6
"""More sites than this in one function make a row tedious rather than instructive."""

MAX_ROUNDS = 4
"""Sites inside sites are rewritten in further rounds, at most so many."""

Rewrite = Callable[[Unit], list[Edit]]
Site = Callable[[Unit, Place], Edit | None]


@dataclass(frozen=True)
class Way:
    """From form `source` to form `target`.

    `needles` are texts of which a unit must hold one, for ways rare enough to be looked for in the
    whole file; `trigger` must find something too. `made` is the weight of rows that ask for
    `target` with a made answer, `real` of rows that ask for `source` with real code as the answer;
    `most` is the most rows of it from one file, few for what nearly every file has.
    """

    source: str
    target: str
    needles: tuple[bytes, ...]
    trigger: re.Pattern[bytes]
    rewrite: Rewrite
    made: int = 0
    real: int = 0
    most: int = 6


@dataclass(frozen=True)
class Rule:
    """`precondition` says in words when both forms mean the same; its checks are the rule's."""

    name: str
    version: int
    precondition: str
    ways: tuple[Way, ...]


def at_each(site: Site, *kinds: str) -> Rewrite:
    """A rewriting that tries `site` at every place whose node is of one of `kinds`. What lies
    inside a site that was taken waits for the next round."""

    def rewrite(unit: Unit) -> list[Edit]:
        edits: list[Edit] = []
        end = 0
        for place in unit.places:
            if place.node.type not in kinds or place.node.start_byte < end:
                continue
            try:
                edit = site(unit, place)
            except UnfitError:
                continue
            if edit is not None and edit.start >= end:
                edits.append(edit)
                end = edit.end
        return edits

    return rewrite


def whole_unit(made: Rewrite) -> Rewrite:
    """A rewriting that looks at the function as a whole."""

    def rewrite(unit: Unit) -> list[Edit]:
        try:
            return made(unit)
        except UnfitError:
            return []

    return rewrite


def replace(unit: Unit, node: Node, made: str) -> Edit:
    """`made`, a piece, in the node's place."""
    return Edit(node.start_byte, node.end_byte, shifted(made, unit.indent(node.start_byte)))


def statement(unit: Unit, node: Node, made: str) -> Edit:
    """`made` in the stead of a statement, set off by blank lines as `mix format` sets off what
    takes several lines."""
    edit = replace(unit, node, made)
    if "\n" not in made or node.start_point[0] != node.end_point[0] or not unit.starts_line(node):
        return edit
    start, end, content = edit
    before, after = node.prev_named_sibling, node.next_named_sibling
    if before and before.type != "comment" and before.end_point[0] == node.start_point[0] - 1:
        start -= unit.column(start)
        content = "\n" + unit.source[start : edit.start].decode() + content
    if after and not after.type.endswith("_block"):
        content += "\n" if after.start_point[0] == node.end_point[0] + 1 else ""
    return Edit(start, end, content)


def applied(way: Way, unit: Unit) -> Unit | None:
    """The unit with every site rewritten; None where there is none, where a comment would be
    lost, or where it would be too much for one row."""
    sites = 0
    now = unit
    for _ in range(MAX_ROUNDS):
        edits = way.rewrite(now)
        if not edits:
            break
        sites += len(edits)
        now = Unit(apply(now.source, edits), unit.around)
        if now.broken or sites > MAX_SITES:
            return None
        if not way.trigger.search(now.source):
            break
    if not sites or now.comments != unit.comments:
        return None
    return now
