"""Debian's source archives, fetched by `apt-get` with a private state of its own.

The machine's apt lists, caches and hooks are neither used nor touched, and root is not needed: each
suite has a folder with its own lists, cache and a source list made from the machine's (the same
addresses and keys, `deb-src` instead of `deb`, main alone, another suite's name where asked). The
machine's other settings (proxies, sign-in) stay in force. apt checks signatures and digests; the
digests of what it fetched are checked here again.

Not covered: archives that are not Debian's, and building anything from a source package.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from factory.errors import RequestError, SourceError
from sources.apt_sources import ETC, deb822, machine_archives

TIMEOUT = 1800
"""Seconds after which an apt command is given up; apt gives up a silent server itself, earlier."""

SUITE = re.compile(r"^[a-z][a-z0-9]*$")
PACKAGE = re.compile(r"^[a-z0-9][a-z0-9+.-]+$")
VERSION = re.compile(r"^[0-9][A-Za-z0-9.+:~-]*$")
ORIGINAL = re.compile(r"^[A-Za-z0-9][A-Za-z0-9.+~_-]*\.tar\.(?:gz|xz|bz2|zst)$")
PACKAGING = re.compile(r"\.debian\.tar\.\w+$")


@dataclass(frozen=True, slots=True)
class Tarball:
    """An upstream archive of a source package; `sha256` in hex, `size` in bytes."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SourcePackage:
    """A source package as a suite's index has it. `directory` is relative to the archive."""

    name: str
    version: str
    directory: str
    tarballs: tuple[Tarball, ...]


def need(tool: str, package: str) -> str:
    """The tool's path. Raises `SourceError` saying what to install when it is missing."""
    found = shutil.which(tool)
    if found is None:
        raise SourceError(
            f"the source debian needs {tool}, which is not here: it comes with Debian's {package} "
            f"(apt-get install {package}), so this source works on Debian only"
        )
    return found


