"""Escripts that are not what they are given for."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path


def other(folder: Path) -> Path:
    """A well-made escript called `other`, which holds no module at all."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("other/ebin/readme.txt", "no module here")
    head = b"#!/usr/bin/env escript\n%%\n%%! -escript main other\n"
    path = folder / "other"
    path.write_bytes(head + archive.getvalue())
    return path
