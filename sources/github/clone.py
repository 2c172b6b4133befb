"""A shallow bare clone of one commit and the newest history before it, made without trust.

`git fetch --depth N` of one commit into an empty bare repository of ours: nothing is ever checked
out, so no filter, no hook, no LFS smudge runs and no submodule is entered; what was fetched is
read through `sources.git` alone. Only http and https are spoken, redirects are not followed, and
the token travels in git's environment (`http.extraHeader` through `GIT_CONFIG_*`): it is in no
argument, address, file or message.

The clone may cost so many bytes: one that the host says is larger is not begun, and while it is
fetched the folder is watched, and git is killed when it grows beyond the limit, or when nothing
arrives for long.

Not covered: what the commits say (`sources.history`), and blobs left out of the fetch (a partial
clone would make reading ask the network).
"""

from __future__ import annotations

from pathlib import Path

from sources.git import Repository


def clone(
    url: str, commit: str, folder: Path, *, depth: int, limit: int, token: str = ""
) -> Repository:
    """The repository in `folder`, cloned unless it is there: whole or not at all. It holds
    `commit` and `depth - 1` generations before it. Raises `SourceError` without the token in it."""
    raise NotImplementedError
