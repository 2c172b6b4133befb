"""A build, from files to a version: what is in it, and that the same inputs give the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from factory.errors import FactoryError, RequestError
from factory.records import example_schema
from factory.samples import request_and_answer
from factory.store import Store
from factory.verify import verify
from factory.version import opened, read
from tests.factory import projects
from tests.factory.building import TASKS, dataset, made, published
from tests.factory.projects import GREETINGS, SHOP


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.write(tmp_path_factory.mktemp("projects") / "shop", SHOP)


@pytest.fixture(scope="module")
def greetings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.write(tmp_path_factory.mktemp("projects") / "greetings", GREETINGS)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, shop: Path, greetings: Path) -> Path:
    return made(tmp_path_factory.mktemp("built"), [shop, greetings]).folder


def test_every_task_has_rows_and_every_row_its_provenance(built: Path) -> None:
    version = read(built)
    tasks = {count["task"] for count in version.manifest["counts"]["by_task"]}
    assert tasks == TASKS
    sources = {
        **{f"shop/{k}": v for k, v in SHOP.items()},
        **{f"g/{k}": v for k, v in GREETINGS.items()},
    }
    texts = {name.split("/", 1)[1]: text for name, text in sources.items()}
    with opened(version) as connection:
        rows = connection.sql("SELECT * FROM rows").to_arrow_table().to_pylist()
    assert len(rows) == version.manifest["counts"]["rows"]
    for row in rows:
        place = row["provenance"]
        text = texts[place["path"]]
        cut = text.encode()[place["start_byte"] : place["end_byte"]].decode()
        assert cut.strip()
        assert (
            text.count("\n", 0, len(text.encode()[: place["start_byte"]].decode())) + 1
            == (place["start_line"])
        )
        assert place["transform"] and place["transform_version"] >= 1
        assert row["licence"] == "MIT"
        assert row["difficulty"] in {"easy", "medium", "hard", "expert"}
        assert row["executed"]["status"] == "not_run"
        assert all(part.strip() for part in request_and_answer(row)[1:])


def test_files_have_the_published_schema_and_the_manifest_lists_them(built: Path) -> None:
    version = read(built)
    for file in version.manifest["files"]:
        if "format" in file:
            assert pq.read_schema(built / file["name"]) == example_schema(file["format"])
            assert pq.read_metadata(built / file["name"]).num_rows == file["rows"]
    on_disk = {
        str(p.relative_to(built))
        for p in built.rglob("*")
        if p.is_file() and p.name not in ("manifest.json", "build.json", "shop-v1.duckdb")
    }
    assert on_disk == {file["name"] for file in version.manifest["files"]}


def test_datasets_opens_it(built: Path, tmp_path: Path) -> None:
    from datasets import load_dataset

    rows = load_dataset(
        "parquet",
        data_files=str(built / "data/messages/train-*.parquet"),
        cache_dir=str(tmp_path),
        split="train",
    )
    assert {turn["role"] for turn in rows[0]["messages"]} == {"user", "assistant"}
    assert len(rows) == sum(
        f["rows"]
        for f in read(built).manifest["files"]
        if f.get("format") == "messages" and f["split"] == "train"
    )


def test_families_do_not_straddle_the_split(built: Path) -> None:
    sides = {r["name"]: r["split"] for r in read(built).manifest["releases"]}
    assert sorted(sides.values()) == ["train", "validation"]
    checks = verify(read(built), Store(built.parents[2]))
    assert [check.problems for check in checks] == [[]] * len(checks)
    assert [check.what for check in checks] == [
        "files",
        "rows",
        "provenance",
        "licences",
        "train and validation apart",
    ]


@pytest.mark.parametrize("workers", [1, 2])
def test_same_inputs_give_the_same_bytes(
    built: Path, tmp_path: Path, shop: Path, greetings: Path, workers: int
) -> None:
    again = made(tmp_path, [greetings, shop], workers=workers).folder
    assert published(again) == published(built)
    assert again.name == built.name


def test_passes_that_spill_to_disk_give_the_same_bytes(
    built: Path, tmp_path: Path, shop: Path, greetings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def connect(path: str | Path = ":memory:", *given: object, **named: object) -> object:
        opened.append(Path(path).name)
        return real(path, *given, **named)

    real = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", connect)
    monkeypatch.setattr("factory.build.ROWS_IN_MEMORY", 10)
    again = made(tmp_path, [greetings, shop]).folder
    assert "passes.duckdb" in opened
    assert published(again) == published(built)


def test_with_nothing_changed_nothing_is_written(
    tmp_path: Path, shop: Path, greetings: Path
) -> None:
    first = made(tmp_path, [shop, greetings])
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "store").rglob("*.parquet")}
    second = made(tmp_path, [shop, greetings])
    assert first.fresh
    assert not second.fresh
    assert second.folder == first.folder
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "store").rglob("*.parquet")} == before


def test_a_changed_release_rebuilds_only_its_own_partitions(tmp_path: Path) -> None:
    shop = projects.write(tmp_path / "shop", SHOP)
    greetings = projects.write(tmp_path / "greetings", GREETINGS)
    made(tmp_path, [shop, greetings])
    before = set((tmp_path / "store/partitions").rglob("*.parquet"))
    path = greetings / "lib/greeter.ex"
    path.write_text(path.read_text().replace("Bonjour", "Salut"))
    report = made(tmp_path, [shop, greetings])
    fresh = set((tmp_path / "store/partitions").rglob("*.parquet")) - before
    assert report.source_bytes == path.stat().st_size
    assert {p.parent.name for p in fresh} == {p.parent.name for p in before}
    assert len(fresh) == len(before) / 2


def test_a_new_transform_adds_only_its_own_partitions(tmp_path: Path, shop: Path) -> None:
    one = dataset(tmp_path, [shop])
    few = one.model_copy(update={"transforms": {"spec": one.transforms["spec"]}})
    from factory.build import build

    build(few, Store(tmp_path / "store"))
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "store/partitions").rglob("*.parquet")}
    made(tmp_path, [shop])
    after = {p: p.stat().st_mtime_ns for p in (tmp_path / "store/partitions").rglob("*.parquet")}
    assert len(before) == 1
    assert before.items() <= after.items()
    assert len(after) == 11


def test_a_damaged_partition_is_found_by_its_digest_and_rebuilt(
    tmp_path: Path, shop: Path, built: Path, greetings: Path
) -> None:
    first = made(tmp_path, [shop, greetings]).folder
    partition = max(
        (tmp_path / "store/partitions").rglob("*.parquet"), key=lambda p: p.stat().st_size
    )
    whole = partition.read_bytes()
    middle = len(whole) // 2
    partition.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    (first / "manifest.json").unlink()
    again = made(tmp_path, [shop, greetings])
    assert again.fresh
    assert partition.read_bytes() == whole
    assert published(again.folder) == published(built)


def test_what_was_left_out_is_recorded_with_reasons(tmp_path: Path) -> None:
    files = {**GREETINGS, "lib/copy.ex": projects.GREETER.replace("Greeter", "Greeter")}
    files["deps/other/lib/other.ex"] = "defmodule Other do\nend\n"
    files["lib/broken.ex"] = "defmodule Broken do\n  def a(, do: 1\nend\n"
    folder = projects.write(tmp_path / "p", files)
    version = read(made(tmp_path, [folder]).folder)
    with opened(version) as connection:
        drops = connection.execute("SELECT path, stage, reason, detail FROM drops").fetchall()
    stages = {(path, stage) for path, stage, _, _ in drops}
    assert ("lib/greeter.ex", "exact duplicates") in stages or (
        "lib/copy.ex",
        "exact duplicates",
    ) in stages
    assert any(path.startswith("deps") for path, *_ in drops)
    assert all(reason for _, _, reason, _ in drops)
    counted = sum(d["rows"] for d in version.manifest["drops"]["rows"])
    counted += sum(d["documents"] for d in version.manifest["drops"]["documents"])
    assert counted == len(drops)


def test_licences_decide_per_dataset(tmp_path: Path, shop: Path, greetings: Path) -> None:
    none = projects.write(tmp_path / "none", {"lib/a.ex": projects.GREETER})
    version = read(made(tmp_path, [shop, none]).folder)
    assert {c["licence"] for c in version.manifest["counts"]["by_licence"]} == {"MIT"}
    dropped = [d for d in version.manifest["drops"]["rows"] if d["stage"] == "licences"]
    assert dropped and all("unknown" in d["reason"].lower() for d in dropped)
    kept = read(made(tmp_path, [none], "licences.unknown=keep").folder)
    assert kept.manifest["counts"]["rows"] > 0


def test_secrets_never_reach_a_row(tmp_path: Path) -> None:
    token = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"[:36]
    files = {**GREETINGS, "lib/greeter.ex": projects.GREETER.replace("Bonjour", token)}
    folder = projects.write(tmp_path / "p", files)
    report = made(tmp_path, [folder])
    for path in (tmp_path / "store").rglob("*.parquet"):
        assert token not in str(pq.read_table(path).to_pylist())
    assert sum(r["redactions"] for r in read(report.folder).manifest["releases"]) == 1


def test_an_empty_release_gives_an_empty_version(tmp_path: Path) -> None:
    folder = projects.write(tmp_path / "empty", {"LICENSE": projects.MIT})
    version = read(made(tmp_path, [folder]).folder)
    assert version.manifest["counts"]["rows"] == 0
    assert version.manifest["releases"][0]["documents"] == 0
    assert all(not check.problems for check in verify(version, Store(tmp_path / "store")))


def test_a_release_that_cannot_be_read_fails_alone(tmp_path: Path, shop: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"not an archive at all")
    report = made(tmp_path, [shop, broken])
    manifest = read(report.folder).manifest
    assert list(report.failed) == list(manifest["failed"])
    assert len(report.failed) == 1
    assert "broken.tar.gz" in next(iter(report.failed.values()))
    assert [r["name"] for r in manifest["releases"]] == ["shop"]
    from factory.build import build

    with pytest.raises(FactoryError, match=r"broken\.tar\.gz"):
        build(dataset(tmp_path, [shop, broken]), Store(tmp_path / "store"), strict=True)


def test_a_transform_that_raises_is_named_with_the_file(
    tmp_path: Path, greetings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transforms.spec import Spec

    def document(self: Spec, parsed: object) -> object:
        raise ValueError("no such thing")

    monkeypatch.setattr(Spec, "document", document)
    with pytest.raises(FactoryError, match=r"transform spec .* lib/greeter\.ex.* no such thing"):
        made(tmp_path, [greetings])
    assert Store(tmp_path / "store").names() == []


def test_no_release_at_all_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises((FactoryError, RequestError), match=r"paths|release"):
        made(tmp_path, [])


def test_manifest_and_card_state_the_facts(built: Path) -> None:
    manifest = json.loads((built / "manifest.json").read_text())
    card = (built / "README.md").read_text()
    assert manifest["content_hash"] in card
    assert f"{manifest['counts']['rows']:,} rows" in card
    assert "config_name: messages" in card
    assert str(built.parents[3]) not in (built / "manifest.json").read_text() + card
    assert set(manifest["tools"]["transforms"]) == set(manifest["spec"]["transforms"])
