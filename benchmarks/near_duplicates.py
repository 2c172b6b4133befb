"""Near-duplicates: units a second on one core, and how many planted clones are found.

Units are the functions, modules and files of the corpus, and beside them clones of functions with
words replaced, dropped or doubled, each at least 0.8 alike by exact Jaccard similarity. Two
baselines run in the same process: every pair of a sample compared exactly (the truth, and the
price of it), and datasketch's MinHash and LSH with the same permutations when it is installed
(`pip install datasketch`; it is nothing the factory needs).
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.corpus import documents
from benchmarks.results import Figure, table, write
from factory.parsed import Parsed
from factory.passes.duplicates import clusters
from factory.passes.signatures import PERMUTATIONS, SIGNATURE_FIELDS, signatures
from factory.passes.tokens import Tokens, ngrams, tokenise
from factory.spec import Dedup

PLANTED = 2_000
SAMPLE = 3_000
DEDUP = Dedup()

Unit = tuple[bytes, str, list[tuple[int, int]]]
"""A text, its language, and the spans of its units."""


def corpus_units() -> list[Unit]:
    found = []
    for document in documents():
        if document.language not in ("elixir", "erlang"):
            continue
        parsed = Parsed(document)
        spans = [(0, len(parsed.source))]
        for module in parsed.outline.every_module():
            spans.append(module.span)
            spans += [function.span for function in module.functions]
        found.append((parsed.source, document.language, sorted(set(spans))))
    return found


def shingles(text: bytes, language: str = "elixir") -> frozenset[int]:
    return frozenset(ngrams(tokenise(text, language).hashes, DEDUP.shingle).tolist())


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


def clone(rng: random.Random, text: bytes) -> bytes:
    """A changed copy that is still at least as alike as the threshold asks."""
    original = shingles(text)
    words = text.split(b" ")
    for _ in range(rng.randrange(1, 12)):
        at = rng.randrange(len(words))
        tried = list(words)
        tried[at : at + 1] = rng.choice(([], [words[at], b"extra"], [b"changed"]))
        if jaccard(original, shingles(b" ".join(tried))) >= DEDUP.threshold:
            words = tried
    return b" ".join(words)


def plant(units: Sequence[Unit]) -> list[tuple[bytes, bytes]]:
    rng = random.Random(1)
    functions = [
        text[start:end]
        for text, language, spans in units
        if language == "elixir"
        for start, end in spans
        if 200 < end - start < 4_000
    ]
    originals = rng.sample(functions, min(PLANTED, len(functions)))
    return [(text, clone(rng, text)) for text in originals]


def ours(units: Sequence[Unit]) -> tuple[float, float, float, dict[int, int]]:
    """Seconds for tokens, signatures and clusters; and each unit's component."""
    started = time.perf_counter()
    tokens = [tokenise(text, language) for text, language, _ in units]
    tokenised = time.perf_counter()
    signed = [
        signatures(found, spans, DEDUP).columns()
        for found, (_, _, spans) in zip(tokens, units, strict=True)
    ]
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    columns = [
        pa.chunked_array([s[n] for s in signed], f.type) for n, f in enumerate(SIGNATURE_FIELDS)
    ]
    names = [field.name for field in SIGNATURE_FIELDS]
    ids = pa.array(range(len(columns[0])), pa.int64())
    connection.register("units", pa.table([ids, *columns], names=["unit", *names]))
    sketched = time.perf_counter()
    found = clusters(connection, "units", DEDUP)
    ended = time.perf_counter()
    component = dict(zip(found["unit"].to_pylist(), found["component"].to_pylist(), strict=True))
    return tokenised - started, sketched - tokenised, ended - sketched, component


def exact(sets: Sequence[frozenset[int]]) -> tuple[float, set[tuple[int, int]]]:
    """Every pair compared: seconds, and the pairs at the threshold or above."""
    started = time.perf_counter()
    pairs = {
        (a, b)
        for a, b in combinations(range(len(sets)), 2)
        if sets[a]
        and min(len(sets[a]), len(sets[b])) >= DEDUP.threshold * max(len(sets[a]), len(sets[b]))
        and jaccard(sets[a], sets[b]) >= DEDUP.threshold
    }
    return time.perf_counter() - started, pairs


def datasketch(tokens: Sequence[Tokens]) -> tuple[float, Any]:
    """Seconds that datasketch's MinHash and LSH need, and a function from a unit to its matches."""
    from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]

    started = time.perf_counter()
    index = MinHashLSH(threshold=DEDUP.threshold, num_perm=PERMUTATIONS)
    sketches = []
    for at, found in enumerate(tokens):
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([h.to_bytes(8, "little") for h in ngrams(found.hashes, 5).tolist()])
        index.insert(at, sketch)
        sketches.append(sketch)
    matches = [index.query(sketch) for sketch in sketches]
    return time.perf_counter() - started, matches


def main() -> None:
    units = corpus_units()
    planted = plant(units)
    count = sum(len(spans) for _, _, spans in units)
    pairs = [(text, "elixir", [(0, len(text))]) for pair in planted for text in pair]
    tokens, sketches, global_pass, component = ours([*units, *pairs])
    every = count + len(pairs)
    found = sum(
        count + 2 * n in component and component[count + 2 * n] == component.get(count + 2 * n + 1)
        for n in range(len(planted))
    )
    speed = every / (tokens + sketches + global_pass)

    rng = random.Random(2)
    flat = [
        (text[s:e], language) for text, language, spans in units for s, e in spans if e - s < 20_000
    ]
    sample = rng.sample(flat, min(SAMPLE, len(flat)))
    few = [(text, language, [(0, len(text))]) for text, language in sample]
    seconds, truth = exact([shingles(text, language) for text, language in sample])
    _, _, _, here = ours(few)
    agreed = sum(a in here and here[a] == here.get(b) for a, b in truth)

    rows: list[tuple[object, ...]] = [
        ("tokens", f"{every / tokens:,.0f}", ""),
        ("signatures", f"{every / sketches:,.0f}", ""),
        ("clusters", f"{every / global_pass:,.0f}", ""),
        ("the whole pass", f"{speed:,.0f}", f"{found} of {len(planted)} planted clones"),
        (
            f"every pair of {len(sample):,} compared exactly",
            f"{len(sample) / seconds:,.0f}",
            f"{len(truth)} pairs, of which the pass joins {agreed}",
        ),
    ]
    figures = [
        Figure("near-duplicate pass", speed, "units/s", "5,000 units/s", speed / 5_000),
        Figure("planted clones found", found / len(planted), "share", "1", found / len(planted)),
        Figure("true pairs joined", agreed / max(1, len(truth)), "share", "every pair compared"),
    ]
    try:
        seconds, matches = datasketch([tokenise(text) for pair in planted for text in pair])
    except ModuleNotFoundError:
        pass
    else:
        hits = sum(2 * n + 1 in matches[2 * n] for n in range(len(planted)))
        other = len(pairs) / seconds
        rows.append(("datasketch", f"{other:,.0f}", f"{hits} of {len(planted)} planted clones"))
        figures.append(
            Figure(
                "near-duplicate pass and datasketch", speed, "units/s", "datasketch", speed / other
            )
        )
    table(
        f"Near-duplicates: {every:,} functions, modules and files on one core",
        ("step", "units/s", "found"),
        rows,
    )
    write(figures)


if __name__ == "__main__":
    main()
