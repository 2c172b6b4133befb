"""Doctests, both ways: a function and its documentation ask for examples; an expression asks for
its value.

Values are asked for only where a reader can know them: calls of the standard library as they are,
calls of the documented module together with the code they reach. What this does not do: run
anything, so a doctest that is wrong upstream stays wrong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from factory import choice
from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Function
from transforms.context import broken, documentation_share, frames, subject, without_docs
from transforms.fences import fenced
from transforms.iex import derivable, foreseeable, needed, outside_texts, part, telling
from transforms.reach import Reach
from transforms.wording import wordings

BROKEN = "syntax error inside"
NO_PROSE = "documented by examples alone"
LONG = "its doctests are too long"
UNKNOWABLE = "its values depend on the run"
MORE_CODE = "leans on more code than a request can show"
NOT_PLAIN = "its documentation is not plain text"
UNTOLD = "the text of its error stands in code that is not shown"

_REQUIRED = re.compile(r"^(?:require|import|use)\b", re.MULTILINE)
_CLOSING = re.compile(r"(?:end|else|rescue|catch|after|do)\b")


class DoctestOptions(Options):
    write: bool = Field(True, description="ask for the doctests of documented functions")
    evaluate: int = Field(
        3, ge=0, description="most expressions per doc whose value is asked for; 0 for none"
    )
    context: int = Field(5_000, ge=200, description="most bytes of code around a question")
    longest: int = Field(2_500, ge=40, description="most bytes of doctests in an answer")
    longest_value: int = Field(600, ge=1, description="most bytes of a value asked for")


class Doctest(Transform):
    """Doctests from functions and their docs, and values from expressions."""

    name = "doctest"
    version = 1
    languages: ClassVar[frozenset[str]] = frozenset({"elixir"})
    tasks = ("doctest",)
    Options = DoctestOptions
    options: DoctestOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        for frame in frames(parsed):
            module = frame.module
            documented = [f for f in module.functions if f.public and f.doc and f.doc.doctests]
            general = module.doc is not None and bool(module.doc.doctests)
            if not documented and not general:
                continue
            reach = Reach(frame)
            if general:
                yield from self._evaluate(reach, None)
            for function in documented:
                if broken(parsed, function.span):
                    name = subject(parsed, module, function)
                    yield self.left_out(parsed, BROKEN, name, function.span)
                    continue
                if self.options.write:
                    yield self._write(reach, function)
                yield from self._evaluate(reach, function)

    def _write(self, reach: Reach, function: Function) -> Example | LeftOut:
        """The function under its prose, and its doctests as the answer."""
        assert function.doc is not None
        parsed = reach.parsed
        name = subject(parsed, reach.module, function)
        prose, blocks = part(function.doc.text)
        answer = "\n\n".join(block for block in blocks if derivable(block, block))
        doc = _as_doc(prose)
        code = without_docs(parsed, function)
        reason = ""
        if not answer:
            reason = UNKNOWABLE
        elif len(prose.split()) < 4:
            reason = NO_PROSE
        elif len(answer) > self.options.longest:
            reason = LONG
        elif len(code) > self.options.context or not reach.written(function):
            reason = MORE_CODE
        elif doc is None:
            reason = NOT_PLAIN
        if reason or doc is None:
            return self.left_out(parsed, reason, name, function.span)
        number = self.number(parsed, "write", name)
        facts: dict[str, str | int] = {
            "function": name,
            "context": fenced(self._around(reach, function, f"{doc}\n{code}"), "elixir"),
        }
        key = "write"
        if number % 3 == 0:
            key = "write_count"
            facts["count"] = _counted(answer)
        said = wordings("doctest")
        request = said.say(key, number // 3, **facts)
        if reach.imported(outside_texts(answer)):
            request += "\n\n" + said.say("imported", number // 7, module=reach.module.name)
        return self.ask(
            parsed,
            "doctest",
            function.span,
            name,
            request,
            fenced(answer, "elixir"),
            documentation=documentation_share(function),
        )

    def _around(self, reach: Reach, function: Function, text: str) -> str:
        """The function in its module with the helpers it calls, or, when they are too long, alone:
        its documentation says what it does."""
        context = reach.frame.about(function, text, budget=self.options.context)
        if context.missing:
            context = reach.frame.around("", {function.span: text}, budget=0)
        return context.code

    def _evaluate(self, reach: Reach, function: Function | None) -> Iterator[Example | LeftOut]:
        """Values of at most `evaluate` expressions of a function's doc (None: of the module's),
        with all of their group that they depend on."""
        parsed, module = reach.parsed, reach.module
        doc = function.doc if function else module.doc
        assert doc is not None
        name = subject(parsed, module, function)
        fit = [
            (needed(test), test)
            for test in doc.doctests
            if telling(test) and len(test.expected) <= self.options.longest_value
        ]
        fit = [(code, test) for code, test in fit if derivable(code, test.expected)]
        path = parsed.document.path
        for code, test in choice.sample(
            fit, self.options.evaluate, self.seed, self.name, path, name
        ):
            asked = self._question(reach, code, self.number(parsed, "value", code))
            reason = MORE_CODE if asked is None else ""
            if asked is not None and not foreseeable(test, asked):
                reason = UNTOLD
            if asked is None or reason:
                yield self.left_out(parsed, reason, name, test.span)
                continue
            yield self.ask(
                parsed,
                "doctest",
                function.span if function else doc.span,
                name,
                asked,
                fenced(test.expected, "elixir"),
                documentation=documentation_share(function) if function else 0.0,
            )

    def _question(self, reach: Reach, code: str, number: int) -> str | None:
        """The request for the value of `code`; None when it would have to show too much."""
        bare = outside_texts(code)
        if reach.imported(bare):
            code = f"import {reach.module.name}\n{code}"
        elif reach.macros(bare) and not _REQUIRED.search(code):
            code = f"require {reach.module.name}\n{code}"
        shown = fenced(code, "elixir")
        said = wordings("doctest")
        if reach.by_heart(bare):
            key = "evaluate_last" if _several(code) else "evaluate"
            return said.say(key, number, code=shown)
        context = reach.shown(bare, self.options.context)
        if context is None:
            return None
        return said.say(
            "evaluate_in",
            number,
            module=reach.module.name,
            context=fenced(context, "elixir"),
            code=shown,
        )


def _several(code: str) -> bool:
    """Whether there is more than one expression: a line that starts as the first does and goes on
    with nothing that was opened before."""
    return any(line[:1].isalpha() and not _CLOSING.match(line) for line in code.split("\n")[1:])


def _as_doc(prose: str) -> str | None:
    """`prose` as a `@doc` attribute that says exactly this, or None when a heredoc cannot."""
    if '"""' in prose:
        return None
    sigil = "~S" if "\\" in prose or "#{" in prose else ""
    return f'@doc {sigil}"""\n{prose}\n"""'


def _counted(answer: str) -> str:
    """How many results the examples show, in words: a block's value ends before a prompt."""
    results = 0
    value = False
    for line in answer.split("\n"):
        if line.startswith(("iex>", "...>")):
            value = False
        elif line.strip() and not value:
            results += 1
            value = True
        elif not line.strip():
            value = False
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    count = words[results] if results < len(words) else str(results)
    return f"{count} doctest{'' if results == 1 else 's'}"
