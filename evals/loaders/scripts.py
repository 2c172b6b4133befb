"""Test scripts of other benchmarks as test files of ours, and what solutions tell of themselves.

Scripts start and configure ExUnit by themselves; here the runner does. What is loose in a script
that has no test module becomes one test. `doctest` goes: the candidate's documentation is not to
say what its tests are.
"""

from __future__ import annotations

import re
import textwrap

from factory.syntax import Node, captures, read

_STARTS = re.compile(
    r"(?:ExUnit\.(?:start|configure|run|after_suite)|Code\.(?:require|load|compile)_file"
    r"|Application\.ensure_all_started|Mix\.install)\b"
)
_KEPT = frozenset(
    {"defmodule", "defprotocol", "defimpl", "import", "alias", "require", "use", "defrecord"}
)
_DEFINITIONS = re.compile(r"^[ \t]*def[ \t]+([a-z_]\w*[?!]?)[ \t]*(?:\(([^()]*)\))?", re.MULTILINE)
_CAPABILITIES = {
    "process": r"\b(?:GenServer|Agent|Task|Supervisor|spawn\w*|receive|send|Process)\b|:gen_statem",
    "ets": r":d?ets\.",
    "registry": r"\bRegistry\b",
    "timer": r":timer\.|\bProcess\.send_after\b",
    "file": r"\bFile\.",
    "random": r":rand\.|\bEnum\.(?:random|shuffle|take_random)\b|:crypto\.strong_rand",
    "io": r"\bIO\.(?:puts|write|gets|read|inspect)\b",
    "macro": r"\bdefmacrop?\b|\bquote\b",
}


def as_test_file(script: str, module: str) -> str:
    """A benchmark's test script as a test file; `module` names the test module if it has none."""
    source = script.encode("utf-8", "replace")
    _, tree = read(source, "elixir")
    if tree is None or tree.root_node.has_error:
        return script
    dropped: list[Node] = []
    loose: list[Node] = []
    for node in tree.root_node.named_children:
        if node.type == "comment":
            continue
        text = (node.text or b"").decode("utf-8", "replace")
        if _STARTS.match(text):
            dropped.append(node)
        elif _target(node) not in _KEPT:
            loose.append(node)
    has_tests = b"ExUnit.Case" in source
    if has_tests:
        calls = captures("elixir", "(call target: (identifier) @name)", tree.root_node)
        dropped += [
            name.parent
            for name in calls.get("name", ())
            if name.text == b"doctest" and name.parent is not None
        ]
    body = "" if has_tests else _texts(source, loose)
    kept = _without(source, [*dropped, *([] if has_tests else loose)]).strip("\n")
    if not body:
        return f"{kept}\n"
    wrapped = (
        f"defmodule {module} do\n  use ExUnit.Case\n\n"
        f'  test "script" do\n{textwrap.indent(body, "    ")}\n  end\nend\n'
    )
    return f"{kept}\n\n{wrapped}" if kept else wrapped


def capabilities(solution: str) -> frozenset[str]:
    """What a solution uses beyond plain functions, in the words of `Problem.capabilities`."""
    return frozenset(
        name for name, pattern in _CAPABILITIES.items() if re.search(pattern, solution)
    )


def entry_points(program: str, tests: str) -> tuple[str, ...]:
    """The public functions of a program that its tests mention, as `Sum.of/1`; all of them when
    they mention none. The program may be broken off, as a prompt is."""
    found: list[str] = []
    module = ""
    for line in program.split("\n"):
        begun = re.match(r"\s*defmodule\s+([A-Z][\w.]*)", line)
        if begun:
            module = begun[1]
        defined = _DEFINITIONS.match(line)
        if defined and module:
            arguments = [part for part in (defined[2] or "").split(",") if part.strip()]
            point = f"{module}.{defined[1]}/{len(arguments)}"
            if point not in found:
                found.append(point)
    named = [
        point
        for point in found
        if re.search(rf"\b{re.escape(point.rpartition('/')[0].rpartition('.')[2])}\b", tests)
    ]
    return tuple(named or found)


def _target(node: Node) -> str:
    target = node.child_by_field_name("target") if node.type == "call" else None
    return (target.text or b"").decode("utf-8", "replace") if target is not None else ""


def _texts(source: bytes, nodes: list[Node]) -> str:
    return "\n".join(
        source[node.start_byte : node.end_byte].decode("utf-8", "replace") for node in nodes
    )


def _without(source: bytes, nodes: list[Node]) -> str:
    at = 0
    parts: list[bytes] = []
    for node in sorted(nodes, key=lambda node: node.start_byte):
        parts.append(source[at : node.start_byte].rstrip(b" \t"))
        at = node.end_byte
    return b"".join([*parts, source[at:]]).decode("utf-8", "replace")
