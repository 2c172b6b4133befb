"""A client of one server: one request, its redirects and retries, and what is known of it already.

The transport is httpx's and the retrying is tenacity's. What is written here is what neither has:
rate limits shared by threads (`pace`), secrets that stay with their host (`secrecy`), bounded
bodies (`body`) and a cache that always asks whether an answer still stands (`cache`).

Not covered: HTTP/2, cookies (none are kept), uploads. A `post` is retried like a `get`: use it for
questions only.
"""

from __future__ import annotations

import json as jsonlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
from filelock import FileLock, Timeout
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from factory.errors import RequestError
from factory.progress import Progress, Quiet
from sources.web import crowd
from sources.web.body import pieces, too_large
from sources.web.cache import Cache, Entry, address, kept_headers, key
from sources.web.download import Partial, has_digest, save
from sources.web.pace import Pace, refuses, seconds_of, server_time
from sources.web.reply import Counts, PassingError, Reply, StoppedError, WebError
from sources.web.secrecy import Secrets, origin

T = TypeVar("T")
R = TypeVar("R")

TIMEOUT = httpx.Timeout(connect=20, read=60, write=60, pool=None)
HOPS = 10
ERROR_BODY = 64_000
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 425, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524, 529})
BACKOFF = wait_random_exponential(multiplier=0.5, max=30)
"""Full jitter: anything between nothing and 0.5 s, 1 s, 2 s, and so on."""
HERE = ("localhost", "127.0.0.1", "[::1]")


