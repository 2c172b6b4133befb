"""A module as the person who wants it would describe it: what it is, what stands at its top, and
what each function does.

Every sentence is about the code as written; what cannot be told raises `UntellableError`. Private
functions that cannot be told are shown, if they are few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from factory.parsed import Parsed
from factory.syntax import Directive, Function, Module, Span
from factory.syntax.otp import (
    APPLICATION,
    EVENT,
    SERVER,
    STATEM,
    SUPERVISOR,
    behaviours,
    role,
    states,
    works_with,
)
from transforms import prose
from transforms.context import without_docs
from transforms.facts import Voice, listed
from transforms.fences import fenced
from transforms.otp.answer import without_marks
from transforms.otp.points import Point, count, rendered
from transforms.otp.quote import MORE, UntellableError, one_line
from transforms.otp.tell import Teller

MOST_POINTS = 45
"""A description of more points than this is one that nobody would write."""

FEW_PRIVATE = 6
"""Private functions may take this many points, or as many as all others."""

LONGEST_USER = 16_000
"""A module without a behaviour is not looked into when it is longer than this many bytes."""

OUTSIDE = "the module holds code that a request cannot tell"
MACROS = "the module is compiled by conditions or macros"

PRIVATE = "the module is mostly private functions"
ODD_ARITY = "a callback's name with another number of arguments"

ASKED = frozenset({"call", "cast", "any_state", "state"})
"""Roles of callbacks that take what clients send."""

_ABOUT_THE_FILE = frozenset({"author", "vsn", "copyright", "license", "file"})
_SERVER_CALLBACKS = frozenset({"handle_call", "handle_cast", "handle_info", "handle_continue"})
_ERLANG_NAMES = {
    SERVER: "gen_server",
    STATEM: "gen_statem",
    EVENT: "gen_event",
    SUPERVISOR: "supervisor",
    APPLICATION: "application",
}
_SPEC_WORD = re.compile(r"^[@-]spec\s*")
_VOWEL = re.compile(r"[`:]?[AEIOUaeiou]")
_ERLANG_TOP = re.compile(
    r"-(?:module|export|behaviou?r|compile|vsn|author|copyright|file|export_type|dialyzer"
    r"|feature|on_load|doc|moduledoc|license)\b[^.]*(?:\.[^.\n][^.]*)*\.[ \t]*(?:%.*)?$",
    re.MULTILINE,
)
_ELIXIR_TOP = re.compile(
    r"^[ \t]*(?:@(?:behaviour|impl|moduledoc|doc|since|deprecated|dialyzer|typedoc|compile)\b.*"
    r"|#.*)$",
    re.MULTILINE,
)
_ERLANG_COMMENT = re.compile(r"^[ \t]*%.*$", re.MULTILINE)
_CONDITIONAL = re.compile(r"^-(?:ifn?def|else|elif|if|endif|undef)\b", re.MULTILINE)


@dataclass(frozen=True)
class Subject:
    """A module and what OTP calls it: its `kinds`, whether it has their behaviour (or only works
    with such processes), its name as the source writes it, and every function's role."""

    parsed: Parsed
    module: Module
    kinds: tuple[str, ...]
    behaves: bool
    name: str
    roles: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.parsed.document.language

    @property
    def with_roles(self) -> list[tuple[Function, str]]:
        return list(zip(self.module.functions, self.roles, strict=True))


def subject_of(parsed: Parsed, module: Module) -> Subject | None:
    """The module if OTP has a name for it, else None."""
    kinds = behaviours(module)
    behaves = bool(kinds)
    short = module.span.end - module.span.start <= LONGEST_USER
    if not behaves and short and parsed.document.language == "elixir":
        kinds = works_with(parsed.source, module)
    if not kinds or module.kind not in ("defmodule", "module"):
        return None
    found = states(parsed.source, module) if STATEM in kinds else frozenset()
    roles = tuple(role(kinds if behaves else (), f, found) for f in module.functions)
    return Subject(parsed, module, kinds, behaves, _written(parsed, module), roles)


def _written(parsed: Parsed, module: Module) -> str:
    """The name after `defmodule`: a nested module's own, without those around it."""
    found = re.match(r"defmodule\s+([\w.]+)", parsed.text(module.span))
    return found[1] if found else module.name


