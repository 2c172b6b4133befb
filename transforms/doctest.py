"""Doctests, both ways: a function and its documentation ask for examples; an expression asks for
its value.

Values are asked for only where a reader can know them: calls of the standard library as they are,
calls of the documented module together with the code they reach. What this does not do: run
anything, so a doctest that is wrong upstream stays wrong here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from factory import choice
from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Function
from transforms.context import broken, documentation_share, frames, subject, without_docs
from transforms.fences import fenced
from transforms.iex import (
    Tried,
    derivable,
    foreseeable,
    foretold,
    needed,
    outside_texts,
    part,
    telling,
    tried,
)
from transforms.reach import Reach
from transforms.snippet import snippet
from transforms.wording import wordings

BROKEN = "syntax error inside"
NO_PROSE = "documented by examples alone"
LONG = "its doctests are too long"
UNKNOWABLE = "its values depend on the run"
MORE_CODE = "leans on more code than a request can show"
NOT_PLAIN = "its documentation is not plain text"
UNTOLD = "the text of its error stands in code that is not shown"
CONSTANT = "a constant: calling it says nothing"
ERRORS = "only its errors can be derived"
STRANGE = "its examples lean on what they do not show"

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
    version = 2
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
        doc = _as_doc(prose)
        code = without_docs(parsed, function)
        known = [block for block in map(tried, blocks) if derivable(block.text, block.text)]
        reason = ""
        if not known:
            reason = UNKNOWABLE
        elif len(prose.split()) < 4:
            reason = NO_PROSE
        elif len(code) > self.options.context or not reach.written(function):
            reason = MORE_CODE
        elif not reach.language and reach.constant([function]):
            reason = CONSTANT
        elif doc is None:
            reason = NOT_PLAIN
        if reason or doc is None:
            return self.left_out(parsed, reason, name, function.span)
        around, closed = self._around(reach, function, f"{doc}\n{code}", known)
        fit = [block for block in known if _fits(reach, function, block, around, closed)]
        answer = "\n\n".join(block.text for block in fit)
        if 2 * len(fit) < len(blocks) or not fit:
            reason = STRANGE
        elif len(answer) > self.options.longest:
            reason = LONG
        elif all(block.raises for block in fit) and len(fit) < len(blocks):
            reason = ERRORS
        if reason:
            return self.left_out(parsed, reason, name, function.span)
        number = self.number(parsed, "write", name)
        facts: dict[str, str | int] = {"function": name, "context": fenced(around, "elixir")}
        key = "write"
        count = _counted(fit)
        if count and number % 3 == 0:
            key = "write_count"
            facts["count"] = count
        said = wordings("doctest")
        request = said.say(key, number // 3, **facts)
        tried_out = [(snippet(e), e) for block in fit for e in block.expressions]
        module = reach.module.name
        if any(reach.imported(read, e) for read, e in tried_out):
            request += "\n\n" + said.say("imported", number // 7, module=module)
        elif any(reach.aliased(read) for read, _ in tried_out):
            short = module.rsplit(".", 1)[-1]
            request += "\n\n" + said.say("aliased", number // 7, module=module, short=short)
        return self.ask(
            parsed,
            "doctest",
            function.span,
            name,
            request,
            fenced(answer, "elixir"),
            documentation=documentation_share(function),
        )

    def _around(
        self, reach: Reach, function: Function, text: str, blocks: Sequence[Tried]
    ) -> tuple[str, bool]:
        """The function in its module with all that it (and its examples) reach there and True, or
        with the helpers it calls as far as there is room, or, when they are too long, alone: its
        documentation says what it does."""
        budget = self.options.context
        if not reach.language:
            expressions = "\n".join(e for block in blocks for e in block.expressions)
            instead = {function.span: text}
            for functions in ([function, *reach.called(snippet(expressions))], [function]):
                whole = reach.whole(functions, instead, budget, expressions)
                if whole is not None:
                    return whole, True
        context = reach.frame.about(function, text, budget=budget)
        if context.missing:
            context = reach.frame.around("", {function.span: text}, budget=0)
        return context.code, False

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
            if telling(test)
            and len(test.expected) <= self.options.longest_value
            and _valued(test.expected)
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
            elif not reach.language and reach.constant(reach.answering(snippet(code))):
                reason = CONSTANT
            elif not test.raises and any(map(reach.unfinished, reach.called(snippet(code)))):
                reason = MORE_CODE
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
        said = wordings("doctest")
        read = snippet(code)
        given = self._given(reach, code)
        if reach.by_heart(read):
            key = "evaluate_last" if _several(given) else "evaluate"
            return said.say(key, number, code=fenced(given, "elixir"))
        context = reach.shown(read, self.options.context)
        if context is None:
            return None
        return said.say(
            "evaluate_in",
            number,
            module=reach.module.name,
            context=fenced(context, "elixir"),
            code=fenced(given, "elixir"),
        )

    def _given(self, reach: Reach, code: str) -> str:
        """`code` below the directive that it takes for granted, if it does."""
        read = snippet(code)
        directive = ""
        if reach.imported(read, code):
            directive = f"import {reach.module.name}\n"
        elif reach.macros(read) and not _REQUIRED.search(code):
            directive = f"require {reach.module.name}\n"
        elif reach.aliased(read):
            directive = f"alias {reach.module.name}\n"
        return directive + code


def _valued(value: str) -> bool:
    """Whether what stands below an expression is a value, and not something like `:ok, 1`."""
    return value.startswith("** (") or (snippet(value).whole and not value.startswith("#"))


def _fits(reach: Reach, function: Function, block: Tried, around: str, closed: bool) -> bool:
    """Whether a block of examples can be written by who sees `around`: it names nothing strange,
    and its values follow from the code (`closed`: all of it is there) or stand in what is seen."""
    read = snippet("\n".join(block.expressions))
    if not all(map(_valued, block.values)):
        return False
    if reach.language:
        return reach.by_heart(read)
    named = {n for n in read.modules if not reach.standard(n) and not reach.of_module(n)}
    seen = around + " ".join(block.values)
    if not reach.plain(read._replace(modules=read.modules - named)) or any(
        name not in seen or f"{name}." in outside_texts(" ".join(block.expressions))
        for name in named
    ):
        return False
    others = {one.name for one in reach.called(read)} - {function.name}
    if not all(f"{name}(" in around or f"{name}/" in around for name in others):
        return False
    return (closed and not reach.remembers(around)) or foretold(block, around)


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


def _counted(blocks: Sequence[Tried]) -> str:
    """How many doctests there are, in words; "" where that is a matter of taste, because a block
    leads up to several values."""
    if all(block.apart for block in blocks):
        results = sum(len(block.values) for block in blocks)
    elif all(len(block.values) == 1 for block in blocks):
        results = len(blocks)
    else:
        return ""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    count = words[results] if results < len(words) else str(results)
    return f"{count} doctest{'' if results == 1 else 's'}"
