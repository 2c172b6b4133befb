"""Commits as documents: for each that is worth it, one patch with whole files as its context.

A document of language `patch` is what `git format-patch` writes, without the author's name and
mail: the message, then a unified diff of every Elixir and Erlang file that the commit touches. Its
context is the whole file, so that both sides can be rebuilt from it byte for byte, and `git apply`
takes it. Its path is `commits/<commit>.patch`.

Worth it is a commit with one parent that changes one to three files of Elixir or Erlang, and
beside them at most what describes a project (documentation, lock files, CI). Merges, reverts, bots,
releases, changes of white space and what is too large are counted, with the reason, in one record
for each. Whether a message tells anything is the `commit` transform's to say.

Not covered: renames (they count as what they are, two files), files that are no UTF-8, and
redaction (which the build does, as for every document).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from factory.records import Document, LeftOut, Release
from sources.compared import compared, lines_of
from sources.folder import commit_files
from sources.generated import generated_reason
from sources.git import Repository
from sources.history import FILES, Change, Commit, Step, steps
from sources.languages import language_of
from sources.reading import Choice, ReadingOptions, licences_of

MOST_CODE_FILES = 3
LARGEST_FILE = 150_000
"""Bytes of one side of a file."""
LARGEST_PATCH = 400_000
"""Characters of a document."""
LONGEST_MESSAGE = 20_000
MOST_CHANGED = 600
"""Lines that a commit may add and remove together."""
AT_ONCE = 40
"""Commits whose files are read together."""

_BESIDE = re.compile(
    r"(?:^|/)(?:[^/]*\.(?:md|markdown|livemd|cheatmd|txt|rst|adoc|lock|ya?ml|png|svg|gif|jpe?g)|"
    r"LICEN[CS]E|COPYING|NOTICE|AUTHORS|CHANGELOG|README|VERSION|CODEOWNERS|Makefile|"
    r"\.(?:formatter|credo|dialyzer_ignore|iex)\.exs|"
    r"\.(?:gitignore|gitattributes|tool-versions|editorconfig|dockerignore))$"
)
"""What a commit may touch beside code: it describes the project, and is not part of the task."""
_BOT = re.compile(
    r"(?i)\[bot\]|\b(?:dependabot|renovate|greenkeeper|snyk|semantic-release|allcontributors|"
    r"github-actions?|pre-commit-ci|weblate|transifex|crowdin|imgbot|depfu|mergify|bors|"
    r"release-please|web-flow-bot)\b"
)
_REVERT = re.compile(r"(?i)^(?:revert|reapply)\b|^This reverts commit\b", re.MULTILINE)
_RELEASE = re.compile(
    r"(?i)^(?:chore(?:\([^)]*\))?: ?)?(?:"
    r"v?\d+\.\d+[\w.+-]*$|"
    r"(?:bump|set|update|change|increment|up|start|begin|open|back to|prepare|prepare for|cut|"
    r"mix\.exs:)\b.{0,40}\b(?:versions?|v?\d+\.\d+[\w.+-]*|dev|change ?logs?)\b\W*$|"
    r"(?:new |next |prepare |prepare for |mark |tag )?(?:release|version)s?\b.{0,30}$|"
    r"(?:release|bump|version)\b|"
    r"(?:(?:update|add|fix|edit) )?(?:the )?change ?logs?\b.{0,30}$)"
)
_FORMATTED = re.compile(
    r"(?i)^(?:style: ?)?(?:mix format|(?:run|apply|use) (?:mix |the |code )?format\w*|"
    r"(?:re)?format(?:ting|ted)?(?: (?:code|files?|fix(?:es)?|all|everything|.{0,12}))?|"
    r"fix(?:ed)? (?:code )?format(?:ting)?|(?:fix |remove )?(?:trailing )?white ?space)\W*$"
)
_READS_LIKE_A_PATCH = re.compile(r"^(?:---\s*|diff --git .*)$", re.MULTILINE)


Blobs = dict[str, tuple[str, bytes] | None]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file before and after, as text; None where there is no such side."""

    path: str
    before: str | None
    after: str | None


