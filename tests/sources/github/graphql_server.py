"""GitHub's GraphQL API on loopback: the real schema over a world, with GitHub's manners.

A query that GitHub would refuse is answered as GitHub answers it and noted in `refused`; a test
that leaves the server behind with one fails. Points are counted by GitHub's published rules; who
has none left is told so with status 200. `patience` is the number of nodes for which GitHub's ten
seconds are enough: a query for more ends in 502 with a page of HTML. Whatever else the network can
do, the loopback server plays.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    execute,
    parse,
    validate,
)

from factory.plugins import SourceContext
from factory.records import Failed, Release
from sources.github.source import GitHub
from tests.loopback import Answer, Loopback, Request
from tests.sources.github.answers import root
from tests.sources.github.limits import LimitError, weigh
from tests.sources.github.schema import schema
from tests.sources.github.searching import RefusedError
from tests.sources.github.world import World

TOKEN = "ghp_5ecretTokenOfNobody0123456789abcdef"

HTML = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\r\n"


class GitHubServer:
    """The server of a world. `others` answers what is no GraphQL (tarballs, git)."""

    def __init__(
        self,
        world: World,
        *,
        points: int = 5000,
        renewed: float = 3600.0,
        patience: int = 100_000,
        faults: float = 0.0,
        seed: int = 0,
        others: Callable[[Request], Answer] | None = None,
    ) -> None:
        self.world = world
        self.points, self.renewed, self.patience = points, renewed, patience
        self.others = others
        self.loopback = Loopback(self._answer, faults=faults, seed=seed)
        self.refused: list[str] = []
        self.asked: Counter[str] = Counter()
        self.spent = 0
        self.rate_limited = 0
        self.secondary: list[Answer] = []
        """Answers to give in place of the next ones."""
        self.scopes = ""
        self.now: Callable[[], float] = time.time
        self._used = 0
        self._reset = 0.0
        self._lock = threading.Lock()

    def __enter__(self) -> GitHubServer:
        self.loopback.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.loopback.stop()
        if kind is None:
            assert self.refused == [], f"GitHub would have refused: {self.refused[0]}"

    @property
    def api_url(self) -> str:
        """As a GitHub Enterprise Server has it: all three addresses are on one host."""
        return f"{self.loopback.url}/api/v3"

    def source(self, cache: Path, **options: object) -> GitHub:
        """The source pointed at this server; `offline` and `progress` are the context's."""
        cache.mkdir(parents=True, exist_ok=True)
        context = {name: options.pop(name) for name in ("offline", "progress") if name in options}
        given = GitHub.Options.model_validate({"api_url": self.api_url, **options})
        return GitHub(given, SourceContext(cache, **context))  # type: ignore[arg-type]

    def listed(self, cache: Path, **options: object) -> tuple[dict[str, Release], list[Failed]]:
        """The releases by name and version, and what failed."""
        found = list(self.source(cache, **options).releases())
        releases = [each for each in found if isinstance(each, Release)]
        failed = [each for each in found if isinstance(each, Failed)]
        assert len({r.label for r in releases}) == len(releases)
        return {f"{r.name}@{r.version}": r for r in releases}, failed

    def forget(self) -> None:
        """Begin counting anew."""
        self.asked.clear()
        self.loopback.forget()
        self.spent = 0

    def _answer(self, request: Request) -> Answer:
        if request.path != "/api/graphql" or request.method != "POST":
            return self.others(request) if self.others else Answer(404, b"{}")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _json(401, {"message": "Bad credentials"})
        if not request.headers.get("user-agent"):
            return Answer(403, b"Request forbidden by administrative rules.")
        with self._lock:
            if self.secondary:
                return self.secondary.pop(0)
            return self._execute(request)

    def _execute(self, request: Request) -> Answer:
        body = json.loads(request.body)
        text, variables = body["query"], body.get("variables") or {}
        try:
            document, wrong = _parsed(text)
        except GraphQLSyntaxError as error:
            return self._refuse(str(error))
        if wrong:
            return self._refuse(wrong)
        try:
            weight = weigh(schema(), document, variables)
        except LimitError as error:
            return self._refuse(str(error), error.kind)
        operation = getattr(document.definitions[0], "name", None)
        self.asked[operation.value if operation else ""] += 1
        if self.now() >= self._reset:
            self._reset, self._used = int(self.now() + self.renewed), 0
        if self._used + weight.cost > self.points:
            self.rate_limited += 1
            message = "API rate limit exceeded for user ID 1."
            spent = {"type": "RATE_LIMITED", "message": message}
            return _json(200, {"errors": [spent]}, self._headers(left=0))
        self._used += weight.cost
        self.spent += weight.cost
        if weight.nodes > self.patience:
            return Answer(502, HTML, {"content-type": "text/html"})
        return self._run(document, variables, weight.cost)

    def _run(self, document: Any, variables: dict[str, Any], cost: int) -> Answer:
        values = root(self.world, lambda: self._rate(cost))
        result = execute(schema(), document, values, variable_values=variables)
        assert not hasattr(result, "__await__")
        reply: dict[str, Any] = {"data": result.data}
        if result.errors:
            for error in result.errors:
                if isinstance(error.original_error, RefusedError):
                    self.refused.append(str(error.original_error))
                elif not isinstance(_own(error), GraphQLError) or not hasattr(_own(error), "kind"):
                    self.refused.append(f"{error.message} at {error.path}")
            reply["errors"] = [_formatted(error) for error in result.errors]
        return _json(200, reply, self._headers())

    def _rate(self, cost: int) -> dict[str, Any]:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._reset))
        return {
            "cost": cost,
            "limit": self.points,
            "remaining": self.points - self._used,
            "used": self._used,
            "nodeCount": 0,
            "resetAt": at,
        }

    def _headers(self, left: int | None = None) -> dict[str, str]:
        remaining = self.points - self._used if left is None else left
        return {
            "x-ratelimit-limit": str(self.points),
            "x-ratelimit-remaining": str(remaining),
            "x-ratelimit-reset": str(int(self._reset)),
            "x-ratelimit-resource": "graphql",
            "x-oauth-scopes": self.scopes,
        }

    def _refuse(self, message: str, kind: str = "") -> Answer:
        self.refused.append(message)
        error = {"message": message, **({"type": kind} if kind else {})}
        return _json(200, {"errors": [error]}, self._headers())


def secondary(status: int = 200, after: str = "") -> Answer:
    """The answer of a secondary limit."""
    message = "You have exceeded a secondary rate limit. Please wait a few minutes."
    headers = {"retry-after": after} if after else {}
    content = {"errors": [{"message": message}]} if status == 200 else {"message": message}
    return _json(status, content, {**headers, "x-ratelimit-remaining": "4000"})


@cache
def _parsed(text: str) -> tuple[DocumentNode, str]:
    """A query, and what the schema has against it."""
    document = parse(text)
    return document, "; ".join(error.message for error in validate(schema(), document))


def _own(error: GraphQLError) -> BaseException:
    return error.original_error or error


def _formatted(error: GraphQLError) -> dict[str, Any]:
    kind = getattr(_own(error), "kind", "")
    shown: dict[str, Any] = {"type": kind} if kind else {}
    return {**shown, "path": error.path, "message": error.message}


def _json(status: int, content: Any, headers: dict[str, str] | None = None) -> Answer:
    body = json.dumps(content).encode()
    return Answer(status, body, {"content-type": "application/json", **(headers or {})})
