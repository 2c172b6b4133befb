"""OTP's Dialyzer, kept warm in a VM of its own; where the image has it, as Debian's has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evals import suite
from evals.sandbox import Engine, Limits, Program, everything
from evals.scores.dialyzer import KIND, Dialyzer, Report

WRONG = """defmodule Wrong do
  @spec size(String.t()) :: atom
  def size(text), do: String.length(text)

  def call, do: Integer.to_string(:one)

  def match do
    case String.length("x") do
      :never -> 1
      n -> n
    end
  end
end
"""
FOUND = [
    ("contract_types", 2),
    ("return_no_exit", 5),
    ("failing_call", 5),
    ("matching", 9),
]
# Right by itself, wrong together with the other.
CALLER = "defmodule Caller do\n  def f, do: Wrong.size(1)\nend\n"
RIGHT = """defmodule Right do
  @moduledoc "Counts."
  use GenServer

  @spec start_link(integer) :: GenServer.on_start()
  def start_link(first), do: GenServer.start_link(__MODULE__, first)

  @impl true
  def init(first), do: {:ok, first}

  @impl true
  def handle_call(:next, _from, count), do: {:reply, count, count + 1}
end
"""


@pytest.fixture(scope="module")
def dialyzer(engine: Engine, rootfs: Path) -> Iterator[Dialyzer]:
    if not KIND.inside(rootfs):
        pytest.skip("the image has no Dialyzer")
    with Dialyzer(engine) as warm:
        yield warm


def kinds(report: Report) -> list[tuple[str, int]]:
    return [(warning.kind, warning.line) for warning in report.warnings or ()]


def test_warnings_have_kind_message_and_line(dialyzer: Dialyzer) -> None:
    report = dialyzer.check(WRONG)
    assert sorted(kinds(report)) == sorted(FOUND)
    (said,) = [w.message for w in report.warnings or () if w.kind == "matching"]
    assert said == "The pattern 'never' can never match the type 1"


def test_it_says_what_the_command_says(dialyzer: Dialyzer, engine: Engine, tmp_path: Path) -> None:
    """`dialyzer` loads the PLT for each call, and knows nothing of how it is kept warm here."""
    (tmp_path / "candidate.ex").write_text(WRONG)
    tmp_path.chmod(0o755)
    libraries = "$(elixir -e 'IO.write(:code.lib_dir(:elixir))')/ebin"
    command = (
        "cd /tmp && elixirc -o . /opt/elixireval/source/candidate.ex >&2; "
        f"dialyzer --quiet --no_indentation -pa {libraries} "
        f"--no_check_plt --plt {KIND.in_image} -Wno_unknown *.beam"
    )
    limits = Limits(memory=1 << 30)
    running = engine.start(
        Program(["sh", "-c", command], limits, {"/opt/elixireval/source": tmp_path})
    )
    said = everything(running).decode()
    running.kill()
    told = re.findall(r"^candidate\.ex:(\d+)(?::\d+)?: (.*)", said, re.MULTILINE)
    ours = dialyzer.check(WRONG).warnings or ()
    assert len(told) == len(FOUND)
    assert sorted((int(line), text.strip()) for line, text in told) == sorted(
        (warning.line, warning.message.splitlines()[0].strip()) for warning in ours
    )


def test_several_at_a_time_do_not_mix(engine: Engine, dialyzer: Dialyzer) -> None:
    with Dialyzer(engine, vms=2) as two, ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(two.check, [WRONG, CALLER] * 6))
    assert [sorted(kinds(report)) for report in reports] == [sorted(FOUND), []] * 6


def test_right_code_has_no_warning(dialyzer: Dialyzer) -> None:
    assert dialyzer.check(RIGHT, ["process"]) == Report(())


def test_no_reference_solution_has_a_warning(dialyzer: Dialyzer) -> None:
    for name in ("core", "otp"):
        for problem in suite.load(name).problems:
            report = dialyzer.check(problem.solution, problem.capabilities)
            assert report == Report(()), problem.label


@pytest.mark.parametrize(
    "silencing",
    [
        "@dialyzer {:nowarn_function, size: 1, call: 0, match: 0}",
        "@dialyzer [:no_contracts, :no_return, :no_match, :no_fail_call]",
        "@dialyzer :no_return; @dialyzer :no_match; @dialyzer {:no_fail_call, call: 0}",
        "@ dialyzer({:nowarn_function, [size: 1, call: 0, match: 0]})",
        "@\uff44ialyzer {:nowarn_function, size: 1, call: 0, match: 0}",
        "@compile :nowarn_unused_function; @compile {:inline, call: 0}",
        "@compile [inline: [call: 0]]",
    ],
)
def test_a_candidate_cannot_silence_it(dialyzer: Dialyzer, silencing: str) -> None:
    """It is told all the same, or not measured."""
    report = dialyzer.check(WRONG.replace("defmodule Wrong do", f"defmodule Wrong do {silencing}"))
    if report.warnings is None:
        assert report.reason in {
            "it is not compiled beside code of ours: sets @compile",
            "the program does not compile",
        }
    else:
        assert sorted(kinds(report)) == sorted(FOUND)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("defmodule Wrong do", "the program does not compile"),
        ("defmodule Wrong do\n  def f, do: nowhere()\nend", "the program does not compile"),
        ("", "it defines no module"),
        (
            "defmodule Wrong do\n  defmacro m, do: quote(generated: true, do: 1)\nend",
            "uses `?defmacro",
        ),
        ("defmodule Wrong do\n  System.halt(0)\nend", r"System\.halt/1"),
        (
            'defmodule Wrong do\n  Module.put_attribute(__MODULE__, :"dialy\\x7aer", :no_match)\n'
            "  def f, do: 1\nend",
            r"Module\.put_attribute/3",
        ),
        (f"defmodule :{'a' * 240} do\n  def f, do: 1\nend", "a module's name is no file's"),
    ],
)
def test_what_is_not_compiled_here_is_not_measured(
    dialyzer: Dialyzer, source: str, reason: str
) -> None:
    report = dialyzer.check(source)
    assert report.warnings is None
    assert re.search(reason, report.reason), report.reason


def test_one_program_leaves_nothing_for_the_next(dialyzer: Dialyzer) -> None:
    for _ in range(3):
        assert sorted(kinds(dialyzer.check(WRONG))) == sorted(FOUND)
        assert dialyzer.check(CALLER) == Report(())
    together = kinds(dialyzer.check(WRONG + CALLER))
    assert sorted(together) == sorted([*FOUND, ("return_no_exit", 15), ("failing_call", 15)])


def test_it_survives_sources_that_would_exhaust_it(dialyzer: Dialyzer) -> None:
    hungry = "defmodule A do\n  @all Enum.to_list(1..100_000_000)\n  def f, do: @all\nend\n"
    for source in (hungry, "(" * 100_000, "\0", "x" * 300_000, "\ud800"):
        assert dialyzer.check(source).warnings is None
    assert dialyzer.check(RIGHT, ["process"]) == Report(())


def test_its_vm_is_started_again_after_it_was_closed(dialyzer: Dialyzer) -> None:
    dialyzer.close()
    assert dialyzer.check(RIGHT, ["process"]) == Report(())


def test_an_image_without_dialyzer_says_so(engine: Engine, rootfs: Path) -> None:
    if KIND.inside(rootfs):
        pytest.skip("the image has Dialyzer")
    with Dialyzer(engine) as warm:
        report = warm.check(RIGHT)
    assert report.warnings is None
