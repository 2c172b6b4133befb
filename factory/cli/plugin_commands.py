"""`factory plugins`: what is installed, with options."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, get_args

import typer

from factory.cli import app
from factory.cli.looking import dump
from factory.cli.options import JsonOption


@app.command(epilog="Examples:\n\n  factory plugins\n\n  factory plugins fim")
def plugins(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Only this plugin.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List installed plugins and their options.

    Sources, transforms, trainers and suites, ours and others'.
    """
    from factory.errors import FactoryError, RequestError
    from factory.plugins import Group, load, names, nearest

    found: list[dict[str, Any]] = []
    for group in get_args(Group):
        for plugin in names(group):
            if name and plugin != name:
                continue
            try:
                found.append(_described(group, plugin, load(group, plugin)))
            except FactoryError as error:
                found.append({"group": group, "name": plugin, "missing": str(error), "options": []})
    if name and not found:
        known = [plugin for group in get_args(Group) for plugin in names(group)]
        close = nearest(name, known)
        raise RequestError(
            f"no plugin is named {name!r}; "
            + (f"did you mean {close}?" if close else f"known: {', '.join(known)}")
        )
    if as_json:
        dump(found)
        return
    for told in found:
        typer.echo(f"{told['group']}  {told['name']}  {told.get('summary', '')}")
        if "missing" in told:
            typer.echo(f"    {told['missing']}")
        for option in told["options"]:
            typer.echo(f"    {option['name']} = {option['default']!r}  {option['description']}")


def _described(group: str, name: str, plugin: Any) -> dict[str, Any]:
    options = getattr(plugin, "Options", None)
    fields = options.model_fields.items() if options is not None else ()
    summary = (inspect.getdoc(plugin) or "").split("\n\n")[0].replace("\n", " ")
    return {
        "group": group,
        "name": name,
        "version": getattr(plugin, "version", None),
        "summary": summary,
        "options": [
            {
                "name": key,
                "default": None
                if field.is_required()
                else field.get_default(call_default_factory=True),
                "description": " ".join((field.description or "").split()),
            }
            for key, field in fields
        ],
    }
