"""Blocks of code as a book's Markdown has them: their language, from what they say, and the fence.

`language` is for all readers; what a file declares is asked first by who knows it. A session is
told by its prompts, a shell's by its own or by the commands, output by what the VM and Mix print;
the rest by whether it parses as Elixir or Erlang with more than a few words in it.
"""

from __future__ import annotations

import re

from factory.syntax.parse import parse_frugally

IEX = re.compile(r"^\s*(?:iex|\.\.\.)(?:\([^)]*\)\d*)?>", re.MULTILINE)
IEX_FIRST = re.compile(
    r"\A\s*(?:Erlang/OTP .*\n\s*)?(?:Interactive Elixir .*\n)?\s*iex(?:\([^)]*\)\d*)?>"
)
IEX_BANNER = re.compile(r"^Interactive Elixir", re.MULTILINE)
ERL = re.compile(r"^\s*(?:\(\S+@\S+\))?\d+> ", re.MULTILINE)
SHELL = re.compile(
    r"^\s*(?:[$%]|[\w.-]+@[\w.-]+[:~/\w -]*[$#]|C:\\[^>]*>|PS [^>]*>|[>]) ?\S", re.MULTILINE
)
DOLLAR = re.compile(
    r"^\s*(?:\$|C:\\[^>]*>|PS [^>]*>|[\w.-]+@[\w.-]+[:~/\w -]*\$) ?\S", re.MULTILINE
)
COMMAND = re.compile(
    r"\A\s*(?:#!.*\n|#.*\n|\s*\n|export \w+=\S*\n|set \w+=.*\n)*"
    r"(?:[A-Z_]+=\S+ )*(?:sudo |env )?(?:mix|iex|elixir|elixirc|erl|erlc|rebar3|git|cd|mkdir|"
    r"curl|wget|npm|yarn|docker|docker-compose|apt|apt-get|brew|asdf|kubectl|telnet|nc|ssh|chmod|chown|cp|mv|rm|ls|"
    r"cat|echo|touch|export|psql|createdb|heroku|fly|gigalixir|make|source|ps|kill|epmd|dialyzer|"
    r"bin/\S+|\./\S+|_build/\S+)(?:\s+[^\s=(,]|\s*$)(?![^\n]*\bdo$)"
)
COMMENTS = re.compile(r"\A(?:\s*#[^!\n]*\n)+")
SHEBANG = re.compile(r"\A#!.*\b(?:bash|sh|zsh)\b")
OUTPUT = re.compile(
    r"^(?:\*\* \(|\s+\(\w+[^)]*\) \S+:\d+: |warning: |error: |\s+warning: |\d\d:\d\d:\d\d\.\d+ \[|"
    r"\[(?:info|debug|error|warning)\] |Compil(?:ed|ing) |Generated |\* creating |Finished in |"
    r"\s+\d+\) test |\d+ tests?, |Running ExUnit|Randomized with seed|== Compilation error|"
    r"={3,}|#PID<|#Reference<|#Function<|#Port<|\s*\d+\) doctest |"
    r"Erlang/OTP \d+|Eshell V)",
    re.MULTILINE,
)
ERLANG = re.compile(
    r"^-(?:module|export|behaviou?r|record|spec|type|include|include_lib|define|import)\s*\(|"
    r"^[a-z]\w*\([^)]*\)\s*(?:when .*)?->|\bfun\s*\(.*\)\s*->|^\s*case .* of$|\bend\.\s*$|"
    r"^-spec |^-type |[)\]}\w\"]\.\s*(?:%.*)?\Z",
    re.MULTILINE,
)
ELIXIR = re.compile(
    r"\b(?:def|defp|defmodule|defmacro|defmacrop|defstruct|defprotocol|defimpl|defguard|defdelegate|"
    r"defexception|defcallback|use|import|alias|require)\b|\|>|\bdo$|\bfn\b|->|=>|%\{|%[A-Z]|~[a-zA-Z]|"
    r"@(?:doc|spec|type|moduledoc|impl|behaviour|callback|typep|opaque|typedoc)\b|#\{|&\d|"
    r"\b[A-Z]\w*\.[a-z_]\w*[?!]?|<>|:\w+\b|\b\w+: |<<|^\s*\w+ = |[a-z_]\w*\(",
    re.MULTILINE,
)
ELIXIR_ONLY = re.compile(r"\bdo$|\|>|^\s*def\w* |#\{", re.MULTILINE)
OTHER = re.compile(
    r"\A\s*(?:<[!?/a-zA-Z]|\{\s*\"|\{\s*\n\s*\"|#include|SELECT |INSERT |CREATE |UPDATE |FROM |"
    r"---\n|[├└│+|]|HTTP/\d|(?:GET|POST|PUT|DELETE) /|\.\s*\n[├└])"
)


def language(code: str) -> str:
    """What a block is: one of `LANGUAGES`."""
    if IEX_FIRST.search(code):
        return "iex"
    if SHEBANG.search(code):
        return "shell"
    if DOLLAR.match(COMMENTS.sub("", code)) or code.lstrip().lower().startswith("@echo off"):
        return "shell"
    if OUTPUT.match(code.lstrip("\n")) or OUTPUT.match(code.strip()):
        return "output"
    if IEX.search(code):
        return "elixir" if _is_definition(code) else "iex"
    if COMMAND.match(code) and not _strong_elixir(code):
        return "shell"
    if OTHER.match(code):
        return "text"
    return _parsed(code)


def _is_definition(code: str) -> bool:
    """Whether code has a session only in its documentation."""
    return bool(re.search(r"^\s*(?:def\w*|@\w*doc)\b", code, re.MULTILINE)) and not re.match(
        r"\s*iex", code
    )


def _strong_elixir(code: str) -> bool:
    return bool(re.search(r"\bdo$|\|>|^\s*def\w* |%\{", code, re.MULTILINE))


def _errors(code: str, name: str) -> float:
    """The share of a text that does not parse."""
    source = code.encode()
    tree = parse_frugally(source, name)
    if tree is None:
        return 1.0
    bad = 0
    waiting = [tree.root_node]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            bad += max(1, node.end_byte - node.start_byte)
        elif node.has_error:
            waiting.extend(node.children)
    return min(1.0, bad / max(1, len(source)))


def _parsed(code: str) -> str:
    elixir = len(ELIXIR.findall(code))
    erlang = len(ERLANG.findall(code))
    if erlang and not ELIXIR_ONLY.search(code):
        broken = _errors(code, "erlang")
        if broken <= min(0.1, _errors(code, "elixir")):
            return "erlang"
    words = len(re.findall(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", code))
    if elixir and _errors(code, "elixir") < 0.15:
        return "elixir"
    if elixir > 2 * words and elixir >= 2:
        return "elixir"
    if OUTPUT.search(code):
        return "output"
    if not elixir and _errors(code, "elixir") == 0.0 and not words:
        return "elixir"
    return "text"


def fence(code: str, name: str) -> str:
    """A fenced block, closed by a newline; the fence is longer than any in the code."""
    longest = max((len(found) for found in re.findall(r"`{3,}", code)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{name}\n{code}\n{ticks}\n"
