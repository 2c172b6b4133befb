"""Where GitHub answers: the three addresses that follow from one option, `api_url`.

GitHub has its REST API at `https://api.github.com`, GraphQL beside it at `/graphql` and
repositories at `https://github.com`. GitHub Enterprise Server has them at `https://HOST/api/v3`,
`https://HOST/api/graphql` and `https://HOST`; GitHub with data residency at
`https://api.NAME.ghe.com`, `https://api.NAME.ghe.com/graphql` and `https://NAME.ghe.com`.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

PUBLIC = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`rest` and `graphql` are the APIs' addresses, `git` that of repositories, all without a
    slash at the end."""

    rest: str
    graphql: str
    git: str

    def origin(self, repository: str, commit: str) -> str:
        """Where a person finds a commit. A port is left out: it is this machine's affair."""
        return f"https://{urlsplit(self.git).hostname}/{repository}@{commit}"


def endpoints(api_url: str) -> Endpoints:
    """The addresses that belong to an `api_url`. Raises ValueError for one that is no API's, or to
    which a token would travel in the clear."""
    parts = urlsplit(api_url.rstrip("/"))
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(f"{api_url!r} is no address (say {PUBLIC}, or https://HOST/api/v3)")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an api_url holds no user, password, query or fragment")
    if parts.scheme == "http" and not _is_here(host):
        raise ValueError(f"{api_url!r} would send the token in the clear: use https")
    base = f"{parts.scheme}://{parts.netloc}"
    if parts.path in ("/api/v3", "/api/graphql", "/api"):
        return Endpoints(f"{base}/api/v3", f"{base}/api/graphql", base)
    if parts.path in ("", "/graphql") and host.startswith("api."):
        return Endpoints(base, f"{base}/graphql", f"{parts.scheme}://{parts.netloc[4:]}")
    raise ValueError(
        f"{api_url!r} is no address of GitHub's API: it is {PUBLIC}, https://api.NAME.ghe.com, or "
        "https://HOST/api/v3 for GitHub Enterprise Server"
    )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
