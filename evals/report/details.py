"""A problem in the report: what was asked, and every different candidate with what was said of it.

Candidates that are equal are shown once. Long texts are cut and many candidates are counted, so
that a page stays one that a browser opens.
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.problem import Problem
from evals.report.html import Html, cut, join, tag
from evals.runs import records
from evals.runs.records import Grade
from evals.runs.summary import Sample, Told

MOST_CANDIDATES = 25
MOST_CODE = 20_000
MOST_MESSAGE = 3_000
MOST_TESTS = 12
MOST_FINDINGS = 20
SHOWN_SCORES = ("composite", "idiom", "quality", "efficiency", "chrf")


def problem_details(label: str, runs: Sequence[Told]) -> Html:
    """The problem's section, closed until it is opened."""
    own = [[s for s in told.samples if s.problem.label == label] for told in runs]
    problem = next(samples[0].problem for samples in own if samples)
    parts = [
        tag("details", tag("summary", "the question"), tag("pre", problem.prompt, class_="wrap")),
        tag("details", tag("summary", "the reference solution"), _code(problem.solution)),
    ]
    for number, (told, samples) in enumerate(zip(runs, own, strict=True)):
        if len(runs) > 1:
            parts.append(tag("h3", tag("span", class_=f"swatch run-{number}"), told.summary.name))
        parts += _candidates(problem, samples, number)
    passed = ", ".join(
        f"{sum(s.grade is not None and s.grade.verdict.passed for s in samples)} of {len(samples)}"
        for samples in own
    )
    summary = tag("summary", tag("strong", label), f"  passed: {passed}")
    return tag("details", summary, *parts, id=label)


def _candidates(problem: Problem, samples: Sequence[Sample], run: int) -> list[Html]:
    programs: dict[str, list[Sample]] = {}
    without = []
    for sample in samples:
        if sample.candidate is None:
            without.append(sample.number)
        else:
            program = records.program(sample.candidate.answer, problem)
            programs.setdefault(program, []).append(sample)
    # What failed is what one looks for.
    ordered = sorted(programs.items(), key=lambda pair: (_passed(pair[1][0]), pair[1][0].number))
    shown = [_candidate(program, alike, run) for program, alike in ordered[:MOST_CANDIDATES]]
    if len(ordered) > MOST_CANDIDATES:
        left = len(ordered) - MOST_CANDIDATES
        shown.append(tag("p", f"{left} more candidates are in the run's folder.", class_="soft"))
    if without:
        shown.append(tag("p", f"{len(without)} samples have no answer.", class_="soft"))
    return shown


def _passed(sample: Sample) -> bool:
    return sample.grade is not None and sample.grade.verdict.passed


def _candidate(program: str, alike: Sequence[Sample], run: int) -> Html:
    first = alike[0]
    numbers = ", ".join(str(s.number) for s in alike[:20]) + (" …" if len(alike) > 20 else "")
    outcome = first.grade.verdict.outcome if first.grade is not None else "none"
    summary = tag(
        "summary",
        *(tag("span", id=f"{s.problem.label}/{run}/{s.number}") for s in alike),
        tag("span", outcome.replace("_", " "), class_=f"badge outcome-{outcome}"),
        f" sample{'s' if len(alike) > 1 else ''} {numbers}",
        _numbers(first.grade),
    )
    parts = [_said(first.grade) if first.grade is not None else None, _code(program)]
    if first.candidate is not None and first.candidate.answer.strip() != program.strip():
        answer = tag("pre", cut(first.candidate.answer, MOST_CODE), class_="wrap")
        parts.append(tag("details", tag("summary", "the whole answer"), answer))
    return tag("details", summary, *parts)


def _numbers(grade: Grade | None) -> Html | None:
    if grade is None:
        return None
    told = [
        f"{name} {value:.2f}"
        for name in SHOWN_SCORES
        if isinstance(value := grade.scores.get(name), int | float)
    ]
    told.append(f"{grade.verdict.seconds:.2f} s")
    if grade.verdict.way:
        told.append(grade.verdict.way.replace("_", " "))
    return tag("span", "  " + " · ".join(told), class_="soft")


def _said(grade: Grade) -> Html:
    verdict = grade.verdict
    parts: list[Html] = []
    if verdict.reason:
        parts.append(tag("p", cut(verdict.reason, MOST_MESSAGE)))
    lines = [f"line {d.line}: {d.severity}: {d.message}" for d in verdict.diagnostics[:MOST_TESTS]]
    if lines:
        parts.append(tag("pre", cut("\n".join(lines), MOST_MESSAGE), class_="wrap"))
    failing = [test for test in verdict.tests if not test.passed]
    for test in failing[:MOST_TESTS]:
        parts.append(tag("h3", f"✗ {test.name}"))
        if test.message:
            parts.append(tag("pre", cut(test.message, MOST_MESSAGE), class_="wrap"))
    if len(failing) > MOST_TESTS:
        parts.append(tag("p", f"{len(failing) - MOST_TESTS} more tests failed.", class_="soft"))
    if verdict.output:
        output = tag("pre", cut(verdict.output, MOST_MESSAGE), class_="wrap")
        parts.append(tag("details", tag("summary", "what it printed"), output))
    parts += _findings(grade)
    return join(parts)


def _findings(grade: Grade) -> list[Html]:
    findings = grade.scores.get("idiom_findings") or []
    rows = [
        tag(
            "tr",
            tag("td", finding.get("line", ""), class_="number"),
            tag("td", tag("code", finding.get("rule", ""))),
            tag("td", finding.get("advice", "")),
        )
        for finding in findings[:MOST_FINDINGS]
        if isinstance(finding, dict)
    ]
    if not rows:
        return []
    return [
        tag("details", tag("summary", f"{len(findings)} findings of idiom"), tag("table", *rows))
    ]


def _code(program: str) -> Html:
    return tag("pre", tag("code", cut(program, MOST_CODE)))
