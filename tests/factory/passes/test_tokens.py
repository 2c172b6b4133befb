"""Tokens: what counts as one, what does not, and that hashes depend on the text alone."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.passes import tokens as module
from factory.passes.tokens import ngrams, sequence_hash, tokenise

SOURCE = st.text(alphabet=st.sampled_from("ab_1 \n\t#%{}\"'|>=.:é😀(),"), max_size=200)


def words(source: str, language: str = "elixir") -> list[str]:
    raw = source.encode()
    found = tokenise(raw, language)
    return [raw[s:e].decode() for s, e in zip(found.starts, found.ends, strict=True)]


def test_words_operators_and_quotes_are_whole_and_brackets_stand_alone() -> None:
    assert words('x |> f(:ok, "é", &1)') == [
        *("x", "|>", "f", "(", ":", "ok", ",", '"', "é", '"', ",", "&", "1", ")")
    ]
    assert words('@doc """\nhi\n"""') == ["@", "doc", '"""', "hi", '"""']
    assert words("((a))") == ["(", "(", "a", ")", ")"]


def test_comments_of_the_language_are_no_tokens() -> None:
    assert words("a # say what\nb\n  # c\n") == ["a", "b"]
    assert words("a % say what\n%% more\nb", "erlang") == ["a", "b"]
    assert words("# Title", "markdown") == ["#", "Title"]


def test_interpolation_and_maps_are_not_comments() -> None:
    assert words('"a #{b}"') == ['"', "a", "#", "{", "b", "}", '"']
    assert words("R#state.x", "erlang") == ["R", "#", "state", ".", "x"]
    assert words("%{a: 1}") == ["%", "{", "a", ":", "1", "}"]


def test_layout_does_not_matter() -> None:
    one, other = tokenise(b"def f(a),\n  do: a # x\n"), tokenise(b"def  f( a ), do:\n\ta")
    assert one.hashes.tolist() == other.hashes.tolist()


@given(SOURCE, SOURCE)
def test_equal_hash_means_equal_text(left: str, right: str) -> None:
    texts: dict[int, str] = {}
    for source in (left, right):
        hashes = tokenise(source.encode(), "markdown").hashes.tolist()
        for number, text in zip(hashes, words(source, "markdown"), strict=True):
            assert texts.setdefault(number, text) == text
    assert len(set(texts.values())) == len(texts)


@given(SOURCE)
def test_tokens_and_space_make_up_the_whole_text(source: str) -> None:
    assert "".join(words(source, "markdown")) == "".join(source.split())


@given(st.lists(st.sampled_from(["def f(x) do", "  x |> g() # no", "end", "é"]), max_size=60))
def test_the_block_size_does_not_show(lines: list[str]) -> None:
    source = "\n".join(lines).encode()
    whole = tokenise(source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", 40)
        pieces = tokenise(source)
    assert pieces.hashes.tolist() == whole.hashes.tolist()
    assert pieces.starts.tolist() == whole.starts.tolist()


def test_ranges_are_the_tokens_that_start_inside_a_span() -> None:
    raw = b"aa bb cc dd"
    starts, ends = tokenise(raw).ranges([(0, 11), (3, 8), (4, 5), (11, 11)])
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [
        (0, 4),
        (1, 3),
        (2, 2),
        (4, 4),
    ]


@given(SOURCE, st.integers(1, 6))
def test_ngrams_are_equal_exactly_when_their_tokens_are(source: str, n: int) -> None:
    found = tokenise(source.encode())
    grams = [tuple(found.hashes[i : i + n].tolist()) for i in range(max(0, len(found) - n + 1))]
    hashes = ngrams(found.hashes, n).tolist()
    assert len(hashes) == len(grams)
    assert len(set(zip(hashes, grams, strict=True))) == len(set(grams)) == len(set(hashes))


@given(SOURCE, st.integers(0, 30), st.integers(0, 30))
def test_a_sequence_hash_does_not_depend_on_where_the_sequence_stands(
    source: str, skip: int, length: int
) -> None:
    found = tokenise(source.encode())
    first, after = min(skip, len(found)), min(skip + length, len(found))
    inside = sequence_hash(found, np.array([first]), np.array([after]))
    text = b" ".join(
        source.encode()[s:e]
        for s, e in zip(found.starts[first:after], found.ends[first:after], strict=True)
    )
    alone = tokenise(text, "markdown")
    assert inside.tolist() == sequence_hash(alone, np.array([0]), np.array([len(alone)])).tolist()
    assert (inside[0] == 0) == (first == after)


def test_hashes_are_the_same_in_another_process() -> None:
    code = "from factory.passes.tokens import *; print(tokenise(b'def f, do: 1').hashes.tolist())"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == str(tokenise(b"def f, do: 1").hashes.tolist())


@pytest.mark.parametrize("source", [b"", b"\x00\xff\xfe", b"(" * 300_000, b"a" * 200_000])
def test_odd_input_is_read_without_complaint(source: bytes) -> None:
    found = tokenise(source)
    assert all(s < e for s, e in zip(found.starts.tolist(), found.ends.tolist(), strict=True))
    assert (len(found) == 0) == (source == b"")
