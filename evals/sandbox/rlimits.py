"""Limits that a process sets for itself and hands on to what it starts.

They hold for each process alone, save the number of processes, which is counted by user: they are
what is left where there are no control groups, and beside them what those do not know.
"""

from __future__ import annotations

from collections.abc import Iterator

from evals.sandbox import Limits

# A signal at the file size limit would end the BEAM while it sets up its just-in-time compiler,
# whose memory is a file that has no disk. Ignored, it sees an error, and maps its memory otherwise;
# a program that writes too much sees an error too.
SCRIPT = """trap '' XFSZ
ulimit -c 0 && ulimit -l 0 && ulimit -n "$1" && ulimit -f "$2" && ulimit -t "$3" || exit 125
[ "$4" = - ] || ulimit -p "$4" || exit 125
[ "$5" = - ] || ulimit -d "$5" || exit 125
shift 5
exec "$@"
"""
# For a container, where the program's parent is the first process: it reaps what was orphaned.
STAYING = SCRIPT.replace('exec "$@"', '"$@"')
BLOCK = 512
"""Bytes: what POSIX counts file sizes in."""
ALLOWANCE = 96 << 20
"""Bytes that an idle BEAM reserves for the stacks of its threads without using them; the limit on
data counts what is reserved. Measured: 156 MB of data, 59 MB in memory."""


def rlimits(
    limits: Limits, *, processes: bool = True, memory: bool = False, staying: bool = False
) -> Iterator[str]:
    """A command that sets the limits and becomes the one that follows (`staying`: runs it). It
    runs inside, where `/bin/sh` is Debian's dash.

    `memory` limits each process's private writable memory (RLIMIT_DATA), which the BEAM meets as
    "Cannot allocate"; the limit on addresses would count the gigabytes that it only reserves.
    """
    yield from ("/bin/sh", "-c", STAYING if staying else SCRIPT, "sh", str(limits.open_files))
    yield from (str(limits.file_size // BLOCK), str(max(1, round(limits.seconds))))
    yield str(limits.processes) if processes else "-"
    yield str((limits.memory + ALLOWANCE) >> 10) if memory else "-"
