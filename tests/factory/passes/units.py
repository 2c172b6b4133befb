"""Units of source for the tests of duplicates and the split: made-up functions and their clones."""

from __future__ import annotations

import random
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from factory.passes.signatures import SIGNATURE_FIELDS, signatures
from factory.passes.tokens import ngrams, tokenise
from factory.spec import Dedup

# fmt: off
WORDS = [
    "order", "cart", "total", "user", "token", "price", "stock", "queue", "event", "offset",
    "batch", "key", "value", "state", "reply", "lock", "ledger", "parcel", "route", "ticket",
    "cursor", "page", "quota", "cell", "grid", "frame", "packet", "clock", "parser", "reader",
]
# fmt: on
SHAPES = (
    "    {0} = Map.get({1}, :{2}, {n})",
    "    {0} |> Enum.map(&{1}(&1, {n})) |> Enum.sum()",
    "    case {0}.{1} do\n      {{:ok, {2}}} -> {2} + {n}\n      _ -> nil\n    end",
    '    if {0} > {n}, do: {1}({2}), else: raise "{0} is below {n}"',
    "    GenServer.cast({0}, {{:{1}, {2}, {n}}})",
    "    for {0} <- {1}, {0}.{2} != {n}, do: {0}",
)


def function(rng: random.Random, lines: int) -> str:
    """A function of about `lines` statements that nobody wrote before."""
    body = [
        rng.choice(SHAPES).format(*rng.sample(WORDS, 3), n=rng.randrange(10_000))
        for _ in range(lines)
    ]
    name, argument = rng.choice(WORDS), rng.choice(WORDS)
    return f"  def {name}_{rng.randrange(10_000)}({argument}) do\n" + "\n".join(body) + "\n  end\n"


def similarity(one: str, other: str, shingle: int = 5) -> float:
    """Jaccard similarity of the sets of shingles, worked out in full."""
    left, right = (
        set(ngrams(tokenise(text.encode()).hashes, shingle).tolist()) for text in (one, other)
    )
    return len(left & right) / len(left | right) if left | right else 0.0


def clone(rng: random.Random, text: str, least: float) -> str:
    """A changed copy that is at least `least` alike: words replaced, dropped or doubled for as
    long as that allows."""
    words = text.split(" ")
    copy = list(words)
    for _ in range(rng.randrange(1, 40)):
        at = rng.randrange(len(copy))
        tried = list(copy)
        tried[at : at + 1] = rng.choice(([], [copy[at], "extra"], [rng.choice(WORDS)]))
        if similarity(text, " ".join(tried)) >= least:
            copy = tried
    return " ".join(copy)


@dataclass
class World:
    """Units in a DuckDB table `units`, numbered in the order given (the first is the best)."""

    connection: duckdb.DuckDBPyConnection

    @classmethod
    def of(
        cls, texts: list[str], dedup: Dedup | None = None, ids: list[int] | None = None
    ) -> World:
        dedup = dedup or Dedup()
        connection = duckdb.connect()
        columns = [
            signatures(tokenise(text.encode()), [(0, len(text.encode()))], dedup).columns()
            for text in texts
        ]
        table = pa.table(
            {
                "unit": pa.array(ids if ids is not None else range(len(texts)), pa.int64()),
                "label": [f"unit {n}" for n in range(len(texts))],
            }
        )
        for at, field in enumerate(SIGNATURE_FIELDS):
            whole = pa.chunked_array([c[at] for c in columns], field.type)
            table = table.append_column(field, whole)
        connection.register("given", table)
        connection.execute("CREATE TABLE units AS SELECT * FROM given")
        return cls(connection)
