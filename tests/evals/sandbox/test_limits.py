"""What a sandboxed program can use up: no more than its limits, whatever it tries."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from evals.sandbox import Engine, Limits, Program, bubblewrap
from evals.sandbox.bubblewrap import Bubblewrap
from evals.sandbox.image import Image
from evals.sandbox.running import KEPT
from tests.evals.sandbox.sandboxed import elixir, shell, to_end

SMALL = Limits(memory=160 << 20, processes=64, scratch=4 << 20, file_size=1 << 20, open_files=64)


def test_a_beam_that_takes_too_much_memory_is_ended(each_engine: Engine) -> None:
    end = elixir(each_engine, "Stream.iterate(1, & &1 + 1) |> Enum.to_list()", SMALL)
    assert end.status != 0
    assert end.out_of_memory


def test_memory_is_counted_over_all_processes(each_engine: Engine) -> None:
    """Each of these takes a third of what all may have."""
    hog = "head -c 60000000 /dev/zero | tail -c 60000000 | (sleep 2; wc -c)"
    end = shell(each_engine, f"({hog}) & ({hog}) & ({hog}) & ({hog}) & wait; echo whole", SMALL)
    assert end.output.split().count("60000000") < 4


def test_an_end_within_the_limit_is_not_for_memory(each_engine: Engine) -> None:
    assert not elixir(each_engine, "System.halt(3)", SMALL).out_of_memory
    assert not shell(each_engine, "exit 0").out_of_memory


def test_a_fork_bomb_stops_at_the_limit(each_engine: Engine) -> None:
    script = "i=0; while [ $i -lt 500 ]; do sleep 100 & i=$((i+1)); echo $i; done"
    end = shell(each_engine, script, replace(SMALL, processes=20))
    assert "Cannot fork" in end.stderr
    assert 10 <= int(end.output.split()[-1]) <= 21


def test_a_fork_bomb_leaves_others_alone(each_engine: Engine) -> None:
    tight = replace(SMALL, processes=20)
    bomb = each_engine.start(
        Program(["sh", "-c", "b() { b | b & }; (b) & echo up; while :; do :; done"], tight)
    )
    assert bomb.stdout.read(3) == b"up\n"
    assert shell(each_engine, "for i in 1 2 3 4 5; do sleep 0 & done; wait; echo fine", tight) == (
        to_end(each_engine.start(Program(["echo", "fine"])))
    )
    bomb.kill()


def test_the_disk_is_as_large_as_it_was_said_to_be(each_engine: Engine) -> None:
    script = (
        "i=0; while head -c 500000 /dev/zero > /tmp/$i; do i=$((i+1)); done; cat /tmp/* | wc -c"
    )
    end = shell(each_engine, script, SMALL)
    assert SMALL.scratch - 500_000 <= int(end.output) <= SMALL.scratch
    assert "No space left" in end.stderr


def test_a_file_is_no_larger_than_it_may_be(each_engine: Engine) -> None:
    end = elixir(
        each_engine,
        'IO.inspect(File.write("/tmp/a", :binary.copy("x", 2_000_000)));'
        'IO.inspect(File.stat!("/tmp/a").size)',
        SMALL,
    )
    assert end.output == f"{{:error, :efbig}}\n{SMALL.file_size}\n"


def test_files_that_are_open_are_counted(each_engine: Engine) -> None:
    end = elixir(
        each_engine,
        """
        opened = for _ <- 1..1000, do: :file.open(~c"/tmp/a", [:write, :raw])
        for {:ok, file} <- opened, do: :file.close(file)
        IO.inspect({Enum.count(opened, &match?({:ok, _}, &1)), List.last(opened)})
        """,
        SMALL,
    )
    found = re.fullmatch(r"\{(\d+), \{:error, :emfile\}\}\n", end.output)
    assert found, end
    assert 0 < int(found[1]) <= SMALL.open_files


def test_processor_time_ends(each_engine: Engine) -> None:
    end = shell(each_engine, "while :; do :; done", replace(SMALL, seconds=1))
    assert end.status in {128 + 9, 128 + 24}
    assert not (end.out_of_memory and end.status != 128 + 9)


def test_processor_time_is_shared(each_engine: Engine) -> None:
    """A quarter of a processor: in the time that a clock counts a second, no more than that."""
    script = (
        "t0=$(cut -d' ' -f1 /proc/uptime); (while :; do :; done) & "
        "while :; do t=$(cut -d' ' -f1 /proc/uptime);"
        " [ ${t%.*} -ge $((${t0%.*} + 3)) ] && break; sleep 0.1; done; "
        "kill $!; wait; cut -d' ' -f16,17 /proc/$$/stat"
    )
    end = shell(each_engine, script, replace(SMALL, cpus=0.25))
    ticks = sum(map(int, end.output.split()))
    assert 0 < ticks < 0.25 * 4 * 100 * 1.5


def test_a_flood_on_stderr_neither_blocks_nor_stays(each_engine: Engine) -> None:
    end = shell(each_engine, "head -c 9000000 /dev/zero | tr '\\0' x >&2; echo; echo the end >&2")
    assert end.output == "\n"
    assert end.stderr.endswith("xthe end\n")
    assert len(end.stderr) == KEPT


def test_stderr_without_end_is_given_up(each_engine: Engine) -> None:
    end = shell(each_engine, "yes >&2; echo gave up")
    # podman itself ends where a program is told that nobody reads any more.
    assert end.output == ("gave up\n" if each_engine.name == "bubblewrap" else "")
    assert len(end.stderr) == KEPT


def test_a_flood_on_stdout_waits_for_its_reader(each_engine: Engine) -> None:
    running = each_engine.start(Program(["yes"]))
    assert running.stdout.read(4) == b"y\ny\n"
    assert running.ended() is None
    running.kill()
    rest = 0
    while piece := running.stdout.read(1 << 20):
        rest += len(piece)
    assert rest <= 1 << 20  # what a pipe holds


def test_systemd_gives_the_groups_that_this_process_may_not_make(
    engine: Engine, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd is a stand-in: it is asked for the limits, and the program still runs and dies."""
    asked = tmp_path / "asked"
    stand_in = tmp_path / "systemd-run"
    stand_in.write_text(
        f"""#!/bin/sh
        echo "$*" >> {asked}
        until [ "$1" = -- ]; do shift; done
        case $4 in *memory.max*) echo $((64 << 20)); exit;; esac
        shift
        exec "$@"
        """
    )
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(bubblewrap.cgroups, "hierarchies", tuple)
    bubblewrap.governor.cache_clear()
    try:
        by_systemd = Bubblewrap(image)
        assert by_systemd.governor == "systemd"
    finally:
        bubblewrap.governor.cache_clear()
    end = shell(by_systemd, "echo ran; kill -9 $$", SMALL)
    assert (end.output, end.status, end.out_of_memory) == ("ran\n", 137, True)
    wanted = "-p MemoryMax=167772160 -p MemorySwapMax=0 -p TasksMax=66 -p CPUQuota=100%"
    assert wanted in asked.read_text()
    running = by_systemd.start(Program(["cat"], SMALL))
    running.kill()
    assert running.stdout.read(1) == b""
