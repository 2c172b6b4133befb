"""The Elixir code that runs inside the sandbox, compiled once and kept.

`lib/` holds its source. It is compiled by the Elixir of the image, inside the sandbox, and the
BEAM files are kept in the user's cache under a digest of source and image, so that a worker starts
from them alone and another image never runs them.
"""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filelock import FileLock

from evals.cache import folder as cache_folder
from evals.errors import SandboxError
from evals.sandbox import Engine, Limits, Program, everything
from factory import digest

LIB = Path(__file__).with_name("lib")
INSIDE = "/opt/elixireval/runtime"
"""Where the compiled runtime is shown inside a sandbox."""
_SOURCE_INSIDE = "/opt/elixireval/source"
_MARK = "elixireval:"
_COMPILE = """
out = "/tmp/out"
File.mkdir_p!(out)
files = Path.wildcard("@SOURCE@/**/*.ex") |> Enum.sort()
options = [return_diagnostics: true]
case Kernel.ParallelCompiler.compile_to_path(files, out, options) do
  {:ok, _, _} -> :ok
  {:error, errors, _} -> IO.inspect(errors, limit: :infinity); System.halt(1)
end
for app <- [:elixir, :ex_unit, :eex, :logger, :mix] do
  case :code.lib_dir(app) do
    dir when is_list(dir) -> IO.puts("@MARK@path " <> to_string(dir) <> "/ebin")
    _ -> :ok
  end
end
for file <- Enum.sort(File.ls!(out)) do
  IO.puts("@MARK@file " <> file <> " " <> Base.encode64(File.read!(Path.join(out, file))))
end
IO.puts("@MARK@done")
""".replace("@SOURCE@", _SOURCE_INSIDE).replace("@MARK@", _MARK)

FLAGS = (
    "-noinput",
    "-boot",
    "no_dot_erlang",
    "+S",
    "1:1",
    "+SDcpu",
    "1:1",
    "+SDio",
    "1",
    "+A",
    "1",
    "+sbwt",
    "none",
    "+sbwtdcpu",
    "none",
    "+sbwtdio",
    "none",
    "+P",
    "32768",
    "+Q",
    "1024",
    "+c",
    "false",
    "-kernel",
    "prevent_overlapping_partitions",
    "false",
)
"""Flags of both VMs: one scheduler each (there is a worker a core), no busy waiting, no shell.
Listing processes walks the whole table of them: with the default of a million, that and every
purge of a module takes a millisecond, at this size 13 us."""


@dataclass(frozen=True)
class Runtime:
    """The compiled runtime: its folder on this side, code paths inside, and what identifies it."""

    folder: Path
    paths: tuple[str, ...]
    digest: str

    def program(
        self, main: str, limits: Limits, flags: Sequence[str] = (), arguments: Sequence[str] = ()
    ) -> Program:
        """A VM that runs `main()` of one of the runtime's modules (`Host`, `CandidateVm`)."""
        paths = [part for path in (INSIDE, *self.paths) for part in ("-pa", path)]
        return Program(
            argv=(
                "erl",
                *FLAGS,
                *flags,
                *paths,
                "-s",
                f"Elixir.ElixirEval.{main}",
                "main",
                "-extra",
                *arguments,
            ),
            limits=limits,
            binds={INSIDE: self.folder},
            env={"ERL_CRASH_DUMP_BYTES": "0", "ERL_CRASH_DUMP_SECONDS": "0"},
        )


def compiled(engine: Engine) -> Runtime:
    """The runtime for the engine's image, compiled when it is not in the cache yet.

    Raises `SandboxError` when the compiler fails, with what it said.
    """
    sources = source_digest()
    key = digest.of("runtime", sources, engine.image_digest(), _COMPILE)[:32]
    folder = cache_folder() / f"runtime-{key}"
    if not (folder / "paths.json").is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if not (folder / "paths.json").is_file():
                _compile(engine, folder)
    paths = json.loads((folder / "paths.json").read_text())
    return Runtime(folder, tuple(paths), key)


@cache
def source_digest() -> str:
    """64 hex digits over the runtime's source."""
    return digest.of(
        {str(p.relative_to(LIB)): digest.of_file(p) for p in sorted(LIB.rglob("*.ex"))}
    )


def _compile(engine: Engine, folder: Path) -> None:
    running = engine.start(
        Program(
            argv=("elixir", "-e", _COMPILE),
            limits=Limits(memory=1 << 30, seconds=300),
            binds={_SOURCE_INSIDE: LIB},
        )
    )
    try:
        running.stdin.close()
        said = everything(running).decode("utf-8", "replace")
        told = running.stderr()
    finally:
        running.kill()
    lines = said.splitlines()
    if f"{_MARK}done" not in lines:
        raise SandboxError(f"the grader's own Elixir code does not compile:\n{said}\n{told}")
    temporary = Path(tempfile.mkdtemp(prefix=".partial-runtime-", dir=folder.parent))
    try:
        for line in lines:
            if line.startswith(f"{_MARK}file "):
                _, name, content = line.split(" ")
                (temporary / Path(name).name).write_bytes(base64.b64decode(content))
        paths = [line.split(" ", 1)[1] for line in lines if line.startswith(f"{_MARK}path ")]
        (temporary / "paths.json").write_text(json.dumps(paths))
        temporary.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
