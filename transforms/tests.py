"""Tests, both ways: `test_writing`, from code to the tests of it, stands here; `test_driven`, from
tests to the code, in `transforms.driven`.

A small module and its tests make one row; large ones are cut to a `describe` block (or the tests of
one function) with the functions that it exercises and what those lean on. ExUnit and EUnit. What a
test expects has to follow from the code shown, or from its documentation.

What this does not do: run the tests, or use suites that need files or support modules which the
request could not show.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Function, Span, Test
from transforms.borrowed import Borrowed
from transforms.context import WHOLE_HELPER, Context, bodiless, broken, subject, uses, without_docs
from transforms.derived import leads_out, underivable
from transforms.driven import TestDriven
from transforms.exercise import (
    BROKEN,
    FILES,
    IDLE,
    LONG,
    MORE_CODE,
    NOTHING,
    STUBS,
    SUPPORT,
    TRIVIAL,
    UNTOLD,
    Exercise,
    chooses,
    exercises,
    listed,
    unwritten,
    without_marks,
)
from transforms.fences import fenced
from transforms.leaning import strangers, support
from transforms.pairs import UNPAIRED, Group, Pair, asserted, titled, torn
from transforms.standard import ERLANG, known, unknown_calls
from transforms.tested import asserts_nothing, beyond, lent, reached_by_name
from transforms.untold import unserved, untold_atoms, without_texts
from transforms.wording import wordings

MANY = 20
"""More functions than this are not followed."""

TELLING = 120
"""Documentation of at least this many bytes says what a function does without its code."""

COVERED = 0.6
"""Tests that exercise less than this share of a module's functions are asked for by their names."""

DELEGATED = 3
"""At most one in so many functions that are tested has its code elsewhere."""

BESIDE = 2_000
"""Most bytes of other modules' code that is shown for what the code under test calls there."""

_LOADS = re.compile(r"\bload_nif\b|\bnif_error\b|^\s*use (?:Rustler|Zig)\b", re.MULTILINE)
_LABEL = re.compile(r"(?:[\w.]*\.)?([a-z_]\w*)[?!]?/\d").fullmatch
_CALLED_BACK = re.compile(r"\.\w+\([^()\n]*__MODULE__, :(\w+[?!]?),")
_FAILS = re.compile(r"(?:do:\s*)?(?:\w+\(\)|:erlang\.nif_error\([^()]*\))").fullmatch
_CALLBACK = re.compile(r"handle_\w+|init|terminate").fullmatch
_EUNIT = re.compile(
    r"\?_?(?:assert|debug|cmd|test\b|LET\b|IF\b|TEST\b|FORALL\b|capturedOutput)"
).match


class TestWritingOptions(Options):
    module: int = Field(9_000, ge=200, description="most bytes of a module shown whole")
    suite: int = Field(9_000, ge=200, description="most bytes of a test module asked for whole")
    part: int = Field(5_000, ge=200, description="most bytes of a group of tests asked for")
    context: int = Field(6_000, ge=200, description="most bytes of code shown with a group")
    shortest: int = Field(120, ge=1, description="fewest bytes of a group of tests asked for")
    frame: int = Field(2_500, ge=0, description="most bytes of a test module shown around a group")


class _Material(NamedTuple):
    """The module around tested functions, with what the tests and the functions call of `other`
    modules and `beside`; whether some are not documented (`untold`), whether code that these lean
    on is `cut`, whether what is tested is `opened` to code that is not shown."""

    context: Context
    other: Borrowed
    beside: Borrowed
    functions: list[Function]
    untold: bool
    cut: bool
    opened: bool


