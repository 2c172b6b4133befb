"""A commit's message as a request, or why it is none.

A request stands alone and says what to do: the subject begins with a verb in its plain form
("Fixed", "Fixes" and "Fixing" become "Fix"), numbers of issues, addresses, names of people and
trailers are gone, and the body keeps what describes the change. Read by spelling, in English.

Not covered: messages that describe a change without a verb ("HEEx formatter spacing"), and other
languages: both are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

NOT_A_REQUEST = "the message does not begin with what is to be done"
TELLS_NOTHING = "the message tells nothing of the change"
MERGE = "a merge"
REVERT = "a revert"
RELEASE = "a release or a change of version"
FORMATTING = "formatting only"
ABOUT_TESTS = "the message is about tests, documentation or the project's tools"
FOREIGN = "the message is not in English"
ELSEWHERE = "the message speaks of what stands elsewhere"

LONGEST_SUBJECT = 300
READ = 20_000
"""Characters of a subject that may be one, and of a body that are looked at."""
LONGEST_CODE = 600
"""Characters of code in a body; a longer piece is a benchmark or a log."""

LONGEST = 1_500
"""Characters of a body; further paragraphs are left away."""

_VERBS = """
accept account add adjust allow always apply assert assign attach avoid block bound bring
broadcast build bump cache call cancel cap cast catch change check clarify cleanup clear close
coerce collapse collect combine compare compile complete compute configure consider consolidate
convert copy correct correctly count create deal decode decouple decrease default defer define
delay delegate delete deny deprecate derive detect disable discard disconnect dispatch display
distinguish do drop dump eliminate emit enable encode enforce ensure escape evaluate exclude
execute exit expand expect explicitly expose extend extract fail fallback fetch filter find finish
fix flatten flush follow forbid force format forward free gate generate get give guarantee guard
halt handle hide hoist honor honour ignore implement improve include increase infer inherit
initialize inject inline insert inspect instrument interpret introduce invoke isolate join keep
let leverage limit link list load lock log look loosen lower make map mark match measure memoize
merge migrate minimize mitigate monitor move name narrow nest never normalize notify omit only
open optimise optimize optionally order override parallelize parse pass perform permit persist
pick pin populate prefer prefix prepend preserve prevent print prioritize process prohibit
propagate properly protect provide prune publish pull push put quote raise read rebuild recognise
recognize record redirect reduce reenable refactor refer reference refine refresh refuse reject
relax release reload rely remove rename render reorder repair replace report request require reset
resolve respect respond restart restore restrict retain retry return reuse revise rewrite round
run safely sanitize save scan schedule scope search select send separate serialize set setup
shorten show shrink silence simplify skip slightly sort spawn specify speed split stop store
stream strengthen strip subscribe suggest support suppress swap switch sync take terminate test
throw tighten time trace track transform translate traverse treat trigger trim truncate try tweak
unify unlink unset unwrap upcase update use validate verify wait warn wrap write yield
"""
VERBS = frozenset(_VERBS.split())
_SOFT = frozenset(
    {"correctly", "explicitly", "always", "never", "properly", "only", "safely", "optionally"}
)
"""Adverbs that a subject may begin with; the verb follows."""
OPEN = frozenset(
    {
        *("adjust", "change", "clean", "cleanup", "improve", "optimise", "optimize", "refactor"),
        *("refine", "revise", "rework", "rewrite", "simplify", "speed", "tidy", "tweak", "update"),
    }
)
"""Verbs that say that something becomes better, and not how."""
MORE = re.compile(
    r"\b(?:more|some|various|several|better|extra|additional|other|few|missing|proper|correct)\b",
    re.IGNORECASE,
)
"""Words that say that there is something, and not what."""
REPAIRS = frozenset({"correct", "fix", "repair", "resolve"})
_IRREGULAR = {
    "ran": "run", "made": "make", "kept": "keep", "sent": "send", "took": "take", "wrote": "write",
    "got": "get", "found": "find", "put": "put", "hid": "hide", "threw": "throw", "built": "build",
    "let": "let", "set": "set", "split": "split", "read": "read", "caught": "catch",
}  # fmt: skip

_TICKET = re.compile(
    r"\s*[(\[]\s*(?:(?:see|fix(?:es)?|close[sd]?|ref(?:s|erences)?|re|issue|PR|gh)[:\s-]*)*"
    r"(?:[\w.-]+/[\w.-]+)?#\d+(?:\s*,\s*#\d+)*\s*[)\]]|\s*[(\[](?:GH|[A-Z]{2,8})-\d+[)\]]|"
    r"\s*\[(?:ci skip|skip ci|wip)\]",
    re.IGNORECASE,
)
_LEADING_TICKET = re.compile(r"^\s*(?:\[?(?:[A-Z]{2,8}-\d+|(?:GH)?-?#\d+)\]?[:\s-]+)+")
_CLOSES = re.compile(
    r"[\s,.;:(–—-]*\b(?:(?:this|which|it|also)\s+)?(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|"
    r"ref(?:s|erences)?|see(?: also)?|related(?: to)?|issue|re|part of|follow[ -]?up (?:to|of|on)|"
    r"address(?:es)?|as per|per|for|from|in|via)(?:\s+(?:issues?|PRs?|pull requests?|"
    r"discussions?|tickets?))?:?\s+(?:\(?(?:[\w.-]+/[\w.-]+)?#\d+\)?|(?:GH|[A-Z]{2,8})-\d+|"
    r"https?://\S+)(?:(?:\s*,\s*|\s+and\s+)(?:[\w.-]+/[\w.-]+)?#\d+)*\)?\.?",
    re.IGNORECASE,
)
_CONVENTIONAL = re.compile(
    r"^(feat|feature|fix|bug|bugfix|improvement|enhancement|change|chore|docs?|refactor|perf|style|tests?|ci|build|deps|internal)"
    r"(?:\([^)]{1,40}\))?!?:\s*",
    re.IGNORECASE,
)
_ABOUT_TESTS = frozenset({"docs", "doc", "style", "test", "tests", "ci", "build", "deps"})
_PLACE = re.compile(r"^([`\w./\\-]+(?: [`\w./-]+)?):\s+(?=\w)")
_MERGED = re.compile(r"^(?:merge|merged|merging)\b(?! (?:adjacent|all|both|duplicate|the ))", re.I)
_REVERTED = re.compile(r"^(?:revert|reverts|reapply)\b|\bThis reverts commit\b", re.I | re.M)
_RELEASED = re.compile(
    r"^(?:(?:bump|update|upgrade|release|prepare|set|change|increment|tag|cut)\b.{0,40}"
    r"(?:\bversions?\b|\bv?\d+\.\d+|\brelease\b|\bdeps?\b|\bdependenc|\block ?file|\bmix\.lock)|"
    r"v?\d+\.\d+|release\b|bump\b|upgrade\b|(?:update|add|fix|edit)?\s*(?:the )?change ?log)",
    re.IGNORECASE,
)
_FORMATTED = re.compile(
    r"^(?:(?:run|apply|use|fix|mix) )?(?:mix |code )?(?:re)?format(?:ting|ter|ted)?\b(?:.{0,20})$|"
    r"\bmix format\b|^(?:fix |remove )?(?:trailing )?white ?space|\bindent(?:ation)?\b|"
    r"\bformat(?:ted|ting)? (?:code|files?|the code)\b",
    re.IGNORECASE,
)
_TOOLS = re.compile(
    r"\b(?:typos?|spelling|grammar|wording|change ?log|readme|moduledocs?|typedocs?|docs?|"
    r"documentation|docstrings?|comments?|guides?|doctests?|tests?|specs? for|test suite|coverage|"
    r"CI|dialyzer|credo|travis|github actions?|workflows?|lint(?:er|ing)?|flaky|flakes?|"
    r"copyright|license|typespecs?|benchmarks?|(?:unused|compil\w+|deprecation|xref|type|ct|test|several|some|all|the|few|more|"
    r"elixir \S+|otp \S+|1\.\d+|fix|remove|silence|address)(?: \w+)? warnings?|warnings? (?:on|in|"
    r"with|for) (?:elixir|otp|latest|newer|\d))\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"^(?:wip|tmp|temp|misc|fix(?:es|ed)?|fix (?:it|bug|this|that|error|issue|stuff|things?)|"
    r"cleanup|clean ?up|minor|small|tidy|refactor|polish|improve(?:ments?)?|updates?|changes?|"
    r"tweaks?|simplif(?:y|ication)|nits?|oops|more|address (?:the )?(?:review|feedback|comments?)"
    r"|apply (?:suggestions?|feedback)|code review|self review|review|another .*|one more .*)"
    r"(?: (?:code|things?|stuff|it|this|up|a bit|some more|again|tests?|comments?|feedback"
    r"|suggestions?))*\W*$",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"^\s*(?:(?:co-?authored|signed-off|reviewed|reported|suggested|acked|tested|helped|committed|"
    r"assisted|generated|fixed)-by|change-id|cc|closes?|fix(?:es)?|resolves?|refs?|see(?: also)?|"
    r"issue|pr|backport|cherry[- ]picked?|original (?:fix|patch|work)|thanks?|credits?|h/t|bug|"
    r"jira|link|relates?(?: to)?|release-as|breaking change|signed off|this reverts|amp-thread|"
    r"claude|🤖)\b\s*(?::|#|by\b|to\b|from\b|@|https?:|[\w.-]+/[\w.-]+#|-id).*$|"
    r"^\s*(?:[*-] )?(?:\(cherry picked|co-authored|🤖|-{4,}|_{4,}|={4,}|#\d+)|"
    r"^\s*<?https?://\S+>?\s*$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"https?://|\b(?:thanks|cc|by|from|per|with|to)[: ]+@[a-z\d-]+|#\d+\b|"
    r"(?<![\w`])@[a-z][a-z\d-]+ (?:pointed|suggested|said|noticed|found|reported|proposed)\b|"
    r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b|\w\.exs?:\d+|\w\.erl:\d+"
)
_NOT_ALONE = re.compile(
    r"\b(?:previous|last|earlier|above|other|same) (?:commit|PR|pull request|patch|change)|"
    r"\b(?:this|the) (?:PR|pull request|branch|issue|discussion|thread)\b|\bfollow[- ]?up\b|"
    r"\b(?:see|per|cf\.?) (?:above|below|the)\b|\bbackport|\bcherry[- ]pick|\bmaster\b|"
    r"\bI(?:'m|'ve|'ll|'d)?\b|\b(?:my|me)\b|"
    r"\bregression (?:in|from|since) v?\d|\bin v?\d+\.\d+\.\d+|\bsince v?\d+\.\d+|\brebase\b|"
    r"\breverting\b|\b(?:add|bring|put|get|turn|restore)\b[^.\n]* back\b|"
    r"\b(?:welcome|appreciate|let us know|any thoughts|feedback|propos(?:e|al|ing))\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"^(?:also |and )?(?:(?:add|fix|updat|chang|extend|adjust|writ|includ|correct|improv)\w* )?"
    r"(?:\w+ ){0,2}(?:tests?|doctests?|specs?|docs?|documentation|changelog|typos?|comments?)\b"
    r"(?! (?:which|that|fail))",
    re.IGNORECASE,
)
"""What a commit did besides its code; nobody asks for that here."""
_TRAILS_OFF = re.compile(
    r"(?:^|(?<=[.!?])\s)\s*(?:e\.g\.?|i\.e\.?|for (?:example|instance)|like so)[:.,]?$",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"(])")
_LISTED = re.compile(r"^\s*(?:[*•-]|\d+[.)])\s+")
_SQUASHED = re.compile(r"^\* \S")
_FENCE = re.compile(r"^\s*```")


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be done, as one sentence with its full stop, and what else is said of it ("" for
    nothing), as Markdown."""

    subject: str
    body: str

    @property
    def verb(self) -> str:
        """The verb that the subject begins with, behind the place it may name."""
        place = _PLACE.match(self.subject)
        rest = self.subject[place.end() :] if place else self.subject
        return plain_verb(rest.partition(" ")[0])

    @property
    def text(self) -> str:
        return f"{self.subject}\n\n{self.body}" if self.body else self.subject


