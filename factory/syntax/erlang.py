"""The outline of an Erlang file: its module with functions, specs, types, docs and EUnit tests.

Stands on WhatsApp's grammar (`tree-sitter-erlang`, compiled into tree-sitter-language-pack), which
gives one `fun_decl` per *clause*: the clauses are put together here. Conditional code
(`-ifdef … -else`) is read on both sides, so a function with two bodies comes out as one function
that is not contiguous; what stands inside `-ifdef(TEST)` exports nothing.

A file without `-module` (a header, an escript) has no module in its outline: its functions and
records belong to whoever includes it. Macros are not expanded: a function whose name is a macro
keeps it as written (`?NAME`), and functions made by macros are not seen. Common Test cases are
ordinary functions.
"""

from __future__ import annotations

import re

from factory.syntax.broken import error_spans
from factory.syntax.edoc import HAS_TAG, edoc
from factory.syntax.erlang_calls import calls_under
from factory.syntax.erlang_forms import TYPES, Draft, File, read_forms
from factory.syntax.erlang_nodes import arity_of, atom_of, plain, span_of, trimmed
from factory.syntax.outline import Call, Doc, Function, Module, Outline, Span, Spec, Test, TypeDef
from factory.syntax.parse import Node, QueryCursor, Tree, query
from factory.syntax.structure import pattern, structure

_REMOTE = "(remote_module module: (atom) @named)"
_MAX_DEPTH = 500
_LETTER = re.compile(rb"[^\W\d_]")


def outline(source: bytes, tree: Tree) -> Outline:
    """The outline of `source`, whose tree is `tree`. Never raises for what the bytes hold: what
    the grammar could not read is named in `errors`, and the rest is read as far as it goes."""
    root = tree.root_node
    file = File(source, root.children)
    read_forms(file)
    captured = _captures(root, _REMOTE + pattern("erlang"))
    named = captured.get("named", []) if not root.has_error else _named_in_whole_forms(root)
    modules = (_module(file, _each_once(named)),) if file.module is not None else ()
    found = structure(captured, source, "erlang")
    return Outline("erlang", len(source), modules, error_spans(root), structure=found)


def _captures(node: Node, looked_for: str) -> dict[str, list[Node]]:
    """What a query finds under a node, in no order; nothing that lies hundreds of levels deep,
    for there a query's time grows with the square of the size."""
    cursor = QueryCursor(query("erlang", looked_for))
    cursor.set_max_start_depth(_MAX_DEPTH)
    return cursor.captures(node)


def _module(file: File, named: list[str]) -> Module:
    node = file.module
    assert node is not None
    source = file.source
    label = node.child_by_field_name("name")
    name = atom_of(source, label) if label is not None else ""
    doc = file.moduledoc or _header_doc(file)
    exported = set(file.exports)
    eunit = name.endswith(("_test", "_tests")) or any(
        "eunit.hrl" in d.target for d in file.directives
    )
    functions: list[Function] = []
    tests: list[Test] = []
    by_name: dict[tuple[str, int], list[Spec]] = {}
    for spec in file.specs.values():
        by_name.setdefault((spec.name, spec.arity), []).append(spec)
    for key, draft in file.drafts.items():
        public = file.export_all or key in exported
        function = _function(file, draft, public, tuple(by_name.get(key, ())))
        if _is_test(draft) and (eunit or draft.testing):
            tests.append(_test(file, function, draft, name))
        else:
            functions.append(function)
    start = next(n.start_byte for n in file.forms if n.type not in {"comment", "shebang"})
    if doc is not None:
        start = min(start, doc.span.start)
    imported = [d.target for d in file.directives if d.kind == "import"]
    references = [*named, *imported, *file.behaviours]
    return Module(
        kind="module",
        name=name,
        span=trimmed(source, start, len(source)),
        body=trimmed(source, node.end_byte, len(source)),
        doc=doc,
        functions=tuple(functions),
        types=tuple(_type(file, index, n) for index, n in file.types),
        directives=tuple(file.directives),
        behaviours=tuple(file.behaviours),
        callbacks=tuple(file.callbacks),
        attributes=tuple(file.attributes),
        tests=tuple(tests),
        modules=(),
        exports=tuple(dict.fromkeys(file.exports)),
        references=tuple(r for r in dict.fromkeys(references) if r != name),
    )


def _named_in_whole_forms(root: Node) -> list[Node]:
    """The modules named in a broken file, without its broken forms of more than a few lines."""
    return [
        node
        for form in root.children
        if not form.has_error or form.end_byte - form.start_byte < 4_000
        for node in _captures(form, _REMOTE).get("named", [])
    ]


