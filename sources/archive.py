"""Safe reading of tar and zip archives that strangers made.

`read_archive` gives the archive's files without writing a single name of it to disk. It refuses, by
`ArchiveRefusedError` naming the member: paths that are absolute or climb, names with NUL,
backslashes, control characters or drive letters, names that are not UTF-8, links that leave the
archive, devices and FIFOs, sparse and encrypted members, the same path twice, a path that is both
file and folder, sizes that lie, an archive that ends too early, and bombs (packed size, unpacked
size, number of members, ratio).

Not covered: archives inside archives stay what they are, files of no interest.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from factory.errors import SourceError
from sources.members import LIMITS, Collector, Contents, Limits, Wanted
from sources.tarball import packing, read_tar
from sources.zipped import is_zip, read_zip


def read_archive(path: Path, wanted: Wanted, limits: Limits = LIMITS) -> Contents:
    """The archive's files and links, with the bytes of those for which `wanted` said yes.

    The format is told by the first bytes, not by the name: tar, plain or packed with gzip, xz,
    bzip2 or zstd, and zip. Raises `ArchiveRefusedError`, or `SourceError` when there is no such
    file. The caller closes what it gets.
    """
    collector = Collector(path.name, wanted, limits)
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size > limits.packed:
                raise collector.refuse(f"it is larger than {limits.packed:,} bytes")
            head = file.read(8)
            file.seek(0)
            if is_zip(head):
                read_zip(file, size, collector)
            else:
                read_tar(file, packing(head), collector)
            return collector.finish()
    except OSError as error:
        collector.discard()
        raise SourceError(f"{path.name}: it cannot be read: {error.strerror}") from error
    except BaseException:
        collector.discard()
        raise


def newest_date(path: Path, sha256: str, cache: Path) -> str:
    """The UTC day of the archive's newest member as ISO 8601, "" when the archive does not say
    or is refused (who reads it will say why). Kept under `cache` by the archive's digest."""
    known = cache / "dates" / sha256
    try:
        return known.read_text("ascii")
    except FileNotFoundError:
        pass
    try:
        with read_archive(path, lambda _path, _size: False) as contents:
            date = iso_date(contents.newest)
    except SourceError:
        return ""
    write_whole(known, date.encode())
    return date


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        temporary = Path(file.name)
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def iso_date(seconds: int) -> str:
    """The UTC day of a time in seconds since 1970, as ISO 8601; "" for 0."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else ""
