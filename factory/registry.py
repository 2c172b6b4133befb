"""The registry: the file that describes datasets, found, read, and checked with plugins at hand.

    registry = load(locate())
    dataset = find(registry, "elixir-stdlib-v1")
    dataset.require_plugins()

Every mistake in the file is told at once, a line each: file, line, column, key, and the nearest
word that would have been right (`RequestError`, so a command exits 2). A plugin that is not
installed is no mistake of the file: only the datasets that use it cannot be built. `--set` is in
`factory.override`, the editor's JSON schema in `factory.schema`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel

from factory import plugins
from factory.errors import FactoryError, RequestError
from factory.keys import disagreements
from factory.located import Mistake, Node, Place, decode, dotted, read, refuse
from factory.located import Path as KeyPath
from factory.mistakes import check, keys_of, place_of, show, suggestion
from factory.spec import Dataset, NotInstalled, Registry, Settings, Use

FILE_NAME = "datasets_registry.yaml"
GROUPS: dict[str, plugins.Group] = {
    "sources": "factory.sources",
    "transforms": "factory.transforms",
}
"""The sections of a dataset that name plugins, and where those are registered."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
PLUGIN_NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,99}"
_PLUGIN_NAME = re.compile(PLUGIN_NAME)


def locate(given: Path | None = None, folder: Path | None = None) -> Path:
    """The registry to read: the one given, else `datasets_registry.yaml` in `folder` (by default
    the working directory), else the one that came with the package."""
    if given is not None:
        return given
    here = (folder or Path()) / FILE_NAME
    return here if here.exists() else packaged()


def packaged() -> Path:
    """The registry that came with the package."""
    return Path(str(files("factory"))) / "data" / FILE_NAME


