"""YAML read as JSON values, each of which knows its line and column.

YAML is untrusted text here: it becomes mappings with text keys, lists, text, numbers, booleans and
null, and nothing else. Tags, merge keys, several documents and keys that are no text are mistakes;
size, depth and what aliases expand to are bounded. Plain words mean what YAML 1.2's core schema
says (`yes` and `2024-01-01` are text), save that infinities and NaN are text too. What the values
should be is decided elsewhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from factory.errors import RequestError

LARGEST = 1 << 18
"""Bytes that a file may have: some 5,000 lines, far more than a person reviews, and two seconds of
the parser's time at worst."""
EXPANDED = 4 << 20
"""Characters (and values) that a file may come to once its aliases are expanded."""
TOLD = 100
"""Mistakes that are told at once."""
DEEPEST = 40
"""Mappings and lists within each other."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something was written. `line` and `column` are 1-based; line 0 means that `origin`
    says it all (an option of the command line, say)."""

    origin: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.origin}:{self.line}:{self.column}" if self.line else self.origin


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """What is wrong at a place. `path` is the way there through keys and (0-based) positions."""

    place: Place
    path: str
    text: str

    def __str__(self) -> str:
        told = f"{self.path}: {self.text}" if self.path else self.text
        return f"{self.place}: {told if len(told) <= 1000 else told[:997] + '...'}"


@dataclass(slots=True)
class Node:
    """A value, where it starts, and where each key of a mapping stands. `raw` is a plain scalar
    as written ("" for all else). Aliases make nodes shared, never cyclic."""

    value: dict[str, Node] | list[Node] | str | int | float | bool | None
    place: Place
    keys: dict[str, Place] = field(default_factory=dict)
    raw: str = ""
    size: int = 1
    depth: int = 1

    def plain(self) -> Any:
        """The JSON value."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def child(self, step: str | int) -> Node | None:
        """The node one step down, or None where there is none."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None


def dotted(path: Path) -> str:
    return ".".join(map(str, path))


def refuse(mistakes: list[Mistake]) -> RequestError:
    """Mistakes as one error, a line each, in the order of their places; the first `TOLD` of them,
    and how many more there are."""
    lines = [str(mistake) for mistake in sorted(set(mistakes))]
    more = [f"and {len(lines) - TOLD} more"] if len(lines) > TOLD else []
    return RequestError("\n".join(lines[:TOLD] + more))


def decode(content: bytes, origin: str) -> str:
    """The text of a file's bytes. Raises `RequestError` when it is too large or not UTF-8."""
    if len(content) > LARGEST:
        raise RequestError(f"{origin}: {len(content):,} bytes; at most {LARGEST:,} are read")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise RequestError(
            f"{origin}:{line}:{column}: the byte 0x{content[error.start]:02x} is not UTF-8; "
            "save the file as UTF-8"
        ) from error


def read(text: str, origin: str) -> tuple[Node, list[Mistake]]:
    """The document and what is wrong with it as YAML. An empty document is a null node.

    Raises `RequestError` where reading cannot go on: a syntax error, or a bound passed.
    """
    composer = _Composer(origin)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            composer.take(event)
    except MarkedYAMLError as error:
        raise refuse([*composer.mistakes, _syntax_mistake(error, text, origin)]) from error
    except ReaderError as error:
        before = text[: error.position]
        place = Place(origin, before.count("\n") + 1, len(before) - before.rfind("\n"))
        found = f"the character U+{ord(text[error.position]):04X} is not allowed in YAML"
        raise refuse([*composer.mistakes, Mistake(place, "", found)]) from error
    except (YAMLError, ValueError, IndexError, RecursionError) as error:
        found = f"not YAML that can be read: {error}"
        raise refuse([*composer.mistakes, Mistake(Place(origin, 1, 1), "", found)]) from error
    return composer.root or Node(None, Place(origin, 1, 1)), composer.mistakes


