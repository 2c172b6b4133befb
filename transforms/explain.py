"""`explain`: from code to what it does, in prose.

The code is shown without its documentation; the answer is the opening of that documentation
followed by facts of structure that hold by rule (`transforms.facts`). Nothing else is said: code
without documentation is not explained, nor a module too long to be shown whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Doc, Function, Module, Span
from transforms import facts, grounded, prose, shapes
from transforms.context import Frame, documented
from transforms.fences import fenced
from transforms.parts import (
    TORN,
    asks_any_module,
    bare_exception,
    bodiless,
    broken,
    code_without,
    documentation_share,
    in_tests,
    made_by_macro,
    made_for_tests,
    scattered,
    stub,
    subject,
    torn,
    wraps_unknown,
)
from transforms.wording import wordings

TASK = "explain"

NO_OPENING = "documentation has no opening prose"
NO_BODY = "only the head is given, as in protocols"
MADE = "the head is computed by a macro"
SCATTERED = "clauses do not stand together"
STUB = "stands in for what the compiler or native code does"
ECHO = "documentation repeats the name and no more"
FIXTURE = "part of tests or their input"
BROKEN = "the code has syntax errors"
TOO_LONG = "the code is longer than what may be shown"
TOO_SHORT = "the code is too short to explain"
SAYS_MORE = "documentation says more than the code shows"
NO_FACTS = "no structure to speak of"

_HIDDEN = re.compile(r"^[ \t]*@(?:doc|moduledoc|typedoc)\s+(?:false|since:.*)\n", re.MULTILINE)


class ExplainOptions(Options):
    max_function: int = Field(4_000, ge=100, description="Longest function to explain, in bytes.")
    max_module: int = Field(8_000, ge=100, description="Longest module to explain, in bytes.")
    least: int = Field(60, ge=0, description="Shortest function to explain, in bytes.")
    context: int = Field(3_000, ge=500, description="Bytes of context beside a function.")
    opening: int = Field(900, ge=100, description="Longest opening of documentation to quote.")
    share: float = Field(
        1.0,
        gt=0,
        description="Characters of opening prose per byte of code (after the first 200) above "
        "which documentation is held to say more than the code.",
    )


class Explain(Transform):
    """From a function to what its documentation says that it does."""

    name: ClassVar[str] = "explain"
    version: ClassVar[int] = 7
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang"})
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = ExplainOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        for frame, function, doc in documented(parsed):
            if function is None:
                yield self._module(frame, frame.module, doc)
            else:
                yield self._function(frame, function, doc)

    def _function(self, frame: Frame, function: Function, doc: Doc) -> Example | LeftOut:
        parsed = frame.parsed
        name = subject(parsed, frame.module, function)
        size = function.code.end - function.code.start
        reason = TOO_LONG if size > self.options.max_function else ""
        if size < self.options.least:
            reason = TOO_SHORT
        if function.kind != "defdelegate" and bodiless(function):
            reason = NO_BODY
        if made_by_macro(parsed, function):
            reason = MADE
        if scattered(function):
            reason = SCATTERED
        if stub(parsed, function):
            reason = STUB
        opening = "" if reason else prose.intro(doc.text, self.options.opening)
        reason = reason or self._unfit(parsed, opening, function.code)
        limit = 80 if wraps_unknown(parsed, function) else 200 + self.options.share * size
        if not reason and len(opening) > limit:
            reason = SAYS_MORE
        if reason:
            return self.left_out(parsed, reason, name, function.span)
        words, number = wordings(TASK), self.number(parsed, "function", name)
        structure = facts.of_function(frame, function, facts.Voice(words, number >> 8))
        if not structure:
            return self.left_out(parsed, NO_FACTS, name, function.span)
        shown = frame.whole(function)
        context = frame.about(
            function, shown, budget=len(shown) + self.options.context, closer=True
        )
        unshown = frame.used_by(function).attributes.intersection(context.missing)
        if (
            unshown
            or prose.unseen(opening, context.code)
            or prose.atoms_unseen(opening, context.code)
            or prose.names_unseen(opening, context.code)
            or asks_any_module(parsed, function)
            or shapes.told_otherwise(opening, context.code, parsed.document.language)
            or grounded.says_more(opening, context.code)
        ):
            return self.left_out(parsed, SAYS_MORE, name, function.span)
        if torn(context.code, parsed.document.language):
            return self.left_out(parsed, TORN, name, function.span)
        if prose.echoes(opening, function.name):
            return self.left_out(parsed, ECHO, name, function.span)
        code = fenced(context.code, parsed.document.language)
        said = grounded.supported(opening, context.code)
        if function.kind == "defdelegate":
            said = grounded.first(said)
        return self.ask(
            parsed,
            TASK,
            function.span,
            name,
            words.say("function", number, subject=name, context=code),
            "\n\n".join([prose.sentences(said), *structure]),
            documentation=documentation_share(function),
        )

    def _module(self, frame: Frame, module: Module, doc: Doc) -> Example | LeftOut:
        parsed = frame.parsed
        opening = prose.intro(doc.text, self.options.opening)
        reason = self._unfit(parsed, opening, module.span)
        if not reason and bare_exception(parsed, module):
            reason = SAYS_MORE
        code = "" if reason else without_documentation(parsed, module)
        if not reason and len(code) > self.options.max_module:
            reason = TOO_LONG
        if not reason and (
            len(opening) > 200 + self.options.share * len(code) or grounded.says_more(opening, code)
        ):
            reason = SAYS_MORE
        if reason:
            return self.left_out(parsed, reason, module.name, module.span)
        words, number = wordings(TASK), self.number(parsed, "module", module.name)
        structure = facts.of_module(parsed, module, facts.Voice(words, number >> 8), code)
        if not structure:
            return self.left_out(parsed, NO_FACTS, module.name, module.span)
        shown = fenced(code, parsed.document.language)
        return self.ask(
            parsed,
            TASK,
            module.span,
            module.name,
            words.say("module", number, subject=module.name, context=shown),
            "\n\n".join([prose.sentences(grounded.supported(opening, code)), *structure]),
            documentation=1 / 3,
        )

    def _unfit(self, parsed: Parsed, opening: str, unit: Span) -> str:
        if made_for_tests(parsed) or in_tests(parsed):
            return FIXTURE
        if not opening:
            return NO_OPENING
        reason = prose.unfit(opening)
        if reason:
            return reason
        if prose.speaks_of_elsewhere(opening):
            return prose.ELSEWHERE
        return BROKEN if broken(parsed, unit) else ""


def without_documentation(parsed: Parsed, module: Module) -> str:
    """A module's code with every doc of it and of its nested modules cut out."""
    spans: list[Span] = []
    waiting = [module]
    while waiting:
        one = waiting.pop()
        docs = [one.doc, *(f.doc for f in one.functions), *(t.doc for t in one.types)]
        spans += [doc.span for doc in docs if doc is not None]
        waiting += one.modules
    code = code_without(parsed, module, spans)
    return _HIDDEN.sub("", code) if "doc false" in code or "doc since" in code else code
