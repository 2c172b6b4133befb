"""Decontamination: rows that would give away the problems a model is measured by.

The index holds, of every text of every problem, runs of code tokens (`factory.passes.tokens`), once
with comments left out, as in code, and once with comment marks taken off, as in documentation. A
row matches a problem when they share

- the whole of a text of at least `WHOLE` tokens (a solution, say), whatever it is made of; or
- one run of 10 or more tokens, two different ones of 9 or three of 8, each with a word that *tells*
  something, and in all of them together at least `TELLING` such words or `LONG` tokens.

A word tells nothing when it stands in 2 % of the files of ordinary packages
(`data/common_words.txt`): `def handle_call(:get, _from, state) do` is ten tokens long and in every
second project, and to drop it would empty the dataset without protecting any problem. Measured with
twenty typical problems over 3,544 files of Debian's packages: counting every shared run drops 57
files, one telling word 5 (all boilerplate), this rule none. It still finds every problem that was
copied, reformatted or put into another module, every one of their tests, every prompt that became
documentation, and two in three with a function or a variable renamed throughout. What it cannot
see: a solution with all names changed, or told in other words; a prompt that stands in comments.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from factory import plugins
from factory.errors import RequestError
from factory.passes.tokens import (
    BLOCK,
    I64,
    U64,
    Tokens,
    ngrams,
    ngrams_of,
    sequence_hash,
    tokenise,
)
from factory.spec import Decontamination

RULE = 1
"""Raised when the meaning of a match changes; part of the index's digest."""
WHOLE = 12
TELLING = 2
LONG = 30
_NO_TEXT = frozenset({"task_id", "id", "name", "language", "lang", "difficulty", "entry_point"})
_EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem's name, with where it is from (`core/fizz_buzz`, `humaneval.jsonl: HumanEval/3`),
    and its texts by field."""

    name: str
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """What a text shares with a problem. `kind` is `exact` or `10-gram` (any of the lengths asked
    for), `tokens` how many of the text's tokens are in what is shared, `excerpt` the beginning."""

    problem: str
    field: str
    kind: str
    excerpt: str
    tokens: int

    @property
    def reason(self) -> str:
        what = "the whole of" if self.kind == "exact" else f"{self.tokens} tokens of"
        return f"contains {what} {self.problem} ({self.field})"


def told(matches: Iterable[Match]) -> str:
    """What a text gives away, in words; "" for nothing. Runs of eight tokens and of ten often are
    the same tokens, which is told once."""
    return "; ".join(dict.fromkeys(match.reason for match in matches))


