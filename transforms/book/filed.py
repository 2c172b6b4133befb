"""Exercises that are files: instructions in Markdown, and a solution beside them as code.

Courses whose exercises are checked by a program keep each in a folder of its own: what is asked
(`.docs/instructions.md`), the file to begin with (`lib/bird_count.ex`), and a solution that passes
(`.meta/exemplar.ex`). A folder with more than one of either is not paired. An Erlang module has the
name of its file, so a solution that lies beside others of its kind cannot have the one that is
asked for; it is shown with the name of the module that it fills in.

Names are data, `data/headings.yaml`.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from factory.parsed import Parsed
from factory.syntax import Module
from transforms.book.headings import bare, lists
from transforms.book.phrases import holds
from transforms.book.rows import Lesson
from transforms.book.sentences import plain, sentences
from transforms.markdown import Code, Html, Prose
from transforms.parts import is_of_tests

CODE = frozenset({"elixir", "erlang"})
_DEFINES = re.compile(r"^ *\[[^\[\]\n]+\]: *\S.*$", re.MULTILINE)
_MODULE = r"(?<![\w:?]){}(?=:[a-z])|(?<=-module\(){}(?=\))"
_SHOWN = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINK = re.compile(r"\[([^\[\]\n]+)\](?:\([^()\n]*\)|\[[^\[\]\n]*\])")


@dataclass(frozen=True)
class Filed:
    """An exercise's instructions, its solution, and the file to begin with (None without one)."""

    asks: Parsed
    solves: Parsed
    start: Parsed | None

    @property
    def module(self) -> str:
        """The name of the module to write, "" where the solution has none."""
        modules = (self.start or self.solves).outline.modules
        return modules[0].name if modules else ""

    @property
    def solution(self) -> str:
        """The solution's text, its module called as the exercise has it."""
        text = self.solves.document.text.strip()
        modules = self.solves.outline.modules
        if not modules or self.solves.document.language != "erlang":
            return text
        own = re.escape(modules[0].name)
        return re.sub(_MODULE.format(own, own), self.module, text)


def filed(documents: Sequence[Parsed]) -> Iterator[Filed]:
    """Every exercise of a release that is files, in the order of its documents."""
    asked: defaultdict[str, list[Parsed]] = defaultdict(list)
    solved: defaultdict[str, list[Parsed]] = defaultdict(list)
    others: defaultdict[str, list[Parsed]] = defaultdict(list)
    for parsed in documents:
        path, language = parsed.document.path, parsed.document.language
        folder, _, name = path.rpartition("/")
        stem = name.partition(".")[0].lower()
        if language == "markdown" and stem in _names()["asks"]:
            asked[_root(folder, "beside")].append(parsed)
        elif language in CODE and stem in _names()["solves"]:
            solved[_root(folder, "hidden")].append(parsed)
        elif language in CODE and not is_of_tests(path) and not name.startswith((".", "mix.")):
            others[_root(folder, "sources")].append(parsed)
    for root, asks in asked.items():
        solves = solved.get(root, [])
        if len(asks) == 1 == len(solves):
            yield Filed(asks[0], solves[0], _start(others.get(root, []), solves[0]))


def instructions(asks: Parsed, lessons: Sequence[Lesson]) -> str:
    """The instructions as Markdown, all of them but their title, with links as words; "" when they
    hold pictures or HTML, which nobody could see."""
    parts: list[str] = []
    for lesson in lessons:
        title = bare(lesson.section.title)
        if lesson.section.level > 1 and title:
            parts.append(f"**{title}**")
        for block in lesson.section.blocks:
            raw = asks.dedented(block.span).strip("\n")
            if isinstance(block, Code) and "/" not in (block.info or ""):
                parts.append(raw)
            elif isinstance(block, Html) or "![" in raw:
                return ""
            elif isinstance(block, Code | Prose):
                parts.append(_asked(block.text))
            else:
                parts.append("\n".join(_listed(_LINK.sub(r"\1", raw))))
    return "\n\n".join(part for part in parts if part)


def spelt(name: str, text: str) -> bool:
    """Whether instructions write a module's name as code."""
    code = "\n".join(_SHOWN.findall(text))
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", code) is not None


def _asked(text: str) -> str:
    """A paragraph of instructions without what speaks of the course it stands in."""
    told = sentences(plain(_DEFINES.sub("", text)))
    return " ".join(one.text for one in told if not holds("of_course").search(one.bare))


def _listed(text: str) -> Iterator[str]:
    """The same for the lines of a list."""
    for line in text.split("\n"):
        told = sentences(line)
        kept = [one for one in told if not holds("of_course").search(one.bare.lstrip("-*+ "))]
        if len(kept) == len(told):
            yield line
        elif kept:
            yield " ".join(one.text for one in kept)


def _start(others: Sequence[Parsed], solution: Parsed) -> Parsed | None:
    """The file that defines the solution's modules, without what is to be written; in Erlang the
    one that exports what the solution does."""
    found = [
        parsed
        for parsed in others
        if parsed.document.language == solution.document.language
        and _begins(parsed.outline.modules, solution.outline.modules)
    ]
    return found[0] if len(found) == 1 else None


def _begins(given: Sequence[Module], solved: Sequence[Module]) -> bool:
    if [module.name for module in given] == [module.name for module in solved]:
        return True
    if not len(given) == len(solved) == 1:
        return False
    return bool(given[0].exports) and set(given[0].exports) <= set(solved[0].exports)


def _root(folder: str, kind: str) -> str:
    above, _, last = folder.rpartition("/")
    return above if last.lower() in _names()[kind] else folder


@functools.cache
def _names() -> Mapping[str, frozenset[str]]:
    return {key: frozenset(words) for key, words in lists()["exercises"]["files"].items()}
