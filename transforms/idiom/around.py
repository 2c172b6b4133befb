"""What the module around a function says about names.

A rule rewrites calls of Elixir's own functions, so it must know that `Enum` is Elixir's `Enum`
here and `if` Kernel's. What this does not see: names that a `use` brings in by replacing Kernel's
own. Modules known to do so are listed; the rest is believed not to, because Elixir refuses calls
that two imports make ambiguous.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from factory.syntax import Directive, Module

REPLACES_KERNEL = frozenset({"Nx.Defn", "Witchcraft", "Pathex", "Numerix.Tensor", "OK.Pipe"})
"""Modules whose `use` or `import` gives Kernel's operators or macros another meaning."""

_ALIAS_AS = re.compile(r"\bas:\s*([A-Z]\w*)")
_OPERATOR = re.compile(r"[-+*/<>=!&|~^.]+\"?:|\b(?:and|or|not|in):")
_WORD = re.compile(r"[a-z_]\w*[?!]?")


@dataclass(frozen=True)
class Around:
    """What the module says about names. `functions` are its own, `untrusted` the local names that
    do not (or not surely) mean Kernel's, `shadowed` the first segments of module names that are
    aliased to something, `macros` the modules whose macros may be called with a dot."""

    functions: frozenset[str] = frozenset()
    untrusted: frozenset[str] = frozenset()
    shadowed: frozenset[str] = frozenset()
    macros: frozenset[str] = frozenset()

    def kernel(self, name: str) -> bool:
        """Whether a local call of `name` is surely Kernel's (or a special form)."""
        return name not in self.untrusted and name not in self.functions

    def own(self, module: str) -> bool:
        """Whether `module` is Elixir's module of that name."""
        return module not in self.shadowed


NOWHERE = Around()
"""Outside of every module."""


def around(module: Module, outer: Around) -> Around | None:
    """The surroundings of the functions in `module`, which lies in `outer`; None where Kernel is
    replaced, so that nothing can be said."""
    functions = {f.name for f in module.functions if f.kind in ("def", "defp", "defdelegate")}
    untrusted = {f.name for f in module.functions if f.name not in functions} | outer.untrusted
    shadowed = {inner.name.rsplit(".", 1)[-1] for inner in module.modules} | outer.shadowed
    macros = set(outer.macros)
    # Aliases last: whether one names a module with macros shows when all are known.
    for directive in sorted(module.directives, key=lambda d: d.kind == "alias"):
        if not _follow(directive, untrusted, shadowed, macros):
            return None
    return Around(*map(frozenset, (functions, untrusted, shadowed, macros)))


def _follow(d: Directive, untrusted: set[str], shadowed: set[str], macros: set[str]) -> bool:
    if d.target in REPLACES_KERNEL:
        return False
    if d.kind == "alias":
        as_name = _ALIAS_AS.search(d.options)
        name = as_name.group(1) if as_name else d.target.rsplit(".", 1)[-1]
        if name != d.target:
            shadowed.add(name)
        if d.target in macros:
            macros.add(name)
    elif d.kind == "import" and d.target in ("Kernel", "Kernel.SpecialForms"):
        if "except" not in d.options or _OPERATOR.search(d.options):
            return not d.options.strip()
        untrusted |= set(_WORD.findall(d.options))
    elif d.kind in ("import", "require", "use"):
        macros |= {d.target, d.target.rsplit(".", 1)[-1]}
        as_name = _ALIAS_AS.search(d.options) if d.kind == "require" else None
        if as_name:
            macros.add(as_name.group(1))
            shadowed.add(as_name.group(1))
    return True
