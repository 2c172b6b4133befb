"""GitHub's own GraphQL schema, as its npm package carries it: fetched once, kept outside the tree.

`npm pack` fetches the package under the name and version that stand here, whatever registry npm is
set up for, and its digest is checked. A machine where that cannot be done fails the tests that need
it: against a schema of our own they would prove nothing.
"""

from __future__ import annotations

import hashlib
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock
from graphql import GraphQLSchema, build_schema

from tests.conftest import cache_folder

PACKAGE = "@octokit/graphql-schema"
VERSION = "15.26.1"
SHA256 = "053e74249dafce2118fd9b7ae499b067d57c5f910c57745699ac45108bc68d1e"


def schema_file() -> Path:
    """The schema's text on this disk."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"github-schema-{VERSION}.graphql"
    with FileLock(folder / "github-schema.lock"):
        if not place.exists():
            _fetch(place)
    return place


@cache
def schema() -> GraphQLSchema:
    return build_schema(schema_file().read_text("utf-8"), assume_valid=True, no_location=True)


def _fetch(place: Path) -> None:
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        command = ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"]
        try:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            why = done.stderr.strip()[-500:]
        except FileNotFoundError:
            why = "npm is not installed"
        packed = next(Path(folder).glob("*.tgz"), None)
        if packed is None:
            pytest.fail(
                f"the tests need GitHub's schema from the npm package {PACKAGE} {VERSION}, which "
                f"cannot be had: {why}",
                pytrace=False,
            )
        assert hashlib.sha256(packed.read_bytes()).hexdigest() == SHA256, "another package came"
        with tarfile.open(packed) as archive:
            member = archive.extractfile("package/schema.graphql")
            assert member is not None
            partial = Path(folder) / "schema"
            partial.write_bytes(member.read())
        partial.replace(place)
