"""How every source asks the network: politely, sturdily, and never twice for what is known.

`Web` is the whole of it. What decides how it behaves: `tries` (how often), `exchange`
(one attempt and its redirects), `pace` (rate limits), `cache` (what is kept on disk), `secrecy`
(what is never said), `patience` (when it gives up), `body` (bounded reading), `download` (files),
`crowd` (many at once).
"""

from sources.web.client import Web
from sources.web.reply import Counts, Reply, StoppedError, TooLargeError, WebError

__all__ = ["Counts", "Reply", "StoppedError", "TooLargeError", "Web", "WebError"]
