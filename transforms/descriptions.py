"""What stands above a function as its description: whether it tells what the function does, and
whether the code does more than that.

Read by spelling: a description is held to speak of what it has a word for.
"""

from __future__ import annotations

import re

from factory.parsed import Parsed
from factory.syntax import Function, Span
from transforms import prose

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
_RAISES = re.compile(r"raise(?<=\braise)\b|erlang:error\(|throw(?<=\bthrow)\(|exit(?<=\bexit)\(")
_EFFECTS = (
    (
        ("raise", ":error(", "throw(", "exit("),
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
_REFERRED = re.compile(r"`([a-z_]\w*[?!]?)/\d+`")
_LIKE = ("same as ", "similar to ", "like ", "identical to ")
_COMMENT_MARK = re.compile(r"^[ \t]*(?:#|%)+ ?", re.MULTILINE)


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


def terse(doc: str) -> bool:
    """Whether documentation has neither words enough nor an example to tell a function by."""
    return "iex>" not in doc and prose.length(doc) < 24


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