def scalar(text: str) -> str | int | float | bool | None:
    """What a plain scalar means in YAML 1.2's core schema (section 10.3.2)."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= 40:
        if _INTEGER.fullmatch(text):
            return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
    return text


_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


@dataclass(slots=True)
class _Open:
    """A mapping or list that has begun; `key` waits for its value."""

    node: Node
    anchor: str | None
    key: str | None = None
    skipping: bool = False


class _Composer:
    """Builds nodes from YAML's events without recursion."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.root: Node | None = None
        self.mistakes: list[Mistake] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0

    def take(self, event: Event) -> None:
        place = Place(self.origin, event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self._stop(place, "a second document; a registry is one")
        elif isinstance(event, ScalarEvent):
            self._check_tag(event, place)
            plain = event.implicit[0]
            value = scalar(event.value) if plain else event.value
            node = Node(value, place, raw=event.value if plain else "", size=1 + len(event.value))
            self._place(node, event.anchor, is_text=True, text=event.value)
        elif isinstance(event, AliasEvent):
            known = self._anchors.get(event.anchor)
            if known is None:
                self._wrong(place, f"the alias *{event.anchor} stands for nothing written before")
                known = Node(None, place)
            self._place(known, None)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._check_tag(event, place)
            if len(self._open) >= DEEPEST:
                self._stop(place, f"more than {DEEPEST} mappings and lists within each other")
            value = {} if isinstance(event, MappingStartEvent) else []
            self._open.append(_Open(Node(value, place), event.anchor))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            done = self._open.pop()
            self._place(done.node, done.anchor)
        elif isinstance(event, DocumentEndEvent):
            self._anchors.clear()

    def _place(
        self, node: Node, anchor: str | None, *, is_text: bool = False, text: str = ""
    ) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        top = self._open[-1]
        parent = top.node
        if isinstance(parent.value, dict) and top.key is None and not top.skipping:
            self._key(top, node, text if is_text else None)
            return
        if isinstance(parent.value, dict):
            if top.key is not None:
                parent.value[top.key] = node
            top.key, top.skipping = None, False
        elif isinstance(parent.value, list):
            parent.value.append(node)
        parent.size += node.size
        parent.depth = max(parent.depth, node.depth + 1)
        if parent.size > EXPANDED:
            self._stop(node.place, f"aliases expand to more than {EXPANDED:,} characters")
        if parent.depth + len(self._open) > 2 * DEEPEST:
            self._stop(node.place, f"more than {DEEPEST} mappings and lists within each other")

    def _key(self, top: _Open, node: Node, text: str | None) -> None:
        """Takes `node` as the next key of the mapping; one that cannot be has its value skipped."""
        assert isinstance(top.node.value, dict)
        top.skipping = True
        if text is None:
            self._wrong(node.place, "a key must be plain text")
        elif text == "<<" and node.raw:
            self._wrong(node.place, "merge keys (<<) are not read; write the keys out")
        elif text in top.node.keys:
            first = top.node.keys[text]
            self._wrong(node.place, f"given twice, first in line {first.line}", text)
        else:
            top.node.keys[text] = node.place
            top.key, top.skipping = text, False
            top.node.size += node.size

    def _check_tag(self, event: Any, place: Place) -> None:
        if event.tag is not None and event.tag != "!":
            self._wrong(place, f"the tag {event.tag} is not read; write the value without a tag")

    def _path(self) -> Iterator[str | int]:
        for level in self._open:
            if level.key is not None:
                yield level.key
            elif isinstance(level.node.value, list):
                yield len(level.node.value)

    def _wrong(self, place: Place, text: str, *more: str) -> None:
        self.mistakes.append(Mistake(place, dotted((*self._path(), *more)), text))

    def _stop(self, place: Place, text: str) -> None:
        raise refuse([*self.mistakes, Mistake(place, dotted(tuple(self._path())), text)])


def _syntax_mistake(error: MarkedYAMLError, text: str, origin: str) -> Mistake:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Mistake(Place(origin, 1, 1), "", f"not YAML: {error.problem}")
    place = Place(origin, mark.line + 1, mark.column + 1)
    lines = text.split("\n")
    here = lines[mark.line] if mark.line < len(lines) else ""
    if (
        "\t" in here[: len(here) - len(here.lstrip())]
        or here[mark.column : mark.column + 1] == "\t"
    ):
        return Mistake(place, "", "a tab; YAML is indented with spaces")
    context = error.context_mark
    since = (
        f" ({error.context}, which began in line {context.line + 1})"
        if error.context and context and context.line != mark.line
        else ""
    )
    return Mistake(place, "", f"not YAML: {error.problem}{since}")
