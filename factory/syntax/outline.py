"""What a source file is made of, as plain frozen records with exact byte spans.

An outline is read once per document (`factory.syntax.read`) and shared by every transform. It holds
no tree and no text: spans index the document's UTF-8 bytes, so any part can be cut out and put back
byte for byte. Elixir and Erlang fill the same records; where a field has no meaning in a language
it stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from factory.syntax.structure import Structure


class Span(NamedTuple):
    """Bytes `start` (inclusive) to `end` (exclusive) of the source."""

    start: int
    end: int

    def cut(self, source: bytes) -> str:
        """The text of this span."""
        return source[self.start : self.end].decode()

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Doctest:
    """One expectation of a doctest: the expression as typed (prompts removed, lines joined by
    `\\n`) and the expected value's text, or for `** (Error) message` the whole of that text with
    `raises` true. `group` numbers the doctests of a doc: equal groups share bindings. `earlier`
    holds the expressions of the same group that come before, in order. `span` covers the lines
    from the first `iex>` to the end of the expected value, in the file."""

    expression: str
    expected: str
    raises: bool
    group: int
    earlier: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Doc:
    """A `@doc`, `@moduledoc` or `@typedoc` (Erlang: `-doc`, `-moduledoc`, or edoc comments).

    `span` is the whole attribute from `@` to its end (for edoc: the comment lines). `text` is the
    documentation as a reader sees it: heredoc indentation removed, escapes undone; "" when it is
    not a literal (interpolation, a module attribute, `File.read!`). `hidden` means `@doc false` or
    `@private`/`@hidden` in edoc."""

    span: Span
    text: str
    hidden: bool
    doctests: tuple[Doctest, ...] = ()


@dataclass(frozen=True, slots=True)
class Spec:
    """A `@spec`, `@callback` or `@macrocallback`: name and arity it speaks of, whole span."""

    name: str
    arity: int
    span: Span


@dataclass(frozen=True, slots=True)
class TypeDef:
    """`@type`, `@typep`, `@opaque` (Erlang: `-type`, `-opaque`), with its typedoc."""

    kind: str
    name: str
    arity: int
    span: Span
    doc: Doc | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a function. `head` is `name(args)` with the guard left out, `arguments` one
    span per argument, `guard` the expression after `when`, `body` what is between `do` and `end`
    (without surrounding blank space), or after `do:`; None for a bodiless head."""

    span: Span
    head: Span
    arguments: tuple[Span, ...]
    guard: Span | None
    body: Span | None


@dataclass(frozen=True, slots=True)
class Function:
    """All clauses of one name and arity, in order.

    `kind`: `def`, `defp`, `defmacro`, `defmacrop`, `defguard`, `defguardp`, `defdelegate`;
    Erlang: `def` for exported, `defp` for the rest. `min_arity` is smaller than `arity` when
    arguments have defaults. `impl` is the value of `@impl` as written ("" when absent).
    `span` runs from the first attribute that belongs to the function (`@doc`, `@spec`, `@impl`,
    `@deprecated`, `@since`, …) and comment lines directly above, to the end of the last clause;
    `code` from the first clause to the end of the last. `contiguous` is false when something other
    than comments and attributes of its own stands between its clauses, or when a comprehension or
    macro makes further clauses: then `span` and `code` hold more, or less, than the function.
    `attributes` are the spans of its own attributes other than docs with text and specs."""

    kind: str
    name: str
    arity: int
    min_arity: int
    clauses: tuple[Clause, ...]
    doc: Doc | None
    specs: tuple[Spec, ...]
    impl: str
    span: Span
    code: Span
    contiguous: bool
    attributes: tuple[Span, ...] = ()

    @property
    def public(self) -> bool:
        return self.kind in PUBLIC_KINDS

    @property
    def label(self) -> str:
        return f"{self.name}/{self.arity}"


PUBLIC_KINDS = frozenset({"def", "defmacro", "defguard", "defdelegate"})


class Call(NamedTuple):
    """A call as resolved through the file's aliases and imports as far as syntax can tell: module
    is "" for a local call. `arity` counts a piped-in argument."""

    module: str
    name: str
    arity: int


@dataclass(frozen=True, slots=True)
class Test:
    """An ExUnit `test`: full name (`describe` first, as ExUnit reports it without its `test `
    prefix), the span of the whole `test … do … end` with its `@tag`s, the body, and the calls in
    it to functions that are not ExUnit's or Kernel's."""

    name: str
    describe: str
    span: Span
    body: Span | None
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """Any other module attribute that is set: `@timeout 5_000`. `value` is the span after the
    name."""

    name: str
    span: Span
    value: Span | None


@dataclass(frozen=True, slots=True)
class Directive:
    """`use`, `import`, `alias`, `require` (Erlang: `-include`, `-import`, …): the kind, the module
    or path named (aliases resolved; for `alias A.{B, C}` one Directive each), the option text as
    written ("" when none), and the span of the whole expression."""

    kind: str
    target: str
    options: str
    span: Span


@dataclass(frozen=True, slots=True)
class Module:
    """A `defmodule`, `defprotocol` or `defimpl` (Erlang: the file's module, kind `module`).

    `name` is the full name with enclosing modules put before it; for `defimpl P, for: T` it is
    `P.T`. `protocol` and `target` are set for `defimpl`. `span` is the whole definition; `body`
    what is between `do` and `end`. `behaviours` come from `@behaviour` and, for `use`, from
    `directives`. `callbacks` are `@callback`s; `struct` is the span of a `defstruct`/
    `defexception`. `modules` are the nested ones, in order; functions of a nested module belong to
    it alone. `exports` (Erlang) lists name/arity pairs. `references` names every other module that
    is mentioned, aliases resolved, each once (in Elixir source, Erlang's as `:ets`)."""

    kind: str
    name: str
    span: Span
    body: Span
    doc: Doc | None
    functions: tuple[Function, ...]
    types: tuple[TypeDef, ...]
    directives: tuple[Directive, ...]
    behaviours: tuple[str, ...]
    callbacks: tuple[Spec, ...]
    attributes: tuple[Attribute, ...]
    tests: tuple[Test, ...]
    modules: tuple[Module, ...]
    struct: Span | None = None
    protocol: str = ""
    target: str = ""
    exports: tuple[tuple[str, int], ...] = ()
    references: tuple[str, ...] = ()

    def uses(self, target: str) -> Directive | None:
        """The `use TARGET` of this module, if any."""
        for directive in self.directives:
            if directive.kind == "use" and directive.target == target:
                return directive
        return None


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole file. `modules` are the outermost ones; `errors` are the spans the parser could not
    read (empty for a clean file). `truncated` says why reading stopped early ("" when it did
    not): a file too deep or too long to be worth reading. `structure` is what metrics of any span
    are measured from (`factory.syntax.metrics`)."""

    language: str
    size: int
    modules: tuple[Module, ...]
    errors: tuple[Span, ...]
    truncated: str = ""
    structure: Structure = field(default=Structure(), repr=False)

    def every_module(self) -> list[Module]:
        """All modules, nested ones after the module that holds them, in source order."""
        found: list[Module] = []
        waiting = list(reversed(self.modules))
        while waiting:
            module = waiting.pop()
            found.append(module)
            waiting.extend(reversed(module.modules))
        return found

    def broken(self, span: Span) -> int:
        """How many error spans touch `span`."""
        return sum(span.overlaps(e) or span.holds(e) for e in self.errors)
