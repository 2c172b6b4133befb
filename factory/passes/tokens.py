"""Code tokens as arrays of hashes: what near-duplicate detection and decontamination compare.

A token is a word (letters, digits, `_`, any byte beyond ASCII), a run of operator characters
(`|>`, `->`, `::`), a run of one kind of quote (three in a row open a heredoc), or any other single
character. White space and comments are no tokens: a copy that was reformatted or re-commented is
still a copy. Strings are not skipped, because documentation lives in them and a rewritten doc is a
real difference.

Everything is done on NumPy arrays, no Python per token. What this is not: a lexer. Comments are
found by a rule of thumb (the comment character at the start of a line or after white space), which
errs the same way on both copies of a text and so does not disturb comparison. A line longer than
`BLOCK` is cut at arbitrary places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

BLOCK = 1 << 16
"""Bytes worked on at a time: small enough that the 64-bit arrays stay in the processor's cache,
and that a 50 MB file takes no more memory than a small one."""

_SPACE, _WORD, _SINGLE, _OPERATOR, _DOUBLE_QUOTE, _QUOTE, _BACKTICK = range(7)
_COMMENT = {"elixir": ord("#"), "eex": ord("#"), "heex": ord("#"), "erlang": ord("%")}


def _classes() -> U8:
    table = np.full(256, _SINGLE, np.uint8)
    table[list(range(33))] = _SPACE
    table[127] = _SPACE
    table[128:] = _WORD
    words = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
    table[list(words)] = _WORD
    table[list(b"|<>=-+*/&^!.:")] = _OPERATOR
    table[ord('"')] = _DOUBLE_QUOTE
    table[ord("'")] = _QUOTE
    table[ord("`")] = _BACKTICK
    return table


def _splitmix(values: U64) -> U64:
    """Steele, Lea and Flood's SplitMix64 finaliser: a bijection that mixes all bits."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_BASE = 0x9E3779B97F4A7C15 | 1
_CLASS = _classes()
_LETTER = _splitmix(np.arange(1, 257, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
"""A random-looking number for each byte, so that the polynomial hash has no weak letters."""


def _powers(base: int, count: int) -> U64:
    powers = np.full(count, base, np.uint64)
    powers[0] = 1
    return cast(U64, np.cumprod(powers, dtype=np.uint64))


_POWERS = _powers(_BASE, BLOCK + 1)
_INVERSES = _powers(pow(_BASE, -1, 1 << 64), BLOCK + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of one document, in order.

    `hashes` (uint64) identifies each token's text, the same in every process and on every machine;
    `starts` and `ends` (uint32) are byte offsets into the UTF-8 source.
    """

    hashes: U64
    starts: U32
    ends: U32

    def __len__(self) -> int:
        return len(self.hashes)

    def ranges(self, spans: Sequence[tuple[int, int]]) -> tuple[I64, I64]:
        """For byte spans (start, end), the index of each one's first token and of the one after
        its last: those that start inside the span."""
        bounds = np.asarray(spans, np.int64).reshape(-1, 2)
        return (
            np.searchsorted(self.starts, bounds[:, 0]).astype(np.int64),
            np.searchsorted(self.starts, bounds[:, 1]).astype(np.int64),
        )


def tokenise(source: bytes, language: str = "elixir") -> Tokens:
    """The tokens of `source`. Any bytes will do; nothing is raised.

    `language` only decides what a comment looks like (`#` or `%`; none for Markdown).
    """
    comment = _COMMENT.get(language)
    parts: list[tuple[U64, I64, I64]] = []
    at = 0
    while at < len(source):
        end = min(at + BLOCK, len(source))
        if end < len(source):
            line_end = source.rfind(b"\n", at, end)
            end = line_end + 1 if line_end >= at else end
        hashes, starts, ends = _block(np.frombuffer(source, np.uint8, end - at, at), comment)
        parts.append((hashes, starts + at, ends + at))
        at = end
    if not parts:
        return Tokens(np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32))
    return Tokens(
        np.concatenate([p[0] for p in parts]),
        np.concatenate([p[1] for p in parts]).astype(np.uint32),
        np.concatenate([p[2] for p in parts]).astype(np.uint32),
    )


def _block(text: U8, comment: int | None) -> tuple[U64, I64, I64]:
    classes = _CLASS[text]
    if comment is not None:
        _blank_comments(text, classes, comment)
    differs = np.empty(len(text) + 1, bool)
    differs[0] = differs[-1] = True
    np.not_equal(classes[1:], classes[:-1], out=differs[1:-1])
    differs[:-1] |= classes == _SINGLE
    edges = np.flatnonzero(differs)
    starts, ends = edges[:-1], edges[1:]
    real = classes[starts] != _SPACE
    starts, ends = starts[real], ends[real]
    # A token's hash is that of the polynomial over its letters, found from prefix sums modulo
    # 2^64: sum(letter[i] * base^i) over the token, times base^-start.
    sums = np.empty(len(text) + 1, np.uint64)
    sums[0] = 0
    np.cumsum(_LETTER[text] * _POWERS[: len(text)], out=sums[1:])
    return _splitmix((sums[ends] - sums[starts]) * _INVERSES[starts]), starts, ends


def _blank_comments(text: U8, classes: U8, comment: int) -> None:
    marks = np.flatnonzero(text == comment)
    if not len(marks):
        return
    before = text[np.maximum(marks - 1, 0)]
    begins = (marks == 0) | (before == 10) | (before == 32) | (before == 9)
    # `#{` after a space is interpolation; `%{` and `%%` never are in Erlang.
    after = text[np.minimum(marks + 1, len(text) - 1)]
    if comment == ord("#"):
        begins &= after != ord("{")
    marks = marks[begins]
    line_ends = np.append(np.flatnonzero(text == 10), len(text))
    stops = line_ends[np.searchsorted(line_ends, marks)]
    for start, stop in zip(marks.tolist(), stops.tolist(), strict=True):
        classes[start:stop] = _SPACE


def ngrams(hashes: U64, n: int) -> U64:
    """Hashes of all runs of `n` tokens: an array of `max(0, len(hashes) - n + 1)`."""
    return ngrams_of(hashes, (n,))[n]


def ngrams_of(hashes: U64, lengths: Iterable[int]) -> dict[int, U64]:
    """`ngrams` for several lengths, the longer ones made from the shorter."""
    multiplier = np.uint64(0xD6E8FEB86659FD93)
    total = hashes.copy()
    found: dict[int, U64] = {}
    reached = 1
    for n in sorted(lengths):
        total = total[: max(0, len(hashes) - n + 1)]
        for k in range(reached, n):
            total *= multiplier
            total += hashes[k : k + len(total)]
        reached = n
        found[n] = _splitmix(total)
    return found


def sequence_hash(tokens: Tokens, starts: I64, ends: I64) -> U64:
    """One hash per token range [start, end): equal for equal token sequences, 0 for an empty one.

    Ranges may overlap; the cost is that of the document, not of the ranges together.
    """
    if not len(tokens):
        return np.zeros(len(starts), np.uint64)
    sums = np.zeros(len(tokens) + 1, np.uint64)
    np.cumsum(tokens.hashes * _powers(_BASE, len(tokens)), out=sums[1:])
    inverses = _powers(pow(_BASE, -1, 1 << 64), len(tokens) + 1)
    values = (sums[ends] - sums[starts]) * inverses[starts] + (ends - starts).astype(np.uint64)
    return np.where(ends > starts, _splitmix(values), np.uint64(0))
