"""How books speak of themselves, read from `transforms/data/phrases.yaml` and made ready."""

from __future__ import annotations

import functools
import re
from importlib.resources import files

from ruamel.yaml import YAML

CODE = "\ue000"
"""Stands for code in backticks where a sentence is looked at."""


@functools.cache
def _all() -> dict[str, list[str]]:
    text = files("transforms").joinpath("data", "phrases.yaml").read_text(encoding="utf-8")
    loaded: dict[str, list[str]] = YAML(typ="safe").load(text)
    return loaded


@functools.cache
def begins(key: str, end: str = "") -> re.Pattern[str]:
    """Matches a text that begins with one of the spellings of `{key}_begins`, then `end`."""
    spelt = "|".join(f"(?:{one})" for one in _all()[f"{key}_begins"])
    return re.compile(rf"[\"“'*_(]*(?:{spelt}){end}", re.IGNORECASE)


@functools.cache
def holds(key: str) -> re.Pattern[str]:
    """Finds one of the spellings of `key`, anywhere in a text."""
    return re.compile("|".join(f"(?:{one})" for one in _all()[key]), re.IGNORECASE)
