"""Which commits tags lead to, for many repositories at once: what pairs a package's release with
its repository.

    asked = [Tags("elixir-plug/plug", ("v1.16.1", "1.16.1"))]
    resolve(api, asked)        # [{"v1.16.1": "a8d6c…"}]: those that exist; None: no such repository

A question asks for about 120 tags, in some twenty repositories, and costs one point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sources.github import queries
from sources.github.api import STEADY, Answer, Api, TooHeavyError
from sources.github.repository import COMMIT, NAME

MOST_TAGS = 120
MOST_REPOSITORIES = 25


@dataclass(frozen=True, slots=True)
class Tags:
    """A repository (`owner/name`) and the tags that it may have."""

    repository: str
    names: tuple[str, ...]


def resolve(api: Api, asked: Sequence[Tags]) -> list[dict[str, str] | None]:
    """For each question the tags that exist, with the commit that each leads to; None where there
    is no such repository (any more). Raises `SourceError` when GitHub cannot be asked."""
    found: list[dict[str, str] | None] = [None] * len(asked)
    batch: list[int] = []
    tags = 0
    for at, each in enumerate(asked):
        if not NAME.match(each.repository):
            continue
        if batch and (tags + len(each.names) > MOST_TAGS or len(batch) == MOST_REPOSITORIES):
            _resolve(api, asked, batch, found)
            batch, tags = [], 0
        batch.append(at)
        tags += len(each.names)
    if batch:
        _resolve(api, asked, batch, found)
    return found


def _resolve(
    api: Api, asked: Sequence[Tags], batch: Sequence[int], found: list[dict[str, str] | None]
) -> None:
    variables: dict[str, str] = {}
    for n, at in enumerate(batch):
        variables[f"o{n}"], _, variables[f"n{n}"] = asked[at].repository.partition("/")
        for m, name in enumerate(asked[at].names):
            variables[f"r{n}_{m}"] = f"refs/tags/{name}"
    text = queries.tags(tuple(len(asked[at].names) for at in batch))
    try:
        answer = api.ask("tags", text, variables, tries=1 if len(batch) > 1 else STEADY)
    except TooHeavyError:
        half = len(batch) // 2
        if not half:
            raise
        _resolve(api, asked, batch[:half], found)
        _resolve(api, asked, batch[half:], found)
        return
    for n, at in enumerate(batch):
        found[at] = _commits(answer, f"r{n}", asked[at].names)


def _commits(answer: Answer, alias: str, names: Sequence[str]) -> dict[str, str] | None:
    node = answer.data.get(alias)
    if not isinstance(node, dict):
        return None
    commits: dict[str, str] = {}
    for m, name in enumerate(names):
        ref = node.get(f"t{m}")
        commit = _peeled(ref.get("target") if isinstance(ref, dict) else None)
        if commit:
            commits[name] = commit
    return commits


def _peeled(node: object) -> str:
    """The commit that a tag's object is or leads to."""
    while isinstance(node, Mapping):
        if node.get("__typename") == "Commit":
            oid = str(node.get("oid"))
            return oid if COMMIT.match(oid) else ""
        node = node.get("target")
    return ""
