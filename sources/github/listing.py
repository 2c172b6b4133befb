"""Finding repositories: by search, window by window, and by name.

A page of 100 costs two points. A page over which GitHub gives up is halved, and pages stay so for
the rest. Results come by stars, few first; one that wins a star between two pages moves on and lets
those after it close up, so each page begins a little before the last one ended, and a window that
shows fewer results than it counts is read again. As a window may grow, it is cut before it is full.

Not covered: a search that GitHub itself cuts short (it does not say so in GraphQL).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from factory.errors import SourceError
from factory.progress import Progress
from factory.records import Failed
from sources.github import queries
from sources.github.api import STEADY, Api, TooHeavyError
from sources.github.options import Named
from sources.github.repository import Facts, facts
from sources.github.windows import MOST, Window

PAGE = 100
FITS = 950
"""Results that a window may have without being cut: some room to grow while it is read."""

AGAIN = 2
"""Times that a window is read again when results are missing."""

OVERLAP = 20
"""One in so many results of a page is asked for again with the next."""

BATCH = 20
"""Repositories that are looked up by name in one question."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some results of a search, how many it counts in all, where to go on ("" at the end), and how
    many places after this page's first that is."""

    results: tuple[Facts, ...]
    count: int
    cursor: str
    step: int


class Listing:
    """Searches through `api`; `clock` gives seconds since 1970."""

    def __init__(self, api: Api, progress: Progress, clock: Callable[[], float]) -> None:
        self._api, self._progress, self._clock = api, progress, clock
        self._page_size = PAGE

    def find(self, words: str, least: int) -> list[Facts]:
        """Every repository that a search (`words` without stars) matches with at least so many
        stars, each once, in the order of their ids. Raises `SourceError`."""
        found: dict[str, Facts] = {}
        all_stars = Window(least)
        todo = [all_stars]
        while todo:
            window = todo.pop()
            first = self.page(words, window)
            if window == all_stars:
                self._progress.start("github: searching", first.count, "repositories")
            halves = window.split(int(self._clock())) if first.count > FITS else None
            if halves:
                todo += reversed(halves)  # the last is read first: few stars before many
                continue
            if first.count > MOST:
                self._progress.say(
                    f"github: {first.count:,} repositories match {window} and GitHub shows "
                    f"{MOST:,} of them at most"
                )
            before = len(found)
            found |= self._read(words, window, first)
            self._progress.advance(len(found) - before)
        self._progress.finish()
        return [found[key] for key in sorted(found)]

    def page(self, words: str, window: Window, cursor: str = "", size: int = PAGE) -> Page:
        """A page of a window's results, the first without a cursor."""
        while True:
            asked = min(size, self._page_size)
            variables = {"query": f"{words} {window}", "first": asked, "after": cursor or None}
            try:
                tries = 1 if asked > 1 else STEADY
                answer = self._api.ask("search", queries.SEARCH, variables, tries=tries)
            except TooHeavyError:
                if asked == 1:
                    raise
                self._page_size = asked // 2
                continue
            return _page(answer.data.get("search"))

    def _read(self, words: str, window: Window, first: Page) -> dict[str, Facts]:
        """All results of a window whose first page is at hand."""
        found: dict[str, Facts] = {}
        for attempt in range(AGAIN + 1):
            page = first if attempt == 0 else self.page(words, window)
            counted = min(page.count, MOST)
            pages, cursors, place = [page], {""}, page.step
            # Nothing is asked for beyond what GitHub shows.
            while page.cursor not in cursors and place < MOST:
                cursors.add(page.cursor)
                page = self.page(words, window, page.cursor, size=min(PAGE, MOST - place))
                place += page.step
                pages.append(page)
            shown = {result.id: result for page in pages for result in page.results}
            found |= shown
            if len(shown) >= counted:
                return found
        missing = counted - len(shown)
        self._progress.say(f"github: the search for {window} counts {missing} more than it shows")
        return found

    def lookup(self, named: Sequence[Named]) -> list[Facts | Failed]:
        """The repositories of these names, at the revision that was asked for. One that is not
        there, or has no such revision, is a `Failed`."""
        found: list[Facts | Failed] = []
        for start in range(0, len(named), BATCH):
            found += self._lookup(named[start : start + BATCH])
        return found

    def _lookup(self, named: Sequence[Named]) -> list[Facts | Failed]:
        variables: dict[str, Any] = {}
        for n, entry in enumerate(named):
            variables[f"o{n}"], _, variables[f"n{n}"] = entry.name.partition("/")
            variables[f"e{n}"] = entry.ref or "HEAD"
        try:
            tries = 1 if len(named) > 1 else STEADY
            answer = self._api.ask("lookup", queries.lookup(len(named)), variables, tries=tries)
        except TooHeavyError:
            if len(named) == 1:
                raise
            half = len(named) // 2
            return self._lookup(named[:half]) + self._lookup(named[half:])
        found: list[Facts | Failed] = []
        for n, entry in enumerate(named):
            node, problem = answer.data.get(f"r{n}"), answer.problem(f"r{n}")
            label = f"{entry.name}@{entry.ref}" if entry.ref else entry.name
            if not isinstance(node, dict):
                why = problem.message if problem else "GitHub knows no such repository"
                found.append(Failed(f"github:{label}", f"{why} (look at `repositories`)"))
                continue
            result = facts(node, entry.ref)
            if result.commit:
                found.append(result)
                continue
            why = f"it has no branch, tag or commit {entry.ref}" if entry.ref else "it is empty"
            found.append(Failed(f"github:{label}", why))
        return found


def _page(search: object) -> Page:
    if not isinstance(search, dict) or not isinstance(search.get("edges"), list):
        raise SourceError("GitHub answered a search with something else than results")
    edges = [edge for edge in search["edges"] if isinstance(edge, dict)]
    info = search.get("pageInfo")
    more = isinstance(info, dict) and info.get("hasNextPage") is True and bool(edges)
    step = len(edges) - len(edges) // OVERLAP
    cursor = edges[step - 1].get("cursor") if more else None
    count = search.get("repositoryCount")
    return Page(
        # What has no node is counted and not shown: it was deleted, or may not be seen.
        results=tuple(facts(edge["node"]) for edge in edges if isinstance(edge.get("node"), dict)),
        count=count if isinstance(count, int) else len(edges),
        cursor=cursor if isinstance(cursor, str) else "",
        step=step,
    )
