"""Heads of clauses in words: which message, from whom, in which state, under which guard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from factory.syntax import Clause, Function, Span
from factory.syntax.otp import asked

if TYPE_CHECKING:
    from transforms.otp.tell import Teller

_ITSELF = re.compile(r"^(?:state|State|data|Data|S)\s*=\s*|\s*=\s*(?:state|State|data|Data|S)$")
_USUAL = frozenset({"state", "State", "data", "Data", "S"})
_GIVEN = frozenset({"init", "children", "terminate"})
_TELLS_OF_ANY = _GIVEN | {"call", "cast", "info", "event", "event_call"}


def head(teller: Teller, function: Function, clause: Clause, role: str) -> str:
    """What the bullet of a clause begins with. Raises `UntellableError`."""
    at = asked(role, clause)
    guard = [teller.say("guard", guard=teller.quote(clause.guard))] if clause.guard else []
    if at is None or at.message is None:
        head = teller.say("head_other", head=teller.quote(clause.head))
        return " ".join([head, *guard])
    message = teller.quote(at.message)
    notes = []
    if at.sender is not None and role == "call":
        sender = teller.quote(at.sender)
        notes += [teller.say("from", sender=sender)] if not sender.startswith("_") else []
    if at.state is not None:
        notes += _state_note(teller, at.state)
    plain = teller.variable(at.message) if role in _TELLS_OF_ANY and not guard else ""
    every = f"{'any' if _one_before(teller, function, clause, role) else 'every'}_{role}"
    unnamed = plain.startswith("_")
    if role == "state" and at.event is not None:
        event = _event_type(teller, at.event)
        head = teller.say("head_state", name=function.name, event=event, message=message)
    elif role == "any_state" and at.event is not None and at.current is not None:
        head = teller.say(
            "head_any_state",
            event=_event_type(teller, at.event),
            message=message,
            current=teller.quote(at.current),
        )
    elif plain and (unnamed or role not in _GIVEN):
        head = teller.say(every)
        notes += [] if unnamed else [teller.say("taken_as", message=message)]
    else:
        head = teller.say(f"head_{role}", message=message)
    notes += guard
    return f"{head}, {', '.join(notes)}" if notes else head


def _event_type(teller: Teller, span: Span) -> str:
    """A `gen_statem`'s event type with its ticks, `any` for a variable that is not used."""
    return "any" if teller.variable(span).startswith("_") else f"`{teller.quote(span)}`"


def _state_note(teller: Teller, span: Span) -> list[str]:
    name = teller.variable(span)
    if name:
        if name.startswith("_") or name in _USUAL:
            return []
        return [teller.say("state_named", state=name)]
    pattern = _ITSELF.sub("", teller.quote(span))
    return [teller.say(f"{teller.data}_is", state=pattern)]


def _one_before(teller: Teller, function: Function, clause: Clause, role: str) -> bool:
    """Whether an earlier clause takes a message of its own: then this one takes all others."""
    for earlier in function.clauses:
        if earlier is clause:
            break
        at = asked(role, earlier)
        if at is not None and at.message is not None and not teller.variable(at.message):
            return True
    return False