def _each_once(named: list[Node]) -> list[str]:
    """The names of the modules in `module:function`, each once, in source order."""
    found: dict[bytes, int] = {}
    for node in named:
        name, start = node.text or b"", node.start_byte
        if found.get(name, start) >= start:
            found[name] = start
    return [plain(n.decode(errors="replace")) for n in sorted(found, key=found.__getitem__)]


def _header_doc(file: File) -> Doc | None:
    """EDoc's overview of the module: tagged comments above `-module`."""
    above = file.forms[: file.module_form]
    return edoc(file.source, [span_of(n) for n in above if n.type == "comment"])


def _function(file: File, draft: Draft, public: bool, specs: tuple[Spec, ...]) -> Function:
    start, doc, attributes = _above(file, draft)
    code = Span(draft.clauses[0].span.start, draft.clauses[-1].span.end)
    return Function(
        kind="def" if public else "defp",
        name=draft.name,
        arity=draft.arity,
        min_arity=draft.arity,
        clauses=tuple(draft.clauses),
        doc=doc,
        specs=specs,
        impl="",
        span=Span(start, code.end),
        code=code,
        contiguous=draft.contiguous,
        attributes=tuple(attributes),
    )


def _above(file: File, draft: Draft) -> tuple[int, Doc | None, list[Span]]:
    """Where the function begins with all that belongs to it, its doc, and its attributes.

    Its own spec, `-doc` and EDoc comments belong to it whatever blank lines lie between; other
    comments do when they stand directly above.
    """
    source, forms = file.source, file.forms
    start = forms[draft.form].start_byte
    doc: Doc | None = None
    attributes: list[Span] = []
    index = draft.form - 1
    while index >= 0:
        node = forms[index]
        if node.type == "comment":
            run = _comment_run(source, forms, index)
            spans = [span_of(n) for n in run]
            tagged = bool(run) and bool(HAS_TAG.search(source, spans[0].start, spans[-1].end))
            if not run or not (tagged or _directly_above(source, spans, start)):
                break
            if tagged and doc is None:
                doc = edoc(source, spans)
            start = spans[0].start
            index -= len(run)
            continue
        if index in file.docs:
            doc = file.docs[index]
        elif index in file.specs:
            spec = file.specs[index]
            if (spec.name, spec.arity) != (draft.name, draft.arity):
                break
        elif index in file.notes:
            note = file.notes[index]
            if node.type == "wild_attribute" and not _about(source, note, draft):
                break
            attributes.insert(0, note)
        else:
            break
        start = node.start_byte
        index -= 1
    return start, doc, attributes


def _about(source: bytes, note: Span, draft: Draft) -> bool:
    """Whether `-doc #{…}` or `-dialyzer(…)` speaks of this function."""
    text = source[note.start : note.end]
    return text.startswith(b"-doc") or f"{draft.name}/{draft.arity}".encode() in text


def _comment_run(source: bytes, forms: list[Node], index: int) -> list[Node]:
    """The comment lines that end with form `index`, without blank lines between, each on a line of
    its own; [] when that one stands behind code."""
    run: list[Node] = []
    below = None
    while index >= 0 and forms[index].type == "comment":
        node = forms[index]
        line = source.rfind(b"\n", 0, node.start_byte) + 1
        if source[line : node.start_byte].strip():
            break
        if below is not None and source.count(b"\n", node.end_byte, below) != 1:
            break
        run.append(node)
        below = node.start_byte
        index -= 1
    return run[::-1]


def _directly_above(source: bytes, comments: list[Span], start: int) -> bool:
    """Whether plain comments belong to what begins at `start`: no blank line between, and neither
    a banner (`%%%`, which heads a section) nor a mere rule."""
    if source.count(b"\n", comments[-1].end, start) != 1:
        return False
    if any(source.startswith(b"%%%", c.start) for c in comments):
        return False
    return bool(_LETTER.search(source, comments[0].start, comments[-1].end))


def _is_test(draft: Draft) -> bool:
    return draft.arity == 0 and draft.name.endswith(("_test", "_test_"))


def _test(file: File, function: Function, draft: Draft, module: str) -> Test:
    calls: dict[Call, None] = {}
    for node in draft.nodes:
        for call in calls_under(file, node, module):
            calls[call] = None
    return Test(function.name, "", function.span, function.clauses[-1].body, tuple(calls))


def _type(file: File, index: int, node: Node) -> TypeDef:
    label = node.child_by_field_name("name")
    inner = label.child_by_field_name("name") if label is not None else None
    name = atom_of(file.source, inner) if inner is not None else ""
    arity = arity_of(label.child_by_field_name("args")) if label is not None else 0
    above = index - 1
    while above >= 0 and (file.forms[above].type == "comment" or above in file.notes):
        above -= 1
    return TypeDef(TYPES[node.type], name, arity, span_of(node), file.docs.get(above))
