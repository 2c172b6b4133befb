"""Tests and what they exercise: a test module paired with the module it tests, its tests with the
functions they call, and the pieces that a test file is cut into.

A pair is found by name (`FooTest` and `Foo`, `foo_tests` and `foo`) or, failing that, by calls:
the module of the release that at least half of the tests call, when the test module is called
after it (`Foo.ErrorsTest` and `Foo`). Erlang modules with EUnit tests inside pair with themselves.
What a single test is about is told by its title, or else by what it asserts.

What this does not do: follow calls made through `apply`, macros of the test module, or processes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from factory.parsed import Parsed
from factory.syntax import Function, Module, Span, Test
from transforms.borrowed import local_name
from transforms.standard import unknown_calls
from transforms.untold import without_comments

UNPAIRED = "no module of the release is exercised by these tests"

TELLING = 5
"""A word of so many letters in a title that is also a function's name is meant as such."""

_SUFFIX = re.compile(r"(?:_?[Tt]ests?|_SUITE)$")
_TEST_PATH = re.compile(r"(?:^|/)(?:tests?|spec|eunit)/")
_REMOTE = {
    "elixir": re.compile(r"(?<![\w:])(?:[A-Z]\w*\.)*([A-Z]\w*)\.([a-z_]\w*[?!]?)"),
    "erlang": re.compile(r"(?<![\w:?'])([a-z][\w@]*):([a-z][\w@]*)"),
}
_LOCAL = re.compile(r"(?<![\w.:@&?])([a-z_][\w@]*[?!]?)\(")
_CALLED_IN = re.compile(r"(\w[.:])([a-z_][\w@]*[?!]?)\(")
_WORD = re.compile(r"[\w@]+[?!]?")
_LABEL = re.compile(r"([\w@]+[?!]?|[^\w\s/]+)/(\d+)")
_ASSERTED = re.compile(
    r"\??_?(?:assert|refute|catch_)(?:[^\n]|\n(?![ \t]*(?:\n|assert|refute|\?_?assert|end\b)))*"
)
_TEST_ONLY = re.compile(
    rb"^-if(?:def\((?:TEST|EUNIT)\))\.(.*?)^-(?:endif|else)\.", re.MULTILINE | re.DOTALL
)
BLANKS = re.compile(r"\n(?:[ \t]*\n){2,}")
BEFORE_END = re.compile(r"\n[ \t]*(?=\n[ \t]*end\b)")
_AFTER_DO = re.compile(r"(\bdo\n)[ \t]*\n")


@dataclass(frozen=True)
class Pair:
    """A module and the tests of it; `exercised` has, for each test of `suite`, the functions of
    `module` that it calls, in their order; `helpers` has, for each name of these, the functions of
    the test module that call it for a test."""

    code: Parsed
    module: Module
    tests: Parsed
    suite: Module
    exercised: tuple[tuple[Function, ...], ...]
    helpers: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def apart(self) -> bool:
        """Whether the tests are a module of their own."""
        return self.module is not self.suite


class Group(NamedTuple):
    """Tests that belong together: a whole `describe` block, or loose ones about the same functions.
    `functions` are all that they call, `about` those that they test."""

    describe: str
    tests: tuple[Test, ...]
    functions: tuple[Function, ...]
    about: tuple[Function, ...]
    span: Span


def pairs(documents: Sequence[Parsed]) -> Iterator[Pair | tuple[Parsed, Module]]:
    """Every test module of a release with the module it tests; alone when there is none."""
    known: dict[str, tuple[Parsed, Module]] = {}
    suites: list[tuple[Parsed, Module]] = []
    for parsed in sorted(documents, key=lambda p: p.document.path):
        for module in parsed.outline.every_module():
            if module.tests:
                suites.append((parsed, module))
            inside = parsed.document.language == "erlang" and not _SUFFIX.search(module.name)
            if not tests_path(parsed.document.path) and (not module.tests or inside):
                known.setdefault(module.name, (parsed, module))
    for tests, suite in suites:
        found = known.get(_SUFFIX.sub("", suite.name)) or known.get(suite.name)
        pair = _paired(tests, suite, *found) if found else None
        if pair is None:
            found = _most_called(suite, known)
            pair = _paired(tests, suite, *found) if found else None
        yield pair or (tests, suite)


def tests_path(path: str) -> bool:
    """Whether a file lies where tests do."""
    return bool(_TEST_PATH.search(path))


def test_only(source: bytes) -> list[Span]:
    """The insides of Erlang's `-ifdef(TEST).`."""
    return [Span(*found.span(1)) for found in _TEST_ONLY.finditer(source)]


def _paired(tests: Parsed, suite: Module, code: Parsed, module: Module) -> Pair | None:
    reached = {} if module is suite else _helper_calls(tests, suite, module)
    exercised = tuple(_exercised(tests, suite, module, reached))
    if not any(exercised):
        return None
    helpers: dict[str, set[str]] = {}
    for helper, names in reached.items():
        for name in names:
            helpers.setdefault(name, set()).add(helper)
    return Pair(
        code, module, tests, suite, exercised, {n: frozenset(h) for n, h in helpers.items()}
    )


