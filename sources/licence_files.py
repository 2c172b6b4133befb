"""The licence of each file of a release, and where it was read.

The nearest word wins, from the file outwards:

1. the file's own header: an `SPDX-License-Identifier`, else a notice in its leading comments;
2. for its folder, then each folder above: the licence files there (`LICENSE`, `COPYING`,
   `UNLICENSE`, a REUSE `LICENSES/` folder), else what `mix.exs`, `*.app.src` or
   `hex_metadata.config` there declare;
3. nothing: `LicenseRef-unknown`.

A licence file that is not recognised makes its folder unknown; it is never passed over in favour of
one further up. Beside a `LICENSE`, files named like `LICENSE-MIT-jQuery` are the texts of parts and
count only when the `LICENSE` itself says nothing; where they contradict what it says about them,
the folder is unknown. Several licences without a word about choice are joined by AND.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from license_expression import ExpressionError, ExpressionParseError, get_spdx_licensing

from factory.records import UNKNOWN_LICENCE
from sources.licence_text import (
    either,
    identify,
    joined,
    phrases,
    restricted,
    stated,
    texts_in,
    words,
)

_DOCUMENT = r"(?:\.(?:md|markdown|txt|rst|adoc|html))?"
_MAIN = re.compile(rf"(?i)^(?:(?:un)?licen[cs]e|copying(?:\.lesser)?){_DOCUMENT}$")
_PART = re.compile(r"(?i)^(?:(?:un)?licen[cs]e|copying)[-._][\w.+-]+$")
_CODE = re.compile(
    r"(?i)\.(?:exs?|erl|hrl|beam|js|css|py|rb|c|h|go|java|svg|png|json|ya?ml|eex|heex)$"
)
_REUSE = re.compile(r"(?i)(?:^|/)licenses/[^/]+\.txt$")
_METADATA = re.compile(r"(?:^|/)(?:mix\.exs|[^/]+\.app\.src|hex_metadata\.config)$")
_DECLARED = re.compile(
    r"(?:\blicenses:\s*\[|\{\s*(?:licenses|<<\"licenses\">>)\s*,\s*\[)(?P<list>[^\]]{0,500})\]"
)
_STRING = re.compile(r'"([^"\n]{1,100})"')

HEAD = 6000
"""Characters of a file in which its header may stand."""

TAIL = 300
"""Characters at a file's end in which a closing SPDX line may stand."""

_LINE_COMMENTS = re.compile(r"\A(?:\ufeff)?(?:#![^\n]*\n)?(?:[ \t]*(?:(?:%|#|//)[^\n]*)?\n)*")
_BLOCK_COMMENTS = re.compile(
    r"\A\s*(?:(?:<!--.{0,4000}?-->|<%[#!].{0,4000}?%>|<%!--.{0,4000}?--%>)\s*)*", re.S
)
_SPDX = re.compile(
    r"SPDX-License-Identifier:[ \t]*([^\n]{1,200}?)[ \t]*(?:--%?>|\*/|%>)?[ \t]*$", re.M
)
_TELLING = re.compile(r"(?i)licen[cs]e|permission is hereby|redistribution and use|public domain")


@dataclass(frozen=True, slots=True)
class Finding:
    """An SPDX expression (or `LicenseRef-unknown`) and where it was read."""

    expression: str
    why: str


UNKNOWN = Finding(UNKNOWN_LICENCE, "nothing says what it is under")


def is_licence_file(path: str) -> bool:
    name = path.rpartition("/")[2]
    if _MAIN.match(name) or _REUSE.search(path):
        return True
    return bool(_PART.match(name)) and not _CODE.search(name)


def is_metadata_file(path: str) -> bool:
    return bool(_METADATA.search(path))


_OWN = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")


@lru_cache(maxsize=1024)
def spdx(expression: str) -> str:
    """The expression in SPDX's own spelling (SPDX 2.3, annex D), `LicenseRef-…` of one's own
    included; "" when it is not one."""
    licensing = get_spdx_licensing()
    try:
        parsed = licensing.parse(expression)
        unknown = licensing.unknown_license_keys(parsed)
    except (ExpressionError, ExpressionParseError, AttributeError, TypeError, ValueError):
        return ""
    if parsed is None or not all(_OWN.fullmatch(key) for key in unknown):
        return ""
    return str(parsed)


@lru_cache(maxsize=1024)
def named(name: str) -> str:
    """The SPDX expression that a name in a package's metadata stands for; "" when it may mean
    several ("BSD", "GPL")."""
    return phrases().names.get(words(name), "") or spdx(name.strip())


def header(text: str, language: str) -> str:
    """The comments at a file's head, before anything else, and a last line with an SPDX tag."""
    pattern = _LINE_COMMENTS if language in ("elixir", "erlang") else _BLOCK_COMMENTS
    found = pattern.match(text[:HEAD])
    head = found.group() if found else ""
    if "SPDX-" in text[-TAIL:] and len(head) < len(text):
        last = text[-TAIL:].rstrip().rpartition("\n")[2]
        if last.lstrip().startswith(("#", "%", "//", "<!--", "<%")):
            head += "\n" + last
    return head


