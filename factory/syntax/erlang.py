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
from dataclasses import dataclass, field

from factory.syntax.edoc import HAS_TAG, edoc, literal
from factory.syntax.outline import (
    Attribute,
    Call,
    Clause,
    Directive,
    Doc,
    Function,
    Module,
    Outline,
    Span,
    Spec,
    Test,
    TypeDef,
)
from factory.syntax.parse import Node, QueryCursor, Tree, query

_TYPES = {"type_alias": "type", "opaque": "opaque", "nominal": "nominal"}
_TESTING = frozenset({b"TEST", b"EUNIT"})
_REMOTE = "(remote_module module: (atom) @module)"
_PLAIN_ATOM = re.compile(r"'([a-z][\w@]*)'", re.ASCII)
_LETTER = re.compile(rb"[^\W\d_]")
_BLANK = re.compile(rb"\s*")
_EXPORT_ALL = re.compile(rb"\bexport_all\b")

_BIFS = (
    "abs apply atom_to_binary atom_to_list binary_part binary_to_atom binary_to_existing_atom "
    "binary_to_float binary_to_integer binary_to_list binary_to_term bit_size bitstring_to_list "
    "byte_size ceil demonitor element erase error exit float float_to_binary float_to_list "
    "floor get garbage_collect halt hd integer_to_binary integer_to_list iolist_size "
    "iolist_to_binary is_alive is_atom is_binary is_bitstring is_boolean is_float is_function "
    "is_integer is_list is_map is_map_key is_number is_pid is_port is_process_alive is_record "
    "is_reference is_tuple length link list_to_atom list_to_binary list_to_existing_atom "
    "list_to_float list_to_integer list_to_pid list_to_tuple make_ref map_get map_size max min "
    "monitor node nodes pid_to_list process_flag process_info processes put register registered "
    "round self setelement size spawn spawn_link spawn_monitor split_binary term_to_binary "
    "throw time tl trunc tuple_size tuple_to_list unlink unregister whereis"
)
AUTO_IMPORTED = frozenset(_BIFS.split())
"""Functions of the module `erlang` that are called without naming it (its reference manual)."""


@dataclass(slots=True)
class _Draft:
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
class _File:
    """What one pass over the top-level forms found."""

    source: bytes
    forms: list[Node]
    module: Node | None = None
    module_form: int = 0
    drafts: dict[tuple[str, int], _Draft] = field(default_factory=dict)
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


def outline(source: bytes, tree: Tree) -> Outline:
    """The outline of `source`, whose tree is `tree`. Never raises for what the bytes hold: what
    the grammar could not read is named in `errors`, and the rest is read as far as it goes."""
    root = tree.root_node
    file = _File(source, root.children)
    _read_forms(file)
    errors = _errors(tree) if root.has_error else ()
    modules = (_module(file, root),) if file.module is not None else ()
    return Outline("erlang", len(source), modules, errors)


def _read_forms(file: _File) -> None:
    """One pass over the top level, keeping the state of `-ifdef`s around each form."""
    conditions: list[bool | None] = []
    current: _Draft | None = None
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
        elif kind in _TYPES:
            file.types.append((index, node))
        elif kind == "callback":
            file.callbacks.append(_spec(file, node))
        else:
            _read_attribute(file, index, kind, node, True in conditions)


def _read_clause(
    file: _File, index: int, form: Node, testing: bool, current: _Draft | None
) -> _Draft | None:
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
    spans = tuple(_span(n) for n in arguments.named_children if n.type != "comment")
    key = (_atom(source, name), len(spans))
    draft = file.drafts.get(key)
    if draft is None:
        draft = file.drafts[key] = _Draft(*key, index, testing, index)
    elif draft is not current or not source.endswith(b";", 0, file.forms[draft.last].end_byte):
        draft.contiguous = False
    draft.last = index
    draft.nodes.append(node)
    draft.clauses.append(
        Clause(
            _span(form),
            Span(name.start_byte, arguments.end_byte),
            spans,
            _span(guard) if guard else None,
            _body(source, body) if body else None,
        )
    )
    return draft


def _read_directive(file: _File, kind: str, node: Node, conditions: list[bool | None]) -> None:
    """Preprocessor forms. A condition is True inside `-ifdef(TEST)`, False on its other side, None
    when it is about anything else."""
    if kind in {"pp_ifdef", "pp_ifndef"}:
        name = node.child_by_field_name("name")
        about = name is not None and _bytes(file.source, name) in _TESTING
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
            target = literal(_text(file.source, path)) or _text(file.source, path)
            file.directives.append(Directive(kind.removeprefix("pp_"), target, "", _span(node)))
    elif kind == "pp_define":
        file.attributes.append(Attribute("define", _span(node), _inside(file.source, node)))


