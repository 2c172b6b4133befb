"""From what a model answered to the program that is graded.

Rules, in order:

1. Reasoning between `<think>` and `</think>` at the beginning is no part of the answer.
2. Fenced blocks decide where there are any (a last one may lack its end): those marked `elixir`,
   `ex` or `exs`; without any, unmarked ones; without those, whatever there is. A fence ends at one
   that is indented no further, so that fences in a `@doc` do not end it, or where Elixir begins
   anew.
3. Of several blocks, tests (`use ExUnit.Case`) and blocks without a module are left out when
   others remain. Modules in different blocks belong together; one that comes again replaces the
   earlier block, since people correct themselves.
4. Where the problem's prompt is the beginning of the program (`Problem.prefix`), a block that
   brings its own module is the program; one that begins with `def` takes the place of the
   function that the prefix began; any other continues the prefix, and missing `end`s are added.
   Stop texts do not apply: the fence told where the answer ends.
5. Without a fence, an answer to such a problem continues the prefix up to the first stop text, as
   MultiPL-E has it, unless it begins with a module. For other problems the program goes from the
   first line that begins a program to the last `end` at the margin, prose around it left out.

Nothing is repaired beyond that: what does not compile is for the grader to say.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from evals.problem import Problem
from factory.syntax.parse import parse_frugally

MAX_CHARACTERS = 1_000_000
"""What comes after is not looked at: no answer is that long."""
MAX_MISSING_ENDS = 4
_ELIXIR = frozenset({"elixir", "ex", "exs"})
_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})[ \t]*([^\s`]*)[^`]*$")
_MODULE = re.compile(r"^[ \t]*defmodule[ \t]+([A-Z][\w.]*)", re.MULTILINE)
_TESTS = re.compile(r"^[ \t]*(?:use ExUnit\.Case|ExUnit\.start)\b", re.MULTILINE)
_BEGINS = re.compile(r"^(?:defmodule|defprotocol|defimpl|import|alias|require)[ \t]", re.MULTILINE)
_DEFINES = re.compile(r"\s*(?:#[^\n]*\n\s*|@\w[^\n]*\n\s*)*defp?[ \t]")
_FUNCTION = re.compile(r"^[ \t]*defp?[ \t]", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: the word after the fence in lower case, and the lines between."""

    mark: str
    text: str


def extract(answer: str, problem: Problem) -> str:
    """The whole program that `answer` stands for, to be graded as it is. Never raises."""
    text = _without_reasoning(answer[:MAX_CHARACTERS].replace("\r\n", "\n"))
    found = blocks(text)
    if found:
        return _from_blocks(found, problem)
    if problem.prefix:
        return text if _begins_with_module(text) else problem.program(text)
    return _without_prose(text)


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a text, in order, empty ones left out."""
    found: list[Block] = []
    mark, indent, fence = "", 0, ""
    lines: list[str] = []
    for line in text.removesuffix("\n").split("\n"):
        match = _FENCE.match(line) if "```" in line or "~~~" in line else None
        begins_anew = fence and match and match[3].lower() in _ELIXIR and len(match[1]) <= indent
        if begins_anew:  # whoever wrote this forgot to end the block before
            found.append(Block(mark, _dedented(lines, indent)))
        if not fence or begins_anew:
            if match:
                indent, fence, mark = len(match[1]), match[2], match[3].lower().strip("{}.")
                lines = []
            continue
        ends = (
            match is not None
            and not match[3]
            and match[2][0] == fence[0]
            and len(match[2]) >= len(fence)
            and len(match[1]) <= indent
        )
        if ends:
            found.append(Block(mark, _dedented(lines, indent)))
            fence = ""
        else:
            lines.append(line)
    if fence:
        found.append(Block(mark, _dedented(lines, indent)))
    return [block for block in found if block.text.strip()]


def parses(program: str) -> bool:
    """Whether a text is Elixir as far as its grammar tells."""
    tree = parse_frugally(program.encode("utf-8", "replace"), "elixir")
    return tree is not None and not tree.root_node.has_error


def _from_blocks(found: list[Block], problem: Problem) -> str:
    for marks in (_ELIXIR, frozenset({""})):
        chosen = [block.text for block in found if block.mark in marks]
        if chosen:
            break
    else:
        chosen = [block.text for block in found]
    for is_wanted in (_is_no_test, _has_module):
        chosen = [text for text in chosen if is_wanted(text)] or chosen
    if _has_module(chosen[0]):
        return "\n".join(_latest(chosen))
    return _completed(chosen[0], problem) if problem.prefix else chosen[0]


def _is_no_test(text: str) -> bool:
    return _TESTS.search(text) is None


def _has_module(text: str) -> bool:
    return _MODULE.search(text) is not None


def _latest(texts: list[str]) -> list[str]:
    """The blocks without those of which a later one defines a module again."""
    kept: list[str] = []
    seen: set[str] = set()
    for text in reversed(texts):
        modules = set(_MODULE.findall(text))
        if not modules & seen:
            kept.append(text)
            seen |= modules
    return kept[::-1]


def _completed(block: str, problem: Problem) -> str:
    """The program that a block without a module makes of the problem's prefix."""
    if _DEFINES.match(block):
        functions = list(_FUNCTION.finditer(problem.prefix))
        before = problem.prefix[: functions[-1].start()] if functions else problem.prefix
        return _closed(f"{before}{block}")
    return _closed(f"{problem.prefix}{block}") + problem.suffix


def _closed(program: str) -> str:
    """The program with as many `end`s as it lacks; as it is when that does not help."""
    for missing in range(MAX_MISSING_ENDS + 1):
        whole = program.rstrip("\n") + "\n" + "end\n" * missing
        if parses(whole):
            return whole
    return program


def _begins_with_module(text: str) -> bool:
    for line in text.split("\n"):
        if line.strip() and not line.lstrip().startswith("#"):
            return _MODULE.match(line) is not None
    return False


def _without_prose(text: str) -> str:
    begins = _BEGINS.search(text)
    if begins is None:
        return text
    lines = text[begins.start() :].split("\n")
    ends = [at for at, line in enumerate(lines) if line.rstrip() == "end"]
    return "\n".join(lines[: ends[-1] + 1] if ends else lines) + "\n"


def _without_reasoning(text: str) -> str:
    if not text.lstrip().startswith("<think>"):
        return text
    _, closed, rest = text.partition("</think>")
    return rest if closed else ""


def _dedented(lines: list[str], indent: int) -> str:
    """Lines of a block less the indentation of its fence."""
    return "".join(
        f"{line[indent:] if not line[:indent].strip() else line.lstrip()}\n" for line in lines
    )
