"""What clauses plainly take and give, held against what a spec says.

A spec of real code may be wrong or say less than the code: `any` where every clause asks for a
list, no `{:error, reason}` where a branch ends in one. Such a spec is not worth learning. Read by
spelling: patterns and guards of heads, and the tuples that branches end in. What this does not do:
infer types; an argument or a result that no pattern tells of is held to be specified well.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from factory.parsed import Parsed
from factory.syntax import Clause, Function
from transforms.context import Frame, indented

_OPEN = {"(": 1, "[": 1, "{": 1, "<<": 1, ")": -1, "]": -1, "}": -1, ">>": -1}
_MARKS = re.compile(r"[()\[\]{},|]|<<|>>|\"(?:\\.|[^\"\\])*\"|\$[\[\](){},|\"]")
_BRACKET = re.compile(r"[(\[{\"<$]")
_SPEC = re.compile(r"[@-]spec\s+(?:\w+:)?[\w@?!']+\(")
_ARROW = re.compile(r"\A\s*(?:::|->)\s*")
_NAMED = re.compile(r"\s*\w+\s*::\s*")
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"[a-z_]\w*\Z")
_VARIABLE = re.compile(r"[A-Z_]\w*\Z")
_ELIXIR_ATOM = re.compile(r":[a-z_]\w*[?!]?\Z|(?:nil|true|false)\Z")
_ERLANG_ATOM = re.compile(r"[a-z]\w*\Z|'[^']+'\Z")
_NUMBER = re.compile(r"-?\d|\?\S|\$")
_GUARD = re.compile(r"\bis_(\w+)\((\w+)")
_ANY = re.compile(r"(?:any|term)(?:\(\))?\Z")
_FREE = re.compile(r"(?:\w+ *:: *)?(?:_\w*|any|term)(?:\(\))?\Z")
_BARE_FUN = re.compile(
    r"(?<![\w.])(?:(?<!:)|(?<=::)|(?<=:: ))(?:fun\(\)|function\(\)|(?:fun|function)(?=[,|)]))"
)
_ARITY = re.compile(r"\bis_function\(\w+, ?\d|\b[a-z_]\w*\.\(")
_EITHER = re.compile(r"\bor\b|;|orelse|\bwhen\b")
_TAIL = re.compile(r"[ \t]*([a-z_]\w*[?!]?)\(")
_NESTED = re.compile(r"\{:?error, ?\{")
_SIMPLE_ERROR = re.compile(
    r"\{:?error, ?(?:\w+ ?:: ?)?(?:String\.t|binary|atom|string|charlist)(?:\(\))?\}"
)

ANYTHING: tuple[frozenset[str], tuple[str, ...]] = (frozenset({"anything"}), ())
"""What `any` and `term` take."""

_KINDS = {
    "binary": "binary",
    "bitstring": "binary",
    "integer": "number",
    "float": "number",
    "number": "number",
    "atom": "atom",
    "boolean": "atom",
    "list": "list",
    "tuple": "tuple",
    "map": "map",
    "struct": "map",
    "record": "tuple",
    "function": "fun",
    "pid": "pid",
    "port": "port",
    "reference": "reference",
}
"""Kinds of values, by the guard that asks for them (`is_binary`)."""

_TYPES = {
    "number": "integer non_neg_integer pos_integer neg_integer float number byte char arity",
    "binary": "binary bitstring nonempty_binary nonempty_bitstring String.t",
    "atom": "atom module node boolean bool",
    "list": "list nonempty_list keyword charlist string nonempty_string iolist nil_list "
    "nonempty_charlist maybe_improper_list",
    "tuple": "tuple mfa record",
    "map": "map struct",
    "fun": "fun function",
    "pid": "pid",
    "port": "port",
    "reference": "reference",
    "binary list": "iodata",
    "number atom": "timeout",
    "pid port reference": "identifier",
}
_OF_TYPE = {name: frozenset(kinds.split()) for kinds, row in _TYPES.items() for name in row.split()}

_BUILT_IN = frozenset(_OF_TYPE) | frozenset({"nil", "true", "false", "when", "no_return"})
_LOCAL = re.compile(r"(?<![\w:])([a-z]\w*)\(")
_BARE = re.compile(r"(?<![\w:.])([a-z]\w*)(?![\w:])")

_ENDS = {
    "elixir": re.compile(r"(?:->|\bdo:|else:)\s*\{:(\w+),(?![^\n]*\} = )"),
    "erlang": re.compile(r"->\s*\{([a-z]\w*),(?![^\n]*\} = )"),
}
_ANONYMOUS = re.compile(r"\bfu?n\b")
_ENDING = {
    "elixir": re.compile(r"\n[ \t]*\{:(\w+),[^\n]*\}\s*\Z"),
    "erlang": re.compile(r"(?:\n|\A)[ \t]*\{([a-z]\w*),[^\n]*\}\s*\Z"),
}
_TAGGED = {
    "elixir": re.compile(r"(?<![%\w#])\{\s*:([a-z_]\w*[?!]?),"),
    "erlang": re.compile(r"(?<![\w#}])\{\s*([a-z]\w*|'[^'\n]+'),"),
}
_ERROR = {
    "elixir": re.compile(r"\{:error, ?:(\w+)\}"),
    "erlang": re.compile(r"\{error, ?([a-z]\w*)\}"),
}
_KIND_ASKED = re.compile(r"`(is_[a-z]+)`")
_NO_TYPE = re.compile(
    r"(?<![\w.])(Atom|Binary|Bool|Boolean|Float|Integer|List|Map|Number|Pid|Tuple)\.t\b"
)
"""What some think of as types."""

_ODD_RESULT = re.compile(r"%\{ *\}\Z|\{[^,{}]*\}\Z|\{:?ok,(?:[^{}]|\{[^{}]*\})*\|\s*\{:?error\b")
"""The empty map, a tuple of one, an error inside of what is told of success: what nobody means."""

_NOTHING = re.compile(r"\b(?:nil|undefined)\b")
_MAYBE = re.compile(r"[(\[.]|\b(?:nil|undefined|if|case|cond)\b|&&|\|\||#\w")
_GIVEN = re.compile(r"^.*->\s*(?=\{[^\n]*\}[;.]?\s*$)|^\s*(?=\{[^\n>]*\}[;.]?\s*$)")
"""What stands before a tuple that a branch ends in, on one line."""

_INNER = frozenset({"cont", "halt", "suspend", "halted", "suspended", "done"})
_OPEN_RESULT = re.compile(
    r"\b(?:any|term|tuple|no_return)\b|(?<![\w.])(?!String\.t|Path\.t)[A-Z][\w.]*\.\w|\w:\w"
)
_COMPARES = re.compile(r"\A(?![^\n]*\b(?:if|case|fn|with|raise|do)\b)[^\n]* (?:[=!]==?|in) ")
_INSIDE = re.compile(r"\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\]|\{[^{}]*\}|\"[^\"]*\"")
_LITERAL = re.compile(r":[a-z_]\w*[?!]?\Z|[{\"%\[]|(?:nil|true|false)\Z|\d+\Z|<<")


def split(text: str, mark: str = ",") -> list[str]:
    """The parts of a text between marks that stand in no brackets, stripped."""
    if mark not in text:
        return [text.strip()] if text.strip() else []
    if not _BRACKET.search(text):
        return [part.strip() for part in text.split(mark)]
    parts, depth, start = [], 0, 0
    for found in _MARKS.finditer(text):
        sign = found[0]
        if sign == mark and not depth:
            parts.append(text[start : found.start()].strip())
            start = found.end()
        else:
            depth += _OPEN.get(sign, 0)
    return [*parts, text[start:].strip()]


def tagged(text: str, language: str) -> frozenset[tuple[str, int]]:
    """The tuples in a text that begin with an atom, by that atom and their size."""
    found: set[tuple[str, int]] = set()
    for opening in _TAGGED[language].finditer(text):
        depth = 1
        for mark in _MARKS.finditer(text, opening.end()):
            depth += _OPEN.get(mark[0], 0)
            if not depth:
                inside = text[opening.end() : mark.start()]
                found.add((opening[1], 1 + len(split(inside))))
                break
    return frozenset(found)


def told_otherwise(text: str, code: str, language: str) -> bool:
    """Whether a description tells of tuples of success or error, of errors or of guards, and
    `code` has only others: what it describes is what the code once did."""
    if "`is_" in text and "is_" in code:
        guards = _KIND_ASKED.findall(text)
        if guards and not any(guard in code for guard in guards):
            return True
    plain = text.replace(" ", "")
    if not any(f"{{{tag}" in plain for tag in (":ok,", ":error,", "ok,", "error,")):
        return False
    told, given = tagged(text, language), tagged(code, language)
    for tag in ("ok", "error"):
        sizes = {size for one, size in given if one == tag}
        if sizes and any(one == tag and size not in sizes for one, size in told):
            return True
    errors = _ERROR[language].findall(text)
    if not errors or any(error in code for error in errors):
        return False
    return bool(_ERROR[language].search(code))


def halves(spec: str) -> tuple[list[str], str]:
    """The types of a spec's arguments, and what stands behind them: result and constraints."""
    opening = _SPEC.match(spec)
    if opening is None:
        return [], ""
    start = opening.end()
    closing = spec.find(")", start)
    if spec.find("(", start, closing) < 0:
        result = _ARROW.sub("", spec[closing + 1 :]).rstrip(". \n")
        return split(spec[start:closing]), result
    depth = 1
    for found in _MARKS.finditer(spec, start):
        depth += _OPEN.get(found[0], 0)
        if not depth:
            result = _ARROW.sub("", spec[found.end() :]).rstrip(". \n")
            return split(spec[opening.end() : found.start()]), result
    return [], ""


