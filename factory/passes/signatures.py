"""Signatures: a unit of source reduced to what finds its copies, some hundred bytes each.

A *unit* is the span of a document that a row is about: a function, a module, a file. Its signature
holds a hash of its token sequence, MinHash bands (Broder 1997, computed by rensa) that copies are
likely to share, and its smallest shingle hashes, from which similarity is measured afterwards.
`factory.passes.duplicates` does that; here a worker only writes signatures beside its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from rensa import RMinHash

from factory.passes.tokens import I64, U32, U64, Tokens, ngrams, sequence_hash
from factory.spec import Dedup

PERMUTATIONS = 128
SKETCH = 512
"""How many shingle hashes a unit keeps: all of them but for the longest functions, and enough for
an estimate with a standard error below 0.02 for modules and files (2 KB each)."""
MISS = 1e-4
"""How often, at most, banding may overlook a pair that is exactly at the threshold."""
_MINHASH_SEED = 0x5EED
_FLAT = 1 << 22

SIGNATURE_FIELDS: tuple[pa.Field, ...] = (
    pa.field("content", pa.uint64(), nullable=False),
    pa.field("shingles", pa.uint32(), nullable=False),
    pa.field("bands", pa.list_(pa.uint32()), nullable=False),
    pa.field("sketch", pa.list_(pa.uint32()), nullable=False),
)
"""What a unit's signature is as columns, to be kept beside the rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Signatures:
    """Signatures of some units, one row each. `bands` is (units, bands); `sketch` holds all
    units' smallest shingle hashes one after the other, ascending, cut by `offsets`."""

    content: U64
    shingles: U32
    bands: U32
    sketch: U32
    offsets: I64

    def columns(self) -> list[pa.Array]:
        """Arrow columns in the order of `SIGNATURE_FIELDS`. Units without shingles have an empty
        list of bands."""
        has = self.shingles > 0
        width = self.bands.shape[1]
        edges = np.concatenate([[0], np.cumsum(has) * width]).astype(np.int32)
        return [
            pa.array(self.content),
            pa.array(self.shingles),
            pa.ListArray.from_arrays(pa.array(edges), pa.array(self.bands[has].ravel())),
            pa.ListArray.from_arrays(
                pa.array(self.offsets.astype(np.int32)), pa.array(self.sketch)
            ),
        ]


@cache
def banding(threshold: float) -> tuple[int, int]:
    """How many bands of how many rows find pairs at `threshold`: (bands, rows)."""
    for rows in range(32, 0, -1):
        bands = PERMUTATIONS // rows
        if (1 - threshold**rows) ** bands <= MISS:
            return bands, rows
    return PERMUTATIONS, 1


def signatures(tokens: Tokens, spans: Sequence[tuple[int, int]], dedup: Dedup) -> Signatures:
    """The signatures of the units at byte `spans` of one document, in their order.

    They depend on `dedup.shingle` and, through `banding`, on `dedup.threshold`.
    """
    starts, ends = tokens.ranges(spans)
    ends = np.maximum(starts, ends)
    grams = ngrams(tokens.hashes, dedup.shingle)
    lengths = np.maximum(ends - starts - dedup.shingle + 1, 0)
    parts = [
        _sketches(grams, starts[some], lengths[some], banding(dedup.threshold))
        for some in _batches(lengths)
    ]
    sizes = np.concatenate([p[0] for p in parts]) if parts else np.empty(0, np.int64)
    kept = np.minimum(sizes, SKETCH)
    return Signatures(
        content=sequence_hash(tokens, starts, ends),
        shingles=sizes.astype(np.uint32),
        bands=np.concatenate([p[1] for p in parts])
        if parts
        else np.empty((0, banding(dedup.threshold)[0]), np.uint32),
        sketch=np.concatenate([p[2] for p in parts]) if parts else np.empty(0, np.uint32),
        offsets=np.concatenate([[0], np.cumsum(kept)]).astype(np.int64),
    )


def _batches(lengths: I64) -> Iterator[slice]:
    """Slices whose lengths sum to about `_FLAT`: a thousand modules nested in one another would
    otherwise need a thousand times the file."""
    first = total = 0
    for at, length in enumerate(lengths.tolist()):
        if total and total + length > _FLAT:
            yield slice(first, at)
            first, total = at, 0
        total += length
    if first < len(lengths):
        yield slice(first, len(lengths))


def _sketches(
    grams: U64, starts: I64, lengths: I64, shape: tuple[int, int]
) -> tuple[I64, U32, U32]:
    """Distinct shingles per unit, band hashes (units, bands), and the sketches end to end."""
    units = len(starts)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    owner = np.repeat(np.arange(units, dtype=np.uint64), lengths)
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    flat = grams[np.repeat(starts, lengths) + within]

    keyed = np.sort((owner << np.uint64(32)) | (flat >> np.uint64(32)))
    new = np.ones(len(keyed), bool)
    np.not_equal(keyed[1:], keyed[:-1], out=new[1:])
    keyed = keyed[new]
    holder = (keyed >> np.uint64(32)).astype(np.int64)
    sizes = np.bincount(holder, minlength=units).astype(np.int64)
    firsts = np.cumsum(sizes) - sizes
    smallest = np.arange(len(keyed)) - firsts[holder] < SKETCH

    bands, rows = shape
    digest = RMinHash.digest_matrix_from_flat_token_hashes(
        flat, offsets.astype(np.uint64), PERMUTATIONS, _MINHASH_SEED
    )
    values = np.array(digest.to_rows(), np.uint64).reshape(units, PERMUTATIONS)
    cut = values[:, : bands * rows].reshape(units * bands, rows)
    mixed = np.zeros(len(cut), np.uint64)
    for row in range(rows):
        mixed = (mixed ^ cut[:, row]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return (
        sizes,
        (mixed >> np.uint64(16)).astype(np.uint32).reshape(units, bands),
        keyed[smallest].astype(np.uint32),
    )
