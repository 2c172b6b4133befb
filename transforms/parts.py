"""Functions and modules as texts to show: whole, by their heads, without their documentation."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from factory.parsed import Parsed
from factory.syntax import Function, Module, Span
from transforms.standard import unknown_calls

TORN = "stands in a conditional that is shown in part"
"""Why a function is left out of which `torn` holds."""

MANY_HEADS = 12
"""Callbacks that take messages are shown by up to this many heads: each is a message."""

_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
_STUB = re.compile(
    r"\b(?:error|doc|special_form)!(?:\(| \[)|\bnif_(?:stub_)?error\b|\bnot_loaded\b|\bNOT_LOADED\b"
)
_STUB_MARKS = ("error!", "doc!", "form!", "nif_", "not_loaded", "NOT_LOADED")
_ASKS_ANY = re.compile(r"[A-Z]\w*:\w+\([a-z]\w*\)\Z|[a-z_]\w*\.\w+\(:[a-z]\w*\)\Z")
_CONDITIONAL = ("\n-ifdef", "\n-ifndef", "\n-else", "\n-elif", "\n-endif")
_TESTS = re.compile(r"(?:\A|/)(?:tests?|examples?|bench(?:marks?)?)/|_test\.exs\Z|_SUITE\.erl\Z")
_ONE_CALL = re.compile(r"(?::?[\w.]+[.:]|\?\w+:)[a-z_]\w*[?!]?\([^()]*(?:\([^()]*\)[^()]*)*\)\Z")
_OF_EXCEPTIONS = frozenset({"message", "exception", "splode_message", "blame"})
_AFTER_DO = re.compile(r"\A(.* do)\n[ \t]*\n")


def signature(parsed: Parsed, function: Function, limit: int = 4) -> str:
    """The heads of a function with their guards and `...` for bodies, at most `limit` clauses."""
    lines = []
    if function.name.startswith("handle_"):
        limit = max(limit, MANY_HEADS)
    for clause in function.clauses[:limit]:
        head = parsed.dedented(clause.head)
        guard = f" when {parsed.text(clause.guard)}" if clause.guard else ""
        if parsed.document.language == "erlang":
            lines.append(f"{head}{guard} -> ... ;")
        elif clause.body is None:
            lines.append(f"{function.kind} {head}{guard}")
        else:
            lines.append(f"{function.kind} {head}{guard}, do: ...")
    if parsed.document.language == "erlang" and lines:
        lines[-1] = lines[-1][:-1] + "."
    return "\n".join(lines)


def bodiless(function: Function) -> bool:
    """Whether a function is but a head, as in protocols."""
    return all(clause.body is None for clause in function.clauses)


def made_by_macro(parsed: Parsed, function: Function) -> bool:
    """Whether the name or the arguments of a function are computed by its module (`unquote`)."""
    if parsed.source.find(b"unquote", function.code.start, function.code.end) < 0:
        return False
    return any("unquote" in parsed.text(clause.head) for clause in function.clauses)


def code_without(parsed: Parsed, module: Module, spans: Iterable[Span]) -> str:
    """A module's source with some spans (documentation, say) cut out, dedented; where several blank
    lines came together, one is left."""
    kept: list[str] = []
    at = module.span.start
    for span in sorted(spans):
        if at <= span.start and span.end <= module.span.end:
            kept.append(parsed.text(Span(at, span.start)).rstrip(" \t"))
            at = span.end
    kept.append(parsed.text(Span(at, module.span.end)))
    text = "".join(kept)
    start = parsed.source.rfind(b"\n", 0, module.span.start) + 1
    margin = parsed.source[start : module.span.start].decode()
    if margin and not margin.strip():
        text = text.replace("\n" + margin, "\n")
    return _AFTER_DO.sub(r"\1\n", _BLANK_LINES.sub("\n\n", text), count=1).strip("\n")


def without_docs(parsed: Parsed, function: Function) -> str:
    """A function's specs and code, without its documentation and other attributes."""
    parts = [parsed.dedented(spec.span) for spec in function.specs]
    return "\n".join([*parts, parsed.dedented(function.code)])


