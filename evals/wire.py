"""Frames between the grader and the VMs it started: a 4-byte length, then so many bytes.

The host VM is ours; a candidate VM is nobody's friend: it may send anything, as fast as it likes,
or nothing at all. A `Link` therefore never waits without a deadline and never holds more than one
frame's budget of what it has not been able to hand on.
"""

from __future__ import annotations

import os
import selectors
import struct
import time
from collections import deque

from evals.sandbox import Running

LENGTH = struct.Struct(">I")


class ClosedError(Exception):
    """The other side ended, or sent what is no frame."""


class Link:
    """One VM's standard input and output as frames, without blocking."""

    def __init__(self, running: Running, largest: int) -> None:
        self.running = running
        self.largest = largest
        """Bytes of the largest frame that is accepted from it."""
        self.open = True
        self._in = running.stdin.fileno()
        self._out = running.stdout.fileno()
        self._unsent: deque[memoryview] = deque()
        self._gathered = bytearray()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)

    @property
    def unsent(self) -> int:
        """Bytes that wait to be taken by the other side."""
        return sum(len(part) for part in self._unsent)

    def send(self, frame: bytes) -> None:
        """Queue a frame and write as much as the pipe takes now."""
        self._unsent.append(memoryview(LENGTH.pack(len(frame)) + frame))
        self._write()

    def _write(self) -> None:
        while self._unsent and self.open:
            try:
                written = os.write(self._in, self._unsent[0])
            except BlockingIOError:
                return
            except OSError:
                self.open = False
                return
            if written == len(self._unsent[0]):
                self._unsent.popleft()
            else:
                self._unsent[0] = self._unsent[0][written:]

    def _read(self) -> None:
        try:
            read = os.read(self._out, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            read = b""
        if not read:
            self.open = False
        self._gathered += read

    def frames(self) -> list[bytes]:
        """The whole frames that have arrived. One that is too large closes the link."""
        found: list[bytes] = []
        while len(self._gathered) >= LENGTH.size:
            (size,) = LENGTH.unpack_from(self._gathered)
            if size > self.largest:
                self.open = False
                self._gathered.clear()
                break
            end = LENGTH.size + size
            if len(self._gathered) < end:
                break
            found.append(bytes(self._gathered[LENGTH.size : end]))
            del self._gathered[:end]
        return found


def wait(links: list[Link], deadline: float) -> bool:
    """Wait until one of the links has moved bytes, or ended. False when `deadline` (of
    `time.monotonic()`) passed first."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        return False
    with selectors.DefaultSelector() as selector:
        for link in links:
            if not link.open:
                continue
            selector.register(link._out, selectors.EVENT_READ, (link, True))
            if link._unsent:
                selector.register(link._in, selectors.EVENT_WRITE, (link, False))
        ready = selector.select(remaining)
        for key, _ in ready:
            link, reads = key.data
            if reads:
                link._read()
            else:
                link._write()
    return bool(ready)
