"""A small Debian archive of our own, served on this machine: real apt, no outside world."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from factory.plugins import SourceContext
from sources.debian import Debian


class Handler(SimpleHTTPRequestHandler):
    """Serves files and notes what was asked for, with the range if there was one."""

    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Range", "")))
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(root: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The address of a server of this folder, and the list of what it was asked for."""
    asked: list[tuple[str, str]] = []
    handler = type("Noting", (Handler,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/debian", asked
    finally:
        server.shutdown()
        server.server_close()


def publish(root: Path, packages: Mapping[str, Mapping[str, bytes]], suite: str = "trixie") -> None:
    """Write an archive: `{"name=version": {file name: bytes}}`."""
    records = []
    for label, files in packages.items():
        name, _, version = label.partition("=")
        directory = f"pool/main/{name[0]}/{name}"
        listed = dict(files) | {f"{name}_{version}.dsc": b"Format: 3.0 (quilt)\n"}
        sums = []
        for file, data in listed.items():
            path = root / "debian" / directory / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            sums.append(f" {hashlib.sha256(data).hexdigest()} {len(data)} {file}")
        records.append(
            f"Package: {name}\nVersion: {version}\nBinary: {name}\nArchitecture: any\n"
            f"Format: 3.0 (quilt)\nDirectory: {directory}\n"
            "Files:\n" + "\n".join(_md5(line, listed) for line in sums) + "\n"
            "Checksums-Sha256:\n" + "\n".join(sums) + "\n"
        )
    index = "\n".join(records).encode()
    dists = root / "debian" / "dists" / suite
    (dists / "main" / "source").mkdir(parents=True, exist_ok=True)
    (dists / "main" / "source" / "Sources").write_bytes(index)
    digest = hashlib.sha256(index).hexdigest()
    (dists / "Release").write_text(
        f"Origin: Debian\nLabel: Debian\nSuite: {suite}\nCodename: {suite}\n"
        "Date: Tue, 14 Nov 2023 00:00:00 UTC\nArchitectures: amd64\nComponents: main\n"
        f"SHA256:\n {digest} {len(index)} main/source/Sources\n"
    )


def _md5(line: str, files: Mapping[str, bytes]) -> str:
    _, size, file = line.split()
    return f" {hashlib.md5(files[file], usedforsecurity=False).hexdigest()} {size} {file}"


def etc_for(folder: Path, uri: str) -> Path:
    """An apt configuration of a machine that uses this archive."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(f"deb [trusted=yes] {uri} bookworm main contrib\n")
    return folder


def debian(
    cache: Path, etc: Path, *packages: object, offline: bool = False, **options: object
) -> Debian:
    cache.mkdir(parents=True, exist_ok=True)
    given = Debian.Options.model_validate({"packages": list(packages), **options})
    source = Debian(given, SourceContext(cache, offline))
    source.etc = etc  # type: ignore[misc]  # this machine's, for a test
    return source
