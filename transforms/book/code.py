"""Code blocks of a book: what they are written in, and whether they are whole.

A block says its language in its info string. One that does not is told by what only one language
looks like: a prompt, a module's first line. Elixir and Erlang must parse (a shell's session: what
was typed); other languages are taken as they are.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property, lru_cache

from factory.syntax import Node
from factory.syntax.parse import parse_frugally
from transforms.markdown import Code
from transforms.standard import known

_ELIXIR = frozenset(["elixir", "ex", "exs", "iex", "elixirc"])
_BY_INFO = {
    **dict.fromkeys(_ELIXIR, "elixir"),
    **dict.fromkeys(["erlang", "erl", "hrl"], "erlang"),
    **dict.fromkeys(["heex", "html-heex", "leex"], "heex"),
    **dict.fromkeys(["eex", "html-eex"], "eex"),
    **dict.fromkeys(
        ["sh", "bash", "shell", "console", "zsh", "terminal", "shell-session"], "shell"
    ),
}
_COMPOUND = re.compile(r"^(?:html\+)?(heex|eex)\b|^(?:html|eex)\.(heex)\b")
LANGUAGES = ("elixir", "erlang", "heex", "eex")
"""Those that a row can be about."""

PICTURES = frozenset(["mermaid", "dot", "plantuml", "vega-lite", "svg", "math", "latex"])
"""Blocks that a page draws: nothing to quote."""

LONGEST_ENTRY = 40
"""Lines that one entry in a session may have without prompts of their own."""

_IEX = re.compile(r"^[ \t]*(?:iex|\.\.\.)(?:\([^)\n]{0,60}\))?> ?", re.MULTILINE)
_STARTS = re.compile(r"[ \t]*(?:iex)(?:\([^)\n]{0,60}\))?>(?: |$)")
_NUMBERED = re.compile(r"^([ \t]*)(iex|\.\.\.)\(\d+\)>", re.MULTILINE)
_ERLANG_PROMPT = re.compile(r"^\d+> ", re.MULTILINE)
_SHELL = re.compile(
    r"\A(?:\$ |> ?(?:mix|cd|iex|elixir)\b"
    r"|(?:mix|iex|elixir|elixirc|cd|git|mkdir|curl|npm) (?![=|]))"
)
_ERLANG = re.compile(r"^-(?:module|export|record)\(", re.MULTILINE)
_SHAPED = re.compile(
    r"^\s*(?:defmodule|defp?|defmacrop?|defstruct|use|import|alias|@spec|@doc|test|describe|case)\b"
    r"|\|>|%\{|\bEnum\.|\bfn\b.*->|^\s*[a-z_]+ = ",
    re.MULTILINE,
)
_SETTINGS = re.compile(r"(?:[\w.]+ = [\w./-]+(?: -{1,2}\w[\w-]*(?: \w+)?)*\n?|#.*\n?|\n)+")
"""Settings as many programs' files have them, none of which is Elixir for its `=`."""

_PATCH = re.compile(r"^[+-](?: {2,}|\t|$)\S?", re.MULTILINE)
_NOT_CODE = re.compile(r"^> \S.*\n(?!\s)|^\s*defmodule [\w.]+[ \t]*$", re.MULTILINE)
"""What a parser forgives: a prompt of a book's own over its result, a module without `do`."""

_PLACEHOLDER = re.compile(
    r"(?<![.\w])(?:\.\.\.|…)(?![.>(\w])|\bTODO\b|\bdo[ \t]*\n\s*end\b"
    r"|\byour (?:solution|code|answer)\b|# *(?:coming soon|to be implemented|not implemented)",
    re.IGNORECASE,
)
_NAMED_GAP = re.compile(r"(?=\.{3}[\w ]{3,40}(\.{3}))|(?<=[\w ]{3})(\.{3})$", re.MULTILINE)
_WIDGETS = re.compile(r"^(?:YouTube|HiddenCell)\.|\{\{ ?(?:site|page)\.", re.MULTILINE)
_DEFINING = re.compile(
    r"(?:def|defp|defmacro|defmacrop|defguard|defguardp|defdelegate|test|property)$"
)
_GIVEN_WORDS = """
h i v r c s t b d l nil true false self node pid ref exports flush clear break recompile
when and or not in __MODULE__ __ENV__ __CALLER__ __STACKTRACE__ __DIR__
"""
_GIVEN = frozenset(_GIVEN_WORDS.split())


