"""Which licence a text *is*, or says that something is *under*, as an SPDX expression.

Told from distinctive phrases (`data/licences.toml`), since no kept library did it well: of those
on the package index, `spdx-matcher` took 0.2 s a text and missed plain BSD ones, `identify` knows
whole and unchanged texts alone (where it answered, on 90 real texts, we say the same), and ScanCode
brings hundreds of megabytes. What is not recognised is no licence: nothing is guessed by likeness.

Not covered: legal advice, and texts in other languages than English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

LONGEST = 256 << 10
"""Characters of a licence file that are looked at; the longest known text has 35,000."""

LEAD = 1500
"""Characters at the head of a file in which a sentence may say what the licence is."""


@dataclass(frozen=True, slots=True)
class Text:
    """A licence's distinctive phrases, as words."""

    id: str
    all: tuple[str, ...]
    none: tuple[str, ...]
    absorbed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    texts: tuple[Text, ...]
    restrictions: tuple[str, ...]
    names: dict[str, str]
    in_sentences: re.Pattern[str]


@cache
def phrases() -> Phrases:
    raw = tomllib.loads((files("sources") / "data" / "licences.toml").read_text("utf-8"))
    names = {words(name): id_ for id_, each in raw["names"].items() for name in each}
    names |= {words(id_): id_ for id_ in raw["names"]}
    only_metadata = {words(name) for name in raw["only_in_metadata"]["names"]}
    sentence_names = sorted(names.keys() - only_metadata, key=lambda n: (-len(n), n))
    return Phrases(
        tuple(
            Text(
                text["id"],
                tuple(map(words, text["all"])),
                tuple(map(words, text.get("none", ()))),
                tuple(text.get("absorbed_by", ())),
            )
            for text in raw["text"]
        ),
        tuple(map(words, raw["restrictions"]["phrases"])),
        names,
        re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, sentence_names)) + r")(?![\w]|\.\d)"),
    )


_WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)*")
_COMMENT = re.compile(r"^[ \t]*(?:%+|#+|//+|/?\*+|;+)?[ \t]*", re.M)


def words(text: str) -> str:
    """Lower case, comment marks and punctuation gone, one space between words; version numbers
    keep their dots."""
    return " ".join(_WORD.findall(text.lower()))


def either(text: str) -> bool:
    """Whether a text that names several licences offers a choice among them."""
    return bool(_CHOICE.search(words(text)))


_CHOICE = re.compile(
    r"\b(?:dual|double|triple|multi) licen[cs]ed?\b|\boptionally available under\b"
    r"|\balternatively\b|\bat your (?:option|choice)\b(?! any later)|\bunder either\b"
    r"|\beither of (?:the|these)\b|\byour choice of\b|\b(?:licensed|available|released) under "
    r"(?:the )?(?:terms of )?(?:either|both)\b"
)

_SENTENCE_END = re.compile(r"(?<![vV])\.(?=\s|$)|\s(?=For the )")

_SENTENCE = re.compile(
    r"\b(?:licen[sc]ed|released|distributed|available|covered|provided|subject|governed|is|are)\b"
    r"[^.]{0,40}?\b(?:under|to|by)\b (?P<what>[^\n]{3,240})"
)


def texts_in(text: str) -> list[str]:
    """SPDX ids of every whole licence text in here, in the table's order."""
    seen = words(text[:LONGEST])
    table = phrases()
    found = [
        t
        for t in table.texts
        if all(p in seen for p in t.all) and not any(p in seen for p in t.none)
    ]
    ids = [t.id for t in found]
    return list(
        dict.fromkeys(t.id for t in found if not any(other in ids for other in t.absorbed_by))
    )


def restricted(text: str) -> str:
    """The words that take a known licence's meaning away, or ""."""
    seen = words(text[:LONGEST])
    return next((p for p in phrases().restrictions if p in seen), "")


def names_in(sentence: str) -> list[str]:
    """SPDX ids of the licences that a sentence names, in its order."""
    table = phrases()
    found = (table.names[match.group()] for match in table.in_sentences.finditer(words(sentence)))
    return list(dict.fromkeys(found))


def joined(ids: Iterable[str], *, choice: bool) -> str:
    """One SPDX expression of several ids: OR where there is a choice, else AND, which asks for
    all of them and so never promises more freedom than there is. Sorted; "" for none."""
    unique = sorted(set(ids))
    parts = [f"({i})" if " " in i and len(unique) > 1 else i for i in unique]
    return (" OR " if choice else " AND ").join(parts)


def stated(text: str, *, every: bool = False) -> str:
    """What the first sentence says that puts something under a licence, as an SPDX expression.

    `This package is licensed under the MPL 2.0. For the MPL, see …` gives `MPL-2.0`. With `every`,
    all such sentences count (a source file's header may quote the licence of what it is based on).
    "" when no sentence names a licence that is known.
    """
    lead = _COMMENT.sub("", text[:LEAD])
    gnu = _gnu(words(lead))
    found = [gnu] if gnu else []
    for paragraph in re.split(r"\n\s*\n", lead):
        flat = " ".join(paragraph.split())
        for sentence in _SENTENCE_END.split(flat):
            match = _SENTENCE.search(sentence.lower())
            ids = names_in(match["what"]) if match else []
            if gnu:
                ids = [i for i in ids if "GPL" not in i]
            if ids and not every and not gnu:
                return joined(_versions(ids, flat), choice=len(ids) > 1 and either(text[:LEAD]))
            found += _versions(ids, flat)
    return joined(found, choice=len(found) > 1 and either(text[:LEAD]))


def _versions(ids: list[str], paragraph: str) -> list[str]:
    later = "any later version" in paragraph.lower() or "or later" in paragraph.lower()
    return [i.replace("-only", "-or-later") if later else i for i in ids]


_GNU = re.compile(
    r"under the terms of the gnu (?P<kind>lesser |library |affero )?general public license as"
    r" published by the free software foundation (?:either )?version (?P<version>[\d.]+)"
    r" of the license(?P<later> or at your option any later version)?"
)


def _gnu(seen: str) -> str:
    """The Free Software Foundation's own notice (from the GPL's appendix)."""
    match = _GNU.search(seen)
    if not match:
        return ""
    prefix = {"lesser ": "LGPL", "library ": "LGPL", "affero ": "AGPL", None: "GPL"}[match["kind"]]
    version = match["version"] if "." in match["version"] else match["version"] + ".0"
    return f"{prefix}-{version}-{'or-later' if match['later'] else 'only'}"


@lru_cache(maxsize=4096)
def identify(text: str) -> tuple[str, str]:
    """What a licence file says, as an SPDX expression ("" when not recognised), and why.

    A sentence at its head that names the licence decides over texts that follow (they are often
    those of parts); several whole texts without one are joined by AND, or OR where a choice is
    offered.
    """
    limit = restricted(text)
    if limit:
        return "", f"it says {limit!r}, which no licence known here does"
    found = texts_in(text)
    said = stated(text) if not found or _starts_with_sentence(text) else ""
    if said:
        return said, "its first sentence says so"
    if len(found) == 1:
        return found[0], "it holds the licence's text"
    if found:
        return joined(found, choice=either(text[:LEAD])), f"it holds the texts of {len(found)}"
    return "", "its text is none that is known"


def _starts_with_sentence(text: str) -> bool:
    """Whether the file says *this is under X* before any licence's text begins."""
    return bool(
        re.search(
            r"(?i)\A.{0,200}?\b(?:package|project|software|code|library)\b.{0,120}?"
            r"\blicen[sc]ed\b",
            text[:400],
            re.S,
        )
    ) and not texts_in(text[:400])
