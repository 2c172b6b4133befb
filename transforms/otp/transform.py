"""The transform `otp`: from the description of a process to the module, and from one half of a
module (its callbacks, its client functions) to the other.

A module that can be told whole makes a row of it. One that cannot (algorithms in private functions,
too much code) is asked for in parts: the callbacks that can be told, with the rest shown; and where
there are client functions, those, with the callbacks shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Function, Span
from transforms.context import Frame, documentation_share, frames, without_docs
from transforms.facts import Voice, listed
from transforms.fences import fenced
from transforms.otp.answer import code_of, function_code, has_docs, leans_outward, quoted_share
from transforms.otp.brief import ASKED, Brief, Subject, a_kind, subject_of
from transforms.otp.examples import examples
from transforms.otp.points import Point, rendered
from transforms.otp.quote import UntellableError
from transforms.wording import wordings

TASK = "otp"

BROKEN = "the code has syntax errors"
TOO_LONG = "the code is longer than what may be asked for"
TOO_SHORT = "the module is too short to learn from"
OLD = "uses what Elixir has done away with"
QUOTED = "a request would have to quote most of the code"
SURROUNDED = "leans on the module around it"
OTHER_TONGUE = "holds words in a script that the request does not write"

MOST = 10
"""At most this many functions are asked for in one part."""

_SHOWN = ASKED | {"init"}
"""Callbacks that tell what a client may ask for."""

_ALONE = frozenset(
    {"init", "children", "call", "cast", "info", "continue", "event", "demand", "events", "state"}
)
"""Callbacks that are worth asking for one by one."""

_SERVES = re.compile(
    r"(?:GenServer|GenStage|gen_server|gen_statem)[.:](call|cast|start_link|start|stop)\b"
)
_OLD = re.compile(
    r"\bSupervisor\.Spec\b|(?<![\w.:@\"])supervise(?:\(| [\w\[])|\b(?:use|@behaviour) GenEvent\b"
    r"|\bSystem\.stacktrace\("
)
_GAPS = re.compile(r"\n\s*\n(?:\s*\n)+")


class OtpOptions(Options):
    module: int = Field(8_000, ge=200, description="Longest module to ask for whole, in bytes.")
    lines: int = Field(250, ge=10, description="Most lines of a module to ask for whole.")
    least: int = Field(220, ge=0, description="Shortest answer to ask for, in bytes.")
    helpers: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Largest share of a module that may be shown as private functions to keep.",
    )
    quoted: float = Field(
        0.6,
        ge=0,
        le=1,
        description="Largest share of an answer's lines that the request may quote.",
    )
    examples: bool = Field(
        True, description="Whether to ask for modules shown in documentation and guides too."
    )
    parts: bool = Field(
        True, description="Whether to ask for callbacks and client functions on their own too."
    )
    part: int = Field(5_000, ge=200, description="Longest part to ask for, in bytes.")
    context: int = Field(7_000, ge=500, description="Most bytes of module shown with a part.")


class Otp(Transform):
    """From the shape of a process (its calls, state, children) to the module."""

    name: ClassVar[str] = "otp"
    version: ClassVar[int] = 2
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang", "markdown"})
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = OtpOptions
    options: OtpOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        if self.options.examples and parsed.document.language != "erlang":
            yield from self._examples(parsed)
        for frame in frames(parsed):
            module = frame.module
            subject = subject_of(parsed, module)
            if subject is None:
                continue
            if parsed.outline.errors and parsed.outline.broken(module.span):
                yield self.left_out(parsed, BROKEN, module.name, module.span)
                continue
            try:
                yield self._module(subject)
            except UntellableError as reason:
                if subject.behaves:
                    yield self.left_out(parsed, str(reason), module.name, module.span)
                    if self.options.parts:
                        yield from self._callbacks(frame, subject)
            if self.options.parts and subject.behaves:
                yield from self._client(frame, subject)

    def _examples(self, parsed: Parsed) -> Iterator[Example]:
        """The modules that the file's documentation shows, asked for whole."""
        for shown, span in examples(parsed):
            module = shown.outline.modules[0]
            subject = subject_of(shown, module)
            if subject is None:
                continue
            try:
                row = self._module(subject)
            except UntellableError:
                continue
            where = parsed.provenance(span, self.name, self.version, f"{module.name} example")
            yield replace(row, language="elixir", provenance=where)

    def _voice(self, parsed: Parsed, *key: str) -> Voice:
        return Voice(wordings(TASK), self.number(parsed, *key))

    def _module(self, subject: Subject) -> Example:
        """The row of a whole module. Raises `UntellableError`."""
        parsed, module, o = subject.parsed, subject.module, self.options
        if module.span.end - module.span.start > 4 * o.module:
            raise UntellableError(TOO_LONG)
        answer = code_of(parsed, module)
        if len(answer) > o.module or answer.count("\n") >= o.lines:
            raise UntellableError(TOO_LONG)
        if len(answer) < o.least:
            raise UntellableError(TOO_SHORT)
        if leans_outward(parsed, module):
            raise UntellableError(SURROUNDED)
        if _OLD.search(answer):
            raise UntellableError(OLD)
        voice = self._voice(parsed, module.name)
        about = Brief(subject, voice).whole(int(o.helpers * len(answer)))
        answer = code_of(parsed, module, about)
        if quoted_share(about, answer) > o.quoted:
            raise UntellableError(QUOTED)
        if _other_script(answer, about):
            raise UntellableError(OTHER_TONGUE)
        close = "close"
        if has_docs(module):
            close += "_undocumented" + ("_erlang" if subject.language == "erlang" else "")
        opening = voice.say("open", module=subject.name, a_kind=a_kind(subject))
        return self.ask(
            parsed,
            TASK,
            module.span,
            module.name,
            "\n\n".join([opening, about, voice.say(close)]),
            fenced(answer, subject.language),
            documentation=1 / 3 if module.doc and module.doc.text else 0.0,
        )

    def _callbacks(self, frame: Frame, subject: Subject) -> Iterator[Example | LeftOut]:
        """The callbacks that can be told, the rest of the module shown; one by one where that is
        too much for a request."""
        voice = self._voice(subject.parsed, subject.module.name, "callbacks")
        callbacks = [(f, role) for f, role in subject.with_roles if role]
        asked, points = self._told(Brief(subject, voice), callbacks)
        if len(points) < 2:
            return
        shown = [
            function
            for function, role in subject.with_roles
            if function not in asked and (role or _serves(subject, function))
        ]
        whole = self._part(frame, subject, voice, "callbacks", asked, points, shown)
        if isinstance(whole, Example) or len(asked) == 1:
            yield from [whole] if whole else []
            return
        for function, role in callbacks:
            if role not in _ALONE:
                continue
            name = f"{subject.module.name} {function.label}"
            voice = self._voice(subject.parsed, name)
            asked, points = self._told(Brief(subject, voice), [(function, role)])
            one = self._part(frame, subject, voice, "callbacks", asked, points, [])
            yield from [one] if one else []

    def _client(self, frame: Frame, subject: Subject) -> Iterator[Example | LeftOut]:
        """The functions that call the process, its callbacks shown."""
        voice = self._voice(subject.parsed, subject.module.name, "client")
        asked, points = self._told(
            Brief(subject, voice),
            [
                (function, role)
                for function, role in subject.with_roles
                if not role and function.public and _serves(subject, function)
            ],
        )
        shown = [function for function, role in subject.with_roles if role in _SHOWN]
        if len(asked) < 2 or not shown:
            return
        part = self._part(frame, subject, voice, "client", asked, points, shown)
        if part is not None:
            yield part

    def _told(
        self, brief: Brief, functions: Sequence[tuple[Function, str]]
    ) -> tuple[list[Function], list[Point]]:
        """The functions that can be told, as many as one answer may hold, and what is told."""
        asked: list[Function] = []
        points: list[Point] = []
        room = self.options.part
        for function, role in functions:
            size = function.code.end - function.code.start
            if size > room:
                continue
            try:
                told = brief.function(function, role, alike=not role)
            except UntellableError:
                continue
            room -= size
            asked.append(function)
            points += told
            if len(asked) == MOST:
                break
        return asked, points

    def _part(
        self,
        frame: Frame,
        subject: Subject,
        voice: Voice,
        part: str,
        asked: Sequence[Function],
        points: Sequence[Point],
        shown: Sequence[Function],
    ) -> Example | LeftOut | None:
        """The row of a part; None when it would be too short to learn from."""
        size = sum(function.code.end - function.code.start for function in asked)
        if size < self.options.least:
            return None
        text = rendered(points)
        answer = "\n\n".join(function_code(subject.parsed, f, text) for f in asked)
        if quoted_share(text, answer) > self.options.quoted:
            return None
        name = f"{subject.module.name} {asked[0].label if len(asked) == 1 else part}"
        span = Span(asked[0].span.start, asked[-1].span.end)
        if _other_script(answer, text):
            return self.left_out(subject.parsed, OTHER_TONGUE, name, span)
        context = self._context(frame, subject, asked, shown, voice.say(f"hole_{part}"))
        if context is None:
            return self.left_out(subject.parsed, TOO_LONG, name, span)
        request = voice.say(
            f"write_{part}",
            module=subject.name,
            a_kind=a_kind(subject),
            functions=listed([f"`{function.label}`" for function in asked]),
            context=context,
        )
        facts = [request, voice.say("client_facts")] if part == "client" else [request]
        marks = Brief(subject, voice).marks(asked) if part == "callbacks" else ""
        return self.ask(
            subject.parsed,
            TASK,
            span,
            name,
            "\n\n".join(filter(None, [*facts, text, marks])),
            fenced(answer, subject.language),
            documentation=sum(map(documentation_share, asked)) / len(asked),
        )

    def _context(
        self,
        frame: Frame,
        subject: Subject,
        asked: Sequence[Function],
        shown: Sequence[Function],
        hole: str,
    ) -> str | None:
        """The module with `shown` whole, a comment where `asked` belongs, and what they lean on
        (private functions only for `asked`); None when that is too much to show."""
        mark = "%%" if subject.language == "erlang" else "#"
        instead = {function.span: "" for function in asked}
        instead[asked[0].span] = f"{mark} {hole}"
        for function in shown:
            instead[function.span] = without_docs(subject.parsed, function)
        own = {f.span for one in asked for f in frame.helpers(frame.used_by(one))}
        instead |= {
            helper.span: ""
            for one in shown
            for helper in frame.helpers(frame.used_by(one))
            if helper.span not in own and helper.span not in instead
        }
        if sum(map(len, instead.values())) > self.options.context:
            return None
        code = "\n".join(subject.parsed.text(f.code) for f in [*asked, *shown])
        context = frame.around(code, instead, budget=self.options.context)
        if context.missing:
            return None
        return fenced(_GAPS.sub("\n\n", context.code), subject.language)


def _other_script(answer: str, told: str) -> bool:
    """Whether an answer has letters that are not Latin (in comments, say) and are not told."""
    return any(letter > "\u024f" and letter.isalpha() for letter in set(answer) - set(told))


def _serves(subject: Subject, function: Function) -> bool:
    """Whether a function's code makes calls or casts, or starts a process."""
    return bool(_SERVES.search(subject.parsed.text(function.code)))
