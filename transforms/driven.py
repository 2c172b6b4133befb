"""`test_driven`: from tests to the module, or to one function, that passes them.

A function is asked for only by tests that are about it, that call it more than once, and where no
word of its code comes from nowhere: what it calls in other modules of the release is shown, and so
is what the tests lean on.

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
from transforms.borrowed import Borrowed
from transforms.context import (
    WHOLE_HELPER,
    Frame,
    broken,
    documentation_share,
    subject,
    uses,
)
from transforms.exercise import (
    BROKEN,
    FEW,
    LONG,
    MORE_CODE,
    STUBS,
    SUPPORT,
    TRIVIAL,
    Exercise,
    exercises,
    listed,
    unwritten,
    without_marks,
)
from transforms.fences import fenced
from transforms.leaning import strangers, support
from transforms.names import stands
from transforms.pairs import UNPAIRED, Pair, about, torn, without
from transforms.standard import known
from transforms.untold import (
    unserved,
    untold_atoms,
    untold_modules,
    untold_parts,
    untold_pieces,
    untold_shapes,
    untold_texts,
    without_texts,
)
from transforms.wording import wordings

OUTSIDE = 2
"""Code may call this many functions of modules that are neither its project's nor standard."""

UNBUILT = 3
"""So many functions that build what a test works on hide what it is."""

