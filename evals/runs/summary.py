"""What a run came to: pass@k with intervals, the composite and its parts, what went wrong.

Everything is computed from the run's folder, so a summary can be had of a run that is still going
on, and of one whose model is long gone. Numbers that were not measured are None, never zero.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evals import statistics
from evals import suite as suites
from evals.problem import Problem
from evals.runs import folder as folders
from evals.runs import identity
from evals.runs.folder import Folder
from evals.runs.records import OUTCOMES, Candidate, Grade
from evals.scores import DEFAULT, Measure, Weights, combined
from evals.statistics import Estimate, Interval, Tally
from factory.errors import RequestError

SLOWEST = 5


@dataclass(frozen=True)
class Sample:
    """One sample of a problem: its candidate and the grade, either None while it lacks."""

    problem: Problem
    number: int
    candidate: Candidate | None
    grade: Grade | None


@dataclass(frozen=True)
class Part:
    """One score over a run: the mean over problems of the mean over their samples, of what was
    measured. `weight` is its share of the composite, None for what is no part of it; `missing`
    counts by reason the samples where it was not measured."""

    name: str
    value: float | None
    interval: Interval | None
    weight: float | None
    samples: int
    missing: dict[str, int]


@dataclass(frozen=True)
class Summary:
    """A run in numbers. `estimates` are for all suites together under `""`, and by suite."""

    name: str
    model: str
    suites: dict[str, str]
    grader: str
    image: str
    problems: int
    samples: int
    ungraded: int
    estimates: dict[str, list[Estimate]]
    parts: list[Part]
    pure: float | None
    """The share of answers that are Elixir at all."""
    outcomes: dict[str, int]
    refused: dict[str, int]
    truncated: int
    slowest: list[tuple[str, int, float]]
    infrastructure: list[tuple[str, int, str]]
    tokens: tuple[int, int]


@dataclass(frozen=True)
class Told:
    """A run as reports and comparisons see it."""

    folder: Folder
    samples: list[Sample]
    tallies: dict[str, Tally]
    summary: Summary


def of(path: Path, k: Sequence[int], weights: Weights = DEFAULT) -> Told:
    """A run that is on disk, all of its samples.

    Raises `RequestError` when there is none, or when a suite is no longer what it was graded by.
    """
    folder = folders.read(path)
    problems: list[Problem] = []
    for kept in folder.identity.suites:
        suite = suites.load(kept.source)
        if suite.digest != kept.digest:
            now = identity.suite_identity(suite, kept.source, folder.identity.model)
            changed = folder.identity.model_copy(update={"suites": (now,)})
            before = folder.identity.model_copy(update={"suites": (kept,)})
            told = [*identity.differences(before, changed), *identity.regrading(before, changed)]
            raise RequestError(
                f"the run {path} was graded by another suite:\n  "
                + "\n  ".join(told)
                + "\nrun it again with --rescore"
            )
        problems += suite.problems
    asked = {label for label, _ in folder.asked}
    found = samples(folder, [p for p in problems if p.label in asked])
    return Told(folder, found, tallies(found), summary(folder, found, k, weights))


def comparable(a: Told, b: Told) -> None:
    """Raises `RequestError` when two runs were not graded by the same tests and grader."""
    x, y = a.folder.identity, b.folder.identity
    wrong = [
        f"problem {suite.name}/{problem}"
        for suite in x.suites
        for other in y.suites
        if suite.name == other.name
        for problem, (digest, _) in suite.problems.items()
        if problem in other.problems and other.problems[problem][0] != digest
    ]
    if x.grader != y.grader:
        wrong.append(f"grader: {x.grader[:12]} and {y.grader[:12]}")
    if x.image != y.image:
        wrong.append(f"image: {x.image[:19]} and {y.image[:19]}")
    if wrong:
        raise RequestError(
            f"{a.folder.path.name} and {b.folder.path.name} were graded differently:\n  "
            + "\n  ".join(wrong[:10])
            + "\nrun the older one again with --rescore"
        )


def samples(folder: Folder, problems: Sequence[Problem], n: int | None = None) -> list[Sample]:
    """The samples of a run in order: those that are on disk, or the first n of each problem."""
    numbers: dict[str, list[int]] = {}
    for label, number in folder.asked:
        numbers.setdefault(label, []).append(number)
    found = []
    for problem in problems:
        wanted = range(1, n + 1) if n is not None else sorted(numbers.get(problem.label, []))
        for number in wanted:
            candidate = folder.asked.get((problem.label, number))
            grade = folder.grade_of(problem, candidate) if candidate is not None else None
            found.append(Sample(problem, number, candidate, grade))
    return found


def tallies(found: Sequence[Sample]) -> dict[str, Tally]:
    """By problem's label; samples without a verdict, and infrastructure errors, are in none."""
    by_problem: dict[str, list[Any]] = {}
    for sample in found:
        graded = by_problem.setdefault(sample.problem.label, [])
        if sample.grade is not None:
            graded.append(sample.grade.verdict)
    return {label: statistics.tally(verdicts) for label, verdicts in by_problem.items()}


