"""The registry's models: what a dataset is, in the words a person writes in YAML.

These are plain values with defaults and descriptions (which feed the JSON schema and the docs).
Reading YAML, finding files, plugins' own options and messages that name a line live in
`factory.registry`; what each pass does with its model lives in `factory.passes`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SerializeAsAny,
    StringConstraints,
    field_validator,
    model_validator,
)

from factory.errors import RequestError
from factory.records import LANGUAGES

MACHINE: dict[str, JsonValue] = {"machine": True}
"""Given as `json_schema_extra`, it says that an option is about this machine (a path, a URL of a
mirror, a token's file) and no part of what the dataset is: it stays out of `spec_digest`."""

Language = Literal["elixir", "erlang", "heex", "eex", "markdown", "patch"]
ALL_LANGUAGES: tuple[Language, ...] = get_args(Language)
assert ALL_LANGUAGES == LANGUAGES

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Share = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]

PERMISSIVE = (
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "0BSD",
    "ISC",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "CC-BY-4.0",
    "BSL-1.0",
)
"""Licences that ask for attribution at most: what a dataset allows unless it says otherwise."""


class Part(BaseModel):
    """The base of every model here: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Filters(Part):
    """Which documents are read and which rows are kept, by plain measures."""

    languages: tuple[Language, ...] = ALL_LANGUAGES
    """Languages of documents to read; the others never reach a transform."""
    paths: tuple[Text, ...] = ()
    """Only documents whose path inside the release matches one of these (.gitignore's wildcards,
    as in `lib/**/*.ex`). Empty: all."""
    exclude_paths: tuple[Text, ...] = ()
    """Documents whose path inside the release matches one of these are left out."""
    exclude_tasks: tuple[Text, ...] = ()
    """Rows of these tasks are dropped (a transform may make several tasks)."""
    min_request: int = Field(default=0, ge=0)
    """Shortest request, in characters. Rows of plain text have none and are not measured by it."""
    max_request: int = Field(default=24_000, ge=1)
    """Longest request, in characters."""
    min_answer: int = Field(default=2, ge=0)
    """Shortest answer (or text), in characters."""
    max_answer: int = Field(default=24_000, ge=1)
    """Longest answer, in characters; rows of plain text (`pretrain`) are not cut by it."""
    min_documentation: float = Field(default=0.0, ge=0, le=1)
    """Least share of doc, spec and doctest that the subject must have, from 0 to 1."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for what in ("request", "answer"):
            least, most = getattr(self, f"min_{what}"), getattr(self, f"max_{what}")
            if least > most:
                raise ValueError(f"min_{what} ({least}) is above max_{what} ({most})")
        return self


class LicencePolicy(Part):
    """Which licences may enter. Every row's licence is an SPDX expression; with `OR` one allowed
    side is enough, with `AND` all sides must be allowed."""

    allow: tuple[Text, ...] = PERMISSIVE
    """SPDX identifiers (or whole expressions) that may enter."""
    deny: tuple[Text, ...] = ()
    """SPDX identifiers (or whole expressions) that may not, even where `allow` names them."""
    unknown: Literal["drop", "keep"] = "drop"
    """What happens to rows whose licence could not be found: dropped (and recorded), unless the
    person who builds says `keep`, as for code of their own."""


class Redaction(Part):
    """What is replaced by a placeholder, by kind. The row stays; the count is in its quality."""

    secrets: bool = True
    """Keys, tokens, passwords, private key blocks."""
    emails: bool = True
    """E-mail addresses."""
    addresses: bool = True
    """Private IP addresses."""


class Dedup(Part):
    """What counts as the same row. Of equals, the best documented and newest copy stays."""

    exact: bool = True
    """Drop rows whose subject equals another's but for white space and comments."""
    near: bool = True
    """Drop rows whose subject nearly equals another's (MinHash over shingles of code tokens)."""
    threshold: float = Field(default=0.8, gt=0, le=1)
    """Jaccard similarity of the shingles from which two subjects are near duplicates."""
    shingle: int = Field(default=5, ge=1, le=50)
    """Tokens in one shingle."""


class Decontamination(Part):
    """What rows must not give away: problems that models are measured by."""

    suites: Literal["all", "none"] | tuple[Name, ...] = "all"
    """Suites of `evals` to check against: `all` installed ones, `none`, or a list of names."""
    files: tuple[Text, ...] = Field(default=(), json_schema_extra=MACHINE)
    """JSONL files of further problems, relative to the working directory; every text in them
    counts. Their content, not their path, is part of the dataset's identity."""
    ngrams: tuple[Annotated[int, Field(ge=2, le=100)], ...] = Field(default=(8, 10), min_length=1)
    """Lengths of runs of code tokens that a row must not share with a problem."""


