"""What a heading asks: the concept that a section is about, in the form a question needs.

"Keyword lists" is a concept, "Deleting a file" something to do, "When to use streams?" a question
already, "`if/2`" a name. One that says nothing by itself ("Overview", "Refactoring") asks nothing,
nor does one that jokes. Which of its capitals belong to names is told by the document's prose: a
word that prose writes small is written small. Word lists are data, `data/headings.yaml`.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from ruamel.yaml import YAML

from transforms.book.sentences import LONGEST_PARAGRAPH, hidden, plain

Form = Literal["concept", "task", "question", "name"]

LONGEST_TASK = 7
"""Words behind the verb of a chapter's title."""

LONGEST_TITLE = 300
"""Characters, links and all."""

_NUMBERED = re.compile(
    r"^(?:chapter|part|section|step|lesson|unit|étude|exercise|appendix|recipe)\s+(?:[\dIVX]+|[A-Z])"
    r"(?:[.-]\d+)*[.):]?\s*(?:[-–—:]\s*)?(?=\D|$)|^\d+(?:\.\d+)*(?:[.)]?\s+|[.)](?-i:(?=[A-Z`])))(?:[-–—:]\s*)?|^[IVX]+[.)]\s+",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"(?<![\w`])(\*\*|__|\*|_)(?=\S)(.+?)(?<=\S)\1(?![\w`])")
_INSIDE = re.compile(r"(?<=[a-z,;)] )[A-Za-z][\w'’]*|(?<=[a-z]-)[A-Za-z][\w'’]*")
_WORD = re.compile(r"(?<![.\w])[A-Za-z][\w'’]*+[?!]?(?!\.\w)")
_ODD = re.compile(
    r"\b(?:I|we|you|your|our|my|us|me|let's|let’s|it's|that's|now|oh|hey|hello|this|these|those|that|it|them|things|stuff)\b|[~!…%<>|={}\\\[\]]|\.\.\.|"
    r"^(?:an? )?(?:examples?|samples?)\b|"
    r"^(?:and|but|or|so|also|more|other|another|back|finally|next|first|second|third|part|step|v?\d)\b|"
    r"\b(?:previous|above|below|again|continued|etc|other|another|better|improved|nicer)\b|\bexamples?$|\b(?:improvements?|changed?|renamed|removed|deprecated|upgrade)\b|\.exs?$|\bv\s?\d+\.\d",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:what|why|when|how|where|which|who|is|are|can|does|do|should)\b", re.IGNORECASE
)
_CLAIM = re.compile(
    r"\b(?:is|are|was|were|has|have|does|do|doesn't|don't|can|can't|cannot|must|should|will|won't|requires?|"
    r"returns|uses|means|makes|allows|runs|works|needs|becomes?|gets|lets|takes|gives|only|instead)\b",
    re.IGNORECASE,
)
_INTRODUCING = re.compile(
    r"^(?:(?:an? )?(?:brief |quick |gentle |short )?(?:introduction|intro|guide) (?:to|into)|"
    r"introducing|welcome to|understanding|grokking|exploring|working with|about|more on|"
    r"(?:all|everything) about|meet) "
    r"(?=\S)",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r"^(?:\w+ )?(?:operator|function|module|macro|action|option|clause|guard|hook|callback|command|"
    r"query|queries|test|helper|process|type|key|syntax|expression|block|statement|algorithm|tree)s?$",
    re.IGNORECASE,
)
_DESCRIBED = re.compile(r"^(`[^`]+`|(?:[A-Z][a-z0-9]+){2,}(?:\.\w+)*|[\w.]+[?!]?/\d)\s+[-–—]\s+.+$")
_OPTIONAL = re.compile(r"^\(?optional(?:ly)?\)?[:,]?\s+(?=\w+ \w)", re.IGNORECASE)
_REMARK = re.compile(
    r"\s+\((?:recommended|preferred|optional|required|advanced|experimental|beta|new|deprecated|phase"
    r"|step|part)\b[^()`]*\)$",
    re.IGNORECASE,
)
"""What a heading says of its name, and of its place among others."""

_STEP = re.compile(r"^(?:\d+(?:\.\d+)*[.)]?\s+)?(?:step|task)\s+\d", re.IGNORECASE)
"""A step of something longer says nothing without the others."""

_STARTED = re.compile(r"^(?:getting|get) started (?:with|on|in) (?=\S)", re.IGNORECASE)
_KIND = re.compile(
    r"(?<=\S) (?:guide|tutorial|overview|notes|cookbook|cheat ?sheet|primer|basics|fundamentals"
    r"|introduction)$",
    re.IGNORECASE,
)
"""What a chapter's title says of itself: one reads about assets, not about an overview."""

_SAMPLER = re.compile(
    r"\b(?:tips|tricks|snippets|questions|answers|kata|koans|miscellan\w*)\b", re.I
)
"""Titles of chapters that hold a bit of everything."""

