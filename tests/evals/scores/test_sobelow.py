"""Sobelow, kept warm in a VM of its own.

What needs the real Sobelow runs where $ELIXIR_FACTORY_SOBELOW names its escript or the image
has it; the rest runs without.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals import suite
from evals.errors import SandboxError, SuiteError
from evals.sandbox import Engine
from evals.scores.sobelow import KIND, Report, Sobelow
from tests.evals.scores import escripts

INSECURE = """defmodule Insecure do
  def evaluated(text), do: Code.eval_string(text)
  def command(text), do: :os.cmd(text)
  def name(text), do: String.to_atom(text)
  def term(bytes), do: :erlang.binary_to_term(bytes)
  def file(path), do: File.read!(path)
  def rows(name), do: Ecto.Adapters.SQL.query(Repo, "select * from #{name}", [])
end
"""
FOUND = {
    ("RCE.CodeModule", "low", 2),
    ("CI.OS", "low", 3),
    ("DOS.StringToAtom", "low", 4),
    ("Misc.BinToTerm", "high", 5),
    ("Traversal.FileModule", "low", 6),
    ("SQL.Query", "low", 7),
}
SECURE = "defmodule Secure do\n  def up(x), do: x + 1\nend\n"


@pytest.fixture(scope="module")
def real(engine: Engine, rootfs: Path) -> Iterator[Sobelow]:
    given = os.environ.get("ELIXIR_FACTORY_SOBELOW")
    if not given and not KIND.inside(rootfs):
        pytest.skip("no real Sobelow: name its escript in $ELIXIR_FACTORY_SOBELOW")
    with Sobelow(engine, Path(given) if given else None) as sobelow:
        yield sobelow


def checks(report: Report) -> set[str]:
    return {finding.check for finding in report.findings or ()}


def test_findings_have_check_confidence_message_and_line(real: Sobelow) -> None:
    found = real.check(INSECURE).findings or ()
    assert {(f.check, f.confidence, f.line) for f in found} == FOUND
    assert {f.message for f in found} >= {
        "Code Execution in `Code.eval_string`",
        "Unsafe `binary_to_term`",
    }


def test_secure_code_has_no_finding(real: Sobelow) -> None:
    assert real.check(SECURE) == Report(())


def test_no_reference_solution_has_a_finding(real: Sobelow) -> None:
    for name in ("core", "otp"):
        for problem in suite.load(name).problems:
            assert real.check(problem.solution) == Report(()), problem.label


def test_what_does_not_parse_is_not_measured_although_sobelow_finds_nothing(
    real: Sobelow,
) -> None:
    assert real.check("defmodule Insecure do") == Report(None, "does not parse")


@pytest.mark.parametrize(
    "skip",
    [
        '# sobelow_skip ["RCE"]\n  def',
        '#sobelow_skip ["RCE.CodeModule"]\n  def',
        '@sobelow_skip ["RCE", "RCE.CodeModule"]\n  def',
    ],
)
def test_a_candidate_cannot_skip_checks(real: Sobelow, skip: str) -> None:
    skipping = INSECURE.replace("def evaluated", f"{skip} evaluated")
    assert checks(real.check(skipping)) == {check for check, _, _ in FOUND}


def test_a_source_that_is_a_configuration_configures_nothing(real: Sobelow) -> None:
    ignoring = '[ignore: ["RCE"], exit: "low", version: true] |> tap(fn _ -> System.halt(3) end)\n'
    assert real.check(ignoring).findings is not None
    assert checks(real.check(INSECURE)) == {check for check, _, _ in FOUND}


def test_one_source_leaves_nothing_for_the_next(real: Sobelow) -> None:
    for _ in range(3):
        real.check(INSECURE)
        real.check("]")
        assert real.check(SECURE) == Report(())


def test_it_survives_sources_that_would_exhaust_it(real: Sobelow) -> None:
    for source in ("(" * 100_000, "[" * 3_000 + "]" * 3_000, "\0", "x" * 300_000, "\ud800"):
        assert isinstance(real.check(source), Report)
    assert real.check(SECURE) == Report(())


def test_its_vm_is_started_again_after_it_was_closed(real: Sobelow) -> None:
    real.close()
    assert real.check(SECURE) == Report(())


# Without the real one


def test_a_file_that_is_not_there_is_an_error_that_names_it(engine: Engine) -> None:
    with pytest.raises(SuiteError, match=r"/nowhere/sobelow: cannot be read"):
        Sobelow(engine, Path("/nowhere/sobelow"))


def test_an_escript_of_something_else_is_an_error(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"other: holds no Sobelow; give Sobelow's own escript"):
        Sobelow(engine, escripts.other(tmp_path))


def test_an_image_without_sobelow_says_so(engine: Engine, rootfs: Path) -> None:
    with Sobelow(engine) as sobelow:
        report = sobelow.check(SECURE)
    if KIND.inside(rootfs):
        assert report == Report(())
    else:
        assert report.findings is None
        assert "no such file" in report.reason
