"""A client of one server: what sources ask it, and what it keeps.

The transport is httpx's; trying again (`tries`) is tenacity's, around a whole attempt with its body
read.
(httpx-retries 0.6 sits below the body, so an answer that breaks off was not tried again; it cannot
take GitHub's 403 for "too many requests", waited 1.6 s where `x-ratelimit-reset` said 3, and each
of its threads waits alone.) What is written here is what neither has: rate limits that all threads
share (`pace`), secrets that stay with their host (`secrecy`), bounded bodies (`body`), and a cache
that always asks (`cache`, where it says why that is not hishel).

Not covered: HTTP/2, cookies (none are kept or sent), uploads.
"""

from __future__ import annotations

import json as jsonlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx

from factory.errors import RequestError
from factory.progress import Progress, Quiet
from sources.web import crowd
from sources.web.body import too_large
from sources.web.cache import Cache, Entry, address, kept_headers, key
from sources.web.download import Partial, alone, has_digest, save
from sources.web.exchange import Exchange
from sources.web.pace import Pace, steady_clock
from sources.web.patience import HURRIED, Patience
from sources.web.reply import Counts, PassingError, Reply, StoppedError, WebError
from sources.web.secrecy import Secrets
from sources.web.tries import Tries

T = TypeVar("T")
R = TypeVar("R")

LIMIT = 50_000_000
GONE = frozenset({404, 410})
"""What was here once and is so answered is forgotten, that no run offline brings it back."""


