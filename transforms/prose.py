"""Documentation as prose: what can be asked for or answered with, and what says too little.

Reads Markdown by lines, as documentation is written, and holds no full Markdown parser: a heading
is a line that begins with `#`, a code block is fenced or indented by four columns.
"""

from __future__ import annotations

import re
import textwrap

TOO_SHORT = "documentation says too little"
UNFINISHED = "documentation is a note to do"
ELSEWHERE = "documentation speaks of what the code does not show"

_MARKS = ("TODO", "FIXME", "XXX", "TBD", "WIP", "oming soon")
_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|TBD|WIP)\b|[Cc]oming soon")
_POINTER = re.compile(
    r"^(?:(?:please )?see|for|same as|equivalent to|alias (?:for|of)|(?:like|similar to) `|"
    r"default implementation|(?:the )?callback (?:implementation|for|applied by|invoked by)|"
    r"(?:the )?implementation (?:for|of) [`{]|"
    r"(?:a )?wrapp?(?:s|er) (?:for |around )?[`{]|"
    r"same semantics|@see|refer to|(?:called|invoked) (?:at|by|for|from|when)|"
    r"implements? (?:the )?callback)\b[^\n]{0,120}$",
    re.IGNORECASE,
)


def _word(literal: str) -> str:
    """A pattern for text that begins a word; the literal comes first, so that a search can skip."""
    return rf"{literal}(?<=\b{literal})"


def _placed(place: str, *words: str) -> str:
    """A pattern for one of `words` in front of `place`, found by its place."""
    before = "|".join(rf"(?<=\b{word} {place})" for word in words)
    return rf" {place}(?:{before})"


_TEXTS = ("section", "guide", "chapter", "module documentation", "moduledoc")
_TOLD = ("described", "mentioned", "discussed", "explained", "listed")
_ELSEWHERE: tuple[tuple[str, str], ...] = (
    ("http", r"https?://"),
    ("](", r"\]\((?!`)"),
    (
        "see ",
        _word("see ") + "(?:the )?(?:above|below|section|documentation|docs|module|guide|also)",
    ),
    *(
        (place, _placed(place, *_TEXTS, *_TOLD))
        for place in ("above", "below", "earlier", "previously", "in the")
    ),
    *((word, rf"{_word(word)} (?:elixir|erlang|otp|version|v?\d)") for word in ("as of", "since")),
    *(
        (word, rf"{_word(word)} v?\d")
        for word in ("elixir", "otp", "erlang", "phoenix", "rfc", "issue")
    ),
    ("issue #", r"issue #\d"),
    *(
        (f"{word} ", _word(f"{word} ") + "(?:(?:internally|mostly|mainly|only) )?(?:by|from) ")
        for word in ("used", "invoked", "called")
    ),
    ("testsuite", _word("testsuite")),
    ("inlined by", r"inlined by the compiler"),
    ("compatib", _word("backward") + "s?[ -]compatib"),
    ("check ", _word("check ") + r"(?:out )?the\b"),
    ("@", r"^\s*@[a-z]+ "),
    *(
        (word, re.escape(word))
        for word in ("deprecated", "in the past", "prior to", "![", "<img", "more information")
    ),
    *((word, re.escape(word)) for word in ("for more", "read more")),
    *(
        (word, re.escape(word))
        for word in ("experimental", "recommend", "discouraged", "typically")
    ),
    *((word, re.escape(word)) for word in ("for an example", "boot process", "public api")),
    *((word, re.escape(word)) for word in ("mix help", "used to install", "historical")),
    *(
        (word, re.escape(word))
        for word in ("readme", "<a href", "same semantics", "helper function for")
    ),
    *((word, _word(word)) for word in ("like below", "like above", "intended only", "useless")),
    ("rfc", _word("rfc") + r"[ -]?\d"),
    *((word, re.escape(word)) for word in ("only to be used", "not optimized", "only used ")),
    ("we ", _word("we ") + r"(?:do|don't|are|need|can|have|only|also|will|use|want|should|must)\b"),
    *((word, _word(word)) for word in ("currently", "itself uses", "at the moment", "for now")),
    *((word, re.escape(word)) for word in ("same options as", "options as ", "the table ")),
    ("section", r'"[^"\n]+" section'),
    *(
        (word, _word(word))
        for word in ("made public", "meant to be used", "do not depend", "do not rely")
    ),
    *((word, _word(word)) for word in ("expensive", "performan", "faster", "slower", "efficien")),
    *(
        (word, _word(word))
        for word in (
            "used primarily",
            "used in templates",
            "callbacks below",
            "example, see",
            "interface is a member of",
        )
    ),
    ("testing purposes", _word("testing purposes")),
    *(
        (word, _word(word))
        for word in ("shouldn't need", "inspired", "eventually", "older version")
    ),
    *((word, re.escape(word)) for word in ("examples in this", "not yet ", "in the future")),
    ("recent", r"\brecent(?:ly)?\b[^.\n]{0,30}\bversion"),
    *(
        (word, _word(word))
        for word in ("for historic", "for convenience", "internally", "in production")
    ),
    *((word, rf"\w{re.escape(word)}(?=\s|$)") for word in (" .", " ,")),
    (" )", r"\b(?:the|a|an|by|of|to|in|with|see) *\)"),
    ("in many ", _word("in many ")),
    ("useful ", _word("useful ") + "(?:in|for|when|if|to)\\b"),
    *(
        (word, _word(word))
        for word in (
            "shouldn't be",
            "should not be used",
            "in practice",
            "optimized",
            "remote shell",
        )
    ),
)
"""What gives away a text that leans on other texts: a word to look for in lower case first, which
is cheap, and the pattern that decides."""
_DECIDING: dict[str, list[re.Pattern[str]]] = {}
for _place, _pattern in _ELSEWHERE:
    _DECIDING.setdefault(_place, []).append(re.compile(_pattern, re.MULTILINE))
