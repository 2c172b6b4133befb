"""What the outline of an Erlang file says, on files of our own and on real ones."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factory.syntax import Call, Function, Module, Outline, Span, parse, read
from factory.syntax.edoc import literal
from factory.syntax.erlang import outline

FIXTURES = Path(__file__).parents[2] / "fixtures" / "erlang"
SHELF = (FIXTURES / "shelf.erl").read_bytes()
TOLD = (FIXTURES / "told.erl").read_bytes()


def outlined(source: bytes) -> Outline:
    return outline(source, parse(source, "erlang"))


def module_of(source: bytes) -> Module:
    (module,) = outlined(source).modules
    return module


def function(module: Module, label: str) -> Function:
    return next(f for f in module.functions if f.label == label)


def text(source: bytes, span: Span | None) -> str:
    assert span is not None
    return span.cut(source)


def test_a_module_starts_at_its_documentation_and_holds_the_rest_of_the_file() -> None:
    module = module_of(SHELF)
    assert (module.kind, module.name) == ("module", "shelf")
    assert text(SHELF, module.span).startswith("%% @doc A shelf of")
    assert text(SHELF, module.span) + "\n" == SHELF[module.span.start :].decode()
    assert text(SHELF, module.body).startswith("-behaviour(gen_server).")
    assert module.behaviours == ("gen_server",)
    assert [(d.kind, d.target, d.options) for d in module.directives] == [
        ("include", "shelf.hrl", ""),
        ("include_lib", "eunit/include/eunit.hrl", ""),
        ("import", "lists", "[member/2, reverse/1]"),
    ]
    assert module.references == (
        "'Elixir.Enum'",
        "proplists",
        "lists",
        "other",
        "gen_server",
    )


def test_module_edoc_is_markdown_and_leaves_the_licence_and_other_tags_out() -> None:
    doc = module_of(SHELF).doc
    assert doc is not None
    assert doc.text == (
        "A shelf of `things` with a *limit*.\nEvery thing has its place.\n\n"
        "```\nS = shelf:new(3),   % three places\n```"
    )
    assert (
        text(SHELF, doc.span).splitlines()[0]
        == "%% @doc A shelf of `things' with a <em>limit</em>."
    )
    assert text(SHELF, doc.span).splitlines()[-1] == "%% @end"
    assert not doc.hidden


def test_functions_are_clauses_of_one_name_and_arity() -> None:
    module = module_of(SHELF)
    assert [(f.kind, f.label, len(f.clauses), f.contiguous) for f in module.functions] == [
        ("def", "new/1", 1, True),
        ("def", "put/2", 1, True),
        ("def", "put/3", 2, True),
        ("def", "init/1", 1, True),
        ("defp", "room/1", 1, True),
        ("defp", "'order me'/1", 2, False),
    ]
    first, second = function(module, "put/3").clauses
    assert text(SHELF, first.span) == "put(undefined, _, _) ->\n    full;"
    assert text(SHELF, first.head) == "put(undefined, _, _)"
    assert [text(SHELF, a) for a in first.arguments] == ["undefined", "_", "_"]
    assert first.guard is None
    assert text(SHELF, first.body) == "full"
    assert text(SHELF, second.head) == "put(#shelf{things = Things} = Shelf, Thing, Options)"
    assert text(SHELF, second.guard) == "is_list(Options)"
    assert text(SHELF, second.body).startswith("case room(Shelf)")
    assert text(SHELF, second.body).endswith("% no room\n    end")
    guard = function(module, "new/1").clauses[0].guard
    assert text(SHELF, guard) == "is_integer(Limit), Limit > 0; Limit =:= infinity"


def test_a_function_owns_its_spec_its_doc_and_the_comments_directly_above() -> None:
    module = module_of(SHELF)
    put = function(module, "put/3")
    assert text(SHELF, put.span).startswith("%%-----")
    assert text(SHELF, put.span).endswith("false -> full % no room\n    end.")
    assert text(SHELF, put.code).startswith("put(undefined")
    assert [(s.name, s.arity) for s in put.specs] == [("put", 3)]
    assert text(SHELF, put.specs[0].span).endswith("list()) -> full.")
    assert put.doc is not None
    assert (put.doc.text, put.doc.hidden) == ("Puts a thing where there is room.", True)
    assert text(SHELF, put.doc.span).splitlines()[0] == "%% @private"
    assert [text(SHELF, a) for a in put.attributes] == ["-dialyzer({nowarn_function, put/3})."]
    new = function(module, "new/1")
    assert text(SHELF, new.span).startswith("%% @doc Makes an empty shelf.")
    assert new.doc is not None
    assert new.doc.text == (
        "Makes an empty shelf.\nSee `put/2` and the lists module for a <start>."
    )


def test_plain_comments_are_no_documentation_and_banners_belong_to_nobody() -> None:
    module = module_of(SHELF)
    put = function(module, "put/2")
    assert put.doc is None
    assert text(SHELF, put.span).startswith("%% Puts without asking.\nput(")
    for label in ("init/1", "room/1"):
        assert function(module, label).span == function(module, label).code


def test_what_is_exported_for_tests_only_stays_private() -> None:
    assert module_of(SHELF).exports == (("new", 1), ("put", 2), ("put", 3), ("init", 1))
    everything = b"-module(a).\n-compile([debug_info, export_all]).\nf() -> ok.\n"
    assert function(module_of(everything), "f/0").public
    silenced = b"-module(a).\n-compile(nowarn_export_all).\nf() -> ok.\n"
    assert not function(module_of(silenced), "f/0").public
    outside = b"-module(a).\n-ifndef(TEST).\n-export([f/0]).\n-else.\n-export([g/0]).\n-endif.\n"
    assert module_of(outside).exports == (("f", 0),)


def test_types_callbacks_records_and_macros() -> None:
    module = module_of(SHELF)
    assert [(t.kind, t.name, t.arity) for t in module.types] == [
        ("type", "thing", 0),
        ("opaque", "shelf", 0),
        ("type", "pair", 2),
    ]
    assert [(c.name, c.arity) for c in module.callbacks] == [("weigh", 2)]
    values = [(a.name, text(SHELF, a.value)) for a in module.attributes]
    assert values == [
        ("export_type", "[shelf/0]"),
        ("compile", "export_all"),
        ("define", "LIMIT, 10"),
        ("record", "shelf, {limit = ?LIMIT :: pos_integer(), things = []}"),
        ("dialyzer", "{nowarn_function, put/3}"),
    ]


def test_eunit_tests_stand_apart_with_the_calls_they_make() -> None:
    first, second = module_of(SHELF).tests
    assert (first.name, first.describe) == ("put_test", "")
    assert text(SHELF, first.span).startswith("%% @doc Puts and looks.\nput_test() ->")
    assert text(SHELF, first.body).startswith("Shelf = put(new(2), a),")
    assert first.calls == (
        Call("", "put", 2),
        Call("", "new", 1),
        Call("", "put", 3),
        Call("", "room", 1),
        Call("other", "thing", 2),
        Call("lists", "reverse", 1),
    )
    assert (second.name, second.calls) == ("limits_test_", (Call("", "new", 1),))


def test_a_name_ending_in_test_is_a_test_only_where_eunit_is_in_sight() -> None:
    plain = b"-module(cli).\n-export([run_test/0]).\nrun_test() -> ok.\n"
    assert [f.label for f in module_of(plain).functions] == ["run_test/0"]
    inside = b"-module(cli).\n-ifdef(TEST).\nrun_test() -> ok.\n-endif.\n"
    assert [t.name for t in module_of(inside).tests] == ["run_test"]
    by_name = b"-module(cli_tests).\nrun_test() -> ok.\n"
    assert [t.name for t in module_of(by_name).tests] == ["run_test"]


def test_doc_attributes_of_otp_27() -> None:
    module = module_of(TOLD)
    assert module.doc is not None
    assert module.doc.text == "A module of today.\n\n  indented"
    assert text(TOLD, module.span).startswith("-module(told).")
    (kind,) = module.types
    assert kind.doc is not None
    assert kind.doc.text == 'The type of "it"é.'
    a, b, c = module.functions
    assert a.doc is not None
    assert b.doc is not None
    assert c.doc is not None
    assert a.doc.text == "Says a, with a \\n that stays.\n  More."
    assert text(TOLD, a.span).startswith('-doc """')
    assert [text(TOLD, s) for s in a.attributes] == ['-doc #{since => <<"1.2">>}.']
    assert b.doc.text == "One\nTwo"
    assert (c.doc.text, c.doc.hidden) == ("", True)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"a" "b"\n "c"', "abc"),
        (r'"\x{1F600}\x41\101\^A\s\e\q"', "\U0001f600AA\x01 \x1bq"),
        (r'"\x{110000}"', "\N{REPLACEMENT CHARACTER}"),
        (r'~S"a\n"', r"a\n"),
        ('(~"a")', "a"),
        ('""""\n  He said """.\n  """"', 'He said """.'),
        ('~"""\n a\\tb\n """', "a\tb"),
        ('{file, "x"}', None),
        ('"open', None),
        ('"""\nopen', None),
        ("", None),
    ],
)
def test_string_literals(written: str, value: str | None) -> None:
    assert literal(written) == value


