"""Requirements on versions mean what they mean in Elixir: compared with the real `Version`."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.hex.requirement import Requirement, Version


def version(text: str) -> Version:
    found = Version.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("requirement", "text", "without_pre", "with_pre"),
    [
        # The table of Elixir's documentation.
        ("~> 2.0", "2.1.0", True, True),
        ("~> 2.0", "3.0.0", False, False),
        ("~> 2.0.0", "2.0.5", True, True),
        ("~> 2.0.0", "2.1.0", False, False),
        ("~> 2.1.2", "2.1.6-dev", False, True),
        ("~> 2.1-dev", "2.2.0-dev", True, True),
        ("~> 2.1.2-dev", "2.1.6-dev", True, True),
        (">= 2.1.0", "2.2.0-dev", False, True),
        (">= 2.1.0-dev", "2.2.6-dev", True, True),
        # The upper bound of ~> takes in no pre-release of itself.
        ("~> 2.0", "3.0.0-rc.0", False, False),
        # A version alone is meant exactly; build metadata does not count.
        ("1.2.3", "1.2.3+build", True, True),
        (">= 1.0.0 and < 2.0.0 or == 3.0.0", "3.0.0", True, True),
        ("== 3.0.0 or >= 1.0.0 and < 2.0.0", "2.0.0", False, False),
    ],
)
def test_what_matches(requirement: str, text: str, without_pre: bool, with_pre: bool) -> None:
    required = Requirement.parse(requirement)
    assert required.matches(version(text)) is without_pre
    assert required.matches(version(text), allow_pre=True) is with_pre


@pytest.mark.parametrize(
    "text",
    [
        *("", "~>", "1.0", ">= 1.0", "1.0.0 2.0.0", "~> 1", ">= 1.0.0 and", "or", "latest"),
        *("~> 1.x", ">= 1.0.0 xor 2.0.0", "~> 01.0", "1.0.0 or " * 200 + "1.0.0"),
        "9" * 400 + ".0.0",
    ],
)
def test_what_is_no_requirement(text: str) -> None:
    with pytest.raises(ValueError, match="is no version requirement") as caught:
        Requirement.parse(text)
    assert len(str(caught.value)) < 250


def test_versions_in_order() -> None:
    texts = [
        *("0.9.0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1"),
        *("1.0.0-beta", "1.0.0-rc1", "1.0.0", "1.0.1-dev", "1.0.1", "1.1.0", "1.10.0", "2.0.0"),
    ]
    shuffled = [version(text) for text in texts]
    Random(1).shuffle(shuffled)
    assert [str(v) for v in sorted(shuffled)] == texts


@given(st.text(max_size=40) | st.text("0123456789.-+><=~! andor", max_size=40))
def test_any_text_is_a_requirement_or_a_value_error(text: str) -> None:
    try:
        Requirement.parse(text).matches(version("1.2.3"))
    except ValueError as error:
        assert "is no version requirement" in str(error)
    Version.parse(text)


def test_elixir_says_the_same(tmp_path: Path) -> None:
    random = Random(3)
    cases = [(some_version(random), some_requirement(random)) for _ in range(4_000)]
    cases += [
        *(
            ("1.0.0--", "1.0.0--"),
            ("1.0.0-a..b", "~>1.0"),
            ("1.0.0+", " 1.0.0 "),
            ("1.0.0-01", "!1.0.0"),
        ),
        *(
            ("1.2.3.4", ">1.0.0and<2.0.0"),
            ("1.0.0-0", "<  2.0.0"),
            ("1.0.0+a.b", ">=1.0.0 or~>2.0"),
        ),
    ]
    lines = "".join(f"{v}\t{r}\n" for v, r in cases)
    script = Path(__file__).with_name("versions.exs")
    done = subprocess.run(
        ["elixir", str(script)], input=lines, capture_output=True, text=True, check=True
    )
    answers = done.stdout.splitlines()
    assert [ours(v, r) for v, r in cases] == answers
    assert sum("1" in answer[2:] for answer in answers) > 300
    assert set(answers) == {"00--", "01--", "10--", "1100", "1101", "1111"}


def ours(text: str, requirement: str) -> str:
    parsed = Version.parse(text)
    try:
        required = Requirement.parse(requirement)
    except ValueError:
        required = None
    matches = "--"
    if parsed is not None and required is not None:
        matches = f"{required.matches(parsed):d}{required.matches(parsed, allow_pre=True):d}"
    return f"{parsed is not None:d}{required is not None:d}{matches}"


def some_version(random: Random, *, patch: bool = True) -> str:
    numbers = [random.choice("00112349") for _ in range(3 if patch or random.random() < 0.5 else 2)]
    text = ".".join(numbers)
    if random.random() < 0.4:
        parts = [random.choice(["dev", "rc", "rc1", "0", "1", "10", "a-b", "01", ""]) for _ in "ab"]
        text += "-" + ".".join(parts[: random.choice([1, 1, 2])])
    if random.random() < 0.1:
        text += random.choice(["+build", "+1.2", "+", "."])
    return text


def some_requirement(random: Random) -> str:
    operators = [">", ">=", "<", "<=", "==", "~>", "~>", "~>", "", "!="]
    parts = []
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        operator = random.choice(operators)
        gap = random.choice([" ", " ", " ", "", "  "])
        parts.append(operator + gap + some_version(random, patch=operator != "~>"))
    text = parts[0]
    for part in parts[1:]:
        text += random.choice([" and ", " or ", " or  ", " and ", " or ", " "]) + part
    if random.random() < 0.05:
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice("><= .-a") + text[at:]
    return text
