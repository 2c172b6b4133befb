"""Many at once: bounded, in order, each failure its own, and over at once when called off."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from sources.web import WebError
from tests.loopback import Answer, Loopback, Request
from tests.sources.web.conftest import Client, Told


def test_exactly_so_many_at_once(client: Client) -> None:
    """Every answer waits until four requests are there: fewer at once would never end."""
    barrier = threading.Barrier(4, timeout=30)

    def handle(_request: Request) -> Answer:
        barrier.wait()
        return Answer(200, b"x")

    with Loopback(handle) as server:
        web = client(server.url, concurrency=4)
        web.each(lambda n: web.get(str(n)), range(20), stage="s", unit="u")
        assert server.most_at_once == 4


def test_the_bound_holds_for_a_client_whoever_asks(client: Client) -> None:
    """Two crowds of one client do not ask more than one."""
    with Loopback(lambda _: Answer(200, b"x"), faults=1, kinds=["delay"], in_a_row=99) as server:
        web = client(server.url, concurrency=3)

        def crowd(name: str) -> None:
            web.each(lambda n: web.get(f"{name}{n}"), range(15), stage="s", unit="u")

        threads = [threading.Thread(target=crowd, args=(name,)) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.count() == 30
        assert server.most_at_once <= 3


def test_results_are_in_order_and_failures_their_own(client: Client, told: Told) -> None:
    def handle(request: Request) -> Answer:
        n = int(request.path[1:])
        return Answer(404 if n % 3 == 0 else 200, b"*" * n)

    with Loopback(handle, faults=0.5, kinds=["delay", "503"], delay=0.01) as server:
        web = client(server.url)
        results = web.each(lambda n: web.get(str(n)).body, iter(range(9)), stage="s", unit="pages")
    assert [r.status if isinstance(r, WebError) else r for r in results] == [
        404 if n % 3 == 0 else b"*" * n for n in range(9)
    ]
    assert told.events[0] == ("start", "s", 9, "pages")
    assert told.events[-1] == ("finish",)
    advances = told.events[1:-1]
    assert [event[:2] for event in advances] == [("advance", 1)] * 9
    assert sum(event[2] for event in advances) == web.counts.bytes > 0


def test_nothing_to_do(client: Client, told: Told) -> None:
    assert client("http://127.0.0.1").each(str, [], stage="s", unit="u") == []
    assert told.events == [("start", "s", 0, "u"), ("finish",)]


def test_a_mistake_ends_the_work(client: Client, told: Told) -> None:
    """What is no `WebError` is raised, what was not begun is left, and the client lives on."""
    begun, raised = [], threading.Event()

    def function(n: int) -> None:
        begun.append(n)
        if n == 5:
            raise ZeroDivisionError("mine")
        if n > 5:
            raised.wait()

    with Loopback(lambda _: Answer(200, b"x")) as server:
        web = client(server.url, concurrency=2)
        with pytest.raises(ZeroDivisionError, match="mine"):
            web.each(function, range(1000), stage="mistaken", unit="u")
        assert told.events[-1] == ("finish",)
        raised.set()
        for thread in threading.enumerate():
            if thread.name.startswith("mistaken"):
                thread.join()
        assert len(begun) <= 7
        assert web.get("after").body == b"x"


INTERRUPTED = textwrap.dedent("""
    import signal, sys
    from pathlib import Path
    from sources.web import Web
    signal.signal(signal.SIGINT, signal.default_int_handler)
    web = Web(Path(sys.argv[2]), "hex", base=sys.argv[1], concurrency=4)
    try:
        web.each(lambda n: web.get(str(n)), range(100), stage="s", unit="u")
    except KeyboardInterrupt:
        try:
            web.get("another")
        except Exception as error:
            print("interrupted,", error)
        sys.exit(130)
""")


@pytest.mark.parametrize("state", ["answering", "waiting"])
def test_ctrl_c_ends_it_at_once(tmp_path: Path, state: str) -> None:
    """While four servers say nothing (their timeout is a minute), and while a limit is waited out:
    the process ends, although nobody answers until it did, and nothing more was asked."""
    here = threading.Semaphore(0)
    going_on = threading.Event()

    def handle(_request: Request) -> Answer:
        here.release()
        if state == "waiting":
            return Answer(429, headers={"retry-after": "600"})
        going_on.wait()
        return Answer(200, b"x")

    with Loopback(handle) as server:
        argv = [sys.executable, "-c", INTERRUPTED, server.url, str(tmp_path)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(4 if state == "answering" else 1):
                assert here.acquire(timeout=30)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
        asked = server.count()
        going_on.set()
    assert process.returncode == 130
    assert out == "interrupted, hex: interrupted, or asked after it was closed\n"
    assert asked <= 4
