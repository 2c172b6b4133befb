"""Doctests as text: parting a doc into prose and `iex>` blocks, and telling which values a reader
can derive.

A value cannot be derived when it, or what is evaluated, depends on the run: processes, references,
functions and other values that only print as `#Name<…>`, random numbers, the clock, the machine.
Reading is by spelling; what this does not do: evaluate anything.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from factory.syntax import Doctest
from transforms.untold import untold_texts

_PROMPT = re.compile(r"[ \t]*iex(?:\(\d+\))?>")
_PROMPTS = re.compile(r"^[ \t]*(?:iex|\.\.\.)(?:\(\d+\))?>", re.MULTILINE)
_NUMBERED = re.compile(r"^([ \t]*)(iex|\.\.\.)\(\d+\)>", re.MULTILINE)
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_EMPTY_FENCE = re.compile(r"^[ \t]*```[\w-]*\n\s*```[ \t]*$\n?", re.MULTILINE)
_BLANKS = re.compile(r"\n(?:[ \t]*\n){2,}")
_HEADING = re.compile(r"(#{1,6})[ \t]")
_EXAMPLES = re.compile(r"#{1,6}[ \t]+Examples?[ \t]*$")
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z`])")
_OPEN = re.compile(r"^To |\b(?:do|does|use|as|like|be|write|with|to|are|is|follows|so|say):$")
_LEAD_IN = re.compile(r"\b(?:examples?|following|below|above|instance)\b", re.IGNORECASE)

_OPAQUE = re.compile(r"#[A-Z][\w.]*<|#PID|#Ref|\.\.\.|__MODULE__|\banonymous fn/\d+ in ")
_RUN = re.compile(
    r"""
    :rand\.|:random\.|:crypto\.strong_rand|\.(?:random|shuffle|take_random)\b
  | \b(?:utc_now|local_now|utc_today|now!?|monotonic_time|system_time|os_time|time_offset)\(
  | :(?:os|init|inet|file|filename|net_kernel|application|code|persistent_term|timer|calendar)\.
  | :erlang\.(?:now|unique_integer|timestamp|node|self|system_info|memory|date|time|localtime)
  | \b(?:System|File|Node|Port|IO\.ANSI|Application|Code|Mix\.env|Mix\.Project|IEx)\.
  | \bPath\.(?:expand|absname|wildcard|relative_to_cwd|safe_relative)
  | \bProcess\.(?:list|info|whereis|registered|get_keys)|\bmake_ref\(|\bnode\(\)
  | \b__(?:ENV|DIR|STACKTRACE|CALLER)__|\bTask\.|\bRegistry\.|\bDateTime\.now
  | generate_key|uuid|random|nonce
  | :sys\.|\bHolocene\b|\bregex_version|\bversion\(\)|\binspect\(self|:ets\.new|\bunique_integer
    """,
    re.VERBOSE,
)
_TEXT = re.compile(
    r'"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|~[a-zA-Z]+(?:\([^)\n]*\)|/[^/\n]*/|\[[^\]\n]*\]|\{[^}\n]*\})'
)
_WORD = re.compile(r"[a-z_]\w*[?!]?")
_BINDING = re.compile(r"^(.*?)(?<![=!<>~|])=(?![=~>])", re.MULTILINE)
_EFFECT = re.compile(
    r"^(?:import|require|alias|use|send|def\w*)\b|\b(?:Agent|Process|GenServer|StringIO|Module)\."
)
_RUNTIME = re.compile(
    r"\*\* \((?:FunctionClause|Arithmetic|Key|Match|CaseClause|CondClause|BadMap|BadArity|"
    r"UndefinedFunction|Protocol\.Undefined)Error\)"
)
_WORDS = re.compile(r"[A-Za-z]\w*|\d[\w.]*")
_BARE = frozenset(["true", "false", "nil", "ok", "error"])
_SPACE = re.compile(r"\s+")


class Parted(NamedTuple):
    """A doc's prose, and its doctests: blocks as they stand in it, with their indentation off."""

    prose: str
    blocks: tuple[str, ...]


def part(doc: str) -> Parted:
    """Takes the doctests out of a documentation text, and the headings and lead-ins that are left
    with nothing to introduce."""
    prose: list[str] = []
    blocks: list[list[str]] = []
    margin: str | None = None
    for line in doc.split("\n"):
        if margin is None and _PROMPT.match(line):
            margin = line[: len(line) - len(line.lstrip())]
            blocks.append([])
            _drop_lead_in(prose, margin)
        elif margin is not None and (not line.strip() or _FENCE.match(line)):
            margin = None
        if margin is None:
            prose.append(line)
        else:
            blocks[-1].append(line.removeprefix(margin).rstrip())
    text = _EMPTY_FENCE.sub("", "\n".join(prose))
    text = "\n".join(_without_empty_sections(_without_example_headings(text.split("\n"))))
    texts = tuple(_NUMBERED.sub(r"\1\2>", "\n".join(block)) for block in blocks)
    return Parted(_BLANKS.sub("\n\n", text).strip(), texts)


def _drop_lead_in(prose: list[str], margin: str) -> None:
    """Comments that stand on top of an example go with it, and so does a short last paragraph that
    ends in a colon and speaks of an example, and a sentence that says nothing without it; other
    paragraphs end in a full stop instead."""
    while margin and prose and prose[-1].startswith(margin + "#"):
        prose.pop()
    end = len(prose)
    if end and _FENCE.match(prose[-1]):
        end -= 1
    while end and not prose[end - 1].strip():
        end -= 1
    start = end
    while start and prose[start - 1].strip() and not _HEADING.match(prose[start - 1]):
        start -= 1
    paragraph = " ".join(prose[start:end])
    if not paragraph.endswith(":"):
        return
    if len(paragraph) < 80 and _LEAD_IN.search(paragraph):
        del prose[start:end]
        return
    sentences = _SENTENCE.split(paragraph)
    if not _OPEN.search(sentences[-1]):
        prose[end - 1] = prose[end - 1].rstrip()[:-1] + "."
    else:
        prose[start:end] = [" ".join(sentences[:-1])] if sentences[1:] else []


def _without_example_headings(lines: list[str]) -> list[str]:
    """A heading "Examples" goes when no code is left below it."""
    kept: list[str] = []
    code = False
    for line in reversed(lines):
        if _EXAMPLES.match(line) and not code:
            continue
        code = not _HEADING.match(line) and (
            code or line.startswith("    ") or bool(_FENCE.match(line))
        )
        kept.append(line)
    kept.reverse()
    return kept


def _without_empty_sections(lines: list[str]) -> list[str]:
    """Headings that nothing follows, or only a heading of their level or a higher one, go."""
    kept: list[str] = []
    follows: int | None = 0  # the level of the heading that comes next; None when text does
    for line in reversed(lines):
        heading = _HEADING.match(line)
        if heading:
            level = len(heading.group(1))
            if follows is not None and follows <= level:
                continue
            follows = level
        elif line.strip():
            follows = None
        kept.append(line)
    kept.reverse()
    return kept


class Tried(NamedTuple):
    """A block of examples: its text, its expressions in order (those without a value among them),
    the values, and whether it only shows errors. `apart`: every expression has its value."""

    text: str
    expressions: tuple[str, ...]
    values: tuple[str, ...]
    raises: bool
    apart: bool


def tried(block: str) -> Tried:
    """A block taken apart as ExUnit reads it: prompts without a value between them are one
    expression."""
    expressions: list[list[str]] = []
    values: list[list[str]] = []
    apart = True
    value = True
    for line in block.split("\n"):
        prompt = _PROMPTS.match(line)
        if prompt and line.lstrip().startswith("iex"):
            if not value and expressions:
                apart = False
            expressions.append([line[prompt.end() :].removeprefix(" ")])
            value = False
        elif prompt and expressions:
            expressions[-1].append(line[prompt.end() :].removeprefix(" "))
        elif expressions:
            if not value:
                values.append([])
            values[-1].append(line)
            value = True
    said = tuple("\n".join(lines) for lines in values)
    return Tried(
        block,
        tuple("\n".join(lines) for lines in expressions),
        said,
        bool(said) and all(text.startswith("** (") for text in said),
        apart and value,
    )


def foretold(block: Tried, shown: str) -> bool:
    """Whether who sees `shown`, but not all of the code behind it, can know a block's values: every
    number, short name and word said twice stands in the examples' expressions, every other word
    there or in `shown`, and there are some; errors are those of the runtime, or their texts are
    shown."""
    tried_with = " ".join(block.expressions)
    given = frozenset(_WORDS.findall(tried_with)) | _BARE
    told = given | frozenset(w for w in _WORDS.findall(shown) if len(w) > 2 and w[0].isalpha())
    for value in block.values:
        if value.startswith("** ("):
            seen = f"{shown}\n{tried_with}"
            if not _RUNTIME.match(value) and untold_texts(f'"{value.replace(chr(34), " ")}"', seen):
                return False
            continue
        words = Counter(_WORDS.findall(value))
        if not words.keys() - _BARE or not words.keys() <= told:
            return False
        if any(number > 1 for word, number in words.items() if word not in given):
            return False
    return True


def derivable(expression: str, expected: str) -> bool:
    """Whether a reader can know the value: nothing in it depends on the run. Both may be whole
    blocks with their prompts."""
    value = _TEXT.sub('""', _PROMPTS.sub("", expected))
    return not _OPAQUE.search(value) and not _RUN.search(_TEXT.sub('""', expression))


def foreseeable(test: Doctest, shown: str) -> bool:
    """Whether a reader can know what is raised: an error of the runtime, whose text follows from
    the arguments, or one whose text the shown code holds."""
    if not test.raises or _RUNTIME.match(test.expected):
        return True
    return not untold_texts(f'"{test.expected.replace(chr(34), " ")}"', shown)


def telling(test: Doctest) -> bool:
    """Whether the value says more than the expression does: `iex> x = 1` gives `1` does not."""
    last = _SPACE.sub("", test.expression.rsplit("\n", 1)[-1])
    value = _SPACE.sub("", test.expected)
    whole = _SPACE.sub("", test.expression)
    return bool(value) and value not in (last, whole) and not whole.endswith("=" + value)


def needed(test: Doctest) -> str:
    """The expression after those of its group that it can depend on: what binds a name that is
    used later, brings a module in, or works on a process."""
    kept = [test.expression]
    words = set(_WORD.findall(test.expression))
    for earlier in reversed(test.earlier):
        bound = [left for left in _BINDING.findall(earlier) if words & set(_WORD.findall(left))]
        if bound or _EFFECT.search(earlier):
            kept.append(earlier)
            words.update(_WORD.findall(earlier))
    return "\n".join(reversed(kept))


def outside_texts(code: str) -> str:
    """The code with its strings and simple sigils emptied."""
    return _TEXT.sub('""', code)
