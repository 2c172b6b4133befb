"""The `evals` command: a thin layer over the library, one module for each group of commands.

Results go to standard output, progress and messages to standard error.
"""

from __future__ import annotations

import sys

import typer

from factory.cli.running import application, run

app = application(
    "evals",
    "ElixirEval: how well does a language model write Elixir?\n\n"
    "Start with `evals doctor`, then `evals run --suite otp --model reference`.",
)


def main() -> None:
    """The entry point of `evals`."""
    from evals.cli import checking, looking, reporting, run_command, score_command  # noqa: F401

    try:
        run(app, "evals", "interrupted; what came is kept, the same command goes on there")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "evals":
            raise
        typer.echo(
            f"evals: this needs the package {error.name}: "
            "install it with `pip install 'elixir-factory[evals]'`",
            err=True,
        )
        sys.exit(1)
