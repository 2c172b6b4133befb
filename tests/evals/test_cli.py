"""The command, as a person and as a program use it, with the real grader."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evals import suite as suites
from evals.cli import main
from evals.grader import Grader, Settings
from tests.evals import small
from tests.evals.serving import Served, answer, serving
from tests.evals.test_runs import number_in

pytestmark = pytest.mark.xdist_group("evals-cli")

EVALS = Path(sys.executable).parent / "evals"


@dataclass(frozen=True)
class Ended:
    """What a command wrote before it ended."""

    stdout: str
    stderr: str


def evals(work: Path, *words: str, code: int = 0) -> Ended:
    """Run the command in this process, in the folder `work`, and look at its exit code."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(work),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(SystemExit) as ended,
    ):
        patch.setattr(sys, "argv", ["evals", *words])
        main()
    assert ended.value.code == code, err.getvalue() + out.getvalue()
    return Ended(out.getvalue(), err.getvalue())


@pytest.fixture(scope="module", autouse=True)
def one_grader() -> Iterator[None]:
    """All commands here share the workers of one real grader."""
    grader = Grader(Settings(workers=1))
    close = grader.close
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grader, "close", lambda: None)
        for home in ("evals.grader", "evals.runs.grading"):
            patch.setattr(f"{home}.Grader", lambda _=None: grader)
        yield
    close()


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a suite and two runs: the reference's, and a model's that is half right."""
    folder = tmp_path_factory.mktemp("cli")
    small.suite(folder / "small")
    evals(folder, "run", "--suite", "small", "--model", "reference", "--name", "reference")

    def reply(i: int, body: dict[str, Any]) -> tuple[int, Any]:
        number = number_in(body)
        return answer(small.fenced((small.right if number == 1 else small.wrong)(number)))

    with serving(reply) as served:
        options = ("--model", "m", "--model-base-url", served.url, "--name", "half", "--n", "2")
        evals(folder, "run", "--suite", "small", *options)
    return folder


class TestRun:
    def test_the_reference_gets_everything(self, work: Path) -> None:
        done = evals(work, "run", "-s", "small", "-m", "reference", "--name", "reference", "--json")
        told = json.loads(done.stdout)
        assert told["outcomes"] == {"passed": 3}
        assert told["pass_at_k"][""][0]["value"] == 1.0
        assert (told["asked_now"], told["graded_now"]) == (0, 0)
        parts = {part["name"]: part for part in told["parts"]}
        assert parts["function"]["value"] == 1.0
        assert parts["composite"]["value"] > 0.7
        assert parts["quality: credo"]["value"] is None
        assert "--credo" in next(iter(parts["quality: credo"]["missing"]))

    def test_a_person_reads_pass_at_k_parts_and_outcomes(self, work: Path) -> None:
        options = ("--n", "3", "--k", "1,3,9", "--workers", "1")
        done = evals(work, "run", "-s", "small", "-m", "reference", *options)
        for told in (
            "pass@1    100.0%  [",
            "pass@3    100.0%  [",
            "pass@9    not defined: fewer than 9 graded samples of each problem",
            "composite",
            "efficiency",
            "quality: credo           not measured: there is no Credo",
            "outcomes: 9 passed",
            "slowest: small/add_",
            "9 asked and 3 graded now",
        ):
            assert told in done.stdout, told
        assert "9 samples" in done.stderr

    def test_weights_are_the_callers(self, work: Path) -> None:
        done = evals(
            work, "run", "-s", "small", "-m", "reference", "--name", "reference", "--json",
            "--weights", "function=1",
        )  # fmt: skip
        parts = {part["name"]: part["value"] for part in json.loads(done.stdout)["parts"]}
        assert parts["composite"] == 1.0

    def test_one_problem(self, work: Path) -> None:
        done = evals(work, "run", "-s", "small", "-m", "reference", "--problem", "add_2", "--json")
        assert json.loads(done.stdout)["problems"] == 1

    def test_samples_that_fail_are_told_with_exit_code_1(self, work: Path) -> None:
        with serving(lambda i, body: (500, {"error": {"message": "out of order"}})) as served:
            done = evals(
                work, "run", "-s", "small", "-m", "m", "--model-base-url", served.url,
                "--retries", "0", code=1,
            )  # fmt: skip
        assert "3 samples came to nothing" in done.stderr
        assert "out of order" in done.stderr
        assert "3 without a verdict" in done.stdout

    def test_ctrl_c_ends_with_130_and_goes_on(self, work: Path) -> None:
        def reply(i: int, body: dict[str, Any]) -> tuple[int, Any]:
            if 2 <= i < 6:
                time.sleep(0.3)
            return answer(small.fenced(small.right(number_in(body))))

        with serving(reply) as served:
            command = [
                str(EVALS), "run", "-s", "small", "-m", "m", "--model-base-url", served.url,
                "--n", "10", "--connections", "1", "--name", "broken-off",
            ]  # fmt: skip
            process = subprocess.Popen(
                command, cwd=work, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            _until_asked(served, 4, process)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=60)
            assert process.returncode == 130, told
            assert "the same command goes on there" in told
            assert "Traceback" not in told
            kept = work / ".factory/runs/broken-off/candidates.jsonl"
            stored = kept.read_bytes().count(b"\n")
            assert stored >= 3
            before = len(served.requests)
            done = evals(work, *command[1:-2], "--name", "broken-off", "--json")
            assert len(served.requests) - before == 30 - stored
        assert json.loads(done.stdout)["outcomes"] == {"passed": 30}

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("-s", "nowhere", "-m", "reference"), "no suite is named 'nowhere'"),
            (("-s", "small", "-m", "nobody/x"), "nobody/x: Model API nobody"),
            (("-s", "small", "-m", "./small"), "no folder with a Hugging Face model"),
            (("-s", "small", "-m", "reference", "--k", "0"), "--k 0: give numbers from 1 on"),
            (("-s", "small", "-m", "reference", "--prompt", "x"), "must hold {prompt}"),
            (("-s", "small", "-m", "reference", "--problem", "ad_2"), "did you mean add_2"),
            (("-s", "small", "-m", "reference", "--weights", "style=1"), "weights: 'style=1'"),
            (("-s", "small", "-m", "reference", "--name", "a/b"), "--name a/b"),
            (
                ("-s", "small", "-m", "reference", "--name", "half"),
                "model was 'openai-api/local/m'",
            ),
            (("-s", "small"), "--model"),
        ],
    )
    def test_what_is_asked_wrongly_is_told_in_one_message(
        self, work: Path, words: tuple[str, ...], told: str
    ) -> None:
        done = evals(work, "run", *words, code=2)
        assert told in done.stderr


def _until_asked(served: Served, times: int, process: subprocess.Popen[str]) -> None:
    while len(served.requests) < times:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


class TestScore:
    def test_a_file_is_graded(self, work: Path) -> None:
        rows = [
            {"task_id": "small/add_1", "completion": small.fenced(small.right(1))},
            {"task_id": "add_2", "solution": small.wrong(2)},
            {"task_id": "add_3", "solution": "defmodule Add3 do\n  def add(x), do: y\nend\n"},
            {
                "task_id": "add_3",
                "solution": "defmodule Add3 do\n  def add(_), do: System.halt()\nend",
            },
        ]
        (work / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        done = evals(work, "score", "samples.jsonl", "--suite", "small", "--out", "graded.jsonl")
        graded = [json.loads(line) for line in (work / "graded.jsonl").read_text().splitlines()]
        assert [row["verdict"] for row in graded[:3]] == ["passed", "failed", "compile_error"]
        assert graded[3]["verdict"] != "passed"
        assert [t["passed"] for t in graded[1]["tests"]] == [False, False]
        assert "pass@1" in done.stderr
        assert done.stdout == ""

    def test_wrong_lines_end_with_exit_code_2_and_lose_nothing(self, work: Path) -> None:
        row = {"task_id": "add_1", "solution": small.right(1)}
        (work / "torn.jsonl").write_text(f"{json.dumps(row)}\n{{torn\n")
        done = evals(work, "score", "torn.jsonl", "-s", "small", "-o", "kept.jsonl", code=2)
        assert "torn.jsonl:2: is no JSON" in done.stderr
        assert json.loads((work / "kept.jsonl").read_text())["verdict"] == "passed"


class TestLooking:
    def test_list(self, work: Path) -> None:
        listed = {row["name"]: row for row in json.loads(evals(work, "list", "--json").stdout)}
        assert listed["otp"]["problems"] == len(suites.load("otp").problems)
        assert "core" in evals(work, "list").stdout

    def test_show(self, work: Path) -> None:
        shown = evals(work, "show", "small/add_2").stdout
        assert "entry points: Add2.add/1" in shown
        assert "Write a module `Add2`" in shown
        assert "def add" not in shown
        assert evals(work, "show", "small/add_2", "--solution").stdout == small.right(2)
        assert "use ExUnit.Case" in evals(work, "show", "small/add_2", "--test").stdout
        problem = suites.load("otp").problems[0]
        as_json = json.loads(evals(work, "show", problem.label, "--json").stdout)
        assert as_json["digest"] == problem.digest
        assert "did you mean add_2" in evals(work, "show", "small/ad_2", code=2).stderr

    def test_doctor(self, work: Path) -> None:
        assert "Candidates can be graded here." in evals(work, "doctor").stdout

    def test_check(self, work: Path) -> None:
        told = json.loads(evals(work, "check", "small", "--mutants", "4", "--json").stdout)
        assert [problem["id"] for problem in told["problems"]] == ["add_1", "add_2", "add_3"]

    def test_check_says_what_is_wrong(self, work: Path, tmp_path: Path) -> None:
        home = small.suite(tmp_path / "bad", 1)
        (home / "add_1" / "solution.ex").write_text(small.wrong(1))
        done = evals(work, "check", str(home), "--mutants", "0", code=1)
        assert "the reference is graded failed" in done.stdout

    def test_view_serves_the_logs_of_a_run(self, work: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [EVALS, "view", "half", "--port", str(port)],
            cwd=work,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}/api/logs"
            for _ in range(300):
                try:
                    with urllib.request.urlopen(url, timeout=5) as response:
                        logs = json.loads(response.read())
                    break
                except OSError:
                    assert process.poll() is None
                    time.sleep(0.1)
            assert [Path(log["name"]).parent.parent.name for log in logs["files"]] == ["half"]
        finally:
            os.kill(process.pid, signal.SIGINT)
            process.wait(timeout=30)


class TestReports:
    def test_compare(self, work: Path) -> None:
        told = json.loads(evals(work, "compare", "half", "reference", "--json").stdout)
        assert told["difference"] == pytest.approx(2 / 3)
        assert (told["a_better"], told["b_better"], told["problems"]) == (0, 2, 3)
        text = evals(work, "compare", "half", "reference").stdout
        assert "B - A: +66.7%  [" in text
        assert "B better on 2, A better on 0" in text

    def test_report(self, work: Path) -> None:
        done = evals(work, "report", "half")
        written = work / done.stdout.strip()
        assert written == work / ".factory/runs/half/report.html"
        assert "<h1>half</h1>" in written.read_text("utf-8")
        evals(work, "report", "half", "reference", "--out", "both.html")
        assert "<h2>Comparison</h2>" in (work / "both.html").read_text("utf-8")

    def test_a_run_that_is_not_there(self, work: Path) -> None:
        told = evals(work, "report", "nothing", code=2).stderr
        assert "no run is named 'nothing'" in told
        assert "half" in told


def test_every_command_has_help_with_examples(work: Path) -> None:
    for command in ("run", "score", "list", "show", "check", "doctor", "view", "report", "compare"):
        assert f"evals {command}" in evals(work, command, "--help").stdout.split("Options:")[1]
