"""Files: whole or not there, checked, bounded, and gone on with after a break or a kill."""

from __future__ import annotations

import gzip
import hashlib
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from sources.web import WebError
from sources.web.download import Partial
from tests.loopback import Answer, Loopback, Request
from tests.sources.web.conftest import Client

DATA = b"".join(n.to_bytes(4, "big") for n in range(60_000))
SHA256 = hashlib.sha256(DATA).hexdigest()
TAG = "an-unquoted-tag"
LIMIT = 10_000_000


def ranged(data: bytes = DATA, headers: Mapping[str, str] = {"etag": TAG}) -> Loopback:
    """A server of one file that can go on from anywhere while its tag or date is the same."""

    def handle(request: Request) -> Answer:
        asked, since = request.headers.get("range"), request.headers.get("if-range")
        if asked is None or (since is not None and since not in headers.values()):
            return Answer(200, data, headers)
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(data):
            return Answer(416, headers={"content-range": f"bytes */{len(data)}"})
        where = {"content-range": f"bytes {start}-{len(data) - 1}/{len(data)}"}
        return Answer(206, data[start:], {**headers, **where})

    return Loopback(handle)


def asked_for(server: Loopback) -> list[tuple[str | None, str | None]]:
    return [(a.headers.get("range"), a.headers.get("if-range")) for a in server.requests]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_whole_and_is_not_asked_for_again(client: Client, tmp_path: Path) -> None:
    to = tmp_path / "files" / "a.tar"
    with ranged() as server:
        web = client(server.url)
        assert web.download("a.tar", to, sha256=SHA256.upper(), limit=LIMIT) == to
        assert web.download("a.tar", to, sha256=SHA256, limit=LIMIT) == to
        offline = client(server.url, offline=True)
        assert offline.download("a.tar", to, sha256=SHA256, limit=LIMIT) == to
        assert offline.download("a.tar", to, limit=LIMIT) == to
        with pytest.raises(WebError, match="never fetched here"):
            offline.download("b.tar", tmp_path / "b", limit=LIMIT)
        assert server.count() == 1
        assert server.requests[0].headers["accept-encoding"] == "identity"
        to.write_bytes(b"damaged")
        web.download("a.tar", to, sha256=SHA256, limit=LIMIT)
    assert to.read_bytes() == DATA
    assert files(to.parent) == ["a.tar"]


def test_a_break_is_gone_on_from(client: Client, tmp_path: Path) -> None:
    with ranged() as server:
        server.script["/a"] = ["break", "truncate", "500"]
        web = client(server.url)
        web.download("a", tmp_path / "a", limit=LIMIT)
        half = int(asked_for(server)[1][0][6:-1])  # type: ignore[index]
        assert 0 < half <= len(DATA) // 2
        three_quarters = half + (len(DATA) - half) // 2
        assert asked_for(server) == [
            (None, None),
            (f"bytes={half}-", TAG),
            (f"bytes={three_quarters}-", TAG),
            (f"bytes={three_quarters}-", TAG),
        ]
    assert (tmp_path / "a").read_bytes() == DATA
    assert files(tmp_path) == ["a", "cache"]


@pytest.mark.parametrize(
    ("headers", "sha256", "condition"),
    [
        ({"etag": '"strong"'}, None, '"strong"'),
        ({"etag": 'W/"weak"', "last-modified": "a date"}, None, "a date"),
        ({"last-modified": "a date"}, None, "a date"),
        # Without a validator the file's own digest tells whether the parts belong together.
        ({}, SHA256, None),
        ({"etag": 'W/"weak"'}, SHA256, None),
    ],
)
def test_what_lets_a_break_be_gone_on_from(
    client: Client,
    tmp_path: Path,
    headers: dict[str, str],
    sha256: str | None,
    condition: str | None,
) -> None:
    with ranged(headers=headers) as server:
        server.script["/a"] = ["truncate"]
        client(server.url).download("a", tmp_path / "a", sha256=sha256, limit=LIMIT)
        assert asked_for(server)[1] == (f"bytes={len(DATA) // 2}-", condition)
    assert (tmp_path / "a").read_bytes() == DATA


def test_without_validator_or_digest_it_begins_anew(client: Client, tmp_path: Path) -> None:
    with ranged(headers={}) as server:
        server.script["/a"] = ["truncate"]
        client(server.url).download("a", tmp_path / "a", limit=LIMIT)
        assert asked_for(server) == [(None, None)] * 2
    assert (tmp_path / "a").read_bytes() == DATA


@pytest.mark.parametrize("rest", ["ignores", "changed", "wrong place", "unsatisfiable"])
def test_a_server_that_does_not_go_on(client: Client, tmp_path: Path, rest: str) -> None:
    def handle(request: Request) -> Answer:
        if "range" not in request.headers or rest == "ignores":
            return Answer(200, DATA, {"etag": TAG})
        if rest == "changed":
            return Answer(200, DATA, {"etag": "another"})
        if rest == "unsatisfiable":
            return Answer(416)
        return Answer(206, DATA[1:], {"content-range": f"bytes 1-{len(DATA) - 1}/{len(DATA)}"})

    with Loopback(handle, script={"/a": ["truncate"]}) as server:
        client(server.url).download("a", tmp_path / "a", limit=LIMIT)
    assert (tmp_path / "a").read_bytes() == DATA
    assert files(tmp_path) == ["a", "cache"]