def kind(pattern: str, guards: dict[str, str], language: str) -> tuple[str, str]:
    """The kind of values that a pattern takes ("" for any), and the atom if it takes only one."""
    pattern = pattern.split(" \\\\ ", 1)[0].strip()
    if " = " in pattern:
        sides = pattern.split(" = ")
        pattern = next((s for s in sides if not (_NAME.match(s) or _VARIABLE.match(s))), sides[0])
    first = pattern[:1]
    if first == "[":
        return "list", ""
    if first == "{":
        return "tuple", ""
    if first == "%" or pattern.startswith("#{"):
        return "map", ""
    if first == "#":
        return "tuple", ""
    if pattern.startswith("<<") or (first == '"' and language == "elixir"):
        return "binary", ""
    if first == '"':
        return "list", ""
    if (_ELIXIR_ATOM if language == "elixir" else _ERLANG_ATOM).match(pattern):
        return "atom", pattern
    if _NUMBER.match(pattern):
        return "number", ""
    return guards.get(pattern, ""), ""


@functools.lru_cache(maxsize=1024)
def accepted(spec: str, language: str) -> tuple[frozenset[str], tuple[str, ...]] | None:
    """The kinds and the single atoms that a type of a spec takes; None when it may take all that
    types which stand elsewhere hold, `ANYTHING` when it says so itself. The `t` of another module
    counts as its struct, `%Name{`."""
    kinds: set[str] = set()
    atoms: list[str] = []
    spec = _NAMED.sub("", spec, count=1) if "::" in spec else spec
    if _ANY.match(spec):
        return ANYTHING
    for one in split(spec, "|"):
        name = one.removesuffix("()")
        first = name[:1]
        known = _OF_TYPE.get(name) or _OF_TYPE.get(name.partition("(")[0])
        if known is not None:
            kinds |= known
        elif _ELIXIR_ATOM.match(name):
            atoms.append(name)
        elif first == "[":
            kinds.add("list")
        elif first == "{" or (first == "#" and name[1:2] != "{"):
            kinds.add("tuple")
        elif first in "%#":
            kinds.add("map")
        elif first == "(" or name.startswith("fun("):
            kinds.add("fun")
        elif name.startswith("<<"):
            kinds.add("binary")
        elif first.isdigit() or first == "-":
            kinds.add("number")
        elif name.endswith(".t"):
            kinds.add(f"%{name[:-2]}{{")
        elif language == "erlang" and one == name and _ERLANG_ATOM.match(name):
            atoms.append(name)
        else:
            return None
    return frozenset(kinds), tuple(atoms)


