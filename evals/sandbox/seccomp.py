"""A system call filter for bubblewrap, as the kernel reads it: classic BPF (seccomp(2)).

Refused, with "operation not permitted", is what no Elixir program asks for and kernel holes are
found in: namespaces, mounts, tracing, keys, BPF, performance events, io_uring, kernel modules, the
clock, and sockets of other families than local, IP and routing (a virtual machine's own channel to
its host, AF_VSOCK, is not bound to a network namespace). Calls of another architecture end the
program. Everything else is allowed: containers bring the longer list of their engine.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LOAD, JUMP_EQUAL, JUMP_ABOVE, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS = 1, 38
NUMBER, ARCHITECTURE, ARGUMENT = 0, 4, 16
"""Offsets in `struct seccomp_data`; the first argument's low half, on little-endian machines."""
NEW_NAMESPACES = 0x7E020080
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET and NEWTIME."""
FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK."""


@dataclass(frozen=True)
class Machine:
    """An architecture: what the kernel calls it, its numbers of the calls that are looked into,
    and of those that are refused."""

    audit: int
    clone: int
    clone3: int
    socket: int
    refused: Mapping[str, int]


# The numbers that came after the architectures agreed on one table.
_COMMON = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "memfd_secret": 447,
}
_X86_64 = {
    "modify_ldt": 154,
    "pivot_root": 155,
    "adjtimex": 159,
    "chroot": 161,
    "acct": 163,
    "settimeofday": 164,
    "mount": 165,
    "umount2": 166,
    "swapon": 167,
    "swapoff": 168,
    "reboot": 169,
    "sethostname": 170,
    "setdomainname": 171,
    "iopl": 172,
    "ioperm": 173,
    "init_module": 175,
    "delete_module": 176,
    "quotactl": 179,
    "ptrace": 101,
    "syslog": 103,
    "vhangup": 153,
    "clock_settime": 227,
    "mbind": 237,
    "set_mempolicy": 238,
    "kexec_load": 246,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "migrate_pages": 256,
    "unshare": 272,
    "move_pages": 279,
    "perf_event_open": 298,
    "name_to_handle_at": 303,
    "open_by_handle_at": 304,
    "clock_adjtime": 305,
    "setns": 308,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kcmp": 312,
    "finit_module": 313,
    "kexec_file_load": 320,
    "bpf": 321,
    "userfaultfd": 323,
}
_AARCH64 = {
    "umount2": 39,
    "mount": 40,
    "pivot_root": 41,
    "chroot": 51,
    "vhangup": 58,
    "quotactl": 60,
    "acct": 89,
    "unshare": 97,
    "kexec_load": 104,
    "init_module": 105,
    "delete_module": 106,
    "clock_settime": 112,
    "syslog": 116,
    "ptrace": 117,
    "reboot": 142,
    "sethostname": 161,
    "setdomainname": 162,
    "settimeofday": 170,
    "adjtimex": 171,
    "add_key": 217,
    "request_key": 218,
    "keyctl": 219,
    "swapon": 224,
    "swapoff": 225,
    "mbind": 235,
    "set_mempolicy": 237,
    "migrate_pages": 238,
    "move_pages": 239,
    "perf_event_open": 241,
    "name_to_handle_at": 264,
    "open_by_handle_at": 265,
    "clock_adjtime": 266,
    "setns": 268,
    "process_vm_readv": 270,
    "process_vm_writev": 271,
    "kcmp": 272,
    "finit_module": 273,
    "bpf": 280,
    "userfaultfd": 282,
    "kexec_file_load": 294,
}
MACHINES: Mapping[str, Machine] = MappingProxyType(
    {
        "x86_64": Machine(0xC000003E, 56, 435, 41, _X86_64 | _COMMON),
        "aarch64": Machine(0xC00000B7, 220, 435, 198, _AARCH64 | _COMMON),
    }
)


def program(machine: str = platform.machine()) -> bytes | None:
    """The filter for an architecture, `struct sock_filter` after `struct sock_filter`; None where
    we know no numbers."""
    known = MACHINES.get(machine)
    if known is None:
        return None
    refuse = _op(RETURN, ERRNO | EPERM)
    allow = _op(RETURN, ALLOW)
    code = [
        _op(LOAD, ARCHITECTURE),
        _op(JUMP_EQUAL, known.audit, 1, 0),
        _op(RETURN, KILL),
        _op(LOAD, NUMBER),
        # The x32 calls of x86_64 have numbers of their own, from here on.
        _op(JUMP_ABOVE, 0x40000000, 0, 1),
        refuse,
    ]
    for number in sorted(known.refused.values()):
        code += [_op(JUMP_EQUAL, number, 0, 1), refuse]
    # Its flags lie in memory, out of sight: the C library then uses clone.
    code += [_op(JUMP_EQUAL, known.clone3, 0, 1), _op(RETURN, ERRNO | ENOSYS)]
    code += [
        _op(JUMP_EQUAL, known.clone, 0, 4),
        _op(LOAD, ARGUMENT),
        _op(JUMP_SET, NEW_NAMESPACES, 0, 1),
        refuse,
        allow,
    ]
    code += [_op(JUMP_EQUAL, known.socket, 0, 2 + len(FAMILIES)), _op(LOAD, ARGUMENT)]
    code += [
        _op(JUMP_EQUAL, family, len(FAMILIES) - index, 0) for index, family in enumerate(FAMILIES)
    ]
    code += [refuse, allow]
    return b"".join(code)


def _op(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("<HBBI", code, then, otherwise, value)
