"""A paragraph of a book as sentences, made to stand outside the book.

Links keep their words; pictures, footnotes and HTML tags go. A sentence that only points elsewhere
("We will come back to this later.") is cut, and so is an opening like "As you can see,". The rest
is the book's own words. What still leans on text that is not shown is told by `leans`, and the
caller leaves it out.

Told by spelling (`phrases.yaml`), and for English alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.book.phrases import CODE, begins, holds

_CODE = re.compile(r"(`+)(?!`)(?:.+?)(?<!`)\1(?!`)", re.DOTALL)
_WORDS = r"(?:[^\[\]`\n]|`[^`\n]*`|\[[^\[\]\n]*\])+"
_IMAGE = re.compile(r"!\[[^\]\n]*\](?:\([^)\n]*\)|\[[^\]\n]*\])")
_LINK = re.compile(
    rf"\[(?P<words>{_WORDS})\]\((?:`[^`\n]*`|[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)(?:\{{:[^}}]*\}})?"
)
_REFERENCE = re.compile(r"(?<!\w)\[(?P<referred>(?:[^\[\]`\n]|`[^`\n]*`)+)\]\[[^\[\]\n]*\]")
_FILE_NAMED = re.compile(
    r"(?P<mark>\*\*_|__\*|\*\*|__)(?:`[\w./-]+\.\w+`|[\w.-]+/[\w./-]+\.\w+)(?:_\*\*|\*__|\*\*|__):?"
)
"""The name of the file that the code under it stands in, set apart in bold."""

_OUTSIDE = re.compile(
    rf"(?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))|{_IMAGE.pattern}|{_LINK.pattern}|{_REFERENCE.pattern}"
)
_SHORTCUT = re.compile(r"(?<![\w\]`])\[(`[^`\n]+`)\](?![\[(:\w])")
_FOOTNOTE = re.compile(r"\[\^[^\]\n]+\]")
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:\s+[\w:-]+=\"[^\"\n]*\")*\s*/?>|<!--.*?-->")
_ESCAPED = re.compile(r"\\([()|>~.!-])")
_AUTOLINK = re.compile(r"<(https?://[^>\s]+)>")
_DOC_MARK = re.compile(r"`(?:[mtce]:|d:(?:[^`|]*\|)?)([^`]+)`")
_BREAK = re.compile(rf"(?<=[.!?…:])([\"”')*_]{{0,2}})\s+(?=[\"“'(*_]{{0,2}}[A-Z{CODE}])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|Mr|Mrs|Dr|No|Fig|approx|al)\.|\b[A-Z]\.|(?<!:)(?<=\w):)\Z"
)
_ENDED = re.compile(rf"[.!?…)\"”*_{CODE}]$")
_BOLD = re.compile(r"(\*\*|__)(?:[^*_.]+|[\w./-]+\.\w+)\1:?")
_THIS = re.compile(
    r"\b(?:this|these|those|that (?:behaviou?r|approach|functionality|case|way|feature|option"
    r"|problem|issue|question|example|error))\b"
    r"|\b(?:for|of|with|by|about|from) that(?=[.,:])|\bsuch an?\b",
    re.IGNORECASE,
)
_OUR = re.compile(r"\bour\b", re.IGNORECASE)
_WE_DID = re.compile(
    r"\bwe(?:['’]ve| have)?(?: (?:now|also|just|only|then))? "
    r"(?:created|defined|made|wrote|written|built|used|started|called|passed|set|named|given)\b",
    re.IGNORECASE,
)
_TAKES_UP = re.compile(r"\b(?:this|these|those|such)\b|^because\b", re.IGNORECASE)
_LETTER = re.compile(r"`\w`")
_TOO = re.compile(r"\b(?:too|as well|either)[.:]$", re.IGNORECASE)
LEAD = ":"

LONGEST_PARAGRAPH = 3_000
"""Characters; a longer one is not looked into."""


@dataclass(frozen=True)
class Sentence:
    """`text` as it is quoted, and `bare`: the same with its code hidden, for looking at."""

    text: str
    bare: str

    @property
    def pointer(self) -> bool:
        """Whether it only points elsewhere, or leads on to what comes next."""
        return begins("pointer").match(self.bare) is not None and not self.lead

    @property
    def leans(self) -> bool:
        return holds("leaning").search(self.bare) is not None

    def of_shown_code(self) -> Sentence:
        """The sentence as it reads where "our" code and what "we" did in it are before one's eyes:
        for looking at, not for quoting."""
        return Sentence(self.text, _OUR.sub("the", _WE_DID.sub("we write", self.bare)))

    @property
    def story(self) -> bool:
        return holds("story").search(self.bare) is not None

    @property
    def continues(self) -> bool:
        """Whether it takes up what a sentence before it said."""
        return begins("continuing").match(self.bare) is not None

    @property
    def compares(self) -> bool:
        return holds("comparing").search(" ".join(self.bare.split()[:9])) is not None

    @property
    def lead(self) -> bool:
        """Whether it announces what stands under it."""
        return self.bare.rstrip("*_").endswith(LEAD)

    @property
    def hook(self) -> bool:
        """Whether it promises more: in words, as a heading in bold, or because nothing ends it."""
        if self.lead or _BOLD.fullmatch(self.bare) or not _ENDED.search(self.bare):
            return True
        return holds("hook").search(self.bare) is not None

    @property
    def broken(self) -> bool:
        """Whether it begins in the middle, after code that it goes on from."""
        return self.bare[:1].islower()

    @property
    def takes_up(self) -> bool:
        """Whether it speaks of what the sentence before it brought up."""
        return self.continues or _TAKES_UP.search(self.bare) is not None

    @property
    def dangling(self) -> bool:
        """Whether it points at something that it does not name, which cannot begin a text."""
        if self.continues or self.compares or self.broken or _TOO.search(self.bare):
            return True
        if _LETTER.match(self.text):
            return True
        return _THIS.search(self.bare) is not None


def plain(text: str) -> str:
    """A paragraph on one line, without what only a web page or its generator understands."""
    text = _FILE_NAMED.sub("", text.replace(CODE, ""))
    line = _OUTSIDE.sub(_words_of_link, " ".join(text.split()))
    line = _AUTOLINK.sub(r"\1", _FOOTNOTE.sub("", line))
    parts: list[str] = []
    at = 0
    for code in _CODE.finditer(line):
        parts += [_readable(line[at : code.start()]), code[0]]
        at = code.end()
    parts.append(_readable(line[at:]))
    line = _SHORTCUT.sub(r"\1", "".join(parts))
    line = _DOC_MARK.sub(r"`\1`", line)
    return " ".join(line.split())


def _readable(prose: str) -> str:
    """Prose outside code without tags, and without the backslashes that signs need nowhere."""
    return _ESCAPED.sub(r"\1", _TAG.sub("", prose))


def _words_of_link(found: re.Match[str]) -> str:
    return found["code"] or found["words"] or found["referred"] or ""


def hidden(text: str) -> str:
    """A text with each code span as one letter."""
    return _CODE.sub(CODE, text)


def sentences(text: str) -> list[Sentence]:
    """The sentences of a paragraph that `plain` made, as they stand."""
    codes = [match[0] for match in _CODE.finditer(text)]
    bare = _CODE.sub(CODE, text)
    parts: list[str] = []
    start = 0
    for found in _BREAK.finditer(bare):
        if not _ABBREVIATED.search(bare[start : found.end(1)].rstrip("\"”')*_")):
            parts.append(bare[start : found.end(1)])
            start = found.end()
    parts.append(bare[start:])
    left = iter(codes)
    made = []
    for part in parts:
        whole = "".join(next(left) if letter == CODE else letter for letter in part)
        if whole.strip():
            made.append(Sentence(whole.strip(), part.strip()))
    return made


def without_filler(sentence: Sentence, *, shown: bool, asking: bool = False) -> Sentence:
    """The sentence without openings that say nothing here; with `shown`, also without those that
    name the code above, with `asking` those that name the exercise."""
    keys = ("filler", *["shown"] * shown, *["asked"] * asking)
    text, bare = sentence.text, sentence.bare
    changed = True
    while changed:
        changed = False
        for key in keys:
            found = begins(key, r",\s+(?=\S)").match(bare)
            if found and CODE not in found[0]:
                text, bare = _capital(text[found.end() :]), _capital(bare[found.end() :])
                changed = True
    return Sentence(text, bare)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def said(parts: Sequence[Sentence]) -> str:
    return " ".join(part.text for part in parts)
