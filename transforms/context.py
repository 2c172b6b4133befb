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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from factory.parsed import Parsed
from factory.syntax import Attribute, Doc, Function, Module, Span, TypeDef
from transforms.names import Uses, stands, uses
from transforms.parts import (
    bodiless,
    broken,
    code_without,
    documentation_share,
    made_by_macro,
    signature,
    subject,
    without_docs,
)

WHOLE_HELPER = 700
"""A helper up to this many bytes is shown with its body, a longer one by its heads."""

LONG_HELPER = 1_500
"""The same where a context is asked to look closer."""

LONG_VALUE = 1_500
"""An attribute, struct or type longer than this many bytes is not shown whole."""

_NAME = re.compile(r"\??[\w@]+|'[^'\n]+'")
_SERVES = {"call": "handle_call", "cast": "handle_cast", "start_link": "init", "start": "init"}
_SERVER = re.compile(
    r"(?:GenServer|gen_server|Supervisor|supervisor)[.:](call|cast|start_link|start)\b"
)
"""Calls behind which a callback of the same module stands: it shows what is sent, and to whom."""

_SENDS = ("GenServer.c", "gen_server:c")
_SENT = re.compile(
    r"\b(?:GenServer|gen_server)[.:](?:call|cast)\((?:[^()\n,]|\([^()\n]*\))*,\s*(\{?\s*:?[a-z]\w*)"
)
"""What is sent to a server, up to its tag."""


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