_MANNER = re.compile(r"^([A-Z][a-z]+ly) ([a-z]+ing)\b", re.IGNORECASE)
_ADVERB = re.compile(r"^([A-Z][a-z]+ly) ([a-z]+) (?=\S)", re.IGNORECASE)
_SETUP = re.compile(r"^set-?up (?=\w+ \w)", re.IGNORECASE)
_PLAIN_VERBS = frozenset(["create", "add", "define", "configure", "generate", "install", "write"])
"""Verbs that are no nouns: "Create implementation module" asks for one, "Test helper" does not."""
_TRANSITIVE = frozenset(["add", "create", "define", "use", "set"])
"""Verbs that say nothing without what they are done to ("Using with Phoenix")."""
_HOW_TO = re.compile(r"^how to\s+", re.IGNORECASE)
_NAME = re.compile(
    r"^(?:the\s+)?`[^`]+`(?:(?:,| and| or| vs\.?| versus)+\s+`[^`]+`)*$", re.IGNORECASE
)
_PLAIN_FORMS = re.compile(
    r"^(what|why|when|how|where|which)\b(?:.*\?$|\s+(?:is|are|do|does|can|should)\b)", re.I
)
_PREPOSITION_WORDS = """
    in within on at by from via for to if as with without under inside outside beyond behind before
    after during between across through toward towards
"""
_PREPOSITIONS = frozenset(_PREPOSITION_WORDS.split())
_DONE_TO = re.compile(r"(?:the|an?|your|our|my|all|every|each)\b", re.IGNORECASE)
_PICTURE = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]+ ?")
_ASKS = re.compile(
    r"\b(?:about|is|are|was|were|do|does|did|can|could|should|would|will|must|may|might|to|if|has|have|"
    r"happens?|makes?|works?|means?)\b|n['’]t\b",
    re.IGNORECASE,
)
_STOP_WORDS = """
    a an and are as at be by can do does for from how in into is it its not of on or other the
    their to up use using via vs versus what when where which why with within without work your
    working introduction basic simple elixir erlang vs
"""
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True)
class Heading:
    """`text` fits into a question of its `form`: a noun phrase, a verb phrase ("delete a file"), a
    whole question, or names in backticks. `noun` is what one reads about under it ("deleting a
    file", "" for a question). `words` are the stems that an answer must speak of."""

    form: Form
    text: str
    words: frozenset[str]
    noun: str = ""


