"""`implement`: from a module with a function's documentation to the function itself.

The request shows the documentation, the spec, and what the code leans on (attributes, struct,
types, helpers), and names functions of other modules that are called; the answer is all clauses.
A function is asked for only when its request can state what it must do: by documentation, or by a
comment above a private function. What cannot be shown makes a `LeftOut`.

It does not check that a reader could write the very same code: many bodies satisfy one doc.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Function, Span
from factory.syntax.names import KERNEL
from transforms import callees, prose, shapes
from transforms.context import Frame, frames, uses
from transforms.fences import fenced
from transforms.parts import (
    TORN,
    bodiless,
    broken,
    documentation_share,
    in_tests,
    made_by_macro,
    made_for_tests,
    scattered,
    stub,
    subject,
    torn,
)
from transforms.standard import unknown_calls
from transforms.untold import (
    unserved,
    untold_atoms,
    untold_joints,
    untold_modules,
    untold_shapes,
    untold_texts,
    without_texts,
)
from transforms.wording import wordings

TASK = "implement"

UNDOCUMENTED = "nothing says what the function must do"
HIDDEN = "documentation is hidden"
CALLBACK = "a callback that nothing but its behaviour describes"
DELEGATE = "a delegation, with nothing to write"
SCATTERED = "clauses do not stand together"
NO_BODY = "only the head is given, as in protocols"
MADE = "the head is computed by a macro"
STUB = "stands in for what the compiler or native code does"
COMPUTED = "documentation has computed parts"
FIXTURE = "part of tests or their input"
BROKEN = "the code has syntax errors"
TOO_LONG = "the code is longer than max_answer"
LONG_DOC = "the documentation is longer than max_documentation"
DOES_MORE = "does more than its documentation says"
CONSTANT = "hands out a constant, with nothing to write"
NEEDS_MORE = "leans on code that the request cannot show"

KINDS = {
    "def": "public function",
    "defp": "private function",
    "defmacro": "public macro",
    "defmacrop": "private macro",
    "defguard": "public guard",
    "defguardp": "private guard",
}
ERLANG_KINDS = {"def": "exported function", "defp": "local function"}

_VERBS = """
add allow append apply assert build calculate call cast check choose clean clear close collect
combine compare compile compute concatenate construct convert copy count create decode decrement
delete determine divide drop emit encode ensure escape evaluate execute expand extract fetch fill
filter find fix flatten flush fold force format forward generate get give go group handle hash
implement increment insert inspect invoke iterate join keep list load log look lookup make map
mark match merge move normalise normalize notify open order pad parse partition perform pick pop
prepare prepend print process produce publish push put raise read receive recurse recursively
register reject release remove rename render replace report reset resolve restore retrieve return
reverse rewrite round run save scan search select send serialise serialize set shift show skip
sort split start stop store strip subscribe sum swap take tell terminate test tokenise tokenize
transform translate traverse trim turn unescape unregister unwrap update validate verify wait walk
wrap write
"""
_VERB = re.compile(rf"(?:{'|'.join(_VERBS.split())})(?:s|es)?\b", re.IGNORECASE)
_RAISES = re.compile(r"raise(?<=\braise)\b|erlang:error\(|throw(?<=\bthrow)\(")
_EFFECTS = (
    (
        ("raise", ":error(", "throw("),
        _RAISES,
        re.compile(r"\b(?:rais|error|exception|fails?\b|invalid|must|abort|throw|exit|crash)"),
    ),
    (
        ("rescue", "catch"),
        re.compile(r"\b(?:rescue|catch)\b"),
        re.compile(
            r"\b(?:rais|error|exception|fail|catch|caught|exit|throw|crash|invalid|unsafe|safe|"
            r"nil\b|otherwise|undefined|unless|whether|not\b|cannot|can't|false\b|bad|rescue|assert)"
        ),
    ),
    (("eprecat",), re.compile(r"[Dd]eprecat"), re.compile("deprecat")),
    (("IO.warn", ":elixir_errors."), re.compile(r"IO\.warn\b|:elixir_errors"), re.compile("warn")),
    (("Logger.", "lager:"), re.compile(r"Logger\.\w|lager:\w"), re.compile(r"\blog")),
    (
        ("IO.puts", "shell()", "io:format("),
        re.compile(r"IO\.puts\b|shell\(\)\.(?:info|error)|io:format\("),
        re.compile("print|output|show|display|list|log|writ|messag|shell|warn"),
    ),
)
"""What code may do only when a description speaks of it: what gives it away (plain text
first, which is cheap), and the words one of which has to stand there, in lower case."""
_OPTION = re.compile(
    r"\b(?:opts?|options|config)\[:(\w+)\]|\bKeyword\.(?:get|fetch!?|pop!?|get_lazy|pop_lazy|has_key\?)"
    r"\((?:\w+, )?:(\w+)|\|> Keyword\.\w+!?\(:(\w+)|\bproplists:get_\w+\((\w+),"
)
_KEPT = re.compile(
    r"\bsend\(|:persistent_term\.|\bProcess\.(?:put|get|delete)\(|:ets\.|:telemetry\.|"
    r"\bpersistent_term:|\bets:|\bput\(|\)? ! [{a-z]"
)
_ATOM = {
    "elixir": re.compile(r"(?<![\w:?]):([a-z_]\w*[?!]?)(?![\w.])"),
    "erlang": re.compile(r"(?<![\w.:@#?'$\"<])([a-z]\w*)(?![\w(:@'/])"),
}
_KEY = re.compile(r"(?<![\w:?@.])([a-z_]\w*[?!]?): ")
_ASKS = re.compile(r"\breceive\b")
_SERVES = re.compile(r"\breceive\b|\bhandle_\w+\(|\bmessage", re.IGNORECASE)
_FIELD = re.compile(r"(?<=[a-z_\])])\.([a-z_]\w*)(?![\w(?!])|%\w*\{(\w+): ")
_CONSTANT = re.compile(r"(?:do:|\bdo\n|->)\s*[@?]\w+\s*(?:\nend)?\.?\s*\Z")
_THROUGH_MACRO = re.compile(r"\?\w+:[a-z]\w*(?=\()")
_NESTED = re.compile(r"__MODULE__\.[A-Z][\w.]*\.[a-z_]\w*[?!]?(?=\()")
_DYNAMIC = {
    "elixir": re.compile(r"(?:(?<![\w.:@&%])[a-z_]\w*[?!]?|\))\.([a-z_]\w*[?!]?)\("),
    "erlang": re.compile(r"(?<![\w?@])[A-Z]\w*:([a-z]\w*)\("),
}
_IN_SEGMENTS = frozenset({"size", "unit"})
_SIZE = re.compile(r"\bsize\((\d+)\)")
_HANDED = re.compile(r"\b[a-z_]\w*\(\{")
_TAG = {
    "elixir": re.compile(r"(?<![%\w#])\{\s*:([a-z_]\w*[?!]?)\s*[,}]"),
    "erlang": re.compile(r"(?<![\w#}])\{\s*([a-z]\w*)\s*[,}]"),
}
_ELIDED = re.compile(r"(?:do:|->) \.\.\.")
_TEXT = re.compile(r"(?<![\w?])[\"']([^\"'\s#\\~%]{3,})[\"']")
_WORD = re.compile(r"\w+[?!]?")
_REFERRED = re.compile(r"`([a-z_]\w*[?!]?)/\d+`")
_LIKE = ("same as ", "similar to ", "like ", "identical to ")
_COMMON = """
ok error nil true false undefined infinity stop reply noreply when end case of receive after fun if
begin try catch andalso orelse not and or div rem normal kill self
"""
_EXPECTED = frozenset(_COMMON.split())
"""Atoms that anybody expects, and Erlang's reserved words, which are spelt as atoms are."""
_COMMENT_MARK = re.compile(r"^[ \t]*(?:#|%)+ ?", re.MULTILINE)


