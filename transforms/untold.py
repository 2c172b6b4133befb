"""What an answer says that its request does not: atoms, keys and texts that nobody could think of.

Read by spelling, outside comments. What is part of the language or of an option that its libraries
document counts as told. What this does not do: judge numbers, or know which atom belongs where.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from transforms.names import stands
from transforms.standard import known

_TEXTS = re.compile(
    r'~[sSrR]?"""[\s\S]*?"""|"""[\s\S]*?"""|(?<!\?)(?<!\$)"(?:\\.|[^"\\])*"'
    r"|~[sSrR](?:\([^)\n]*\)|\[[^\]\n]*\]|\{[^}\n]*\}|/(?:\\.|[^/\n\\])*/|'[^'\n]*'|\|[^|\n]*\|)"
)
_COMMENTS = {
    "elixir": re.compile(r"(?<![\w?\"'\\&])#(?!\{)[^\n]*"),
    "erlang": re.compile(r"(?<!\$)%[^\n]*"),
}
_WORD = re.compile(r"[A-Za-z_]\w*[?!]?")
_MENTIONED = re.compile(r"[A-Za-z_]\w*+[?!]?+(?!\(|/\d)")
_ATOM = re.compile(r"(?<![:\w]):([a-z_]\w*[?!]?)(?![\w.])")
_KEY = re.compile(r"(?<![\w:?@.\"'])([a-z_]\w*[?!]?):(?=\s)")
_ERLANG_ATOM = re.compile(r"(?<![\w@?#:$'\"/.-])([a-z][\w@]*)(?![\w@]*\s*[(:/])")
_QUOTED_ATOM = re.compile(r"'([^'\n]+)'(?!\s*[(:])")
_EXPECTING = re.compile(
    r"(?:assert_raise|=~|message|msg|error|warning|reason|exit)\w*(?:[^\n]|\n(?!\s*\n)){0,160}\Z",
    re.IGNORECASE,
)
_GAP = 200
"""So many characters of code before a text may say what it is."""

_REASON = re.compile(r"(?:\{:?error, \{?:?|\b(?:code|reason|kind): :)([a-z]\w*)\b(?![.(])")
_ERROR_TEXT = re.compile(r"\{:?error, (?:<<)?\Z")
_SAID = re.compile(r"[^\W\d_]+")
_VALUE = re.compile(r"#\{[^{}]*\}|(?<![\w:]):[a-z_]\w*[?!]?|~[\d.*]*[a-zA-Z~]+|\w*\d\w*")
_QUOTE = re.compile(r"\\\"(?:[^\"\\]|\\[^\"])*\\\"|(?<=[^~sS])\"[^\"]*\"(?!\Z)")
_VARIABLES = re.compile(r"(?<![%\w#@?])\{((?:[A-Z_a-z]\w*, *){2,}[A-Z_a-z]\w*)\}")
_SHAPE = re.compile(r"(?<![%\w#@?])\{([^{}]*,[^{}]*)\}")
_CALLS = re.compile(r"\([^()]*\)|\[[^\[\]{}]*\]")
_PLAIN = re.compile(r'(?<![?$"~sSrR])"(?!"")((?:\\.|[^"\\])*)"')
_BETWEEN = re.compile(r"#\{[^{}]*\}|~[\d.*]*[a-zA-Z~]|\\[nrte]")
_SINCE = re.compile(r"@\w+ (?:since|deprecated)\b[^\n]*|@deprecated[^\n]*")
_SENT = re.compile(r"\b(?:GenServer|gen_server|GEN_SERVER|gen_event)[.:](call|cast)\b")
_MESSAGE = re.compile(
    r"\b(?:GenServer|gen_server)[.:](?:call|cast)\((?:[^()\n,]|\([^()\n]*\))*, "
    r"(\{:?[a-z]\w*|:[a-z]\w*)"
)
"""What is sent, up to its tag: a callback that takes it shows the same."""

_SERVERS = ("GenServer", "gen_server", "GEN_SERVER", "gen_event", "GenState", "gen_statem")
_STATED = re.compile(r"\b(?:GenStateMachine|gen_statem)[.:](call|cast)\b")
_MODULE = re.compile(r"([A-Z](?<![\w.@:&?~].)\w*(?:\.[A-Z]\w*)*+)(?!\.?[\w(])")
_JOINED = re.compile(r'"((?:\\.|[^"\\\n])*#\{(?:\\.|[^"\\\n])*)"')
_JOINT = re.compile(r"[A-Za-z][A-Za-z_]{2,}")

_TAG = re.compile(r"\{:([a-z]\w*),")
_FIELD = re.compile(r"(?<![\w.:@/%&?!])[a-z_]\w*\.([a-z_]\w*)(?![\w(?!.])")
_PAIR = re.compile(r"\{:(\w+), \{_?[a-z]\w*, _?[a-z]\w*\}\}\s*(?:->|<-|=)")
_OF_DATES = "year month day hour minute second microsecond"

RUN = 3
"""A text is told by so many of its words in a row."""

TOLD = 0.61
"""Least share of a message that has to stand in such rows."""

_LANGUAGE = """
ok error nil true false undefined infinity else do end after rescue catch into uniq reduce
and or not when fn in is
case of fun if begin receive try maybe andalso orelse div rem band bor bxor bsl bsr bnot xor
cont halt suspend done halted suspended normal shutdown kill killed timeout noproc exit throw
noreply reply stop ignore continue hibernate info call cast start_link init
permanent temporary transient worker supervisor one_for_one one_for_all rest_for_one
simple_one_for_one
lt gt eq asc desc first last rest left right
atom binary bits bitstring boolean bytes float function integer list map number pid port reference
tuple record string charlist utf8 utf16 utf32 unicode latin1 big little signed unsigned unit size
module key term message value name only except as to when id start type restart strategy
max_restarts max_seconds on_timeout max_concurrency ordered trim global parts return capture index
limit pretty width line file column context default keep
second millisecond microsecond nanosecond native minute hour day week month year
read write append raw exclusive compressed enoent eexist enotdir eisdir eacces
badarg badarith badmatch badkey badmap badfun badarity function_clause case_clause if_clause undef
stdio stderr user node link monitor process flush infinity spawn named_table public protected
private set ordered_set bag keypos read_concurrency write_concurrency
strict switches aliases allow_nonexistent_atoms decimals compact nomatch match none multiline
reason action directory regular symlink spawn_executable args env cd since nif_error padding
"""
_TOLD = frozenset(_LANGUAGE.split())


def untold_atoms(code: str, request: str, language: str) -> frozenset[str]:
    """Atoms and keys of `code` that no word of the request mentions; calls and
    labels of functions do not count."""
    told = frozenset(_MENTIONED.findall(request)) | _TOLD
    plain = _COMMENTS[language].sub("", without_texts(code))
    if language == "erlang":
        quoted = {name for name in _QUOTED_ATOM.findall(plain) if f"'{name}'" not in request}
        named = frozenset(_ERLANG_ATOM.findall(_QUOTED_ATOM.sub("''", plain)))
        return (named | quoted) - told
    named = frozenset([*_ATOM.findall(plain), *_KEY.findall(plain)])
    return named - told


def is_told(name: str, request: str) -> bool:
    """Whether a name is part of the language, or stands in the request as a word."""
    return name in _TOLD or stands(name, request)


def untold_texts(code: str, request: str) -> list[str]:
    """Texts in `code` of three words and more, most of which the request does not hold."""
    texts = worded(code)
    told = f" {' '.join(_said(request))} " if texts else ""
    return [text for text in texts if _share(_said(text), told) < TOLD]


def untold_modules(code: str, request: str) -> list[str]:
    """The modules that Elixir code names but does not call, as an exception to raise, a struct to
    build, a process to look for, and that neither stand in `request` nor belong to the language."""
    plain = _COMMENTS["elixir"].sub("", without_texts(code))
    return [
        name
        for name in dict.fromkeys(_MODULE.findall(plain))
        if name not in request and not known(name)
    ]


def untold_pieces(code: str, request: str, language: str) -> list[str]:
    """Pieces of plain strings in `code`, cut where a value stands, that the request does not hold:
    a letter to look for, a name of a file."""
    pieces = [
        piece.replace('\\"', '"').replace("\\'", "'")
        for text in _PLAIN.findall(_SINCE.sub("", _COMMENTS[language].sub("", code)))
        for piece in _BETWEEN.split(text)
    ]
    told = request.replace('\\"', '"')
    return [piece for piece in pieces if piece.strip() and piece not in told]


def worded(code: str) -> list[str]:
    """Texts in `code` of three words and more."""
    return [t for t in _TEXTS.findall(code) if len(t.split()) >= RUN and len(_said(t)) >= RUN]


def unexpected(tests: str, request: str) -> list[str]:
    """Messages and output that tests expect, of which the request does not hold most, and reasons
    of errors that it does not name. Values inside a message do not count."""
    named = frozenset(_WORD.findall(request)) | _TOLD
    found = [name for name in _REASON.findall(tests) if name not in named]
    told = ""
    end = 0
    for match in _TEXTS.finditer(tests):
        before = tests[max(end, match.start() - _GAP) : match.start()]
        end = match.end()
        error = bool(_ERROR_TEXT.search(before))
        words = _said(_QUOTE.sub(" ", match[0]))
        fewest = RUN - (error or match[0].startswith("~r"))
        if len(words) >= fewest <= len(match[0].split()) and (error or _EXPECTING.search(before)):
            told = told or f" {' '.join(_said(request))} "
            if _share(words, told) < TOLD:
                found.append(match[0])
    return found


def untold_shapes(heads: str, request: str, least: int = 0) -> bool:
    """Whether `heads` take tuples of plain variables apart (of `least` elements) of a size that no
    tuple in the request has: nobody could know what stands where in them."""
    sizes = {shape.count(",") + 1 for shape in _VARIABLES.findall(heads)}
    sizes = {size for size in sizes if size >= least}
    if not sizes:
        return False
    seen = {_CALLS.sub("", shape).count(",") + 1 for shape in _SHAPE.findall(request)}
    return bool(sizes - seen)


def untold_parts(code: str, request: str) -> list[str]:
    """What Elixir code takes for granted of values that it is given and that no code in `request`
    has: tags of tuples, fields, and pairs behind a tag."""
    told, plain = (without_comments(without_texts(text), "elixir") for text in (request, code))
    found = [tag for tag in _TAG.findall(plain) if not is_told(tag, told)]
    found += [name for name in _FIELD.findall(plain) if not is_told(name, f"{told} {_OF_DATES}")]
    return found + [tag for tag in _PAIR.findall(plain) if f"{{:{tag}, {{" not in told]


def unserved(code: str, context: str) -> bool:
    """Whether `code` sends its server what no callback in `context` takes."""
    if not any(server in code for server in _SERVERS):
        return False
    if any(f"handle_{kind}(" not in context for kind in _SENT.findall(code)):
        return True
    if any(message not in context for message in _MESSAGE.findall(code)):
        return True
    return bool(_STATED.search(code)) and "handle_event(" not in context


def untold_joints(code: str, context: str) -> list[str]:
    """The words that Elixir code joins with values into one (`"#{app}_web"`, `"/v1/#{id}/pay"`) and
    that `context` does not hold; sentences do not count."""
    if "#{" not in code:
        return []
    return [
        word
        for text in _JOINED.findall(code)
        if " " not in (plain := _VALUE.sub("\0", text)).strip()
        for word in _JOINT.findall(plain)
        if not re.search(rf"(?<![a-zA-Z]){word}(?![a-zA-Z])", context)
    ]


@functools.lru_cache(maxsize=8)
def without_texts(code: str) -> str:
    """`code` with its strings and simple sigils emptied."""
    if '"' not in code and "~" not in code:
        return code
    return _TEXTS.sub('""', code)


def without_comments(code: str, language: str) -> str:
    """`code` without its comments."""
    return _COMMENTS[language].sub("", code)


def texts_of(code: str) -> list[str]:
    """The strings and simple sigils in `code`."""
    return _TEXTS.findall(code)


def _said(text: str) -> list[str]:
    return _SAID.findall(_VALUE.sub(" ", text.lower()))


def _share(words: Sequence[str], text: str) -> float:
    """The share of `words` that stand in rows of `RUN` in `text`."""
    run = min(RUN, len(words))
    told: set[int] = set()
    for at in range(len(words) - run + 1):
        if f" {' '.join(words[at : at + run])} " in text:
            told.update(range(at, at + run))
    return len(told) / len(words)
