"""Folders and Git repositories for tests, and what a local source says of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from factory.plugins import SourceContext
from factory.records import Document, LeftOut, Release
from sources.local import Local

PROJECT = {
    "mix.exs": 'defmodule Demo.MixProject do\n  def project, do: [licenses: ["MIT"]]\nend\n',
    "lib/demo.ex": "defmodule Demo do\n  def one, do: 1\nend\n",
    "lib/demo/b.ex": "defmodule Demo.B do\nend\n",
    "test/demo_test.exs": "defmodule DemoTest do\n  use ExUnit.Case\nend\n",
    "README.md": "# Demo\n",
}


def lay(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def git(root: Path, *arguments: str) -> str:
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": "1700000000 +0000",
        "GIT_COMMITTER_DATE": "1700000000 +0000",
    }
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(root)]
    done = subprocess.run(
        [*command, *arguments], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def repository(root: Path, files: Mapping[str, str | bytes]) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main")
    lay(root, files)
    commit(root)
    return root


def commit(root: Path) -> str:
    git(root, "add", "-A", "--force")
    git(root, "commit", "-q", "-m", "a commit", "--allow-empty")
    return git(root, "rev-parse", "HEAD")


def local(cache: Path, *paths: Path, **options: object) -> Local:
    cache.mkdir(parents=True, exist_ok=True)
    given = Local.Options.model_validate({"paths": [str(p) for p in paths], **options})
    return Local(given, SourceContext(cache))


def release_of(cache: Path, path: Path, **options: object) -> Release:
    (release,) = local(cache, path, **options).releases()
    return release


def read(cache: Path, path: Path, **options: object) -> tuple[dict[str, Document], dict[str, str]]:
    """The documents by path, and what was left out: reasons by path."""
    source = local(cache, path, **options)
    (release,) = source.releases()
    found = list(source.documents(release))
    documents = [item for item in found if isinstance(item, Document)]
    assert [d.path for d in documents] == sorted(d.path for d in documents)
    left_out: dict[str, str] = {}
    for item in found:
        if isinstance(item, LeftOut):
            assert item.stage == "local"
            left_out[item.path] = "; ".join(filter(None, [left_out.get(item.path), item.reason]))
    return {d.path: d for d in documents}, left_out
