"""A shallow bare clone of one commit and the newest history before it, made without trust.

`git fetch --depth N` of one commit into an empty bare repository of ours: nothing is ever checked
out, so no filter, no hook, no LFS smudge runs and no submodule is entered; what was fetched is
read through `sources.git` alone. Only http and https are spoken, redirects are not followed, and
the token travels in git's environment (`http.extraHeader` through `GIT_CONFIG_*`): it is in no
argument, address, file or message.

The clone may cost so many bytes: while it is fetched the folder is watched, and git is killed with
its children when it grows beyond the limit, when nothing arrives for long, and when it takes hours.
What a passing fault broke off is tried again. However this program ends, save by a kill that
nobody can catch, git ends with it.

Not covered: what the commits say (`sources.history`), and blobs left out of the fetch (a partial
clone would make reading ask the network).
"""

from __future__ import annotations

import atexit
import base64
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock

from factory.errors import SourceError
from sources.git import ENVIRONMENT, Repository

TIMEOUT = 3_600.0
"""Seconds that one clone may take."""
PATIENCE = 60
"""Seconds in which hardly anything arrives before git gives up."""
WATCH = 0.1
"""Seconds between two looks at how large the folder has become."""
ATTEMPTS = 8
"""A clone is three requests or more, any of which may fail: where one in five does, every other
clone does."""

_KEPT = frozenset({"GIT_SSL_CAINFO", "GIT_SSL_CAPATH"})
_FINAL = re.compile(
    r"error: 4(?!08|25|29)\d\d|not found|could not read Username|Authentication failed|"
    r"not our ref|unadvertised object|unable to update url base|not allowed|SSL certificate|"
    r"certificate verification failed|"
    r"No space left on device|Disk quota exceeded|Read-only file system"
)
"""What git says when asking again would give the same answer."""

_UNREACHED = re.compile(
    r"Could not resolve|Failed to connect|Couldn't connect|Could not connect|Network is unreachable"
)
_unreached: set[str] = set()
"""Hosts that could not be reached at all the last time. Each repository asks such a one only once,
so that thousands of them hear soon that the network is gone."""