@cache
def user_agent() -> str:
    """Who asks, as Hex and GitHub want to know."""
    try:
        about = metadata("elixir-factory")
    except PackageNotFoundError:
        return "elixir-factory"
    urls = about.get_all("Project-URL") or []
    link = urls[0].partition(",")[2].strip() if urls else ""
    return f"elixir-factory/{about['Version']}" + (f" (+{link})" if link else "")


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
        attempts: int = 6,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`cache` is a folder of this client's own, `name` stands in front of all it says.
        `secrets` are headers that go to the host of `base` alone and are never said or stored."""
        self.name = name
        self.counts = Counts()
        self._secrets = Secrets(name, base, secrets or {})
        self._headers = {k.lower(): v for k, v in (headers or {}).items()}
        self._concurrency = max(1, concurrency)
        self._offline = offline
        self._progress: Progress = progress or Quiet()
        self._attempts = max(1, attempts)
        self._sleep_for = None if sleep is time.sleep else sleep
        self._clock = clock
        self._cache = Cache(cache)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._pace = Pace(name, clock, self._sleep, self._progress.say)
        self._client = httpx.Client(
            timeout=TIMEOUT,
            limits=httpx.Limits(
                max_connections=self._concurrency, max_keepalive_connections=self._concurrency
            ),
            # A proxy of the environment's is used, but not to reach this machine itself.
            mounts={
                f"all://{host}": httpx.HTTPTransport(
                    limits=httpx.Limits(max_connections=self._concurrency)
                )
                for host in HERE
            },
        )

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        accept: str | None = None,
        limit: int = 50_000_000,
        sound: Callable[[bytes], bool] | None = None,
    ) -> Reply:
        """What is at `path` (below the base address, or a whole address). What is on disk is used
        when the server says that it still stands; offline, without asking.

        A body that is not `sound` (signed as it should be, say) is given back but never stored,
        and one on disk that is not is as if it were not there.

        Raises `WebError`: with the status at once for what the server refuses, and after
        `attempts` for what could have passed.
        """
        url = self._url(path, params)
        headers = self._headers | ({"accept": accept} if accept else {})
        identity = self._secrets.identity if self._secrets.trusts(url) else ""
        name = key(str(url), headers, identity)
        known = self._cache.read(name)
        if known is not None and sound is not None and not sound(known.body):
            known = None
        if self._offline:
            if known is None:
                raise self._never_fetched(url)
            return Reply(known.status, known.body, known.headers, fresh=False)
        return self._persistently(lambda: self._get(url, headers, name, known, limit, sound))

    def post(self, path: str, *, json: Any, limit: int = 50_000_000) -> Reply:
        """The answer to a question put as JSON (GraphQL). It is never stored."""
        url = self._url(path, None)
        if self._offline:
            raise self._never_fetched(url)
        body = jsonlib.dumps(json).encode()
        headers = self._headers | {"content-type": "application/json"}

        def once() -> Reply:
            with self._answer("POST", url, headers, body=body) as (response, shown):
                return Reply(
                    response.status_code, self._body(response, limit, shown), _plain(response)
                )

        return self._persistently(once)

    def download(
        self,
        url: str,
        to: Path,
        *,
        sha256: str | None = None,
        limit: int,
        accept: str | None = None,
    ) -> Path:
        """Fetch a file of at most `limit` bytes to `to`, which is there whole or not at all.
        Nothing is asked when it is there with the digest `sha256`.

        Raises `WebError`, also when it came twice with another digest.
        """
        address_ = self._url(url, None)
        if sha256 and has_digest(to, sha256):
            return to
        if self._offline:
            raise self._never_fetched(address_)
        headers = self._headers | {"accept-encoding": "identity"}
        headers |= {"accept": accept} if accept else {}
        partial = Partial(to, str(address_))
        to.parent.mkdir(parents=True, exist_ok=True)
        with self._alone(partial):
            if sha256 and has_digest(to, sha256):
                return to
            for _ in range(2):
                self._persistently(
                    lambda: self._download(address_, headers, partial, sha256 is not None, limit)
                )
                if sha256 is None or partial.sha256() == sha256.lower():
                    partial.become_whole()
                    return to
                partial.discard()
        shown = self._secrets.shown(address_)
        raise WebError(
            f"{shown}: it came twice with another SHA-256 than {sha256}; it was refused", url=shown
        )

    def each(
        self, function: Callable[[T], R], items: Sequence[T], *, stage: str, unit: str
    ) -> list[R | WebError]:
        """What `function` gives for each item, in their order, or the `WebError` it raised; at
        most `concurrency` at a time."""
        try:
            return crowd.each(
                function,
                items,
                threads=self._concurrency,
                progress=self._progress,
                stage=stage,
                unit=unit,
            )
        except BaseException:
            self._stop.set()
            raise

    def close(self) -> None:
        self._stop.set()
        self._client.close()

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
        with self._answer("GET", url, headers, known=known) as (response, shown):
            if response.status_code == 304 and known is not None:
                return Reply(304, known.body, {**known.headers, **_plain(response)}, fresh=False)
            body = self._body(response, limit, shown)
            storable = response.status_code == 200 and "no-store" not in _directives(response)
            if storable and (sound is None or sound(body)):
                at = address(str(response.request.url))
                self._cache.write(name, Entry(at, 200, kept_headers(response.headers), body))
            return Reply(response.status_code, body, _plain(response))

    def _download(
        self,
        url: httpx.URL,
        headers: Mapping[str, str],
        partial: Partial,
        digest_known: bool,
        limit: int,
    ) -> None:
        ranged = partial.conditions(digest_known)
        try:
            with self._answer("GET", url, {**headers, **ranged}) as (response, shown):
                if response.status_code == 206 and not partial.goes_on(response):
                    partial.discard()
                    raise PassingError(f"{shown}: it answered with another part", url=shown)
                there = partial.size if response.status_code == 206 else 0
                if there > limit:
                    raise too_large(shown, limit)
                with partial.begin(response) as file:
                    save(pieces(response, limit - there, shown, self._came), file)
        except WebError as error:
            if error.status == 416 and ranged:
                partial.discard()
                raise PassingError(str(error), status=416, url=error.url) from None
            raise

    @contextmanager
    def _alone(self, partial: Partial) -> Iterator[None]:
        """Nobody else, in this process or another, fetches the same file meanwhile."""
        locks = self._cache.folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(locks / address(str(partial.path)), thread_local=False)
        while True:
            self._check()
            try:
                with lock.acquire(timeout=1):
                    yield
                    return
            except Timeout:
                continue

    @contextmanager
    def _answer(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        *,
        known: Entry | None = None,
        body: bytes | None = None,
    ) -> Iterator[tuple[httpx.Response, str]]:
        """The answer to one attempt, after redirects, when it is a good one, and its address as
        it may be shown. Every failure leaves as a `WebError`."""
        shown = self._secrets.shown(url)
        try:
            for _ in range(HOPS):
                sent = dict(headers) | {"accept-encoding": headers.get("accept-encoding", "gzip")}
                if known is not None and known.at == address(str(url)):
                    sent |= known.conditions
                with self._asked(method, url, sent, body) as response:
                    if response.status_code in REDIRECTS and "location" in response.headers:
                        url = self._redirected(method, url, response, shown)
                        continue
                    self._judge(
                        url,
                        response,
                        shown,
                        conditional="if-none-match" in sent or "if-modified-since" in sent,
                    )
                    yield response, shown
                    return
            raise WebError(f"{shown}: more than {HOPS} redirects", url=shown)
        except httpx.InvalidURL:
            raise WebError(f"{shown}: it is no address, or redirects to none", url=shown) from None
        except httpx.TimeoutException as error:
            kind = type(error).__name__.removesuffix("Timeout").lower()
            raise PassingError(f"{shown}: no answer in time ({kind})", url=shown) from None
        except httpx.HTTPError as error:
            text = self._secrets.redacted(str(error)) or type(error).__name__
            if isinstance(error, httpx.TransportError) and not isinstance(
                error, httpx.LocalProtocolError | httpx.UnsupportedProtocol
            ):
                raise PassingError(f"{shown}: {text}", url=shown) from None
            raise WebError(f"{shown}: {text}", url=shown) from None

    @contextmanager
    def _asked(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], body: bytes | None
    ) -> Iterator[httpx.Response]:
        """One request and what comes back, with its body still to be read."""
        self._check()
        place = self._place(url)
        self._pace.hold(place)
        conditional = "if-none-match" in headers or "if-modified-since" in headers
        with self._lock:
            self.counts.requests += 1
            self.counts.conditional += conditional
        request = httpx.Request(
            method,
            url,
            headers={"user-agent": user_agent(), **headers, **self._secrets.headers(url)},
            content=body,
            extensions={"timeout": TIMEOUT.as_dict()},
        )
        response = self._client.send(request, stream=True, auth=None, follow_redirects=False)
        try:
            if response.status_code == 304:
                with self._lock:
                    self.counts.not_modified += 1
            yield response
        finally:
            response.close()

    def _judge(
        self, url: httpx.URL, response: httpx.Response, shown: str, conditional: bool
    ) -> None:
        """Raises unless the answer is one to go on with."""
        status = response.status_code
        place = self._place(url)
        if status < 400:
            self._pace.note(place, response.headers, refused=False)
            if 200 <= status < 300 or (status == 304 and conditional):
                return
            raise WebError(f"{shown}: the server answered {status}", status=status, url=shown)
        body = self._error_body(response)
        if refuses(status, response.headers, body):
            self._pace.note(place, response.headers, refused=True)
            refusal = PassingError(
                f"{shown}: too many requests (status {status})", status=status, url=shown
            )
            refusal.after = 0.0
            raise refusal
        self._pace.note(place, response.headers, refused=False)
        text = f"{shown}: the server answered {status} {response.reason_phrase}".rstrip()
        if status not in PASSING:
            raise WebError(text + self._hint(status), status=status, url=shown)
        failure = PassingError(text, status=status, url=shown)
        if "retry-after" in response.headers:
            now = server_time(response.headers, self._clock())
            asked = seconds_of(response.headers["retry-after"], now)
            failure.after = min(asked, 300.0) if asked else None
        raise failure

    def _redirected(
        self, method: str, url: httpx.URL, response: httpx.Response, shown: str
    ) -> httpx.URL:
        """Where an answer sends us. Secrets do not follow to another host, and nothing follows
        from https to http."""
        self._pace.note(self._place(url), response.headers, refused=False)
        to = url.join(response.headers["location"]).copy_with(fragment=None, userinfo=b"")
        if to.scheme not in ("http", "https") or (url.scheme == "https" and to.scheme == "http"):
            raise WebError(
                f"{shown}: it redirects from {url.scheme} to {to.scheme[:10]}, which is not "
                "followed",
                status=response.status_code,
                url=shown,
            )
        if method != "GET" and (response.status_code < 307 or not self._secrets.trusts(to)):
            raise WebError(
                f"{shown}: the question was redirected elsewhere; look at the address given",
                status=response.status_code,
                url=shown,
            )
        return to

    def _persistently(self, once: Callable[[], T]) -> T:
        """What one attempt gives, tried again while it fails in a way that may pass."""
        retrying = Retrying(
            stop=stop_after_attempt(self._attempts),
            wait=_pause,
            retry=retry_if_exception_type(PassingError),
            sleep=self._sleep,
            before_sleep=self._count_retry,
            reraise=True,
        )
        try:
            return retrying(once)
        except PassingError as error:
            times = f" (after {self._attempts} attempts)" if self._attempts > 1 else ""
            raise WebError(f"{error}{times}", status=error.status, url=error.url) from None

    def _count_retry(self, _state: RetryCallState) -> None:
        with self._lock:
            self.counts.retried += 1

    def _sleep(self, seconds: float) -> None:
        """Wait, unless the work is called off."""
        if seconds <= 0:
            return
        self._check()
        with self._lock:
            self.counts.waited_seconds += seconds
        if self._sleep_for is None:
            self._stop.wait(seconds)
        else:
            self._sleep_for(seconds)
        self._check()

    def _check(self) -> None:
        crowd.check()
        if self._stop.is_set():
            raise StoppedError(f"{self.name}: interrupted")

    def _body(self, response: httpx.Response, limit: int, shown: str) -> bytes:
        return b"".join(pieces(response, limit, shown, self._came))

    def _error_body(self, response: httpx.Response) -> bytes:
        """The beginning of a refusal's body; what cannot be read of it does not matter."""
        try:
            return self._body(response, ERROR_BODY, "")
        except (WebError, httpx.HTTPError):
            return b""

    def _came(self, size: int) -> None:
        self._check()
        with self._lock:
            self.counts.bytes += size

    def _place(self, url: httpx.URL) -> tuple[object, ...]:
        """Where a rate limit may hold: the server, and the first step of the path below the base
        (GitHub counts searches apart)."""
        below = str(url.copy_with(query=None)).removeprefix(self._secrets.base)
        return origin(url), below.strip("/").partition("/")[0]

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
            text = self._secrets.redacted(path.partition("?")[0])
            raise WebError(f"{self.name}: {text!r} is no address") from None

    def _never_fetched(self, url: httpx.URL) -> WebError:
        shown = self._secrets.shown(url)
        return WebError(
            f"{shown} was never fetched here: run the same command once without --offline",
            url=shown,
        )

    def _hint(self, status: int) -> str:
        if status == 401:
            return "; the token is missing, wrong or out of date"
        if status == 403:
            return "; the token may not see this"
        return ""


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, PassingError) and error.after is not None:
        return error.after
    return BACKOFF(state)


def _plain(response: httpx.Response) -> dict[str, str]:
    return dict(response.headers.items())


def _directives(response: httpx.Response) -> set[str]:
    listed = response.headers.get("cache-control", "").lower().split(",")
    return {directive.strip() for directive in listed}
