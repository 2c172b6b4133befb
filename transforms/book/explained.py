"""What a book says of the code that it has just shown.

The paragraphs right after a code block explain it when they speak of it: they begin with it ("In
the example above, …", "Note how …", "The first clause …"), or name what stands in it.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence

from transforms.book.code import Block
from transforms.book.phrases import begins
from transforms.book.pieces import Piece, quotable, whole_prefix
from transforms.book.sentences import plain, sentences
from transforms.markdown import Block as Read
from transforms.markdown import Items, Prose

_CODE = re.compile(r"`([^`\n]+)`")
_WORDS = re.compile(r"[A-Za-z_:][\w.]*[?!]?")
_FILE = re.compile(r"\.(?:exs?|erl|heex|eex|js|css|md)\b")
_LENGTHS = (160, 350, 700)
_ARITY = re.compile(r"/\d+$")


def named(text: str) -> list[str]:
    """What a text names in backticks, without arities, in order."""
    return [_ARITY.sub("", one.strip()) for one in _CODE.findall(text)]


def seen(name: str, code: str) -> bool:
    """Whether what prose names stands in code, whole or by all its words."""
    if name in code:
        return True
    words = _WORDS.findall(name)
    return bool(words) and all(word.rpartition(".")[2] in code for word in words)


def speaks_of(text: str, codes: Sequence[Block]) -> bool:
    """Whether prose is about this code: it points at it, or names what stands in it, the more the
    longer the code is; and most of what it names stands there."""
    code = "\n".join(block.text for block in codes)
    words = plain(text)
    told = sentences(words)
    names = named(words)
    met = [name for name in names if seen(name, code)]
    if not told or len(met) * 5 < len(names) * 3 or _FILE.search(" ".join(set(names) - set(met))):
        return False
    pointed = begins("shown").match(told[0].bare) or begins("points").match(told[0].bare)
    needed = bisect(_LENGTHS, len(code)) + 1 - bool(pointed)
    return len(set(met)) >= needed


def about_code(blocks: Sequence[Read], codes: Sequence[Block]) -> tuple[Piece, ...]:
    """The pieces at the beginning of `blocks` that explain the code above them: the first
    paragraph that speaks of it, and all after it that do; () when the first does not."""
    chosen: list[Read] = []
    for block in blocks:
        if isinstance(block, Items) and not chosen:
            break
        if not isinstance(block, Prose | Items) or not speaks_of(block.text, codes):
            break
        chosen.append(block)
    read = quotable(chosen, shown=True)
    return whole_prefix(read.pieces) or ()


def stands(told: Sequence[Piece]) -> bool:
    """Whether an explanation can begin with its first sentence, the code being all that was said
    before it."""
    first = told[0].sentences[0] if told[0].sentences else None
    if first is None or begins("turning").match(first.bare):
        return False
    return not first.compares
