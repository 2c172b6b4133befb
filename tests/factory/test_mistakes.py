"""What a stranger's options model finds wrong is told in plain words, whatever it is made of."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, field_validator
from pydantic_core import PydanticCustomError

from factory.located import read
from factory.mistakes import check


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str = Field(default="ab", min_length=2, max_length=3)
    parts: list[str] = Field(default=[], max_length=1)
    one: Annotated[int, Field(gt=0, lt=3)] | None = None
    word: str = Field(default="a", pattern="^[a-z]+$")
    since: date = Field(default=date(2024, 1, 1), ge=date(2020, 1, 1))
    key: str = Field(default="", alias="API-key")
    fragile: str = ""
    picky: int = 1
    several: tuple[str, ...] = ()
    folder: Path = Path()
    site: HttpUrl | None = None
    shade: str = ""
    colours: frozenset[Literal["red", "blue"]] = frozenset()

    @field_validator("fragile")
    @classmethod
    def _breaks(cls, value: str) -> str:
        return {"whole": value}[value]

    @field_validator("shade")
    @classmethod
    def _mixes(cls, value: str) -> str:
        raise PydanticCustomError("shade", "Unable to mix that")

    @field_validator("picky")
    @classmethod
    def _picks(cls, value: int) -> int:
        if value == 3:
            raise ValueError("3 is not to my taste")
        return value

    @field_validator("several", mode="before")
    @classmethod
    def _one_will_do(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


def told(text: str) -> list[str]:
    node, _ = read(text, "r.yaml")
    _, mistakes = check(Options, node, ("here",))
    return [str(mistake) for mistake in mistakes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("code: a", 'r.yaml:1:1: here.code: wants at least 2 characters, not "a"'),
        ("code: abcd", 'r.yaml:1:1: here.code: wants at most 3 characters, not "abcd"'),
        ("parts: [a, b]", 'r.yaml:1:1: here.parts: wants at most 1 of them, not ["a", "b"]'),
        ("one: 3", "r.yaml:1:1: here.one: wants a number below 3, not 3"),
        ("one: x", 'r.yaml:1:1: here.one: wants a whole number, not "x"'),
        ("word: A", 'r.yaml:1:1: here.word: wants text like ^[a-z]+$, not "A"'),
        (
            "since: 2019-12-31",
            'r.yaml:1:1: here.since: wants greater than or equal to 2020-01-01, not "2019-12-31"',
        ),
        ("key: x", "r.yaml:1:1: here.key: unknown key; did you mean API-key?"),
        ("fragile: x", "r.yaml:1:1: here: could not be checked: KeyError: 'x'"),
        ("picky: 3", "r.yaml:1:1: here.picky: 3 is not to my taste"),
        (f"parts: {'x' * 100}", f'r.yaml:1:1: here.parts: wants a list, not "{"x" * 56}...'),
        ("since: 2024", "r.yaml:1:1: here.since: wants a date such as 2024-01-31, not 2024"),
        ("several: 3", "r.yaml:1:1: here.several: wants a list, not 3"),
        ("several: [3]", "r.yaml:1:11: here.several.0: wants text, not 3; put it in quotes"),
        (
            "colours: [rad]",
            'r.yaml:1:11: here.colours.0: wants red or blue, not "rad"; did you mean red?',
        ),
        ("folder: 3", "r.yaml:1:1: here.folder: wants text, not 3"),
        (
            "site: 'http://'",
            'r.yaml:1:1: here.site: wants a valid URL, empty host, not "http://"',
        ),
        ("shade: x", 'r.yaml:1:1: here.shade: Unable to mix that, in "x"'),
        ("[a]", 'r.yaml:1:1: here: wants keys with values, not ["a"]'),
    ],
)
def test_a_mistake_in_words(text: str, expected: str) -> None:
    assert told(text) == [expected]


def test_what_is_right_comes_back_as_the_model() -> None:
    text = "{API-key: x, one: 2, since: 2024-02-29, fragile: whole, folder: /a, colours: [red]}"
    node, _ = read(text, "r.yaml")
    options, mistakes = check(Options, node)
    assert mistakes == []
    assert options == Options(
        **{"API-key": "x"},  # type: ignore[arg-type]
        one=2,
        since=date(2024, 2, 29),
        fragile="whole",
        folder=Path("/a"),
        colours=frozenset({"red"}),
    )


@pytest.mark.parametrize("text", ["several: a", "several: [a]"])
def test_a_validator_may_look_at_a_value_first(text: str) -> None:
    options, mistakes = check(Options, read(text, "r.yaml")[0])
    assert mistakes == []
    assert options is not None
    assert options.several == ("a",)