_ASSERTION = {
    "elixir": re.compile(r"\b(?:assert|refute)\w*\b"),
    "erlang": re.compile(r"\?_?assert\w*|=:?=|\w\)? = |\s= "),
}
_RAISES = re.compile(r"\bassert_raise\b|\bcatch_\w+|\?_?assert(?:Error|Exit|Throw|Exception)\b")
_BITWISE = frozenset(["band", "bor", "bxor", "bnot", "bsl", "bsr"])
_CALLED = re.compile(r"(?<!\w)([a-z_][\w@]*[?!]?)\(")
_SETUP = re.compile(r"^setup(?:_all)?\b", re.MULTILINE)
_DEFAULT_BETWEEN = re.compile(r"\\\\[^,\n]*,(?:(?!\\\\)[^,\n])*\)(?:\s*when\b[^\n]*)?\s*\Z")
_GIVEN_MODULE = re.compile(
    r"(?<![\w.:@])(?:[a-z]\w*(?:\([^()\n]*\))?|@\w+)(?:\.[a-z]\w*)*\.([a-z_]\w*[?!]?)\("
)
_DEFAULT = re.compile(r"\\\\\s*&?([a-z_]\w*[?!]?)[(/]")
_APPLIED = re.compile(r"(?<![\w.])apply\(")
_FUN = re.compile(r"\bfn\b|&\w|\bfun\b")
_TABLE = re.compile(r"\b(?:ets|dets|mnesia|persistent_term)[.:][a-z]")
_SUPER = re.compile(r"(?<![\w.])super\(")
_AGENT = re.compile(r"\bAgent\.(?:get|update|cast|get_and_update)\(")
_SPOKEN = re.compile(r"#\{\s*([a-z_]\w*[?!]?) +(?=[a-z_:@\d])(?!(?:and|or|in|when)\b)")
"""Calls without parentheses inside of a text."""
_LIST = re.compile(r"(?<![\w\]@])\[((?:[A-Z_a-z]\w*,\s*){2,}[A-Z_a-z]\w*)\]")
_LISTED = re.compile(r"\[([^\[\]]*,[^\[\]]*)\]")
_LOCAL = re.compile(r"(?<![\w.@&])([a-z_]\w*[?!]?)\(([^()]*)\)")
_BARE = r"(?:-?\d+|\[\]|nil|undefined|true|false|%\{\}|#\{\})"
_BARE_TUPLE = re.compile(rf"(?<![%\w#@])\{{\s*{_BARE}\s*,\s*{_BARE}\s*(?:,[^{{}}]*)?\}}")
_TYPED = re.compile(
    r"@(?:type|typep|opaque|spec)\b|\bdefstruct\b|^-(?:type|opaque|spec|record)\b", re.MULTILINE
)
_LITERAL = re.compile(r"(?<![\w:.])(?:nil|true|false|\d+|\[\]|\"[^\"]*\")(?![\w.])")


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
    version = 4
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
        answer, suite = without(pair.code, module.span, docs), without_marks(shown.suite())
        public = [f for f in module.functions if f.public]
        called = {f.span for functions in pair.exercised for f in functions}
        if len(answer) > o.module or len(suite) > o.tests:
            return
        if not public or len(called) < o.share * len(public) or len(pair.suite.tests) < 2:
            yield self.left_out(pair.code, FEW, shown.name, module.span)
            return
        reason = shown.lacking(suite)
        if strangers(shown, suite):
            reason = reason or SUPPORT
        if broken(pair.code, module.span) or broken(pair.tests, pair.suite.span):
            reason = BROKEN
        said = [spec.span for f in module.functions for spec in f.specs]
        said += [t.span for t in module.types]
        code = without(pair.code, module.span, [*docs, *said])
        borrowed = shown.library.borrowed(code, module, shown.language)
        listing = Frame(pair.code, replace(module, functions=tuple(public))).listing(budget=3_000)
        told = f"{suite}\n{listing.code}\n{borrowed.code}"
        if (
            len(untold_atoms(answer, told, shown.language)) > 1
            or untold_texts(answer, told)
            or untold_pieces(code, told, shown.language)
            or _untold_modules(shown, code, told)
        ):
            reason = reason or FEW
        if (
            listing.missing
            or not _shown(borrowed)
            or _opaque(answer, borrowed)
            or _SUPER.search(answer)
        ):
            reason = reason or MORE_CODE
        if _hollow(pair.code, public):
            reason = reason or TRIVIAL
        if 2 * sum(unwritten(pair.code, f) for f in public) > len(public):
            reason = reason or STUBS
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
        request += _calling(number, borrowed)
        yield self._row(shown, module.span, shown.name, request, answer)

    def _functions(self, shown: Exercise) -> Iterator[Example | LeftOut]:
        pair = shown.pair
        count = 0
        tested: dict[Span, list[Test]] = {}
        for test, subjects in zip(pair.suite.tests, about(pair), strict=True):
            for one in subjects:
                tested.setdefault(one.span, []).append(test)
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
        tests = _fitting(_of_one_setup(shown, about_it), o.tests)
        text = "\n\n".join(pair.tests.dedented(test.span) for test in tests)
        reason = ""
        if any(broken(pair.tests, t.span) for t in tests) or (
            broken(pair.code, function.span) or torn(pair.code, function)
        ):
            reason = BROKEN
        elif not function.contiguous:
            reason = MORE_CODE
        elif len(code) > o.function:
            reason = LONG
        elif function.code.end - function.code.start < o.shortest or (
            function.kind == "defdelegate"
        ):
            reason = TRIVIAL
        elif unwritten(pair.code, function):
            reason = STUBS
        elif (
            len(_ASSERTION[shown.language].findall(text)) < 2
            or not _ASSERTION[shown.language].search(_RAISES.sub("", text))
            or _called(function.name, without_texts(text)) < 2
            or 2 * len(code) > 3 * len(text)
        ):
            reason = FEW
        if reason:
            return self.left_out(pair.code, reason, name, function.span)
        helpers = support(shown, tests)
        borrowed = shown.library.borrowed(code, pair.module, shown.language)
        context = shown.frame.about(
            function,
            _place(pair.code, function),
            also=_defaults(pair, function),
            budget=o.context,
        )
        told = f"{text}\n{helpers}\n{context.code}\n{borrowed.code}"
        heads = "\n".join(pair.code.text(clause.head) for clause in function.clauses)
        if (
            untold_atoms(code, told, shown.language)
            or untold_texts(code, told)
            or untold_pieces(code, told, shown.language)
            or _untold_modules(shown, code, told)
            or (shown.language == "elixir" and untold_parts(code, told))
            or untold_shapes(heads, told)
            or _untold_lists(heads, told)
        ):
            reason = FEW
        elif shown.lacking(f"{text}\n{helpers}"):
            reason = shown.lacking(f"{text}\n{helpers}")
        elif len(helpers) > o.tests or strangers(shown, f"{helpers}\n{text}"):
            reason = SUPPORT
        elif (
            context.missing
            or not _shown(borrowed)
            or _opaque(code, borrowed)
            or unserved(f"{code}\n{context.code}", context.code)
            or _unseen(pair, function, context.code)
            or _namesake(pair, function, tests, context.code)
            or _hands_on(pair, code, told)
            or _is_never_given(pair, function, tests)
            or _calls_unknown(shown, function.name, code, told)
            or _magic(shown, function)
            or _unbuilt(pair, function, tests, context.code)
        ):
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
        request += _calling(number, borrowed)
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