def a_kind(subject: Subject) -> str:
    """`a GenServer`, `an Erlang supervisor`, `an Agent-based module`."""
    erlang = subject.language == "erlang"
    names = [_ERLANG_NAMES.get(k, k) if erlang else _elixir(k, subject) for k in subject.kinds]
    if not subject.behaves:
        text = f"{listed(names)}-based module"
        return f"{'an' if _VOWEL.match(text) else 'a'} {text}"
    text = listed(names)
    if erlang:
        return (
            f"an Erlang module with the behaviours {text}"
            if len(names) > 1
            else f"an Erlang {text}"
        )
    return f"{'an' if _VOWEL.match(text) else 'a'} {text}"


def _elixir(kind: str, subject: Subject) -> str:
    if kind == APPLICATION:
        return "Application callback module"
    used = any(d.target == kind for d in subject.module.directives if d.kind == "use")
    if kind in _ERLANG_NAMES and subject.behaves and not used and kind != SUPERVISOR:
        named = f":{_ERLANG_NAMES[kind]}"
        return f"module with the behaviour `{named}`" if named[1:] in _plain(subject) else kind
    return kind


def _plain(subject: Subject) -> list[str]:
    return [name.removeprefix(":") for name in subject.module.behaviours]


class Brief:
    """Composes the text about one subject."""

    def __init__(self, subject: Subject, voice: Voice) -> None:
        self.subject = subject
        self.voice = voice
        self.parsed = subject.parsed
        self.language = subject.language
        self.teller = Teller(subject.parsed, subject.module, subject.name, subject.kinds, voice)
        if subject.behaves and subject.kinds == (SERVER,):
            self.teller.taken = {role: self._tags(role) for role in ("call", "cast")}

    def whole(self, shown: int) -> str:
        """The request's middle: everything about the module. At most `shown` bytes of private
        functions that cannot be told are shown. Raises `UntellableError`."""
        subject = self.subject
        _all_accounted_for(subject)
        if SERVER in subject.kinds and any(
            function.name in _SERVER_CALLBACKS and not name for function, name in subject.with_roles
        ):
            raise UntellableError(ODD_ARITY)
        public: list[Point] = []
        callbacks: list[Point] = []
        private: list[Point] = []
        kept: list[str] = []
        for function, name in subject.with_roles:
            try:
                points = self.function(function, name)
            except UntellableError:
                text = without_docs(self.parsed, function)
                shown -= len(text)
                if name or function.public or shown < 0:
                    raise
                kept.append(text)
                continue
            (callbacks if name else public if function.public else private).extend(points)
        sections = [self.about(), self.given()]
        for key, points in (("public", public), ("callbacks", callbacks), ("private", private)):
            if points:
                sections.append(f"{self.voice.say(key)}\n\n{rendered(points)}")
        if kept:
            code = fenced("\n\n".join(kept), self.language)
            sections.append(f"{self.voice.say('helpers_given')}\n\n{code}")
        if not public and not callbacks:
            raise UntellableError(OUTSIDE)
        if count(private) > max(FEW_PRIVATE, count([*public, *callbacks])):
            raise UntellableError(PRIVATE)
        if count([*public, *callbacks, *private]) > MOST_POINTS:
            raise UntellableError(MORE)
        return "\n\n".join(section for section in sections if section)

    def function(self, function: Function, name: str, *, alike: bool = False) -> list[Point]:
        """What one function does, its documentation's first sentence before. Messages named after
        the function are not quoted when `alike`. Raises `UntellableError`."""
        self.teller.alike = function.name if alike and self._taken(function.name) else ""
        if function.kind not in ("def", "defp") or not function.contiguous:
            raise UntellableError(MORE)
        said = prose.summary(function.doc.text) if function.doc and not name else ""
        specs = [
            one_line(self.parsed.text(spec.span), self.language).rstrip(".")
            for spec in function.specs
        ]
        spec = "; ".join(_SPEC_WORD.sub("", spec) for spec in specs)
        points = self.teller.clauses(function, name, spec=spec, said=said)
        if not points:
            raise UntellableError(MORE)
        return points

    def _tags(self, role: str) -> frozenset[str]:
        """The tags of the messages that callbacks of a role take, "" for one that can be any."""
        return frozenset(
            self.teller.tag(self.parsed.text(clause.arguments[0]))
            for function, name in self.subject.with_roles
            if name == role
            for clause in function.clauses
            if clause.arguments
        )

    def _taken(self, tag: str) -> bool:
        """Whether a callback that tells what clients may ask for takes messages of this tag."""
        told = re.compile(rf"(?<![\w.]):?{re.escape(tag)}(?![\w(?!])")
        return any(
            told.search(self.parsed.text(clause.arguments[0]))
            for function, name in self.subject.with_roles
            if name in ASKED
            for clause in function.clauses
            if clause.arguments
        )

    def about(self) -> str:
        """What the module is for, and facts about it as a whole."""
        subject, lines = self.subject, []
        doc = subject.module.doc
        if doc is not None and not doc.hidden:
            text = prose.intro(doc.text, 600)
            if text and not prose.unfit(text) and not prose.speaks_of_elsewhere(text):
                lines.append(self.voice.say("purpose", text=text))
        facts = []
        for kind in subject.kinds:
            used = subject.module.uses(kind)
            if used is not None and used.options:
                options = one_line(used.options, self.language)
                facts.append(self.voice.say("use_options", kind=kind, options=options))
        others = self._other_behaviours()
        if others:
            facts.append(self.voice.say("also_behaviours", names=listed(others)))
        facts.append(self.marks())
        facts = [fact for fact in facts if fact]
        return "\n\n".join([*lines, *([" ".join(facts)] if facts else [])])

    def marks(self, asked: Sequence[Function] | None = None) -> str:
        """How callbacks (`asked`: those of a part) are marked with `@impl` above their first
        clause; "" when some are not, or in several ways."""
        wanted = [f for f, name in self.subject.with_roles if name] if asked is None else asked
        marks = {f.impl if self._marked(f) else "" for f in wanted}
        if len(marks) != 1 or marks & {"", "false"}:
            return ""
        return self.voice.say("mark_impl", value=marks.pop())

    def _marked(self, function: Function) -> bool:
        return "@impl" in self.parsed.text(Span(function.span.start, function.code.start))

    def _other_behaviours(self) -> list[str]:
        known = {f":{n}" for n in _ERLANG_NAMES.values()} | {*_ERLANG_NAMES.values()}
        known |= {SERVER, SUPERVISOR, APPLICATION}
        return [f"`{name}`" for name in self.subject.module.behaviours if name not in known]

    def given(self) -> str:
        """The declarations at the module's top, as a block; "" when there are none."""
        module, parsed = self.subject.module, self.parsed
        spans: list[Span] = [d.span for d in module.directives if not self._is_kind(d)]
        spans += [a.span for a in module.attributes if a.name not in _ABOUT_THE_FILE]
        spans += [t.span for t in module.types]
        spans += [c.span for c in module.callbacks]
        spans += [m.span for m in module.modules]
        if module.struct is not None:
            spans.append(module.struct)
        texts = [parsed.dedented(span) for span in sorted(set(spans))]
        code = without_marks("\n".join(dict.fromkeys(texts)), self.language)
        if not code:
            return ""
        return f"{self.voice.say('given')}\n\n{fenced(code, self.language)}"

    def _is_kind(self, directive: Directive) -> bool:
        return directive.kind in ("use", "behaviour") and directive.target in self.subject.kinds