def test_a_file_without_a_module_has_none() -> None:
    header = outlined(b"-record(a, {b}).\n-type c() :: #a{}.\n")
    assert (header.modules, header.errors) == ((), ())


def test_macros_for_names_are_kept_as_written_and_made_functions_are_not_seen() -> None:
    source = (
        b"-module(a).\n?NAME(X) -> X.\n?MAKE(f, 1).\n-export([?NAME/1, g/?N, h/0]).\nh() -> ok.\n"
    )
    module = module_of(source)
    assert [f.label for f in module.functions] == ["?NAME/1", "h/0"]
    assert module.exports == (("?NAME", 1), ("h", 0))
    assert function(module, "?NAME/1").public


def test_broken_code_gives_what_can_be_read_and_where_it_cannot() -> None:
    source = b"-module(a).\nf(X) -> X.\ng(X) -> {X, end.\n\ni() -> ok.\n"
    result = outlined(source)
    (module,) = result.modules
    assert {"f/1", "i/0"} <= {f.label for f in module.functions}
    assert result.errors
    assert all(12 < e.start <= e.end <= len(source) for e in result.errors)
    assert result.broken(function(module, "f/1").span) == 0


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"-module(",
        b"-module().",
        b"-module(a).\n" + b"f() -> " + b"[" * 100_000,
        b"-module(a).\n" + b"f() -> " + b"a:b(" * 100_000 + b")" * 100_000 + b".\n",
        b"-module(a_tests).\na_test() -> " + b"fun() -> " * 20_000,
        b"-module(a).\n-else.\n-endif.\n-elif(x).\n-doc.\n-spec.\n-import().\n-export(x).\n",
        b"-module(a).\n%% @doc ``` {@link `x <pre> ``\nf() -> ok.\n",
        b"-module(a).\nf(\xff) -> \xfe.\n%% @doc \xff\ng() -> 'x\xff':y().\n",
        "-module(a).\n%% @doc Größe\nf('ö') -> 'ü':ß().\n".encode(),
    ],
    ids=lambda s: repr(s[:40]),
)
def test_no_input_raises(source: bytes) -> None:
    check_spans(outlined(source), source)


