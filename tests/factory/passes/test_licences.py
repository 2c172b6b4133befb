"""Licences: what people write means one SPDX expression, and the unknown never slips in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_spdx_licensing

from factory.passes.licences import _names, _plain, decide, normalise
from factory.spec import PERMISSIVE, LicencePolicy

KNOWN = st.sampled_from(["MIT", "Apache-2.0", "GPL-3.0-only", "LicenseRef-unknown", "ISC"])
EXPRESSIONS = st.recursive(
    KNOWN,
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
        lambda t: f"({t[0]} {t[1]} {t[2]})"
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("The MIT License", "MIT"),
        ("MIT License (MIT)", "MIT"),
        ("MIT/X11", "MIT"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache 2", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("Apache v2.0", "Apache-2.0"),
        ("Apachev2", "LicenseRef-unknown"),
        ("BSD 3-Clause License", "BSD-3-Clause"),
        ("BSD", "LicenseRef-unknown"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("GPLv3", "GPL-3.0-only"),
        ("GPL-2.0 WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("apache-2.0 OR mit", "Apache-2.0 OR MIT"),
        ("MIT or Apache 2.0", "Apache-2.0 OR MIT"),
        ("MIT OR Apache-2.0 OR MIT", "Apache-2.0 OR MIT"),
        ("MIT, Apache-2.0", "Apache-2.0 AND MIT"),
        ("MIT and BSD 2-clause", "BSD-2-Clause AND MIT"),
        ("Apache 2.0 and Foo", "Apache-2.0 AND LicenseRef-unknown"),
        ("MIT AND MyCorp", "LicenseRef-unknown AND MIT"),
        ("LicenseRef-acme", "LicenseRef-acme"),
        ("LicenseRef-unknown", "LicenseRef-unknown"),
        ("NOASSERTION", "LicenseRef-unknown"),
        ("Proprietary", "LicenseRef-unknown"),
        ("see LICENSE file", "LicenseRef-unknown"),
        ("MIT OR", "LicenseRef-unknown OR MIT"),
        ("", "LicenseRef-unknown"),
        ("(" * 400 + "MIT AND X", "LicenseRef-unknown AND MIT"),
        ("MIT " * 400, "LicenseRef-unknown"),
    ],
)
def test_free_text_means_one_expression(written: str, meant: str) -> None:
    assert normalise(written) == meant


def test_every_name_in_the_table_is_plain_and_means_a_licence_that_spdx_lists() -> None:
    licensing = get_spdx_licensing()
    for name, meant in _names().items():
        assert _plain(name) == name
        assert licensing.validate(meant).errors == []
        assert normalise(name) == licensing.parse(meant).render()


@given(EXPRESSIONS)
def test_normalising_twice_is_normalising_once(expression: str) -> None:
    assert normalise(normalise(expression)) == normalise(expression)


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def truth(expression: str, allowed: set[str]) -> bool:
    """Whether terms can be met, by Python's own logic."""
    words = expression.replace("(", " ( ").replace(")", " ) ").split()
    python = {"AND": "and", "OR": "or", "(": "(", ")": ")"}
    return bool(eval(" ".join(python.get(w, str(w in allowed)) for w in words)))


@given(EXPRESSIONS, st.sets(KNOWN), st.sets(KNOWN), st.sampled_from(["drop", "keep"]))
def test_and_needs_all_or_needs_one_deny_wins_and_unknown_is_asked_for(
    expression: str, allow: set[str], deny: set[str], unknown: str
) -> None:
    policy = LicencePolicy(allow=sorted(allow), deny=sorted(deny), unknown=unknown)
    may = (allow - deny) - {"LicenseRef-unknown"}
    if unknown == "keep":
        may |= {"LicenseRef-unknown"}
    assert (decide(expression, policy) == "") == truth(expression, may)


def test_exceptions_follow_their_licence_or_are_named_with_it() -> None:
    expression = "GPL-2.0-only WITH Classpath-exception-2.0"
    assert decide(expression, LicencePolicy()) != ""
    assert decide(expression, LicencePolicy(allow=("GPL-2.0-only",))) == ""
    assert decide(expression, LicencePolicy(allow=(expression,))) == ""
    assert decide("GPL-2.0-only", LicencePolicy(allow=(expression,))) != ""
    assert decide(expression, LicencePolicy(allow=("GPL-2.0-only",), deny=(expression,))) != ""


def test_reasons_name_the_licence_and_the_part_that_is_wrong() -> None:
    policy = LicencePolicy(deny=("MIT",))
    assert decide("GPL-3.0", policy) == "licence GPL-3.0-only is not allowed by the licence policy"
    assert decide("Apache 2.0 AND MIT", policy) == (
        "licence Apache-2.0 AND MIT: MIT is denied by the licence policy"
    )
    assert decide("who knows", policy) == (
        "licence LicenseRef-unknown: no licence was found, and the licence policy drops the unknown"
    )


def test_the_default_policy_takes_all_that_it_lists() -> None:
    assert [decide(licence, LicencePolicy()) for licence in PERMISSIVE] == [""] * len(PERMISSIVE)