def untrue(frame: Frame, function: Function, spec: str, shown: str, context: str) -> bool:
    """Whether a function's one spec says what its clauses plainly do not do: an argument's type
    that leaves out what a clause takes, or is `any` where every clause takes one kind; a function
    of unknown arity; a result that lacks a tuple that a branch (or the helper that a clause ends
    in) gives, or that has reasons of errors in a tuple of which `context` has no word. What
    `context` holds beside the function (`shown`), such as types, counts as told."""
    parsed = frame.parsed
    language = parsed.document.language
    if language == "elixir" and _no_type(frame, spec):
        return True
    types, result = halves(spec)
    if _ODD_RESULT.match(result):
        return True
    if not result or not function.min_arity <= len(types) <= function.arity:
        return False
    clauses = [clause for clause in function.clauses if clause.body is not None]
    if not clauses:
        return False
    if "fun" in spec and _BARE_FUN.search(spec) and " fun: " not in spec:
        return language == "erlang" or bool(_ARITY.search(parsed.text(function.code)))
    nested = _NESTED.search(result)
    if nested and nested[0].replace(" ", "") not in context.replace(" ", ""):
        return True
    if len(types) == function.arity and _takes(parsed, clauses, types, language):
        return True
    if _OPEN_RESULT.search(result) and not _ANY.match(result):
        return False
    bodies = [parsed.text(clause.body) for clause in clauses if clause.body is not None]
    if _ANY.match(result):
        return language == "elixir" and all(
            "\n" not in body and (_LITERAL.match(body) or _COMPARES.search(_INSIDE.sub("", body)))
            for body in bodies
        )
    if _NOTHING.search(result) and not any(_MAYBE.search(body) for body in bodies):
        return True
    if _SIMPLE_ERROR.search(result) and any(_NESTED.search(body) for body in bodies):
        return True
    if _sizes_differ(bodies, result, language):
        return True
    lacking = _tags(bodies, language).difference(_WORD.findall(result))
    if lacking and not _alien(result, language):
        return True
    if lacking and not lacking.issubset(_WORD.findall(context.replace(indented(shown), ""))):
        return True
    return "error" not in result and _fails(frame, function, bodies, language)


