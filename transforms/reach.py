"""The code that an expression reaches: functions it calls in a module, what those call there, and
so on, so that a question can show all of it or say that it cannot.

What this does not do: follow calls into other modules; those must be the language's own, or the
answer is that the code cannot be shown. Names that an import of the language's own module could
bring in are believed to come from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from factory.syntax import Function, Span
from transforms.context import Frame, without_docs
from transforms.iex import derivable, outside_texts
from transforms.snippet import Snippet, snippet
from transforms.standard import ELIXIR, unknown_calls

_TOOLS = frozenset({"Config", "ExUnit", "IEx", "Logger", "Mix"})
STANDARD = frozenset(name for name in ELIXIR if "." not in name) - _TOOLS
"""First parts of the names of modules that come with the language, without its tools: what a
reader can evaluate by heart."""

_LANGUAGE = re.compile(r"(?:^|/)lib/elixir/lib/")
"""Where Elixir's own repository has the modules of the language."""

_STATE = re.compile(
    r"\b(?:Process|Agent|GenServer|Registry)\.[a-z]|:(?:ets|dets|mnesia)\.[a-z]"
    r"|:(?:logger|erlang)\.(?:get|put|set_process|update_process|insert|delete)"
)
_AS = re.compile(r"\bas: ([A-Z]\w*)")
_BRINGS_IN = frozenset({"import", "use"})
_DEFINING = frozenset({"Record", "Macro", "ExUnit.Case"})
"""Modules of the language with which others define macros of their own."""

