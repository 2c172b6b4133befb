"""A learning order over everything that teaches: which section of which book to read when.

The unit is a chapter, whose sections stay together and in their order. Chapters whose files are
numbered (`03-processes.md`) are a course, and a course is read in its author's order; the rest
(guides that lie in a folder by name) may go anywhere.

Chapters are placed one by one, always the one that is next by two measures together: how far its
sections reach in the order in which concepts are usually learnt (where that is given), and what it
builds on that nobody has introduced yet, each such concept pushing it back by `PUSH` places of that
order for every section that uses it. Among equals the easiest comes first, then the first by name.

A chapter builds on a concept that it uses, does not introduce, and that is usually learnt no later
than the topmost it introduces: a first chapter that shows an exception in passing does not build on
it. A concept that no section introduces holds nobody up.

Without a usual order dependencies alone decide, and whenever an order exists in which every concept
is introduced before it is used, by whichever book, this finds one: what is known only grows, so a
chapter that is ready stays ready. Where books need each other in a circle, the one that lacks least
goes first.

Plain functions over plain records: the same sections give the same order, however they come.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from factory.passes.difficulty import LEVELS

_NUMBERED = re.compile(r"\d+[-_. ]")
_DIGITS = re.compile(r"(\d+)")

PUSH = 8
"""Found by trying 0 to 16 on Elixir's own guides, all of their sections and parts of them: with 2
to 16 the order comes out nearly the same."""

NaturalKey = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section that rows come from. `release` is its label, `line` the first line of its rows (it
    orders the sections of a chapter), `level` an index into `difficulty.LEVELS`. `book` and
    `chapter` are titles for people, "" where there is none."""

    release: str
    path: str
    line: int
    introduces: tuple[str, ...]
    uses: tuple[str, ...]
    level: int = 0
    book: str = ""
    chapter: str = ""

    @property
    def teaches(self) -> bool:
        return bool(self.introduces or self.uses)


