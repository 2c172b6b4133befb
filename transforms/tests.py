"""Tests, both ways: from code to the tests of it, and from tests to the code that passes them.

A small module and its tests make one row; large ones are cut to a `describe` block (or the tests of
one function) with the functions that it exercises and what those lean on. ExUnit and EUnit.

What this does not do: run the tests, or use suites that need files or support modules which the
request could not show.
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
from factory.syntax import Function, Module, Span, Test
from transforms.context import Frame, documentation_share, subject, uses, without_docs
from transforms.fences import fenced
from transforms.pairs import UNPAIRED, Group, Pair, groups, pairs, without
from transforms.standard import unknown_calls
from transforms.wording import wordings

BROKEN = "syntax error inside"
FILES = "the tests read files that a request does not show"
SUPPORT = "the tests lean on support code that a request does not show"
LONG = "too long for one request"
NOTHING = "the tests call no function of the module"
MORE_CODE = "leans on more code than a request can show"
FEW = "too few tests to tell what the code must do"
TRIVIAL = "too little code to learn from"

_READS = re.compile(
    r"fixture|__DIR__|\bFile\.(?:read|stream|ls|cwd|cd|stat|exists)|file:(?:read|consult)"
    r"|code:(?:priv|lib)_dir|Path\.(?:expand|wildcard)|tmp_(?:path|dir)|init:get"
)
_ASSERTION = re.compile(r"\b(?:assert|refute)\w*\b|\?_?(?:assert|debugVal)\w*|=:?=")
_ATOM = re.compile(r"(?<![:\w]):([a-z]\w*[?!]?)(?![\w.])")
_COMMON = frozenset(["ok", "error", "nil", "true", "false", "undefined", "infinity"])
_IFDEF = re.compile(rb"^-ifdef\((?:TEST|EUNIT)\)\.[ \t\r]*\n(.*?)^-endif\.", re.M | re.S)
_RENAMED = re.compile(r"\bas:\s*([A-Z]\w*)")
_WORD = re.compile(r"[A-Za-z_]\w*[?!]?")


class TestWritingOptions(Options):
    module: int = Field(9_000, ge=200, description="most bytes of a module shown whole")
    suite: int = Field(9_000, ge=200, description="most bytes of a test module asked for whole")
    part: int = Field(5_000, ge=200, description="most bytes of a group of tests asked for")
    context: int = Field(6_000, ge=200, description="most bytes of code shown with a group")
    frame: int = Field(2_500, ge=0, description="most bytes of a test module shown around a group")


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


class _Shown:
    """A pair and the pieces of it that requests are made of; cut once."""

    def __init__(self, pair: Pair, support: frozenset[str]) -> None:
        self.pair = pair
        self.language = pair.code.document.language
        self.name = pair.module.name
        self.frame = Frame(pair.code, pair.module)
        self.groups = groups(pair)
        renamed = {
            found[1]
            for d in pair.suite.directives
            if d.target in support and (found := _RENAMED.search(d.options))
        }
        self.support = frozenset(name.rsplit(".", 1)[-1] for name in support) | renamed

    @property
    def framework(self) -> str:
        return "EUnit" if self.language == "erlang" else "ExUnit"

    def suite(self) -> str:
        """The whole test module, or the tests inside a module, dedented."""
        pair = self.pair
        if pair.apart:
            return pair.tests.dedented(pair.suite.span)
        region = self._region()
        if region:
            return region[0]
        return "\n\n".join(pair.tests.dedented(test.span) for test in pair.suite.tests)

    def module(self) -> str:
        """The whole module, without tests that it holds itself."""
        pair = self.pair
        if pair.apart:
            return pair.code.dedented(pair.module.span)
        region = self._region()
        cuts = [region[1]] if region else [test.span for test in pair.suite.tests]
        return without(pair.code, pair.module.span, cuts)

    def _region(self) -> tuple[str, Span] | None:
        """Erlang's `-ifdef(TEST).` that holds all tests: its inside, and all of it."""
        for found in _IFDEF.finditer(self.pair.tests.source):
            whole = Span(found.start(), found.end())
            if all(whole.holds(test.span) for test in self.pair.suite.tests):
                return found.group(1).decode().strip("\n"), whole
        return None

    def scaffold(self) -> str:
        """The test module without its tests: what they may use."""
        pair = self.pair
        blocks = [group.span for group in self.groups if group.describe]
        loose = [test.span for test in pair.suite.tests]
        return without(pair.tests, pair.suite.span, [*blocks, *loose]) if pair.apart else ""

    def lacking(self, text: str) -> str:
        """Why tests with this text cannot be derived from a request ("" when they can)."""
        if _READS.search(text):
            return FILES
        if not self.support.isdisjoint(_WORD.findall(text)):
            return SUPPORT
        return ""


