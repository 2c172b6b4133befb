"""The JSON schema that editors complete and check the registry by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from factory.located import read
from factory.registry import FILE_NAME, GROUPS
from factory.schema import schema, schema_text
from factory.spec import Settings
from tests.factory.conftest import POND

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / FILE_NAME).read_text()


def mistakes(text: str) -> list[str]:
    """Where an editor would mark the text, as JSON paths."""
    node, wrong = read(text, "r.yaml")
    assert wrong == []
    errors = Draft202012Validator(schema()).iter_errors(node.plain())
    return sorted({error.json_path for error in errors})


def part(document: dict[str, Any], section: str, plugin: str) -> dict[str, Any]:
    found: dict[str, Any] = document["$defs"][f"{section}.{plugin}"]
    return found


def test_it_is_a_schema_of_draft_2020_12() -> None:
    document = schema()
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(document)


def test_every_reference_in_it_leads_somewhere_and_no_part_is_left_over() -> None:
    document = schema()
    text = json.dumps(document)
    for name in document["$defs"]:
        assert f'"#/$defs/{name}"' in text
    referred = {piece.split('"')[0] for piece in text.split('"#/$defs/')[1:]}
    assert referred == set(document["$defs"])


def test_the_shipped_registry_follows_it() -> None:
    assert mistakes(SHIPPED) == []


def test_the_file_for_editors_is_up_to_date() -> None:
    hint = SHIPPED.splitlines()[0]
    assert hint == "# yaml-language-server: $schema=docs/datasets_registry.schema.json"
    file = ROOT / hint.split("=")[1]
    assert file.read_text() == schema_text(), (
        "an option changed: run `factory schema > docs/datasets_registry.schema.json`"
    )


def test_all_of_a_datasets_keys_are_in_it_with_title_and_description(pond: None) -> None:
    dataset = schema()["$defs"]["Dataset"]
    assert set(dataset["properties"]) == {*Settings.model_fields, *GROUPS}
    assert dataset["required"] == ["description", "sources", "transforms"]
    for key, described in dataset["properties"].items():
        assert described["description"], key
    assert dataset["properties"]["stage"]["enum"] == [1, 2, 3]
    assert schema()["$defs"]["LicencePolicy"]["properties"]["unknown"]["enum"] == ["drop", "keep"]


def test_the_options_of_a_strangers_plugin_are_in_it(pond: None) -> None:
    document = schema()
    options = part(document, "sources", "pond")
    assert options["title"] == "source pond"
    assert options["required"] == ["fish"]
    assert options["properties"]["suite"] == {
        "title": "Suite",
        "description": "The season to fish in.",
        "type": "string",
        "default": "spring",
    }
    assert options["properties"]["water"]["enum"] == ["fresh", "salt"]
    assert part(document, "transforms", "ripple")["properties"]["rings"]["minimum"] == 1


def test_a_plugin_that_cannot_be_loaded_spoils_nothing(pond: None) -> None:
    names = schema()["$defs"]
    assert not {"sources.dry", "transforms.leaky", "transforms.sunk"} & set(names)
    assert mistakes(POND.replace("[ripple]", "[ripple, leaky]")) == []


@pytest.mark.parametrize(
    "text",
    [
        POND,
        POND + "    filters:\n    split:\n",
        POND.replace("pond: {fish: [carp]}", "mine: {use: pond, fish: [carp]}"),
        POND.replace("pond: {fish: [carp]}", "ocean: {whales: 3}"),
        POND.replace("pond: {fish: [carp]}", "ocean:"),
        POND.replace("[ripple]", "{ripple: , whirl: {speed: 1}}"),
        POND + "    decontaminate: {suites: [core]}\n    mixture: {rows: null}\n",
    ],
)
def test_what_the_registry_takes_the_schema_takes(pond: None, text: str) -> None:
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ("", "$"),
        ("dataset: {}\n", "$"),
        (POND + "    licenses: {}\n", "$.datasets['pond-v1']"),
        (POND + "    stage: 4\n", "$.datasets['pond-v1'].stage"),
        (POND + "    seed: x\n", "$.datasets['pond-v1'].seed"),
        (POND + "    split: {validation: 1}\n", "$.datasets['pond-v1'].split"),
        (POND + "    licences: {unknown: maybe}\n", "$.datasets['pond-v1'].licences"),
        (POND + "    filters: {languages: [elixr]}\n", "$.datasets['pond-v1'].filters"),
        (POND + "    mixture: {languages: {elixr: 1}}\n", "$.datasets['pond-v1'].mixture"),
        (POND.replace("    description: What swims.\n", ""), "$.datasets['pond-v1']"),
        (POND.replace("{fish: [carp]}", ""), "$.datasets['pond-v1'].sources.pond"),
        (POND.replace("{fish: [carp]}", "{fihs: [carp]}"), "$.datasets['pond-v1'].sources.pond"),
        (POND.replace("{fish: [carp]}", "{fish: carp}"), "$.datasets['pond-v1'].sources.pond.fish"),
        (
            POND.replace("pond: {fish: [carp]}", "mine: {use: pond, fihs: [carp]}"),
            "$.datasets['pond-v1'].sources.mine",
        ),
        (POND.replace("[ripple]", "{ripple: {rings: 0}}"), "$.datasets['pond-v1'].transforms"),
        (POND.replace("[ripple]", "[ripple, ripple]"), "$.datasets['pond-v1'].transforms"),
        (POND.replace("pond-v1", "../pond"), "$.datasets"),
    ],
)
def test_what_is_wrong_is_marked_where_it_is(pond: None, broken: str, place: str) -> None:
    assert mistakes(broken) == [place]
