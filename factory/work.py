"""One release, worked on whole: the job that worker processes run.

Whatever is missing for the release is made in one pass: its documents are read (or taken from the
cache), redacted and parsed once; every transform that lacks a partition sees each document; the
partitions are written in a stream; then the signals that the global passes need are computed.
A job is a pure function of its `Job`, the store's content and upstream: where and when it runs
changes nothing.
"""

from __future__ import annotations

import gc
import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from factory import parquet
from factory.errors import FactoryError, SourceError
from factory.parsed import Parsed
from factory.partition import FLUSH_BYTES, Partition, PartitionWriter
from factory.passes import redact
from factory.plugins import Source, Transform
from factory.records import DOCUMENT_SCHEMA, Document, Example, LeftOut, Quality, Release
from factory.signals import SignalOptions, write_signals
from factory.spec import Redaction
from factory.store import Cached, Store
from factory.syntax import Span
from factory.syntax.metrics import Metrics, measure

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """A transform to run and the key of the partition it fills."""

    transform: Transform
    key: str


@dataclass(frozen=True)
class Job:
    """Everything a worker needs to know of one release. `keys` are file names in the store:
    `documents` for the documents, `signals` for the signals, a `Task`'s for a partition."""

    release: Release
    source: Source
    store: Path
    documents: str
    signals: str
    tasks: tuple[Task, ...]
    redaction: Redaction
    signal_options: SignalOptions
    languages: frozenset[str]
    selects: Callable[[str], bool] | None = None


@dataclass(frozen=True)
class Listed:
    """A job as it travels to another process: the `index`th of a list in a file. What jobs share
    (a source with all that it found, the index of evaluation problems) has megabytes; so it is
    read once by a process, and not sent with every job."""

    file: Path
    index: int


@dataclass
class Outcome:
    """What a job did. `seconds` (of processor time, by stage) are for people and benchmarks,
    never for a manifest."""

    label: str
    documents: int = 0
    source_bytes: int = 0
    rows: int = 0
    fresh_bytes: int = 0
    """Bytes of source that had to be parsed (0 when everything was cached)."""
    seconds: dict[str, float] = field(default_factory=dict)
    error: str = ""


class _Clock:
    """Adds up processor seconds by stage: what a stage costs, however busy the machine is."""

    def __init__(self, into: dict[str, float]) -> None:
        self._into = into
        self._last = time.process_time()

    def lap(self, stage: str) -> None:
        now = time.process_time()
        self._into[stage] = self._into.get(stage, 0.0) + now - self._last
        self._last = now


def run(job: Job) -> Outcome:
    """Make what is missing of one release. A release that cannot be read gives an outcome with
    `error` set; `FactoryError`s about the store itself (a full disk) are raised."""
    outcome = Outcome(job.release.label)
    store = Store(job.store)
    clock = _Clock(outcome.seconds)
    with _nothing_collected():
        try:
            _work(job, store, outcome, clock)
        except SourceError as error:
            outcome.error = str(error)
    return outcome


def listed(jobs: Sequence[Job], file: Path) -> list[Listed]:
    """Write jobs to a file that has to stay until they are done."""
    file.write_bytes(pickle.dumps(tuple(jobs)))
    return [Listed(file, index) for index in range(len(jobs))]


def run_listed(job: Listed) -> Outcome:
    """`run`, in another process."""
    return run(_jobs(job.file)[job.index])