_PROMPT = re.compile(r"^\s*(?:iex(?:\(\d+\))? ?>|\d+> )")
_SENTENCE = re.compile(r"(?<=[^.A-Z ]{2}[.!?])\s+(?=[A-Z`\"(*\[])")
_LINK = re.compile(r"(?<!!)\[(`?[^\]\n]+`?)\]\([^)\n]*\)")
_FENCE = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"#{1,6} ")
_LIST = re.compile(r"^\s*(?:[*+-]|\d+[.)]) ", re.MULTILINE)
_ASIDE = re.compile(
    r"(?:(?<=^)|(?<=[.!?] ))(?:See (?:also )?(?:the )?`[^`]+`(?:`[^`]*`|[^.`])*\.|"
    r"Allowed in guard (?:tests|clauses)\.|Inlined by the compiler\.)\s*"
)
_ASIDE_WORDS = ("See ", "Allowed in guard ", "Inlined by ")
_NEIGHBOUR = re.compile(r"`([a-z_]\w*[?!]?)/\d+`")
_NAME = re.compile(r"[A-Za-z_]\w*[?!]?")
_REFERRED = re.compile(r"`(?:[mtce]?:)?(?:[\w:]+\.)*([A-Za-z_]\w*[?!]?)/\d+`")
_ATOM = re.compile(r"`\{?:([a-z_]\w*[?!]?)(?=[`,}])")
_PLAIN = re.compile(r"`([a-z][a-z0-9_]*)`")
_GIVEN_WORDS = """
nil true false ok error raise rescue catch try case cond if else unless when with for fn do end
quote unquote import alias require use and or not in after receive defmodule def defp defmacro
defmacrop defstruct iex mix erl elixir elixirc
"""
_GIVEN = frozenset(_GIVEN_WORDS.split())
_FLAG = re.compile(r"`--([a-z][a-z-]*)")
_COMMON = frozenset({"ok", "error", "nil", "true", "false", "infinity"})
_BEGINNING = re.compile(r"[a-z]+(?:[,:]? [\w`\"'(*%@:&#\[{]|\.?\Z)")
"""Words and no code, such as `left != right`, begin a sentence."""
_EXAMPLE_CALL = re.compile(r"(?<![\w.:@])((?:[A-Z]\w*\.)*)([a-z_]\w*[?!]?)\(")
_HUMP = re.compile(r"[a-z]+")
_FILLER_WORDS = """
a an the this that its it of for to in on from with by and or is are be as at given get gets
return returns do does function value values doc default used
contains module functions logic defines implements implementation provides documentation
"""
_FILLERS = frozenset(_FILLER_WORDS.split())
_REFERENCES = ("`m:", "`t:", "`c:", "`e:")
_REFERENCE = re.compile(r"`(?:[mtce]:)([^`]+)`")


