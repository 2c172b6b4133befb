"""The signed resources of a repository: names, versions, packages (registry-v2.md and the schemas
in registry/*.proto).
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from tests.sources.hex_server.keys import Key
from tests.sources.hex_server.protobuf import Packed, message, repeated
from tests.sources.hex_server.tarball import gzip
from tests.sources.hex_server.world import REASONS, Advisory, Package, Release, Repository


def resource(repository: Repository, path: str) -> bytes | None:
    """What a repository serves under `names`, `versions` or `packages/NAME`; None for nothing."""
    lies = repository.lies
    if path in lies.body:
        return lies.body[path]
    told = lies.repository.get(path, repository.name)
    if path == "names":
        payload = names(repository, told)
    elif path == "versions":
        payload = versions(repository, told)
    else:
        kind, _, name = path.partition("/")
        if kind != "packages" or name not in repository.packages:
            return None
        found = repository.packages[name]
        payload = package(repository, found, told, lies.name.get(path, name))
    signature = _signature(repository.key, payload)
    if path in lies.signature:
        signature = bytes([signature[0] ^ 1]) + signature[1:]
    return gzip(message((1, payload), (2, None if path in lies.unsigned else signature)))


@lru_cache(maxsize=4096)
def _signature(key: Key, payload: bytes) -> bytes:
    return key.sign(payload)


def names(repository: Repository, told: str) -> bytes:
    packages = [
        message((1, package.name), (3, _timestamp(package.updated)))
        for package in repository.sorted()
    ]
    return message(*repeated(1, packages), (2, told))


def versions(repository: Repository, told: str) -> bytes:
    packages = []
    for package in repository.sorted():
        releases = package.ordered
        retired = [at for at, release in enumerate(releases) if release.retired]
        advised = [at for at, release in enumerate(releases) if _advisories(package, release)]
        packages.append(
            message(
                (1, package.name),
                *repeated(2, [release.version for release in releases]),
                (3, Packed(retired)),
                (5, Packed(advised)),
            )
        )
    return message(*repeated(1, packages), (2, told))


def package(repository: Repository, found: Package, told: str, name: str) -> bytes:
    return message(
        *repeated(1, [_release(repository, found, release) for release in found.ordered]),
        (2, name),
        (3, told),
        *repeated(4, [_advisory(each) for each in found.advisories]),
    )


def _release(repository: Repository, found: Package, release: Release) -> bytes:
    requirements = [
        message(
            (1, each.name),
            (2, each.requirement),
            (3, True if each.optional else None),
            (4, each.app if each.app and each.app != each.name else None),
            (5, each.repository if each.repository != repository.name else None),
        )
        for each in release.tarball.metadata.requirements
    ]
    retired = None
    if release.retired:
        reason = REASONS.index(release.retired.reason)
        retired = message((1, reason), (2, release.retired.message or None))
    return message(
        (1, release.version),
        (2, release.tarball.inner),
        *repeated(3, requirements),
        (4, retired),
        (5, release.tarball.outer),
        *repeated(6, _advisories(found, release)),
        (7, _timestamp(release.inserted)),
    )


def _advisories(package: Package, release: Release) -> list[int]:
    return [at for at, each in enumerate(package.advisories) if release.version in each.versions]


def _advisory(each: Advisory) -> bytes:
    return message(
        (1, each.id),
        (2, each.summary),
        (3, f"https://osv.dev/vulnerability/{each.id}"),
        (4, each.severity),
        (5, float(each.score)),
        (6, f"https://api.osv.dev/v1/vulns/{each.id}"),
        *repeated(7, each.aliases),
    )


def _timestamp(moment: datetime) -> bytes:
    seconds = int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() // 1)
    return message((1, seconds), (2, moment.microsecond * 1000))
