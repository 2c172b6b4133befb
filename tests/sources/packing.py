"""Archives for tests, well-formed and hostile, built in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

MTIME = 1_700_000_000  # 2023-11-14


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    """A tar member; `fields` are TarInfo's (`type`, `linkname`, `mtime`, `size` …)."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mtime = MTIME
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def tar(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def tar_of(files: Mapping[str, bytes]) -> bytes:
    return tar(*(member(name, data) for name, data in files.items()))


def zip_of(files: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2023, 11, 14, 0, 0, 0)), data, packing)
    return out.getvalue()


def zstd(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(data)
    return bytes(out.getvalue())


PACKED: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "x.tar": tar_of,
    "x.tar.gz": lambda files: gzip.compress(tar_of(files), mtime=0),
    "x.tar.xz": lambda files: lzma.compress(tar_of(files)),
    "x.tar.bz2": lambda files: bz2.compress(tar_of(files)),
    "x.tar.zst": lambda files: zstd(tar_of(files)),
    "x.zip": zip_of,
}


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
