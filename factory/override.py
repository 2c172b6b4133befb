"""`--set KEY=VALUE` and `--without SOURCE`: a dataset of the registry, changed by a command line.

Values are YAML, so `0.1`, `true`, `[a, b]` and `{elixir: 1}` mean what they mean in the file. Two
kindnesses for a command line: where a list is wanted one value will do (and a key given several
times is a list), and where text is wanted `1.14` is text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from factory.errors import RequestError
from factory.keys import disagreements, resolve, sections, settable
from factory.located import Mistake, Node, Path, Place, dotted, read, refuse
from factory.mistakes import check
from factory.plugins import nearest
from factory.spec import Dataset, Settings

_LISTS = {"tuple_type", "list_type", "set_type", "frozen_set_type"}


def override(dataset: Dataset, settings: Sequence[str]) -> Dataset:
    """The dataset with each `KEY=VALUE` of `settings` in place, checked as the file's were.

    Raises `RequestError` with every mistake in them: a line each, with the nearest key.
    """
    values: dict[Path, Node] = {}
    given: dict[Path, list[Node]] = {}
    mistakes: list[Mistake] = []
    for setting in settings:
        try:
            path, node = _parse(dataset, setting)
        except RequestError as error:
            mistakes.append(Mistake(Place(str(error)), "", ""))
            continue
        given.setdefault(path, []).append(node)
    for path, nodes in given.items():
        values[path] = nodes[0] if len(nodes) == 1 else _together(nodes)
    if mistakes:
        raise RequestError("\n".join(mistake.place.origin for mistake in mistakes))

    changed = dataset
    for (section, name), inside in _by_part(values).items():
        changed, wrong = _changed(changed, section, name, inside)
        mistakes += wrong
    if not mistakes:
        mistakes = [
            Mistake(_place(values, path, dataset), dotted(path), text)
            for path, text in disagreements(changed)
        ]
    if mistakes:
        raise refuse(mistakes)
    return changed


def without(dataset: Dataset, sources: Sequence[str]) -> Dataset:
    """The dataset without these sources. Raises `RequestError` for one that it does not have, and
    when none would be left."""
    for name in sources:
        if name not in dataset.sources:
            close = nearest(name, dataset.sources)
            hint = f"did you mean {close}?" if close else f"it has {', '.join(dataset.sources)}"
            raise RequestError(f"--without {name}: {dataset.name} has no such source; {hint}")
    left = {name: use for name, use in dataset.sources.items() if name not in sources}
    if not left:
        raise RequestError(f"--without {sources[-1]}: {dataset.name} would have no source left")
    return dataset.model_copy(update={"sources": left})


def _parse(dataset: Dataset, setting: str) -> tuple[Path, Node]:
    key, equals, text = setting.partition("=")
    key = key.strip()
    if not equals or not key:
        raise RequestError(f"--set {setting}: write KEY=VALUE, as in --set split.validation=0.1")
    path = resolve(dataset, key)
    if path is None:
        raise RequestError(f"--set {setting}: {dataset.name} has no key {key}{_hint(dataset, key)}")
    place = Place(f"--set {setting}")
    try:
        node, wrong = read(text, place.origin)
    except RequestError as error:
        # The value's own line and column would be noise: it is one short line of the command.
        reason = str(error).removeprefix(place.origin).split(": ", 1)[-1]
        raise RequestError(f"{place}: {reason}") from error
    if wrong:
        raise RequestError(f"{place}: {wrong[0].text}")
    return path, _moved(node, place)


def _hint(dataset: Dataset, key: str) -> str:
    keys = [*dataset.shorthands, *settable(dataset)]
    by_end = [known for known in keys if known.endswith(f".{key}")]
    close = by_end[0] if len(by_end) == 1 else nearest(key, keys)
    return f"; did you mean {close}?" if close else ""


def _moved(node: Node, place: Place) -> Node:
    """A copy whose every part says that it stands in this `--set`."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _moved(child, place) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_moved(child, place) for child in value]
    return Node(value, place, dict.fromkeys(node.keys, place), node.raw)


def _together(nodes: Sequence[Node]) -> Node:
    """One list of what several `--set` of one key gave."""
    items = [
        item for node in nodes for item in (node.value if isinstance(node.value, list) else [node])
    ]
    return Node(items, nodes[0].place)


def _by_part(values: dict[Path, Node]) -> dict[tuple[str, str], dict[Path, Node]]:
    """The values by the model they belong to: a plugin's options or the dataset's settings."""
    parts: dict[tuple[str, str], dict[Path, Node]] = {}
    for path, node in values.items():
        if path[0] in ("sources", "transforms"):
            part, inside = (str(path[0]), str(path[1])), path[2:]
        else:
            part, inside = ("", ""), path
        parts.setdefault(part, {})[inside] = node
    return parts


def _changed(
    dataset: Dataset, section: str, name: str, values: dict[Path, Node]
) -> tuple[Dataset, list[Mistake]]:
    model: BaseModel
    if not section:
        names = Settings.model_fields
        model = Settings.model_construct(**{field: getattr(dataset, field) for field in names})
        written = dataset.model_dump(mode="json", include=set(names), by_alias=True)
    else:
        model = sections(dataset)[section][name].options
        written = model.model_dump(mode="json", exclude_unset=True, by_alias=True)
    root = _node(written, next(iter(values.values())).place)
    for path, node in values.items():
        _put(root, path, node)
    new, mistakes = check(
        type(model),
        root,
        (section, name) if section else (),
        correct=lambda error, path: _correct(root, error, path, values),
    )
    if new is None:
        return dataset, mistakes
    if not section:
        return dataset.model_copy(update={field: getattr(new, field) for field in names}), []
    uses = sections(dataset)[section]
    use = uses[name].model_copy(update={"options": new})
    return dataset.model_copy(update={section: {**uses, name: use}}), []


def _node(value: object, place: Place) -> Node:
    if isinstance(value, dict):
        return Node({key: _node(below, place) for key, below in value.items()}, place)
    if isinstance(value, list):
        return Node([_node(below, place) for below in value], place)
    assert value is None or isinstance(value, str | int | float)
    return Node(value, place)


def _put(root: Node, path: Path, value: Node) -> None:
    for step in path[:-1]:
        assert isinstance(root.value, dict)
        below = root.value.get(str(step))
        if below is None or not isinstance(below.value, dict):
            below = root.value[str(step)] = Node({}, value.place)
        root.keys[str(step)] = value.place
        root = below
    assert isinstance(root.value, dict)
    root.value[str(path[-1])] = value
    root.keys[str(path[-1])] = value.place


def _correct(root: Node, error: ErrorDetails, path: Path, values: Iterable[Path]) -> bool:
    """Takes one value for a list of one, and a number for text, where a `--set` wrote them."""
    if not any(path[: len(ours)] == ours for ours in values):
        return False
    node: Node | None = root
    for step in path:
        node = node.child(step) if node else None
    if node is None or node.value is None or isinstance(node.value, dict | list):
        return False
    if error["type"] in _LISTS:
        node.value = [Node(node.value, node.place, raw=node.raw)]
        return True
    if error["type"] == "string_type" and node.raw and not isinstance(node.value, str):
        node.value = node.raw
        return True
    return False


def _place(values: dict[Path, Node], path: Path, dataset: Dataset) -> Place:
    """The `--set` that a disagreement at `path` comes from."""
    places = (node.place for ours, node in values.items() if path[: len(ours)] == ours)
    return next(places, Place(dataset.name))