class TestWriting(Transform):
    """From a module, or a few of its functions, to the tests of it."""

    name = "test_writing"
    version = 5
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang"})
    tasks = ("test_writing",)
    Options = TestWritingOptions
    options: TestWritingOptions

    def release(self, documents: Sequence[Parsed]) -> Iterator[Example | LeftOut]:
        for shown in exercises(documents):
            if isinstance(shown, tuple):
                parsed, suite = shown
                yield self.left_out(parsed, UNPAIRED, suite.name, suite.span)
                continue
            pair = shown.pair
            if broken(pair.code, pair.module.span) or broken(pair.tests, pair.suite.span):
                yield self.left_out(pair.tests, BROKEN, pair.suite.name, pair.suite.span)
                continue
            whole = self._whole(shown)
            if whole is not None:
                yield whole
            else:
                yield from self._parts(shown)

    def _whole(self, shown: Exercise) -> Example | LeftOut | None:
        """The row of a whole module; None when it must be cut."""
        pair, o = shown.pair, self.options
        module, suite = shown.module(), shown.suite()
        chosen = chooses(suite)
        suite = without_marks(suite)
        if len(module) > o.module or len(suite) > o.suite:
            return None
        span = pair.suite.span if pair.apart else pair.suite.tests[0].span
        reason = shown.lacking(suite)
        other = lent(shown, suite, module)
        if 2 * sum(map(bool, pair.exercised)) < len(pair.suite.tests):
            reason = NOTHING
        elif shown.from_files:
            reason = FILES
        elif _hollow(pair):
            reason = MORE_CODE
        elif _unwritten(pair):
            reason = STUBS
        elif asserts_nothing(shown.language, _texts(pair, pair.suite.tests)):
            reason = IDLE
        elif sum(t.span.end - t.span.start for t in pair.suite.tests) < self.options.shortest:
            reason = reason or TRIVIAL
        elif chosen or strangers(shown, suite):
            reason = reason or SUPPORT
        elif _leads_away(module, suite, shown.language):
            reason = reason or MORE_CODE
        else:
            reason = reason or beyond(shown, suite, f"{module}\n{other.code}", other)
        if reason:
            return self.left_out(pair.tests, reason, pair.suite.name, span)
        beside = _beside(shown, _bodies(pair, pair.module.functions), other)
        told = f"{module}\n{other.code}\n{beside.code}"
        if _underivable(shown, pair.suite.tests, told, other):
            return self.left_out(pair.tests, UNTOLD, pair.suite.name, span)
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
        covered = _covered(pair)
        if covered:
            labels = [f"`{function.label}`" for function in covered]
            request += "\n\n" + said.say("covered", number >> 12, functions=listed(labels))
        request += _of_others("beside", number >> 16, beside)
        request += self._named(number, pair.suite.tests) + _of_others("lent", number >> 14, other)
        return self._row(shown, span, shown.name, request, suite)

    def _parts(self, shown: Exercise) -> Iterator[Example | LeftOut]:
        for group in shown.groups:
            yield self._part(shown, group)

    def _part(self, shown: Exercise, group: Group) -> Example | LeftOut:
        pair = shown.pair
        asked = _asked(pair, group)
        labels = [subject(pair.code, pair.module, f) for f in asked]
        name = group.describe or (labels[0] if labels else pair.suite.name)
        answer = _code(pair, group)
        scaffold = shown.scaffold(answer)
        chosen = chooses(answer, scaffold)
        answer = without_marks(answer, scaffold)
        reason = self._unfit(shown, group, scaffold, answer)
        if any(torn(pair.code, f) for f in group.functions):
            reason = BROKEN
        elif chosen or _misnamed(group):
            reason = reason or SUPPORT
        if reason:
            return self.left_out(pair.tests, reason, name, group.span)
        given = self._material(shown, group, answer, scaffold)
        context, other, beside = given.context, given.other, given.beside
        about = "\n".join(without_docs(pair.code, f) for f in asked)
        if (
            context.missing
            or not all(f.contiguous for f in given.functions)
            or _leads_away(about, answer, shown.language, 2 if given.untold else 3)
            or unserved(context.code, context.code)
            or given.cut
            or _sends_away(context.code)
            or all(_native(pair, f) for f in asked)
            or any(f.kind == "defdelegate" for f in asked)
        ):
            reason = MORE_CODE
        elif any(re.search(rf"@{name}\b", context.code) for name in shown.from_files):
            reason = FILES
        else:
            told = f"{context.code}\n{scaffold}\n{other.code}\n{beside.code}"
            reason = beyond(shown, answer, told, other)
            if not reason and (
                _hidden_names(pair, answer, told)
                or _underivable(shown, group.tests, told, other, opened=given.opened)
            ):
                reason = UNTOLD
        if reason:
            return self.left_out(pair.tests, reason, name, group.span)
        number = self.number(pair.tests, "part", name, group.tests[0].name)
        said = wordings("test_writing")
        facts = {
            "functions": listed([f"`{label}`" for label in labels]),
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
        request += _of_others("beside", number >> 16, beside)
        request += self._named(number, group.tests) + _of_others("lent", number >> 14, other)
        return self._row(shown, group.span, name, request, answer)

    def _material(self, shown: Exercise, group: Group, answer: str, scaffold: str) -> _Material:
        """What a request for a group of tests shows: all that their functions come to in the
        module where there is room, else what they lean on by its heads."""
        pair = shown.pair
        asked = _asked(pair, group)
        functions = _used(pair, group, reached_by_name(shown, _leaned(shown, group, answer)))
        bare = {f.span: without_docs(pair.code, f) for f in functions}
        instead = bare | {f.span: pair.code.dedented(f.span) for f in asked}
        documented = sum(map(len, instead.values())) <= self.options.context
        if not documented:
            instead = bare
        untold = [f for f in asked if not (documented and _telling(f))]
        reached = _reached(shown, untold)
        behind = _reached(shown, functions)
        code = "\n".join(without_docs(pair.code, f) for f in [*functions, *reached])
        code += f"\n{_needs(answer, shown.language)}"
        wholes = {f.span: shown.frame.whole(f) for f in behind} | instead
        entire = len(behind) < MANY
        every = "\n".join(without_docs(pair.code, f) for f in behind)
        context = self._context(shown, f"{code}\n{every}", wholes)
        if not entire or context.missing:
            entire = False
            context = self._context(shown, code, instead)
        other = lent(shown, answer, f"{context.code}\n{scaffold}")
        beside = _beside(shown, _bodies(pair, [*functions, *behind]), other)
        telling = {f.span for f in asked if documented and _telling(f)}
        if known(shown.name):
            telling |= {f.span for f in functions if f not in asked}
        blind = _reached(shown, [f for f in functions if f.span not in telling])
        long = any(f.code.end - f.code.start > WHOLE_HELPER for f in blind)
        opened = not entire or _opened(pair, [*functions, *behind])
        return _Material(
            context, other, beside, functions, bool(untold), long and not entire, opened
        )

    def _context(self, shown: Exercise, code: str, instead: Mapping[Span, str]) -> Context:
        """The module around these functions; one that `missing` says is not to be shown when they
        alone are too long."""
        left = self.options.context - sum(map(len, instead.values()))
        if left < 0:
            return Context("", tuple(shown.name))
        return shown.frame.around(code, instead, budget=left)

    def _unfit(self, shown: Exercise, group: Group, scaffold: str, answer: str) -> str:
        """Why tests cannot be asked for, whatever a request shows; "" when they can."""
        written = [f for f in group.about if not unwritten(shown.pair.code, f)]
        if not group.about:
            return NOTHING
        if len(answer) > self.options.part:
            return LONG
        if len(answer) < self.options.shortest:
            return TRIVIAL
        if len(scaffold) > self.options.frame:
            return SUPPORT
        if 2 * len(written) < len(group.about):
            return STUBS
        if asserts_nothing(shown.language, _texts(shown.pair, group.tests)):
            return IDLE
        text = f"{scaffold}\n{answer}"
        return shown.lacking(text) or (SUPPORT if strangers(shown, text) else "")

    def _named(self, number: int, tests: Sequence[Test]) -> str:
        """In half of the rows, what the tests are called: it says what to check."""
        if (number >> 8) % 2:
            return ""
        names = "\n".join(f"- {test.name.removeprefix(test.describe).strip()}" for test in tests)
        return "\n\n" + wordings("test_writing").say("named", number >> 9, names=names)

    def _row(self, shown: Exercise, span: Span, name: str, request: str, answer: str) -> Example:
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


def _texts(pair: Pair, tests: Sequence[Test]) -> list[str]:
    return [pair.tests.text(test.span) for test in tests]


def _hollow(pair: Pair) -> bool:
    """Whether much of what is tested has no code here: heads of a protocol, delegations, what a
    library in another language does."""
    if _LOADS.search(pair.code.text(pair.module.span)):
        return True
    tested = {function.span: function for functions in pair.exercised for function in functions}
    empty = [f for f in tested.values() if f.kind == "defdelegate" or bodiless(f)]
    return DELEGATED * len(empty) > len(tested)


def _asked(pair: Pair, group: Group) -> list[Function]:
    """The functions that tests are asked for of: those that they are about, and, where no title
    says which, those that they assert something of half as often."""
    asked = {f.span: f for f in group.about}
    if group.describe or any(titled(t.name, group.functions) for t in group.tests):
        return list(asked.values())
    often = asserted(pair, group)
    most = max((often[f.name] for f in group.about), default=0)
    asked |= {f.span: f for f in group.functions if 2 * often[f.name] >= max(most, 1)}
    return [asked[span] for span in sorted(asked)]


def _leaned(shown: Exercise, group: Group, answer: str) -> str:
    """Tests with what they lean on in their own module."""
    return f"{support(shown, group.tests)}\n{answer}" if shown.pair.apart else answer


def _misnamed(group: Group) -> bool:
    """Whether a `describe` is called after a function that its tests do not call in the module."""
    label = _LABEL(group.describe)
    return label is not None and label[1] not in {f.name.rstrip("?!") for f in group.functions}


def _used(pair: Pair, group: Group, named: Collection[str]) -> list[Function]:
    """The functions that tests call, and those that they hand on by name."""
    used = {f.span: f for f in group.functions}
    used |= {f.span: f for f in pair.module.functions if f.public and f.name in named}
    return [used[span] for span in sorted(used)]


def _unwritten(pair: Pair) -> bool:
    """Whether most of what is tested is only there to be filled in."""
    tested = {f.span: f for functions in pair.exercised for f in functions}
    return 2 * sum(unwritten(pair.code, f) for f in tested.values()) > len(tested)


def _of_others(wording: str, number: int, other: Borrowed) -> str:
    """The code of other modules that is called, introduced by a wording of that key."""
    if not other.blocks:
        return ""
    named = listed([f"`{call}`" for call in other.calls if call not in other.outside])
    code = "\n\n".join(fenced(code, language) for code, language in other.blocks)
    return "\n\n" + wordings("test_writing").say(wording, number, calls=named, code=code)


def _beside(shown: Exercise, code: str, other: Borrowed) -> Borrowed:
    """What code under test calls in other modules of the project, where that can be shown and the
    tests' own calls do not show it; else nothing."""
    found = shown.library.borrowed(code, shown.pair.module, shown.language)
    if found.missing or len(found.code) > BESIDE or any(b in other.blocks for b in found.blocks):
        return Borrowed((), (), (), ())
    return found


def _covered(pair: Pair) -> list[Function]:
    """The functions that are tested, where they are so few of the module's that a request for its
    tests would promise more; [] where they are the most of it."""
    public = [f for f in pair.module.functions if f.public and not bodiless(f)]
    if any(_CALLBACK(function.name) for function in public):
        return []  # reached by messages, which no call tells
    tested = {function.span for functions in pair.exercised for function in functions}
    covered = [function for function in public if function.span in tested]
    return covered if 0 < len(covered) < COVERED * len(public) else []


def _hidden_names(pair: Pair, tests: str, told: str) -> list[str]:
    """The atoms and keys of tests that the module speaks of, though not where the request shows
    it: options, results that nobody could know."""
    if not pair.apart or pair.code.document.language == "erlang":
        return []
    source = without_texts(pair.code.text(pair.module.span))
    return [
        atom
        for atom in untold_atoms(tests, told, "elixir")
        if re.search(rf"(?<![\w:]):{re.escape(atom)}(?![\w?!])", source)
    ]


def _bodies(pair: Pair, functions: Sequence[Function]) -> str:
    return "\n".join(pair.code.text(f.code) for f in functions)


def _opened(pair: Pair, functions: Sequence[Function]) -> bool:
    """Whether functions, all of which a request shows, lead out of what it shows."""
    code = _bodies(pair, functions)
    language = pair.code.document.language
    own = "." if language == "elixir" else ":"
    code = code.replace(f"{pair.module.name}{own}", "")
    return leads_out(code, {f.name for f in pair.module.functions}, language)


def _underivable(
    shown: Exercise,
    tests: Sequence[Test],
    told: str,
    other: Borrowed,
    *,
    opened: bool | None = None,
) -> bool:
    """Whether tests expect values that nothing in a request gives, or hand code of other modules
    names that nothing tells of. Whether the code is `opened` to what the request does not show is
    found out where a module is shown whole."""
    pair = shown.pair
    if opened is None:
        constants = "\n".join(pair.code.text(a.span) for a in pair.module.attributes)
        opened = _opened(pair, pair.module.functions) or bool(
            unknown_calls(constants, shown.language)
        )
    if known(shown.name) or shown.name in ERLANG:
        opened = False
    opened = opened or bool(other.outside) or "..." in other.code
    own = {f.name for f in [*pair.module.functions, *pair.suite.functions]}
    texts = _texts(pair, tests)
    beside = support(shown, tests) if pair.apart else ""
    if other.calls and untold_atoms("\n".join(texts), f"{told}\n{beside}", shown.language):
        return True
    return bool(underivable(texts, f"{told}\n{beside}", own, shown.language, opened=opened))


def _sends_away(code: str) -> bool:
    """Whether code has another process call a function of the module that is not shown."""
    return any(
        not re.search(rf"\bdefp? {re.escape(name)}\b", code) for name in _CALLED_BACK.findall(code)
    )


def _native(pair: Pair, function: Function) -> bool:
    """Whether a function is a stub in the place of native code: it takes no notice of what it is
    given and only calls what fails."""
    bodies = [pair.code.text(clause.body).strip() for clause in function.clauses if clause.body]
    heads = " ".join(pair.code.text(clause.head) for clause in function.clauses)
    named = re.findall(r"(?<!\w)[a-z]\w*", heads.partition("(")[2])
    return function.arity > 0 and not named and bool(bodies) and all(map(_FAILS, bodies))


def _telling(function: Function) -> bool:
    return function.doc is not None and len(function.doc.text) >= TELLING


def _reached(shown: Exercise, functions: Sequence[Function]) -> list[Function]:
    """What functions call in their module, and what that calls there, in the order it is met."""
    seen = {function.span for function in functions}
    waiting = list(functions)
    reached: list[Function] = []
    while waiting and len(reached) < MANY:
        for helper in shown.frame.helpers(shown.frame.used_by(waiting.pop(0)), seen):
            seen.add(helper.span)
            waiting.append(helper)
            reached.append(helper)
    return reached


def _leads_away(code: str, answer: str, language: str, times: int = 3) -> bool:
    """Whether most of what the tests say is decided by other modules, which the code calls: they
    are so many times as long as the code."""
    return len(answer) > times * len(code) and bool(unknown_calls(code, language))


def _code(pair: Pair, group: Group) -> str:
    """A `describe` block as it stands, or loose tests with a blank line between."""
    if group.describe:
        return pair.tests.dedented(group.span)
    return "\n\n".join(pair.tests.dedented(test.span) for test in group.tests)


def _needs(text: str, language: str) -> str:
    """The macros and records (in Erlang) that tests use, spelled as code does; EUnit's own not."""
    if language != "erlang":
        return ""
    used = sorted(uses(text, language).attributes)
    return " ".join(f"{name}{{" if name[0] == "#" else name for name in used if not _EUNIT(name))


__all__ = ["TestDriven", "TestWriting"]
