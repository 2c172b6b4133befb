"""Runs last: nothing on disk is asked or graded again, and what does not fit is named."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import list_eval_logs, read_eval_log

from evals import models
from evals import suite as suites
from evals.runs import folder, journal, running, summary
from evals.runs.running import Asked, Done
from factory.errors import RequestError
from tests.evals import small
from tests.evals.serving import Reply, answer, serving


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return small.suite(tmp_path / "suite")


def asked(home: Path, model: str = "reference", url: str | None = None, **options: Any) -> Asked:
    return Asked(
        suites=[(str(home), suites.load(str(home)))],
        model=models.choose(model, url),
        store=home.parent / "store",
        **options,
    )


def run(wanted: Asked, grader: small.StandIn | None = None) -> Done:
    return running.run(wanted, small.Silent(), small.grading(grader))


def number_in(body: dict[str, Any]) -> int:
    """The problem that a request is about."""
    return int(body["messages"][-1]["content"].partition("Add")[2][0])


def says(make: Callable[[int, int], str]) -> Callable[[int, dict[str, Any]], Reply]:
    """A server's reply: `make(request's number, problem's number)` in a code block."""
    return lambda i, body: answer(small.fenced(make(i, number_in(body))))


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


class TestAsking:
    def test_the_reference_passes_everything(self, home: Path) -> None:
        wanted = asked(home, n=3)
        done = run(wanted)
        counted = running.counted(wanted, done)
        assert counted.outcomes == {"passed": 9}
        assert [(e.k, e.value) for e in counted.estimates[""]] == [(1, 1.0), (5, None), (10, None)]

    def test_every_candidate_and_verdict_is_on_disk_with_its_digests(self, home: Path) -> None:
        wanted = asked(home, n=2)
        done = run(wanted)
        loaded = suites.load(str(home))
        candidates = rows(done.path / "candidates.jsonl")
        assert sorted((c["problem"], c["sample"]) for c in candidates) == [
            (f"add_{number}", sample) for number in (1, 2, 3) for sample in (1, 2)
        ]
        assert {c["suite_digest"] for c in candidates} == {loaded.digest}
        assert {c["model"] for c in candidates} == {running.settings(wanted).digest}
        assert {c["answer"] for c in candidates if c["problem"] == "add_1"} == {
            f"```elixir\n{small.right(1)}```\n"
        }
        verdicts = rows(done.path / "verdicts.jsonl")
        assert {v["problem_digest"] for v in verdicts} == {p.digest for p in loaded.problems}
        assert {v["suite_digest"] for v in verdicts} == {loaded.digest}
        assert {(v["grader"], v["image"]) for v in verdicts} == {
            (small.grading().digest, "sha256:" + "0" * 64)
        }

    def test_the_prompt_the_system_message_and_the_settings_reach_the_model(
        self, home: Path
    ) -> None:
        with serving(says(lambda _, number: small.right(number))) as served:
            run(
                asked(
                    home,
                    "any-name",
                    served.url,
                    n=2,
                    temperature=0.5,
                    max_tokens=99,
                    seed=7,
                    limit=1,
                    system="Be brief.",
                    prompt="Please: {prompt} {thanks}",
                )
            )
        first = served.requests[0]
        assert first["model"] == "any-name"
        assert (first["temperature"], first.get("max_tokens")) == (0.5, 99)
        assert [m["role"] for m in first["messages"]] == ["system", "user"]
        assert first["messages"][0]["content"] == "Be brief."
        assert first["messages"][1]["content"] == (
            "Please: Write a module `Add1` with `add/1`, which adds 1. {thanks}"
        )
        assert sorted(request["seed"] for request in served.requests) == [7, 8]

    def test_equal_candidates_are_graded_once(self, home: Path) -> None:
        grader = small.StandIn()
        wanted = asked(home, n=20)
        done = run(wanted, grader)
        assert sorted(label for label, _ in grader.graded) == [
            "small/add_1",
            "small/add_2",
            "small/add_3",
        ]
        assert running.counted(wanted, done).outcomes == {"passed": 60}

    def test_wrong_answers_count_as_they_are(self, home: Path) -> None:
        def reply(i: int, body: dict[str, Any]) -> Reply:
            number = number_in(body)
            return answer(small.fenced((small.right if number == 2 else small.wrong)(number)))

        with serving(reply) as served:
            wanted = asked(home, "m", served.url, n=2, k=(1, 2))
            counted = running.counted(wanted, run(wanted))
        assert counted.outcomes == {"passed": 2, "failed": 4}
        one = counted.estimates[""][0]
        assert one.value == pytest.approx(1 / 3)
        assert one.interval is not None
        assert one.interval.low <= 1 / 3 <= one.interval.high
        assert counted.tokens == (66, 42)

    def test_inspects_log_tells_the_same(self, home: Path) -> None:
        with serving(
            says(lambda _, number: (small.right if number < 3 else small.wrong)(number))
        ) as served:
            done = run(asked(home, "m", served.url, n=2, k=(1, 2)))
        log = read_eval_log(list_eval_logs(str(done.path / "logs"))[0])
        assert log.status == "success"
        assert log.samples is not None
        assert {(s.id, s.epoch): s.scores["elixir"].value for s in log.samples if s.scores} == {
            (f"add_{number}", epoch): "C" if number < 3 else "I"
            for number in (1, 2, 3)
            for epoch in (1, 2)
        }
        failed = next(s for s in log.samples if s.id == "add_3")
        assert failed.scores is not None
        score = failed.scores["elixir"]
        assert score.answer is not None and score.answer.strip() == small.wrong(3).strip()
        assert score.metadata is not None
        assert score.metadata["outcome"] == "failed"
        assert [t["name"] for t in score.metadata["tests"]] == ["test adds"]


