"""What a pipe or a log is told of long work: plain lines, now and then."""

from __future__ import annotations

import io
import json

import pytest

from factory.cli import progress
from factory.cli.progress import Lines


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: moment[0])
    return moment


def test_a_line_every_few_seconds_and_at_the_end(now: list[float]) -> None:
    stream = io.StringIO()
    lines = Lines(stream)
    lines.start("fetching", 40, "tarballs")
    for _ in range(40):
        now[0] += 0.5
        lines.advance(1, 1_000_000)
    lines.finish()
    assert stream.getvalue().splitlines() == [
        "fetching: 40 tarballs",
        "fetching: 10/40 tarballs, 2.0 MB/s, about 15 s left",
        "fetching: 20/40 tarballs, 2.0 MB/s, about 10 s left",
        "fetching: 30/40 tarballs, 2.0 MB/s, about 5 s left",
        "fetching: 40/40 tarballs, 2.0 MB/s",
    ]


@pytest.mark.parametrize("as_json", [False, True])
def test_work_whose_end_nobody_knows(now: list[float], as_json: bool) -> None:
    stream = io.StringIO()
    lines = Lines(stream, as_json)
    lines.start("list of packages", 0, "packages")
    for _ in range(11):
        now[0] += 1
        lines.advance(100)
    lines.finish()
    told = stream.getvalue().splitlines()
    if as_json:
        last = json.loads(told[-1])
        assert (last["done"], last["total"], last["seconds_left"]) == (1000, 0, 0.0)
        assert len(told) == 3
    else:
        assert told == [
            "list of packages …",
            "list of packages: 500 packages",
            "list of packages: 1000 packages",
        ]
