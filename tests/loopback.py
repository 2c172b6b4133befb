"""A loopback HTTP server to test clients against: real sockets, played faults.

A server is a function from `Request` to `Answer`:

    with Loopback(lambda request: Answer(200, b"hello")) as server:
        server.url                      # http://127.0.0.1:PORT
        server.requests                 # what was asked, in order
        server.count("/packages/")      # how many requests began with this path

Faults are played before or after the function is asked: `faults=0.2, seed=1` lets about a fifth of
the requests fail in a way drawn from `kinds`, the same ways in the same order for the same seed
(the n-th request for a path draws by path and n, so threads cannot change it); at most `in_a_row`
requests for one path fail one after another, so that a client with more attempts gets through.
`script={"/path": ["500", "reset", ...]}` plays exactly these for the path's first requests.

Kinds: 500, 502, 503 · reset (before any byte of the answer) · break (reset in the middle of the
body) · truncate (half of the body under the whole `Content-Length`, then an orderly end) · 429
(no `Retry-After`) · 429-after (`Retry-After: 1`) · delay (answers late, but rightly) · stall (half
of the body, then nothing until `release` is set; `stalled` says that it happened) · ok.

`Loopback.process(...)` runs it in a process of its own, for tests that kill.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KINDS = ("500", "502", "503", "reset", "break", "truncate", "429-after", "delay")


@dataclass(frozen=True)
class Request:
    """What was asked. `headers` has lower-case names; `query` the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What to answer. `Content-Length` is added; `fault` plays one of the kinds on this answer;
    `whole=False` sends the headers as they are, for answers that lie."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    whole: bool = True


@dataclass(frozen=True)
class Asked:
    """A request in the log, with what became of it."""

    method: str
    path: str
    headers: Mapping[str, str]
    status: int
    fault: str
    body: bytes = b""


Handle = Callable[[Request], Answer]


class Loopback:
    """The server, running between `__enter__` and `__exit__` (or `start` and `stop`)."""

    def __init__(
        self,
        handle: Handle,
        *,
        faults: float = 0.0,
        seed: int = 0,
        kinds: Sequence[str] = KINDS,
        in_a_row: int = 3,
        script: Mapping[str, Sequence[str]] | None = None,
        delay: float = 0.05,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.handle = handle
        self.faults, self.seed, self.kinds, self.in_a_row = faults, seed, tuple(kinds), in_a_row
        self.script = {path: list(played) for path, played in (script or {}).items()}
        self.delay = delay
        self.stalled, self.release = threading.Event(), threading.Event()
        self.log: list[Asked] = []
        self.most_at_once = 0
        """The largest number of requests that were being answered at the same time."""
        self.connections = 0
        """How many connections were made."""
        self._port, self._tls = port, tls
        self._at_once = 0
        self._times: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None, "the server was not started"
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._server.server_port}"

    @property
    def requests(self) -> list[Asked]:
        with self._lock:
            return list(self.log)

    def count(self, beginning: str = "/") -> int:
        """How many requests there were for paths (with query) that begin so."""
        return sum(asked.path.startswith(beginning) for asked in self.requests)

    def forget(self) -> None:
        """Begin the log and the counters anew."""
        with self._lock:
            self.log.clear()
            self.most_at_once = 0

    def start(self) -> Loopback:
        self._server = _Server(("127.0.0.1", self._port), self)
        if self._tls is not None:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def stop(self) -> None:
        self.release.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.hang_up()

    def __enter__(self) -> Loopback:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @staticmethod
    @contextlib.contextmanager
    def process(make: Callable[..., Loopback], *arguments: Any) -> Iterator[str]:
        """The address of a server that `make(*arguments)` gives, in a process of its own. `make`
        must be importable (spawned, not forked)."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(make, arguments, there), daemon=True)
        process.start()
        try:
            yield here.recv()
        finally:
            process.kill()
            process.join()

    def fault_for(self, path: str) -> str:
        """The fault that the next request for this path meets, "" for none."""
        with self._lock:
            scripted = self.script.get(path)
            if scripted:
                return "" if (fault := scripted.pop(0)) == "ok" else fault
            self._times[path] += 1
            digest = hashlib.sha256(f"{self.seed} {path} {self._times[path]}".encode()).digest()
            share = int.from_bytes(digest[:8], "big") / 2**64
            if share >= self.faults or self._failed[path] >= self.in_a_row:
                self._failed[path] = 0
                return ""
            self._failed[path] += 1
            return self.kinds[digest[8] % len(self.kinds)]

    @contextlib.contextmanager
    def answering(self) -> Iterator[None]:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1

    def connected(self) -> None:
        with self._lock:
            self.connections += 1

    def note(self, asked: Asked) -> None:
        with self._lock:
            self.log.append(asked)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], loopback: Loopback) -> None:
        super().__init__(address, _Handler)
        self.loopback = loopback
        self.open: set[socket.socket] = set()

    def hang_up(self) -> None:
        """A server that was stopped answers nobody, not on connections kept alive either."""
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a mistake in a test's server."""
        import sys

        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError | ValueError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)
        self.server.loopback.connected()

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        pass

    def _any(self) -> None:
        loopback = self.server.loopback
        length = int(self.headers.get("content-length") or 0)
        parts = urlsplit(self.path)
        request = Request(
            self.command,
            parts.path,
            {name: values[-1] for name, values in parse_qs(parts.query, True).items()},
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length) if length else b"",
        )
        with loopback.answering():
            fault = loopback.fault_for(parts.path)
            answer = _refused(fault) or loopback.handle(request)
            fault = fault or answer.fault
            status = 0 if fault == "reset" else answer.status
            asked = Asked(request.method, self.path, request.headers, status, fault, request.body)
            loopback.note(asked)
            if fault == "delay":
                time.sleep(loopback.delay)
            self._send(answer, fault)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = _any  # noqa: N815

    def _send(self, answer: Answer, fault: str) -> None:
        if fault == "reset":
            self._reset()
            return
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('Answer',))[0]}"]
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if answer.whole and answer.status != 304:
            headers.setdefault("content-length", str(len(answer.body)))
        lines += [f"{name}: {value}" for name, value in headers.items()]
        body = answer.body if self.command != "HEAD" and answer.status != 304 else b""
        cut = fault in ("break", "truncate")
        half = len(body) // 2
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body[:half])
        if fault == "stall":
            self.server.loopback.stalled.set()
            self.server.loopback.release.wait()
        if not cut:
            self.wfile.write(body[half:])
        if fault == "break":
            self._reset()
        elif cut or not answer.whole:
            self.close_connection = True

    def _reset(self) -> None:
        """End the connection with RST: what a crashed server or a cut line looks like."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _refused(fault: str) -> Answer | None:
    """The answer of a fault that is an answer."""
    if fault in ("500", "502", "503", "504"):
        return Answer(int(fault), b"<html>played</html>", {"content-type": "text/html"})
    if fault == "429":
        return Answer(429, b'{"message":"played"}')
    if fault == "429-after":
        return Answer(429, b'{"message":"played"}', {"retry-after": "1"})
    return None


def _serve(make: Callable[..., Loopback], arguments: Sequence[Any], there: Any) -> None:
    with make(*arguments) as server:
        there.send(server.url)
        threading.Event().wait()
