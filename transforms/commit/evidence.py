"""Whether a message speaks of what changed, and whether a request tells enough to get there.

Both are read by spelling: words of the message that stand in the lines that changed, and names in
the code after that the request does not hold. What this does not do: understand either.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from transforms import callees
from transforms.commit.message import plain_verb
from transforms.names import uses
from transforms.standard import unknown_calls
from transforms.untold import untold_atoms, untold_pieces, without_texts

LEAST_SHARE = 0.3
"""Of the words that carry a subject's meaning, so many have to stand in what changed."""

_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])")
_STOP_WORDS = """
a an the and or but nor not no of in on at to from for by with without into onto over under as is
are was were be been being it its this that these those there when where while which who whose if
then than so such only also too very more most less least all any each every some other another
same own both either neither first last new old use used using uses via per can could may might
must shall should will would do does did done has have had having get gets got make makes made let
lets code function functions method methods module modules file files value values case cases way
ways issue issues bug bugs problem problems error errors correct correctly properly proper now
just instead between during after before because due up out off back down elixir erlang otp
support don doesn didn isn aren won can't cannot one two
"""
_STOP = frozenset(_STOP_WORDS.split())
_NUMBER = re.compile(r"(?<![\w.?])(?!(?:1_?0+|16|32|64|60|24|128|255|256)\b)\d[\d_]*(?:\.\d+|\d)\b")
"""Numbers that nobody would guess: of two digits and more, and not those that are everywhere."""
_COMMENT = re.compile(r"\s*(?:#|%+) ?\s*(\S.*?)\s*$")
_DEBUGGING = re.compile(
    r"\bIO\.inspect\b|\bdbg\(|\bIEx\.pry\b|\bct:pal\(|\berlang:display\(|\bio:format\(user\b"
)
_PUBLIC = re.compile(r"\bdef(?:macro|guard|delegate)? ([a-z_]\w*[?!]?)")
_NAME = re.compile(r"[A-Za-z_]\w{2,}[?!]?")
_SAYING = re.compile(r"[@:&\"'<.]?\w+[?!]?:?|\|\||&&|[=!<>]=|<>|\+\+|[-+*/<>](?!\w)|#(?=\w)")
_SPELT = re.compile(r"`([^`]+)`|(?<![\w/-])([a-z]\w*_\w+[?!]?)(?![\w-])")
_PART = re.compile(r"[a-z]{3,}")
_IMPORTED = re.compile(r"\bimport [^\n]*?\b(?:only|except): (\[[^\]]*\])")
_SIGIL = re.compile(r"~[a-zA-Z]+(?:\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>|\|[^|]*\||/[^/]*/)")
_KEY = re.compile(r"([^\s\[,:]+): \d")
_REGEX = re.compile(
    r"~[rR](?:/((?:\\.|[^/\\]){4,})/|\{((?:\\.|[^}\\]){4,})\}|\(((?:\\.|[^)\\]){4,})\)|"
    r"\[((?:\\.|[^\]\\]){4,})\]|\|((?:\\.|[^|\\]){4,})\||<((?:\\.|[^>\\]){4,})>|"
    r"\"((?:\\.|[^\"\\]){4,})\"|'((?:\\.|[^'\\]){4,})')"
)
_DEFINED = re.compile(r"\bdef\w* ([a-z_]\w*[?!]?)|^([a-z]\w*)\(", re.MULTILINE)


def words(text: str) -> frozenset[str]:
    """The words of a text, names taken apart, without endings."""
    return frozenset(_stem(word.lower()) for word in _WORD.findall(text))


