"""From a release's files, wherever they came from, to its documents and what was left out.

Every source that has files goes through here, so that the rules are the same for all: folders that
hold other people's code or a build's output are left out as one record each, files that are no
language of ours are counted by extension in one record, and a file that no person wrote (too large,
binary, a line without end) is left out before it is decoded.

Not covered: how files are found (`archive`, `local`, `checkout`), what a path's language is
(`languages`) and which folders and files are not a person's (`generated`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from pathspec import GitIgnoreSpec
from pydantic import Field, field_validator

from factory.plugins import Options
from factory.records import LANGUAGES, Document, LeftOut, Release
from factory.syntax.reader import MAX_BYTES, MAX_LINE
from sources.generated import generated_reason, why_left_out
from sources.languages import UndecodableError, decode, language_of
from sources.licence_files import Licences, is_licence_file, is_metadata_file
from sources.licence_text import LONGEST
from sources.members import Entry, shown

EXTENSIONS_LISTED = 40

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
"""How the stand-in for a file begins that Git LFS keeps elsewhere."""


class ReadingOptions(Options):
    """Which of a release's files become documents. `include` and `exclude` are patterns as in
    `.gitignore`, relative to the release's root folder."""

    include: tuple[str, ...] = Field((), description="only files that one of these patterns names")
    exclude: tuple[str, ...] = Field((), description="no file that one of these patterns names")
    keep: tuple[str, ...] = Field(
        (),
        description="folders of the project's own although they lie in one like deps/ that is "
        "left out, as patterns from the root (deps/rabbit*)",
    )
    languages: tuple[str, ...] = Field(LANGUAGES, description="the languages to read")

    @field_validator("languages")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for language in value:
            if language not in LANGUAGES:
                raise ValueError(f"{language!r} is not read; known: {', '.join(LANGUAGES)}")
        return value

    @field_validator("include", "exclude")
    @classmethod
    def _patterns(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            GitIgnoreSpec.from_lines(value)
        except ValueError as error:
            raise ValueError(f"not a pattern as .gitignore has them: {error}") from error
        return value


class Files(Protocol):
    """A release's files: what there is, sorted by path, and the bytes of those that `wanted`."""

    @property
    def entries(self) -> Sequence[Entry]: ...

    def read(self, path: str) -> bytes: ...


def wanted(path: str, size: int) -> bool:
    """Whether a file's bytes will be asked for: it may become a document, or tells a licence."""
    return size <= MAX_BYTES and bool(
        language_of(path) or is_licence_file(path) or is_metadata_file(path)
    )


class Choice:
    """Which paths the options and the folder rules let through."""

    def __init__(self, options: ReadingOptions) -> None:
        self._include = GitIgnoreSpec.from_lines(options.include) if options.include else None
        self._exclude = GitIgnoreSpec.from_lines(options.exclude) if options.exclude else None
        self._keep = options.keep

    def unwanted(self, path: str) -> bool:
        """Whether the options leave this file out."""
        if self._include is not None and not self._include.match_file(path):
            return True
        return self._exclude is not None and self._exclude.match_file(path)

    def left_out(self, path: str) -> tuple[str, str]:
        """The folder that is left out, with a slash, and the reason; two empty strings if none."""
        reason = why_left_out(path, self._keep)
        if not reason:
            return "", ""
        folder, holds, what = reason.partition("/ holds ")
        return (f"{folder}/", f"it holds {what}") if holds else (path, reason)


def folder_reason(folder: str) -> str:
    """Why everything below a folder is left out, or ""."""
    reason = why_left_out(f"{folder}/lib.ex")
    return f"it holds {reason.partition('/ holds ')[2]}" if reason else ""


def documents(
    release: Release, files: Files, options: ReadingOptions, *, licence: str = ""
) -> Iterator[Document | LeftOut]:
    """The release's documents, sorted by path, each with its licence; before them what whole
    groups of files were left out for, and among them single files left out.

    `licence` is an SPDX expression that stands in for the root folder's licence files.
    """
    stage = release.source
    chosen, groups = _choose(files.entries, Choice(options))
    for (subject, reason), count in sorted(groups.items()):
        yield LeftOut(subject, f"{reason}: {count} file{'s' if count > 1 else ''}", stage)
    licences = licences_of(files, licence)
    others: Counter[str] = Counter()
    sources: list[tuple[str, int, str]] = []
    for entry in chosen:
        language = language_of(entry.path)
        if not language or language not in options.languages:
            others[_extension(entry.path)] += 1
        else:
            sources.append((entry.path, entry.size, language))
    if others:
        yield LeftOut("*", f"not in a language that is read: {_listed(others)}", stage)
    for path, size, language in sources:
        yield _document(release, files, path, size, language, licences)


def _choose(
    entries: Sequence[Entry], choice: Choice
) -> tuple[list[Entry], Counter[tuple[str, str]]]:
    chosen: list[Entry] = []
    groups: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        folder, reason = choice.left_out(entry.path)
        if reason:
            groups[folder, reason] += 1
        elif entry.kind == "link":
            groups["*", "a link (what it names is read where it lies)"] += 1
        elif choice.unwanted(entry.path):
            groups["*", "left out by the source's options"] += 1
        elif is_licence_file(entry.path):
            groups["*", "a licence's text"] += 1
        else:
            chosen.append(entry)
    return chosen, groups


def licences_of(files: Files, root: str = "") -> Licences:
    """What the release's own files say of its licences; `root` as `documents` has `licence`."""
    texts = {
        entry.path: files.read(entry.path)[:LONGEST].decode("utf-8", "replace")
        for entry in files.entries
        if entry.kind == "file"
        and entry.size <= MAX_BYTES
        and (is_licence_file(entry.path) or is_metadata_file(entry.path))
    }
    return Licences(texts, root)


def _document(
    release: Release, files: Files, path: str, size: int, language: str, licences: Licences
) -> Document | LeftOut:
    try:
        text = _text(files, path, size, language)
    except Unreadable as reason:
        return LeftOut(path, str(reason), release.source)
    return release.document(
        path=path,
        language=language,
        licence=licences.of(path, text, language).expression,
        text=text,
        generated=generated_reason(text, path),
    )


class Unreadable(Exception):  # noqa: N818 (a verdict, not a failure)
    """A file is not to become a document; the message says why."""


def _text(files: Files, path: str, size: int, language: str) -> str:
    if size > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES:,} bytes")
    raw = files.read(path)
    if not raw.strip():
        raise Unreadable("empty")
    if raw.startswith(LFS_POINTER) and size < 1_024:
        raise Unreadable("a Git LFS pointer: the file itself lies elsewhere")
    if len(raw) > MAX_LINE and max(map(len, raw.split(b"\n"))) > MAX_LINE:
        raise Unreadable(f"a line longer than {MAX_LINE:,} bytes")
    try:
        return decode(raw, language)
    except UndecodableError as error:
        raise Unreadable(str(error)) from error


def _extension(path: str) -> str:
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return "." + shown(extension)[:20] if stem and dot else "without extension"


def _listed(others: Counter[str]) -> str:
    ranked = sorted(others.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = [f"{count} {extension}" for extension, count in ranked[:EXTENSIONS_LISTED]]
    rest = sum(count for _, count in ranked[EXTENSIONS_LISTED:])
    return ", ".join(listed) + (f", and {rest} others" if rest else "")


def reading(options: ReadingOptions) -> dict[str, Any]:
    """The part of the options that decides which documents come out of a release."""
    return options.model_dump(mode="json", include=set(ReadingOptions.model_fields))
