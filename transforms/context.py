"""A module as a person would paste it into a question: its frame, within a budget of bytes.

`Frame` shows what a piece of code leans on (directives, attributes, struct, types, the helpers it
calls; in Erlang records and macros) in the order of the source, with the rest left out. It says
what it could not show, so that a transform can leave a row out rather than ask for the unknowable.

What it does not do: it reads names by spelling. A variable that is called like a function counts
as a call of it, which shows a helper too many; a call without parentheses is seen only before a
literal. What `use` or an included file brings in stays unseen.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from factory.parsed import Parsed
from factory.syntax import Attribute, Function, Module, Span, TypeDef

WHOLE_HELPER = 700
"""A helper up to this many bytes is shown with its body, a longer one by its heads."""

MANY_HEADS = 12
"""Callbacks that take messages are shown by up to this many heads: each is a message."""

LONG_VALUE = 1_500
"""An attribute, struct or type longer than this many bytes is not shown whole."""

_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
_AFTER_DO = re.compile(r"\A(.* do)\n[ \t]*\n")
_NAME = re.compile(r"[\w@]+|'[^'\n]+'")
_WORD = re.compile(r"[A-Za-z_]\w*[?!]?")
_ELIXIR_CALL = re.compile(r"(?<![\w.:@%])([a-z_]\w*[?!]?)(?:\(|/\d|(?= (?:[\"'%]|:[^:]|&[^&])))")
_ELIXIR_PIPED = re.compile(r"\|>\s*([a-z_]\w*[?!]?)")
_ELIXIR_ATTRIBUTE = re.compile(r"@([a-z_]\w*)")
_ERLANG_CALL = re.compile(r"(?<![\w:?#])([a-z][\w@]*)(?:\s*\(|/\d)")
_ERLANG_MACRO = re.compile(r"(?<!\?)\?+([A-Za-z_][\w@]*)")
_ERLANG_RECORD = re.compile(r"#([a-z][\w@]*|'[^'\n]+')\s*[{.]")

_PREDEFINED = "MODULE MODULE_STRING FILE LINE MACHINE FUNCTION_NAME FUNCTION_ARITY OTP_RELEASE"
_PREDEFINED_MACROS = frozenset(_PREDEFINED.split())
_NO_CALLS = """
def defp defmacro defmacrop defguard defguardp defdelegate defmodule defprotocol defimpl defstruct
if unless case cond with for fn quote unquote unquote_splicing when and or not in do else end try
rescue catch after receive raise super alias import require use
"""
_KEYWORDS = frozenset(_NO_CALLS.split())
_SERVES = {"call": "handle_call", "cast": "handle_cast", "start_link": "init", "start": "init"}
_SERVER = re.compile(
    r"(?:GenServer|gen_server|Supervisor|supervisor)[.:](call|cast|start_link|start)\b"
)
"""Calls behind which a callback of the same module stands: it shows what is sent, and to whom."""
_RESERVED = """
doc moduledoc typedoc spec type typep opaque callback macrocallback optional_callbacks behaviour
impl deprecated since dialyzer derive enforce_keys vsn external_resource compile before_compile
after_compile on_load on_definition nifs tag describetag moduletag file
"""
_RESERVED_ATTRIBUTES = frozenset(_RESERVED.split())


class Uses(NamedTuple):
    """What a text mentions: called local names, `@attributes` (without the `@`; in Erlang
    `?MACROS` and `#records`, with their marks), and every word in it."""

    calls: frozenset[str]
    attributes: frozenset[str]
    words: frozenset[str]


def uses(text: str, language: str) -> Uses:
    """What `text` mentions, by spelling. Strings and comments count too."""
    words = frozenset(_WORD.findall(text))
    if language == "erlang":
        calls = frozenset(_ERLANG_CALL.findall(text))
        macros = frozenset(_ERLANG_MACRO.findall(text)) - _PREDEFINED_MACROS
        named = {f"?{name}" for name in macros}
        named.update(f"#{name}" for name in _ERLANG_RECORD.findall(text))
        return Uses(calls, frozenset(named), words)
    calls = frozenset([*_ELIXIR_CALL.findall(text), *_ELIXIR_PIPED.findall(text)]) - _KEYWORDS
    attributes = frozenset(_ELIXIR_ATTRIBUTE.findall(text)) - _RESERVED_ATTRIBUTES
    return Uses(calls, attributes, words)


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


@dataclass(frozen=True)
class Context:
    """Code to show, the names that it leans on but that could not be shown, and the types that
    were asked for and could not."""

    code: str
    missing: tuple[str, ...]
    missing_types: tuple[str, ...] = ()


class _Piece(NamedTuple):
    at: int
    kind: str
    text: str


@dataclass
class _Page:
    """Pieces gathered so far, and the bytes left for more."""

    left: int
    pieces: list[_Piece] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    taken: set[tuple[int, str]] = field(default_factory=set)

    def put(self, at: int, kind: str, text: str, *, always: bool = False) -> bool:
        """Whether there was room (or `always` made it); the same piece twice counts once."""
        if (at, kind) in self.taken:
            return True
        size = len(text) + 3
        if size > self.left and not always:
            return False
        self.left -= size
        self.taken.add((at, kind))
        self.pieces.append(_Piece(at, kind, text))
        return True


@functools.lru_cache(maxsize=1)
def frames(parsed: Parsed) -> tuple[Frame, ...]:
    """A frame for every module of the document; kept for the transform that comes next."""
    return tuple(Frame(parsed, module) for module in parsed.outline.every_module())


class Frame:
    """A module, indexed once, from which contexts for many of its functions are cut."""

    def __init__(self, parsed: Parsed, module: Module) -> None:
        self.parsed = parsed
        self.module = module
        self.language = parsed.document.language
        self._functions: dict[str, list[Function]] = {}
        for function in module.functions:
            self._functions.setdefault(function.name, []).append(function)
        self._attributes: dict[str, list[Attribute]] = {}
        for attribute in module.attributes:
            self._attributes.setdefault(self._named(attribute), []).append(attribute)
        self._used: dict[Span, Uses] = {}
        self._whole: dict[Span, str] = {}
        self._brief: dict[Span, str] = {}
        self._types: dict[str, list[TypeDef]] = {}
        for kind in module.types:
            self._types.setdefault(kind.name, []).append(kind)

    def _named(self, attribute: Attribute) -> str:
        """What code calls an attribute by: in Erlang `?NAME` and `#name` for macros and records."""
        if self.language != "erlang" or attribute.value is None:
            return attribute.name
        mark = {"define": "?", "record": "#"}.get(attribute.name)
        if mark is None:
            return attribute.name
        name = _NAME.match(self.parsed.text(attribute.value))
        return f"{mark}{name[0]}" if name else attribute.name

    def defines_type(self, name: str) -> bool:
        return name in self._types

    def helpers(self, mentioned: Uses, but: Iterable[Span] = ()) -> list[Function]:
        """The module's functions that are called by name, in source order, except those at the
        spans `but`."""
        skip = frozenset(but)
        found = [
            function
            for name in mentioned.calls & self._functions.keys()
            for function in self._functions[name]
            if function.span not in skip
        ]
        return sorted(found, key=lambda function: function.span)

    def used_by(self, function: Function) -> Uses:
        """What a function leans on: calls count in bodies and guards, not its own heads."""
        known = self._used.get(function.span)
        if known is None:
            known = self._used[function.span] = self._use(function)
        return known

    def _use(self, function: Function) -> Uses:
        used = self._spelled(function)
        served = _SERVER.findall(self.parsed.text(function.code))
        return used._replace(calls=used.calls | {_SERVES[name] for name in served})

    def _spelled(self, function: Function) -> Uses:
        whole = uses(self.parsed.text(function.code), self.language)
        if not (whole.calls - {function.name}) & self._functions.keys() and (
            len(self._functions[function.name]) == 1
        ):
            return whole
        spans = [s for clause in function.clauses for s in (clause.guard, clause.body) if s]
        inside = uses("\n".join(map(self.parsed.text, spans)), self.language)
        return whole._replace(calls=inside.calls)

    def about(
        self, function: Function, shown: str, *, types: str = "", budget: int = 4_000
    ) -> Context:
        """The module's frame with what `function` leans on, and `shown` in the function's place.
        All types that `types` mentions have to be shown, those of `shown` if there is room."""
        page = _Page(budget)
        page.put(function.span.start, "definition", shown, always=True)
        return self._filled(page, self.used_by(function), {function.span: shown}, types)

    def around(self, code: str, instead: Mapping[Span, str], *, budget: int = 4_000) -> Context:
        """The module's frame with what `code` leans on, and `instead`'s texts at their spans
        (which are functions: whatever else is at those spans is not shown)."""
        page = _Page(budget)
        for span, text in instead.items():
            page.put(span.start, "definition", text, always=True)
        return self._filled(page, uses(code, self.language), instead, "")

    def _filled(
        self, page: _Page, mentioned: Uses, instead: Mapping[Span, str], types: str
    ) -> Context:
        at = min((span.start for span in instead), default=self.module.span.end)
        self._lines(page, mentioned, at)
        missing_types = tuple(self._show_types(page, types))
        self._show_types(page, "\n".join(instead.values()))
        inside: list[str] = []
        helpers = self.helpers(mentioned, instead)
        for helper in sorted(helpers, key=lambda h: (h.public, h.code.end - h.code.start)):
            whole = helper.code.end - helper.code.start <= WHOLE_HELPER
            text = self.whole(helper) if whole else ""
            if whole and page.put(helper.code.start, "definition", text):
                inside.append(text)
            elif not page.put(helper.code.start, "definition", self.brief(helper)):
                page.missing.append(helper.label)
        missing = tuple(page.missing)
        inside += [piece.text for piece in page.pieces if piece.kind == "attribute"]
        if inside:
            leaned = uses("\n".join(inside), self.language).attributes
            self._attributes_of(page, leaned - mentioned.attributes, at)
        return Context(self._render(page), missing, missing_types)

    def listing(self, *, budget: int = 4_000, summaries: bool = True) -> Context:
        """The module with all functions by their heads (public ones first, when room is short),
        each under the first line of its documentation when `summaries`."""
        page = _Page(budget)
        self._lines(page, None, self.module.span.end)
        for kind in self.module.types:
            page.put(kind.span.start, "attribute", self.parsed.dedented(kind.span))
        for callback in self.module.callbacks:
            page.put(callback.span.start, "attribute", self.parsed.dedented(callback.span))
        for function in sorted(self.module.functions, key=lambda f: (not f.public, f.span)):
            text = self.brief(function)
            if summaries and function.doc and function.doc.text:
                text = f"{self._comment(function.doc.text)}\n{text}"
            if not page.put(function.code.start, "definition", text):
                page.missing.append(function.label)
        return Context(self._render(page), tuple(page.missing))

    def brief(self, function: Function) -> str:
        """A function by its specs and heads."""
        text = self._brief.get(function.span)
        if text is None:
            specs = [self.parsed.dedented(spec.span) for spec in function.specs]
            text = "\n".join([*specs, signature(self.parsed, function)])
            self._brief[function.span] = text
        return text

    def whole(self, function: Function) -> str:
        """A function by its specs and code."""
        text = self._whole.get(function.span)
        if text is None:
            text = self._whole[function.span] = without_docs(self.parsed, function)
        return text

    def _comment(self, doc: str) -> str:
        mark = "%%" if self.language == "erlang" else "#"
        line = doc.strip().split("\n", 1)[0].strip()
        return f"{mark} {line}"

    def _lines(self, page: _Page, mentioned: Uses | None, at: int) -> None:
        """What stands at the top of a module: behaviours, directives, struct, attributes.
        `mentioned` None takes all there is room for."""
        module, parsed = self.module, self.parsed
        if self.language != "erlang" and module.behaviours:
            lines = "\n".join(f"@behaviour {name}" for name in module.behaviours)
            page.put(module.body.start, "directive", lines)
        for directive in module.directives:
            text = parsed.dedented(directive.span)
            last = directive.target.rsplit(".", 1)[-1]
            wanted = (
                mentioned is None
                or directive.kind in ("use", "import", "include", "include_lib", "behaviour")
                or last in mentioned.words
                or bool(directive.options)
            )
            if wanted and len(text) <= LONG_VALUE:
                page.put(directive.span.start, "directive", text)
        if module.struct and (
            mentioned is None
            or "__MODULE__" in mentioned.words
            or module.name.rsplit(".", 1)[-1] in mentioned.words
            or "struct" in mentioned.words
        ):
            self._value(page, module.struct, "struct", "attribute")
        self._attributes_of(page, mentioned.attributes if mentioned else self._attributes, at)

    def _attributes_of(self, page: _Page, names: Iterable[str], at: int) -> None:
        """The attributes of these names as they stand where byte `at` is reached."""
        for name in sorted(names):
            known = self._attributes.get(name, [])
            before = [attribute for attribute in known if attribute.span.start < at] or known
            if not before:
                page.missing.append(name)
            for attribute in before if self.language == "erlang" else before[-1:]:
                self._value(page, attribute.span, name, "attribute")

    def _value(self, page: _Page, span: Span, name: str, kind: str) -> None:
        text = self.parsed.dedented(span)
        if len(text) > LONG_VALUE or not page.put(span.start, kind, text):
            page.missing.append(name)

    def _show_types(self, page: _Page, text: str) -> list[str]:
        """Shows the types that `text` mentions, and those that they mention in turn; the names of
        those for which there was no room."""
        missing: list[str] = []
        if not self._types:
            return missing
        waiting = sorted(set(_WORD.findall(text)) & self._types.keys())
        seen = set(waiting)
        while waiting:
            for kind in self._types[waiting.pop(0)]:
                text = self.parsed.dedented(kind.span)
                if len(text) > LONG_VALUE or not page.put(kind.span.start, "attribute", text):
                    missing.append(kind.name)
                    continue
                more = sorted((set(_WORD.findall(text)) & self._types.keys()) - seen)
                seen.update(more)
                waiting.extend(more)
        return missing

    def _render(self, page: _Page) -> str:
        pieces = sorted(page.pieces)
        lines: list[str] = []
        before = ""
        for piece in pieces:
            if lines and (piece.kind != before or piece.kind == "definition"):
                lines.append("")
            lines.append(piece.text)
            before = piece.kind
        inside = "\n".join(lines)
        if self.language == "erlang":
            top = [f"-module({self.module.name})."]
            top += [f"-behaviour({name})." for name in self.module.behaviours]
            return "\n".join([*top, "", inside]).rstrip()
        return f"{self.header()}\n{indented(inside)}\nend"

    def header(self) -> str:
        """`defmodule NAME do`, with the full name of a nested module; other kinds as written."""
        if self.module.kind == "defmodule":
            return f"defmodule {self.module.name} do"
        if self.module.kind == "defprotocol":
            return f"defprotocol {self.module.name} do"
        return f"defimpl {self.module.protocol}, for: {self.module.target} do"


def indented(text: str) -> str:
    """`text` two columns to the right; blank lines stay blank."""
    return "\n".join("  " + line if line.strip() else "" for line in text.split("\n"))
