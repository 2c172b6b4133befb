"""Idiom: does a program read as Elixir is written? From its syntax tree alone, 0 to 1.

    score = exp(-faults / size) * (FLOOR + (1 - FLOOR) * (1 - exp(-virtues)))

`faults` is the weight of all faults found in live code and `size` its number of forms in units of
`UNIT`, so that twice as much code with twice as many faults is as good. `virtues` adds, for each
virtue, its weight times the share of live functions that have it: no function gains by having one
twice. Code that cannot be reached, whose value is thrown away or that changes nothing is no part of
`size` and earns nothing; it is a fault itself. Comments, documentation and layout do not count
(`mix format` and Credo look at those, see `evals.scores.quality`), and nothing is said of whether
the program works.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from evals.scores.idiom import collections, conditions, flow, shape
from evals.scores.idiom.forms import Form, build
from evals.scores.idiom.functions import Function, functions, idle, live
from evals.scores.idiom.rules import FAULTS, VIRTUES
from factory.syntax import read

FLOOR = 0.55
"""The score of code without a fault and without a virtue."""
UNIT = 20
"""Forms that count as one unit of size: two or three lines."""
LEAST = 0.5
"""Smaller programs count as this many units: one fault in one line is not infinitely dense."""
MAX_BYTES = 200_000
MAX_FORMS = 4_000
"""In one function, all clauses together: some 500 lines. Rules compare forms with one another."""
FUNCTION_FAULTS_PER_KIND = 6
"""A fault found more often in one function counts no more: it is one habit."""


@dataclass(frozen=True)
class Finding:
    """A fault at a line (from 1) of the candidate, with what to do instead."""

    rule: str
    line: int
    advice: str
    weight: float


@dataclass(frozen=True)
class Idiom:
    """The score with what it was made of. `score` is None, with a `reason`, for what cannot be
    read. `virtues` maps each to the share of live functions that have it; `size` is in units."""

    score: float | None
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    virtues: tuple[tuple[str, float], ...] = ()
    size: float = 0.0


def idiom(
    source: str, entry_points: tuple[str, ...] = (), capabilities: Collection[str] = ()
) -> Idiom:
    """The idiom score of a program. Never raises for what `source` holds.

    `entry_points` and `capabilities` are the problem's (`Problem`): functions that no entry point
    reaches are left out, and a problem about processes may be solved with processes.
    """
    data = source.encode("utf-8", "replace")
    if len(data) > MAX_BYTES:
        return Idiom(None, f"larger than {MAX_BYTES:,} bytes")
    outline, tree = read(data, "elixir")
    if tree is None:
        return Idiom(None, outline.truncated or "cannot be read")
    if tree.root_node.has_error:
        return Idiom(None, "does not parse")
    everything = functions(build(tree.root_node, data))
    alive = live(everything, entry_points)
    if not alive:
        return Idiom(None, "defines no function")
    if any(function.forms() > MAX_FORMS for function in alive):
        return Idiom(None, f"a function of more than {MAX_FORMS:,} forms")
    allowed = frozenset(capabilities)
    findings: list[Finding] = []
    size = 0
    held = dict.fromkeys(VIRTUES, 0)
    for function in alive:
        unused = idle(function)
        found, forms = _examine(function, unused, allowed)
        findings += found
        size += forms
        for virtue in shape.virtues(function, unused):
            held[virtue] += 1
    reached = {id(function) for function in alive}
    findings += [
        _finding("dead_function", function.clauses[0].form)
        for function in everything
        if function.private and id(function) not in reached
    ]
    units = max(LEAST, size / UNIT)
    shares = {name: count / len(alive) for name, count in held.items() if count}
    density = math.fsum(finding.weight for finding in findings) / units
    merit = math.fsum(VIRTUES[name].weight * share for name, share in shares.items())
    score = math.exp(-density) * (FLOOR + (1.0 - FLOOR) * (1.0 - math.exp(-merit)))
    findings.sort(key=lambda finding: (finding.line, finding.rule))
    return Idiom(score, "", tuple(findings), tuple(sorted(shares.items())), units)


def _examine(
    function: Function, unused: list[Form], capabilities: frozenset[str]
) -> tuple[list[Finding], int]:
    """A function's findings, and of how many forms it consists."""
    ignored = {id(form) for statement in unused for form in statement.walk()}
    found = [_finding("unused_value", statement) for statement in unused]
    found += [_finding(rule, form) for rule, form in shape.faults(function)]
    forms = 0
    for clause in function.clauses:
        for form in clause.form.walk():
            if id(form) in ignored:
                continue
            rules = [*conditions.faults(form), *collections.faults(form)]
            rules += flow.faults(form, capabilities)
            found += [_finding(rule, form) for rule in rules]
            if "identity_step" in rules:
                ignored.update(id(inner) for inner in form.walk() if inner is not form)
            else:
                forms += 1
    counted: dict[str, int] = {}
    kept: list[Finding] = []
    for finding in found:
        counted[finding.rule] = counted.get(finding.rule, 0) + 1
        if counted[finding.rule] <= FUNCTION_FAULTS_PER_KIND:
            kept.append(finding)
    return kept, forms


def _finding(rule: str, form: Form) -> Finding:
    fault = FAULTS[rule]
    return Finding(rule, form.line, fault.advice, fault.weight)
