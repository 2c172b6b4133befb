"""What tests use and expect beyond the code that a request shows: functions and modules of their
project, fields of its structs, results that other code decides on.

Read by spelling. What this does not do: know what a library's functions give, nor what a value
means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.borrowed import Borrowed, local_name
from transforms.exercise import FILES, SUPPORT, UNTOLD, Exercise
from transforms.names import stands
from transforms.standard import known, unknown_calls
from transforms.untold import is_told, unexpected, untold_modules, without_texts

FOREIGN = 2
"""Tests may call this many functions of libraries."""

_BROUGHT_IN = re.compile(r"^[ \t]*(?:use|import) ([A-Z]\w*)", re.MULTILINE)
_USED = re.compile(r"^[ \t]*use ([A-Z][\w.]*)", re.MULTILINE)
_OPENS = re.compile(r"\bFile\.(?:read|stream|open)|\bfile:(?:read_file|open|consult)")
_FILE = re.compile(r'"(?:[\w.-]+/)*[\w-]+\.(?!exs?\b)[a-z]\w{1,3}"')
_WRITES = re.compile(r"\bFile\.(?:write|touch|cp|open)|\bfile:write|[Nn]o_?such|non_?exist|missing")
_STRUCT = re.compile(r"%([A-Z][\w.]*)\{([^{}]*)")
_FIELD = re.compile(r"(?<![\w:])([a-z_]\w*[?!]?):(?!:)")
_WORD = re.compile(r"[a-z_]\w*[?!]?")
_RECEIVED = re.compile(r'assert_receiv\w+[^\n]*?"([^"\n]{4,})"')
_HASHED = re.compile(r"\bcrypto[.:](?:hash|mac|hmac|sign)|\bmd5\b|\bbxor\b|\bcrc32")
_SUM = re.compile(r"<<(?:\d{1,3},\s*){15,}\d{1,3}>>|\b(?:0x|16#)[0-9a-fA-F]{8}\b")
_DIGEST = re.compile(r"\b[0-9a-fA-F]{32,}\b")
_ENCODED = re.compile(r"(?<![\w/+-])[A-Za-z0-9+_-]{40,}")
_SHORT = re.compile(r"(?<![\w/+-])[A-Za-z0-9+/_-]{16,}={0,2}(?=[\"'])")
_MIXED = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"\d"))
VARIED = 6
"""So many different characters make a long literal one that was computed."""
_CONFIGURED = re.compile(
    r"\bApplication\.(?:fetch_env!?|compile_env!?)\(|\bApplication\.get_env\([^(),]*,[^(),]*\)"
    r"|\bapplication:get_env\([^(),]*(?:,[^(),]*)?\)"
)
_READ = re.compile(r"\bApplication\.(?:get_env|compile_env)\(")
_MOCKED = re.compile(r"\b(?:expect|stub|stub_with|verify!)\(\s*[A-Z][\w.]*")
_SETS = re.compile(
    r"\b(?:put_(?:all_)?env|set_env|delete_env|unset_env|with_config)\b|pplication[.:]load\b"
)
_ASSERTION = {
    "elixir": re.compile(
        r"\b(?:assert|refute|flunk|raise|verify|expect|check)|(?:[}\])>]|ok|\d) = "
    ),
    "erlang": re.compile(
        r"\?_?[a-zA-Z]|(?:^|[,(]|->)\s*(?:[\[{<#\"]|[a-z]\w*\b|\d)[^=\n]*\s=\s", re.MULTILINE
    ),
}
_TO_WRITE = re.compile(r'\s*test\s+"(?:\\.|[^"\\])*"[^\n]*\bdo(?:\s|#[^\n]*)*end\s*\Z')
_DIRECTIVE = re.compile(
    r"^[ \t]*(?:alias|import|require|use|doctest|defmodule)\b[^\n]*(?:\{[^}]*\})?", re.MULTILINE
)
_DEFINED = re.compile(r"\bdefmodule (?:[A-Z]\w*\.)*([A-Z]\w*)")
_RESULT = {
    "elixir": re.compile(
        r"(?:\bassert(?:_receive\w*)?[ (]|==|^)\s*\{:([A-Za-z]\w*[?!]?)(?=,[^\n]*\} = |[^\n]*$)",
        re.MULTILINE,
    ),
    "erlang": re.compile(r"\?_?assert(?:Match|Equal)\(\s*\{([a-z]\w*),"),
}


def lent(shown: Exercise, tests: str, request: str) -> Borrowed:
    """The functions of other modules that tests call and that `request` does not name."""
    mark = ":" if shown.language == "erlang" else "."
    calls = [
        call
        for call in _foreign_calls(shown, tests)
        if not re.search(rf"(?<!\w){re.escape(_last_two(call, mark))}(?!\w)", request)
    ]
    code = "\n".join(f"{call}()" for call in calls)
    return shown.library.borrowed(code, shown.pair.suite, shown.language)


def beyond(shown: Exercise, tests: str, told: str, borrowed: Borrowed) -> str:
    """Why tests do not follow from what a request has `told`, among it what is `borrowed` of other
    modules for them; "" when they do."""
    made = {name for name in reached_by_name(shown, tests) if not stands(name, told)}
    if (
        leans_away(borrowed)
        or made - {"start_link", "child_spec"}
        or unseen_modules(shown, tests, told)
        or has_unseen_fields(shown, tests, told)
        or untold_libraries(shown, tests, told)
    ):
        return SUPPORT
    if _OPENS.search(told) and _FILE.search(tests) and not _WRITES.search(tests):
        return FILES
    if (
        unexpected(tests, told)
        or is_unheard(tests, told)
        or is_computed(tests, told)
        or untold_results(shown.language, tests, told)
        or is_configured(tests, told)
    ):
        return UNTOLD
    return ""


def leans_away(borrowed: Borrowed) -> bool:
    """Whether tests call what cannot be shown, or many functions of libraries."""
    return bool(borrowed.missing) or len(borrowed.outside) > FOREIGN


def _last_two(call: str, mark: str) -> str:
    owner, _, name = call.rpartition(mark)
    return f"{owner.rpartition('.')[2]}{mark}{name}"


def _foreign_calls(shown: Exercise, tests: str) -> list[str]:
    suite = shown.pair.suite
    mark = ":" if shown.language == "erlang" else "."
    own = {shown.name, shown.name.rsplit(".", 1)[-1], suite.name, "__MODULE__"}
    own |= {module.name.rsplit(".", 1)[-1] for module in suite.modules}
    own |= {local_name(d) for d in suite.directives if d.target == shown.name}
    plain = without_texts(tests)
    calls = unknown_calls(plain, shown.language)
    shadows = {
        name: d.target
        for d in suite.directives
        if d.kind == "alias" and known(name := local_name(d)) and not known(d.target)
    }
    calls += [
        f"{target}.{called}"
        for name, target in shadows.items()
        for called in re.findall(rf"(?<![\w.]){name}\.([a-z_]\w*[?!]?)\b", plain)
    ]
    return [call for call in dict.fromkeys(calls) if call.rpartition(mark)[0] not in own]


def unseen_modules(shown: Exercise, tests: str, request: str) -> list[str]:
    """The modules of the project that Elixir tests name, as a struct or a value, and of which the
    request has nothing."""
    if shown.language != "elixir":
        return []
    body = _DIRECTIVE.sub("", tests)
    own = frozenset(_DEFINED.findall(tests)) | {shown.pair.suite.name, "__MODULE__"}
    aliased = {local_name(d): d.target for d in shown.pair.suite.directives if d.kind == "alias"}
    return [
        name
        for name in untold_modules(body, request)
        if not own & {name, name.rsplit(".", 1)[-1]}
        and aliased.get(name, name) not in request
        and shown.library.has(name, shown.pair.suite)
    ]


def untold_libraries(shown: Exercise, tests: str, told: str) -> list[str]:
    """The libraries that Elixir tests bring in, to replace modules or to set things up, and the
    project's own cases, that nothing in the request tells to be there."""
    if shown.language != "elixir":
        return []
    root = shown.name.partition(".")[0]
    found = _BROUGHT_IN.findall(tests)
    found += [name for name in _USED.findall(tests) if name.partition(".")[0] == root]
    return [
        name
        for name in found
        if not (name.startswith("ExUnit") or name == root or known(name) or stands(name, told))
    ]


