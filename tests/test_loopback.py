"""The server that fails on purpose fails as it says."""

from __future__ import annotations

import http.client
import threading

import pytest

from tests.loopback import KINDS, Answer, Loopback, Request


def hello(request: Request) -> Answer:
    return Answer(200, request.query.get("say", "hello").encode() * 100, {"X-Path": request.path})


def ask(url: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """The status and body of one request; what came before the connection broke, or -1 and why."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET" if body is None else "POST", path, body)
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.IncompleteRead as error:
        return -1, error.partial
    except (ConnectionError, http.client.RemoteDisconnected) as error:
        return -1, type(error).__name__.encode()
    finally:
        connection.close()


def test_it_answers_notes_and_counts() -> None:
    with Loopback(hello) as server:
        assert ask(server.url, "/a?say=x") == (200, b"x" * 100)
        assert ask(server.url, "/b", b"body")[0] == 200
        assert [(a.method, a.path, a.status, a.body) for a in server.requests] == [
            ("GET", "/a?say=x", 200, b""),
            ("POST", "/b", 200, b"body"),
        ]
        assert (server.count(), server.count("/a"), server.count("/c")) == (2, 1, 0)
        server.forget()
        assert (server.count(), server.most_at_once) == (0, 0)


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("500", (500, b"<html>played</html>")),
        ("429", (429, b'{"message":"played"}')),
        ("truncate", (-1, b"hello" * 50)),
        ("reset", (-1, b"ConnectionResetError")),
        ("break", (-1, b"ConnectionResetError")),
        ("delay", (200, b"hello" * 100)),
        ("ok", (200, b"hello" * 100)),
    ],
)
def test_a_script_is_played(fault: str, seen: tuple[int, bytes]) -> None:
    with Loopback(hello, script={"/a": [fault]}) as server:
        assert ask(server.url, "/a") == seen
        assert ask(server.url, "/a?x=1") == (200, b"hello" * 100)
        assert [a.fault for a in server.requests] == ["" if fault == "ok" else fault, ""]


def test_a_stalled_answer_waits_to_be_released() -> None:
    with Loopback(hello, script={"/a": ["stall"]}) as server:
        results: list[tuple[int, bytes]] = []
        thread = threading.Thread(target=lambda: results.append(ask(server.url, "/a")))
        thread.start()
        assert server.stalled.wait(10)
        assert results == []
        server.release.set()
        thread.join()
        assert results == [(200, b"hello" * 100)]


def test_the_same_seed_fails_the_same_requests() -> None:
    """Whatever the order of paths; about the share that was asked for; never too often in a row."""

    def faults(seed: int, order: list[int]) -> dict[int, list[str]]:
        server = Loopback(hello, faults=0.3, seed=seed, in_a_row=2)
        played: dict[int, list[str]] = {}
        for _ in range(20):
            for path in order:
                played.setdefault(path, []).append(server.fault_for(f"/{path}"))
        return played

    paths = list(range(50))
    first = faults(1, paths)
    assert faults(1, paths[::-1]) == first
    assert faults(2, paths) != first
    flat = [fault for each in first.values() for fault in each]
    assert 0.2 < sum(map(bool, flat)) / len(flat) < 0.35
    assert set(flat) == {"", *KINDS}
    for each in first.values():
        longest = max(map(len, "".join("x" if fault else " " for fault in each).split()))
        assert longest <= 2


def test_a_stopped_server_answers_nobody() -> None:
    with Loopback(hello) as server:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello" * 100
    with pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        connection.request("GET", "/")
        connection.getresponse()
    connection.close()


def in_a_process(body: str) -> Loopback:
    return Loopback(lambda _: Answer(200, body.encode()))


def test_it_runs_in_a_process_of_its_own() -> None:
    with Loopback.process(in_a_process, "there") as url:
        assert ask(url, "/") == (200, b"there")
    assert ask(url, "/") == (-1, b"ConnectionRefusedError")
