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
from transforms import callees, prose, results, shapes
from transforms.context import Frame, frames, indented
from transforms.demands import (
    atoms_untold,
    bare_calls,
    defined,
    imported,
    keys_untold,
    leaves_open,
    made_of,
    mostly_text,
    needs_unshown,
    numbers_untold,
    options_unsaid,
    options_untold,
    own_calls,
    patterns_untold,
    shadowing,
    spoken,
    texts_untold,
    told_of,
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
from transforms.names import stands
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
RAISES = "only raises, which its documentation does not tell"
FALLS_BACK = "looks at what is loaded or how old it is, which its documentation does not tell"

MOST_OF_IT = 0.6
"""Heads that are so much of the code leave nothing to write."""

MOST_HEADS = 6
"""The heads of so many clauses at most are told in a request."""

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
_LITERALS = re.compile(
    r"&[\w.]+[!?]?(?:/\d|\([^()]*\))|(?:nil|true|false|undefined)\b|"
    r":?[a-z_]\w*[?!]?(?:: |(?=[,}\]\s]|\Z))|~[a-zA-Z]|\?\S|"
    r"\"(?:\\.|[^\"\\])*\"|'[^'\n]*'|[\d\s.,:\[\]{}()<>%#=|_-]"
)
_PATTERN = re.compile(r"[\[{]|<<|::|(?<!\w):[a-z]")
_RAISES = re.compile(r"(?:raise|throw|exit|erlang:error|error)\b[ (]")
_LOOKS = re.compile(
    r"\b(?:function|macro)_exported\b|\bensure_(?:loaded|compiled)\b|\botp_release\b"
    r"|\bSystem\.version\("
)
_LOOKING = re.compile(r"load|export|implement|defin|availab|version|release|support|compil", re.I)
_RAISING = re.compile(r"rais|throw|exit|error!|abort|fail", re.IGNORECASE)
_PASSED_ON = re.compile(r"(?:do:|\bdo\n|->)\s*:?[\w.?]+[.:]\w+[?!]?\(\)\s*(?:\nend)?\.?\s*\Z")
_RESULT = {
    "elixir": re.compile(r"(\{ ?:(?:ok|error),|:(?:ok|error)\Z)(?![^\n]*(?:\} = |<-))"),
    "erlang": re.compile(r"(\{ ?(?:ok|error),|(?:ok|error)\Z)(?![^\n]*\} = )"),
}
_SPACE = re.compile(r"\s+")
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
    version: ClassVar[int] = 8
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
        # Most functions have neither documentation nor a comment, which costs nothing to see.
        if function.doc is None:
            if function.impl and function.impl != "false":
                return CALLBACK
            if not says_what_it_does(comment_above(parsed, function)):
                return UNDOCUMENTED
        if broken(parsed, function.span):
            return BROKEN
        if bodiless(function):
            return NO_BODY
        if made_by_macro(parsed, function):
            return MADE
        if stub(parsed, function):
            return STUB
        if function.doc is None:
            pass
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
        inside = bodies(parsed, function)
        if len(function.clauses) == 1 and constant(function, code, inside):
            return self.left_out(parsed, CONSTANT, name, function.span)
        calls = unseen_calls(frame, code)
        if calls and function.arity == 0 and _PASSED_ON.search(code):
            return self.left_out(parsed, CONSTANT, name, function.span)
        if len(calls) > self.options.max_unknown_calls or (
            calls and (callees.macros(frame.module, calls) or callees.unguessable(code, calls))
        ):
            return self.left_out(parsed, NEEDS_MORE, name, function.span)
        said = before_code(parsed, function)
        if _RAISES.match(inside) and not _RAISING.search(said):
            return self.left_out(parsed, RAISES, name, function.span)
        if _LOOKS.search(code) and not _LOOKING.search(said):
            return self.left_out(parsed, FALLS_BACK, name, function.span)
        if too_much(function, code, said, calls):
            return self.left_out(parsed, DOES_MORE, name, function.span)
        words, number = wordings(TASK), self.number(parsed, name)
        hole = words.say("hole", number >> 16, function=function.label)
        mark = "%%" if language == "erlang" else "#"
        shown = f"{said}\n{mark} {hole}" if said else f"{mark} {hole}"
        budget = self.options.context + len(shown)
        own = own_calls(code, frame.module.name)
        also = models(said) | own | spoken(frame, inside)
        context = frame.about(function, shown, also=also, budget=budget, closer=True)
        if says_less(code, said, context.code):
            return self.left_out(parsed, DOES_MORE, name, function.span)
        if (
            context.missing
            or any(f"{name}(" not in context.code for name in also)
            or not all(defined(one, context.code) for one in own)
            or leans_on_more(frame, function, code, said, context.code)
            or shapes.told_otherwise(
                said, f"{code}\n{context.code.replace(indented(said), '')}", language
            )
        ):
            return self.left_out(parsed, NEEDS_MORE, name, function.span)
        if torn(context.code, language):
            return self.left_out(parsed, TORN, name, function.span)
        borrowed = imported(frame, code, context.code)
        if callees.unguessable(code, borrowed):
            return self.left_out(parsed, NEEDS_MORE, name, function.span)
        calls = [name for name in calls if name not in {f"{frame.module.name}.{n}" for n in own}]
        head = line(parsed.text(function.clauses[0].head))
        clauses = told_heads(parsed, function)
        told = "\n".join([function.name, head, *clauses, context.code])
        atoms = self._atoms(code, told, said, language)
        if len(atoms) > self.options.max_atoms:
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
        facts = self._head(function, head, clauses, number)
        sign = "" if language == "erlang" else ":"
        options = options_unsaid(code, said)
        also_told = (
            ("calls", 32, calls + borrowed),
            ("options", 36, [f"{sign}{option}" for option in options]),
            ("atoms", 40, [f"{sign}{atom}" for atom in sorted(atoms.difference(options))]),
            ("numbers", 44, numbers_untold(code, told, language)),
            ("results", 48, results_untold(parsed, function, told)),
        )
        facts += [
            words.say(key, number >> shift, **{key: listed(names)})
            for key, shift, names in also_told
            if names
        ]
        return self.ask(
            parsed,
            TASK,
            function.span,
            name,
            "\n\n".join([request, " ".join(facts)]) if facts else request,
            fenced(code, language),
            documentation=documentation_share(function),
        )

    def _atoms(self, code: str, told: str, said: str, language: str) -> frozenset[str]:
        """The atoms that code uses and a request has to tell. In Elixir a key is not told by a
        plain word of the description (`said`) that is spelt as it is."""
        if language == "erlang" or not said:
            return atoms_untold(code, told, language)
        atoms = atoms_untold(code, told.replace(indented(said), ""), language)
        if not atoms:
            return atoms
        marked = told_of(said)
        return frozenset(atom for atom in atoms if not stands(atom, marked))

    def _head(self, function: Function, head: str, clauses: list[str], number: int) -> list[str]:
        """What a request tells of a function's arguments."""
        words = wordings(TASK)
        facts: list[str] = []
        if function.min_arity < function.arity:
            facts.append(words.say("head", number >> 24, head=head))
        elif not clauses and (
            _PATTERN.search(head)
            or function.arity >= (4 if function.specs else 2 if function.doc else 1)
        ):
            # Comments and specs seldom say what many arguments are, and in which order.
            facts.append(words.say("first", number >> 24, head=head))
        if clauses:
            facts.append(words.say("clauses", number >> 28, heads=listed(clauses)))
        return facts


def constant(function: Function, code: str, inside: str) -> bool:
    """Whether a function of one clause only hands out what nothing computes."""
    if _CONSTANT.search(code, max(0, len(code) - 300)):
        return True
    return not function.arity and not _LITERALS.sub("", inside)


def unseen_calls(frame: Frame, code: str) -> list[str]:
    """The functions of other modules, outside the standard libraries, that code calls."""
    calls = unknown_calls(code, frame.language)
    if frame.language == "erlang":
        return calls + list(dict.fromkeys(_THROUGH_MACRO.findall(code))) if "?" in code else calls
    calls += bare_calls(code) + shadowing(frame, code)
    if "__MODULE__." in code:
        calls += dict.fromkeys(_NESTED.findall(code))
    return calls


def too_much(function: Function, code: str, said: str, calls: Sequence[str]) -> bool:
    """Whether code is longer than what stands above it can tell, or has effects that it does not
    speak of."""
    length = len(said)
    least, share = (300, 2 if calls else 5) if function.doc else (200, 3)
    if len(code) > least + share * length:
        return True
    text = prose.length(function.doc.text) if function.doc is not None else length
    if function.doc is not None and len(code) > 150 + length / 2 + 6 * text:
        return True
    if not function.specs and ">" not in said and len(code) > 80 + 3.5 * text:
        return True
    return does_more(code, said)


def says_less(code: str, said: str, shown: str) -> bool:
    """Whether code reads options or holds texts that nothing shown has a word of."""
    return bool(
        options_untold(code, shown)
        or texts_untold(code, shown)
        or untold_joints(code, shown)
        or (">" not in said and patterns_untold(code, shown))
    )


def leans_on_more(frame: Frame, function: Function, code: str, said: str, shown: str) -> bool:
    """Whether code needs keys, modules, shapes of values or helpers' behaviour that nothing shown
    tells."""
    parsed, language = frame.parsed, frame.language
    inside = bodies(parsed, function)
    return bool(
        callees.elided_untold(code, shown, language)
        or ((not function.specs or leaves_open(code, shown)) and keys_untold(code, shown, language))
        or (language == "elixir" and untold_modules(inside, shown))
        or (not function.specs and untold_shapes(heads(parsed, function), shown))
        or (len(function.clauses) == 1 and ">" not in said and made_of(inside, shown))
        or (len(function.specs) == 1 and shapes.takes_more(parsed, function))
        or needs_unshown(code, shown, language)
    )


def bodies(parsed: Parsed, function: Function) -> str:
    """The bodies of all clauses, one after the other."""
    return "\n".join(parsed.text(clause.body) for clause in function.clauses if clause.body)


def heads(parsed: Parsed, function: Function) -> str:
    """The heads of all clauses, one a line."""
    return "\n".join(parsed.text(clause.head) for clause in function.clauses)


def results_untold(parsed: Parsed, function: Function, shown: str) -> list[str]:
    """The forms of success and failure that a function without a spec gives and `shown` has no
    word of."""
    if function.specs:
        return []
    result = _RESULT[parsed.document.language]
    texts = [parsed.text(clause.body) for clause in function.clauses if clause.body is not None]
    found = dict.fromkeys(
        match[1].replace(" ", "")
        for text in texts
        if "ok" in text or "error" in text
        for ending in results.endings(text)
        if (match := result.match(ending))
    )
    if not found:
        return []
    plain = _SPACE.sub("", shown)
    untold = [
        form for form in found if not (form in plain if form[0] == "{" else stands(form, shown))
    ]
    return [f"{form} _}}" if form[0] == "{" else form for form in untold]


def told_heads(parsed: Parsed, function: Function) -> list[str]:
    """The heads of a function's clauses with their guards where neither a spec nor a single head
    tells what it takes; [] where there are too many to tell."""
    clauses = [clause for clause in function.clauses if clause.body is not None]
    if function.specs or not 1 < len(clauses) <= MOST_HEADS:
        return []
    heads = [
        line(parsed.text(c.head)) + (f" when {line(parsed.text(c.guard))}" if c.guard else "")
        for c in clauses
    ]
    whole = function.code.end - function.code.start
    return heads if sum(map(len, heads)) < MOST_OF_IT * whole else []


def line(code: str) -> str:
    """Code on one line."""
    return " ".join(code.split())


def listed(names: Sequence[str]) -> str:
    """`a`, `b` and `c`, each in backticks."""
    marked = [f"`{name}`" for name in names]
    return " and ".join(part for part in (", ".join(marked[:-1]), marked[-1]) if part)
