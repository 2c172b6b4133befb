"""The image: the root file system that programs see, and where it comes from.

It is looked for in this order: the folder that `ELIXIR_FACTORY_ROOTFS` names; the cache folder,
where one that was built stays (its name carries a digest of the recipe, so that a changed recipe
is a new image); an image `localhost/elixir-factory-sandbox` of podman or docker, as `docker/build
registry` makes it, from which the cache folder is filled. Where none is, one is built from Debian
trixie when this process is root and debootstrap is installed.

Both ways to build end with the same script (`recipe/finish.sh`), which writes the manifest: the
versions, which of Credo, StreamData, Dialyxir, Sobelow and OTP's Dialyzer are inside, and a digest
over every file, so that nothing has to be read again to say which image a verdict comes from. It
also makes Dialyzer's table of types, which is most of the time that an image takes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from filelock import FileLock

from evals import cache
from evals.errors import SandboxError
from evals.sandbox.owner import alive, myself
from factory import digest

VARIABLE = "ELIXIR_FACTORY_ROOTFS"
REFERENCE = "localhost/elixir-factory-sandbox"
INSIDE = "/opt/elixireval"
"""The image's own folder: `image.json`, `bin` (escripts), `lib` (`NAME/ebin`), `dialyzer.plt`."""
SUITE = "trixie"
PACKAGES = (
    "elixir",
    "erlang-dev",
    "erlang-dialyzer",
    "erlang-eunit",
    "erlang-os-mon",
    "erlang-parsetools",
    "erlang-ssh",
    "erlang-syntax-tools",
    "erlang-tools",
    "erlang-xmerl",
)
HOW = (
    "build it with `docker/build registry` (podman or docker, and a registry to reach), or as root "
    "with `docker/build debian` (apt-get install debootstrap; two minutes, also done by itself "
    f"when an evaluation starts), or set {VARIABLE} to a root file system with Elixir"
)
TOOLS = ("credo", "stream_data", "dialyxir", "sobelow", "dialyzer")
ESCRIPTS = ("credo", "sobelow")
"""Of these, what comes as a file that may be given."""


@dataclass(frozen=True)
class Image:
    """A root file system and what its manifest says. A version is empty where it does not say."""

    rootfs: Path
    digest: str
    """64 hex digits over every file."""
    elixir: str = ""
    otp: str = ""
    origin: str = ""
    tools: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Versions of what is there of `TOOLS`; what needs one that is absent is not measured."""


def find(say: Callable[[str], None] | None = None) -> Image:
    """The image of this machine, built if there is none. `say` gets a line about progress.

    Raises `SandboxError` that says what to do when there is none and none can be built.
    """
    folder = cached()
    if not os.environ.get(VARIABLE) and not _whole(folder):
        say = say or _to_stderr
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            # Another process may have built it while this one waited.
            if not _whole(folder) and not _from_engine(folder, say):
                build(folder, say)
    return available()


def available() -> Image:
    """The image if there is one already. Raises `SandboxError` otherwise."""
    given = os.environ.get(VARIABLE)
    if not given and not _whole(cached()):
        raise SandboxError(f"there is no image of the sandbox yet; {HOW}")
    return at(Path(given) if given else cached())


def cached() -> Path:
    """Where the image of this recipe is kept."""
    return cache.folder() / f"rootfs-{recipe_digest()[:16]}"


def recipe_digest() -> str:
    return digest.of(SUITE, list(PACKAGES), _recipe())


def at(rootfs: Path) -> Image:
    """The image in a folder. Raises `SandboxError` when there is none."""
    try:
        described = json.loads((rootfs / INSIDE[1:] / "image.json").read_text("utf-8"))
        return Image(
            rootfs,
            described["digest"],
            described["elixir"],
            described["otp"],
            described["origin"],
            {name: version for name, version in described["tools"].items() if version},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    # A root file system that somebody else made: Debian's list of packages tells it from others.
    try:
        packages = (rootfs / "var/lib/dpkg/status").read_bytes()
    except OSError:
        raise SandboxError(
            f"{rootfs}: there is no root file system with Elixir here; "
            f"build one (docker/build) or unset {VARIABLE}"
        ) from None
    return Image(rootfs, hashlib.sha256(packages).hexdigest())


def build(
    folder: Path, say: Callable[[str], None], escripts: Mapping[str, Path] | None = None
) -> None:
    """Builds the image from Debian into a folder, which appears when it is whole. `escripts` are
    put into it, by their names in `ESCRIPTS`.

    Raises `SandboxError` when this is not root, a tool is missing, or Debian cannot be reached.
    """
    lacking = [tool for tool in ("debootstrap", "unshare", "setpriv") if not shutil.which(tool)]
    if os.geteuid() != 0 or lacking:
        why = f"{', '.join(lacking)} missing" if lacking else "only root can build it from Debian"
        raise SandboxError(f"there is no image of the sandbox yet, and {why}; {HOW}")
    debootstrap = str(shutil.which("debootstrap"))
    with _Making(folder) as making:
        say(f"building the sandbox's root file system from Debian {SUITE} (two minutes, once)")
        _run(
            [debootstrap, "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, making],
            say,
        )
        for name, file in (escripts or {}).items():
            (making / INSIDE[1:] / "bin").mkdir(parents=True, exist_ok=True)
            shutil.copy(file, making / INSIDE[1:] / "bin" / name)
        say("finishing it (Dialyzer's table of types takes a minute)")
        _run(["chroot", making, "/bin/sh", "-c", _recipe(), "finish", "debian"], say)


def _from_engine(folder: Path, say: Callable[[str], None]) -> bool:
    """Fills the folder from the image that an engine holds, if one does."""
    for engine in ("podman", "docker"):
        if not shutil.which(engine) or _fails([engine, "image", "inspect", REFERENCE]):
            continue
        say(f"unpacking {engine}'s image {REFERENCE}")
        made = subprocess.run(
            [engine, "create", "--network=none", REFERENCE, "true"],
            check=False,
            capture_output=True,
            text=True,
        )
        container = made.stdout.strip()
        if made.returncode or not container:
            continue
        try:
            with (
                _Making(folder) as making,
                subprocess.Popen([engine, "export", container], stdout=subprocess.PIPE) as export,
                tarfile.open(fileobj=export.stdout, mode="r|") as tar,
            ):
                tar.extractall(making, filter="tar")
            return True
        finally:
            _fails([engine, "rm", "-f", container])
    return False


class _Making:
    """A folder under a temporary name, which gets its own when the block ends well. What a killed
    process left is removed by the next."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._making = folder.with_name(f"{folder.name}.making-{myself()}")

    def __enter__(self) -> Path:
        for left in self._folder.parent.glob(f"{self._folder.name}.making-*"):
            if not alive(left.name.rpartition(".making-")[2]):
                shutil.rmtree(left, ignore_errors=True)
        self._making.mkdir(mode=0o755)
        return self._making

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            for entry in (self._making / "dev").iterdir():  # engines bring their own
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
            if self._folder.exists():
                shutil.rmtree(self._folder)
            self._making.rename(self._folder)
        else:
            shutil.rmtree(self._making, ignore_errors=True)


