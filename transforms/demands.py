"""What code asks of its reader that a request does not show: options, keys, fields, messages,
texts, functions from elsewhere.

Read by spelling. A name counts as told wherever it stands in what is shown; what it means there is
not asked, nor which name belongs where.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from factory.syntax.names import KERNEL
from transforms.callees import concatenated
from transforms.context import Frame, uses
from transforms.standard import known
from transforms.untold import (
    unserved,
    untold_atoms,
    untold_shapes,
    untold_texts,
    without_texts,
)

_OPTION = re.compile(
    r"\b(?:opts?|options|config)\[:(\w+)\]|\bKeyword\.(?:get|fetch!?|pop!?|get_lazy|pop_lazy|has_key\?)"
    r"\((?:\w+, )?:(\w+)|\|> Keyword\.\w+!?\(:(\w+)|\bproplists:get_\w+\((\w+),"
)
_WRITTEN = re.compile(r"[:`{](\w+)|\b(\w+):")
_KEPT = re.compile(
    r"\bsend\(|:persistent_term\.|\bProcess\.(?:put|get|delete)\(|:ets\.|:telemetry\.|"
    r"\bpersistent_term:|\bets:|\bput\(|\)? ! [{a-z]"
)
_ATOM = {
    "elixir": re.compile(r"(?<![\w:?]):([a-z_]\w*[?!]?)(?![\w.])"),
    "erlang": re.compile(r"(?<![\w.:@#?'$\"<])([a-z]\w*)(?![\w(:@'/])"),
}
_KEY = re.compile(r"(?<![\w:?@.])([a-z_]\w*[?!]?): ")
_ASKS = re.compile(r"\breceive\b")
_SERVES = re.compile(r"\breceive\b|\bhandle_\w+\(|\bmessage", re.IGNORECASE)
_FIELD = re.compile(r"(?<=[a-z_\])])\.([a-z_]\w*)(?![\w(?!])|%\w*\{(\w+): ")
_DYNAMIC = {
    "elixir": re.compile(r"(?:(?<![\w.:@&%])[a-z_]\w*[?!]?|\))\.([a-z_]\w*[?!]?)\("),
    "erlang": re.compile(r"(?<![\w?@])[A-Z]\w*:([a-z]\w*)\("),
}
_COMMENT = re.compile(r"(?<![\w?\"'\\&])#(?!\{)[^\n]*")
_SIGIL = re.compile(r"~[a-zA-Z]+(?=[(\[{/|<\"'])")
_IN_SEGMENTS = frozenset({"size", "unit"})
_SIZE = re.compile(r"\bsize\((\d+)\)")
_HANDED = re.compile(r"\b[a-z_]\w*\((?:[^()\n]*, )?\{:?[a-z]\w*,")
_TAG = {
    "elixir": re.compile(r"(?<![%\w#])\{\s*:([a-z_]\w*[?!]?)\s*[,}]"),
    "erlang": re.compile(r"(?<![\w#}])\{\s*([a-z]\w*)\s*[,}]"),
}
_ELIDED = re.compile(r"(?:do:|->) \.\.\.")
_TEXT = re.compile(r"(?<![\w?])[\"']([^\"'\s#\\~%]{3,})[\"']")
_REMOTE = re.compile(r"(?<![\w.])([A-Z]\w*(?:\.[A-Z]\w*)*)\.([a-z_]\w*[?!]?)\(")
_PATTERN = re.compile(r"~r/((?:\\.|[^/\\\n])+)/")
_KEPT_TUPLE = re.compile(r"\bets[.:]\w+\([^()\n]*\{")
_MAILS = re.compile(r"\bsend\(|\)? ! \{")
_BARE = re.compile(r"(?<![\w.%&@:])([A-Z]\w*(?:\.[A-Z]\w*)*\.[a-z_]\w*+[?!]?+)(?![\w(.]|/\d|: )")
_SPOKEN = re.compile(
    r"(?<![\w.:@&%?#])([a-z_]\w*+[?!]?+) "
    r"(?!(?:do|when|in|and|or|not|else|end|after|rescue|catch|fn)\b)[\w:@%&\[{\"]"
)
_WORD = re.compile(r"\w+[?!]?")
_COMMON = """
ok error nil true false undefined infinity stop reply noreply when end case of receive after fun if
begin try catch andalso orelse not and or div rem normal kill self
"""
_EXPECTED = frozenset(_COMMON.split())
"""Atoms that anybody expects, and Erlang's reserved words, which are spelt as atoms are."""


def needs_unshown(code: str, shown: str, language: str) -> bool:
    """Whether code does by name what `shown` has no word of: calls of whatever module is at hand,
    tags of tuples, sizes of segments, messages to a server, long tuples, fields."""
    return bool(
        (_ASKS.search(code) and not _SERVES.search(shown))
        or unserved(code, shown)
        or (_HANDED.search(code) and (unserved(shown, shown) or _mailed(shown)))
        or concatenated(code)
        or untold(frozenset(_DYNAMIC[language].findall(code)), shown)
        or tags_untold(code, shown, language)
        or (_KEPT_TUPLE.search(code) and not _KEPT_TUPLE.search(shown))
        or untold(frozenset(_SIZE.findall(code)), shown)
        or untold_shapes(code, shown, least=4)
        or fields_untold(code, shown, language)
    )