def _most_called(
    suite: Module, known: dict[str, tuple[Parsed, Module]]
) -> tuple[Parsed, Module] | None:
    count: Counter[str] = Counter()
    for test in suite.tests:
        count.update({call.module for call in test.calls if call.module in known})
    if not count:
        return None
    name, calls = min(count.items(), key=lambda item: (-item[1], item[0]))
    own = _SUFFIX.sub("", suite.name).rsplit(".", 1)[-1]
    others = (other.rsplit(".", 1)[-1] for other in known)
    if not suite.name.startswith(f"{name}.") and own in others and own != name.rsplit(".", 1)[-1]:
        return None  # it is called after another one
    last = name.rsplit(".", 1)[-1].lower().replace("_", "")
    called_after = last in _SUFFIX.sub("", suite.name).lower().replace("_", "")
    return known[name] if called_after and calls * 2 >= len(suite.tests) else None


def _exercised(
    tests: Parsed, suite: Module, module: Module, helpers: Mapping[str, set[str]]
) -> Iterator[tuple[Function, ...]]:
    """The functions of `module` that each test calls itself or through helpers of its module."""
    if module is suite:
        aside = test_only(tests.source)
        every = [f for f in module.functions if not any(region.holds(f.span) for region in aside)]
    else:
        every = [f for f in module.functions if f.public]
    imported = module is suite or any(
        d.kind == "import" and d.target == module.name for d in suite.directives
    )
    by_name: dict[str, list[Function]] = {}
    for function in every:
        by_name.setdefault(function.name, []).append(function)
    for test in suite.tests:
        found: dict[Span, Function] = {}
        for call in test.calls:
            reached = helpers.get(call.name, set()) if not call.module else set()
            found |= {f.span: f for name in reached for f in by_name.get(name, ())}
            if call.module == module.name or (imported and not call.module):
                fit = [
                    f for f in by_name.get(call.name, ()) if f.min_arity <= call.arity <= f.arity
                ]
                found |= {f.span: f for f in fit}
        yield tuple(found[span] for span in sorted(found))


def _helper_calls(tests: Parsed, suite: Module, module: Module) -> dict[str, set[str]]:
    """For each function of the test module, the names in `module` that it reaches; none for those
    that call other modules of the project too, as nobody can tell which one a test is about."""
    language = tests.document.language
    remote, mark = _REMOTE[language], ":" if language == "erlang" else "."
    mine = {module.name.rsplit(".", 1)[-1]}
    mine |= {
        local_name(d) for d in suite.directives if d.kind == "alias" and d.target == module.name
    }
    reached: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    for helper in suite.functions:
        text = tests.text(helper.code)
        others = {call.rpartition(mark)[0] for call in unknown_calls(text, language)}
        if others - {module.name, *mine, suite.name, "__MODULE__"}:
            continue
        pairs_found = remote.findall(text)
        reached.setdefault(helper.name, set()).update(n for m, n in pairs_found if m in mine)
        calls.setdefault(helper.name, set()).update(_LOCAL.findall(text))
    for _ in range(3):
        for name, called in calls.items():
            for other in sorted(called & reached.keys()):
                reached[name] |= reached[other]
    return reached


def groups(pair: Pair) -> list[Group]:
    """The tests of a pair in groups, in the order of the file; those that exercise nothing of the
    module belong to the group of their `describe`, and to none when they are loose."""
    tested = about(pair)
    described: dict[str, list[int]] = {}
    loose: dict[tuple[Span, ...], list[int]] = {}
    for at, test in enumerate(pair.suite.tests):
        subjects = tested[at]
        if test.describe:
            described.setdefault(test.describe, []).append(at)
        elif subjects:
            loose.setdefault(tuple(f.span for f in subjects), []).append(at)
    found = [_group(pair, tested, ats, name) for name, ats in described.items()]
    found += [_group(pair, tested, ats, "") for ats in loose.values()]
    return sorted((g for g in found if g is not None), key=lambda g: g.span)


def about(pair: Pair) -> list[tuple[Function, ...]]:
    """For each test the functions that it is about, in their order: those that its `describe` or
    its title names with their arity or without; or else the one that it asserts something of most
    often and first. None when it only calls what most other tests call too, to work on it."""
    rarity: Counter[Span] = Counter(f.span for functions in pair.exercised for f in functions)
    return [
        titled(test.describe, functions)
        or titled(test.name, functions)
        or _asserted(pair, test, functions, rarity)
        for test, functions in zip(pair.suite.tests, pair.exercised, strict=True)
    ]


