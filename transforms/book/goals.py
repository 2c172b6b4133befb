"""What a sentence says its code is for, as something a person wants to do.

"To delete a file, we can use `File.rm/1`:" is the answer to "How do I delete a file?". The goal is
the book's own words from the verb on; one that leans on other text ("do the same with it") is none.
"""

from __future__ import annotations

import re

from transforms.book.headings import verbs
from transforms.book.phrases import CODE
from transforms.book.sentences import Sentence

_GOAL = r"(?P<goal>[a-z]+ [^,:;.?()]{4,90}?)"
_MEANS = (
    rf"(?:you|we|one|use|call|just|simply|add|pass|define|all|it|there|the|write|set|invoke|{CODE})"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^(?:In order to|To) {_GOAL}, (?:\w+ )?{_MEANS}\b",
        rf"^(?:In order to|To) {_GOAL}, {CODE}",
        rf"\b[Ii]f (?:you|we) (?:\w+ )?(?:want|need|wish|would like|have|desire) to {_GOAL}, ",
        rf"\b[Ww]hen (?:you|we) (?:\w+ )?(?:want|need|wish|would like|have) to {_GOAL}, ",
        rf"^(?:You|We) can (?:also |easily |then |simply )?{_GOAL} (?:by|using|via) ",
        rf"{CODE}(?: [a-z]+){{0,2}} (?:allows|lets|enables) (?:you |us )?(?:to )?{_GOAL}[.:,]",
        rf"{CODE}(?: [a-z]+){{0,2}} (?:can be|is) used to {_GOAL}[.:,]",
        rf"\b(?:easiest|simplest|usual|best|common|idiomatic|preferred) way to {_GOAL} is\b",
        rf"^(?:You|We) can use {CODE}(?: [a-z]+){{0,2}} to {_GOAL}[.:,]",
        rf"^(?:Use|Call) {CODE}(?: [a-z]+){{0,2}} to {_GOAL}[.:,]",
    )
)
_DANGLING = re.compile(
    r"\b(?:it|its|this|that|these|those|them|they|their|our|us|we|such|same|above|below|previous|"
    r"following|another|also|instead|again|both|other|others|there|here|one|ones|my|i|so|else|"
    r"certain|appropriate|necessary|desired|relevant|respective|more|further|yourself|ourselves|new|existing|correct|right|first|last|next|two|three)\b",
    re.IGNORECASE,
)
_KNOWN = (
    "database|console|terminal|command line|shell|standard|end|beginning|start|length|size|number|"
    "value|values|name|type|head|tail|sum|contents|keys|current|mailbox|language|compiler"
)
_THE = re.compile(rf"\bthe (?!{CODE}|(?:{_KNOWN})\b)", re.IGNORECASE)
_YOUR = re.compile(r"\byour\b")
_SMALL_WORDS = "a an the of in on to for with from and or by as at into via my"
_SMALL = frozenset(_SMALL_WORDS.split())


def goal(sentence: Sentence) -> str:
    """The goal as words after "How do I", "" when the sentence has none that stands alone."""
    for pattern in _PATTERNS:
        found = pattern.search(sentence.bare)
        if not found:
            continue
        words = found["goal"].strip()
        if not _stands(words):
            continue
        return _YOUR.sub("my", _filled(sentence, words, found.start("goal")))
    return ""


def _stands(words: str) -> bool:
    verb, _, rest = words.partition(" ")
    if verb not in verbs() or _DANGLING.search(words) or _THE.search(words):
        return False
    if words.endswith("ed") or re.search(r"\byou\b", words) or words.count('"') % 2:
        return False
    if words.rpartition(" ")[2].lower() in _SMALL | {"without", "not", "more", "them"}:
        return False
    telling = [word for word in rest.split() if word.lower() not in _SMALL]
    return len(telling) >= 2 and len(words.split()) <= 16


def _filled(sentence: Sentence, words: str, at: int) -> str:
    """The words with their code back in its places."""
    before = sentence.bare[:at].count(CODE)
    codes = re.findall(r"(?s)(`+)(?!`)(.+?)(?<!`)\1(?!`)", sentence.text)
    spans = [f"{ticks}{inner}{ticks}" for ticks, inner in codes]
    left = iter(spans[before:])
    return "".join(next(left, "") if letter == CODE else letter for letter in words)
