"""Secrets: which requests carry them, and how they stay out of all that is said or stored.

A secret is the value of a header. It goes to the origin (scheme, host and port) of the client's
base address alone, whoever redirects where. An address is shown without its user, without the
values of parameters that look like a secret, and, when it is another host's (redirects are signed
there), without any parameter.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
from collections.abc import Mapping

import httpx

from factory.errors import RequestError

TELLING = re.compile(
    r"(?i)(token|secret|passw|credential|signature|^sig$|auth|api-?_?key|^key$|session|^jwt$|^x-amz-)"
)
HIDDEN = "…"
SAFE_VALUE = re.compile(r"[\x20-\x7e]*")

Origin = tuple[str, str, int | None]
PORTS = {"http": 80, "https": 443}


def origin(url: httpx.URL) -> Origin:
    """Scheme, host and port (the scheme's own when none is given)."""
    return url.scheme, url.host, url.port or PORTS.get(url.scheme)


class Secrets:
    """The secret headers of one client and the origin they belong to."""

    def __init__(self, name: str, base: str, secrets: Mapping[str, str]) -> None:
        """`base` may hold a user and password (`https://user:password@mirror`), which become a
        secret header. Raises `RequestError` for what no header can carry."""
        try:
            url = httpx.URL(base)
        except (httpx.InvalidURL, TypeError, ValueError):
            raise RequestError(f"{name}: the address given is no address") from None
        headers = {header.lower(): value for header, value in secrets.items() if value}
        if url.userinfo:
            basic = base64.b64encode(f"{url.username}:{url.password}".encode()).decode("ascii")
            headers.setdefault("authorization", f"Basic {basic}")
            url = url.copy_with(userinfo=b"")
        for header, value in headers.items():
            if not SAFE_VALUE.fullmatch(value):
                raise RequestError(
                    f"{name}: the secret for the header {header!r} holds a line break or another "
                    "character that no header can carry; look at how the variable was set"
                )
        if url.scheme not in ("", *PORTS):
            raise RequestError(f"{name}: {url.scheme}:// is no address of a web server")
        self.base = str(url).rstrip("/")
        self._headers = headers
        self._origin = origin(url)
        self._words = sorted(_words(headers), key=len, reverse=True)
        self.identity = _identity(headers)

    def headers(self, url: httpx.URL) -> Mapping[str, str]:
        """The secret headers that a request to this address may carry."""
        return self._headers if self.trusts(url) else {}

    def trusts(self, url: httpx.URL) -> bool:
        """Whether the address is of the client's own server (a step up to https is)."""
        there = origin(url)
        upgraded = ("https", self._origin[1], 443)
        return there == self._origin or (
            there == upgraded and self._origin[0] == "http" and self._origin[2] == 80
        )

    def shown(self, url: httpx.URL) -> str:
        """The address as it may be read by anybody."""
        plain = url.copy_with(userinfo=b"", fragment=None)
        if not plain.query:
            return self.redacted(str(plain))
        if not self.trusts(url):
            return self.redacted(str(plain.copy_with(query=None))) + "?" + HIDDEN
        return self.redacted(str(plain.copy_with(query=None)) + "?" + _shown_query(plain))

    def redacted(self, text: str) -> str:
        """The text without any secret of this client."""
        for word in self._words:
            text = text.replace(word, HIDDEN)
        return text


def _shown_query(url: httpx.URL) -> str:
    pairs = url.params.multi_items()
    return "&".join(f"{key}={HIDDEN if TELLING.search(key) else value}" for key, value in pairs)


def _words(headers: Mapping[str, str]) -> set[str]:
    """The secrets as they could appear: whole, and without their scheme (`Bearer x`)."""
    words = set()
    for value in headers.values():
        words |= {value, value.rpartition(" ")[2]}
        if value.lower().startswith("basic "):
            try:
                decoded = base64.b64decode(value[6:], validate=True).decode("utf-8")
            except ValueError:
                continue
            words |= {decoded, decoded.partition(":")[2]}
    return {word for word in words if len(word) > 3}


def _identity(headers: Mapping[str, str]) -> str:
    """Names whoever holds these secrets, "" for nobody. It becomes part of a stored file's name,
    so it is made slow to guess from (a password may be weak)."""
    if not headers:
        return ""
    packed = json.dumps(sorted(headers.items())).encode()
    return hashlib.scrypt(packed, salt=b"elixir-factory web cache", n=2**12, r=8, p=1).hex()


SIGNED = re.compile(r"(?i)(\(b'location', b'[^'?]*\?)[^']*")


def _without_queries(record: logging.LogRecord) -> bool:
    """httpx logs the whole address of each request, and httpcore where each redirect goes (in its
    debugging); signed addresses are secrets."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            arg.copy_with(query=None, userinfo=b"") if isinstance(arg, httpx.URL) else arg
            for arg in record.args
        )
    record.msg = SIGNED.sub(rf"\1{HIDDEN}", str(record.msg))
    return True


for _logger in ("httpx", "httpcore.http11"):
    logging.getLogger(_logger).addFilter(_without_queries)
