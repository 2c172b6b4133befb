"""Titles as words and as parts of a path, and ISBNs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.books.naming import isbn, slug, unnumbered


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Elixir: Up & Running", "elixir-up-running"),
        ("`case`, `cond`, and `if`", "case-cond-and-if"),
        ("Don't Repeat — Straße", "dont-repeat-strasse"),
        ("漢字", "otherwise"),
        ("A" * 200, "a" * 60),
    ],
)
def test_slug(title: str, name: str):
    assert slug(title, "otherwise") == name


@given(st.text())
def test_a_slug_is_a_safe_name(title: str):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug(title, "x"))
    assert len(slug(title)) <= 60


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Chapter 3: Processes", "Processes"),
        ("Chapter 3 Processes", "Processes"),
        ("Appendix A. Tools", "Tools"),
        ("3. Processes", "Processes"),
        ("3.1 Links", "Links"),
        ("A.2.1 Tools", "Tools"),
        ("3 Ways to Wait", "3 Ways to Wait"),
        ("Chapter 3", "Chapter 3"),
        ("2.0", "2.0"),
        ("Appendix", "Appendix"),
    ],
)
def test_unnumbered(title: str, bare: str):
    assert unnumbered(title) == bare


def test_a_number_without_a_sign_goes_where_all_have_one():
    assert unnumbered("3 Ways to Wait", bare=True) == "Ways to Wait"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("urn:isbn:9780306406157", "9780306406157"),
        ("ISBN-13: 978-0-306-40615-7.", "9780306406157"),
        ("ISBN 0-306-40615-2", "9780306406157"),
        ("ISBN 0-8044-2957-X", "9780804429573"),
        ("978-0-306-40615-8", ""),
        ("1234567890123", ""),
        ("", ""),
    ],
)
def test_isbn(text: str, number: str):
    assert isbn(text) == number
