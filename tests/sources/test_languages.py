"""A file's name gives its language, its bytes give a text or a clear reason."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.records import LANGUAGES
from sources.languages import UndecodableError, decode, language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("lib/a.ex", "elixir"),
        ("mix.exs", "elixir"),
        (".formatter.exs", "elixir"),
        ("src/a.erl", "erlang"),
        ("include/a.hrl", "erlang"),
        ("bin/tool.escript", "erlang"),
        ("lib/page.html.heex", "heex"),
        ("priv/templates/mix.exs.eex", "eex"),
        ("lib/old.html.leex", "eex"),
        ("README.MD", "markdown"),
        ("guides/start.livemd", "markdown"),
        ("guides/sheet.cheatmd", "markdown"),
        ("src/parser.yrl", None),
        ("src/lexer.xrl", None),
        ("src/a.app.src", None),
        ("rebar.config", None),
        ("mix.lock", None),
        ("Makefile", None),
        ("lib.ex/data", None),
        (".ex", None),
    ],
)
def test_language_is_told_by_the_last_suffix(path: str, language: str | None) -> None:
    assert language_of(path) == language
    assert language is None or language in LANGUAGES


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_utf_8_comes_back_as_it_was_with_or_without_its_mark(text: str) -> None:
    text = text.lstrip("\ufeff")
    assert decode(text.encode(), "elixir") == text
    assert decode(codecs.BOM_UTF8 + text.encode(), "erlang") == text


LATIN = '-module(a).\nname() -> "Größe".\n'


@pytest.mark.parametrize(
    "header",
    [
        "%% -*- coding: latin-1 -*-\n",
        "%%%  coding=Latin-1\r\n",
        "#!/usr/bin/env escript\n%% -*- erlang; coding: latin-1 -*-\n",
        "% vim: fileencoding : iso-8859-1\n",
    ],
)
def test_erlang_may_declare_latin_1_on_its_first_two_lines(header: str) -> None:
    assert decode((header + LATIN).encode("latin-1"), "erlang") == header + LATIN


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("\n\n%% coding: latin-1\n", "erlang"),
        ("%% coding: utf-8\n", "erlang"),
        ("-define(A, b). % coding: latin-1\n", "erlang"),
        ("%% coding: latin-1\n", "elixir"),
        ("", "erlang"),
    ],
)
def test_anything_else_that_is_not_utf_8_is_refused_by_its_byte(header: str, language: str) -> None:
    raw = (header + LATIN).encode("latin-1")
    at = raw.index("ö".encode("latin-1"))
    with pytest.raises(UndecodableError, match=f"byte {at} is 0xF6"):
        decode(raw, language)


def test_the_byte_counts_from_the_start_of_the_file_even_behind_a_mark() -> None:
    with pytest.raises(UndecodableError, match="byte 4 is 0xFF"):
        decode(codecs.BOM_UTF8 + b"a\xff", "elixir")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wider_encodings_are_named(encoding: str) -> None:
    with pytest.raises(UndecodableError, match=f"mark of {encoding.upper()}"):
        decode("IO.puts 1".encode(encoding), "elixir")


def test_nul_bytes_are_refused_whatever_is_declared() -> None:
    with pytest.raises(UndecodableError, match="NUL byte at byte 21"):
        decode(b"%% coding: latin-1\nab\0", "erlang")
    with pytest.raises(ValueError, match="NUL byte at byte 1,000"):
        decode(b"a" * 1000 + b"\0", "elixir")


@given(st.binary(max_size=60), st.sampled_from(LANGUAGES))
def test_bytes_give_a_text_or_the_reason(raw: bytes, language: str) -> None:
    try:
        text = decode(raw, language)
    except UndecodableError as error:
        assert str(error)
    else:
        assert "\0" not in text
        assert raw.removeprefix(codecs.BOM_UTF8) in {
            text.encode(),
            text.encode("latin-1", "replace"),
        }
