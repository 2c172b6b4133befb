"""Decontamination: what was copied from a problem is found, what merely looks alike stays."""

from __future__ import annotations

import json
import pickle
import re
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest

from factory import plugins
from factory.errors import RequestError
from factory.passes.decontaminate import Index, Match, Problem, problems, told
from factory.passes.tokens import BLOCK, tokenise
from factory.spec import Decontamination

TYPICAL = Path(__file__).parents[2] / "fixtures" / "typical_problems.jsonl"
RECORDS = [json.loads(line) for line in TYPICAL.read_text().splitlines()]


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.build(problems(Decontamination(suites="none", files=(str(TYPICAL),))), (8, 10))


def inside(text: str) -> str:
    """The text among code of somebody else's."""
    return (
        f"defmodule Other do\n  def before(x), do: x\n\n{text}\n\n  def after_it(y), do: y\nend\n"
    )


@pytest.mark.parametrize("record", RECORDS, ids=[r["task_id"] for r in RECORDS])
def test_copies_of_every_part_of_a_problem_are_found(index: Index, record: dict[str, str]) -> None:
    name = f"typical_problems.jsonl: {record['task_id']}"
    solution, test = record["canonical_solution"], record["test"]
    as_doc = '@doc """\n' + re.sub(r"(?m)^# ?", "", record["prompt"]) + '"""'
    noted = solution.replace("\n", " # so\n\n")
    for copy in (solution, noted, " ".join(noted.split("# so")), test, as_doc):
        row = inside(copy)
        assert index.touches(tokenise(row.encode()))
        assert name in {match.problem for match in index.match(row)}


def test_a_match_says_what_is_shared_and_where_it_is_from(index: Index) -> None:
    solution = next(r for r in RECORDS if r["entry_point"] == "roman")["canonical_solution"]
    changed = solution.replace("letters <> roman(number - value)", "letters")
    (whole,) = [m for m in index.match(inside(solution)) if m.kind == "exact"]
    assert whole.problem == "typical_problems.jsonl: Typical/11"
    assert whole.field == "canonical_solution"
    assert whole.reason == (
        "contains the whole of typical_problems.jsonl: Typical/11 (canonical_solution)"
    )
    kinds = {m.kind: m for m in index.match(inside(changed))}
    assert set(kinds) == {"8-gram", "10-gram"}
    assert kinds["10-gram"].excerpt.startswith('@numerals [{1000, "M"}, {900, "CM"}')
    assert kinds["10-gram"].tokens > 100
    assert kinds["10-gram"].reason == (
        f"contains {kinds['10-gram'].tokens} tokens of typical_problems.jsonl: Typical/11 "
        "(canonical_solution)"
    )


@pytest.mark.parametrize(
    "text",
    [
        "  @impl true\n  def handle_call(:get, _from, state), do: {:reply, state, state}\n",
        "  use GenServer\n\n  def start_link(opts \\\\ []) do\n"
        "    GenServer.start_link(__MODULE__, opts, name: __MODULE__)\n  end\n",
        "    Supervisor.init(children, strategy: :rest_for_one)\n  end\nend\n",
        "    {Registry, keys: :unique, name: MyApp.Registry},\n",
        "  def fetch([], _), do: []\n  def fetch([head | tail], x), do: [head | fetch(tail, x)]\n",
        "    case :ets.lookup(table, key) do\n      [{^key, value}] -> {:ok, value}\n"
        "      [] -> :error\n    end\n",
        "",
    ],
)
def test_what_every_project_has_is_no_match(index: Index, text: str) -> None:
    assert index.match(inside(text)) == []


def test_ordinary_packages_lose_next_to_nothing(index: Index, corpus: Path) -> None:
    count = lost = 0
    for path in sorted(p for p in corpus.rglob("*") if p.suffix in {".ex", ".exs", ".erl"}):
        source = path.read_bytes()
        count += 1
        if index.touches(tokenise(source)):
            found = bool(index.match(source.decode("utf-8", "replace")))
            assert index.holds(source, tokenise(source)) == found
            lost += found
    assert count > 500
    assert lost <= count / 1000


def test_a_document_that_matches_in_any_part_is_looked_at(index: Index) -> None:
    """`touches` and `holds` may be wrong in one direction only."""
    for record in RECORDS:
        row = inside(record["canonical_solution"])
        for start in range(0, len(row) - 60, 37):
            part = row[start : start + 300]
            if index.match(part):
                tokens = tokenise(row.encode())
                assert index.touches(tokens)
                assert index.holds(row.encode(), tokens)


def test_the_length_of_runs_is_the_readers_choice() -> None:
    words = "alpha beta gamma delta epsilon zeta eta theta iota kappa"
    problem = Problem("p", (("solution", f"{words} lambda omicron sigma tau"),))
    assert [m.kind for m in Index.build([problem], (10,)).match(f"x {words} y")] == ["10-gram"]
    assert [m.kind for m in Index.build([problem], (9,)).match(f"x {words} y")] == ["9-gram"]
    assert Index.build([problem], (11,)).match(f"x {words} y") == []


def test_three_runs_of_eight_are_needed_and_one_of_ten_is_enough() -> None:
    words = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda"
    index = Index.build([Problem("p", (("solution", words),))], (8, 10))
    assert index.match("x alpha beta gamma delta epsilon zeta eta theta y") == []
    assert index.match("x alpha beta gamma delta epsilon zeta eta theta iota y") == []
    (eight, ten) = sorted(
        index.match("x alpha beta gamma delta epsilon zeta eta theta iota kappa y"),
        key=lambda m: m.kind,
        reverse=True,
    )
    assert (eight.kind, eight.tokens, ten.kind, ten.tokens) == ("8-gram", 10, "10-gram", 10)


