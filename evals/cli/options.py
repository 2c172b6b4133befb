"""Options that several commands share, spelled and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals import suite
from evals.runs import sources
from factory.errors import RequestError
from factory.store import DEFAULT

if TYPE_CHECKING:
    from evals.scores import Weights

DEFAULT_STORE = DEFAULT

StoreOption = Annotated[
    Path,
    typer.Option(
        "--store", metavar="DIR", help="Where runs are kept, under runs/.", envvar="FACTORY_STORE"
    ),
]
SuitesOption = Annotated[
    list[str],
    typer.Option(
        "--suite",
        "-s",
        metavar="NAME|FOLDER|FILE",
        help="An installed suite, a folder of problems, or another benchmark's file. Repeatable.",
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option(
        "--workers", min=0, max=256, help="Candidates that run at a time; 0: one for each core."
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="The sandbox: podman, docker or bubblewrap. Default: what works here.",
    ),
]
UnsafeOption = Annotated[
    bool,
    typer.Option(
        "--unsafe-local", help="Run candidates without a sandbox, with all that you may do."
    ),
]
CredoOption = Annotated[
    Path | None,
    typer.Option("--credo", metavar="FILE", help="Credo as an escript, for the quality score."),
]
SobelowOption = Annotated[
    Path | None,
    typer.Option("--sobelow", metavar="FILE", help="Sobelow as an escript, for the quality score."),
]
DialyzerOption = Annotated[
    bool,
    typer.Option(
        "--dialyzer/--no-dialyzer",
        help="Whether the image's Dialyzer has a part in the quality score.",
    ),
]
WeightsOption = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="NAME=N,…",
        help="The composite's weights; default function=40,idiom=30,quality=20,efficiency=10.",
    ),
]
KOption = Annotated[
    str, typer.Option("--k", metavar="K,…", help="For which k pass@k is told, as 1,5,10.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's name (or how only it begins), or its folder.")
]


def opened(words: list[str]) -> list[tuple[str, suite.Suite]]:
    """Every suite that was named, with a source that finds it again from anywhere."""
    return [(sources.absolute(word), suite.load(word)) for word in dict.fromkeys(words)]


def several_k(text: str) -> tuple[int, ...]:
    """Raises `RequestError` when it is not numbers from 1 on."""
    try:
        found = sorted({int(word) for word in text.split(",")})
    except ValueError:
        found = [0]
    if found[0] < 1 or found[-1] > 1_000_000:
        raise RequestError(f"--k {text}: give numbers from 1 on, with commas between: 1,5,10")
    return tuple(found)


def weights(text: str | None) -> Weights:
    """The composite's weights. Raises `SuiteError` for a name or number that is none."""
    from evals.scores import DEFAULT as DEFAULT_WEIGHTS
    from evals.scores import Weights

    return DEFAULT_WEIGHTS if text is None else Weights.parse(text)


def text_or_file(option: str, value: str) -> str:
    """The value itself, or with `@FILE` what the file holds."""
    if not value.startswith("@"):
        return value
    try:
        return Path(value[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(f"{option} {value}: cannot be read: {error}") from error
