"""One attempt: a request, its redirects, and whether the answer is one to go on with.

Every failure leaves here as a `WebError` whose message holds no secret: `PassingError` for what
may pass (5xx, a broken or silent connection, a body that ends early, too many requests), plain
for what will not.

Redirects are followed here and not by httpx, which keeps back `Authorization` alone from another
host; here all secrets are, and nothing follows from https to http.

Not covered: a server that sends the headers of its answer so slowly that it is never silent for
long; a body like that is given up (`body`).
"""

from __future__ import annotations

import socket
import ssl
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

import httpx

from factory.errors import RequestError
from sources.web.body import pieces
from sources.web.cache import Entry, address
from sources.web.crowd import Stop
from sources.web.pace import Pace, Place, refuses
from sources.web.patience import Patience
from sources.web.reply import Counts, PassingError, StoppedError, WebError
from sources.web.secrecy import Secrets, origin

HOPS = 10
ERROR_BODY = 64_000
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEEPING_METHOD = frozenset({307, 308})
PASSING = frozenset({408, 425, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524, 529})
HERE = ("localhost", "127.0.0.1", "[::1]")
HERE_NAMES = frozenset(host.strip("[]") for host in HERE)
HINTS = {
    401: "; the token is missing, wrong or out of date",
    403: "; the token may not see this",
}
UNKNOWN_ISSUER = "; name the file of a private server's certificate in SSL_CERT_FILE"


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


class Exchange:
    """Requests to one server and to where it redirects, at most `concurrency` at a time."""

    def __init__(
        self,
        secrets: Secrets,
        pace: Pace,
        counts: Counts,
        stop: Stop,
        concurrency: int,
        patience: Patience,
    ) -> None:
        """Raises `RequestError` when the environment names a proxy or certificates that cannot be
        used."""
        self._secrets, self._pace, self._counts, self._stop = secrets, pace, counts, stop
        self._patience = patience
        self._lock = threading.Lock()
        limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        try:
            # A proxy of the environment's is used, but not to reach this machine itself.
            mounts = {f"all://{host}": None for host in HERE}
            self._client = httpx.Client(limits=limits, mounts=mounts)
        except ImportError:
            raise _bad_proxy("of a kind that is not spoken here (socks5)") from None
        except (ValueError, httpx.InvalidURL):
            raise _bad_proxy("whose address is none (say http://HOST:PORT)") from None
        except OSError as error:  # the certificates; its SSL errors are OSErrors
            raise RequestError(
                "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: "
                f"{error.strerror or error}"
            ) from None
        self.reached = True
        """Whether the last request got through to a server at all."""

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def answer(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        *,
        known: Entry | None = None,
        body: bytes | None = None,
    ) -> Iterator[httpx.Response]:
        """The answer after redirects, when it is a good one: 2xx, or 304 for what is `known`. Its
        body is still to be read, inside the block."""
        first, shown = url, self._secrets.shown(url)
        try:
            for _ in range(HOPS):
                sent = {"accept-encoding": "gzip", **headers}
                if known is not None and known.at == address(str(url)):
                    sent |= known.conditions
                with self._asked(method, url, sent, body, shown) as response:
                    if response.status_code not in REDIRECTS:
                        yield response
                        return
                    url = self._redirected(method, url, response, shown)
            raise WebError(f"{shown}: more than {HOPS} redirects", url=shown)
        except (httpx.InvalidURL, UnicodeError):
            raise _no_address(shown) from None
        except httpx.ConnectTimeout:
            self.reached = False
            raise _unreachable(url, first, shown, "no answer in time") from None
        except httpx.TimeoutException:
            self.reached = True
            raise PassingError(f"{shown}: no answer in time", url=shown) from None
        except httpx.HTTPError as error:
            self.reached = not isinstance(error, httpx.ConnectError)
            if not self.reached and (why := _why_unreachable(error)):
                raise _unreachable(url, first, shown, why) from None
            if isinstance(error.__context__, httpx.InvalidURL):
                raise _no_address(shown) from None
            text = f"{shown}: {self._secrets.redacted(str(error)) or type(error).__name__}"
            if "CERTIFICATE_VERIFY_FAILED" in text:
                raise WebError(text + UNKNOWN_ISSUER, url=shown) from None
            if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
                raise PassingError(text, url=shown) from None
            raise WebError(text, url=shown) from None

    def body(self, response: httpx.Response, limit: int, shown: str) -> Iterator[bytes]:
        """The answer's body in pieces; see `sources.web.body.pieces`."""
        return pieces(response, limit, shown, self._came)

    @contextmanager
    def _asked(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        body: bytes | None,
        shown: str,
    ) -> Iterator[httpx.Response]:
        """One request and what comes back: a redirect or a good answer."""
        self._stop.check()
        place = self._place(url)
        conditional = "if-none-match" in headers or "if-modified-since" in headers
        request = httpx.Request(
            method,
            url,
            headers={"user-agent": user_agent(), **headers, **self._secrets.headers(url)},
            content=body,
            extensions={"timeout": self._patience.timeouts},
        )
        with self._pace.turn(place) as turn:
            with self._lock:
                self._counts.requests += 1
                self._counts.conditional += conditional
            response = self._client.send(request, stream=True, auth=None, follow_redirects=False)
            try:
                self.reached = True
                limit = self._pace.hear(place, turn, response.headers)
                if response.status_code >= 400:
                    refusal = b"".join(self._refusal(response))
                    if refuses(response.status_code, response.headers, refusal):
                        self._pace.refused(limit, response.status_code, response.headers, refusal)
                        raise _too_many(response.status_code, shown)
                    self._pace.answered(limit)
                    raise self._failure(response, shown)
                self._pace.answered(limit)
                if response.status_code == 304 and conditional:
                    with self._lock:
                        self._counts.not_modified += 1
                elif response.status_code >= 300 and not _redirects(response):
                    raise self._failure(response, shown)
                yield response
            finally:
                response.close()

    def _failure(self, response: httpx.Response, shown: str) -> WebError:
        status = response.status_code
        text = f"{shown}: the server answered {status} {response.reason_phrase}".rstrip()
        if status not in PASSING:
            return WebError(text + HINTS.get(status, ""), status=status, url=shown)
        failure = PassingError(text, status=status, url=shown)
        if asked := self._pace.asked(response.headers):
            failure.after = min(asked, self._patience.pause)
        return failure

    def _refusal(self, response: httpx.Response) -> Iterator[bytes]:
        """The body of an answer that is none; what cannot be read of it does not matter."""
        try:
            yield from self.body(response, ERROR_BODY, "")
        except StoppedError:
            raise
        except (WebError, httpx.HTTPError):
            return

    def _redirected(
        self, method: str, url: httpx.URL, response: httpx.Response, shown: str
    ) -> httpx.URL:
        status = response.status_code
        b"".join(self._refusal(response))  # read, so that the connection can be used again
        to = url.join(response.headers["location"]).copy_with(fragment=None, userinfo=b"")
        if to.scheme not in ("http", "https") or (url.scheme == "https" and to.scheme == "http"):
            raise WebError(
                f"{shown}: it redirects from {url.scheme} to {to.scheme[:10]}, which is not "
                "followed",
                status=status,
                url=shown,
            )
        keeps = status in KEEPING_METHOD and self._secrets.trusts(to)
        if method != "GET" and not keeps:
            raise WebError(
                f"{shown}: the question is redirected elsewhere; look at the address given",
                status=status,
                url=shown,
            )
        return to

    def _place(self, url: httpx.URL) -> Place:
        """Where a rate limit may hold: the server, and the first step of the path below the base
        (GitHub counts searches apart)."""
        below = str(url.copy_with(query=None)).removeprefix(self._secrets.base)
        return origin(url), below.strip("/").partition("/")[0]

    def _came(self, size: int) -> None:
        self._stop.check()
        with self._lock:
            self._counts.bytes += size


