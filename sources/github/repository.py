"""What is known of a repository: what a search tells (`Facts`) and what lies at a commit
(`Details`), read from GitHub's answers, which are checked before they are believed.

A name that is no plain `owner/name`, or a commit that is no hexadecimal name, is no repository:
both go into addresses and file names later.

Not covered: how it is asked (`listing`, `details`) and what is made of it (`selection`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from factory.errors import SourceError
from factory.records import Signals, about
from sources.github.api import plain, seconds

NAME = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}\Z")
COMMIT = re.compile(r"^(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")

TEST_FOLDERS = frozenset({"test", "tests", "spec"})

CI_ENTRIES = frozenset(
    {
        ".appveyor.yml", ".builds", ".build.yml", ".buildkite", ".circleci", ".cirrus.yml",
        ".drone.yml", ".gitlab-ci.yml", ".semaphore", ".travis.yml", ".woodpecker",
        ".woodpecker.yml", "appveyor.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml",
        "circle.yml", "Jenkinsfile",
    }
)  # fmt: skip
"""Names in a repository's root by which continuous integration is configured; GitHub's own lies in
`.github/workflows`."""

MANIFESTS = frozenset({"mix.exs", "rebar.config", "erlang.mk", "Makefile"})
"""What is built is a program, and where it has no tests of its own, its parts may."""

NO_LICENCE = frozenset({"", "NONE"})
UNCLEAR = frozenset({"NOASSERTION", "OTHER"})
"""GitHub's words for a licence file that it does not know."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A repository as a search gives it. `family` is its own name in lower case, or for a fork that
    of the repository it was forked from (two steps back at most). `licence` is an SPDX identifier,
    `NOASSERTION` for a licence file that GitHub does not know, "" without one. Times are ISO 8601.
    `commit` is that of `ref`, the revision that was asked for, or of the default branch; "" for
    none."""

    id: str
    name: str
    family: str
    stars: int
    forks: int
    kilobytes: int
    created: str
    pushed: str
    licence: str
    language: str
    languages: tuple[tuple[str, int], ...]
    topics: tuple[str, ...]
    archived: bool
    disabled: bool
    fork: bool
    mirror: bool
    private: bool
    template: bool
    branch: str
    ref: str
    commit: str
    committed: str

    @property
    def day(self) -> str:
        """The UTC day of the commit."""
        return self.committed[:10]


@dataclass(frozen=True, slots=True)
class Sample:
    """The newest commits before a commit: how many were looked at, of how many there are, how many
    people made them and what share the busiest has (bots are nobody), how many a month, and their
    messages' first lines. Names and addresses of people are not kept."""

    commits: int = 0
    total: int = 0
    contributors: int = 0
    top_share: float = 0.0
    per_month: float = 0.0
    headlines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Details:
    """What lies at a commit. `tests` is None while the folders of an umbrella's applications are
    still to be looked into. `tags` and `releases` are the newest, with their number in all."""

    sample: Sample
    entries: tuple[str, ...]
    ci: bool
    tests: bool | None
    tags: tuple[str, ...]
    tag_count: int
    releases: tuple[str, ...]
    release_count: int


def signals(facts: Facts, details: Details) -> Signals:
    """What rows say of their repository."""
    sample = details.sample
    return Signals(
        stars=about(facts.stars),
        contributors=about(sample.contributors) if sample.contributors else None,
        top_share=round(round(sample.top_share * 20) / 20, 2) if sample.contributors else None,
        ci=details.ci,
        tests=details.tests,
        updated=facts.pushed[:7],
    )


def facts(node: Mapping[str, Any], ref: str = "") -> Facts:
    """A repository from an answer, at its default branch or at a revision that was asked for (the
    answer's `at`). Raises `SourceError` for an answer that is none."""
    name = _text(node, "nameWithOwner")
    if not NAME.match(name):
        raise SourceError(f"GitHub answered with {name[:100]!r} where a repository was meant")
    branch = _child(node, "defaultBranchRef")
    commit, committed = target(node.get("at") if ref else branch.get("target"))
    parent = _child(node, "parent")
    root = _text(_child(parent, "parent"), "nameWithOwner") or _text(parent, "nameWithOwner")
    edges = _children(_child(node, "languages"), "edges")
    topics = _children(_child(node, "repositoryTopics"), "nodes")
    licence = _text(_child(node, "licenseInfo"), "spdxId")
    known = node.get("licenseInfo") is not None and licence not in NO_LICENCE
    return Facts(
        id=_text(node, "id"),
        name=name,
        family=(root if NAME.match(root) else name).lower(),
        stars=_count(node, "stargazerCount"),
        forks=_count(node, "forkCount"),
        kilobytes=_count(node, "diskUsage"),
        created=_time(node, "createdAt"),
        pushed=_time(node, "pushedAt"),
        licence=("NOASSERTION" if licence in UNCLEAR else licence) if known else "",
        language=_text(_child(node, "primaryLanguage"), "name"),
        languages=tuple((_text(_child(e, "node"), "name"), _count(e, "size")) for e in edges),
        topics=tuple(sorted(_text(_child(topic, "topic"), "name") for topic in topics)),
        archived=node.get("isArchived") is True,
        disabled=node.get("isDisabled") is True,
        fork=node.get("isFork") is True,
        mirror=node.get("isMirror") is True,
        private=node.get("isPrivate") is True,
        template=node.get("isTemplate") is True,
        branch=_text(branch, "name"),
        ref=ref,
        commit=commit,
        committed=committed,
    )