@functools.cache
def lists() -> Mapping[str, Any]:
    text = files("transforms").joinpath("data", "headings.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = YAML(typ="safe").load(text)
    return loaded


@functools.cache
def verbs() -> frozenset[str]:
    """Verbs that something to do begins with."""
    return frozenset(lists()["gerunds"].values()) | frozenset(lists()["verbs"])


def commands(sentence: str) -> bool:
    """Whether a sentence begins with a verb that tells the reader what to do."""
    return sentence.partition(" ")[0].lower() in verbs()


@functools.cache
def _general() -> frozenset[str]:
    return frozenset(" ".join(one.split()) for one in lists()["general"].split(","))


def bare(title: str) -> str:
    """A heading's words without numbering, emphasis and links; "" when it is too long for one."""
    if len(title) > LONGEST_TITLE:
        return ""
    words = _EMPHASIS.sub(r"\2", _PICTURE.sub("", plain(title))).strip()
    words = _REMARK.sub("", _OPTIONAL.sub("", _DESCRIBED.sub(r"\1", words)))
    numbered = _NUMBERED.match(words)
    if numbered:
        words = words[numbered.end() :]
    words = _INTRODUCING.sub("", words.strip().rstrip(".:").strip())
    return words[:1].upper() + words[1:] if words[:1].islower() and words != title else words


def general(title: str) -> bool:
    """Whether a heading names a part that many texts have."""
    words = bare(title).lower().rstrip("?!").strip()
    words = re.sub(r"^(?:an?|the) ", "", words)
    return words in _general() or re.sub(r"\s*[\d#]+$", "", words) in _general() or not words


class Capitals:
    """How a document's prose writes its words inside sentences."""

    def __init__(self, paragraphs: Iterable[str]) -> None:
        self._inside: Counter[str] = Counter()
        for text in paragraphs:
            if len(text) <= LONGEST_PARAGRAPH:
                self._inside.update(_INSIDE.findall(hidden(plain(text))))

    def small(self, word: str) -> bool:
        """Whether a word that begins with a capital is an ordinary one."""
        if word == "A":
            return True
        if not word[:1].isupper() or not word[1:].islower():
            return False
        return self._inside[word.lower()] >= self._inside[word] and (
            bool(self._inside[word.lower()])
            or word.lower() in lists()["gerunds"]
            or self._inside[word] == 0
        )


def read(title: str, capitals: Capitals) -> Heading | None:
    """What a heading asks; None when nobody would ask it."""
    words = bare(title)
    if _STEP.match(title):
        return None
    if general(title) or len(words) > 80 or len(words.split()) > 11:
        return None
    if _NAME.match(words):
        return Heading("name", words, stems(words), words)
    named = _keywords(title.strip())
    if named:
        return Heading("name", named, stems(named) or frozenset(re.findall(r"\w+", named)), named)
    shown = hidden(words)
    if _ODD.search(shown) or not re.search(r"[A-Za-z\ue000]", shown) or re.search(r"[,:;]", shown):
        return None
    telling = stems(words)
    if not telling:
        return None
    how_to = _HOW_TO.match(words)
    if how_to:
        return Heading("task", _small(words[how_to.end() :].rstrip("?"), capitals), telling)
    if _QUESTION.match(words):
        if not (_PLAIN_FORMS.match(words) and words.endswith("?") and _ASKS.search(shown)):
            return None
        return Heading("question", words[0].upper() + _small(words, capitals)[1:], telling)
    words = _SETUP.sub("Setting up ", words)
    manner = ""
    found = _MANNER.match(words)
    if found and found[2].lower() in lists()["gerunds"]:
        manner = f"{found[1].lower()} "
        words = words[found.start(2) :]
    adverb = _ADVERB.match(words)
    if adverb and adverb[2].lower() in verbs():
        return Heading(
            "task", f"{adverb[1].lower()} {_small(words[adverb.start(2) :], capitals)}", telling
        )
    first, _, rest = words.partition(" ")
    if rest and first.lower() in _PREPOSITIONS:
        return None
    if rest and first.lower() in verbs():
        article = re.match(r"(?:an?|the|all|multiple|several)\b", rest)
        many = rest.endswith("s") and first.lower() not in lists()["nouns"]
        if _NOUN.search(rest) and not (article or many) and first.lower() not in _PLAIN_VERBS:
            noun = _small(words, capitals)
            return Heading("concept", noun, telling, noun)
        if not (_NOUN.search(rest) or article):
            return None
        return Heading("task", f"{first.lower()} {_small(rest, capitals)}", telling)
    verb = lists()["gerunds"].get(first.lower())
    if _DONE_TO.match(rest) and not first.lower().endswith("ing"):
        return None
    if verb in _TRANSITIVE and re.match(r"(?:with|for|in|from)\b", rest):
        return None
    if verb and rest and not re.match(r"(?:and|or|vs|versus)\b|\(", rest):
        what = _small(rest, capitals)
        noun = f"{manner}{first.lower()} {what}"
        return Heading("task", f"{manner}{verb} {what}", telling, noun)
    if words.islower() and " " not in words:
        return None
    if re.search(r" [-–—] ", words) or "?" in words or _CLAIM.search(hidden(words)):
        return None
    noun = _small(words, capitals)
    return Heading("concept", noun, telling, noun)


def of_chapter(title: str, capitals: Capitals) -> Heading | None:
    """What a chapter is about, for a question about one of its sections; also where its title says
    what to do and nobody would ask it so ("Disable registration")."""
    title = _KIND.sub("", bare(title))
    if (
        _SAMPLER.search(title)
        or len(title.split()) > LONGEST_TASK
        or _STARTED.match(title)
        or "/" in hidden(title)
    ):
        return None
    heading = read(title, capitals)
    words = bare(title)
    first, _, rest = words.partition(" ")
    if heading is None and first.lower() in lists()["nouns"] and re.fullmatch(r"\w+s", rest):
        noun = _small(words, capitals)
        return Heading("concept", noun, stems(words), noun)
    if (
        heading is not None
        or first.lower() not in verbs()
        or first.lower() in ("read", "control", "mix")  # "Read models" are not what one reads
        or not 0 < len(rest.split()) < LONGEST_TASK
    ):
        return heading
    telling = stems(words)
    if not telling or general(title) or _ODD.search(hidden(words)) or re.search(r"[,:;?]", words):
        return None
    what = f"{first.lower()} {_small(rest, capitals)}"
    return Heading("task", what, telling, f"how to {what}")


def _keywords(title: str) -> str:
    """A heading of nothing but the language's words ("case", "if, else and unless"), each in
    backticks; "" for any other."""
    parts = re.split(r"(,? and |,? or |, | & )", title)
    if not all(part in lists()["keywords"] for part in parts[::2]):
        return ""
    return "".join(part if at % 2 else f"`{part}`" for at, part in enumerate(parts))


def _small(words: str, capitals: Capitals) -> str:
    """Without the capitals of a title."""
    parts = re.split(r"(`[^`]*`)", words)
    return "".join(
        part
        if part.startswith("`")
        else _WORD.sub(lambda m: m[0].lower() if capitals.small(m[0]) else m[0], part)
        for part in parts
    )


def stem(word: str) -> str:
    """Enough of a word to find its other forms by."""
    lower = word.lower()
    for ending in (
        "ations",
        "ation",
        "ings",
        "ing",
        "ers",
        "ies",
        "ied",
        "ed",
        "es",
        "er",
        "s",
        "e",
        "y",
    ):
        if lower.endswith(ending) and len(lower) - len(ending) >= 3:
            lower = lower[: -len(ending)]
            break
    return lower[:6]


def stems(text: str) -> frozenset[str]:
    """What to find the telling words of a text by."""
    words = re.findall(r"[A-Za-z]{2,}", text)
    return frozenset(stem(word) for word in words if word.lower() not in _STOP)