def patches(
    release: Release,
    repository: Repository,
    commit: str,
    count: int,
    options: ReadingOptions,
    *,
    licence: str = "",
) -> Iterator[Document | LeftOut]:
    """Documents of the `count` newest commits from `commit` back, newest first, and then what was
    left out, one record a reason.

    Paths that `options` leave out, or that hold other people's code, make a commit unfit. The
    release's licences are taken for its earlier commits too, and the documents say so. Raises
    `SourceError` when the repository cannot be read.
    """
    files, _ = commit_files(repository, commit)
    licences = licences_of(files, licence)
    choice = Choice(options)
    reasons: Counter[str] = Counter()
    for step, blobs in _with_blobs(repository, steps(repository, commit, count), choice, reasons):
        try:
            changed = _read(step, blobs)
            text = patch(step.commit, changed)
        except Unfit as unfit:
            reasons[str(unfit)] += 1
            continue
        found = {
            licences.of(
                change.path, change.after or change.before or "", _language(change)
            ).expression
            for change in changed
        }
        yield release.document(
            path=f"commits/{step.commit.name}.patch",
            language="patch",
            licence=joined(found),
            text=text,
            origin=f"{release.origin}@{step.commit.name}",
            licence_note=""
            if step.commit.name == commit
            else "the release's licence, taken for its earlier commits too",
        )
    for reason, many in sorted(reasons.items()):
        plural = "s" if many > 1 else ""
        yield LeftOut("commits/*", f"{reason}: {many} commit{plural}", release.source)


class Unfit(Exception):  # noqa: N818 (a verdict, not a failure)
    """A commit is not to become a document; the message says why."""


def joined(licences: set[str]) -> str:
    """All of them, as one SPDX expression."""
    each = sorted(licences)
    return each[0] if len(each) == 1 else " AND ".join(f"({x})" if " " in x else x for x in each)


def _language(change: FileChange) -> str:
    return language_of(change.path) or ""


def is_code(path: str) -> bool:
    return language_of(path) in ("elixir", "erlang") and not _BESIDE.search(path)


def _check(step: Step, choice: Choice) -> None:
    """Raises `Unfit` for what a message, an author or the paths give away."""
    commit = step.commit
    if step.unknown:
        raise Unfit(step.unknown)
    subject = commit.message.strip().partition("\n")[0].strip()
    if not subject:
        raise Unfit("it has no message that can be read")
    if len(commit.message) > LONGEST_MESSAGE:
        raise Unfit(f"its message is longer than {LONGEST_MESSAGE:,} characters")
    if _BOT.search(commit.author) or (
        _BOT.search(commit.committer) and "noreply@github.com" not in commit.committer
    ):
        raise Unfit("made by a bot")
    if _REVERT.search(commit.message):
        raise Unfit("a revert")
    if _RELEASE.match(subject):
        raise Unfit("a release or a change of version")
    if _FORMATTED.match(subject):
        raise Unfit("formatting only")
    if _READS_LIKE_A_PATCH.search(commit.message):
        raise Unfit("its message reads like a patch")
    code = _code(step)
    if not code:
        raise Unfit("it touches no Elixir or Erlang file")
    if len(code) > MOST_CODE_FILES:
        raise Unfit(f"it touches more than {MOST_CODE_FILES} files of Elixir or Erlang")
    if any(not is_code(c.path) and not _BESIDE.search(c.path) for c in step.changes):
        raise Unfit("it touches files that are neither Elixir, Erlang nor about the project")
    for change in code:
        if choice.left_out(change.path)[1] or choice.unwanted(change.path):
            raise Unfit("it touches files that are left out of the release")
        if {change.mode_before, change.mode_after} - FILES - {""}:
            raise Unfit("it touches a link")