class ImplementOptions(Options):
    max_answer: int = Field(6_000, ge=100, description="Longest function to ask for, in bytes.")
    max_documentation: int = Field(
        5_000, ge=100, description="Longest documentation, spec and comments to ask with, in bytes."
    )
    context: int = Field(
        4_000, ge=500, description="Bytes of module context beside the documentation."
    )
    max_unknown_calls: int = Field(
        4, ge=0, description="Most functions of unknown modules that a request may have to name."
    )
    max_atoms: int = Field(
        2, ge=0, description="Most atoms that nothing else tells of, to be named in a request."
    )


class Implement(Transform):
    name: ClassVar[str] = "implement"
    version: ClassVar[int] = 2
    languages: ClassVar[frozenset[str]] = frozenset({"elixir", "erlang"})
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = ImplementOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        for frame in frames(parsed):
            module = frame.module
            for function in module.functions:
                name = subject(parsed, module, function)
                reason = self._unfit(parsed, function)
                if reason:
                    yield self.left_out(parsed, reason, name, function.span)
                else:
                    yield self._row(frame, function, name)

    def _unfit(self, parsed: Parsed, function: Function) -> str:
        """Why a function cannot be asked for, before its context is looked at."""
        if function.kind == "defdelegate":
            return DELEGATE
        if made_for_tests(parsed) or in_tests(parsed):
            return FIXTURE
        if function.doc is not None and function.doc.hidden:
            return HIDDEN
        if broken(parsed, function.span):
            return BROKEN
        if bodiless(function):
            return NO_BODY
        if made_by_macro(parsed, function):
            return MADE
        if stub(parsed, function):
            return STUB
        if function.doc is None:
            if function.impl and function.impl != "false":
                return CALLBACK
            if not says_what_it_does(comment_above(parsed, function)):
                return UNDOCUMENTED
        elif not function.doc.text:
            return COMPUTED
        else:
            reason = prose.unfit(function.doc.text)
            if reason:
                return reason
            if not function.specs and terse(function.doc.text):
                return prose.TOO_SHORT
        if scattered(function):
            return SCATTERED
        if function.code.end - function.code.start > self.options.max_answer:
            return TOO_LONG
        if function.code.start - function.span.start > self.options.max_documentation:
            return LONG_DOC
        return ""

    def _row(self, frame: Frame, function: Function, name: str) -> Example | LeftOut:
        parsed = frame.parsed
        language = parsed.document.language
        code = parsed.dedented(function.code)
        if _CONSTANT.search(code) and len(function.clauses) == 1:
            return self.left_out(parsed, CONSTANT, name, function.span)
        calls = unknown_calls(code, language)
        if language == "erlang":
            calls += dict.fromkeys(_THROUGH_MACRO.findall(code))
        elif "__MODULE__." in code:
            calls += dict.fromkeys(_NESTED.findall(code))
        if len(calls) > self.options.max_unknown_calls or (
            calls and (callees.macros(frame.module, calls) or callees.unguessable(code, calls))
        ):
            return self.left_out(parsed, NEEDS_MORE, name, function.span)
        words, number = wordings(TASK), self.number(parsed, name)
        hole = words.say("hole", number >> 16, function=function.label)
        mark = "%%" if language == "erlang" else "#"
        said = before_code(parsed, function)
        shown = f"{said}\n{mark} {hole}" if said else f"{mark} {hole}"
        budget = self.options.context + len(shown)
        told = len(said)
        least, share = (300, 2 if calls else 5) if function.doc else (200, 3)
        short = function.doc is not None and len(code) > 150 + told / 2 + 6 * prose.length(
            function.doc.text
        )
        if short or does_more(code, said) or len(code) > least + share * told:
            return self.left_out(parsed, DOES_MORE, name, function.span)
        also = models(said)
        context = frame.about(function, shown, also=also, budget=budget)
        agreed = not function.specs or _ELIDED.search(context.code) or _KEPT.search(code)
        if (
            options_untold(code, context.code)
            or texts_untold(code, context.code)
            or untold_joints(code, context.code)
        ):
            return self.left_out(parsed, DOES_MORE, name, function.span)
        if (
            context.missing
            or any(f"{name}(" not in context.code for name in also)
            or (agreed and keys_untold(code, context.code, language))
            or fields_untold(code, context.code, language)
            or (language == "elixir" and untold_modules(bodies(parsed, function), context.code))
            or (not function.specs and untold_shapes(heads(parsed, function), context.code))
            or (_ASKS.search(code) and not _SERVES.search(context.code))
            or untold(frozenset(_SIZE.findall(code)), context.code)
            or own_untold(code, frame.module.name, context.code)
            or unserved(code, context.code)
            or (_HANDED.search(code) and unserved(context.code, context.code))
            or untold(frozenset(_DYNAMIC[language].findall(code)), context.code)
            or untold(frozenset(_TAG[language].findall(code)) - _EXPECTED, context.code)
            or (len(function.specs) == 1 and shapes.takes_more(parsed, function))
            or callees.elided_untold(code, context.code, language)
        ):
            return self.left_out(parsed, NEEDS_MORE, name, function.span)
        head = parsed.dedented(function.clauses[0].head)
        if torn(context.code, language):
            return self.left_out(parsed, TORN, name, function.span)
        needed = atoms_untold(code, f"{function.name} {head}\n{context.code}", language)
        if len(needed) > self.options.max_atoms:
            return self.left_out(parsed, NEEDS_MORE, name, function.span)
        if '"' in code and mostly_text(code, context.code):
            return self.left_out(parsed, DOES_MORE, name, function.span)
        request = words.say(
            "implement",
            number,
            kind=(ERLANG_KINDS if language == "erlang" else KINDS)[function.kind],
            function=function.label,
            module=frame.module.name,
            context=fenced(context.code, language),
        )
        facts = []
        if function.min_arity < function.arity:
            facts.append(words.say("head", number >> 24, head=head))
        elif function.arity >= (4 if function.specs else 2 if function.doc else 1):
            # Comments and specs seldom say what many arguments are, and in which order.
            facts.append(words.say("first", number >> 24, head=head))
        calls = [name for name in calls if not name.startswith(f"{frame.module.name}.")]
        calls += imported(frame, code, context.code)
        if calls:
            facts.append(words.say("calls", number >> 32, calls=listed(calls)))
        if needed:
            sign = "" if language == "erlang" else ":"
            atoms = listed([f"{sign}{atom}" for atom in sorted(needed)])
            facts.append(words.say("atoms", number >> 40, atoms=atoms))
        return self.ask(
            parsed,
            TASK,
            function.span,
            name,
            "\n\n".join([request, " ".join(facts)]) if facts else request,
            fenced(code, language),
            documentation=documentation_share(function),
        )


