"""The build: plan, work on releases, decide over the whole, write the version.

Every step leaves something whole behind, so a build that was stopped (Ctrl-C, `kill -9`, a full
disk) goes on where it was when the same command runs again, and ends with the same bytes.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import duckdb

from factory import catalog, selection, shards, version
from factory import plan as planning
from factory.errors import FactoryError, SourceError
from factory.executors import Executor
from factory.executors.local import Local
from factory.progress import Progress, Quiet
from factory.selection import ReleaseSignals
from factory.spec import Dataset
from factory.store import SCRATCH, Store, explained
from factory.work import Job, Outcome, listed, run, run_listed

J = TypeVar("J")
R = TypeVar("R")

MEMORY_LIMIT = "768MB"
"""What DuckDB may hold before it spills to the store's disk."""

ROWS_IN_MEMORY = 200_000
"""Up to so many rows (at some 700 bytes) the passes work in memory, which takes them two thirds of
the time; above, DuckDB's pages go to the store's disk."""

SHOWN = 20
"""Releases that failed which are named on the screen; the manifest has them all."""


@dataclass
class Report:
    """How a build went. `seconds` are processor seconds by stage, over all workers; `wall` is what
    the user waited."""

    folder: Path
    fresh: bool
    """Whether anything was written: False when the version was already there."""
    seconds: dict[str, float] = field(default_factory=dict)
    wall: float = 0.0
    source_bytes: int = 0
    """Bytes of source parsed in this run."""
    failed: dict[str, str] = field(default_factory=dict)


