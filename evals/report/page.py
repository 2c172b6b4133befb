"""The report's page, from top to bottom: what was run, what came of it, every problem."""

from __future__ import annotations

from collections.abc import Sequence

from evals import statistics
from evals.report import charts
from evals.report.charts import Point
from evals.report.details import problem_details
from evals.report.html import Html, join, tag
from evals.report.style import CSS
from evals.runs.summary import Sample, Told
from evals.statistics import Comparison

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
MARKS = {
    "passed": "✓",
    "failed": "✗",
    "compile_error": "C",
    "timeout": "T",
    "out_of_memory": "M",
    "too_much_output": "O",
    "refused": "R",
    "infrastructure_error": "!",
    "none": "·",
}


def page(runs: Sequence[Told]) -> str:
    """The whole page about one run, or about two: the second against the first."""
    title = " and ".join(told.summary.name for told in runs)
    body = [
        tag("h1", title),
        tag("p", f"ElixirEval: {' against '.join(t.summary.model for t in runs)}", class_="soft"),
        tag(
            "div",
            *(_run(told, number, len(runs)) for number, told in enumerate(runs)),
            class_="columns",
        ),
        _pass_at_k(runs),
        _comparison(runs) if len(runs) == 2 else None,
        _parts(runs),
        _outcomes(runs),
        _troubles(runs),
        _problems(runs),
        tag("h2", "Candidates"),
        *(problem_details(label, runs) for label in _labels(runs)),
    ]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(CSS)),
    )
    return f"<!doctype html>\n{tag('html', head, tag('body', tag('main', *body)), lang='en')}\n"


def _run(told: Told, number: int, of: int) -> Html:
    identity, summary = told.folder.identity, told.summary
    settings = identity.model
    rows: list[tuple[str, object]] = [
        ("model", settings.model),
        ("server", settings.base_url),
        ("weights", settings.weights[:16]),
        *(
            (name, getattr(settings, name))
            for name in ("temperature", "top_p", "max_tokens", "seed")
        ),
        ("system message", settings.system),
        ("prompt", settings.prompt if settings.prompt != "{prompt}" else None),
        *((f"suite {suite.name}", suite.digest[:16]) for suite in identity.suites),
        ("grader", identity.grader[:16]),
        ("image", f"{identity.image[:23]} ({identity.engine})"),
        ("samples", f"{summary.samples:,} of {summary.problems} problems"),
        (
            "tokens",
            f"{summary.tokens[0]:,} in, {summary.tokens[1]:,} out" if any(summary.tokens) else None,
        ),
    ]
    name = tag("h3", tag("span", class_=f"swatch run-{number}"), summary.name) if of > 1 else None
    told_rows = [
        join((tag("dt", key), tag("dd", value))) for key, value in rows if value not in (None, "")
    ]
    return tag("section", name, tag("dl", *told_rows))


def _pass_at_k(runs: Sequence[Told]) -> Html:
    rows: dict[str, list[Point]] = {}
    for told in runs:
        for suite, estimates in told.summary.estimates.items():
            for found in estimates:
                name = f"pass@{found.k}" + (f", {suite}" if suite else "")
                instead = f"not defined: fewer than {found.k} samples"
                rows.setdefault(name, []).append(Point(found.value, found.interval, instead))
    return join(
        (
            tag("h2", "pass@k"),
            charts.points(list(rows.items()), "pass@k with 95 % intervals"),
            tag(
                "p",
                "95 % intervals by bootstrap over problems, exact where all agree.",
                class_="soft",
            ),
        )
    )


def _comparison(runs: Sequence[Told]) -> Html:
    a, b = runs
    found = statistics.compare(a.tallies, b.tallies)
    return join((tag("h2", "Comparison"), tag("p", compared(a, b, found))))


def compared(a: Told, b: Told, found: Comparison) -> str:
    if found.difference is None or found.interval is None:
        return "The runs have no graded problem in common."
    words = (
        f"{b.summary.name} less {a.summary.name}: {found.difference:+.1%} pass@1, "
        f"95 % interval [{found.interval.low:+.1%}, {found.interval.high:+.1%}], "
        f"paired over {found.problems} problems. The second is better on {found.b_better} of them, "
        f"the first on {found.a_better}."
    )
    if found.p_value is not None:
        test = "McNemar, exact" if found.method == "mcnemar" else "paired sign-flip test"
        words += f" p = {found.p_value:.4g} ({test})."
    return words


