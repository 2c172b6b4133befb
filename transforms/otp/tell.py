"""What a clause does, as points of a list: by rule, from its steps, in the order of the code.

Messages, replies, state changes, stops and calls of OTP's functions are told in words, so that the
answer has to know how they are spelled; other expressions are quoted. What cannot be quoted on a
line raises `UntellableError`. Nothing is said about what code means: that comes from documentation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from factory.parsed import Parsed
from factory.syntax import Clause, Function, Module, Span
from factory.syntax.otp import EVENT, STATEM, Told, asked, told
from factory.syntax.steps import (
    Arm,
    Branch,
    Call,
    Let,
    Pipe,
    Plain,
    Step,
    steps_of,
)
from transforms.facts import Voice, listed
from transforms.otp import known, supervise
from transforms.otp.points import Point, headed
from transforms.otp.quote import MORE, UntellableError, one_line

MAX_STEPS = 12
"""A body of more steps than this is an algorithm, and a list of its steps no request."""

LONGEST_NOTE = 160
_VARIABLE = re.compile(r"[a-z_]\w*[?!]?|[A-Z_]\w*")
_ELIXIR_VARIABLE = re.compile(r"[a-z_]\w*[?!]?")
_ERLANG_VARIABLE = re.compile(r"[A-Z_]\w*")
_WORD = re.compile(r"\w+[?!]?")
_CONSTANT = re.compile(r":?[a-z]\w*|\[\]|\d+")
_PROSE = re.compile(r"[A-Z][\w' ,()`./:;-]+$")
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
_ITSELF = re.compile(r"^(?:state|State|data|Data|S) = | = (?:state|State|data|Data|S)$")
_USUAL = frozenset({"state", "State", "data", "Data", "S"})
_GIVEN = frozenset({"init", "children", "terminate"})
_TELLS_OF_ANY = _GIVEN | {"call", "cast", "info", "event", "event_call"}


@dataclass(frozen=True)
class Tail:
    """What the last step of a sequence is for: the result of a callback (its `role` and the name
    of its state, and whether that name was bound anew), of a function, of a binding, or nothing."""

    kind: str
    role: str = ""
    state: str = ""
    anew: bool = False


EFFECT = Tail("effect")
VALUE = Tail("value")
BOUND = Tail("bound")


class Teller:
    """Tells the functions of one module with one voice."""

    def __init__(
        self, parsed: Parsed, module: Module, name: str, kinds: tuple[str, ...], voice: Voice
    ) -> None:
        self.parsed = parsed
        self.module = module
        self.name = name
        self.kinds = kinds
        self.voice = voice
        self.language = parsed.document.language
        self.data = "data" if STATEM in kinds else "state"

    def say(self, key: str, **facts: str | int) -> str:
        return self.voice.say(key, **facts)

    def quote(self, span: Span) -> str:
        return one_line(self.parsed.text(span), self.language)

    def variable(self, span: Span) -> str:
        """The variable that stands at `span`, "" when something else does."""
        text = self.parsed.text(span)
        pattern = _ERLANG_VARIABLE if self.language == "erlang" else _ELIXIR_VARIABLE
        return text if pattern.fullmatch(text) else ""

    def clauses(
        self, function: Function, role: str, *, spec: str = "", said: str = ""
    ) -> list[Point]:
        """A point for each clause; `spec` and what is `said` of the function stand in the only
        one, or above all. Raises `UntellableError`."""
        bodies = [clause for clause in function.clauses if clause.body is not None]
        spec = f", {self.say('spec', spec=spec)}" if spec else ""
        above = [Point(said.rstrip("."))] if said else []
        if len(bodies) == len(function.clauses) == 1:
            return [self.clause(function, bodies[0], role, spec, above)]
        points = [self.clause(function, clause, role) for clause in bodies]
        if len(bodies) == len(function.clauses) and not spec and not above:
            return points
        head = function.clauses[0].head if len(bodies) < len(function.clauses) else None
        title = f"`{self.quote(head) if head else function.label}`{spec}"
        return [Point(f"{title}: {above[0].text}" if above else title, tuple(points))]

    def clause(
        self,
        function: Function,
        clause: Clause,
        role: str,
        spec: str = "",
        above: Sequence[Point] = (),
    ) -> Point:
        steps = steps_of(self.parsed.root, self.parsed.source, self.language, clause)
        if not steps:
            if clause.body is not None and clause.body.start == clause.body.end:
                return Point(f"{self._head(function, clause, role)}: {self.say('nothing')}")
            raise UntellableError(MORE)
        head = self._head(function, clause, role)
        at = asked(role, clause)
        state = self._bound_as(at.state) if at and at.state else ""
        tail = Tail("callback", role, state) if at and role != "children" else VALUE
        if role in ("children", "start"):
            tail = Tail("callback", role)
        return headed(head + spec, [*above, *self.sequence(steps, tail)])

    def _bound_as(self, pattern: Span) -> str:
        """The variable that holds all of what `pattern` matches, "" when there is none."""
        text = self.parsed.text(pattern)
        for side in (text, *text.split("=")[:1], *text.split("=")[-1:]):
            name = side.strip()
            if _VARIABLE.fullmatch(name):
                return name
        return ""

    # Heads of clauses

    def _head(self, function: Function, clause: Clause, role: str) -> str:
        at = asked(role, clause)
        guard = [self.say("guard", guard=self.quote(clause.guard))] if clause.guard else []
        if at is None or at.message is None:
            head = self.say("head_other", head=self.quote(clause.head))
            return " ".join([head, *guard])
        message = self.quote(at.message)
        notes = []
        if at.sender is not None and role == "call":
            sender = self.quote(at.sender)
            notes += [self.say("from", sender=sender)] if not sender.startswith("_") else []
        if at.state is not None:
            notes += self._state_note(at.state)
        plain = self.variable(at.message) if role in _TELLS_OF_ANY and not guard else ""
        every = f"{'every' if len(function.clauses) == 1 else 'any'}_{role}"
        unnamed = plain.startswith("_")
        if role == "state" and at.event is not None:
            head = self.say(
                "head_state", name=function.name, event=self.quote(at.event), message=message
            )
        elif role == "any_state" and at.event is not None and at.current is not None:
            head = self.say(
                "head_any_state",
                event=self.quote(at.event),
                message=message,
                current=self.quote(at.current),
            )
        elif plain and (unnamed or role not in _GIVEN):
            head = self.say(every)
            notes += [] if unnamed else [self.say("taken_as", message=message)]
        else:
            head = self.say(f"head_{role}", message=message)
        notes += guard
        return f"{head}, {', '.join(notes)}" if notes else head

    def _state_note(self, span: Span) -> list[str]:
        name = self.variable(span)
        if name:
            if name.startswith("_") or name in _USUAL:
                return []
            return [self.say("state_named", state=name)]
        pattern = _ITSELF.sub("", self.quote(span))
        return [self.say(f"{self.data}_is", state=pattern)]

    # Sequences and single steps

    def sequence(self, steps: Sequence[Step], tail: Tail) -> list[Point]:
        """The steps of a body or an arm. Raises `UntellableError`."""
        if len(steps) > MAX_STEPS:
            raise UntellableError(MORE)
        if not steps:
            return []
        found: list[Point] = []
        supervised = supervise.points(self, steps, tail.role) if self._may_supervise(tail) else None
        last: Sequence[Step] = steps[-1:]
        before = steps[:-1]
        if supervised is not None:
            before, last = supervised.before, ()
        changed = self._changed(before, last, tail)
        if changed is not None:
            before = before[:-1]
        for step in before:
            found.append(self._noted(step, self.step(step, EFFECT)))
            if isinstance(step, Let) and tail.state:
                bound = self.variable(step.pattern)
                tail = replace(tail, anew=tail.anew or bound == tail.state)
        if changed is not None:
            return [*found, *changed]
        for step in last:
            found += self._last(step, tail)
        if supervised is not None:
            found += supervised.points
        return found

    def _changed(
        self, before: Sequence[Step], last: Sequence[Step], tail: Tail
    ) -> list[Point] | None:
        """`state = value` right before a result with that state, as one point: the new state is
        the value."""
        if tail.kind != "callback" or not before or not last:
            return None
        let, result = before[-1], told(self.parsed.source, self.kinds, tail.role, last[0])
        if not isinstance(let, Let) or isinstance(let.value, Branch | Let) or result is None:
            return None
        if result.state is None or not self.variable(let.pattern) or let.note or last[0].note:
            return None
        name = self.parsed.text(let.pattern)
        others = (result.reply, result.extra, result.events, result.reason, result.current)
        if self.parsed.text(result.state) != name or any(
            span is not None and name in _WORD.findall(self.parsed.text(span)) for span in others
        ):
            return None
        new = replace(result, state=let.value.span)
        return [Point(self.result(new, replace(tail, state="")))]

    def _may_supervise(self, tail: Tail) -> bool:
        return tail is VALUE or (tail.kind == "callback" and tail.role in ("children", "start"))

    def _noted(self, step: Step, point: Point) -> Point:
        """A point with the comment above its step, when that is a plain sentence."""
        note = step.note
        if not note or len(note) > LONGEST_NOTE or not _PROSE.match(note):
            return point
        if _UNFINISHED.search(note) or note.count("`") % 2:
            return point
        return replace(point, text=f"{point.text} ({note.rstrip('.:')})")

    def _last(self, step: Step, tail: Tail) -> list[Point]:
        if isinstance(step, Branch):
            point = self.branch(step, tail)
        elif tail.kind == "callback":
            result = told(self.parsed.source, self.kinds, tail.role, step)
            point = Point(self.result(result, tail)) if result else self.step(step, VALUE)
        else:
            point = self.step(step, tail)
        return [self._noted(step, point)]

    def step(self, step: Step, tail: Tail) -> Point:
        if isinstance(step, Branch):
            return self.branch(step, tail)
        if isinstance(step, Let):
            return self._let(step)
        if tail is BOUND:
            return Point(self.say("gives", value=self.quote(step.span)))
        if isinstance(step, Call):
            words = self._known(step)
            if words is not None:
                return Point(words)
        if isinstance(step, Pipe) and isinstance(step.first, Call):
            words = self._known(step.first)
            if words is not None and step.first.target not in ("raise", "send"):
                rest = listed([f"`{self.quote(span)}`" for span in step.rest])
                return Point(f"{words} {self.say('passes_on', steps=rest)}")
        code = self.quote(step.span)
        if tail is EFFECT:
            if isinstance(step, Plain) and _CONSTANT.fullmatch(code):
                return Point(self.say("nothing"))
            return Point(self.say("calls", code=code))
        return Point(self.say("returns", value=code))

    def _known(self, step: Call) -> str | None:
        name = known.normal(step.target)
        if name not in known.PHRASES:
            return None
        arguments = [self.quote(span) for span in step.arguments]
        return known.phrase(known.Said(self.voice, name, arguments, self.name))

    def _let(self, step: Let) -> Point:
        name = self.quote(step.pattern)
        if isinstance(step.value, Branch) and name.startswith("_"):
            return self.branch(step.value, EFFECT)
        if isinstance(step.value, Branch):
            below = self.branch(step.value, BOUND)
            head = self.say("decides", name=name)
            text = f"{head}: {below.text}" if below.text else head
            return Point(text, below.below, alone=True)
        value = self.quote(step.value.span)
        if not self.variable(step.pattern):
            return Point(self.say("matches", pattern=name, value=value))
        if name.startswith("_"):
            return Point(self.say("ignoring", code=value))
        return Point(self.say("lets", name=name, value=value))

    # Results of callbacks

    def result(self, result: Told, tail: Tail) -> str:
        """What a callback's result says, as one phrase."""
        deed, parts = result.deed, [""]
        facts = {
            key: self.quote(span)
            for key in ("reply", "state", "reason", "current", "events")
            if (span := getattr(result, key)) is not None
        }
        if deed == "begin":
            key = "begins_machine" if result.current is not None else "begins"
            parts = [self.say(key, **facts)]
        elif deed == "stage":
            parts = [self.say("begins_stage", word=result.word, state=facts["state"])]
        elif deed in ("stop", "stop_reply"):
            key = "stops" if deed == "stop" else "stops_replying"
            told_of = {k: facts[k] for k in ("reply", "reason") if k in facts}
            parts = [self.say(key, **told_of)]
            if "state" in facts and facts["state"] != tail.state:
                parts.append(self._state(facts["state"], tail))
        elif deed == "ignore":
            parts = [self.say("ignores")]
        elif deed == "remove":
            parts = [
                self.say("removes_replying", reply=facts["reply"])
                if "reply" in facts
                else self.say("removes")
            ]
        elif deed == "repeat":
            parts = [self.say("repeats")]
        else:
            parts = self._going_on(deed, facts, tail)
        if result.extra is not None:
            parts[-1] += ", " + self._extra(self.quote(result.extra))
        return " and ".join(part for part in parts if part)

    def _going_on(self, deed: str, facts: dict[str, str], tail: Tail) -> list[str]:
        parts = []
        if deed == "reply":
            parts.append(self.say("reply", reply=facts["reply"]))
        elif deed == "wait" and tail.role == "call":
            parts.append(self.say("wait"))
        elif deed == "next":
            parts.append(self.say("next", current=facts["current"]))
        elif deed == "keep":
            parts.append(self.say("stays"))
        if "events" in facts:
            none = facts["events"] == "[]"
            parts.append(self.say("emits_none") if none else self.say("emits", **_only(facts)))
        if "state" in facts:
            parts.append(self._state(facts["state"], tail))
        elif deed == "keep":
            parts.append(self.say("keeps_data"))
        return parts

    def _state(self, state: str, tail: Tail) -> str:
        suffix = "_data" if self.data == "data" else ""
        if state == tail.state:
            return self.say("goes_on", state=state) if tail.anew else self.say(f"keeps{suffix}")
        return self.say(f"becomes{suffix}", state=state)

    def _extra(self, text: str) -> str:
        if STATEM in self.kinds:
            return self.say("with_actions", extra=text)
        if text.removeprefix(":") == "hibernate":
            return self.say("with_hibernate")
        goes_on = re.fullmatch(r"\{:?continue, *(.+)\}", text)
        if goes_on:
            return self.say("with_continue", extra=goes_on[1])
        if EVENT in self.kinds or "GenStage" in self.kinds:
            return self.say("with_options", extra=text)
        return self.say("with_timeout", extra=text)

    # Branches

    def branch(self, branch: Branch, tail: Tail) -> Point:
        tell = {
            "if": self._if,
            "unless": self._if,
            "case": self._case,
            "cond": self._cond,
            "with": self._with,
            "try": self._try,
            "receive": self._receive,
            "for": self._for,
        }[branch.word]
        return tell(branch, tail)

    def _arm(self, head: str, arm: Arm, tail: Tail) -> Point:
        points = self.sequence(arm.steps, tail)
        return headed(head, points or [Point(self.say("nothing"))])

    def _if(self, branch: Branch, tail: Tail) -> Point:
        if len(branch.subjects) != 1:
            raise UntellableError(MORE)
        head = self.say(branch.word, test=self.quote(branch.subjects[0]))
        points = [
            self._arm(head if arm.role == "body" else self.say("otherwise"), arm, tail)
            for arm in branch.arms
        ]
        return self._chosen("", points)

    def _chosen(self, head: str, points: list[Point]) -> Point:
        """The arms of a branch below its head; a short `if` without a head stays on one line."""
        if head:
            return Point(head, tuple(points), alone=True)
        if len(points) == 1:
            return replace(points[0], alone=True)
        if all(not point.below for point in points) and sum(len(p.text) for p in points) < 200:
            return Point(", ".join(point.text for point in points), alone=True)
        return Point("", tuple(points), alone=True)

    def _case(self, branch: Branch, tail: Tail) -> Point:
        if len(branch.subjects) != 1 or not branch.arms:
            raise UntellableError(MORE)
        head = self.say("by", subject=self.quote(branch.subjects[0]))
        return self._chosen(head, [self._matched(arm, tail, "arm") for arm in branch.arms])

    def _matched(self, arm: Arm, tail: Tail, key: str) -> Point:
        if arm.condition is None:
            return self._arm(self.say("otherwise"), arm, tail)
        pattern = self.quote(arm.condition)
        head = self.say("otherwise") if pattern == "_" else self.say(key, pattern=pattern)
        return self._arm(head, arm, tail)

    def _cond(self, branch: Branch, tail: Tail) -> Point:
        points = []
        for arm in branch.arms:
            test = self.quote(arm.condition) if arm.condition else ""
            head = self.say("otherwise") if test == "true" else self.say("if", test=test)
            points.append(self._arm(head, arm, tail))
        return self._chosen(self.say("first_true"), points)

    def _with(self, branch: Branch, tail: Tail) -> Point:
        clauses = []
        for span in branch.subjects:
            left, arrow, right = self.quote(span).partition(" <- ")
            clauses.append(f"`{left}` from `{right}`" if arrow else f"`{left}`")
        head = self.say("goes_through", clauses=", then ".join(clauses))
        points = [
            self._arm(self.say("all_match"), arm, tail)
            if arm.role == "body"
            else self._matched(arm, tail, "else_arm")
            for arm in branch.arms
        ]
        return self._chosen(head, points)

    def _try(self, branch: Branch, tail: Tail) -> Point:
        keys = {"of": "of_arm", "else": "of_arm", "rescue": "rescues", "catch": "catches"}
        caught = any(arm.role in ("of", "else") for arm in branch.arms)
        points = []
        for arm in branch.arms:
            if arm.role == "body":
                below = self.sequence(arm.steps, BOUND if caught else tail)
                points += below
            elif arm.role == "after":
                points.append(self._arm(self.say("afterwards"), arm, EFFECT))
            else:
                points.append(self._matched(arm, tail, keys[arm.role]))
        return self._chosen(self.say("tries"), points)

    def _receive(self, branch: Branch, tail: Tail) -> Point:
        points = [
            self._arm(self.say("after_time", time=self.quote(arm.condition)), arm, tail)
            if arm.role == "after" and arm.condition
            else self._matched(arm, tail, "arm")
            for arm in branch.arms
        ]
        return self._chosen(self.say("receives"), points)

    def _for(self, branch: Branch, tail: Tail) -> Point:
        body = branch.arms[0]
        if len(branch.arms) != 1:
            raise UntellableError(MORE)
        heads = []
        for span in branch.subjects:
            text = self.quote(span)
            left, arrow, right = text.partition(" <- ")
            if body.condition is not None:
                heads.append(self.say("each", item=self.quote(body.condition), list=text))
            elif arrow:
                heads.append(self.say("each", item=left, list=right))
            else:
                heads.append(self.say("where", filter=text))
        inner = EFFECT if tail is EFFECT or body.condition is not None else BOUND
        return replace(self._arm(" ".join(heads), body, inner), alone=True)


def _only(facts: dict[str, str]) -> dict[str, str]:
    return {"events": facts["events"]}


__all__ = ["BOUND", "EFFECT", "VALUE", "Tail", "Teller"]
