"""Where what takes long to make is kept for the next time: images, the compiled runtime."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path:
    """Our folder in the user's cache (`$XDG_CACHE_HOME`, else `~/.cache`); it may not exist yet."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "elixir-factory"
