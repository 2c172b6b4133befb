"""What code borrows from other modules of its release: the functions that it calls there, so that a
request can show them, or say that it cannot.

What this does not do: follow what the borrowed functions call in turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from factory.parsed import Parsed
from factory.syntax import Directive, Function, Module
from transforms.context import WHOLE_HELPER, Frame, bodiless, made_by_macro
from transforms.standard import unknown_calls

LONGEST = 3_000
"""Most bytes of borrowed code in a request."""

_RENAMED = re.compile(r"\bas:\s*([A-Z]\w*)")


@dataclass(frozen=True)
class Borrowed:
    """`calls` as the code writes them, `blocks` of code (with its language) of those that the
    release defines, `outside` the calls of modules that it does not have, `missing` those that it
    has and that cannot be shown."""

    calls: tuple[str, ...]
    blocks: tuple[tuple[str, str], ...]
    outside: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def code(self) -> str:
        return "\n\n".join(code for code, _ in self.blocks)


class Library:
    """The modules of a release by name, tests left out."""

    def __init__(self, modules: dict[str, tuple[Parsed, Module]]) -> None:
        self._modules = modules
        self._frames: dict[str, Frame] = {}

    def has(self, name: str, module: Module) -> bool:
        """Whether the release has the module that `name` stands for inside `module`."""
        return self._resolve(name, module) is not None

    def borrowed(self, code: str, module: Module, language: str) -> Borrowed:
        """What `code`, of `module`, calls in other modules outside the standard libraries."""
        calls: list[str] = []
        outside: list[str] = []
        missing: list[str] = []
        found: dict[str, dict[Function, None]] = {}
        mark = ":" if language == "erlang" else "."
        for call in unknown_calls(code, language):
            owner, _, name = call.rpartition(mark)
            if owner in (module.name, "__MODULE__", "MODULE"):
                continue
            calls.append(call)
            home = self._resolve(owner, module)
            if home is None:
                outside.append(call)
                continue
            functions = [f for f in self._modules[home][1].functions if f.name == name and f.public]
            texts = [self._text(home, f) for f in functions]
            if not functions or not all(texts):
                missing.append(call)
            found.setdefault(home, {}).update(dict.fromkeys(functions))
        blocks = tuple(self._shown(found))
        if sum(len(code) for code, _ in blocks) > LONGEST:
            missing += calls
        return Borrowed(tuple(calls), blocks, tuple(outside), tuple(missing))

    def _resolve(self, owner: str, module: Module) -> str | None:
        """The module of the release that `owner` stands for inside `module`."""
        owner = owner.removeprefix(":")
        first, dot, rest = owner.partition(".")
        for directive in module.directives:
            if directive.kind in ("alias", "require") and local_name(directive) == first:
                owner = directive.target + dot + rest
                break
        parent = module.name.rpartition(".")[0]
        for name in (owner, f"{module.name}.{owner}", f"{parent}.{owner}"):
            if name in self._modules and name != module.name:
                return name
        return None

    def _text(self, home: str, function: Function) -> str:
        """A function as it is shown: whole, or its heads under its specs; "" when that would not
        tell what it gives."""
        parsed = self._modules[home][0]
        frame = self._frame(home)
        if bodiless(function) or made_by_macro(parsed, function) or not function.contiguous:
            return ""
        if function.code.end - function.code.start <= WHOLE_HELPER:
            return frame.whole(function)
        return frame.brief(function) if function.specs else ""

    def _shown(self, found: dict[str, dict[Function, None]]) -> Iterator[tuple[str, str]]:
        for home, functions in found.items():
            frame = self._frame(home)
            instead = {f.span: self._text(home, f) for f in functions}
            yield frame.around("", instead, budget=0).code, frame.language

    def _frame(self, home: str) -> Frame:
        frame = self._frames.get(home)
        if frame is None:
            frame = self._frames[home] = Frame(*self._modules[home])
        return frame


def local_name(alias: Directive) -> str:
    """What an alias is called in its file."""
    renamed = _RENAMED.search(alias.options)
    return renamed[1] if renamed else alias.target.rsplit(".", 1)[-1]
