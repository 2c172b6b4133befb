"""Digests: of canonical JSON (what a key is made of), and of files (what a manifest lists)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def canonical(value: Any) -> str:
    """JSON with sorted keys and no blank space: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def of(*parts: Any) -> str:
    """64 hex digits (SHA-256) over the canonical JSON of `parts`."""
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def of_file(path: Path) -> str:
    """64 hex digits (SHA-256) over a file's bytes. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