def unused(parsed: Parsed, function: Function, spec: str) -> bool:
    """Whether a spec gives a type to an argument that no clause takes or names."""
    types, _ = halves(spec)
    clauses = [clause for clause in function.clauses if clause.body is not None]
    if not clauses or len(types) != function.arity:
        return False
    return any(
        not _FREE.match(one)
        and all(parsed.text(clause.arguments[at]).strip() == "_" for clause in clauses)
        for at, one in enumerate(types)
    )


def unseen_tuples(parsed: Parsed, function: Function, spec: str, context: str) -> bool:
    """Whether a spec gives an argument a tuple's type where no clause takes the argument apart and
    `context` has no such tuple."""
    if "{" not in spec:
        return False
    types, _ = halves(spec)
    plain = context.replace(" ", "")
    for at, one in enumerate(types):
        shape = _NAMED.sub("", one, count=1) if "::" in one else one
        if not (shape.startswith("{") and shape.endswith("}")) or shape.replace(" ", "") in plain:
            continue
        patterns = [
            parsed.text(clause.arguments[at])
            for clause in function.clauses
            if clause.body is not None and len(clause.arguments) == len(types)
        ]
        if patterns and not any("{" in pattern for pattern in patterns):
            return not _taken(patterns, parsed.text(function.code))
    return False


def _taken(patterns: Iterable[str], code: str) -> bool:
    """Whether one of the variables is matched with a tuple, or asked for its elements."""
    names = "|".join(re.escape(pattern.strip()) for pattern in patterns)
    return bool(
        re.search(
            rf"\}} = (?:{names})\b|\belem\((?:{names})\b|\belement\(\d, ?(?:{names})\b|"
            rf"\bcase (?:{names})\b",
            code,
        )
    )