def bodies(parsed: Parsed, function: Function) -> str:
    """The bodies of all clauses, one after the other."""
    return "\n".join(parsed.text(clause.body) for clause in function.clauses if clause.body)


def mostly_text(code: str, shown: str) -> bool:
    """Whether code holds several messages that `shown` does not, or is little else than one."""
    texts = untold_texts(code, shown)
    return len(texts) > 2 or sum(map(len, texts)) * 2 > len(code)


def imported(frame: Frame, code: str, shown: str) -> list[str]:
    """The functions that Elixir code calls by their bare names and that come from elsewhere, by
    `import` or `use`, unless `shown` names them; sorted."""
    if frame.language == "erlang":
        return []
    called = uses(without_texts(code), frame.language).calls - KERNEL - _IN_SEGMENTS
    return sorted(name for name in called if not frame.named(name) and name not in shown)


def heads(parsed: Parsed, function: Function) -> str:
    """The heads of all clauses, one a line."""
    return "\n".join(parsed.text(clause.head) for clause in function.clauses)


def listed(names: Sequence[str]) -> str:
    """`a`, `b` and `c`, each in backticks."""
    marked = [f"`{name}`" for name in names]
    return " and ".join(part for part in (", ".join(marked[:-1]), marked[-1]) if part)


def does_more(code: str, said: str) -> bool:
    """Whether code raises, warns, logs or prints where its description speaks of no such thing."""
    said = said.lower()
    return any(
        any(text in code for text in texts) and given_away.search(code) and not told.search(said)
        for texts, given_away, told in _EFFECTS
    )


