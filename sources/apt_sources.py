"""Which of the machine's apt sources are Debian's own archive (sources.list(5), both formats).

Not covered: mirrors of other distributions, and Debian's security, updates and backports suites.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from factory.errors import SourceError

ETC = Path("/etc/apt")
BASE_SUITES = ("oldoldstable", "oldstable", "stable", "testing", "unstable", "sid")


@dataclass(frozen=True, slots=True)
class Archive:
    """One of the machine's apt sources that is Debian's own."""

    uris: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()


def machine_archives(etc: Path = ETC) -> list[Archive]:
    """Debian's own archive among the machine's apt sources, in both of their formats.

    An entry counts when it has the component main for a base suite (no `-security`, `-updates`);
    those signed by Debian's archive keyring come first, else those whose address ends in /debian:
    others publish suites of the same names. Raises `SourceError` when there is none.
    """
    found: list[tuple[Archive, bool]] = []
    for file in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        if file.suffix not in (".list", ".sources"):
            continue
        try:
            text = file.read_text("utf-8", "replace")
        except OSError:
            continue
        stanzas = deb822(text) if file.suffix == ".sources" else _one_line(text)
        for fields in stanzas:
            archive = _archive(fields)
            if archive:
                found.append(
                    (archive, "debian-archive" in dict(archive.options).get("Signed-By", ""))
                )
    signed = [archive for archive, by_debian in found if by_debian]
    named = [a for a, _ in found if any(uri.rstrip("/").endswith("/debian") for uri in a.uris)]
    chosen = signed or named
    if not chosen:
        raise SourceError(
            f"no Debian archive is among this machine's apt sources ({etc}): add one "
            "(Types: deb, Suites: the release's name, Components: main)"
        )
    return list(dict.fromkeys(chosen))


def deb822(text: str) -> Iterator[dict[str, str]]:
    """The stanzas of a deb822 text as fields by titled name (deb822(5)); continued lines keep
    their line ends."""
    for stanza in re.split(r"\n[ \t]*\n", text):
        fields: dict[str, str] = {}
        last = ""
        for line in stanza.split("\n"):
            if line.startswith("#"):
                continue
            if line[:1] in (" ", "\t") and last:
                fields[last] += "\n" + line
            elif ":" in line:
                last, _, value = line.partition(":")
                last = last.strip().title()
                fields[last] = value.strip()
        if fields:
            yield fields


_LINE = re.compile(r"^\s*(deb(?:-src)?)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#\n]*)", re.M)
_OPTIONS = {
    "signed-by": "Signed-By",
    "trusted": "Trusted",
    "check-valid-until": "Check-Valid-Until",
}


def _one_line(text: str) -> Iterator[dict[str, str]]:
    for kind, options, uri, suite, components in _LINE.findall(text):
        fields = {"Types": kind, "Uris": uri, "Suites": suite, "Components": components}
        for option in options.split():
            key, _, value = option.partition("=")
            if key.lower() in _OPTIONS:
                fields[_OPTIONS[key.lower()]] = value
        yield fields


def _archive(fields: dict[str, str]) -> Archive | None:
    if fields.get("Enabled", "yes").lower() in ("no", "false", "0", "off"):
        return None
    kinds = fields.get("Types", "").split()
    suites = fields.get("Suites", "").split()
    is_base = any(s in BASE_SUITES or s in _codenames() for s in suites)
    if not {"deb", "deb-src"} & set(kinds) or "main" not in fields.get("Components", "").split():
        return None
    if not is_base:
        return None
    options = tuple((k, fields[k]) for k in _OPTIONS.values() if k in fields)
    return Archive(tuple(fields.get("Uris", "").split()), options)


@functools.cache
def _codenames() -> frozenset[str]:
    known = {"buster", "bullseye", "bookworm", "trixie", "forky", "duke"}
    try:
        release = Path("/etc/os-release").read_text("utf-8")
    except OSError:
        release = ""
    match = re.search(r'^VERSION_CODENAME="?([a-z]+)"?$', release, re.M)
    return frozenset(known | ({match[1]} if match else set()))
