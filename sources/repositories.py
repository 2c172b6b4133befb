"""Where the repository behind a package is: from a package's links to an address, and from an
address to a folder of a local mirror.

An address comes from metadata that a stranger wrote, so its parts are plain names or it is none:
nothing in it can climb out of a mirror's folder, and no link in the mirror leads out of it.

A mirror is a folder of repositories `HOST/OWNER/NAME`, each bare (also as `NAME.git`) or checked
out, as `git clone --mirror` or `ghq` lays them out. They are only read, through `sources.git`.

Not covered: fetching a repository. What a forge's API knows comes through the `Place` of
`sources.repository_tests`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from factory.errors import SourceError
from sources.git import Repository, repository

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


def mirrored(mirror: Path, where: Address) -> Repository | None:
    """The mirror's copy of a repository, or None when it has none.

    Raises `SourceError` when what lies there is a link that leads out of the mirror.
    """
    root = mirror.resolve()
    folder = root
    for name in (where.host, *where.path.split("/")):
        last = name == where.path.rpartition("/")[2]
        found = _child(folder, name) or (_child(folder, f"{name}.git") if last else None)
        if found is None:
            return None
        folder = found
    folder = folder.resolve()
    if not folder.is_relative_to(root):
        raise SourceError(
            f"the mirror's folder {where} is a link that leads out of the mirror; "
            "put the repository itself there"
        )
    if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
        return Repository(folder, folder)
    return repository(folder)


def _child(folder: Path, name: str) -> Path | None:
    """A folder's child of this name; forges take no heed of case, so another case will do when
    there is just one."""
    exact = folder / name
    if exact.is_dir():
        return exact
    try:
        alike = [each for each in folder.iterdir() if each.name.lower() == name.lower()]
    except OSError:
        return None
    return alike[0] if len(alike) == 1 and alike[0].is_dir() else None


def _before_a_page(names: list[str]) -> list[str]:
    for at, name in enumerate(names):
        if at >= 2 and name in _PAGES:
            return names[:at]
    return names