def documented(parsed: Parsed) -> Iterator[tuple[Frame, Function | None, Doc]]:
    """Everything that has documentation for readers, in source order: each module (None in the
    function's place), then its functions."""
    for frame in frames(parsed):
        module = frame.module
        if module.doc is not None and not module.doc.hidden:
            yield frame, None, module.doc
        for function in module.functions:
            if function.doc is not None and not function.doc.hidden:
                yield frame, function, function.doc


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
        self._types: dict[str, list[TypeDef]] = {}
        for kind in module.types:
            self._types.setdefault(kind.name, []).append(kind)
        self._texts: dict[Span, str] = {}
        self._used: dict[Span, Uses] = {}
        self._whole: dict[Span, str] = {}
        self._brief: dict[Span, str] = {}
        self._leaned: dict[str, frozenset[str]] = {}
        self._typed: dict[str, list[str]] = {}
        self._indented: dict[str, str] = {}

    def _named(self, attribute: Attribute) -> str:
        """What code calls an attribute by: in Erlang `?NAME` and `#name` for macros and records."""
        if self.language != "erlang" or attribute.value is None:
            return attribute.name
        mark = {"define": "?", "record": "#"}.get(attribute.name)
        if mark is None:
            return attribute.name
        name = _NAME.match(self.parsed.text(attribute.value))
        return f"{mark}{name[0]}" if name else attribute.name

    def text(self, span: Span) -> str:
        """The dedented text of a part that many contexts show."""
        text = self._texts.get(span)
        if text is None:
            text = self._texts[span] = self.parsed.dedented(span)
        return text

    def named(self, name: str) -> Sequence[Function]:
        """The module's functions of a name, of whatever arity."""
        return self._functions.get(name, ())

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
        text = self.parsed.text(function.code)
        used = self._spelled(function, text)
        served = _SERVER.findall(text) if "erver" in text or "upervisor" in text else None
        return used.calling(used.calls | {_SERVES[name] for name in served}) if served else used

    def _spelled(self, function: Function, text: str) -> Uses:
        whole = uses(text, self.language)
        if not (whole.calls - {function.name}) & self._functions.keys() and (
            len(self._functions[function.name]) == 1
        ):
            return whole
        spans = [s for clause in function.clauses for s in (clause.guard, clause.body) if s]
        inside = uses("\n".join(map(self.parsed.text, spans)), self.language)
        return whole.calling(inside.calls)

    def about(
        self,
        function: Function,
        shown: str,
        *,
        types: str = "",
        also: frozenset[str] = frozenset(),
        budget: int = 4_000,
        closer: bool = False,
    ) -> Context:
        """The module's frame with what `function` leans on, and `shown` in the function's place.
        All types that `types` mentions have to be shown, those of `shown` if there is room; `also`
        names functions to show beside those that are called. `closer` shows longer helpers whole,
        and of a server's callbacks the clauses that take what the function sends."""
        page = _Page(budget)
        page.put(function.span.start, "definition", shown, always=True)
        used = self.used_by(function)
        if also:
            used = used.calling(used.calls | also)
        if not closer:
            return self._filled(page, used, {function.span: shown}, types)
        return self._filled(
            page, used, {function.span: shown}, types, LONG_HELPER, self._sent(function)
        )

    def around(self, code: str, instead: Mapping[Span, str], *, budget: int = 4_000) -> Context:
        """The module's frame with what `code` leans on, and `instead`'s texts at their spans
        (which are functions: whatever else is at those spans is not shown)."""
        page = _Page(budget)
        for span, text in instead.items():
            page.put(span.start, "definition", text, always=True)
        return self._filled(page, uses(code, self.language), instead, "")

    def _sent(self, function: Function) -> frozenset[str]:
        """The messages that a function sends its server, up to their tags."""
        text = self.parsed.text(function.code)
        if not any(sends in text for sends in _SENDS):
            return frozenset()
        return frozenset("".join(tag.split()) for tag in _SENT.findall(text))

    def _answers(self, helper: Function, sent: frozenset[str]) -> str:
        """The clauses of a callback that take what is sent; "" when there are none, or when they
        are too long to show."""
        if not sent or not helper.name.startswith("handle_c"):
            return ""
        taken = [
            clause
            for clause in helper.clauses
            if clause.body is not None
            and any(_takes(self.parsed.text(clause.arguments[0]), tag) for tag in sent)
        ]
        between, end = (";\n", ".") if self.language == "erlang" else ("\n\n", "")
        texts = [self.parsed.dedented(clause.span).rstrip(" ;.") for clause in taken]
        text = between.join(texts) + end
        return text if taken and len(text) <= LONG_HELPER else ""

    def _filled(
        self,
        page: _Page,
        mentioned: Uses,
        instead: Mapping[Span, str],
        types: str,
        long: int = WHOLE_HELPER,
        sent: frozenset[str] = frozenset(),
    ) -> Context:
        at = min((span.start for span in instead), default=self.module.span.end)
        self._lines(page, mentioned, at)
        missing_types = tuple(self._show_types(page, [types]))
        self._show_types(page, instead.values())
        inside: list[str] = []
        helpers = self.helpers(mentioned, instead)
        for helper in sorted(helpers, key=lambda h: (h.public, h.code.end - h.code.start)):
            whole = helper.code.end - helper.code.start <= long
            text = self.whole(helper) if whole else self._answers(helper, sent)
            if text and page.put(helper.code.start, "definition", text):
                inside.append(text)
            elif not page.put(helper.code.start, "definition", self.brief(helper)):
                page.missing.append(helper.label)
        missing = tuple(page.missing)
        if long == LONG_HELPER:
            specs = [self.text(spec.span) for helper in helpers for spec in helper.specs]
            self._show_types(page, specs)
        inside += [piece.text for piece in page.pieces if piece.kind == "attribute"]
        if inside:
            leaned = frozenset[str]().union(*map(self._attributes_in, inside))
            self._attributes_of(page, leaned - mentioned.attributes, at)
        return Context(self._render(page), missing, missing_types)

    def _attributes_in(self, text: str) -> frozenset[str]:
        """The attributes that a text mentions which many contexts show."""
        found = self._leaned.get(text)
        if found is None:
            found = self._leaned[text] = uses(text, self.language).attributes
        return found

    def listing(self, *, budget: int = 4_000, summaries: bool = True) -> Context:
        """The module with all functions by their heads (public ones first, when room is short),
        each under the first line of its documentation when `summaries`."""
        page = _Page(budget)
        self._lines(page, None, self.module.span.end)
        for kind in self.module.types:
            page.put(kind.span.start, "attribute", self.text(kind.span))
        for callback in self.module.callbacks:
            page.put(callback.span.start, "attribute", self.text(callback.span))
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
        module = self.module
        if self.language != "erlang" and module.behaviours:
            lines = "\n".join(f"@behaviour {name}" for name in module.behaviours)
            page.put(module.body.start, "directive", lines)
        said: set[str] = set()
        for directive in module.directives:
            if (
                mentioned is None
                or directive.options
                or directive.kind in ("use", "import", "include", "include_lib", "behaviour")
                or mentioned.mentions(directive.target.rsplit(".", 1)[-1])
            ):
                text = self.text(directive.span)
                if len(text) <= LONG_VALUE and text not in said:
                    said.add(text)
                    page.put(directive.span.start, "directive", text)
        if module.struct and (
            mentioned is None
            or mentioned.mentions("__MODULE__")
            or mentioned.mentions(module.name.rsplit(".", 1)[-1])
            or mentioned.mentions("struct")
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
        text = self.text(span)
        if len(text) > LONG_VALUE or not page.put(span.start, kind, text):
            page.missing.append(name)

    def _show_types(self, page: _Page, texts: Iterable[str]) -> list[str]:
        """Shows the types that `texts` mention, and those that they mention in turn; the names of
        those for which there was no room."""
        missing: list[str] = []
        if not self._types:
            return missing
        seen = {name for text in texts for name in self._types_in(text)}
        waiting = sorted(seen)
        while waiting:
            for kind in self._types[waiting.pop(0)]:
                text = self.text(kind.span)
                if len(text) > LONG_VALUE or not page.put(kind.span.start, "attribute", text):
                    missing.append(kind.name)
                    continue
                more = [name for name in self._types_in(text) if name not in seen]
                seen.update(more)
                waiting.extend(more)
        return missing

    def _types_in(self, text: str) -> Sequence[str]:
        """The module's types that a text mentions, sorted."""
        found = self._typed.get(text)
        if found is None:
            found = sorted(name for name in self._types if stands(name, text))
            self._typed[text] = found
        return found

    def _render(self, page: _Page) -> str:
        erlang = self.language == "erlang"
        lines: list[str] = []
        before = ""
        for _, kind, text in sorted(page.pieces):
            if lines and (kind != before or kind == "definition"):
                lines.append("")
            lines.append(text if erlang else self._inside(text))
            before = kind
        inside = "\n".join(lines)
        if erlang:
            top = [f"-module({self.module.name})."]
            top += [f"-behaviour({name})." for name in self.module.behaviours]
            return "\n".join([*top, "", inside]).rstrip()
        return f"{self.header()}\n{inside}\nend"

    def _inside(self, text: str) -> str:
        """A piece as it stands inside the module."""
        found = self._indented.get(text)
        if found is None:
            found = self._indented[text] = indented(text)
        return found

    def header(self) -> str:
        """`defmodule NAME do`, with the full name of a nested module; other kinds as written."""
        if self.module.kind == "defmodule":
            return f"defmodule {self.module.name} do"
        if self.module.kind == "defprotocol":
            return f"defprotocol {self.module.name} do"
        return f"defimpl {self.module.protocol}, for: {self.module.target} do"


def _takes(pattern: str, tag: str) -> bool:
    """Whether a callback's first argument is a message of this tag."""
    found = re.match(re.escape(tag) + r"(?!\w)", "".join(pattern.split()))
    return found is not None


def indented(text: str) -> str:
    """`text` two columns to the right; blank lines stay blank."""
    return "\n".join(
        ["  " + line if line and not line.isspace() else "" for line in text.split("\n")]
    )


__all__ = [
    "Context",
    "Frame",
    "Uses",
    "bodiless",
    "broken",
    "code_without",
    "documentation_share",
    "frames",
    "indented",
    "made_by_macro",
    "signature",
    "subject",
    "uses",
    "without_docs",
]