def _with_blobs(
    repository: Repository, found: Sequence[Step], choice: Choice, reasons: Counter[str]
) -> Iterator[tuple[Step, Blobs]]:
    """The steps that are worth reading, each with the content of its files; why the others are not
    is counted. Git is asked for the files of many steps at once."""
    for start in range(0, len(found), AT_ONCE):
        fit: list[Step] = []
        for step in found[start : start + AT_ONCE]:
            try:
                _check(step, choice)
            except Unfit as unfit:
                reasons[str(unfit)] += 1
            else:
                fit.append(step)
        names = sorted({name for step in fit for c in _code(step) for name in _sides(c)})
        blobs = dict(zip(names, repository.objects(names, LARGEST_FILE), strict=True))
        yield from ((step, blobs) for step in fit)


def _code(step: Step) -> list[Change]:
    return [change for change in step.changes if is_code(change.path)]


def _sides(change: Change) -> list[str]:
    return [name for name in (change.before, change.after) if name]


def _read(step: Step, blobs: Blobs) -> list[FileChange]:
    code = _code(step)
    changed = [
        FileChange(change.path, _side(blobs, change.before), _side(blobs, change.after))
        for change in code
        if change.before != change.after
    ]
    for change in changed:
        if generated_reason(change.after or change.before or "", change.path):
            raise Unfit("it touches a generated file")
    if all(_squeezed(change.before) == _squeezed(change.after) for change in changed):
        raise Unfit("formatting only")
    return changed


def _side(blobs: Blobs, name: str) -> str | None:
    if not name:
        return None
    found = blobs[name]
    if found is None or found[0] != "blob":
        raise Unfit(f"a file is larger than {LARGEST_FILE:,} bytes, or missing")
    try:
        text = found[1].decode()
    except UnicodeDecodeError:
        raise Unfit("a file is not UTF-8") from None
    if "\0" in text:
        raise Unfit("a file is not text")
    return text


def _squeezed(text: str | None) -> str:
    return "" if text is None else "".join(text.split())


def patch(commit: Commit, changed: Sequence[FileChange]) -> str:
    """The document's text. Raises `Unfit` when it would be too large."""
    paragraphs = commit.message.strip().split("\n\n", 1)
    subject = " ".join(line.strip() for line in paragraphs[0].split("\n"))
    body = paragraphs[1].strip("\n") if len(paragraphs) > 1 else ""
    date = format_datetime(datetime.fromtimestamp(commit.committed, UTC))
    head = [
        f"From {commit.name} Mon Sep 17 00:00:00 2001",
        f"Date: {date}",
        f"Subject: [PATCH] {subject}",
        "",
        *([body] if body else []),
        "---",
        "",
    ]
    parts = ["\n".join(head)]
    moved = 0
    for change in changed:
        text, lines = _file(change)
        parts.append(text)
        moved += lines
    whole = "\n".join(parts)
    if moved > MOST_CHANGED or len(whole) > LARGEST_PATCH:
        raise Unfit("the change is too large")
    return whole


def _file(change: FileChange) -> tuple[str, int]:
    """A file's part of a patch, and how many lines it adds and removes."""
    path = change.path
    head = [f"diff --git a/{path} b/{path}"]
    if change.before is None:
        head += ["new file mode 100644", "--- /dev/null", f"+++ b/{path}"]
    elif change.after is None:
        head += ["deleted file mode 100644", f"--- a/{path}", "+++ /dev/null"]
    else:
        head += [f"--- a/{path}", f"+++ b/{path}"]
    before, after = lines_of(change.before or ""), lines_of(change.after or "")
    body: list[str] = []
    moved = 0
    for mark, line in compared(before, after):
        moved += mark != " "
        body.append(f"{mark}{line}")
        if not line.endswith("\n"):
            body.append("\n\\ No newline at end of file\n")
    hunk = f"@@ -{_range(len(before))} +{_range(len(after))} @@\n" if body else ""
    return "\n".join(head) + "\n" + hunk + "".join(body), moved


def _range(count: int) -> str:
    return f"{1 if count else 0},{count}"
