"""Lines of code that were too long for the page: which lines are the rest of the one above, and
what stood where it was broken.

Numbers of lines and signs say it outright. Where there are neither, a rest hangs behind an
indentation that is no whole number of columns, or stands closer to the line above than others do
(browsers), or begins where the block does, after a line so full that its first word had no room
(told from ends of lines and, for what could be a line of its own, from the code).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

from factory.syntax.parse import parse_frugally
from sources.books.layout.glyphs import Font, Run
from sources.books.layout.grid import left_edge, pitch
from sources.books.layout.lines import Line
from sources.books.layout.measure import CODE, Usual

TOLERANCE = 0.14
"""Of the step: how far from a whole number of steps a line may stand."""
NARROW = (0.6, 0.9)
"""Of the step: how far below the line above a rest stands where browsers set it closer."""
HANGING = 2
"""Columns by which a rest hangs at least."""
OFF_GRID = 0.2
"""Of a column: indentation that was typed is no farther from a whole number of them."""
EQUAL = 0.03
"""Columns by which such indentations differ at most."""
FILLED = 8
"""Columns from the text's edge: code that stops no farther was broken there."""
FULL = 8
"""Lines that stop there at least."""
SURE = 3
"""Rests behind more than the usual indentation that show that blanks are carried over."""
STARTS = re.compile(
    r"(?:iex|\.\.\.)(?:\(\d+\))?>|\$|#|@|\*\* ?\(|\||(?:def\w*|end|do|use|import|alias)\b"
)
"""What begins a line of its own, however full the one above is."""
PROMPTED = re.compile(r"\s*(?:iex|\.\.\.)(?:\([^)]*\)\d*)?> ?")
COMMENT = re.compile(r"(?:^|\s)(?:#(?![{<])|%%|//)")
CODE_LIKE = re.compile(r"[(\[{=]|^\"|^:\w+$|^\d[\d_.]*$")
CLOSING = re.compile(r"[)\]}]+[,;]?")
OPERATOR = re.compile(r"(?:[|&<>=!+*/\-]{1,3}|and|or|when|in)(?:\s|$)")
BLANK = "\u2423"
HYPHENS = ("\u2010", "\u00ad")
NO_BLANK_AFTER = "([{@&/~\\-%"
NO_BLANK_BEFORE = ")]}.,;(/\\"


def may_hang(line: Line, following: Line, usual: Usual) -> bool:
    """Whether a line may be the rest of the one above by where it stands on the page."""
    if following.mono < CODE or not following.runs[0].text.strip():
        return False
    columns = (following.x0 - usual.left(following)) / _width(following.main)
    down = (following.y - line.y) / usual.code_step(line.size)
    if columns <= HANGING:
        return False
    off = abs(columns - round(columns)) > OFF_GRID and 0.4 < down < 1.05
    return off or NARROW[0] < down < NARROW[1]


