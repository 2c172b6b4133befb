"""Reading a body without trusting it: bounded packed and unpacked, whole or refused.

Only `gzip` is asked for, and only gzip is undone, here and not by httpx: that undoes each piece
that comes with no bound (one piece of 64 KiB can become 66 MB, and with `gzip, gzip` a thousand
times that), and takes a gzip stream that stops early for whole.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator

import httpx

from sources.web.reply import PassingError, TooLargeError, WebError

PIECE = 1 << 18
SLACK = 4096
PERIOD = 60.0
SLOWEST = 1000
"""Bytes a second that a body comes with at least, looked at every `PERIOD` seconds (as git is
told); a server that sends a byte a minute is never silent for long enough to time out."""


def pieces(
    response: httpx.Response,
    limit: int,
    url: str,
    came: Callable[[int], None],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """The body, unpacked, in pieces of bounded size; `came` is told of bytes from the wire.

    Raises `WebError` when it is larger than `limit` bytes or packed in a way that was not asked
    for, and `PassingError` when it ends too early or hardly moves.
    """
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing in ("", "identity"):
        yield from _moving(_counted(response, limit, limit, url, came), url, clock)
    elif packing in ("gzip", "x-gzip"):
        # What does not pack grows a little.
        wire = limit + limit // 100 + SLACK
        raw = _moving(_counted(response, wire, limit, url, came), url, clock)
        yield from _unpacked(raw, limit, url)
    else:
        raise WebError(
            f"{url}: the answer is packed as {packing[:40]!r}, which nobody asked for",
            status=response.status_code,
            url=url,
        )


def _counted(
    response: httpx.Response, wire: int, limit: int, url: str, came: Callable[[int], None]
) -> Iterator[bytes]:
    """The bytes from the wire, at most so many of them."""
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > wire:
        raise too_large(url, limit)
    total = 0
    for piece in response.iter_raw():
        total += len(piece)
        came(len(piece))
        if total > wire:
            raise too_large(url, limit)
        yield piece


def _moving(raw: Iterator[bytes], url: str, clock: Callable[[], float]) -> Iterator[bytes]:
    """The same, unless hardly anything comes."""
    began, size = clock(), 0
    for piece in raw:
        size += len(piece)
        now = clock()
        if now - began >= PERIOD:
            if size < SLOWEST * (now - began):
                raise PassingError(
                    f"{url}: hardly anything came ({size:,} bytes in {now - began:.0f} s)", url=url
                )
            began, size = now, 0
        yield piece


def _unpacked(raw: Iterator[bytes], limit: int, url: str) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    total, began = 0, False
    for piece in raw:
        left = piece
        while left:
            if unpacker.eof:
                unpacker = zlib.decompressobj(wbits=31)
            began = True
            try:
                out = unpacker.decompress(left, PIECE)
            except zlib.error:
                raise PassingError(f"{url}: the answer is damaged gzip", url=url) from None
            left = unpacker.unconsumed_tail or unpacker.unused_data
            total += len(out)
            if total > limit:
                raise too_large(url, limit)
            yield out
    if began and not unpacker.eof:
        raise PassingError(f"{url}: the answer ended too early", url=url)


def too_large(url: str, limit: int) -> WebError:
    told = f"{url}: the answer is larger than {limit:,} bytes; it was refused"
    return TooLargeError(told, url=url)
