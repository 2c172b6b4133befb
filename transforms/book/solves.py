"""Whether a book's solution does what its exercise asks, as far as spelling tells.

Books have slips: a solution that forgot the `?` of the function it was to use, that multiplies by
another number than its third step says, or solves the exercise for another list. A slip that only
running the code would show is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from transforms.book.pieces import Piece
from transforms.standard import known

_FUNCTION = re.compile(
    r"(?<![\w.:])(?P<module>:?(?:[A-Za-z]\w*[.:])+)?(?P<name>[a-z_]\w*[?!]?)/(?P<arity>\d)(?!\d)"
)
_EITHER = re.compile(r"\bor\b|\binstead of\b|\bwithout\b|n['’]t\b", re.IGNORECASE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LITERAL = re.compile(r"(?:%?\{|\[).*[\]}]")
SEVERAL = 2
"""Commas that data of an exercise's own has at least."""
_RESULT = re.compile(
    r"\b(?:make|returns?|gets?|becomes?|results?|outputs?|produces?|prints?|gives?|yields?|like)\b"
    r"(?:\s+\w+){0,4}[\s:]*\Z|\b(?:to|into|be)[\s:]*\Z",
    re.IGNORECASE,
)
_STEPS = re.compile(r"\d+\. ")
_STEP_NUMBER = re.compile(r"`(-?\d[\d_.]*)`")
_IMPLEMENTS = re.compile(r"^\s*defimpl ([\w.]+)", re.MULTILINE)
_STRING = re.compile(r'"([^"\n]{2,80})"')


def slip(asked: Sequence[Piece], answer: Sequence[Piece]) -> str:
    """What the exercise asks for and its solution has otherwise, "" where nothing is found."""
    code = "\n".join(block.typed for piece in answer for block in piece.code)
    return next(iter(_slips(asked, code)), "")


def _slips(asked: Sequence[Piece], code: str) -> Iterator[str]:
    for piece in asked:
        for sentence in piece.sentences:
            yield from _unused(sentence.text, code)
            yield from _other_data(sentence.text, code)
        if piece.listed and _STEPS.match(piece.text):
            plain = code.replace("_", "")
            for number in _STEP_NUMBER.findall(piece.text):
                if not re.search(rf"(?<![\w.]){re.escape(number.replace('_', ''))}(?!\w)", plain):
                    yield number
    yield from _other_case(asked, code)
    given = "\n".join(block.typed for piece in asked for block in piece.code) + code
    for protocol in _IMPLEMENTS.findall(code):
        if not known(protocol) and not re.search(rf"\bdefprotocol {protocol}\b", given):
            yield protocol


def unshown_function(text: str, code: str) -> bool:
    """Whether a sentence names functions with their arities, and code has none of them."""
    names = [found["name"] for found in _FUNCTION.finditer(text)]
    return bool(names) and not any(_has(code, name) for name in names)


def _has(code: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?![\w?!])", code) is not None


def _unused(text: str, code: str) -> Iterator[str]:
    """Functions that a sentence names with their arities and the solution lacks."""
    functions = [found["name"] for found in _FUNCTION.finditer(text)]
    lacking = [name for name in functions if not _has(code, name)]
    if lacking and (len(lacking) == len(functions) or not _EITHER.search(text)):
        yield lacking[0]


def _other_data(text: str, code: str) -> Iterator[str]:
    """Lists, tuples and maps that a sentence gives, and the solution has not."""
    bare = re.sub(r"\s", "", code)
    for found in _SPAN.finditer(text):
        if not _LITERAL.fullmatch(found[1]) or found[1].count(",") < SEVERAL:
            continue
        if re.sub(r"\s", "", found[1]) not in bare and not _RESULT.search(text[: found.start()]):
            yield found[1]


def _other_case(asked: Sequence[Piece], code: str) -> Iterator[str]:
    """Strings of the solution that the exercise writes with other capitals, and only so."""
    given = [
        text
        for piece in asked
        for shown in (piece.text, *(block.text for block in piece.code))
        for text in _STRING.findall(shown)
    ]
    small = {text.lower() for text in given}
    for text in _STRING.findall(code):
        if text not in given and text.lower() in small:
            yield text