def build(
    dataset: Dataset,
    store: Store,
    *,
    workers: int = 1,
    offline: bool = False,
    strict: bool = False,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Report:
    """Build a dataset version into the store and return where it is.

    Raises `RequestError` when the dataset cannot be built as asked (missing plugin, bad option),
    `FactoryError` when it failed: nothing could be read, the disk is full, or (with `strict`) any
    one release could not be read.
    """
    started = time.perf_counter()
    progress = progress or Quiet()
    running = executor or Local(workers, planning.modules(dataset))
    try:
        with store.locked(progress.say):
            report = _build(dataset, store, running, offline, strict, progress)
    finally:
        running.close()
    report.wall = time.perf_counter() - started
    return report


def _build(
    dataset: Dataset,
    store: Store,
    executor: Executor,
    offline: bool,
    strict: bool,
    progress: Progress,
) -> Report:
    seconds: dict[str, float] = {}
    lap = _laps(seconds)
    executor.start()
    with explained(store.root):
        plan = planning.make(dataset, store, offline, progress)
    lap("plan")
    _refuse_failures(dict(plan.failed), strict)
    ready = version.existing(store, dataset.name, plan.digest)
    if ready is not None:
        return Report(ready, fresh=False, seconds=seconds)

    with explained(store.root):
        _fetch(plan.jobs, store, progress)
    lap("fetch")
    outcomes = _work(plan.jobs, store, executor, strict, progress, seconds)
    lap("")
    failed = {job.release.label: o.error for job, o in outcomes if o.error} | dict(plan.failed)
    for line in _listed(failed):
        progress.say(f"left out {line}")
    _refuse_failures(failed, strict)
    kept = [job for job, outcome in outcomes if not outcome.error]
    if not kept:
        raise FactoryError(f"{dataset.name}: no release could be read, so nothing was built")

    progress.start("global passes", 0, "")
    count = sum(outcome.rows for _, outcome in outcomes)
    with _database(store, executor.workers, count) as connection:
        signals = [
            ReleaseSignals(
                job.release,
                store.root / "signals" / f"{job.signals}-rows.parquet",
                store.root / "signals" / f"{job.signals}-units.parquet",
            )
            for job in kept
        ]
        selection.select(connection, dataset, signals, plan.concepts, lap)
        progress.finish()
        with version.draft(store, dataset.name) as folder:
            partitions = {
                (number, task.transform.name): store.root
                / "partitions"
                / task.transform.name
                / f"{task.key}.parquet"
                for number, job in enumerate(kept)
                for task in job.tasks
            }
            signals_of = [job.release.signals for job in kept]
            todo = shards.plan(connection, partitions, signals_of, folder)
            progress.start("write", len(todo), "files")
            writing = _largest_first(executor, shards.write, todo, [shard.cost for shard in todo])
            beside = version.beside(store, connection, kept, folder)
            lap("write drops, clusters")
            written: dict[int, shards.Written] = {}
            for index, done in writing:
                written[index] = done
                progress.advance(1, done.bytes)
            progress.finish()
            lap("write shards")
            data = [written[i] for i in sorted(written)]
            final = version.finish(store, connection, plan, kept, failed, folder, data, beside)
            lap("write manifest, card")
    catalog.rebuild(store)
    lap("catalog")
    return Report(
        final,
        fresh=True,
        seconds=seconds,
        source_bytes=sum(o.fresh_bytes for _, o in outcomes),
        failed=failed,
    )


def _fetch(jobs: tuple[Job, ...], store: Store, progress: Progress) -> None:
    """Let each source fetch what no cache has, politely and from one process."""
    missing: dict[int, list[Job]] = {}
    for job in jobs:
        if store.cached("documents", job.documents) is None:
            missing.setdefault(id(job.source), []).append(job)
    for theirs in missing.values():
        source = theirs[0].source
        try:
            source.fetch([job.release for job in theirs])
        except SourceError as error:
            # Its releases will say so one by one; what was fetched before it broke can be read.
            progress.say(f"{source.name}: {error}")
        finally:
            progress.finish()


def _work(
    jobs: tuple[Job, ...],
    store: Store,
    executor: Executor,
    strict: bool,
    progress: Progress,
    seconds: dict[str, float],
) -> list[tuple[Job, Outcome]]:
    progress.start("releases", len(jobs), "releases")
    outcomes: dict[int, Outcome] = {}
    with _outcomes(jobs, store, executor) as done:
        for index, outcome in done:
            outcomes[index] = outcome
            for stage, spent in outcome.seconds.items():
                seconds[stage] = seconds.get(stage, 0.0) + spent
            progress.advance(1, outcome.fresh_bytes)
            if outcome.error and strict:
                _refuse_failures({outcome.label: outcome.error}, strict)
    progress.finish()
    return [(job, outcomes[i]) for i, job in enumerate(jobs)]


def _largest_first(
    executor: Executor, function: Callable[[J], R], jobs: Sequence[J], sizes: Sequence[int]
) -> Iterator[tuple[int, R]]:
    """`executor.map`, the largest job first, so that no worker is left alone with it at the end."""
    order = sorted(range(len(jobs)), key=lambda i: (-sizes[i], i))
    done = executor.map(function, [jobs[i] for i in order])
    return ((order[index], result) for index, result in done)


@contextmanager
def _outcomes(
    jobs: tuple[Job, ...], store: Store, executor: Executor
) -> Iterator[Iterator[tuple[int, Outcome]]]:
    """Start the jobs, each with its index; for other processes they are put into a file."""
    sizes = [job.release.size for job in jobs]
    if executor.workers == 1:
        yield _largest_first(executor, run, jobs, sizes)
        return
    with _scratch(store) as folder:
        with explained(store.root):
            travelling = listed(jobs, folder / "jobs")
        yield _largest_first(executor, run_listed, travelling, sizes)


def _refuse_failures(failed: dict[str, str], strict: bool) -> None:
    if strict and failed:
        listed = "".join(f"\n  {line}" for line in _listed(failed))
        raise FactoryError(f"stopped, because --strict allows no release to fail:{listed}")


def _listed(failed: dict[str, str]) -> list[str]:
    """What failed and why, the first ones of it: a network that went away fails thousands."""
    lines = [f"{label}: {why}" for label, why in sorted(failed.items())]
    rest = len(lines) - SHOWN
    return [*lines[:SHOWN], f"and {rest:,} others"] if rest > 0 else lines


@contextmanager
def _scratch(store: Store) -> Iterator[Path]:
    """A folder inside the store that is gone afterwards."""
    with explained(store.root):
        scratch = tempfile.TemporaryDirectory(prefix=SCRATCH, dir=store.root)
    with scratch as folder:
        yield Path(folder)


@contextmanager
def _database(store: Store, threads: int, rows: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch database for so many rows: in memory if they surely fit, otherwise inside the
    store, where it spills beside itself. It leaves nothing behind."""
    with _scratch(store) as scratch:
        small = rows <= ROWS_IN_MEMORY
        connection = duckdb.connect(":memory:" if small else scratch / "passes.duckdb")
        try:
            connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
            connection.execute(f"SET threads = {int(threads)}")
            connection.execute("SET temp_directory = ?", [str(scratch / "spill")])
            yield connection
        except duckdb.OutOfMemoryException as error:
            raise FactoryError(f"the global passes ran out of memory or disk: {error}") from error
        except duckdb.IOException as error:
            raise FactoryError(f"the global passes could not read or write: {error}") from error
        finally:
            connection.close()


def _laps(seconds: dict[str, float]) -> Callable[[str], None]:
    """A stopwatch: each call adds the processor time since the last to a stage ("" for none)."""
    last = time.process_time()

    def lap(stage: str) -> None:
        nonlocal last
        now = time.process_time()
        if stage:
            seconds[stage] = seconds.get(stage, 0.0) + now - last
        last = now

    return lap
