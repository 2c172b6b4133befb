"""Bodies are bounded, packed and unpacked."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.web import TooLargeError, WebError
from sources.web.body import PIECE, pieces
from sources.web.reply import PassingError
from tests.loopback import Answer, Loopback
from tests.sources.web.conftest import Client

GZIP = {"content-encoding": "gzip"}


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@given(
    parts=st.lists(st.binary(max_size=2000), min_size=1, max_size=4),
    size=st.integers(1, 500),
    level=st.integers(0, 9),
)
def test_what_was_packed_is_unpacked(parts: list[bytes], size: int, level: int) -> None:
    """However it is cut, and in several members."""
    packed = b"".join(gzip.compress(part, level) for part in parts)
    whole = b"".join(parts)
    came: list[int] = []
    response = httpx.Response(200, headers=GZIP, content=chunks(packed, size))
    assert b"".join(pieces(response, len(whole), "u", came.append)) == whole
    assert sum(came) == len(packed)


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    response = httpx.Response(200, headers=GZIP, content=chunks(data, 50))
    try:
        b"".join(pieces(response, 10_000, "u", lambda _: None))
    except WebError as error:
        assert str(error).startswith("u: the answer ")


@pytest.mark.parametrize("headers", [{}, GZIP])
def test_a_body_that_hardly_moves_is_given_up(headers: dict[str, str]) -> None:
    """Each piece comes well within the time-out for silence."""
    now = 0.0

    def drip() -> Iterator[bytes]:
        nonlocal now
        for byte in gzip.compress(bytes(10_000)):
            yield bytes([byte])
            now += 25.0

    response = httpx.Response(200, headers=headers, content=drip())
    with pytest.raises(PassingError, match=r"^u: hardly anything came \(4 bytes in 75 s\)$"):
        list(pieces(response, 10_000, "u", lambda _: None, lambda: now))


def test_a_slow_line_is_borne() -> None:
    now = 0.0

    def slow() -> Iterator[bytes]:
        nonlocal now
        for _ in range(20):
            yield bytes(11_000)
            now += 10.0

    response = httpx.Response(200, content=slow())
    came = pieces(response, 1_000_000, "u", lambda _: None, lambda: now)
    assert sum(map(len, came)) == 220_000


def test_a_bomb_is_refused_before_it_unpacks(client: Client) -> None:
    """256 MiB in a quarter of one; refused when a megabyte came out, in pieces of bounded size."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    with Loopback(lambda _: Answer(200, bomb, GZIP)) as server:
        web = client(server.url)
        tracemalloc.start()
        with pytest.raises(WebError, match=r"/a: the answer is larger than 1,000,000 bytes"):
            web.get("a", limit=1_000_000)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert server.count() == 1
    assert most < 1_000_000 + len(bomb) + 8 * PIECE


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "zstd", "deflate", "gzip,gzip,gzip"])
def test_packing_that_nobody_asked_for_is_refused(client: Client, packing: str) -> None:
    twice = gzip.compress(gzip.compress(b"x"))
    with Loopback(lambda _: Answer(200, twice, {"content-encoding": packing})) as server:
        with pytest.raises(WebError, match="which nobody asked for"):
            client(server.url).get("a")
        assert server.count() == 1


def test_what_is_on_disk_is_bounded_too(client: Client) -> None:
    with Loopback(lambda _: Answer(200, b"x" * 1000)) as server:
        client(server.url).get("a")
        with pytest.raises(WebError, match="larger than 999"):
            client(server.url, offline=True).get("a", limit=999)
        with pytest.raises(TooLargeError):
            client(server.url).get("a", limit=999)
        assert server.count() == 2


def test_an_answer_without_a_body(client: Client) -> None:
    with Loopback(lambda _: Answer(204, headers=GZIP)) as server:
        reply = client(server.url).get("a")
    assert (reply.status, reply.body) == (204, b"")
