"""Which concepts a section of a book introduces, and which it uses.

Concepts are data, `data/concepts.yaml`, to be edited: each has the names it goes by in prose and
the words of code that show it at work (`factory.syntax.vocabulary`). A section *introduces* a
concept that no section before it did and that its heading names or its prose defines ("streams are
lazy enumerables", "this is called *pattern matching*"). It *uses* those that its code shows, those
it speaks of again and again, and those that its topics are built on, without introducing them.

What this is not: reading. A concept explained under a fanciful heading and without any of its
names is not seen, and one that a definition-like sentence only mentions may be seen too much. How
often is in `docs/books.md`.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

from ruamel.yaml import YAML

from factory.syntax.vocabulary import vocabulary

LEVELS = ("easy", "medium", "hard", "expert")
"""As `factory.passes.difficulty` has them, from the first steps on."""

MENTIONS = 2
"""How often prose must name a concept for the section to use it when no code shows it."""

_INLINE = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(
    r"!?\[([^\]\[]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)|<https?://[^>\s]*>|https?://\S+"
)
_NAME = re.compile(r"(?:[A-Z]\w*(?:\.[A-Z]\w*)*|:[a-z]\w*)(?:\.[a-z_]\w*[?!]?)?(?:/\d+)?")
_WORD = re.compile(r"@?[a-z_]\w*[?!]?(?:/\d+)?|~[a-zA-Z]|[^\w\s]{1,4}(?:/\d)?")
_COMMAND = re.compile(r"(?:mix|iex|elixir|elixirc)(?: .*)?")
_PROMPT = re.compile(r"[ \t]*(?:iex|\.\.\.)(?:\([^)]{0,60}\))?> ?(.*)")
_SHELL_PROMPT = re.compile(
    r"[ \t]*(?:\$|>|#|%)? *((?:[A-Z_]+=\S+ +)*)((?:mix|iex|elixir|elixirc)\b.*)"
)
_BEFORE = re.compile(
    r"(?:call(?:ed)?|known as|named|introduc\w+|concept of|idea of|notion of|refer\w* to as|term"
    r"|meet|what (?:is|are)|so-called)[ \"“*_]*(?:an?|the)?[ \"“*_]*$",
    re.IGNORECASE,
)
_START = re.compile(
    r"(?:^|[.!?:;]\s+|\n\s*\n\s*|^\s*[-*]\s+)"
    r"(?:(?:In Elixir|In Erlang|Elixir's|Elixir’s|[Aa]n?|[Tt]he|Our)[, ]+)*[\"“*_]*$"
)
_AFTER = re.compile(
    r"[\"”*_]*(?: (?:in Elixir|in Erlang|module|operator|construct|macro)s?)?,? "
    r"(?:(?:is|are) (?!not|only|also|still|now|usually|often|then|used to)"
    r"|allows? |lets? |gives? |provides? |enables? |represents? |consists? |means? |helps? )"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n[ \t]*\n\s*")
_LATER = re.compile(
    r"\b(?:will|['’]ll) (?:also )?"
    r"(?:explore|learn|discuss|revisit|see|cover|talk|look|explain|get to)\b"
    r"|\blater (?:chapter|section|on\b|in\b)"
    r"|\b(?:next|future|coming|upcoming|following) (?:chapter|section|guide)",
    re.IGNORECASE,
)
_NOW = re.compile(r"\bthis (?:chapter|section|guide|lesson|book)\b", re.IGNORECASE)
_EMPHASIS = re.compile(r"(\*\*|__|\*|_)$")
_FIRST = re.compile(r"(?<![\w@:.`/-])[^\W\d]\w*")
"""A word that can begin a concept's name."""
_HEADING_TOKEN = re.compile(r"[\w@!?./:-]+")
_CONNECTORS = frozenset({"and", "or", "the", "a", "an", "vs", "versus", "with", "in", "elixir"})


class Found(NamedTuple):
    """Names of concepts, in the order in which they are usually learnt."""

    introduces: tuple[str, ...]
    uses: tuple[str, ...]


@dataclass(frozen=True)
class Concept:
    """An entry of `data/concepts.yaml`, which says what the fields mean."""

    name: str
    level: str
    needs: tuple[str, ...] = ()
    prose: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