def _read_attribute(file: _File, index: int, kind: str, node: Node, testing: bool) -> None:
    source = file.source
    if kind == "export_attribute":
        if not testing:
            file.exports.extend(_names(source, node, "funs"))
    elif kind == "import_attribute":
        module = node.child_by_field_name("module")
        if module is not None:
            target = _atom(source, module)
            names = _names(source, node, "funs")
            file.imported.update(dict.fromkeys(names, target))
            listed = ", ".join(f"{name}/{arity}" for name, arity in names)
            file.directives.append(Directive("import", target, f"[{listed}]", _span(node)))
    elif kind == "behaviour_attribute":
        name = node.child_by_field_name("name")
        if name is not None:
            file.behaviours.append(_atom(source, name))
    elif kind == "wild_attribute":
        _read_wild(file, index, node)
    elif kind == "record_decl":
        file.attributes.append(Attribute("record", _span(node), _inside(source, node)))
    elif kind.endswith("_attribute") and kind != "file_attribute":
        if kind == "compile_options_attribute" and not testing:
            file.export_all |= bool(_EXPORT_ALL.search(source, node.start_byte, node.end_byte))
        name_text = "compile" if kind.startswith("compile") else kind.removesuffix("_attribute")
        file.attributes.append(Attribute(name_text, _span(node), _inside(source, node)))


def _read_wild(file: _File, index: int, node: Node) -> None:
    """`-doc`, `-moduledoc`, and every attribute that the grammar has no rule of its own for."""
    source = file.source
    label = node.child_by_field_name("name")
    value = node.child_by_field_name("value")
    if label is None or value is None:
        return
    name = _plain(_text(source, label).lstrip("- \t\r\n"))
    if name in {"doc", "moduledoc"}:
        written = _text(source, value)
        if "#{" in written[:3]:
            file.notes[index] = _span(node)
            return
        hidden = written.strip("() \t\r\n") in {"false", "hidden"}
        doc = Doc(_span(node), (literal(written) or "").strip(), hidden)
        if name == "doc":
            file.docs[index] = doc
        elif file.moduledoc is None:
            file.moduledoc = doc
        return
    if name == "dialyzer":
        file.notes[index] = _span(node)
    inner = _span(value)
    if value.type == "paren_expr":
        inner = _trimmed(source, value.start_byte + 1, value.end_byte - 1)
    file.attributes.append(Attribute(name, _span(node), inner))


