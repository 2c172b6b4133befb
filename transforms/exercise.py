"""A module and its tests, cut into the pieces that requests are made of, with the reasons why some
suites make none.

What this does not do: decide which piece is asked for; see `transforms.tests`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

from factory.parsed import Parsed
from factory.syntax import Function, Module, Span
from transforms.borrowed import Library, local_name
from transforms.context import Frame, frames
from transforms.names import stands
from transforms.pairs import BEFORE_END, BLANKS, Pair, groups, pairs, test_only, tests_path, without

BROKEN = "syntax error inside"
FILES = "the tests read files that a request does not show"
CHANCE = "what the tests expect depends on random numbers"
SUPPORT = "the tests lean on support code that a request does not show"
LONG = "too long for one request"
NOTHING = "the tests call no function of the module"
MORE_CODE = "leans on more code than a request can show"
FEW = "too few tests to tell what the code must do"
TRIVIAL = "too little code to learn from"
UNTOLD = "the tests expect texts that the code shown does not hold"
REDACTED = "the tests hold what was redacted"
IDLE = "the tests assert nothing"
STUBS = "the code does nothing yet"

MOST = 0.6
"""A tag at this share of the tests and more says nothing of one of them."""

_READS = re.compile(
    r"fixture|__DIR__|\bfrom_lib:|\bFile\.(?:read|stream|ls|cwd|cd|stat|exists)"
    r"|file:(?:read|consult|open|list_dir)"
    r"|code:(?:priv|lib)_dir|Path\.(?:expand|wildcard)|tmp_(?:path|dir)|init:get"
    r'|"(?:\.{1,2}/)*test/(?:(?:assets|data|files|images?|resources|samples?|static|support)\b|'
    r'[\w/.-]*\.(?!exs?\b|erl\b)\w+")'
)
_OF_FILES = re.compile(r"\bFile\.(?:read|stream)|:file\.consult|\bpriv_dir\(")
_REDACTED = re.compile(r"\bREDACTED|redacted@example\.com[\s\S]*redacted@example\.com")
_EMPTY_BODY = re.compile(r"(?:\s|#[^\n]*)*\Z")
_NOT_DONE = re.compile(
    r"(?:do:\s*)?(?:undefined|nil|raise\b[^\n]*|throw\b[^\n]*|erlang:error\([^\n]*\)|"
    r":(?:todo|not_implemented|undefined))\s*\Z"
)
_NAMED = re.compile(r"(?<![\w:])[a-z]\w*|(?<!\w)[A-Z]\w*")
_RANDOM = re.compile(r"\b(?:rand|random)[.:]seed\b")
_IFDEF = (b"-ifdef(TEST).", b"-ifdef(EUNIT).")
_CONDITION = re.compile(rb"^-(ifdef|ifndef|if|endif)\b", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_]\w*[?!]?")
_ASIDE = {
    "elixir": re.compile(r"(?<=\n)(?:[ \t]*#[^\n]*\n)+(?=[ \t]*\n|[ \t]*end\b)"),
    "erlang": re.compile(r"(?<=\n)(?:[ \t]*%[^\n]*(?:\n|\Z))+(?=[ \t]*\n|\Z)"),
}
_EMPTY = re.compile(r"\n[ \t]*describe [^\n]* do\n\s*end\b[^\n]*")
_TAG = re.compile(r"^[ \t]*(?:# ?)?@((?:module|describe)?tag) :?([a-z_]\w*)[^\n]*\n", re.MULTILINE)
_TEST = re.compile(r"^[ \t]*(?:test|property) \"", re.MULTILINE)
_SAID = re.compile(r'"(?:\\.|[^"\\\n])*"')
_TOLD_TAGS = frozenset(["capture_log", "tmp_dir", "timeout", "skip"])
"""Tags that ExUnit itself knows."""

_SKIPPED = re.compile(r"^[ \t]*@(?:module|describe)?tag :?skip\b", re.MULTILINE)
_INCLUDED = re.compile(r'^-include\("([^"]+)"\)', re.MULTILINE)

_TAGS = frozenset(["moduletag", "describetag", "tag", "moduledoc"])


class Exercise:
    """A pair and the pieces of it that requests are made of; cut once."""

    def __init__(self, pair: Pair, support: frozenset[str], library: Library) -> None:
        self.pair = pair
        self.library = library
        self.language = pair.code.document.language
        self.name = pair.module.name
        self.frame = next(f for f in frames(pair.code) if f.module is pair.module)
        self.groups = groups(pair)
        renamed = {local_name(d) for d in pair.suite.directives if d.target in support}
        self.support = frozenset(name.rsplit(".", 1)[-1] for name in support) | renamed

    @cached_property
    def tests_frame(self) -> Frame:
        return Frame(self.pair.tests, self.pair.suite)

    @cached_property
    def _test_only(self) -> list[Span]:
        return test_only(self.pair.tests.source)

    def test_only(self, function: Function) -> bool:
        """Whether a function of an Erlang module stands there for its tests alone."""
        return any(region.holds(function.span) for region in self._test_only)

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
        source, tests = self.pair.tests.source, self.pair.suite.tests
        first, last = tests[0].span.start, tests[-1].span.end
        opening = max(source.rfind(mark, 0, first) for mark in _IFDEF)
        closing = _closing(source, opening) if opening >= 0 else -1
        if closing < last:
            return None
        inside = Span(source.find(b"\n", opening) + 1, closing)
        return inside.cut(source).strip("\n"), Span(opening, closing + len("\n-endif."))

    @cached_property
    def from_files(self) -> frozenset[str]:
        """The module's attributes that hold what a file does."""
        pair = self.pair
        return frozenset(
            a.name for a in pair.module.attributes if _OF_FILES.search(pair.code.text(a.span))
        )

    def scaffold(self, tests: str) -> str:
        """The test module without its tests: what these `tests` may use. What was said between the
        others is left out, and attributes that served them alone."""
        pair = self.pair
        if not pair.apart:
            return ""
        blocks = [group.span for group in self.groups if group.describe]
        loose = [test.span for test in pair.suite.tests]
        served = {a.name: a for a in pair.suite.attributes if a.name not in _TAGS}
        text = without(pair.tests, pair.suite.span, [*blocks, *loose])
        unused = {
            name
            for name in served
            if f"@{name}" not in tests and len(re.findall(rf"@{name}\b", text)) == 1
        }
        spans = [a.span for a in pair.suite.attributes if a.name in unused]
        if spans and self.language != "erlang":
            text = without(pair.tests, pair.suite.span, [*blocks, *loose, *spans])
        text = _EMPTY.sub("", _ASIDE[self.language].sub("", text))
        return BEFORE_END.sub("", BLANKS.sub("\n\n", text)).strip("\n")

    def lacking(self, text: str) -> str:
        """Why tests with this text cannot be derived from a request ("" when they can)."""
        if _READS.search(text):
            return FILES
        if _SKIPPED.search(text) or self._lacks_header(text):
            return SUPPORT
        if _RANDOM.search(text):
            return CHANCE
        if _REDACTED.search(text):
            return REDACTED
        if not self.support.isdisjoint(_WORD.findall(text)):
            return SUPPORT
        return ""

    def _lacks_header(self, text: str) -> bool:
        """Whether Erlang tests include a file of their own that the module does not."""
        code = self.pair.code.text(self.pair.module.span)
        return self.pair.apart and any(name not in code for name in _INCLUDED.findall(text))