class TestGoingOn:
    def test_the_same_command_asks_and_grades_nothing_again(self, home: Path) -> None:
        with serving(says(lambda _, number: small.right(number))) as served:
            wanted = asked(home, "m", served.url, n=2)
            first = run(wanted)
            again = small.StandIn()
            second = run(wanted, again)
        assert (first.asked, first.graded) == (6, 3)
        assert (second.asked, second.graded) == (0, 0)
        assert len(served.requests) == 6
        assert again.graded == []

    def test_raising_n_asks_only_for_the_samples_that_lack(self, home: Path) -> None:
        with serving(says(lambda _, number: small.right(number))) as served:
            run(asked(home, "m", served.url, n=2))
            wanted = asked(home, "m", served.url, n=5)
            done = run(wanted)
            assert len(served.requests) == 15
        assert done.asked == 9
        assert running.counted(wanted, done).samples == 15
        assert len(rows(done.path / "candidates.jsonl")) == 15

    def test_a_part_first_and_the_rest_later(self, home: Path) -> None:
        with serving(says(lambda _, number: small.right(number))) as served:
            run(asked(home, "m", served.url, problems=("add_2",)))
            run(asked(home, "m", served.url, limit=2))
            run(asked(home, "m", served.url))
        assert sorted(number_in(body) for body in served.requests) == [1, 2, 3]

    def test_a_killed_run_goes_on(self, home: Path, tmp_path: Path) -> None:
        """kill -9 in the middle, twice, then to the end: each question is asked once."""
        with serving(says(lambda i, number: small.right(number) + f"# {i}\n")) as served:
            code = (
                "import sys\n"
                "from pathlib import Path\n"
                "from tests.evals import test_runs as t\n"
                "t.run(t.asked(Path(sys.argv[1]), 'm', sys.argv[2], n=30, connections=2))\n"
            )
            candidates: Path | None = None
            for _ in range(2):
                before = _lines(candidates)
                process = subprocess.Popen(
                    [sys.executable, "-c", code, str(home), served.url],
                    cwd=Path(__file__).parents[2],
                )
                while candidates is None or _lines(candidates) < before + 12:
                    time.sleep(0.01)
                    found = list((tmp_path / "store/runs").glob("*/candidates.jsonl"))
                    candidates = found[0] if found else None
                    assert process.poll() is None, "it ended before it could be killed"
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            stored = _lines(candidates)
            asked_before = len(served.requests)
            wanted = asked(home, "m", served.url, n=30, connections=2)
            grader = small.StandIn()
            done = run(wanted, grader)
            assert len(served.requests) - asked_before == done.asked == 90 - stored
        counted = running.counted(wanted, done)
        assert (counted.samples, counted.ungraded) == (90, 0)
        assert len(rows(done.path / "candidates.jsonl")) == 90
        assert len(rows(done.path / "verdicts.jsonl")) == 90

    @pytest.mark.parametrize("file", ["candidates.jsonl", "verdicts.jsonl"])
    def test_a_torn_last_line_is_done_again(self, home: Path, file: str) -> None:
        with serving(says(lambda _, number: small.right(number))) as served:
            wanted = asked(home, "m", served.url)
            done = run(wanted)
            path = done.path / file
            path.write_bytes(path.read_bytes()[:-20])
            grader = small.StandIn()
            run(wanted, grader)
            torn_candidate = file == "candidates.jsonl"
            assert len(served.requests) == (4 if torn_candidate else 3)
            assert len(grader.graded) == (0 if torn_candidate else 1)
        assert len(rows(path)) == 3

    def test_lines_that_hold_nothing_are_passed_over(self, home: Path) -> None:
        with serving(says(lambda _, number: small.right(number))) as served:
            wanted = asked(home, "m", served.url)
            done = run(wanted)
            path = done.path / "candidates.jsonl"
            nested = "[" * 100_000
            path.write_text(f"no JSON\n{{}}\n[1]\n{nested}\n" + path.read_text())
            run(wanted)
            assert folder.read(done.path).unreadable == 4
            assert len(served.requests) == 3

    def test_two_processes_do_not_share_a_run(self, home: Path) -> None:
        wanted = asked(home)
        done = run(wanted)
        of = folder.read(done.path).identity
        with folder.opened(done.path, of), pytest.raises(RequestError, match="another process"):
            run(wanted)

    def test_an_infrastructure_error_counts_for_nothing_and_is_tried_again(
        self, home: Path
    ) -> None:
        broken = small.right(1) + "# outcome: infrastructure_error\n"
        with serving(
            says(lambda _, number: broken if number == 1 else small.right(number))
        ) as served:
            wanted = asked(home, "m", served.url)
            first = running.counted(wanted, run(wanted))
            assert first.estimates[""][0].value == 1.0
            assert first.estimates[""][0].undefined == ("small/add_1",)
            assert first.infrastructure == [("small/add_1", 1, "as it was marked")]
            grader = small.StandIn()
            run(wanted, grader)
        assert [label for label, _ in grader.graded] == ["small/add_1"]
        assert len(served.requests) == 3