@lru_cache(maxsize=4096)
def header_licence(head: str) -> Finding | None:
    """What a header says of its file's licence; None when it says nothing definite."""
    if not _TELLING.search(head):
        return None
    tags = _SPDX.findall(head)
    if tags:
        expressions = [spdx(tag) for tag in tags]
        if not all(expressions):
            return Finding(UNKNOWN_LICENCE, "its SPDX header is no SPDX expression")
        return Finding(joined(expressions, choice=False), "its SPDX header")
    limit = restricted(head)
    if limit:
        return Finding(UNKNOWN_LICENCE, f"its header says {limit!r}")
    found = texts_in(head)
    expression = joined(found, choice=either(head)) if found else stated(head, every=True)
    return Finding(expression, "the notice in its header") if expression else None


class Licences:
    """The licences of one release, from the texts of its licence and metadata files by path.

    `root` is what the user says the release is under: it stands in for the root folder's own
    licence files and metadata, while headers and folders further down still win.
    """

    def __init__(self, texts: Mapping[str, str], root: str = "") -> None:
        self._folders: dict[str, Finding] = {}
        licence_files: dict[str, dict[str, str]] = {}
        declared: dict[str, list[str]] = {}
        for path, text in sorted(texts.items()):
            folder, _, name = path.rpartition("/")
            if is_licence_file(path):
                if _REUSE.search(path):
                    folder = folder.rpartition("/")[0]
                    name = "LICENSE-" + name
                licence_files.setdefault(folder, {})[name] = text
            elif is_metadata_file(path):
                if name.endswith(".app.src") and folder.rpartition("/")[2] == "src":
                    folder = folder.rpartition("/")[0]
                declared.setdefault(folder, []).extend(_declared(text))
        for folder, names in declared.items():
            if names:
                self._folders[folder] = _from_metadata(names)
        for folder, each in licence_files.items():
            finding = _from_files(each, folder)
            metadata = self._folders.get(folder)
            self._folders[folder] = _refined(finding, metadata)
        if root:
            self._folders[""] = Finding(root, "the source's options say so")
        self._nearest: dict[str, Finding] = {}

    def of(self, path: str, text: str, language: str) -> Finding:
        """The licence of the file at `path` with this text."""
        return header_licence(header(text, language)) or self.folder(path.rpartition("/")[0])

    def folder(self, folder: str) -> Finding:
        """The licence of a folder's files that say nothing themselves."""
        found = self._nearest.get(folder)
        if found is None:
            found = self._folders.get(folder)
            if found is None:
                found = self.folder(folder.rpartition("/")[0]) if folder else UNKNOWN
            self._nearest[folder] = found
        return found


def _declared(text: str) -> list[str]:
    return [name for each in _DECLARED.finditer(text) for name in _STRING.findall(each["list"])]


def _from_metadata(names: list[str]) -> Finding:
    expressions = [named(name) for name in names]
    if not all(expressions):
        vague = ", ".join(n for n, e in zip(names, expressions, strict=True) if not e)
        return Finding(UNKNOWN_LICENCE, f"its metadata says {vague}, which may mean several")
    return Finding(joined(expressions, choice=False), "its package metadata")


def _from_files(texts: Mapping[str, str], folder: str) -> Finding:
    mains = {name: text for name, text in texts.items() if _MAIN.match(name)}
    where = folder + "/" if folder else ""
    named_files = ", ".join(where + name for name in (mains or texts))
    found = {name: identify(text)[0] for name, text in (mains or texts).items()}
    lost = [name for name, expression in found.items() if not expression]
    if lost:
        return Finding(UNKNOWN_LICENCE, f"{where}{lost[0]}: {identify(texts[lost[0]])[1]}")
    for name, text in mains.items():
        told = set(re.split(r" (?:AND|OR) ", re.sub(r"[()]", "", found[name])))
        first = re.split(r"\n\s*\n", text.lstrip(), maxsplit=1)[0]
        parts = [part for part in sorted(texts.keys() - mains.keys()) if part in first]
        held = {expression for part in parts for expression in texts_in(texts[part])}
        if held and not told & held:
            return Finding(
                UNKNOWN_LICENCE, f"{where}{name} says {found[name]} but {', '.join(parts)} does not"
            )
    choice = any(either(text[:1500]) for text in texts.values())
    return Finding(joined(found.values(), choice=choice), named_files)


def _refined(finding: Finding, metadata: Finding | None) -> Finding:
    """The GPL's text alone cannot say *or later*; the metadata beside it can."""
    if metadata and metadata.expression == finding.expression.replace("-only", "-or-later"):
        return Finding(metadata.expression, f"{finding.why} and {metadata.why}")
    return finding
