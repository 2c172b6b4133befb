"""Who made a thing that outlives its maker's death by `kill -9`: a control group, a container."""

from __future__ import annotations

import os
import re
from pathlib import Path


def myself() -> str:
    """This process as `PID-STARTED-NAMESPACE`: when it was started (in the kernel's ticks since
    boot) tells it from a later process of the same number, the namespace from one of a
    container's."""
    return f"{os.getpid()}-{_started(os.getpid())}-{_namespace()}"


def alive(owner: str) -> bool:
    """Whether the process of that name still runs; True for what is no such name or belongs to
    another PID namespace, which is not ours to judge."""
    match = re.fullmatch(r"(\d{1,10})-(\d{1,20})-(\d{1,20})", owner)
    if match is None or int(match[3]) != _namespace():
        return True
    return _started(int(match[1])) == int(match[2])


def _namespace() -> int:
    return Path("/proc/self/ns/pid").stat().st_ino


def _started(pid: int) -> int:
    """Field 22 of `/proc/PID/stat` (proc(5)); 0 when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return 0
    # The second field is the command's name in parentheses, which may hold anything.
    return int(stat.rpartition(")")[2].split()[19])
