"""Children and strategy of a supervisor, told from the last step of the function that sets them.

Children and options that are bound to a variable just above are read there. A list that code puts
together stays code: it is quoted, or its building told step by step by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from factory.syntax import Span
from factory.syntax.otp import Child, Flags, child, flags
from factory.syntax.steps import Call, Let, Step, Tuple, list_items, tuple_items
from transforms.otp.known import normal
from transforms.otp.points import Point

if TYPE_CHECKING:
    from transforms.otp.tell import Teller

_STARTS = frozenset({"Supervisor.start_link", "Supervisor.init"})
_DYNAMIC = frozenset({"DynamicSupervisor.init"})
_CHILD_SPEC = re.compile(r"Supervisor\.child_spec\(([\w.]+|\{[\w.]+, .+?\}), (.+)\)", re.DOTALL)


@dataclass(frozen=True)
class Supervised:
    """What remains to be told before, and the points about children and strategy."""

    before: Sequence[Step]
    points: list[Point]


class _Bound:
    """The bindings of a body that can be read in place of their variables; those that were."""

    def __init__(self, teller: Teller, steps: Sequence[Step]) -> None:
        self.teller = teller
        self.lets: dict[str, Let] = {}
        self.read: dict[str, Let] = {}
        for step in steps:
            if isinstance(step, Let):
                name = teller.variable(step.pattern)
                if name in self.lets:
                    self.lets.pop(name)
                elif name:
                    self.lets[name] = step

    def value(self, span: Span) -> Span:
        name = self.teller.variable(span)
        let = self.lets.get(name)
        if let is None or isinstance(let.value, Let):
            return span
        self.read[name] = let
        return let.value.span

    def rest(self, steps: Sequence[Step]) -> list[Step]:
        """The steps without the bindings that were read, unless another step needs them too."""
        kept = [step for step in steps if step not in self.read.values()]
        text = " ".join(self.teller.parsed.text(step.span) for step in kept)
        needed = [name for name in self.read if re.search(rf"\b{re.escape(name)}\b", text)]
        return [s for s in steps if s in kept or any(self.read[name] is s for name in needed)]


def points(teller: Teller, steps: Sequence[Step], role: str) -> Supervised | None:
    """The points of a body that ends by starting a supervisor or describing one; None when it
    does neither. Raises `UntellableError`."""
    bound, last = _Bound(teller, steps[:-1]), steps[-1]
    found: list[Point] | None = None
    if isinstance(last, Call):
        name = normal(last.target)
        if name in _STARTS and _lists(teller, last):
            found = _listed(teller, bound, last.arguments[0])
            found += _flagged(teller, bound, last.arguments[1:], name.endswith("start_link"))
        elif name in _DYNAMIC and len(last.arguments) == 1:
            found = _flagged(teller, bound, last.arguments, False)
    elif isinstance(last, Tuple) and role == "children" and len(last.elements) == 2:
        inside = tuple_items(teller.parsed.root, last.elements[1])
        if inside is not None and len(inside) == 2:
            found = _listed(teller, bound, inside[1])
            found += _flagged(teller, bound, inside[:1], False)
    return Supervised(bound.rest(steps[:-1]), found) if found is not None else None


def _lists(teller: Teller, call: Call) -> bool:
    """Whether Elixir's `Supervisor.start_link` or `init` is given children, not a module."""
    if teller.language == "erlang" or len(call.arguments) not in (1, 2):
        return False
    return teller.parsed.text(call.arguments[0]) not in ("__MODULE__", teller.name)


def _listed(teller: Teller, bound: _Bound, span: Span) -> list[Point]:
    items = list_items(teller.parsed.root, bound.value(span))
    if items is None:
        if teller.variable(span):
            bound.read.pop(teller.variable(span), None)
        return [Point(teller.say("supervises_code", children=teller.quote(span)))]
    if not items:
        return [Point(teller.say("supervises_none"))]
    places = [bound.value(item) for item in items]
    below = tuple(Point(_child(teller, at)) for at in places)
    head = teller.say("supervises_one" if len(items) == 1 else "supervises")
    if all(len(tuple_items(teller.parsed.root, at) or ()) == 6 for at in places):
        head = f"{head} ({teller.say('tuple_form')})"
    return [Point(head, below, alone=True)]


def _child(teller: Teller, span: Span) -> str:
    found = child(teller.parsed.root, teller.parsed.source, span)
    if found is None:
        changed = _CHILD_SPEC.fullmatch(teller.quote(span))
        if changed:
            return teller.say("child_options", module=changed[1], options=changed[2])
        return teller.say("child_code", code=teller.quote(span))
    if found.module is not None:
        module = teller.quote(found.module)
        if found.argument is None:
            return teller.say("child_module", module=module)
        return teller.say("child_with", module=module, argument=teller.quote(found.argument))
    parts = [_full(teller, found)]
    for key in ("restart", "significant", "shutdown", "type", "modules"):
        value = getattr(found, key)
        if value is not None:
            parts.append(teller.say(f"child_{key}", value=teller.quote(value)))
    return ", ".join(parts)


def _full(teller: Teller, found: Child) -> str:
    assert found.id is not None
    if found.start is not None:
        start = teller.quote(found.start)
        return teller.say("child_started", id=teller.quote(found.id), start=start)
    assert found.function is not None
    assert found.arguments is not None
    module, function = map(teller.quote, found.function)
    arguments = teller.quote(found.arguments)
    mark = ":" if teller.language == "erlang" else "."
    start = f"{module}{mark}{function.removeprefix(':')}"
    if arguments.startswith("[") and arguments.endswith("]") and " | " not in arguments:
        return teller.say(
            "child_full", id=teller.quote(found.id), start=f"{start}({arguments[1:-1]})"
        )
    return teller.say("child_applied", id=teller.quote(found.id), start=start, arguments=arguments)


def _flagged(teller: Teller, bound: _Bound, given: Sequence[Span], starts: bool) -> list[Point]:
    if not given:
        return []
    found = flags(teller.parsed.root, teller.parsed.source, bound.value(given[0]))
    if found is None:
        bound.read.pop(teller.variable(given[0]), None)
        return [Point(teller.say("flags_code", flags=teller.quote(given[0])))]
    parts = _said(teller, found, starts)
    return [Point(", ".join(parts))] if parts else []


def _said(teller: Teller, found: Flags, starts: bool) -> list[str]:
    parts: list[str] = []
    if found.strategy is not None:
        parts.append(teller.say("strategy", strategy=teller.quote(found.strategy)))
    if found.intensity is not None and found.period is not None:
        facts = {
            "intensity": teller.quote(found.intensity),
            "period": teller.quote(found.period),
        }
        parts.append(teller.say("intensity", **facts))
    elif found.intensity is not None:
        parts.append(teller.say("intensity_alone", intensity=teller.quote(found.intensity)))
    elif found.period is not None:
        parts.append(teller.say("period_alone", period=teller.quote(found.period)))
    for key, span in found.others:
        if key == "name" and starts:
            parts.append(teller.say("supervisor_name", name=teller.quote(span)))
        else:
            parts.append(teller.say("flag", name=key, value=teller.quote(span)))
    return parts
