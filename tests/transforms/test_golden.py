"""A transform's output changes only together with its version."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from factory.plugins import names
from tests.transforms import golden

TRANSFORMS = names("factory.transforms")


@pytest.mark.parametrize("name", TRANSFORMS)
def test_output_changed_only_with_the_version(name: str, corpus: Path) -> None:
    kept = golden.stored(name)
    assert kept is not None, f"no golden file yet: python -m tests.transforms.golden {name}"
    now = golden.produce(name, corpus)
    assert now["version"] == kept["version"], "the version is new: regenerate the golden file"
    assert now["releases"]["fixtures"] == kept["releases"]["fixtures"]
    assert golden.changed(kept, now) == []


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_second_run_makes_the_same_rows(name: str) -> None:
    assert golden.produce(name, None) == golden.produce(name, None)


def test_the_corpus_holds_the_files_that_golden_reads(corpus: Path) -> None:
    for release, paths in golden.REAL.items():
        root = golden.package(corpus, release)
        assert root is not None, f"{release} is not in the corpus"
        assert golden.documents(release, root, paths)


def test_regenerating_refuses_new_output_under_an_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(golden, "GOLDEN", tmp_path)
    golden.regenerate("spec", None)
    kept = json.loads((tmp_path / "spec.json").read_text())

    other = copy.deepcopy(kept)
    other["releases"]["fixtures"]["rows"][0]["answer"] = "as an older program wrote it"
    (tmp_path / "spec.json").write_text(json.dumps(other))
    with pytest.raises(SystemExit, match="raise `version`"):
        golden.regenerate("spec", None)

    other["version"] -= 1
    (tmp_path / "spec.json").write_text(json.dumps(other))
    golden.regenerate("spec", None)
    assert json.loads((tmp_path / "spec.json").read_text()) == kept
