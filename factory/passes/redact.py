"""Redaction: secrets, e-mail addresses and private IP addresses replaced before code is parsed.

The replacement keeps the text's shape: no line is added or lost, and what stands in its place is
valid in a string, a comment or an identifier, so code that parsed still does. Redacting twice is
redacting once. A secret that was found somewhere is replaced wherever the same text repeats it.

What is left alone, and why: documentation addresses (RFC 2606 names, RFC 5737 networks) and values
that say they are examples; loopback, link-local and netmask addresses, which say nothing about
anybody's network; the bases of the private ranges themselves (`10.0.0.0/8` is a fact, not a
host); numbers with four parts that are versions or longer identifiers; public IP addresses, which
belong to services; node names (`rabbit@hostname`) and SSH remotes (`git@github.com:`). What it
cannot see: secrets without a known format under a harmless name, and names of people.

Clean code passes at some 45 MB a second because a document is first searched for what every
finding must contain: an `@`, `://`, a long run of token characters that is no name, a telling
name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from factory.passes import secrets
from factory.spec import Redaction


class Finding(NamedTuple):
    """What stands at bytes `start` to `end` (exclusive) of the UTF-8 text, and what replaces it.
    `kind` is `email`, `address`, `private-key`, `url`, `named` (a value whose name says that it is
    secret) or the issuer of a key format (`aws`, `github`, `jwt`, …)."""

    kind: str
    start: int
    end: int
    replacement: str


_PASSES = 8
_DIGIT = re.compile(rb"\d")
_IS_RUN = np.zeros(256, bool)
_IS_RUN[list(secrets.RUN)] = True


def redact(text: str, options: Redaction) -> tuple[str, list[Finding]]:
    """The text with everything found replaced, and the findings, whose spans refer to the text
    as given. (A replacement can uncover what stood next to it, so what was replaced is searched
    again until nothing is found; the spans of such late findings refer to the text then.)"""
    text, findings, _ = redact_marked(text, options, ())
    return text, findings


def redact_marked(
    text: str, options: Redaction, marks: Sequence[int]
) -> tuple[str, list[Finding], list[int]]:
    """As `redact`, and where the bytes `marks` (ascending offsets) of the text as given are in the
    text that comes out; one inside a replaced span is at the end of what replaces it."""
    every: list[Finding] = []
    moved = list(marks)
    for _ in range(_PASSES):
        findings = find(text, options)
        if not findings:
            break
        every += findings
        raw = text.encode()
        parts: list[bytes] = []
        at = 0
        for finding in findings:
            parts += (raw[at : finding.start], finding.replacement.encode())
            at = finding.end
        text = b"".join([*parts, raw[at:]]).decode()
        moved = [_moved(mark, findings) for mark in moved]
    return text, every, moved


def _moved(mark: int, findings: Sequence[Finding]) -> int:
    """Where a byte is after one round of replacements."""
    shift = 0
    for finding in findings:
        if finding.start >= mark:
            break
        grown = len(finding.replacement.encode()) - (finding.end - finding.start)
        shift += grown + max(0, finding.end - mark)
    return mark + shift


def find(text: str, options: Redaction) -> list[Finding]:
    """What would be replaced, in order; no two findings overlap."""
    raw = text.encode()
    found: list[Finding] = []
    if options.secrets:
        known = [*_private_keys(raw), *_formats(raw), *_urls(raw), *_named(raw)]
        found += known
        found += _repeated(raw, known)
    if options.emails:
        found += _emails(raw)
    if options.addresses:
        found += _addresses(raw)
    return _without_overlaps(raw, found)


def _without_overlaps(raw: bytes, found: list[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    # Of findings that overlap the first listed wins, which is the more specific kind.
    for finding in found:
        if raw[finding.start : finding.end] == finding.replacement.encode():
            continue
        if not any(f.start < finding.end and finding.start < f.end for f in kept):
            kept.append(finding)
    return sorted(kept, key=lambda f: f.start)


def _places(raw: bytes, word: bytes) -> Iterator[int]:
    at = raw.find(word)
    while at >= 0:
        yield at
        at = raw.find(word, at + 1)


_PEM = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    rb"((?:(?!-----BEGIN).){1,20000}?)"
    rb"-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----",
    re.DOTALL,
)
_PEM_BODY = re.compile(rb"\\.|[A-Za-z0-9+/]{12,}={0,2}|[A-Za-z0-9+/]{2,}={1,2}")


def _private_keys(raw: bytes) -> Iterator[Finding]:
    if b"-----BEGIN " not in raw:
        return
    for match in _PEM.finditer(raw):
        body = _PEM_BODY.sub(
            lambda found: found[0] if found[0].startswith(b"\\") else b"REDACTED", match[1]
        )
        yield Finding("private-key", match.start(1), match.end(1), body.decode(errors="replace"))


def _formats(raw: bytes) -> Iterator[Finding]:
    breaks = np.flatnonzero(~_IS_RUN[np.frombuffer(raw, np.uint8)])
    edges = np.concatenate([[-1], breaks, [len(raw)]])
    long = np.flatnonzero(np.diff(edges) > secrets.SHORTEST_RUN)
    done = 0
    for start, end in zip((edges[long] + 1).tolist(), edges[long + 1].tolist(), strict=True):
        run = raw[start:end]
        # Nearly all runs are names in snake_case: small letters without a digit are no key.
        if run.islower() and not _DIGIT.search(run):
            continue
        lead = secrets.LEAD.search(raw, max(start - secrets.LEAD_IN, done), end)
        while lead:
            done = lead.start() + 1
            match = _format_at(raw, lead.start())
            if match:
                yield match
                done = match.end
            lead = secrets.LEAD.search(raw, done, end)
    for kind, mark, before, pattern in secrets.MARKED:
        for at in _places(raw, mark):
            marked = pattern.match(raw, at - before) if at >= before else None
            if marked and not _sample(marked[1]):
                yield Finding(kind, *marked.span(1), f"REDACTED_{kind.upper()}")


def _format_at(raw: bytes, at: int) -> Finding | None:
    # A key is not the end of a longer word, unless the letter before is that of an escape.
    before = raw[max(0, at - 2) : at]
    if before[-1:].isalnum() and not re.fullmatch(rb"\\[nrt]", before):
        return None
    match = secrets.FORMAT.match(raw, at)
    if match is None or _sample(match[0]):
        return None
    kind = secrets.KINDS[(match.lastindex or 1) - 1]
    return Finding(kind, match.start(), match.end(), f"REDACTED_{kind.upper()}")


def _sample(key: bytes) -> bool:
    """Whether a key of the right format says itself that it is none: `AKIAIOSFODNN7EXAMPLE`."""
    return b"EXAMPLE" in key or b"xxxxxx" in key.lower() or len(set(key)) < 8


_USERINFO = re.compile(rb"://[^\s/:@\"'<>]{0,100}:((?:[^\s/@\"'<>\\#]|#(?!\{)){6,200})@[\w\[]")


def _urls(raw: bytes) -> Iterator[Finding]:
    for at in _places(raw, b"://"):
        match = _USERINFO.match(raw, at)
        if match is None or match[1] == b"REDACTED":
            continue
        # `foo:bar@`, `USER:PASSWORD@` are what people write to show what a URL is made of.
        letters = re.sub(rb"%[0-9A-Fa-f]{2}", b"", match[1])
        mixed = re.search(rb"[a-z]", letters) and re.search(rb"[A-Z]", letters)
        if mixed or re.search(rb"\d", letters):
            yield Finding("url", match.start(1), match.end(1), "REDACTED")


def _named(raw: bytes) -> Iterator[Finding]:
    lower = raw.lower()
    for name in secrets.NAMES:
        for at in _places(lower, name):
            span = secrets.value_of_name(raw, name, at)
            if span:
                yield Finding("named", *span, "REDACTED")


def _repeated(raw: bytes, known: list[Finding]) -> Iterator[Finding]:
    values = {
        raw[f.start : f.end]: (f.kind, f.replacement) for f in known if f.kind != "private-key"
    }
    for value, (kind, replacement) in values.items():
        if len(value) < 8:
            continue
        for at in _places(raw, value):
            around = raw[max(0, at - 1) : at] + raw[at + len(value) : at + len(value) + 1]
            if not re.search(rb"[A-Za-z0-9]", around):
                yield Finding(kind, at, at + len(value), replacement)


_DOMAIN = re.compile(rb"@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})")
_LOCAL_PART = re.compile(rb"[A-Za-z0-9](?:[A-Za-z0-9._%+'-]{0,62}[A-Za-z0-9_+-])?$")
_EXAMPLE = re.compile(rb"(?:^|\.)example\.(?:com|org|net|edu)$", re.IGNORECASE)
_TOP_LEVEL = frozenset(
    (
        b"com org net edu gov mil int info biz name pro aero coop jobs mobi travel tel cat asia "
        b"academy agency app art berlin blog build business cafe capital careers center chat "
        b"city club cloud codes coffee community company computer consulting cool cx data design "
        b"dev digital directory email energy engineer engineering enterprises estate events "
        b"exchange expert finance fitness foundation fun fund fyi games global group guide guru "
        b"health help host hosting house industries ink institute international land law legal "
        b"life link live llc london ltd management market marketing media money network news "
        b"ninja nyc one online page partners photo photos plus press productions properties "
        b"school science services shop show site social software solar solutions space store "
        b"studio support swiss systems team tech technology today tools top training university "
        b"vip watch website wiki wine work works world wtf xyz zone "
    ).split()
)
"""Generic top-level domains that people have mail under (IANA's root zone has a thousand more that
are seldom used); of country codes all are taken. Node names and `user@domain.tld` end otherwise."""
_NOT_COUNTRIES = frozenset(b"ex js ts gz yml md py rb rs sh".split())
"""Two letters after a dot that name a kind of file. Some of them are countries too, but
`script@1.sh` is seen more often in source than mail from Saint Helena."""


def _emails(raw: bytes) -> Iterator[Finding]:
    for match in _DOMAIN.finditer(raw):
        before = raw[max(0, match.start() - 64) : match.start()]
        local = _LOCAL_PART.search(before)
        if local is None or not _is_public(match[1]):
            continue
        start = match.start() - (len(before) - local.start())
        start += _escape_letter(raw, start)
        if start >= match.start() or raw[match.end() : match.end() + 1] in (b"(", b"_"):
            continue
        if raw[start : match.start()] in (b"git", b"hg", b"svn"):
            continue
        # What stands before the `@` of a URL is a user's name or password.
        if re.search(rb"//[^\s/\"'<>]*$", raw[max(0, start - 200) : start]):
            continue
        if raw[start : match.end()] == b"redacted@example.com":
            continue
        yield Finding("email", start, match.end(), "redacted@example.com")


def _is_public(domain: bytes) -> bool:
    top = domain.rpartition(b".")[2].lower()
    if _EXAMPLE.search(domain):
        return False
    return top in _TOP_LEVEL or (len(top) == 2 and top not in _NOT_COUNTRIES)


def _escape_letter(raw: bytes, start: int) -> int:
    """1 where the letter at `start` is that of an escape such as `\\n`, else 0."""
    return int(raw[start - 1 : start] == b"\\" and raw[start : start + 1] in b"nrtsef")


_OCTET = rb"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_QUAD = re.compile(
    rb"(?<![\w.])(?:10\."
    + _OCTET
    + rb"|192\.168|172\.(?:1[6-9]|2\d|3[01]))\."
    + _OCTET
    + rb"\.("
    + _OCTET
    + rb")(?![\w]|\.\d|\.\w)"
)
_TUPLE = re.compile(
    rb"\{\s?(10,\s?"
    + _OCTET
    + rb"|192,\s?168|172,\s?(?:1[6-9]|2\d|3[01])),\s?"
    + _OCTET
    + rb",\s?("
    + _OCTET
    + rb")\s?\}"
)
_BASES = (b"10.0.0.0", b"172.16.0.0", b"192.168.0.0")
_VERSION = re.compile(rb"(?:ver(?:sion)?|vsn|release|\bv|~>|>=|<=)\W{0,6}$", re.IGNORECASE)
_NETWORK = re.compile(rb"ip|addr|host|inet|peer|bind|listen|interface|subnet|gateway|nat", re.I)
_ULA = re.compile(
    rb"(?<![\w:])f[cd][0-9a-f]{2}:(?=[0-9a-f:]*:[0-9a-f:]*)[0-9a-f:]{2,34}(?![\w:])", re.I
)


def _addresses(raw: bytes) -> Iterator[Finding]:
    for prefix in (b"10", b"192", b"172"):
        for at in _places(raw, prefix):
            if raw[at + len(prefix) : at + len(prefix) + 1] == b".":
                match = _QUAD.match(raw, at)
                if (
                    match
                    and match[0] not in _BASES
                    and not _VERSION.search(raw, max(0, at - 20), at)
                ):
                    last = match[1].decode()
                    yield Finding("address", match.start(), match.end(), f"192.0.2.{last}")
            elif raw[at - 1 : at] in (b"{", b" "):
                brace = raw.rfind(b"{", max(0, at - 2), at)
                tuple_ = _TUPLE.match(raw, brace) if brace >= 0 else None
                if tuple_ and (prefix != b"10" or _NETWORK.search(_line(raw, at))):
                    replacement = f"{{192, 0, 2, {tuple_[2].decode()}}}"
                    yield Finding("address", tuple_.start(), tuple_.end(), replacement)
    for at in _local_ipv6(raw):
        local = _ULA.match(raw, at)
        if local and _is_ipv6(local[0]):
            last = local[0].rpartition(b":")[2].decode()
            yield Finding("address", local.start(), local.end(), f"2001:db8::{last}")


def _local_ipv6(raw: bytes) -> list[int]:
    """Where `fc` or `fd` (RFC 4193) stands five bytes before what follows a colon."""
    if len(raw) < 6:
        return []
    lower = np.frombuffer(raw, np.uint8) | 0x20
    colon = lower[4:] == ord(":") | 0x20
    return np.flatnonzero(colon & (lower[:-4] == ord("f")) & (lower[1:-3] & 0xFE == 0x64)).tolist()


def _line(raw: bytes, at: int) -> bytes:
    return raw[max(raw.rfind(b"\n", 0, at) + 1, at - 200) : at]


def _is_ipv6(text: bytes) -> bool:
    groups = text.split(b":")
    if any(len(group) > 4 for group in groups):
        return False
    return len(groups) == 8 or (text.count(b"::") == 1 and len(groups) < 9)
