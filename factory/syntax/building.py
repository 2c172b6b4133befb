"""What is known of a module while its statements are read, one after the other.

A `Block` is one run of statements (a module's body, a `describe`, a branch of an `if`): it holds
the attributes that wait for the definition below them. `ModuleParts` gathers what becomes a
`Module`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from factory.syntax.exunit import Around, Imports, read_calls
from factory.syntax.heads import Head
from factory.syntax.names import Names
from factory.syntax.outline import (
    Attribute,
    Clause,
    Directive,
    Doc,
    Function,
    Module,
    Span,
    Spec,
    Test,
    TypeDef,
)
from factory.syntax.parse import Node

Key = tuple[str, int]


@dataclass(slots=True)
class FunctionParts:
    """A function whose clauses are still coming in."""

    kind: str
    name: str
    arity: int
    start: int
    clauses: list[Clause]
    defaults: int = 0
    doc: Doc | None = None
    impl: str = ""
    attributes: list[Span] = field(default_factory=list)
    contiguous: bool = True

    def build(self, specs: list[Spec], others: set[int], generated: bool) -> Function:
        """The finished function. A spec of fewer arguments is its own when defaults allow it and
        no other function of that name (`others` holds their arities) has that arity."""
        first, last = self.clauses[0].span, self.clauses[-1].span
        lowest = self.arity - self.defaults
        return Function(
            self.kind,
            self.name,
            self.arity,
            lowest,
            tuple(self.clauses),
            self.doc,
            tuple(
                [
                    spec
                    for spec in specs
                    if spec.arity == self.arity
                    or (lowest <= spec.arity < self.arity and spec.arity not in others)
                ]
            ),
            self.impl,
            Span(self.start, last.end),
            Span(first.start, last.end),
            self.contiguous and not generated,
            tuple(self.attributes),
        )


@dataclass(slots=True)
class TestParts:
    """A test, with the targets of the calls in its body."""

    name: str
    describe: str
    span: Span
    body: Span | None
    called: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class ModuleParts:
    """A module whose body is still being read."""

    kind: str
    name: str
    span: Span
    body: Span
    protocol: str = ""
    target: str = ""
    doc: Doc | None = None
    struct: Span | None = None
    functions: dict[Key, FunctionParts] = field(default_factory=dict)
    generated: set[Key] = field(default_factory=set)
    specs: dict[str, list[Spec]] = field(default_factory=dict)
    types: list[TypeDef] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    behaviours: list[str] = field(default_factory=list)
    callbacks: list[Spec] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    tests: list[TestParts] = field(default_factory=list)
    modules: list[ModuleParts] = field(default_factory=list)
    references: dict[str, None] = field(default_factory=dict)

    def build(self, source: bytes, names: Names) -> Module:
        """The finished module; modules inside it first."""
        arities: dict[str, set[int]] = {}
        for name, arity in self.functions:
            arities.setdefault(name, set()).add(arity)
        self.references.pop(self.name, None)
        return Module(
            self.kind,
            self.name,
            self.span,
            self.body,
            self.doc,
            tuple(
                function.build(
                    self.specs.get(function.name, []),
                    arities[function.name],
                    key in self.generated,
                )
                for key, function in self.functions.items()
            ),
            tuple(self.types),
            tuple(self.directives),
            tuple(self.behaviours),
            tuple(self.callbacks),
            tuple(self.attributes),
            self._tests(source, names),
            tuple(module.build(source, names) for module in self.modules),
            self.struct,
            self.protocol,
            self.target,
            (),
            tuple(self.references),
        )

    def _tests(self, source: bytes, names: Names) -> tuple[Test, ...]:
        if not self.tests:
            return ()
        defined = frozenset(function.name for function in self.functions.values())
        around = Around(self.name, names, imports_of(self.directives), defined)
        return tuple(
            Test(
                test.name,
                test.describe,
                test.span,
                test.body,
                read_calls(source, test.called, around) if test.called else (),
            )
            for test in self.tests
        )


def imports_of(directives: list[Directive]) -> Imports:
    """What the `import`s of a module bring in, `only:` lists read from their text."""
    imports = Imports()
    for directive in directives:
        if directive.kind != "import":
            continue
        _, only, listed = directive.options.partition("only:")
        if not only:
            if not directive.target.startswith("ExUnit."):
                imports.whole.append(directive.target)
            continue
        for pair in listed.strip("[] \n").split(","):
            imports.listed[pair.partition(":")[0].strip().strip('"')] = directive.target
    return imports


class Block:
    """Statements of one block, and the attributes and comments above the next definition.

    `end` is where the block's aliases stop, `known` the functions that are not to be read again.
    """

    def __init__(
        self,
        end: int,
        module: ModuleParts | None = None,
        describe: str = "",
        known: frozenset[Key] = frozenset(),
    ) -> None:
        self.end = end
        self.module = module
        self.describe = describe
        self.known = known
        self.last: Key | None = None
        self.typedoc: Doc | None = None
        self.comment_start = self.comment_end = -1
        self.forget()

    def forget(self) -> None:
        """Drops what waited for a definition."""
        self.start = -1
        self.doc: Doc | None = None
        self.impl = ""
        self.attributes: list[Span] = []
        self.tag_start = -1

    def interrupt(self) -> None:
        """A statement that is neither a definition nor about the next one."""
        self.forget()
        self.last = None

    def after_directive(self, end: int) -> None:
        """A directive between attributes and their definition: only what follows is adjacent."""
        self.start = -1
        self.attributes = [span for span in self.attributes if span.start >= end]

    def comment(self, source: bytes, start: int, end: int) -> None:
        """Keeps track of the comment lines that touch the place reached."""
        if source[source.rfind(b"\n", 0, start) + 1 : start].strip():
            self.comment_end = -1
        elif self.comment_end < 0 or not _touch(source, self.comment_end, start):
            self.comment_start = start
            self.comment_end = end
        else:
            self.comment_end = end

    def above(self, source: bytes, start: int) -> int:
        """Where the comment lines directly above `start` begin; `start` when there are none."""
        if self.comment_end >= 0 and _touch(source, self.comment_end, start):
            return self.comment_start
        return start

    def own(self, source: bytes, span: Span) -> None:
        """An attribute that belongs to the next definition."""
        self.attributes.append(span)
        if self.start < 0:
            self.start = self.above(source, span.start)

    def doc_above(self, source: bytes, doc: Doc) -> None:
        self.doc = doc
        if self.start < 0:
            self.start = self.above(source, doc.span.start)

    def spec(self, source: bytes, spec: Spec) -> None:
        if self.module is None:
            return
        self.module.specs.setdefault(spec.name, []).append(spec)
        if self.start < 0:
            self.start = self.above(source, spec.span.start)

    def tag(self, span: Span) -> None:
        if self.tag_start < 0:
            self.tag_start = span.start
        self.last = None

    def function(self, source: bytes, kind: str, head: Head, clause: Clause) -> None:
        """Adds a clause to its function, with the attributes that waited for it."""
        module = self.module
        assert module is not None
        key = (head.name, head.arity)
        if key in self.known:
            self.interrupt()
            return
        function = module.functions.get(key)
        if function is None:
            start = self.start if self.start >= 0 else self.above(source, clause.span.start)
            function = FunctionParts(kind, head.name, head.arity, start, [clause])
            module.functions[key] = function
        else:
            function.clauses.append(clause)
            if self.last != key:
                function.contiguous = False
        function.defaults = max(function.defaults, head.defaults)
        function.doc = self.doc or function.doc
        function.impl = self.impl or function.impl
        function.attributes.extend(self.attributes)
        self.forget()
        self.last = key

    def test(self, name: str, span: Span, body: Span | None) -> TestParts:
        """Adds a test, with the tags that waited for it."""
        assert self.module is not None
        start = self.tag_start if self.tag_start >= 0 else span.start
        test = TestParts(name, self.describe, Span(start, span.end), body)
        self.module.tests.append(test)
        self.interrupt()
        return test


def _touch(source: bytes, end: int, start: int) -> bool:
    """Whether only a line's end and indentation lie between two places."""
    line = source.find(b"\n", end, start)
    return (
        line >= 0
        and line == source.rfind(b"\n", end, start)
        and not source[end:line].strip()
        and not source[line:start].strip()
    )
