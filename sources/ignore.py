"""`.gitignore` as Git reads it, for folders that are walked without Git (gitignore(5)).

The last pattern that matches decides, those of deeper folders over those above; a folder that is
ignored is not entered, so nothing inside can be taken back. `pathspec` reads the patterns.

Not covered: the machine's own excludes (`core.excludesFile`, `.git/info/exclude`), which are no
part of the source; patterns with more than `MAX_STARS` wildcards, which could keep the matcher
busy for days, are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass

from pathspec import GitIgnoreSpec

MAX_BYTES = 256 << 10
MAX_STARS = 8


@dataclass(frozen=True)
class Rules:
    """The patterns in force in a folder: `(folder, patterns)` from the root down."""

    levels: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    def within(self, folder: str, gitignore: bytes | None) -> Rules:
        """The rules inside `folder` ("" is the root), which holds this `.gitignore` or none."""
        if not gitignore:
            return self
        text = gitignore[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        lines = [line for line in lines if line.count("*") <= MAX_STARS]
        try:
            spec = GitIgnoreSpec.from_lines(lines)
        except ValueError:
            spec = _readable(lines)
        return Rules((*self.levels, (folder + "/" if folder else "", spec)))

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether this path (relative to the root, without a slash at its end) is ignored, given
        that no folder above it is."""
        for folder, spec in reversed(self.levels):
            verdict = spec.check_file(path[len(folder) :] + ("/" if is_folder else "")).include
            if verdict is not None:
                return verdict
        return False


def _readable(lines: list[str]) -> GitIgnoreSpec:
    good = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue
        good.append(line)
    return GitIgnoreSpec.from_lines(good)