def concepts_of(
    heading: str, prose: str, blocks: Sequence[tuple[str, str]], known: Collection[str] = ()
) -> Found:
    """What a section introduces and uses.

    `heading` is its heading's text, `prose` its own Markdown without code blocks (inline code in
    backticks as it stands) and without that of sections below it, `blocks` its code blocks as
    (language, code), the language as its fence says it. `known` are the concepts that sections
    before it introduced, in this book or in those read before it: they are used here at most.
    """
    listed = concepts()
    plain, inline = _parted(_of_now(prose))
    mentions = list(listed.mentions(plain))
    named = Counter(concept for concept, _, _ in mentions)
    spoken = listed.strong(inline)
    shown = _shown(blocks)
    at_work = listed.strong(shown)
    quiet = {concept for concept in listed.quiet(shown) if concept in named}
    often = {concept for concept, count in named.items() if count >= MENTIONS}
    plainly = at_work | quiet | often
    topics = listed.of_heading(heading) - set(known)
    fresh = topics | (_defined(mentions, plain, plainly) - set(known))
    built_on = {need for topic in topics for need in listed.by_name[topic].needs}
    used = built_on | at_work | quiet | spoken | (often - listed.everywhere)
    return Found(listed.ordered(fresh), listed.ordered(used - fresh))


@functools.cache
def concepts() -> Concepts:
    """The list. Raises ValueError naming the entry that is not as it should be."""
    text = files("transforms").joinpath("data", "concepts.yaml").read_text(encoding="utf-8")
    return Concepts(read_concepts(text))


def read_concepts(text: str) -> tuple[Concept, ...]:
    """The entries of a concept list in YAML, checked."""
    found: dict[str, Concept] = {}
    for entry in YAML(typ="safe").load(text)["concepts"]:
        name = str(entry.get("name"))
        unknown = set(entry) - {"name", "level", "needs", "prose", "code", "weak"}
        if unknown or name in found or entry.get("level") not in LEVELS:
            what = (
                f"it has {', '.join(sorted(unknown))}" if unknown else "its level or name is wrong"
            )
            raise ValueError(f"concepts.yaml: {name}: {what}")
        lists = {key: tuple(map(str, value)) for key, value in entry.items() if key in _LISTS}
        found[name] = Concept(name, entry["level"], **lists)
    for concept in found.values():
        for need in concept.needs:
            if need not in found:
                raise ValueError(f"concepts.yaml: {concept.name} needs {need}, which is no concept")
    return tuple(found.values())


_LISTS = ("needs", "prose", "code", "weak")


