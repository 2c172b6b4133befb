"""The tools that quality asks: those that a user gives and those of the image, warm."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from evals.closing import Closing
from evals.sandbox import Engine
from evals.scores import credo, dialyzer, sobelow, warm
from evals.scores.credo import Credo
from evals.scores.dialyzer import Dialyzer
from evals.scores.quality import NO_DIALYZER, NOTHING, Reports
from evals.scores.sobelow import Sobelow


class Tools(Closing):
    """Credo and Sobelow as escripts of the user's, or else as `rootfs` brings them; Dialyzer as
    `rootfs` brings it, unless `with_dialyzer` is false. `rootfs` is None where programs do not run
    over an image. `vms` is how many programs each looks at together. Raises as
    `evals.scores.warm.Warm` does."""

    def __init__(
        self,
        engine: Engine,
        rootfs: Path | None,
        credo_file: Path | None = None,
        sobelow_file: Path | None = None,
        with_dialyzer: bool = True,
        vms: int = 1,
    ) -> None:
        def there(kind: warm.Kind) -> bool:
            return rootfs is not None and kind.inside(rootfs)

        self._credo = (
            Credo(engine, credo_file, vms) if credo_file is not None or there(credo.KIND) else None
        )
        self._sobelow = (
            Sobelow(engine, sobelow_file, vms)
            if sobelow_file is not None or there(sobelow.KIND)
            else None
        )
        self._dialyzer = Dialyzer(engine, vms) if with_dialyzer and there(dialyzer.KIND) else None
        self._no_dialyzer = NOTHING.dialyzer if with_dialyzer else NO_DIALYZER

    def look(self, program: str, capabilities: Collection[str] = ()) -> Reports:
        """What each says of a program for a problem with these capabilities. Never raises for what
        `program` holds."""
        return Reports(
            self._credo.check(program) if self._credo else NOTHING.credo,
            self._dialyzer.check(program, capabilities) if self._dialyzer else self._no_dialyzer,
            self._sobelow.check(program) if self._sobelow else NOTHING.sobelow,
        )

    def close(self) -> None:
        for tool in (self._credo, self._dialyzer, self._sobelow):
            if tool is not None:
                tool.close()
