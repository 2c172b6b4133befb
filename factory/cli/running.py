"""How a command of ours runs: errors become one message and an exit code, never a traceback.

Exit codes: 0 done, 1 failed, 2 asked wrongly, 130 interrupted.
"""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from factory import __version__
from factory.errors import FactoryError

INTERRUPTED = 130
"""What a shell reports of a program that Ctrl-C ended: 128 and the signal's number."""


def application(name: str, purpose: str) -> typer.Typer:
    """A Typer application as all of ours are set up: plain help, `-h`, `--version`."""
    app = typer.Typer(
        name=name,
        help=purpose,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def _root(
        version: Annotated[
            bool,
            typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
        ] = False,
    ) -> None:
        """Options that stand before the command."""

    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"elixir-factory {__version__}")
        raise typer.Exit


def run(app: typer.Typer, name: str, interrupted: str = "interrupted") -> NoReturn:
    """Run a Typer application as the command `name` and end the process."""
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
        if status == INTERRUPTED:  # Typer's way to say that Ctrl-C was pressed
            raise KeyboardInterrupt
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        message = error.format_message()
        if message.startswith("Usage:"):  # no command was given: the whole help
            _end(message, 2)
        usage = f"{context.get_usage()}\n" if context else ""
        _end(f"{usage}{name}: {message}", 2)
    except FactoryError as error:
        _end(f"{name}: {error}", error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _end(f"{name}: {interrupted}", INTERRUPTED)
    except BrokenPipeError:
        # `factory … | head` closed the pipe: no error.
        _drop_output()
        sys.exit(0)
    except OSError as error:  # above all: what the output goes to is full
        _drop_output()
        _end(f"{name}: {error}", 1)
    sys.exit(status if isinstance(status, int) else 0)


def _drop_output() -> None:
    """Let what is still to be written go nowhere: Python would complain about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def leave(end: SystemExit) -> NoReturn:
    """End the process as `end` says, at once: what had to be put away has been. Python would give
    back the memory of a build object by object first, for a third of a second."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # who read it has gone
            stream.flush()
    os._exit(end.code if isinstance(end.code, int) else 0)


def _end(message: str, status: int) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(status)