def test_parts_of_two_versions_are_told_by_the_digest(client: Client, tmp_path: Path) -> None:
    """The server glues a new rest to an old beginning: it is fetched once more from the start."""
    with ranged(headers={}) as server:
        Partial(tmp_path / "a", f"{server.url}/a").path.write_bytes(b"another version's beginning")
        web = client(server.url)
        web.download("a", tmp_path / "a", sha256=SHA256, limit=LIMIT)
        assert asked_for(server) == [("bytes=27-", None), (None, None)]
    assert (tmp_path / "a").read_bytes() == DATA


def test_another_digest_is_refused_after_a_second_try(client: Client, tmp_path: Path) -> None:
    wrong = "0" * 64
    with ranged() as server:
        with pytest.raises(WebError, match=rf"/a: what came has another SHA-256 than {wrong}"):
            client(server.url).download("a", tmp_path / "a", sha256=wrong, limit=LIMIT)
        assert asked_for(server) == [(None, None)] * 2
    assert files(tmp_path) == ["cache"]


@pytest.mark.parametrize("declared", [True, False])
def test_a_file_that_is_too_large_is_refused(
    client: Client, tmp_path: Path, declared: bool
) -> None:
    headers = {} if declared else {"connection": "close"}
    with Loopback(lambda _: Answer(200, DATA, headers, whole=declared)) as server:
        web = client(server.url)
        with pytest.raises(WebError, match=r"/a: the answer is larger than 100,000 bytes"):
            web.download("a", tmp_path / "a", limit=100_000)
        assert server.count() == 1
        assert (web.counts.bytes == 0) is declared
        web.download("a", tmp_path / "a", limit=len(DATA))
    assert files(tmp_path) == ["a", "cache"]


def test_the_limit_holds_for_the_sum_of_the_parts(client: Client, tmp_path: Path) -> None:
    with ranged() as server:
        Partial(tmp_path / "a", f"{server.url}/a").path.write_bytes(DATA[:150_000])
        with pytest.raises(WebError, match="larger than"):
            client(server.url).download("a", tmp_path / "a", sha256=SHA256, limit=200_000)
        assert asked_for(server) == [("bytes=150000-", None)]
    assert files(tmp_path) == ["cache"]


def test_a_file_that_is_not_there_leaves_nothing(client: Client, tmp_path: Path) -> None:
    with Loopback(lambda _: Answer(404)) as server, pytest.raises(WebError) as caught:
        client(server.url).download("a", tmp_path / "sub" / "a", limit=LIMIT)
    assert caught.value.status == 404
    assert not (tmp_path / "sub" / "a").exists()


def test_packing_that_nobody_asked_for_is_undone_and_bounded(
    client: Client, tmp_path: Path
) -> None:
    packed = Answer(200, gzip.compress(DATA), {"content-encoding": "gzip", "etag": TAG})
    with Loopback(lambda _: packed, script={"/a": ["truncate"]}) as server:
        web = client(server.url)
        web.download("a", tmp_path / "a", limit=LIMIT)
        # A range would count packed bytes, and what is here is unpacked.
        assert asked_for(server) == [(None, None)] * 2
        with pytest.raises(WebError, match="larger than"):
            web.download("a", tmp_path / "b", limit=len(DATA) - 1)
    assert (tmp_path / "a").read_bytes() == DATA


KILLED = textwrap.dedent("""
    import sys
    from pathlib import Path
    from sources.web import Web
    base, cache, to, sha256 = sys.argv[1:]
    with Web(Path(cache), "hex", base=base) as web:
        web.download("a", Path(to), sha256=sha256, limit=10_000_000)
""")


def test_a_kill_is_gone_on_from(client: Client, tmp_path: Path) -> None:
    """kill -9 with half of the file here: no file, then the next run fetches the other half."""
    to = tmp_path / "a"
    with ranged() as server:
        server.script["/a"] = ["stall"]
        argv = [sys.executable, "-c", KILLED, server.url, str(tmp_path / "c2"), str(to), SHA256]
        with subprocess.Popen(argv) as process:
            assert server.stalled.wait(30)
            [part] = _until_there(tmp_path, len(DATA) // 2)
            process.send_signal(signal.SIGKILL)
        assert not to.exists()
        there = part.stat().st_size
        web = client(server.url)
        web.download("a", to, sha256=SHA256, limit=LIMIT)
        assert asked_for(server)[1:] == [(f"bytes={there}-", TAG)]
        assert web.counts.bytes == len(DATA) - there
    assert to.read_bytes() == DATA
    assert not list(tmp_path.glob(".*"))


def _until_there(folder: Path, size: int) -> list[Path]:
    """The partial file once something of it is on the disk."""
    for _ in range(3000):
        found = list(folder.glob(".*.part"))
        if found and 0 < found[0].stat().st_size <= size:
            return found
        threading.Event().wait(0.01)
    raise AssertionError("nothing came")


def test_many_who_want_one_file_fetch_it_once(client: Client, tmp_path: Path) -> None:
    with ranged() as server:
        one, two = client(server.url), client(server.url)
        threads = [
            threading.Thread(
                target=web.download,
                args=("a", tmp_path / "a"),
                kwargs={"sha256": SHA256, "limit": LIMIT},
            )
            for web in (one, two) * 4
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.count() == 1
    assert (tmp_path / "a").read_bytes() == DATA
