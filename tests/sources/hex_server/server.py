"""The world of `world` over HTTP: `URL/api` is the HTTP API, `URL/repo` the repository.

    with HexServer(world, faults=0.2, seed=1) as server:
        server.api_url, server.repo_url, server.log.count("/api/")

Played as hex.pm plays it (endpoints.md, apiary.apib, its server's source): API answers carry bare
ETags, the repository's quoted ones; the API wants a User-Agent (400), counts every request against
a window, 304 included, and refuses with 429 and no Retry-After; registry files are gzip without a
Content-Encoding; what is under `/repos/ORGANISATION` wants that organisation's key.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from urllib.parse import unquote

from tests.loopback import KINDS, Answer, Loopback, Request
from tests.sources.hex_server import api, registry
from tests.sources.hex_server.world import Repository, World

_TARBALL = re.compile(r"tarballs/([^/]+?)-(\d[^/]*)\.tar")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
MISSING = 404


class HexServer:
    """The server, running between `__enter__` and `__exit__`. `limit` is the number of API requests
    in a window of `window` seconds (None: no limit and no headers, as hex.pm treats its own),
    `missing` the status of what the repository has not, `latency` what each answer takes."""

    def __init__(
        self,
        world: World,
        *,
        limit: int | None = None,
        window: float = 60,
        missing: int = MISSING,
        latency: float = 0.0,
        faults: float = 0.0,
        seed: int = 0,
        kinds: Sequence[str] = KINDS,
        in_a_row: int = 3,
        script: Mapping[str, Sequence[str]] | None = None,
        delay: float = 0.05,
        port: int = 0,
    ) -> None:
        self.world = world
        self.limit, self.window, self.missing = limit, window, missing
        self.latency = latency
        self.refused = 0
        """API requests answered with 429."""
        self._windows: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()
        self.log = Loopback(
            self.answer,
            faults=faults,
            seed=seed,
            kinds=kinds,
            in_a_row=in_a_row,
            script=script,
            delay=delay,
            port=port,
        )

    @property
    def url(self) -> str:
        return self.log.url

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    @property
    def repo_url(self) -> str:
        return f"{self.url}/repo"

    def __enter__(self) -> HexServer:
        self.log.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.log.stop()

    def answer(self, request: Request) -> Answer:
        time.sleep(self.latency)
        with self._lock:  # the world is one place: nothing is read while something else is
            room, _, path = unquote(request.path).lstrip("/").partition("/")
            if request.method not in ("GET", "HEAD"):
                return _error(405, "Method not allowed")
            if room == "api":
                return self._api(request, path)
            return self._repository(request, path) if room == "repo" else _error(404)

    def _api(self, request: Request, path: str) -> Answer:
        if "user-agent" not in request.headers:
            return _error(400, "User-Agent header is required")
        if not _accepts_json(request.headers.get("accept", "*/*")):
            return _error(415, "Unsupported media type")
        given = request.headers.get("authorization", "")
        if given and given not in self.world.keys:
            return _error(401, "invalid API key", {"www-authenticate": "Basic realm=hex"})
        headers, allowed = self._throttle(given)
        if not allowed:
            self.refused += 1
            who = f"organization {self.world.keys[given]}" if given else "IP 127.0.0.1"
            return _error(429, f"API rate limit exceeded for {who}", headers)
        found = self._resource(request, path, given)
        if found is None:
            return _error(404, None, headers)
        return _api_answer(request, found, headers)

    def _resource(self, request: Request, path: str, given: str) -> api.Resource | None:
        parts = path.rstrip("/").split("/")
        owner = self.world.keys.get(given, "")
        if parts[0] == "repos":
            if len(parts) < 3 or parts[1] not in self.world.repositories:
                return None
            if parts[1] not in ("hexpm", owner):
                return None
            seen = [self.world.repositories[parts[1]]]
            repository, parts = seen[0], parts[2:]
        else:
            repository = self.world.hexpm
            seen = [repository] + ([self.world.repositories[owner]] if owner else [])
        match parts:
            case ["packages"]:
                return api.index(seen, self.api_url, dict(request.query))
            case ["packages", name]:
                return api.package(repository, name, self.api_url)
            case ["packages", name, "releases", version]:
                return api.release(repository, name, version, self.api_url)
        return None

    def _throttle(self, who: str) -> tuple[dict[str, str], bool]:
        if self.limit is None:
            return {}, True
        number = int(time.time() // self.window)
        self._windows[who, number] += 1
        left = self.limit - self._windows[who, number]
        headers = {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(max(left, 0)),
            "x-ratelimit-reset": str(int((number + 1) * self.window)),
        }
        return headers, left >= 0

    def _repository(self, request: Request, path: str) -> Answer:
        repository = self.world.hexpm
        if path.startswith("repos/"):
            _, name, path = (*path.split("/", 2), "")[:3]
            found = self.world.repositories.get(name)
            given = request.headers.get("authorization", "")
            if given not in self.world.keys:
                return Answer(401, b"", {"content-type": "text/plain"})
            if found is None or self.world.keys[given] != name:
                return Answer(403, b"", {"content-type": "text/plain"})
            repository = found
        if path == "public_key":
            return Answer(200, repository.key.spki.encode(), {"content-type": "text/plain"})
        tarball = _TARBALL.fullmatch(path)
        if tarball:
            return self._tarball(request, repository, path, tarball[1], tarball[2])
        body = registry.resource(repository, path)
        if body is None:
            return Answer(self.missing, b"", {"content-type": "text/plain"})
        of_one = repository.packages.get(path.removeprefix("packages/"))
        changed = of_one.updated if of_one else repository.changed
        return _object(request, body, changed, "public, max-age=3600")

    def _tarball(
        self, request: Request, repository: Repository, path: str, name: str, version: str
    ) -> Answer:
        package = repository.packages.get(name)
        release = package.releases.get(version) if package else None
        if release is None:
            return Answer(self.missing, b"", {"content-type": "text/plain"})
        lies = repository.lies
        body = lies.body.get(path, release.tarball.data)
        if lies.tarballs.get(path, 0):
            lies.tarballs[path] -= lies.tarballs[path] > 0
            middle = len(body) // 2
            body = body[:middle] + bytes([body[middle] ^ 0xFF]) + body[middle + 1 :]
        return _object(request, body, release.updated, "public, max-age=604800")


def _api_answer(request: Request, found: api.Resource, headers: dict[str, str]) -> Answer:
    headers = {
        **headers,
        "etag": found.etag,
        "cache-control": "public, max-age=60",
        "vary": "accept, accept-encoding",
    }
    if found.modified:
        headers["last-modified"] = format_datetime(found.modified, usegmt=True)
    if _still_stands(request, found):
        return Answer(304, b"", headers)
    headers["content-type"] = "application/vnd.hex+json; charset=utf-8"
    body = found.body
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = gzip.compress(body, 6, mtime=0)
    return Answer(200, body, headers)


def _still_stands(request: Request, found: api.Resource) -> bool:
    """As hex.pm has it: both validators are heeded, and either can say that it changed."""
    since, match = (request.headers.get(name) for name in ("if-modified-since", "if-none-match"))
    if not since and not match:
        return False
    newer = bool(since and found.modified and found.modified.replace(microsecond=0) > _date(since))
    given = [each.strip() for each in (match or "").split(",")]
    return not newer and not (match and found.etag not in given and "*" not in given)


def _object(request: Request, body: bytes, modified: datetime, control: str) -> Answer:
    """A stored file, as a bucket behind a CDN serves it: quoted ETag, ranges, no encoding."""
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    headers = {
        "etag": etag,
        "last-modified": format_datetime(modified, usegmt=True),
        "cache-control": control,
        "content-type": "application/octet-stream",
        "accept-ranges": "bytes",
    }
    if etag in request.headers.get("if-none-match", ""):
        return Answer(304, b"", headers)
    wanted = _RANGE.fullmatch(request.headers.get("range", ""))
    if wanted and request.headers.get("if-range", etag) == etag:
        start, end = int(wanted[1]), min(int(wanted[2] or len(body)), len(body) - 1)
        if start >= len(body):
            return Answer(416, b"", {**headers, "content-range": f"bytes */{len(body)}"})
        headers["content-range"] = f"bytes {start}-{end}/{len(body)}"
        return Answer(206, body[start : end + 1], headers)
    return Answer(200, body, headers)


def _error(
    status: int, message: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    told = message or {404: "Page not found"}.get(status)
    body = json.dumps({"message": told, "status": status}).encode()
    return Answer(
        status, body, {"content-type": "application/json; charset=utf-8"} | dict(headers or {})
    )


def _accepts_json(accept: str) -> bool:
    return any(kind in accept for kind in ("json", "*/*", "application/*"))


@lru_cache(maxsize=256)
def _date(text: str) -> datetime:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)
