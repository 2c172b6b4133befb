"""Erlang terms are read as Erlang reads them: compared with real `file:consult/1`, and fuzzed."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.hex import terms
from sources.hex.terms import FALSE, TRUE, Atom, Map, TermsError, consult, text
from tests.sources.hex import spelling

METADATA = """\
%% Written by Hex 1.0
{<<"name">>,<<"caf\\x{e9}"/utf8>>}.
{<<"links">>,[{<<"GitHub">>,<<"https://github.com/a/b">>}]}.
{<<"requirements">>,
 [[{<<"name">>,<<"decimal">>},
   {<<"optional">>,false},
   {<<"requirement">>,<<"~> 1.0">>}]]}.
{<<"optional">>, true}.
{<<"extra">>, #{<<"a">> => 1, b => #{}, <<"a">> => 2}}.
{size, 16#ff, -2, $a, 1.5e3, 'Quoted atom', "list", []}.
"""


def test_a_file_becomes_plain_python() -> None:
    assert consult(METADATA.encode()) == [
        (b"name", "café".encode()),
        (b"links", [(b"GitHub", b"https://github.com/a/b")]),
        (
            b"requirements",
            [[(b"name", b"decimal"), (b"optional", FALSE), (b"requirement", b"~> 1.0")]],
        ),
        (b"optional", TRUE),
        (b"extra", Map(((b"a", 2), (Atom("b"), Map(()))))),
        (Atom("size"), 255, -2, 97, 1500.0, Atom("Quoted atom"), [*b"list"], []),
    ]
    assert consult(b"") == []
    assert consult(b"% nothing but a comment") == []


@pytest.mark.parametrize(
    ("term", "said"),
    [
        (b"plain", "plain"),
        ("zażółć".encode(), "zażółć"),
        (b"caf\xe9", "café"),
        ([99, 97, 102, 233], "café"),
        ([], ""),
        ([-1], None),
        ([0xD800], None),
        ([b"x"], None),
        (Atom("x"), None),
        (1, None),
    ],
)
def test_text_of_a_term(term: terms.Term, said: str | None) -> None:
    assert text(term) == said


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{a", "line 1, column 3, at the end: a comma or } was expected"),
        ("{a,\n b c}.", "line 2, column 4, at 'c': a comma or } was expected"),
        ("a", "line 1, column 2, at the end: a dot was expected"),
        ("[a|b].", "line 1, column 3, at '|': improper lists are not read"),
        ("Variable.", "line 1, column 1, at 'V': no Erlang term has this here"),
        ("f(x).", "line 1, column 2, at '(': no Erlang term has this here"),
        ("#{a => 1, b}.", "line 1, column 12, at '}': => was expected"),
        ("#[].", "line 1, column 2, at '[': { was expected"),
        ("end.", "line 1, column 1, at 'end': a term was expected (end is a reserved word)"),
        ("<<1:7>>.", "line 1, column 6, at '>>': a segment has whole bytes, and not too many"),
        ('"""a""".', "line 1, column 1, at '\"\"': triple quotes mean different things"),
        ("37#z.", "line 1, column 1, at '37#z': a number's base is from 2 to 36"),
        ("8#9.", "line 1, column 1, at '8#9': a digit is not below 8"),
        ("1.0e999.", "line 1, column 1, at '1.0e999': the number is too large"),
        (r'"\x{110000}".', "it is no character"),
        ("[" * 70 + "]" * 70 + ".", "brackets lie deeper than 64"),
        ("1" * 5000 + ".", "a number has at most 1,000 digits"),
        ("a" * 300 + ".", "an atom has at most 255 characters"),
        ("%" + "x" * terms.LONGEST, "it is larger than 1,048,576 bytes"),
    ],
)
def test_what_is_refused_is_named_with_its_place(source: str, reason: str) -> None:
    with pytest.raises(TermsError) as caught:
        consult(source.encode())
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 200


@given(items=st.lists(spelling.terms, max_size=4), random=st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_what_an_independent_writer_wrote_is_read(items: list[Any], random: Random) -> None:
    assert consult(spelling.file(items, random).encode()) == items


@given(
    st.binary(max_size=200) | st.text("{}[]<>\"',.:/$\\#%_-+aZ01e \n", max_size=80).map(str.encode)
)
@settings(max_examples=600, deadline=None)
def test_noise_is_read_or_refused_and_nothing_else_happens(noise: bytes) -> None:
    try:
        found = consult(noise)
    except TermsError:
        return
    assert isinstance(found, list)


def erlang_reads(folder: Path, sources: Sequence[bytes]) -> list[str]:
    """What real Erlang makes of each source: its canonical form, or `refused`. A source that is no
    UTF-8 says so to Erlang; Hex takes such a file for Latin-1 unasked."""
    for number, source in enumerate(sources):
        coding = b"" if is_utf8(source) else b"%% coding: latin-1\n"
        (folder / f"{number}.config").write_bytes(coding + source)
    names = "".join(f"{folder / f'{number}.config'}\n" for number in range(len(sources)))
    script = Path(__file__).with_name("consult.escript")
    done = subprocess.run(
        ["escript", str(script)], input=names, capture_output=True, text=True, check=True
    )
    answers = done.stdout.splitlines()
    assert len(answers) == len(sources)
    return answers


def is_utf8(source: bytes) -> bool:
    try:
        source.decode()
    except UnicodeDecodeError:
        return False
    return True


def ours(source: bytes) -> tuple[str, str]:
    try:
        return spelling.canonical(consult(source)), ""
    except TermsError as error:
        return "refused", str(error)


KNOWN_LIMITS = (
    *("improper lists", "inside a binary", "inside binaries", "whole bytes", "needs a size"),
    *("has no size", "not read", "triple quotes", "no Erlang term has this here"),
)
"""What the module's docstring says that it refuses although Erlang reads it."""


def broken(source: bytes, random: Random) -> bytes:
    """The source with one to three bytes put in, taken away or exchanged."""
    data = bytearray(source)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(data) + 1)
        if random.random() < 0.5 and data:
            del data[at : at + 1]
        else:
            data[at:at] = random.choice(b"{}[]<>\"'\\,.:/$#%_-+a1 \n|X").to_bytes()
    return bytes(data)


def test_real_erlang_reads_the_same(tmp_path: Path) -> None:
    random = Random(3)
    sources = [
        METADATA.encode(),
        b"",
        b"a.%c",
        b"a.b.",
        b"{a}.{b}.",
        b"{a}. {b}.",
        b"\xe9.",
        b"a\0.",
    ]
    sources += [
        *(rb'"\x41\x{20AC}\101\7\^a\e\s\d\q\"" "more".', rb"$\s. $\n. $a. $\\. $\x{41}. $.. -$a."),
        *(rb"<<1,2:16,3:24/little,-1:16,$a,16#fff>>.", rb'<<"ab":16/little>>. <<"\x{20AC}">>.'),
        *(rb'<<"\x{20AC}"/utf16,"a"/utf16-little,"b"/utf32>>.', rb"<<5:2/unit:8>>. <<>>."),
        *(b"'\xc3\xa9'.", b"'\xe9'. ", b"a@b_C1. 1_000.5_0e1_0.", b"- 1. + 2. -1.5.", b"1.e5."),
        *(b"-.", b"- -1.", b"1_.", b"1__0.", b"_1.", b"$", b"$ .", b"'a\nb'.", b'"a\nb".', b"16#."),
    ]
    sources += [spelling.file([example(random)], random).encode() for _ in range(300)]
    sources += [broken(source, random) for source in sources for _ in range(3)]
    compared = read = 0
    for source, theirs in zip(sources, erlang_reads(tmp_path, sources), strict=True):
        mine, reason = ours(source)
        if mine == "refused" and theirs != "refused":
            assert any(limit in reason for limit in KNOWN_LIMITS), (source, theirs, reason)
            continue
        assert mine == theirs, source
        compared += 1
        read += mine != "refused"
    assert compared > len(sources) * 0.98
    assert read > 400


def example(random: Random, depth: int = 0) -> Any:
    """A term by chance."""
    kind = random.randrange(9 if depth < 3 else 6)
    letters = [chr(random.choice([*range(1, 256), 0x20AC, 0x1F600])) for _ in range(8)]
    word = "".join(letters[: random.randrange(9)])
    if kind == 0:
        return random.randint(-(10**12), 10**12)
    if kind == 1:
        return math.ldexp(random.random() - 0.5, random.randint(-300, 300))
    if kind == 2:
        return word.encode()
    if kind == 3:
        return [*map(ord, word)]
    if kind == 4:
        return Atom(word)
    if kind == 5:
        return random.randbytes(5)
    items = [example(random, depth + 1) for _ in range(random.randrange(4))]
    if kind == 8:
        return Map(tuple({repr(key): (key, example(random, depth + 1)) for key in items}.values()))
    return tuple(items) if kind == 6 else items