def unfit(text: str, least: int = 16) -> str:
    """Why a documentation text is worth neither asking for nor asking with ("" when it is)."""
    stripped = text.strip()
    if stripped[:14].lower() == "same semantics":
        return TOO_SHORT
    if len(stripped) < least or " " not in stripped or _POINTER.match(stripped):
        return TOO_SHORT
    if stripped[-10:].rstrip(".").endswith("callback") and stripped.count(" ") < 3:
        return TOO_SHORT
    marked = any(mark in stripped for mark in _MARKS) and _UNFINISHED.search(stripped)
    return UNFINISHED if marked else ""


def speaks_of_elsewhere(text: str) -> bool:
    """Whether a text leans on links, other sections, or history, that code alone cannot show."""
    lower = text.lower()
    for word in filter(lower.__contains__, _DECIDING):
        if any(pattern.search(lower) for pattern in _DECIDING[word]):
            return True
    return "{: ." in text


def paragraphs(text: str) -> list[str]:
    """The opening paragraphs of a documentation text: all prose (lists too) before the first
    heading, code block or prompt. A sentence that announces a code block goes with it."""
    found: list[str] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip("\n")):
        first = block.lstrip("\n")
        if not first.strip():
            continue
        line = first.split("\n", 1)[0]
        if _HEADING.match(line) or line.lstrip().startswith(("```", "|", "<", "![")):
            break
        if line.startswith("    ") or (">" in line and _PROMPT.match(line)):
            break
        if "\n```" in first or (">" in first and _PROMPT.search(first)):
            break
        found.append(first.rstrip())
    else:
        return found
    while found and found[-1].endswith(":"):
        found.pop()
    return found


def neighbours(text: str) -> frozenset[str]:
    """The names of functions of the same module that a text refers to, as `name/2`."""
    return frozenset(_NEIGHBOUR.findall(text))


def unseen(text: str, code: str) -> list[str]:
    """The functions and types that a text refers to as `name/1` or `Module.name/1` and that code
    has no word of, sorted."""
    referred = frozenset(_REFERRED.findall(text))
    return sorted(referred - frozenset(_NAME.findall(code))) if referred else []


def atoms_unseen(text: str, code: str) -> list[str]:
    """The atoms, options and flags (`:name`, `{:name, …`, `--name` in backticks) that a text tells
    of and that code has no word of, sorted."""
    if not any(mark in text for mark in ("`:", "`{:", "`--")):
        return []
    told = frozenset(_ATOM.findall(text)) - _COMMON
    told |= {name.replace("-", "_").removeprefix("no_") for name in _FLAG.findall(text)}
    return sorted(told - frozenset(_NAME.findall(code))) if told else []


def names_unseen(text: str, code: str) -> list[str]:
    """The plain names in backticks, as of arguments, in the first paragraph of a text that code has
    no word of, not even by its beginning, sorted: what is said of them is about other code."""
    named = frozenset(_PLAIN.findall(text.strip().partition("\n\n")[0])) - _GIVEN
    strange = named.difference(_NAME.findall(code)) if named else named
    if not strange:
        return []
    known = {word[:3].lower() for word in _NAME.findall(code)}
    return sorted(name for name in strange if name[:3] not in known)