class Block:
    """A code block with its language: one of `LANGUAGES`, `shell`, the word of its info string for
    anything else, or "" where nobody knows."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.span = code.span
        self.text = textwrap.dedent(code.text.replace("\r\n", "\n")).strip("\n").rstrip()
        self.session = bool(_STARTS.match(self.text)) or (
            code.language == "iex" and bool(_IEX.search(self.text))
        )

    @cached_property
    def language(self) -> str:
        if self.session:
            return "elixir"
        info = (self.code.info or "").lower()
        compound = _COMPOUND.match(info)
        if compound:
            return compound[1] or compound[2]
        word = self.code.language
        if word in ("elixir", "ex", "") and _ERLANG_PROMPT.match(self.text):
            return "erlang"
        if word == "elixir" and _SHELL.match(self.text):
            return "shell"
        return _BY_INFO.get(word, word) or self._guessed()

    def _guessed(self) -> str:
        if _SHELL.match(self.text):
            return "shell"
        if _ERLANG.search(self.text):
            return "erlang"
        shaped = len(self.text) < 20_000 and _SHAPED.search(self.text) is not None
        shaped = shaped and not _SETTINGS.fullmatch(self.text)
        return "elixir" if shaped and _parses(self.text, "elixir") else ""

    @property
    def shown(self) -> str:
        """As a row quotes it: prompts without numbers."""
        return _NUMBERED.sub(r"\1\2>", self.text) if self.session else self.text

    @cached_property
    def typed(self) -> str:
        """Of a session what was typed, of other code all."""
        return "\n".join(_typed(self.text)) if self.session else self.text

    @property
    def patch(self) -> bool:
        return self.code.language == "diff" or len(_PATCH.findall(self.text)) >= 2

    @cached_property
    def whole(self) -> bool:
        """Whether it parses, and is no patch or outline with most of it left out."""
        if (
            self.patch
            or self.language in PICTURES
            or _NOT_CODE.search(self.text)
            or _WIDGETS.search(self.text)
        ):
            return False
        if self.language == "erlang" and _ERLANG_PROMPT.match(self.text):
            return True
        if self.language not in ("elixir", "erlang"):
            return True
        return _parses(self.typed, self.language)

    @property
    def placeholders(self) -> int:
        """How many marks stand for code that is not there."""
        return len(_NAMED_GAP.findall(self.text)) + len(
            _PLACEHOLDER.findall(_IEX.sub("", self.text))
        )


def _typed(text: str) -> Iterator[str]:
    """The lines typed at prompts. Where what was typed is not whole, the lines under it belong to
    it: not every book repeats the prompt."""
    entry: list[str] = []
    below: list[str] = []
    for line in text.split("\n"):
        prompt = _IEX.match(line)
        if prompt and not prompt[0].lstrip().startswith("."):
            yield from _whole_entry(entry, below)
            entry, below = [line[prompt.end() :]], []
        elif prompt:
            entry.append(line[prompt.end() :])
        else:
            below.append(line)
    yield from _whole_entry(entry, below)


def _whole_entry(entry: Sequence[str], below: Sequence[str]) -> Sequence[str]:
    if not below or _parses("\n".join(entry), "elixir"):
        return entry
    longer = ([*entry, *below[:end]] for end in range(1, min(len(below), LONGEST_ENTRY) + 1))
    return next((lines for lines in longer if _parses("\n".join(lines), "elixir")), entry)


@lru_cache(maxsize=1024)
def _parses(text: str, language: str) -> bool:
    if language == "erlang" and not _ERLANG.search(text):
        return True
    tree = parse_frugally(text.encode(), language)
    return tree is not None and not tree.root_node.has_error


def strangers(
    blocks: Sequence[Block], known_roots: Collection[str], *, snippets: bool = False
) -> list[str]:
    """What the sessions among these blocks use and none of them shows: variables that nothing
    binds, modules that are neither defined here, nor Elixir's, nor one of `known_roots`. With
    `snippets`, what any of the blocks so uses."""
    elixir = [block for block in blocks if block.language == "elixir"]
    if not snippets and not any(block.session for block in elixir):
        return []
    bound: set[str] = set(_GIVEN)
    defined: set[str] = set(known_roots)
    found: dict[str, None] = {}
    for block in elixir:
        tree = parse_frugally(block.typed.encode(), "elixir")
        if tree is None:
            return ["its code"]
        used: list[str] = []
        modules: list[str] = []
        for node in _every(tree.root_node):
            _note(node, bound, defined, used, modules)
        if block.session or snippets:
            found |= dict.fromkeys(n for n in used if n not in bound and not n.startswith("_"))
            found |= dict.fromkeys(
                m for m in modules if m.partition(".")[0] not in defined and not known(m)
            )
    return list(found)


def _note(
    node: Node, bound: set[str], defined: set[str], used: list[str], modules: list[str]
) -> None:
    match node.type:
        case "binary_operator":
            operator = node.child_by_field_name("operator")
            left = node.child_by_field_name("left")
            if left is not None and operator is not None and operator.type in ("=", "<-"):
                bound.update(_names(left))
        case "stab_clause":
            left = node.child_by_field_name("left")
            if left is not None:
                bound.update(_names(left))
        case "call":
            target = node.child_by_field_name("target")
            word = _text(target) if target is not None else ""
            if _DEFINING.match(word) and len(node.children) > 1:
                bound.update(_names(node.children[1]))
            if word in ("defmodule", "defprotocol", "alias") and len(node.children) > 1:
                for one in _every(node.children[1]):
                    if one.type == "alias":
                        name = _text(one)
                        defined.update((name.partition(".")[0], name.rpartition(".")[2]))
        case "identifier":
            parent = node.parent
            is_target = parent is not None and (
                (parent.type == "call" and parent.child_by_field_name("target") == node)
                or (parent.type == "dot" and parent.child_by_field_name("right") == node)
                or (parent.type == "unary_operator" and _text(parent).startswith(("@", "&")))
                or (parent.type == "binary_operator" and "/" in _text(parent)[:60])
            )
            if not is_target:
                used.append(_text(node))
        case "alias":
            modules.append(_text(node))


def _every(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(one.children))


def _names(node: Node) -> Iterator[str]:
    return (_text(one) for one in _every(node) if one.type == "identifier")


def _text(node: Node) -> str:
    return (node.text or b"").decode()