def check_spans(result: Outline, source: bytes) -> None:
    """Everything lies inside what holds it."""
    whole = Span(0, len(source))
    for error in result.errors:
        assert whole.holds(error)
    for module in result.modules:
        assert whole.holds(module.span)
        assert module.span.holds(module.body)
        for f in module.functions:
            assert module.span.holds(f.span)
            assert f.span.holds(f.code)
            assert f.doc is None or f.span.holds(f.doc.span)
            for spec in f.specs:
                assert source.startswith(b"-", spec.span.start)
            for clause in f.clauses:
                assert f.code.holds(clause.span)
                assert clause.span.holds(clause.head)
                assert all(clause.head.holds(a) for a in clause.arguments)
                assert clause.guard is None or clause.span.holds(clause.guard)
                assert clause.body is None or clause.span.holds(clause.body)
                assert clause.guard is None or clause.head.end <= clause.guard.start
        for test in module.tests:
            assert module.span.holds(test.span)
            assert test.body is None or test.span.holds(test.body)


@settings(max_examples=150, deadline=None)
@given(
    source=st.sampled_from([SHELF, TOLD]),
    cuts=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 60), st.binary(max_size=4)), max_size=4
    ),
    end=st.floats(0, 1),
)
def test_mutilated_files_never_raise(
    source: bytes, cuts: list[tuple[float, int, bytes]], end: float
) -> None:
    for where, length, new in cuts:
        at = int(where * len(source))
        source = source[:at] + new + source[at + length :]
    source = source[: int(end * len(source))] if cuts else source
    check_spans(outlined(source), source)


def erlang_files(corpus: Path, *packages: str) -> list[Path]:
    found = [p for name in packages for p in sorted((corpus / name).rglob("*.erl"))]
    assert len(found) > 3, "the corpus holds Erlang packages"
    return found