def _shown(documents: Sequence[Parsed]) -> Iterator[_Shown | tuple[Parsed, Module]]:
    """Every pair of the release; support modules are those that test files define
    beside it."""
    found = list(pairs(documents))
    for one in found:
        if isinstance(one, tuple):
            yield one
            continue
        inside = {one.suite.name, *(m.name for m in one.suite.modules)}
        beside = {
            module.name
            for parsed in documents
            if parsed is one.tests or parsed.document.path.startswith(_test_folder(one.tests))
            for module in parsed.outline.every_module()
        }
        yield _Shown(one, frozenset(beside - inside - {one.module.name}))


def _test_folder(parsed: Parsed) -> str:
    """The path up to the outermost `test` folder ("\\0" when there is none: nothing starts so)."""
    parts = parsed.document.path.split("/")
    return "/".join([*parts[: parts.index("test") + 1], ""]) if "test" in parts else "\0"


class TestWriting(Transform):
    """From a module, or a few of its functions, to the tests of it."""

    name = "test_writing"
    version = 1
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang"})
    tasks = ("test_writing",)
    Options = TestWritingOptions
    options: TestWritingOptions

    def release(self, documents: Sequence[Parsed]) -> Iterator[Example | LeftOut]:
        for shown in _shown(documents):
            if isinstance(shown, tuple):
                parsed, suite = shown
                yield self.left_out(parsed, UNPAIRED, suite.name, suite.span)
                continue
            pair = shown.pair
            if pair.code.outline.broken(pair.module.span) or pair.tests.outline.broken(
                pair.suite.span
            ):
                yield self.left_out(pair.tests, BROKEN, pair.suite.name, pair.suite.span)
                continue
            whole = self._whole(shown)
            if whole is not None:
                yield whole
            else:
                yield from self._parts(shown)

    def _whole(self, shown: _Shown) -> Example | LeftOut | None:
        """The row of a whole module; None when it must be cut."""
        pair, o = shown.pair, self.options
        module, suite = shown.module(), shown.suite()
        if len(module) > o.module or len(suite) > o.suite:
            return None
        span = pair.suite.span if pair.apart else pair.suite.tests[0].span
        lacking = shown.lacking(suite)
        if lacking:
            return self.left_out(pair.tests, lacking, pair.suite.name, span)
        number = self.number(pair.tests, "whole", pair.suite.name)
        said = wordings("test_writing")
        key = "whole" if pair.apart else "inside"
        request = said.say(
            key,
            number,
            module=shown.name,
            tests=pair.suite.name,
            framework=shown.framework,
            code=fenced(module, shown.language),
        )
        request += self._named(number, pair.suite.tests)
        return self._row(shown, span, shown.name, request, suite)

    def _parts(self, shown: _Shown) -> Iterator[Example | LeftOut]:
        scaffold = shown.scaffold()
        pair = shown.pair
        if len(scaffold) > self.options.frame or shown.lacking(scaffold):
            reason = shown.lacking(scaffold) or SUPPORT
            yield self.left_out(pair.tests, reason, pair.suite.name, pair.suite.span)
            return
        for group in shown.groups:
            yield self._part(shown, group, scaffold)

    def _part(self, shown: _Shown, group: Group, scaffold: str) -> Example | LeftOut:
        pair = shown.pair
        labels = [subject(pair.code, pair.module, f) for f in group.about]
        name = group.describe or (labels[0] if labels else pair.suite.name)
        answer = _code(pair, group)
        reason = shown.lacking(answer)
        if not group.functions:
            reason = NOTHING
        elif len(answer) > self.options.part:
            reason = LONG
        if reason:
            return self.left_out(pair.tests, reason, name, group.span)
        instead = {f.span: pair.code.dedented(f.span) for f in group.functions}
        size = sum(map(len, instead.values()))
        if size > self.options.context:
            instead = {f.span: without_docs(pair.code, f) for f in group.functions}
            size = sum(map(len, instead.values()))
        code = "\n".join(without_docs(pair.code, f) for f in group.functions)
        context = shown.frame.around(code, instead, budget=self.options.context - size)
        together = all(f.contiguous for f in group.functions)
        if size > self.options.context or context.missing or not together:
            return self.left_out(pair.tests, MORE_CODE, name, group.span)
        number = self.number(pair.tests, "part", *group.span)
        said = wordings("test_writing")
        facts = {
            "functions": _listed([f"`{label}`" for label in labels]),
            "framework": shown.framework,
            "context": fenced(context.code, shown.language),
        }
        if not scaffold:
            request = said.say("part", number, **facts)
        else:
            key = "describe" if group.describe else "into"
            facts["scaffold"] = fenced(scaffold, shown.language)
            if group.describe:
                facts["block"] = f'describe "{group.describe}"'
            request = said.say(key, number, **facts)
        request += self._named(number, group.tests)
        return self._row(shown, group.span, name, request, answer)

    def _named(self, number: int, tests: Sequence[Test]) -> str:
        """In half of the rows, what the tests are called: it says what to check."""
        if (number >> 8) % 2:
            return ""
        names = "\n".join(f"- {test.name.removeprefix(test.describe).strip()}" for test in tests)
        return "\n\n" + wordings("test_writing").say("named", number >> 9, names=names)

    def _row(self, shown: _Shown, span: Span, name: str, request: str, answer: str) -> Example:
        pair = shown.pair
        return self.ask(
            pair.tests,
            "test_writing",
            span,
            name,
            request,
            fenced(answer, shown.language),
            related=[pair.code] if pair.code is not pair.tests else [],
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
        for shown in _shown(documents):
            if isinstance(shown, tuple):
                parsed, suite = shown
                yield self.left_out(parsed, UNPAIRED, suite.name, suite.span)
                continue
            yield from self._module(shown)
            yield from self._functions(shown)

    def _module(self, shown: _Shown) -> Iterator[Example | LeftOut]:
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
        if pair.code.outline.broken(module.span) or pair.tests.outline.broken(pair.suite.span):
            reason = BROKEN
        calls = unknown_calls(answer, shown.language)
        calls = [c for c in calls if not c.startswith((f"{shown.name}.", "__MODULE__."))]
        listing = Frame(pair.code, replace(module, functions=tuple(public))).listing(budget=3_000)
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

    def _functions(self, shown: _Shown) -> Iterator[Example | LeftOut]:
        pair = shown.pair
        count = 0
        rarity = {f.span: 0 for f in pair.module.functions}
        for functions in pair.exercised:
            for f in functions:
                rarity[f.span] += 1
        for function in pair.module.functions:
            # A function that nearly every test passes through is not what any of them is about.
            about = [
                test
                for test, functions in zip(pair.suite.tests, pair.exercised, strict=True)
                if function in functions
                and rarity[function.span] <= min(rarity[f.span] for f in functions) + 2
            ]
            if not about or count >= self.options.per_module or not function.public:
                continue
            row = self._function(shown, function, about)
            count += isinstance(row, Example)
            yield row

    def _function(
        self, shown: _Shown, function: Function, about: Sequence[Test]
    ) -> Example | LeftOut:
        pair, o = shown.pair, self.options
        name = subject(pair.code, pair.module, function)
        code = pair.code.dedented(function.code)
        tests = _fitting(about, o.tests)
        text = "\n\n".join(pair.tests.dedented(test.span) for test in tests)
        helpers = _helpers(pair, text)
        calls = unknown_calls(pair.code.text(function.code), shown.language)
        calls = [call for call in calls if not call.startswith(f"{shown.name}.")]
        context = shown.frame.around(
            code, {function.span: _place(pair.code, function)}, budget=o.context
        )
        told = set(_WORD.findall(f"{text}\n{helpers}\n{context.code}"))
        untold = set(_ATOM.findall(code)) - told - _COMMON
        reason = shown.lacking(f"{text}\n{helpers}")
        broken = any(pair.tests.outline.broken(test.span) for test in tests)
        if broken or pair.code.outline.broken(function.span) or not function.contiguous:
            reason = BROKEN
        elif len(code) > o.function:
            reason = LONG
        elif function.code.end - function.code.start < o.shortest:
            reason = TRIVIAL
        elif len(_ASSERTION.findall(text)) < 2 or len(code) > 2 * len(text) or len(untold) > 1:
            reason = FEW
        elif context.missing or len(calls) > 3 or len(helpers) > o.tests:
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
        shown: _Shown,
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


def _code(pair: Pair, group: Group) -> str:
    """A `describe` block as it stands, or loose tests with a blank line between."""
    if group.describe:
        return pair.tests.dedented(group.span)
    return "\n\n".join(pair.tests.dedented(test.span) for test in group.tests)


def _fitting(tests: Sequence[Test], budget: int) -> list[Test]:
    """The first tests that fit into `budget` bytes, at most eight, at least one."""
    chosen: list[Test] = []
    for test in tests:
        budget -= test.span.end - test.span.start
        if chosen and (budget < 0 or len(chosen) == 8):
            break
        chosen.append(test)
    return chosen


def _helpers(pair: Pair, text: str) -> str:
    """What of the test module the tests use: aliases, imports, and helpers called by name."""
    if not pair.apart:
        return ""
    parsed, suite = pair.tests, pair.suite
    used = uses(text, parsed.document.language)
    lines = [
        parsed.dedented(d.span)
        for d in suite.directives
        if d.kind in ("alias", "import", "require")
        and not d.target.startswith("ExUnit")
        and (d.kind != "alias" or d.target.rsplit(".", 1)[-1] in used.words)
    ]
    lines += [parsed.dedented(a.span) for a in suite.attributes if a.name in used.attributes]
    shown = Frame(parsed, suite).helpers(used)
    return "\n\n".join(
        filter(None, ["\n".join(dict.fromkeys(lines)), *(parsed.dedented(h.span) for h in shown)])
    )


def _place(parsed: Parsed, function: Function) -> str:
    """What stands where the function will: the first paragraph of its doc, its specs."""
    mark = "%%" if parsed.document.language == "erlang" else "#"
    said = function.doc.text.strip().split("\n\n", 1)[0] if function.doc else ""
    lines = [f"{mark} {line}" for line in said.split("\n") if line.strip()] if said else []
    lines += [parsed.dedented(spec.span) for spec in function.specs]
    return "\n".join([*lines, f"{mark} {function.label} goes here"])


def _listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _calling(number: int, calls: Sequence[str]) -> str:
    """A sentence that names what the code builds on outside the module."""
    if not calls:
        return ""
    named = _listed([f"`{call}`" for call in calls])
    return "\n\n" + wordings("test_driven").say("calls", number >> 10, calls=named)
