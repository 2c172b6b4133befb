"""Every suite is an Inspect task, and our models answer there as any other does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import inspect_ai
import pytest
from inspect_ai.log import EvalLog, read_eval_log
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import Score
from inspect_ai.util import registry_info

from evals import models, suite, tasks
from evals.problem import Problem
from evals.questions import COMPLETE, PROMPT, question, question_digest
from evals.runs.grading import How
from factory.errors import RequestError
from tests.evals import small


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[small.StandIn]:
    """The scorer grades with a stand-in."""
    grader = small.StandIn()
    monkeypatch.setitem(tasks._gradings, How(), (small.grading(grader), {}))
    yield grader


def evaluated(tmp_path: Path, task: object, **options: object) -> EvalLog:
    (log,) = inspect_ai.eval(
        task,  # type: ignore[arg-type]
        display="none",
        log_dir=str(tmp_path / "logs"),
        log_level="error",
        ctl_server=False,
        **options,  # type: ignore[arg-type]
    )
    return log


def said(program: str) -> ModelOutput:
    output = ModelOutput.from_content("mockllm/model", small.fenced(program))
    output.usage = ModelUsage()  # else it is counted with a tokenizer from the network
    return output


def scores(log: EvalLog) -> dict[tuple[str | int, int], Score]:
    return {
        (sample.id, sample.epoch): sample.scores["elixir"]
        for sample in log.samples or []
        if sample.scores
    }


def test_every_installed_suite_is_a_task_of_its_name() -> None:
    assert [registry_info(task).name for task in tasks.register()] == [
        f"evals/{name}" for name in suite.names()
    ]
    assert {"otp", "core"} <= set(suite.names())


def test_inspect_finds_task_and_model_by_name(tmp_path: Path, stand_in: small.StandIn) -> None:
    log = evaluated(tmp_path, "evals/core", model="reference/solution", limit=3, epochs=2)
    assert log.status == "success"
    assert [score.value for score in scores(log).values()] == ["C"] * 6
    assert log.results is not None
    assert log.results.scores[0].metrics["accuracy"].value == 1.0
    assert len(stand_in.graded) == 3, "equal answers are graded once"


def test_the_reference_passes_in_the_sandbox(tmp_path: Path) -> None:
    """With the real grader, by a suite on disk."""
    home = small.suite(tmp_path / "suite", 2)
    loaded = suite.load(str(home))
    task = inspect_ai.Task(
        dataset=tasks.dataset(loaded, str(home)), scorer=tasks.elixir(workers=1), name="small"
    )
    log = evaluated(tmp_path, task, model="reference/solution")
    found = scores(log)
    assert [score.value for score in found.values()] == ["C", "C"]
    metadata = found["add_1", 1].metadata
    assert metadata is not None
    assert metadata["outcome"] == "passed"
    assert [(t["module"], t["name"], t["passed"]) for t in metadata["tests"]] == [
        ("Elixir.Add1Test", "test adds 1", True),
        ("Elixir.Add1Test", "test adds to a negative number", True),
    ]
    assert metadata["scores"]["function"] == 1.0
    assert metadata["seconds"] > 0


def test_an_answer_that_fails_is_told_why(tmp_path: Path, stand_in: small.StandIn) -> None:
    loaded = suite.load(str(small.suite(tmp_path / "suite", 1)))
    answers = [said(small.wrong(1))]
    task = inspect_ai.Task(dataset=tasks.dataset(loaded, "x"), scorer=tasks.elixir())
    model = get_model("mockllm/model", custom_outputs=answers)
    score = scores(evaluated(tmp_path, task, model=model))["add_1", 1]
    assert score.value == "I"
    assert score.answer == small.wrong(1)
    assert score.explanation is not None
    assert "left: 0" in score.explanation


def test_a_harness_that_failed_leaves_a_sample_unscored(
    tmp_path: Path, stand_in: small.StandIn
) -> None:
    loaded = suite.load(str(small.suite(tmp_path / "suite", 2)))
    broken = small.right(1) + "# outcome: infrastructure_error\n"
    answers = [said(broken), said(small.right(2))]
    task = inspect_ai.Task(dataset=tasks.dataset(loaded, "x"), scorer=tasks.elixir())
    model = get_model("mockllm/model", custom_outputs=answers)
    log = evaluated(tmp_path, task, model=model, max_samples=1)
    assert log.results is not None
    assert log.results.scores[0].metrics["accuracy"].value == 1.0
    assert log.results.scores[0].unscored_samples == 1


def test_a_log_is_retried_by_inspect(tmp_path: Path, stand_in: small.StandIn) -> None:
    log = evaluated(tmp_path, "evals/core", model="reference/solution", limit=2, run_samples=False)
    (again,) = inspect_ai.eval_retry(
        read_eval_log(log.location), display="none", log_dir=str(tmp_path / "logs")
    )
    assert again.status == "success"
    assert [score.value for score in scores(again).values()] == ["C", "C"]


def test_the_reference_answers_only_what_our_tasks_ask(tmp_path: Path) -> None:
    log = evaluated(
        tmp_path,
        inspect_ai.Task(dataset=[inspect_ai.dataset.Sample(input="Hello?")]),
        model="reference/solution",
    )
    assert log.status == "error"
    assert log.error is not None
    assert "our own tasks only" in log.error.message


class TestQuestions:
    PLAIN = Problem("p", "s", "Do {this}.\n", "", "")
    BEGUN = Problem("p", "s", "defmodule A do\n", "", "", prefix="defmodule A do\n")

    def test_nothing_but_the_prompt_is_put_in(self) -> None:
        assert question(self.PLAIN) == "Do {this}."
        assert question(self.PLAIN, "{that} {prompt}!") == "{that} Do {this}.!"

    def test_a_program_that_was_begun_is_to_be_completed(self) -> None:
        assert question(self.BEGUN) == COMPLETE.replace("{prompt}", "defmodule A do")
        assert question(self.BEGUN, "Go on: {prompt}") == "Go on: defmodule A do"

    def test_what_a_model_is_told_is_in_the_digest(self) -> None:
        digests = {
            question_digest(problem, system, template)
            for problem in (self.PLAIN, self.BEGUN)
            for system in ("", "x")
            for template in (PROMPT, "{prompt} please")
        }
        assert len(digests) == 8


class TestSpellings:
    @pytest.mark.parametrize(
        ("typed", "url", "name"),
        [
            ("reference", None, "reference/solution"),
            ("openai/gpt-4o", None, "openai/gpt-4o"),
            ("openai/gpt-4o", "http://x/v1", "openai/gpt-4o"),
            ("qwen3", "http://x/v1", "openai-api/local/qwen3"),
            ("Qwen/Qwen3-8B", "http://x/v1", "openai-api/local/Qwen/Qwen3-8B"),
            ("openai-api/mine/m", "http://x/v1", "openai-api/mine/m"),
        ],
    )
    def test_what_people_type(self, typed: str, url: str | None, name: str) -> None:
        assert models.choose(typed, url).name == name

    def test_a_folder_is_a_hugging_face_model(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "tiny"
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        monkeypatch.chdir(tmp_path)
        names = {
            models.choose(typed).name
            for typed in ("tiny", "./tiny", str(folder), f"hf/{folder}", "hf/./tiny")
        }
        assert names == {f"hf/{folder}"}

    def test_a_folder_that_holds_no_model_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(RequestError, match=r"no folder with a Hugging Face model"):
            models.choose(str(tmp_path))

    def test_an_unknown_provider_is_told(self) -> None:
        with pytest.raises(RequestError, match=r"nobody/model.*not recognized"):
            models.opened(models.choose("nobody/model"), inspect_ai.model.GenerateConfig())
