"""What a package says of itself: `metadata.config`, in every shape that Hex's clients wrote.

The file is Erlang terms, `{<<"key">>, Value}.` each (`package_metadata.md` of
hexpm/specifications). Requirements come in two shapes: a list of proplists, of which `name` is one
(older clients), or pairs of a name and its key-value list. Some versions of rebar3's plugin wrote
maps (`#{}`) in place of such lists. What is of the wrong type is left out,
as Hex's own clients do; a file that is no such terms is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sources.hex.terms import FALSE, TRUE, Atom, Map, Term, TermsError, consult, text

BUILD_FILES = {
    "mix.exs": "mix",
    "rebar.config": "rebar3",
    "rebar": "rebar3",
    "Makefile": "make",
    "Makefile.win": "make",
}
"""What hex_core takes for build tools where the metadata names none."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A package that this one needs."""

    name: str
    requirement: str
    optional: bool = False
    app: str = ""
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Texts are as the author wrote them; "" and empty where nothing was said (packages of 2014
    do not even say their name)."""

    name: str = ""
    version: str = ""
    app: str = ""
    elixir: str = ""
    description: str = ""
    licences: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    build_tools: tuple[str, ...] = ()
    requirements: tuple[Dependency, ...] = ()


def parse(data: bytes) -> Metadata:
    """Raises `TermsError`, also when the terms are no keys with values."""
    fields: dict[str, Term] = {}
    for term in consult(data):
        pair = _pair(term)
        if pair is None:
            raise TermsError("it holds a term that is no key with a value")
        fields[pair[0]] = pair[1]
    tools = _texts(fields.get("build_tools"))
    if not tools:
        tops = {file for file in _texts(fields.get("files")) if "/" not in file}
        tools = tuple(sorted({tool for file, tool in BUILD_FILES.items() if file in tops}))
    return Metadata(
        _text(fields.get("name")),
        _text(fields.get("version")),
        app=_text(fields.get("app")),
        elixir=_text(fields.get("elixir")),
        description=_text(fields.get("description")),
        licences=_texts(fields.get("licenses")),
        links={key: _text(value) for key, value in _pairs(fields.get("links")) if _text(value)},
        build_tools=tuple(dict.fromkeys(tools)),
        requirements=_requirements(fields.get("requirements")),
    )


def _requirements(term: Term | None) -> tuple[Dependency, ...]:
    """By name. A package that is required twice is taken as it stands last, as a map would."""
    found: dict[str, Dependency] = {}
    for item in _items(term):
        pair = _pair(item)
        rest = dict(_pairs(pair[1] if pair is not None else item))
        name = pair[0] if pair is not None else _text(rest.get("name"))
        if not name:
            continue
        requirement = rest if rest or pair is None else {"requirement": pair[1]}
        found[name] = Dependency(
            name,
            _text(requirement.get("requirement")),
            optional=requirement.get("optional") == TRUE,
            app=_text(requirement.get("app")),
            repository=_text(requirement.get("repository")),
        )
    return tuple(found[name] for name in sorted(found))


def _pairs(term: Term | None) -> list[tuple[str, Term]]:
    """The key-value pairs of a list, what is none of them left out."""
    return [pair for pair in map(_pair, _items(term)) if pair is not None]


def _items(term: Term | None) -> Sequence[Term]:
    if isinstance(term, Map):
        return term.pairs
    return term if isinstance(term, list) else []


def _pair(term: Term) -> tuple[str, Term] | None:
    if not isinstance(term, tuple) or len(term) != 2:
        return None
    key = _text(term[0])
    return (key, term[1]) if key else None


def _texts(term: Term | None) -> tuple[str, ...]:
    if not isinstance(term, list):
        return ()
    return tuple(each for each in map(_text, term) if each)


def _text(term: Term | None) -> str:
    """A binary, a string or an atom as text; "" for anything else, `nil` and `undefined`."""
    if isinstance(term, Atom):
        nothing = term in (TRUE, FALSE) or term.name in ("nil", "null", "undefined")
        return "" if nothing else term.name
    return "" if term is None else (text(term) or "")
