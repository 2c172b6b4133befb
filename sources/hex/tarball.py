"""Package tarballs, version 3: a tar with `VERSION`, `CHECKSUM`, `metadata.config` and
`contents.tar.gz` (`package_tarball.md` of hexpm/specifications).

Both tars go through the same reader as every archive (`sources.archive`), with Hex's own sizes as
limits, so nothing is written to disk and every unsafe name, link or size is refused. The outer
checksum (the SHA-256 of the file) is the registry's to know; the inner one stands in `CHECKSUM`
and, once more, in the registry.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from factory.errors import ArchiveRefusedError
from sources.archive import read_archive
from sources.hex import metadata
from sources.hex.metadata import Metadata
from sources.hex.terms import LONGEST, TermsError
from sources.members import Collector, Contents, Limits, Wanted, refused
from sources.tarball import packing, read_tar

VERSION = b"3"
FILES = {"VERSION": 32, "CHECKSUM": 128, "metadata.config": LONGEST, "contents.tar.gz": 1 << 30}
"""What a tarball holds, and the largest that each may be in bytes; as in hex_core."""

LARGEST = 128 << 20
"""Bytes of a tarball. Hex.pm takes 16 MiB; a repository of one's own may take more."""

OUTER = Limits(packed=LARGEST, unpacked=LARGEST, files=16)
INNER = Limits(packed=LARGEST, unpacked=1 << 30, files=50_000)

METADATA_FILE = "hex_metadata.config"
"""Under this name Hex's clients put the metadata beside the contents when they unpack a package;
it holds nothing that a document is made from."""


@dataclass(frozen=True, slots=True)
class Tarball:
    """A sound tarball: what it says of itself, its inner checksum (lower-case hex), its contents.
    The caller closes the contents."""

    metadata: Metadata
    inner: str
    contents: Contents

    def __enter__(self) -> Tarball:
        return self

    def __exit__(self, *_: object) -> None:
        self.contents.close()


def read(path: Path, name: str, version: str, inner: str, wanted: Wanted) -> Tarball:
    """Open the tarball of a release; `inner` is the checksum that the registry has for it.

    Raises `ArchiveRefusedError` naming the file and what is wrong with it, and `SourceError` when
    the file cannot be read.
    """
    label = f"{name}-{version}.tar"
    files = _outer(path, label)
    if files["VERSION"] != VERSION:
        found = ascii(files["VERSION"][:20].decode("latin-1"))
        raise refused(label, "VERSION", f"it is of version {found}; 3 is read")
    digest = hashlib.sha256(files["VERSION"] + files["metadata.config"] + files["contents.tar.gz"])
    checksum = digest.hexdigest()
    if files["CHECKSUM"].decode("latin-1").strip().lower() != checksum:
        raise refused(label, "CHECKSUM", "it is not that of the other members")
    if inner and inner != checksum:
        raise refused(label, "CHECKSUM", "the registry has another inner checksum")
    try:
        says = metadata.parse(files["metadata.config"])
    except TermsError as error:
        raise refused(label, "metadata.config", str(error)) from error
    if says.name not in ("", name) or says.version not in ("", version):
        other = f"{says.name[:100]} {says.version[:100]}"
        raise refused(label, "metadata.config", f"it is the metadata of {ascii(other)[1:-1]}")
    contents = _contents(files["contents.tar.gz"], files["metadata.config"], label, wanted)
    return Tarball(says, checksum, contents)


def check(path: Path, name: str, version: str, inner: str) -> Metadata:
    """Read the tarball from end to end for what `read` would refuse."""
    with read(path, name, version, inner, lambda _path, _size: False) as tarball:
        return tarball.metadata


def _outer(path: Path, label: str) -> dict[str, bytes]:
    try:
        members = read_archive(path, lambda name, size: size <= FILES.get(name, -1), OUTER)
    except ArchiveRefusedError as error:
        raise ArchiveRefusedError(str(error).replace(path.name, label, 1)) from error
    with members:
        sizes = {entry.path: entry.size for entry in members.entries if entry.kind == "file"}
        for member, largest in FILES.items():
            if member not in sizes:
                raise refused(label, member, "it is missing")
            if sizes[member] > largest:
                raise refused(label, member, f"it is larger than {largest:,} bytes")
        return {member: members.read(member) for member in FILES}


def _contents(packed: bytes, config: bytes, label: str, wanted: Wanted) -> Contents:
    """The package's own files. Where all lie below one folder, its metadata goes beside it, as a
    client puts it: the folder (`src/`, say) is the package's own, not one to be taken off."""
    tops: set[str] = set()

    def noted(path: str, size: int) -> bool:
        tops.add(path.partition("/")[0] if "/" in path else "")
        return wanted(path, size)

    # Some packages hold a file twice; Hex's clients unpack the second over the first.
    collector = Collector(f"{label}: contents.tar.gz", noted, INNER, last_counts=True)
    try:
        if packing(packed[:8]) != "gzip":
            raise collector.refuse("it is not packed with gzip")
        read_tar(io.BytesIO(packed), "gzip", collector)
        collector.member = METADATA_FILE
        if "" not in tops and len(tops) == 1 and collector.file(METADATA_FILE, len(config)):
            collector.keep(METADATA_FILE, config)
        return collector.finish()
    except BaseException:
        collector.discard()
        raise
