"""Credo, kept warm in a VM of its own.

What needs the real Credo runs where $ELIXIR_FACTORY_CREDO names its escript or the image
has it; the rest runs with an escript written here that only looks like it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.errors import SandboxError, SuiteError
from evals.sandbox import Engine
from evals.scores.credo import KIND, Credo, Report
from evals.scores.quality import quality
from evals.verdict import Verdict
from tests.evals.scores import escripts

SLOPPY = """defmodule Sloppy do
  def f(x) do
    if !x do
      1
    else
      IO.inspect(x)
    end
  end
end
"""
NEAT = "defmodule Neat do\n  def up(x), do: x + 1\nend\n"


@pytest.fixture(scope="module")
def real(engine: Engine, rootfs: Path) -> Iterator[Credo]:
    given = os.environ.get("ELIXIR_FACTORY_CREDO")
    if not given and not KIND.inside(rootfs):
        pytest.skip("no real Credo: name its escript in $ELIXIR_FACTORY_CREDO")
    with Credo(engine, Path(given) if given else None) as credo:
        yield credo


def checks(report: Report) -> set[str]:
    return {issue.check for issue in report.issues or ()}


def test_issues_have_check_category_line_and_message(real: Credo) -> None:
    report = real.check(SLOPPY)
    found = {(issue.check, issue.category, issue.line) for issue in report.issues or ()}
    assert ("Refactor.NegatedConditionsWithElse", "refactor", 3) in found
    assert ("Warning.IoInspect", "warning", 6) in found
    assert all(issue.message for issue in report.issues or ())


def test_neat_code_has_no_issue(real: Credo) -> None:
    assert real.check(NEAT) == Report(())


def test_what_does_not_parse_is_not_measured_although_credo_finds_no_issue(real: Credo) -> None:
    assert real.check("defmodule Sloppy do") == Report(None, "does not parse")


@pytest.mark.parametrize(
    "comment",
    [
        "# credo:disable-for-this-file",
        "#credo : disable-for-this-file",
        "# CREDO:disable-for-lines:9",
    ],
)
def test_comments_cannot_turn_checks_off(real: Credo, comment: str) -> None:
    assert checks(real.check(f"{comment}\n{SLOPPY}")) >= checks(real.check(SLOPPY)) != set()


def test_a_source_that_is_a_configuration_configures_nothing(real: Credo) -> None:
    config = (
        '%{configs: [%{name: "default", requires: ["/tmp/credo/candidate.ex"], '
        "checks: [], files: %{included: []}}]} |> tap(fn _ -> System.halt(3) end)\n"
    )
    assert real.check(config).issues is not None
    assert checks(real.check(SLOPPY))


def test_one_source_leaves_nothing_for_the_next(real: Credo) -> None:
    before = real.check(NEAT)
    for _ in range(3):
        real.check(SLOPPY)
        real.check("]")
    assert real.check(NEAT) == before


def test_it_survives_sources_that_would_exhaust_it(real: Credo) -> None:
    for source in ("(" * 100_000, "[" * 3_000 + "]" * 3_000, "\0", "x" * 300_000, "\ud800"):
        assert isinstance(real.check(source), Report)
    assert real.check(NEAT) == Report(())


def test_its_vm_is_started_again_after_it_was_closed(real: Credo) -> None:
    real.close()
    assert real.check(NEAT) == Report(())


# Without the real one


def test_without_credo_its_part_is_neither_zero_nor_full() -> None:
    part = quality(NEAT, Verdict("passed", way="warm", formatted=True)).parts["credo"]
    assert part.value is None
    assert "--credo FILE" in part.reason


def test_a_file_that_is_not_there_is_an_error_that_names_it(engine: Engine) -> None:
    with pytest.raises(SuiteError, match=r"/nowhere/credo: cannot be read"):
        Credo(engine, Path("/nowhere/credo"))


def test_a_file_that_is_no_escript_is_an_error_that_names_it(
    engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "credo").write_text("#!/bin/sh\necho '{\"issues\": []}'\n")
    with pytest.raises(SandboxError, match=r"credo: is no escript"):
        Credo(engine, tmp_path / "credo")


def test_an_escript_of_something_else_is_an_error(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"other: holds no Credo"):
        Credo(engine, escripts.other(tmp_path))


def test_an_image_without_credo_says_so(engine: Engine, rootfs: Path) -> None:
    with Credo(engine) as credo:
        report = credo.check(NEAT)
    if KIND.inside(rootfs):
        assert report == Report(())
    else:
        assert report.issues is None
        assert "no such file" in report.reason
