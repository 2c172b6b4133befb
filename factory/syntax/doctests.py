"""Doctests inside a documentation string, found as ExUnit finds them.

The rules are those of `ExUnit.DocTest`: a line that opens with `iex>` or `iex(1)>` starts an
expression, `...>` goes on with it, the lines after it down to a blank line, a code fence or the
next prompt are its value. Prompts that have no value yet belong to the same expression as the
prompt after them. A blank line ends the group whose examples share bindings. Where ExUnit would
refuse the doc (a line indented less or more than its prompt), reading goes on behind that line.
"""

from __future__ import annotations

import re

from factory.syntax.outline import Doctest, Span
from factory.syntax.strings import Literal, unescape

_IEX = re.compile(rb"iex(?:>|\([^)\n]*\)>) ?")
_MORE = re.compile(rb"\.\.\.(?:>|\([^)\n]*\)>) ?")
_FENCES = (b"```", b"~~~")


def find_doctests(source: bytes, found: Literal) -> tuple[Doctest, ...]:
    """All doctests of one documentation literal, in order, their spans in the file."""
    if source.find(b"iex", found.start, found.end) < 0:
        return ()
    return tuple(_Reader(source, found).read())


class _Reader:
    """Goes through the lines once; holds the expression that is being read."""

    def __init__(self, source: bytes, found: Literal) -> None:
        self.source = source
        self.literal = found
        self.done: list[Doctest] = []
        self.group = 0
        self.earlier: list[str] = []
        self.forget()

    def forget(self) -> None:
        self.expression: list[bytes] = []
        self.expected: list[bytes] = []
        self.start = self.end = 0

    def read(self) -> list[Doctest]:
        """Lines outside an example are text; the first prompt's indentation rules the example."""
        indent = -1
        at = self.literal.start
        while at < self.literal.end:
            if indent < 0:
                prompt_at = self.source.find(b"iex", at, self.literal.end)
                if prompt_at < 0:
                    break
                at = max(at, self.source.rfind(b"\n", at, prompt_at) + 1)
            stop = self.source.find(b"\n", at, self.literal.end)
            after = stop + 1
            if stop < 0:
                stop = after = self.literal.end
            line = self.source[at:stop].rstrip(b"\r")
            shown = line.lstrip()
            column = len(line) - len(shown)
            prompt = _IEX.match(shown)
            if indent < 0 and prompt:
                indent = column
            if indent >= 0:
                if len(line) <= indent or not shown or shown.startswith(_FENCES):
                    self.close_group()
                    indent = -1
                elif not self.take(shown, column - indent, prompt, at + column, at + len(line)):
                    self.forget()
                    self.close_group()
                    indent = -1
            at = after
        self.close_group()
        return self.done

    def take(
        self, shown: bytes, deeper: int, prompt: re.Match[bytes] | None, start: int, end: int
    ) -> bool:
        """One line of an example; False when its indentation breaks the example."""
        more = None if self.expected else _MORE.match(shown)
        if deeper < 0 or (deeper > 0 and (prompt or more or not self.expected)):
            return False
        if prompt:
            if self.expected:
                self.close_example()
            if not self.expression:
                self.start = start
            self.expression.append(shown[prompt.end() :])
        elif more:
            self.expression.append(shown[more.end() :])
        else:
            self.expected.append(b" " * deeper + shown)
            self.end = end
        return True

    def close_example(self) -> None:
        expression = self.decode(self.expression)
        if expression is None:
            self.forget()
            return
        expected = self.decode(self.expected) if self.expected else None
        if expected is not None:
            self.done.append(
                Doctest(
                    expression,
                    expected,
                    expected.startswith("** ("),
                    self.group,
                    tuple(self.earlier),
                    Span(self.start, self.end),
                )
            )
        self.earlier.append(expression)
        self.forget()

    def close_group(self) -> None:
        if self.expression:
            self.close_example()
        if self.earlier:
            self.group += 1
            self.earlier = []
        self.forget()

    def decode(self, lines: list[bytes]) -> str | None:
        """None when the text is not known before the code runs."""
        content = b"\n".join(lines)
        if self.literal.interpolated and not self.literal.raw and b"#{" in content:
            return None
        return unescape(content, self.literal).decode("utf-8", "replace")