def load(file: Path) -> Registry:
    """Every dataset that `file` describes. Raises `RequestError` with all mistakes in it."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RequestError(
            f"the registry {file} cannot be read: {error.strerror}; "
            f"name another with --registry FILE, or go where a {FILE_NAME} is"
        ) from error
    origin = str(file)
    root, mistakes = read(decode(content, origin), origin)
    datasets: dict[str, Dataset] = {}
    for name, node in _entries(root, mistakes).items():
        dataset, wrong = _dataset(name, node, ("datasets", name))
        mistakes += wrong
        if dataset is not None:
            datasets[name] = dataset
    if mistakes:
        raise refuse(mistakes)
    return Registry(file=file, datasets=datasets)


def find(registry: Registry, name: str) -> Dataset:
    """The dataset of that name. Raises `RequestError` naming the nearest one."""
    if name in registry.datasets:
        return registry.datasets[name]
    hint = suggestion(name, registry.datasets)
    raise RequestError(f"{registry.file} has no dataset {name!r}; {hint}")


def _entries(root: Node, mistakes: list[Mistake]) -> dict[str, Node]:
    """The entries under `datasets`; notes what else stands at the top."""
    if root.value is None:
        mistakes.append(Mistake(root.place, "", "the file is empty; it needs a key `datasets`"))
        return {}
    if not isinstance(root.value, dict):
        mistakes.append(Mistake(root.place, "", f"wants a key `datasets`, not {_shown(root)}"))
        return {}
    for key in root.value:
        if key != "datasets":
            hint = suggestion(key, ["datasets"])
            mistakes.append(Mistake(root.keys[key], key, f"unknown key; {hint}"))
    datasets = root.value.get("datasets")
    if datasets is None:
        if len(root.value) == 0:
            mistakes.append(Mistake(root.place, "datasets", "missing, and it has no default"))
        return {}
    if not isinstance(datasets.value, dict) or not datasets.value:
        text = f"wants datasets by name, not {_shown(datasets)}"
        mistakes.append(Mistake(root.keys["datasets"], "datasets", text))
        return {}
    # An entry is where its name is: that is what a person looks for.
    return {
        name: Node(node.value, datasets.keys[name], node.keys)
        for name, node in datasets.value.items()
    }


def _dataset(name: str, node: Node, path: KeyPath) -> tuple[Dataset | None, list[Mistake]]:
    if not _NAME.fullmatch(name):
        text = "a name is up to 100 of a-z, 0-9, `-`, `_` and `.`, and begins with one of a-z, 0-9"
        return None, [Mistake(node.place, dotted(path), text)]
    if not isinstance(node.value, dict):
        text = f"wants the keys of a dataset, not {_shown(node)}"
        return None, [Mistake(node.place, dotted(path), text)]
    mistakes: list[Mistake] = []
    uses: dict[str, dict[str, Use]] = {}
    for section in GROUPS:
        uses[section], wrong = _uses(node, (*path, section))
        mistakes += wrong
    settings, wrong = check(Settings, _settings_node(node), path)
    mistakes += [_knowing_sections(mistake, path) for mistake in wrong]
    if settings is None or mistakes:
        return None, mistakes
    dataset = Dataset.model_validate({"name": name, **_fields(settings), **uses})
    wrong = [
        Mistake(place_of(node, at), dotted((*path, *at)), text)
        for at, text in disagreements(dataset)
    ]
    return (None if wrong else dataset), wrong


def _settings_node(node: Node) -> Node:
    """The entry without its plugins, and without sections in which nothing is written."""
    assert isinstance(node.value, dict)
    kept = {
        key: child
        for key, child in node.value.items()
        if key not in GROUPS and not (child.value is None and key in SECTIONS)
    }
    return Node(kept, node.place, node.keys)


SECTIONS = tuple(
    name for name, field in Settings.model_fields.items() if isinstance(field.default, BaseModel)
)
"""The settings that are mappings of further settings."""


def _knowing_sections(mistake: Mistake, path: KeyPath) -> Mistake:
    """An unknown key beside `sources` may also have been meant as `sources`."""
    key = mistake.path.removeprefix(dotted(path) + ".")
    if not mistake.text.startswith("unknown key") or "." in key:
        return mistake
    hint = suggestion(key, [*keys_of(Settings), *GROUPS])
    return Mistake(mistake.place, mistake.path, f"unknown key; {hint}")


def _fields(model: BaseModel) -> dict[str, object]:
    return {name: getattr(model, name) for name in type(model).model_fields}


def _uses(node: Node, path: KeyPath) -> tuple[dict[str, Use], list[Mistake]]:
    """The plugins that a section names: `{name: options}`, or a list of names without options."""
    assert isinstance(node.value, dict)
    section = str(path[-1])
    place = node.keys.get(section, node.place)
    written = node.value.get(section)
    if written is None:
        return {}, [Mistake(place, dotted(path), "missing, and it has no default")]
    if not isinstance(written.value, dict | list) or not written.value:
        text = f"wants {section} by name, with their options, not {_shown(written)}"
        return {}, [Mistake(place, dotted(path), text)]
    mistakes: list[Mistake] = []
    uses: dict[str, Use] = {}
    for at, (name, options, where) in enumerate(_named(written)):
        here = (*path, at if isinstance(written.value, list) else str(name))
        if not isinstance(name, str) or not _PLUGIN_NAME.fullmatch(name):
            text = "wants a name of letters, digits, `-` and `_`"
            mistakes.append(Mistake(where, dotted(here), f"{text}, not {show(name)}"))
        elif name in uses:
            mistakes.append(Mistake(where, dotted(here), f"{name} is given twice"))
        else:
            uses[name], wrong = _use(name, options, where, here)
            mistakes += wrong
    return uses, mistakes


def _named(written: Node) -> Iterable[tuple[object, Node, Place]]:
    if isinstance(written.value, dict):
        for name, options in written.value.items():
            yield name, options, written.keys[name]
    elif isinstance(written.value, list):
        for item in written.value:
            yield item.plain(), Node(None, item.place), item.place


def _use(name: str, options: Node, place: Place, path: KeyPath) -> tuple[Use, list[Mistake]]:
    """One plugin with its options. A source may be named freely when `use` says which plugin."""
    dataset, group = path[1], GROUPS[str(path[2])]
    installed = plugins.names(group)
    nothing = Use(plugin=name, options=NotInstalled())
    if options.value is not None and not isinstance(options.value, dict):
        text = f"wants options as keys with values, not {_shown(options)}"
        return nothing, [Mistake(place, dotted(path), text)]
    given = dict(options.value or {})
    plugin = name
    if group == "factory.sources" and "use" in given:
        wanted = given.pop("use")
        if not isinstance(wanted.value, str) or not _PLUGIN_NAME.fullmatch(wanted.value):
            text = f"wants the name of a source plugin, not {_shown(wanted)}"
            return nothing, [Mistake(options.keys["use"], dotted((*path, "use")), text)]
        plugin = wanted.value
        if name in installed and plugin != name:
            text = f"{name} is a plugin itself; give a source that uses {plugin} another name"
            return nothing, [Mistake(options.keys["use"], dotted((*path, "use")), text)]
    kept = Node(given, place, options.keys)
    try:
        model = options_model(group, plugin)
    except FactoryError as error:
        problem = f"{dataset} cannot be built: {error} ({place})"
        if plugin not in installed:
            kind = group.split(".")[1].removesuffix("s")
            close = plugins.nearest(plugin, installed)
            problem = (
                f"{dataset} needs the {kind} plugin {plugin} (line {place.line} of "
                f"{place.origin}), which is not installed"
            ) + (f"; did you mean {close}?" if close else "")
        unread = NotInstalled.model_validate(kept.plain())
        return Use(plugin=plugin, options=unread, problem=problem), []
    checked, mistakes = check(model, kept, path)
    return Use(plugin=plugin, options=checked or NotInstalled()), mistakes


def options_model(group: plugins.Group, name: str) -> type[BaseModel]:
    """The options of an installed plugin. Raises `FactoryError` (or `RequestError` for a name that
    is not installed) when it cannot be had, whatever the plugin's own code does."""
    try:
        model = plugins.load(group, name).Options
    except FactoryError:
        raise
    except Exception as error:
        raise FactoryError(
            f"the plugin {name} could not be loaded: {type(error).__name__}: {error}"
        ) from error
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise FactoryError(f"the plugin {name} has no pydantic model `Options`")
    return model


def _shown(node: Node) -> str:
    return "nothing" if node.value is None else show(node.plain())
