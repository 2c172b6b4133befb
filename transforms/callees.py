"""How code calls what a request can name but not show: a reader knows neither what such a function
expects nor in which order.

Names alone are enough where the arguments are those at hand; literals among them (`nil`, `<<>>`,
an atom that chooses what is done) and long lists of arguments nobody can guess. Read by spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from factory.syntax import Module
from transforms.shapes import split
from transforms.standard import known

MOST = 3
"""A function that cannot be seen is called with so many arguments at most."""

_BRACKETS = re.compile(r"[()\[\]{}]|\"(?:\\.|[^\"\\])*\"")
_DEPTH = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_PLAIN = re.compile(r"(?!__)[A-Za-z_]\w*\Z")
_AS = re.compile(r"\bas: ([A-Z]\w*)")
_LITERAL = re.compile(
    r"(?:nil|true|false|undefined|\[\]|%\{\}|<<>>|\"[^\"]*\"|'[^']*'|-?\d+|\[\w+: .*\])\Z"
)
_ELIDED = {
    "elixir": re.compile(r"defp? ([a-z_]\w*[?!]?)\([^\n]*, do: \.\.\.\n"),
    "erlang": re.compile(r"\n([a-z]\w*)\([^\n]*-> \.\.\. [;.]"),
}
_MATCHED = re.compile(r"\{([^{}=]*,[^{}=]*)\} (?:=|<-)\s+(:?\w[\w.:]*[?!]?)\(")
_COUNTED = re.compile(r"-?\d[\w.]*\Z|.*\w [-+*] \w")
_CONCATENATED = re.compile(
    r"(?:\bModule\.(?:safe_)?concat\([^()\n]*\)|\b[a-z_]\w*)\.[a-z_]\w*[?!]?\("
)
_EACH_APART = re.compile(r"[^\n|]*\n?[ \t]*\|>\s*Enum\.\w+\((?:[^\n]*, )?(?:fn|fn\()\s*\(?\{")
_CASES = re.compile(
    r"^\s*(?:\[[^\[\]\n]+\]|\{(?:[^{}\n]|\{[^{}\n]*\})*,[^{}\n]*,[^{}\n]*\}) ->", re.MULTILINE
)
_LAMBDA = ("fn ", "fn(", "fn\n", "fun(", "fun (")
_TAGGED = {
    "elixir": re.compile(r"\{:[a-z]\w*(?=,)"),
    "erlang": re.compile(r"\{[a-z]\w*(?=,)"),
}
_ATOM = {
    "elixir": re.compile(r":[a-z_]\w*[?!]?\Z"),
    "erlang": re.compile(r"[a-z]\w*\Z"),
}


def concatenated(code: str) -> bool:
    """Whether Elixir code calls a module whose name it puts together: what is there to be called,
    only that module knows."""
    return "Module.concat(" in code and bool(_CONCATENATED.search(code))


def arguments(code: str, name: str) -> Iterable[list[str]]:
    """The arguments of every call of `name` (as written, with its module) in `code`."""
    at = code.find(f"{name}(")
    while at >= 0:
        start = at + len(name) + 1
        depth = 1
        for found in _BRACKETS.finditer(code, start):
            depth += _DEPTH.get(found[0], 0)
            if not depth:
                if at == 0 or not (code[at - 1].isalnum() or code[at - 1] in "_.:@"):
                    yield split(code[start : found.start()])
                break
        at = code.find(f"{name}(", start)


def unguessable(code: str, calls: Iterable[str]) -> bool:
    """Whether code hands to unknown functions (`calls`, as written) what nobody could think of:
    too many arguments, literals, or functions of its own that they are to call with who knows what;
    or takes what they return apart as a tuple of more than a tag and a value."""
    for name in calls:
        tagged = _TAGGED["elixir" if "." in name or name[0] == ":" else "erlang"]
        if _taken_apart(code, name, 3) or (f"case {name}(" in code and _CASES.search(code)):
            return True
        if "|>" in code and _EACH_APART.match(code, code.find(name) + len(name)):
            return True
        for given in arguments(code, name):
            if (len(given) > MOST and not all(map(_PLAIN.match, given))) or any(
                _LITERAL.match(one) or one.startswith(_LAMBDA) or tagged.match(one) for one in given
            ):
                return True
    return False


def macros(module: Module, calls: Iterable[str]) -> list[str]:
    """Those of the unknown functions that are macros, as far as `require` tells: what a macro makes
    of its arguments, its name does not say."""
    required = set[str]()
    for directive in module.directives:
        if directive.kind == "require" and not known(directive.target):
            named = _AS.search(directive.options)
            required.add(named[1] if named else directive.target)
    return [call for call in calls if call.rpartition(".")[0] in required]


def elided(shown: str, language: str) -> frozenset[str]:
    """The names of the functions of which `shown` has only heads."""
    return frozenset(_ELIDED[language].findall(shown)) if "..." in shown else frozenset()


def elided_untold(code: str, shown: str, language: str) -> list[str]:
    """The helpers of which `shown` has only heads, and that code hands atoms which stand nowhere in
    `shown` (they choose what is done, in a way that cannot be seen), or, without a spec, numbers
    that it has counted; or whose results, without a spec, it takes apart as tuples: what stands
    where in them, nobody can know."""
    if "..." not in shown:
        return []
    return [
        name
        for name in dict.fromkeys(_ELIDED[language].findall(shown))
        if f"{name}(" in code
        and (
            any(
                (_ATOM[language].match(one) and not _told(one, shown, language))
                or (_COUNTED.match(one) and f"spec {name}(" not in shown)
                or ((tag := _TAGGED[language].match(one)) and tag[0] not in shown)
                for given in arguments(code, name)
                for one in given
            )
            or (_taken_apart(code, name) and f"spec {name}(" not in shown)
        )
    ]


def _taken_apart(code: str, name: str, least: int = 2) -> bool:
    """Whether a tuple of so many elements is matched with what `name` returns."""
    if "} =" not in code and "} <-" not in code:
        return False
    return any(
        called == name and inside.count(",") + 1 >= least
        for inside, called in _MATCHED.findall(code)
    )


def _told(atom: str, shown: str, language: str) -> bool:
    if language == "elixir":
        return bool(re.search(rf"{re.escape(atom)}(?!\w)|\b{atom[1:]}: ", shown))
    return bool(re.search(rf"(?<![\w@]){re.escape(atom)}(?![\w@(/])", shown))
