"""The two rows that a run keeps: what a model answered, and what the grader said of a program.

Both carry the digests of what they depend on, so that a row which no longer fits is recognised for
what it is. A row that cannot be read (written by hand, or by another version) is None, never an
exception: what it stood for is asked or graded again.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from evals import answers
from evals.problem import Problem
from evals.verdict import Outcome, Verdict
from factory import digest

Key = tuple[str, str]
"""A problem's digest and a program's: what a verdict is about."""


class Candidate(BaseModel):
    """One answer of the model. `sample` counts from 1 for each problem; `question` is the digest of
    the messages that were sent, `model` that of the model's settings."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    suite: str
    problem: str
    sample: int
    answer: str
    suite_digest: str
    question: str
    model: str
    stop: str = ""
    """Why the model ended, as inspect_ai names it: `stop`, `max_tokens`, `content_filter`, …"""
    seconds: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def label(self) -> str:
        return f"{self.suite}/{self.problem}"


@dataclass(frozen=True)
class Grade:
    """A verdict with what was measured of the program beside it (`evals.scores`), as JSON."""

    verdict: Verdict
    scores: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graded:
    """A grade and what it was given for and by."""

    problem: str
    """The problem's label, for people; `key` is what counts."""
    key: Key
    suite_digest: str
    grader: str
    image: str
    grade: Grade


def key(problem: Problem, text: str) -> Key:
    """What the grade of a whole program is kept by."""
    return problem.digest, digest.of(text)


def program(answer: str, problem: Problem) -> str:
    """The program that an answer stands for, in characters that a file can hold: JSON can name
    halves of characters, which no encoding has."""
    return whole(answers.extract(answer, problem))


def whole(text: str) -> str:
    """The text with halves of characters replaced by question marks."""
    return text.encode("utf-8", "replace").decode()


def candidate_row(candidate: Candidate) -> dict[str, Any]:
    return candidate.model_dump()


def candidate_of(row: dict[str, Any]) -> Candidate | None:
    try:
        return Candidate.model_validate(row)
    except ValidationError:
        return None


def graded_row(graded: Graded) -> dict[str, Any]:
    return {
        "problem": graded.problem,
        "problem_digest": graded.key[0],
        "program_digest": graded.key[1],
        "suite_digest": graded.suite_digest,
        "grader": graded.grader,
        "image": graded.image,
        "verdict": asdict(graded.grade.verdict),
        "scores": graded.grade.scores,
    }


def graded_of(row: dict[str, Any]) -> Graded | None:
    verdict = verdict_of(row.get("verdict"))
    texts = [
        row.get(name)
        for name in (
            "problem",
            "problem_digest",
            "program_digest",
            "suite_digest",
            "grader",
            "image",
        )
    ]
    scores = row.get("scores")
    if verdict is None or not isinstance(scores, dict):
        return None
    if not all(isinstance(text, str) for text in texts):
        return None
    label, problem, program, suite, grader, image = (str(text) for text in texts)
    return Graded(label, (problem, program), suite, grader, image, Grade(verdict, scores))


_VERDICT = TypeAdapter(Verdict)


def verdict_of(value: Any) -> Verdict | None:
    """The verdict that a JSON value tells, None when it tells none."""
    try:
        return _VERDICT.validate_python(value)
    except ValidationError:
        return None


OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
