"""`factory sources check github`: is it there, is the token good, and what would be fetched.

Asks who the token's owner is, and of each search one page, from which the mean size of a
repository is taken. That is one request for each search and one more.
"""

from __future__ import annotations

import math
from time import monotonic

from factory.errors import FactoryError, RequestError, SourceError
from factory.plugins import Check, Finding
from factory.progress import Quiet
from sources.github import queries
from sources.github.api import STEADY, TOKEN, Answer, Api
from sources.github.details import BATCH
from sources.github.listing import PAGE, Listing
from sources.github.options import GitHubOptions
from sources.github.selection import searches
from sources.github.windows import MOST, Window
from sources.web import Web, WebError

PROBE = 20
"""Results of the page that each search is judged by."""


def without_token(options: GitHubOptions, web: Web) -> Check:
    """All that can be told when there is no token: `web` has none either."""
    where = options.endpoints
    try:
        web.get(where.rest)
        reached = Finding("reachable", True, where.rest)
    except WebError as error:
        # Whatever the answer, somebody gave it.
        reached = Finding(
            "reachable", bool(error.status), where.rest if error.status else str(error)
        )
    advice = (
        f"{TOKEN} is not set: make a token at {where.git}/settings/tokens (no scopes are needed), "
        "or build with --without github"
    )
    return Check((reached, Finding("token", False, advice)))


def check(options: GitHubOptions, api: Api) -> Check:
    """What is found with a token."""
    where = options.endpoints
    began = monotonic()
    try:
        viewer = api.ask("viewer", queries.VIEWER, {}, tries=STEADY)
    except RequestError as error:
        return Check(
            (Finding("reachable", True, where.graphql), Finding("token", False, str(error)))
        )
    except SourceError as error:
        return Check((Finding("reachable", False, str(error)),))
    findings = [Finding("reachable", True, where.graphql), *_token(viewer)]
    listing = Listing(api, Quiet(), lambda: 0.0)
    matches, kilobytes, seen, asked = 0, 0, 0, 1
    for words in searches(options):
        what = f"search {words.partition(' is:')[0]}"
        window = Window(options.min_stars)
        try:
            page = listing.page(words, window, size=PROBE)
        except FactoryError as error:
            findings.append(Finding(what, False, str(error)))
            continue
        asked += 1
        matches += page.count
        kilobytes += sum(result.kilobytes for result in page.results)
        seen += len(page.results)
        detail = f"{page.count:,} repositories match {words} {window}"
        findings.append(Finding(what, page.count > 0, detail))
    if options.repositories:
        findings.append(Finding("named", None, f"{len(options.repositories)} repositories"))
    pause = (monotonic() - began) / asked
    return _estimated(options, findings, matches, kilobytes * 1000 // max(seen, 1), pause)


def _token(viewer: Answer) -> list[Finding]:
    """Whose token it is, whether it may do more than it should, and what it may still ask."""
    who = viewer.data.get("viewer")
    login = who.get("login") if isinstance(who, dict) else ""
    scopes = viewer.headers.get("x-oauth-scopes", "").strip()
    more = f"; its scopes ({scopes}) are not needed" if scopes else ""
    found = [Finding("token", True, f"valid, of {login}{more}")]
    rate = viewer.data.get("rateLimit")
    if not isinstance(rate, dict):
        return [*found, Finding("points", None, "GitHub counts none here")]
    left, limit = rate.get("remaining"), rate.get("limit")
    detail = f"{left} of {limit} left, renewed at {rate.get('resetAt')}"
    return [*found, Finding("points", None, detail)]


def _estimated(
    options: GitHubOptions, findings: list[Finding], matches: int, mean: int, pause: float
) -> Check:
    """About what a first build would take: every match, before it is known which ones lack what
    is required, and nothing yet on disk."""
    wanted = min(matches, options.max_repositories or matches)
    named = len(options.repositories)
    pages = math.ceil(matches / PAGE)
    # A search that is cut asks for the first page of every window that was too large, too.
    cuts = 2 * (matches // MOST)
    batches = math.ceil((wanted + named) / BATCH)
    asked = pages + cuts + math.ceil(named / BATCH) + 2 * batches
    releases = wanted + named
    requests = asked + releases
    return Check(
        tuple(findings),
        releases=releases,
        requests=requests,
        bytes=releases * mean,
        seconds=round(pause * (pages + cuts + (2 * batches + releases) / options.concurrency), 1),
    )
