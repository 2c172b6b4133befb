"""Modules that stand as examples in documentation and guides: they are written to be learnt from.

An example is a `defmodule … end` whose `end` has the indentation of its beginning. One that leaves
something out (`...`) is passed over. What this does not do: tell a good example from one that shows
what to avoid, except by a heading that says so (`anti-pattern`) in the file's path.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace

from factory.parsed import Parsed
from factory.syntax import Span

MOST = 40
"""At most this many beginnings of modules are looked at in one file."""

_BEGINS = re.compile(r"^([ \t]*)defmodule [\w.]+ do[ \t]*\n", re.MULTILINE)
_OF_OTP = re.compile(
    r"use (?:GenServer|GenStage|Agent|Task|Supervisor|DynamicSupervisor|Application)\b"
    r"|@behaviour :?gen_|\b(?:Registry|Agent|Task|DynamicSupervisor)\.\w+\("
)
_OUTDATED = re.compile(r"\bsupervise\(|\bworker\(|\bSupervisor\.Spec\b|\bGenEvent\b")
_AVOIDED = ("anti-pattern", "changelog")


def examples(parsed: Parsed) -> Iterator[tuple[Parsed, Span]]:
    """Every module of OTP that is shown in a file's documentation, as a document of its own, and
    the span of the file that shows it."""
    if any(word in parsed.document.path.lower() for word in _AVOIDED):
        return
    left = MOST
    for span, text in _texts(parsed):
        if "defmodule" not in text or not _OF_OTP.search(text):
            continue
        for found in _BEGINS.finditer(text):
            left -= 1
            if left < 0:
                return
            end = text.find(f"\n{found[1]}end\n", found.end() - 1)
            code = textwrap.dedent(f"{text[found.start() : end]}\n{found[1]}end\n")
            if end < 0 or "..." in code or "…" in code:
                continue
            if not _OF_OTP.search(code) or _OUTDATED.search(code):
                continue
            shown = Parsed(replace(parsed.document, language="elixir", text=code))
            if shown.outline.modules and not shown.outline.errors:
                yield shown, span


def _texts(parsed: Parsed) -> Iterator[tuple[Span, str]]:
    if parsed.document.language == "markdown":
        yield Span(0, len(parsed.source)), parsed.document.text + "\n"
        return
    for module in parsed.outline.every_module():
        if module.doc is not None and module.doc.text:
            yield module.doc.span, module.doc.text + "\n"
        for function in module.functions:
            if function.doc is not None and function.doc.text:
                yield function.doc.span, function.doc.text + "\n"
