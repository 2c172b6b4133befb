"""What a request gives: a reply, or an error that a person can act on; and what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from factory.errors import SourceError


@dataclass(frozen=True)
class Reply:
    """What a server answered, or what the disk holds of it.

    `status` is the server's own: 304 when the body on disk still stands, and offline that of the
    stored reply. `fresh` says that the body came just now. `headers` has lower-case names; a
    stored reply's are completed by those of the 304.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    fresh: bool = True


class WebError(SourceError):
    """Something could not be had. `status` is the server's, 0 when there was no answer; `url` and
    the message hold no secret."""

    def __init__(self, message: str, *, status: int = 0, url: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.url = url


class PassingError(WebError):
    """A failure that may pass: the same request is tried again. `after` is how many seconds to
    wait first, None for as long as the backoff says."""

    after: float | None = None


class TooLargeError(WebError):
    """The answer is larger than allowed, and will be the next time."""


class StoppedError(WebError):
    """The work was interrupted or the client closed; no more requests are made."""


@dataclass
class Counts:
    """What a client did so far. `conditional` of the `requests` asked whether something changed,
    and `not_modified` of those had not; `retried` were asked again; `bytes` came over the wire
    as bodies; `waited_seconds` is the sum over all threads."""

    requests: int = 0
    conditional: int = 0
    not_modified: int = 0
    retried: int = 0
    bytes: int = 0
    waited_seconds: float = 0.0
