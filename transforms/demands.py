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
from transforms.names import stands
from transforms.shapes import split, tagged
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
_READS = ("[:", "Keyword.", "proplists:")
_WRITTEN = re.compile(r"[:`{](\w+)|\b(\w+):")
_KEPT = re.compile(
    r"\bsend\(|:persistent_term\.|\bProcess\.(?:put|get|delete)\(|:ets\.|:telemetry\.|"
    r"\bpersistent_term:|\bets:|\bput\(|\)? ! [{a-z]"
)
_KEEPING = ("send(", "ersistent_term", "Process.", "ets", ":telemetry", "put(", " ! ", ") !")
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
_KEPT_TUPLE = re.compile(r"\bets[.:]\w+\((?:[^()\n{}]|\([^()\n]*\))*\[?\{")
_MATCHED_SPECS = {
    "elixir": re.compile(r":\"\$\d+\""),
    "erlang": re.compile(r"'\$\d+'"),
}
"""Positions in a table's rows."""

_PAIR_OF_ERROR = re.compile(r"\{:?error, ?\{[a-zA-Z_]\w*, ")
_PAIR_TAKEN = re.compile(r"\{:?ok, ?\{[a-zA-Z_]\w*, [^\n{}]*\}\}(?= (?:->|<-|=) )")
_STORES = ("persistent_term", "ets", "Process.", "Agent.", "mnesia")
_STORED = re.compile(
    r"\b(persistent_term|d?ets|mnesia)[.:]|\b(Process)\.(?:get|put)\(|\b(Agent)\.[a-z]"
)
_SPEAKS_OF = {
    "persistent_term": re.compile(r"persistent"),
    "ets": re.compile(r"\bets\b|table", re.IGNORECASE),
    "dets": re.compile(r"\bdets\b", re.IGNORECASE),
    "mnesia": re.compile(r"mnesia", re.IGNORECASE),
    "Process": re.compile(r"process", re.IGNORECASE),
    "Agent": re.compile(r"\bagents?\b", re.IGNORECASE),
}
"""Where values may be kept, and what tells of it."""

_ON_ONE_LINE = re.compile(r'^@\w+ "(.*)"$', re.MULTILINE)
_MARKED = re.compile(
    r"`[^`]*`|^[ \t]*(?:[@-]spec|iex|\.\.\.|#=>)[^\n]*|^[ \t]{4,}\S[^\n]*|\{[^{}]*\}|%\{|"
    r"(?<!\w):[a-z_]\w*[?!]?|\b[a-z_]\w*: |\b[a-z]\w*_\w+|'[^'\n]+'|\"[^\"\n]+\"",
    re.MULTILINE,
)
"""What stands in a description as code: in backticks, in examples and specs, with marks of its
own."""

_RESULT = re.compile(r"\{\s*:?(?:ok|error|noreply|reply|stop|cont|halt|suspend)\b")
_TUPLE = re.compile(r"(?<![%\w#@])\{([^{}]*,[^{}]*)\}")
_MAILS = re.compile(r"\bsend\(|\)? ! \{")
_BARE = re.compile(r"([A-Z](?<![\w.%&@:].)\w*(?:\.[A-Z]\w*)*\.[a-z_]\w*+[?!]?+)(?![\w(.]|/\d|: )")
_SPOKEN = re.compile(
    r"(?<![\w.:@&%?#])([a-z_]\w*+[?!]?+) "
    r"(?!(?:do|when|in|and|or|not|else|end|after|rescue|catch|fn)\b)[\w:@%&\[{\"]"
)
_WORD = re.compile(r"\w+[?!]?")
_NUMBER = re.compile(r"\d(?<![\w.@#$?:/-].)[\d_]*(?:\.\d+)?(?![\w#])")
_STANDS_FOR = re.compile(r"(?:->|\bdo:|\belse:?|\|\|)\s*(-\d+)\b")
_USUAL_NUMBERS = """
0 1 2 3 4 7 8 10 12 16 24 32 60 64 100 255 256 1000 1024 3600 0.0 1.0
"""
_USUAL = frozenset(_USUAL_NUMBERS.split())
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
        ("receive" in code and _ASKS.search(code) and not _SERVES.search(shown))
        or unserved(code, shown)
        or ((_mailed(shown) or unserved(shown, shown)) and _HANDED.search(code))
        or concatenated(code)
        or untold(frozenset(_DYNAMIC[language].findall(code)), shown)
        or tags_untold(code, shown, language)
        or tuples_untold(code, shown, language)
        or (
            "$" in code
            and _MATCHED_SPECS[language].search(code)
            and not _MATCHED_SPECS[language].search(shown)
        )
        or ("ets" in code and _only_in(_KEPT_TUPLE, code, shown))
        or stored_elsewhere(code, shown)
        or ("size(" in code and untold(frozenset(_SIZE.findall(code)), shown))
        or untold_shapes(code, shown, least=4)
        or fields_untold(code, shown, language)
    )


def stored_elsewhere(code: str, shown: str) -> bool:
    """Whether code keeps values in, or takes them from, what nothing shown speaks of."""
    if not any(word in code for word in _STORES):
        return False
    stores = {name for found in _STORED.findall(code) for name in found if name}
    return any(not _SPEAKS_OF[name].search(shown) for name in stores)


def _only_in(pattern: re.Pattern[str], code: str, shown: str) -> bool:
    return bool(pattern.search(code)) and not pattern.search(shown)


