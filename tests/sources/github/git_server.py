"""A server of repositories as GitHub is one: tarballs by commit behind a redirect, and smart HTTP.

Repositories are folders `ROOT/OWNER/NAME` (bare or not). `git archive` makes the tarballs as GitHub
does (a top folder OWNER-NAME-SHA, the commit in a global pax header), `git http-backend` speaks
git's protocol. Tarballs lie on a second server, because GitHub's do: a token must not go there.

    with GitHost(root, token="t") as host:
        host.api, host.git                 # the addresses that a client is given
        host.server.script["/repos/o/n/tarball/SHA"] = ["502", "reset"]
        host.tarballs["SHA"] = b"…"        # another body in place of git archive's
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.loopback import Answer, Loopback, Request

TARBALL = re.compile(r"/repos/([^/]+)/([^/]+)/tarball/([0-9a-f]+)")
CODELOAD = re.compile(r"/([^/]+)/([^/]+)/legacy\.tar\.gz/([0-9a-f]+)")
GIT = re.compile(r"/([^/]+)/([^/]+)\.git(/info/refs|/git-upload-pack)")

ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "uploadpack.allowReachableSHA1InWant",
    "GIT_CONFIG_VALUE_0": "true",
    "GIT_CONFIG_KEY_1": "safe.directory",
    "GIT_CONFIG_VALUE_1": "*",
    "GIT_HTTP_EXPORT_ALL": "1",
}


class GitHost:
    """Two servers, for the API with git's protocol and for tarballs."""

    def __init__(
        self,
        root: Path,
        *,
        token: str = "",
        faults: float = 0.0,
        seed: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.root, self.token = root, token
        self.server = Loopback(self._answer, faults=faults, seed=seed, tls=tls)
        self.codeload = Loopback(self._tarball, faults=faults, seed=seed + 1)
        self.tarballs: dict[str, bytes] = {}
        self.moved_to = ""
        """Where git's requests are redirected, if anywhere."""

    def __enter__(self) -> GitHost:
        self.server.start()
        self.codeload.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()
        self.codeload.stop()

    @property
    def api(self) -> str:
        return f"{self.server.url}/"

    @property
    def git(self) -> str:
        return self.server.url

    @property
    def said(self) -> str:
        """Every header that reached either server, but the right ones of the first."""
        return repr([asked.headers for asked in self.codeload.requests])

    def _answer(self, request: Request) -> Answer:
        if not self._allowed(request.headers.get("authorization", "")):
            if request.path.startswith("/repos/"):
                return Answer(404, b'{"message":"Not Found"}')
            return Answer(401, b"", {"www-authenticate": 'Basic realm="GitHub"'})
        if found := TARBALL.fullmatch(request.path):
            where = f"{self.codeload.url}/{found[1]}/{found[2]}/legacy.tar.gz/{found[3]}"
            return Answer(302, b"", {"location": where})
        if found := GIT.fullmatch(request.path):
            if self.moved_to:
                return Answer(301, b"", {"location": f"{self.moved_to}{request.path}"})
            return self._smart(request, found[1], found[2], found[3])
        return Answer(404, b'{"message":"Not Found"}')

    def _allowed(self, header: str) -> bool:
        basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        return not self.token or header in (f"Bearer {self.token}", f"Basic {basic}")

    def _tarball(self, request: Request) -> Answer:
        found = CODELOAD.fullmatch(request.path)
        if not found:
            return Answer(404)
        owner, name, commit = found.groups()
        body = self.tarballs.get(commit)
        if body is None:
            if not (self.root / owner / name).is_dir():
                return Answer(404, b"404: Not Found")
            body = tarball(self.root / owner / name, commit, f"{owner}-{name}-{commit[:7]}/")
        return Answer(200, body, {"content-type": "application/x-gzip", "etag": f'"{commit}"'})

    def _smart(self, request: Request, owner: str, name: str, rest: str) -> Answer:
        folder = self.root / owner / name
        if not folder.is_dir():
            return Answer(404, b"Not Found")
        query = "&".join(f"{key}={value}" for key, value in request.query.items())
        environment = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.root),
            "PATH_INFO": f"/{owner}/{name}{'/.git' if (folder / '.git').is_dir() else ''}{rest}",
            "REQUEST_METHOD": request.method,
            "QUERY_STRING": query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(request.body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "http-backend"],
            input=request.body,
            env=environment,
            capture_output=True,
            check=False,  # it answers first, and fails then
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        return Answer(status, body, headers)


def tarball(repository: Path, commit: str, prefix: str) -> bytes:
    """What GitHub sends for a commit."""
    command = ["git", "-C", str(repository), "archive", "--format=tar.gz", f"--prefix={prefix}"]
    return subprocess.run(
        [*command, commit], env=ENVIRONMENT, check=True, capture_output=True
    ).stdout


def history(root: Path, *commits: tuple[str, Mapping[str, str | bytes | None]]) -> list[str]:
    """A repository with these commits (message, files; None deletes one), oldest first; the names
    of the commits."""
    root.mkdir(parents=True, exist_ok=True)
    git_at(root, 0, "init", "-q", "-b", "main")
    names = []
    for at, (message, files) in enumerate(commits, 1):
        for name, content in files.items():
            path = root / name
            if content is None:
                path.unlink()
                continue
            if path.is_dir():
                shutil.rmtree(path)
            if path.parent.is_file():
                path.parent.unlink()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        git_at(root, at, "add", "-A", "--force")
        git_at(root, at, "commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
        names.append(git_at(root, at, "rev-parse", "HEAD"))
    return names


def git_at(root: Path, at: int, *arguments: str, author: str = "Ann <ann@example.org>") -> str:
    name, _, mail = author.partition(" <")
    time = f"{1_700_000_000 + at * 3600} +0000"
    environment = ENVIRONMENT | {
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": mail.rstrip(">"),
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": mail.rstrip(">"),
        "GIT_AUTHOR_DATE": time,
        "GIT_COMMITTER_DATE": time,
    }
    done = subprocess.run(
        ["git", "-C", str(root), *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
