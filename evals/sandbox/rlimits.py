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
ulimit -c 0 && ulimit -l 0 && ulimit -n "$1" && ulimit -f "$2" && ulimit -t "$3" &&
    ulimit -p "$4" || exit 125
shift 4
exec "$@"
"""
BLOCK = 512
"""Bytes: what POSIX counts file sizes in."""


def rlimits(limits: Limits) -> Iterator[str]:
    """A command that sets the limits and becomes the one that follows. It runs inside, where
    `/bin/sh` is Debian's dash."""
    yield from ("/bin/sh", "-c", SCRIPT, "sh", str(limits.open_files))
    yield from (str(limits.file_size // BLOCK), str(max(1, round(limits.seconds))))
    yield str(limits.processes)
