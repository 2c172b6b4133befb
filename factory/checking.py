"""Asking a dataset's source what it would do: the library side of `factory sources check`."""

from __future__ import annotations

from factory import plugins
from factory.errors import RequestError, SourceError
from factory.plugins import Check, Finding, Source, SourceContext, nearest
from factory.progress import Progress, Quiet
from factory.spec import Dataset, Registry
from factory.store import Store, explained


def dataset_with(registry: Registry, source: str) -> Dataset:
    """The registry's first dataset that uses a source of this name. Raises `RequestError`."""
    for dataset in registry.datasets.values():
        if source in dataset.sources:
            return dataset
    known = sorted({name for d in registry.datasets.values() for name in d.sources})
    close = nearest(source, known)
    hint = f"did you mean {close}?" if close else f"there are {', '.join(known)}"
    raise RequestError(f"no dataset of {registry.file.name} has a source named {source!r}; {hint}")


def check(dataset: Dataset, name: str, store: Store, progress: Progress | None = None) -> Check:
    """What the dataset's source `name` says of itself. A source that cannot be reached at all is a
    finding, not an error. Raises `RequestError` for a source that the dataset does not have, a
    plugin that is missing, or options that cannot work."""
    use = dataset.sources.get(name)
    if use is None:
        raise RequestError(
            f"{dataset.name} has no source named {name!r}; it has {', '.join(dataset.sources)}"
        )
    if use.problem:
        raise RequestError(use.problem)
    store.prepare()
    context = SourceContext(store.downloads(use.plugin), progress=progress or Quiet())
    source: Source = plugins.load("factory.sources", use.plugin)(use.options, context)
    try:
        with explained(store.root):
            return source.check()
    except SourceError as error:
        return Check((Finding("reachable", False, str(error)),))
    finally:
        context.progress.finish()