class Unfit(Exception):  # noqa: N818 (a verdict, not a failure)
    """A message is no request; the text says why."""


def request(subject: str, body: str) -> Request:
    """The request that a message makes. Raises `Unfit`."""
    if len(subject) > LONGEST_SUBJECT:
        raise Unfit(NOT_A_REQUEST)
    said = " ".join(subject.split())
    body = body[:READ]
    if _MERGED.match(said):
        raise Unfit(MERGE)
    if _REVERTED.search(f"{said}\n{body}"):
        raise Unfit(REVERT)
    said = cleaned(said)
    conventional = _CONVENTIONAL.match(said)
    if conventional:
        if conventional[1].lower() in _ABOUT_TESTS:
            raise Unfit(ABOUT_TESTS)
        said = said[conventional.end() :]
    if _VAGUE.match(said) or len(said.split()) < 3:
        raise Unfit(TELLS_NOTHING)
    if _RELEASED.match(said):
        raise Unfit(RELEASE)
    if _FORMATTED.search(said):
        raise Unfit(FORMATTING)
    if _TOOLS.search(said):
        raise Unfit(ABOUT_TESTS)
    if _ADDRESS.search(said) or _NOT_ALONE.search(said) or said.endswith(("...", "…")):
        raise Unfit(ELSEWHERE)
    explained = explanation(body)
    if _is_foreign(f"{said} {explained}"):
        raise Unfit(FOREIGN)
    return Request(_imperative(said), explained)


