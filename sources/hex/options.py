"""What a user may ask of `hex`: which packages, which of their releases, and where they are."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from factory.passes.licences import normalise
from factory.plugins import Options
from factory.records import UNKNOWN_LICENCE
from factory.spec import MACHINE
from sources.hex.registry import NAME
from sources.hex.requirement import Requirement
from sources.reading import ReadingOptions

HEXPM = "hexpm"
PUBLIC_REPO = "https://repo.hex.pm"
PUBLIC_API = "https://hex.pm/api"
PUBLIC_GITHUB = "https://api.github.com"


def _web_address(value: str) -> str:
    if value and not re.match(r"https?://[^\s/]", value):
        raise ValueError(f"{value!r} is no address of a web server (say {PUBLIC_REPO})")
    return value.rstrip("/")


def _text(value: Any) -> Any:
    """`--set sources.hex.api_url=` gives nothing at all, which is no address."""
    return "" if value is None else value


Address = Annotated[str, BeforeValidator(_text), AfterValidator(_web_address)]


class HexOptions(Options):
    """Which packages of a Hex repository, and which of their releases."""

    top: Annotated[int, Field(ge=1, le=1_000_000)] | Literal["all"] | None = Field(
        None,
        description="the packages with the most downloads of all time; all is every public package "
        "of the repository",
    )
    min_downloads: int = Field(
        0, ge=0, description="of packages that are not named: no fewer downloads of all time"
    )
    updated_after: date | None = Field(
        None, description="of packages that are not named: only if changed since that day"
    )
    packages: dict[str, str] = Field(
        default_factory=dict,
        description="packages wanted whatever their rank, by name: a requirement as Elixir has "
        'them ("~> 1.7"), "" for any version; a list of names will do',
    )
    versions: Literal["latest", "minors", "all"] = Field(
        "latest",
        description="of each package the latest release, the last of every minor version, or all; "
        "pre-releases only where the package's requirement names one",
    )
    exclude: tuple[Literal["retired", "security"], ...] = Field(
        ("retired", "security"),
        description="no release that is retired; none that is retired for security or has a "
        "security advisory",
    )
    licences: tuple[str, ...] = Field(
        (),
        description="only packages whose metadata names these licences (SPDX); all by default, and "
        "the dataset's policy decides for each row",
    )
    build_tools: tuple[str, ...] = Field(
        (), description="only releases built by one of these (mix, rebar3, make); all by default"
    )
    tests_from: Literal["none", "mirror", "github"] = Field(
        "none",
        description="where the tests come from that packages leave out: the repositories in the "
        "folder `mirror`, or GitHub (which needs GITHUB_TOKEN)",
    )
    files: ReadingOptions = Field(
        default_factory=lambda: ReadingOptions.model_validate({}),
        description="which of a release's files become documents",
    )
    repository: str = Field(
        HEXPM, description="the repository's name: hexpm, or a private organisation on Hex"
    )
    at_root: bool = Field(
        False,
        description="the repository lies at the root of both addresses whatever its name, as one "
        "made by `mix hex.registry build` does, and not below /repos/NAME",
        json_schema_extra=MACHINE,
    )
    repo_url: Address = Field(
        PUBLIC_REPO,
        description="where registry and tarballs are: Hex's own or a mirror",
        json_schema_extra=MACHINE,
    )
    api_url: Address = Field(
        PUBLIC_API,
        description='the HTTP API\'s address; "" where there is none (then name the packages)',
        json_schema_extra=MACHINE,
    )
    public_key: str = Field(
        "",
        description="a file with the repository's public key in PEM; Hex.pm's own by default",
        json_schema_extra=MACHINE,
    )
    mirror: str = Field(
        "",
        description="a folder of Git repositories (HOST/OWNER/NAME) for tests_from: mirror",
        json_schema_extra=MACHINE,
    )
    github_api_url: Address = Field(
        PUBLIC_GITHUB,
        description="GitHub's API for tests_from: github",
        json_schema_extra=MACHINE,
    )
    concurrency: int = Field(
        8, ge=1, le=64, description="requests at a time", json_schema_extra=MACHINE
    )

    @field_validator(
        "packages", mode="before", json_schema_input_type=str | tuple[str, ...] | dict[str, str]
    )
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        """`ecto`, `ecto ~> 3.0`, and lists of these."""
        each = [value] if isinstance(value, str) else value
        if not isinstance(each, list | tuple):
            return value
        pairs = [item.strip().partition(" ") for item in each if isinstance(item, str)]
        return {name: rest.strip() for name, _, rest in pairs} if len(pairs) == len(each) else value

    @field_validator("packages")
    @classmethod
    def _are_packages(cls, value: dict[str, str]) -> dict[str, str]:
        for name, requirement in value.items():
            if not NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a package on Hex")
            if requirement:
                Requirement.parse(requirement)
        return dict(sorted(value.items()))

    @field_validator("repository")
    @classmethod
    def _is_repository(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError(f"{value!r} is no name of a Hex repository")
        return value

    @field_validator(
        "licences", "build_tools", mode="before", json_schema_input_type=str | tuple[str, ...]
    )
    @classmethod
    def _one_alone(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("licences")
    @classmethod
    def _are_licences(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if UNKNOWN_LICENCE in normalise(name):
                raise ValueError(f"{name!r} is no licence that SPDX lists (say MIT or Apache-2.0)")
        return tuple(sorted(map(normalise, value)))

    @model_validator(mode="after")
    def _fit_together(self) -> HexOptions:
        counted = isinstance(self.top, int) or self.min_downloads > 0
        if counted and not self.api_url:
            raise ValueError(
                "a number as top, and min_downloads, need the HTTP API, which alone counts "
                "downloads: give api_url, or name the packages, or say top: all"
            )
        if self.tests_from == "mirror" and not self.mirror:
            raise ValueError("tests_from: mirror needs the folder of repositories as mirror")
        return self

    @property
    def takes_unnamed(self) -> bool:
        """Whether packages are chosen that the options do not name."""
        return self.top is not None or self.min_downloads > 0

    @property
    def rank(self) -> int | None:
        """The last rank to take, None for all."""
        return self.top if isinstance(self.top, int) else None

    def below(self, address: str) -> str:
        """The path below one of both addresses where the repository lies: `/repos/NAME` for an
        organisation's, if the address does not end so already, as Hex's clients are given it."""
        path = f"/repos/{self.repository}"
        is_there = self.repository == HEXPM or self.at_root or address.endswith(path)
        return "" if is_there else path
