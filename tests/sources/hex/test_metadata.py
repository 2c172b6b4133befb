"""`metadata.config`, in both shapes of requirements, and whatever else clients wrote."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.hex.metadata import Dependency, Metadata, parse
from sources.hex.terms import TermsError
from tests.sources.hex_server import tarball as theirs

MIX = """\
{<<"links">>,[{<<"GitHub">>,<<"https://github.com/elixir-plug/plug">>}]}.
{<<"name">>,<<"plug">>}.
{<<"version">>,<<"1.16.1">>}.
{<<"description">>,<<"Compose web applications with functions \\x{2013} yes"/utf8>>}.
{<<"elixir">>,<<"~> 1.10">>}.
{<<"app">>,<<"plug">>}.
{<<"licenses">>,[<<"Apache-2.0">>]}.
{<<"requirements">>,
 [[{<<"name">>,<<"telemetry">>},
   {<<"app">>,<<"telemetry">>},
   {<<"optional">>,false},
   {<<"requirement">>,<<"~> 0.4.3 or ~> 1.0">>},
   {<<"repository">>,<<"hexpm">>}],
  [{<<"name">>,<<"mime">>},
   {<<"app">>,<<"mime">>},
   {<<"optional">>,true},
   {<<"requirement">>,<<"~> 1.0 or ~> 2.0">>},
   {<<"repository">>,<<"hexpm">>}]]}.
{<<"files">>,[<<"lib">>,<<"lib/plug.ex">>,<<"mix.exs">>]}.
{<<"build_tools">>,[<<"mix">>]}.
"""
REBAR = """\
{<<"name">>,<<"cowboy">>}.
{<<"version">>,<<"2.12.0">>}.
{<<"requirements">>,
 [{<<"ranch">>,[{<<"app">>,<<"ranch">>},{<<"optional">>,false},{<<"requirement">>,<<"1.8.0">>}]},
  {<<"cowlib">>,[{<<"app">>,<<"cowlib">>},{<<"optional">>,true},{<<"requirement">>,<<"2.13.0">>}]}]}.
{<<"licenses">>,[<<"ISC">>]}.
{<<"build_tools">>,[<<"make">>,<<"rebar3">>]}.
"""


def test_what_mix_writes() -> None:
    assert parse(MIX.encode()) == Metadata(
        "plug",
        "1.16.1",
        app="plug",
        elixir="~> 1.10",
        description="Compose web applications with functions – yes",
        licences=("Apache-2.0",),
        links={"GitHub": "https://github.com/elixir-plug/plug"},
        build_tools=("mix",),
        requirements=(
            Dependency("mime", "~> 1.0 or ~> 2.0", True, "mime", "hexpm"),
            Dependency("telemetry", "~> 0.4.3 or ~> 1.0", False, "telemetry", "hexpm"),
        ),
    )


def test_what_the_first_clients_wrote() -> None:
    """In Latin-1, with the application in place of a name (cowboy 1.0.0, say)."""
    old = b'{<<"app">>,<<"cow">>}.\n{<<"contributors">>,[<<"Lo\xefc">>]}.\n{<<"links">>,[]}.'
    assert parse(old) == Metadata(app="cow")


def test_what_rebar3_writes() -> None:
    assert parse(REBAR.encode()) == Metadata(
        "cowboy",
        "2.12.0",
        licences=("ISC",),
        build_tools=("make", "rebar3"),
        requirements=(
            Dependency("cowlib", "2.13.0", True, "cowlib"),
            Dependency("ranch", "1.8.0", False, "ranch"),
        ),
    )


@pytest.mark.parametrize("tool", ["mix", "rebar3"])
def test_what_an_independent_writer_wrote(tool: theirs.Tool) -> None:
    needs = theirs.Requirement("ranch", "~> 1.8 or ~> 2.0", optional=True)
    told = theirs.Metadata(
        *("demo", "1.0.0-rc.1", 'Größe \\ "x"\n', ("MIT", "Apache 2.0"), {"GitHub": "https://x"}),
        requirements=(needs,),
        build_tools=("mix", "rebar3"),
    )
    read = parse(theirs.members_of(theirs.build(told, {"a": b""}, tool).data)["metadata.config"])
    assert (read.name, read.version, read.description) == ("demo", "1.0.0-rc.1", 'Größe \\ "x"\n')
    assert (read.licences, read.links) == (("MIT", "Apache 2.0"), {"GitHub": "https://x"})
    assert read.build_tools == ("mix", "rebar3")
    (found,) = read.requirements
    assert (found.name, found.requirement, found.optional) == ("ranch", needs.requirement, True)


NAMED = '{<<"name">>,<<"a">>}.{<<"version">>,<<"1.0.0">>}.'.replace("}.{", "}. {")


@pytest.mark.parametrize(
    ("more", "field", "value"),
    [
        # Where no build tool is named, the files at the root tell, as in hex_core.
        ('{<<"files">>,[<<"rebar.config">>,<<"mix.exs">>,<<"c/Makefile">>]}.', "build_tools",
         ("mix", "rebar3")),
        ('{<<"build_tools">>,[<<"gleam">>,<<"gleam">>]}.', "build_tools", ("gleam",)),
        # Strings for binaries, atoms for names, nothing for nil: older clients.
        ('{"licenses",["MIT"]}.', "licences", ("MIT",)),
        ("{app,demo}.", "app", "demo"),
        ("{description,nil}.", "description", ""),
        # What is of another type is left out.
        ('{<<"licenses">>,<<"MIT">>}.', "licences", ()),
        ('{<<"links">>,[{<<"a">>,1},{<<"b">>,<<"c">>},d]}.', "links", {"b": "c"}),
        ('{<<"requirements">>,[{<<"b">>,<<"~> 1.0">>}]}.', "requirements",
         (Dependency("b", "~> 1.0"),)),
        ('{<<"requirements">>,[[{<<"app">>,<<"b">>}], 1, {1,2}]}.', "requirements", ()),
        ('{<<"requirements">>,[]}.', "requirements", ()),
        # Maps for lists of pairs: an older rebar3.
        ('{<<"requirements">>,#{}}.', "requirements", ()),
        ('{<<"requirements">>,#{<<"b">> => #{<<"requirement">> => <<"1.0">>}}}.', "requirements",
         (Dependency("b", "1.0"),)),
        ('{<<"links">>,#{<<"GitHub">> => <<"https://x">>}}.', "links", {"GitHub": "https://x"}),
        # Said twice: the last counts.
        ('{<<"app">>,<<"b">>}. {<<"app">>,<<"c">>}.', "app", "c"),
    ],
)  # fmt: skip
def test_odd_metadata(more: str, field: str, value: object) -> None:
    assert getattr(parse(f"{NAMED}\n{more}".encode()), field) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{NAMED} extra.", "it holds a term that is no key with a value"),
        (f"{NAMED} {{a,b,c}}.", "it holds a term that is no key with a value"),
        (f'{NAMED} {{"a"', "line 1, column 56, at the end"),
    ],
)
def test_what_is_refused(text: str, reason: str) -> None:
    with pytest.raises(TermsError) as caught:
        parse(text.encode())
    assert str(caught.value).startswith(reason)


@given(st.text('{}[]<>",.ab1 \n', max_size=60))
def test_whatever_follows_is_read_or_refused(noise: str) -> None:
    with suppress(TermsError):
        assert parse(f"{NAMED} {noise}".encode()).name == "a"