def target(node: object) -> tuple[str, str]:
    """The commit that an object is or, as an annotated tag, names; and when it was made. Two empty
    strings for what leads to no commit."""
    for _ in range(3):
        if not isinstance(node, dict):
            return "", ""
        if node.get("__typename") == "Commit":
            oid = _text(node, "oid")
            return (oid, _time(node, "committedDate")) if COMMIT.match(oid) else ("", "")
        node = node.get("target")
    return "", ""


def details(node: Mapping[str, Any]) -> Details | None:
    """What an answer says of a commit; None when the commit is missing from it."""
    commit, root = _child(node, "commit"), _child(node, "root")
    if not COMMIT.match(_text(commit, "oid")) or root.get("__typename") != "Tree":
        return None
    entries = tree(root)
    workflows = tree(_child(node, "workflows"))
    names, released = _child(node, "tags"), _child(node, "releases")
    published = [r for r in _children(released, "nodes") if r.get("isDraft") is not True]
    return Details(
        sample=sample(commit),
        entries=tuple(sorted(entries)),
        ci=any(name.endswith((".yml", ".yaml")) for name in workflows)
        or not CI_ENTRIES.isdisjoint(entries),
        tests=has_tests(entries) or (None if _may_be_umbrella(entries) else False),
        tags=tuple(_text(tag, "name") for tag in _children(names, "nodes")),
        tag_count=_count(names, "totalCount"),
        releases=tuple(_text(release, "tagName") for release in published),
        release_count=_count(released, "totalCount"),
    )


def tree(node: Mapping[str, Any]) -> dict[str, str]:
    """The names in a folder and what each is (`blob` or `tree`)."""
    return {_text(e, "name"): _text(e, "type") for e in _children(node, "entries")}


def has_tests(entries: Mapping[str, str]) -> bool:
    return any(entries.get(name) == "tree" for name in TEST_FOLDERS)


def _may_be_umbrella(entries: Mapping[str, str]) -> bool:
    return not MANIFESTS.isdisjoint(entries) and "tree" in (entries.get("apps"), entries.get("lib"))


def parts_have_tests(node: Mapping[str, Any]) -> bool:
    """Whether one of an umbrella's applications has tests."""
    return any(
        has_tests(tree(_child(entry, "object")))
        for folder in ("apps", "lib")
        for entry in _children(_child(node, folder), "entries")
    )


def sample(commit: Mapping[str, Any]) -> Sample:
    """What the newest commits say."""
    history = _child(commit, "history")
    nodes = _children(history, "nodes")
    people = Counter(filter(None, map(_person, nodes)))
    times = sorted(filter(None, (seconds(node.get("committedDate")) for node in nodes)))
    months = (times[-1] - times[0]) / (30.44 * 86400) if times else 0.0
    return Sample(
        commits=len(nodes),
        total=_count(history, "totalCount"),
        contributors=len(people),
        top_share=max(people.values()) / people.total() if people else 0.0,
        per_month=round(len(nodes) / max(months, 1.0), 2),
        headlines=tuple(_text(node, "messageHeadline")[:200] for node in nodes),
    )


def _person(node: Mapping[str, Any]) -> str:
    """Who made a commit: the account where GitHub knows it, else the address, else the name; "" for
    a bot."""
    author = _child(node, "author")
    login = _text(_child(author, "user"), "login")
    name, email = _text(author, "name"), _text(author, "email")
    if any("[bot]" in word for word in (login, name, email)):
        return ""
    return f"user {login}" if login else f"mail {email.lower()}" if email else f"name {name}"


def _child(node: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def _children(node: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    value = node.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(node: Mapping[str, Any], name: str) -> str:
    value = node.get(name)
    return plain(value) if isinstance(value, str) else ""


def _time(node: Mapping[str, Any], name: str) -> str:
    """A time in UTC, to the second; "" for none."""
    at = seconds(node.get(name))
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at > 0 else ""


def _count(node: Mapping[str, Any], name: str) -> int:
    value = node.get(name)
    return value if type(value) is int and 0 <= value < 2**40 else 0
