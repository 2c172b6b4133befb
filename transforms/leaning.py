"""What tests lean on in their own module: aliases, imports, attributes, setups and helpers; and the
names that they use and nothing shows.

Read by spelling. What this does not do: look into case templates (`use MyApp.DataCase`) or header
files; a name that comes from there is a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from factory.parsed import Parsed
from factory.syntax import Attribute, Function, Module, Span, Test
from factory.syntax.erlang_calls import AUTO_IMPORTED
from factory.syntax.names import EXUNIT, KERNEL
from transforms.borrowed import local_name
from transforms.context import uses
from transforms.exercise import Exercise
from transforms.standard import known
from transforms.untold import without_texts

ROUNDS = 4
"""Helpers that call helpers are followed this far."""

_MARKS = {"define": "?", "record": "#"}
_ERLANG_NAME = re.compile(r"[\w@]+")
_EUNIT = re.compile(
    r"\?_?(?:assert|debug|cmd|test\b|LET\b|IF\b|TEST\b|FORALL\b|capturedOutput|EUNIT\b)"
).match
_SETUP = re.compile(
    rb"^([ \t]*)(?:@tag[^\n]*\n[ \t]*)?setup(?:_all)?\b(?:[^\n]*\bdo[ \t\r]*\n.*?^\1end\b|[^\n]*)",
    re.MULTILINE | re.DOTALL,
)
_CONTEXT = re.compile(r'^[ \t]*test\s+"(?:\\.|[^"\\])*",\s*(%\{[^}]*\}|\w+)\s+do\b', re.MULTILINE)
_GIVEN_KEYS = r"(?:test|module|describe|line|file|case|async|tmp_dir|registered)\b"
_KEYWORDS = frozenset(["fun", "not", "catch", "when", "if", "case", "and", "or", "of", "end"])
_ATTRIBUTE = re.compile(
    r"^-[a-z]\w*[\s\S]*?\.[ \t]*$|^[ \t]*@(?:spec|type|typep|opaque)\b[^\n]*", re.MULTILINE
)
_SIGIL = re.compile(r"~[a-zA-Z]+")
_DEFINED = re.compile(r"\bdef\w*[ (]\s*:?([a-z_]\w*[?!]?)")
_MODULE = re.compile(r"\bdefmodule (?:[A-Z]\w*\.)*([A-Z]\w*)")
_ALIAS = re.compile(r"(?<![\w.])([A-Z]\w*)")
_COMMENT = re.compile(r"^[ \t]*[#%][^{\n][^\n]*", re.MULTILINE)
_ERLANG_DEFINED = re.compile(r"^([a-z][\w@]*)\(", re.MULTILINE)
_LISTED = re.compile(r"([a-z_]\w*[?!]?):\s*\d")
_IMPORTED = {
    "ExUnit.CaptureIO": frozenset(["capture_io", "with_io"]),
    "ExUnit.CaptureLog": frozenset(["capture_log", "with_log"]),
    "Bitwise": frozenset(["band", "bor", "bxor", "bnot", "bsl", "bsr"]),
}


def support(shown: Exercise, tests: Sequence[Test]) -> str:
    """The code of the test module that these tests use, in the order of a file."""
    pair = shown.pair
    parsed, suite = pair.tests, pair.suite
    text = "\n".join(parsed.text(test.span) for test in tests)
    setups = _setups(parsed, suite, tests) if pair.apart else []
    if not _CONTEXT.search(text):
        last = pair.module.name.rsplit(".", 1)[-1]
        setups = [span for span in setups if f"{last}." in parsed.text(span)]
    helpers: dict[Span, Function] = {}
    everything = "\n".join([text, *(parsed.text(span) for span in setups)])
    mine = frozenset(f.span for found in pair.exercised for f in found)
    for _ in range(ROUNDS):
        used = uses(without_texts(everything), parsed.document.language)
        named = used.calling(used.calls | _named_in(setups, parsed))
        more = [h for h in shown.tests_frame.helpers(named, helpers) if h.span not in mine]
        if not pair.apart:
            more = [h for h in more if shown.test_only(h)]
        if not more:
            break
        helpers.update((helper.span, helper) for helper in more)
        everything = "\n".join([everything, *(parsed.text(h.code) for h in more)])
    used = uses(everything, parsed.document.language)
    lines: list[str] = []
    if parsed.document.language == "erlang":
        lines += [
            parsed.dedented(a.span)
            for a in suite.attributes
            if _erlang_name(parsed, a) in used.attributes
        ]
    else:
        lines += [
            parsed.dedented(d.span)
            for d in suite.directives
            if d.kind in ("import", "require")
            or (d.kind == "alias" and local_name(d) in used.words)
        ]
        lines += [parsed.dedented(a.span) for a in _attributes(parsed, suite, used.attributes)]
    blocks = [parsed.dedented(span) for span in setups]
    blocks += [parsed.dedented(helpers[span].span) for span in sorted(helpers)]
    return "\n\n".join(filter(None, ["\n".join(dict.fromkeys(lines)), *blocks]))


def _attributes(parsed: Parsed, suite: Module, names: frozenset[str]) -> list[Attribute]:
    """The first setting of each of these attributes, and of those that they lean on, in order."""
    settings = {a.name: a for a in reversed(suite.attributes)}
    found: dict[str, Attribute] = {}
    while more := [name for name in settings if name in names and name not in found]:
        found |= {name: settings[name] for name in more}
        text = "\n".join(parsed.text(a.span) for a in found.values())
        names = uses(text, "elixir").attributes
    return sorted(found.values(), key=lambda a: a.span)


def strangers(shown: Exercise, text: str) -> frozenset[str]:
    """The names that tests and what they lean on (`text` is all of it) use, and that neither they
    nor the language nor the code under test define; `setup` for a context that none gives."""
    bare = without_texts(_COMMENT.sub("", text.replace("\r", "")))
    pair = shown.pair
    plain = _ATTRIBUTE.sub("", bare)
    if shown.language == "erlang":
        used = uses(plain, "erlang")
        known_calls = AUTO_IMPORTED | _KEYWORDS | frozenset(_ERLANG_DEFINED.findall(bare))
        if not pair.apart:
            known_calls |= {f.name for f in pair.module.functions if not shown.test_only(f)}
        imported = frozenset(d.options for d in pair.suite.directives if d.kind == "import")
        listed = frozenset(_ERLANG_NAME.findall(" ".join(imported)))
        own = {_erlang_name(pair.tests, a) for a in pair.suite.attributes if not pair.apart}
        marks = {
            name
            for name in used.attributes - own
            if not _EUNIT(name) and not re.search(_definition(name), bare)
        }
        return (used.calls - known_calls - listed) | marks
    plain = _SIGIL.sub("", plain)
    given = KERNEL | EXUNIT | frozenset(_DEFINED.findall(plain))
    for directive in pair.suite.directives:
        if directive.kind != "import":
            continue
        if directive.target == pair.module.name:
            given |= {f.name for f in pair.module.functions if f.public}
        elif "only:" in directive.options:
            given |= frozenset(_LISTED.findall(directive.options))
        elif directive.target in _IMPORTED:
            given |= _IMPORTED[directive.target]
        elif known(directive.target):
            return frozenset()
    found = uses(plain, "elixir").calls - given
    inner = {module.name.rsplit(".", 1)[-1] for module in pair.suite.modules}
    inner -= frozenset(_MODULE.findall(plain))
    found |= inner & frozenset(_ALIAS.findall(plain))
    return found | ({"setup"} if _lacks_context(text) else frozenset())


def _definition(name: str) -> str:
    kind = "define" if name[0] == "?" else "record"
    return rf"-\s*{kind}\(\s*{re.escape(name[1:])}\b"


def _erlang_name(parsed: Parsed, attribute: Attribute) -> str:
    mark = _MARKS.get(attribute.name)
    name = _ERLANG_NAME.match(parsed.text(attribute.value)) if mark and attribute.value else None
    return f"{mark}{name[0]}" if name else ""


def _named_in(setups: Sequence[Span], parsed: Parsed) -> frozenset[str]:
    """`setup :start` and `setup [:start, :fill]` call functions by name."""
    heads = [parsed.text(span).split("\n", 1)[0] for span in setups]
    return frozenset(name for head in heads for name in re.findall(r":([a-z_]\w*[?!]?)", head))


def _setups(parsed: Parsed, suite: Module, tests: Sequence[Test]) -> list[Span]:
    """The setups of the test module that run before these tests: its own, and those that stand in
    a `describe` with one of them."""
    source = parsed.source
    if source.find(b"setup", suite.span.start, suite.span.end) < 0:
        return []
    homes = {_home(source, suite, test.span.start) for test in tests}
    found = []
    for match in _SETUP.finditer(source, suite.body.start, suite.body.end):
        span = Span(match.end(1), match.end())
        if any(test.span.overlaps(span) for test in suite.tests):
            continue
        home = _home(source, suite, span.start)
        if home < 0 or home in homes:
            found.append(span)
    return found


def _home(source: bytes, suite: Module, at: int) -> int:
    """Where the `describe` that byte `at` stands in starts; -1 outside of all."""
    opening = source.rfind(b"describe ", suite.body.start, at)
    if opening < 0:
        return -1
    line = source.rfind(b"\n", 0, opening) + 1
    closing = source.find(b"\n" + source[line:opening] + b"end", opening)
    return opening if source[line:opening].strip() == b"" and closing > at else -1


def _lacks_context(text: str) -> bool:
    """Whether a test takes a context for more than ExUnit puts there, and no setup is shown."""
    if re.search(r"^[ \t]*setup(?:_all)?\b", text, re.MULTILINE):
        return False
    for found in _CONTEXT.finditer(text):
        taken = found[1]
        if taken.startswith("%{"):
            keys = re.findall(r"([a-z_]\w*):", taken)
            if any(not re.fullmatch(_GIVEN_KEYS, key) for key in keys):
                return True
        elif re.search(rf"\b{taken}\.(?!{_GIVEN_KEYS})[a-z]", text) or re.search(
            rf"\b{taken}\[", text
        ):
            return True
    return False
