"""Versions and what is required of them, as Elixir's `Version` module has it.

A version is SemVer 2.0. A requirement is comparisons (`==`, `!=`, `>`, `>=`, `<`, `<=`, `~>`; a
version alone means `==`) joined by `and` and `or`, of which `and` binds tighter. Pre-releases match
as in Hex: only where the comparison itself names one (Elixir's `allow_pre: false`), and never the
upper bound of a `~>`. Spelling, precedence and odd cases follow `version.ex` of Elixir 1.14 to
1.18, with which tests compare it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, total_ordering

LONGEST = 255
"""Characters of a version, or of one version in a requirement."""

LONGEST_REQUIREMENT = 1_000

Identifier = tuple[int, int, str]
"""A pre-release's part so that it sorts: numbers before words."""

_VERSION = re.compile(
    r"(?P<major>0|[1-9][0-9]*)\.(?P<minor>0|[1-9][0-9]*)(?:\.(?P<patch>0|[1-9][0-9]*))?"
    r"(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+(?P<build>[0-9A-Za-z.-]+))?"
)
_NUMBER = re.compile(r"[0-9]+")
_LEXEME = re.compile(r"(?P<op>>=|<=|~>|>|<|==|!=|!)|(?P<join> or | and )|(?P<blank> )")


@total_ordering
@dataclass(frozen=True, eq=False)
class Version:
    """A version; `text` is how it was written. Build metadata counts for nothing in comparisons."""

    major: int
    minor: int
    patch: int
    pre: tuple[Identifier, ...] = ()
    text: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """None when `text` is no version."""
        found = _parsed(text)
        return None if found is None or found[1] else found[0]

    @property
    def is_stable(self) -> bool:
        return not self.pre

    @cached_property
    def order(self) -> tuple[int, int, int, bool, tuple[Identifier, ...]]:
        return self.major, self.minor, self.patch, not self.pre, self.pre

    def __lt__(self, other: Version) -> bool:
        return self.order < other.order

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.order == other.order

    def __hash__(self) -> int:
        return hash(self.order)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Comparison:
    operator: str
    version: Version
    without_patch: bool

    def holds(self, version: Version, allow_pre: bool) -> bool:
        of = self.version
        if self.operator == "==":
            return version == of
        if self.operator == "!=":
            return version != of
        if self.operator == "<":
            return version < of
        if self.operator == "<=":
            return version <= of
        if version.pre and not of.pre and not allow_pre:
            return False
        if self.operator == ">":
            return version > of
        return version >= of and (self.operator == ">=" or version < self._bound)

    @property
    def _bound(self) -> Version:
        """What `~>` stays below: the lowest pre-release of the next major or minor version."""
        zero = ((0, 0, ""),)
        if self.without_patch:
            return Version(self.version.major + 1, 0, 0, zero)
        return Version(self.version.major, self.version.minor + 1, 0, zero)


@dataclass(frozen=True)
class Requirement:
    """Alternatives, of each of which all comparisons must hold."""

    text: str
    alternatives: tuple[tuple[Comparison, ...], ...]

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Raises ValueError when Elixir's `Version.parse_requirement/1` would give an error."""
        alternatives: list[list[Comparison]] = [[]]
        tokens = _lexed(text)
        while True:
            operator, version = tokens[:2] if len(tokens) > 1 else ("", "")
            comparison = _comparison(operator, version)
            if comparison is None:
                raise ValueError(
                    f'{text[:100]!r} is no version requirement (say "~> 1.7" or '
                    '">= 1.0.0 and < 2.0.0")'
                )
            alternatives[-1].append(comparison)
            tokens = tokens[2:]
            if not tokens:
                return cls(text, tuple(map(tuple, alternatives)))
            join = tokens.pop(0)
            if join == "or":
                alternatives.append([])
            elif join != "and":
                tokens = []

    def matches(self, version: Version, *, allow_pre: bool = False) -> bool:
        return any(
            all(comparison.holds(version, allow_pre) for comparison in every)
            for every in self.alternatives
        )

    def __str__(self) -> str:
        return self.text


def _lexed(text: str) -> list[str]:
    """Operators, versions and joins in a row; a version without operator gets `==`. A version may
    not follow another, which the caller finds out."""
    tokens: list[str] = []
    buffer = ""

    def flush() -> None:
        nonlocal buffer
        if buffer:
            if not tokens or tokens[-1] not in _OPERATORS:
                tokens.append("==")
            tokens.append(buffer)
            buffer = ""

    at = 0
    while at < min(len(text), LONGEST_REQUIREMENT + 1):
        match = _LEXEME.match(text, at)
        if match is None:
            buffer += text[at]
            at += 1
            continue
        flush()
        at = match.end()
        if match["op"]:
            tokens.append("!=" if match["op"] == "!" else match["op"])
        elif match["join"]:
            tokens.append(match["join"].strip())
    flush()
    return tokens if len(text) <= LONGEST_REQUIREMENT else []


_OPERATORS = frozenset({"==", "!=", ">", ">=", "<", "<=", "~>"})


def _comparison(operator: str, text: str) -> Comparison | None:
    found = _parsed(text) if operator in _OPERATORS else None
    if found is None or (found[1] and operator != "~>"):
        return None
    return Comparison(operator, found[0], without_patch=found[1])


def _parsed(text: str) -> tuple[Version, bool] | None:
    """The version, with patch 0 where it has none, and whether it has none."""
    match = _VERSION.fullmatch(text) if len(text) <= LONGEST else None
    if match is None or (match["build"] and "" in match["build"].split(".")):
        return None
    parts = match["pre"].split(".") if match["pre"] else []
    if any(not part or (_NUMBER.fullmatch(part) and part != str(int(part))) for part in parts):
        return None
    pre = tuple((0, int(p), "") if _NUMBER.fullmatch(p) else (1, 0, p) for p in parts)
    patch = match["patch"]
    numbers = int(match["major"]), int(match["minor"]), int(patch or 0)
    return Version(*numbers, pre, text), patch is None