class Wraps:
    """What is known of broken lines in a document whose code stands in `spans` of its lines."""

    def __init__(
        self,
        lines: Sequence[Line],
        spans: Sequence[tuple[int, int]],
        usual: Usual,
        pitches: Mapping[int, float],
        fonts: Sequence[Font],
    ) -> None:
        self.usual = usual
        self.pitches = pitches
        self.fonts = fonts
        self.keeps_blanks = self.all_kept = False
        self.silent = False
        self.limits = self._limits(lines, spans)
        self.hang = 0.0
        """Columns from where a line begins to where its rest hangs, 0.0 where blanks at a break
        are never carried over."""
        self.edges: dict[int, float] = {}
        self.narrow = 0.0
        """The columns by which rests hang that stand closer to the line above, 0.0 without."""
        self._hanging(lines, spans)

    def _limits(self, lines: Sequence[Line], spans: Sequence[tuple[int, int]]) -> dict[int, float]:
        """By column, how far right code goes where a blank at a line's end says that it is broken
        there, or where no line goes farther and some could not have."""
        found: defaultdict[int, list[float]] = defaultdict(list)
        ends = breaks = bare = 0
        for start, end in spans:
            for line, following in pairwise(lines[start:end]):
                ends += 1
                if line.raw.endswith(" ") and following.raw[:1] != " ":
                    breaks += 1
                    far = line.ink - self.usual.left(line)
                    found[max(line.column, 0)].append(far)
                elif may_hang(line, following, self.usual):
                    reach = self.usual.right(line) - self.usual.left(line)
                    full = line.ink - self.usual.left(line) > 0.75 * reach
                    bare += full and (line.raw[-1:].isalnum() or line.raw[-1:] in ",:>")
        if breaks > 0.3 * ends:
            return {}
        self.keeps_blanks = bool(found) and breaks > bare
        self.all_kept = bare < 0.1 * breaks
        if not found:
            signed = any(line.wrapped for start, end in spans for line in lines[start:end])
            return {} if signed else self._silent_limits(lines, spans)
        return {column: _most(far) for column, far in found.items()}

    def _silent_limits(
        self, every: Sequence[Line], spans: Sequence[tuple[int, int]]
    ) -> dict[int, float]:
        """How far right code goes in columns whose lines stop at their edge, one after the other:
        what is longer was broken without a sign."""
        lines: defaultdict[int, list[Line]] = defaultdict(list)
        for start, end in spans:
            for line in every[start:end]:
                lines[max(line.column, 0)].append(line)
        found: dict[int, float] = {}
        for column, of_column in lines.items():
            far = max(line.ink - self.usual.left(line) for line in of_column)
            edge = median(self.usual.right(line) - self.usual.left(line) for line in of_column)
            step = pitch(of_column[0], self.pitches)
            full = sum(line.ink - self.usual.left(line) > far - 4 * step for line in of_column)
            if edge - FILLED * step < far < edge + step and full >= FULL:
                found[column] = far
        self.silent = bool(found)
        return found

    def _hanging(self, lines: Sequence[Line], spans: Sequence[tuple[int, int]]) -> None:
        """Measure how far rests hang."""
        narrow: Counter[float] = Counter()
        columns: Counter[float] = Counter()
        edges: defaultdict[int, list[float]] = defaultdict(list)
        for start, end in spans:
            left = min((self._start(line) for line in lines[start:end]), default=0.0)
            own = left
            for line, following in pairwise(lines[start:end]):
                step = pitch(following, self.pitches)
                away = (self._start(following) - left) / step
                down = (following.y - line.y) / self.usual.code_step(line.size)
                if not self._is_off(self._start(line) - left, step):
                    own = self._start(line)
                if following.wrapped or away <= HANGING:
                    continue
                if NARROW[0] < down < NARROW[1]:
                    narrow[round(away, 2)] += 1
                elif self._is_off(away * step, step) and 0.4 < down < 1.05:
                    columns[round((self._start(following) - own) / step, 1)] += 1
                    edges[max(line.column, 0)].append(line.ink - self.usual.left(line))
        if narrow:
            usually, count = narrow.most_common(1)[0]
            self.narrow = usually if count >= SURE else 0.0
        if not columns or self.keeps_blanks:
            return
        usually = max(columns, key=lambda column: (columns[column], -column))
        more = sum(
            count
            for column, count in columns.items()
            if column > usually + 0.5 and abs(column - usually - round(column - usually)) < 0.15
        )
        if more >= SURE:
            self.hang = usually
            self.edges = {column: _most(far) for column, far in edges.items()}

    def _is_off(self, away: float, step: float) -> bool:
        """Whether an indentation is none that was typed."""
        columns = away / step
        return columns > HANGING and abs(columns - round(columns)) > OFF_GRID

    def _start(self, line: Line) -> float:
        return left_edge(line, pitch(line, self.pitches), self.fonts)

    def is_rest(
        self, previous: Line, line: Line, left: float, step: float, above: str, text: str
    ) -> bool:
        """Whether a line is the rest of the one above. `left` is where the block begins, `text`
        what it says, and `above` what the line above does, with all that was broken off before."""
        if line.wrapped:
            return True
        down = (line.y - previous.y) / self.usual.code_step(line.size)
        if down > 1 + TOLERANCE:
            return False
        start = left_edge(line, step, self.fonts)
        columns = (start - left) / step
        if self._is_off(start - left, step):
            return True
        if self.narrow and NARROW[0] < down < NARROW[1] and abs(columns - self.narrow) < EQUAL:
            return True
        limit = self.limits.get(max(line.column, 0))
        if limit is None:
            return False
        if columns > 0.5 and not previous.raw.endswith(" "):
            return False
        rest = text.strip()
        word = re.split(r"(?<=-)| ", rest, maxsplit=1)[0]
        would_end = previous.ink - self.usual.left(previous) + (len(word) + 1) * step
        if would_end < limit - 0.5 * step:
            return False
        if self.keeps_blanks:
            return previous.raw.endswith(" ") or bool(re.search(r"\w-$", previous.raw))
        return not STARTS.match(rest) and _may_go_on(above, rest)

    def joined(
        self, previous: Line, line: Line, left: float, step: float, above: str, rest: str
    ) -> str:
        """What a line said with its `rest`. A hyphen that is none of the keyboard's, or a sign for
        a blank, was put there by who broke the line."""
        if above.endswith(BLANK):
            return above[:-1].rstrip() + " " + rest
        if above.endswith(HYPHENS):
            return above[:-1] + rest
        return above + self._blanks(previous, line, left, step, above, rest) + rest

    def _blanks(
        self, previous: Line, line: Line, left: float, step: float, above: str, rest: str
    ) -> str:
        """The blanks that stood where a line was broken: those at its end if the file keeps them,
        those carried over, else one where the line could not have been broken without."""
        kept = len(previous.raw) - len(previous.raw.rstrip(" "))
        if self.keeps_blanks and (kept or self.all_kept):
            return " " * kept
        if self.hang and not line.wrapped:
            edge = self.edges.get(max(previous.column, 0), 0.0)
            room = (edge - (previous.ink - self.usual.left(previous))) / step
            indented = len(above) - len(above.lstrip())
            start = left_edge(line, step, self.fonts)
            more = round((start - left) / step - indented - self.hang)
            if more > 0:
                return " " * (more if room < 0.75 else more + 1)
            if room < 0.3:
                return ""
        return _guessed(above, rest)


