"""Redaction: what is planted is found, what is innocent stays, and code stays code."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.passes.redact import find, redact, redact_marked
from factory.spec import Redaction
from factory.syntax import parse
from tests.factory.passes import planted
from tests.factory.passes.planted import some

ALL = Redaction()
PROSE = 'defmodule Cart do\n  @moduledoc "Holds items."\n  def total(cart), do: Enum.sum(cart)\n'


def clean(text: str, options: Redaction = ALL) -> str:
    return redact(text, options)[0]


def recall(cases: list[tuple[str, str]]) -> list[str]:
    """The planted things that are still to be read in the redacted text."""
    assert len(cases) >= 100
    return [text for text, secret in cases if secret in clean(PROSE + text + PROSE)]


@pytest.mark.parametrize("kind", planted.KEYS)
def test_keys_of_every_published_format_are_found_wherever_they_stand(kind: str) -> None:
    rng = random.Random(kind)
    missed = []
    for place in planted.KEY_PLACES * 3:
        key = planted.KEYS[kind](rng)
        secret = key.rsplit("/", 1)[-1].split(":")[-1]
        if secret in clean(PROSE + place.format(key) + PROSE):
            missed.append(place.format(key))
    assert missed == []


def test_named_secrets_are_found_at_a_rate_of_at_least_98_percent() -> None:
    rng = random.Random(98)
    cases = []
    for place in planted.NAMED_PLACES:
        for make in planted.NAMED_VALUES * 5:
            value = make(rng)
            cases.append((place.format(value), value))
    for place in planted.BARE_PLACES:
        for make in planted.NAMED_VALUES[:4] * 5:
            value = make(rng)
            cases.append((place.format(value), value))
    missed = recall(cases)
    assert len(missed) <= 0.02 * len(cases), missed


def test_private_keys_are_emptied_in_whatever_way_they_are_written() -> None:
    rng = random.Random(4)
    for _ in range(100):
        text, line = planted.pem(rng)
        redacted = clean(PROSE + text)
        assert line not in redacted
        assert redacted.count("\n") == (PROSE + text).count("\n")
        assert "PRIVATE KEY-----" in redacted


@pytest.mark.parametrize(
    ("makers", "places"),
    [(planted.EMAILS, planted.EMAIL_PLACES), (planted.ADDRESSES, planted.ADDRESS_PLACES)],
    ids=["e-mail", "address"],
)
def test_addresses_of_people_and_of_machines_are_found(makers: list, places: list[str]) -> None:
    rng = random.Random(1)
    cases = [(place.format(v), v) for place in places for make in makers * 5 for v in [make(rng)]]
    assert recall(cases) == []


def test_passwords_in_urls_are_replaced_and_the_rest_of_the_url_stays() -> None:
    assert clean('"postgres://app:s3cr3tPw@db.internal:5432/app"') == (
        '"postgres://app:REDACTED@db.internal:5432/app"'
    )
    assert clean("amqp://:hunter22@host/vhost") == "amqp://:REDACTED@host/vhost"


@pytest.mark.parametrize(
    "text",
    [
        "write to me@example.com, you@sub.example.org or a@b.test",
        '  @doc since: "1.0"\n  @spec foo(atom) :: :ok',
        "rabbit@hostname and rabbit@node1.cluster.local",
        "git@github.com:elixir-lang/elixir.git",
        "https://user@github.com/a/b and http://foo:bar@elixir-lang.org/",
        "logo@2x.png",
        "127.0.0.1, 0.0.0.0, 255.255.255.0, 169.254.1.1, 8.8.8.8, 192.0.2.7",
        "the private ranges are 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16",
        'version: "10.4.2.1", vsn 10.0.0.1, {:dep, "~> 10.1.2.3"}',
        "1.3.6.1.4.1.10.1.2.3.4",
        "{10, 20, 30, 40}",
        'password: "postgres", secret: "my_secret", token: "abc"',
        'api_key: "YOUR_API_KEY_GOES_HERE", token: "<your token 123456789>"',
        'password: System.fetch_env!("DB_PASSWORD1234567")',
        "token = Phoenix.Token.sign(MyApp.Endpoint1, salt, user_id)",
        "AKIAIOSFODNN7EXAMPLE, ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        '"deps": {:hex, :jason, "1.4.1", "af1504e35f629ddcdd6addb3513c3853991f694"}',
        "defp tokenize_identifier_with_1_argument(<<token, rest::binary>>), do: token",
        'key: "aGVsbG8gd29ybGQ", map["8b1a9953c4611296a827abf8c47804d7"]',
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQ\n-----END PUBLIC KEY-----",
        'assert {:error, :invalid_token_format_v2} = verify("sk-")',
        "%{state | last_seen_token: next_token_after_1(state)}",
    ],
)
def test_what_gives_nothing_away_stays(text: str) -> None:
    assert find(text, ALL) == []


def test_different_machines_stay_different_and_nets_stay_nets() -> None:
    text = 'a = "10.1.2.3"; b = {192, 168, 7, 9}; c = "192.168.1.10/24"; d = "fd12:3456::9"'
    assert clean(text) == (
        'a = "192.0.2.3"; b = {192, 0, 2, 9}; c = "192.0.2.10/24"; d = "2001:db8::9"'
    )


def test_a_secret_is_replaced_wherever_it_is_repeated() -> None:
    value = "k9Qz7Lw2Vb5Nx8Rt"
    text = f'@password "{value}"\nassert login("jo", "{value}") == :ok\n'
    assert clean(text) == '@password "REDACTED"\nassert login("jo", "REDACTED") == :ok\n'


def test_each_kind_can_be_turned_off() -> None:
    key = "ghp_" + some(random.Random(1), planted.ALNUM, 36)
    text = f"{key} jo@somewhere.net 10.1.2.3"
    off = {"secrets": False, "emails": False, "addresses": False}
    assert clean(text, Redaction(**{**off, "secrets": True})) == (
        "REDACTED_GITHUB jo@somewhere.net 10.1.2.3"
    )
    assert (
        clean(text, Redaction(**{**off, "emails": True})) == f"{key} redacted@example.com 10.1.2.3"
    )
    assert (
        clean(text, Redaction(**{**off, "addresses": True})) == f"{key} jo@somewhere.net 192.0.2.3"
    )
    assert redact(text, Redaction(**off)) == (text, [])


def test_findings_say_what_stood_where_in_bytes() -> None:
    text = 'é = "jo@somewhere.net"'
    (finding,) = find(text, ALL)
    assert finding.kind == "email"
    assert text.encode()[finding.start : finding.end] == b"jo@somewhere.net"


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    rng = random.Random(draw(st.integers(0, 10**9)))
    pieces = []
    for _ in range(draw(st.integers(1, 6))):
        kind = rng.randrange(5)
        if kind == 0:
            pieces.append(
                rng.choice(planted.KEY_PLACES).format(rng.choice([*planted.KEYS.values()])(rng))
            )
        elif kind == 1:
            places = planted.NAMED_PLACES + planted.BARE_PLACES
            pieces.append(rng.choice(places).format(rng.choice(planted.NAMED_VALUES)(rng)))
        elif kind == 2:
            pieces.append(planted.pem(rng)[0])
        elif kind == 3:
            pieces.append(rng.choice(planted.EMAIL_PLACES).format(rng.choice(planted.EMAILS)(rng)))
        else:
            pieces.append(
                rng.choice(planted.ADDRESS_PLACES).format(rng.choice(planted.ADDRESSES)(rng))
            )
    text = "".join(pieces)
    for _ in range(draw(st.integers(0, 3))):
        at = rng.randrange(len(text))
        text = (
            text[:at]
            + draw(st.sampled_from(['"', "secret: ", "@", "é", "\n", "//", "\\"]))
            + text[at:]
        )
    return text


@settings(max_examples=150, deadline=None)
@given(spoilt())
def test_redacting_twice_is_redacting_once_and_lines_stay(text: str) -> None:
    once, _ = redact(text, ALL)
    assert redact(once, ALL) == (once, [])
    assert once.count("\n") == text.count("\n")


@given(st.text(st.sampled_from("a0-_.@:/{}10.192.168.fd:=\"' \n\\Aé"), max_size=200))
def test_any_text_is_taken(text: str) -> None:
    once, findings = redact(text, ALL)
    assert redact(once, ALL)[1] == []
    assert (once == text) == (findings == [])


def test_code_that_parsed_still_does() -> None:
    rng = random.Random(12)
    lines = []
    for make in planted.KEYS.values():
        name = some(rng, planted.LOWER, 6)
        lines.append(f'  def {name}(x), do: f(x, "{make(rng)}") # {make(rng)}\n')
        lines.append(f"  @doc ~S(see {rng.choice(planted.EMAILS)(rng)})\n")
        lines.append(f'  @{name}_password "{rng.choice(planted.NAMED_VALUES)(rng)}"\n')
        lines.append(f"  @host '{rng.choice(planted.ADDRESSES)(rng)}'\n")
    source = "defmodule A do\n" + "".join(lines) + planted.pem(random.Random(0))[0] + "end\n"
    redacted, findings = redact(source, ALL)
    assert len(findings) >= 4 * len(planted.KEYS)
    assert not parse(source.encode(), "elixir").root_node.has_error
    assert not parse(redacted.encode(), "elixir").root_node.has_error


def test_real_source_keeps_its_syntax(corpus: Path) -> None:
    """Every file of real packages that had something to redact still parses as it did."""
    touched = 0
    for path in sorted(corpus.rglob("*.ex")):
        text = path.read_bytes().decode("utf-8", "replace")
        redacted, findings = redact(text, ALL)
        if findings:
            touched += 1
            before = parse(text.encode(), "elixir").root_node.has_error
            assert parse(redacted.encode(), "elixir").root_node.has_error == before, path
            assert not re.search(r"[\w.]+@gmail\.com", redacted)
    assert touched > 0


@given(
    st.lists(
        st.sampled_from(["Ask ada@lovelace.dev.\n", "No secret.\n", "ä 10.0.0.7 ß\n"]), min_size=1
    )
)
def test_a_mark_stays_with_the_text_that_it_stood_before(lines: list[str]) -> None:
    starts = [len("".join(lines[:at]).encode()) for at in range(len(lines))]
    text, findings, marks = redact_marked("".join(lines), Redaction(), starts)
    expected = [redact(line, Redaction())[0] for line in lines]
    ends = [*marks[1:], len(text.encode())]
    pieces = [text.encode()[start:end].decode() for start, end in zip(marks, ends, strict=True)]
    assert pieces == expected
    assert len(findings) == sum(line != "No secret.\n" for line in lines)


def test_a_mark_inside_of_what_is_replaced_stands_behind_it() -> None:
    text, _, marks = redact_marked("to ada@lovelace.dev now", Redaction(), [0, 5, 19])
    assert [text[mark:] for mark in marks] == [text, " now", " now"]
