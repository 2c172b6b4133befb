"""Certificates: a private server's is believed when it is named, and https never becomes http."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sources.web import WebError
from tests.loopback import Answer, Loopback
from tests.sources.web.conftest import Client


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate that it signed itself, for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a private mirror")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mirror.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


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