def titled(title: str, functions: Sequence[Function]) -> tuple[Function, ...]:
    """The functions that a title names, with their arity or without."""
    labels = {(name, int(arity)) for name, arity in _LABEL.findall(title)}
    exact = {label for label in labels if any((f.name, f.arity) == label for f in functions)}
    labelled = [
        f
        for f in functions
        if (f.name, f.arity) in exact
        or any((f.name, n) in labels - exact for n in range(f.min_arity, f.arity))
    ]
    if labelled:
        return tuple(labelled)
    named = [f for f in functions if _names(title, f.name)]
    return tuple(named) if len({f.name for f in named}) == len(named) else ()


def asserted(pair: Pair, group: Group) -> Counter[str]:
    """How often the tests of a group assert something of each of its functions, by name."""
    texts = [pair.tests.text(test.span) for test in group.tests]
    known = {f.name for f in group.functions}
    return Counter(
        word
        for text in texts
        for assertion in _ASSERTED.findall(text)
        for word in _LOCAL.findall(assertion) + [n for _, n in _CALLED_IN.findall(assertion)]
        if word in known
    )


def _asserted(
    pair: Pair, test: Test, functions: Sequence[Function], rarity: Mapping[Span, int]
) -> tuple[Function, ...]:
    others = {call.name for call in test.calls if call.module not in ("", pair.module.name)}
    if any(len(name) >= TELLING and _names(test.name, name) for name in others):
        return ()  # its title speaks of what another module does
    text = pair.tests.text(test.span)
    asserted = _ASSERTED.findall(text) or [text if pair.module is pair.suite else ""]
    known = {name for f in functions for name in (f.name, *pair.helpers.get(f.name, ()))}
    count: Counter[str] = Counter()
    for assertion in asserted:
        names = [word for word in _WORD.findall(assertion) if word in known]
        count.update(names + names[:1])
    often = {
        f.span: count[f.name] + sum(count[h] for h in pair.helpers.get(f.name, frozenset()))
        for f in functions
    }
    pool = [f for f in functions if often[f.span]]
    pool = pool or [f for f in functions if rarity[f.span] * 2 <= len(pair.suite.tests)]
    found = min(pool, key=lambda f: (-often[f.span], rarity[f.span], f.span), default=None)
    return () if found is None else (found,)


def _names(title: str, name: str) -> bool:
    if not name[:1].isalpha():
        return name in title
    words = _WORD.findall(title)
    return name in words or name.rstrip("?!") in words


def _group(
    pair: Pair, subjects: Sequence[Sequence[Function]], ats: Sequence[int], describe: str
) -> Group | None:
    tests = tuple(pair.suite.tests[at] for at in ats)
    called = {f.span: f for at in ats for f in pair.exercised[at]}
    tested = {f.span: f for at in ats for f in subjects[at]}
    span: Span | None = Span(tests[0].span.start, tests[-1].span.end)
    if describe:
        span = describe_block(pair.tests, tests)
    if span is None:
        return None
    functions, subjects_of = (tuple(m[at] for at in sorted(m)) for m in (called, tested))
    return Group(describe, tests, functions, subjects_of, span)


def torn(parsed: Parsed, function: Function) -> bool:
    """Whether a clause of an Erlang function stands before it that could not be read."""
    if parsed.document.language != "erlang":
        return False
    before = parsed.source[: function.code.start].decode(errors="replace").rsplit("\n\n", 1)[-1]
    return without_comments(before, "erlang").rstrip().endswith(";")


def describe_block(parsed: Parsed, tests: Sequence[Test]) -> Span | None:
    """The whole `describe … do … end` around these tests, as a formatter would lay it out; None
    when it is laid out otherwise."""
    source = parsed.source
    opening = source.rfind(b"describe ", 0, tests[0].span.start)
    line = source.rfind(b"\n", 0, opening) + 1
    margin = source[line:opening]
    if opening < 0 or margin.strip(b" \t"):
        return None
    closing = re.compile(rb"^" + margin + rb"end[ \t\r]*$", re.MULTILINE)
    found = closing.search(source, tests[-1].span.end)
    if not found or closing.search(source, opening, tests[-1].span.start):
        return None
    return Span(opening, found.start() + len(margin) + 3)


def without(parsed: Parsed, span: Span, cuts: Sequence[Span]) -> str:
    """The text of `span`, dedented, with `cuts` and the lines they leave empty taken out."""
    source = parsed.source
    start = source.rfind(b"\n", 0, span.start) + 1
    margin = source[start : span.start]
    kept: list[bytes] = []
    at = span.start
    for cut in sorted(cuts):
        if cut.start < at:
            continue
        kept.append(source[at : cut.start])
        at = cut.end
    kept.append(source[at : span.end])
    text = b"".join(kept).decode()
    if margin and not margin.strip(b" \t"):
        text = text.replace("\n" + margin.decode(), "\n")
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    text = _AFTER_DO.sub(r"\1", BLANKS.sub("\n\n", text))
    return BEFORE_END.sub("", text).strip("\n")
