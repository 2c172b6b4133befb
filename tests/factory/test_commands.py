"""The `factory` command as a person uses it: what it prints, what it says when asked wrongly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from factory.store import Store
from factory.version import read
from tests.factory import projects
from tests.factory.building import command, made, published, registry, run
from tests.factory.projects import GREETINGS, SHOP


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store in which `shop-v1` has two versions."""
    folder = tmp_path_factory.mktemp("work")
    shop = projects.write(folder / "shop", SHOP)
    greetings = projects.write(folder / "greetings", GREETINGS)
    made(folder, [shop])
    made(folder, [shop, greetings], "transforms.fim.per_file=2")
    return folder


def ask(work: Path, *words: str | Path) -> str:
    done = run(work, *words, "--store", work / "store")
    assert done.returncode == 0, done.stderr
    return done.stdout


def versions(work: Path) -> list[str]:
    return [path.name for path in Store(work / "store").versions("shop-v1")]


def refused(work: Path, *words: str | Path) -> str:
    done = run(work, *words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_build_tells_what_it_made_and_json_is_for_programs(tmp_path: Path) -> None:
    greetings = projects.write(tmp_path / "greetings", GREETINGS)
    words = ["build", "shop-v1", "--registry", registry(tmp_path), "--workers", "1"]
    words += ["--set", f"sources.local.paths={greetings}"]
    first = run(tmp_path, *words)
    assert first.returncode == 0, first.stderr
    version = read(Store(tmp_path / ".factory").find("shop-v1"))
    rows = version.manifest["counts"]["rows"]
    assert f"built {version.name}: {rows:,} rows" in first.stdout
    assert "releases: 1/1" in first.stderr
    again = run(tmp_path, *words, "--json")
    told = json.loads(again.stdout)
    assert (told["rows"], told["fresh"]) == (rows, False)
    assert (tmp_path / ".factory/.gitignore").read_text() == "*\n"


def test_list_and_show(work: Path) -> None:
    listed = ask(work, "list", "--registry", work / "registry.yaml")
    assert [line.split()[:2] for line in listed.splitlines()[1:]] == [
        ["shop-v1", version] for version in versions(work)
    ]
    shown = ask(work, "show", "shop-v1")
    manifest = json.loads(ask(work, "show", "shop-v1", "--json"))
    assert f"{manifest['counts']['rows']:,} rows" in shown
    for count in manifest["counts"]["by_task"]:
        assert count["task"] in shown
    assert "local:shop" in shown and "MIT" in shown


def test_sample_takes_tasks_in_turn_and_repeats_itself(work: Path) -> None:
    rows = [
        json.loads(line) for line in ask(work, "sample", "shop-v1", "-n5", "--json").splitlines()
    ]
    assert len({row["task"] for row in rows}) == 5
    assert ask(work, "sample", "shop-v1", "-n5") == ask(work, "sample", "shop-v1", "-n5")
    assert ask(work, "sample", "shop-v1", "-n5") != ask(
        work, "sample", "shop-v1", "-n5", "--seed=1"
    )
    only = ask(work, "sample", "shop-v1", "--task", "spec", "-n2", "--json").splitlines()
    assert {json.loads(line)["task"] for line in only} == {"spec"}
    error = refused(work, "sample", "shop-v1", "--task", "implment", "--store", work / "store")
    assert "implement" in error


def test_query(work: Path) -> None:
    manifest = json.loads(ask(work, "show", "shop-v1", "--json"))
    told = ask(work, "query", "shop-v1", "SELECT count(*) AS n FROM rows", "--json")
    assert json.loads(told) == {"n": manifest["counts"]["rows"]}
    both = "SELECT count(*) FROM messages UNION ALL SELECT count(*) FROM drops ORDER BY 1"
    assert len(ask(work, "query", "shop-v1", both).splitlines()) == 3
    assert "nonsense" in refused(
        work, "query", "shop-v1", "SELECT nonsense FROM rows", "--store", work / "store"
    )


def test_diff_shows_spec_releases_and_rows(work: Path) -> None:
    before, after = (f"shop-v1@{version}" for version in versions(work))
    told = json.loads(ask(work, "diff", before, after, "--json"))
    assert told["releases_added"][0].startswith("local:greetings ")
    assert told["releases_removed"] == []
    assert [key for key, _, _ in told["spec"] if key.startswith("transforms.fim")]
    tasks = {task: rest for task, *rest in told["tasks"]}
    assert tasks["spec"][0] == 0 and tasks["spec"][1] > 0
    assert ask(work, "diff", after, after).strip() == "no difference"


def test_drops_answers_why_is_my_function_not_there(work: Path) -> None:
    counts = ask(work, "drops", "shop-v1")
    manifest = json.loads(ask(work, "show", "shop-v1", "--json"))
    for drop in manifest["drops"]["rows"]:
        assert drop["reason"] in counts
    some = manifest["drops"]["rows"][0]
    found = ask(work, "drops", "shop-v1", "--stage", some["stage"], "--json", "-n100")
    assert all(json.loads(line)["stage"] == some["stage"] for line in found.splitlines())


def test_lineage_leads_to_file_and_lines(work: Path) -> None:
    row = json.loads(ask(work, "sample", "shop-v1", "-n1", "--task", "implement", "--json"))
    told = ask(work, "lineage", row["id"][:10])
    place = row["provenance"]
    assert f"{place['path']}, lines {place['start_line']} to {place['end_line']}" in told
    texts = SHOP | GREETINGS
    lines = texts[place["path"]].splitlines()[place["start_line"] - 1 : place["end_line"]]
    for line in lines:
        assert line.strip() in told
    assert place["checksum"] in told
    assert "id" in refused(work, "lineage", "xyz", "--store", work / "store")
    assert "no row" in refused(work, "lineage", "0" * 12, "--store", work / "store")


def test_verify_holds_and_finds_a_changed_row(work: Path, tmp_path: Path) -> None:
    assert "FAIL" not in ask(work, "verify", "shop-v1")
    shop = projects.write(tmp_path / "shop", SHOP)
    folder = made(tmp_path, [shop]).folder
    file = next(folder.glob("data/messages/*.parquet"))
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    done = run(tmp_path, "verify", "shop-v1", "--store", tmp_path / "store")
    assert done.returncode == 1
    assert file.name in done.stdout and "FAIL" in done.stdout


@pytest.mark.parametrize("shape", ["openai", "sharegpt", "alpaca", "trl"])
def test_export_writes_every_row_in_the_shape(work: Path, tmp_path: Path, shape: str) -> None:
    manifest = json.loads(ask(work, "show", "shop-v1", "--json"))
    ask(work, "export", "shop-v1", "--format", shape, "--out", tmp_path)
    expected = {
        f"{f['format']}-{f['split']}.jsonl": f["rows"]
        for f in manifest["files"]
        if "format" in f and (shape == "trl" or f["format"] != "text")
    }
    found = {
        path.name: [json.loads(line) for line in path.read_text().splitlines()]
        for path in tmp_path.iterdir()
    }
    assert {name: len(rows) for name, rows in found.items()} == expected
    keys = {
        "openai": {"messages"},
        "sharegpt": {"id", "conversations"},
        "alpaca": {"instruction", "input", "output"},
        "trl": {"messages"},
    }
    assert set(found["messages-train.jsonl"][0]) == keys[shape]


def test_gc_removes_what_no_version_needs(tmp_path: Path) -> None:
    shop = projects.write(tmp_path / "shop", SHOP)
    first = made(tmp_path, [shop])
    second = made(tmp_path, [shop], "seed=12")
    store = tmp_path / "store"
    before = published(second.folder)
    nothing = run(tmp_path, "gc", "--store", store)
    assert nothing.stdout.startswith("removed 0 paths")
    dry = run(tmp_path, "gc", "--keep", "1", "--dry-run", "--store", store)
    assert first.folder.name in dry.stdout and first.folder.exists()
    run(tmp_path, "gc", "--keep", "1", "--store", store)
    assert not first.folder.exists()
    assert published(second.folder) == before
    assert not made(tmp_path, [shop], "seed=12").fresh
    assert len(list((store / "partitions").rglob("*.parquet"))) == 11


def test_catalog_is_made_from_manifests_at_any_time(work: Path) -> None:
    import duckdb

    (work / "store/catalog.duckdb").unlink(missing_ok=True)
    path = ask(work, "catalog").strip()
    with duckdb.connect(path, read_only=True) as connection:
        found = connection.execute("SELECT version FROM versions ORDER BY finished, newest")
        assert sorted(v for (v,) in found.fetchall()) == sorted(versions(work))
    newest = Store(work / "store").find("shop-v1")
    with duckdb.connect(newest / "shop-v1.duckdb", read_only=True) as connection:
        count = connection.execute("SELECT count(*) FROM rows").fetchone()
    assert count == (read(newest).manifest["counts"]["rows"],)


def test_plugins_lists_options(work: Path) -> None:
    told = run(work, "plugins", "fim").stdout
    assert "factory.transforms  fim" in told
    assert "per_file" in told
    assert "did you mean" in refused(work, "plugins", "implemnt")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["build", "shop-v2"], "shop-v1"),
        (["build", "shop-v1", "--set", "splt.validation=0.1"], "split.validation"),
        (["build", "shop-v1", "--set", "split.validation=2"], "split.validation"),
        (["build", "shop-v1", "--registry", "nowhere.yaml"], "nowhere.yaml"),
        (["show", "shop-v1@zzz"], "zzz"),
        (["show", "nothing-v1"], "factory build nothing-v1"),
        (["export", "shop-v1", "--format", "csv"], "alpaca"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_a_wrong_request_exits_2_with_one_message(
    work: Path, words: list[str], expected: str
) -> None:
    if words[0] == "build" and "--registry" not in words:
        words = [*words, "--registry", str(work / "registry.yaml")]
    if words[0] in ("show", "export"):
        words = [*words, "--store", str(work / "store")]
    assert expected in refused(work, *words)


COMMANDS = (  # noqa: SIM905
    "build list show sample query diff drops lineage verify export catalog gc plugins schema"
).split()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(work: Path, name: str) -> None:
    done = run(work, name, "--help")
    assert done.returncode == 0
    assert "Usage: " in done.stdout and name in done.stdout


def test_help_waits_for_nothing_that_it_does_not_need() -> None:
    program = (
        "import atexit, sys\n"
        "from factory.cli import main\n"
        "sys.argv = ['factory', '--help']\n"
        "heavy = {'duckdb', 'numpy', 'pandas', 'pyarrow', 'pydantic', 'tree_sitter'}\n"
        "atexit.register(lambda: print('imported:', *sorted(heavy & sys.modules.keys())))\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert "build" in done.stdout
    assert done.stdout.splitlines()[-1] == "imported:"


def test_output_that_goes_to_a_full_disk_is_one_message(work: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(work, "list", "--store", work / "store"),
            cwd=work,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "factory: [Errno 28] No space left on device\n"