def _stem(word: str) -> str:
    verb = plain_verb(word)
    if verb:
        return verb
    for ending in ("ies", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 2 and not word.endswith("ss"):
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def telling(text: str) -> frozenset[str]:
    """The words of a text that carry its meaning."""
    plain = re.sub(r"['’](?:t|s|re|ve|ll|d)\b", "", text)
    return frozenset(
        _stem(word.lower()) for word in _WORD.findall(plain) if word.lower() not in _STOP
    )


def speaks(subject: str, added: str, removed: str, names: Sequence[str]) -> bool:
    """Whether a message speaks of what changed: its words stand in the changed lines, or in the
    names of the functions that hold them."""
    meant = telling(subject.partition(" ")[2])
    changed = words(f"{added}\n{removed}\n{' '.join(names)}")
    hits = meant & changed
    if not hits:
        return False
    return len(hits) >= LEAST_SHARE * len(meant) or len(hits) >= 3


def misnamed(subject: str, shown: str) -> bool:
    """Whether a subject names something in code that stands nowhere in what is shown: people write
    one name and mean another."""
    known = frozenset(_PART.findall(shown.lower()))
    names = [found[1] or found[2] for found in _SPELT.finditer(subject)]
    return any(not known.issuperset(_PART.findall(name.lower())) for name in names)


@dataclass(frozen=True, slots=True)
class Place:
    """The code of one hunk: its lines that went and that came (no documentation, no comments), and
    the names of the functions that hold it."""

    removed: str
    added: str
    names: str

    @property
    def words(self) -> frozenset[str]:
        return words(f"{self.removed}\n{self.added}\n{self.names}")

    @property
    def differs(self) -> frozenset[str]:
        """The words of what only one side has."""
        before, after = (Counter(_SAYING.findall(side)) for side in (self.removed, self.added))
        return words(" ".join([*(before - after), *(after - before)]))

    @property
    def laid_out(self) -> bool:
        """Whether both sides say the same with other brackets, commas and pipes."""
        before, after = (
            Counter(_SAYING.findall(side.replace("|>", " "))) for side in (self.removed, self.added)
        )
        return bool(before) and before == after

    @property
    def fresh(self) -> frozenset[str]:
        """The names that only one side has."""
        before, after = (frozenset(_NAME.findall(side)) for side in (self.removed, self.added))
        return before ^ after


def strays(places: Sequence[Place], told: frozenset[str], *, bare: bool = False) -> bool:
    """Whether a part of a change has to do neither with what is told nor, by a name that is new or
    gone in both, with a part that has: what somebody put right in passing. Where a message is
    `bare` (one sentence and no tests), what only lays out the same words otherwise is such a part
    too, beside one that does more; and what is told has to stand in what differs, where it does so
    at all, and not around it."""
    waiting = [place for place in places if place.removed.split() != place.added.split()]
    if bare and len({place.laid_out for place in waiting}) > 1:
        return True
    known = [place for place in waiting if bare and place.differs & told]
    known = known or [place for place in waiting if place.words & told]
    waiting = [place for place in waiting if place not in known]
    while waiting:
        names = frozenset().union(*(place.fresh for place in known))
        joined = [place for place in waiting if place.fresh & names]
        if not joined:
            return True
        known += joined
        waiting = [place for place in waiting if place not in joined]
    return False


def leaves_debugging(added: str, removed: str) -> bool:
    """Whether what somebody printed to find a fault was committed with the change."""
    return len(_DEBUGGING.findall(added)) > len(_DEBUGGING.findall(removed))


def comments_out(added: str, removed: str) -> bool:
    """Whether a line of code is not removed but made a comment: nobody asks for that."""
    gone = {line.strip() for line in removed.split("\n")}
    made = (_COMMENT.match(line) for line in added.split("\n"))
    return any(line and line[1] in gone and re.search(r"\W", line[1]) for line in made)


@dataclass(frozen=True)
class Told:
    """What a request tells."""

    request: str
    language: str

    def too_much(self, task: str, tests: str, added: str, removed: str) -> bool:
        """Whether more changes than so many words, and tests, can tell."""
        fresh = [line.strip() for line in added.split("\n") if line.strip()]
        known = {line.strip() for line in removed.split("\n")}
        fresh = [line for line in fresh if line not in known and len(line) > 3]
        room = 6 + len(task.split()) // 3 + tests.count("\n") // 2
        return len(fresh) > room

    def patterns(self, added: str, removed: str) -> bool:
        """Whether a regular expression is new that nothing tells."""
        known = f"{self.request}\n{removed}"
        return any("".join(found) not in known for found in _REGEX.findall(added))

    def facts(self, plain: str, code: str, most: int) -> list[tuple[str, list[str]]] | None:
        """Names that the added lines (`plain`, of code alone) use and nothing tells of: public
        functions to add, functions to call, and atoms. None when there are more of them than
        `most`, or some that no name would explain."""
        calls = [name for name in unknown_calls(plain, self.language) if name not in self.request]
        if callees.unguessable(plain, calls):
            return None
        if any(self._is_key(piece) for piece in self._pieces(plain)):
            return None
        bare = without_texts(plain)
        if any(number not in self.request for number in _NUMBER.findall(bare)):
            return None
        local = [
            name
            for name in sorted(uses(_SIGIL.sub('""', bare), self.language).calls)
            if name not in _KERNEL and name not in _defined(code) and not self._holds(name)
        ]
        imported = [name for one in _IMPORTED.findall(plain) for name in _KEY.findall(one)]
        local += [n for n in imported if n not in local and not self._holds(n.strip(':"'))]
        adds = [name for name in sorted(_public(plain)) if not self._holds(name)]
        named = {*adds, *calls, *local}
        atoms = sorted(untold_atoms(plain, self.request, self.language) - named)
        if len(adds) + len(calls) + len(local) + len(atoms) > most:
            return None
        sign = "" if self.language == "erlang" else ":"
        written = [f"{sign}{atom}" for atom in atoms if " " not in atom]
        return [("adds", adds), ("calls", [*calls, *local]), ("atoms", written)]

    def _holds(self, name: str) -> bool:
        return bool(re.search(rf"(?<![\w.]){re.escape(name)}(?![\w?!])", self.request))

    def _pieces(self, code: str) -> list[str]:
        return untold_pieces(code, self.request, self.language)

    def _is_key(self, piece: str) -> bool:
        """Whether a string is no sentence of its own wording, which anybody may word otherwise,
        but a key, an address or a form that has to be known."""
        return len(piece.split()) < 3 and bool(re.search(r"\w", piece))


def _public(code: str) -> frozenset[str]:
    """The functions that code defines for others to call."""
    return frozenset(_PUBLIC.findall(code))


def _defined(code: str) -> frozenset[str]:
    """The functions that code defines."""
    return frozenset(name for pair in _DEFINED.findall(code) for name in pair if name)


_KERNEL_WORDS = """
abs alias apply assert assert_raise assert_receive atom_to_binary atom_to_list binary_part
binary_slice binary_to_atom binary_to_existing_atom binary_to_integer binary_to_list
binary_to_term binding bit_size byte_size ceil dbg demonitor div elem element erase erlang error
exit float floor fun function_exported get get_and_update_in get_in halt hd import inspect
integer_to_binary integer_to_list iolist_size iolist_to_binary is_atom is_binary is_bitstring
is_boolean is_exception is_float is_function is_integer is_list is_map is_map_key is_nil is_number
is_pid is_port is_process_alive is_record is_reference is_struct is_tuple length link list_to_atom
list_to_binary list_to_existing_atom list_to_integer list_to_tuple macro_exported make_ref map_get
map_size match match? max min monitor node nodes now pop_in process_flag put put_elem put_in quote
raise refute register rem require reraise round self send setelement sigil_r sigil_w size spawn
spawn_link spawn_monitor split_binary struct super tap term_to_binary then throw tl to_charlist
to_string trunc tuple_size tuple_to_list unlink unquote update_in use var whereis
"""
_KERNEL = frozenset(_KERNEL_WORDS.split())