def _module(file: _File, root: Node) -> Module:
    node = file.module
    assert node is not None
    source = file.source
    label = node.child_by_field_name("name")
    name = _atom(source, label) if label is not None else ""
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
    mentioned = [file.source[s:e] for s, e in _remote_modules(root)]
    references = [_plain(m.decode(errors="replace")) for m in mentioned]
    references += [d.target for d in file.directives if d.kind == "import"] + file.behaviours
    return Module(
        kind="module",
        name=name,
        span=_trimmed(source, start, len(source)),
        body=_trimmed(source, node.end_byte, len(source)),
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


def _remote_modules(root: Node) -> list[Span]:
    found = QueryCursor(query("erlang", _REMOTE)).captures(root).get("module", [])
    return [_span(n) for n in found]


def _header_doc(file: _File) -> Doc | None:
    """EDoc's overview of the module: tagged comments above `-module`."""
    above = file.forms[: file.module_form]
    return edoc(file.source, [_span(n) for n in above if n.type == "comment"])


def _function(file: _File, draft: _Draft, public: bool, specs: tuple[Spec, ...]) -> Function:
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


def _above(file: _File, draft: _Draft) -> tuple[int, Doc | None, list[Span]]:
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
            spans = [_span(n) for n in run]
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


def _about(source: bytes, note: Span, draft: _Draft) -> bool:
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


def _is_test(draft: _Draft) -> bool:
    return draft.arity == 0 and draft.name.endswith(("_test", "_test_"))


def _test(file: _File, function: Function, draft: _Draft, module: str) -> Test:
    calls: dict[Call, None] = {}
    for node in draft.nodes:
        for call in _calls(file, node, module):
            calls[call] = None
    return Test(function.name, "", function.span, function.clauses[-1].body, tuple(calls))


def _calls(file: _File, top: Node, module: str) -> list[Call]:
    """Every call under `top`, in source order, without those to EUnit and the module `erlang`."""
    source = file.source
    found: list[Call] = []
    cursor = top.walk()
    while True:
        node = cursor.node
        assert node is not None
        if node.type == "call":
            target, arguments = node.child_by_field_name("expr"), node.child_by_field_name("args")
            if target is not None and arguments is not None:
                arity = sum(n.type != "comment" for n in arguments.named_children)
                call = _call(file, _text(source, target), arity, target.type, module)
                if call is not None:
                    found.append(call)
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found


def _call(file: _File, written: str, arity: int, kind: str, module: str) -> Call | None:
    if kind == "atom":
        name = _plain(written)
        if (name, arity) in file.drafts:
            return Call("", name, arity)
        if name in AUTO_IMPORTED:
            return None
        return Call(file.imported.get((name, arity), ""), name, arity)
    if kind != "remote" or ":" not in written:
        return None
    target, _, name = (part.strip() for part in written.partition(":"))
    if target in {"erlang", "eunit"} or not re.match(r"[a-z']", name):
        return None
    return Call("" if target in {"?MODULE", module} else _plain(target), _plain(name), arity)


def _type(file: _File, index: int, node: Node) -> TypeDef:
    label = node.child_by_field_name("name")
    name, arity = "", 0
    if label is not None:
        inner, arguments = label.child_by_field_name("name"), label.child_by_field_name("args")
        name = _atom(file.source, inner) if inner is not None else ""
        if arguments is not None:
            arity = sum(n.type != "comment" for n in arguments.named_children)
    above = index - 1
    while above >= 0 and (file.forms[above].type == "comment" or above in file.notes):
        above -= 1
    return TypeDef(_TYPES[node.type], name, arity, _span(node), file.docs.get(above))


def _spec(file: _File, node: Node) -> Spec:
    label = node.child_by_field_name("fun")
    signature = node.child_by_field_name("sigs")
    arguments = signature.child_by_field_name("args") if signature is not None else None
    arity = 0
    if arguments is not None:
        arity = sum(n.type != "comment" for n in arguments.named_children)
    return Spec(_atom(file.source, label) if label is not None else "", arity, _span(node))


def _names(source: bytes, node: Node, label: str) -> list[tuple[str, int]]:
    """The `name/arity` pairs of an export or import; those with a macro in them are passed over."""
    found: list[tuple[str, int]] = []
    for pair in node.children_by_field_name(label):
        written = _text(source, pair)
        name, _, arity = written.rpartition("/")
        if arity.strip().isdecimal():
            found.append((_plain(name.strip()), int(arity)))
    return found


def _errors(tree: Tree) -> tuple[Span, ...]:
    """The outermost spans that the grammar could not read, and the places where it missed
    something (empty spans)."""
    found: list[Span] = []
    cursor = tree.walk()
    while True:
        node = cursor.node
        assert node is not None
        if node.is_error or node.is_missing:
            found.append(_span(node))
        elif node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return tuple(found)


def _span(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)


def _bytes(source: bytes, node: Node) -> bytes:
    return source[node.start_byte : node.end_byte]


def _text(source: bytes, node: Node) -> str:
    return source[node.start_byte : node.end_byte].decode(errors="replace")


def _atom(source: bytes, node: Node) -> str:
    return _plain(_text(source, node))


def _plain(atom: str) -> str:
    """An atom as it is usually written: quotes go when it needs none."""
    if atom.startswith("'"):
        found = _PLAIN_ATOM.fullmatch(atom)
        return found[1] if found else atom
    return atom


def _inside(source: bytes, node: Node) -> Span | None:
    """What stands between the outer parentheses of an attribute."""
    opening = source.find(b"(", node.start_byte, node.end_byte)
    closing = source.rfind(b")", node.start_byte, node.end_byte)
    return _trimmed(source, opening + 1, closing) if 0 <= opening < closing else None


def _trimmed(source: bytes, start: int, end: int) -> Span:
    """`start` to `end` without blank space at either side."""
    found = _BLANK.match(source, start, end)
    start = found.end() if found else start
    while end > start and source[end - 1 : end].isspace():
        end -= 1
    return Span(start, end)


def _body(source: bytes, node: Node) -> Span:
    """A clause's expressions: what follows `->`."""
    start = node.start_byte + (2 if source.startswith(b"->", node.start_byte) else 0)
    return _trimmed(source, start, node.end_byte)
