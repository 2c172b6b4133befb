"""Licences: free text into SPDX expressions, and whether a policy lets an expression in.

An expression is what SPDX's annex on licence expressions says: identifiers joined by `AND` (all
terms hold), `OR` (one may choose) and `WITH` (an exception, which only ever permits more). What
cannot be understood is `LicenseRef-unknown`, which no policy lets in by naming licences: only
`unknown: keep` does. This reads names, not licence texts (sources do that).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from license_expression import ExpressionError, LicenseWithExceptionSymbol, get_spdx_licensing

from factory.records import UNKNOWN_LICENCE
from factory.spec import LicencePolicy

LONGEST = 1_000
"""Longer texts are no licence names, and hostile ones would keep the parser busy."""

_FILLERS = re.compile(
    r"\b(?:the|licen[cs]e[ds]?|version|v(?=\d|\b)|software|agreement|under)\b|\bv(?=\d)"
)
_OWN = re.compile(r"(?:DocumentRef-[\w.-]+:)?LicenseRef-[\w.-]+")


@cache
def _licensing() -> Any:
    return get_spdx_licensing()


@cache
def _names() -> dict[str, str]:
    text = files("factory").joinpath("data/licence_names.toml").read_text("utf-8")
    names: dict[str, str] = tomllib.loads(text)["names"]
    return names


@cache
def normalise(text: str) -> str:
    """The SPDX expression that `text` means, simplified and in a fixed order, so that equal terms
    are equal texts. Parts that nobody can tell become `LicenseRef-unknown`; so does nonsense."""
    if not text.strip() or len(text) > LONGEST:
        return UNKNOWN_LICENCE
    parsed = _parse(text)
    if parsed is None:
        parsed = _parse(_from_words(text))
    return UNKNOWN_LICENCE if parsed is None else str(parsed.render())


def _parse(text: str) -> Any | None:
    """The expression, with symbols that SPDX does not list looked up by name; None when `text` is
    no expression."""
    licensing = _licensing()
    try:
        parsed = licensing.parse(text, simple=False)
    except (ExpressionError, RecursionError):
        return None
    if parsed is None:
        return None
    unknown = licensing.unknown_license_symbols(parsed)
    replacements = {symbol: licensing.parse(_known(symbol.key)) for symbol in unknown}
    return parsed.subs(replacements).simplify() if replacements else parsed.simplify()


def _known(name: str) -> str:
    if _OWN.fullmatch(name):
        return name
    return _names().get(_plain(name), UNKNOWN_LICENCE)


def _plain(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", " ", name.lower())
    return " ".join(_FILLERS.sub(" ", words).split())


def _from_words(text: str) -> str:
    """An expression from free text such as `Apache 2.0 or MIT`. A comma or a slash says nothing
    of a choice, so it joins as `and` does: all must then be allowed."""
    whole = _names().get(_plain(text))
    if whole:
        return whole
    choices = [
        [_known_words(part) for part in re.split(r"(?i)\band\b|[,;/&+]", choice)]
        for choice in re.split(r"(?i)\bor\b(?!\s+(?:later|newer))", text)
    ]
    return " OR ".join(f"({' AND '.join(parts)})" for parts in choices)


def _known_words(part: str) -> str:
    name = part.strip()
    licensing = _licensing()
    if re.fullmatch(r"[\w.+-]+", name) and name.lower() in {"and", "or", "with"}:
        return UNKNOWN_LICENCE
    if re.fullmatch(r"[\w.+-]+", name) and not licensing.unknown_license_keys(name):
        return name
    return _names().get(_plain(name), UNKNOWN_LICENCE)


@cache
def decide(expression: str, policy: LicencePolicy) -> str:
    """ "" when the policy lets `expression` in, else why not, for people to read.

    `deny` goes before `allow`; with `OR` one side that may enter is enough, with `AND` all must.
    An exception is allowed where its licence is, or where the two are named together.
    """
    normal = normalise(expression)
    allowed = frozenset(map(normalise, policy.allow)) - {UNKNOWN_LICENCE}
    denied = frozenset(map(normalise, policy.deny)) - {UNKNOWN_LICENCE}
    if policy.unknown == "keep":
        allowed |= {UNKNOWN_LICENCE}
    wrong = _objection(_licensing().parse(normal), allowed, denied)
    if not wrong:
        return ""
    return f"licence {normal}: {wrong}" if not wrong.startswith(normal) else f"licence {wrong}"


def _objection(parsed: Any, allowed: frozenset[str], denied: frozenset[str]) -> str:
    name = str(parsed.render())
    if name in denied:
        return f"{name} is denied by the licence policy"
    if name in allowed:
        return ""
    if isinstance(parsed, LicenseWithExceptionSymbol):
        return _objection(parsed.license_symbol, allowed, denied)
    licensing = _licensing()
    if isinstance(parsed, licensing.AND | licensing.OR):
        objections = [_objection(part, allowed, denied) for part in parsed.args]
        if isinstance(parsed, licensing.OR):
            return "" if "" in objections else "; ".join(objections)
        return "; ".join(filter(None, objections))
    if name == UNKNOWN_LICENCE:
        return f"{name}: no licence was found, and the licence policy drops the unknown"
    return f"{name} is not allowed by the licence policy"
