"""Problems that no right answer can pass, as far as it can be found out.

Where a benchmark has reference solutions, the reference must pass. Where it has none, a program is
made that begins as its prompt does and raises: the tests must compile with it, must not call what
was not asked for, and must not ask for two answers to one question. An item that passes all this
may still be wrong; only a person who solves it would know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evals.grader import Grader
from evals.problem import Problem
from evals.verdict import Verdict
from factory.syntax.broken import error_spans, hopeless
from factory.syntax.parse import Node, parse_frugally
from factory.syntax.rewrite import call, operator, sides, text, walk

_BODY = '    raise "not written"\n'
_ENDINGS = (f"{_BODY}  end\nend\n", f"{_BODY}end\n", f"{_BODY}end\nend\nend\n", "end\n", "")
_UNDEFINED = re.compile(r"\(UndefinedFunctionError\) function (\S+)/(\d+) is undefined or private")
_NOT_COMPILED = "the tests cannot be compiled"
_VALUES = "integer float string charlist atom boolean nil char list tuple map keywords"
_LITERALS = frozenset(_VALUES.split())


def why(problem: Problem, reference: Verdict | None, grader: Grader) -> str:
    """Why no right answer can pass; "" when nothing says so. `reference` is the verdict on the
    problem's solution, None where it has none."""
    if reference is not None:
        if reference.passed or not reference.counts:
            return ""
        return f"its own solution is graded {reference.outcome}: {told(reference)}"
    return contradiction(problem.test) or _against_empty(problem, grader)


def stub(problem: Problem) -> str:
    """A program that has the functions the tests call, all of which raise. Where no entry point is
    known, a program with nothing in it."""
    modules: dict[str, list[str]] = {}
    for point in problem.entry_points:
        name, _, arity = point.partition("/")
        if not arity.isdecimal():
            modules.setdefault(name, [])
            continue
        module, _, function = name.rpartition(".")
        arguments = ", ".join(f"_{at}" for at in range(1, min(int(arity), 255) + 1))
        modules.setdefault(module, []).append(
            f'  def {function}({arguments}), do: raise("not written")\n'
        )
    return "".join(f"defmodule {m or 'Nothing'} do\n{''.join(f)}end\n" for m, f in modules.items())


def told(verdict: Verdict) -> str:
    """In a line, what a verdict found wrong."""
    for test in verdict.tests:
        if not test.passed:
            said = test.message.partition("stacktrace:")[0].split("\n", 2)[-1]
            return f"{test.name}: {' '.join(said.split())}"[:300]
    for diagnostic in verdict.diagnostics:
        if diagnostic.severity == "error":
            return f"line {diagnostic.line}: {diagnostic.message}"[:300]
    return " ".join(verdict.reason.split())[:300]


def contradiction(test: str) -> str:
    """Two assertions of one test file that want different literal values of the same expression."""
    data = test.encode()
    tree = parse_frugally(data, "elixir") if b"\0" not in data else None
    if tree is None or hopeless(tree.root_node) or error_spans(tree.root_node):
        return ""
    wanted: dict[tuple[int, str], str] = {}
    for scope, asked, answer in _assertions(tree.root_node):
        known = wanted.setdefault((scope, asked), answer)
        if known != answer:
            return f"{asked} is to be {known} and {answer}"
    return ""


def _assertions(root: Node) -> Iterator[tuple[int, str, str]]:
    """`assert asked == answer`, where the arguments and the answer are literals: so that nothing
    around it matters. The scope tells modules of one file apart."""
    for node in walk(root):
        parts = call(node)
        if parts is None or parts.name != "assert" or len(parts.arguments) != 1:
            continue
        pair = sides(parts.arguments[0])
        if not pair or operator(parts.arguments[0]) not in ("==", "==="):
            continue
        for asked, answer in (pair, pair[::-1]):
            question = call(asked)
            if question and all(map(_literal, question.arguments)) and _literal(answer):
                yield _module(node), _plain(asked), _plain(answer)


def _literal(node: Node) -> bool:
    return node.type in _LITERALS and not any(
        n.type in ("identifier", "call", "interpolation") for n in walk(node)
    )


def _module(node: Node) -> int:
    here = node.parent
    while here is not None:
        parts = call(here)
        if parts is not None and parts.name in ("defmodule", "describe"):
            return here.start_byte
        here = here.parent
    return 0


def _plain(node: Node) -> str:
    return " ".join(text(node).split())


def _against_empty(problem: Problem, grader: Grader) -> str:
    """What an answer that does nothing finds out about the tests."""
    verdicts = grader.grade(problem, _beginnings(problem))
    compiled = [v for v in verdicts if v.counts and v.outcome not in ("compile_error", "refused")]
    if not compiled:
        return f"nothing that begins as its prompt does compiles: {told(verdicts[0])}"
    for verdict in compiled:
        if verdict.reason.startswith(_NOT_COMPILED):
            return told(verdict)
        for test in verdict.tests:
            if found := _UNDEFINED.search(test.message):
                return f"{test.name} calls {found[1]}/{found[2]}, which is not asked for"
    return ""


def _beginnings(problem: Problem) -> Sequence[str]:
    if not problem.prefix:
        return [stub(problem) or "defmodule Nothing do\nend\n"]
    return [problem.program(f"\n{ending}") for ending in _ENDINGS]
