"""The HTTP API's answers about packages and releases, as JSON (apiary.apib, and the views of the
server that runs hex.pm).

The validators are the server's own, with what follows from them: an ETag is the bare hex digest of
names and times of change, so a count of downloads that grew makes no new one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.sources.hex_server.world import Advisory, Package, Release, Repository

PER_PAGE = 100
Json = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """A JSON body, its validators, and when it changed (None for collections)."""

    body: bytes
    etag: str
    modified: datetime | None = None


def index(
    repositories: Sequence[Repository], base: str, query: dict[str, str] | None = None
) -> Resource:
    """One page of the packages' list: at most 100, by name unless `sort` says otherwise."""
    query = query or {}
    found = [
        (repository, package) for repository in repositories for package in repository.sorted()
    ]
    search = query.get("search", "").strip().strip("*").removeprefix("name:").strip("*").lower()
    if search:
        found = [
            (repository, package)
            for repository, package in found
            if search in package.name
            or search in package.latest.tarball.metadata.description.lower()
        ]
    order = {"downloads": "total_downloads"}.get(query.get("sort", "name"), query.get("sort"))
    if order in ("total_downloads", "recent_downloads"):
        total = order == "total_downloads"
        found.sort(key=lambda pair: -(pair[1].downloads if total else pair[1].recent))
    elif order in ("inserted_at", "updated_at"):
        first = order == "inserted_at"
        found.sort(
            key=lambda pair: pair[1].inserted if first else pair[1].updated,
            reverse=True,
        )
    page = _number(query.get("page"), 1)
    each = min(_number(query.get("per_page"), PER_PAGE), PER_PAGE)
    shown = found[(page - 1) * each : page * each]
    body = [_package(repository, package, base, alone=False) for repository, package in shown]
    return Resource(_json(body), _etag([_stale(package) for _, package in shown]))


def package(repository: Repository, name: str, base: str) -> Resource | None:
    found = repository.packages.get(name)
    if found is None:
        return None
    modified = max(found.updated, *(r.updated for r in found.releases.values()))
    body = _package(repository, found, base, alone=True)
    return Resource(_json(body), _etag(_stale(found)), modified)


def release(repository: Repository, name: str, version: str, base: str) -> Resource | None:
    found = repository.packages.get(name)
    each = found.releases.get(version) if found else None
    if found is None or each is None:
        return None
    metadata = each.tarball.metadata
    about = f"{_below(repository, base)}/packages/{name}"
    advisories = [a for a in found.advisories if version in a.versions]
    body = {
        "version": version,
        "checksum": each.tarball.outer.hex(),
        "has_docs": each.has_docs,
        "inserted_at": _time(each.inserted),
        "updated_at": _time(each.updated),
        "retirement": {"message": each.retired.message or None, "reason": each.retired.reason}
        if each.retired
        else None,
        "package_url": about,
        "url": f"{about}/releases/{version}",
        "html_url": f"https://hex.pm/packages/{name}/{version}",
        "docs_html_url": f"https://hexdocs.pm/{name}/{version}/" if each.has_docs else None,
        "requirements": {
            r.name: {"app": r.app or r.name, "requirement": r.requirement, "optional": r.optional}
            for r in metadata.requirements
        },
        "configs": _configs(name, version),
        "meta": {
            "app": metadata.app or name,
            "build_tools": list(dict.fromkeys(metadata.build_tools)),
            "elixir": metadata.elixir or None,
        },
        "downloads": each.downloads,
        "publisher": _user(),
        "security_advisories": [_advisory(a) for a in advisories],
    }
    stale = [version, _time(each.updated), [a.id for a in advisories]]
    return Resource(_json(body), _etag(stale), each.updated)


def _package(repository: Repository, found: Package, base: str, *, alone: bool) -> Json:
    newest, latest = found.ordered[-1], found.latest
    metadata = latest.tarball.metadata
    about = f"{_below(repository, base)}/packages/{found.name}"
    documented = any(each.has_docs for each in found.releases.values())
    body: Json = {
        "name": found.name,
        "repository": repository.name,
        "inserted_at": _time(found.inserted),
        "updated_at": _time(found.updated),
        "url": about,
        "html_url": f"https://hex.pm/packages/{found.name}",
        "docs_html_url": f"https://hexdocs.pm/{found.name}/" if documented else None,
        "latest_version": newest.version,
        "latest_stable_version": latest.version if latest.is_stable else None,
        "configs": _configs(found.name, latest.version),
        "meta": {
            "description": metadata.description,
            "licenses": list(metadata.licenses),
            "links": dict(metadata.links or {}),
            "maintainers": [],
        },
        "releases": [_minimal(each, about) for each in reversed(found.ordered)],
        "retirements": {
            each.version: {"reason": each.retired.reason, "message": each.retired.message or None}
            for each in found.ordered
            if each.retired
        },
        "downloads": {"all": found.downloads, "recent": found.recent, "week": found.recent // 12}
        if found.downloads
        else {},
    }
    if alone:
        body["owners"] = [_user()]
        body["security_advisories"] = [_advisory(each) for each in found.advisories]
    return body


def _minimal(each: Release, about: str) -> Json:
    return {
        "version": each.version,
        "url": f"{about}/releases/{each.version}",
        "has_docs": each.has_docs,
        "inserted_at": _time(each.inserted),
    }


def _advisory(each: Advisory) -> Json:
    return {
        "id": each.id,
        "summary": each.summary,
        "aliases": list(each.aliases),
        "published_at": "2024-01-01T00:00:00Z",
        "modified_at": "2024-01-02T00:00:00Z",
        "withdrawn_at": None,
        "cvss_vector": None,
        "cvss_score": each.score,
        "cvss_rating": ("none", "low", "medium", "high", "critical")[each.severity],
        "references": [],
        "affected": [f"== {version}" for version in each.versions],
        "api_url": f"https://api.osv.dev/v1/vulns/{each.id}",
        "html_url": f"https://osv.dev/vulnerability/{each.id}",
    }


def _user() -> Json:
    return {"username": "somebody", "email": None, "url": "https://hex.pm/api/users/somebody"}


def _configs(name: str, version: str) -> Json:
    major_minor = ".".join(version.split(".")[:2])
    return {
        "mix.exs": f'{{:{name}, "~> {major_minor}"}}',
        "rebar.config": f'{{{name}, "{version}"}}',
        "erlang.mk": f"dep_{name} = hex {version}",
    }


def _below(repository: Repository, base: str) -> str:
    return base if repository.name == "hexpm" else f"{base}/repos/{repository.name}"


def _stale(found: Package) -> list[Any]:
    each = [[release.version, _time(release.updated)] for release in found.ordered]
    return [found.name, _time(found.updated), each]


def _etag(state: Any) -> str:
    return hashlib.md5(_json(state), usedforsecurity=False).hexdigest()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.isdigit() and int(value) > 0 else default
