"""`--set KEY=VALUE`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from factory.errors import RequestError
from factory.keys import settable
from factory.override import override
from factory.registry import load, packaged
from factory.spec import Dataset, spec_digest
from tests.factory.conftest import Written


def said(dataset: Dataset, *settings: str) -> str:
    with pytest.raises(RequestError) as caught:
        override(dataset, settings)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_values_are_yaml(pond_dataset: Dataset) -> None:
    changed = override(
        pond_dataset,
        [
            "seed=7",
            "split.validation=0.1",
            "dedup.near=false",
            "sources.pond.fish=[carp, pike]",
            "sources.pond.suite=autumn",
            "transforms.ripple.rings=5",
            "mixture.languages={elixir: 0.7}",
            "mixture.tasks.wave=0.2",
            "mixture.rows=100",
            "sources.pond.since=2024-02-29",
        ],
    )
    assert changed.seed == 7
    assert changed.split.validation == 0.1
    assert changed.dedup.near is False
    pond = changed.sources["pond"].options.model_dump(mode="json")
    assert pond["fish"] == ["carp", "pike"]
    assert pond["suite"] == "autumn"
    assert pond["since"] == "2024-02-29"
    assert changed.transforms["ripple"].options.model_dump() == {"rings": 5}
    assert changed.mixture.languages == {"elixir": 0.7}
    assert changed.mixture.tasks == {"wave": 0.2}
    assert changed.mixture.rows == 100


def test_what_is_not_set_stays_and_the_given_dataset_does_too(pond_dataset: Dataset) -> None:
    before = pond_dataset.model_dump()
    changed = override(pond_dataset, ["split.validation=0.1"])
    assert pond_dataset.model_dump() == before
    before["split"]["validation"] = 0.1
    assert changed.model_dump() == before


def test_setting_nothing_changes_nothing(pond_dataset: Dataset) -> None:
    assert override(pond_dataset, []) == pond_dataset


@pytest.mark.parametrize(
    "settings",
    [
        ["sources.pond.fish=[eel, pike]"],
        ["sources.pond.fish=eel", "sources.pond.fish=pike"],
        ["sources.pond.fish=[eel]", "sources.pond.fish=pike"],
    ],
)
def test_a_key_given_several_times_is_a_list(pond_dataset: Dataset, settings: list[str]) -> None:
    options = override(pond_dataset, settings).sources["pond"].options.model_dump()
    assert options["fish"] == ("eel", "pike")


def test_where_a_list_is_wanted_one_value_will_do(pond_dataset: Dataset) -> None:
    changed = override(pond_dataset, ["sources.pond.fish=eel", "decontaminate.suites=core"])
    assert changed.sources["pond"].options.model_dump()["fish"] == ("eel",)
    assert changed.decontaminate.suites == ("core",)


@pytest.mark.parametrize("word", ["1.14", "3", "true", "1e3"])
def test_where_text_is_wanted_all_is_text(pond_dataset: Dataset, word: str) -> None:
    changed = override(pond_dataset, [f"sources.pond.suite={word}"])
    assert changed.sources["pond"].options.model_dump()["suite"] == word
    listed = override(pond_dataset, [f"sources.pond.fish={word}"])
    assert listed.sources["pond"].options.model_dump()["fish"] == (word,)


def test_text_may_hold_what_yaml_and_keys_are_made_of(pond_dataset: Dataset) -> None:
    changed = override(
        pond_dataset, ["sources.pond.suite=a=b", "sources.pond.licences.v1.2=Apache-2.0"]
    )
    options = changed.sources["pond"].options.model_dump()
    assert options["suite"] == "a=b"
    assert options["licences"] == {"v1.2": "Apache-2.0"}


def test_keys_may_go_through_names_of_ones_own(pond_dataset: Dataset) -> None:
    changed = override(pond_dataset, ["sources.pond.moorings.north.metres=2"])
    assert changed.sources["pond"].options.model_dump()["moorings"] == {"north": {"metres": 2}}


def test_several_keys_that_only_fit_together_are_set_together(pond_dataset: Dataset) -> None:
    changed = override(pond_dataset, ["filters.min_answer=30000", "filters.max_answer=40000"])
    assert (changed.filters.min_answer, changed.filters.max_answer) == (30_000, 40_000)


def test_a_shorthand_stands_for_its_key(written: Written) -> None:
    dataset = written(
        """\
        datasets:
          pond-v1:
            description: What swims.
            sources: {pond: {fish: [carp]}}
            transforms: [ripple]
            shorthands: {swims: sources.pond.fish}
        """
    ).datasets["pond-v1"]
    assert override(dataset, ["swims=eel"]) == override(dataset, ["sources.pond.fish=eel"])


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("seed", "--set seed: write KEY=VALUE, as in --set split.validation=0.1"),
        ("=3", "--set =3: write KEY=VALUE, as in --set split.validation=0.1"),
        (
            "sources.pond.suit=autumn",
            "--set sources.pond.suit=autumn: pond-v1 has no key sources.pond.suit; "
            "did you mean sources.pond.suite?",
        ),
        (
            "validation=0.1",
            "--set validation=0.1: pond-v1 has no key validation; did you mean split.validation?",
        ),
        (
            "sources.pnd.fish=eel",
            "--set sources.pnd.fish=eel: pond-v1 has no key sources.pnd.fish; "
            "did you mean sources.pond.fish?",
        ),
        (
            "split.validation.share=0.1",
            "--set split.validation.share=0.1: pond-v1 has no key split.validation.share; "
            "did you mean split.validation?",
        ),
        (
            "sources.pond.moorings.north.meters=2",
            "--set sources.pond.moorings.north.meters=2: pond-v1 has no key "
            "sources.pond.moorings.north.meters; did you mean sources.pond.moorings?",
        ),
        (
            "shorthands={}",
            "--set shorthands={}: pond-v1 has no key shorthands",
        ),
        ("xyzzy=1", "--set xyzzy=1: pond-v1 has no key xyzzy"),
        (
            "split.validation=much",
            '--set split.validation=much: split.validation: wants a number, not "much"',
        ),
        (
            "split.validation=1",
            "--set split.validation=1: split.validation: wants a number below 1, not 1",
        ),
        ("seed=1.5", "--set seed=1.5: seed: wants a whole number, not 1.5"),
        ("seed=", "--set seed=: seed: wants a whole number, not null"),
        ("dedup.near=yes", '--set dedup.near=yes: dedup.near: wants true or false, not "yes"'),
        (
            "filters.languages=[elixr]",
            "--set filters.languages=[elixr]: filters.languages.0: wants elixir, erlang, heex, "
            'eex, markdown or patch, not "elixr"; did you mean elixir?',
        ),
        (
            "sources.pond.depth={meters: 2}",
            "--set sources.pond.depth={meters: 2}: sources.pond.depth.meters: unknown key; "
            "did you mean metres?",
        ),
        (
            "transforms.ripple.rings=0",
            "--set transforms.ripple.rings=0: transforms.ripple.rings: "
            "wants a number of at least 1, not 0",
        ),
        (
            "mixture.tasks.wav=0.2",
            "--set mixture.tasks.wav=0.2: mixture.tasks.wav: no transform here makes wav; "
            "did you mean wave?",
        ),
        (
            "filters.min_answer=30000",
            "--set filters.min_answer=30000: filters: "
            "min_answer (30000) is above max_answer (24000)",
        ),
        (
            "sources.pond.fish=[a",
            "--set sources.pond.fish=[a: not YAML: expected ',' or ']', but got '<stream end>'",
        ),
        (
            "seed=!!python/name:os.system 1",
            "--set seed=!!python/name:os.system 1: the tag tag:yaml.org,2002:python/name:os.system "
            "is not read; write the value without a tag",
        ),
    ],
)
def test_a_mistake_names_the_setting_and_what_would_be_right(
    pond_dataset: Dataset, setting: str, expected: str
) -> None:
    assert said(pond_dataset, setting) == expected


def test_a_single_value_given_twice_is_told(pond_dataset: Dataset) -> None:
    assert said(pond_dataset, "seed=1", "seed=2") == (
        "--set seed=1: seed: wants a whole number, not [1, 2]"
    )


def test_all_mistakes_are_told(pond_dataset: Dataset) -> None:
    assert said(pond_dataset, "sed=1", "split.validaton=2").splitlines() == [
        "--set sed=1: pond-v1 has no key sed; did you mean seed?",
        "--set split.validaton=2: pond-v1 has no key split.validaton; "
        "did you mean split.validation?",
    ]
    assert said(pond_dataset, "transforms.ripple.rings=0", "seed=-1").splitlines() == [
        "--set seed=-1: seed: wants a number of at least 0, not -1",
        "--set transforms.ripple.rings=0: transforms.ripple.rings: "
        "wants a number of at least 1, not 0",
    ]


def test_options_of_a_plugin_that_is_not_installed_are_set_unread(written: Written) -> None:
    dataset = written(
        """\
        datasets:
          sea-v1:
            description: Salt water.
            sources: {ocean: {whales: 3}}
            transforms: [ripple]
        """
    ).datasets["sea-v1"]
    changed = override(dataset, ["sources.ocean.whales=4", "sources.ocean.ships.name=Pequod"])
    assert changed.sources["ocean"].options.model_dump() == {
        "whales": 4,
        "ships": {"name": "Pequod"},
    }
    assert changed.sources["ocean"].problem == dataset.sources["ocean"].problem != ""


@pytest.mark.parametrize("name", ["elixir-stdlib-v1", "elixir-local-v1"])
def test_setting_any_key_to_what_it_is_changes_nothing(name: str) -> None:
    dataset = load(packaged()).datasets[name]
    dumped = dataset.model_dump(mode="json")
    for key in settable(dataset):
        section, *rest = key.split(".")
        value = dumped[section]
        if section in ("sources", "transforms"):
            value = value[rest.pop(0)]["options"]
        for step in rest:
            value = value[step]
        assert override(dataset, [f"{key}={json.dumps(value)}"]) == dataset, key


def test_local_code_is_chosen_with_one_short_key(tmp_path: Path) -> None:
    dataset = load(packaged()).datasets["elixir-local-v1"]
    changed = override(dataset, [f"path={tmp_path}"])
    assert changed.sources["local"].options.model_dump(mode="json")["paths"] == [str(tmp_path)]
    assert spec_digest(changed) == spec_digest(dataset), "a path is no part of what a dataset is"
