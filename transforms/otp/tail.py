"""What the last step of a body or an arm is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tail:
    """What the last step of a sequence is for: the result of a callback (its `role` and the name
    of its state, and whether that name was bound anew), of a function, of a binding, or nothing."""

    kind: str
    role: str = ""
    state: str = ""
    anew: bool = False


EFFECT = Tail("effect")
VALUE = Tail("value")
BOUND = Tail("bound")
