"""What a function's clauses end in, and whether anything shown tells what that gives.

A spec says what a function gives. Where all its branches end in calls of functions that stand
elsewhere, or that are shown by their heads alone, no reader of the code can know it. Read by lines
and indentation. What this does not do: follow variables; a branch that ends in one counts as told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from factory.syntax.erlang_calls import AUTO_IMPORTED
from factory.syntax.names import KERNEL
from transforms.callees import elided
from transforms.context import Frame
from transforms.shapes import halves
from transforms.standard import ERLANG, known

_CLOSING = re.compile(r"(?:end|else|rescue|catch|after|of)\b(?!:)")
_BRANCH = re.compile(r"->\s+(\S.*)\Z")
_INLINE = re.compile(r"\b(?:do|else):\s+")
_BRACKET = re.compile(r"[\])}]")
_ELIXIR_CALL = re.compile(
    r"(?:\|>\s*)?(?:(?P<of>:?[A-Za-z_@][\w.]*?)\.)?(?P<name>[a-z_]\w*[?!]?)"
    r"(?:\(|(?= [\"':%&@\[]| [a-z_]\w*\s*(?:,|\Z)))"
)
_ERLANG_CALL = re.compile(r"(?:(?P<of>\??\w+):)?(?P<name>[a-z]\w*)\(")
_CONSTRUCT = frozenset(
    {"case", "cond", "if", "unless", "with", "for", "receive", "try", "fn", "fun"}
)
_LAST_PIPE = re.compile(r".*\|>\s*(?=[a-zA-Z_:])")
_OPEN = re.compile(
    r"::?\s*(?:any|term)(?:\(\))?\s*(?:$|when\b)|->\s*(?:any|term)\(\)\s*(?:\.|when\b)"
)
_STRUCT = re.compile(r"\b([A-Z][\w.]*)\.t\b")
_WRITTEN_OUT = frozenset('{%[":<')
_NAMES = re.compile(r"[A-Za-z_#][\w.]*")
_PLAIN_RESULTS = frozenset(
    {"boolean", "bool", "no_return", "none", "any", "term", "t", "when", "var"}
)


def endings(body: str) -> Iterator[str]:
    """The statements that the branches of a clause end in, each by its first line."""
    lines = [line for line in body.split("\n") if line.strip()]
    for at, text in enumerate(lines):
        line = text.strip().rstrip(";")
        if line.startswith("#") or _CLOSING.match(line):
            continue
        branch = _BRANCH.search(line)
        if branch:
            yield branch[1]
            continue
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if following and (
            _indent(following) >= _indent(text)
            or not (_CLOSING.match(following.strip()) or "->" in following)
        ):
            continue
        inline = _INLINE.split(line)
        if len(inline) > 1:
            yield from (part.removesuffix(", ") for part in inline[1:])
            continue
        start = at
        if _BRACKET.match(line):
            while start and (
                _indent(lines[start]) > _indent(text) or _BRACKET.match(lines[start].strip())
            ):
                start -= 1
        yield lines[start].strip()


def plain(bodies: list[str]) -> bool:
    """Whether every branch ends in a value that is written out."""
    return all(ending[:1] in _WRITTEN_OUT for body in bodies for ending in endings(body))


def untold(frame: Frame, bodies: list[str], spec: str, shown: str) -> bool:
    """Whether every branch ends in a call of which `shown` does not tell what it gives, and a
    spec's result is more than what its arguments are of."""
    types, result = halves(spec)
    words = frozenset(_NAMES.findall(result)) - _PLAIN_RESULTS
    if not result or words <= frozenset(_NAMES.findall(" ".join(types))):
        return False
    return unknown(frame, bodies, shown, result)


def unknown(frame: Frame, bodies: list[str], shown: str, result: str = "", deep: int = 0) -> bool:
    """Whether every branch ends in a call of which `shown` does not tell what it gives. `result` is
    what a spec says of it; `deep` is through how many helpers to look."""
    hidden = elided(shown, frame.language)
    found = False
    for body in bodies:
        for ending in endings(body):
            if _told_by_name(ending, result) or not _unknown(frame, ending, hidden, shown, deep):
                return False
            found = True
    return found


def _told_by_name(ending: str, result: str) -> bool:
    """Whether a call is of what makes the values of its module (`Message.new!` and `Message.t`), or
    of what everybody knows the result of."""
    if "start_link(" in ending:
        return True
    return any(f"{of}." in ending for of in _STRUCT.findall(result))


def _unknown(frame: Frame, ending: str, hidden: frozenset[str], shown: str, deep: int) -> bool:
    erlang = frame.language == "erlang"
    if not erlang and "|>" in ending:
        ending = _LAST_PIPE.sub("", ending)
    call = (_ERLANG_CALL if erlang else _ELIXIR_CALL).match(ending)
    if call is None or call["name"] in _CONSTRUCT:
        return False
    name, of = call["name"], call["of"]
    if of is not None:
        if of in ("__MODULE__", "?MODULE"):
            return name in hidden
        if erlang:
            return of not in ERLANG
        return not (known(of) or of.removeprefix(":") in ERLANG)
    if frame.named(name):
        spec = f"spec {name}("
        if spec in shown:
            return _gives_anything(shown, spec)
        if name in hidden or not deep:
            return name in hidden
        inner = [c.body for f in frame.named(name) for c in f.clauses if c.body is not None]
        return unknown(frame, [frame.parsed.text(body) for body in inner], shown, "", deep - 1)
    return name not in (AUTO_IMPORTED if erlang else KERNEL)


def _gives_anything(shown: str, spec: str) -> bool:
    at = shown.find(spec)
    end = shown.find("\n", at)
    return bool(_OPEN.search(shown[at : end if end >= 0 else len(shown)]))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
