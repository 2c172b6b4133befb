"""What can be said of a function or a module by rule, each sentence true of the code as written.

The sentences stand in `wordings/explain.yaml`. Nothing is said about what the code means: that
comes from its documentation. Where reading by rule could go wrong (quoted code in macros, calls
through variables) nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from factory.parsed import Parsed
from factory.syntax import Call, Clause, Function, Module
from factory.syntax.calls import Deeds, deeds
from transforms import grounded, prose
from transforms.context import Frame
from transforms.wording import Wordings

LISTED = 6
"""At most this many calls or clauses are listed; more would hide what matters."""

SHORT_RESULT = 70
"""A clause's body up to this long (characters, one line) is quoted as its result."""

_TO = re.compile(r"\bto:\s*(:?\w[\w.]*)")
_AS = re.compile(r"\bas:\s*:(\w+[?!]?)")
_DEFAULT = re.compile(r"(\w+)\s*\\\\\s*([^\n]{1,60})")
_COUNTS = ("no", "one", "two", "three", "four", "five", "six")
_DECISIONS = frozenset({"case", "cond", "if", "unless", "with", "try", "receive", "maybe"})


@dataclass(frozen=True)
class Voice:
    """The wordings of one answer: the same fact is put the same way in it."""

    words: Wordings
    number: int

    def say(self, key: str, **facts: str | int) -> str:
        return self.words.say(key, self.number >> (sum(map(ord, key)) % 48), **facts)


def of_function(frame: Frame, function: Function, voice: Voice) -> list[str]:
    """Paragraphs of facts about a function. Reads the document's tree."""
    parsed = frame.parsed
    if function.kind == "defdelegate":
        target = _target(parsed, function)
        return [voice.say("delegate", target=target)] if target else []
    clauses = [clause for clause in function.clauses if clause.body is not None]
    facts: list[str] = []
    if function.impl not in ("", "true", "false"):
        facts.append(voice.say("impl", behaviour=function.impl))
    if function.kind in ("defmacro", "defmacrop"):
        facts.append(voice.say("macro"))
    for argument in function.clauses[0].arguments if function.min_arity < function.arity else ():
        default = _DEFAULT.fullmatch(parsed.text(argument))
        if default:
            facts.append(voice.say("default", name=default[1], value=default[2]))
    guard = clauses[0].guard if len(clauses) == 1 else None
    if guard is not None:
        facts.append(voice.say("guard", guard=_line(parsed.text(guard))))
    if function.kind not in ("defguard", "defguardp"):
        bodies = [clause.body for clause in clauses if clause.body is not None]
        done = deeds(parsed.root, parsed.source, parsed.document.language, bodies)
        if not done.quotes:
            facts += _work(frame, function, done, voice)
    found = [" ".join(facts)] if facts else []
    if len(clauses) > LISTED:
        found.append(voice.say("many_clauses", count=len(clauses)))
    elif len(clauses) > 1:
        lines = [f"  * {_clause(parsed, clause, voice)}" for clause in clauses]
        found.append(voice.say("clauses", count=_COUNTS[len(clauses)]) + "\n\n" + "\n".join(lines))
    return found


def _work(frame: Frame, function: Function, done: Deeds, voice: Voice) -> list[str]:
    facts: list[str] = []
    said: set[Call] = {call for call in done.calls if not call.arity and _captured(call, done)}
    if len(done.pipeline) > 1 and len(done.pipeline) <= LISTED:
        steps = [named(call) for call in done.pipeline]
        facts.append(voice.say("pipeline", steps=", then ".join(steps)))
        said.update(done.pipeline)
    elif done.only is not None and not _is(done.only, function):
        facts.append(voice.say("only", function=named(done.only)))
        said.add(done.only)
    if any(_is(call, function) for call in done.calls):
        facts.append(voice.say("recursion"))
    local = [c for c in done.calls if not c.module and c not in said and not _is(c, function)]
    own = [c for c in local if any(_is(c, other) for other in frame.named(c.name))]
    if own:
        facts.append(_some(voice, "helpers", own))
    remote = [c for c in done.calls if c.module and c not in said]
    if remote:
        facts.append(_some(voice, "calls", remote))
    if done.constructs:
        used = [f"`{name}`" for name in done.constructs if name in _DECISIONS]
        if used:
            facts.append(voice.say("constructs", constructs=listed(used)))
    if done.raises:
        errors = [name for name in done.raises if name[:1].isupper()]
        if errors:
            marked = [f"`{name}`" for name in errors]
            facts.append(voice.say("raises", errors=listed(marked, "or")))
        leaving = [f"`{name}`" for name in done.raises if name not in errors]
        if leaving:
            facts.append(voice.say("throws", errors=listed(leaving, "or")))
    return facts


