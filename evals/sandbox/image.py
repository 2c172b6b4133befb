"""The root file system that programs see, and where it comes from."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from evals.errors import SandboxError

VARIABLE = "ELIXIR_FACTORY_ROOTFS"
MANIFEST = "opt/elixireval/image.json"


@dataclass(frozen=True)
class Image:
    """A root file system as a folder (`rootfs`), or an image of a container engine
    (`reference`)."""

    digest: str
    rootfs: Path | None = None
    reference: str | None = None


def find() -> Image:
    """Raises `SandboxError` saying what to do when there is no image."""
    given = os.environ.get(VARIABLE)
    if not given:
        raise SandboxError(f"no root file system: set {VARIABLE}")
    return at(Path(given))


def at(rootfs: Path) -> Image:
    """The image in a folder."""
    try:
        described = json.loads((rootfs / MANIFEST).read_text("utf-8"))
        return Image(str(described["digest"]), rootfs)
    except (OSError, ValueError, KeyError, TypeError):
        status = rootfs / "var/lib/dpkg/status"
        if not status.is_file():
            raise SandboxError(f"{rootfs}: no root file system with Elixir is here") from None
        return Image(hashlib.sha256(status.read_bytes()).hexdigest(), rootfs)
