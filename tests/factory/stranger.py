"""A plugin that somebody else could have written and installed: metadata, entry points and all."""

from __future__ import annotations

from pathlib import Path

MODULE = '''
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from factory.plugins import Options, Source, Transform
from factory.spec import MACHINE


class Depth(BaseModel):
    model_config = ConfigDict(extra="forbid")
    metres: float = 1.5


class Pond(Source):
    name = "pond"
    version = 1

    class Options(Options):
        fish: tuple[str, ...]
        suite: str = Field(default="spring", description="The season to fish in.")
        water: Literal["fresh", "salt"] = "fresh"
        since: date | None = None
        licences: dict[str, str] = {}
        depth: Depth = Depth()
        moorings: dict[str, Depth] = {}
        boat: Path | None = Field(default=None, json_schema_extra=MACHINE)


class Ripple(Transform):
    name = "ripple"
    version = 1
    languages = frozenset({"elixir"})
    tasks = ("ripple", "wave")

    class Options(Options):
        rings: int = Field(default=3, ge=1)


class Sunk:
    """Nothing here has options."""
'''

ENTRY_POINTS = """
[factory.sources]
pond = pond:Pond
dry = pond_of_another_day:Dry

[factory.transforms]
ripple = pond:Ripple
sunk = pond:Sunk
leaky = leaky:Leaky
"""


def install(folder: Path) -> None:
    """Puts the stranger's distribution into `folder`, which is to be on `sys.path`."""
    (folder / "pond.py").write_text(MODULE)
    (folder / "leaky.py").write_text("raise OSError('water came in')\n")
    metadata = folder / "pond-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pond\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
