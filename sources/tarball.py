"""Tar archives, packed or not, read once from front to back.

The standard library parses the headers; everything it reads comes through `Forward`, which only
moves forward, counts what was unpacked, and refuses oversized headers. That closes the known ways
to make a tar parser loop or swallow memory (negative sizes, huge pax headers, bombs), whichever
Python runs it.
"""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol

from factory.errors import ArchiveRefusedError
from sources.members import Collector, Limits

CHUNK = 1 << 18
BLOCK = 512
XZ_MEMORY = 256 << 20
"""Enough for `xz -9` (64 MiB); a larger dictionary is an attack on memory."""

MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
}


class _Unpacker(Protocol):
    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's object with the two attributes that bz2's and lzma's have."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _unpacked(file: BinaryIO, new: Callable[[], Any]) -> Iterator[bytes]:
    """The unpacked stream in pieces of at most CHUNK bytes; several streams in a row are one."""
    unpacker: _Unpacker = new()
    fed = False
    data = file.read(CHUNK)
    while True:
        piece = unpacker.decompress(data, CHUNK)
        fed = fed or bool(data)
        data = b""
        if piece:
            yield piece
        if unpacker.eof:
            data = unpacker.unused_data.lstrip(b"\0")
            while not data:  # padding between streams, or the end
                more = file.read(CHUNK)
                if not more:
                    return
                data = more.lstrip(b"\0")
            unpacker = new()
        elif not piece:
            data = file.read(CHUNK)
            if not data:
                raise EOFError("it ends in the middle")


def _zstd(file: BinaryIO) -> Iterator[bytes]:
    import pyarrow as pa

    with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as stream:
        while piece := stream.read(CHUNK):
            yield piece


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def packing(head: bytes) -> str:
    """`gzip`, `xz`, `bzip2`, `zstd`, or "" by the first bytes of a file."""
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), "")


def _pieces(file: BinaryIO, packed: str) -> Iterator[bytes]:
    if packed == "gzip":
        return _unpacked(file, _Gzip)
    if packed == "bzip2":
        return _unpacked(file, bz2.BZ2Decompressor)
    if packed == "xz":
        return _unpacked(file, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY))
    return _zstd(file) if packed == "zstd" else _plain(file)


class Forward:
    """A file object for `tarfile` that only goes forward and keeps count."""

    def __init__(self, file: BinaryIO, packed: str, collector: Collector) -> None:
        self._pieces = _pieces(file, packed)
        self._file = file
        self._packed = bool(packed)
        self._collector = collector
        self._limits: Limits = collector.limits
        self._piece = b""
        self._at = 0
        self._position = 0
        self._produced = 0
        self.last_block = b""

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        distance = offset - self._position
        if whence != io.SEEK_SET or distance < 0:
            raise self._collector.refuse("its header points backwards")
        while distance:
            step = len(self._take(min(distance, CHUNK)))
            if not step:
                raise self._collector.refuse("the archive ends in the middle of it")
            distance -= step
        return self._position

    def read(self, size: int) -> bytes:
        if size < 0 or size > self._limits.header:
            raise self._collector.refuse("its header is too large")
        parts = []
        missing = size
        while missing and (part := self._take(missing)):
            parts.append(part)
            missing -= len(part)
        data = parts[0] if len(parts) == 1 else b"".join(parts)
        if size == BLOCK:
            self.last_block = data
        return data

    def drain(self) -> None:
        """Read what follows the end mark, so that the packed stream's own checksum is checked."""
        while self._take(CHUNK):
            pass

    def _take(self, size: int) -> bytes:
        if self._at == len(self._piece):
            self._next_piece()
        part = self._piece[self._at : self._at + size]
        self._at += len(part)
        self._position += len(part)
        return part

    def _next_piece(self) -> None:
        try:
            self._piece = next(self._pieces, b"")
        except (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError, MemoryError) as error:
            raise self._collector.refuse(f"it cannot be unpacked ({error})") from error
        self._at = 0
        self._produced += len(self._piece)
        if self._produced > self._limits.unpacked:
            raise self._collector.refuse(
                f"unpacked the archive is larger than {self._limits.unpacked:,} bytes"
            )
        if self._packed and self._produced > self._limits.ratio_floor:
            packed = max(1, self._file.tell())
            if self._produced > packed * self._limits.ratio:
                raise self._collector.refuse(
                    f"it unpacks to more than {self._limits.ratio} times its packed size"
                )


def read_tar(file: BinaryIO, packed: str, collector: Collector) -> None:
    """Hands every member to the collector. Raises `ArchiveRefusedError` for whatever is unsafe or
    broken, the end of the archive being missing included."""
    forward = Forward(file, packed, collector)
    tar: tarfile.TarFile | None = None
    while True:
        try:
            if tar is None:
                tar = tarfile.TarFile(
                    fileobj=forward,  # type: ignore[arg-type]
                    mode="r",
                    encoding="utf-8",
                    errors="surrogateescape",
                )
            info = tar.next()
        except ArchiveRefusedError:
            raise
        except Exception as error:  # hostile headers make the parser raise nearly anything
            raise collector.refuse(f"not a sound tar archive ({type(error).__name__})") from error
        if info is None:
            break
        tar.members.clear()  # type: ignore[attr-defined]  # a bomb of names stays small
        _member(info, forward, collector)
    if forward.last_block != b"\0" * BLOCK:
        raise collector.refuse("the archive ends after it without an end mark, or is broken there")
    forward.drain()


def _member(info: tarfile.TarInfo, forward: Forward, collector: Collector) -> None:
    path = collector.meet(info.name, float(info.mtime))
    if info.issparse():
        raise collector.refuse("it is a sparse file")
    if info.isdir():
        collector.folder(path)
    elif info.issym() or info.islnk():
        collector.link(path, info.linkname, from_root=info.islnk())
    elif info.isreg():
        if collector.file(path, info.size):
            forward.seek(info.offset_data)
            collector.keep(path, _data(forward, info.size, collector))
    else:
        raise collector.refuse("it is a device, a FIFO or of another special kind")


def _data(forward: Forward, size: int, collector: Collector) -> bytes:
    parts = []
    while size:
        part = forward.read(min(size, CHUNK - BLOCK))
        if not part:
            raise collector.refuse("the archive ends in the middle of it")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