def _lines(path: Path | None) -> int:
    return path.read_bytes().count(b"\n") if path is not None else 0


class TestFaults:
    def test_a_busy_server_is_asked_again(self, home: Path) -> None:
        def reply(i: int, body: dict[str, Any]) -> Reply:
            if i == 0:
                return 429, {"error": {"message": "slow down"}}
            return answer(small.fenced(small.right(number_in(body))))

        with serving(reply) as served:
            wanted = asked(home, "m", served.url, limit=1)
            done = run(wanted)
        assert len(served.requests) == 2
        assert done.failures == []
        assert running.counted(wanted, done).outcomes == {"passed": 1}

    @pytest.mark.parametrize(
        "fault",
        [
            (500, {"error": {"message": "out of order"}}),
            (400, {"error": {"message": "out of order"}}),
            (200, "no JSON"),
            (200, {"choices": []}),
        ],
        ids=["500", "400", "no JSON", "no choice"],
    )
    def test_a_sample_that_fails_is_reported_and_asked_on_the_next_run(
        self, home: Path, fault: Reply
    ) -> None:
        broken = True

        def reply(i: int, body: dict[str, Any]) -> Reply:
            number = number_in(body)
            if broken and number == 2:
                return fault
            return answer(small.fenced(small.right(number)))

        with serving(reply) as served:
            wanted = asked(home, "m", served.url, retries=0)
            done = run(wanted)
            assert [(label, sample) for label, sample, _ in done.failures] == [("small/add_2", 1)]
            counted = running.counted(wanted, done)
            assert (counted.outcomes, counted.ungraded) == ({"passed": 2}, 1)
            broken = False
            before = len(served.requests)
            again = run(wanted)
            assert [number_in(body) for body in served.requests[before:]] == [2]
        assert again.failures == []
        assert running.counted(wanted, again).outcomes == {"passed": 3}

    def test_a_model_that_only_fails_is_not_asked_for_ever(self, home: Path) -> None:
        with serving(lambda i, body: (401, {"error": {"message": "who are you?"}})) as served:
            done = run(asked(home, "m", served.url, n=50, retries=0, connections=2))
        assert len(done.failures) < 20
        assert len(served.requests) < 20
        assert "who are you?" in done.failures[0][2]

    def test_an_empty_answer_is_an_answer(self, home: Path) -> None:
        with serving(lambda i, body: answer("", "length")) as served:
            wanted = asked(home, "m", served.url)
            counted = running.counted(wanted, run(wanted))
        assert counted.outcomes == {"failed": 3}
        assert counted.truncated == 3