def _is_foreign(text: str) -> bool:
    """Whether a text has words with letters that English has not, more than a name or two."""
    words = re.findall(r"[^\W\d_]+", text)
    return sum(not word.isascii() for word in words) * 12 > len(words)


def cleaned(subject: str) -> str:
    """A subject without numbers of issues and whatever points to them."""
    said = _LEADING_TICKET.sub("", subject)
    while True:
        shorter = _CLOSES.sub("", _TICKET.sub("", said)).strip()
        if shorter == said:
            return said.rstrip(" .,;:-–—").strip()
        said = shorter


def _imperative(said: str) -> str:
    """The subject with its verb in the plain form, and a full stop. Raises `Unfit`."""
    place = _PLACE.match(said)
    before, rest = (said[: place.end()], said[place.end() :]) if place else ("", said)
    word, _, others = rest.partition(" ")
    verb = plain_verb(word)
    if not verb or not others:
        raise Unfit(NOT_A_REQUEST)
    if verb in _SOFT:
        following = plain_verb(others.partition(" ")[0])
        if not following or following in _SOFT:
            raise Unfit(NOT_A_REQUEST)
    verb = verb if before else verb.capitalize()
    return f"{before}{verb} {others}."


def plain_verb(word: str) -> str:
    """`fix` for Fix, Fixes, Fixed and Fixing; "" for a word that is no verb we know."""
    word = word.lower()
    if word in VERBS:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending in ("ing", "ed", "es", "s", "d"):
        if not word.endswith(ending):
            continue
        stem = word[: -len(ending)]
        tries = [stem, f"{stem}e", f"{stem[:-1]}y" if stem.endswith("i") else ""]
        if len(stem) > 2 and stem[-1] == stem[-2]:
            tries.append(stem[:-1])
        for found in tries:
            if found in VERBS:
                return found
    return ""