class Suite:
    """One suite of Debian's archive: a private apt state below `folder`."""

    def __init__(self, folder: Path, suite: str, etc: Path = ETC) -> None:
        if not SUITE.match(suite):
            raise RequestError(f"{suite!r} is no name of a Debian suite (say trixie)")
        self.name = suite
        self._folder = (folder / suite).absolute()  # apt reads relative paths as its own
        self._etc = etc

    @property
    def is_known(self) -> bool:
        """Whether the suite's index has been fetched before."""
        return (self._folder / "fetched").exists()

    def update(self) -> None:
        """Fetch the suite's index of source packages (a few MB; apt fetches what has changed).
        Raises `SourceError` in one clear line when it cannot be reached."""
        with self._locked():
            self._configure()
            done = self._apt("apt-get", "update")
            said = _errors(done)
            if done.returncode or said:
                raise SourceError(
                    f"the index of Debian {self.name} cannot be fetched: {said or 'apt-get failed'}"
                    " (check the network, or build from what was fetched before with --offline)"
                )
            (self._folder / "fetched").touch()

    def packages(self, name: str) -> list[SourcePackage]:
        """Every version of a source package in the suite's index, as it was last fetched."""
        with self._locked():
            self._configure()
            done = self._apt("apt-cache", "showsrc", "--only-source", name)
        found = (_package(fields) for fields in deb822(done.stdout))
        return [p for p in found if p is not None and p.name == name]

    def download(self, package: SourcePackage, into: Path) -> None:
        """Fetch the package's upstream archives into a folder; what is already there in part is
        gone on with. Raises `SourceError` when apt cannot, or when a digest is wrong."""
        into.mkdir(parents=True, exist_ok=True)
        with self._locked():
            self._configure()
            done = self._apt(
                "apt-get",
                "source",
                "--download-only",
                "--tar-only",
                f"{package.name}={package.version}",
                cwd=into,
            )
        missing = [t.file for t in package.tarballs if not (into / t.file).is_file()]
        if done.returncode or missing:
            raise SourceError(
                f"{package.name} {package.version} cannot be fetched from Debian {self.name}: "
                f"{_errors(done) or 'missing ' + ', '.join(missing)} (check the network and run "
                "the same command again; what is already here is kept)"
            )

    def _locked(self) -> FileLock:
        self._folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self._folder / "lock")

    def _configure(self) -> None:
        """Write the private state's source list and settings; idempotent."""
        for folder in ("lists/partial", "cache/archives/partial", "etc", "dpkg"):
            (self._folder / folder).mkdir(parents=True, exist_ok=True)
        (self._folder / "dpkg" / "status").touch()
        stanzas = []
        for archive in machine_archives(self._etc):
            fields = [
                "Types: deb-src",
                f"URIs: {' '.join(archive.uris)}",
                f"Suites: {self.name}",
                "Components: main",
                *(f"{key}: {value}" for key, value in archive.options),
            ]
            stanzas.append("\n".join(fields) + "\n")
        _write_if_new(self._folder / "etc" / "debian.sources", "\n".join(stanzas))
        _write_if_new(self._folder / "etc" / "apt.conf", self._settings())

    def _settings(self) -> str:
        """Read by apt after the machine's own settings, so these win. The hooks are cleared: on
        many machines they delete or import things when an update ends."""
        state = self._folder
        lines = [f"#clear {hook};" for hook in HOOKS]
        for key, value in (
            ("Dir::Etc::sourcelist", state / "etc" / "debian.sources"),
            ("Dir::Etc::sourceparts", "-"),
            ("Dir::State", state),
            ("Dir::State::lists", state / "lists"),
            ("Dir::State::status", state / "dpkg" / "status"),
            ("Dir::Cache", state / "cache"),
            ("APT::Sandbox::User", "root"),
            ("Acquire::Languages", "none"),
            ("Acquire::Retries", "2"),
            ("Acquire::http::Timeout", "30"),
            ("Acquire::https::Timeout", "30"),
        ):
            lines.append(f'{key} "{value}";')
        return "\n".join(lines) + "\n"

    def _apt(
        self, tool: str, *arguments: str, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        need("dpkg", "dpkg")
        command = [need(tool, "apt"), "-c", str(self._folder / "etc" / "apt.conf"), "-q"]
        try:
            return subprocess.run(
                [*command, *arguments],
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                cwd=cwd or self._folder,
                env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
                timeout=TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SourceError(f"{tool} {arguments[0]} failed: {error}") from error


HOOKS = (
    "APT::Update::Pre-Invoke",
    "APT::Update::Post-Invoke",
    "APT::Update::Post-Invoke-Success",
    "APT::Update::Auth-Failure",
    "DPkg::Pre-Invoke",
    "DPkg::Post-Invoke",
    "DPkg::Pre-Install-Pkgs",
)


def newest(packages: list[SourcePackage]) -> SourcePackage:
    """The package with the highest version, as dpkg orders them."""
    best = packages[0]
    for other in packages[1:]:
        command = [need("dpkg", "dpkg"), "--compare-versions", other.version, "gt", best.version]
        if subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0:
            best = other
    return best


def _package(fields: dict[str, str]) -> SourcePackage | None:
    """A record of the index; None for one without a name, a version or an upstream archive."""
    tarballs = []
    for line in fields.get("Checksums-Sha256", "").split("\n"):
        parts = line.split()
        if len(parts) != 3 or not re.fullmatch(r"[0-9a-f]{64}", parts[0]) or not parts[1].isdigit():
            continue
        if ORIGINAL.match(parts[2]) and not PACKAGING.search(parts[2]):
            tarballs.append(Tarball(parts[2], int(parts[1]), parts[0]))
    name, version = fields.get("Package", ""), fields.get("Version", "")
    if not tarballs or not PACKAGE.match(name) or not VERSION.match(version):
        return None
    directory = fields.get("Directory", "")
    return SourcePackage(name, version, directory, tuple(sorted(tarballs, key=lambda t: t.file)))


def _errors(done: subprocess.CompletedProcess[str]) -> str:
    """What apt says went wrong, in one line; a failed fetch is a warning only to `update`."""
    lines = [line.strip() for line in done.stderr.splitlines()]
    telling = [line[2:].strip() for line in lines if line.startswith("E:")]
    telling = telling or [line[2:].strip() for line in lines if re.match(r"W: (Failed|Some)", line)]
    return telling[0] if telling else ""


def _write_if_new(path: Path, text: str) -> None:
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, "utf-8")