def _why_unreachable(error: BaseException | None) -> str:
    """Why no connection was made, for people; "" where the error's own words are better."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return ""
        if isinstance(error, socket.gaierror):
            return "no such host or no network"
        if isinstance(error, OSError) and error.errno and error.strerror:
            return error.strerror[:1].lower() + error.strerror[1:]
        error = error.__cause__ or error.__context__
    return ""


def _unreachable(url: httpx.URL, first: httpx.URL, shown: str, why: str) -> PassingError:
    """`first` is what was asked for, as it is `shown`; `url` is that or where it redirects."""
    led = "" if origin(url) == origin(first) else f"{shown} redirects elsewhere: "
    return PassingError(f"{led}cannot reach {_whom(url)}: {why}", url=shown)


def _whom(url: httpx.URL) -> str:
    """Who could not be reached: the server, or the proxy before it."""
    there = url.netloc.decode("ascii", "replace").rpartition("@")[2]
    proxies = urllib.request.getproxies()
    proxied = url.scheme in proxies or "all" in proxies
    if proxied and url.host not in HERE_NAMES and not urllib.request.proxy_bypass(url.host):
        name = f"{url.scheme}_proxy" if url.scheme in proxies else "all_proxy"
        return f"{there} through the proxy that {name.upper()} names"
    return there


def _bad_proxy(what: str) -> RequestError:
    return RequestError(
        f"the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY) names a proxy {what}; unset or "
        "change it"
    )


def _no_address(shown: str) -> WebError:
    return WebError(f"{shown}: it is no address, or redirects to none", url=shown)


def _redirects(response: httpx.Response) -> bool:
    return response.status_code in REDIRECTS and "location" in response.headers


def _too_many(status: int, shown: str) -> PassingError:
    refusal = PassingError(
        f"{shown}: too many requests (status {status})", status=status, url=shown
    )
    refusal.after = 0.0  # the pace holds the next attempt back
    return refusal
