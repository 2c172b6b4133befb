"""The plan of a build: what is there to do, and the keys under which it is kept.

A partition's key is a digest of the record schema's version, the release's checksum, how its
documents are *read*, and the transform's name, version, options and seed. Reading (the source's
name, version and options that choose files; redaction; the language and path filters) is part of
the key because it decides which documents a transform sees; code is not, because a logging change
should rebuild nothing: whoever changes what a plugin means raises its `version`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pathspec import PathSpec

from factory import __version__, digest, plugins
from factory.errors import FactoryError, SourceError
from factory.passes import PASSES_VERSION, decontaminate
from factory.plugins import Source, SourceContext, Transform
from factory.progress import Progress
from factory.records import SCHEMA_VERSION, Failed, Release
from factory.signals import SignalOptions
from factory.spec import Dataset, Filters, spec_digest
from factory.store import Store
from factory.work import Job, Task


@dataclass(frozen=True)
class Plan:
    """Every job of a build, in the order of releases that the dataset will have. `failed` holds
    sources' releases that could not even be listed: (what, why). `digest` names spec, releases
    and versions of everything that decides the dataset's content."""

    dataset: Dataset
    jobs: tuple[Job, ...]
    failed: tuple[tuple[str, str], ...]
    spec_digest: str
    digest: str
    tools: dict[str, Any]
    concepts: tuple[str, ...] = ()
    """What the dataset's transforms teach, in the order in which people usually learn it."""


class PathFilter:
    """Whether a path inside a release is among the dataset's; a class so that it pickles."""

    def __init__(self, filters: Filters) -> None:
        self._include = filters.paths
        self._exclude = filters.exclude_paths
        self._specs: tuple[PathSpec[Any], PathSpec[Any]] | None = None

    def __call__(self, path: str) -> bool:
        if self._specs is None:
            self._specs = (
                PathSpec.from_lines("gitignore", self._include),
                PathSpec.from_lines("gitignore", self._exclude),
            )
        include, exclude = self._specs
        return (not self._include or include.match_file(path)) and not exclude.match_file(path)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_specs": None}


def transforms_of(dataset: Dataset) -> list[Transform]:
    """The dataset's transforms, made ready, by name. Raises as `plugins.load` does."""
    return [
        plugins.load("factory.transforms", use.plugin)(use.options, dataset.seed)
        for _, use in sorted(dataset.transforms.items())
    ]


def modules(dataset: Dataset) -> list[str]:
    """The modules of the dataset's plugins, for worker processes to import ahead of their jobs."""
    wanted = [
        *(plugins.module("factory.sources", use.plugin) for use in dataset.sources.values()),
        *(plugins.module("factory.transforms", use.plugin) for use in dataset.transforms.values()),
    ]
    return sorted({found for found in wanted if found})


