"""What a piece of code does, read from its tree: calls, captures, errors raised, constructs.

Only what is written counts. Calls are named as the source names them (aliases are not resolved),
with a piped-in argument counted; calls of variables, of `apply`, and of what macros expand to stay
unseen. Code inside `quote` is somebody else's, so a body that quotes is better not described.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from factory.syntax.outline import Call, Span
from factory.syntax.parse import Node, QueryCursor, query

_QUERIES = {
    "elixir": """
        (call) @call
        (unary_operator operator: "&") @capture
        (binary_operator operator: "|>") @pipe
    """,
    "erlang": """
        (call) @call
        [(internal_fun) (external_fun)] @capture
        [(case_expr) (if_expr) (receive_expr) (try_expr) (maybe_expr)] @construct
    """,
}
_CAPTURE = re.compile(r"&\s*(?:([A-Z][\w.]*|:[a-z]\w*)\.)?([a-z_]\w*[?!]?)/(\d+)")
_FUN = re.compile(r"fun\s+(?:([a-z?][\w@]*):)?([a-z][\w@]*)/(\d+)")
_NAME = re.compile(r"[a-z_]\w*[?!]?")
_OWNER = re.compile(r"[A-Z][\w.]*|:[a-z]\w*|__MODULE__")
_ERLANG_NAME = re.compile(r"[a-z][\w@]*")
_CONSTRUCTS = frozenset({"case", "cond", "if", "unless", "with", "for", "try", "receive"})
_FORMS = _CONSTRUCTS | {
    *("quote", "unquote", "unquote_splicing", "fn", "raise", "reraise", "super", "alias"),
    *("import", "require", "use", "def", "defp", "defmacro", "defmacrop", "defmodule", "throw"),
}
MAX_PIPE = 200


@dataclass(frozen=True, slots=True)
class Deeds:
    """`calls` in order of first mention, captures included; `raises` the exceptions named (Erlang:
    `error`, `exit`, `throw`); `constructs` the control structures used, each once; `pipeline` the
    steps of the one pipeline that the code consists of, and `only` the one call; both empty
    otherwise. `quotes` tells whether code is quoted."""

    calls: tuple[Call, ...]
    raises: tuple[str, ...]
    constructs: tuple[str, ...]
    pipeline: tuple[Call, ...]
    only: Call | None
    quotes: bool


def deeds(root: Node, source: bytes, language: str, within: Iterable[Span]) -> Deeds:
    """What the code at the spans `within` (bodies and guards, say) does."""
    calls: dict[Call, None] = {}
    raises: dict[str, None] = {}
    constructs: dict[str, None] = {}
    pipeline: tuple[Call, ...] = ()
    spans = list(within)
    only: Call | None = None
    quotes = False
    for span in spans:
        cursor = QueryCursor(query(language, _QUERIES[language]))
        cursor.set_byte_range(span.start, span.end)
        first, last = span
        found: list[tuple[int, int, str, Node]] = []
        for kind, nodes in cursor.captures(root).items():
            for node in nodes:
                start, end = node.start_byte, node.end_byte
                if first <= start and end <= last:
                    found.append((start, -end, kind, node))
        found.sort(key=itemgetter(0, 1, 2))
        for start, back, kind, node in found:
            whole = start == first and back == -last
            if kind == "construct":
                constructs[node.type.removesuffix("_expr")] = None
            elif kind == "pipe":
                if whole and len(spans) == 1:
                    pipeline = _steps(source, node)
            elif kind == "capture":
                captured = _captured(source, node, language)
                if captured is not None:
                    calls[captured] = None
            elif language == "erlang":
                made = _erlang(source, node)
                if made is not None:
                    if not made.module and made.name in {"error", "exit", "throw"}:
                        raises[made.name] = None
                    else:
                        calls[made] = None
                        only = made if whole and len(spans) == 1 else only
            else:
                name, made = _elixir(source, node)
                if name in _CONSTRUCTS:
                    constructs[name] = None
                elif name in {"raise", "reraise"}:
                    raises[_raised(source, node)] = None
                elif name == "throw":
                    raises["throw"] = None
                elif made is not None:
                    calls[made] = None
                    only = made if whole and len(spans) == 1 else only
                quotes |= name == "quote"
    raises.pop("", None)
    return Deeds(
        tuple(calls), tuple(raises), tuple(constructs), pipeline, None if pipeline else only, quotes
    )


def _text(source: bytes, node: Node) -> str:
    return source[node.start_byte : node.end_byte].decode(errors="replace")


def _elixir(source: bytes, node: Node) -> tuple[str, Call | None]:
    """The plain name that is called ("" for a remote call), and the call unless it is a form of
    the language or cannot be named."""
    target = node.child_by_field_name("target")
    if target is None:
        return "", None
    if target.type == "identifier":
        name = _text(source, target)
        if name in _FORMS or not _NAME.fullmatch(name):
            return name, None
        return name, Call("", name, _arity(node))
    if target.type != "dot":
        return "", None
    owner, _, name = _text(source, target).rpartition(".")
    if not _OWNER.fullmatch(owner) or not _NAME.fullmatch(name):
        return "", None
    return "", Call("" if owner == "__MODULE__" else owner, name, _arity(node))


def _arity(node: Node) -> int:
    """Arguments as written, a `do` block, and what is piped in."""
    count = 0
    for child in node.children:
        if child.type == "arguments":
            count += sum(n.type != "comment" for n in child.named_children)
        elif child.type == "do_block":
            count += 1
    parent = node.parent
    if parent is not None and parent.type == "binary_operator":
        operator = parent.child_by_field_name("operator")
        if operator is not None and operator.type == "|>":
            right = parent.child_by_field_name("right")
            count += right is not None and right.id == node.id
    return count


def _steps(source: bytes, node: Node) -> tuple[Call, ...]:
    """The calls of a pipeline from first to last; () when a step is not a plain call."""
    steps: list[Call] = []
    while node.type == "binary_operator" and len(steps) < MAX_PIPE:
        operator = node.child_by_field_name("operator")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator is None or operator.type != "|>" or left is None or right is None:
            break
        step = _elixir(source, right)[1] if right.type == "call" else None
        if step is None:
            return ()
        steps.append(step)
        node = left
    return tuple(reversed(steps))


def _raised(source: bytes, node: Node) -> str:
    for child in node.children:
        if child.type == "arguments" and child.named_children:
            first = child.named_children[0]
            if first.type == "alias":
                return _text(source, first)
            return "RuntimeError" if first.type == "string" else ""
    return ""


def _captured(source: bytes, node: Node, language: str) -> Call | None:
    pattern = _FUN if language == "erlang" else _CAPTURE
    found = (
        pattern.fullmatch(_text(source, node)) if node.end_byte - node.start_byte < 200 else None
    )
    if found is None:
        return None
    owner = found[1] or ""
    return Call("" if owner == "?MODULE" else owner, found[2], int(found[3]))


def _erlang(source: bytes, node: Node) -> Call | None:
    target, arguments = node.child_by_field_name("expr"), node.child_by_field_name("args")
    if target is None or arguments is None or target.type not in {"atom", "remote"}:
        return None
    owner, _, name = _text(source, target).rpartition(":")
    owner = owner.strip()
    if not _ERLANG_NAME.fullmatch(name) or not (
        owner in {"", "?MODULE"} or _ERLANG_NAME.fullmatch(owner)
    ):
        return None
    arity = sum(n.type != "comment" for n in arguments.named_children)
    return Call("" if owner in {"?MODULE", "erlang"} else owner, name, arity)