class TestMismatch:
    def test_other_settings_are_another_run(self, home: Path) -> None:
        first = run(asked(home, temperature=0.2))
        second = run(asked(home, temperature=0.8))
        assert first.path != second.path

    def test_a_named_run_of_other_settings_is_refused_and_told_which(self, home: Path) -> None:
        run(asked(home, name="mine", temperature=0.2))
        with pytest.raises(RequestError, match=r"temperature was 0\.2, is 0\.8[\s\S]*--name"):
            run(asked(home, name="mine", temperature=0.8))

    def test_a_changed_test_asks_for_rescoring_which_asks_no_model(self, home: Path) -> None:
        with serving(says(lambda _, number: small.right(number))) as served:
            wanted = asked(home, "m", served.url)
            run(wanted)
            test = home / "add_2" / "test.exs"
            test.write_text(test.read_text() + "# stricter\n")
            wanted = asked(home, "m", served.url)
            with pytest.raises(RequestError, match=r"suite small: .*changed: add_2\)[\s\S]*--resc"):
                run(wanted)
            asked_before = len(served.requests)
        grader = small.StandIn()
        done = run(replace(wanted, rescore=True), grader)
        assert len(served.requests) == asked_before == 3
        assert (done.asked, len(grader.graded)) == (0, 3)
        assert running.counted(wanted, done).outcomes == {"passed": 3}
        run(wanted)

    def test_a_changed_prompt_cannot_be_rescored(self, home: Path) -> None:
        run(asked(home))
        (home / "add_2" / "prompt.md").write_text("Something else.\n")
        with pytest.raises(RequestError, match=r"the questions of add_2 have changed[\s\S]*--name"):
            run(asked(home, rescore=True))

    def test_another_grader_is_named(self, home: Path) -> None:
        wanted = asked(home)
        run(wanted)
        with pytest.raises(RequestError, match=r"grader: [0-9a-f]{12} → [0-9a-f]{12}[\s\S]*--resc"):
            run(wanted, small.StandIn("b" * 64))

    def test_reading_a_run_whose_suite_changed_is_refused(self, home: Path) -> None:
        done = run(asked(home))
        assert summary.of(done.path, (1,)).summary.outcomes == {"passed": 3}
        (home / "add_1" / "test.exs").write_text("# gone\n")
        with pytest.raises(RequestError, match=r"another suite[\s\S]*add_1"):
            summary.of(done.path, (1,))

    def test_a_retrained_model_in_the_same_folder_is_another(self, tmp_path: Path) -> None:
        (tmp_path / "config.json").write_text("{}")
        weights = tmp_path / "model.safetensors"
        weights.write_bytes(bytes(20 << 20))
        before = models.choose(str(tmp_path))
        content = bytearray(weights.read_bytes())
        content[::997] = b"\1" * len(content[::997])
        weights.write_bytes(content)
        after = models.choose(f"hf/{tmp_path}")
        assert before.name == after.name == f"hf/{tmp_path}"
        assert before.weights != after.weights


class TestJournal:
    def test_what_is_appended_is_there_before_append_returns(self, tmp_path: Path) -> None:
        with journal.Journal(tmp_path / "j") as kept:
            kept.append({"a": "ä\nb"})
            at = kept.append({"b": "\ud800"})
            assert [row for _, row in journal.lines(tmp_path / "j")] == [
                {"a": "ä\nb"},
                {"b": "\ud800"},
            ]
            assert kept.read(at) == {"b": "\ud800"}

    @pytest.mark.parametrize("cut", range(1, 12))
    def test_a_torn_end_is_cut_off_wherever_it_tore(self, tmp_path: Path, cut: int) -> None:
        path = tmp_path / "j"
        with journal.Journal(path) as kept:
            kept.append({"first": 1})
            kept.append({"n": "second"})
        path.write_bytes(path.read_bytes()[:-cut])
        with journal.Journal(path) as kept:
            kept.append({"third": 3})
        assert [row for _, row in journal.lines(path)] == [{"first": 1}, {"third": 3}]

    def test_a_line_without_end_does_not_fill_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(journal, "LONGEST_LINE", 100)
        path = tmp_path / "j"
        path.write_bytes(b'{"a":1}\n' + b"x" * 1000 + b'\n{"b":2}\n')
        assert list(journal.lines_at(path)) == [
            (1, 0, {"a": 1}),
            (2, 8, None),
            (3, 1009, {"b": 2}),
        ]
