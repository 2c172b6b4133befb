"""One side of a changed file, read: its lines, its items, and what of it a change leans on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from factory.parsed import Parsed
from factory.records import Document
from factory.syntax import Attribute, Directive, Function, Node, Span
from transforms.commit.cut import Cut, Range
from transforms.commit.items import Item, items
from transforms.names import uses
from transforms.parts import signature

WHOLE_HELPER = 24
"""Lines up to which a helper is shown whole; a longer one by its heads."""
LONG_PIECE = 40
"""Lines of a struct or an attribute that are still shown."""

_TYPES = re.compile(
    rb"@(?:spec|type|typep|opaque|callback|macrocallback|typedoc|doc|moduledoc)\b|-(?:spec|type|opaque|callback)\b"
)
_TYPED = frozenset({"unary_operator", "spec", "type_alias", "opaque", "callback"})
_DEFINED = re.compile(r"-(define|record)\(\s*(\w+)")
_RENAMED = re.compile(r"\bas: ([A-Z]\w*)")
_LITERALS = frozenset({"string", "charlist", "sigil", "quoted_content", "atom", "integer", "float"})


@dataclass(frozen=True)
class Side:
    """A file before or after: `parsed` has its tree for as long as this is used."""

    parsed: Parsed
    lines: tuple[str, ...]
    items: tuple[Item, ...]

    @property
    def sound(self) -> bool:
        return self.parsed.has_tree and not self.parsed.outline.errors

    @cached_property
    def prose(self) -> frozenset[int]:
        """The lines of documentation and types, and those that hold a comment alone."""
        mark = "%" if self.parsed.document.language == "erlang" else "#"
        found = {at for at, line in enumerate(self.lines) if line.lstrip().startswith(mark)}
        outline = self.parsed.outline.every_module()
        types = [kind.span for module in outline for kind in module.types]
        types += [callback.span for module in outline for callback in module.callbacks]
        types += [s.span for module in outline for f in module.functions for s in f.specs]
        for span in [*documentation(self.parsed), *types]:
            first, last = self.parsed.line(span.start) - 1, self.parsed.line(span.end - 1)
            found.update(range(first, last))
        return frozenset(found)

    def functions(self, ranges: Sequence[Range]) -> Iterator[tuple[str, Function]]:
        """The functions that these lines touch, each with its module's name."""
        for module in self.parsed.outline.every_module():
            for function in module.functions:
                start = self.parsed.line(function.span.start) - 1
                end = self.parsed.line(max(function.span.start, function.span.end - 1))
                if any(_touches(start, end, low, high) for low, high in ranges):
                    yield module.name, function

    def tests(self, ranges: Sequence[Range]) -> list[str]:
        """The tests that these lines touch, as they are written, without their module's margin."""
        found = []
        for module in self.parsed.outline.every_module():
            for test in module.tests:
                start = self.parsed.line(test.span.start) - 1
                end = self.parsed.line(test.span.end - 1)
                if any(_touches(start, end, low, high) for low, high in ranges):
                    found.append(self.parsed.dedented(test.span))
        return found


def side(document: Document, path: str, text: str, language: str) -> Side:
    """A side of a file that a patch holds."""
    parsed = Parsed(replace(document, path=path, text=text, language=language))
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return Side(parsed, tuple(ended), items(parsed))


def _touches(start: int, end: int, low: int, high: int) -> bool:
    return (low < end and start < high) or (low == high and start < low < end)


def documentation(parsed: Parsed) -> Iterator[Span]:
    """Where documentation stands."""
    for module in parsed.outline.every_module():
        for doc in [module.doc, *(f.doc for f in module.functions), *(t.doc for t in module.types)]:
            if doc is not None:
                yield doc.span


def code_tokens(parsed: Parsed) -> list[str]:
    """The tokens of a piece of code without comments, documentation, types and what the formatter
    may add or take away (parentheses, commas): equal before and after means that no code changed.
    """
    docs = frozenset(documentation(parsed))
    tokens: list[str] = []
    waiting: list[Node] = [parsed.root]
    while waiting:
        node = waiting.pop()
        if node.type == "comment" or (node.start_byte, node.end_byte) in docs:
            continue
        if node.type in _TYPED and _TYPES.match(parsed.source, node.start_byte):
            continue
        children = node.children
        if not children or node.type in _LITERALS:
            text = node.text.decode() if node.text else ""
            if text.strip("(),;\n "):
                tokens.append(text)
        else:
            waiting.extend(reversed(children))
    return tokens


def context(before: Side, cut: Cut, code: str, budget: int) -> str:
    """What of the file `code` leans on and the cut does not show: directives, attributes and
    structs that it mentions, and the functions that it calls (long ones by their heads)."""
    used = uses(code, before.parsed.document.language)
    pieces: dict[int, tuple[int, str]] = {}
    shown: set[str] = set()  # modules of one file often begin alike
    left = budget
    for start, end, text in [*_frame(before, used.attributes, code), *_helpers(before, used.calls)]:
        hidden = not any(_touches(start, end, *part.before) for part in cut.parts)
        if hidden and start not in pieces and text not in shown and len(text) + 2 <= left:
            left -= len(text) + 2
            shown.add(text)
            pieces[start] = end, text
    said = ""
    last = -1
    for start, (end, text) in sorted(pieces.items()):
        said += ("" if not said else "\n" if start == last else "\n\n") + text
        last = end
    return said


def _helpers(before: Side, calls: Collection[str]) -> Iterator[tuple[int, int, str]]:
    parsed = before.parsed
    for module in parsed.outline.every_module():
        for function in module.functions:
            if function.name not in calls:
                continue
            start, end = parsed.line(function.code.start) - 1, parsed.line(function.code.end - 1)
            specs = "".join(f"{parsed.dedented(spec.span)}\n" for spec in function.specs)
            whole = end - start <= WHOLE_HELPER
            code = parsed.dedented(function.code) if whole else signature(parsed, function)
            yield start, end, specs + code


def _frame(before: Side, attributes: Collection[str], code: str) -> Iterator[tuple[int, int, str]]:
    """Directives, attributes and structs that code mentions: lines and text."""
    parsed = before.parsed
    for module in parsed.outline.every_module():
        spans = [
            directive.span
            for directive in module.directives
            if directive.kind in ("use", "import") or _named(directive, code)
        ]
        spans += [a.span for a in module.attributes if _called(parsed, a) in attributes]
        if module.struct is not None and ("__MODULE__" in code or "%" in code):
            spans.append(module.struct)
        for span in dict.fromkeys(spans):
            start, end = parsed.line(span.start) - 1, parsed.line(span.end - 1)
            if end - start <= LONG_PIECE:
                yield start, end, parsed.dedented(span)


def _called(parsed: Parsed, attribute: Attribute) -> str:
    """What code calls an attribute by: in Erlang `?NAME` and `#name` for macros and records."""
    found = _DEFINED.match(parsed.text(attribute.span))
    if found is None:
        return attribute.name
    return ("?" if found[1] == "define" else "#") + found[2]


def _named(directive: Directive, code: str) -> bool:
    """Whether code mentions what an `alias` or a `require` brings in."""
    renamed = _RENAMED.search(directive.options)
    name = renamed[1] if renamed else directive.target.rpartition(".")[2]
    return bool(re.search(rf"(?<![\w.]){re.escape(name)}\b", code))
