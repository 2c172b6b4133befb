"""Redirects: followed, but not with a secret to another host, nor down to http, nor for ever."""

from __future__ import annotations

import httpx
import pytest

from sources.web import WebError
from sources.web.secrecy import Secrets
from tests.loopback import Answer, Handle, Loopback, Request
from tests.sources.web.conftest import Client

SECRETS = {"authorization": "Bearer ghp_secret", "x-api-key": "key-secret"}


def always(answer: Answer) -> Handle:
    return lambda _: answer


def test_secrets_stay_with_their_host(client: Client) -> None:
    """As GitHub redirects a tarball's address to another host, signed."""
    with Loopback(lambda _: Answer(200, b"tarball", {"etag": '"t"'})) as other:

        def handle(request: Request) -> Answer:
            place = {"/here": "there", "/there": f"{other.url}/legacy?token=SIGNED#f"}
            return Answer(302, headers={"location": place[request.path]})

        with Loopback(handle) as server:
            web = client(server.url, secrets=SECRETS)
            assert web.get("here").body == b"tarball"
            assert web.get(other.url + "/direct").body == b"tarball"
            for asked in server.requests:
                assert asked.headers["authorization"] == "Bearer ghp_secret"
                assert asked.headers["x-api-key"] == "key-secret"
    assert [asked.path for asked in server.requests] == ["/here", "/there"]
    assert [asked.path for asked in other.requests] == ["/legacy?token=SIGNED", "/direct"]
    for asked in other.requests:
        assert not {"authorization", "x-api-key"} & asked.headers.keys()


def test_a_redirected_answer_is_asked_about_where_it_was(client: Client) -> None:
    def handle(request: Request) -> Answer:
        if request.path == "/old":
            return Answer(301, headers={"location": "/new"})
        known = request.headers.get("if-none-match") == "t"
        return Answer(304) if known else Answer(200, b"x", {"etag": "t"})

    with Loopback(handle) as server:
        web = client(server.url)
        assert [web.get("old").body for _ in range(2)] == [b"x", b"x"]
        asked = [(a.path, a.headers.get("if-none-match")) for a in server.requests]
    assert asked == [("/old", None), ("/new", None), ("/old", None), ("/new", "t")]
    assert (web.counts.conditional, web.counts.not_modified) == (1, 1)


def test_a_redirect_does_not_cost_its_connection(client: Client) -> None:
    def handle(request: Request) -> Answer:
        to = {"location": "/new"}
        return Answer(200, b"x") if request.path == "/new" else Answer(302, b"moved", to)

    with Loopback(handle) as server:
        web = client(server.url)
        for n in range(5):
            web.get(f"old{n}")
        assert (server.count(), server.connections) == (10, 1)


@pytest.mark.parametrize(
    ("location", "what"),
    [
        ("/round", "more than 10 redirects"),
        ("ftp://127.0.0.1/x", "redirects from http to ftp"),
        ("file:///etc/passwd", "redirects from http to file"),
        ("http://x:port/", "no address"),
        ("http://[::1", None),
        ("http://\xff\xfe/", None),
        ("//", None),
    ],
)
def test_a_redirect_to_nowhere_is_an_error(client: Client, location: str, what: str | None) -> None:
    with (
        Loopback(lambda _: Answer(302, headers={"location": location})) as server,
        pytest.raises(WebError, match=what) as caught,
    ):
        client(server.url, attempts=2).get("round")
    assert str(caught.value).startswith((f"{server.url}/round: ", f"{server.url}/round redirects "))


def test_a_question_is_not_carried_elsewhere(client: Client) -> None:
    with Loopback(lambda r: Answer(200, r.body)) as other:
        for status, to in [(307, other.url + "/x"), (302, "/y"), (303, "/y")]:
            with (
                Loopback(always(Answer(status, headers={"location": to}))) as server,
                pytest.raises(WebError, match="the question is redirected elsewhere"),
            ):
                client(server.url).post("q", json={})
        assert other.count() == 0


def test_a_moved_question_follows_on_its_own_host(client: Client) -> None:
    def handle(request: Request) -> Answer:
        if request.path == "/q":
            return Answer(308, headers={"location": "/r"})
        return Answer(200, request.method.encode() + request.body)

    with Loopback(handle) as server:
        assert client(server.url).post("q", json={"a": 1}).body == b'POST{"a": 1}'


@pytest.mark.parametrize(
    ("base", "url", "trusted"),
    [
        ("https://hex.pm/api", "https://hex.pm/other", True),
        ("https://hex.pm/api", "https://HEX.pm:443/", True),
        ("https://hex.pm/api", "https://repo.hex.pm/", False),
        ("https://hex.pm/api", "https://hex.pm.evil.org/", False),
        ("https://hex.pm/api", "https://hex.pm:444/", False),
        ("https://hex.pm/api", "http://hex.pm/", False),
        ("http://hex.pm/api", "https://hex.pm/", True),
        ("http://hex.pm:4000/api", "https://hex.pm/", False),
        ("https://hex.pm/api", "https://hex.pm@evil.org/", False),
        ("", "https://hex.pm/", False),
    ],
)
def test_whose_host_it_is(base: str, url: str, trusted: bool) -> None:
    secrets = Secrets("x", base, {"authorization": "s"})
    assert secrets.trusts(httpx.URL(url)) is trusted
    assert bool(secrets.headers(httpx.URL(url))) is trusted
