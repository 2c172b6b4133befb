"""How long a client goes on before it gives up: a build has all night, a person at the prompt who
asks whether a server is there has some seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Times in seconds. `attempts` of one request; `wait` for a rate limit to be renewed; `pause`
    before another attempt, when a server that is out of order names a time; `connect` to a server,
    and `read` for the next bytes of its answer."""

    attempts: int = 8
    """A server that fails a fifth of all requests fails three crawls of a thousand in a thousand
    then."""
    wait: float = 3900.0
    """GitHub's limits reset within the hour; who asks for more is not waited for."""
    pause: float = 300.0
    connect: float = 20.0
    read: float = 60.0

    @property
    def timeouts(self) -> dict[str, float | None]:
        """As httpx takes them."""
        return {"connect": self.connect, "read": self.read, "write": self.read, "pool": None}


HURRIED = Patience(attempts=2, wait=10.0, pause=2.0, connect=4.0, read=20.0)