def has_unseen_fields(shown: Exercise, tests: str, code: str) -> bool:
    """Whether tests look into a struct of the project that the request does not show: they name
    fields that stand nowhere in the code."""
    if shown.language != "elixir":
        return False
    root = shown.name.partition(".")[0]
    aliased = {local_name(d): d.target for d in shown.pair.suite.directives if d.kind == "alias"}
    words = frozenset(_WORD.findall(_STRUCT.sub("", code)))
    for found in _STRUCT.finditer(without_texts(tests)):
        name = aliased.get(found[1], found[1])
        own = name.partition(".")[0] == root or shown.library.has(name, shown.pair.suite)
        if known(name) or not own:
            continue
        if not words.issuperset(_FIELD.findall(found[2])):
            return True
    return False


def untold_results(language: str, tests: str, request: str) -> list[str]:
    """The tags of results that tests expect and that neither the request nor the tests themselves
    say elsewhere."""
    plain = without_texts(tests)
    expected = _RESULT[language].findall(plain)
    return [
        tag
        for tag in dict.fromkeys(expected)
        if not is_told(tag, request)
        and len(re.findall(rf"(?<!\w){re.escape(tag)}(?!\w)", plain)) == expected.count(tag)
    ]


def is_computed(tests: str, request: str) -> bool:
    """Whether tests hold digests, signatures or encoded messages that the request does not: what
    gives them, a reader would have to compute."""
    found = _DIGEST.findall(tests)
    found += [text for text in _ENCODED.findall(tests) if all(p.search(text) for p in _MIXED)]
    if _HASHED.search(request):
        found += _SUM.findall(tests)
        found += [text for text in _SHORT.findall(tests) if all(p.search(text) for p in _MIXED)]
    return any(len(set(text)) >= VARIED and text not in request for text in found)


