"""The registry's JSON schema (draft 2020-12), so that an editor completes keys and marks mistakes.

Options of the plugins installed here are merged in. It says no more than JSON Schema can: sums of
shares, duplicate keys and plugins that are not installed are `factory.registry`'s to judge.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from factory import plugins
from factory.errors import FactoryError
from factory.registry import GROUPS, PLUGIN_NAME, SECTIONS, options_model
from factory.spec import Dataset, Settings

Schema = dict[str, Any]


def schema() -> Schema:
    """The schema of a registry file, with the options of every installed plugin."""
    models: dict[str, dict[str, type[BaseModel]]] = {
        section: _installed(group) for section, group in GROUPS.items()
    }
    every: list[type[BaseModel]] = [
        Settings,
        *(model for found in models.values() for model in found.values()),
    ]
    refs, shared = models_json_schema([(model, "validation") for model in dict.fromkeys(every)])
    parts: dict[str, Schema] = shared.get("$defs", {})
    dataset = _part(refs[Settings, "validation"], parts, "Dataset")
    properties: dict[str, Schema] = dataset["properties"]
    for section in SECTIONS:
        # A section may be named and left empty: `filters:` alone means all defaults.
        described = dict(properties[section])
        reference = {"$ref": described.pop("$ref")}
        properties[section] = {**described, "anyOf": [reference, {"type": "null"}]}
    for section, found in models.items():
        for name, model in found.items():
            title = f"{section.removesuffix('s')} {name}"
            parts[f"{section}.{name}"] = _part(refs[model, "validation"], parts, title)
        about = Dataset.model_fields[section].description
        shape = _sources if section == "sources" else _transforms
        properties[section] = {"description": about, **shape(list(found), parts)}
    dataset["required"] = [*dataset["required"], *GROUPS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Datasets registry",
        "description": "Every dataset that can be built, by name.",
        "type": "object",
        "additionalProperties": False,
        "required": ["datasets"],
        "properties": {
            "datasets": {
                "type": "object",
                "description": "Datasets by name; an entry's name is its version, as in `x-v1`.",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[a-z0-9][a-z0-9._-]{0,99}$"},
                "additionalProperties": {"$ref": "#/$defs/Dataset"},
            }
        },
        "$defs": _in_use({**parts, "Dataset": dataset}),
    }


def schema_text() -> str:
    """The schema as a file has it, the same for the same plugins."""
    return json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _installed(group: plugins.Group) -> dict[str, type[BaseModel]]:
    """Options by plugin; one that cannot be loaded is left to whoever builds with it."""
    found: dict[str, type[BaseModel]] = {}
    for name in plugins.names(group):
        try:
            found[name] = options_model(group, name)
        except FactoryError:
            continue
    return found


def _in_use(parts: dict[str, Schema]) -> dict[str, Schema]:
    """The parts that others refer to; what was only copied from is left out."""
    text = json.dumps(parts)
    return {
        name: part
        for name, part in parts.items()
        if name == "Dataset" or f'"#/$defs/{name}"' in text
    }


def _part(reference: Schema, parts: dict[str, Schema], title: str) -> Schema:
    """A copy of the part that is referred to, of which the outer two levels may be changed."""
    part = parts[reference["$ref"].removeprefix("#/$defs/")]
    return {**part, "properties": {**part.get("properties", {})}, "title": title}


def _sources(names: list[str], parts: dict[str, Schema]) -> Schema:
    """Installed plugins by their own name, and any other name with `use` to say which plugin."""
    for name in names:
        parts[f"sources.{name}"]["properties"]["use"] = {
            "const": name,
            "description": "The source plugin, for a source that has a name of its own.",
        }
    by_use = [
        {
            "if": {
                "type": "object",
                "properties": {"use": {"const": name}},
                "required": ["use"],
            },
            "then": {"$ref": f"#/$defs/sources.{name}"},
        }
        for name in names
    ]
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{PLUGIN_NAME}$"},
        "properties": {name: _options(f"sources.{name}", parts) for name in names},
        "additionalProperties": {
            "type": ["object", "null"],
            "properties": {"use": {"type": "string", "examples": names}},
            **({"allOf": by_use} if by_use else {}),
        },
    }


def _transforms(names: list[str], parts: dict[str, Schema]) -> Schema:
    """Options by transform, or a list of names where none needs options."""
    by_name: Schema = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^{PLUGIN_NAME}$"},
        "properties": {name: _options(f"transforms.{name}", parts) for name in names},
        "additionalProperties": {"type": ["object", "null"]},
    }
    word: Schema = {"type": "string", "pattern": f"^{PLUGIN_NAME}$"}
    listed: Schema = {
        "type": "array",
        "minItems": 1,
        "uniqueItems": True,
        "items": {"anyOf": [{"enum": names}, word]},
    }
    return {"anyOf": [by_name, listed]}


def _options(name: str, parts: dict[str, Schema]) -> Schema:
    """A plugin's options, which may be left empty unless one of them is required."""
    reference = {"$ref": f"#/$defs/{name}"}
    return reference if parts[name].get("required") else {"anyOf": [reference, {"type": "null"}]}
