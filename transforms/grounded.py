"""Whether documentation stands on the code beside it, as far as its words tell.

What speaks of history, of other programs or of what a library is for uses words that the code has
none of; what describes the code uses the code's. Words are compared by their first letters, in
prose alone, and those that documentation of anything uses do not count.

This does not understand a sentence: a wrong one in the code's own words passes, and a right one in
uncommon words does not.
"""

from __future__ import annotations

import re

from transforms import standard

_STEM = 5
_BESIDE = 6
"""So many words are granted to every text: a short one may have a strange word in it."""

_FEW = 2
"""And so many strange ones are no sign of anything."""

MOST = 0.2
"""Largest share of strange words that a text may have."""

_LATE = 0.2
"""The same for what comes after the first sentence, where an answer need not say it."""

_SENTENCE = re.compile(r"(?<=[^.A-Z ]{2}[.!?])\s+(?=[A-Z`\"(*\[])")
_LISTED = re.compile(r"^\s*(?:[*+-]|\d+[.)]) ", re.MULTILINE)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_FENCE = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"(?<![\w\\#=(,])\"([A-Za-z]\w{3,})\"")
_CALLED = re.compile(r"`([a-zA-Z][\w.:]*[.:][a-z_]\w*[?!]?)\(")

_FILE = re.compile(
    r"(?<![\w/.*<-])\.?([a-z][\w-]*(?:\.[\w-]+)*\.(?:exs?|[eh]rl|json|ya?ml|toml|config))\b"
)
_SUFFIXES = (".ex", ".erl", ".hrl", ".json", ".yml", ".yaml", ".toml", ".config")
_EMPTY_CALL = re.compile(r"`([a-z]\w*)\(\)(?:`| \|)")
_REMOTE = re.compile(r"`[A-Z][\w.]*\.([a-z_]\w*[?!]?)[/(]\d")
_ATOM = re.compile(r"`:([a-z]\w*[?!]?)`")

_MODULE = re.compile(r"(?<![\w.:@/-])[A-Z]\w*[a-z]\w*(?:\.[A-Z]\w*)+|[A-Z][a-z]+(?:[A-Z][a-z]+)+")
_ASKED = re.compile(r"`(?:([a-z]\w*[?!])`|\{([a-z]\w*),)")
_COUNT = re.compile(
    r"(?<![\w./#:`'\"-])(?<![A-Z]{2} )(?:\d[\d_,.]*\s?-\s?)?"
    r"(\d{1,3}(?:,\d{3})+|\d[\d_]*\d)(?![\w:/-]|\.\d)"
)
_ROUND = frozenset(["10", "16", "32", "64", "100"])
"""Numbers that are told of what code does without them: decimal, hexadecimal, per cent."""

_SNAKE = re.compile(r"`([a-z][a-z0-9]*_[a-z0-9_]*[?!]?)`")
_SPELT = "JavaScript GitHub PostgreSQL MySQL macOS WebSocket TypeScript"
_SPELT_SO = frozenset(_SPELT.split())

_COMMON_WORDS = """
the for and this with examples are that function can will from returns not default module when you
use value options used list given all only see any which provided specified name configuration also
one more defined using have string error implementation should other your set generate but argument
application there into create current following elixir erlang converts has result get some required
allows struct time format passed tuple each where true data first information key include start
supported directly same either must number like type then before behaviour new need check handle
want contains process these case custom may based documentation its file map called pass add
representing two context call available does they request message after simple perform false raises
without code instead multiple note params valid nil order such integer keyword them uses atom
expected existing than accepts end being match second single how field different automatically make
path exception build both additional about response execute version would through reference here
callback takes considered just corresponding way possible received found success names part between
state always during while variable similar another what update read write already many identifier
determines been inside once own remove place ignored fetch source those could empty well count
method section explicitly size invoked occurs present even works according cannot term per original
input pattern put next find against replace until needs over tree text maximum minimum keep sent
entry now indicates equivalent still disable three body location down full tag delete open fun apply
unless large built short properties named cause effectively modify line wrapped opts itself
previous last append prepend insert retrieve compute calculate parse render validate define
depending whose them out off back both too very every within whether since below above across
certain because however so if it is as be by or an on in to of a
encode decode boolean binary exist exists missing matching position index length element items item
collect contain hold stores kept takes turns gives yields produces belongs together
"""
_COMMON = frozenset(word.rstrip("s")[:_STEM] for word in _COMMON_WORDS.split())