class Mixture(Part):
    """Shares of the rows. What has no share keeps all its rows; shares are reached by dropping
    rows of what is too frequent, never by repeating any."""

    languages: dict[Language, Share] = Field(default={})
    """Share of each language, as in `{elixir: 0.85, erlang: 0.15}`; together at most 1."""
    tasks: dict[Text, Share] = Field(default={})
    """Share of each task, as in `{implement: 0.3}`; together at most 1."""
    rows: int | None = Field(default=None, ge=1)
    """At most this many rows in the whole dataset; by default no limit."""

    @field_validator("languages", "tasks")
    @classmethod
    def _at_most_all(cls, shares: dict[str, float]) -> dict[str, float]:
        total = sum(shares.values())
        if total > 1 + 1e-9:
            raise ValueError(f"shares sum to {total:g}, and there is no more than 1 to share")
        return shares


class Split(Part):
    """Train and validation. Whole package families go to one side."""

    validation: float = Field(default=0.02, ge=0, lt=1)
    """Share of the rows to validate on, from 0 (none) to below 1; reached as near as whole
    families allow."""


class NotInstalled(BaseModel):
    """The options of a plugin that is not at hand: kept as written, not checked."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Use(Part):
    """A plugin as a dataset uses it. `options` is an instance of the plugin's own `Options`, or
    `NotInstalled`, in which case `problem` says what is missing and where it was asked for."""

    plugin: str
    options: SerializeAsAny[BaseModel]
    problem: str = Field(default="", json_schema_extra=MACHINE)


class Settings(Part):
    """All of a dataset but its plugins."""

    description: Text
    """What is in it, for whom; one line or several. Shown by `factory list` and on the card."""
    stage: Literal[1, 2, 3] = 2
    """What it is for: 1 pretraining on whole files, 2 instructions, 3 books."""
    filters: Filters = Filters()
    """Which documents are read and which rows are kept."""
    licences: LicencePolicy = LicencePolicy()
    """Which licences may enter."""
    redact: Redaction = Redaction()
    """Which secrets and personal data are replaced."""
    dedup: Dedup = Dedup()
    """What counts as the same row."""
    decontaminate: Decontamination = Decontamination()
    """Which problems must not be given away."""
    mixture: Mixture = Mixture()
    """Shares by language and by task, and the most rows there may be."""
    split: Split = Split()
    """Train and validation."""
    seed: int = Field(default=0, ge=0, lt=2**63)
    """The seed of every choice that is made: wordings, holes, mixture, split."""
    shorthands: dict[Name, Text] = Field(default={})
    """Short names for `--set`: with `{path: sources.local.paths}`, `--set path=DIR` does."""


class Dataset(Settings):
    """A dataset of the registry, ready to be built: its plugins' options are checked."""

    name: str
    sources: dict[str, Use] = Field(min_length=1)
    """Where source comes from, by a name of one's own (as a rule the plugin's)."""
    transforms: dict[str, Use] = Field(min_length=1)
    """Which tasks are made from it, by the plugin's name."""

    def require_plugins(self) -> None:
        """Raises `RequestError` naming every plugin that this dataset needs and is not there."""
        problems = [use.problem for use in self._uses() if use.problem]
        if problems:
            raise RequestError("\n".join(problems))

    def _uses(self) -> Iterable[Use]:
        yield from self.sources.values()
        yield from self.transforms.values()


class Registry(Part):
    """A registry file: every dataset that can be built from it, by name, in the file's order."""

    file: Path
    datasets: dict[str, Dataset]


def spec_digest(dataset: Dataset) -> str:
    """`sha256:…` of what the dataset *is*: every option with defaults filled in, as JSON with
    sorted keys.

    Its name, description and shorthands stay out, and so do options marked `MACHINE`; what they
    lead to is in releases' checksums. Files to decontaminate against count by their content;
    raises `RequestError` when one cannot be read.
    """
    spec: dict[str, Any] = meaning(dataset)
    for told in ("name", "description", "shorthands"):
        del spec[told]
    spec["decontaminate"]["files"] = sorted(map(_file_digest, dataset.decontaminate.files))
    packed = json.dumps(spec, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(packed.encode()).hexdigest()


def meaning(model: BaseModel) -> dict[str, Any]:
    """A model as JSON values with defaults filled in, without the options that are `MACHINE`."""
    dumped = model.model_dump(mode="json")
    for name, field in type(model).model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("machine"):
            del dumped[name]
            continue
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            dumped[name] = meaning(value)
        elif isinstance(value, dict):
            dumped[name] = {
                key: meaning(item) if isinstance(item, BaseModel) else dumped[name][key]
                for key, item in value.items()
            }
        elif isinstance(value, list | tuple):
            dumped[name] = [
                meaning(item) if isinstance(item, BaseModel) else dumped[name][at]
                for at, item in enumerate(value)
            ]
    return dumped


def _file_digest(file: str) -> str:
    try:
        with Path(file).open("rb") as stream:
            return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RequestError(
            f"decontaminate.files: {file} cannot be read: {error.strerror}"
        ) from error


__all__ = [
    "MACHINE",
    "PERMISSIVE",
    "Dataset",
    "Decontamination",
    "Dedup",
    "Filters",
    "Language",
    "LicencePolicy",
    "Mixture",
    "NotInstalled",
    "Part",
    "Redaction",
    "Registry",
    "Settings",
    "Split",
    "Use",
    "meaning",
    "spec_digest",
]
