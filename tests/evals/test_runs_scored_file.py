"""`evals score`: files of candidates as other harnesses write them."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from evals import suite as suites
from evals.problem import Problem
from evals.runs import scored_file
from evals.runs.scored_file import Outcome
from evals.suite import Suite
from factory.errors import RequestError
from tests.evals import small


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return small.suite(tmp_path / "suite")


def written(path: Path, *rows: Any) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def score(
    home: Path, source: Path, grader: small.StandIn | None = None, out: Path | None = None
) -> Outcome:
    return scored_file.score(
        source,
        [suites.load(str(home))],
        out or home.parent / "graded.jsonl",
        small.grading(grader),
        small.Silent(),
    )


def graded(home: Path) -> list[dict[str, Any]]:
    return [json.loads(x) for x in (home.parent / "graded.jsonl").read_text().splitlines()]


def test_the_same_lines_come_out_in_their_order_with_verdicts(home: Path, tmp_path: Path) -> None:
    source = written(
        tmp_path / "samples.jsonl",
        {"task_id": "small/add_2", "completion": small.fenced(small.right(2)), "mine": [1]},
        {"task_id": "add_1", "solution": small.wrong(1)},
        {"task_id": "small/add_1", "solution": small.right(1), "completion": None},
    )
    outcome = score(home, source)
    rows = graded(home)
    assert [row["verdict"] for row in rows] == ["passed", "failed", "passed"]
    assert rows[0]["mine"] == [1]
    assert rows[0]["completion"] == small.fenced(small.right(2))
    assert rows[1]["tests"] == [
        {"module": "Elixir.AddTest", "name": "test adds", "passed": False, "message": "left: 0"}
    ]
    assert rows[1]["seconds"] == 0.25
    assert rows[0]["scores"]["function"] == 1.0
    assert rows[0]["digests"]["grader"] == small.grading().digest
    assert outcome.counts == {"passed": 2, "failed": 1}
    assert {label: (t.samples, t.passed) for label, t in outcome.tallies.items()} == {
        "small/add_1": (2, 1),
        "small/add_2": (1, 1),
    }


def test_wrong_lines_are_named_and_the_others_graded(home: Path, tmp_path: Path) -> None:
    source = written(
        tmp_path / "samples.jsonl",
        {"task_id": "add_1", "solution": small.right(1)},
        "no JSON",
        "",
        {"task_id": "ad_2", "solution": ""},
        {"task_id": "add_2"},
        {"task_id": "add_2", "completion": "a", "solution": "b"},
        {"task_id": "add_2", "completion": 7},
        {"completion": "a"},
        [1],
        "[" * 100_000,
        {"task_id": "add_3", "solution": small.right(3)},
    )
    outcome = score(home, source)
    told = [line.removeprefix(f"{source}:") for line in outcome.wrong]
    assert [line.partition(":")[0] for line in told] == ["2", "4", "5", "6", "7", "8", "9", "10"]
    for line, words in zip(
        told,
        (
            "no JSON",
            "'ad_2': no such problem; is it",
            "neither completion nor solution",
            "both completion and solution",
            "completion is no text",
            "task_id is missing",
            "no JSON object",
            "nested too deeply",
        ),
        strict=True,
    ):
        assert words in line
    assert [row["task_id"] for row in graded(home)] == ["add_1", "add_3"]


def test_a_line_that_is_too_long_is_skipped(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scored_file, "LONGEST", 1000)
    good = {"task_id": "add_1", "solution": small.right(1)}
    long = {"task_id": "add_2", "solution": "x" * 5000}
    outcome = score(home, written(tmp_path / "s.jsonl", good, long, good))
    assert len(outcome.wrong) == 1 and ":2: longer than" in outcome.wrong[0]
    assert outcome.lines == 2


def test_equal_programs_are_graded_once_and_graded_ones_never_again(
    home: Path, tmp_path: Path
) -> None:
    grader = small.StandIn()
    rows = [{"task_id": "add_1", "solution": small.right(1)}] * 50
    source = written(tmp_path / "samples.jsonl", *rows)
    score(home, source, grader)
    assert len(grader.graded) == 1
    written(source, *rows, {"task_id": "add_2", "solution": small.right(2)})
    score(home, source, grader)
    assert [label for label, _ in grader.graded] == ["small/add_1", "small/add_2"]
    assert len(graded(home)) == 51


def test_another_grader_or_another_test_grades_again(home: Path, tmp_path: Path) -> None:
    source = written(tmp_path / "s.jsonl", {"task_id": "add_1", "solution": small.right(1)})
    score(home, source)
    other = small.StandIn("b" * 64)
    score(home, source, other)
    assert len(other.graded) == 1
    test = home / "add_1" / "test.exs"
    test.write_text(test.read_text() + "# stricter\n")
    score(home, source, other)
    assert len(other.graded) == 2


def test_what_was_graded_before_a_kill_is_not_graded_again(home: Path, tmp_path: Path) -> None:
    rows = [{"task_id": "add_1", "solution": f"{small.right(1)}# {i}\n"} for i in range(400)]
    source = written(tmp_path / "samples.jsonl", *rows)
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.evals import small, test_runs_scored_file as t\n"
        "class Slow(small.StandIn):\n"
        "    def verdict(self, problem, program):\n"
        "        time.sleep(0.01)\n"
        "        return super().verdict(problem, program)\n"
        "t.score(Path(sys.argv[1]), Path(sys.argv[2]), Slow())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home), str(source)], cwd=Path(__file__).parents[2]
    )
    journal = tmp_path / "graded.jsonl.journal"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 20:
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "graded.jsonl").exists()
    kept = journal.read_bytes().count(b"\n")
    grader = small.StandIn()
    outcome = score(home, source, grader)
    assert len(grader.graded) == outcome.graded == 400 - kept
    assert [row["solution"] for row in graded(home)] == [row["solution"] for row in rows]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "graded.jsonl",
        "samples.jsonl",
        "suite",
    ]


def test_an_infrastructure_error_is_tried_again(home: Path, tmp_path: Path) -> None:
    program = small.right(1) + "# outcome: infrastructure_error\n"
    source = written(tmp_path / "s.jsonl", {"task_id": "add_1", "solution": program})
    grader = small.StandIn()
    outcome = score(home, source, grader)
    assert outcome.tallies["small/add_1"].samples == 0
    score(home, source, grader)
    assert len(grader.graded) == 2


def test_gzipped_candidates(home: Path, tmp_path: Path) -> None:
    row = {"task_id": "add_1", "solution": small.right(1)}
    source = tmp_path / "samples.jsonl.gz"
    source.write_bytes(gzip.compress((json.dumps(row) + "\n").encode()))
    assert score(home, source).counts == {"passed": 1}
    source.write_bytes(source.read_bytes()[:-10])
    with pytest.raises(RequestError, match="no whole gzip file"):
        score(home, source)


def test_a_completion_continues_the_prompt_of_problems_that_begin_the_program(
    home: Path, tmp_path: Path
) -> None:
    prefix = "defmodule Add1 do\n  def add(x) do\n"
    whole = prefix + "    x + 1\n  end\nend\n"
    problem = Problem("HumanEval_1_add", "he", prefix, whole, "", prefix=prefix, stop=("\nend\n",))
    grader = small.StandIn()
    source = written(
        tmp_path / "s.jsonl",
        {"task_id": "HumanEval_1_add", "completion": "    x + 1\n  end\nend\nIO.puts(1)\n"},
    )
    out = tmp_path / "graded.jsonl"
    suite = Suite("he", "", (problem,))
    scored_file.score(source, [suite], out, small.grading(grader), small.Silent())
    assert [program for _, program in grader.graded] == [prefix + "    x + 1\n  end"]


def test_odd_text_in_candidates_survives(home: Path, tmp_path: Path) -> None:
    program = "\ud800 \x00 ä 😀 \u202e"
    source = written(tmp_path / "s.jsonl", {"task_id": "add_1", "solution": program})
    assert score(home, source).counts == {"failed": 1}
    assert graded(home)[0]["solution"] == program


def test_files_that_cannot_be_are_told(home: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such file"):
        score(home, tmp_path / "absent.jsonl")
    source = written(tmp_path / "s.jsonl")
    with pytest.raises(RequestError, match="file of candidates itself"):
        score(home, source, out=source)
