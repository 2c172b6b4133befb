"""What a dataset may ask of GitHub: which repositories, and what of them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from factory.plugins import Options
from factory.spec import MACHINE
from sources.github.endpoints import PUBLIC, Endpoints, endpoints
from sources.github.repository import NAME
from sources.option_text import matching, spelt_out
from sources.reading import ReadingOptions

_LANGUAGE = re.compile(r"^[A-Za-z0-9+#.' _-]{1,50}$")
_TOPIC = re.compile(r"^[a-z0-9][a-z0-9-]{0,49}$")
_REVISION = re.compile(r"^[^\s~^:?*\[\\@{}\x00-\x1f\x7f-]([^\s~^:?*\[\\{}\x00-\x1f\x7f]{0,199})$")

Excluded = Literal["forks", "mirrors", "archived", "templates"]
Required = Literal["licence", "tests", "ci", "releases"]


Language = Annotated[str, matching(_LANGUAGE, "language as GitHub names them (say Elixir)")]
Topic = Annotated[str, matching(_TOPIC, "topic as GitHub has them (say phoenix-framework)")]


class Named(Options):
    """A repository that is wanted whatever its stars, at a branch, tag or commit; without one, at
    its default branch."""

    name: Annotated[str, matching(NAME, "repository (OWNER/NAME)")]
    ref: str = ""

    @field_validator("ref")
    @classmethod
    def _is_revision(cls, value: str) -> str:
        if value and (not _REVISION.match(value) or ".." in value):
            raise ValueError(f"{value!r} is no branch, tag or commit")
        return value


class GitHubOptions(Options):
    """Which repositories, and what of them. A search is made for each of the languages (with each
    of the topics); repositories that are named are taken besides, whatever the search asks for."""

    languages: tuple[Language, ...] = Field(
        (), description="main languages of the repositories, as GitHub names them (Elixir)"
    )
    topics: tuple[Topic, ...] = Field(
        (), description="only repositories with one of these topics; none: whatever their topics"
    )
    min_stars: int = Field(10, ge=0, description="fewest stars")
    pushed_after: date | None = Field(
        None, description="only repositories to which something was pushed on this day or later"
    )
    max_size_mb: int = Field(
        100, ge=1, description="no repository that takes up more, in millions of bytes"
    )
    exclude: tuple[Excluded, ...] = Field(
        ("forks", "mirrors", "archived", "templates"),
        description="kinds of repositories to leave out",
    )
    require: tuple[Required, ...] = Field(
        ("licence",),
        description="what a repository must have: a licence file, a folder of tests, continuous "
        "integration, a published release",
    )
    repositories: tuple[Named, ...] = Field(
        (), description="repositories by name: OWNER/NAME, or OWNER/NAME@REF, or {name, ref}"
    )
    max_repositories: int | None = Field(
        None, ge=1, description="of those that a search finds, the ones with the most stars"
    )
    commits: int = Field(
        0, ge=0, le=10_000, description="newest commits to read for the transform `commit`"
    )
    files: ReadingOptions = Field(
        default_factory=lambda: ReadingOptions.model_validate({}),
        description="which of a repository's files are read",
    )
    api_url: str = Field(
        PUBLIC,
        description="GitHub's API; for GitHub Enterprise Server https://HOST/api/v3",
        json_schema_extra=MACHINE,
    )
    concurrency: int = Field(
        4, ge=1, le=32, description="requests under way at once", json_schema_extra=MACHINE
    )

    @field_validator(
        "repositories", mode="before", json_schema_input_type=str | tuple[str | Named, ...]
    )
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        return spelt_out(value, _entry)

    @field_validator("languages", "topics", mode="before", json_schema_input_type=str | list[str])
    @classmethod
    def _one_alone(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("api_url")
    @classmethod
    def _is_api(cls, value: str) -> str:
        endpoints(value)
        return value

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (self.languages or self.topics or self.repositories):
            raise ValueError("name languages, topics or repositories: without one nothing is found")
        return self

    @property
    def endpoints(self) -> Endpoints:
        return endpoints(self.api_url)


def _entry(item: str) -> dict[str, str]:
    name, _, ref = item.strip().removeprefix("https://github.com/").partition("@")
    return {"name": name.strip().removesuffix(".git"), "ref": ref.strip()}
