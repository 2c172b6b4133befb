"""What a book says of the code that it has just shown.

The paragraphs right after a code block explain it when they speak of it: they begin with it ("In
the example above, …", "Note how …", "The first clause …"), or name what stands in it.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence

from transforms.book.code import Block
from transforms.book.headings import commands
from transforms.book.phrases import CODE, begins, holds
from transforms.book.pieces import Piece, quotable, whole_prefix
from transforms.book.sentences import LONGEST_PARAGRAPH, plain, sentences
from transforms.markdown import Block as Read
from transforms.markdown import Items, Prose

_CODE = re.compile(r"`([^`\n]+)`")
_WORD = re.compile(r"[A-Za-z_]\w*[?!]?")
_TRIVIAL = frozenset(["nil", "true", "false", ":ok", ":error", "do", "end", "iex", "mix", "Elixir"])
_OF_CODE = re.compile(
    r"(?:the|this) (?:code|example|snippet|function|module|first|macro|test|query)\b|here\b"
    r"|not(?:e|ice)\b|you['’](?:ll|ve) notice|this (?:defines|creates|returns|calls|starts|sets"
    r"|adds|tells|gives|prints|says|ensures|expects|takes|builds|generates|registers|matches)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    rf"(?:(?:the|an?|each|every|both|calling|using|setting|passing|when|in|inside|by|with|since|because|even"
    rf"|note that|notice that|the \w+ of)\s+){{0,2}}(?:\w+\s+){{0,2}}{CODE}",
    re.IGNORECASE,
)
_FOCUS = re.compile(
    rf"(?:(?:the|this|that|an?|each|calling|using|setting|passing) )?(?:[\w-]+ )?"
    rf"(?P<names>{CODE}(?: and {CODE})?)(?! (?:and|or)\b)[ ']",
    re.IGNORECASE,
)
_OWN = """
def defp defmodule defmacro do end fn use import alias require when and or not in if else case cond
with true false nil iex ok error
"""
_OWN_WORDS = frozenset(_OWN.split())
_FILE = re.compile(r"\.(?:exs?|erl|heex|eex|js|css|md)\b")
_QUOTED = re.compile(r"(?<![\w`\"])\"([^\"`\n]{1,40})\"(?![\w`\"])")
_UNNAMED = re.compile(r'"(?:[^"\\\n]|\\.)*"|#.*')
_REMARK = re.compile(r"(?:^|(?<=\s))(?:#(?!\{)|%(?=[% ])).*", re.MULTILINE)
_A_FILE = re.compile(r"\.(?:exs?|erl|heex|eex|js|css|md|txt|csv|json|png|mp4|html)$")
_LENGTHS = (60, 300, 700)
_MADE = {
    "function": r"\bdefp?\b|\bfn\b|\bfun\b|->|&\w",
    "module": r"\bdefmodule\b|-module\(",
    "macro": r"\bdefmacrop?\b|-define\(",
    "test": r"\btest\b|_test\b|\bdescribe\b",
    "protocol": r"\bdefprotocol\b",
    "struct": r"\bdefstruct\b|%\w",
}
"""What code shows that is spoken of as "this function", "the module"."""

_POINTED = re.compile(rf"(?:the|this) ({'|'.join(_MADE)})\b(?! {CODE})", re.IGNORECASE)
_CALLED = re.compile(r"(?<![\w@])(?:[A-Z]\w*\.)+[a-z_]\w*[?!]?")
_SUM = re.compile(r"[\d\s._]*\d\s*[-+*/<>=|&^%]+\s*\d[\d\s._]*")
_DIGITS = re.compile(r"-?\d[\d_]*(?:\.\d+)?")
_REASON = re.compile(r"because\b", re.IGNORECASE)
_NUMBER = re.compile(r"-?[\d_.]+")
_NUMBERED = re.compile(r"\w+ \d+")
_ENDING = re.compile(r"\.[a-z]\w*")
_ARITY = re.compile(r"/\d+$")


def named(text: str) -> list[str]:
    """What a text names in backticks, without arities, in order; numbers, which are often those
    of a result that nothing prints, are no names."""
    names = (_ARITY.sub("", one.strip()) for one in _CODE.findall(text))
    return [name for name in names if not _NUMBER.fullmatch(name) and not _ENDING.fullmatch(name)]


def seen(name: str, code: str) -> bool:
    """Whether what prose names stands in code, whole or by all its words."""
    if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", code):
        return True
    words = _WORD.findall(name)
    numbered = _NUMBERED.fullmatch(name) is not None
    return bool(words) and not numbered and set(words) <= set(_WORD.findall(code))


def speaks_of(text: str, codes: Sequence[Block], *, further: bool = False) -> bool:
    """Whether prose is about this code: its first sentence points at it, or has for its subject
    what stands in it; what it names stands there for the most part, and the longer the code is,
    the more of it is named. A paragraph that is not the first (`further`) may go on from it."""
    if len(text) > LONGEST_PARAGRAPH:
        return False
    code = "\n".join(block.text for block in codes)
    told = sentences(plain(text))
    while len(told) > 1 and told[0].pointer and not told[0].lead:
        told.pop(0)
    goes_on = further and told and begins("going_on").match(told[0].bare)
    if not told or (begins("turning").match(told[0].bare) and not goes_on):
        return False
    names = named(plain(text)) or [
        name for name in _QUOTED.findall(plain(text)) if seen(name, code)
    ]
    met = [name for name in names if seen(name, code)]
    if len(met) * 5 < len(names) * 3 or _FILE.search(" ".join(set(names) - set(met))):
        return False
    telling = {name for name in met if len(name) > 1 and name not in _TRIVIAL}
    telling -= {name for name in telling if _A_FILE.search(name)}
    if begins("shown").match(told[0].bare):
        return len(telling) >= bisect(_LENGTHS, len(code))
    first = [name for name in named(told[0].text) if seen(name, code) and name not in _TRIVIAL]
    pointed = begins("points").match(told[0].bare) and (first or _OF_CODE.match(told[0].bare))
    if not pointed and not (first and (_SUBJECT.match(told[0].bare) or len(set(first)) > 1)):
        return False
    if _FOCUS.match(told[0].bare) and first[:1] == names[:1]:
        return True  # one name is asked about, not the whole
    return len(telling) >= max(1, bisect(_LENGTHS, len(code)))


def about_code(blocks: Sequence[Read], codes: Sequence[Block]) -> tuple[Piece, ...]:
    """The pieces at the beginning of `blocks` that explain the code above them: the first
    paragraph that speaks of it, and all after it that do; () when the first does not."""
    chosen: list[Read] = []
    for block in blocks:
        if isinstance(block, Items) and not chosen:
            break
        if not isinstance(block, Prose | Items) or not speaks_of(
            block.text, codes, further=bool(chosen)
        ):
            break
        chosen.append(block)
    code = "\n".join(block.text for block in codes)
    read = quotable(
        chosen, shown=True, about=lambda one: any(seen(name, code) for name in named(one.text))
    )
    return whole_prefix(read.pieces) or ()


def focus(told: Sequence[Piece], code: Block) -> str:
    """What an explanation is about, where that is not the code as a whole but one or two names in
    it, as it writes them ("`through`", "`new` and `edit`"): its first sentence has them for its
    subject. "" where it has another."""
    first = told[0].sentences[0]
    found = _FOCUS.match(first.bare)
    if not found:
        return ""
    names = named(first.text)[: found["names"].count(CODE)]
    spelt = [f"`{name}`" for name in _CODE.findall(first.text)[: found["names"].count(CODE)]]
    run = _REMARK.sub("", code.text)
    if len(spelt) != len(names) or not all(seen(name, run) for name in names):
        return ""
    return " and ".join(spelt)


MOST_NAMED = 3
_BOUND = re.compile(r"^\s*(?:[a-z_]\w* = .*|[\d\s:,.%{}\[\]\"'\w=>-]*|#.*)$")
_DOES = re.compile(
    r"\(|\|>|<-|->|&|\bdo\b|\bfn\b|[+*/]| - |\.[A-Za-z_]|<>|=~|==|@|<<|>=|<="
    r"|^\s*[a-z_]\w*[?!]? [\w:\"%\[{]",
    re.M,
)


def plain_data(code: str) -> bool:
    """Whether code only binds names to values that are written out: there is nothing in it to
    explain, and what is said of it is about something else."""
    bare = _UNNAMED.sub("0", code)
    return not _DOES.search(bare) and all(_BOUND.match(line) for line in bare.split("\n"))


def touched(told: Sequence[Piece], code: Block) -> list[str]:
    """What stands in the code and an explanation names, as it writes it, where that is little
    enough to be asked about by name; [] where it is more, or nothing."""
    spans = [span for piece in told for s in piece.sentences for span in _CODE.findall(s.text)]
    names = [
        span for span in dict.fromkeys(spans) if span not in _TRIVIAL and seen(span, code.text)
    ]
    return [f"`{name}`" for name in names] if len(names) <= MOST_NAMED else []


def coverage(told: Sequence[Piece], code: Block) -> float:
    """How much of what the code names an explanation speaks of; all where it names nothing."""
    text = " ".join(sentence.text for piece in told for sentence in piece.sentences)
    words = dict.fromkeys(_WORD.findall(_UNNAMED.sub("", code.typed)))
    telling = [word for word in words if len(word) > 1 and word not in _OWN_WORDS]
    met = set(_WORD.findall(text))
    return sum(word in met for word in telling) / len(telling) if telling else 1.0


def other_code(told: Sequence[Piece], code: Block) -> bool:
    """Whether an explanation speaks of code that is not the one shown: it begins with "this
    function" where none is defined or one called, has a sum that nothing adds up, or gives some of
    the code's numbers and others beside them."""
    first = told[0].sentences[0]
    pointed = _POINTED.match(first.bare)
    called = len(set(_CALLED.findall(code.text))) == 1
    if pointed and not re.search(_MADE[pointed[1].lower()], code.text):
        return pointed[1].lower() != "function" or not called
    bare = re.sub(r"\s", "", code.text)
    for piece in told:
        for sentence in piece.sentences:
            spans = _CODE.findall(sentence.text)
            sums = [re.sub(r"\s", "", span) for span in spans if _SUM.fullmatch(span)]
            numbers = [span for span in spans if _DIGITS.fullmatch(span)]
            said = code.text + "".join(span for span in spans if span not in numbers)
            here = [number in _DIGITS.findall(said) for number in numbers]
            if any(one not in bare for one in sums) or (any(here) and not all(here)):
                return True
    return False


def stands(told: Sequence[Piece]) -> bool:
    """Whether an explanation can begin with its first sentence, the code being all that was said
    before it."""
    first = told[0].sentences[0] if told[0].sentences else None
    if first is None or begins("turning").match(first.bare):
        return False
    if first.compares or first.broken or _REASON.match(first.bare) or commands(first.bare):
        return False
    return not holds("hypothetical").search(first.bare)
