"""A local mirror: a folder of Git repositories `HOST/OWNER/NAME`, each bare (also as `NAME.git`) or
checked out, as `git clone --mirror` or `ghq` lays them out.

They are only read, and only through `sources.git`, which runs nothing that a repository says. An
address is a stranger's: nothing in it climbs, and a link that leads out of the mirror is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from factory.errors import ArchiveRefusedError, SourceError
from sources.folder import Commit
from sources.git import Repository, repository
from sources.members import name_fault, shown
from sources.reading import Files
from sources.repositories import Address
from sources.repository_tags import Asked, Tag


@dataclass(frozen=True)
class Mirror:
    """Repositories in a folder of this machine, laid out as `sources.repositories` says."""

    root: Path

    def commits(self, asked: Sequence[Asked]) -> list[Mapping[str, str] | str]:
        return [self._commits(each) for each in asked]

    def fetch(self, tags: Sequence[Tag]) -> None:
        """Nothing: all is here."""

    @contextmanager
    def files(self, tag: Tag) -> Iterator[Files]:
        repository = mirrored(self.root, tag.repository)
        if repository is None:
            raise SourceError(
                f"the mirror has no repository {tag.repository} any more; run the build again"
            )
        yield _committed(repository, tag)

    def _commits(self, asked: Asked) -> dict[str, str] | str:
        feed = "".join(f"refs/tags/{tag}^{{commit}}\n" for tag in asked.tags).encode()
        try:
            repository = mirrored(self.root, asked.repository)
            if repository is None:
                return "is not in the mirror"
            answers = repository.run("cat-file", "--batch-check", feed=feed).decode().splitlines()
        except SourceError as error:
            return f"cannot be read in the mirror ({error})"
        fields = [answer.split(" ") for answer in answers]
        return {
            tag: each[0]
            for tag, each in zip(asked.tags, fields, strict=True)
            if len(each) == 3 and each[1] == "commit"
        }


def _committed(repository: Repository, tag: Tag) -> Commit:
    blobs = repository.tree(tag.commit)
    for blob in blobs:
        fault = name_fault(blob.path)
        if fault:
            raise ArchiveRefusedError(
                f"{tag.repository} at {tag.name}: {shown(blob.path)}: {fault}; it is not read"
            )
    return Commit(repository, blobs)


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
            f"the mirror's folder {where} is a link that leads out of the mirror: put the "
            "repository itself there"
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
