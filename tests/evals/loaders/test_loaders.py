"""Benchmarks of others, from small files written here in their shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals import suite
from evals.answers import extract, parses
from evals.errors import SuiteError
from evals.loaders import load, recognised
from evals.loaders.scripts import as_test_file, capabilities, entry_points

MULTIPL_E = {
    "name": "HumanEval_900_double",
    "language": "elixir",
    "prompt": (
        "# Doubles.\n# >>> HumanEval.double(2)\n# 4\n\ndefmodule HumanEval do\n"
        "  def candidate(n), do: double(n)\n  def double(n) do\n    "
    ),
    "doctests": "transform",
    "original": "somewhere.py",
    "prompt_terminology": "reworded",
    "tests": (
        "ExUnit.start()\ndefmodule HumanEvalTest do\n  use ExUnit.Case, async: true\n"
        "  test 'double' do\n    assert 4 == HumanEval.candidate(2)\n  end\nend\n"
    ),
    "stop_tokens": ["\ndefmodule", "\ndefp", "\ndef ", "\n#", "\n\n"],
}
MCEVAL = {
    "task_id": "Elixir/1",
    "prompt": "defmodule Doubler do\ndef double(n) do\n# Doubles.",
    "canonical_solution": "n * 2\nend\nend",
    "test": 'ExUnit.start()\ndefmodule DoublerTest do\nuse ExUnit.Case\n\ntest "doubles" do\n'
    "assert Doubler.double(2) == 4\nend\nend",
    "entry_point": "double",
    "signature": "def double(n) do",
    "docstring": "Doubles.",
    "instruction": "Write a function that doubles.",
    "level": "middle",
}
AUTOCODEBENCH = {
    "question": "Write `Solution.double/1` in Elixir.",
    "canonical_solution": "```elixir\ndefmodule Solution do\n  def double(n), do: n * 2\nend\n```",
    "demo_test_func": "defmodule SolutionTest do\nend\n",
    "full_test_func": "ExUnit.start(autorun: false)\ndefmodule SolutionTest do\n"
    '  use ExUnit.Case\n\n  test "doubles" do\n    assert Solution.double(2) == 4\n  end\nend\n'
    "ExUnit.run()\n",
    "language": "elixir",
    "difficulty": "hard",
}


def written(folder: Path, *rows: Any, name: str = "bench.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{r if isinstance(r, str) else json.dumps(r)}\n" for r in rows))
    return path


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


def test_multipl_e(tmp_path: Path) -> None:
    path = written(tmp_path, MULTIPL_E, {**MULTIPL_E, "name": "other", "language": "lua"})
    (problem,) = load(path).problems
    assert (problem.id, problem.suite, problem.solution) == ("HumanEval_900_double", "bench", "")
    assert problem.prefix == problem.prompt == MULTIPL_E["prompt"]
    assert problem.entry_points == ("HumanEval.candidate/1", "HumanEval.double/1")
    assert problem.test.startswith("defmodule HumanEvalTest do")
    program = extract("n * 2\n  end\nend\n\ndefmodule More do", problem)
    assert program == f"{MULTIPL_E['prompt']}n * 2\n  end\nend"
    assert parses(program)


def test_mceval(tmp_path: Path) -> None:
    path = written(tmp_path, MCEVAL, {**MCEVAL, "task_id": "Erlang/1"})
    (problem,) = load(path).problems
    assert (problem.id, problem.difficulty) == ("Elixir/1", "medium")
    assert parses(problem.solution)
    assert problem.solution == problem.program("n * 2\nend\nend\n")
    assert problem.entry_points == ("Doubler.double/1",)
    assert "ExUnit.start" not in problem.test


def test_autocodebench(tmp_path: Path) -> None:
    rows = [AUTOCODEBENCH, {**AUTOCODEBENCH, "language": "python", "question": "?"}]
    (problem,) = load(written(tmp_path, *rows)).problems
    assert problem.solution == "defmodule Solution do\n  def double(n), do: n * 2\nend\n"
    assert problem.difficulty == "hard"
    assert problem.test.startswith("defmodule SolutionTest do\n  use ExUnit.Case")
    assert "ExUnit.run" not in problem.test
    again = load(written(tmp_path, {**AUTOCODEBENCH, "difficulty": "easy"}, name="lite.jsonl"))
    assert again.problems[0].id == problem.id


def exercise(track: Path, slug: str, **files: str) -> Path:
    folder = track / "exercises" / "practice" / slug
    texts = {
        ".meta/config.json": json.dumps(
            {
                "files": {
                    "solution": ["lib/twice.ex"],
                    "test": ["test/twice_test.exs"],
                    "example": [".meta/example.ex"],
                }
            }
        ),
        ".docs/instructions.md": "# Instructions\n\nDouble a number.\n",
        "lib/twice.ex": "defmodule Twice do\n  def of(n) do\n  end\nend\n",
        ".meta/example.ex": "defmodule Twice do\n  def of(n), do: n * 2\nend\n",
        "test/twice_test.exs": "defmodule TwiceTest do\n  use ExUnit.Case\n\n  @tag :pending\n"
        '  test "doubles" do\n    assert Twice.of(2) == 4\n  end\nend\n',
        **files,
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_an_exercism_track(tmp_path: Path) -> None:
    exercise(tmp_path, "twice")
    exercise(tmp_path, "old")
    listed = [{"slug": "twice", "difficulty": 8}, {"slug": "old", "status": "deprecated"}]
    (tmp_path / "config.json").write_text(json.dumps({"exercises": {"practice": listed}}))
    (problem,) = load(tmp_path).problems
    assert (problem.id, problem.difficulty) == ("twice", "hard")
    assert "Double a number." in problem.prompt
    assert "def of(n) do" in problem.prompt
    assert "n * 2" in problem.solution
    assert "n * 2" not in problem.prompt
    assert problem.entry_points == ("Twice.of/1",)


def test_an_exercise_cannot_read_what_lies_outside_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    for outside in ("../../../../secret", str(tmp_path / "secret")):
        files = {"solution": ["lib/twice.ex"], "test": [outside], "example": [".meta/example.ex"]}
        exercise(tmp_path / "track", "twice", **{".meta/config.json": json.dumps({"files": files})})
        with pytest.raises(SuiteError, match=r"twice: .*secret: lies outside"):
            load(tmp_path / "track")


def test_every_wrong_exercise_is_named(tmp_path: Path) -> None:
    exercise(tmp_path, "first", **{".meta/config.json": '{"files": {"solution": []}}'})
    exercise(tmp_path, "second", **{".meta/config.json": "[" * 100_000})
    (exercise(tmp_path, "third") / ".meta" / "example.ex").unlink()
    with pytest.raises(SuiteError) as raised:
        load(tmp_path)
    told = str(raised.value).split("\n")
    assert [slug in line for slug, line in zip(("first", "second", "third"), told, strict=True)]
    assert "files.test: field required" in told[0]
    assert told[2].endswith(".meta/example.ex: cannot be read: No such file or directory")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (without(MULTIPL_E, "tests"), "bench.jsonl:2: tests: field required"),
        ({**MULTIPL_E, "prompt": 3}, "bench.jsonl:2: prompt: input should be a valid string"),
        ({**MULTIPL_E, "stop_tokens": "x"}, "bench.jsonl:2: stop_tokens: input should be"),
        ("{", "bench.jsonl:2: is no JSON"),
        ("[1]", "bench.jsonl:2: is no JSON object"),
        ("[" * 50_000, "bench.jsonl:2: is no JSON"),
        (MULTIPL_E, "two problems have the id 'HumanEval_900_double'"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_line(
    tmp_path: Path, row: dict[str, Any] | str, told: str
) -> None:
    with pytest.raises(SuiteError, match=told.replace("[", r"\[")):
        load(written(tmp_path, MULTIPL_E, row))


def test_all_wrong_rows_are_named_up_to_a_number(tmp_path: Path) -> None:
    with pytest.raises(SuiteError) as raised:
        load(written(tmp_path, MULTIPL_E, *["{"] * 30))
    lines = str(raised.value).split("\n")
    assert len(lines) == 21
    assert lines[-1] == "and 10 more"


def test_what_is_no_benchmark_is_an_error_that_tells_what_is_known(tmp_path: Path) -> None:
    for path, told in [
        (written(tmp_path, {"a": 1}, name="a.jsonl"), "no benchmark that is known"),
        (written(tmp_path, name="b.jsonl"), "holds no row"),
        (written(tmp_path, {**MULTIPL_E, "language": "lua"}, name="c.jsonl"), "without a problem"),
        (tmp_path / "none.jsonl", "cannot be read"),
    ]:
        with pytest.raises(SuiteError, match=told):
            load(path)
    (tmp_path / "d.jsonl").write_bytes(b"\xff\xfe\n")
    with pytest.raises(SuiteError, match=r"d\.jsonl:1: is not UTF-8"):
        load(tmp_path / "d.jsonl")


def test_suites_are_loaded_from_such_files_by_path(tmp_path: Path) -> None:
    path = written(tmp_path, MCEVAL)
    assert recognised(path)
    assert suite.load(str(path)) == load(path)
    assert not recognised(tmp_path)


# Test scripts


def test_what_starts_exunit_and_what_reads_files_goes() -> None:
    script = (
        'Code.require_file("x.ex")\nExUnit.start()\nExUnit.configure(exclude: :slow)\n'
        "defmodule T do\n  use ExUnit.Case\n  doctest Sum\n\n"
        '  test "ExUnit.start() in a string" do\n    assert true\n  end\nend\n'
    )
    file = as_test_file(script, "Other")
    assert "require_file" not in file
    assert "configure" not in file
    assert "doctest" not in file
    assert '"ExUnit.start() in a string"' in file
    assert parses(file)


def test_a_script_without_a_test_module_becomes_one_test() -> None:
    file = as_test_file('require Integer\nx = Sum.of([1])\nif x != 1, do: raise("no")\n', "Loose")
    assert file == (
        "require Integer\n\ndefmodule Loose do\n  use ExUnit.Case\n\n"
        '  test "script" do\n    x = Sum.of([1])\n    if x != 1, do: raise("no")\n  end\nend\n'
    )


def test_a_script_that_does_not_parse_is_left_alone() -> None:
    assert as_test_file("ExUnit.start()\ndefmodule T do", "T") == "ExUnit.start()\ndefmodule T do"


def test_entry_points_are_what_the_tests_mention() -> None:
    program = (
        "defmodule A.B do\n  def one(x, y), do: x + y\n  def two, do: 2\n  defp c(x), do: x\nend\n"
    )
    assert entry_points(program, "assert A.B.one(1, 2)") == ("A.B.one/2",)
    assert entry_points(program, "") == ("A.B.one/2", "A.B.two/0")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("use GenServer", {"process"}),
        (":ets.new(:t, [])", {"ets"}),
        ("Enum.shuffle(l)", {"random"}),
        ("Process.send_after(self(), :x, 1)", {"process", "timer"}),
        ("Enum.map(l, & &1)", set()),
    ],
)
def test_capabilities_are_read_from_the_reference(code: str, found: set[str]) -> None:
    assert capabilities(code) == found
