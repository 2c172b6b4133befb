"""What a command prints of a run: for people, and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:  # what they need takes a second to import, and `--help` needs none of it
    from evals.runs.running import Done
    from evals.runs.summary import Summary
    from evals.statistics import Comparison, Estimate, Interval

SHOWN = 5


def percent(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.1%}"


def interval(found: Interval | None) -> str:
    return "" if found is None else f"[{found.low:.1%}, {found.high:.1%}]"


def estimate(found: Estimate) -> str:
    """`pass@5    62.0%  [48.1%, 75.2%]`, or why there is none."""
    left = f"pass@{found.k}"
    if found.value is None:
        return f"{left:<9} not defined: fewer than {found.k} graded samples of each problem"
    few = f"  (without {len(found.undefined)} problems)" if found.undefined else ""
    return f"{left:<9} {found.value:>6.1%}  {interval(found.interval)}{few}"


def text(counted: Summary, done: Done | None = None) -> str:
    """A summary as a person reads it."""
    lines = [
        f"{counted.name}: {counted.model} on "
        + ", ".join(f"{name} ({digest[:12]})" for name, digest in counted.suites.items()),
        f"{counted.problems} problems, {counted.samples} samples"
        + (f", {counted.ungraded} without a verdict" if counted.ungraded else ""),
        "",
    ]
    for suite, estimates in counted.estimates.items():
        if suite:
            lines += ["", f"{suite}:"]
        lines += [estimate(found) for found in estimates]
    if any(found.interval for estimates in counted.estimates.values() for found in estimates):
        lines.append("intervals: 95 %, by bootstrap over problems, exact where all agree")
    lines += ["", *_composite(counted)]
    lines.append(
        "outcomes: " + (", ".join(f"{n} {name}" for name, n in counted.outcomes.items()) or "none")
    )
    for reason, n in sorted(counted.refused.items(), key=lambda pair: -pair[1])[:SHOWN]:
        lines.append(f"  refused {n}: {_line(reason)}")
    if counted.truncated:
        lines.append(f"{counted.truncated} answers were cut off by the limit of tokens")
    if counted.slowest:
        lines.append(
            "slowest: "
            + ", ".join(f"{label} #{n} {seconds:.2f} s" for label, n, seconds in counted.slowest)
        )
    if sum(counted.tokens):
        lines.append(f"tokens: {counted.tokens[0]:,} in, {counted.tokens[1]:,} out")
    if done is not None:
        lines.append(f"{done.asked} asked and {done.graded} graded now; kept in {done.path}")
    return "\n".join(lines)


def _composite(counted: Summary) -> list[str]:
    """The composite and its parts, a line each; what was not measured says so, with why."""
    lines = []
    for part in counted.parts:
        share = "" if part.weight is None else f"  weighs {part.weight:.0%}"
        if part.value is None:
            reason = max(part.missing, key=lambda r: part.missing[r], default="")
            lines.append(f"{part.name:<24} not measured: {_line(reason)}")
        else:
            lines.append(f"{part.name:<24} {part.value:.3f}  {_plain(part.interval)}{share}")
    if counted.pure is not None:
        lines.append(f"{'answers that are Elixir':<24} {counted.pure:.1%}")
    return [*lines, ""] if lines else []


def _plain(found: Interval | None) -> str:
    return "" if found is None else f"[{found.low:.3f}, {found.high:.3f}]"


def warn(done: Done, counted: Summary) -> None:
    """What went wrong and is not the model's fault, on standard error."""
    if done.failures:
        typer.echo(f"evals: {len(done.failures)} samples came to nothing:", err=True)
        for label, number, reason in done.failures[:SHOWN]:
            typer.echo(f"  {label} #{number}: {_line(reason)}", err=True)
    if counted.infrastructure:
        typer.echo(
            f"evals: the harness failed on {len(counted.infrastructure)} samples, "
            "which count for nothing:",
            err=True,
        )
        for label, number, reason in counted.infrastructure[:SHOWN]:
            typer.echo(f"  {label} #{number}: {_line(reason)}", err=True)
    typer.echo("the same command tries these again", err=True)


def as_json(counted: Summary, done: Done | None = None) -> dict[str, Any]:
    """A summary for programs."""
    found = asdict(counted)
    found["pass_at_k"] = found.pop("estimates")
    if done is not None:
        found["folder"] = str(done.path)
        found["asked_now"], found["graded_now"] = done.asked, done.graded
        found["failures"] = [
            {"problem": label, "sample": number, "reason": reason}
            for label, number, reason in done.failures
        ]
    return found


def comparison(a: str, b: str, found: Comparison) -> str:
    """Run B against run A, in words."""
    if found.difference is None:
        return f"{a} and {b} have no graded problem in common"
    lines = [
        f"A: {a}  pass@1 {percent(found.a)}",
        f"B: {b}  pass@1 {percent(found.b)}",
        f"B - A: {found.difference:+.1%}  "
        + (
            f"[{found.interval.low:+.1%}, {found.interval.high:+.1%}]"
            if found.interval is not None
            else ""
        ),
        f"{found.problems} problems: B better on {found.b_better}, A better on {found.a_better}",
    ]
    if found.p_value is not None:
        test = "McNemar, exact" if found.method == "mcnemar" else "paired sign-flip test"
        lines.append(f"p = {found.p_value:.4g} ({test}; interval by paired bootstrap)")
    if found.left_out:
        lines.append(f"left out, graded by one run only: {_some(found.left_out)}")
    return "\n".join(lines)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


def _line(message: str) -> str:
    """A message that may come from a candidate: one line, no control characters, not too long."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return plain if len(plain) <= 300 else f"{plain[:299]}…"
