"""Hex packages made of real projects: Debian's source packages, packed as `mix hex.build` and
`rebar3 hex build` pack them.

What a package says of itself is read from its `mix.exs` (as text: an attribute, a string, a list)
or its `.app.src`; its files are those that the project names or the tool takes by default, so
`test/` is left out and kept apart as `Project.tests`. The same folder gives the same bytes.

    python -m tests.sources.hex_server.repack --to FOLDER elixir-jason erlang-jose

fetches source packages with the `debian` source and writes `NAME-VERSION.tar` of each.

Not covered: evaluating `mix.exs`; a value that is computed there is given as a keyword.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path

from factory.plugins import SourceContext
from sources.archive import read_archive
from sources.debian import Debian
from tests.sources.hex_server.tarball import Metadata, Requirement, Tarball, Tool, build

MIX_FILES = (
    "lib", "priv", ".formatter.exs", "mix.exs", "README*", "readme*", "LICENSE*", "license*",
    "CHANGELOG*", "changelog*", "src", "c_src", "Makefile*",
)  # fmt: skip
REBAR_FILES = (
    "src", "c_src", "include", "priv", "rebar.config*", "rebar.lock", "README*", "LICENSE*",
    "UNLICENSE*", "COPYING*", "NOTICE*", "CHANGELOG*", "erlang.mk", "Makefile",
)  # fmt: skip
"""What the two tools take when a project names no files."""

_STRING = r'"((?:[^"\\]|\\.)*)"'
_TESTS = re.compile(r"^test/")
PACKAGE = r"defp? package(?:\(\))? do\n(.*?)\n  end\n"
"""The function of a `mix.exs` that says what the package is."""


@dataclass(frozen=True)
class Project:
    """What becomes a package, and the tests that stay behind."""

    metadata: Metadata
    tool: Tool
    files: dict[str, bytes] = field(default_factory=dict)
    tests: dict[str, bytes] = field(default_factory=dict)
    all: dict[str, bytes] = field(default_factory=dict)
    """Every file of the folder, as its repository has them."""

    def tarball(self) -> Tarball:
        return build(self.metadata, self.files, self.tool)

    def at(self, version: str, changes: Mapping[str, bytes] | None = None) -> Project:
        """The project at another version, which its project file says too; `changes` are files
        (path → content) that are new or other there."""
        old, new = self.metadata.version.encode(), version.encode()
        moved = {}
        for path, data in self.all.items():
            told = path == "mix.exs" or path.endswith(".app.src")
            moved[path] = data.replace(b'"%b"' % old, b'"%b"' % new) if told else data
        moved |= changes or {}
        return Project(
            replace(self.metadata, version=version),
            self.tool,
            {path: moved[path] for path in sorted({*self.files, *(changes or {})})},
            {path: data for path, data in moved.items() if _TESTS.match(path)},
            moved,
        )


def project(folder: Path, **stated: object) -> Project:
    """The package in a folder. `stated` stands in for what is not written plainly: fields of
    `Metadata`."""
    everything = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
    if "mix.exs" in everything:
        metadata, named = _from_mix(everything["mix.exs"].decode())
        tool: Tool = "mix"
    else:
        metadata, named = _from_app(everything)
        tool = "rebar3"
    patterns = named or (MIX_FILES if tool == "mix" else REBAR_FILES)
    files = {path: data for path, data in everything.items() if _is_named(path, patterns)}
    tests = {path: data for path, data in everything.items() if _TESTS.match(path)}
    metadata = replace(metadata, **stated)  # type: ignore[arg-type]
    return Project(metadata, tool, files, tests, everything)


def _is_named(path: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(path, each) or path.startswith(f"{each}/") for each in patterns)


def _from_mix(text: str) -> tuple[Metadata, tuple[str, ...]]:
    text = re.sub(r"(?m)^\s*#.*$", "", text)
    attributes: dict[str, str] = dict(re.findall(rf"@(\w+)\s+{_STRING}", text))

    def plain(value: str) -> str:
        value = value.strip()
        if value.startswith("@"):
            return attributes.get(value[1:], "")
        for name, inside in attributes.items():
            value = value.replace(f"#{{@{name}}}", inside)
        return value.strip('"')

    def said(key: str) -> str:
        found = re.search(rf"\b{key}:\s*(@\w+|{_STRING})", text)
        return plain(found[1]) if found else ""

    app = _first(r"\bapp:\s*:(\w+)", text)
    links = _first(r"\blinks:\s*%\{((?:#\{[^}]*\}|[^}])*)\}", text)
    listed = _first(r"\bfiles:\s*\[([^\]]*)\]", text)
    words = _first(r"\bfiles:\s*~w[\(\[]([^)\]]*)[\)\]]", text)
    metadata = Metadata(
        name=_first(r"\bname:\s*[:\"]([a-z0-9_]+)\b", _first(PACKAGE, text)) or app,
        version=said("version"),
        description=said("description") or _first(r'description do\s*"""\s*(.*?)\s*"""', text),
        licenses=tuple(re.findall(_STRING, _first(r"\blicenses:\s*\[([^\]]*)\]", text))),
        links={
            name: plain(value)
            for name, value in re.findall(rf"{_STRING}\s*=>\s*(@\w+|\"[^\"]*\")", links)
        },
        app=app,
        elixir=said("elixir"),
        requirements=tuple(
            Requirement(name, wanted, optional="optional: true" in options)
            for name, wanted, options in re.findall(rf"\{{:(\w+),\s*{_STRING}([^}}]*)\}}", text)
            if "only:" not in options
        ),
    )
    named = [plain(value) for value in re.findall(r'"[^"]*"', listed)] or words.split()
    return metadata, tuple(named)


def _from_app(files: dict[str, bytes]) -> tuple[Metadata, tuple[str, ...]]:
    path = next(path for path in sorted(files) if path.endswith(".app.src"))
    text = re.sub(r"(?m)^\s*%.*$", "", files[path].decode())
    links = _first(r"\{links,\s*\[(.*?)\]\s*\}", text)
    tools = ("rebar3",) if "rebar.config" in files else ("make",)
    config = re.sub(r"(?m)%.*$", "", files.get("rebar.config", b"").decode())
    deps = _first(r"(?m)^\{deps,\s*\[(.*?)\]\s*\}\.", config)
    app = _first(r"\{application,\s*(\w+)", text)
    metadata = Metadata(
        name=app,
        version=_first(rf"\{{vsn,\s*{_STRING}\}}", text),
        description=_first(rf"\{{description,\s*{_STRING}\}}", text),
        licenses=tuple(re.findall(_STRING, _first(r"\{licenses,\s*\[([^\]]*)\]", text))),
        links=dict(re.findall(rf"\{{{_STRING},\s*{_STRING}\}}", links)),
        app=app,
        requirements=tuple(
            Requirement(name, f"~> {wanted}" if wanted[0].isdigit() else wanted)
            for name, wanted in re.findall(rf"\{{(\w+),\s*{_STRING}\}}", deps)
        ),
        build_tools=tools,
    )
    return metadata, ()


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.S)
    return found[1] if found else ""


def fetched(names: list[str], suite: str, cache: Path) -> list[Project]:
    """Debian's source packages as projects, fetched by the `debian` source."""
    cache.mkdir(parents=True, exist_ok=True)
    options = Debian.Options.model_validate({"packages": names, "suite": suite})
    source = Debian(options, SourceContext(cache))
    found = []
    for release in source.releases():
        with tempfile.TemporaryDirectory() as folder:
            for archive in source.archives(release.label):
                with read_archive(archive, lambda _path, _size: True) as contents:
                    for entry in contents.entries:
                        if entry.kind == "file":
                            path = Path(folder, entry.path)
                            path.parent.mkdir(parents=True, exist_ok=True)
                            path.write_bytes(contents.read(entry.path))
            found.append(project(Path(folder)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Debian source packages as Hex tarballs")
    parser.add_argument("names", nargs="+", help="source packages, say elixir-jason")
    parser.add_argument("--to", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--suite", default="trixie")
    parser.add_argument("--cache", type=Path, help="where downloads stay (default: TO/.debian)")
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    for each in fetched(given.names, given.suite, given.cache or given.to / ".debian"):
        name = f"{each.metadata.name}-{each.metadata.version}.tar"
        (given.to / name).write_bytes(each.tarball().data)
        print(f"{name}: {len(each.files)} files, {len(each.tests)} test files left out")


if __name__ == "__main__":
    main()
