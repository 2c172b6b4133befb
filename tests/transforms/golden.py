"""What every transform makes of the same files, kept under its version.

A golden file holds, for one transform at one version: every row made from `tests/fixtures/golden`
in full, and of real packages (whose source is not ours to keep) counts, subjects and digests. When
output changes and the version did not, the test fails: raise `version` in the transform's class,
then regenerate with

    python -m tests.transforms.golden implement spec

which refuses for the same reason. Real source is what the tests fetched before (`corpus` in
`tests/conftest.py`), or a folder given by `--corpus`. Files whose own text is new compare with
nothing, so adding a fixture needs no new version; nor do real files of another release.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from factory.parsed import Parsed
from factory.plugins import Transform, load, names
from factory.records import Document, Example, LeftOut
from tests.conftest import cache_folder

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
FIXTURES = HERE.parent / "fixtures" / "golden"

LANGUAGES = {
    ".ex": "elixir",
    ".exs": "elixir",
    ".erl": "erlang",
    ".md": "markdown",
    ".patch": "patch",
}

REAL = {
    "elixir-makeup": ("lib/makeup/lexer.ex", "lib/makeup/registry.ex"),
    "elixir-nimble-parsec": ("lib/nimble_parsec/compiler.ex", "test/integration_test.exs"),
    "elixir-earmark-parser": ("lib/earmark_parser/helpers", "test/earmark_helpers_tests"),
    "erlang-poolboy": ("src",),
    "elixir-lang": (
        "lib/elixir/pages/anti-patterns",
        "lib/elixir/pages/getting-started",
        "lib/elixir/pages/references/patterns-and-guards.md",
    ),
}
"""Real packages, and what is read of each: files, or all files of a folder."""

SEED = 7


@dataclass(frozen=True)
class Made:
    """What a transform made of one release: its input's digest, rows, and what it left out."""

    inputs: str
    rows: tuple[Example, ...]
    left_out: tuple[LeftOut, ...]


def documents(release: str, root: Path, paths: Iterable[str] = ("",)) -> list[Document]:
    """The release's documents under `root`, in the order of their paths."""
    found: set[Path] = set()
    for path in paths:
        place = root / path
        found.update([place] if place.is_file() else place.rglob("*"))
    return [
        Document(
            source="golden",
            release=release,
            version="1",
            checksum=f"sha256:{release}",
            family=release,
            path=file.relative_to(root).as_posix(),
            language=LANGUAGES[file.suffix],
            licence="MIT",
            text=file.read_text(encoding="utf-8"),
        )
        for file in sorted(found)
        if file.suffix in LANGUAGES
    ]


def make(transform: Transform, given: Iterable[Document]) -> Made:
    """Runs a transform over one release as the build does: every document, then the release."""
    wanted = [document for document in given if document.language in transform.languages]
    parsed = [Parsed(document) for document in wanted]
    made: list[Example | LeftOut] = []
    for one in parsed:
        made.extend(transform.document(one))
        one.forget_tree()
    made.extend(transform.release(parsed))
    inputs = hashlib.sha256("".join(d.path + d.digest for d in wanted).encode()).hexdigest()
    return Made(
        inputs,
        tuple(item for item in made if isinstance(item, Example)),
        tuple(item for item in made if isinstance(item, LeftOut)),
    )


def build(name: str) -> Transform:
    """The transform of this name with its default options and the golden seed."""
    kind = load("factory.transforms", name)
    transform: Transform = kind(kind.Options(), SEED)
    return transform


def _row(row: Example) -> dict[str, Any]:
    where = row.provenance
    payload = (
        {"text": row.text}
        if row.format == "text"
        else {"request": row.request, "answer": row.answer}
    )
    return {
        "task": row.task,
        "subject": where.subject,
        "path": where.path,
        "lines": [where.start_line, where.end_line],
        "related": list(where.related),
        "documentation": round(row.quality.documentation, 3),
        **payload,
    }


def _reason(item: LeftOut) -> dict[str, Any]:
    return {"path": item.path, "line": item.line, "subject": item.subject, "reason": item.reason}


def in_full(made: Made) -> dict[str, Any]:
    """All that was made, readable: for source written here."""
    return {
        "inputs": made.inputs,
        "rows": [_row(row) for row in made.rows],
        "left_out": [_reason(item) for item in made.left_out],
    }


def in_brief(made: Made) -> dict[str, Any]:
    """Digests, counts and subjects: for source that others wrote."""
    digest = hashlib.sha256(
        json.dumps(in_full(made), sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()
    reasons = Counter(item.reason for item in made.left_out)
    return {
        "inputs": made.inputs,
        "digest": digest,
        "rows": len(made.rows),
        "subjects": [f"{row.task} {row.provenance.subject}" for row in made.rows][:100],
        "left_out": dict(sorted(reasons.items())),
    }


def package(corpus: Path, name: str) -> Path | None:
    """The folder of a package in `corpus`, with or without its version in the folder's name."""
    found = sorted(p for p in corpus.glob(f"{name}*") if p.name == name or "_" in p.name)
    return found[0] if found else None


def produce(name: str, corpus: Path | None) -> dict[str, Any]:
    """The golden content of one transform as it is now; without a corpus, fixtures alone."""
    releases = {"fixtures": in_full(make(build(name), documents("fixtures", FIXTURES)))}
    for release, paths in REAL.items() if corpus else ():
        assert corpus is not None
        root = package(corpus, release)
        if root is not None:
            releases[release] = in_brief(make(build(name), documents(release, root, paths)))
    return {"transform": name, "version": build(name).version, "releases": releases}


def stored(name: str) -> dict[str, Any] | None:
    """The golden content of one transform as it was kept, or None before the first time."""
    path = GOLDEN / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def changed(kept: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The releases whose input is the same in both and whose output is not."""
    return [
        release
        for release, made in now["releases"].items()
        if release in kept["releases"]
        and kept["releases"][release]["inputs"] == made["inputs"]
        and kept["releases"][release] != made
    ]


def regenerate(name: str, corpus: Path | None) -> str:
    """Writes the golden file of one transform and says what it did.

    Raises SystemExit when output changed under the same version.
    """
    kept, now = stored(name), produce(name, corpus)
    if kept and kept["version"] == now["version"]:
        different = changed(kept, now)
        if different:
            raise SystemExit(
                f"{name}: output changed for {', '.join(different)}, and its version is still "
                f"{now['version']}: raise `version` in its class first"
            )
        now["releases"] = {**kept["releases"], **now["releases"]}
    GOLDEN.mkdir(exist_ok=True)
    text = json.dumps(now, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    (GOLDEN / f"{name}.json").write_text(text, encoding="utf-8")
    rows = sum(
        made["rows"] if isinstance(made["rows"], int) else len(made["rows"])
        for made in now["releases"].values()
    )
    return f"{name}: version {now['version']}, {rows} rows"


def lines(arguments: list[str] | None = None) -> Iterator[str]:
    """The command: one line per transform that was regenerated."""
    parser = argparse.ArgumentParser(prog="python -m tests.transforms.golden", description=__doc__)
    parser.add_argument("names", nargs="*", help="transforms; all that are installed by default")
    parser.add_argument(
        "--corpus",
        type=Path,
        default=cache_folder() / "corpus",
        help="a folder with one unpacked package each (default: what the tests fetched)",
    )
    given = parser.parse_args(arguments)
    if not given.corpus.is_dir():
        raise SystemExit(f"no folder {given.corpus}: run the tests once, they fetch it")
    for name in given.names or names("factory.transforms"):
        yield regenerate(name, given.corpus)


if __name__ == "__main__":
    for line in lines():
        print(line)
