"""Code inside chat messages: one fenced block, marked with its language.

A fence is made longer than any run of backticks at the start of a line inside it, as CommonMark
asks (section 4.5), so documentation that holds fenced blocks of its own survives. What this does
not do: it reads only blocks that `fenced` could have written, not all of Markdown.
"""

from __future__ import annotations

import re

_BACKTICKS = re.compile(r"^[ \t]*(`{3,})", re.MULTILINE)
_BLOCK = re.compile(r"^(`{3,})([a-z]*)\n(.*?)\n?^\1[ \t]*$", re.MULTILINE | re.DOTALL)


def fenced(code: str, language: str) -> str:
    """`code` as one fenced block of `language`, without blank lines at its ends and with plain
    line ends."""
    code = code.replace("\r\n", "\n")
    runs = _BACKTICKS.findall(code) if "```" in code else ()
    ticks = "`" * max((len(found) + 1 for found in runs), default=3)
    return f"{ticks}{language}\n{code.strip(chr(10)).rstrip()}\n{ticks}"


def unfenced(text: str) -> list[str]:
    """The code of every fenced block in `text`, in order."""
    return [match.group(3) for match in _BLOCK.finditer(text)]