def summary(
    folder: Folder, found: Sequence[Sample], k: Sequence[int], weights: Weights = DEFAULT
) -> Summary:
    """The numbers of a run from its samples."""
    counted = tallies(found)
    suites = {suite.name: suite.digest for suite in folder.identity.suites}
    groups = {"": counted}
    if len(suites) > 1:
        for name in suites:
            groups[name] = {x: t for x, t in counted.items() if x.startswith(f"{name}/")}
    grades = [(s, s.grade) for s in found if s.grade is not None]
    outcomes = Counter(grade.verdict.outcome for _, grade in grades)
    slow = sorted(grades, key=lambda pair: -pair[1].verdict.seconds)[:SLOWEST]
    return Summary(
        name=folder.path.name,
        model=folder.identity.model.model,
        suites=suites,
        grader=folder.identity.grader,
        image=folder.identity.image,
        problems=len(counted),
        samples=len(found),
        ungraded=sum(sample.grade is None for sample in found),
        estimates={
            name: [statistics.estimate(group, i) for i in k] for name, group in groups.items()
        },
        parts=parts(found, weights),
        pure=_purity(found),
        outcomes={outcome: outcomes[outcome] for outcome in OUTCOMES if outcomes[outcome]},
        refused=dict(
            Counter(g.verdict.reason for _, g in grades if g.verdict.outcome == "refused")
        ),
        truncated=sum(s.candidate is not None and s.candidate.stop == "max_tokens" for s in found),
        slowest=[(s.problem.label, s.number, g.verdict.seconds) for s, g in slow],
        infrastructure=[
            (s.problem.label, s.number, g.verdict.reason) for s, g in grades if not g.verdict.counts
        ],
        tokens=(
            sum(s.candidate.input_tokens for s in found if s.candidate),
            sum(s.candidate.output_tokens for s in found if s.candidate),
        ),
    )


COMPOSED = ("function", "idiom", "quality", "efficiency")


def parts(found: Sequence[Sample], weights: Weights) -> list[Part]:
    """The composite, its parts, the parts of quality, and ChrF, each over the whole run."""
    total = sum(asdict(weights).values())
    columns: dict[str, dict[str, list[Measure]]] = {}
    for sample in found:
        if sample.grade is None or not sample.grade.verdict.counts:
            continue
        scores = sample.grade.scores
        measured = {name: measure(scores, name) for name in (*COMPOSED, "chrf")}
        for name, value in (scores.get("quality_parts") or {}).items():
            reason = (scores.get("not_measured") or {}).get(f"quality.{name}", "not measured")
            measured[f"quality: {name}"] = Measure(value, "" if value is not None else reason)
        whole = combined(**{name: measured[name] for name in COMPOSED}, weights=weights)
        for name, value in {"composite": whole, **measured}.items():
            columns.setdefault(name, {}).setdefault(sample.problem.label, []).append(value)
    shares = {name: weight / total for name, weight in asdict(weights).items()}
    return [_part(name, column, shares.get(name)) for name, column in columns.items()]


def measure(scores: dict[str, Any], name: str) -> Measure:
    """One stored score, as `evals.scores` had it."""
    value = scores.get(name)
    if isinstance(value, int | float):
        return Measure(float(value))
    return Measure(None, (scores.get("not_measured") or {}).get(name, "not measured"))


def _part(name: str, column: dict[str, list[Measure]], weight: float | None) -> Part:
    means = []
    count = 0
    missing: Counter[str] = Counter()
    for measures in column.values():
        values = [m.value for m in measures if m.value is not None]
        missing.update(m.reason for m in measures if m.value is None)
        count += len(values)
        if values:
            means.append(math.fsum(values) / len(values))
    if not means:
        return Part(name, None, None, weight, 0, dict(missing))
    value = math.fsum(means) / len(means)
    spread = statistics.mean_interval(means, 0.0, 1.0)
    return Part(name, value, spread, weight, count, dict(missing))


def _purity(found: Sequence[Sample]) -> float | None:
    told = [s.grade.scores["elixir"] for s in found if s.grade and "elixir" in s.grade.scores]
    return sum(map(bool, told)) / len(told) if told else None
