"""What every rule leaves as it is, because it cannot see its precondition hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.transforms.idioms import OWN, WAYS, read, rewritten
from transforms.idiom.rules import RULES

REFUSED = [(way, entry) for way, listed in read("idiom_refused.yaml").items() for entry in listed]


def test_every_way_has_something_to_refuse() -> None:
    assert {way for way, _ in REFUSED} == set(WAYS)


def test_every_rule_states_its_precondition_once() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.precondition.endswith(".") and rule.version >= 1 for rule in RULES)


@pytest.mark.parametrize(("way", "entry"), REFUSED, ids=[way for way, _ in REFUSED])
def test_left_alone(way: str, entry: dict[str, Any]) -> None:
    names = {key: frozenset(value) for key, value in entry.get("around", {}).items()}
    if "functions" in names:
        names["functions"] |= OWN.functions
    assert rewritten(way, entry["code"], replace(OWN, **names)) is None