def models(said: str) -> frozenset[str]:
    """The functions of the same module that a description compares its function with."""
    return frozenset(
        found[1]
        for found in _REFERRED.finditer(said)
        if said[max(0, found.start() - 14) : found.start()].lower().endswith(_LIKE)
    )


def untold(names: Collection[str], shown: str) -> list[str]:
    """Some of `names` that do not stand in `shown` as words of their own, sorted; [] if none."""
    absent = sorted(name for name in names if name not in shown)
    if absent or not names:
        return absent
    return sorted(frozenset(names).difference(_WORD.findall(shown)))


def options_untold(code: str, shown: str) -> list[str]:
    """The options that code reads and that `shown` has no word of."""
    if not any(text in code for text in ("[:", "Keyword.", "proplists:")):
        return []
    read = sorted({name for found in _OPTION.findall(code) for name in found if name})
    return [name for name in read if not re.search(rf"[:`{{]{name}\b|\b{name}:", shown)]


def keys_untold(code: str, shown: str, language: str) -> list[str]:
    """The atoms in code that `shown` has no word of: messages, keys of kept state, results."""
    return untold(frozenset(_ATOM[language].findall(code)) - _EXPECTED, shown)


def atoms_untold(code: str, shown: str, language: str) -> frozenset[str]:
    """The atoms and keys in code that `shown` has no word of and the language does not know."""
    found = _ATOM[language].findall(code)
    if language == "elixir":
        found += _KEY.findall(code)
    absent = {name for name in found if name not in shown}
    return untold_atoms(code, shown, language) & absent if absent else frozenset()