def _run(command: list[str | Path], say: Callable[[str], None]) -> None:
    """Runs a step in mount and PID namespaces of its own, so that neither its mounts nor its
    processes outlive it or us."""
    apart = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork"]
    apart += ["--kill-child", "--mount-proc"]
    with subprocess.Popen(
        [*apart, *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **_proxies()},
    ) as process:
        assert process.stdout
        last: list[str] = []
        for line in process.stdout:
            last = [*last[-4:], line.strip()]
            if line.startswith("I: "):
                say(line[3:].strip())
    if process.returncode:
        raise SandboxError(
            f"{Path(command[0]).name} failed while the sandbox's root file system was built: "
            + " | ".join(last)
        )


def _proxies() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}


def _whole(folder: Path) -> bool:
    return (folder / INSIDE[1:] / "image.json").is_file()


def _recipe() -> str:
    return (resources.files("evals.sandbox") / "recipe" / "finish.sh").read_text("utf-8")


def _fails(command: list[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode != 0


def _to_stderr(line: str) -> None:
    """One line that rewrites itself on a terminal; elsewhere only what starts a step."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}")
        sys.stderr.flush()
    elif line[:1].islower():
        sys.stderr.write(f"{line}\n")


def main() -> int:
    """`python -m evals.sandbox.image`: builds the image and says where it lies."""
    parser = argparse.ArgumentParser(prog="evals.sandbox.image", description=main.__doc__)
    for name in ESCRIPTS:
        told = f"an escript of {name.title()} to put in"
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=told)
    parser.add_argument("--tar", type=Path, metavar="FILE", help="write it as a tar archive too")
    parser.add_argument("--again", action="store_true", help="even if there is one")
    asked = parser.parse_args()
    try:
        given = {name: path for name in ESCRIPTS if (path := getattr(asked, name)) is not None}
        for path in given.values():
            if not path.is_file():
                raise SandboxError(f"{path}: there is no such file")
        folder = cached()
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if asked.again or given or not _whole(folder):
                build(folder, _to_stderr, given)
        if asked.tar is not None:
            with tarfile.open(asked.tar, "w") as tar:
                tar.add(folder, ".")
    except SandboxError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