def _some(voice: Voice, key: str, calls: Sequence[Call]) -> str:
    names = [named(call) for call in calls]
    if len(names) > LISTED:
        return voice.say(f"many_{key}", functions=", ".join(names[:LISTED]))
    return voice.say(key, functions=listed(names))


def of_module(parsed: Parsed, module: Module, voice: Voice, code: str) -> list[str]:
    """Paragraphs of facts about a module, its documented public functions listed last, those of
    which `code` shows what is said."""
    facts: list[str] = []
    if module.kind == "defimpl":
        facts.append(voice.say("protocol_impl", protocol=module.protocol, target=module.target))
    used = [f"`{d.target}`" for d in module.directives if d.kind == "use"]
    if used:
        facts.append(voice.say("uses", modules=listed(list(dict.fromkeys(used)))))
    behaviours = [f"`{name}`" for name in dict.fromkeys(module.behaviours)]
    if behaviours:
        key = "behaviours" if len(behaviours) > 1 else "behaviour"
        facts.append(voice.say(key, modules=listed(behaviours)))
    if module.struct is not None:
        exception = parsed.text(module.struct).startswith("defexception")
        facts.append(voice.say("exception" if exception else "struct"))
    if module.callbacks:
        names = [f"`{c.name}/{c.arity}`" for c in module.callbacks]
        facts.append(voice.say("callbacks", functions=listed(list(dict.fromkeys(names)))))
    found = [" ".join(facts)] if facts else []
    offered = [
        (function.label, prose.summary(function.doc.text))
        for function in module.functions
        if function.public and function.doc is not None and not function.doc.hidden
    ]
    lines = [
        f"  * `{label}`: {text}"
        for label, text in offered
        if text and not grounded.says_more(text, code)
    ]
    if lines:
        found.append(voice.say("functions") + "\n\n" + "\n".join(lines))
    return found


def named(call: Call) -> str:
    """`Enum.map/2`; in Erlang `lists:map/2`; a local call by name and arity."""
    if not call.module:
        return f"`{call.name}/{call.arity}`"
    erlang = call.module[0].islower()
    return f"`{call.module}{':' if erlang else '.'}{call.name}/{call.arity}`"


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a`, `b` and `c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def _captured(call: Call, done: Deeds) -> bool:
    """Whether a call without arguments is what `&name/1` holds: the same name stands with arity."""
    return any(
        other.arity and (other.module, other.name) == (call.module, call.name)
        for other in done.calls
    )


def _is(call: Call, function: Function) -> bool:
    return (
        call.name == function.name
        and not call.module
        and function.min_arity <= call.arity <= function.arity
    )


def _clause(parsed: Parsed, clause: Clause, voice: Voice) -> str:
    head = _line(parsed.text(clause.head))
    if clause.guard is not None:
        head += f" when {_line(parsed.text(clause.guard))}"
    assert clause.body is not None
    body = parsed.text(clause.body)
    if "\n" not in body and len(body) <= SHORT_RESULT and not body.startswith("raise"):
        return voice.say("clause_result", head=head, result=body)
    lines = body.count("\n") + 1
    return f"`{head}`" if lines == 1 else voice.say("clause_work", head=head, lines=lines)


def _target(parsed: Parsed, function: Function) -> str:
    """What a `defdelegate` hands over to, as `Module.function/arity`."""
    text = parsed.text(function.code)
    to, renamed = _TO.search(text), _AS.search(text)
    name = renamed[1] if renamed else function.name
    return f"{to[1]}.{name}/{function.arity}" if to else ""


def _line(code: str) -> str:
    return " ".join(code.split())
