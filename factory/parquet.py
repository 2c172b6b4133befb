"""How we write Parquet: zstd, no dictionaries.

Nearly all of our bytes are texts that occur once. Building dictionaries of them, only to give up,
doubled the time of writing and of reading them back, and zstd makes the repeated short values as
small as dictionaries do.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CACHE_LEVEL = 1
PUBLISHED_LEVEL = 3


def writer(path: Path, schema: pa.Schema, level: int = CACHE_LEVEL) -> pq.ParquetWriter:
    """A writer of one Parquet file; a context manager."""
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=level, use_dictionary=False
    )
