"""How a world answers GraphQL: the values that the real schema's fields resolve to.

Values are mappings; one that is a function is asked with the field's arguments, so that nothing is
worked out that no query asks for.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from tests.sources.github.searching import search
from tests.sources.github.world import Repository, World

MOST_RESULTS = 1000

Value = dict[str, Any]


class NotFoundError(GraphQLError):
    kind = "NOT_FOUND"


def root(world: World, rate: Callable[[], Value], login: str = "octo") -> Value:
    """The root of all answers."""

    def repository(_info: GraphQLResolveInfo, owner: str, name: str, **_: Any) -> Value:
        found = world.named(owner, name)
        if found is None:
            raise NotFoundError(
                f"Could not resolve to a Repository with the name '{owner}/{name}'."
            )
        return repository_value(found)

    def node(_info: GraphQLResolveInfo, id: str) -> Value:  # noqa: A002
        found = world.by_id(id)
        if found is None:
            raise NotFoundError(f"Could not resolve to a node with the global id of '{id}'")
        return repository_value(found)

    def searched(_info: GraphQLResolveInfo, query: str, **arguments: Any) -> Value:
        matches = search(world, query)
        start = int(base64.b64decode(arguments.get("after") or "OjA=").decode().partition(":")[2])
        assert start + arguments["first"] <= MOST_RESULTS, "asked for more than is ever shown"
        shown = connection(
            matches[:MOST_RESULTS], repository_value, len(matches), prefix="search", **arguments
        )
        if start + arguments["first"] < len(matches):
            shown["pageInfo"]["hasNextPage"] = True  # also where no more will be shown
        return {**shown, "repositoryCount": len(matches)}

    return {
        "search": searched,
        "repository": repository,
        "node": node,
        "viewer": {"login": login},
        "rateLimit": lambda _info, **_: rate(),
    }


def repository_value(r: Repository) -> Value:
    empty = r.total == 0

    def _object(_info: GraphQLResolveInfo, expression: str = "", **_: Any) -> Value | None:
        revision, colon, path = expression.partition(":")
        number = r.number(revision) if not empty else 0
        if not number:
            return None
        return tree_value(r, path) if colon else commit_value(r, number)

    def ref(_info: GraphQLResolveInfo, qualifiedName: str) -> Value | None:  # noqa: N803
        name = qualifiedName.removeprefix("refs/tags/")
        return tag_value(r, name) if name in r.tags else None

    def refs(_info: GraphQLResolveInfo, refPrefix: str, **arguments: Any) -> Value:  # noqa: N803
        assert refPrefix == "refs/tags/"
        arguments.pop("orderBy", None)
        newest = sorted(r.tags, key=lambda tag: (-r.tags[tag][0], tag))
        return connection(newest, lambda tag: tag_value(r, tag), **arguments)

    def releases(_info: GraphQLResolveInfo, **arguments: Any) -> Value:
        arguments.pop("orderBy", None)
        return connection(r.releases, lambda tag: release_value(r, tag), **arguments)

    def languages(_info: GraphQLResolveInfo, **_: Any) -> Value:
        each = [{"size": r.kilobytes * 900, "node": {"name": r.language}}]
        return {"totalSize": r.kilobytes * 900, "edges": each, "totalCount": 1}

    def topics(_info: GraphQLResolveInfo, **arguments: Any) -> Value:
        return connection(r.topics, lambda name: {"topic": {"name": name}}, **arguments)

    return {
        "__typename": "Repository",
        "id": r.id,
        "nameWithOwner": r.full_name,
        "createdAt": stamp(r.created),
        "pushedAt": None if empty else stamp(r.pushed),
        "stargazerCount": r.stars,
        "forkCount": r.forks,
        "diskUsage": r.kilobytes,
        "isArchived": r.archived,
        "isDisabled": r.disabled,
        "isEmpty": empty,
        "isFork": r.fork,
        "isMirror": r.mirror,
        "isPrivate": r.private,
        "isTemplate": r.template,
        "licenseInfo": {"spdxId": r.licence} if r.licence else None,
        "parent": lambda _info: repository_value(r.parent) if r.parent else None,
        "primaryLanguage": {"name": r.language},
        "languages": languages,
        "repositoryTopics": topics,
        "defaultBranchRef": None
        if empty
        else lambda _info: {"name": "main", "target": commit_value(r, r.total)},
        "object": _object,
        "ref": ref,
        "refs": refs,
        "releases": releases,
    }


def commit_value(r: Repository, number: int) -> Value:
    commit = r.commit(number)

    def history(_info: GraphQLResolveInfo, **arguments: Any) -> Value:
        numbers = range(number, 0, -1)
        return connection(numbers, lambda n: commit_value(r, n), **arguments)

    return {
        "__typename": "Commit",
        "oid": commit.oid,
        "committedDate": stamp(commit.at),
        "messageHeadline": commit.message.partition("\n")[0],
        "message": commit.message,
        "author": {
            "name": commit.name,
            "email": commit.email,
            "user": {"login": commit.login} if commit.login else None,
        },
        "history": history,
    }


def tag_value(r: Repository, name: str) -> Value:
    number, annotated = r.tags[name]
    target = commit_value(r, number)
    if annotated:
        oid = hashlib.sha1(f"{r.id} tag {name}".encode()).hexdigest()
        target = {"__typename": "Tag", "oid": oid, "target": target}
    return {"name": name, "target": target}


def release_value(r: Repository, tag: str) -> Value:
    return {
        "tagName": tag,
        "isDraft": False,
        "isPrerelease": False,
        "publishedAt": stamp(r.pushed),
    }


def tree_value(r: Repository, path: str) -> Value | None:
    """What a path of the repository is: a tree, a blob, or nothing."""
    if path in r.files:
        return {"__typename": "Blob", "oid": oid_of(r, path), "byteSize": 100}
    prefix = f"{path}/" if path else ""
    below = sorted({f[len(prefix) :].partition("/")[0] for f in r.files if f.startswith(prefix)})
    if not below:
        return None

    def entry(name: str) -> Value:
        whole = prefix + name
        kind = "blob" if whole in r.files else "tree"
        return {"name": name, "type": kind, "object": lambda _info: tree_value(r, whole)}

    return {
        "__typename": "Tree",
        "oid": oid_of(r, prefix),
        "entries": lambda _info: [entry(name) for name in below],
    }


def oid_of(r: Repository, path: str) -> str:
    return hashlib.sha1(f"{r.id}:{path}".encode()).hexdigest()


def connection(
    items: Sequence[Any],
    value: Callable[[Any], Value],
    total: int | None = None,
    *,
    first: int | None = None,
    after: str | None = None,
    prefix: str = "items",
    **unexpected: Any,
) -> Value:
    """A page of a connection; cursors are opaque and good for any page size."""
    assert first and not [
        name for name, given in unexpected.items() if given is not None and name not in ("type",)
    ], unexpected
    start = 0
    if after:
        kind, _, at = base64.b64decode(after).decode().partition(":")
        assert kind == prefix, "a cursor of another connection"
        start = int(at)
    end = min(start + first, len(items))

    def cursor_of(number: int) -> str:
        return base64.b64encode(f"{prefix}:{number + 1}".encode()).decode()

    return {
        "totalCount": len(items) if total is None else total,
        "nodes": lambda _info: [value(items[n]) for n in range(start, end)],
        "edges": lambda _info: [
            {"node": value(items[n]), "cursor": cursor_of(n)} for n in range(start, end)
        ],
        "pageInfo": {
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": None,
            "endCursor": cursor_of(end - 1) if end > start else None,
        },
    }


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
