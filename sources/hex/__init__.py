"""`hex`: releases of packages from Hex.pm, a mirror of it, or a repository of one's own.

`source` is the plugin; `options` what it may be asked, `crawl` how it looks, `selection` what it
takes, `shelf` what it keeps. `registry`, `messages`, `keys`, `tarball`, `metadata`, `terms`,
`requirement` and `api` are Hex's formats, `licences` is what names of licences mean.
"""

from sources.hex.source import Hex

__all__ = ["Hex"]
