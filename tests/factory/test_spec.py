"""What a dataset is when little is said about it, and what counts as the same dataset."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from factory.errors import RequestError
from factory.keys import settable
from factory.override import override
from factory.spec import (
    PERMISSIVE,
    Dataset,
    Decontamination,
    Dedup,
    Filters,
    LicencePolicy,
    Mixture,
    Redaction,
    Settings,
    Split,
    spec_digest,
)
from tests.factory.conftest import POND, Written

ANOTHER = {
    "stage": "3",
    "filters.languages": "[erlang]",
    "filters.paths": "lib/**",
    "filters.exclude_paths": "test/**",
    "filters.exclude_tasks": "wave",
    "filters.min_request": "7",
    "filters.max_request": "777",
    "filters.min_answer": "7",
    "filters.max_answer": "777",
    "filters.min_documentation": "0.5",
    "licences.allow": "MIT",
    "licences.deny": "MIT",
    "licences.unknown": "keep",
    "redact.secrets": "false",
    "redact.emails": "false",
    "redact.addresses": "false",
    "dedup.exact": "false",
    "dedup.near": "false",
    "dedup.threshold": "0.7",
    "dedup.shingle": "4",
    "decontaminate.suites": "none",
    "decontaminate.files": "known.jsonl",
    "decontaminate.ngrams": "[9]",
    "mixture.languages": "{elixir: 0.5}",
    "mixture.tasks": "{wave: 0.5}",
    "mixture.rows": "7",
    "split.validation": "0.3",
    "seed": "7",
    "sources.pond.fish": "pike",
    "sources.pond.suite": "autumn",
    "sources.pond.water": "salt",
    "sources.pond.since": "2024-01-01",
    "sources.pond.licences": "{carp: MIT}",
    "sources.pond.depth": "{metres: 2}",
    "sources.pond.depth.metres": "2",
    "sources.pond.moorings": "{north: {metres: 2}}",
    "transforms.ripple.rings": "4",
}
"""Another value for every key that has a meaning."""

MEANINGLESS = {"description": "Other words.", "sources.pond.boat": "/somewhere/else"}


def test_what_nothing_is_said_about_has_a_sensible_default(pond_dataset: Dataset) -> None:
    assert pond_dataset.stage == 2
    assert pond_dataset.seed == 0
    assert pond_dataset.filters == Filters(
        languages=("elixir", "erlang", "heex", "eex", "markdown", "patch"),
        min_request=0,
        max_request=24_000,
        min_answer=2,
        max_answer=24_000,
        min_documentation=0.0,
    )
    assert pond_dataset.licences == LicencePolicy(allow=PERMISSIVE, deny=(), unknown="drop")
    assert pond_dataset.redact == Redaction(secrets=True, emails=True, addresses=True)
    assert pond_dataset.dedup == Dedup(exact=True, near=True, threshold=0.8, shingle=5)
    assert pond_dataset.decontaminate == Decontamination(suites="all", files=(), ngrams=(8, 10))
    assert pond_dataset.mixture == Mixture(languages={}, tasks={}, rows=None)
    assert pond_dataset.split == Split(validation=0.02)


def test_nothing_that_asks_for_more_than_attribution_is_allowed_by_default() -> None:
    assert not any("GPL" in name or "MPL" in name or "-NC" in name for name in PERMISSIVE)


def test_a_dataset_does_not_change(pond_dataset: Dataset) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        pond_dataset.seed = 3  # type: ignore[misc]


def test_every_key_explains_itself() -> None:
    unexplained = [
        f"{model.__name__}.{name}"
        for model in _models(Settings)
        for name, field in model.model_fields.items()
        if not field.description
    ]
    assert unexplained == []


def _models(model: type[BaseModel]) -> list[type[BaseModel]]:
    inner = [type(field.default) for field in model.model_fields.values()]
    return [model, *(found for found in inner if issubclass(found, BaseModel))]


@pytest.mark.parametrize(
    "shares", [{"elixir": 0.85, "erlang": 0.15}, {"elixir": 0.5}, {"elixir": 0.1 + 0.2}, {}]
)
def test_shares_may_leave_some_unshared(shares: dict[str, float]) -> None:
    assert Mixture.model_validate({"languages": shares}).languages == shares


def test_the_digest_is_the_same_on_every_machine(written: Written) -> None:
    assert spec_digest(written(POND).datasets["pond-v1"]) == (
        "sha256:0e628b38fae87c97b7eaeec787ecc6c9c31d48cdef7fbe1754ea96ea20a74c15"
    )


def test_writing_a_default_out_or_in_another_order_changes_no_digest(written: Written) -> None:
    digest = spec_digest(written(POND).datasets["pond-v1"])
    longer = written(
        """\
        datasets:
          other-name:
            transforms: {ripple: {rings: 3}}
            split: {validation: 0.02}
            filters:
            seed: 0
            sources:
              pond: {suite: spring, fish: [carp], depth: {metres: 1.5}}
            shorthands: {fish: sources.pond.fish}
            description: Told in other words.
        """
    )
    assert spec_digest(longer.datasets["other-name"]) == digest


@pytest.mark.parametrize("key", ANOTHER)
def test_every_key_with_a_meaning_changes_the_digest(
    pond_dataset: Dataset, key: str, in_folder: Path
) -> None:
    (in_folder / "known.jsonl").write_text("{}\n")
    changed = override(pond_dataset, [f"{key}={ANOTHER[key]}"])
    assert spec_digest(changed) != spec_digest(pond_dataset)


@pytest.mark.parametrize("key", MEANINGLESS)
def test_words_and_this_machine_change_no_digest(pond_dataset: Dataset, key: str) -> None:
    changed = override(pond_dataset, [f"{key}={MEANINGLESS[key]}"])
    assert changed != pond_dataset
    assert spec_digest(changed) == spec_digest(pond_dataset)


def test_no_key_was_forgotten_above(pond_dataset: Dataset) -> None:
    sections = {name for name, field in Settings.model_fields.items() if field.default_factory}
    sections |= {key.split(".")[0] for key in ANOTHER if "." in key}
    assert set(settable(pond_dataset)) - sections == {*ANOTHER, *MEANINGLESS}


def test_files_to_decontaminate_against_count_by_content_not_by_place(
    pond_dataset: Dataset, in_folder: Path
) -> None:
    def digest(*names: str) -> str:
        files = f"decontaminate.files=[{', '.join(names)}]"
        return spec_digest(override(pond_dataset, [files]))

    (in_folder / "a.jsonl").write_text('{"text": "one"}\n')
    (in_folder / "b.jsonl").write_text('{"text": "one"}\n')
    (in_folder / "c.jsonl").write_text('{"text": "two"}\n')
    assert digest("a.jsonl") == digest("b.jsonl")
    assert digest("a.jsonl") != digest("c.jsonl")
    assert digest("a.jsonl", "c.jsonl") == digest("c.jsonl", "b.jsonl")


def test_a_file_to_decontaminate_against_that_is_not_there_is_named(pond_dataset: Dataset) -> None:
    changed = override(pond_dataset, ["decontaminate.files=gone.jsonl"])
    with pytest.raises(RequestError) as caught:
        spec_digest(changed)
    assert str(caught.value) == (
        "decontaminate.files: gone.jsonl cannot be read: No such file or directory"
    )