def shown_calls(text: str, module: str) -> frozenset[str]:
    """The functions that a text's examples call by bare name or by the module's (whole, or its
    last part)."""
    if "(" not in text:
        return frozenset()
    lines = [
        line
        for line in text.split("\n")
        if line.startswith("    ") or (">" in line and _PROMPT.match(line))
    ]
    if not lines:
        return frozenset()
    found = _EXAMPLE_CALL.findall("\n".join(lines))
    own = {"", f"{module}.", f"{module.rpartition('.')[2]}."}
    return frozenset(name for of, name in found if of in own)


def miscalled(text: str, name: str) -> bool:
    """Whether an example calls the function without any argument, piped-in ones aside."""
    return f"{name}()" in text and bool(
        re.search(rf"^ {{4,}}(?!.*\|>).*(?<![\w:]){re.escape(name)}\(\)", text, re.MULTILINE)
    )


def echoes(text: str, name: str) -> bool:
    """Whether a text says nothing but a name's own words over again."""
    if len(text) > 100 or "\n\n" in text.strip():
        return False
    own = [word for part in name.split("_") for word in _HUMP.findall(part.lower())]
    return all(
        word in _FILLERS or any(word[:4] == one[:4] for one in own)
        for word in re.findall(r"[a-z]+", text.lower())
    )


def length(text: str) -> int:
    """Characters of prose: everything but code blocks, prompts and headings."""
    if "```" in text:
        text = _FENCE.sub("", text)
    return sum(
        len(line)
        for line in text.split("\n")
        if not line.startswith(("    ", "#")) and not (">" in line and _PROMPT.match(line))
    )


def longer(text: str, limit: float) -> bool:
    """Whether a text has more than `limit` characters of prose."""
    return len(text) > limit and length(text) > limit


def intro(text: str, limit: int = 900) -> str:
    """The opening paragraphs as plain prose, whole ones only, at most `limit` characters: links
    keep their words, lines are joined, pointers elsewhere ("See `x/1`.") go. "" when the first
    paragraph alone is longer."""
    kept: list[str] = []
    room = limit
    for paragraph in paragraphs(text):
        room -= len(paragraph)
        if room < 0:
            break
        kept.append(paragraph)
    while kept and kept[-1].endswith(":"):
        kept.pop()
    said = (_without_asides(plain(_joined(paragraph))).strip() for paragraph in kept)
    return "\n\n".join(paragraph for paragraph in said if paragraph)


def sentences(text: str) -> str:
    """Plain prose as sentences: the first letter is a capital, and a full stop ends a paragraph
    that is no list."""
    if text[:1].islower() and _BEGINNING.match(text):
        text = text[0].upper() + text[1:]
    return text if text[-1:] in ".!?:`*)" or _LIST.search(text) or not text else f"{text}."


def _without_asides(text: str) -> str:
    return _ASIDE.sub("", text) if any(words in text for words in _ASIDE_WORDS) else text


def _joined(paragraph: str) -> str:
    """A paragraph on one line; lists stay as they are."""
    return textwrap.dedent(paragraph) if _LIST.search(paragraph) else " ".join(paragraph.split())


def plain(text: str) -> str:
    """Without what only a documentation generator understands: link targets, marks as `m:`."""
    if "](" in text:
        text = _LINK.sub(r"\1", text)
    if any(mark in text for mark in _REFERENCES):
        text = _REFERENCE.sub(r"`\1`", text)
    return text.strip()


def summary(text: str) -> str:
    """The first sentence, on one line; "" when there is none short enough to quote."""
    found = paragraphs(text)
    if not found:
        return ""
    line = " ".join(plain(found[0]).split())
    sentence = _SENTENCE.split(line, maxsplit=1)[0]
    return sentence if len(sentence) <= 240 and not sentence.startswith(("*", "-", "|")) else ""