def _mailed(shown: str) -> bool:
    """Whether what is shown sends messages on that no callback shown takes."""
    if "send(" not in shown and " ! {" not in shown:
        return False
    return bool(_MAILS.search(shown)) and not ("receive" in shown or "handle_" in shown)


def tags_untold(code: str, shown: str, language: str) -> list[str]:
    """The first atoms of tuples in code that `shown` has not: as atoms, and not just as words of
    the same spelling."""
    tags = frozenset(_TAG[language].findall(code)) - _EXPECTED
    if language == "erlang":
        return untold(tags, shown)
    return sorted(tag for tag in tags if f":{tag}" not in shown and f"{tag}:" not in shown)


def tuples_untold(code: str, shown: str, language: str) -> bool:
    """Whether code has tuples of a tag and more than a value, or an error that is a pair, that
    `shown` has no like of: what stands where in them, nobody can know."""
    if "{" not in code:
        return False
    large = {one for one in tagged(code, language) if one[1] > 2}
    if large and large - tagged(shown, language):
        return True
    return any(_only_in(pair, code, shown) for pair in (_PAIR_OF_ERROR, _PAIR_TAKEN))


def leaves_open(code: str, shown: str) -> bool:
    """Whether a spec leaves open what code does: it keeps state, or uses what is shown in part."""
    if "..." in shown and _ELIDED.search(shown):
        return True
    return any(text in code for text in _KEEPING) and bool(_KEPT.search(code))


def options_untold(code: str, shown: str) -> list[str]:
    """The options that code reads and that `shown` has no word of."""
    if not any(text in code for text in _READS):
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
    return untold_atoms(code, shown, language) if untold(found, shown) else frozenset()


def told_of(said: str) -> str:
    """What a description tells of names: code in it, examples, specs and marked words, but no plain
    words that are spelt as keys are."""
    return " ".join(_MARKED.findall(_ON_ONE_LINE.sub(r"\1", said)))


def fields_untold(code: str, shown: str, language: str) -> list[str]:
    """The fields of maps and structs that Elixir code reads and that `shown` has no word of."""
    if language != "elixir" or not ("." in code or "%" in code):
        return []
    read = {name for found in _FIELD.findall(_BARE.sub("", code)) for name in found if name}
    return untold(read, shown)


def texts_untold(code: str, shown: str) -> list[str]:
    """The one-word texts in code, such as file extensions and keys, that `shown` does not hold."""
    if '"' not in code and "'" not in code:
        return []
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


def made_of(body: str, shown: str) -> bool:
    """Whether all of a clause is a tuple of a size that no tuple in `shown` has: what stands for
    the value, only those know who take it apart."""
    body = body.strip()
    if body[:1] != "{" or body[-1:] != "}" or _RESULT.match(body):
        return False
    size = len(split(body[1:-1]))
    return size > 1 and not any(
        size == len(split(found))
        for found in _TUPLE.findall(shown.replace("{:ok,", "").replace("{ok,", ""))
    )


def imported(frame: Frame, code: str, shown: str) -> list[str]:
    """The functions that Elixir code calls by their bare names and that come from elsewhere, by
    `import` or `use`, unless `shown` names them; sorted."""
    if frame.language == "erlang":
        return []
    plain = _uncommented(without_texts(code))
    plain = _SIGIL.sub("", plain) if "~" in plain else plain
    called = uses(plain, frame.language).calls - KERNEL - _IN_SEGMENTS
    return sorted(name for name in called if not frame.named(name) and name not in shown)


def bare_calls(code: str) -> list[str]:
    """The functions of unknown modules that Elixir code calls without parentheses, as written."""
    plain = without_texts(code)
    if "." not in plain:
        return []
    found = dict.fromkeys(
        match for match in _BARE.findall(_uncommented(plain)) if f"{match}(" not in plain
    )
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


def spoken(frame: Frame, code: str) -> frozenset[str]:
    """The functions of the module that Elixir code calls without parentheses."""
    if frame.language == "erlang":
        return frozenset()
    called = _SPOKEN.findall(without_texts(code))
    return frozenset(name for name in called if frame.named(name))


def options_unsaid(code: str, said: str) -> list[str]:
    """The options that code reads and that its description does not name, in order."""
    if not any(text in code for text in _READS):
        return []
    read = [name for found in _OPTION.findall(code) for name in found if name]
    words = frozenset(_WORD.findall(said))
    return [name for name in dict.fromkeys(read) if name not in words]


def _uncommented(code: str) -> str:
    return _COMMENT.sub("", code) if "#" in code else code


def numbers_untold(code: str, shown: str, language: str) -> list[str]:
    """The numbers in code that `shown` does not hold and that nobody expects, in order: sizes,
    times to wait, results that stand for something."""
    plain = _uncommented(without_texts(code)) if language == "elixir" else code
    found = _NUMBER.findall(plain)
    if "-1" in plain or "-2" in plain:
        found += _STANDS_FOR.findall(plain)
    return [
        number
        for number in dict.fromkeys(found)
        if number.replace("_", "") not in _USUAL
        and not re.search(rf"(?<![\w.]){re.escape(number)}(?!\w)", shown)
        and number.replace("_", "") not in shown
    ]


def untold(names: Collection[str], shown: str) -> list[str]:
    """Some of `names` that do not stand in `shown` as words of their own, sorted; [] if none."""
    absent = sorted(name for name in names if name not in shown)
    return absent or sorted(name for name in names if not stands(name, shown))
