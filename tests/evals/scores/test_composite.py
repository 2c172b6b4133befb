"""Quality, efficiency, ChrF, purity, and how they become one number."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.errors import SuiteError
from evals.problem import Problem
from evals.scores import Measure, Weights, combined, dialyzer, score, sobelow
from evals.scores.chrf import chrf
from evals.scores.credo import Issue, Report
from evals.scores.efficiency import efficiency
from evals.scores.purity import is_elixir, purity
from evals.scores.quality import NOTHING, Reports, quality
from evals.verdict import Diagnostic, Verdict

PROGRAM = "defmodule Sum do\n  def of(list), do: Enum.sum(list)\nend\n"
PROBLEM = Problem("sum", "core", "Sum.", PROGRAM, "test", ("Sum.of/1",))
RIGHT = Verdict("passed", way="warm", formatted=True, reductions=9_000, memory=1_000_000)
shares = st.one_of(
    st.builds(Measure, st.floats(0, 1)), st.just(Measure(None, "the tool is absent"))
)


# Quality


def test_a_clean_program_is_as_good_as_can_be_of_what_was_measured() -> None:
    found = quality(PROGRAM, RIGHT)
    assert found.score == Measure(1.0, "without credo, dialyzer, sobelow")


def test_warnings_lower_it_by_their_density() -> None:
    warned = Verdict(
        "passed", way="warm", diagnostics=(Diagnostic("warning", "unused"),), formatted=True
    )
    short, long = quality(PROGRAM, warned), quality(PROGRAM + "x = 1\n" * 37, warned)
    assert short.parts["warnings"].value == pytest.approx(math.exp(-0.5))
    assert long.parts["warnings"].value == pytest.approx(math.exp(-0.5 / 4))


def test_comments_and_blank_lines_do_not_make_a_program_longer() -> None:
    warned = Verdict("passed", way="warm", diagnostics=(Diagnostic("warning", "unused"),))
    padded = quality(PROGRAM + "# filler\n\n" * 500, warned)
    assert padded.parts["warnings"] == quality(PROGRAM, warned).parts["warnings"]


def test_format_is_all_or_nothing() -> None:
    verdict = Verdict("passed", way="warm", formatted=False)
    assert quality(PROGRAM, verdict).parts["format"] == Measure(0.0)
    unknown = quality(PROGRAM, Verdict("passed", way="warm", formatted=None)).parts["format"]
    assert unknown.value is None


def test_credo_counts_by_category() -> None:
    report = Report(
        (Issue("Warning.IoInspect", "warning", "…", 1), *[Issue("x", "design", "", 1)] * 2)
    )
    found = quality(PROGRAM, RIGHT, replace(NOTHING, credo=report))
    assert found.issues == {"design": 2, "warning": 1}
    assert found.parts["credo"].value == pytest.approx(math.exp(-0.8 - 0.6))
    assert "credo" not in found.score.reason


def test_what_credo_could_not_read_is_not_measured() -> None:
    told = replace(NOTHING, credo=Report(None, "does not parse"))
    assert quality(PROGRAM, RIGHT, told).parts["credo"] == Measure(None, "does not parse")


def test_dialyzer_counts_by_kind_and_sobelow_by_confidence() -> None:
    warnings = [dialyzer.Warning(kind, "…", 2) for kind in ("failing_call", "return_no_exit")]
    findings = [
        sobelow.Finding("RCE.CodeModule", "low", "…", 2),
        sobelow.Finding("Misc.BinToTerm", "high", "…", 3),
    ]
    found = quality(
        PROGRAM,
        RIGHT,
        Reports(
            Report(()),
            dialyzer.Report((*warnings, dialyzer.Warning("brand_new", "…", 1))),
            sobelow.Report(tuple(findings)),
        ),
    )
    assert found.warnings == {"brand_new": 1, "failing_call": 1, "return_no_exit": 1}
    assert found.findings == {"Misc.BinToTerm": 1, "RCE.CodeModule": 1}
    parts = {name: part.value for name, part in found.parts.items()}
    assert parts == {
        "warnings": 1.0,
        "format": 1.0,
        "credo": 1.0,
        "dialyzer": pytest.approx(math.exp(-0.8 - 0.1 - 0.3)),
        "sobelow": pytest.approx(math.exp(-0.2 - 0.8)),
    }
    assert found.score.value == pytest.approx(
        0.85 + 0.1 * (parts["dialyzer"] or 0) + 0.05 * (parts["sobelow"] or 0)
    )
    assert found.score.reason == ""


def test_absent_dialyzer_and_sobelow_are_neither_zero_nor_full() -> None:
    parts = quality(PROGRAM, RIGHT).parts
    assert parts["dialyzer"] == Measure(None, "there is no Dialyzer in the image")
    assert parts["sobelow"].value is None
    assert "--sobelow FILE" in parts["sobelow"].reason


def test_of_a_program_that_does_not_compile_warnings_are_unknown() -> None:
    part = quality("defmodule", Verdict("compile_error", formatted=None)).parts["warnings"]
    assert part == Measure(None, "the program does not compile")


# Efficiency


@pytest.mark.parametrize(
    ("reductions", "memory", "value"),
    [(9_000, 1_000_000, 1.0), (4_500, 500_000, 1.0), (18_000, 2_000_000, 0.5), (36_000, 1, 0.475)],
)
def test_it_is_the_references_work_over_ones_own(
    reductions: int, memory: int, value: float
) -> None:
    own = Verdict("passed", way="warm", reductions=reductions, memory=memory)
    assert efficiency(own, RIGHT).value == pytest.approx(value)


def test_memory_below_the_noise_is_all_the_same() -> None:
    a = Verdict("passed", reductions=9_000, memory=90_000)
    b = Verdict("passed", reductions=9_000, memory=200_000)
    assert efficiency(b, a) == Measure(1.0)


def test_it_is_not_measured_where_there_is_nothing_to_compare() -> None:
    assert efficiency(Verdict("failed", reductions=1), RIGHT).value is None
    assert efficiency(RIGHT, None).value is None
    assert efficiency(RIGHT, Verdict("timeout")).value is None
    assert efficiency(Verdict("passed", way="two_vms"), RIGHT).value is None


# ChrF and purity


def test_chrf_is_one_for_the_reference_and_falls_with_distance() -> None:
    near, far = PROGRAM.replace("list", "numbers"), "IO.puts(:hello)"
    values = [chrf(text, PROGRAM).value or 0.0 for text in (PROGRAM, near, far, "")]
    assert values[0] == pytest.approx(1.0)
    assert values == sorted(values, reverse=True)
    assert values[3] == 0.0
    assert chrf(PROGRAM, "  ").value is None


def test_chrf_agrees_with_values_worked_out_by_hand() -> None:
    # "ab" against "ac": of the 1-grams one of two, of the 2-grams none; longer ones do not exist.
    assert chrf("ab", "ac").value == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("program", "elixir"),
    [
        (PROGRAM, True),
        ("def of(list), do: Enum.sum(list)", True),
        ("def of(list):\n    return sum(list)\n", False),
        ("print('hello')\n", False),
        ("I am sorry, I cannot do that.", False),
        ("function of(list) { return 1; }", False),
        ("", False),
        ("defmodule Sum do", False),
    ],
)
def test_what_is_elixir(program: str, elixir: bool) -> None:
    assert is_elixir(program) is elixir


def test_purity_is_a_share_and_of_nothing_it_is_undefined() -> None:
    assert purity([PROGRAM, "print(1)", PROGRAM, "?"]) == 0.5
    assert purity([]) is None


# The composite


def test_the_plan_s_weights() -> None:
    value = combined(Measure(1.0), Measure(0.5), Measure(0.25), Measure(0.0)).value
    assert value == pytest.approx(0.4 + 0.3 * 0.5 + 0.2 * 0.25)


def test_a_program_that_does_not_pass_gets_nothing_for_its_style() -> None:
    assert combined(Measure(0.0), Measure(1.0), Measure(1.0), Measure(1.0)).value == 0.0


def test_what_was_not_measured_leaves_its_weight_to_the_others_and_is_named() -> None:
    value = combined(Measure(1.0), Measure(0.5), Measure(1.0), Measure(None, "two VMs"))
    assert value.value == pytest.approx((40 + 15 + 20) / 90)
    assert value.reason == "without efficiency"


def test_an_infrastructure_error_has_no_composite() -> None:
    broken = score(PROBLEM, PROGRAM, Verdict("infrastructure_error", "the VM died"), RIGHT)
    assert broken.function.value is None
    assert broken.composite.value is None
    assert "the VM died" in broken.composite.reason


@given(shares, shares, shares)
def test_the_composite_of_a_right_program_lies_between_its_parts(
    idiom: Measure, quality: Measure, efficiency: Measure
) -> None:
    value = combined(Measure(1.0), idiom, quality, efficiency).value
    parts = [part.value for part in (idiom, quality, efficiency) if part.value is not None]
    assert value is not None
    assert min([1.0, *parts]) - 1e-9 <= value <= 1.0


def test_weights_come_as_text_and_mistakes_are_named() -> None:
    assert Weights.parse("function=1, idiom=1") == Weights(1, 1, 0, 0)
    for text, told in [
        ("style=3", "'style=3' is none of function"),
        ("idiom=much", "'much' is no number"),
        ("idiom=-1", "0 or more"),
        ("idiom=nan", "0 or more"),
        ("idiom=0", "at least one weight"),
        ("idiom", "none of"),
    ]:
        with pytest.raises(SuiteError, match=told):
            Weights.parse(text)


def test_a_part_without_a_value_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        Measure(None)
    with pytest.raises(ValueError, match="0 to 1"):
        Measure(1.5)


def test_the_whole_for_a_right_program_is_json_with_reasons() -> None:
    told = json.loads(json.dumps(score(PROBLEM, PROGRAM, RIGHT, RIGHT).as_dict()))
    assert told["function"] == told["quality"] == told["efficiency"] == told["chrf"] == 1.0
    assert 0.5 < told["idiom"] < 1
    assert told["composite"] == pytest.approx(0.7 + 0.3 * told["idiom"])
    assert told["elixir"] is True
    assert set(told["not_measured"]) == {"quality.credo", "quality.dialyzer", "quality.sobelow"}


@pytest.mark.parametrize(
    "program", ["", "print(1)", "\0", "(" * 5_000, "defmodule A do", "é\ud800"]
)
def test_no_program_makes_it_raise(program: str) -> None:
    told = score(PROBLEM, program, Verdict("compile_error"), RIGHT)
    assert told.composite == Measure(0.0, "the program does not pass")
    assert told.elixir is False
