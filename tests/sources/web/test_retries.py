"""Faults that pass: tried again after a wait that grows and varies, at most `attempts` times."""

from __future__ import annotations

import gzip
import random
import socket
from pathlib import Path

import httpx
import pytest

from factory.errors import RequestError
from sources.web import Web, WebError
from sources.web.patience import Patience
from tests.loopback import Answer, Loopback
from tests.sources.web.conftest import Client, Time, Told

BODY = bytes(range(256)) * 400
FAULTS = ["500", "502", "503", "reset", "break", "truncate", "429", "429-after"]


def serve(_request: object) -> Answer:
    return Answer(200, BODY)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_passes(client: Client, time: Time, fault: str) -> None:
    with Loopback(serve, script={"/a": [fault, fault]}) as server:
        web = client(server.url)
        assert web.get("a").body == BODY
        assert server.count() == 3
    assert (web.counts.requests, web.counts.retried) == (3, 2)
    assert web.counts.waited_seconds == pytest.approx(sum(time.slept))
    assert len(time.slept) == 2


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_is_tried_for_ever(client: Client, fault: str) -> None:
    with Loopback(serve, script={"/a": [fault] * 9}) as server:
        web = client(server.url, attempts=4)
        with pytest.raises(WebError, match=r"/a: .* \(after 4 attempts\)$") as caught:
            web.get("a")
        assert server.count() == 4
    assert caught.value.status == (int(fault[:3]) if fault[0].isdigit() else 0)


def test_waits_grow_and_vary(tmp_path: Path) -> None:
    """Full jitter: between nothing and twice the last bound, and not the same for everybody."""
    random.seed(1)
    waits = []
    with Loopback(serve, faults=1.0, kinds=["500"], in_a_row=999) as server:
        for _ in range(20):
            time = Time()
            with (
                Web(tmp_path, "x", base=server.url, sleep=time.sleep) as web,
                pytest.raises(WebError),
            ):
                web.get("a")
            waits.append(time.slept)
    for bound, column in zip([0.5, 1, 2, 4, 8, 16, 20], zip(*waits, strict=True), strict=True):
        assert 0 <= min(column) < bound / 2 < max(column) <= bound
        assert len(set(column)) == 20


@pytest.mark.parametrize(("asked", "wait"), [("7", 7.0), ("4000", 300.0)])
def test_a_server_that_names_a_time_is_obeyed(
    client: Client, time: Time, asked: str, wait: float
) -> None:
    """Five minutes at most: it said that it is out of order, not that we are too many."""
    answers = [Answer(503, headers={"retry-after": asked}), Answer(200, b"x")]
    with Loopback(lambda _: answers.pop(0)) as server:
        client(server.url).get("a")
    assert time.slept == [wait]


@pytest.mark.parametrize("cut", [1, 5, 200, -1])
def test_gzip_that_ends_early_is_no_answer(client: Client, cut: int) -> None:
    """The connection ended in order and no length was given: only gzip's own end tells."""
    packed = gzip.compress(b"".join(bytes([n % 251]) * (n % 7) for n in range(5000)), 1)
    headers = {"content-encoding": "gzip", "connection": "close"}
    answers = [packed[:cut], packed[: cut - 7], packed]
    with Loopback(lambda _: Answer(200, answers.pop(0), headers, whole=False)) as server:
        web = client(server.url)
        assert web.get("a").body == gzip.decompress(packed)
        assert web.counts.retried == 2


def test_a_server_that_says_nothing_is_left(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patience, "timeouts", httpx.Timeout(0.2).as_dict())
    with Loopback(serve, script={"/a": ["stall"], "/b": ["stall"] * 9}) as server:
        web = client(server.url, attempts=3)
        assert web.get("a").body == BODY
        with pytest.raises(WebError, match=r"/b: no answer in time \(after 3 attempts\)"):
            web.get("b")


def test_a_name_that_nobody_knows_is_said_in_words(
    client: Client, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    web = client("https://hex.example", hurried=True)
    expected = r"^cannot reach hex\.example: no such host or no network \(after 2 attempts\)$"
    with pytest.raises(WebError, match=expected) as caught:
        web.get("packages?key=x")
    assert caught.value.url == "https://hex.example/packages?key=…"
    # Once, and before anybody wonders why nothing moves.
    assert told.lines == ["hex: cannot reach hex.example: no such host or no network; trying again"]


def test_a_proxy_that_is_not_there_is_named(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        proxy = f"http://user:secret@127.0.0.1:{closed.getsockname()[1]}"
        monkeypatch.setenv("HTTP_PROXY", proxy)
        web = client("http://hex.example:8080", attempts=1)
        with pytest.raises(WebError) as caught:
            web.get("a")
    assert str(caught.value) == (
        "cannot reach hex.example:8080 through the proxy that HTTP_PROXY names: connection refused"
    )


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HTTPS_PROXY", "ftp://proxy", "names a proxy whose address is none"),
        ("ALL_PROXY", "socks5://proxy:1080", "names a proxy of a kind that is not spoken here"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "SSL_CERT_FILE"),
    ],
)
def test_an_environment_that_cannot_be_used_is_named(
    client: Client, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(RequestError, match=said):
        client("https://hex.example")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503, headers={"retry-after": "60"}),
        Answer(429, headers={"retry-after": "60"}),
        Answer(200, BODY, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}, fault="break"),
    ],
)
def test_who_is_hurried_neither_waits_nor_asks_long(
    client: Client, time: Time, answer: Answer
) -> None:
    with Loopback(lambda _: answer) as server:
        with pytest.raises(WebError):
            client(server.url, hurried=True).get("a")
        assert 1 <= server.count() <= 2
    assert sum(time.slept) <= 2


def test_a_server_that_is_not_there_is_soon_given_up(client: Client, time: Time) -> None:
    """Eight attempts find out; what is asked after that finds out with one each, until one gets
    through."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        web = client(f"http://127.0.0.1:{port}")
        with pytest.raises(WebError, match=r"(?i)refused.*\(after 8 attempts\)") as caught:
            web.get("a")
        assert caught.value.status == 0
        assert web.counts.requests == 8
        for n in range(10):
            with pytest.raises(WebError, match=r"(?i)refused\b[^(]*$"):
                web.get(f"b{n}")
        assert web.counts.requests == 18
    with Loopback(serve, script={"/a": ["ok", "500", "ok"]}, port=port) as server:
        assert web.get("a").body == web.get("a").body == BODY
        assert server.count() == 3


@pytest.mark.parametrize("seed", range(8))
def test_a_fifth_of_requests_failing_hurts_nobody(client: Client, seed: int) -> None:
    with Loopback(serve, faults=0.2, seed=seed) as server:
        web = client(server.url)
        replies = web.each(lambda n: web.get(str(n)), range(12), stage="s", unit="u")
        bad = sum(asked.fault not in ("", "delay") for asked in server.requests)
    assert [getattr(reply, "body", reply) for reply in replies] == [BODY] * 12
    assert web.counts.requests == 12 + bad
    assert web.counts.retried == bad