def _of_one_setup(shown: Exercise, tests: Sequence[Test]) -> Sequence[Test]:
    """Tests that can stand in one module: where several `describe`s set up something of their own,
    those of the one with the most tests."""
    described: dict[str, list[Test]] = {}
    for test in tests:
        described.setdefault(test.describe, []).append(test)
    if len(described) < 2 or shown.language == "erlang":
        return tests
    setups = [len(_SETUP.findall(support(shown, some))) for some in described.values()]
    if len(_SETUP.findall(support(shown, tests))) <= max(setups):
        return tests
    return max(described.values(), key=len)


def _called(name: str, text: str) -> int:
    """How often tests call a function by its name (an operator: mention it)."""
    return _CALLED.findall(text).count(name) if name[:1].isalpha() else text.count(name)


def _shown(borrowed: Borrowed) -> bool:
    """Whether the request can show, or name, all that code calls in other modules."""
    return not borrowed.missing and len(borrowed.outside) <= OUTSIDE and len(borrowed.calls) <= 4


def _opaque(code: str, borrowed: Borrowed) -> bool:
    """Whether code leans on how a function works that only its name tells: it takes apart what the
    function gives, or gives it a function of its own. What a borrowed function applies without
    naming it is as unknown."""
    if any(_APPLIED.search(shown) for shown, _ in borrowed.blocks):
        return True
    for call in borrowed.outside:
        name = re.escape(call)
        if re.search(rf"(?:[}}\])>]\s*(?:=|<-)|\bcase)\s*{name}\(", code):
            return True
        given = re.findall(rf"(?<![\w.]){name}\(([^\n]*)", code)
        if any(_FUN.search(one) for one in given):
            return True
    return False


def _hollow(parsed: Parsed, functions: Sequence[Function]) -> bool:
    """Whether no function has a body, or all have one and the same: stubs in the place of native
    code."""
    bodies = {parsed.text(c.body).strip() for f in functions for c in f.clauses if c.body}
    if not bodies:
        return True
    return len(functions) > 1 and len(bodies) == 1


def _defaults(pair: Pair, function: Function) -> frozenset[str]:
    """The functions that give the defaults of a function's arguments."""
    if pair.code.document.language == "erlang":
        return frozenset()
    heads = "\n".join(pair.code.text(clause.head) for clause in function.clauses)
    return frozenset(_DEFAULT.findall(heads))


def _magic(shown: Exercise, function: Function) -> bool:
    """Whether a function passes plain literals to helpers of which only the heads are shown, or
    takes apart what they return: what it means stands in the bodies."""
    text = without_texts(shown.pair.code.text(function.code))
    hidden = {
        helper
        for helper in shown.frame.helpers(shown.frame.used_by(function), [function.span])
        if helper.code.end - helper.code.start > WHOLE_HELPER
    }
    for helper in sorted(hidden, key=lambda h: h.span):
        name = re.escape(helper.name)
        for found in re.finditer(rf"(?<![\w.:@]){name}\(([^\n]*)", text):
            if _LITERAL.search(found[1]):
                return True
        bound = rf"(?:[}}\])>]\s*(?:=|<-)|\bcase)\s*{name}\("
        piped = rf"\|>\s*{name}\([^\n]*\s*\|>\s*(?:case|elem)\b"
        if not helper.specs and re.search(f"{bound}|{piped}", text):
            return True
    return False


def _unbuilt(pair: Pair, function: Function, tests: Sequence[Test], context: str) -> bool:
    """Whether tests build their values with functions of the module that are not shown, and no type
    says what such values are."""
    if _TYPED.search(context):
        return False
    calls = dict(zip(pair.suite.tests, pair.exercised, strict=True))
    used = {f.name for test in tests for f in calls[test]} - {function.name}
    hidden = [n for n in used if not re.search(rf"^\s*(?:def\w* )?{re.escape(n)}\b", context, re.M)]
    return len(hidden) >= UNBUILT


def _namesake(pair: Pair, function: Function, tests: Sequence[Test], context: str) -> bool:
    """Whether tests call a function of the same name and another arity that is not shown: which of
    them has to do what, nobody can tell."""
    calls = dict(zip(pair.suite.tests, pair.exercised, strict=True))
    others = {f.name for test in tests for f in calls[test] if f is not function}
    shown = re.search(rf"^\s*(?:def\w* )?{re.escape(function.name)}\(", context, re.MULTILINE)
    return function.name in others and not shown