def _mailed(shown: str) -> bool:
    """Whether what is shown sends messages on that no callback shown takes."""
    return bool(_MAILS.search(shown)) and not ("receive" in shown or "handle_" in shown)


def tags_untold(code: str, shown: str, language: str) -> list[str]:
    """The first atoms of tuples in code that `shown` has not: as atoms, and not just as words of
    the same spelling."""
    tags = frozenset(_TAG[language].findall(code)) - _EXPECTED
    if language == "erlang":
        return untold(tags, shown)
    return sorted(tag for tag in tags if f":{tag}" not in shown and f"{tag}:" not in shown)


def leaves_open(code: str, shown: str) -> bool:
    """Whether a spec leaves open what code does: it keeps state, or uses what is shown in part."""
    return bool(_ELIDED.search(shown) or _KEPT.search(code))


def options_untold(code: str, shown: str) -> list[str]:
    """The options that code reads and that `shown` has no word of."""
    if not any(text in code for text in ("[:", "Keyword.", "proplists:")):
        return []
    read = {name for found in _OPTION.findall(code) for name in found if name}
    if not read:
        return []
    written = {name for found in _WRITTEN.findall(shown) for name in found}
    return sorted(read - written)


def keys_untold(code: str, shown: str, language: str) -> list[str]:
    """The atoms in code that `shown` has no word of: messages, keys of kept state, results."""
    return untold(frozenset(_ATOM[language].findall(code)) - _EXPECTED, shown)


def atoms_untold(code: str, shown: str, language: str) -> frozenset[str]:
    """The atoms and keys in code that `shown` has no word of and the language does not know."""
    found = _ATOM[language].findall(code)
    if language == "elixir":
        found += _KEY.findall(code)
    absent = {name for name in found if name not in shown}
    return untold_atoms(code, shown, language) & absent if absent else frozenset()


def fields_untold(code: str, shown: str, language: str) -> list[str]:
    """The fields of maps and structs that Elixir code reads and that `shown` has no word of."""
    if language != "elixir":
        return []
    read = {name for found in _FIELD.findall(_BARE.sub("", code)) for name in found if name}
    return untold(read, shown)


def texts_untold(code: str, shown: str) -> list[str]:
    """The one-word texts in code, such as file extensions and keys, that `shown` does not hold."""
    return [text for text in _TEXT.findall(code) if text not in shown]


def mostly_text(code: str, shown: str) -> bool:
    """Whether code holds several messages that `shown` does not, or is little else than one."""
    texts = untold_texts(code, shown)
    return len(texts) > 2 or sum(map(len, texts)) * 2 > len(code)


def patterns_untold(code: str, shown: str) -> list[str]:
    """The regular expressions in Elixir code that `shown` does not hold."""
    return [found for found in _PATTERN.findall(code) if found not in shown] if "~r" in code else []


def own_calls(code: str, module: str) -> frozenset[str]:
    """The functions that code calls by their module's full name, as if from outside."""
    if f"{module}." not in code:
        return frozenset()
    return frozenset(name for of, name in _REMOTE.findall(code) if of == module)


def defined(name: str, shown: str) -> bool:
    """Whether Elixir code shows a function of this name behind `def`, `defmacro` or the like."""
    return any(f"{kind} {name}" in shown for kind in ("def", "defp", "defmacro", "defguard"))


def imported(frame: Frame, code: str, shown: str) -> list[str]:
    """The functions that Elixir code calls by their bare names and that come from elsewhere, by
    `import` or `use`, unless `shown` names them; sorted."""
    if frame.language == "erlang":
        return []
    plain = _SIGIL.sub("", _COMMENT.sub("", without_texts(code)))
    called = uses(plain, frame.language).calls - KERNEL - _IN_SEGMENTS
    return sorted(name for name in called if not frame.named(name) and name not in shown)


def bare_calls(code: str) -> list[str]:
    """The functions of unknown modules that Elixir code calls without parentheses, as written."""
    plain = without_texts(code)
    found = dict.fromkeys(match for match in _BARE.findall(plain) if f"{match}(" not in plain)
    return [name for name in found if not known(name.rpartition(".")[0])]


def shadowing(frame: Frame, code: str) -> list[str]:
    """The calls in Elixir code that look like the standard library's and are not: the module has an
    alias of that name (`alias Shop.Registry`)."""
    found: list[str] = []
    for directive in frame.module.directives:
        name = directive.target.rpartition(".")[2]
        if directive.kind == "alias" and name != directive.target and known(name):
            found += [f"{of}.{what}" for of, what in _REMOTE.findall(code) if of == name]
    return list(dict.fromkeys(found))


def unseen_neighbours(frame: Frame, code: str, shown: str) -> list[str]:
    """The functions of the module that Elixir code calls without parentheses and that `shown` has
    no word of."""
    if frame.language == "erlang":
        return []
    called = [name for name in _SPOKEN.findall(without_texts(code)) if frame.named(name)]
    return untold(called, shown)


def untold(names: Collection[str], shown: str) -> list[str]:
    """Some of `names` that do not stand in `shown` as words of their own, sorted; [] if none."""
    absent = sorted(name for name in names if name not in shown)
    if absent or not names:
        return absent
    return sorted(frozenset(names).difference(_WORD.findall(shown)))