class Web:
    """Everything a source asks of one server. Threads may share it; processes may not."""

    def __init__(
        self,
        cache: Path,
        name: str,
        *,
        base: str = "",
        headers: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        concurrency: int = 8,
        offline: bool = False,
        progress: Progress | None = None,
        attempts: int | None = None,
        hurried: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = steady_clock,
    ) -> None:
        """`cache` is a folder of this client's own, `name` stands in front of what it says.
        `secrets` are headers that go to the host of `base` alone and are never said or stored; a
        user and password in `base` are one. `hurried` is for somebody who waits for the answer: it
        gives up within some seconds. `clock` gives seconds since 1970.

        Raises `RequestError` for a base or a secret that cannot be used.
        """
        self.name = name
        self.counts = Counts()
        self._secrets = Secrets(name, base, secrets or {})
        self._headers = {header.lower(): value for header, value in (headers or {}).items()}
        self._concurrency = max(1, concurrency)
        self._offline = offline
        self._progress: Progress = progress or Quiet()
        patience = HURRIED if hurried else Patience()
        self._sleep_otherwise = None if sleep is time.sleep else sleep
        self._cache = Cache(cache)
        self._stop = crowd.Stop(name)
        self._lock = threading.Lock()
        pace = Pace(name, clock, self._sleep, self._progress.say, patience.wait)
        self._exchange = Exchange(
            self._secrets, pace, self.counts, self._stop, self._concurrency, patience
        )
        most = max(1, patience.attempts if attempts is None else attempts)
        say = self._progress.say
        self._tries = Tries(name, most, self._exchange, self.counts, self._sleep, say)

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        accept: str | None = None,
        limit: int = LIMIT,
        sound: Callable[[bytes], bool] | None = None,
    ) -> Reply:
        """What is at `path` (below the base address, or a whole address). What is on disk is given
        when the server says that it still stands; offline, without asking. A body that is not
        `sound` (signed as it should be, say) is given back but never stored, and one on disk that
        is not is as if it were not there.

        Raises `WebError`: at once for what the server refuses, after `attempts` for what might
        have passed, and for a body of more than `limit` bytes.
        """
        url = self._url(path, params)
        headers = self._headers | ({"accept": accept} if accept else {})
        identity = self._secrets.identity if self._secrets.trusts(url) else ""
        name = key(str(url), headers, identity)
        known = self._cache.read(name)
        if known is not None and len(known.body) > limit:
            if self._offline:
                raise too_large(self._secrets.shown(url), limit)
            known = None
        if known is not None and sound is not None and not sound(known.body):
            known = None
        if not self._offline:
            try:
                return self._persistently(
                    lambda: self._get(url, headers, name, known, limit, sound)
                )
            except WebError as error:
                if error.status in GONE:
                    self._cache.forget(name)
                raise
        if known is None:
            raise self._never_fetched(url)
        return Reply(known.status, known.body, known.headers, fresh=False)

    def post(self, path: str, *, json: Any, limit: int = LIMIT) -> Reply:
        """The answer to a question put as JSON (GraphQL). It is never stored, and it is put again
        like a `get`: for questions only, not for what changes something.

        Raises `WebError` as `get` does.
        """
        url = self._url(path, None)
        if self._offline:
            raise self._never_fetched(url)
        question = jsonlib.dumps(json).encode()
        headers = self._headers | {"content-type": "application/json"}

        def once() -> Reply:
            with self._exchange.answer("POST", url, headers, body=question) as response:
                body = b"".join(self._exchange.body(response, limit, self._secrets.shown(url)))
                return Reply(response.status_code, body, dict(response.headers))

        return self._persistently(once)

    def download(
        self,
        path: str,
        to: Path,
        *,
        sha256: str | None = None,
        limit: int,
        accept: str | None = None,
    ) -> Path:
        """Fetch a file of at most `limit` bytes to `to`, which is there whole or not at all; what
        came of it before is used. Nothing is asked when it is there with the digest `sha256`.

        Raises `WebError` as `get` does, and when it came twice with another digest.
        """
        url = self._url(path, None)
        if sha256 and has_digest(to, sha256):
            return to
        if self._offline:
            if sha256 is None and to.is_file():
                return to
            raise self._never_fetched(url)
        headers = self._headers | {"accept-encoding": "identity"}
        headers |= {"accept": accept} if accept else {}
        partial = Partial(to, str(url))
        with self._writing(), alone(partial, self._cache.folder / "locks", self._stop.check):
            if sha256 and has_digest(to, sha256):
                return to
            for _ in range(2):
                self._persistently(
                    lambda: self._download(url, headers, partial, sha256 is not None, limit)
                )
                if sha256 is None or has_digest(partial.path, sha256):
                    return partial.become_whole()
                partial.discard()
        shown = self._secrets.shown(url)
        raise WebError(
            f"{shown}: what came has another SHA-256 than {sha256}, twice; it was refused",
            url=shown,
        )

    def each(
        self, function: Callable[[T], R], items: Iterable[T], *, stage: str, unit: str
    ) -> list[R | WebError]:
        """What `function` gives for each item, in their order, or the `WebError` it raised; at
        most `concurrency` at a time. After Ctrl-C this client asks nothing more."""
        try:
            return crowd.each(
                function,
                list(items),
                threads=self._concurrency,
                progress=self._progress,
                stage=stage,
                unit=unit,
                size=lambda: self.counts.bytes,
            )
        except Exception:
            raise
        except BaseException:
            self._stop.event.set()
            raise

    def close(self) -> None:
        """End it: nothing more is asked, and waiting threads stop."""
        self._stop.event.set()
        self._exchange.close()

    def __enter__(self) -> Web:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _get(
        self,
        url: httpx.URL,
        headers: Mapping[str, str],
        name: str,
        known: Entry | None,
        limit: int,
        sound: Callable[[bytes], bool] | None,
    ) -> Reply:
        with self._exchange.answer("GET", url, headers, known=known) as response:
            plain = dict(response.headers)
            if response.status_code == 304 and known is not None:
                return Reply(304, known.body, {**known.headers, **plain}, fresh=False)
            body = b"".join(self._exchange.body(response, limit, self._secrets.shown(url)))
            kept = response.status_code == 200 and "no-store" not in plain.get("cache-control", "")
            if kept and (sound is None or sound(body)):
                at = address(str(response.request.url))
                self._cache.write(name, Entry(at, 200, kept_headers(plain), body))
            return Reply(response.status_code, body, plain)

    def _download(
        self,
        url: httpx.URL,
        headers: Mapping[str, str],
        partial: Partial,
        digest_known: bool,
        limit: int,
    ) -> None:
        """One attempt to have the file, or the rest of it, beside its place."""
        shown = self._secrets.shown(url)
        ranged = partial.conditions(digest_known)
        try:
            with self._exchange.answer("GET", url, {**headers, **ranged}) as response:
                there = partial.size if response.status_code == 206 else 0
                if response.status_code == 206 and not partial.goes_on(response):
                    partial.discard()
                    raise PassingError(f"{shown}: it answered with another part", url=shown)
                if there > limit:
                    raise too_large(shown, limit)
                with partial.begin(response) as file:
                    save(self._exchange.body(response, limit - there, shown), file)
        except (PassingError, StoppedError):
            raise
        except WebError as error:
            partial.discard()
            if error.status == 416 and ranged:
                raise PassingError(str(error), status=416, url=error.url) from None
            raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """What the disk refuses is said as every failure of ours."""
        try:
            yield
        except OSError as error:
            raise WebError(
                f"{self.name}: what comes cannot be kept: {error.strerror or error} "
                f"({error.filename or self._cache.folder}); make room, or let us write there"
            ) from None

    def _persistently(self, once: Callable[[], T]) -> T:
        with self._writing():
            return self._tries(once)

    def _sleep(self, seconds: float) -> None:
        """Wait, unless the work is called off."""
        self._stop.check()
        if seconds <= 0:
            return
        with self._lock:
            self.counts.waited_seconds += seconds
        if self._sleep_otherwise is None:
            self._stop.event.wait(seconds)
        else:
            self._sleep_otherwise(seconds)
        self._stop.check()

    def _url(self, path: str, params: Mapping[str, Any] | None) -> httpx.URL:
        whole = path.startswith(("https://", "http://"))
        if not whole and not self._secrets.base:
            raise RequestError(f"{self.name}: {path!r} is no whole address")
        text = path if whole else f"{self._secrets.base}/{path.lstrip('/')}"
        if params:
            text += ("&" if "?" in text else "?") + urlencode(params, doseq=True)
        try:
            return httpx.URL(text).copy_with(fragment=None)
        except (httpx.InvalidURL, ValueError):
            bare = self._secrets.redacted(path.partition("?")[0])
            raise WebError(f"{self.name}: {bare!r} is no address") from None

    def _never_fetched(self, url: httpx.URL) -> WebError:
        shown = self._secrets.shown(url)
        return WebError(
            f"{shown} was never fetched here: run the same command once without --offline",
            url=shown,
        )
