"""How we write Parquet: without dictionaries, and what is for ourselves so that it reads fast.

Nearly all of our bytes are texts that occur once. Building dictionaries of them, only to give up,
doubled the time of writing and of reading them back, and zstd makes the repeated short values as
small as dictionaries do.

The store's own tables are many and small, and each is read again with every version. With LZ4 both
writing and reading take half as long as with zstd. They are smaller, too, without statistics: those
of a text are two of the texts themselves.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def cached(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of a Parquet file for the store; a context manager."""
    return pq.ParquetWriter(
        path, schema, compression="lz4", use_dictionary=False, write_statistics=False
    )


def published(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of a Parquet file of a version; a context manager."""
    return pq.ParquetWriter(
        path, schema, compression="zstd", compression_level=3, use_dictionary=False
    )