def is_configured(tests: str, code: str) -> bool:
    """Whether code reads what its project's configuration sets, and neither it nor the tests, which
    expect something of it, set that; where tests have a mock in the place of a module, it does."""
    read = _CONFIGURED.search(code) or (_READ.search(code) and _MOCKED.search(tests))
    return bool(read) and not _SETS.search(f"{code}\n{tests}")


def asserts_nothing(language: str, tests: Sequence[str]) -> bool:
    """Whether half of the tests and more would pass whatever the code does: they compute something
    and look at nothing; or one has yet to be written."""
    if any(_TO_WRITE.match(test) for test in tests):
        return True
    return 2 * sum(not _ASSERTION[language].search(test) for test in tests) >= len(tests)


def is_unheard(tests: str, code: str) -> bool:
    """Whether tests wait for a text that neither the code nor the tests themselves say."""
    rest = _RECEIVED.sub("", tests)
    return any(text not in code and text not in rest for text in _RECEIVED.findall(tests))


def reached_by_name(shown: Exercise, tests: str) -> frozenset[str]:
    """The functions of the module under test that Elixir tests call, or hand on by name:
    `Cart.add(…)`, `{Cart, :start_link, […]}`, a child `{Cart, …}`."""
    if shown.language != "elixir" or not shown.pair.apart:
        return frozenset()
    suite = shown.pair.suite
    own = {shown.name}
    own |= {local_name(d) for d in suite.directives if d.target == shown.name}
    plain = without_texts(tests)
    found: set[str] = set()
    for name in sorted(own):
        module = rf"(?<![\w.]){re.escape(name)}"
        found.update(re.findall(rf"{module}\.([a-z_]\w*[?!]?)[(/]", plain))
        found.update(re.findall(rf"\{{{module}, :([a-z_]\w*[?!]?),", plain))
        if re.search(rf"\bstart_supervised\w*!?[ (]\s*\{{?{module}\b(?!\.)", plain):
            found.add("start_link")
    return frozenset(found)