def _parts(runs: Sequence[Told]) -> Html:
    rows: dict[str, list[Point]] = {}
    notes: list[str] = []
    for number, told in enumerate(runs):
        for part in told.summary.parts:
            name = part.name + (f" ({part.weight:.0%})" if part.weight is not None else "")
            reason = max(part.missing, key=lambda r: part.missing[r], default="")
            filled = rows.setdefault(name, [])
            filled += [Point(None, None)] * (number - len(filled))
            filled.append(Point(part.value, part.interval, f"not measured: {reason[:60]}"))
            if part.value is not None and part.missing:
                notes.append(f"{part.name}: {sum(part.missing.values())} samples not measured")
        if told.summary.pure is not None:
            notes.append(
                f"{told.summary.pure:.1%} of the answers of {told.summary.name} are Elixir"
            )
    if not rows:
        return Html("")
    return join(
        (
            tag("h2", "Composite"),
            charts.points(list(rows.items()), "the composite score and its parts"),
            tag(
                "p",
                "In brackets what a part weighs. A program that does not pass has a composite of "
                "0; idiom and quality are shown over all programs. " + ". ".join(notes),
                class_="soft",
            ),
        )
    )


def _outcomes(runs: Sequence[Told]) -> Html:
    parts = [tag("h2", "Outcomes")]
    for told in runs:
        counts = dict(told.summary.outcomes)
        if told.summary.ungraded:
            counts["none"] = told.summary.ungraded
        legend = [
            tag(
                "span",
                tag("span", MARKS[name], class_=f"cell outcome-{name}"),
                f" {n} {name.replace('_', ' ')}",
            )
            for name, n in counts.items()
        ]
        if len(runs) > 1:
            parts.append(tag("h3", told.summary.name))
        parts += [charts.shares(counts, "outcomes"), tag("p", *legend, class_="legend")]
        if told.summary.truncated:
            parts.append(
                tag("p", f"{told.summary.truncated} answers were cut off by the limit of tokens.")
            )
    return join(parts)


def _troubles(runs: Sequence[Told]) -> Html | None:
    rows = [
        tag(
            "tr",
            tag("td", told.summary.name),
            tag("td", f"{label} #{number}"),
            tag("td", reason[:300]),
        )
        for told in runs
        for label, number, reason in told.summary.infrastructure[:50]
    ]
    if not rows:
        return None
    return join(
        (
            tag("h2", "Where the harness failed"),
            tag(
                "p",
                "These samples count for nothing; running again tries them again.",
                class_="soft",
            ),
            tag("table", *rows),
        )
    )


def _labels(runs: Sequence[Told]) -> list[str]:
    return list(dict.fromkeys(s.problem.label for told in runs for s in told.samples))


def _problems(runs: Sequence[Told]) -> Html:
    head = [tag("th", "problem"), tag("th", "difficulty")]
    for number, told in enumerate(runs):
        swatch = tag("span", class_=f"swatch run-{number}") if len(runs) > 1 else None
        head += [
            tag("th", swatch, "passed", class_="number"),
            tag("th", "samples" if len(runs) == 1 else told.summary.name),
        ]
    rows = []
    for label in _labels(runs):
        cells = []
        difficulty = ""
        for number, told in enumerate(runs):
            own = [s for s in told.samples if s.problem.label == label]
            difficulty = own[0].problem.difficulty if own else difficulty
            tally = told.tallies.get(label)
            passed = f"{tally.passed}/{tally.samples}" if tally else "–"
            cells += [
                tag("td", passed, class_="number"),
                tag("td", *(_cell(s, number) for s in own), class_="cells"),
            ]
        link = tag("a", label, href=f"#{label}")
        rows.append(tag("tr", tag("td", link), tag("td", difficulty), *cells))
    return join((tag("h2", "Problems"), tag("table", tag("tr", *head), *rows)))


def _cell(sample: Sample, run: int) -> Html:
    outcome = sample.grade.verdict.outcome if sample.grade is not None else "none"
    return tag(
        "a",
        MARKS[outcome],
        href=f"#{sample.problem.label}/{run}/{sample.number}",
        title=f"sample {sample.number}: {outcome}",
        class_=f"cell outcome-{outcome}",
    )
