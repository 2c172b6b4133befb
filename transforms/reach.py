"""The code that an expression reaches: functions it calls in a module, what those call there, and
so on, so that a question can show all of it or say that it cannot.

Like `transforms.context`, it reads names by spelling. What this does not do: follow calls into
other modules; those must be the language's own, or the answer is that the code cannot be shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from factory.syntax import Function, Span
from transforms.context import Frame, uses, without_docs
from transforms.iex import derivable, outside_texts
from transforms.standard import ELIXIR, unknown_calls

_TOOLS = frozenset({"Config", "ExUnit", "IEx", "Logger", "Mix"})
STANDARD = frozenset(name for name in ELIXIR if "." not in name) - _TOOLS
"""First parts of the names of modules that come with the language, without its tools: what a
reader can evaluate by heart."""

_LANGUAGE = re.compile(r"(?:^|/)lib/elixir/lib/")
"""Where Elixir's own repository has the modules of the language."""

_NAMED = re.compile(r"(?<![\w.:@&~?])([A-Z]\w*(?:\.[A-Z]\w*)*)")
_REMOTE = re.compile(r"(?<![\w:])((?:[A-Z]\w*\.)+)([a-z_]\w*[?!]?)")
_WORD = re.compile(r"(?<![\w.:@])[a-z_]\w*[?!]?")


class Reach:
    """A module, indexed once, for questions about expressions that call it."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.parsed = frame.parsed
        self.module = module = frame.module
        self._root = root(module.name)
        self.kernel = self._root == "Kernel"
        self.language = bool(_LANGUAGE.search(self.parsed.document.path))
        self._last = module.name.rsplit(".", 1)[-1]
        self._by_name: dict[str, list[Function]] = {}
        for function in module.functions:
            self._by_name.setdefault(function.name, []).append(function)
        public = {function.name for function in module.functions if function.public}
        self._words = {name for name in public if name[:1].isalpha() or name[:1] == "_"}
        self._operators = sorted(public - self._words)

    def imported(self, bare: str) -> bool:
        """Whether code (its texts taken out) calls the module's functions without naming it."""
        if self.kernel or re.search(rf"\b{self._last}\b", bare):
            return False
        words = _WORD.findall(bare)
        return not self._words.isdisjoint(words) or any(op in bare for op in self._operators)

    def called(self, bare: str) -> list[Function]:
        """The module's functions that code (its texts taken out) calls, remotely or imported."""
        names = {name for owner, name in _REMOTE.findall(bare) if self._is(owner[:-1])}
        if self.kernel or self.imported(bare):
            names.update(_WORD.findall(bare))
        return [f for name in sorted(names & self._by_name.keys()) for f in self._by_name[name]]

    def macros(self, bare: str) -> bool:
        """Whether code (its texts taken out) calls a macro of the module by its full name."""
        return not self.kernel and any(
            f.kind in ("defmacro", "defguard") for f in self.called(bare)
        )

    def closure(self, functions: Iterable[Function], budget: int) -> dict[Span, str] | None:
        """These functions and all they call in the module, without docs, by their spans; None when
        that takes more than `budget` bytes or leads out of the module (a delegation)."""
        waiting = list(functions)
        reached: dict[Span, str] = {}
        while waiting:
            function = waiting.pop()
            if function.span in reached:
                continue
            text = without_docs(self.parsed, function)
            budget -= len(text)
            if budget < 0 or function.kind == "defdelegate":
                return None
            reached[function.span] = text
            waiting.extend(self.frame.helpers(uses(outside_texts(text), "elixir"), reached))
        return reached

    def shown(self, bare: str, budget: int) -> str | None:
        """The module with all that code (its texts taken out) reaches in it; None when that is
        too much, or leads out of the module and the standard library."""
        if not self.plain(bare):
            return None
        reached = self.closure(self.called(bare), budget)
        if not reached:
            return None
        whole = "\n".join(reached.values())
        bare = outside_texts(whole)
        if not self.plain(bare) or not derivable(bare, ""):
            return None
        left = budget - len(whole)
        context = self.frame.around(whole, reached, budget=max(left, 500))
        if context.missing or "\n  use " in context.code:
            return None
        return context.code

    def plain(self, bare: str) -> bool:
        """Whether code (its texts taken out) names only the standard library and this module."""
        if not all(self.standard(name) or self._is(name) for name in _NAMED.findall(bare)):
            return False
        calls = unknown_calls(bare, "elixir")
        return self.language or all(self._is(call.rsplit(".", 1)[0]) for call in calls)

    def written(self, function: Function) -> bool:
        """Whether a function's own code can tell what it gives: it has some, and that neither
        leaves the module for code unknown nor depends on the run. The language's own functions
        are known by name."""
        if self.language:
            return True
        if function.kind == "defdelegate" or not any(clause.body for clause in function.clauses):
            return False
        bare = outside_texts(self.parsed.text(function.code))
        return self.plain(bare) and derivable(bare, "")

    def standard(self, name: str) -> bool:
        """Whether a module comes with the language (or is named as exceptions are), and is not
        one of this package's under the same name."""
        first = root(name)
        if first not in STANDARD:
            return first.endswith("Error")
        return self.language or first != self._root

    def by_heart(self, bare: str) -> bool:
        """Whether code (its texts taken out) names no module but the standard library's, this one
        being of the language too."""
        return (
            self.language
            and self.standard(self.module.name)
            and all(self.standard(name) for name in _NAMED.findall(bare))
        )

    def _is(self, name: str) -> bool:
        return name in (self.module.name, "__MODULE__") or self.module.name.endswith("." + name)


def root(name: str) -> str:
    """The first part of a module's name."""
    return name.split(".", 1)[0]