def needed(n: int) -> int:
    """How many different runs of `n` tokens must be shared: fewer for longer ones."""
    return max(1, 11 - n)


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """What to look for. `digest` (`sha256:…`) identifies problems and rule together."""

    digest: str
    names: tuple[str, ...]
    fields: tuple[str, ...]
    runs: tuple[_Runs, ...]
    whole: _Runs
    lengths: I64
    """For each entry of `whole`, how many tokens the whole text has."""
    sequences: U64
    """For each entry of `whole`, the hash of the whole text's tokens."""

    @classmethod
    def build(cls, problems: Sequence[Problem], lengths: Iterable[int]) -> Index:
        """The index of `problems` for runs of these lengths."""
        wanted = sorted(set(lengths))
        parts: dict[int, list[tuple[U64, int, int]]] = {n: [] for n in wanted}
        starts: list[tuple[U64, int, int]] = []
        whole_lengths: list[int] = []
        sequences: list[int] = []
        fields = sorted({field for problem in problems for field, _ in problem.texts})
        for at, problem in enumerate(problems):
            for field, text in problem.texts:
                place = fields.index(field)
                for source in _readings(text):
                    tokens = tokenise(source)
                    told = _told(source, tokens)
                    for n in wanted:
                        some = ngrams(tokens.hashes, n)[_enough(told, n)]
                        parts[n].append((some, at, place))
                    if len(tokens) >= WHOLE:
                        starts.append((ngrams(tokens.hashes[:WHOLE], WHOLE), at, place))
                        whole_lengths.append(len(tokens))
                        bounds = np.array([0]), np.array([len(tokens)])
                        sequences.append(int(sequence_hash(tokens, *bounds)[0]))
        order = np.argsort(
            np.concatenate([np.empty(0, np.uint64), *(s for s, _, _ in starts)]), kind="stable"
        )
        packed = json.dumps(
            [RULE, wanted, sorted([p.name, sorted(map(list, p.texts))] for p in problems)],
            ensure_ascii=False,
        )
        return cls(
            digest="sha256:" + hashlib.sha256(packed.encode()).hexdigest(),
            names=tuple(p.name for p in problems),
            fields=tuple(fields),
            runs=tuple(_Runs.of(n, parts[n]) for n in wanted),
            whole=_Runs.of(WHOLE, starts),
            lengths=np.array(whole_lengths, np.int64)[order],
            sequences=np.array(sequences, np.uint64)[order],
        )

    def touches(self, tokens: Tokens) -> bool:
        """Whether a document may hold anything of a problem. Cheap; False means surely not (for
        the document's own text and any part of it)."""
        grams = self._grams(tokens)
        return any(len(runs.hits(grams[runs.n])) > 0 for runs in (*self.runs, self.whole))

    def holds(self, source: bytes, tokens: Tokens) -> bool:
        """Whether a document gives away a problem, so that a part of it might. False means surely
        not: what a part shares with a problem, the whole shares too."""
        grams = self._grams(tokens)
        if next(self._exact(source, tokens, grams), None) is not None:
            return True
        return any(next(self._shared(source, tokens, grams, runs), None) for runs in self.runs)

    def match(self, text: str) -> list[Match]:
        """All that `text` shares with problems: at most one match for each problem and kind."""
        source = text.encode()
        tokens = tokenise(source)
        grams = self._grams(tokens)
        found = {(m.problem, m.kind): m for m in reversed([*self._exact(source, tokens, grams)])}
        for runs in reversed(self.runs):
            for match in self._shared(source, tokens, grams, runs):
                found.setdefault((match.problem, match.kind), match)
        return sorted(found.values(), key=lambda m: (m.problem, m.kind == "exact", m.kind))

    def matches(self, texts: Sequence[str]) -> list[list[Match]]:
        """`match` of each of many texts, most of which share nothing with any problem: they are
        gone through as one, and those that hold a run of a problem's tokens are looked at."""
        found: list[list[Match]] = [[] for _ in texts]
        for first, sources in _batches(texts):
            tokens = tokenise(b"\n".join(sources))
            grams = self._grams(tokens)
            ends = np.cumsum([len(source) + 1 for source in sources])
            alike = np.zeros(len(sources), bool)
            for runs in (*self.runs, self.whole):
                starts = tokens.starts[runs.hits(grams[runs.n])]
                counts = np.bincount(np.searchsorted(ends, starts, "right"), minlength=len(sources))
                alike |= counts >= (1 if runs is self.whole else needed(runs.n))
            for at in np.flatnonzero(alike).tolist():
                found[first + at] = self.match(texts[first + at])
        return found

    def _grams(self, tokens: Tokens) -> dict[int, U64]:
        """The runs of tokens of every length that is looked up."""
        return ngrams_of(tokens.hashes, {WHOLE, *(runs.n for runs in self.runs)})

    def _exact(self, source: bytes, tokens: Tokens, grams: Mapping[int, U64]) -> Iterator[Match]:
        for at in self.whole.hits(grams[WHOLE]).tolist():
            for entry in self.whole.entries(grams[WHOLE][at]):
                end = at + int(self.lengths[entry])
                bounds = np.array([at]), np.array([end])
                if (
                    end <= len(tokens)
                    and sequence_hash(tokens, *bounds)[0] == self.sequences[entry]
                ):
                    yield self._match(self.whole, entry, "exact", source, tokens, at, end)

    def _shared(
        self, source: bytes, tokens: Tokens, grams: Mapping[int, U64], runs: _Runs
    ) -> Iterator[Match]:
        own = grams[runs.n]
        by_problem: dict[int, dict[int, tuple[int, int]]] = {}
        for at in runs.hits(own).tolist():
            for entry in runs.entries(own[at]):
                different = by_problem.setdefault(int(runs.problems[entry]), {})
                different.setdefault(int(own[at]), (at, entry))
        for different in by_problem.values():
            places = sorted(different.values())
            covered = sorted({t for at, _ in places for t in range(at, at + runs.n)})
            words = {
                _telling(source, int(tokens.starts[t]), int(tokens.ends[t])) for t in covered
            } - {b""}
            if len(places) < needed(runs.n) or (len(words) < TELLING and len(covered) < LONG):
                continue
            first, entry = places[0]
            last = first + runs.n
            while last < len(tokens) and last in covered:
                last += 1
            match = self._match(runs, entry, f"{runs.n}-gram", source, tokens, first, last)
            yield Match(match.problem, match.field, match.kind, match.excerpt, len(covered))

    def _match(
        self, runs: _Runs, entry: int, kind: str, source: bytes, tokens: Tokens, at: int, end: int
    ) -> Match:
        shared = source[int(tokens.starts[at]) : int(tokens.ends[end - 1])].decode(errors="replace")
        return Match(
            self.names[runs.problems[entry]],
            self.fields[runs.fields[entry]],
            kind,
            shared if len(shared) <= _EXCERPT else shared[:_EXCERPT] + "…",
            end - at,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Runs of `n` tokens: ascending `hashes` with the problem and the field each is from, and a
    table that says for the low bits of a hash whether any entry has them."""

    n: int
    hashes: U64
    problems: npt.NDArray[np.int32]
    fields: npt.NDArray[np.int32]
    table: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, n: int, parts: Sequence[tuple[U64, int, int]]) -> _Runs:
        hashes = np.concatenate([np.empty(0, np.uint64), *(p[0] for p in parts)])
        counts = [len(p[0]) for p in parts]
        problems = np.repeat(np.array([p[1] for p in parts], np.int32), counts)
        fields = np.repeat(np.array([p[2] for p in parts], np.int32), counts)
        order = np.argsort(hashes, kind="stable")
        # Sixteen places for each entry, so that one clean run in sixteen is looked up in vain.
        bits = min(26, max(12, int(len(hashes) * 16).bit_length()))
        table = np.zeros(1 << bits, bool)
        table[(hashes & np.uint64(len(table) - 1)).astype(np.int64)] = True
        return cls(n, hashes[order], problems[order], fields[order], table)

    def hits(self, grams: U64) -> I64:
        """Positions in `grams` of those that are in the index."""
        if not len(self.hashes):
            return np.empty(0, np.int64)
        maybe = np.flatnonzero(
            self.table[(grams & np.uint64(len(self.table) - 1)).astype(np.int64)]
        )
        at = np.minimum(np.searchsorted(self.hashes, grams[maybe]), len(self.hashes) - 1)
        found: I64 = maybe[self.hashes[at] == grams[maybe]]
        return found

    def entries(self, gram: np.uint64) -> range:
        first = int(np.searchsorted(self.hashes, gram, "left"))
        return range(first, int(np.searchsorted(self.hashes, gram, "right")))


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, list[bytes]]]:
    """The texts in UTF-8, about a block of the tokeniser together, each with the index of the
    first. Tokens do not reach over the end of a line, so those of a text are the same among others;
    but where a line is longer than a block they depend on where the block starts, so a text that
    could hold one begins a batch."""
    gathered: list[bytes] = []
    size = first = 0
    for at, text in enumerate(texts):
        source = text.encode()
        if gathered and size + len(source) > BLOCK:
            yield first, gathered
            gathered, size, first = [], 0, at
        gathered.append(source)
        size += len(source) + 1
    if gathered:
        yield first, gathered


def _readings(text: str) -> list[bytes]:
    """The text as code, and with the marks of comments and doctest prompts taken off."""
    bare = re.sub(r"(?m)^[ \t]*(?:[#%]+|>>>|iex>|\.\.\.>)[ \t]?", "", text)
    return [text.encode()] if bare == text else [text.encode(), bare.encode()]


@cache
def _common() -> frozenset[bytes]:
    lines = files("factory").joinpath("data/common_words.txt").read_text("utf-8").splitlines()
    return frozenset(" ".join(s for s in lines if not s.startswith("#")).encode().split())


_WORD = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]+|\d{4,}")


def _telling(source: bytes, start: int, end: int) -> bytes:
    """The token that stands there if it tells something, otherwise b""."""
    word = source[start:end]
    return word if _WORD.fullmatch(word) and word not in _common() else b""


def _told(source: bytes, tokens: Tokens) -> I64:
    """How many words that tell something stand before each token, and before the end."""
    _, first, which = np.unique(tokens.hashes, return_index=True, return_inverse=True)
    places = zip(tokens.starts[first].tolist(), tokens.ends[first].tolist(), strict=True)
    tells = np.array([bool(_telling(source, start, end)) for start, end in places], bool)
    return np.concatenate([[0], np.cumsum(tells[which])])


def _enough(told: I64, n: int) -> npt.NDArray[np.bool_]:
    """Which runs of `n` tokens hold a word that tells something."""
    count = max(0, len(told) - n)
    enough: npt.NDArray[np.bool_] = told[n : n + count] > told[:count]
    return enough


def problems(options: Decontamination) -> list[Problem]:
    """Every problem that `options` names, in a fixed order.

    Raises RequestError when a suite is not installed, or a file cannot be read or holds no problem
    (naming the line).
    """
    found: list[Problem] = []
    names: Sequence[str] = ()
    if options.suites == "all":
        names = plugins.names("evals.suites")
    elif options.suites != "none":
        names = options.suites
    for name in names:
        found += _suite(name, plugins.load("evals.suites", name))
    for file in options.files:
        found += _jsonl(Path(file))
    return found


def _suite(name: str, point: str | Path | Callable[[], str | Path]) -> Iterator[Problem]:
    """A suite's problems: its sub-folders that hold `prompt.md`, `solution.ex` or `test.exs`."""
    folder = Path(point() if callable(point) else point)
    for problem in sorted(p for p in folder.iterdir() if p.is_dir()):
        texts = tuple(
            (file, (problem / file).read_text("utf-8", "replace"))
            for file in ("prompt.md", "solution.ex", "test.exs")
            if (problem / file).is_file()
        )
        if texts:
            yield Problem(f"{name}/{problem.name}", texts)


def _jsonl(file: Path) -> Iterator[Problem]:
    """One problem a line; every text in it counts, save the few fields that are names. The shapes
    of HumanEval, MultiPL-E, McEval and AutoCodeBench all fit."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"decontaminate.files: {file} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise RequestError(f"{file}:{number} is not JSON: {error}") from error
        if not isinstance(record, dict):
            raise RequestError(f"{file}:{number} is not a JSON object with a problem's texts")
        own = next(
            (str(record[k]) for k in ("task_id", "id", "name") if record.get(k)), f"line {number}"
        )
        texts = tuple(_texts(record))
        if not texts:
            raise RequestError(f"{file}:{number} ({own}) holds no text")
        yield Problem(f"{file.name}: {own}", texts)


def _texts(record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, Any]] = [
        (k, v) for k, v in reversed(record.items()) if k not in _NO_TEXT
    ]
    while waiting:
        field, value = waiting.pop()
        if isinstance(value, str) and value.strip():
            yield field, value
        elif isinstance(value, dict):
            waiting += [
                (f"{field}.{k}", v) for k, v in reversed(value.items()) if k not in _NO_TEXT
            ]
        elif isinstance(value, list):
            waiting += [(field, v) for v in reversed(value)]
