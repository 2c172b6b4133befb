"""`spec`: from a function to its type specification.

The function is shown with its documentation, the types that its spec speaks of, the struct, and
the helpers it calls. A spec that needs a type of another project, which the request does not name,
is left out; so is one that says nothing (`term` for everything).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from factory import choice
from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Function, Module, Span
from transforms import results, shapes, standard
from transforms.context import Frame, frames
from transforms.fences import fenced
from transforms.names import stands
from transforms.parts import (
    TORN,
    asks_any_module,
    broken,
    documentation_share,
    hands_over,
    in_tests,
    subject,
    torn,
)
from transforms.wording import wordings

TASK = "spec"

UNSPECIFIED = "the function has no spec"
FIXTURE = "part of tests or their input"
BROKEN = "the code has syntax errors"
TOO_LONG = "the code is longer than max_code"
LONG_SPEC = "the spec is longer than max_answer"
DELEGATE = "a delegation shows nothing of the types"
TOO_MANY = "more functions of this file than max_per_file"
SAYS_NOTHING = "the spec allows everything"
UNKNOWN_TYPES = "the spec needs types or atoms that the request cannot show"
UNTRUE = "the spec is not what the clauses take and give"
RIVAL = "the spec names another module's type where its own has one of that name"
WRAPPER = "hands over to code that nothing tells of"

_ELIXIR_REMOTE = re.compile(r"\b([A-Z][\w.]*)\.([a-z_]\w*)")
_ERLANG_REMOTE = re.compile(r"(?<![\w#?])([a-z]\w*):([a-z]\w*)(?=\()")
_RESULT = re.compile(r"[Rr]eturn|[Gg]ives?\b|`:ok`|[Cc]hecks|[Ww]hether|[Cc]onverts|true|iex>|#=>")
_STATE_ASKED = re.compile(r"\b(?:GenStateMachine|gen_statem)[.:]call\(")
_ASKED = re.compile(r"\b(?:GenServer\.|gen_server[:.])call\(")
_UNANSWERED = re.compile(r"handle_call\([^\n]*(?:do:|->) \.\.\.")
_OPENING = re.compile(r"[@-]spec\s+(?:\w+:)?[\w@]+[?!]?")
_LOCAL = re.compile(r"(?<![\w.@#?])(?:(?<!:)|(?<=::))([a-z_]\w*)\(")
_WORD = re.compile(r"(?<!:):[a-z_]\w*|'?[A-Za-z_][\w.]*'?|#\w+")
_ELIXIR_ATOM = re.compile(r"(?<![:\w])(?::(?=[a-z_])|(?=[a-z_]\w*: ))([a-z_]\w*)")
_ERLANG_ATOM = re.compile(r"(?<![\w.:@#?'])([a-z]\w*)(?![\w(:@'])")
_BOUND = re.compile(r"([a-z_]\w*): ")
_PLAIN = re.compile(r"[a-z_]\w*")
_ANYTHING = frozenset({"any", "term", "when", "var", "Macro.t"})

_TYPES = """
any arity as_boolean atom binary bitstring bool boolean byte char charlist dynamic float fun
function identifier integer iodata iolist keyword list map maybe_improper_list mfa module
neg_integer nil no_return node non_neg_integer none nonempty_binary nonempty_bitstring
nonempty_charlist nonempty_improper_list nonempty_list nonempty_maybe_improper_list
nonempty_string number pid port pos_integer record reference string struct term timeout tuple when
"""
BUILT_IN = frozenset(_TYPES.split())
"""Types of both languages that need no definition (Elixir's typespecs page, Erlang's reference
manual, section Types and Function Specifications)."""


_ATOMS = "ok error nil true false undefined infinity ignore stop reply noreply when none"
COMMON_ATOMS = frozenset(_ATOMS.split())
"""Atoms that anybody expects in a spec."""


class SpecOptions(Options):
    max_code: int = Field(6_000, ge=100, description="Longest function to ask about, in bytes.")
    max_answer: int = Field(2_000, ge=50, description="Longest spec to ask for, in bytes.")
    context: int = Field(4_000, ge=500, description="Bytes of context beside the function.")
    max_documentation: int = Field(
        1_500, ge=0, description="Longest documentation shown with the function, in bytes."
    )
    max_per_file: int = Field(
        40, ge=1, description="Most functions of one file, chosen by seed: files of look-alikes."
    )


class Spec(Transform):
    """From a function to its spec."""

    name: ClassVar[str] = "spec"
    version: ClassVar[int] = 2
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang"})
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = SpecOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        specified = [f.span for frame in frames(parsed) for f in frame.module.functions if f.specs]
        surplus = self._surplus(specified, parsed)
        for frame in frames(parsed):
            module = frame.module
            for function in module.functions:
                if function.span in surplus:
                    name = subject(parsed, module, function)
                    yield self.left_out(parsed, TOO_MANY, name, function.span)
                elif function.specs:
                    yield self._row(frame, function)
                elif function.public and function.doc is not None and not function.doc.hidden:
                    name = subject(parsed, module, function)
                    yield self.left_out(parsed, UNSPECIFIED, name, function.span)

    def _surplus(self, spans: list[Span], parsed: Parsed) -> frozenset[Span]:
        """The functions to pass over where a file has more than may be asked about."""
        if len(spans) <= self.options.max_per_file:
            return frozenset()
        key = (self.name, parsed.document.path)
        kept = choice.sample(spans, self.options.max_per_file, self.seed, *key)
        return frozenset(spans) - frozenset(kept)

    def _row(self, frame: Frame, function: Function) -> Example | LeftOut:
        parsed = frame.parsed
        language = parsed.document.language
        name = subject(parsed, frame.module, function)
        answer = "\n".join(parsed.dedented(spec.span) for spec in function.specs)
        reason = self._unfit(parsed, function, answer)
        if reason:
            return self.left_out(parsed, reason, name, function.span)
        if (hands_over(parsed, function) or asks_any_module(parsed, function)) and not (
            function.doc is not None and _RESULT.search(function.doc.text)
        ):
            return self.left_out(parsed, WRAPPER, name, function.span)
        shown = self._shown(parsed, function)
        budget = len(shown) + self.options.context
        context = frame.about(function, shown, types=answer, budget=budget, closer=True)
        if (
            context.missing_types
            or unknown_types(answer, context.code, language)
            or shapes.unseen_tuples(parsed, function, answer, context.code)
            or (not function.doc and shapes.unused(parsed, function, answer))
        ):
            return self.left_out(parsed, UNKNOWN_TYPES, name, function.span)
        if torn(context.code, language):
            return self.left_out(parsed, TORN, name, function.span)
        if len(function.specs) == 1 and shapes.untrue(frame, function, answer, shown, context.code):
            return self.left_out(parsed, UNTRUE, name, function.span)
        bodies = [parsed.text(c.body) for c in function.clauses if c.body is not None]
        told = function.doc is not None and bool(_RESULT.search(function.doc.text))
        if not told and (
            unanswered(context.code) or results.untold(frame, bodies, answer, context.code)
        ):
            return self.left_out(parsed, WRAPPER, name, function.span)
        if language == "elixir" and "." in answer and rivals(answer, frame.module):
            return self.left_out(parsed, RIVAL, name, function.span)
        words, number = wordings(TASK), self.number(parsed, name)
        what = "-spec" if language == "erlang" else "@spec"
        request = words.say(
            "spec", number, what=what, subject=name, context=fenced(context.code, language)
        )
        arities = sorted({spec.arity for spec in function.specs})
        if arities != [function.arity]:
            covered = " and ".join(f"`{function.name}/{arity}`" for arity in arities)
            request = f"{request}\n\n{words.say('arities', number >> 16, functions=covered)}"
        elif len(function.specs) > 1:
            several = words.say("several", number >> 16, count=len(function.specs))
            request = f"{request}\n\n{several}"
        return self.ask(
            parsed,
            TASK,
            function.span,
            name,
            request,
            fenced(answer, language),
            documentation=documentation_share(function),
        )

    def _unfit(self, parsed: Parsed, function: Function, answer: str) -> str:
        if in_tests(parsed):
            return FIXTURE
        if broken(parsed, function.span):
            return BROKEN
        if function.code.end - function.code.start > self.options.max_code:
            return TOO_LONG
        if function.kind == "defdelegate":
            return DELEGATE
        if len(answer) > self.options.max_answer:
            return LONG_SPEC
        return SAYS_NOTHING if says_nothing(answer, function.name) else ""

    def _shown(self, parsed: Parsed, function: Function) -> str:
        """The function as it stands, its documentation when that is short, and no spec."""
        code = parsed.dedented(function.code)
        doc = function.doc
        if (
            doc is None
            or doc.hidden
            or doc.span.end - doc.span.start > (self.options.max_documentation)
        ):
            return code
        return f"{parsed.dedented(doc.span)}\n{code}"


def unanswered(shown: str) -> bool:
    """Whether code asks a server of which no answer is shown."""
    if "call(" not in shown:
        return False
    if _STATE_ASKED.search(shown) and "reply" not in shown:
        return True
    if not _ASKED.search(shown):
        return False
    return "handle_call" not in shown or bool(_UNANSWERED.search(shown))


def rivals(spec: str, module: Module) -> frozenset[str]:
    """The types of other modules in an Elixir spec that the function's module has too, under the
    same name: which of them is meant, no code can tell."""
    named = frozenset(name for _, name in _ELIXIR_REMOTE.findall(spec)) - {"t"}
    return named & frozenset(kind.name for kind in module.types) if named else named


def says_nothing(spec: str, name: str) -> bool:
    """Whether every type in a spec is `term` or `any` (or, for macros, `Macro.t`)."""
    found = _WORD.finditer(spec.replace("@spec", "").replace("-spec", ""))
    return all(one[0] in _ANYTHING or one[0] == name for one in found)


def unknown_types(spec: str, shown: str, language: str) -> list[str]:
    """The types and atoms in `spec` that are neither built in, nor of the standard library, nor to
    be seen in `shown`: remote types, local ones that another file must define, atoms and keys that
    no code at hand speaks of."""
    erlang = language == "erlang"
    remote = _ERLANG_REMOTE if erlang else _ELIXIR_REMOTE
    mark = ":" if erlang else "."
    found: list[str] = []
    spec = _OPENING.sub("", spec)
    for module, name in remote.findall(spec):
        if module in standard.ERLANG if erlang else standard.known(module):
            continue
        if f"{module}{mark}{name}" not in shown and (erlang or name != "t" or module not in shown):
            found.append(f"{module}{mark}{name}")
    local = frozenset(_LOCAL.findall(remote.sub("", spec))) - BUILT_IN
    head, _, constraints = spec.partition(" when ")
    bound = frozenset(_BOUND.findall(constraints)) & frozenset(_PLAIN.findall(head))
    atoms = frozenset((_ERLANG_ATOM if erlang else _ELIXIR_ATOM).findall(spec))
    needed = local | (atoms - COMMON_ATOMS - bound)
    return found + sorted(name for name in needed if not stands(name, shown))