def broken(parsed: Parsed, span: Span) -> bool:
    """Whether the parser stumbled in `span` or directly behind it: what it could not read may have
    been the rest."""
    if not parsed.outline.errors:
        return False
    end = parsed.source.find(b"\n", span.end)
    wide = Span(span.start, (end if end >= 0 else len(parsed.source)) + 1)
    return any(wide.overlaps(error) or wide.holds(error) for error in parsed.outline.errors)


def documentation_share(function: Function) -> float:
    """The share of doc, spec and doctest that the function has."""
    has = (
        function.doc is not None and bool(function.doc.text),
        bool(function.specs),
        function.doc is not None and bool(function.doc.doctests),
    )
    return sum(has) / 3


def subject(parsed: Parsed, module: Module, function: Function | None = None) -> str:
    """`Enum.map/2`, or Erlang's `lists:map/2`; without a function the module's name."""
    if function is None:
        return module.name
    mark = ":" if parsed.document.language == "erlang" else "."
    return f"{module.name}{mark}{function.label}"


def stub(parsed: Parsed, function: Function) -> bool:
    """Whether a function only stands in for what the compiler or native code does."""
    if function.code.end - function.code.start >= 300:
        return False
    text = parsed.text(function.code)
    return any(mark in text for mark in _STUB_MARKS) and bool(_STUB.search(text))


def wraps_unknown(parsed: Parsed, function: Function) -> bool:
    """Whether a function is a few lines around what a module outside the standard library does."""
    size = function.code.end - function.code.start
    language = parsed.document.language
    return size < 250 and bool(unknown_calls(parsed.text(function.code), language))


def hands_over(parsed: Parsed, function: Function) -> bool:
    """Whether all that a function does is one call of what stands outside the standard library (or
    behind a macro), so that its code tells of no type."""
    span = function.clauses[0].body if len(function.clauses) == 1 else None
    if span is None or span.end - span.start > 200:
        return False
    body = parsed.text(span)
    if body[-1:] != ")" or not _ONE_CALL.match(body):
        return False
    return body[0] == "?" or bool(unknown_calls(body, parsed.document.language))


def asks_any_module(parsed: Parsed, function: Function) -> bool:
    """Whether all that a function does is to ask whatever module it is given for something by
    name (`Module:info(filter)`): what that is, only the module knows."""
    span = function.clauses[0].body if len(function.clauses) == 1 else None
    if span is None or span.end - span.start > 80:
        return False
    return bool(_ASKS_ANY.match(parsed.text(span)))


def scattered(function: Function) -> bool:
    """Whether other functions, or documentation, specs and attributes, stand between the clauses:
    the code from the first to the last then holds what does not belong to it."""
    if not function.contiguous:
        return True
    inside = [spec.span for spec in function.specs] + list(function.attributes)
    if function.doc is not None:
        inside.append(function.doc.span)
    return any(function.code.overlaps(span) for span in inside)


def bare_exception(parsed: Parsed, module: Module) -> bool:
    """Whether a module is an exception with no code that tells when it is raised."""
    if module.functions and all(f.name in _OF_EXCEPTIONS for f in module.functions):
        return True
    return (
        module.struct is not None
        and len(module.functions) < 2
        and parsed.source.startswith(b"defexception", module.struct.start)
    )


def torn(shown: str, language: str) -> bool:
    """Whether Erlang code to show has lost one end of a conditional (`-ifdef`, `-else`, `-endif`)
    that it stood in: of two definitions, both or the wrong one are shown."""
    return language == "erlang" and any(mark in shown for mark in _CONDITIONAL)


def made_for_tests(parsed: Parsed) -> bool:
    """Whether a file is input of a project's tests, and not code that anybody works on."""
    return "test/fixtures/" in parsed.document.path


def in_tests(parsed: Parsed) -> bool:
    """Whether a file is a test, a helper of tests, or an example of tests."""
    return is_of_tests(parsed.document.path)


@functools.lru_cache(maxsize=64)
def is_of_tests(path: str) -> bool:
    """Whether a file of this path is a test, a helper of tests, or an example of tests."""
    return bool(_TESTS.search(path))
