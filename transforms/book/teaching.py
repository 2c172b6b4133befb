"""Which Markdown documents are teaching text.

A chapter of a book is. Of a project's Markdown files guides are; what speaks of the project's
people, terms, history and versions is not, nor are a README (an advertisement: what it installs and
links to), templates for issues, references that a program wrote, and files that only tests read. A
guide is in English and shows code in a language that tasks are made from.

Told by the file's place and name first, then by what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from factory.records import Document
from transforms.book.code import LANGUAGES, Block
from transforms.markdown import Block as Read
from transforms.markdown import Code, Items, Prose, Section

ASIDE = "a text about the project's people, terms or history"
README = "a README presents a project and teaches none of it"
UPGRADE = "notes for those who upgrade"
FIXTURE = "part of tests or of templates"
GENERATED = "a reference that a program wrote"
FOREIGN = "not in English, or hardly any prose"
CODELESS = "shows no code that tasks are made from"

_ASIDE = re.compile(
    r"(?:^|/)(?:CHANGE(?:LOG|S)|HISTORY|NEWS|RELEASES?|RELEASING|RELEASE[-_ ]?NOTES|CONTRIBUT\w*|"
    r"CODE[-_ ]OF[-_ ]CONDUCT|LICEN[CS]ES?|COPYING|NOTICE|SECURITY|AUTHORS|CONTRIBUTORS|BACKERS|"
    r"SPONSORS|MAINTAINERS|MAINTAINING|GOVERNANCE|SUPPORT|ROADMAP|TODO|DEVNOTES|DEVELOPMENT|AGENTS|"
    r"CLAUDE|GEMINI|USAGE[-_]RULES|OPEN[-_]SOURCE[-_]POLICY|COMMUNITY|PACKAGES[-_]GLOSSARY|FAQ|"
    r"ISSUE[-_]TEMPLATE|PULL[-_]REQUEST[-_]TEMPLATE|CREDITS|THANKS|GLOSSARY|OUTLINE|DEPRECATED)[^/]*$"
    r"|[^/]*changelog[^/]*$|(?:^|/)(?:\.github|plans?|rfcs?|proposals?|adrs?|decisions)/",
    re.IGNORECASE,
)
_README = re.compile(r"(?:^|/)README[^/]*$", re.IGNORECASE)
_UPGRADE = re.compile(
    r"(?:^|/)(?:upgrad\w*|updating[-_ ]\w*|migrat(?:ing|ions?)(?=\.\w+$)"
    r"|migrat(?:ing|ion)[-_ ](?:guides?|from|to)[^/]*"
    r"|backwards?[-_ ]compat\w*)"
    r"(?:/|[^/]*$)|(?:^|/)v?\d+[._]\d+[^/]*$|compatibility-and-deprecations"
    r"|[-_]v?\d+[-._]\d+(?:[-._]\d+)?[-_]released\b[^/]*$",
    re.IGNORECASE,
)
_FIXTURE = re.compile(
    r"(?:^|/)(?:tests?|spec|fixtures?|templates|priv|assets|node_modules|deps)/", re.IGNORECASE
)
_GENERATED = re.compile(r"generated (?:by|from|using|automatically)|do not edit", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset(["the", "a", "is", "to", "of", "and", "in", "that", "it", "for", "you", "we"])
ENGLISH_SHARE = 0.12
"""Least share of the commonest words: English prose about code has a fifth, others none."""
ENOUGH_WORDS = 60


def not_teaching(document: Document, whole: Section) -> str:
    """Why a document is no teaching text ("" when it is one)."""
    if not (document.book or document.chapter):
        for pattern, reason in (
            (_README, README),
            (_ASIDE, ASIDE),
            (_UPGRADE, UPGRADE),
            (_FIXTURE, FIXTURE),
        ):
            if pattern.search(document.path):
                return reason
        if document.generated or _GENERATED.search(document.text[:400]):
            return GENERATED
    return _held(whole)


def _held(whole: Section) -> str:
    """The same, told by what the document holds."""
    words = known = 0
    shown = False
    for block in _blocks(whole):
        if isinstance(block, Prose):
            said = _WORD.findall(block.text.lower())
            words += len(said)
            known += sum(word in _ENGLISH for word in said)
        elif isinstance(block, Code) and not shown:
            shown = Block(block).language in LANGUAGES
    if words < ENOUGH_WORDS or known < ENGLISH_SHARE * words:
        return FOREIGN
    return "" if shown else CODELESS


def _blocks(whole: Section) -> Iterator[Read]:
    """Every block of the document, those in lists too."""
    for _, section in whole.every():
        waiting: list[Read] = list(section.blocks)
        while waiting:
            block = waiting.pop()
            yield block
            if isinstance(block, Items):
                waiting.extend(one for item in block.items for one in item)