def explanation(body: str) -> str:
    """What a body says of the change: without trailers, without lists of squashed commits, without
    sentences that point elsewhere."""
    kept: list[str] = []
    for paragraph in _paragraphs(body):
        text = _paragraph(paragraph)
        if not text or (len(text) > LONGEST_CODE and _is_code(paragraph)):
            if kept and kept[-1].endswith(":"):
                kept.pop()  # it announces what is not shown
            continue
        if sum(map(len, kept)) + len(text) > LONGEST:
            break
        kept.append(text)
    if kept and kept[-1].endswith(":"):
        kept.pop()
    return "\n\n".join(kept)


def _is_code(lines: Sequence[str]) -> bool:
    return any(_FENCE.match(line) for line in lines) or all(line[:1] == " " for line in lines)


def _paragraphs(body: str) -> list[list[str]]:
    """Lines between blank ones; a fenced block is one paragraph, blank lines and all."""
    found: list[list[str]] = [[]]
    fenced = False
    for line in body.replace("\t", "    ").split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        if line.strip() or fenced:
            if not fenced and _TRAILER.match(line):
                continue
            found[-1].append(line.rstrip())
        elif found[-1]:
            found.append([])
    joined: list[list[str]] = []
    for paragraph in found:
        indented = bool(paragraph) and all(line[:4] == "    " for line in paragraph)
        if indented and joined and all(line[:4] in ("    ", "") for line in joined[-1]):
            joined[-1] += ["", *paragraph]  # code with blank lines in it
        elif paragraph:
            joined.append(paragraph)
    return joined


def _paragraph(lines: list[str]) -> str:
    """One paragraph as it may be shown; "" when nothing of it may."""
    text = "\n".join(lines)
    if _is_code([line for line in lines if line]):
        return "" if _ADDRESS.search(text) else text
    if _SQUASHED.match(lines[0]):
        return ""
    if any(_LISTED.match(line) or line[:1] in " >|#" for line in lines):
        return "" if _ADDRESS.search(text) or _NOT_ALONE.search(text) else text
    sentences = _SENTENCE.split(" ".join(line.strip() for line in lines))
    sentences = [s for s in sentences if not _ASIDE.match(s)]
    told = [s for s in sentences if not (_ADDRESS.search(s) or _NOT_ALONE.search(s))]
    if len(told) * 2 < len(sentences) or not told:
        return ""
    return _TRAILS_OFF.sub("", " ".join(told))
