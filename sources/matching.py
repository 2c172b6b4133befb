"""Options whose text must look like something: a name, a version, a suite."""

from __future__ import annotations

import re

from pydantic import AfterValidator


def matching(pattern: re.Pattern[str], what: str) -> AfterValidator:
    """For `Annotated[str, ...]`: a text that begins as the pattern says; else the error is that it
    "is no WHAT"."""

    def check(value: str) -> str:
        if not pattern.match(value):
            raise ValueError(f"{value!r} is no {what}")
        return value

    return AfterValidator(check)
