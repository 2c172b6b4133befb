"""What a sandboxed program sees of the machine, and can do to it: nothing."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from evals.errors import SandboxError
from evals.sandbox import Engine, Program
from tests.evals.sandbox.sandboxed import elixir, run, shell, to_end

TRY_TO_WRITE = """
for place in /tmp / /bin /usr/bin /etc /opt /opt/elixireval /root /home /var /var/tmp /run \
    /run/lock /dev /dev/shm /dev/mqueue /dev/pts /proc /proc/sys/kernel /sys /sys/fs/cgroup /srv; do
    if echo x 2>/dev/null >$place/written; then echo "$place"; fi
done
find / -xdev -type d -perm -2 ! -path '/proc*' 2>/dev/null | while read place; do
    if echo x 2>/dev/null >$place/written; then echo "$place"; fi
done
for file in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /etc/passwd /usr/bin/elixir; do
    if : 2>/dev/null >>$file; then echo "$file"; fi
done
"""


def test_elixir_and_its_tests_run(each_engine: Engine) -> None:
    end = elixir(
        each_engine,
        """
        ExUnit.start(autorun: false)
        defmodule ATest do
          use ExUnit.Case
          test "adds", do: assert 1 + 1 == 2
        end
        IO.inspect(ExUnit.run())
        IO.puts(Code.format_string!("a=1"))
        """,
    )
    assert end.status == 0, end.stderr
    assert "\n1 test, 0 failures\n" in end.output
    assert end.output.endswith("\na = 1\n")


def test_pipes_carry_any_bytes_both_ways(each_engine: Engine) -> None:
    running = each_engine.start(Program(["cat"]))
    sent = bytes(range(256)) * 8
    running.stdin.write(sent)
    running.stdin.close()
    got = b""
    while piece := running.stdout.read(4096):
        got += piece
    assert got == sent
    running.kill()


def test_the_exit_status_and_the_end_of_stderr_come_back(each_engine: Engine) -> None:
    end = shell(each_engine, "echo oops >&2; exit 7")
    assert (end.status, end.stderr) == (7, "oops\n")


def test_there_is_no_network(each_engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        end = elixir(
            each_engine,
            f"""
            for host <- [{{127, 0, 0, 1}}, {{10, 0, 0, 1}}, {{192, 168, 0, 1}}, ~c"example.org"] do
              IO.inspect(:gen_tcp.connect(host, {port}, [], 500) |> elem(0))
            end
            {{:ok, names}} = :inet.getifaddrs()
            IO.inspect(for {{name, _}} <- names, do: name)
            """,
        )
    assert end.output.split("\n")[:4] == [":error"] * 4, end.stderr
    assert end.output.split("\n")[4] == '[~c"lo"]'


def test_only_tmp_can_be_written_to(each_engine: Engine) -> None:
    end = shell(each_engine, TRY_TO_WRITE)
    assert set(end.output.split()) == {"/tmp"}


def test_tmp_is_the_programs_own(each_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    mine = Path("/tmp/of-the-host")
    mine.write_text("x")
    try:
        shell(each_engine, "echo x > /tmp/left")
        assert shell(each_engine, "ls -A /tmp").output == ""
    finally:
        mine.unlink()
    assert not Path("/tmp/left").exists()


def test_files_of_the_host_are_not_there(each_engine: Engine, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    python = Path(sys.executable).resolve()
    script = """
    for path in "$@"; do
        for there in "$path" "/proc/1/root$path" "/proc/1/cwd/..$path" "/proc/self/root/..$path"; do
            if [ -e "$there" ]; then echo "$path"; fi
        done
    done
    """
    paths = [secret, Path(__file__).resolve(), python, "/etc/passwd"]
    end = run(each_engine, "sh", "-c", script, "sh", *map(str, paths))
    # What the image has too is found, by each way that this user may go.
    assert set(end.output.split()) == {"/etc/passwd"}


def test_the_machine_is_not_named(each_engine: Engine) -> None:
    end = shell(each_engine, "hostname; cat /etc/resolv.conf /etc/hosts /proc/cmdline; ls -A /sys")
    assert end.output == "sandbox\n"


def test_what_is_bound_can_be_read_and_not_written(each_engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "shown"
    folder.mkdir(mode=0o755)
    (folder / "file").write_text("content")
    end = shell(
        each_engine,
        "cat /opt/elixireval/deep/er/file; ls /opt/elixireval/image.json;"
        "for at in /opt /opt/elixireval /opt/elixireval/deep /opt/elixireval/deep/er; do"
        "  echo x 2>/dev/null > $at/new && echo wrote $at; done;"
        "rm -f /opt/elixireval/deep/er/file 2>/dev/null && echo removed",
        binds={"/opt/elixireval/deep/er": folder},
    )
    assert end.output == "content/opt/elixireval/image.json\n"
    assert [file.name for file in folder.iterdir()] == ["file"]


def test_what_could_not_be_read_inside_is_not_shown(each_engine: Engine, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    for folder in (hidden, tmp_path / "absent"):
        with pytest.raises(SandboxError, match=re.escape(str(folder))):
            each_engine.start(Program(["true"], binds={"/opt/elixireval/here": folder}))


def test_the_environment_holds_nothing_of_the_hosts(
    each_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    end = shell(each_engine, "env | sort", env={"GIVEN": "yes"})
    names = {line.split("=")[0] for line in end.output.splitlines()}
    assert {"GIVEN", "HOME", "LANG", "PATH"} <= names
    # HOSTNAME is podman's, with the name that every sandbox has.
    assert names <= {"GIVEN", "HOME", "LANG", "PATH", "PWD", "ERL_CRASH_DUMP_SECONDS", "HOSTNAME"}
    assert "HOME=/tmp\n" in end.output


def test_no_descriptor_of_ours_is_open(each_engine: Engine, tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        end = shell(each_engine, "ls /proc/$$/fd; readlink /proc/$$/fd/* | grep -v '^pipe:'")
    assert set(end.output.split()) <= {"0", "1", "2", "10"}, end.output


def test_privileges_are_none_and_cannot_be_had(each_engine: Engine) -> None:
    lines = dict(
        line.split(":\t")
        for line in run(each_engine, "cat", "/proc/self/status").output.splitlines()
        if ":\t" in line
    )
    for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(lines[capabilities], 16) == 0, capabilities
    assert lines["NoNewPrivs"] == "1"
    assert lines["Seccomp"] == "2"
    assert 0 not in {int(user) for user in lines["Uid"].split()}
    assert shell(each_engine, "find / -xdev -perm /6000 -type f 2>/dev/null").output == ""
    assert lines["Groups"].split() in ([], lines["Gid"].split()[:1])


def test_only_its_own_processes_are_seen(each_engine: Engine) -> None:
    ours = subprocess.Popen(["sleep", "1000"])
    try:
        script = "for p in /proc/[0-9]*; do read name < $p/comm; echo $name; done"
        seen = set(shell(each_engine, script).output.split())
        assert {"sh"} <= seen <= {"bwrap", "sh"}
        shell(each_engine, f"kill -9 {ours.pid}; kill -9 -1")
        assert ours.poll() is None
    finally:
        ours.kill()
        ours.wait()


def test_another_sandbox_is_out_of_reach(each_engine: Engine) -> None:
    other = each_engine.start(Program(["sh", "-c", "echo x > /tmp/mine; echo up; cat"]))
    assert other.stdout.read(3) == b"up\n"
    end = shell(each_engine, "kill -9 -1; ls /tmp; ipcs 2>/dev/null | grep -c 0x")
    other.stdin.write(b"still here")
    other.stdin.close()
    assert other.stdout.read(10) == b"still here"
    assert "mine" not in end.output
    other.kill()


def test_its_first_process_cannot_be_ended_from_inside(each_engine: Engine) -> None:
    end = shell(each_engine, "for s in KILL TERM STOP HUP INT; do kill -$s 1; done; echo alive")
    assert end.output == "alive\n"


def test_killing_ends_what_it_started(each_engine: Engine) -> None:
    script = "trap '' TERM HUP; (while :; do sleep 1000; done) & echo up; while :; do wait; done"
    running = each_engine.start(Program(["sh", "-c", script]))
    assert running.stdout.read(3) == b"up\n"
    assert running.ended() is None
    running.kill()
    running.kill()
    assert running.ended() not in {None, 0}
    assert running.stdout.read(1) == b""  # the last writer has gone


def test_a_program_that_is_not_there_ends_with_an_error(each_engine: Engine) -> None:
    end = to_end(each_engine.start(Program(["no-such-program"])))
    assert end.status == 127
    assert "no-such-program" in end.stderr