def _most(far: Sequence[float]) -> float:
    """How far lines go, but for those that stand out."""
    return sorted(far)[int(0.95 * len(far))]


def _guessed(above: str, rest: str) -> str:
    """A blank, or none, by what stands on both sides of a break."""
    before, after = above[-1:], rest[:1]
    if COMMENT.search(above) and after == "(":
        return " "
    if before in NO_BLANK_AFTER or after in NO_BLANK_BEFORE:
        return ""
    for quote in '"`':
        inside = above.count(quote) % 2 == 1
        if inside and (before == quote or re.match(rf"{quote}[\])}},;.]*", rest)):
            return ""
    if re.match(r"'(?:[a-z]{1,2}\b| )", rest) or (before == "'" and above[-2:-1] in " (["):
        return ""
    if before == ":" and not above[-2:-1].isalnum():
        return ""
    if before == "." and not (after.isupper() and re.search(r"(?<![\w.])[a-z]+\.$|\)\.$", above)):
        return ""
    return "" if re.search(r"#[A-Z]?\w*$", above) else " "


def _may_go_on(above: str, rest: str) -> bool:
    """Whether a line that may be the rest of a full one is none of its own: what follows a whole
    expression at a prompt, or is whole code after a comment or after whole code."""
    prompt = PROMPTED.match(above)
    if prompt:
        return not _parses(above[prompt.end() :]) or bool(OPERATOR.match(rest))
    if CLOSING.fullmatch(rest):
        return sum(map(above.count, "([{")) > sum(map(above.count, ")]}"))
    if not CODE_LIKE.search(rest) or not _parses(rest):
        return True
    return not (COMMENT.search(above) or _parses(above))


def _parses(code: str) -> bool:
    tree = parse_frugally(code.encode(), "elixir")
    return tree is not None and not tree.root_node.has_error


def _width(run: Run) -> float:
    """How wide the characters of a monospaced run are."""
    return (run.rights[0] - run.lefts[0]) or 0.6 * run.size
