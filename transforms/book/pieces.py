"""The blocks of a section as pieces of an answer: prose made to stand alone, code that is whole.

`quotable` reads blocks in order and stops before the first that cannot be quoted; it never quotes
what comes after a gap, save notes, pictures and comments, which stand beside the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from factory.syntax import Span
from transforms.book.code import Block
from transforms.book.headings import commands, stems
from transforms.book.phrases import begins, holds
from transforms.book.sentences import (
    LONGEST_PARAGRAPH,
    Sentence,
    plain,
    said,
    sentences,
    without_filler,
)
from transforms.fences import fenced
from transforms.markdown import Block as Read
from transforms.markdown import Code, Html, Items, Note, Prose

LONGEST_CODE = 6_000

_NOUNS = (
    r"(?:code|examples?|snippets?|functions?|modules?|output|sessions?|definitions?|query|queries|"
    r"schemas?|tests?|macros?|commands?|implementation|configuration|clauses?|expressions?|"
    r"blocks?|lines?|results?|version|diagram|lists?|maps?|tuples?|structs?|strings?|data|values?)"
)
_ABOVE = re.compile(rf"\b({_NOUNS})(?:,)? above\b", re.IGNORECASE)
_THE_ABOVE = re.compile(rf"\b(the|our|in) above (?=(?:\w+ )?{_NOUNS}\b)", re.IGNORECASE)
_UPWARDS = re.compile(
    r"\babove\b|\b(?:previous|preceding|last|first|second|earlier) "
    r"(?:example|code|snippet|query|version|line|command|function|block|case|approach|one)s?\b",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(?<!the )\babove (?:\d|zero|\ue000)|\b(?:and|or) above\b", re.IGNORECASE)
_DOWNWARDS = re.compile(r"\bbelow\b|\bfollowing\b(?! (?:a|an|the)\b)", re.IGNORECASE)
_RIGHT_BELOW = re.compile(
    rf"^below\b|\bbelow (?:is|are)\b|{_NOUNS},? (?:\w+ )?below\b"
    rf"|\bfollowing (?:\w+ )?{_NOUNS}\b|\b(?:as|shown|defined|given) below\b",
    re.IGNORECASE,
)
_BRACKETS = {"tuple": "{", "list": "[", "map": "%{", "struct": "%"}
_VALUE_ABOVE = re.compile(r"\b(tuple|list|map|struct)s? above\b", re.IGNORECASE)
_TAGS = re.compile(r"<!--.*?-->|</?(?:div|section|span|p|br|center|a)\b[^>]*>", re.DOTALL)
_IN_BRACKETS = re.compile(r"\([^()]*(?:\([^()]*\)[^()]*)*\)")
_EXAMPLE = "For example, "
_DIRECTIVE = re.compile(r"^(?:#+ |<|\||\{|:::|%\{|\\)")
_LABEL = re.compile(r"(?:\*\*|__|\*|_).*(?:\*\*|__|\*|_):?|.*:", re.DOTALL)
_MARK = re.compile(r"\[(?:figure|table)\b[^\n]*\]")


_FIRST = re.compile(
    r"(?:^|[.:!] )(?:First(?:ly| of all)?,|First,? (?:let['’]?s|we|you)\b|To begin|Start by"
    r"|The first step|Step 1)"
    r"|\b[Ff]irst (?:try|attempt|instinct|idea) (?:may|might|would|could|is)\b"
    r"|\b(?:can|will|['’]ll) start (?:by|with|off)\b"
)
_BEFORE = re.compile(r"(?:\*\*|__|^)Before(?:\*\*|__|:)", re.MULTILINE)
_AFTER = re.compile(r"\bafter\b", re.IGNORECASE)
_THEN = re.compile(r"\b(?:then|next|second(?:ly)?|finally|lastly|after that|afterwards)\b", re.I)


@dataclass(frozen=True)
class Piece:
    """Part of an answer: `text` as the row shows it, `quoted` the book's characters in it. Prose
    has its sentences, code its block, a list (`listed`) those of its items; `title` marks a part's
    heading."""

    text: str
    quoted: int
    span: Span
    sentences: tuple[Sentence, ...] = ()
    code: tuple[Block, ...] = ()
    title: bool = False
    listed: bool = False

    @property
    def prose(self) -> bool:
        return bool(self.sentences) and not self.listed

    @property
    def leads(self) -> bool:
        """Whether it announces what follows, which then belongs to it."""
        return self.prose and self.sentences[-1].lead


@dataclass(frozen=True)
class Quotable:
    """The pieces up to what stopped the reading, and why it stopped ("" at the end)."""

    pieces: tuple[Piece, ...]
    stopped: str = ""


LEANS = "leans on text elsewhere"
TORN = "its code is not whole"
UNFINISHED = "only the first of several steps can be quoted"
UNREADABLE = "holds what is neither prose, list nor code"


def quotable(
    blocks: Sequence[Read],
    *,
    shown: bool = False,
    story: bool = False,
    asking: bool = False,
    opening: bool = False,
    about: Callable[[Sentence], bool] | None = None,
    taken_up: bool = False,
) -> Quotable:
    """The pieces of `blocks`. `shown` says that the reader has code before his eyes already;
    `story` allows prose that speaks of an application of its own, `asking` questions. With
    `opening`, sentences that lean on others may be missing at the beginning. `about` tells which
    sentences name what stands in the code that is shown: theirs is what "we" did in it.
    `taken_up` says that the reader has the exercise at hand that this one goes on from."""
    pieces: list[Piece] = []
    for at, block in enumerate(blocks):
        if (
            not story
            and pieces
            and pieces[-1].leads
            and _in_between(block, blocks[at + 1 : at + 2])
        ):
            return Quotable(tuple(pieces), LEANS)
        if isinstance(block, Note | Prose | Html) and _beside(block):
            continue
        has_code = shown or any(piece.code for piece in pieces)
        follows = any(isinstance(one, Code | Items) for one in blocks[at + 1 : at + 2])
        if isinstance(block, Prose):
            lists = any(isinstance(one, Items) for one in blocks[at + 1 : at + 2])
            told = paragraph(
                block.text,
                shown=has_code,
                follows=follows,
                story=story,
                asking=asking or lists,
                opening=opening and not pieces,
                about=about,
                taken_up=taken_up,
            )
            if told is None or (not shown and _unseen(block.text, pieces)):
                return Quotable(tuple(pieces), LEANS)
            if told:
                pieces.append(_prose(told, block.span))
        elif isinstance(block, Code):
            code = Block(block)
            if not code.text:
                continue
            if not code.whole or len(code.text) > LONGEST_CODE:
                return Quotable(tuple(pieces), TORN)
            pieces.append(coded(code))
        elif isinstance(block, Items):
            piece = _listed(block, shown=has_code, story=story, asking=asking, taken_up=taken_up)
            if piece is None:
                return Quotable(tuple(pieces), LEANS)
            pieces.append(piece)
        else:
            return Quotable(tuple(pieces), UNREADABLE)
    return Quotable(tuple(pieces))


def _unseen(text: str, pieces: Sequence[Piece]) -> bool:
    """Whether a paragraph speaks of a value above that no code above shows: a notebook's readers
    have seen the result."""
    code = "\n".join(block.text for piece in pieces for block in piece.code)
    return any(_BRACKETS[found[1].lower()] not in code for found in _VALUE_ABOVE.finditer(text))


def _in_between(block: Read, below: Sequence[Read]) -> bool:
    """Whether a block is not what the paragraph above it announces, nor a label of that
    ("**Elixir**") or a note before it: a result that only the page showed stood there, or a
    formula."""
    if isinstance(block, Note):
        return not any(isinstance(one, Code | Items) for one in below)
    return isinstance(block, Prose) and not _LABEL.fullmatch(block.text.strip())


def _beside(block: Note | Prose | Html) -> bool:
    """Whether a block stands beside the text: notes, the marks that books have in the place of
    figures and tables, comments, and tags around Markdown."""
    if isinstance(block, Prose):
        return bool(_MARK.fullmatch(block.text))
    return isinstance(block, Note) or not _TAGS.sub("", block.text).strip()


def paragraph(
    text: str,
    *,
    shown: bool,
    follows: bool,
    story: bool = False,
    asking: bool = False,
    opening: bool = False,
    about: Callable[[Sentence], bool] | None = None,
    taken_up: bool = False,
) -> tuple[Sentence, ...] | None:
    """The sentences of a paragraph that can be quoted, () when it only leads on, None when it
    leans on what is not there."""
    if len(text) > LONGEST_PARAGRAPH or _DIRECTIVE.match(text):
        return None
    kept: list[Sentence] = []
    dropped = gap = False
    for sentence in sentences(plain(text)):
        asks = asking and sentence.bare.endswith("?")
        if sentence.pointer and not asks and not (sentence.lead and follows):
            gap = bool(kept)
            continue
        if gap and not story and sentence.takes_up:
            return None
        gap = False
        told = without_filler(sentence, shown=shown, asking=asking)
        if shown:
            told = Sentence(_cut_above(told.text), _cut_above(told.bare))
        looked = told.of_shown_code() if about and about(told) else told
        if asking:
            looked = Sentence(looked.text, holds("of_time").sub("", looked.bare))
        if taken_up:
            looked = Sentence(looked.text, holds("taking_up").sub("", looked.bare))
        if _unquotable(looked, shown=shown, follows=follows, story=story):
            if asking and _IN_BRACKETS.fullmatch(told.bare):
                continue
            if not opening:
                return None
            kept.clear()
            dropped = True
            continue
        kept.append(told)
    return None if dropped and not kept else tuple(kept)


def _unquotable(told: Sentence, *, shown: bool, follows: bool, story: bool) -> bool:
    upwards = _UPWARDS.search(told.bare) and not _NUMBERS.search(told.bare)
    if upwards and not shown:
        return True
    if _DOWNWARDS.search(told.bare) and not (
        follows and (told.lead or _RIGHT_BELOW.search(told.bare))
    ):
        return True
    return told.leans or (told.story and not story)


def _cut_above(text: str) -> str:
    return _THE_ABOVE.sub(r"\1 ", _ABOVE.sub(r"\1", text))


def _prose(told: Sequence[Sentence], span: Span) -> Piece:
    text = " ".join(sentence.text for sentence in told)
    return Piece(text, len(text), span, tuple(told))


def coded(code: Block) -> Piece:
    return Piece(fenced(code.shown, code.language), len(code.shown), code.span, code=(code,))


def _listed(
    block: Items, *, shown: bool, story: bool, asking: bool, taken_up: bool = False
) -> Piece | None:
    """A list as Markdown; None when one of its items cannot be quoted."""
    lines: list[str] = []
    quoted = 0
    codes: list[Block] = []
    told: list[Sentence] = []
    for number, item in enumerate(block.items, block.first or 0):
        inside = quotable(item, shown=shown, story=story, asking=asking, taken_up=taken_up)
        if inside.stopped or not inside.pieces or not item or inside.pieces[0].listed:
            return None
        mark = "- " if block.first is None else f"{number}. "
        body = "\n\n".join(piece.text for piece in inside.pieces)
        lines.append(mark + body.replace("\n", "\n" + " " * len(mark)))
        for piece in inside.pieces:
            quoted += piece.quoted
            codes += piece.code
            told += piece.sentences
    text = re.sub(r"^[ \t]+$", "", "\n".join(lines), flags=re.MULTILINE)
    return Piece(text, quoted, block.span, tuple(told), tuple(codes), listed=True)


def opened(pieces: Sequence[Piece], about: Collection[str]) -> tuple[Piece, ...]:
    """The pieces as they can begin an answer about these stems: with a sentence that takes up
    nothing, in a paragraph that speaks of them; () when the first paragraph has none."""
    at = next((at for at, piece in enumerate(pieces) if not piece.title), 0)
    if not pieces or not pieces[at].prose:
        return ()
    told = list(pieces[at].sentences)
    while told and told[0].dangling:
        told.pop(0)
    if not told or stems(said(told)).isdisjoint(about):
        return ()
    first = told[0]
    if first.bare.startswith(_EXAMPLE):
        cut = len(_EXAMPLE)
        told[0] = Sentence(
            first.text[cut].upper() + first.text[cut + 1 :],
            first.bare[cut].upper() + first.bare[cut + 1 :],
        )
    return (*pieces[:at], _prose(told, pieces[at].span), *pieces[at + 1 :])


def whole_prefix(pieces: Sequence[Piece]) -> tuple[Piece, ...] | None:
    """The pieces as they can end an answer: a last paragraph without sentences that promise more;
    None when nothing is left to end with, or what one announces is missing."""
    left = list(pieces)
    while left:
        last = left[-1]
        if last.title:
            left.pop()
            continue
        if not last.prose:
            return tuple(left)
        told = list(last.sentences)
        while told and told[-1].hook:
            told.pop()
        if told:
            left[-1] = _prose(told, last.span)
            return tuple(left)
        left.pop()
    return None


def before_code(pieces: Sequence[Piece], blocks: Sequence[Read]) -> tuple[Piece, ...]:
    """The pieces without a last sentence that stands right over code which is not among them and
    says what to do with it."""
    if not pieces or not pieces[-1].prose:
        return tuple(pieces)
    last = pieces[-1]
    below = next((block for block in blocks if block.span.start >= last.span.end), None)
    final = last.sentences[-1]
    if not isinstance(below, Code):
        return tuple(pieces)
    if not commands(final.bare) and not begins("ahead").match(final.bare):
        return tuple(pieces)
    told = last.sentences[:-1]
    if not told or (pieces[1:] and pieces[-2].title):
        return tuple(pieces[:-1])
    return (*pieces[:-1], _prose(told, last.span))


def cut_short(pieces: Sequence[Piece], blocks: Sequence[Read]) -> bool:
    """Whether the pieces end between two code blocks with nothing said between them, which belong
    together."""
    last = pieces[-1]
    below = next((block for block in blocks if block.span.start >= last.span.end), None)
    return bool(last.code) and not last.listed and isinstance(below, Code)


def stops_early(prose: str) -> bool:
    """Whether an answer has the first of several steps and no other, or what was before alone."""
    if _BEFORE.search(prose) and not _AFTER.search(prose):
        return True
    return _FIRST.search(prose) is not None and not _THEN.search(prose)