def _all_accounted_for(subject: Subject) -> None:
    """Raises `UntellableError` when the module holds something that no request shows."""
    module, parsed = subject.module, subject.parsed
    spans = [f.span for f in module.functions]
    spans += [s.span for f in module.functions for s in f.specs]
    spans += [d.span for d in module.directives] + [a.span for a in module.attributes]
    spans += [t.span for t in module.types] + [c.span for c in module.callbacks]
    spans += [t.doc.span for t in module.types if t.doc]
    spans += [m.span for m in module.modules]
    spans += [module.doc.span] if module.doc else []
    spans += [module.struct] if module.struct else []
    rest = _without(parsed.source, module.body, spans)
    if subject.language == "erlang":
        if _CONDITIONAL.search(rest):
            raise UntellableError(MACROS)
        rest = _ERLANG_TOP.sub("", _ERLANG_COMMENT.sub("", rest))
        rest = re.sub(r"\.(?=\s|$)", "", rest)
    else:
        rest = _ELIXIR_TOP.sub("", rest)
    if rest.strip():
        raise UntellableError(OUTSIDE)


def _without(source: bytes, whole: Span, spans: Iterable[Span]) -> str:
    kept: list[bytes] = []
    at = whole.start
    for span in sorted(spans):
        if span.start >= at:
            kept.append(source[at : span.start])
        at = max(at, span.end)
    kept.append(source[at : whole.end])
    return b"\n".join(kept).decode(errors="replace")
