"""The protobuf messages of Hex's registry, version 2, declared as its specification lists them
(`registry/*.proto` of hexpm/specifications), and read by Google's protobuf.

Three liberties, all safe on the wire: an enum is an `int32` here, because a reason or severity that
is new tomorrow must not make a package unreadable (the specification asks clients for that); of an
advisory its id alone must be there, since more was asked of it over time; and the messages called
`Package` have names of their own. Unknown fields are passed over.

Not covered: policies, and writing.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from factory.errors import SourceError

_MESSAGES = {
    "Signed": "payload:1!bytes signature:2?bytes",
    "Timestamp": "seconds:1!int64 nanos:2!int32",
    "Names": "packages:1*NamedPackage repository:2!string",
    "NamedPackage": "name:1!string updated_at:3?Timestamp",
    "Versions": "packages:1*VersionedPackage repository:2!string",
    "VersionedPackage": "name:1!string versions:2*string retired:3*int32 with_advisories:5*int32",
    "Package": "releases:1*Release name:2!string repository:3!string advisories:4*Advisory",
    "Release": "version:1!string inner_checksum:2!bytes dependencies:3*Dependency "
    "retired:4?Retirement outer_checksum:5?bytes advisory_indexes:6*uint32 "
    "published_at:7?Timestamp",
    "Retirement": "reason:1!int32 message:2?string",
    "Advisory": "id:1!string summary:2?string html_url:3?string severity:4?int32 "
    "cvss_score:5?float api_url:6?string aliases:7*string",
    "Dependency": "package:1!string requirement:2!string optional:3?bool app:4?string "
    "repository:5?string",
}
"""Each message's fields as `name:number`, how often (`!` always, `?` perhaps, `*` repeated), type.
Repeated numbers may come packed or not: readers take both."""

_OFTEN = {
    "!": FieldDescriptorProto.LABEL_REQUIRED,
    "?": FieldDescriptorProto.LABEL_OPTIONAL,
    "*": FieldDescriptorProto.LABEL_REPEATED,
}
_TYPES = {
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "float": FieldDescriptorProto.TYPE_FLOAT,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "string": FieldDescriptorProto.TYPE_STRING,
    "uint32": FieldDescriptorProto.TYPE_UINT32,
}


class MessageError(SourceError):
    """Bytes that are no such message."""


def decode(kind: str, data: bytes) -> Any:
    """The message of this kind (`Signed`, `Names`, `Versions`, `Package`). The caller bounds the
    size of `data`. Raises `MessageError`."""
    message = _classes()[kind]()
    try:
        message.ParseFromString(data)
        whole = message.IsInitialized()
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MessageError(f"it is no {kind} message of a Hex registry") from error
    if not whole:
        raise MessageError(f"it is a {kind} message that lacks what each of them has")
    return message


@cache
def _classes() -> dict[str, type[Any]]:
    file = FileDescriptorProto(name="hex_registry_v2.proto", package="hex", syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field in fields.split():
            title, _, rest = field.partition(":")
            at = next(i for i, c in enumerate(rest) if c in _OFTEN)
            number, often, type_ = rest[:at], rest[at], rest[at + 1 :]
            added = message.field.add(name=title, number=int(number), label=_OFTEN[often])
            if type_ in _TYPES:
                added.type = _TYPES[type_]
            else:
                added.type = FieldDescriptorProto.TYPE_MESSAGE
                added.type_name = f".hex.{type_}"
    pool = DescriptorPool()
    pool.Add(file)
    return {name: GetMessageClass(pool.FindMessageTypeByName(f"hex.{name}")) for name in _MESSAGES}
