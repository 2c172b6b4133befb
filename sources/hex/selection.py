"""Which of a package's releases a user wants: pure, from what registry and API say.

The order is: what the options exclude goes first, then what the requirement (or, without one,
being a pre-release) rules out, and of the rest the newest, the newest of each minor version, or
all. So a package whose newest release was retired gives the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from factory.passes.licences import decide, normalise
from factory.spec import LicencePolicy
from sources.hex.api import Described
from sources.hex.options import HexOptions
from sources.hex.registry import Listed
from sources.hex.requirement import Requirement

SHOWN = 5
"""Versions that a message names."""


def chosen(
    releases: Sequence[Listed], requirement: Requirement | None, options: HexOptions
) -> list[Listed]:
    """The releases to take, oldest first; `releases` are sorted so too."""
    there = [r for r in releases if not is_excluded(r, options) and _is_meant(r, requirement)]
    if options.versions == "all":
        return there
    if options.versions == "latest":
        return there[-1:]
    minors = groupby(there, key=lambda r: (r.version.major, r.version.minor))
    return [list(group)[-1] for _, group in minors]


def is_excluded(release: Listed, options: HexOptions) -> bool:
    if "retired" in options.exclude and release.retired:
        return True
    return "security" in options.exclude and release.is_insecure


def _is_meant(release: Listed, requirement: Requirement | None) -> bool:
    if requirement is None:
        return release.version.is_stable
    return requirement.matches(release.version)


def why_none(name: str, releases: Sequence[Listed], requirement: Requirement | None) -> str | None:
    """Why a package that was named gives no release, when that is a mistake of the user's or a
    change of the registry's; None when the options just excluded what there is."""
    if any(_is_meant(release, requirement) for release in releases):
        return None
    if not releases:
        return f"the registry lists no release of {name}"
    newest = ", ".join(str(r.version) for r in reversed(releases[-SHOWN:]))
    more = "" if len(releases) <= SHOWN else f" and {len(releases) - SHOWN} older ones"
    what = f"matches {str(requirement)!r}" if requirement else "is stable"
    return f"no release of {name} {what}; there is {newest}{more}"


def is_recent(package: Described, options: HexOptions) -> bool:
    """Whether the package changed since the day that the options name."""
    if options.updated_after is None:
        return True
    try:
        return date.fromisoformat(package.updated) >= options.updated_after
    except ValueError:
        return False


def is_licensed(package: Described, options: HexOptions) -> bool:
    """Whether the package's metadata names only licences that the options ask for."""
    if not options.licences:
        return True
    policy = LicencePolicy(allow=options.licences, deny=(), unknown="drop")
    expression = " AND ".join(f"({normalise(name)})" for name in package.licences)
    return not decide(expression, policy)