def takes_more(parsed: Parsed, function: Function) -> bool:
    """Whether a clause takes what the function's one spec does not tell of."""
    types, _ = halves(parsed.dedented(function.specs[0].span))
    clauses = [clause for clause in function.clauses if clause.body is not None]
    return len(types) == function.arity and _takes(parsed, clauses, types, parsed.document.language)


def _takes(parsed: Parsed, clauses: list[Clause], types: list[str], language: str) -> bool:
    guards: list[dict[str, str]] = []
    for at, spec in enumerate(types):
        takes = accepted(spec, language)
        if takes is None:
            continue
        if not guards:
            guards = [_guards(parsed, clause) for clause in clauses]
        column = [
            kind(parsed.text(clause.arguments[at]), asked, language)
            for clause, asked in zip(clauses, guards, strict=True)
            if len(clause.arguments) == len(types)
        ]
        if takes is ANYTHING:
            kinds = {what for what, _ in column}
            if len(column) == len(clauses) and len(kinds) == 1 and "" not in kinds:
                return True
        elif any(what and not _covers(takes, what, atom, parsed, clauses) for what, atom in column):
            return True
    return False


def _guards(parsed: Parsed, clause: Clause) -> dict[str, str]:
    """The kinds of the arguments that a guard without alternatives asks for, by name."""
    text = parsed.text(clause.guard) if clause.guard is not None else ""
    if "is_" not in text or _EITHER.search(text):
        return {}
    return {name: _KINDS.get(what, "") for what, name in _GUARD.findall(text)}


def _covers(
    takes: tuple[frozenset[str], tuple[str, ...]],
    what: str,
    atom: str,
    parsed: Parsed,
    clauses: list[Clause],
) -> bool:
    kinds, atoms = takes
    structs = [one for one in kinds if one[0] == "%"]
    if what in kinds or (what == "atom" and (not atom or atom in atoms)):
        return True
    if not structs:
        return False
    heads = "\n".join(parsed.text(clause.head) for clause in clauses)
    return what == "map" or any(one not in heads for one in structs)


def _no_type(frame: Frame, spec: str) -> bool:
    """Whether a spec names types that the standard library has not, nor the module by an alias."""
    named = _NO_TYPE.findall(spec)
    if not named:
        return False
    brought = " ".join(frame.text(d.span) for d in frame.module.directives if d.kind == "alias")
    return any(name not in brought for name in named)


def _sizes_differ(bodies: Iterable[str], result: str, language: str) -> bool:
    """Whether a branch ends in a tuple of another size than a result's tuples of the same tag."""
    told = tagged(result, language) if "{" in result else frozenset()
    if not told:
        return False
    tags = {tag for tag, _ in told}
    given = {
        one
        for body in bodies
        if "{" in body
        for line in body.split("\n")
        if _GIVEN.search(line)
        for one in tagged(_GIVEN.sub("", line), language)
    }
    return any(tag in tags and (tag, size) not in told for tag, size in given)


def _alien(result: str, language: str) -> bool:
    """Whether a result is spelt with types that stand elsewhere, which may hold anything."""
    if language == "erlang":
        return bool(frozenset(_LOCAL.findall(result)) - _BUILT_IN)
    return bool(frozenset(_BARE.findall(result)) - _BUILT_IN)


def _tags(bodies: Iterable[str], language: str) -> set[str]:
    """The first atoms of the tuples that branches end in."""
    tags: set[str] = set()
    for body in bodies:
        if "{" not in body:
            continue
        for found in _ENDS[language].finditer(body):
            line = body[body.rfind("\n", 0, found.start()) + 1 : found.start()]
            if not _ANONYMOUS.search(line):
                tags.add(found[1])
        tags.update(_ENDING[language].findall("\n" + body[-400:]))
    return tags - _INNER


def _fails(frame: Frame, function: Function, bodies: Iterable[str], language: str) -> bool:
    """Whether a clause ends in a helper that may give an `error` tuple."""
    for body in bodies:
        last = _TAIL.match(body.rpartition("\n")[2])
        for helper in frame.named(last[1]) if last else ():
            texts = [frame.parsed.text(c.body) for c in helper.clauses if c.body is not None]
            if helper.span != function.span and "error" in _tags(texts, language):
                return True
    return False
