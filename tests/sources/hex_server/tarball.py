"""Package tarballs, version 3, as `mix hex.build` and `rebar3 hex` make them (Hex's specifications,
package_tarball.md and package_metadata.md).

The bytes depend on the arguments alone: members carry the first second of the year 2000, no owner
and fixed modes, and gzip's header carries neither time nor system, all as Hex's own tool has it.
"""

from __future__ import annotations

import hashlib
import io
import struct
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.sources.hex_server.terms import Term, consultable

YEAR_2000 = 946_684_800

Tool = Literal["mix", "rebar3"]


@dataclass(frozen=True)
class Requirement:
    """A dependency of a release."""

    name: str
    requirement: str
    app: str = ""
    optional: bool = False
    repository: str = "hexpm"


@dataclass(frozen=True)
class Metadata:
    """What a release says of itself."""

    name: str
    version: str
    description: str = ""
    licenses: tuple[str, ...] = ()
    links: Mapping[str, str] | None = None
    app: str = ""
    elixir: str = ""
    requirements: tuple[Requirement, ...] = ()
    build_tools: tuple[str, ...] = ("mix",)
    extra: Mapping[str, str] | None = None

    def terms(self, files: Mapping[str, bytes], tool: Tool) -> list[Term]:
        """The pairs of `metadata.config`. Mix names folders among the files and writes each
        requirement as one property list with its name in it; rebar3 sorts by key and writes a
        pair of name and property list."""
        listed: list[Term] = [*_with_folders(files)] if tool == "mix" else [*files]
        links: list[Term] = [(name, url) for name, url in (self.links or {}).items()]
        pairs: list[tuple[str, Term]] = [("links", links)]
        pairs += [("name", self.name), ("version", self.version)]
        pairs += [("description", self.description)]
        if self.elixir:
            pairs += [("elixir", self.elixir)]
        pairs += [("app", self.app or self.name), ("licenses", list(self.licenses))]
        pairs += [("requirements", [_requirement(r, tool) for r in self.requirements])]
        pairs += [("files", listed), ("build_tools", list(self.build_tools))]
        if self.extra:
            pairs += [("extra", [(key, value) for key, value in self.extra.items()])]
        return [*pairs] if tool == "mix" else [*sorted(pairs, key=lambda pair: pair[0])]


def _requirement(each: Requirement, tool: Tool) -> Term:
    app = each.app or each.name
    if tool == "rebar3":
        rest: list[Term] = [("app", app), ("optional", each.optional)]
        rest.append(("requirement", each.requirement))
        return (each.name, rest)
    return [
        ("name", each.name),
        ("app", app),
        ("optional", each.optional),
        ("requirement", each.requirement),
        ("repository", each.repository),
    ]


def _with_folders(files: Mapping[str, bytes]) -> list[str]:
    found: dict[str, None] = {}
    for path in files:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            found["/".join(parts[:depth])] = None
        found[path] = None
    return list(found)


@dataclass(frozen=True)
class Tarball:
    """A package tarball, with the two checksums that a registry has of it."""

    metadata: Metadata
    data: bytes

    @property
    def outer(self) -> bytes:
        return hashlib.sha256(self.data).digest()

    @property
    def inner(self) -> bytes:
        members = members_of(self.data)
        return bytes.fromhex(members["CHECKSUM"].decode())


def build(metadata: Metadata, files: Mapping[str, bytes], tool: Tool = "mix") -> Tarball:
    """The tarball of a package with these files (path → content), in this order."""
    config = consultable(metadata.terms(files, tool))
    return Tarball(metadata, outer(config, gzip(tar(files))))


def outer(
    config: bytes, contents: bytes, *, version: bytes = b"3", checksum: bytes | None = None
) -> bytes:
    """The outer archive; a wrong `checksum` or `version` makes one that must be refused."""
    inner = hashlib.sha256(version + config + contents).hexdigest().upper().encode()
    return tar(
        {
            "VERSION": version,
            "CHECKSUM": inner if checksum is None else checksum,
            "metadata.config": config,
            "contents.tar.gz": contents,
        }
    )


def tar(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    for name, data in files.items():
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = len(data), YEAR_2000, 0o100644
        try:
            out.write(info.tobuf(tarfile.USTAR_FORMAT))
        except ValueError:  # a name of more than 100 bytes that cannot be split
            out.write(info.tobuf(tarfile.PAX_FORMAT))
        out.write(data + b"\0" * (-len(data) % tarfile.BLOCKSIZE))
    out.write(b"\0" * (2 * tarfile.BLOCKSIZE))
    return out.getvalue() + b"\0" * (-out.tell() % tarfile.RECORDSIZE)


def gzip(data: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = squeeze.compress(data) + squeeze.flush()
    trailer = struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return b"\x1f\x8b\x08" + b"\0" * 7 + body + trailer


def members_of(data: bytes) -> dict[str, bytes]:
    """A tarball's members, for tests that take one apart."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = {}
        for info in archive:
            file = archive.extractfile(info)
            found[info.name] = file.read() if file else b""
    return found
