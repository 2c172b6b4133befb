"""Code blocks of books: their text as an author typed it, and the language it is in.

What a publisher adds is taken off: numbers of lines, the marks that point to a note beside the
text (❶, `<1>` of AsciiDoc's callouts), spaces that only a typesetter needs. The language is what
the markup says; where it says nothing it is read from the code, and doubt is `text`.
"""

from __future__ import annotations

import re
from textwrap import dedent

from sources.books import fences

_NAMES = {
    **dict.fromkeys(["elixir", "ex", "exs", "elixirsource", "elixir-source"], "elixir"),
    **dict.fromkeys(["iex", "elixirsession", "elixir-session"], "iex"),
    **dict.fromkeys(["erlang", "erl", "escript"], "erlang"),
    **dict.fromkeys(
        ["bash", "shell", "sh", "zsh", "console", "terminal", "shell-session", "shellsession",
         "session", "bourne", "powershell", "bat", "cmd", "fish"],
        "shell",
    ),
    **dict.fromkeys(["output", "stdout"], "output"),
    **dict.fromkeys(
        ["text", "plain", "plaintext", "txt", "json", "yaml", "yml", "toml", "xml", "html", "css",
         "heex", "eex", "leex", "javascript", "js", "typescript", "ts", "jsx", "tsx", "ruby", "rb",
         "python", "py", "sql", "graphql", "c", "cpp", "rust", "go", "java", "haskell", "clojure",
         "scala", "lisp", "scheme", "prolog", "perl", "php", "lua", "diff", "patch", "ini", "conf",
         "dockerfile", "makefile", "make", "nginx", "http", "csv", "markdown", "md", "mermaid",
         "dot", "protobuf", "gleam", "lfe", "svg", "none"],
        "text",
    ),
}  # fmt: skip

CALLOUT = "\ue000"
"""Stands for a picture or a mark in a listing that points to a note beside it."""
LONGEST = 200_000
"""Characters of a block that is looked into; a longer one is a table of data."""
READ = 20_000
"""Characters that tell a block's language."""

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"), None)
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2004\u2005\u2007\u2008\u2009\u202f"), " ")
_TYPED = str.maketrans({**_INVISIBLE, **_SPACES})
_CALLOUT = re.compile(
    r"(?<![ \t])[ \t]*(?:(?:#|//|%|--)[ \t]*)?(?:[\u2460-\u2473\u2776-\u2793\ue000][ \t]*)+$", re.M
)
_ASCII_CALLOUT = re.compile(r"(?<![ \t])[ \t]+(?:(?:#|//|%)[ \t]*)?(?:<\d{1,2}>[ \t]*)+$", re.M)
_NUMBERED = re.compile(r"[ \t]*(\d{1,4})(?:[:|.]?[ \t]|[:|]?$)(.*)")


def named(hint: str) -> str:
    """What a publisher's name for a language means here; "" for a name that says nothing."""
    return _NAMES.get(hint.strip().lower(), "")


def typed(code: str) -> str:
    """The block as it was typed: without callouts, line numbers, invisible characters, and blank
    lines at its ends."""
    code = code.translate(_TYPED).replace("\r\n", "\n").replace("\r", "\n")
    if len(code) <= LONGEST:
        code = _ASCII_CALLOUT.sub("", _CALLOUT.sub("", code))
    code = code.replace(CALLOUT, "")
    lines = _without_numbers(code.split("\n"))
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(lines)


def _without_numbers(lines: list[str]) -> list[str]:
    """Lines without the numbers that stand before them, when all have one and they count up."""
    filled = [line for line in lines if line.strip()]
    found = [_NUMBERED.fullmatch(line) for line in filled]
    if len(filled) < 3 or not all(found):
        return lines
    numbers = [int(match[1]) for match in found if match]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return lines
    if sum(bool(match[2].strip()) for match in found if match) < 2:
        return lines
    bare = [match[2] if (match := _NUMBERED.fullmatch(line)) else line for line in lines]
    return dedent("\n".join(bare)).split("\n")


def language_of(code: str, hint: str = "") -> str:
    """One of `sources.books.model.LANGUAGES`, from the markup's `hint` where it says something."""
    said = named(hint)
    if said and not (said == "elixir" and fences.IEX_FIRST.search(code[:READ])):
        return said
    return fences.language(code[:READ])