@dataclass(frozen=True)
class Chapter:
    """The sections of one file, in their order. `needs` are the concepts that it builds on, with
    how many of its sections use each, and `reach` is how far its sections go in the usual order:
    the mean of their topmost concepts' places, in thousandths of a place."""

    release: str
    path: str
    sections: tuple[Section, ...]
    needs: Mapping[str, int]
    reach: int

    @property
    def introduces(self) -> frozenset[str]:
        return frozenset(name for section in self.sections for name in section.introduces)

    @property
    def uses(self) -> frozenset[str]:
        """What it uses and does not introduce."""
        used = frozenset(name for section in self.sections for name in section.uses)
        return used - self.introduces

    @property
    def level(self) -> int:
        """The median of its sections', the higher one of two."""
        levels = sorted(section.level for section in self.sections)
        return levels[len(levels) // 2]

    @property
    def label(self) -> str:
        first = self.sections[0]
        return f"{first.book or self.release}: {first.chapter or self.path}"


def steps(sections: Iterable[Section], usual: Sequence[str] = ()) -> dict[Section, int]:
    """Each section's place in the learning order, from 1. Sections that neither introduce nor use
    a concept have none."""
    ordered = (section for chapter in order(sections, usual) for section in chapter.sections)
    return {section: place for place, section in enumerate(ordered, 1)}


def order(sections: Iterable[Section], usual: Sequence[str] = ()) -> list[Chapter]:
    """The chapters in learning order. `usual` are the names of concepts in the order in which they
    are usually learnt; one that is not among them is learnt after all of them."""
    chapters = _chapters(sections, usual)
    courses = _courses(chapters)
    teachable = frozenset(name for chapter in chapters for name in chapter.introduces)
    missing = [
        sum(count for name, count in chapter.needs.items() if name in teachable)
        for chapter in chapters
    ]
    users: defaultdict[str, list[int]] = defaultdict(list)
    for at, chapter in enumerate(chapters):
        for name in chapter.needs:
            users[name].append(at)
    following = {before: after for course in courses for before, after in pairwise(course)}

    def rank(at: int) -> tuple[int, int, int, int]:
        place = chapters[at].reach + 1000 * PUSH * missing[at]
        return place, missing[at], chapters[at].level, at

    ready = {course[0] for course in courses}
    waiting = [rank(at) for at in ready]
    heapq.heapify(waiting)
    known: set[str] = set()
    placed: list[Chapter] = []
    while waiting:
        _, lacks, _, at = heapq.heappop(waiting)
        if at not in ready or lacks != missing[at]:
            continue
        ready.remove(at)
        placed.append(chapters[at])
        fresh = chapters[at].introduces - known
        known |= fresh
        for user, name in [(user, new) for new in fresh for user in users[new]]:
            missing[user] -= chapters[user].needs[name]
            if user in ready:
                heapq.heappush(waiting, rank(user))
        if at in following:
            ready.add(following[at])
            heapq.heappush(waiting, rank(following[at]))
    return placed


def rendered(chapters: Sequence[Chapter], counts: Mapping[Section, int] | None = None) -> str:
    """The order as plain text: a chapter a paragraph, with what is new in it, what it builds on,
    what it uses that only a later one introduces, and what none does. `counts` are sections'
    rows."""
    lines: list[str] = []
    known: set[str] = set()
    teachable = {name for chapter in chapters for name in chapter.introduces}
    width = len(str(len(chapters)))
    step = 1
    for place, chapter in enumerate(chapters, 1):
        span = (
            f"step {step}"
            if len(chapter.sections) == 1
            else (f"steps {step}-{step + len(chapter.sections) - 1}")
        )
        step += len(chapter.sections)
        rows = sum(counts.get(section, 0) for section in chapter.sections) if counts else 0
        about = [LEVELS[chapter.level], span, *([_counted(rows, "row")] if counts else [])]
        lines.append(f"{place:>{width}}. {chapter.label} ({', '.join(about)})")
        met = [name for s in chapter.sections for name in (*s.introduces, *s.uses)]
        for what, names in (
            ("new", [n for n in met if n in chapter.introduces and n not in known]),
            ("again", [n for n in met if n in chapter.introduces and n in known]),
            ("builds on", [n for n in met if n in chapter.uses and n in known]),
            ("ahead of", [n for n in met if n in (chapter.uses & teachable) - known]),
            ("takes as known", [n for n in met if n in chapter.uses - teachable]),
        ):
            if names:
                lines.append(f"{'':>{width}}  {what}: {', '.join(dict.fromkeys(names))}")
        known |= chapter.introduces
    return "\n".join(lines)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _chapters(sections: Iterable[Section], usual: Sequence[str]) -> list[Chapter]:
    """Chapters sorted by release and path, numbers in names by their value."""
    places = {name: at for at, name in enumerate(usual)}
    files: defaultdict[tuple[str, str], set[Section]] = defaultdict(set)
    for section in sections:
        if section.teaches:
            files[section.release, section.path].add(section)
    return [
        _chapter(release, path, sorted(files[release, path], key=_within), places)
        for release, path in sorted(files, key=lambda file: (file[0], _natural(file[1]), file[1]))
    ]


def _chapter(
    release: str, path: str, sections: Sequence[Section], places: Mapping[str, int]
) -> Chapter:
    def place(name: str) -> int:
        return places.get(name, len(places))

    introduced = {name for section in sections for name in section.introduces}
    top = max(map(place, introduced), default=len(places))
    used = Counter(name for section in sections for name in set(section.uses))
    needs = {n: used[n] for n in sorted(used) if n not in introduced and place(n) <= top}
    reached = [max(map(place, (*s.introduces, *s.uses))) for s in sections]
    return Chapter(release, path, tuple(sections), needs, 1000 * sum(reached) // len(reached))


def _within(section: Section) -> tuple[object, ...]:
    return (
        section.line,
        section.introduces,
        section.uses,
        section.level,
        section.book,
        section.chapter,
    )


def _courses(chapters: Sequence[Chapter]) -> list[list[int]]:
    """Indices of chapters that must stay in order: those of a folder whose names are all numbered
    are one course, every other chapter is one of its own."""
    folders: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for at, chapter in enumerate(chapters):
        folders[chapter.release, chapter.path.rpartition("/")[0]].append(at)
    courses: list[list[int]] = []
    for members in folders.values():
        names = [chapters[at].path.rpartition("/")[2] for at in members]
        if all(_NUMBERED.match(name) for name in names):
            courses.append(members)
        else:
            courses.extend([at] for at in members)
    return courses


def _natural(path: str) -> NaturalKey:
    """`2-b` before `10-a`."""
    return tuple(
        (int(part[:18]), "") if at % 2 else (-1, part)
        for at, part in enumerate(_DIGITS.split(path))
    )
