"""`implement`: from a module with a function's documentation to the function itself.

The request shows the documentation, the spec, and what the code leans on (attributes, struct,
types, helpers), and names functions of other modules that are called; the answer is all clauses.
A function is asked for only when its request can state what it must do: by documentation, or by a
comment above a private function. What cannot be shown makes a `LeftOut`.

It does not check that a reader could write the very same code: many bodies satisfy one doc.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Function
from transforms import callees, prose, shapes
from transforms.context import Frame, frames
from transforms.demands import (
    atoms_untold,
    bare_calls,
    defined,
    imported,
    keys_untold,
    leaves_open,
    mostly_text,
    needs_unshown,
    options_untold,
    own_calls,
    patterns_untold,
    shadowing,
    texts_untold,
    unseen_neighbours,
)
from transforms.descriptions import (
    before_code,
    comment_above,
    does_more,
    models,
    says_what_it_does,
    terse,
)
from transforms.fences import fenced
from transforms.parts import (
    TORN,
    bodiless,
    broken,
    documentation_share,
    in_tests,
    made_by_macro,
    made_for_tests,
    scattered,
    stub,
    subject,
    torn,
)
from transforms.standard import unknown_calls
from transforms.untold import untold_joints, untold_modules, untold_shapes
from transforms.wording import wordings

TASK = "implement"

UNDOCUMENTED = "nothing says what the function must do"
HIDDEN = "documentation is hidden"
CALLBACK = "a callback that nothing but its behaviour describes"
DELEGATE = "a delegation, with nothing to write"
SCATTERED = "clauses do not stand together"
NO_BODY = "only the head is given, as in protocols"
MADE = "the head is computed by a macro"
STUB = "stands in for what the compiler or native code does"
COMPUTED = "documentation has computed parts"
FIXTURE = "part of tests or their input"
BROKEN = "the code has syntax errors"
TOO_LONG = "the code is longer than max_answer"
LONG_DOC = "the documentation is longer than max_documentation"
DOES_MORE = "does more than its documentation says"
CONSTANT = "hands out a constant, with nothing to write"
NEEDS_MORE = "leans on code that the request cannot show"

KINDS = {
    "def": "public function",
    "defp": "private function",
    "defmacro": "public macro",
    "defmacrop": "private macro",
    "defguard": "public guard",
    "defguardp": "private guard",
}
ERLANG_KINDS = {"def": "exported function", "defp": "local function"}

_CONSTANT = re.compile(
    r"(?:do:|\bdo\n|->)\s*(?:[@?]\w+|:?\d[\d_.]*|~w\([^)]*\)\w*|\"[^\"\n]*\")\s*(?:\nend)?\.?\s*\Z"
)
_PASSED_ON = re.compile(r"(?:do:|\bdo\n|->)\s*:?[\w.?]+[.:]\w+[?!]?\(\)\s*(?:\nend)?\.?\s*\Z")
_THROUGH_MACRO = re.compile(r"\?\w+:[a-z]\w*(?=\()")
_NESTED = re.compile(r"__MODULE__\.[A-Z][\w.]*\.[a-z_]\w*[?!]?(?=\()")


class ImplementOptions(Options):
    max_answer: int = Field(6_000, ge=100, description="Longest function to ask for, in bytes.")
    max_documentation: int = Field(
        5_000, ge=100, description="Longest documentation, spec and comments to ask with, in bytes."
    )
    context: int = Field(
        4_000, ge=500, description="Bytes of module context beside the documentation."
    )
    max_unknown_calls: int = Field(
        4, ge=0, description="Most functions of unknown modules that a request may have to name."
    )
    max_atoms: int = Field(
        2, ge=0, description="Most atoms that nothing else tells of, to be named in a request."
    )


class Implement(Transform):
    """From documentation, spec and doctests to the function."""

    name: ClassVar[str] = "implement"
    version: ClassVar[int] = 6
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang"})
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = ImplementOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        for frame in frames(parsed):
            module = frame.module
            for function in module.functions:
                name = subject(parsed, module, function)
                reason = self._unfit(parsed, function)
                if reason:
                    yield self.left_out(parsed, reason, name, function.span)
                else:
                    yield self._row(frame, function, name)

    def _unfit(self, parsed: Parsed, function: Function) -> str:
        """Why a function cannot be asked for, before its context is looked at."""
        if function.kind == "defdelegate":
            return DELEGATE
        if made_for_tests(parsed) or in_tests(parsed):
            return FIXTURE
        if function.doc is not None and function.doc.hidden:
            return HIDDEN
        if broken(parsed, function.span):
            return BROKEN
        if bodiless(function):
            return NO_BODY
        if made_by_macro(parsed, function):
            return MADE
        if stub(parsed, function):
            return STUB
        if function.doc is None:
            if function.impl and function.impl != "false":
                return CALLBACK
            if not says_what_it_does(comment_above(parsed, function)):
                return UNDOCUMENTED
        elif not function.doc.text:
            return COMPUTED
        else:
            reason = prose.unfit(function.doc.text)
            if reason:
                return reason
            if not function.specs and terse(function.doc.text):
                return prose.TOO_SHORT
        if scattered(function):
            return SCATTERED
        if function.code.end - function.code.start > self.options.max_answer:
            return TOO_LONG
        if function.code.start - function.span.start > self.options.max_documentation:
            return LONG_DOC
        return ""

    def _row(self, frame: Frame, function: Function, name: str) -> Example | LeftOut:
        parsed = frame.parsed
        language = parsed.document.language
        code = parsed.dedented(function.code)
        if _CONSTANT.search(code) and len(function.clauses) == 1:
            return self.left_out(parsed, CONSTANT, name, function.span)
        calls = unknown_calls(code, language)
        if language == "erlang":
            calls += dict.fromkeys(_THROUGH_MACRO.findall(code))
        else:
            calls += bare_calls(code) + shadowing(frame, code)
            if "__MODULE__." in code:
                calls += dict.fromkeys(_NESTED.findall(code))
        if calls and function.arity == 0 and _PASSED_ON.search(code):
            return self.left_out(parsed, CONSTANT, name, function.span)
        if len(calls) > self.options.max_unknown_calls or (
            calls and (callees.macros(frame.module, calls) or callees.unguessable(code, calls))
        ):
            return self.left_out(parsed, NEEDS_MORE, name, function.span)
        words, number = wordings(TASK), self.number(parsed, name)
        hole = words.say("hole", number >> 16, function=function.label)
        mark = "%%" if language == "erlang" else "#"
        said = before_code(parsed, function)
        shown = f"{said}\n{mark} {hole}" if said else f"{mark} {hole}"
        budget = self.options.context + len(shown)
        told = len(said)
        least, share = (300, 2 if calls else 5) if function.doc else (200, 3)
        short = function.doc is not None and len(code) > 150 + told / 2 + 6 * prose.length(
            function.doc.text
        )
        if short or does_more(code, said) or len(code) > least + share * told:
            return self.left_out(parsed, DOES_MORE, name, function.span)
        own = own_calls(code, frame.module.name)
        also = models(said) | own
        context = frame.about(function, shown, also=also, budget=budget)
        if (
            options_untold(code, context.code)
            or texts_untold(code, context.code)
            or untold_joints(code, context.code)
            or (">" not in said and len(patterns_untold(code, context.code)) > 1)
        ):
            return self.left_out(parsed, DOES_MORE, name, function.span)
        if (
            context.missing
            or any(f"{name}(" not in context.code for name in also)
            or (
                (not function.specs or leaves_open(code, context.code))
                and keys_untold(code, context.code, language)
            )
            or (language == "elixir" and untold_modules(bodies(parsed, function), context.code))
            or (not function.specs and untold_shapes(heads(parsed, function), context.code))
            or needs_unshown(code, context.code, language)
            or unseen_neighbours(frame, bodies(parsed, function), context.code)
            or not all(defined(one, context.code) for one in own)
            or (len(function.specs) == 1 and shapes.takes_more(parsed, function))
            or callees.elided_untold(code, context.code, language)
        ):
            return self.left_out(parsed, NEEDS_MORE, name, function.span)
        head = parsed.dedented(function.clauses[0].head)
        if torn(context.code, language):
            return self.left_out(parsed, TORN, name, function.span)
        needed = atoms_untold(code, f"{function.name} {head}\n{context.code}", language)
        if len(needed) > self.options.max_atoms:
            return self.left_out(parsed, NEEDS_MORE, name, function.span)
        if '"' in code and mostly_text(code, context.code):
            return self.left_out(parsed, DOES_MORE, name, function.span)
        request = words.say(
            "implement",
            number,
            kind=(ERLANG_KINDS if language == "erlang" else KINDS)[function.kind],
            function=function.label,
            module=frame.module.name,
            context=fenced(context.code, language),
        )
        facts = []
        if function.min_arity < function.arity:
            facts.append(words.say("head", number >> 24, head=head))
        elif function.arity >= (4 if function.specs else 2 if function.doc else 1):
            # Comments and specs seldom say what many arguments are, and in which order.
            facts.append(words.say("first", number >> 24, head=head))
        calls = [name for name in calls if name not in {f"{frame.module.name}.{n}" for n in own}]
        calls += imported(frame, code, context.code)
        if calls:
            facts.append(words.say("calls", number >> 32, calls=listed(calls)))
        if needed:
            sign = "" if language == "erlang" else ":"
            atoms = listed([f"{sign}{atom}" for atom in sorted(needed)])
            facts.append(words.say("atoms", number >> 40, atoms=atoms))
        return self.ask(
            parsed,
            TASK,
            function.span,
            name,
            "\n\n".join([request, " ".join(facts)]) if facts else request,
            fenced(code, language),
            documentation=documentation_share(function),
        )


def bodies(parsed: Parsed, function: Function) -> str:
    """The bodies of all clauses, one after the other."""
    return "\n".join(parsed.text(clause.body) for clause in function.clauses if clause.body)


def heads(parsed: Parsed, function: Function) -> str:
    """The heads of all clauses, one a line."""
    return "\n".join(parsed.text(clause.head) for clause in function.clauses)


def listed(names: Sequence[str]) -> str:
    """`a`, `b` and `c`, each in backticks."""
    marked = [f"`{name}`" for name in names]
    return " and ".join(part for part in (", ".join(marked[:-1]), marked[-1]) if part)