def test_the_digest_tells_problems_and_rule_apart_and_nothing_else() -> None:
    one, two = Problem("a", (("x", "text one"),)), Problem("b", (("x", "text two"),))
    digest = Index.build([one, two], (8, 10)).digest
    assert digest == Index.build([two, one], (10, 8)).digest
    assert (
        len({digest, Index.build([one], (8, 10)).digest, Index.build([one, two], (8,)).digest}) == 3
    )


def test_the_same_tokens_are_told_once() -> None:
    kinds = ("8-gram", "10-gram", "exact")
    found = [Match("core/sum", "solution", kind, "def", 10) for kind in kinds]
    assert told(found) == (
        "contains 10 tokens of core/sum (solution); contains the whole of core/sum (solution)"
    )
    assert told([]) == ""


def test_an_index_travels_to_workers(index: Index) -> None:
    again = pickle.loads(pickle.dumps(index))
    row = inside(RECORDS[0]["canonical_solution"])
    assert again.match(row) == index.match(row) != []


def test_nothing_is_matched_by_an_empty_index() -> None:
    empty = Index.build([], (8, 10))
    assert not empty.touches(tokenise(b"def f(x), do: x"))
    assert empty.match("def f(x), do: x") == []


@pytest.mark.parametrize(
    "record",
    [
        {"task_id": "HumanEval/0", "prompt": "P", "canonical_solution": "S", "test": "T"},
        {
            "name": "HumanEval_0",
            "language": "elixir",
            "prompt": "P",
            "tests": "T",
            "stop_tokens": ["S"],
        },
        {"question": "P", "canonical_solution": "S", "demo_test_func": "T", "language": "elixir"},
        {"id": 7, "instruction": {"text": "P"}, "answers": [{"code": "S"}, {"code": "T"}]},
    ],
)
def test_every_text_of_the_usual_shapes_counts(tmp_path: Path, record: dict[str, object]) -> None:
    file = tmp_path / "some.jsonl"
    file.write_text(json.dumps(record) + "\n\n")
    (problem,) = problems(Decontamination(suites="none", files=(str(file),)))
    assert sorted(text for _, text in problem.texts) == ["P", "S", "T"]
    own = record.get("task_id") or record.get("name") or record.get("id") or "line 1"
    assert problem.name == f"some.jsonl: {own}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}\n", r"some\.jsonl:1 \(line 1\) holds no text"),
        ('{"a": "b"}\n{oops\n', r"some\.jsonl:2 is not JSON"),
        ("[1]\n", r"some\.jsonl:1 is not a JSON object"),
        (None, r"cannot be read"),
    ],
)
def test_a_bad_file_is_named_with_its_line(
    tmp_path: Path, content: str | None, message: str
) -> None:
    file = tmp_path / "some.jsonl"
    if content is not None:
        file.write_text(content)
    with pytest.raises(RequestError, match=message):
        problems(Decontamination(suites="none", files=(str(file),)))


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed package with a suite of two problems, as a stranger would ship it."""
    folder = tmp_path / "tiny_suite"
    for name, texts in {
        "b_second": {"solution.ex": "def two, do: 2"},
        "a_first": {
            "prompt.md": "Say one.",
            "solution.ex": "def one, do: 1",
            "test.exs": "assert 1",
        },
        "not_a_problem": {"README.md": "nothing"},
    }.items():
        (folder / name).mkdir(parents=True)
        for file, text in texts.items():
            (folder / name / file).write_text(text)
    (tmp_path / "tiny_suite_package.py").write_text(
        "from pathlib import Path\n\n\n"
        "def folder():\n    return Path(__file__).with_name('tiny_suite')\n"
    )
    info = tmp_path / "tiny_suite-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-suite\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[evals.suites]\ntiny = tiny_suite_package:folder\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins._found.cache_clear()
    yield folder
    plugins._found.cache_clear()
    sys.modules.pop("tiny_suite_package", None)


@pytest.mark.usefixtures("suite")
@pytest.mark.parametrize("suites", ["all", ("tiny",)])
def test_installed_suites_are_checked_against(suites: str | tuple[str, ...]) -> None:
    found = [p for p in problems(Decontamination(suites=suites)) if p.name.startswith("tiny/")]
    assert found == [
        Problem(
            "tiny/a_first",
            (
                ("prompt.md", "Say one."),
                ("solution.ex", "def one, do: 1"),
                ("test.exs", "assert 1"),
            ),
        ),
        Problem("tiny/b_second", (("solution.ex", "def two, do: 2"),)),
    ]


@pytest.mark.usefixtures("suite")
def test_a_suite_that_is_not_installed_is_a_wrong_request() -> None:
    assert problems(Decontamination(suites="none")) == []
    with pytest.raises(RequestError, match="did you mean tiny"):
        problems(Decontamination(suites=("tinny",)))


def test_many_texts_looked_at_together_match_as_each_alone(index: Index) -> None:
    """Also where a line is longer than the tokeniser's block, whose tokens depend on its start."""
    copies = [inside(record["canonical_solution"]) for record in RECORDS]
    flat = [" ".join(text.replace("#", "").split()) for text in copies]
    long = [f"{'x = 1; ' * (BLOCK // 7)}{text}" for text in flat]
    clean = [inside(f"  def f{number}(x), do: x + {number}") for number in range(200)]
    openings = ['a """', "b |", "# c", ""]
    texts = [
        text
        for group in zip(clean, cycle([*copies, *long]), cycle(openings), strict=False)
        for text in group
    ]
    together = index.matches(texts)
    assert together == [index.match(text) for text in texts]
    assert sum(map(bool, together)) > len(RECORDS)
    assert index.matches([]) == []