@lru_cache(maxsize=1)
def _jobs(file: Path) -> tuple[Job, ...]:
    jobs: tuple[Job, ...] = pickle.loads(file.read_bytes())  # noqa: S301 - this build wrote it
    return jobs


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """No search for cycles of objects while a release is worked on: outlines and rows have none,
    and going through all of them again and again takes a tenth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _work(job: Job, store: Store, outcome: Outcome, clock: _Clock) -> None:
    documents = _intact(store, "documents", job.documents)
    if documents is None:
        documents = _read(job, store)
        clock.lap("read")
    missing = [
        task
        for task in job.tasks
        if _intact(store, f"partitions/{task.transform.name}", task.key) is None
    ]
    made: dict[str, Partition] = {}
    if missing:
        made = _transform(job, store, documents, missing, outcome, clock)
    signals = (_intact(store, "signals", f"{job.signals}-{part}") for part in ("rows", "units"))
    if missing or any(found is None for found in signals):
        partitions = [made.get(t.transform.name) or _partition(store, t) for t in job.tasks]
        clock.lap("read partitions")
        write_signals(store, job.signals, documents.path, partitions, job.signal_options, clock.lap)
    outcome.documents = documents.rows
    outcome.rows = _present(store, "signals", f"{job.signals}-rows").rows


def _intact(store: Store, folder: str, key: str) -> Cached | None:
    """The cached file if its digest is right; a damaged one is dropped, so that it is rebuilt."""
    found = store.cached(folder, key)
    if found is not None and not found.intact():
        store.forget(found)
        return None
    return found


def _present(store: Store, folder: str, key: str) -> Cached:
    found = store.cached(folder, key)
    if found is None:
        raise FactoryError(
            f"{folder}/{key} vanished from the store {store.root} while it was in use; "
            "run the same command again"
        )
    return found


def _partition(store: Store, task: Task) -> Partition:
    return Partition.read(task.transform.name, _partition_file(store, task))


def _partition_file(store: Store, task: Task) -> Path:
    return _present(store, f"partitions/{task.transform.name}", task.key).path


def _read(job: Job, store: Store) -> Cached:
    """Read a release from its source into the documents' cache, redacting on the way."""
    with (
        store.caching("documents", job.documents) as writing,
        parquet.cached(writing.path, CACHED_DOCUMENT_SCHEMA) as writer,
    ):
        for batch in _document_batches(job):
            writer.write_batch(batch)
            writing.rows += batch.num_rows
    return _present(store, "documents", job.documents)


CACHED_DOCUMENT_SCHEMA = pa.schema(
    [*DOCUMENT_SCHEMA, ("redactions", pa.int32()), ("left_out", pa.string())]
).with_metadata(None)
"""Documents and, with `left_out` set and an empty text, the files that did not become one."""


def _document_batches(job: Job) -> Iterator[pa.RecordBatch]:
    rows: list[dict[str, Any]] = []
    gathered = 0
    for found in job.source.documents(job.release):
        row = _document_row(found, job)
        rows.append(row)
        gathered += row["size"] + 200
        if gathered > FLUSH_BYTES:
            yield pa.RecordBatch.from_pylist(rows, CACHED_DOCUMENT_SCHEMA)
            rows, gathered = [], 0
    if rows:
        yield pa.RecordBatch.from_pylist(rows, CACHED_DOCUMENT_SCHEMA)


def _document_row(found: Document | LeftOut, job: Job) -> dict[str, Any]:
    if isinstance(found, Document):
        reason = _unwanted(found, job)
        if not reason:
            marks = [byte for byte, _ in found.pages]
            text, findings, marks = redact.redact_marked(found.text, job.redaction, marks)
            pages = tuple(zip(marks, (page for _, page in found.pages), strict=True))
            document = replace(found, text=text, pages=pages) if findings else found
            return {
                "path": document.path,
                "language": document.language,
                "licence": document.licence,
                "generated": document.generated,
                "digest": document.digest,
                "size": document.size,
                "origin": document.origin,
                "licence_note": document.licence_note,
                "chapter": document.chapter,
                "pages": [{"byte": byte, "page": page} for byte, page in document.pages],
                "text": document.text,
                "redactions": len(findings),
                "left_out": None,
            }
        found = LeftOut(found.path, reason, "filters")
    return {
        "path": found.path,
        "language": "",
        "licence": "",
        "generated": "",
        "digest": "",
        "size": 0,
        "origin": "",
        "licence_note": "",
        "chapter": "",
        "pages": [],
        "text": "",
        "redactions": 0,
        "left_out": f"{found.stage}: {found.reason}",
    }


def _unwanted(document: Document, job: Job) -> str:
    if document.language not in job.languages:
        return f"the language {document.language} is not among the dataset's"
    if job.selects is not None and not job.selects(document.path):
        return "the path is not among the dataset's"
    return ""


