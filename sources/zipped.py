"""Zip archives: the central directory is checked whole, then only wanted members are unpacked.

Zip64 archives (above 4 GiB or 65,535 members), encryption, and packings other than stored, deflate
and bzip2 are refused: no source archive needs them, and each widens what hostile input can reach.
"""

from __future__ import annotations

import stat
import struct
import zipfile
from datetime import UTC, datetime
from typing import BinaryIO

from sources.members import Collector

END = b"PK\x05\x06"
END_SIZE = 22
ZIP64_LOCATOR = b"PK\x06\x07"
UTF8_FLAG = 0x800
ENCRYPTED_FLAGS = 0x1 | 0x40 | 0x2000
DIRECTORY_BYTES = 64 << 20
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)


def is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", END))


def read_zip(file: BinaryIO, size: int, collector: Collector) -> None:
    """Hands every member to the collector. Raises `ArchiveRefusedError` for whatever is unsafe or
    broken."""
    _check_directory(file, size, collector)
    try:
        archive = zipfile.ZipFile(file)
    except UnicodeDecodeError as error:
        collector.member = error.object.decode("utf-8", "surrogateescape")
        raise collector.refuse("its name is not UTF-8") from error
    except Exception as error:  # hostile headers make the parser raise nearly anything
        raise collector.refuse(f"not a sound zip archive ({error})") from error
    with archive:
        unpacked = 0
        for info in archive.infolist():
            _member(archive, info, collector)
            unpacked += info.file_size
            if unpacked > max(collector.limits.ratio_floor, size * collector.limits.ratio):
                raise collector.refuse(
                    f"it unpacks to more than {collector.limits.ratio} times its packed size"
                )


def _check_directory(file: BinaryIO, size: int, collector: Collector) -> None:
    """Bound what the parser will hold in memory before it parses anything."""
    reach = min(size, END_SIZE + (1 << 16) + 20)
    file.seek(size - reach)
    tail = file.read(reach)
    at = len(tail) - END_SIZE
    if at < 0 or tail[at : at + 4] != END or tail[-2:] != b"\0\0":
        at = tail.rfind(END)
    if at < 0 or at + END_SIZE > len(tail):
        raise collector.refuse("not a sound zip archive (no end of its directory)")
    count, directory = struct.unpack("<HL", tail[at + 10 : at + 16])
    if count == 0xFFFF or ZIP64_LOCATOR in tail[max(0, at - 20) : at]:
        raise collector.refuse("zip64 archives are not read")
    if directory > DIRECTORY_BYTES:
        raise collector.refuse(f"its directory is larger than {DIRECTORY_BYTES:,} bytes")
    file.seek(0)


def _name(info: zipfile.ZipInfo, collector: Collector) -> str:
    """The member's name; without the UTF-8 flag the bytes must be UTF-8 all the same."""
    name = info.orig_filename
    if info.flag_bits & UTF8_FLAG or name.isascii():
        return name
    collector.member = name
    try:
        return name.encode("cp437").decode()
    except UnicodeError as error:
        raise collector.refuse("its name is not UTF-8") from error


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, collector: Collector) -> None:
    name = _name(info, collector)
    path = collector.meet(name, _seconds(info))
    if info.flag_bits & ENCRYPTED_FLAGS:
        raise collector.refuse("it is encrypted")
    if info.compress_type not in PACKINGS:
        raise collector.refuse(f"it is packed in a way that is not read ({info.compress_type})")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.endswith("/") or kind == stat.S_IFDIR:
        collector.folder(path)
    elif kind == stat.S_IFLNK:
        if info.file_size > collector.limits.name:
            raise collector.refuse("it is a link with an endless target")
        target = _data(archive, info, collector).decode("utf-8", "surrogateescape")
        collector.link(path, target, from_root=False)
    elif kind in (0, stat.S_IFREG):
        if collector.file(path, info.file_size):
            collector.keep(path, _data(archive, info, collector))
    else:
        raise collector.refuse("it is a device, a FIFO or of another special kind")


def _data(archive: zipfile.ZipFile, info: zipfile.ZipInfo, collector: Collector) -> bytes:
    try:
        with archive.open(info) as member:
            data = member.read(info.file_size + 1)
    except Exception as error:  # a lying header makes the parser raise anything
        raise collector.refuse(f"it cannot be unpacked ({error})") from error
    if len(data) != info.file_size:
        raise collector.refuse("its size is not what the archive says")
    return data


def _seconds(info: zipfile.ZipInfo) -> float:
    """The day alone: zip stores local time without a zone, which is not the same anywhere."""
    try:
        return datetime(*info.date_time[:3], tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
