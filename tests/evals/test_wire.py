"""Frames over pipes that may block, break or lie."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.wire import Link, wait


@dataclass
class Pipes:
    """A program's standard input and output, and their far ends."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    far_in: int
    far_out: int

    def kill(self) -> None: ...

    def ended(self) -> int | None:
        return None

    def out_of_memory(self) -> bool:
        return False

    def stderr(self) -> str:
        return ""


@pytest.fixture
def pipes() -> Iterator[Pipes]:
    read_in, write_in = os.pipe()
    read_out, write_out = os.pipe()
    made = Pipes(os.fdopen(write_in, "wb", 0), os.fdopen(read_out, "rb", 0), read_in, write_out)
    yield made
    made.stdin.close()
    made.stdout.close()
    for end in (made.far_in, made.far_out):
        if end >= 0:
            os.close(end)


def soon() -> float:
    return time.monotonic() + 10


def gathered(link: Link, count: int) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < count and link.open:
        assert wait([link], soon())
        found += link.frames()
    return found


@given(
    frames=st.lists(st.binary(max_size=300), max_size=8),
    cuts=st.lists(st.integers(1, 50), max_size=8),
)
def test_frames_arrive_whole_however_they_are_cut(frames: list[bytes], cuts: list[int]) -> None:
    read_in, write_in = os.pipe()
    read_out, write_out = os.pipe()
    with os.fdopen(write_in, "wb", 0) as stdin, os.fdopen(read_out, "rb", 0) as stdout:
        link = Link(Pipes(stdin, stdout, read_in, write_out), 1000)
        rest = b"".join(struct.pack(">I", len(frame)) + frame for frame in frames)
        found: list[bytes] = []
        for size in [*cuts, len(rest)]:
            part, rest = rest[:size], rest[size:]
            if part:
                os.write(write_out, part)
                assert wait([link], soon())
                found += link.frames()
        assert found == frames
        os.close(read_in)
        os.close(write_out)


def test_a_frame_that_is_too_large_closes_the_link(pipes: Pipes) -> None:
    link = Link(pipes, 100)
    os.write(pipes.far_out, struct.pack(">I", 5) + b"small" + struct.pack(">I", 101))
    assert wait([link], soon())
    assert link.frames() == [b"small"]
    assert not link.open


def test_an_end_is_seen(pipes: Pipes) -> None:
    link = Link(pipes, 100)
    os.close(pipes.far_out)
    pipes.far_out = -1
    assert wait([link], soon())
    assert link.frames() == []
    assert not link.open


def test_sending_to_one_who_has_gone_closes_the_link(pipes: Pipes) -> None:
    link = Link(pipes, 100)
    os.close(pipes.far_in)
    pipes.far_in = -1
    link.send(b"hello")
    assert not link.open


def test_one_who_does_not_read_blocks_nobody(pipes: Pipes) -> None:
    link = Link(pipes, 100)
    frame = bytes(1 << 20)
    link.send(frame)
    assert 0 < link.unsent <= len(frame) + 4
    taken = bytearray()
    while link.unsent:
        taken += os.read(pipes.far_in, 1 << 16)
        wait([link], soon())
    while len(taken) < len(frame) + 4:
        taken += os.read(pipes.far_in, 1 << 16)
    assert bytes(taken) == struct.pack(">I", len(frame)) + frame


def test_waiting_ends_at_the_deadline(pipes: Pipes) -> None:
    link = Link(pipes, 100)
    assert not wait([link], time.monotonic() + 0.01)
    assert not wait([link], time.monotonic() - 1)
