"""What Hex's HTTP API knows and the registry lacks: downloads, licences, links, dates.

One page of the packages' list holds all of this for a hundred packages, so a crawl by downloads
asks once for a hundred; only packages that no page showed are asked for by themselves. Answers are
data of strangers: what is not of the expected type is left out, an answer that is no such JSON is
refused by name.

Not covered: anything that needs a user (publishing, owners, keys).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from factory.errors import SourceError
from sources.hex.registry import NAME
from sources.web import Web, WebError

PAGES = 2_000
"""Pages of a list that are read at most: of a hundred each, ten times what Hex.pm has."""

SORTS = ("total_downloads", "downloads")
"""What the order by downloads of all time is called, on Hex.pm and on servers that know the second
name alone."""

BY_NAME = "name"
"""An order without ties. Hex.pm breaks none among packages of as many downloads, so one of them may
stand on two pages and another on none."""

LARGEST = 64 << 20
"""Bytes of one answer; a page of the hundred largest packages has 2 MB."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Described:
    """A package as the API (or its newest tarball) describes it. `updated` is a UTC day or "";
    `published` says on which day a version came out; `app` is the OTP application where known."""

    name: str
    repository: str = ""
    downloads: int | None = None
    updated: str = ""
    licences: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, str] = field(default_factory=dict)
    app: str = ""


def _texts(value: Any) -> list[str]:
    each = value if isinstance(value, list) else []
    return [text for text in each if isinstance(text, str)]


def _links(value: Any) -> dict[str, str]:
    each = value if isinstance(value, dict) else {}
    return {name: url for name, url in each.items() if isinstance(url, str)}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 1 << 63 else 0


def _day(value: Any) -> str:
    match = _DAY.match(value) if isinstance(value, str) else None
    return match.group() if match else ""


def _object(value: Any) -> Any:
    return value if isinstance(value, dict) else {}


Texts = Annotated[list[str], BeforeValidator(_texts)]
Links = Annotated[dict[str, str], BeforeValidator(_links)]
Count = Annotated[int, BeforeValidator(_count)]
Day = Annotated[str, BeforeValidator(_day)]


class _Meta(BaseModel):
    licenses: Texts = []
    links: Links = {}


class _Downloads(BaseModel):
    all: Count = 0


class _Release(BaseModel):
    version: str
    inserted_at: Day = ""


class _Package(BaseModel):
    name: str
    repository: str = ""
    updated_at: Day = ""
    meta: Annotated[_Meta, BeforeValidator(_object)] = _Meta()
    downloads: Annotated[_Downloads, BeforeValidator(_object)] = _Downloads()
    releases: list[_Release] = []


_PAGE = TypeAdapter(list[_Package])
_ONE = TypeAdapter(_Package)


class Api:
    """The API of one repository; the client's base address is that of the API, `below` leads to
    the repository."""

    def __init__(self, web: Web, repository: str, below: str) -> None:
        self._web = web
        self._repository = repository
        self._below = below.lstrip("/") + "/" if below else ""

    def page(self, number: int, sort: str = SORTS[0]) -> list[Described]:
        """A page of all packages, those with the most downloads first; empty after the last. Whose
        key may see several repositories finds theirs in it too."""
        what = f"page {number} of the packages"
        packages = self._ask("packages", _PAGE, what, {"sort": sort, "page": number})
        return [_described(package) for package in packages if NAME.fullmatch(package.name)]

    def ranked(
        self, most: int | None, least: int, came: Callable[[int], None] = lambda _new: None
    ) -> list[Described]:
        """The packages with the most downloads, down to rank `most` and `least` downloads, most
        first. A page shorter than the first is the last; how long a page is, the server decides.
        All packages are read by name; a server that does not sort is read to its end. `came` is
        told after each page how many more of those there are."""
        is_everything = most is None and least <= 0
        for sort in (BY_NAME,) if is_everything else SORTS:
            page = self.page(1, sort)
            is_sorted = not is_everything and _descends(page)
            if is_sorted:
                break
        found: dict[str, Described] = {}
        ours: list[Described] = []
        number, usual = 1, len(page)
        while True:
            new = [package for package in page if package.name not in found]
            found.update((package.name, package) for package in new)
            before = len(ours[:most])
            ours = [p for p in found.values() if p.repository in ("", self._repository)]
            came(len(ours[:most]) - before)
            fewest = min((package.downloads or 0 for package in page), default=0)
            enough = is_sorted and ((most is not None and len(ours) >= most) or fewest < least)
            if not new or enough or len(page) < usual or number == PAGES:
                break
            number += 1
            page = self.page(number, sort)
        ranked = sorted(ours, key=lambda p: (-(p.downloads or 0), p.name))
        return [package for package in ranked[:most] if (package.downloads or 0) >= least]

    def package(self, name: str) -> Described | None:
        """One package; None when the API does not know it."""
        try:
            return _described(self._ask(f"packages/{name}", _ONE, f"the package {name}"))
        except WebError as error:
            if error.status in (404, 410):
                return None
            raise

    def _ask(
        self,
        path: str,
        kind: TypeAdapter[Any],
        what: str,
        params: Mapping[str, Any] | None = None,
    ) -> Any:
        """An answer that is no such thing is asked for once more, and never stored."""

        def sound(body: bytes) -> bool:
            try:
                _read(kind, body, what)
            except SourceError:
                return False
            return True

        refused = SourceError(what)
        for _ in range(2):
            reply = self._web.get(
                self._below + path,
                params=params,
                accept="application/json",
                limit=LARGEST,
                sound=sound,
            )
            try:
                return _read(kind, reply.body, what)
            except SourceError as error:
                refused = error
        raise refused


def _descends(page: list[Described]) -> bool:
    """Whether a page is ordered by downloads, but for a few that changed meanwhile."""
    counts = [package.downloads or 0 for package in page]
    wrong = sum(one < other for one, other in pairwise(counts))
    return wrong * 10 <= len(counts)


def _described(package: _Package) -> Described:
    return Described(
        package.name,
        package.repository,
        package.downloads.all,
        package.updated_at,
        tuple(package.meta.licenses),
        dict(sorted(package.meta.links.items())),
        {release.version: release.inserted_at for release in package.releases},
    )


def _read(kind: TypeAdapter[Any], body: bytes, what: str) -> Any:
    try:
        return kind.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "its root"
        raise SourceError(
            f"the HTTP API's answer for {what} is not what Hex's API gives: {where}: {first['msg']}"
        ) from error