def strange(text: str, code: str) -> list[str]:
    """The beginnings of the words in a text's prose that neither stand in `code`, inside of a name
    it may be, nor are everybody's, sorted."""
    lower = code.lower()
    return sorted(one for one in _stems(_prose(text)) - _COMMON if one not in lower)


def says_more(text: str, code: str) -> bool:
    """Whether too much of a text's prose is in words that have no place in `code`, or it tells
    numbers, or names values in quotes, arguments or calls of functions, that `code` does not
    hold."""
    prose = _prose(text)
    if _claims(prose, code):
        return True
    said = _stems(prose)
    own = said - _COMMON
    most = max(_FEW, MOST * (len(said) + _BESIDE))
    if len(own) <= most:
        return False
    lower = code.lower()
    return sum(one not in lower for one in own) > most


def _claims(prose: str, code: str) -> bool:
    """Whether prose names what `code` does not hold: numbers, texts, functions, modules."""
    if _counts_otherwise(prose, code):
        return True
    if any(_unheard(name, prose, code) for name in _SNAKE.findall(prose)):
        return True
    if any(name not in code for name in _QUOTED.findall(prose)):
        return True
    if any(_last(name) not in code for name in _CALLED.findall(prose)):
        return True
    if "()" in prose and any(name not in code for name in _EMPTY_CALL.findall(prose)):
        return True
    if any(suffix in prose for suffix in _SUFFIXES) and any(
        name.partition(".")[0] not in code for name in _FILE.findall(prose)
    ):
        return True
    if any(name not in code for names in _ASKED.findall(prose) for name in names):
        return True
    return any(_away(name, code) for name in _MODULE.findall(prose))


def supported(text: str, code: str) -> str:
    """A text up to the first sentence, of those behind the first, that has more than a strange word
    or tells what `code` does not hold: what comes late speaks of uses, reasons and history."""
    if "\n\n" not in text and not _SENTENCE.search(text):
        return text
    lower = code.lower()
    kept: list[str] = []
    for paragraph in text.split("\n\n"):
        listed = _LISTED.search(paragraph) is not None
        units = [paragraph] if listed else _SENTENCE.split(paragraph)
        good = 0
        for unit in units:
            if (kept or good) and (says_more(unit, code) if listed else _late(unit, code, lower)):
                break
            good += 1
        if good:
            kept.append(paragraph if good == len(units) else " ".join(units[:good]))
        if good < len(units):
            break
    if kept and kept[-1].endswith(":") and len(text) > len("\n\n".join(kept)):
        # What announces a list goes with it.
        kept[-1] = " ".join(_SENTENCE.split(kept[-1])[:-1])
    return "\n\n".join(filter(None, kept)) or text


def first(text: str) -> str:
    """The first sentence of a text."""
    return _SENTENCE.split(text.split("\n\n", 1)[0], 1)[0]


def _late(sentence: str, code: str, lower: str) -> bool:
    said = _stems(sentence)
    missing = sum(one not in lower for one in said - _COMMON)
    return (
        missing > max(1, _LATE * len(said))
        or _claims(sentence, code)
        or any(name not in code for name in _REMOTE.findall(sentence))
        or any(name not in code for name in _ATOM.findall(sentence))
    )


def _away(name: str, code: str) -> bool:
    """Whether a name is written as a module is, and `code` has nothing of its last part."""
    last = name.rpartition(".")[2]
    return last not in code and last not in _SPELT_SO and not standard.known(name)


def _counts_otherwise(prose: str, code: str) -> bool:
    """Whether prose tells numbers of several digits that code does not hold."""
    told = frozenset([number.replace(",", "").replace("_", "") for number in _COUNT.findall(prose)])
    told -= _ROUND
    if not told:
        return False
    held = code.replace("_", "")
    return any(number not in held for number in told)


def _unheard(name: str, prose: str, code: str) -> bool:
    """Whether a name of several words is neither one in `code` nor explained by `prose`, which
    then has it in an expression (`{:ok, new_state}`)."""
    if name in standard.ERLANG or re.search(rf"(?<!\w){re.escape(name)}(?!\w)", code):
        return False
    return not re.search(rf"(?<![\w`]){re.escape(name)}(?!\w)", prose)


def _last(name: str) -> str:
    return re.split(r"[.:]", name)[-1]


def _prose(text: str) -> str:
    if "```" in text:
        text = _FENCE.sub("", text)
    return "\n".join(
        line for line in text.split("\n") if not line.startswith("    ") and "> " not in line[:8]
    )


def _stems(text: str) -> frozenset[str]:
    words = frozenset(_WORD.findall(text))
    return frozenset([word.lower().rstrip("s")[:_STEM] for word in words if len(word) > 2])
