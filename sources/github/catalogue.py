"""The last listing, kept for builds without the network: which repositories a selection gave, with
all that is known of each, and what could not be listed.

One file for each selection; it is JSON and may be read by people, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from factory import digest
from factory.errors import RequestError
from sources.archive import write_whole
from sources.github.options import GitHubOptions
from sources.github.repository import Details, Facts

FORM = 1


@dataclass(frozen=True)
class Listed:
    """Repositories with what lies at their commits, and (what, why) of those that failed."""

    found: tuple[tuple[Facts, Details], ...]
    failed: tuple[tuple[str, str], ...]


_LISTED = TypeAdapter(Listed)


class Catalogue:
    """The file of one selection."""

    def __init__(self, folder: Path, options: GitHubOptions) -> None:
        chosen = options.model_dump(mode="json", exclude={"files", "commits", "concurrency"})
        self._place = folder / f"{digest.of('github', FORM, chosen)[:32]}.json"

    def write(self, listed: Listed) -> None:
        write_whole(self._place, _LISTED.dump_json(listed, indent=1))

    def read(self) -> Listed:
        """Raises `RequestError` when this selection was never listed here."""
        try:
            return _LISTED.validate_json(self._place.read_bytes())
        except (OSError, ValidationError):
            raise RequestError(
                "these repositories of GitHub were never listed here: run the same command once "
                "without --offline, or build with --without github"
            ) from None
