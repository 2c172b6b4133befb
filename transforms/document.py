"""`document`: from code to its documentation, for functions and for modules.

The answer is the whole attribute as it stands in the source (`@doc \"\"\"…\"\"\"`, `@moduledoc`,
Erlang's `-doc` or EDoc comment). A function is shown with its spec and what it leans on, a module
as it is or, when it is long, by the heads of its functions under the first line of their docs.

Documentation that says what code cannot show (links, other sections, versions, a guide's worth of
prose about one line of code) is left out: learning to write it is learning to make things up.
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
from transforms import grounded, prose, results, shapes
from transforms.context import Context, Frame, documented
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
from transforms.standard import UNDOCUMENTED
from transforms.wording import Wordings, wordings

TASK = "document"

NOT_TEXT = "documentation is not plain text"
DELEGATE = "a delegation shows nothing to describe"
NO_BODY = "only the head is given, as in protocols"
MADE = "the head is computed by a macro"
SCATTERED = "clauses do not stand together"
STUB = "stands in for what the compiler or native code does"
MISTAKEN = "an example in the documentation calls the function without its arguments"
ECHO = "documentation repeats the name and no more"
FIXTURE = "part of tests or their input"
BROKEN = "the code has syntax errors"
CODE_TOO_LONG = "the code is longer than max_code"
DOC_TOO_LONG = "the documentation is longer than what may be asked for"
SAYS_MORE = "documentation says more than the code shows"
NOTHING_TO_SHOW = "the module has nothing to show"

LEAST_PROSE = 16
"""Characters, beside headings and examples, below which documentation says nothing."""

_LINK_AWAY = re.compile(r"\{@link[\s%]+[a-z_]\w*[:}\s]")
_VALUE = re.compile(r":?\"[^\"\n]*\"|:?\w+|'[^'\n]*'|<<\"[^\"\n]*\">>")
_SHOWN_RESULT = re.compile(r"iex>|#=>|# =>")
_OPAQUE = re.compile(r"\"(?=[\w+/=.-]*\d)(?=[\w+/=.-]*[a-zA-Z])[\w+/=.-]{40,}\"")
"""Tokens, digests and the like: nobody writes them without running the code."""

_OTHER_EXAMPLES = re.compile(r"example|```|^ {4,}\S", re.IGNORECASE | re.MULTILINE)


class DocumentOptions(Options):
    max_code: int = Field(6_000, ge=100, description="Longest function to ask about, in bytes.")
    max_answer: int = Field(3_000, ge=100, description="Longest documentation to ask for, bytes.")
    max_overview: int = Field(
        1_200, ge=100, description="Longest module documentation, examples aside, in characters."
    )
    listed_overview: int = Field(
        300, ge=100, description="The same for a module that is shown by its heads alone."
    )
    context: int = Field(3_000, ge=500, description="Bytes of context beside a function.")
    whole_module: int = Field(5_000, ge=0, description="Longest module to show whole, in bytes.")
    listing: int = Field(8_000, ge=500, description="Bytes of a longer module's heads to show.")
    share: float = Field(
        1.0,
        gt=0,
        description="Characters of documentation, examples aside, per byte of the code it is "
        "about (after the first 120) above which it is held to say more than the code; modules, "
        "half of that after the first 200.",
    )


class Document(Transform):
    """From a function or a module to its documentation."""

    name: ClassVar[str] = "document"
    version: ClassVar[int] = 7
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang"})
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = DocumentOptions

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
        reason = self._unfit(parsed, doc, function.span)
        if not reason and function.kind == "defdelegate":
            reason = DELEGATE
        if not reason and bodiless(function):
            reason = NO_BODY
        if not reason and made_by_macro(parsed, function):
            reason = MADE
        if not reason and scattered(function):
            reason = SCATTERED
        if not reason and stub(parsed, function):
            reason = STUB
        if not reason and size > self.options.max_code:
            reason = CODE_TOO_LONG
        if reason:
            return self.left_out(parsed, reason, name, function.span)
        if not function.arity and "\n\n" in doc.text.strip() and self._constant(parsed, function):
            return self.left_out(parsed, SAYS_MORE, name, function.span)
        limit = 80 if wraps_unknown(parsed, function) else 120 + self.options.share * size
        if prose.longer(doc.text, limit):
            return self.left_out(parsed, SAYS_MORE, name, function.span)
        shown = frame.whole(function)
        budget = len(shown) + self.options.context
        also = prose.neighbours(doc.text.replace(f"`{frame.module.name}.", "`"))
        called = prose.shown_calls(doc.text, frame.module.name) - {function.name}
        called = frozenset(name for name in called if frame.named(name))
        context = frame.about(function, shown, also=also | called, budget=budget, closer=True)
        unshown = frame.used_by(function).attributes.intersection(context.missing)
        if (
            unshown
            or unseen(doc.text, context.code)
            or prose.names_unseen(doc.text, context.code)
            or any(missing.rpartition("/")[0] in called for missing in context.missing)
            or (_SHOWN_RESULT.search(doc.text) and self._result_unknown(frame, function, context))
            or asks_any_module(parsed, function)
            or self._never_fails(frame, function, doc.text, context.code)
            or shapes.told_otherwise(doc.text, context.code, parsed.document.language)
            or grounded.says_more(doc.text, context.code)
        ):
            return self.left_out(parsed, SAYS_MORE, name, function.span)
        if torn(context.code, parsed.document.language):
            return self.left_out(parsed, TORN, name, function.span)
        if function.min_arity and prose.miscalled(doc.text, function.name):
            return self.left_out(parsed, MISTAKEN, name, function.span)
        if prose.echoes(doc.text, function.name):
            return self.left_out(parsed, ECHO, name, function.span)
        return self._ask(frame, function, doc, context.code)

    def _constant(self, parsed: Parsed, function: Function) -> bool:
        """Whether a function is a value on one line, of which code has no more to tell."""
        bodies = [parsed.text(c.body) for c in function.clauses if c.body is not None]
        return len(bodies) == 1 and _VALUE.fullmatch(bodies[0].strip()) is not None

    def _never_fails(self, frame: Frame, function: Function, text: str, shown: str) -> bool:
        """Whether the documentation tells of tuples of errors and no branch ever gives one."""
        if "{:error" not in text or ":error" in shown or "error:" in shown:
            return False
        spans = [clause.body for clause in function.clauses if clause.body is not None]
        return results.plain([frame.parsed.text(span) for span in spans])

    def _result_unknown(self, frame: Frame, function: Function, context: Context) -> bool:
        """Whether nothing shown tells what the examples in the documentation give."""
        parsed = frame.parsed
        if wraps_unknown(parsed, function):
            return True
        bodies = [parsed.text(c.body) for c in function.clauses if c.body is not None]
        return results.unknown(frame, bodies, context.code, deep=1)

    def _module(self, frame: Frame, module: Module, doc: Doc) -> Example | LeftOut:
        parsed = frame.parsed
        reason = self._unfit(parsed, doc, doc.span)
        if not reason and bare_exception(parsed, module):
            reason = SAYS_MORE
        if not reason and not (module.functions or module.callbacks or module.struct):
            reason = NOTHING_TO_SHOW
        if reason:
            return self.left_out(parsed, reason, module.name, module.span)
        if prose.longer(doc.text, self.options.max_overview):
            return self.left_out(parsed, DOC_TOO_LONG, module.name, module.span)
        if module.span.end - module.span.start - len(doc.text) <= self.options.whole_module:
            code = code_without(parsed, module, [doc.span])
        else:
            if prose.longer(doc.text, self.options.listed_overview):
                return self.left_out(parsed, SAYS_MORE, module.name, module.span)
            code = frame.listing(budget=self.options.listing).code
        too_long = prose.longer(doc.text, 200 + self.options.share * len(code) / 2)
        if too_long or unseen(doc.text, code) or grounded.says_more(doc.text, code):
            return self.left_out(parsed, SAYS_MORE, module.name, module.span)
        if prose.echoes(doc.text, module.name):
            return self.left_out(parsed, ECHO, module.name, module.span)
        return self._ask(frame, None, doc, code)

    def _unfit(self, parsed: Parsed, doc: Doc, unit: Span) -> str:
        if not doc.text:
            return NOT_TEXT
        if made_for_tests(parsed) or in_tests(parsed):
            return FIXTURE
        reason = prose.unfit(doc.text)
        if not reason and prose.length(doc.text) < LEAST_PROSE:
            reason = prose.TOO_SHORT
        if not reason and _OPAQUE.search(doc.text):
            reason = SAYS_MORE
        if reason:
            return reason
        if len(doc.text) > self.options.max_answer:
            return DOC_TOO_LONG
        if prose.speaks_of_elsewhere(doc.text) or _LINK_AWAY.search(parsed.text(doc.span)):
            return prose.ELSEWHERE
        return BROKEN if broken(parsed, unit) else ""

    def _ask(self, frame: Frame, function: Function | None, doc: Doc, code: str) -> Example:
        parsed, module = frame.parsed, frame.module
        language = parsed.document.language
        name = subject(parsed, module, function)
        key = "function" if function else "module"
        words, number = wordings(TASK), self.number(parsed, key, name)
        answer = parsed.dedented(doc.span)
        request = words.say(
            key, number, what=attribute(answer), subject=name, context=fenced(code, language)
        )
        extra = self._extra(words, number >> 16, doc, language)
        return self.ask(
            parsed,
            TASK,
            function.span if function else module.span,
            name,
            f"{request}\n\n{extra}" if extra else request,
            fenced(answer, language),
            documentation=documentation_share(function) if function else 1 / 3,
        )

    def _extra(self, words: Wordings, number: int, doc: Doc, language: str) -> str:
        """Whether examples are wanted, which no code can tell."""
        if language != "elixir":
            return ""
        if "iex>" in doc.text:
            return words.say("examples", number)
        return "" if _OTHER_EXAMPLES.search(doc.text) else words.say("brief", number)


def unseen(doc: str, code: str) -> bool:
    """Whether documentation speaks of functions, options, atoms or undocumented modules that code
    has no word of."""
    if prose.unseen(doc, code) or prose.atoms_unseen(doc, code):
        return True
    return any(name in doc and name not in code for name in UNDOCUMENTED)


def attribute(text: str) -> str:
    """What a person calls this piece of documentation: `@doc`, `-moduledoc`, `EDoc comment`."""
    if text.startswith("%"):
        return "EDoc comment"
    return re.split(r"[\s(]", text, maxsplit=1)[0]
