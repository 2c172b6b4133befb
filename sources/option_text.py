"""Options as people write them: text that must look like something (a name, a version), and short
forms of lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import AfterValidator


def matching(pattern: re.Pattern[str], what: str) -> AfterValidator:
    """For `Annotated[str, ...]`: a text that begins as the pattern says; else the error is that it
    "is no WHAT"."""

    def check(value: str) -> str:
        if not pattern.match(value):
            raise ValueError(f"{value!r} is no {what}")
        return value

    return AfterValidator(check)


def spelt_out(value: Any, entry: Callable[[str], dict[str, str]]) -> Any:
    """A list in which each text became the `entry` that it is short for; one text is a list of one.
    What is no list is left to the model to refuse."""
    each = [value] if isinstance(value, str) else value
    if not isinstance(each, list | tuple):
        return value
    return [entry(item) if isinstance(item, str) else item for item in each]
