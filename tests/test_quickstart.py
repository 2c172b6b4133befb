"""What `make quickstart` does, on real source from Debian; and that the documents are true."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from evals import suite
from factory.registry import locate
from factory.store import Store
from factory.version import opened, read
from tests.factory import projects
from tests.factory.building import TASKS
from tests.stdlib import REPOSITORY, factory, fresh_store, keep_downloads

pytestmark = pytest.mark.xdist_group("stdlib")

DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with the registry in it and a project beside it."""
    folder = tmp_path_factory.mktemp("new") / "user"
    folder.mkdir()
    (folder / "datasets_registry.yaml").write_bytes(locate().read_bytes())
    projects.write(folder.parent / "my_app", projects.SHOP)
    return folder


@pytest.fixture(scope="module")
def store(work: Path) -> Store:
    """The store after the README's first build."""
    store = Store(fresh_store(work))
    done = factory(work, "build", "elixir-stdlib-v1", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert "releases: 25/25" in done.stderr
    keep_downloads(store.root)
    return store


def commands(document: Path) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_every_task_is_there_from_elixir_and_erlang(store: Store) -> None:
    version = read(store.find("elixir-stdlib-v1"))
    manifest = version.manifest
    assert manifest["failed"] == {}
    assert {count["task"] for count in manifest["counts"]["by_task"]} == TASKS
    assert manifest["counts"]["rows"] > 15_000
    languages = {c["language"]: c["rows"] for c in manifest["counts"]["by_language"]}
    assert languages["elixir"] > 10_000
    assert languages["erlang"] > 2_000
    sides = {release["split"] for release in manifest["releases"] if release["rows"]}
    assert sides == {"train", "validation"}


def test_known_functions_are_in_it_with_their_licence(store: Store) -> None:
    with opened(read(store.find("elixir-stdlib-v1"))) as connection:
        found = connection.execute(
            "SELECT task, licence, provenance.path FROM rows "
            "WHERE provenance.subject = 'Enum.split_with/2' AND task = 'implement'"
        ).fetchall()
    assert found == [("implement", "Apache-2.0", "lib/elixir/lib/enum.ex")]


def test_verify_proves_it(work: Path, store: Store) -> None:
    done = factory(work, "verify", "elixir-stdlib-v1", "--json")
    checks = json.loads(done.stdout)
    assert done.returncode == 0, checks
    assert len(checks) == 5
    assert all(check["problems"] == [] for check in checks)


@pytest.mark.parametrize(
    ("document", "line"),
    [
        pytest.param(document, line, id=f"{document.name}: {line}")
        for document in DOCUMENTS
        for line in commands(document)
        if not line.startswith("evals ")
    ],
)
def test_every_command_in_the_documents_works(
    work: Path, store: Store, document: Path, line: str
) -> None:
    program, *words = shlex.split(line)
    if program == "make":
        # Running `make test` inside `make test` proves nothing; that the target is there does.
        makefile = (REPOSITORY / "Makefile").read_text()
        assert all(re.search(rf"^{word}:", makefile, re.MULTILINE) for word in words)
        return
    assert program == "factory", f"{document.name} shows a command that no test runs: {line}"
    if "elixir-local-v1" in words and words[0] != "build":
        factory(work, "build", "elixir-local-v1", "--set", "path=../my_app")
    if "elixir-books-v1" in words and words[0] != "build":
        factory(work, *shlex.split("build elixir-books-v1 --without books --without hex"))
    done = factory(work, *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() or words[0] == "gc"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which runs were made, with a file of candidates."""
    folder = tmp_path_factory.mktemp("graded")
    first = suite.load("core").problems[0]
    row = {"task_id": first.label, "solution": first.solution}
    (folder / "samples.jsonl").write_text(json.dumps(row) + "\n")
    for name, limit in (("reference", 3), ("first", 2)):
        run = f"run --suite core --limit {limit} --model reference --name {name}"
        assert evals(folder, *run.split()).returncode == 0
    return folder


def evals(work: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "evals"), *words]
    return subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("document", "line"),
    [
        pytest.param(document, line, id=f"{document.name}: {line}")
        for document in DOCUMENTS
        for line in commands(document)
        if line.startswith("evals ")
    ],
)
def test_every_evals_command_in_the_documents_works(
    graded: Path, document: Path, line: str
) -> None:
    done = evals(graded, *shlex.split(line)[1:])
    assert done.returncode == 0, done.stderr + done.stdout
    assert done.stdout.strip() or line.startswith("evals score")


def test_rows_in_the_readme_are_rows_of_the_dataset(store: Store) -> None:
    readme = (REPOSITORY / "README.md").read_text()
    shown = re.findall(r"<code>(\w+)</code>: .*?row <code>([0-9a-f]{12})</code>", readme)
    assert {task for task, _ in shown} == TASKS
    with opened(read(store.find("elixir-stdlib-v1"))) as connection:
        for task, row_id in shown:
            count = connection.execute(
                "SELECT count(*) FROM rows WHERE task = ? AND starts_with(id, ?)", [task, row_id]
            ).fetchone()
            assert count == (1,), f"{task} {row_id}: run `python -m benchmarks readme`"


def test_python_in_the_documents_runs(tmp_path: Path) -> None:
    """The example transform of docs/plugins.md, run on a real document."""
    text = (REPOSITORY / "docs/plugins.md").read_text()
    block = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[0]
    names: dict[str, object] = {}
    exec(compile(block, "docs/plugins.md", "exec"), names)
    from factory.parsed import Parsed
    from factory.records import Document, Example

    document = Document(
        "local",
        "shop",
        "1",
        "sha256:0",
        "shop",
        "test/cart_test.exs",
        "elixir",
        "MIT",
        projects.CART_TEST,
    )
    transform = names["Dependencies"](names["DependencyOptions"](), 0)  # type: ignore[operator]
    rows = [row for row in transform.document(Parsed(document)) if isinstance(row, Example)]
    assert [row.provenance.subject for row in rows] == ["Shop.CartTest"]
    assert "- Shop.Cart" in rows[0].answer


def test_python_in_the_document_of_evals_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (REPOSITORY / "docs/evals.md").read_text()
    (block,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    exec(compile(block, "docs/evals.md", "exec"), {})
    assert capsys.readouterr().out.startswith("passed failed ")
