"""Laws of the outline and the metrics on all real Elixir source, whole, cut short and damaged."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factory.syntax.edit import Edit, replace, without
from factory.syntax.elixir import outline
from factory.syntax.metrics import measure
from factory.syntax.outline import Doc, Module, Outline, Span
from factory.syntax.parse import parse
from factory.syntax.reader import read

fuzzed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@cache
def sources(corpus: Path) -> tuple[tuple[str, bytes], ...]:
    """Path and content of every Elixir file of the corpus."""
    found = sorted([*corpus.rglob("*.ex"), *corpus.rglob("*.exs")])
    return tuple((str(path.relative_to(corpus)), path.read_bytes()) for path in found)


@cache
def outlines(corpus: Path) -> tuple[tuple[bytes, Outline], ...]:
    return tuple((source, read(source, "elixir")[0]) for _, source in sources(corpus))


def docs_of(module: Module) -> Iterator[Doc]:
    for doc in (module.doc, *(f.doc for f in module.functions), *(t.doc for t in module.types)):
        if doc is not None:
            yield doc


def spans_of(module: Module) -> Iterator[Span]:
    """Every span that the outline gives for a module, without those of modules inside it."""
    yield from (module.span, module.body)
    if module.struct is not None:
        yield module.struct
    for doc in docs_of(module):
        yield doc.span
        yield from (one.span for one in doc.doctests)
    for function in module.functions:
        yield from (function.span, function.code, *function.attributes)
        yield from (spec.span for spec in function.specs)
        for clause in function.clauses:
            yield from (clause.span, clause.head, *clause.arguments)
            yield from (span for span in (clause.guard, clause.body) if span is not None)
    for holder in (module.types, module.directives, module.callbacks, module.attributes):
        yield from (one.span for one in holder)
    for test in module.tests:
        yield test.span
        if test.body is not None:
            yield test.body


def test_the_corpus_is_read_without_errors(corpus: Path) -> None:
    broken = [
        path
        for (path, _), (_, found) in zip(sources(corpus), outlines(corpus), strict=True)
        if found.errors or found.truncated
    ]
    assert len(sources(corpus)) > 700
    assert broken == []


def test_every_part_can_be_cut_out_and_put_back(corpus: Path) -> None:
    parts = 0
    for source, found in outlines(corpus):
        for module in found.every_module():
            for span in spans_of(module):
                assert 0 <= span.start <= span.end <= len(source)
                text = span.cut(source)
                parts += 1
                if parts % 20 == 0:
                    left = without(source, [span])
                    assert len(left) == len(source) - len(text.encode())
                    assert replace(left, [Edit(span.start, span.start, text)]) == source
    assert parts > 100_000


def test_parts_lie_where_they_belong(corpus: Path) -> None:
    for _, found in outlines(corpus):
        for module in found.every_module():
            assert module.span.holds(module.body)
            assert all(module.span.holds(span) for span in spans_of(module))
            assert all(module.body.holds(inner.span) for inner in module.modules)
            for function in module.functions:
                assert function.span.holds(function.code)
                for clause in function.clauses:
                    assert function.code.holds(clause.span)
                    assert clause.span.holds(clause.head)
                    assert all(clause.head.holds(argument) for argument in clause.arguments)
                    assert clause.body is None or clause.head.end <= clause.body.start


def test_siblings_do_not_overlap(corpus: Path) -> None:
    for _, found in outlines(corpus):
        for module in found.every_module():
            siblings = [f.span for f in module.functions if f.contiguous]
            siblings += [inner.span for inner in module.modules]
            siblings += [test.span for test in module.tests]
            siblings.sort()
            for before, after in pairwise(siblings):
                assert before.end <= after.start, module.name


def test_doctests_start_at_their_prompt(corpus: Path) -> None:
    seen = 0
    for source, found in outlines(corpus):
        for module in found.every_module():
            for doc in docs_of(module):
                for one in doc.doctests:
                    seen += 1
                    assert source[one.span.start :].startswith((b"iex>", b"iex("))
                    assert doc.span.holds(one.span)
                    assert one.expected
                    written = one.span.cut(source)
                    last = one.expected.splitlines()[-1].strip()
                    assert "\\" in written or written.endswith(last)
    assert seen > 2_000


def test_the_text_of_bodies_and_heads_is_what_the_source_says(corpus: Path) -> None:
    for source, found in outlines(corpus):
        for module in found.every_module():
            for function in module.functions:
                assert function.arity == len(function.clauses[0].arguments)
                assert function.min_arity <= function.arity
                for clause in function.clauses:
                    assert clause.span.cut(source).startswith(function.kind)
                    if clause.guard is not None:
                        between = source[clause.head.end : clause.guard.start]
                        assert between.strip(b" \n)") == b"when" or b"#" in between


@fuzzed
@given(data=st.data())
def test_a_file_cut_short_gives_what_it_can(corpus: Path, data: st.DataObject) -> None:
    _, source = data.draw(st.sampled_from(sources(corpus)))
    check(source[: data.draw(st.integers(0, len(source)))])


@fuzzed
@given(data=st.data())
def test_a_damaged_file_gives_what_it_can(corpus: Path, data: st.DataObject) -> None:
    _, source = data.draw(st.sampled_from(sources(corpus)))
    damaged = bytearray(source)
    for _ in range(data.draw(st.integers(1, 10))):
        at = data.draw(st.integers(0, len(damaged)))
        piece = data.draw(
            st.sampled_from([b"", b'"', b"(", b"]", b" do ", b"end", b'"""', b"\xff"])
        )
        damaged[at : at + data.draw(st.integers(0, 3))] = piece
    check(bytes(damaged))