class Concepts:
    """The list, made ready for looking up."""

    def __init__(self, entries: Sequence[Concept]) -> None:
        self.entries = entries
        self.by_name = {concept.name: concept for concept in entries}
        self.everywhere = {concept.name for concept in entries if concept.weak}
        self._rank = {concept.name: at for at, concept in enumerate(entries)}
        self._code = _index((word, c.name) for c in entries for word in c.code)
        self._weak = _index((word, c.name) for c in entries for word in c.weak)
        self._prose = {name: c.name for c in entries for name in c.prose}
        self._alone = {_singular(c.name): c.name for c in entries if " " not in c.name}
        self._named = _by_first_word(self._prose)
        self._forms = {form.lower(): concept for form, concept in self._prose.items()}

    def ordered(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(names, key=self._rank.__getitem__))

    def mentions(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Every concept named in `text`, with the place."""
        end = 0
        for word in _FIRST.finditer(text):
            if word.start() < end:
                continue
            first = word[0].lower()
            for key in dict.fromkeys((first, _singular(first))):
                match = self._named[key].match(text, word.start()) if key in self._named else None
                if match is None:
                    continue
                form = re.sub(r"\s+", " ", match[0]).lower()
                concept = self._forms.get(form) or self._forms.get(_singular(form))
                if concept:
                    end = match.end()
                    yield concept, match.start(), end
                    break

    def strong(self, words: Iterable[str]) -> set[str]:
        """The concepts that one of these words of code shows."""
        return {concept for word in words for concept in self._code.get(word, ())}

    def quiet(self, words: Iterable[str]) -> set[str]:
        """The concepts that are at work, but in nearly all code."""
        return {concept for word in words for concept in self._weak.get(word, ())}

    def of_heading(self, heading: str) -> set[str]:
        """The concepts that a heading names: by a name, as code, or as nothing but such words
        (`case, cond, and if`)."""
        plain, inline = _parted(heading)
        found = self.strong(inline)
        rest = plain
        for concept, start, end in self.mentions(plain):
            rest = rest[:start] + " " * (end - start) + rest[end:]
            if not plain[:start].endswith("` "):  # in "The `IO` module" it is no module's nature
                found.add(concept)
        if inline:
            return found
        words = [w for w in _HEADING_TOKEN.findall(rest) if w.lower() not in _CONNECTORS]
        each = [self._bare(word.strip(".:?!")) for word in words]
        return found.union(*each) if all(each) else found

    def _bare(self, word: str) -> set[str]:
        alone = self._alone.get(_singular(word))
        if alone:
            return {alone}
        code = word.partition("/")[0]
        return self.strong({code}) or self.strong({_singular(code)})


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word, concept in pairs:
        found[word] = (*found.get(word, ()), concept)
    return found


def _by_first_word(names: Iterable[str]) -> dict[str, re.Pattern[str]]:
    """For the first word of names, in lower case, a pattern of all that begin with it, the longest
    first: trying hundreds of names at every word would take ten times as long."""
    forms: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        first = _FIRST.match(name)
        if first is None:
            raise ValueError(f"concepts.yaml: the name {name!r} does not begin with a word")
        forms.setdefault(first[0].lower(), []).append(_pattern(name))
    return {first: re.compile(rf"(?:{'|'.join(each)})(?![\w`-])") for first, each in forms.items()}


def _pattern(name: str) -> str:
    """How a name is found in prose: blank space of any kind between words, an ending `s`, and any
    case of the letters when it has no capital."""
    body = r"\s+".join(map(re.escape, name.split()))
    ending = "" if name.endswith("s") else "(?:s|es)?"
    return f"(?i:{body}{ending})" if name == name.lower() else f"{body}{ending}"


def _singular(word: str) -> str:
    word = word.lower()
    if word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _parted(prose: str) -> tuple[str, set[str]]:
    """Prose without what stands in backticks and without addresses, and the words of that code."""
    words: set[str] = set()

    def take(match: re.Match[str]) -> str:
        words.update(_inline_words(match[2].strip()))
        return "`" + " " * (len(match[0]) - 2) + "`"

    plain = _INLINE.sub(take, prose)
    return _LINK.sub(lambda match: match[1] or " ", plain), words


def _of_now(prose: str) -> str:
    """Prose without the sentences that speak of what is still to come."""
    sentences = _SENTENCE.split(prose)
    kept = [s for s in sentences if not _LATER.search(s) or _NOW.search(s)]
    return prose if len(kept) == len(sentences) else "\n\n".join(kept)


def _inline_words(code: str) -> frozenset[str]:
    if _COMMAND.fullmatch(code):
        return frozenset(_command(code))
    if _NAME.fullmatch(code):
        name = code.rpartition("/")[0] or code
        module, dot, function = name.rpartition(".")
        return frozenset({name, module} if dot and function[:1].islower() else {name})
    if _WORD.fullmatch(code):
        return frozenset({code.rpartition("/")[0] or code})
    return vocabulary(code, "elixir")


def _shown(blocks: Sequence[tuple[str, str]]) -> set[str]:
    """The words of all blocks' code."""
    words: set[str] = set()
    for language, code in blocks:
        words |= _block(language.lower(), code)
    return words


def _block(language: str, code: str) -> frozenset[str]:
    lines = code.splitlines()
    prompts = [match[1] for line in lines if (match := _PROMPT.match(line))]
    if prompts:
        return vocabulary("\n".join(prompts), "elixir")
    if language in ("elixir", "ex", "exs", "iex"):
        return vocabulary(code, "elixir")
    if language in ("erlang", "erl"):
        return vocabulary(code, "erlang")
    if language in ("shell", "console", "bash", "sh", "zsh", "output", "text", ""):
        found: set[str] = set()
        for line in lines:
            command = _SHELL_PROMPT.match(line)
            if command:
                found |= {f"$ {setting.partition('=')[0]}" for setting in command[1].split()}
                found |= _command(command[2])
        return frozenset(found)
    return frozenset()


def _command(line: str) -> set[str]:
    """`mix test --only slow` says `$ mix`, `$ mix test` and `$ mix test --only`."""
    words = line.split()
    head = [word for word in words[:2] if not word.startswith("-")]
    found = {"$ " + " ".join(head[:count]) for count in range(1, len(head) + 1)}
    flags = [word.partition("=")[0] for word in words if word.startswith("--")]
    program = " ".join(head) if head[:1] == ["mix"] else words[0]
    return found | {f"$ {program} {flag}" for flag in flags}


def _defined(
    mentions: Sequence[tuple[str, int, int]], plain: str, plainly: Collection[str]
) -> set[str]:
    """The concepts that prose seems to define where it names them; one that is only emphasised
    must also be among those that the section is `plainly` about."""
    found: set[str] = set()
    for concept, start, end in mentions:
        before, after = plain[max(0, start - 60) : start], plain[end : end + 60]
        mark = _EMPHASIS.search(before)
        if (
            (mark and after.startswith(mark[1]) and concept in plainly)
            or _BEFORE.search(before)
            or (_START.search(before) and _AFTER.match(after))
        ):
            found.add(concept)
    return found


def usual_order() -> tuple[str, ...]:
    """The names of all concepts in the order in which they are usually learnt."""
    return tuple(concept.name for concept in concepts().entries)
