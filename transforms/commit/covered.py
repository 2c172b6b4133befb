"""Whether a request covers a change: nothing in the answer that was not asked for, and nothing that
nobody could think of.

Commits are plenty and few of their messages tell all, so that each of these checks would rather
lose a good row than keep a bad one. They read by spelling, as `transforms.commit.evidence` does.
What they do not do: know what a sentence means, nor whether a private name was well chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from transforms.commit.evidence import telling, words
from transforms.commit.message import Request
from transforms.untold import untold_atoms, untold_modules, untold_texts, without_texts, worded

THIN = "the message is too short to tell the change"
ELSEWHERE = "what changes is in none of the words of the message"
FIELD = "a field or a key is new that nothing tells"
MODULE = "a module is new that nothing tells"
AWAY = "most of the message is not about what changed"
LITERAL = "a string is new that nothing tells"
NUMBER = "a number is new that nothing tells"
REWORDED = "it words a text anew that people read"
TEXT = "a text is new that nobody asked for"
LOGS = "it logs what nobody asked to be logged"
MARKUP = "markup is new that nothing tells"
UNCOMMENTS = "it makes code of comments"
UNFINISHED = "it leaves work for later"
MISQUOTED = "the message names what stands nowhere"
REMOVES = "it removes a function of which the message does not speak"
DOCUMENTS = "it documents more than it was asked to"
LOSES = "it takes away a call or an atom of which the message does not speak"
RENAMES = "a new name that the message does not tell"
OPEN = "the message leaves open what becomes of it"
OTHER_WAY = "the message says that something comes where it goes, or the other way round"
BESIDES = "the message tells of things done besides"
LONG = "it is long, and no test says what is expected"

LONGEST = 10
"""Lines of code that may be new where a body explains them and no test does."""
LEAST_WORDS = 3
"""A subject with fewer words that tell something needs a name in code, a body or a test."""
LEAST_SHARE = 0.5
"""Of the words that carry the meaning of a subject that stands alone, so many have to stand in what
changed."""
EXPLAINED = 10
"""Words from which a body, or a subject, explains something."""
MARKUP_WORDS = 2
"""Words of markup that may be new."""
DOCUMENTATION = 2
"""Lines of documentation that may be new where no function is."""

_IN_CODE = re.compile(
    r"`|\w_\w|[a-z][A-Z]|\w\.\w|\w/\d|(?<!\w):[a-z]|\w[?!](?=\W)|--\w|\d|[\"']\w+[\"']"
)
_TOKEN = re.compile(r"[A-Za-z_@]\w*[?!]?|\d+|\$.")
_DIGITS = re.compile(r"\d+")
_FIELD = re.compile(
    r"(?<=[a-z0-9_\])])\.([a-z_]\w+)(?![\w(?!])|(?<=[\w\])])\[:(\w+)\]|(?<=[\w\])])\[\"([^\"]+)\"\]"
)
_LITERAL = re.compile(r'(?<![\\$?~\w"])"((?:\\.|[^"\\\s#]){2,})"(?!")')
_NUMBER = re.compile(r"(?<![\w.&/?$@-])(?!10+\b)(?:[3-9]|\d[\d_]+)(?:\.\d+)?\b(?!\.\w)")
_ERRORS = re.compile(
    r"\b(?:rais|error|warn|log|messag|exception|inform|print|notif|report|explain|hint|describ)\w*",
    re.IGNORECASE,
)
_LOGGING = re.compile(r"\b(?:log|warn|debug|trac|report|error)", re.IGNORECASE)
_LOGGED = re.compile(r"\b(?:Logger\.[a-z]+\(|logger:[a-z]+\(|\?LOG_[A-Z]+\(|lager:[a-z]+\()")
_COMMENT = re.compile(r"(?:#|%+)\s*(\S.*)")
_LATER = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|WIP)\b|(?i:@todo\b|%%? ?todo\b)")
_QUOTED = re.compile(r"[\"“']([A-Za-z][\w-]{2,})[\"”'](?!\w)")
_PREDICATE = re.compile(r"(?<![\w.])([a-z]\w*_\w*[?!])(?=[\W]|$)")
_NOT_USING = re.compile(
    r"\b(?:instead of|without|not|stop|avoid|longer|from) us(?:e|ing)\b.*", re.I
)
_USING = re.compile(
    r"\b[Uu]s(?:e|ing) (?:the |a )?`?(?:[A-Z]\w*\.)*"
    r"((?<=\.)[a-z]\w*[?!]?|[a-z]+_\w+[?!]?)(?![\w.-])"
)
"""What is used, by the last part of its name."""
_DEFINED = re.compile(
    r"^[ \t]*def(?:macro|guard|delegate)?p? ([a-z_]\w*[?!]?)|^([a-z]\w*)\(", re.MULTILINE
)
_PUBLIC = re.compile(r"^[ \t]*def(?:macro|guard|delegate)? ([a-z_]\w*[?!]?)", re.MULTILINE)
_NO_DOCUMENTATION = re.compile(
    r"\s*(?:[#%]|@(?:spec|type|typep|opaque|callback|macrocallback|impl|deprecated)\b|-\w|$)"
)
_TYPE = re.compile(r"@(?:spec|type|callback)\b|\bt\(\)|\| [A-Z]")
_SNAKE = re.compile(r"(?<![#{\w])[a-z]+(?:_[a-z0-9]+)+(?![\w}(])")
_CALL = re.compile(r"(?<![\w.:])(?:[A-Z]\w*\.)*(?:[a-z]\w*:)?[a-z_]\w*[?!]?(?=\()")
_OPEN = frozenset({"enhance", "expand", "expect", "extend", "handle", "restore"})
"""Verbs that say that something is to become otherwise, and not how."""
_ADDING = frozenset({"add", "create", "define", "implement", "introduce", "provide"})
_CONFIGURED = re.compile(
    r"\b(?:configur|customi[sz]|overrid|parametri[sz])(?:e|ed|ing|able|ation)\b", re.IGNORECASE
)
_NEW_NAME = re.compile(r" (?:to|as|into|in favou?r of) [`'\":@]?(\w*_\w+[?!]?|(?<=`)\w+)")
_UNUSED = re.compile(
    r"\b(?:unused|unnecessary|unneeded|redundant|obsolete|dead|useless|stale|old)\b", re.IGNORECASE
)
_CALLBACK = re.compile(r"@impl\b|-behaviou?r\b")
_SOME_BUG = re.compile(
    r"^(?:\S+: )?(?:fix|resolve|correct|repair) (?:an? |the |some |small |minor )*"
    r"(?:bug|issue|problem|error)s? (?:in|with|on|for|of)\b|\bfriendl(?:y|ier)\b",
    re.IGNORECASE,
)
_AWAY_WORDS = re.compile(
    r"\b(?:remov|drop|delet|avoid|stop|no longer|un\w+|redundan|duplicat|do(?:es)?n['’]t|not?\b|"
    r"prun|clean|disabl|skip|without|instead|deprecat|obsolet|extract|mov(?:e|ing)|never|only|rid\b|"
    r"allow|simplif|disallow|kill|cut|eliminat|strip|omit|exclud|prevent|hide|forbid|discard)",
    re.IGNORECASE,
)
_TEXT_KEY = re.compile(r'"(\w+)"(?= ?=>|: )')
_REMOVING = frozenset({"remove", "drop", "delete", "eliminate", "prune"})
_TAKING = _REMOVING | {"avoid", "disable", "do", "prevent", "replace", "stop", "switch"}
_BESIDES = re.compile(
    r"\b(?:amend(?:ed|s)?|white ?space (?:chang|fix|clean)\w*|drive-by|"
    r"while (?:here|at it|I'm|we)|along the way|cleanups?|"
    r"clean(?:ed|s)? up|(?:minor|small|misc\w*|various|other|some) (?:\w+ )?(?:fix(?:es)?|changes?|"
    r"tweaks?|improvements?|refactor\w*|renam\w*)|unrelated|in passing|stuff|etc|and more)\b",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"~[HLE](?:\"|'|\{|\[)")
_TAG = re.compile(r"</?[.:a-zA-Z]|\bclass=|phx-")
_HTML_WORDS = "div span class href link button form input label table tbody thead section type text"
_HTML = frozenset(_HTML_WORDS.split())


@dataclass(frozen=True, slots=True)
class Change:
    """What a row is made of, as text: `added` and `removed` are whole lines, `plain` and `gone` the
    same without documentation and comments, `before` and `after` what is shown of both sides,
    `names` the functions that hold the lines, and `remarks` what went and came where nothing but
    documentation and comments changed."""

    asked: Request
    tests: str
    request: str
    added: str
    removed: str
    plain: str
    gone: str
    before: str
    after: str
    names: str
    remarks: tuple[tuple[str, str], ...]
    language: str

    @property
    def explained(self) -> bool:
        return len(self.asked.body.split()) >= EXPLAINED


def uncovered(change: Change) -> str:
    """Why a request does not cover its change; "" when it does."""
    for reason, check in _CHECKS:
        if check(change):
            return reason
    return ""


def _is_thin(change: Change) -> bool:
    if change.tests or change.explained:
        return False
    subject = change.asked.subject
    said = telling(subject.partition(" ")[2])
    return len(said) < LEAST_WORDS and not _IN_CODE.search(subject.removesuffix("."))


def _speaks_of_what_stays(change: Change) -> bool:
    """What changes are the tokens that only one side has: a word that stands on a changed line on
    both sides tells the place, and not the change."""
    if change.tests:
        return False
    before, after = (Counter(_TOKEN.findall(code)) for code in (change.gone, change.plain))
    differs = " ".join([*(before - after), *(after - before)])
    if set(_DIGITS.findall(differs)) & set(_DIGITS.findall(change.asked.text)):
        return False
    found = words(differs)
    return bool(found) and not telling(change.asked.text) & found


def _is_away(change: Change) -> bool:
    if change.tests or change.explained:
        return False
    said = telling(change.asked.subject.partition(" ")[2])
    changed = words(f"{change.added}\n{change.removed}\n{change.names}")
    return len(telling(change.asked.subject) & changed) < LEAST_SHARE * len(said)


def _untold_field(change: Change) -> bool:
    if change.language == "erlang":
        return False
    found = _FIELD.findall(without_texts(change.plain))
    found += [("", "", key) for *_, key in _FIELD.findall(change.plain) if key]
    return any(not _stands(name, change.request) for names in found for name in names if name)


def _untold_module(change: Change) -> bool:
    return change.language != "erlang" and bool(
        untold_modules(f"{change.plain}\n{_types(change.added)}", change.request)
    )


def _untold_literal(change: Change) -> bool:
    literals = [text for text in _LITERAL.findall(change.plain) if re.search(r"[A-Za-z]", text)]
    named = [name for text in worded(change.plain) for name in _SNAKE.findall(text)]
    return any(not _stands(text, change.request) for text in [*literals, *named])


def _untold_number(change: Change) -> bool:
    return any(
        not re.search(rf"(?<![\w.]){re.escape(number)}(?![\w])", change.request)
        for number in _NUMBER.findall(without_texts(change.plain))
    )


def _rewords(change: Change) -> bool:
    gone = [text for text in worded(change.gone) if text not in change.after]
    return bool(gone) and bool(untold_texts(change.plain, change.request))


def _untold_text(change: Change) -> bool:
    if _ERRORS.search(change.asked.text):
        return False
    return bool(untold_texts(change.plain, change.request))


def _untold_markup(change: Change) -> bool:
    if not (_TEMPLATE.search(change.after) and _TAG.search(change.plain)):
        return False
    fresh = words(change.plain) - words(change.request) - _HTML
    return len([word for word in fresh if len(word) > 2]) > MARKUP_WORDS


def _uncomments(change: Change) -> bool:
    made = {line.strip() for line in change.plain.split("\n")}
    gone = [_COMMENT.match(line.strip()) for line in change.removed.split("\n")]
    return any(line and line[1] in made and re.search(r"\W", line[1]) for line in gone)


def _is_unfinished(change: Change) -> bool:
    return len(_LATER.findall(change.added)) > len(_LATER.findall(change.removed))


def _misquotes(change: Change) -> bool:
    known = f"{change.before}\n{change.after}\n{change.tests}".lower()
    if any(name.lower() not in known for name in _QUOTED.findall(change.asked.subject)):
        return True
    named = f"{known}\n{change.names.lower()}"
    if any(not _stands(name.lower(), named) for name in _PREDICATE.findall(change.asked.subject)):
        return True
    subject = _NOT_USING.sub("", change.asked.subject)
    return any(not _stands(name, change.after) for name in _USING.findall(subject))


def _removes(change: Change) -> bool:
    gone = frozenset(_PUBLIC.findall(change.gone)) - _defined(change.after)
    told = telling(change.asked.text)
    return any(not words(name) & told for name in gone)


def _loses(change: Change) -> bool:
    """Whether a call, an atom or a key is gone from what is shown, and the message does not speak
    of it."""
    if change.tests or change.asked.verb in _TAKING:
        return False
    told = words(change.asked.text)
    gone = without_texts(change.gone)
    calls = [name for name in _CALL.findall(gone) if f"{name}(" not in change.after]
    atoms = untold_atoms(change.gone, change.after, change.language)
    keys = [key for key in _TEXT_KEY.findall(change.gone) if f'"{key}"' not in change.after]
    return any(not words(name) & told for name in [*calls, *atoms, *keys])


def _renames(change: Change) -> bool:
    """Whether it is to give a name, and does not say which."""
    fresh = _defined(change.plain) - _defined(change.before)
    return change.asked.verb == "rename" and any(not _stands(n, change.request) for n in fresh)


def _is_open(change: Change) -> bool:
    if change.explained:
        return False
    if _SOME_BUG.search(change.asked.subject):
        return True
    if change.tests:
        return False
    if change.asked.verb in _OPEN or _CONFIGURED.search(change.asked.subject):
        return True
    if change.asked.verb in _REMOVING and _UNUSED.search(change.asked.subject):
        return not _IN_CODE.search(change.asked.subject.removesuffix("."))
    if change.asked.verb not in _ADDING or len(change.asked.subject.split()) >= EXPLAINED:
        return False
    fresh = frozenset(_PUBLIC.findall(change.plain)) - _defined(change.before)
    return bool(fresh) and not _CALLBACK.search(change.added)


def _goes_the_other_way(change: Change) -> bool:
    """Whether code is only taken away where the message speaks of no such thing, or a function is
    added, or nothing taken away, where it does; or the name that shall be new is the one that
    goes."""
    said = change.asked.text
    if change.asked.verb == "rename" and (found := _NEW_NAME.search(change.asked.subject)):
        return _stands(found[1], change.before) and not _stands(found[1], change.after)
    if not change.plain.strip():
        return not _AWAY_WORDS.search(said)
    if change.asked.verb not in _REMOVING:
        return False
    return not change.gone.strip() or bool(_defined(change.plain) - _defined(change.before))


def _does_more(change: Change) -> bool:
    return bool(_BESIDES.search(change.asked.text))


def _logs(change: Change) -> bool:
    if _LOGGING.search(change.asked.text):
        return False
    return len(_LOGGED.findall(change.plain)) > len(_LOGGED.findall(change.gone))


def _is_long(change: Change) -> bool:
    if change.tests:
        return False
    known = {line.strip() for line in change.gone.split("\n")}
    lines = {line.strip() for line in change.plain.split("\n")}
    fresh = [line for line in lines - known if len(line) > 3]
    return len(fresh) > (LONGEST if change.explained else LONGEST // 2 + 2)


def _documents(change: Change) -> bool:
    added = _documentation(change.added, change.plain)
    removed = _documentation(change.removed, change.gone)
    if any(gone and words(new) - words(f"{change.request} {gone}") for gone, new in change.remarks):
        return True
    if removed and words(" ".join(added)) - words(f"{change.request} {' '.join(removed)}"):
        return True
    if frozenset(_PUBLIC.findall(change.plain)) - _defined(change.before):
        return False
    return len(added) - len(removed) > DOCUMENTATION


def _defined(code: str) -> frozenset[str]:
    return frozenset(name for pair in _DEFINED.findall(code) for name in pair if name)


def _documentation(lines: str, code: str) -> list[str]:
    """Those of the lines that are neither code nor comments nor types."""
    prose = Counter(lines.split("\n")) - Counter(code.split("\n"))
    return [line for line in prose.elements() if not _NO_DOCUMENTATION.match(line)]


def _types(lines: str) -> str:
    return "\n".join(line for line in lines.split("\n") if _TYPE.search(line))


def _stands(text: str, request: str) -> bool:
    return bool(re.search(rf"(?<![\w/]){re.escape(text)}(?![\w/?!])", request))


_CHECKS = (
    (UNFINISHED, _is_unfinished),
    (UNCOMMENTS, _uncomments),
    (MISQUOTED, _misquotes),
    (BESIDES, _does_more),
    (OPEN, _is_open),
    (RENAMES, _renames),
    (DOCUMENTS, _documents),
    (LITERAL, _untold_literal),
    (NUMBER, _untold_number),
    (MARKUP, _untold_markup),
    (REWORDED, _rewords),
    (TEXT, _untold_text),
    (LOGS, _logs),
    (FIELD, _untold_field),
    (MODULE, _untold_module),
    (OTHER_WAY, _goes_the_other_way),
    (REMOVES, _removes),
    (LOSES, _loses),
    (LONG, _is_long),
    (THIN, _is_thin),
    (ELSEWHERE, _speaks_of_what_stays),
    (AWAY, _is_away),
)
"""Those that say most of what is wrong come first: a row that is left out tells one reason."""