def test_real_functions_can_be_cut_out_and_put_back(corpus: Path) -> None:
    """Without a function's bytes the file has every other function and no new error; with them
    put back it is the same file."""
    cut = 0
    for path in erlang_files(corpus, "erlang-poolboy", "erlang-cowlib"):
        source = path.read_bytes()
        result = outlined(source)
        check_spans(result, source)
        for module in result.modules:
            labels = [f.label for f in module.functions]
            for number, f in enumerate(module.functions):
                if not f.contiguous or number % 3:
                    continue
                rest = source[: f.span.start] + source[f.span.end :]
                without = outlined(rest)
                assert [g.label for m in without.modules for g in m.functions] == (
                    labels[:number] + labels[number + 1 :]
                ), (path.name, f.label)
                assert len(without.errors) <= len(result.errors)
                back = rest[: f.span.start] + f.span.cut(source).encode() + rest[f.span.start :]
                assert back == source
                cut += 1
    assert cut > 100


TRUTH = r"""
main(Files) -> [one(F) || F <- Files].
one(F) ->
    {ok, Forms} = epp_dodger:parse_file(F),
    [form(F, erl_syntax:type(X), X) || X <- Forms].
form(F, function, X) ->
    Name = erl_syntax:function_name(X),
    say(F, function, erl_syntax:atom_literal(Name), erl_syntax:function_arity(X),
        length(erl_syntax:function_clauses(X)));
form(F, attribute, X) ->
    try erl_syntax:revert(X) of
        {attribute, _, spec, {{N, A}, _}} -> say(F, spec, atom_to_list(N), A, 0);
        {attribute, _, callback, {{N, A}, _}} -> say(F, callback, atom_to_list(N), A, 0);
        {attribute, _, K, {N, _, As}} when K =:= type; K =:= opaque ->
            say(F, K, atom_to_list(N), length(As), 0);
        _ -> ok
    catch _:_ -> ok
    end;
form(F, error_marker, _) -> say(F, unread, "", 0, 0);
form(_, _, _) -> ok.
say(F, Kind, Name, Arity, N) ->
    io:format("~ts\t~s\t~ts\t~p\t~p~n", [F, Kind, Name, Arity, N]).
"""


@pytest.mark.skipif(shutil.which("escript") is None, reason="needs Erlang")
def test_the_outline_agrees_with_erlangs_own_parser(corpus: Path, tmp_path: Path) -> None:
    """`epp_dodger` reads a file's forms without running the preprocessor, as we do."""
    script = tmp_path / "truth.escript"
    script.write_text("%%! -pa .\n-mode(compile).\n" + TRUTH)
    files = erlang_files(corpus, "erlang-poolboy", "erlang-cowlib")
    run = subprocess.run(
        ["escript", str(script), *map(str, files)], capture_output=True, text=True, check=False
    )
    if run.returncode and "epp_dodger" in run.stdout + run.stderr:
        pytest.skip("needs Erlang's syntax_tools")
    assert run.returncode == 0, run.stderr
    theirs: Counter[tuple[str, str, str, int]] = Counter()
    unread = set()
    for line in run.stdout.splitlines():
        path, kind, name, arity, clauses = line.split("\t")
        if kind == "unread":
            unread.add(path)
        name = name[1:-1] if name.startswith("'") else name
        theirs[path, kind, name, int(arity)] += int(clauses) if kind == "function" else 1
    ours: Counter[tuple[str, str, str, int]] = Counter()
    for path in map(str, files):
        for module in outlined(Path(path).read_bytes()).modules:
            for f in module.functions:
                ours[path, "function", f.name.strip("'"), f.arity] += len(f.clauses)
                for spec in f.specs:
                    ours[path, "spec", spec.name, spec.arity] += 1
            for test in module.tests:
                ours[path, "function", test.name, 0] += 1
            for spec in module.callbacks:
                ours[path, "callback", spec.name, spec.arity] += 1
            for kind in module.types:
                ours[path, kind.kind, kind.name, kind.arity] += 1
    read_whole = {key: count for key, count in theirs.items() if key[0] not in unread}
    assert len(read_whole) > 300
    assert read_whole == {key: count for key, count in ours.items() if key[0] not in unread}


def test_the_reader_takes_erlang() -> None:
    result, tree = read(SHELF, "erlang")
    assert tree is not None
    assert result.language == "erlang"
    assert result.modules[0].name == "shelf"
