"""Choices that look random and are not: a seed and a key always give the same answer.

Order-independent by construction, so a build's output cannot depend on which worker came first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def number(seed: int, *key: str | int) -> int:
    """A uniform 64-bit number for this seed and key."""
    packed = "\x1f".join(map(str, (seed, *key))).encode()
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big")


def sample(options: Sequence[T], count: int, seed: int, *key: str | int) -> list[T]:
    """At most `count` of `options`, chosen by seed and key, in their original order."""
    if len(options) <= count:
        return list(options)
    ranked = sorted(range(len(options)), key=lambda i: number(seed, *key, i))
    return [options[i] for i in sorted(ranked[:count])]
