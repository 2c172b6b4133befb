"""How people ask: variants of a request as data files, chosen by seed.

A file `wordings/TASK.yaml` maps a key to its variants. A variant is a sentence with named places,
`{function}`, filled by `str.format_map`; `{{` and `}}` stand for braces. Every variant of a key
must use the same facts (an optional fact goes into a key of its own), so that no request lacks
what its neighbours state; `wordings` checks this when a file is first read.
"""

from __future__ import annotations

import functools
import string
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from ruamel.yaml import YAML


@dataclass(frozen=True)
class Wordings:
    """All variants of one task's requests."""

    task: str
    variants: Mapping[str, tuple[str, ...]]

    def say(self, key: str, number: int, /, **facts: str | int) -> str:
        """The variant of `key` that `number` chooses, with `facts` in their places.

        Raises KeyError for a key that the file lacks and for a fact that was not given.
        """
        options = self.variants[key]
        return options[number % len(options)].format_map(facts)


def _facts(variant: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(variant) if name)


@functools.cache
def wordings(task: str) -> Wordings:
    """The wordings of `task`. Raises ValueError naming the key whose variants state different
    facts, or that holds something other than a list of texts."""
    text = files("transforms").joinpath("wordings", f"{task}.yaml").read_text(encoding="utf-8")
    loaded = YAML(typ="safe").load(text)
    variants: dict[str, tuple[str, ...]] = {}
    for key, options in loaded.items():
        if not options or not all(isinstance(option, str) for option in options):
            raise ValueError(f"wordings/{task}.yaml: {key} must be a list of texts")
        if len({_facts(option) for option in options}) > 1:
            raise ValueError(f"wordings/{task}.yaml: the variants of {key} state different facts")
        variants[key] = tuple(option.strip("\n") for option in options)
    return Wordings(task, variants)
