"""One pass over the top-level forms of an Erlang file: what each one says, in the file's order.

The grammar gives one `fun_decl` per *clause*; the clauses of a name and arity are put together
here. The state of `-ifdef`s is followed so far as to know what stands inside `-ifdef(TEST)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from factory.syntax.edoc import literal
from factory.syntax.erlang_nodes import (
    arity_of,
    atom_of,
    body_of,
    inside,
    plain,
    span_of,
    text_of,
    trimmed,
)
from factory.syntax.outline import Attribute, Clause, Directive, Doc, Span, Spec
from factory.syntax.parse import Node

TYPES = {"type_alias": "type", "opaque": "opaque", "nominal": "nominal"}
_TESTING = frozenset({"TEST", "EUNIT"})
_EXPORT_ALL = re.compile(rb"\bexport_all\b")


@dataclass(slots=True)
class Draft:
    """A function while its clauses are being gathered; `form` is the index of its first form."""

    name: str
    arity: int
    form: int
    testing: bool
    last: int
    clauses: list[Clause] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    contiguous: bool = True


@dataclass(slots=True)
class File:
    """What one pass over the top-level forms found."""

    source: bytes
    forms: list[Node]
    module: Node | None = None
    module_form: int = 0
    drafts: dict[tuple[str, int], Draft] = field(default_factory=dict)
    specs: dict[int, Spec] = field(default_factory=dict)
    docs: dict[int, Doc] = field(default_factory=dict)
    notes: dict[int, Span] = field(default_factory=dict)
    types: list[tuple[int, Node]] = field(default_factory=list)
    moduledoc: Doc | None = None
    callbacks: list[Spec] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)
    behaviours: list[str] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    exports: list[tuple[str, int]] = field(default_factory=list)
    export_all: bool = False
    imported: dict[tuple[str, int], str] = field(default_factory=dict)


def read_forms(file: File) -> None:
    """One pass over the top level, keeping the state of `-ifdef`s around each form."""
    conditions: list[bool | None] = []
    current: Draft | None = None
    for index, node in enumerate(file.forms):
        kind = node.type
        if kind == "comment":
            continue
        if kind == "fun_decl":
            current = _read_clause(file, index, node, True in conditions, current)
            continue
        current = None
        if kind.startswith("pp_"):
            _read_directive(file, kind, node, conditions)
        elif kind == "spec":
            file.specs[index] = _spec(file, node)
        elif kind == "module_attribute":
            if file.module is None:
                file.module, file.module_form = node, index
        elif kind in TYPES:
            file.types.append((index, node))
        elif kind == "callback":
            file.callbacks.append(_spec(file, node))
        else:
            _read_attribute(file, index, kind, node, True in conditions)


def _read_clause(
    file: File, index: int, form: Node, testing: bool, current: Draft | None
) -> Draft | None:
    node = form.child_by_field_name("clause")
    if node is None or node.type != "function_clause":
        return None
    name = arguments = guard = body = None
    for child in node.children:
        kind = child.type
        if kind == "expr_args":
            arguments = child
        elif kind == "guard":
            guard = child
        elif kind == "clause_body":
            body = child
        elif name is None and kind in {"atom", "macro_call_expr"}:
            name = child
    if name is None or arguments is None:
        return None
    source = file.source
    spans = tuple(span_of(n) for n in arguments.named_children if n.type != "comment")
    key = (atom_of(source, name), len(spans))
    draft = file.drafts.get(key)
    if draft is None:
        draft = file.drafts[key] = Draft(*key, index, testing, index)
    elif draft is not current or not source.endswith(b";", 0, file.forms[draft.last].end_byte):
        draft.contiguous = False
    draft.last = index
    draft.nodes.append(node)
    draft.clauses.append(
        Clause(
            span_of(form),
            Span(name.start_byte, arguments.end_byte),
            spans,
            span_of(guard) if guard else None,
            body_of(source, body) if body else None,
        )
    )
    return draft


def _read_directive(file: File, kind: str, node: Node, conditions: list[bool | None]) -> None:
    """Preprocessor forms. A condition is True inside `-ifdef(TEST)`, False on its other side, None
    when it is about anything else."""
    if kind in {"pp_ifdef", "pp_ifndef"}:
        name = node.child_by_field_name("name")
        about = name is not None and text_of(file.source, name) in _TESTING
        conditions.append((kind == "pp_ifdef") if about else None)
    elif kind == "pp_if":
        conditions.append(None)
    elif kind in {"pp_else", "pp_elif"} and conditions:
        last = conditions[-1]
        conditions[-1] = None if last is None else not last
    elif kind == "pp_endif" and conditions:
        conditions.pop()
    elif kind in {"pp_include", "pp_include_lib"}:
        path = node.child_by_field_name("file")
        if path is not None:
            target = literal(text_of(file.source, path)) or text_of(file.source, path)
            file.directives.append(Directive(kind.removeprefix("pp_"), target, "", span_of(node)))
    elif kind == "pp_define":
        file.attributes.append(Attribute("define", span_of(node), inside(file.source, node)))


def _read_attribute(file: File, index: int, kind: str, node: Node, testing: bool) -> None:
    source = file.source
    if kind == "export_attribute":
        if not testing:
            file.exports.extend(_names(source, node, "funs"))
    elif kind == "import_attribute":
        module = node.child_by_field_name("module")
        if module is not None:
            target = atom_of(source, module)
            names = _names(source, node, "funs")
            file.imported.update(dict.fromkeys(names, target))
            listed = ", ".join(f"{name}/{arity}" for name, arity in names)
            file.directives.append(Directive("import", target, f"[{listed}]", span_of(node)))
    elif kind == "behaviour_attribute":
        name = node.child_by_field_name("name")
        if name is not None:
            file.behaviours.append(atom_of(source, name))
    elif kind == "wild_attribute":
        _read_wild(file, index, node)
    elif kind == "record_decl":
        file.attributes.append(Attribute("record", span_of(node), inside(source, node)))
    elif kind.endswith("_attribute") and kind != "file_attribute":
        if kind == "compile_options_attribute" and not testing:
            file.export_all |= bool(_EXPORT_ALL.search(source, node.start_byte, node.end_byte))
        name_text = "compile" if kind.startswith("compile") else kind.removesuffix("_attribute")
        file.attributes.append(Attribute(name_text, span_of(node), inside(source, node)))


def _read_wild(file: File, index: int, node: Node) -> None:
    """`-doc`, `-moduledoc`, and every attribute that the grammar has no rule of its own for."""
    source = file.source
    label = node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    if label is None or value is None:
        return
    name = plain(text_of(source, label).lstrip("- \t\r\n"))
    if name in {"doc", "moduledoc"}:
        written = text_of(source, value)
        if "#{" in written[:3]:
            file.notes[index] = span_of(node)
            return
        hidden = written.strip("() \t\r\n") in {"false", "hidden"}
        doc = Doc(span_of(node), (literal(written) or "").strip(), hidden)
        if name == "doc":
            file.docs[index] = doc
        elif file.moduledoc is None:
            file.moduledoc = doc
        return
    if name == "dialyzer":
        file.notes[index] = span_of(node)
    inner = span_of(value)
    if value.type == "paren_expr":
        inner = trimmed(source, value.start_byte + 1, value.end_byte - 1)
    file.attributes.append(Attribute(name, span_of(node), inner))


def _spec(file: File, node: Node) -> Spec:
    label = node.child_by_field_name("fun")
    signature = node.child_by_field_name("sigs")
    arguments = signature.child_by_field_name("args") if signature is not None else None
    arity = arity_of(arguments)
    return Spec(atom_of(file.source, label) if label is not None else "", arity, span_of(node))


def _names(source: bytes, node: Node, label: str) -> list[tuple[str, int]]:
    """The `name/arity` pairs of an export or import; those with a macro in them are passed over."""
    found: list[tuple[str, int]] = []
    for pair in node.children_by_field_name(label):
        written = text_of(source, pair)
        name, _, arity = written.rpartition("/")
        if arity.strip().isdecimal():
            found.append((plain(name.strip()), int(arity)))
    return found