def check(source: bytes) -> None:
    """No exception, and spans that lie in the file, whatever the source."""
    tree = parse(source, "elixir")
    found = outline(source, tree)
    modules = found.every_module()
    for module in modules:
        for span in spans_of(module):
            assert 0 <= span.start <= span.end <= len(source)
    whole = measure(found.structure, source, Span(0, len(source)))
    assert whole.lines == source.count(b"\n") + (source[-1:] not in (b"", b"\n"))
    for module in modules:
        part = measure(found.structure, source, module.span)
        assert part.constructs <= whole.constructs
        assert part.processes <= whole.processes


def test_prefixes_keep_the_functions_that_are_whole(corpus: Path) -> None:
    source = (corpus / "elixir-lang/lib/elixir/lib/keyword.ex").read_bytes()
    whole = outline(source, parse(source, "elixir")).modules[0]
    fifth = whole.functions[4]
    cut = source[: fifth.span.end + 40]
    (module,) = outline(cut, parse(cut, "elixir")).modules
    assert module.name == "Keyword"
    assert [f.label for f in module.functions][:5] == [f.label for f in whole.functions[:5]]
    assert module.functions[4].span == fifth.span


@pytest.mark.parametrize(
    "source",
    [
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b"defmodule A do\n" + b"[" * 100_000,
        b"defmodule A do\n" * 20_000,
        b"defmodule A do\n" * 20_000 + b"end\n" * 20_000,
        b"if x do\n" * 20_000 + b"end\n" * 20_000,
        b"x(\n" * 50_000,
        b"def f(" * 20_000,
        b'@doc "' * 20_000,
        b'"#{' * 30_000,
        b"  alias A.B\n" * 20_000,
        b"alias A.B\n* rescue -> - " * 8_000,
        b"defmodule A do\n# a\n" + b"def f, do: 1\n" * 40_000 + b"end\n",
        b"- " * 50_000,
    ],
    ids=lambda source: f"{source[:12]!r}",
)
def test_files_written_to_harm(source: bytes) -> None:
    found, tree = read(source, "elixir")
    assert found.size == len(source)
    assert bool(found.truncated) == (tree is None)
    if tree is not None:
        whole = measure(found.structure, source, Span(0, len(source)))
        assert whole.lines == source.count(b"\n") + (not source.endswith(b"\n"))
