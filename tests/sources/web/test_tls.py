"""Certificates: a private server's is believed when it is named, and https never becomes http."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from sources.web import WebError
from tests.certificates import self_signed, serving
from tests.loopback import Answer, Loopback
from tests.sources.web.conftest import Client


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path)


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    return serving(certificate)


def test_a_certificate_that_nobody_knows_is_refused_at_once(
    client: Client, tls: ssl.SSLContext
) -> None:
    with Loopback(lambda _: Answer(200), tls=tls) as server:
        web = client(server.url)
        with pytest.raises(WebError, match=r"CERTIFICATE_VERIFY_FAILED.*in SSL_CERT_FILE"):
            web.get("a")
        assert web.counts.requests == 1
        assert server.count() == 0


def test_a_certificate_that_is_named_is_believed(
    client: Client, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Loopback(lambda _: Answer(200, b"x"), tls=tls) as server:
        assert client(server.url).get("a").body == b"x"


def test_https_does_not_become_http(
    client: Client, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Loopback(lambda _: Answer(200, b"x")) as plain:
        location = {"location": plain.url + "/b"}
        with Loopback(lambda _: Answer(302, headers=location), tls=tls) as server:
            web = client(server.url)
            with pytest.raises(WebError, match="redirects from https to http, which is not"):
                web.get("a")
        assert plain.count() == 0
