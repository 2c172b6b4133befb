"""What `factory sources check hex` finds out, with two requests: one to the API (or, where there is
none, for the index of packages that a build would read) and one for a package.

How long a build would take is told from how long these took, and from Hex's limit of a hundred API
requests a minute; how much it would fetch, from the tarballs that are here already. What depends
on answers that were not asked for (how many packages have so many downloads) stays unknown.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from factory.errors import SourceError
from factory.plugins import Check, Finding
from sources.hex import keys
from sources.hex.api import Api, Described
from sources.hex.options import HEXPM, HexOptions
from sources.hex.registry import Registry
from sources.hex.requirement import Requirement
from sources.hex.selection import chosen, why_none
from sources.hex.shelf import Shelf

PAGE = 100
"""Packages on a page of the API's list."""

A_MINUTE = 100
"""API requests that Hex.pm answers in a minute to one address without a key."""

KNOWN = "jason"
"""A package that Hex.pm has, to ask for where the options name none."""


def check(
    options: HexOptions,
    registry: Registry,
    api: Api | None,
    shelf: Shelf,
    tokens: Mapping[str, str],
    hint: Callable[[SourceError], str] = lambda _error: "",
) -> Check:
    """`tokens` are the environment variables that may be of use, "" where they are not set; `hint`
    gives what to do about an error, to be said after it."""
    key = keys.load(options.public_key)
    whose = Path(options.public_key).name if options.public_key else "Hex.pm's own"
    findings = [Finding("public key", True, f"{whose}, {keys.fingerprint(key)}")]
    began = time.monotonic()
    page = _listed(api, findings)
    index = _index(registry, options, findings, hint) if api is None else None
    asked = 1 if api is None and index is None else 2
    named = list(options.packages)
    there = [p.name for p in page] or index or ([KNOWN] if index is None else [])
    for name in (named or there)[:1]:
        findings += _registry(registry, name, options, hint)
    latency = (time.monotonic() - began) / asked
    opened = all(finding.ok is not False for finding in findings)
    findings += _surroundings(options, tokens, opened)
    packages = _packages(options, page) if index is None else len({*named, *index})
    if not packages or not opened:
        return Check(tuple(findings))
    pages = math.ceil(packages / PAGE) if options.takes_unnamed and api is not None else 0
    of_api = 0 if api is None else pages + len(named)
    rest = of_api - pages + 2 * packages
    waits = 60 * (of_api // A_MINUTE)
    size = shelf.typical_size()
    return Check(
        tuple(findings),
        releases=packages,
        requests=pages + rest,
        bytes=size * packages if size else None,
        seconds=round((pages + rest / options.concurrency) * latency + waits, 1),
    )


def _listed(api: Api | None, findings: list[Finding]) -> Sequence[Described]:
    """The API's first page."""
    if api is None:
        detail = "none: packages are chosen by name alone"
        findings.append(Finding("HTTP API", None, detail))
        return ()
    try:
        page = api.page(1)
    except SourceError as error:
        findings.append(Finding("HTTP API", False, str(error)))
        return ()
    most = ", ".join(package.name for package in page[:3])
    findings.append(
        Finding("HTTP API", bool(page), f"most downloads: {most}" if page else "it has no package")
    )
    return page


def _index(
    registry: Registry,
    options: HexOptions,
    findings: list[Finding],
    hint: Callable[[SourceError], str],
) -> list[str] | None:
    """The names in the index, where a build would read it; empty when it cannot be had."""
    if not options.takes_unnamed:
        return None
    try:
        names = [package.name for package in registry.versions()]
    except SourceError as error:
        findings.append(Finding("index of packages", False, str(error) + hint(error)))
        return []
    findings.append(Finding("index of packages", bool(names), f"signed; {len(names):,} packages"))
    return names


def _registry(
    registry: Registry, name: str, options: HexOptions, hint: Callable[[SourceError], str]
) -> list[Finding]:
    what = f"registry of {options.repository}"
    try:
        releases = registry.package(name)
    except SourceError as error:
        return [Finding(what, False, str(error) + hint(error))]
    count = f"{len(releases)} release" + ("" if len(releases) == 1 else "s")
    found = [Finding(what, True, f"signed; {name} has {count}")]
    if name in options.packages:
        text = options.packages[name]
        requirement = Requirement.parse(text) if text else None
        versions = [str(release.version) for release in chosen(releases, requirement, options)]
        why = why_none(name, releases, requirement) or "the options exclude all its releases"
        found.append(Finding(name, bool(versions), ", ".join(versions[-5:]) or why))
    return found


def _surroundings(options: HexOptions, tokens: Mapping[str, str], opened: bool) -> list[Finding]:
    """What the machine has to give: keys, tokens, a mirror. `opened` says that the repository
    answered; where it did so without a key, or is the user's own, none is needed."""
    found = []
    for name, value in tokens.items():
        refused = not (opened or options.at_root)
        private = options.repository != HEXPM and (bool(value) or refused)
        needed = options.tests_from == "github" if name.startswith("GITHUB") else private
        told = "set" if value else "not set" + ("" if needed else ", and not needed")
        found.append(Finding(name, bool(value) if needed else None, told))
    if options.tests_from == "mirror":
        there = Path(options.mirror).expanduser().is_dir()
        found.append(
            Finding("mirror of repositories", there, "" if there else "there is no such folder")
        )
    return found


def _packages(options: HexOptions, page: Sequence[Described]) -> int | None:
    """About how many packages would be looked at, None when that takes more requests to know."""
    named = options.packages.keys()
    if not options.takes_unnamed:
        return len(named)
    if 0 < len(page) < PAGE:
        return len({package.name for package in page[: options.rank]} | named)
    return None if options.rank is None else options.rank + len(named)
