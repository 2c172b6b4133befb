"""Which repository a package's links name.

An address comes from metadata that a stranger wrote, so its parts are plain names or it is none:
nothing in it can climb out of a folder, be an option, or hold a second line.

Not covered: whether it is there (`sources.repository_tags` asks).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

FORGES = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht")
"""Hosts whose every address is a repository's or a user's."""

MOST = 3
"""Repositories that one package's links may name; the rest is other people's."""

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)+")
_PART = re.compile(r"~?[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_SCP = re.compile(r"[\w.-]{1,64}@([A-Za-z0-9.-]{1,253}):(?!/)(\S{1,300})")
_TELLING = re.compile(r"(?i)git|source|repo|code|forge|codeberg|bitbucket")
_PAGES = frozenset({"-", "tree", "blob", "src", "wiki", "issues", "releases", "commits", "raw"})
"""Where a repository's own address ends and a page of it begins."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A repository: `github.com` and `elixir-ecto/ecto` (owner and name; GitLab has groups of
    groups). Case is kept as the package wrote it."""

    host: str
    path: str

    def __str__(self) -> str:
        return f"{self.host}/{self.path}"

    def origin(self, commit: str, path: str) -> str:
        """Where a file comes from, as `Document.origin` says it."""
        where = f"github:{self.path}" if self.host == "github.com" else f"git:{self}"
        return f"{where}@{commit}:{path}"


def address(url: str) -> Address | None:
    """The repository that an address on the web, or one for `git clone`, names."""
    url = url.strip()
    if len(url) > 500 or not url.isprintable():
        return None
    scp = _SCP.fullmatch(url)
    if scp:
        host, path = scp[1], scp[2]
    else:
        try:
            parts = urlsplit(url if "://" in url else f"https://{url}")
            host, path = parts.hostname or "", parts.path
        except ValueError:
            return None
        if parts.scheme not in ("http", "https", "git", "ssh", "git+https", "git+ssh"):
            return None
    host = host.lower().removeprefix("www.")
    names = [name for name in path.split("/") if name]
    names = names[:2] if host == "github.com" else _before_a_page(names)
    if names:
        names[-1] = names[-1].removesuffix(".git")
    if not _HOST.fullmatch(host) or not 2 <= len(names) <= 5:
        return None
    if not all(_PART.fullmatch(name) and not name.endswith((".", ".lock")) for name in names):
        return None
    return Address(host, "/".join(names))


def addresses(links: Mapping[str, str]) -> tuple[Address, ...]:
    """The repositories that a package's links (name → address) name, the likeliest first: those
    on a forge before others, links called *GitHub* or *source* before others. A link to a host
    that is no forge counts only when it is called so or ends in `.git`."""
    found: dict[Address, tuple[bool, bool, str]] = {}
    for name, url in sorted(links.items()):
        where = address(url)
        if where is None:
            continue
        forge, told = where.host in FORGES, bool(_TELLING.search(name))
        if forge or told or url.endswith(".git"):
            rank = (not forge, not told, name)
            found[where] = min(rank, found.get(where, rank))
    seen: dict[str, Address] = {}
    for where in sorted(found, key=lambda a: (found[a], a)):
        seen.setdefault(str(where).lower(), where)
    return tuple(seen.values())[:MOST]


def _before_a_page(names: list[str]) -> list[str]:
    for at, name in enumerate(names):
        if at >= 2 and name in _PAGES:
            return names[:at]
    return names