def documents_of(release: Release, path: Path) -> Iterator[tuple[Document, int]]:
    """The cached documents of a release and how many redactions each had, in a stream."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=64, use_threads=False):
            for row in batch.to_pylist():
                if row["left_out"] is None:
                    document = release.document(
                        path=row["path"],
                        language=row["language"],
                        licence=row["licence"],
                        text=row["text"],
                        generated=row["generated"],
                        origin=row["origin"],
                        licence_note=row["licence_note"],
                        chapter=row["chapter"],
                        pages=tuple((at["byte"], at["page"]) for at in row["pages"]),
                    )
                    yield document, row["redactions"]


def _transform(
    job: Job,
    store: Store,
    documents: Cached,
    missing: list[Task],
    outcome: Outcome,
    clock: _Clock,
) -> dict[str, Partition]:
    """Run the transforms that lack a partition over all documents, each parsed once, and return
    what each of them gave."""
    seen: list[Parsed] = []
    measures: dict[str, _Measures] = {}
    wanted = frozenset().union(*(task.transform.languages for task in missing))
    with ExitStack() as stack:
        writers: list[PartitionWriter] = []
        counts = []
        for task in missing:
            name = task.transform.name
            writing = stack.enter_context(store.caching(f"partitions/{name}", task.key))
            writer = stack.enter_context(
                PartitionWriter(writing.path, job.release, name, task.transform.version)
            )
            writers.append(writer)
            counts.append(writing)
        for document, redactions in documents_of(job.release, documents.path):
            if document.language not in wanted or document.generated:
                continue
            clock.lap("read")
            parsed = Parsed(document)
            outcome.fresh_bytes += len(parsed.source)
            clock.lap("parse and outline")
            made: list[tuple[PartitionWriter, Example | LeftOut]] = []
            for task, writer in zip(missing, writers, strict=True):
                if document.language in task.transform.languages:
                    rows = _sound(task, task.transform.document, parsed, job, document.path)
                    made += ((writer, row) for row in rows)
                    clock.lap(f"transform {task.transform.name}")
            parsed.forget_tree()
            seen.append(parsed)
            measures[document.path] = _Measures(parsed, redactions)
            qualities = [measures[document.path].quality(row) for _, row in made]
            clock.lap("metrics")
            for (writer, row), quality in zip(made, qualities, strict=True):
                writer.add(row, quality)
            clock.lap("write partitions")
        for task, writer in zip(missing, writers, strict=True):
            theirs = [p for p in seen if p.document.language in task.transform.languages]
            for row in _sound(task, task.transform.release, theirs, job):
                path = row.path if isinstance(row, LeftOut) else row.provenance.path
                writer.add(row, measures[path].quality(row))
            clock.lap(f"transform {task.transform.name}")
        for writer, writing in zip(writers, counts, strict=True):
            writing.rows = writer.rows
    clock.lap("write partitions")
    return {
        task.transform.name: writer.partition(_partition_file(store, task))
        for task, writer in zip(missing, writers, strict=True)
    }


def _sound(
    task: Task,
    make: Callable[[T], Iterator[Example | LeftOut]],
    given: T,
    job: Job,
    path: str = "",
) -> Iterator[Example | LeftOut]:
    """A plugin's rows; what it raises is its author's mistake and is said as one sentence."""
    try:
        yield from make(given)
    except Exception as error:
        place = f"{job.release.label} {path}".strip()
        raise FactoryError(
            f"the transform {task.transform.name} (version {task.transform.version}) failed on "
            f"{place}: {type(error).__name__}: {error}; that is a mistake of the plugin, not of "
            "the file: tell its author, or build without it"
        ) from error


class _Measures:
    """Structure metrics of one document's rows: a span that many rows are about is measured
    once."""

    def __init__(self, parsed: Parsed, redactions: int) -> None:
        self._parsed = parsed
        self._redactions = redactions
        self._by_span: dict[Span, Metrics] = {}

    def quality(self, row: Example | LeftOut) -> Quality | None:
        if isinstance(row, LeftOut):
            return None
        span = Span(row.provenance.start_byte, row.provenance.end_byte)
        outline = self._parsed.outline
        lines = row.provenance.end_line - row.provenance.start_line + 1
        if self._parsed.document.language == "patch":
            # It has no tree of its own: who took the code out of it has measured that.
            return replace(row.quality, lines=lines, redactions=self._redactions)
        found = self._by_span.get(span)
        if found is None:
            found = self._by_span[span] = measure(outline.structure, self._parsed.source, span)
        return Quality(
            documentation=row.quality.documentation,
            lines=lines,
            nesting=found.nesting,
            constructs=found.constructs,
            processes=found.processes,
            macros=found.macros,
            syntax_errors=outline.broken(span),
            redactions=self._redactions,
        )
