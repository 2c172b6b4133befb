"""A dataset's keys as one writes them after `--set`: `split.validation`, `sources.debian.suite`.

Which ones there are, what a dotted key means, and whether the parts of a dataset that name each
other agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from factory import plugins
from factory.located import Path
from factory.mistakes import model_in, suggestion
from factory.spec import Dataset, NotInstalled, Settings, Use

NOT_SET = ("shorthands",)
"""Keys of an entry that `--set` does not reach."""


def settable(dataset: Dataset) -> list[str]:
    """Every dotted key that `--set` takes for this dataset, sections included, as far as plugins
    are installed and keys are not free (as the languages of `mixture.languages` are)."""
    keys = [key for key in _keys(Settings) if key.split(".")[0] not in NOT_SET]
    for section, uses in sections(dataset).items():
        for name, use in uses.items():
            if not isinstance(use.options, NotInstalled):
                keys += [f"{section}.{name}.{key}" for key in _keys(type(use.options))]
    return keys


def resolve(dataset: Dataset, key: str) -> Path | None:
    """The path that a dotted key (or a shorthand) stands for, or None when there is no such key."""
    section, *rest = dataset.shorthands.get(key, key).split(".")
    if section in NOT_SET:
        return None
    uses = sections(dataset).get(section)
    if uses is None:
        return _resolve(Settings, [section, *rest])
    if len(rest) < 2 or rest[0] not in uses:
        return None
    below = _resolve(type(uses[rest[0]].options), rest[1:])
    return below and (section, rest[0], *below)


def sections(dataset: Dataset) -> dict[str, dict[str, Use]]:
    """The plugins in use, by the section that names them."""
    return {"sources": dataset.sources, "transforms": dataset.transforms}


def disagreements(dataset: Dataset) -> Iterator[tuple[Path, str]]:
    """Where one part of a dataset names what another part does not have: the path, and why."""
    if not any(use.problem for use in dataset.transforms.values()):
        loaded = [
            plugins.load("factory.transforms", use.plugin) for use in dataset.transforms.values()
        ]
        tasks = sorted(task for transform in loaded for task in getattr(transform, "tasks", ()))
        named: dict[Path, str] = {
            ("mixture", "tasks", task): task for task in dataset.mixture.tasks
        }
        for at, task in enumerate(dataset.filters.exclude_tasks):
            named["filters", "exclude_tasks", at] = task
        for path, task in named.items():
            if task not in tasks:
                yield path, f"no transform here makes {task}; {suggestion(task, tasks)}"
    for short, target in dataset.shorthands.items():
        if resolve(dataset, target) is None:
            close = plugins.nearest(target, settable(dataset))
            hint = f"; did you mean {close}?" if close else ""
            yield ("shorthands", short), f"stands for {target}, which is no key here{hint}"


def _keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name
        inner = model_in(field.annotation)
        if inner is not None and get_origin(field.annotation) not in (tuple, list, dict):
            yield from (f"{field.alias or name}.{key}" for key in _keys(inner))


def _resolve(annotation: Any, parts: Sequence[str]) -> Path | None:
    """Follows `parts` through models and dicts. In a dict of plain values, what is left is one
    key, dots and all."""
    if not parts:
        return ()
    if isinstance(annotation, type) and issubclass(annotation, NotInstalled):
        return tuple(parts)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if parts[0] == (field.alias or name):
                below = _resolve(field.annotation, parts[1:])
                return None if below is None else (parts[0], *below)
        return None
    if get_origin(annotation) is dict:
        values = get_args(annotation)[1]
        deeper = model_in(values) is not None or get_origin(values) is dict
        if not deeper:
            return (".".join(parts),)
        below = _resolve(values, parts[1:])
        return None if below is None else (parts[0], *below)
    for inner in get_args(annotation):
        if (below := _resolve(inner, parts)) is not None:
            return below
    return None