_BITWISE = "band bor bxor bnot bsl bsr &&& ||| ^^^ ~~~ <<< >>>"
_EXPORTS = {
    "Kernel": frozenset[str](),
    "Bitwise": frozenset(_BITWISE.split()),
    "Integer": frozenset(["is_even", "is_odd"]),
}
"""What is called by its bare name of modules of the language that are often imported."""


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
        self._public = frozenset(f.name for f in module.functions if f.public)
        self._operators = sorted(n for n in self._public if not (n[:1].isalpha() or n[:1] == "_"))
        self._aliases = {
            named[1] if (named := _AS.search(d.options)) else d.target.rsplit(".", 1)[-1]: d.target
            for d in module.directives
            if d.kind == "alias" and d.target
        }
        self._brought = {d.target for d in module.directives if d.kind in _BRINGS_IN}

    def imported(self, code: Snippet, text: str) -> bool:
        """Whether code calls the module's functions without naming it."""
        if self.kernel or any(call.name in _BRINGS_IN for call in code.calls):
            return False
        return not self._public.isdisjoint(code.bare | code.free) or any(
            operator in outside_texts(text) for operator in self._operators
        )

    def aliased(self, code: Snippet) -> bool:
        """Whether code names the module by the last part of its name alone, without saying so."""
        return any(
            self.of_module(name) and name not in (self.module.name, "__MODULE__")
            for name in code.modules
        ) and not any(call.name == "alias" for call in code.calls)

    def called(self, code: Snippet) -> list[Function]:
        """The module's functions that code calls, remotely or imported."""
        names = {call.name for call in code.calls if self.of_module(call.module)}
        names |= code.bare | code.free
        return [f for name in sorted(names & self._by_name.keys()) for f in self._by_name[name]]

    def macros(self, code: Snippet) -> bool:
        """Whether code calls a macro of the module by its full name."""
        return not self.kernel and any(
            f.kind in ("defmacro", "defguard") for f in self.called(code)
        )

    def takes(self, code: Snippet) -> bool:
        """Whether the module's functions that code calls by their full names are there, with as
        many arguments; a module that others write into (`use`) may have more."""
        if any(d.kind == "use" for d in self.module.directives):
            return True
        return all(
            any(f.min_arity <= call.arity <= f.arity for f in self._by_name.get(call.name, ()))
            for call in code.calls
            if self.of_module(call.module)
        )

    def closure(self, functions: Iterable[Function], budget: int) -> dict[Span, str] | None:
        """These functions and all they call in the module, without docs, by their spans; None when
        that takes more than `budget` bytes or leads out of what is written in the module and the
        standard library (a delegation, a callback, a name that nothing here defines)."""
        waiting = list(functions)
        reached: dict[Span, str] = {}
        while waiting:
            function = waiting.pop()
            if function.span in reached:
                continue
            text = without_docs(self.parsed, function)
            budget -= len(text)
            if budget < 0 or not self._has_body(function) or not self.known(text):
                return None
            reached[function.span] = text
            own = {c.name for c in snippet(text).calls if not c.module or self.of_module(c.module)}
            own |= snippet(text).free
            own -= {function.name} if len(self._by_name[function.name]) == 1 else set()
            waiting.extend(f for name in sorted(own) for f in self._by_name.get(name, ()))
        return reached

    def known(self, text: str) -> bool:
        """Whether what the module's own code calls by name and by module is defined in the module
        or the standard library."""
        code = snippet(text)
        if code.open or not code.whole or not all(map(self._known_module, code.modules)):
            return False
        erlangs = " ".join(f"{c.module}.{c.name}(" for c in code.calls if c.module[:1] == ":")
        return self._all_brought(code) and not unknown_calls(erlangs, "elixir")

    def _all_brought(self, code: Snippet) -> bool:
        """Whether the bare names that code calls are the module's own or come from an import of the
        language's modules."""
        strangers = ((code.bare | code.free) - self._by_name.keys()) | code.strange
        for name in self._brought & _EXPORTS.keys():
            strangers -= _EXPORTS[name]
        others = self._brought - _EXPORTS.keys()
        return not strangers or (bool(others) and others <= ELIXIR - _DEFINING)

    def shown(self, code: Snippet, budget: int) -> str | None:
        """The module with all that code reaches in it; None when that is too much, leads out of
        the module and the standard library, or looks at what earlier calls have left behind."""
        if not self.plain(code):
            return None
        found = self.whole(self.called(code), {}, budget, " ".join(code.modules))
        return None if found is None or self.remembers(found) else found

    def whole(
        self,
        functions: Iterable[Function],
        instead: dict[Span, str],
        budget: int,
        mentioned: str = "",
    ) -> str | None:
        """The module with these functions and all that they reach in it, with `instead`'s texts in
        the place of some, and with its struct where that is `mentioned`; None when that is too
        much, or leads out of it."""
        reached = self.closure(functions, budget)
        if not reached:
            return None
        text = "\n".join(reached.values())
        if not derivable(text, ""):
            return None
        left = budget - len(text)
        context = self.frame.around(
            f"{text}\n{mentioned}", reached | instead, budget=max(left, 500)
        )
        if context.missing or "\n  use " in context.code or "..." in outside_texts(context.code):
            return None
        return context.code if self._constants_known(context.code) else None

    def remembers(self, shown: str) -> bool:
        """Whether the code in `shown` looks at what earlier calls have left behind."""
        return bool(_STATE.search(shown))

    def _constants_known(self, shown: str) -> bool:
        """Whether the attributes in `shown` that code could read are put together from what a
        reader knows, and not from a file or another module."""
        for attribute in self.module.attributes:
            if attribute.value is None or f"@{attribute.name} " not in shown:
                continue
            value = self.parsed.text(attribute.value)
            if not (self.known(value) and derivable(value, "")):
                return False
        return True

    def plain(self, code: Snippet) -> bool:
        """Whether code binds what it reads, and names and calls only the standard library and this
        module, whose functions it may call without naming it."""
        own = self._by_name.keys()
        if code.free - own or (code.bare - own and not self.language) or not code.whole:
            return False
        if not all(self.standard(name) or self.of_module(name) for name in code.modules):
            return False
        return self.language or (not code.strange and self.takes(code))

    def written(self, function: Function) -> bool:
        """Whether a function's own code can tell what it gives: it has some, and that neither
        leaves the module for code unknown nor depends on the run. The language's own functions
        are known by name."""
        if self.language:
            return True
        text = self.parsed.text(function.code)
        if not self._has_body(function) or self.unfinished(function):
            return False
        return self.known(text) and derivable(text, "")

    def standard(self, name: str) -> bool:
        """Whether a module comes with the language (or is named as exceptions are), and is not
        one of this package's under the same name."""
        first = root(name)
        if first not in STANDARD:
            return first.endswith("Error")
        return self.language or first != self._root

    def by_heart(self, code: Snippet) -> bool:
        """Whether code binds what it reads and names no module but the standard library's, this
        one being of the language too."""
        return (
            self.language
            and self.standard(self.module.name)
            and all(self.standard(name) for name in code.modules)
            and not code.free - self._by_name.keys()
        )

    def of_module(self, name: str) -> bool:
        """Whether a name stands for this module."""
        return name in (self.module.name, "__MODULE__") or (
            bool(name) and self.module.name.endswith("." + name)
        )

    def constant(self, functions: Sequence[Function]) -> bool:
        """Whether all of these take no arguments and have a value written out as their body, so
        that calling them says nothing."""
        return bool(functions) and all(
            function.arity == 0
            and len(function.clauses) == 1
            and (body := function.clauses[0].body) is not None
            and _literal(self.parsed.text(body))
            for function in functions
        )

    def answering(self, code: Snippet) -> list[Function]:
        """Those of the functions called that have the arity of the call."""
        arities = {(call.name, call.arity) for call in code.calls}
        arities |= {(name, 0) for name in code.free}
        return [
            function
            for function in self.called(code)
            if any(
                (function.name, n) in arities for n in range(function.min_arity, function.arity + 1)
            )
        ]

    def unfinished(self, function: Function) -> bool:
        """Whether all that a function does is raise: there is an exercise, not an answer."""
        bodies = [clause.body for clause in function.clauses if clause.body]
        return bool(bodies) and all(self.parsed.text(body).startswith("raise") for body in bodies)

    def _known_module(self, name: str) -> bool:
        """Whether a module that the module's own code names is this one or the language's."""
        first, dot, rest = name.partition(".")
        if first in self._aliases:
            name = self._aliases[first] + dot + rest
        return self.standard(name) or self.of_module(name)

    def _has_body(self, function: Function) -> bool:
        """Whether the module itself says what a function does."""
        guard = function.kind in ("defguard", "defguardp")
        return (
            function.kind != "defdelegate"
            and function.contiguous
            and (guard or any(clause.body for clause in function.clauses))
        )


def _literal(code: str) -> bool:
    read = snippet(code)
    return not (read.calls or read.free or read.modules or read.strange or "@" in code)


def root(name: str) -> str:
    """The first part of a module's name."""
    return name.split(".", 1)[0]
