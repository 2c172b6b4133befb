"""The code that answers: a module or a function without its documentation, and without comments
that the request says nothing of.

A comment stays when the request quotes it or when it is a short title (`%% API`). What only speaks
of the file (authors, rules of dashes, editors' settings) goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from factory.parsed import Parsed
from factory.syntax import Function, Module, Span
from factory.syntax.names import KERNEL
from factory.syntax.steps import comment_lines
from transforms.context import uses
from transforms.snippet import snippet

_DECLARES = re.compile(r"(?:def\w*|use|alias|import|require|end|@\w+)\b|[-%#]|.*(?:->|\bdo)$")

TITLE = 30
"""A comment of one line up to this many characters is a title, if it is no sentence."""

_MARK = re.compile(r"^[ \t]*[#%]+[ \t]?", re.MULTILINE)
_WORDS = re.compile(r"[\w/ ,&-]+[\w:]")
_NOT_A_TITLE = re.compile(r"\b(?:TODO|FIXME|XXX|vim|tab-width|dialyzer|copyright)\b", re.IGNORECASE)
_ABOUT_FILE = re.compile(r"^-(?:author|vsn|copyright|license|file)\b.*\n", re.MULTILINE)
_HIDDEN = re.compile(
    r"^[ \t]*@(?:doc|moduledoc|typedoc)\s+(?:false|since:.*|\w+:.*)\n", re.MULTILINE
)
_LAST_TITLE = re.compile(r"\n[ \t]*%[^\n]*\s*\Z")
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
_AFTER_DO = re.compile(r"^([ \t]*defmodule .* do)\n(?:[ \t]*\n)+", re.MULTILINE)


def code_of(parsed: Parsed, module: Module, told: str = "") -> str:
    """A module's source, dedented, with its documentation and comments that `told` lacks cut."""
    cuts: list[Span] = []
    waiting = [module]
    while waiting:
        one = waiting.pop()
        docs = [one.doc, *(f.doc for f in one.functions), *(t.doc for t in one.types)]
        cuts += [doc.span for doc in docs if doc is not None]
        waiting += one.modules
    bodies = [function.code for function in module.functions]
    cuts += untold(parsed, module.span, told, bodies)
    code = _cut(parsed, module.span, cuts)
    code = _LAST_TITLE.sub("", code)
    code = without_marks(code, parsed.document.language)
    return _AFTER_DO.sub(r"\1\n", _BLANK_LINES.sub("\n\n", code)).strip("\n")


def without_marks(code: str, language: str) -> str:
    """Code without what it says of its file and which of its parts have no documentation."""
    return (_ABOUT_FILE if language == "erlang" else _HIDDEN).sub("", code)


def function_code(parsed: Parsed, function: Function, told: str = "") -> str:
    """A function's specs, `@impl` and clauses, without documentation and comments that `told`
    lacks."""
    marks = [parsed.dedented(spec.span) for spec in function.specs]
    marks += [f"@impl {function.impl}"] if function.impl else []
    inside = [spec.span for spec in function.specs] + list(function.attributes)
    inside += [function.doc.span] if function.doc else []
    cuts = [span for span in inside if function.code.holds(span)]
    code = _cut(
        parsed, function.code, [*cuts, *untold(parsed, function.code, told, [function.code])]
    )
    return "\n".join([*marks, _BLANK_LINES.sub("\n\n", code)])


def untold(parsed: Parsed, within: Span, told: str, bodies: Sequence[Span]) -> list[Span]:
    """The comment lines that are neither in `told` nor titles between the `bodies` (in order)."""
    lines = comment_lines(parsed.root, parsed.source, parsed.document.language, within)
    cuts: list[Span] = []
    group: list[Span] = []
    for at, line in enumerate(lines, 1):
        group.append(line)
        if at == len(lines) or lines[at].start != line.end:
            while bodies and bodies[0].end <= group[0].start:
                bodies = bodies[1:]
            inside = bool(bodies) and bodies[0].start <= group[0].start
            cuts += [] if _stays(parsed, group, told, inside) else group
            group = []
    return cuts


def _stays(parsed: Parsed, group: list[Span], told: str, inside: bool) -> bool:
    lines = [_MARK.sub("", parsed.text(span)).strip() for span in group]
    text = " ".join(line for line in lines if line)
    if text.strip(".: ") and (text.rstrip(".:") in told or all(line in told for line in lines)):
        return True
    if inside or len(group) > 1 or len(text) > TITLE:
        return False
    return bool(_WORDS.fullmatch(text)) and not _NOT_A_TITLE.search(text)


def _cut(parsed: Parsed, whole: Span, cuts: Iterable[Span]) -> str:
    kept: list[str] = []
    at = whole.start
    for span in sorted(cuts):
        if at <= span.start and span.end <= whole.end:
            kept.append(parsed.text(Span(at, span.start)))
            at = span.end
    kept.append(parsed.text(Span(at, whole.end)))
    text = "".join(kept)
    start = parsed.source.rfind(b"\n", 0, whole.start) + 1
    margin = parsed.source[start : whole.start].decode(errors="replace")
    return text.replace("\n" + margin, "\n") if margin and not margin.strip() else text


def quoted_share(told: str, answer: str) -> float:
    """How much of an answer's code (lines of some length that are no heads, declarations or
    comments) stands in the text that asks for it, line by line."""
    said = " ".join(told.split())
    lines = [" ".join(line.split()).rstrip(",;.") for line in answer.split("\n")]
    code = [line for line in lines if len(line) >= 14 and not _DECLARES.match(line)]
    return sum(line in said for line in code) / len(code) if len(code) > 4 else 0.0


def has_docs(module: Module) -> bool:
    """Whether a module has documentation that a reader sees."""
    docs = [module.doc, *(f.doc for f in module.functions), *(t.doc for t in module.types)]
    return any(doc is not None and not doc.hidden for doc in docs)


def leans_outward(parsed: Parsed, module: Module) -> bool:
    """Whether a nested module uses names that only the modules around it explain."""
    around: list[Module] = []
    inside = parsed.outline.modules
    while inside:
        holder = next((one for one in inside if one.span.holds(module.span)), None)
        if holder is None or holder is module:
            break
        around.append(holder)
        inside = holder.modules
    if not around:
        return False
    used = uses(parsed.text(module.span), parsed.document.language)
    aliases = {
        directive.target.rsplit(".", 1)[-1]
        for one in around
        for directive in one.directives
        if directive.kind in ("alias", "require")
    }
    own = {function.name for function in module.functions}
    imported = any(d.kind in ("import", "use") for one in around for d in one.directives)
    if aliases & used.words or not imported:
        return bool(aliases & used.words)
    called = used.calls
    if parsed.document.language == "elixir":
        called |= snippet(parsed.dedented(module.span)).bare
    return bool(called - own - KERNEL)