def clone(
    url: str,
    commit: str,
    folder: Path,
    *,
    depth: int,
    limit: int,
    token: str = "",
    patience: int = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
) -> Repository:
    """The repository in `folder`, cloned unless it is there: whole or not at all. It holds
    `commit` and `depth - 1` generations before it. Raises `SourceError` without the token in it."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            for left_over in folder.parent.glob(f".{folder.name}.*"):
                shutil.rmtree(left_over, ignore_errors=True)
            if not folder.is_dir():
                _clone(url, commit, folder, depth, limit, token, patience, sleep)
    return Repository(folder, folder)


def _clone(
    url: str,
    commit: str,
    folder: Path,
    depth: int,
    limit: int,
    token: str,
    patience: int,
    sleep: Callable[[float], None],
) -> None:
    host = urlsplit(url).netloc
    attempts = 1 if host in _unreached else ATTEMPTS
    for attempt in range(1, attempts + 1):
        partial = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            _into(partial, url, commit, depth, limit, token, patience)
            partial.rename(folder)
            _unreached.discard(host)
            return
        except BrokenOffError as error:
            if attempt == attempts:
                (_unreached.add if _UNREACHED.search(str(error)) else _unreached.discard)(host)
                times = f" ({attempts} attempts)" if attempts > 1 else ""
                raise SourceError(f"{url}: {error}{times}") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        sleep(min(16.0, 0.25 * 2.0**attempt))


class BrokenOffError(SourceError):
    """A clone was broken off by what may pass."""


def _into(
    partial: Path, url: str, commit: str, depth: int, limit: int, token: str, patience: int
) -> None:
    algorithm = "sha1" if len(commit) == 40 else "sha256"
    init = ("init", "--quiet", "--bare", "--template=", f"--object-format={algorithm}")
    _git(url, [*init, str(partial)], partial, limit, {})
    options = {
        "http.followRedirects": "false",
        "http.lowSpeedLimit": "1000",
        "http.lowSpeedTime": str(patience),
        "fetch.unpackLimit": "1",
        "core.hooksPath": os.devnull,
        "credential.helper": "",
        "core.askPass": "",
    }
    arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    arguments += [f"--git-dir={partial}", "fetch", "--quiet", f"--depth={depth}", "--no-tags"]
    arguments += ["--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance"]
    _git(url, [*arguments, url, commit], partial, limit, _secret(url, token))
    if Repository(partial, partial).run("cat-file", "-t", commit).strip() != b"commit":
        raise SourceError(f"{url}: {commit} is not a commit")


def _secret(url: str, token: str) -> dict[str, str]:
    """The environment by which git learns the token, for this host alone."""
    if not token:
        return {}
    parts = urlsplit(url)
    packed = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{parts.scheme}://{parts.netloc}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {packed}",
    }


def _git(url: str, arguments: list[str], partial: Path, limit: int, secret: dict[str, str]) -> None:
    git = shutil.which("git")
    if git is None:
        raise SourceError(
            "commits are read with git, which is not installed: apt-get install git, or set "
            "commits to 0"
        )
    environment = {**_surroundings(os.environ), **secret}
    with tempfile.TemporaryFile() as said:
        with _started:
            if _ending.is_set():
                raise SourceError(f"{url}: interrupted")
            running = subprocess.Popen(
                [git, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                cwd=partial,
                env=environment,
                start_new_session=True,
            )
            _groups.add(running.pid)
        try:
            _watch(running, partial, limit, url)
        finally:
            with _started:
                _kill(running.pid)
                running.wait()
                _groups.discard(running.pid)
        if running.returncode:
            said.seek(0)
            # A name that chance gave would make every message another one.
            text = said.read(100_000).decode("utf-8", "replace").replace(str(partial), "the clone")
            raise _failure(url, text)


_started = threading.Lock()
_groups: set[int] = set()
"""Process groups of the gits that run, each in a session of its own: Ctrl-C does not reach it."""
_ending = threading.Event()


@atexit.register
def _end() -> None:
    """End what threads have left running: at Ctrl-C they are not waited for."""
    with _started:
        _ending.set()
        for group in _groups:
            _kill(group)


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _surroundings(given: Mapping[str, str]) -> dict[str, str]:
    """What git sees of the environment that is given."""
    kept = {k: v for k, v in given.items() if not k.startswith("GIT_") or k in _KEPT}
    kept.pop("SSH_ASKPASS", None)
    # One variable names a private server's certificate for all that is asked of it.
    if certificates := kept.get("SSL_CERT_FILE"):
        kept.setdefault("GIT_SSL_CAINFO", certificates)
    # A proxy is used, but not to reach this machine itself. Where there are both, curl looks at the
    # small letters alone.
    direct = kept.get("no_proxy") or kept.get("NO_PROXY", "")
    kept["no_proxy"] = ",".join(filter(None, [direct, "localhost,127.0.0.1"]))
    return {**kept, **ENVIRONMENT, "GIT_ALLOW_PROTOCOL": "http:https"}


def _watch(running: subprocess.Popen[bytes], partial: Path, limit: int, url: str) -> None:
    """Wait for git, while it keeps to its limits."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        with suppress(subprocess.TimeoutExpired):
            running.wait(WATCH)
        if _size(partial) > limit:
            raise SourceError(
                f"{url}: what is fetched is larger than {limit:,} bytes (raise max_size_mb, or ask "
                "for fewer commits)"
            )
        if running.returncode is not None:
            return
        if time.monotonic() > deadline:
            raise SourceError(f"{url}: not fetched within {TIMEOUT:,.0f} seconds")


def _size(folder: Path) -> int:
    """The bytes of all files below; those that vanish meanwhile count for nothing."""
    total = 0
    for above, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(above, name)).st_size  # noqa: PTH118
    return total


def _failure(url: str, said: str) -> SourceError:
    """What git said, as an error: the line that tells most."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    reason = telling[0].removeprefix("fatal: ") if telling else "git failed without a reason"
    if "could not read Username" in said:
        reason = "it does not exist, or a token is needed to read it"
    if _FINAL.search(said):
        return SourceError(f"{url}: {reason}")
    return BrokenOffError(reason)