def _hands_on(pair: Pair, code: str, told: str) -> bool:
    """Whether code hands a function of its module a tuple of bare values that nothing tells: what
    stands where in it, its bodies know."""
    own = {function.name for function in pair.module.functions}
    return any(
        found[0] not in told
        for call in _LOCAL.finditer(without_texts(code))
        if call[1] in own
        for found in _BARE_TUPLE.finditer(call[2])
    )


def _is_never_given(pair: Pair, function: Function, tests: Sequence[Test]) -> bool:
    """Whether an argument with a default that others follow is given nowhere: what it would be,
    nobody can tell."""
    if function.min_arity == function.arity:
        return False
    heads = [pair.code.text(clause.head) for clause in function.clauses]
    between = any(_DEFAULT_BETWEEN.search(head) for head in heads)
    given = {call.arity for test in tests for call in test.calls if call.name == function.name}
    given |= {spec.arity for spec in function.specs}
    return between and function.arity not in given


def _calls_unknown(shown: Exercise, name: str, code: str, told: str) -> bool:
    """Whether code, of the function `name`, calls a function that nothing tells of in a module that
    it was given or in its own by its full name; its own name tells nothing of a namesake there."""
    plain = without_texts(code)
    own = re.findall(rf"(?<![\w.]){re.escape(shown.name)}\.([a-z_]\w*[?!]?)\(", plain)
    given = _GIVEN_MODULE.findall(plain)
    if name in given and not re.search(rf"callback {re.escape(name)}\b", told):
        return True
    return any(not stands(other, told) for other in [*given, *own])


def _untold_lists(heads: str, told: str) -> bool:
    """Whether heads take lists of so many variables apart as none in the request has elements."""
    sizes = {found.count(",") + 1 for found in _LIST.findall(heads)}
    seen = {found.count(",") + 1 for found in _LISTED.findall(told)}
    return bool(sizes - seen)


def _untold_modules(shown: Exercise, code: str, told: str) -> list[str]:
    """The modules that Elixir code names and nothing tells of."""
    return untold_modules(code, told) if shown.language == "elixir" else []


def _unseen(pair: Pair, function: Function, context: str) -> bool:
    """Whether a function leans on what a request cannot show: the layout of a table, a term kept
    aside, or (in Elixir) a local function that its file does not define (a macro made it, or it is
    imported)."""
    code = pair.code.text(function.code)
    if _TABLE.search(context) or _TABLE.search(code):
        return True
    if _SUPER.search(code):
        return True
    if _AGENT.search(code) and "Agent.start" not in context:
        return True
    if any(name not in KERNEL and name not in context for name in _SPOKEN.findall(code)):
        return True
    if pair.code.document.language == "erlang":
        return False
    body = "\n".join(pair.code.text(c.body) for c in function.clauses if c.body)
    calls = uses(without_texts(body), "elixir").calls - {f.name for f in pair.module.functions}
    calls -= KERNEL | EXUNIT | _BITWISE
    imports = [
        d
        for d in pair.module.directives
        if d.kind == "import" and d.target not in ("Kernel", "Bitwise")
    ]
    named = frozenset(re.findall(r"([a-z_]\w*[?!]?):", " ".join(d.options for d in imports)))
    if any(known(d.target) and "only:" not in d.options for d in imports):
        return False
    return bool(calls - named)


def _place(parsed: Parsed, function: Function) -> str:
    """What stands where the function will: the first paragraph of its doc, its specs."""
    mark = "%%" if parsed.document.language == "erlang" else "#"
    said = function.doc.text.strip().split("\n\n", 1)[0] if function.doc else ""
    lines = [f"{mark} {line}" for line in said.split("\n") if line.strip()] if said else []
    lines += [parsed.dedented(spec.span) for spec in function.specs]
    return "\n".join([*lines, f"{mark} {function.label} goes here"])


def _calling(number: int, borrowed: Borrowed) -> str:
    """A sentence that names what the code builds on outside the module, and the code of it."""
    if not borrowed.calls:
        return ""
    named = listed([f"`{call}`" for call in borrowed.calls])
    said = wordings("test_driven")
    if not borrowed.blocks:
        return "\n\n" + said.say("calls", number >> 10, calls=named)
    code = "\n\n".join(fenced(code, language) for code, language in borrowed.blocks)
    return "\n\n" + said.say("borrowed", number >> 10, calls=named, code=code)
