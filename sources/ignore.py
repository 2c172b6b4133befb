"""`.gitignore` as Git reads it, for folders that are walked without Git (gitignore(5)).

The last pattern that matches decides, those of deeper folders over those above; a folder that is
ignored is not entered, so nothing inside can be taken back. `pathspec`, which reads the patterns of
our options, was tried here first: it decides by whole paths at once, and so takes back files that
Git does not (`a` then `!lib/`, for `lib/a/b`), which a walk from folder to folder shows.

Not covered: the machine's own excludes (`core.excludesFile`), which are no part of the source, and
POSIX classes in brackets.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_BYTES = 256 << 10
ANY_DEPTH = None


@dataclass(frozen=True)
class Pattern:
    """A line of a `.gitignore`: one matcher for each folder and the name, `ANY_DEPTH` for `**`."""

    steps: tuple[re.Pattern[str] | None, ...]
    folders_only: bool
    takes_back: bool

    def matches(self, parts: Sequence[str], is_folder: bool) -> bool:
        """Whether it means this path itself (not something above it)."""
        return (is_folder or not self.folders_only) and _fits(self.steps, parts)


@dataclass(frozen=True)
class Rules:
    """The patterns in force in a folder: `(depth of their folder, patterns, last first)` from the
    root down."""

    levels: tuple[tuple[int, tuple[Pattern, ...]], ...] = ()

    def within(self, folder: str, gitignore: bytes | None) -> Rules:
        """The rules inside `folder` ("" is the root), which holds this `.gitignore` or none."""
        if not gitignore:
            return self
        text = gitignore[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
        read = (_pattern(line.removesuffix("\r")) for line in text.split("\n"))
        patterns = tuple(pattern for pattern in read if pattern is not None)
        depth = folder.count("/") + 1 if folder else 0
        return Rules((*self.levels, (depth, patterns[::-1])))

    def ignores(self, path: str, *, is_folder: bool) -> bool:
        """Whether this path (relative to the root, without a slash at its end) is ignored, given
        that no folder above it is."""
        parts = path.split("/")
        for depth, patterns in reversed(self.levels):
            below = parts[depth:]
            for pattern in patterns:
                if pattern.matches(below, is_folder):
                    return not pattern.takes_back
        return False


def _pattern(line: str) -> Pattern | None:
    line = re.sub(r"(?<!\\) +$", "", line)
    if not line or line.startswith("#"):
        return None
    takes_back = line.startswith("!")
    body = line[1:] if takes_back else line
    folders_only = body.endswith("/")
    body = body.removesuffix("/")
    if not body:
        return None
    steps = [ANY_DEPTH if step == "**" else _matcher(step) for step in body.split("/")]
    if "/" not in body:
        steps = [ANY_DEPTH, _matcher(body)]
    elif body.startswith("/"):
        steps = steps[1:]
    return Pattern(tuple(steps), folders_only, takes_back)


def _matcher(step: str) -> re.Pattern[str]:
    """A folder's or file's name as a pattern. Python's own translation never goes back over what a
    star has taken, so no pattern takes long; a backslash's letter becomes a bracket of one."""
    plain = re.sub(r"\\(.)", lambda escaped: f"[{escaped[1]}]" if escaped[1] != "^" else "^", step)
    return re.compile(fnmatch.translate(plain.replace("[^", "[!")))


def _fits(steps: Sequence[re.Pattern[str] | None], parts: Sequence[str]) -> bool:
    """Whether the steps match all of the parts: those reached after each step, as a set of
    positions, so that many `**` cost no more than their number times the depth."""
    reached = {0}
    for number, step in enumerate(steps):
        if step is ANY_DEPTH:
            least = min(reached) + (number == len(steps) - 1)
            reached = set(range(least, len(parts) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(parts) and step.match(parts[at])}
        if not reached:
            return False
    return len(parts) in reached