def without_marks(tests: str, beside: str = "") -> str:
    """Tests without the tags that neither ExUnit nor anything in the test module or `beside` it
    reads: by these a project says when they run."""
    unread = _unread(tests, beside)
    return _TAG.sub(lambda found: "" if found[2] in unread else found[0], tests)


def chooses(tests: str, beside: str = "") -> bool:
    """Whether tags that nothing reads stand at some of the tests and not at the `MOST` of them:
    these need surroundings of their own."""
    unread = _unread(tests, beside)
    count = Counter(name for kind, name in _TAG.findall(tests) if kind == "tag" and name in unread)
    most = MOST * len(_TEST.findall(tests))
    return any(times < most for times in count.values())


def _unread(tests: str, beside: str) -> frozenset[str]:
    rest = _TAG.sub("", tests) + beside
    names = {name for _, name in _TAG.findall(tests)} - _TOLD_TAGS
    return frozenset(name for name in names if not stands(name, _SAID.sub("", rest)))


def _closing(source: bytes, opening: int) -> int:
    """Where the line break before the `-endif.` of a condition stands; -1 when it has none."""
    depth = 0
    for found in _CONDITION.finditer(source, opening):
        depth += -1 if found[1] == b"endif" else 1
        if not depth:
            return found.start() - 1
    return -1


def exercises(documents: Sequence[Parsed]) -> Iterator[Exercise | tuple[Parsed, Module]]:
    """Every pair of the release; support modules are those that test files define beside it."""
    beside: dict[str, frozenset[str]] = {}
    library = Library(
        {
            module.name: (parsed, module)
            for parsed in sorted(documents, key=lambda p: p.document.path, reverse=True)
            if not tests_path(parsed.document.path)
            for module in parsed.outline.every_module()
        }
    )
    for one in pairs(documents):
        if isinstance(one, tuple):
            yield one
            continue
        folder = _test_folder(one.tests)
        if folder not in beside:
            beside[folder] = frozenset(
                module.name
                for parsed in documents
                if parsed.document.path.startswith(folder)
                for module in parsed.outline.every_module()
            )
        same_file = {module.name for module in one.tests.outline.every_module()}
        own = {one.module.name, one.suite.name, *(m.name for m in one.suite.modules)}
        yield Exercise(one, (beside[folder] | same_file) - own, library)


def unwritten(parsed: Parsed, function: Function) -> bool:
    """Whether a function is there to be filled in: a single clause that takes no notice of what it
    is given and has no body, or one that only gives `undefined`, `nil` or raises."""
    if len(function.clauses) != 1 or function.kind not in ("def", "function"):
        return False
    clause = function.clauses[0]
    if clause.body is None:
        return False
    body = parsed.text(clause.body).strip()
    if _EMPTY_BODY.match(body) and function.arity:
        return True
    given = parsed.text(clause.head).partition("(")[2]
    return function.arity > 0 and not _NAMED.search(given) and bool(_NOT_DONE.match(body))


def _test_folder(parsed: Parsed) -> str:
    """The path up to the outermost `test` folder ("\\0" when there is none: nothing starts so)."""
    parts = parsed.document.path.split("/")
    return "/".join([*parts[: parts.index("test") + 1], ""]) if "test" in parts else "\0"


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
