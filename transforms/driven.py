"""`test_driven`: from tests to the module, or to one function, that passes them.

A function is asked for only by tests that are about it (they name it, or no function that they call
is called by fewer), that call it more than once, and where no word of its code comes from nowhere.

What this does not do: run the tests.
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
from factory.syntax import Function, Span, Test
from factory.syntax.names import EXUNIT, KERNEL
from transforms.context import Frame, broken, documentation_share, subject, uses
from transforms.exercise import (
    BROKEN,
    FEW,
    LONG,
    MORE_CODE,
    TRIVIAL,
    Exercise,
    exercises,
    listed,
    local_name,
)
from transforms.fences import fenced
from transforms.pairs import UNPAIRED, Pair, about, without
from transforms.standard import unknown_calls
from transforms.wording import wordings

_ASSERTION = {
    "elixir": re.compile(r"\b(?:assert|refute)\w*\b"),
    "erlang": re.compile(r"\?_?assert\w*|=:?=|\w\)? = |\s= "),
}
_ATOM = re.compile(r"(?<![:\w]):([a-z]\w*[?!]?)(?![\w.])")
_COMMON = frozenset(["ok", "error", "nil", "true", "false", "undefined", "infinity"])
_BITWISE = frozenset(["band", "bor", "bxor", "bnot", "bsl", "bsr"])
_CALLED = re.compile(r"(?<!\w)([a-z_][\w@]*[?!]?)\(")
_MARKS = {"define": "?", "record": "#"}
_ERLANG_NAME = re.compile(r"[\w@]+")
_WORD = re.compile(r"[A-Za-z_]\w*[?!]?")


class TestDrivenOptions(Options):
    module: int = Field(6_000, ge=200, description="most bytes of a module asked for whole")
    function: int = Field(4_000, ge=60, description="most bytes of a function asked for")
    shortest: int = Field(60, ge=1, description="fewest bytes of a function asked for")
    tests: int = Field(5_000, ge=200, description="most bytes of tests shown")
    context: int = Field(4_000, ge=200, description="most bytes of module shown around a function")
    per_module: int = Field(10, ge=0, description="most functions of one module")
    share: float = Field(
        0.7, ge=0, le=1, description="least share of public functions exercised, for a whole module"
    )


class TestDriven(Transform):
    """From tests to the module, or to one function, that passes them."""

    name = "test_driven"
    version = 1
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang"})
    tasks = ("test_driven",)
    Options = TestDrivenOptions
    options: TestDrivenOptions

    def release(self, documents: Sequence[Parsed]) -> Iterator[Example | LeftOut]:
        for shown in exercises(documents):
            if isinstance(shown, tuple):
                parsed, suite = shown
                yield self.left_out(parsed, UNPAIRED, suite.name, suite.span)
                continue
            yield from self._module(shown)
            yield from self._functions(shown)

    def _module(self, shown: Exercise) -> Iterator[Example | LeftOut]:
        """The whole module, when its tests exercise most of it and all of it fits."""
        pair, o = shown.pair, self.options
        module = pair.module
        docs = [f.doc.span for f in module.functions if f.doc] + [
            t.doc.span for t in module.types if t.doc
        ]
        docs += [module.doc.span] if module.doc else []
        if not pair.apart or module.modules or module.span.end - module.span.start > 3 * o.module:
            return
        answer, suite = without(pair.code, module.span, docs), shown.suite()
        public = [f for f in module.functions if f.public]
        called = {f.span for functions in pair.exercised for f in functions}
        if len(answer) > o.module or len(suite) > o.tests:
            return
        if not public or len(called) < o.share * len(public) or len(pair.suite.tests) < 2:
            yield self.left_out(pair.code, FEW, shown.name, module.span)
            return
        reason = shown.lacking(suite)
        if broken(pair.code, module.span) or broken(pair.tests, pair.suite.span):
            reason = BROKEN
        calls = unknown_calls(answer, shown.language)
        calls = [call for call in calls if _owner(call) != shown.name]
        listing = Frame(pair.code, replace(module, functions=tuple(public))).listing(budget=3_000)
        if len(_untold(answer, f"{suite}\n{listing.code}")) > 2:
            reason = reason or FEW
        if listing.missing or len(calls) > 3:
            reason = reason or MORE_CODE
        if reason:
            yield self.left_out(pair.code, reason, shown.name, module.span)
            return
        number = self.number(pair.code, "module", shown.name)
        request = wordings("test_driven").say(
            "module",
            number,
            module=shown.name,
            framework=shown.framework,
            tests=fenced(suite, shown.language),
            outline=fenced(listing.code, shown.language),
        )
        yield self._row(shown, module.span, shown.name, request + _calling(number, calls), answer)

    def _functions(self, shown: Exercise) -> Iterator[Example | LeftOut]:
        pair = shown.pair
        count = 0
        tested: dict[Span, list[Test]] = {}
        for test, subject_of in zip(pair.suite.tests, about(pair), strict=True):
            if subject_of is not None:
                tested.setdefault(subject_of.span, []).append(test)
        for function in pair.module.functions:
            tests = tested.get(function.span)
            if not tests or count >= self.options.per_module or not function.public:
                continue
            row = self._function(shown, function, tests)
            count += isinstance(row, Example)
            yield row

    def _function(
        self, shown: Exercise, function: Function, about_it: Sequence[Test]
    ) -> Example | LeftOut:
        pair, o = shown.pair, self.options
        name = subject(pair.code, pair.module, function)
        code = pair.code.dedented(function.code)
        tests = _fitting(about_it, o.tests)
        text = "\n\n".join(pair.tests.dedented(test.span) for test in tests)
        helpers = _helpers(shown, text)
        calls = unknown_calls(pair.code.text(function.code), shown.language)
        calls = [call for call in calls if _owner(call) != shown.name]
        context = shown.frame.about(function, _place(pair.code, function), budget=o.context)
        untold = _untold(code, f"{text}\n{helpers}\n{context.code}")
        reason = shown.lacking(f"{text}\n{helpers}")
        unread = any(broken(pair.tests, test.span) for test in tests)
        if unread or broken(pair.code, function.span) or not function.contiguous:
            reason = BROKEN
        elif len(code) > o.function:
            reason = LONG
        elif function.code.end - function.code.start < o.shortest:
            reason = TRIVIAL
        elif (
            len(_ASSERTION[shown.language].findall(text)) < 2
            or _called(function.name, text) < 2
            or 2 * len(code) > 3 * len(text)
            or untold
        ):
            reason = FEW
        elif context.missing or len(calls) > 3 or len(helpers) > o.tests or _unseen(pair, function):
            reason = MORE_CODE
        if reason:
            return self.left_out(pair.code, reason, name, function.span)
        number = self.number(pair.code, "function", name)
        said = wordings("test_driven")
        request = said.say(
            "function",
            number,
            function=name,
            framework=shown.framework,
            tests=fenced("\n\n".join(filter(None, [helpers, text])), shown.language),
            context=fenced(context.code, shown.language),
        )
        request += _calling(number, calls)
        share = documentation_share(function)
        return self._row(shown, function.span, name, request, code, share)

    def _row(
        self,
        shown: Exercise,
        span: Span,
        name: str,
        request: str,
        answer: str,
        documentation: float = 0.0,
    ) -> Example:
        pair = shown.pair
        return self.ask(
            pair.code,
            "test_driven",
            span,
            name,
            request,
            fenced(answer, shown.language),
            documentation=documentation,
            related=[pair.tests] if pair.tests is not pair.code else [],
        )


def _fitting(tests: Sequence[Test], budget: int) -> list[Test]:
    """The first tests that fit into `budget` bytes, at most eight, at least one."""
    chosen: list[Test] = []
    for test in tests:
        budget -= test.span.end - test.span.start
        if chosen and (budget < 0 or len(chosen) == 8):
            break
        chosen.append(test)
    return chosen


def _helpers(shown: Exercise, text: str) -> str:
    """What of the test module the tests use: aliases, imports, and helpers called by name."""
    parsed, suite = shown.pair.tests, shown.pair.suite
    used = uses(text, parsed.document.language)
    if not shown.pair.apart:
        defined = [
            parsed.dedented(a.span)
            for a in suite.attributes
            if a.name in _MARKS
            and a.value
            and (name := _ERLANG_NAME.match(parsed.text(a.value)))
            and _MARKS[a.name] + name[0] in used.attributes
        ]
        return "\n".join(defined)
    lines = [
        parsed.dedented(d.span)
        for d in suite.directives
        if d.kind in ("alias", "import", "require")
        and (d.kind != "alias" or local_name(d) in used.words)
    ]
    first = {a.name: a for a in reversed(suite.attributes) if a.name in used.attributes}
    lines += [parsed.dedented(a.span) for a in reversed(first.values())]
    helpers = [parsed.dedented(h.span) for h in shown.tests_frame.helpers(used)]
    return "\n\n".join(filter(None, ["\n".join(dict.fromkeys(lines)), *helpers]))


def _called(name: str, text: str) -> int:
    """How often tests call a function by its name (an operator: mention it)."""
    return _CALLED.findall(text).count(name) if name[:1].isalpha() else text.count(name)


def _owner(call: str) -> str:
    """The module of a call as written."""
    return re.split(r"[.:](?=[^.:]+$)", call)[0]


def _untold(code: str, request: str) -> frozenset[str]:
    """Atoms of (Elixir) code that nothing in the request mentions: nobody could think of them."""
    return frozenset(_ATOM.findall(code)) - frozenset(_WORD.findall(request)) - _COMMON


def _unseen(pair: Pair, function: Function) -> bool:
    """Whether an Elixir function leans on what a request cannot show: the layout of an ETS table,
    or a local function that nothing in its file defines or imports (a macro made it)."""
    if pair.code.document.language == "erlang":
        return False
    imports = {d.target for d in pair.module.directives if d.kind in ("import", "use")}
    if imports - {"Kernel", "Bitwise"}:
        return False
    body = "\n".join(pair.code.text(c.body) for c in function.clauses if c.body)
    if ":ets." in body:
        return True
    calls = uses(body, "elixir").calls - {f.name for f in pair.module.functions}
    return bool(calls - KERNEL - EXUNIT - _BITWISE)


def _place(parsed: Parsed, function: Function) -> str:
    """What stands where the function will: the first paragraph of its doc, its specs."""
    mark = "%%" if parsed.document.language == "erlang" else "#"
    said = function.doc.text.strip().split("\n\n", 1)[0] if function.doc else ""
    lines = [f"{mark} {line}" for line in said.split("\n") if line.strip()] if said else []
    lines += [parsed.dedented(spec.span) for spec in function.specs]
    return "\n".join([*lines, f"{mark} {function.label} goes here"])


def _calling(number: int, calls: Sequence[str]) -> str:
    """A sentence that names what the code builds on outside the module."""
    if not calls:
        return ""
    named = listed([f"`{call}`" for call in calls])
    return "\n\n" + wordings("test_driven").say("calls", number >> 10, calls=named)
