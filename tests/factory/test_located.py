"""YAML as JSON values with their places; hostile YAML is refused in words."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from factory.errors import RequestError
from factory.located import DEEPEST, EXPANDED, LARGEST, Place, decode, read, refuse, scalar
from factory.mistakes import place_of


def said(text: str) -> str:
    """Everything that is wrong with a text, as a person is told."""
    try:
        _, mistakes = read(text, "r.yaml")
    except RequestError as error:
        return str(error)
    return str(refuse(mistakes))


def plain(text: str) -> Any:
    node, mistakes = read(text, "r.yaml")
    assert mistakes == []
    return node.plain()


characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff")
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(characters, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(characters, max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_values)
def test_json_is_yaml_and_reads_back_as_itself(value: Any) -> None:
    assert plain(json.dumps(value, ensure_ascii=False)) == value


@given(st.dictionaries(st.text("abc01.-_ '#", min_size=1, max_size=8), json_values, max_size=4))
def test_what_a_yaml_library_writes_in_blocks_reads_back_as_itself(value: Any) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    stream = io.StringIO()
    yaml.dump(value, stream)
    try:
        assume(yaml.load(stream.getvalue()) == value)  # the library's own slips are not ours
    except YAMLError:
        assume(False)
    assert plain(stream.getvalue()) == value


@given(st.text(max_size=200) | st.text("ab:-[]{}&*!|>'\"\n\t #?,%@`\\\x00", max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        node, mistakes = read(text, "r.yaml")
    except RequestError as error:
        assert str(error).startswith("r.yaml:")
    else:
        json.dumps(node.plain(), allow_nan=False)
        assert all(mistake.place.line > 0 for mistake in mistakes)


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_refused(content: bytes) -> None:
    try:
        text = decode(content, "r.yaml")
    except RequestError as error:
        assert "is not UTF-8; save the file as UTF-8" in str(error)
    else:
        assert text.encode() == content.removeprefix(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("yes", "yes"),
        ("off", "off"),
        ("12", 12),
        ("-3", -3),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("017", 17),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("1e400", "1e400"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("2024-01-01", "2024-01-01"),
        ("12:30", "12:30"),
        ("1.18.3", "1.18.3"),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_words_mean_what_the_core_schema_says(written: str, meant: Any) -> None:
    assert scalar(written) == meant
    assert type(scalar(written)) is type(meant)


def test_quotes_make_text_and_blocks_keep_their_lines() -> None:
    assert plain("a: '1'\nb: \"true\"\nc: |\n  x\n  y\nd: >-\n  x\n  y\n") == {
        "a": "1",
        "b": "true",
        "c": "x\ny\n",
        "d": "x y",
    }


def test_an_alias_stands_for_what_was_written_before() -> None:
    assert plain("a: &x [1, {b: 2}]\nc: *x\nd: [*x]") == {
        "a": [1, {"b": 2}],
        "c": [1, {"b": 2}],
        "d": [[1, {"b": 2}]],
    }


def test_every_value_knows_its_line_and_column() -> None:
    node, _ = read("a:\n  b: [x, {c: 1}]\n", "r.yaml")
    assert place_of(node, ("a",)) == Place("r.yaml", 1, 1)
    assert place_of(node, ("a", "b")) == Place("r.yaml", 2, 3)
    assert place_of(node, ("a", "b", 0)) == Place("r.yaml", 2, 7)
    assert place_of(node, ("a", "b", 1, "c")) == Place("r.yaml", 2, 11)
    assert place_of(node, ("a", "b", 1, "none", "such")) == Place("r.yaml", 2, 10)
    assert str(Place("r.yaml", 2, 10)) == "r.yaml:2:10"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\t- 1\n", "r.yaml:2:1: a tab; YAML is indented with spaces"),
        ("a:\n  b: 1\n\tc: 2\n", "r.yaml:3:1: a tab; YAML is indented with spaces"),
        ("a: b: c", "r.yaml:1:5: not YAML: mapping values are not allowed here"),
        (
            "a: [1\nb: 2",
            "r.yaml:2:2: not YAML: expected ',' or ']', but got ':' "
            "(while parsing a flow sequence, which began in line 1)",
        ),
        ("a: 'x", "r.yaml:1:6: not YAML: found unexpected end of stream"),
        ("a: @x", "r.yaml:1:4: not YAML: found character '@' that cannot start any token"),
        ("a: \x07", "r.yaml:1:4: the character U+0007 is not allowed in YAML"),
        ("a: 1\nb: x\x00", "r.yaml:2:5: the character U+0000 is not allowed in YAML"),
        ("a: 1\n---\nb: 2", "r.yaml:2:1: a second document; a registry is one"),
        (
            "a:\n  b: 1\n  c: 2\n  b: 3\n",
            "r.yaml:4:3: a.b: given twice, first in line 2",
        ),
        ("a: *b", "r.yaml:1:4: a: the alias *b stands for nothing written before"),
        ("a: &a [*a]", "r.yaml:1:8: a.0: the alias *a stands for nothing written before"),
        (
            "a: !!python/object/apply:os.system ['true']",
            "r.yaml:1:4: a: the tag tag:yaml.org,2002:python/object/apply:os.system is not read; "
            "write the value without a tag",
        ),
        ("a: !env HOME", "r.yaml:1:4: a: the tag !env is not read; write the value without a tag"),
        (
            "a: &a {x: 1}\nb:\n  <<: *a\n",
            "r.yaml:3:3: b: merge keys (<<) are not read; write the keys out",
        ),
        ("[a]: 1\nb: 2", "r.yaml:1:1: a key must be plain text"),
        ("? {x: y}\n: 1", "r.yaml:1:3: a key must be plain text"),
    ],
)
def test_what_is_no_plain_yaml_is_told_with_its_place(text: str, expected: str) -> None:
    assert said(text) == expected


def test_mistakes_are_told_together_and_in_the_order_of_lines() -> None:
    assert said("b: !x 1\na: 1\na: 2\nc: [*d]\n") == (
        "r.yaml:1:4: b: the tag !x is not read; write the value without a tag\n"
        "r.yaml:3:1: a: given twice, first in line 2\n"
        "r.yaml:4:5: c.0: the alias *d stands for nothing written before"
    )


def test_a_value_under_a_refused_key_does_not_shift_the_others() -> None:
    node, mistakes = read("a: 1\na: {x: [2]}\n[k]: [3]\nb: 4\n", "r.yaml")
    assert len(mistakes) == 2
    assert node.plain() == {"a": 1, "b": 4}


def test_a_billion_laughs_are_not_laughed() -> None:
    lines = ["a0: &a0 ha"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert said("\n".join(lines)).endswith(f": aliases expand to more than {EXPANDED:,} characters")


def test_a_long_text_told_often_counts_as_often() -> None:
    text = f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 50)}]\n"
    assert said(text).endswith(f": aliases expand to more than {EXPANDED:,} characters")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_bounded(opening: str) -> None:
    assert f"more than {DEEPEST} mappings and lists within each other" in said(opening * 20_000)


def test_aliases_do_not_smuggle_depth_in() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200)]
    assert "mappings and lists within each other" in said("\n".join(lines))


def test_size_is_bounded() -> None:
    with pytest.raises(RequestError) as caught:
        decode(b" " * (LARGEST + 1), "r.yaml")
    assert str(caught.value) == "r.yaml: 262,145 bytes; at most 262,144 are read"


def test_what_is_not_utf_8_is_told_with_line_and_column() -> None:
    with pytest.raises(RequestError) as caught:
        decode("a: 1\nb: Größe\n".encode("latin-1"), "r.yaml")
    assert str(caught.value) == "r.yaml:2:6: the byte 0xf6 is not UTF-8; save the file as UTF-8"


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert plain(decode(b"\xef\xbb\xbfa: 1\n", "r.yaml")) == {"a": 1}


def test_a_flood_of_mistakes_is_told_in_part() -> None:
    lines = said("a: 1\n" * 500).splitlines()
    assert lines[0] == "r.yaml:2:1: a: given twice, first in line 1"
    assert len(lines) == 101
    assert lines[-1] == "and 399 more"


def test_a_mistake_is_a_line_not_a_page() -> None:
    assert len(said(f"{'k' * 900}: 1\n{'k' * 900}: 2\nx: !{'t' * 9000} y")) < 2100
