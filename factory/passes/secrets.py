"""What secrets look like: one pattern per published key format, and the test for randomness.

The formats are facts that their issuers publish (documentation pages and secret-scanning partner
lists). Each has a *lead* that is cheap to look for and a pattern with the alphabet and the length,
so that prose and identifiers do not match. Patterns work on bytes.
"""

from __future__ import annotations

import math
import re
from collections import Counter

SHORTEST_RUN = 16
"""Every format below has a stretch of at least so many letters, digits, `_` and `-`."""

RUN = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

LEAD_IN = 9
"""A lead may stand this many bytes before the stretch (`SFMyNTY.`)."""

# kind, lead, what follows the lead
_FORMATS: tuple[tuple[str, str, str], ...] = (
    ("jwt", r"eyJ", r"[\w-]{8,}\.[\w-]{4,}\.(?:[\w-]+(?:\.[\w-]+){0,2})?"),
    ("phoenix", r"SFMyNTY\.", r"[\w-]{8,}\.[\w-]{20,}"),
    ("aws", r"A(?:KIA|SIA|BIA|CCA)", r"[A-Z2-7]{16}(?![A-Za-z0-9])"),
    ("google", r"AIza", r"[\w-]{35}(?![\w-])"),
    ("google", r"GOCSPX-", r"[\w-]{28}"),
    ("google", r"ya29\.", r"[\w-]{20,}"),
    ("azure", r"sig=", r"[A-Za-z0-9%/+]{40,}=*"),
    ("github", r"gh[pousr]_", r"[A-Za-z0-9]{36,255}"),
    ("github", r"github_pat_", r"[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("gitlab", r"gl(?:pat|dt|rt|ptt|oas|ft|cbt|imt|agent|soat)-", r"[\w-]{20,}(?:\.[\w-]+)*"),
    ("gitlab", r"GR1348941", r"[\w-]{20}"),
    ("slack", r"xox[abeoprs](?:\.xox[bp])?-", r"[A-Za-z0-9-]{10,}"),
    ("slack", r"xapp-\d-", r"[A-Za-z0-9-]{20,}"),
    ("discord", r"[MNO]", r"[\w-]{23,27}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])"),
    ("telegram", r"AA", r"(?<=\d:AA)[\w-]{33}(?![\w-])"),
    ("stripe", r"[sr]k_(?:live|test)_", r"[A-Za-z0-9]{16,}"),
    ("stripe", r"whsec_", r"[A-Za-z0-9+/=]{24,}"),
    ("anthropic", r"sk-ant-", r"[\w-]{20,}"),
    ("openai", r"sk-", r"(?:(?:proj|svcacct|admin|None)-[\w-]{20,}|[A-Za-z0-9]{32,})"),
    ("huggingface", r"(?:hf|api_org)_", r"[A-Za-z0-9]{30,40}(?!\w)"),
    ("npm", r"npm_", r"[A-Za-z0-9]{36}(?!\w)"),
    ("pypi", r"pypi-AgE", r"[\w-]{50,}"),
    ("rubygems", r"rubygems_", r"[a-f0-9]{48}"),
    ("sendgrid", r"SG\.", r"[\w-]{22}\.[\w-]{43}"),
    ("twilio", r"SK", r"[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("mailgun", r"key-", r"[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("digitalocean", r"do[opr]_v1_", r"[a-f0-9]{64}"),
    ("heroku", r"HRKU-", r"[\w-]{36,}"),
    ("fly", r"f(?:o1|m[12][ar]?)_", r"[A-Za-z0-9+/=_-]{40,}"),
    ("shopify", r"shp(?:at|ca|pa|ss)_", r"[a-fA-F0-9]{32}"),
    ("square", r"sq0[a-z]{3}-", r"[\w-]{22,43}"),
    ("databricks", r"dapi", r"[0-9a-f]{32}(?:-\d)?(?!\w)"),
    ("linear", r"lin_(?:api|oauth)_", r"[A-Za-z0-9]{32,}"),
    ("sentry", r"sntry[su]_", r"[A-Za-z0-9+/=_-]{40,}"),
    ("newrelic", r"NRAK-", r"[A-Z0-9]{27}(?!\w)"),
    ("postman", r"PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}"),
    ("vault", r"hv[sbr]\.", r"[\w-]{24,}"),
    ("doppler", r"dp\.(?:pt|st|ct|scim|audit)\.", r"[\w-]{40,}"),
    ("age", r"AGE-SECRET-KEY-1", r"[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    ("atlassian", r"ATATT3", r"[\w=-]{50,}"),
    ("airtable", r"pat", r"[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    ("grafana", r"glsa_", r"[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    ("grafana", r"glc_", r"[A-Za-z0-9+/]{32,400}={0,2}"),
    ("notion", r"(?:ntn|secret)_", r"[A-Za-z0-9]{43,}(?!\w)"),
    ("groq", r"gsk_", r"[A-Za-z0-9]{52}(?!\w)"),
    ("replicate", r"r8_", r"[A-Za-z0-9]{37}(?!\w)"),
    ("supabase", r"sbp_", r"[a-f0-9]{40}"),
    ("planetscale", r"pscale_(?:tkn|oauth|pw)_", r"[\w.=-]{32,}"),
)

KINDS: tuple[str, ...] = tuple(kind for kind, _, _ in _FORMATS)

LEAD = re.compile("|".join(lead for _, lead, _ in _FORMATS).encode())
"""Where a key may begin."""

FORMAT = re.compile("|".join(f"({lead}{rest})" for _, lead, rest in _FORMATS).encode())
"""All formats at once; the number of the group that matched is an index into `KINDS`, plus 1."""

MARKED: tuple[tuple[str, bytes, int, re.Pattern[bytes]], ...] = (
    ("azure", b"Q~", 4, re.compile(rb"[A-Za-z0-9_~.]{3}[0-9]Q~([A-Za-z0-9_~.-]{31,34})")),
    ("mailchimp", b"-us", 32, re.compile(rb"([0-9a-f]{32}-us\d{1,2})(?!\w)")),
    ("slack", b"hooks.slack.com/", 0, re.compile(rb"[\w.]+/((?:[a-z]+)/\w+/\w+/\w{16,})")),
    ("discord", b"/webhooks/", 0, re.compile(rb"/\w+/(\d{17,20}/[\w-]{60,})")),
)
"""Formats that have no lead but a mark in them: kind, mark, how many bytes before the mark the
pattern begins, and the pattern, whose group is the secret."""

NAMES = (
    *(b"passw", b"passphrase", b"pwd", b"secret", b"token", b"key", b"salt", b"cookie"),
    *(b"bearer", b"authorization"),
)
"""Words in the name of what holds a secret, lower case."""

_KEY = re.compile(
    rb"(?:api|access|account|auth|private|secret|signing|encryption|encrypt|master|licen[cs]e|app|"
    rb"client|service|shared|consumer|hex|hmac|deploy|subscription|admin|write|read|session)[_-]?$"
)
_QUOTED = re.compile(
    rb"[\w-]*[\"'\])]{0,3}\s{0,20}(?:=>|:=|[:=,]|\|\|)?\s{0,20}(?:System\.get_env\([^)\n]{1,60}\)"
    rb"\s{0,5}\|\|\s{0,5})?[:~]?(?:<<)?[\"'](?:(?:bearer|basic|token|key)\s+)?"
    rb"((?:[^\"'\\\s#]|#(?!\{)){8,512})[\"']",
    re.IGNORECASE,
)
_BARE = re.compile(
    rb"[\w-]{0,40}(?:\s{0,3}[:=]\s{0,3}|\s+)(?:(?:bearer|basic|token|key)\s+)?"
    rb"([A-Za-z0-9+/_.~!@$%^&*=-]{16,512})(?=[\s\"'\\,;)}\]]|$)",
    re.IGNORECASE,
)
_NOT_SECRET = re.compile(
    # What says that it is an example; then URLs, paths, calls, placeholders, variables, addresses.
    rb"example|redacted|x{4}|your|change|placeholder|dummy|sample|\.\.\.|1234567|abcdef|qwerty|"
    rb"password|secret|://|^\{|=#|^\.{0,2}/[a-z_.-]+/|\w\(|^<|>$|^\$\{?[A-Z_]+\}?$|^%\w+%?$|"
    rb"^[a-z_.-]+@[a-z]",
    re.IGNORECASE,
)


def value_of_name(raw: bytes, name: bytes, at: int) -> tuple[int, int] | None:
    """Where `name` stands at `at`: the span of the random-looking value it names, if any:
    `password: "…"`, `{api_key, <<"…">>}`, `TOKEN=…`, `Authorization: Bearer …`."""
    if name == b"key" and not _KEY.search(raw[max(0, at - 14) : at].lower()):
        return None
    after = at + len(name)
    match = _QUOTED.match(raw, after)
    if match and random_looking(match[1], strict=False):
        return match.span(1)
    match = _BARE.match(raw, after)
    if match and random_looking(match[1], strict=True):
        return match.span(1)
    return None


def random_looking(value: bytes, strict: bool) -> bool:
    """Whether a machine or a cautious person made this up, rather than somebody who needed a
    value for an example. Without quotes around it (`strict`) it could be code, so it must be
    longer and hold digits among letters in a way that names do not."""
    if _NOT_SECRET.search(value):
        return False
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    digits = sum(n for byte, n in counts.items() if 48 <= byte <= 57)
    lower = any(97 <= byte <= 122 for byte in counts)
    upper = any(65 <= byte <= 90 for byte in counts)
    symbols = any(not chr(byte).isalnum() for byte in counts)
    kinds = lower + upper + symbols + (digits > 0)
    if re.fullmatch(rb"[0-9a-f-]+|[0-9A-F-]+", value):
        return len(value) >= 24 and entropy >= 3.0 and lower + upper > 0
    if strict:
        return len(value) >= 20 and entropy >= 3.6 and digits >= 2 and lower and upper
    if len(value) < 16:
        return kinds >= 3 and digits > 0 and entropy >= 2.75 and _unlike_words(value)
    if len(value) >= 32 and lower and upper and entropy >= 4.2 and not symbols:
        return True
    if entropy < 3.3 or not _unlike_words(value):
        return False
    return (kinds >= 2 and digits >= 2) or (kinds >= 3 and bool(_ODD.search(value)))


_ODD = re.compile(rb"[!@$%^&*?+/=~]")


def _unlike_words(value: bytes) -> bool:
    """Not a name such as `Elixir1Module`, `v1.2-rc3` or `user_42`: letters and digits change
    places, or symbols that names have not stand among them."""
    if _ODD.search(value):
        return True
    words = re.findall(rb"[A-Z]?[a-z]+|[A-Z]+|\d+", value)
    return len(words) * 3.2 > len(value)