def make(dataset: Dataset, store: Store, offline: bool, progress: Progress) -> Plan:
    """List the releases of every source and work out all keys.

    A release that cannot be listed is noted in `failed`. Raises `RequestError` for missing plugins
    or options that cannot work, `FactoryError` when a whole source cannot be listed (a dataset
    without it is another dataset, which `--without` asks for) or when no release is found at all.
    """
    dataset.require_plugins()
    transforms = transforms_of(dataset)
    index = decontaminate.Index.build(
        decontaminate.problems(dataset.decontaminate), dataset.decontaminate.ngrams
    )
    signal_options = SignalOptions(dataset.dedup, index)
    found: list[tuple[Release, Source]] = []
    failed: list[tuple[str, str]] = []
    silent: list[tuple[str, str]] = []
    for name, use in sorted(dataset.sources.items()):
        context = SourceContext(store.downloads(use.plugin), offline, progress)
        source: Source = plugins.load("factory.sources", use.plugin)(use.options, context)
        try:
            for listed in source.releases():
                if isinstance(listed, Failed):
                    failed.append((f"{name}:{listed.name}", listed.reason))
                else:
                    found.append((listed, source))
        except SourceError as error:
            silent.append((name, str(error)))
        finally:
            progress.finish()
    if silent:
        raise FactoryError(_silent(dataset, silent))
    failed.sort()
    found = sorted(found, key=lambda pair: (pair[0].source, pair[0].name, pair[0].version))
    unique = {(r.source, r.name, r.version, r.checksum): (r, s) for r, s in found}
    if not unique:
        reasons = "".join(f"\n  {name}: {why}" for name, why in failed)
        raise FactoryError(f"{dataset.name}: no source gave a release to build from{reasons}")
    jobs = tuple(
        _job(dataset, release, source, transforms, signal_options, store)
        for release, source in unique.values()
    )
    tools = versions(dataset, transforms)
    concepts = tuple(dict.fromkeys(name for t in transforms for name in t.concepts()))
    identity = spec_digest(dataset)
    return Plan(
        dataset,
        jobs,
        tuple(failed),
        identity,
        digest.of(
            identity,
            [job.signals for job in jobs],
            [asdict(job.release.signals) for job in jobs],
            [name for name, _ in failed],  # why is told in words that differ from day to day
            tools["passes"],
            SCHEMA_VERSION,
            concepts,
        ),
        tools,
        concepts,
    )


def _silent(dataset: Dataset, silent: Sequence[tuple[str, str]]) -> str:
    """What to say of sources that could not be listed."""
    lines = [f"{name}: {why}" for name, why in silent]
    again = "run the same command again; what was fetched is kept"
    if len(dataset.sources) > len(silent):
        again += f", or build without: {' '.join(f'--without {name}' for name, _ in silent)}"
    return "\n".join([*lines, again])


def _job(
    dataset: Dataset,
    release: Release,
    source: Source,
    transforms: Sequence[Transform],
    signal_options: SignalOptions,
    store: Store,
) -> Job:
    f = dataset.filters
    reading = [
        SCHEMA_VERSION,
        release.checksum,
        [release.source, release.name, release.version, release.family, release.released],
        release.book,
        [source.name, source.version, source.reading()],
        [PASSES_VERSION["redact"], dataset.redact.model_dump(mode="json")],
        [sorted(f.languages), f.paths, f.exclude_paths],
    ]
    documents = digest.of("documents", reading)[:32]
    tasks = tuple(
        Task(
            transform,
            digest.of(
                "partition",
                reading,
                transform.name,
                transform.version,
                transform.options.model_dump(mode="json"),
                transform.seed,
            )[:32],
        )
        for transform in transforms
    )
    passes = [PASSES_VERSION[name] for name in ("duplicates", "decontaminate", "difficulty")]
    signals = digest.of(
        "signals",
        [task.key for task in tasks],
        dataset.dedup.model_dump(mode="json"),
        signal_options.index.digest,
        passes,
    )[:32]
    return Job(
        release=release,
        source=source,
        store=store.root,
        documents=documents,
        signals=signals,
        tasks=tasks,
        redaction=dataset.redact,
        signal_options=signal_options,
        languages=frozenset(f.languages),
        selects=PathFilter(f) if f.paths or f.exclude_paths else None,
    )


def versions(dataset: Dataset, transforms: Sequence[Transform]) -> dict[str, Any]:
    """What made the dataset: our versions, and those of the libraries that shape its bytes."""
    from importlib.metadata import version

    return {
        "elixir-factory": __version__,
        "schema": SCHEMA_VERSION,
        "passes": dict(sorted(PASSES_VERSION.items())),
        "sources": {
            use.plugin: plugins.load("factory.sources", use.plugin).version
            for _, use in sorted(dataset.sources.items())
        },
        "transforms": {t.name: t.version for t in transforms},
        "libraries": {
            name: version(name)
            for name in (
                "duckdb",
                "license-expression",
                "pyarrow",
                "rensa",
                "tree-sitter",
                "tree-sitter-elixir",
                "tree-sitter-language-pack",
            )
        },
    }
