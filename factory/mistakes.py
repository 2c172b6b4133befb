"""Values checked against a pydantic model, and what is wrong told to the person who wrote them.

Each mistake says where (file, line and column), which key, what was wanted, and the nearest word
that would have been right. Nothing here knows what a registry is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from factory.located import Mistake, Node, Path, Place, dotted
from factory.plugins import nearest

M = TypeVar("M", bound=BaseModel)

Correct = Callable[[ErrorDetails, Path], bool]
"""Given a mistake and its path, mends the node if it can and says whether it did."""


def check(
    model: type[M], node: Node, path: Path = (), *, correct: Correct | None = None
) -> tuple[M | None, list[Mistake]]:
    """The model of what `node` holds, or None and all that is wrong with it.

    Values are held to JSON's types strictly (`"3"` is no number, `1` is no boolean); a null stands
    for no keys at all. `path` is where the node lies, for messages. With `correct`, checking starts
    again for as long as it mends something.
    """
    while True:
        plain = node.plain()
        packed = json.dumps({} if plain is None else plain)
        try:
            value, errors = _validated(model, packed)
        except Exception as error:
            # A stranger's validator may raise anything: the person still learns where.
            text = f"could not be checked: {type(error).__name__}: {error}"
            return None, [Mistake(node.place, dotted(path), text)]
        if not errors:
            return value, []
        if correct and any(correct(e, _real(node, e["loc"])) for e in errors):
            continue
        return None, list(_mistakes(model, node, path, errors))


def _validated(model: type[M], packed: str) -> tuple[M | None, list[ErrorDetails]]:
    """The model and what is wrong with its JSON.

    Strictness is asked for scalars alone, in a second reading: a validator that looks at a list
    before pydantic does would make a strict reading refuse the list itself.
    """
    value, errors = _read(model, packed, strict=False)
    known = {error["loc"] for error in errors}
    errors += [
        error
        for error in _read(model, packed, strict=True)[1]
        if error["loc"] not in known
        and (error["type"] in _SCALARS or isinstance(error["input"], int | float))
        and not isinstance(error["input"], list | dict)
    ]
    return value, errors


def _read(model: type[M], packed: str, *, strict: bool) -> tuple[M | None, list[ErrorDetails]]:
    try:
        return model.model_validate_json(packed, strict=strict), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`did you mean X?`, or all that is known when nothing comes near."""
    words = list(known)
    close = nearest(word, words)
    return f"did you mean {close}?" if close else f"known: {', '.join(words) or 'none'}"


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys that a model takes, as they are written."""
    return [field.alias or name for name, field in model.model_fields.items()]


def place_of(node: Node, path: Path) -> Place:
    """Where the key or item at `path` stands, or the nearest thing around it that exists."""
    place = node.place
    for step in path:
        below = node.child(step)
        if below is None:
            return node.keys.get(str(step), place)
        place = node.keys.get(str(step), below.place)
        node = below
    return place


def show(value: object) -> str:
    """A value as a person would recognise it, cut to some 60 characters."""
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation holds, through Optional, list, dict and the like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        if found := model_in(inner):
            return found
    return None


def _mistakes(
    model: type[BaseModel], node: Node, path: Path, errors: list[ErrorDetails]
) -> Iterator[Mistake]:
    by_path: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        by_path.setdefault(_real(node, error["loc"]), []).append(error)
    for at, found in by_path.items():
        # One branch of a union says "wants a word", another finds a fault inside the list.
        if any(len(other) > len(at) and other[: len(at)] == at for other in by_path) and all(
            len(e["loc"]) > len(at) for e in found
        ):
            continue
        place = place_of(node, at)
        yield Mistake(place, dotted((*path, *at)), _text(model, at, found))


def _real(node: Node, loc: tuple[str | int, ...]) -> Path:
    """pydantic's location without what is not in the document: the names of a union's branches,
    and `[key]`. A last step that is nowhere is kept: it is the key that is missing."""
    real: list[str | int] = []
    for at, step in enumerate(loc):
        below = node.child(step)
        if below is not None:
            node = below
            real.append(step)
        elif at == len(loc) - 1 and isinstance(step, str) and _KEY.fullmatch(step):
            real.append(step)
    return tuple(real)


_KEY = re.compile(r"[A-Za-z_][\w-]*")
_BRANCHES = {"str", "int", "float", "bool", "list", "tuple", "set", "dict"}


def _text(model: type[BaseModel], path: Path, errors: list[ErrorDetails]) -> str:
    wants: list[str] = []
    hints: list[str] = []
    for error in errors:
        kind, context = error["type"], error.get("ctx", {})
        if kind == "extra_forbidden":
            return f"unknown key; {suggestion(str(path[-1]), _known(model, path[:-1]))}"
        if kind == "missing":
            return "missing, and it has no default"
        if kind in ("value_error", "assertion_error"):
            return str(context.get("error", error["msg"]))
        if kind in ("literal_error", "enum"):
            words = re.findall(r"'([^']*)'|(\d+)", str(context["expected"]))
            known = [text or number for text, number in words]
            wants += known
            if close := nearest(str(error["input"]), known):
                hints.append(f"; did you mean {close}?")
            continue
        want = _want(kind, context)
        if want is None and not error["msg"].startswith("Input should be "):
            return f"{error['msg']}, in {show(error['input'])}"
        wants.append(want or error["msg"].removeprefix("Input should be "))
        if kind == "string_type" and isinstance(error["input"], int | float):
            hints.append("; put it in quotes")
    *several, last = dict.fromkeys(wants)
    wanted = f"{', '.join(several)} or {last}" if several else last
    return f"wants {wanted}, not {show(errors[0]['input'])}{''.join(dict.fromkeys(hints))}"


def _want(kind: str, context: Mapping[str, Any]) -> str | None:
    if kind in _BOUNDS:
        phrase, key = _BOUNDS[kind]
        bound = context[key]
        return f"a number {phrase} {bound:g}" if isinstance(bound, int | float) else None
    if kind == "string_too_short" and context["min_length"] == 1:
        return "text that is not empty"
    if kind in _LENGTHS:
        phrase, key, unit = _LENGTHS[kind]
        return f"{phrase} {context[key]} {unit}"
    if kind == "string_pattern_mismatch":
        return f"text like {context['pattern']}"
    return _TYPES.get(kind)


_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("of at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("of at most", "le"),
}
_LENGTHS = {
    "too_short": ("at least", "min_length", "of them"),
    "too_long": ("at most", "max_length", "of them"),
    "string_too_short": ("at least", "min_length", "characters"),
    "string_too_long": ("at most", "max_length", "characters"),
}
_SCALARS = {"int_type", "float_type", "bool_type"}
_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "none_required": "null",
    "path_type": "text",
    **dict.fromkeys(
        (
            "date_type",
            "date_parsing",
            "date_from_datetime_parsing",
            "date_from_datetime_inexact",
        ),
        "a date such as 2024-01-31",
    ),
    **dict.fromkeys(("tuple_type", "list_type", "set_type", "frozen_set_type"), "a list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "keys with values"),
}


def _known(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the model at `path` inside `model` takes."""
    for step in path:
        field = next((f for n, f in model.model_fields.items() if (f.alias or n) == step), None)
        inner = model_in(field.annotation) if field else model
        if inner is None:
            return []
        model = inner
    return keys_of(model)
