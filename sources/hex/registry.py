"""What a Hex repository says of its packages: registry version 2, signed.

A resource is a gzipped, signed protobuf message (`registry-v2.md` of hexpm/specifications). It
counts only when its signature is the repository's, when it names the repository that was asked,
and, for one package, that package. One that is not so is asked for once more and then refused by
name; it never enters the cache.

Not covered: organisations' policies and what a release depends on.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from factory.errors import SourceError
from sources.hex import keys, messages
from sources.hex.requirement import Version
from sources.web import Web

INDEX = 32 << 20
"""Bytes of an unpacked `/names` or `/versions`; Hex.pm's are below 4 MB."""

PACKAGE = 4 << 20
"""Bytes of one unpacked `/packages/NAME`; the largest on Hex.pm are below 1 MB."""

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""A package's name, as an address and a file's name can hold it. Hex.pm allows less."""

REASONS = {0: "other", 1: "invalid", 2: "security", 3: "deprecated", 4: "renamed"}

T = TypeVar("T")


class RefusedError(SourceError):
    """A registry's resource is not what it should be; the message says why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A release in a registry. Checksums are lower-case hex; `outer` is "" in registries that are
    older than it. `retired` is the reason ("" for none); `advisories` are ids. `published` is a
    UTC day, "" when the registry does not say."""

    version: Version
    inner: str
    outer: str
    retired: str = ""
    advisories: tuple[str, ...] = ()
    published: str = ""

    @property
    def is_insecure(self) -> bool:
        return self.retired == "security" or bool(self.advisories)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A package in `/versions`: its versions, and those of them that are retired or have security
    advisories."""

    name: str
    versions: tuple[str, ...]
    retired: frozenset[str]
    advised: frozenset[str]


class Registry:
    """A repository behind a client whose base address is the repository's own."""

    def __init__(self, web: Web, key: RSAPublicKey, repository: str) -> None:
        self._web = web
        self._key = key
        self._repository = repository

    def package(self, name: str) -> tuple[Listed, ...]:
        """The package's releases, oldest version first. What is no version is passed over.

        Raises `WebError` (its status is 404 for a package that is not there) and `RefusedError`.
        """

        def read(payload: bytes) -> tuple[Listed, ...]:
            package = messages.decode("Package", payload)
            self._is_ours(package.repository)
            if package.name != name:
                raise RefusedError(f"it is about the package {package.name[:100]!r}")
            return tuple(sorted(_releases(package), key=lambda r: (r.version, str(r.version))))

        return self._resource(f"packages/{name}", PACKAGE, read)

    def names(self) -> dict[str, str]:
        """All public packages, each with the day of its last change, "" where it does
        not say."""

        def read(payload: bytes) -> dict[str, str]:
            index = messages.decode("Names", payload)
            self._is_ours(index.repository)
            return {
                package.name: _day(package.updated_at) if package.HasField("updated_at") else ""
                for package in index.packages
                if NAME.fullmatch(package.name)
            }

        return self._resource("names", INDEX, read)

    def versions(self) -> list[Indexed]:
        """All public packages with their versions."""

        def read(payload: bytes) -> list[Indexed]:
            index = messages.decode("Versions", payload)
            self._is_ours(index.repository)
            return [_indexed(package) for package in index.packages if NAME.fullmatch(package.name)]

        return self._resource("versions", INDEX, read)

    def _is_ours(self, repository: str) -> None:
        if repository != self._repository:
            raise RefusedError(
                f"it is of the repository {repository[:100]!r}, not of {self._repository!r}"
            )

    def _resource(self, path: str, limit: int, read: Callable[[bytes], T]) -> T:
        def opened(body: bytes) -> T:
            return read(payload(body, limit, self._key))

        def sound(body: bytes) -> bool:
            try:
                opened(body)
            except SourceError:
                return False
            return True

        refused = ""
        for _ in range(2):
            reply = self._web.get(path, limit=limit, sound=sound)
            try:
                return opened(reply.body)
            except SourceError as error:
                refused = str(error)
        raise RefusedError(
            f"the registry's /{path} was refused, twice: {refused}. Is the public key that of this "
            "repository, and is the repository called so?"
        )


def payload(body: bytes, limit: int, key: RSAPublicKey) -> bytes:
    """What is signed in a resource. Raises `RefusedError` when it is not the key's owner who
    signed it."""
    signed = messages.decode("Signed", _unpacked(body, limit))
    if not keys.is_signed(signed.payload, signed.signature, key):
        raise RefusedError("its signature is not that of the repository's public key")
    content: bytes = signed.payload
    return content


def _unpacked(body: bytes, limit: int) -> bytes:
    """The body without gzip; a server that says `Content-Encoding: gzip` had it taken off."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(31)
    try:
        data = unpacker.decompress(body, limit)
    except zlib.error as error:
        raise RefusedError(f"it cannot be unpacked ({error})") from error
    if not unpacker.eof:
        whole = not unpacker.unconsumed_tail
        raise RefusedError(
            "it ends in the middle" if whole else f"unpacked it is larger than {limit:,} bytes"
        )
    return data


def _releases(package: Any) -> list[Listed]:
    ids = [advisory.id for advisory in package.advisories]
    found: dict[str, Listed] = {}
    for release in package.releases:
        version = Version.parse(release.version)
        if version is None:
            continue
        if release.version in found:
            raise RefusedError(f"it lists the version {release.version} twice")
        retired = ""
        if release.HasField("retired"):
            reason = release.retired.reason
            retired = REASONS.get(reason, f"reason {reason}")
        found[release.version] = Listed(
            version,
            release.inner_checksum.hex(),
            release.outer_checksum.hex(),
            retired,
            tuple(ids[i] for i in sorted(set(release.advisory_indexes)) if i < len(ids)),
            _day(release.published_at) if release.HasField("published_at") else "",
        )
    return list(found.values())


def _indexed(package: Any) -> Indexed:
    versions = tuple(package.versions)

    def at(indexes: Any) -> frozenset[str]:
        return frozenset(versions[i] for i in indexes if 0 <= i < len(versions))

    return Indexed(package.name, versions, at(package.retired), at(package.with_advisories))


def _day(timestamp: Any) -> str:
    try:
        return datetime.fromtimestamp(timestamp.seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
