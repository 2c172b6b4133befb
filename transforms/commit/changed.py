"""A file that a commit changes: both its sides, what is shown of it, what can be said of them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from factory.parsed import Parsed
from factory.records import Quality
from factory.syntax import Span
from factory.syntax.metrics import Metrics, measure
from transforms.commit.cut import Cut
from transforms.commit.evidence import Place
from transforms.commit.patch import FileChange
from transforms.commit.side import Side, code_tokens
from transforms.fences import fenced, unfenced
from transforms.parts import documentation_share

PROSE_LINES = 2
"""Lines of documentation that may be rewritten besides."""


@dataclass(frozen=True)
class Changed:
    """A file whose code changes, with both its sides and the cut."""

    change: FileChange
    before: Side
    after: Side
    cut: Cut
    context: str

    @property
    def path(self) -> str:
        return self.change.path

    @property
    def language(self) -> str:
        return self.before.parsed.document.language

    def lines(self, *, after: bool, code: bool = False) -> str:
        """The lines that were added, or those that were removed; with `code`, those that are no
        documentation and no comment."""
        at = self.after if after else self.before
        ranges = [hunk.after if after else hunk.before for hunk in self.change.hunks]
        prose = at.prose if code else frozenset()
        return "".join(
            at.lines[number]
            for start, end in ranges
            for number in range(start, end)
            if number not in prose
        )


def places(changed: Sequence[Changed]) -> list[Place]:
    """The code of every hunk, with the functions that hold it."""
    found: list[Place] = []
    for each in changed:
        for hunk in each.change.hunks:
            names = [
                function.name
                for side, lines in ((each.before, hunk.before), (each.after, hunk.after))
                for _, function in side.functions([lines])
            ]
            removed, added = (
                "".join(side.lines[at] for at in range(*lines) if at not in side.prose)
                for side, lines in ((each.before, hunk.before), (each.after, hunk.after))
            )
            found.append(Place(removed, added, " ".join(dict.fromkeys(names))))
    return found


def remarks(changed: Sequence[Changed]) -> tuple[tuple[str, str], ...]:
    """What went and what came in every hunk that changes documentation and comments alone."""
    found: list[tuple[str, str]] = []
    for each in changed:
        for hunk in each.change.hunks:
            sides = ((each.before, range(*hunk.before)), (each.after, range(*hunk.after)))
            if all(at in side.prose for side, lines in sides for at in lines):
                removed, added = ("".join(side.lines[at] for at in lines) for side, lines in sides)
                found.append((removed, added))
    return tuple(found)


def tokens(of: Side, code: str) -> list[str]:
    """The tokens of a piece of one side, as `code_tokens` has them."""
    piece = Parsed(replace(of.parsed.document, text=code))
    return code_tokens(piece) if piece.has_tree else [code]


def exact(shown: Cut, after: str, language: str) -> bool:
    """Whether the answer gives the file after when it takes the place of what was shown."""
    (code,) = unfenced(fenced(shown.shown(after=True), language)) or ("",)
    try:
        return shown.applied(code) == after
    except ValueError:
        return False


def diff(changed: Changed) -> str:
    """The change as a unified diff."""
    lines = difflib.unified_diff(
        changed.before.lines, changed.after.lines, f"a/{changed.path}", f"b/{changed.path}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline\n" for line in lines)


def rewrites_prose(changed: Sequence[Changed]) -> bool:
    """Whether more lines of documentation and comments changed than of code, and not only because
    what is new is documented: no request tells which words."""
    removed = _prose_lines(changed, after=False)
    code = sum(
        each.lines(after=after, code=True).count("\n")
        for each in changed
        for after in (False, True)
    )
    return removed > PROSE_LINES and removed + _prose_lines(changed, after=True) > code


def _prose_lines(changed: Sequence[Changed], *, after: bool) -> int:
    return sum(
        each.lines(after=after).count("\n") - each.lines(after=after, code=True).count("\n")
        for each in changed
    )


def quality(changed: Sequence[Changed]) -> Quality:
    """The structure of the code after the change, as far as it is shown, and how well the functions
    that changed are documented. Measured here, as a patch has no structure of its own."""
    found: list[Metrics] = []
    shares: list[float] = []
    for each in changed:
        parsed = each.after.parsed
        starts = [0, *accumulate(len(line.encode()) for line in each.after.lines)]
        for part in each.cut.parts:
            span = Span(starts[part.after[0]], starts[part.after[1]])
            found.append(measure(parsed.outline.structure, parsed.source, span))
        functions = each.after.functions([hunk.after for hunk in each.change.hunks])
        shares += [documentation_share(function) for _, function in functions]
    return Quality(
        documentation=sum(shares) / len(shares) if shares else 0.0,
        nesting=max(metrics.nesting for metrics in found),
        constructs=max(metrics.constructs for metrics in found),
        processes=sum(metrics.processes for metrics in found),
        macros=sum(metrics.macros for metrics in found),
    )