def fields_untold(code: str, shown: str, language: str) -> list[str]:
    """The fields of maps and structs that Elixir code reads and that `shown` has no word of."""
    if language != "elixir":
        return []
    read = {name for found in _FIELD.findall(code) for name in found if name}
    return untold(read, shown)


def texts_untold(code: str, shown: str) -> list[str]:
    """The one-word texts in code, such as file extensions and keys, that `shown` does not hold."""
    return [text for text in _TEXT.findall(code) if text not in shown]


def terse(doc: str) -> bool:
    """Whether documentation has neither words enough nor an example to tell a function by."""
    return "iex>" not in doc and prose.length(doc) < 24


def own_untold(code: str, module: str, shown: str) -> list[str]:
    """The functions called by their module's full name that `shown` does not define."""
    if f"{module}." not in code:
        return []
    called = re.findall(rf"(?<![\w.]){re.escape(module)}\.([a-z_]\w*[?!]?)\(", code)
    return [name for name in called if not re.search(rf"def\w* {re.escape(name)}(?!\w)", shown)]


def says_what_it_does(comment: str) -> bool:
    """Whether a comment describes its function, as far as its first word and length tell: remarks,
    section titles and commented-out code do not begin with what a function does."""
    return (
        len(comment) >= 40
        and bool(_VERB.match(comment))
        and not (prose.unfit(comment) or "mix help" in comment)
    )


def comment_above(parsed: Parsed, function: Function) -> str:
    """The words of the comment lines directly above a function, without rules and marks."""
    if function.span.start == function.code.start:
        return ""
    lines = [
        line
        for line in parsed.text(Span(function.span.start, function.code.start)).split("\n")
        if line.lstrip().startswith(("#", "%"))
    ]
    return " ".join(_COMMENT_MARK.sub("", line).strip(" -=*") for line in lines).strip()


def before_code(parsed: Parsed, function: Function) -> str:
    """Everything that belongs to a function and stands before its code; specs that stand elsewhere
    are put last."""
    before = Span(function.span.start, function.code.start)
    parts = [parsed.dedented(before).rstrip()]
    parts += [parsed.dedented(s.span) for s in function.specs if not before.holds(s.span)]
    return "\n".join(part for part in parts if part)
