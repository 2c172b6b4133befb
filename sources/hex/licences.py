"""The licence of a release's root folder: what its metadata says and what its licence files are.

Names in metadata are free text and go through the reviewed table of `factory.passes.licences`;
several are all held to apply (AND), since Hex has no word for a choice. How the two combine:

1. No licence file: the metadata's names.
2. A licence file with a known text: that text. Metadata that agrees, names its family ("BSD") or
   sends the reader there ("see LICENSE") adds nothing, and a choice that the file offers stands;
   metadata may say *or later* where the text alone cannot. What metadata names beyond the text
   applies as well (AND), be it known or not.
3. A licence file whose text is none that is known: the metadata's names, unless the file holds
   words that take freedom away, or the metadata names nothing that is known.

Whatever had to be assumed is said in a note, which every row of such a file carries. Headers of
single files and licence files further down win over this, as everywhere (`sources.licence_files`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from factory.passes.licences import normalise
from factory.records import UNKNOWN_LICENCE
from sources.licence_files import Licences, is_licence_file
from sources.licence_text import identify, restricted, words


@dataclass(frozen=True, slots=True)
class Stated:
    """An SPDX expression (or `LicenseRef-unknown`) and what was assumed, "" for nothing."""

    expression: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Name:
    """A name in the metadata and what it was read as."""

    text: str
    expression: str

    @property
    def is_known(self) -> bool:
        return UNKNOWN_LICENCE not in self.expression

    @property
    def note(self) -> str:
        if words(self.text) in _table()[1]:
            return f"{_shown(self.text)} in its metadata may mean several licences"
        if not self.is_known:
            return f"{_shown(self.text)} in its metadata is no licence that is known"
        if self.expression == self.text.strip():
            return ""
        return f"{_shown(self.text)} in its metadata was read as {self.expression}"


@cache
def _table() -> tuple[frozenset[str], Mapping[str, str]]:
    raw = tomllib.loads(files("sources").joinpath("data/hex_licences.toml").read_text("utf-8"))
    return frozenset(raw["pointers"]), raw["families"]


def root(names: Sequence[str], texts: Mapping[str, str]) -> Stated:
    """The licence of a package that names these licences and holds these texts (by path; those of
    licence files at its root count)."""
    pointers, _ = _table()
    declared = [_Name(name, normalise(name)) for name in names if words(name) not in pointers]
    own = {path: text for path, text in texts.items() if _is_at_root(path)}
    if not own:
        return _declared(declared, [])
    found = Licences(own).folder("").expression
    if found != UNKNOWN_LICENCE:
        return _beside(found, declared)
    titles = ", ".join(sorted(own))
    limit = next(filter(None, (restricted(text) for _, text in sorted(own.items()))), "")
    if limit:
        return Stated(UNKNOWN_LICENCE, f"{titles} says {limit!r}, which no licence known here does")
    if any(identify(text)[0] for text in own.values()) or not declared:
        return Stated(UNKNOWN_LICENCE, f"the text of {titles} is none that is known")
    return _declared(declared, [f"the text of {titles} is none that is known; its metadata counts"])


def _is_at_root(path: str) -> bool:
    return is_licence_file(path) and ("/" not in path or path.startswith("LICENSES/"))


def _declared(declared: Sequence[_Name], notes: list[str]) -> Stated:
    if not declared:
        return Stated(UNKNOWN_LICENCE)
    expression = _all(name.expression for name in declared)
    notes += [name.note for name in declared if name.note]
    if len(declared) > 1:
        notes.append("all licences that its metadata names are held to apply")
    return Stated(expression, "; ".join(dict.fromkeys(notes)))


def _beside(found: str, declared: Sequence[_Name]) -> Stated:
    """What holds where a licence file's text is known."""
    _, families = _table()
    ids = _ids(found)
    expression = _all(name.expression for name in declared)
    if expression == found.replace("-only", "-or-later"):
        return Stated(expression)
    beyond = []
    for name in declared:
        family = families.get(words(name.text))
        if not (
            _ids(name.expression) <= ids or (family and any(i.startswith(family) for i in ids))
        ):
            beyond.append(name)
    if not beyond:
        return Stated(normalise(found))
    notes = [name.note for name in beyond if name.note]
    told = ", ".join(_shown(name.text) for name in beyond)
    notes.append(f"its licence file is {found}, its metadata says {told}: all are held to apply")
    return Stated(_all([found, *(name.expression for name in beyond)]), "; ".join(notes))


def _all(expressions: Iterable[str]) -> str:
    return normalise(" AND ".join(f"({each})" for each in expressions))


def _ids(expression: str) -> set[str]:
    return set(re.split(r" (?:AND|OR) ", re.sub(r"[()]", "", expression)))


def _shown(text: str) -> str:
    """A name from metadata as it can stand in a note."""
    plain = " ".join(text.split())
    return repr(plain if len(plain) <= 60 else plain[:60] + "…")
