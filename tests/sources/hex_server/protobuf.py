"""Writing proto2 messages (protobuf.dev/programming-guides/encoding): just what a registry needs.

A message is a sequence of `(field number, value)`: an `int` or `bool` as a varint, `bytes`, `str`
or a nested message by length, a `float` as 32 bits, a `Packed` as packed varints. None leaves a
field out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Packed:
    numbers: Sequence[int]


Value = int | bool | float | str | bytes | Packed | None
Field = tuple[int, Value]

_MASK = (1 << 64) - 1


def message(*fields: Field) -> bytes:
    return b"".join(_field(number, value) for number, value in fields if value is not None)


def repeated(number: int, values: Iterable[Value]) -> list[Field]:
    return [(number, value) for value in values]


def varint(value: int) -> bytes:
    value &= _MASK
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(int(value))
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, Packed):
        if not value.numbers:
            return b""
        value = b"".join(varint(each) for each in value.numbers)
    data = value.encode() if isinstance(value, str) else value or b""
    return varint(number << 3 | 2) + varint(len(data)) + data
