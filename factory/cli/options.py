"""Options that several commands share, spelled and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from factory.store import DEFAULT

StoreOption = Annotated[
    Path,
    typer.Option(
        "--store", metavar="DIR", help="Where everything is kept.", envvar="FACTORY_STORE"
    ),
]
DEFAULT_STORE = DEFAULT

RegistryOption = Annotated[
    Path | None,
    typer.Option(
        "--registry",
        metavar="FILE",
        help="The registry to read. Default: datasets_registry.yaml here, else the packaged one.",
    ),
]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

DatasetArgument = Annotated[
    str,
    typer.Argument(metavar="NAME[@VERSION]", help="A built dataset; a version's prefix will do."),
]
