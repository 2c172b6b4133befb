"""Branches as points: each arm under what it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from factory.syntax.steps import Arm, Branch
from transforms.otp.points import Point, headed
from transforms.otp.quote import MORE, UntellableError
from transforms.otp.tail import BOUND, EFFECT, Tail

if TYPE_CHECKING:
    from transforms.otp.tell import Teller


def point(teller: Teller, branch: Branch, tail: Tail) -> Point:
    """A branch as one point, its arms below. Raises `UntellableError`."""
    return _WORDS[branch.word](teller, branch, tail)


def _arm(teller: Teller, head: str, arm: Arm, tail: Tail) -> Point:
    points = teller.sequence(arm.steps, tail)
    return headed(head, points or [Point(teller.say("nothing"))])


def _if(teller: Teller, branch: Branch, tail: Tail) -> Point:
    if len(branch.subjects) != 1:
        raise UntellableError(MORE)
    test = teller.quote(branch.subjects[0])
    head = teller.say(branch.word, test=test)
    bound, assigned, _ = test.partition(" = ")
    inner = teller.rebound(tail, bound) if assigned else tail
    points = [
        _arm(teller, head, arm, inner)
        if arm.role == "body"
        else _arm(teller, teller.say("otherwise"), arm, tail)
        for arm in branch.arms
    ]
    return _chosen("", points)


def _chosen(head: str, points: list[Point]) -> Point:
    """The arms of a branch below its head; a short `if` without a head stays on one line."""
    if head:
        return Point(head, tuple(points), alone=True)
    if len(points) == 1:
        return replace(points[0], alone=True)
    short = all(not point.below and "; " not in point.text for point in points)
    if short and sum(len(point.text) for point in points) < 200:
        return Point(", ".join(point.text for point in points), alone=True)
    return Point("", tuple(points), alone=True)


def _case(teller: Teller, branch: Branch, tail: Tail) -> Point:
    if len(branch.subjects) != 1 or not branch.arms:
        raise UntellableError(MORE)
    head = teller.say("by", subject=teller.quote(branch.subjects[0]))
    return _chosen(head, [_matched(teller, arm, tail, "arm") for arm in branch.arms])


def _matched(teller: Teller, arm: Arm, tail: Tail, key: str) -> Point:
    if arm.condition is None:
        return _arm(teller, teller.say("otherwise"), arm, tail)
    pattern = teller.quote(arm.condition)
    tail = teller.rebound(tail, pattern)
    if pattern != "_":
        head = teller.say(key, pattern=pattern)
    elif key in ("rescues", "catches"):
        head = teller.say(f"{key}_any")
    else:
        head = teller.say("otherwise")
    return _arm(teller, head, arm, tail)


def _cond(teller: Teller, branch: Branch, tail: Tail) -> Point:
    points = []
    for arm in branch.arms:
        test = teller.quote(arm.condition) if arm.condition else ""
        head = teller.say("otherwise") if test == "true" else teller.say("if", test=test)
        points.append(_arm(teller, head, arm, tail))
    return _chosen(teller.say("first_true"), points)


def _with(teller: Teller, branch: Branch, tail: Tail) -> Point:
    clauses = []
    inner = tail
    for span in branch.subjects:
        left, arrow, right = teller.quote(span).partition(" <- ")
        inner = teller.rebound(inner, left if arrow else left.partition(" = ")[0])
        clauses.append(f"`{left}` from `{right}`" if arrow else f"`{left}`")
    if not any("` from `" in clause for clause in clauses):
        raise UntellableError(MORE)
    head = teller.say("goes_through", clauses=", then ".join(clauses))
    points = [
        _arm(teller, teller.say("all_match"), arm, inner)
        if arm.role == "body"
        else _matched(teller, arm, tail, "else_arm")
        for arm in branch.arms
    ]
    return _chosen(head, points)


def _try(teller: Teller, branch: Branch, tail: Tail) -> Point:
    keys = {"of": "of_arm", "else": "of_arm", "rescue": "rescues", "catch": "catches"}
    caught = any(arm.role in ("of", "else") for arm in branch.arms)
    points = []
    for arm in branch.arms:
        if arm.role == "body":
            below = teller.sequence(arm.steps, BOUND if caught else tail)
            points += below
        elif arm.role == "after":
            points.append(_arm(teller, teller.say("afterwards"), arm, EFFECT))
        else:
            points.append(_matched(teller, arm, tail, keys[arm.role]))
    return _chosen(teller.say("tries"), points)


def _receive(teller: Teller, branch: Branch, tail: Tail) -> Point:
    points = [
        _arm(teller, teller.say("after_time", time=teller.quote(arm.condition)), arm, tail)
        if arm.role == "after" and arm.condition
        else _matched(teller, arm, tail, "arm")
        for arm in branch.arms
    ]
    return _chosen(teller.say("receives"), points)


def _for(teller: Teller, branch: Branch, tail: Tail) -> Point:
    body = branch.arms[0]
    if len(branch.arms) != 1:
        raise UntellableError(MORE)
    heads = []
    for span in branch.subjects:
        text = teller.quote(span)
        left, arrow, right = text.partition(" <- ")
        if body.condition is not None:
            heads.append(teller.say("each", item=teller.quote(body.condition), list=text))
        elif arrow:
            heads.append(teller.say("each", item=left, list=right))
        else:
            heads.append(teller.say("where", filter=text))
    inner = EFFECT if tail is EFFECT or body.condition is not None else BOUND
    return replace(_arm(teller, " ".join(heads), body, inner), alone=True)


_WORDS: dict[str, Callable[[Teller, Branch, Tail], Point]] = {
    "if": _if,
    "unless": _if,
    "case": _case,
    "cond": _cond,
    "with": _with,
    "try": _try,
    "receive": _receive,
    "for": _for,
}
