"""What a clause does, as points of a list: by rule, from its steps, in the order of the code.

Messages, replies, state changes, stops and calls of OTP's functions are told in words, so that the
answer has to know how they are spelled; other expressions are quoted. What cannot be quoted on a
line raises `UntellableError`. Nothing is said about what code means: that comes from documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from factory.parsed import Parsed
from factory.syntax import Clause, Function, Module, Span
from factory.syntax.otp import SERVER, STATEM, Told, asked, told
from factory.syntax.steps import (
    Branch,
    Call,
    Let,
    Pipe,
    Plain,
    Step,
    Tuple,
    steps_of,
)
from transforms.facts import Voice, listed
from transforms.otp import branches, known, results, supervise
from transforms.otp.heads import head
from transforms.otp.points import Point, headed
from transforms.otp.quote import MORE, UntellableError, one_line
from transforms.otp.tail import BOUND, EFFECT, VALUE, Tail

MAX_STEPS = 12
"""A body of more steps than this is an algorithm, and a list of its steps no request."""

LONGEST_NOTE = 160
_VARIABLE = re.compile(r"[a-z_]\w*[?!]?|[A-Z_]\w*")
_ELIXIR_VARIABLE = re.compile(r"[a-z_]\w*[?!]?")
_ERLANG_VARIABLE = re.compile(r"[A-Z_]\w*")
_LITERALS = frozenset({"true", "false", "nil"})
_WORD = re.compile(r"\w+[?!]?")
_GUARDED = re.compile(r"\swhen\s.*", re.DOTALL)
_CONSTANT = re.compile(r":?[a-z]\w*|\[\]|\d+")
_ANSWERING = frozenset({"init", "call", "cast", "info", "continue"})
_FIXED = {
    "elixir": re.compile(r":\w|%|\[|\"|\d|(?:nil|true|false)\b"),
    "erlang": re.compile(r"[a-z]\w*\Z|#|\[|\"|\d"),
}
NO_RESULT = "a callback gives what no process takes"
UNTAKEN = "a message is sent that no callback of its kind takes"
_TAG = {"elixir": re.compile(r"\{?\s*:(\w+[?!]?)"), "erlang": re.compile(r"\{?\s*([a-z]\w*)")}
_TAKEN_AS = {"GenServer.call": ("call", "cast"), "GenServer.cast": ("cast", "call")}
_PROSE = re.compile(r"[A-Z][\w' ,()`./:;-]+$")
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")


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
        self.alike = ""
        self.carried: frozenset[str] = frozenset()
        self.taken: Mapping[str, frozenset[str]] = {}
        self.data = "data" if STATEM in kinds else "state"

    def say(self, key: str, **facts: str | int) -> str:
        return self.voice.say(key, **facts)

    def quote(self, span: Span) -> str:
        return one_line(self.parsed.text(span), self.language)

    def variable(self, span: Span) -> str:
        """The variable that stands at `span`, "" when something else does."""
        text = self.parsed.text(span)
        if text in _LITERALS or text.startswith("__"):
            return ""
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
                return Point(f"{head(self, function, clause, role)}: {self.say('nothing')}")
            raise UntellableError(MORE)
        self.carried = frozenset(_WORD.findall(self.parsed.text(clause.head)))
        title = head(self, function, clause, role)
        at = asked(role, clause)
        state = self._bound_as(at.state) if at and at.state else ""
        tail = Tail("callback", role, state) if at and role != "children" else VALUE
        if role in ("children", "start"):
            tail = Tail("callback", role)
        return headed(title + spec, [*above, *self.sequence(steps, tail)])

    def _bound_as(self, pattern: Span) -> str:
        """The variable that holds all of what `pattern` matches, "" when there is none."""
        text = self.parsed.text(pattern)
        for side in (text, *text.split("=")[:1], *text.split("=")[-1:]):
            name = side.strip()
            if _VARIABLE.fullmatch(name):
                return name
        return ""

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
                tail = self.rebound(tail, self.parsed.text(step.pattern))
        if changed is not None:
            return [*found, *changed]
        for step in last:
            found += self._last(step, tail)
        if supervised is not None:
            found += supervised.points
        return found

    def rebound(self, tail: Tail, pattern: str) -> Tail:
        """The tail after `pattern` was matched: in Elixir it may bind the state's name anew."""
        if tail.anew or not tail.state or self.language == "erlang":
            return tail
        bare = _GUARDED.sub("", pattern)
        anew = re.search(rf"(?<![\w^.:]){re.escape(tail.state)}(?![\w?!:])", bare) is not None
        return replace(tail, anew=anew)

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
        return [Point(results.phrase(self, new, replace(tail, state="")))]

    def _may_supervise(self, tail: Tail) -> bool:
        return tail is VALUE or (tail.kind == "callback" and tail.role in ("children", "start"))

    def _noted(self, step: Step, point: Point) -> Point:
        """A point with the comment above its step, when that is a plain sentence."""
        note = step.note
        if not note or not point.text or len(note) > LONGEST_NOTE or not _PROSE.match(note):
            return point
        if _UNFINISHED.search(note) or note.count("`") % 2:
            return point
        return replace(point, text=f"{point.text} ({note.rstrip('.:')})")

    def _last(self, step: Step, tail: Tail) -> list[Point]:
        if isinstance(step, Branch):
            point = branches.point(self, step, tail)
        elif tail.kind == "callback":
            result = told(self.parsed.source, self.kinds, tail.role, step)
            if tail.role in _ANSWERING and (
                self._fixed(step, tail.role)
                if result is None
                else self._stateless(result, tail.role)
            ):
                raise UntellableError(NO_RESULT)
            point = Point(results.phrase(self, result, tail)) if result else self.step(step, VALUE)
        else:
            point = self.step(step, tail)
        return [self._noted(step, point)]

    def _stateless(self, result: Told, role: str) -> bool:
        """Whether a server stops without its last state, as only `init` may."""
        stops = self.kinds == (SERVER,) and role != "init"
        return stops and result.deed == "stop" and result.state is None

    def _fixed(self, step: Step, role: str) -> bool:
        """Whether a step is a value written out, and no variable or call."""
        code = self.parsed.text(step.span)
        if isinstance(step, Tuple) and step.elements and self.kinds == (SERVER,) and role != "init":
            return self.parsed.text(step.elements[0]).removeprefix(":") in ("ok", "error")
        return isinstance(step, Plain) and bool(_FIXED[self.language].match(code))

    def step(self, step: Step, tail: Tail) -> Point:
        if isinstance(step, Branch):
            return branches.point(self, step, tail)
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
        if name not in known.PHRASES or (name.startswith("gen_statem.") and self.data != "data"):
            return None
        arguments = [self.quote(span) for span in step.arguments]
        said = known.Said(self.voice, name, arguments, self.name, self.alike, self.carried)
        if len(arguments) > 1 and self._untaken(name, said.own(arguments[0]), arguments[1]):
            raise UntellableError(UNTAKEN)
        return known.phrase(said)

    def _untaken(self, name: str, own: bool, message: str) -> bool:
        """Whether a message is sent as what no callback takes it, though it is meant for this
        module: that is named, or takes it the other way."""
        right, wrong = _TAKEN_AS.get(name, ("", ""))
        tag = self.tag(message)
        if not tag or right not in self.taken or self.taken[right] & {tag, ""}:
            return False
        return own or tag in self.taken[wrong]

    def tag(self, message: str) -> str:
        """The atom that a message is or begins with, "" when that is something else."""
        found = _TAG[self.language].match(message)
        return found[1] if found else ""

    def _let(self, step: Let) -> Point:
        name = self.quote(step.pattern)
        if isinstance(step.value, Branch) and self.variable(step.pattern).startswith("_"):
            return branches.point(self, step.value, EFFECT)
        if isinstance(step.value, Branch):
            below = branches.point(self, step.value, BOUND)
            key = "decides" if self.variable(step.pattern) else "has_to_match"
            head = self.say(key, name=name)
            text = f"{head}: {below.text}" if below.text else head
            return Point(text, below.below, alone=True)
        value = self.quote(step.value.span)
        if not self.variable(step.pattern):
            return Point(self.say("matches", pattern=name, value=value))
        if name.startswith("_"):
            return Point(self.say("ignoring", code=value))
        return Point(self.say("lets", name=name, value=value))
