"""The files of a release in an order in which each comes after what it uses.

A file uses another when one of its modules mentions, uses, imports or implements one of the
other's, or includes its header. Files that use each other in a ring form a group (a strongly
connected component; Tarjan, "Depth-First Search and Linear Graph Algorithms", 1972): groups come
in order, and inside a group what is needed to compile (`use`, `import`, `require`, behaviours,
protocols, headers) comes first as far as that has no ring, then the path decides.

What this does not do: see calls through variables or configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from factory.parsed import Parsed
from factory.syntax import Module

_MODULE = re.compile(r"\b[A-Z]\w*(?:\.[A-Z]\w*)*")
_COMPILE_TIME = frozenset({"use", "import", "require", "include", "include_lib", "behaviour"})


def in_order(documents: Sequence[Parsed]) -> list[Parsed]:
    """`documents` reordered; the result depends on their paths and content, not on their order.

    For every file A that uses B, B comes first unless B also (through others) uses A.
    """
    files = sorted(documents, key=lambda parsed: parsed.document.path)
    every, compiling = _uses(files)
    ordered: list[Parsed] = []
    for group in _groups(every):
        if len(group) == 1:
            ordered.append(files[group[0]])
            continue
        inside = sorted(group)
        at = {file: position for position, file in enumerate(inside)}
        graph = [[at[used] for used in compiling[file] if used in at] for file in inside]
        for ring in _groups(graph):
            ordered.extend(files[inside[position]] for position in sorted(ring))
    return ordered


def _uses(files: Sequence[Parsed]) -> tuple[list[list[int]], list[list[int]]]:
    """Two graphs over the files' positions: all uses, and those that compilation needs."""
    definer: dict[str, int] = {}
    header: dict[str, int] = {}
    modules = [file.outline.every_module() for file in files]
    for position, file in enumerate(files):
        for module in modules[position]:
            definer.setdefault(module.name, position)
        if file.document.path.endswith(".hrl"):
            header.setdefault(PurePosixPath(file.document.path).name, position)
    every: list[list[int]] = []
    compiling: list[list[int]] = []
    for position, file in enumerate(files):
        names, needed = _named(file, modules[position])
        hard = {definer[name] for name in needed if name in definer}
        hard |= {header[name] for name in needed if name in header}
        soft = {definer[name] for name in names if name in definer}
        compiling.append(sorted(hard - {position}))
        every.append(sorted((hard | soft) - {position}))
    return every, compiling


def _named(file: Parsed, modules: Sequence[Module]) -> tuple[set[str], set[str]]:
    """The modules that a file mentions, and the modules and headers it cannot compile without."""
    if file.document.language not in ("elixir", "erlang"):
        return set(_MODULE.findall(file.document.text)), set()
    names: set[str] = set()
    needed: set[str] = set()
    for module in modules:
        names.update(module.references)
        names.update(directive.target for directive in module.directives)
        needed.update(module.behaviours)
        needed.add(module.protocol)
        for directive in module.directives:
            if directive.kind in _COMPILE_TIME:
                needed.add(directive.target)
                if directive.kind.startswith("include"):
                    needed.add(PurePosixPath(directive.target).name)
    return names, needed


def _groups(graph: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The strongly connected components of `graph`, each after those that it has edges to.

    Without recursion: a chain of ten thousand files is no reason to fail.
    """
    unseen = -1
    index = [unseen] * len(graph)
    low = [0] * len(graph)
    waiting: list[int] = []
    held = [False] * len(graph)
    count = 0
    for root in range(len(graph)):
        if index[root] != unseen:
            continue
        walk = [(root, iter(graph[root]))]
        index[root] = low[root] = count
        count += 1
        waiting.append(root)
        held[root] = True
        while walk:
            node, edges = walk[-1]
            for used in edges:
                if index[used] == unseen:
                    index[used] = low[used] = count
                    count += 1
                    waiting.append(used)
                    held[used] = True
                    walk.append((used, iter(graph[used])))
                    break
                if held[used]:
                    low[node] = min(low[node], index[used])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[node])
                if low[node] == index[node]:
                    group: list[int] = []
                    while not group or group[-1] != node:
                        group.append(waiting.pop())
                        held[group[-1]] = False
                    yield group
