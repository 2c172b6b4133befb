"""Which packages and releases a user gets: options, and the rules of choice."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from sources.hex.api import Described
from sources.hex.options import HexOptions
from sources.hex.registry import Listed
from sources.hex.requirement import Requirement, Version
from sources.hex.selection import chosen, is_licensed, is_recent, why_none


def options(**given: object) -> HexOptions:
    return HexOptions.model_validate({"packages": ["demo"]} | given)


def releases(*texts: str) -> list[Listed]:
    """Releases by version; `!reason` after it says why it was retired, `?` that it is advised."""
    found = []
    for text in texts:
        version, _, retired = text.rstrip("?").partition("!")
        parsed = Version.parse(version)
        assert parsed is not None
        advisories = ("GHSA-1",) if text.endswith("?") else ()
        found.append(Listed(parsed, "", "", retired, advisories))
    return sorted(found, key=lambda each: each.version)


ALL = releases(
    *("0.9.0", "1.0.0", "1.0.1", "1.0.2!invalid", "1.1.0", "1.1.1!security", "1.2.0?"),
    *("2.0.0-rc.1", "2.0.0-rc.2"),
)


@pytest.mark.parametrize(
    ("given", "requirement", "versions"),
    [
        ({}, None, ["1.1.0"]),
        ({"versions": "minors"}, None, ["0.9.0", "1.0.1", "1.1.0"]),
        ({"versions": "all"}, None, ["0.9.0", "1.0.0", "1.0.1", "1.1.0"]),
        ({"exclude": []}, None, ["1.2.0"]),
        ({"exclude": [], "versions": "minors"}, None, ["0.9.0", "1.0.2", "1.1.1", "1.2.0"]),
        ({"exclude": ["security"], "versions": "minors"}, None, ["0.9.0", "1.0.2", "1.1.0"]),
        ({"exclude": ["retired"]}, None, ["1.2.0"]),
        ({}, "~> 1.0.0", ["1.0.1"]),
        ({"versions": "minors"}, "< 1.1.0", ["0.9.0", "1.0.1"]),
        ({"versions": "all"}, ">= 1.0.0 and < 1.1.0 or == 0.9.0", ["0.9.0", "1.0.0", "1.0.1"]),
        # A pre-release is taken only where the requirement names one.
        ({}, ">= 1.0.0", ["1.1.0"]),
        ({}, ">= 2.0.0-rc.1", ["2.0.0-rc.2"]),
        ({}, "== 3.0.0", []),
        ({}, "== 1.1.1", []),
    ],
)  # fmt: skip
def test_the_releases_taken(
    given: dict[str, object], requirement: str | None, versions: list[str]
) -> None:
    required = Requirement.parse(requirement) if requirement else None
    assert [str(each.version) for each in chosen(ALL, required, options(**given))] == versions


@pytest.mark.parametrize(
    ("there", "requirement", "reason"),
    [
        ([], None, "the registry lists no release of demo"),
        (["1.0.0-dev"], None, "no release of demo is stable; there is 1.0.0-dev"),
        (
            [f"1.{n}.0" for n in range(7)],
            "~> 2.0",
            "no release of demo matches '~> 2.0'; there is 1.6.0, 1.5.0, 1.4.0, 1.3.0, 1.2.0 and 2 "
            "older ones",
        ),
        (["1.0.0!security"], None, None),
    ],
)
def test_why_a_package_that_was_named_gives_nothing(
    there: list[str], requirement: str | None, reason: str | None
) -> None:
    required = Requirement.parse(requirement) if requirement else None
    assert why_none("demo", releases(*there), required) == reason


@pytest.mark.parametrize(
    ("updated", "after", "recent"),
    [
        ("2021-01-01", date(2021, 1, 1), True),
        ("2020-12-31", date(2021, 1, 1), False),
        ("", date(2021, 1, 1), False),
        ("", None, True),
    ],
)
def test_a_package_that_changed_lately(updated: str, after: date | None, recent: bool) -> None:
    assert is_recent(Described("demo", updated=updated), options(updated_after=after)) is recent


@pytest.mark.parametrize(
    ("names", "asked", "licensed"),
    [
        (("Apache 2.0",), ["apache-2.0"], True),
        (("MIT",), ["Apache-2.0"], False),
        (("MIT", "Apache-2.0"), ["Apache-2.0"], False),
        (("MIT", "Apache-2.0"), ["Apache-2.0", "MIT"], True),
        (("MIT OR GPL-3.0-only",), ["MIT"], True),
        (("Ours",), ["MIT"], False),
        ((), ["MIT"], False),
        (("Ours",), [], True),
    ],
)
def test_a_package_of_the_licences_asked_for(
    names: tuple[str, ...], asked: list[str], licensed: bool
) -> None:
    assert is_licensed(Described("demo", licences=names), options(licences=asked)) is licensed


@pytest.mark.parametrize(
    ("given", "packages"),
    [
        ("ecto", {"ecto": ""}),
        ("ecto ~> 3.0", {"ecto": "~> 3.0"}),
        (["phoenix >= 1.0.0 and < 1.7.0", "ecto"], {"ecto": "", "phoenix": ">= 1.0.0 and < 1.7.0"}),
        ({"ecto": "~> 3.0"}, {"ecto": "~> 3.0"}),
    ],
)
def test_packages_are_named_in_several_ways(given: object, packages: dict[str, str]) -> None:
    assert options(packages=given).packages == packages


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"packages": ["../etc"]}, "'../etc' is no name of a package on Hex"),
        ({"packages": {"ecto": "latest"}}, "'latest' is no version requirement"),
        ({"versions": "newest"}, "Input should be 'latest', 'minors' or 'all'"),
        ({"exclude": ["old"]}, "Input should be 'retired' or 'security'"),
        ({"licences": ["free"]}, "'free' is no licence that SPDX lists"),
        ({"repository": "a/b"}, "'a/b' is no name of a Hex repository"),
        ({"repo_url": "ftp://x"}, "'ftp://x' is no address of a web server"),
        ({"top": 5, "api_url": ""}, "need the HTTP API, which alone counts downloads"),
        ({"tests_from": "mirror"}, "tests_from: mirror needs the folder of repositories"),
        ({"packges": []}, "Extra inputs are not permitted"),
    ],
)
def test_options_that_cannot_work(given: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        options(**given)
    assert reason in str(caught.value)
