"""`commit`: from what a commit says and the code before it to the code after it.

A commit that changes code in one to three files, and whose message says what, is a task as people
work on it: the request is the message (as `transforms.commit.message` cleans it), the code that
changes, what it leans on, and the tests that came with it; the answer is that code afterwards. Code
is cut at syntax boundaries (`transforms.commit.cut`), so that a long file shows the functions that
change and a mark for the rest, and the answer can be put in its place exactly.

Left out, each with its reason: messages that say little, or do not speak of what changed; changes
of documentation and comments alone, because no request tells which words (`document` asks for
documentation); changes of tests alone, of new files, and of what does not parse; formatting; and
changes with more in them than the request tells (`transforms.commit.covered` is strict there).

It does not know whether a message tells the whole truth, nor whether the change was a good one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Example, LeftOut
from factory.syntax import Span
from transforms.commit import message
from transforms.commit.changed import (
    Changed,
    diff,
    exact,
    places,
    quality,
    remarks,
    rewrites_prose,
    tokens,
)
from transforms.commit.covered import EXPLAINED, Change, uncovered
from transforms.commit.cut import cut
from transforms.commit.evidence import (
    Told,
    comments_out,
    leaves_debugging,
    misnamed,
    speaks,
    strays,
    telling,
    words,
)
from transforms.commit.patch import FileChange, Patch, read_patch
from transforms.commit.side import context, side
from transforms.fences import fenced
from transforms.implement import listed
from transforms.parts import is_of_tests
from transforms.wording import wordings

TASK = "commit"

UNREADABLE = "the patch cannot be read"
TESTS_ONLY = "it changes tests alone"
PROJECT_ONLY = "it changes the project's configuration alone"
NEW_FILE = "it adds or deletes a file of code"
BROKEN = "the code before or after it has syntax errors"
NO_CODE = "it changes documentation, comments or formatting alone"
TOO_LONG = "the code that changes is longer than max_code"
NO_PLACE = "nothing stands beside what it adds or takes away"
SPEAKS_NOT = "the message does not speak of what changed"
TELLS_LITTLE = "more changes than the message tells"
HOW = "the message does not say how"
PROSE = "it rewrites more documentation than code"
DEBUGGING = "it leaves debugging output behind"
COMMENTED_OUT = "it makes comments of code"
MOSTLY_COPIED = "a small change in code that is long"
NEEDS_MORE = "it leans on names that the request does not tell"
STRAYS = "it changes something besides what the message says"
PATTERN = "a regular expression is new that nothing tells"
INEXACT = "the code after it cannot be put back exactly"

COPIED = 1_200
COPIED_PER_CHANGE = 15
"""An answer may have so many characters, and so many more for each one that changes."""
ATOMS = 1
"""So many atoms may be named in a request without tests: what more are for, nobody knows."""
INDENTED = 40
"""Lines that may be indented otherwise and stay the same, beside few that do not."""

LANGUAGES = {".ex": "elixir", ".exs": "elixir", ".erl": "erlang", ".hrl": "erlang"}
_PROJECT = ("mix.exs", "rebar.config", "config/", ".formatter.exs")
_SETTINGS = ("config.exs", "runtime.exs", "prod.exs", "dev.exs")


class CommitOptions(Options):
    answer: Literal["code", "diff"] = Field(
        "code", description="What is answered with: the code after the change, or a unified diff."
    )
    max_code: int = Field(
        6_000, ge=200, description="Longest code to ask about, and to answer with, in bytes."
    )
    max_context: int = Field(
        2_500, ge=0, description="Bytes of other code of the same files that a request may show."
    )
    max_tests: int = Field(
        3_000, ge=0, description="Bytes of the commit's own tests that a request may show."
    )
    max_names: int = Field(
        3, ge=0, description="Most names that nothing else tells of, to be named in a request."
    )


class _Unfit(Exception):  # noqa: N818 (a verdict, not a failure)
    """No row is made of a commit; the message says why."""


class Commit(Transform):
    """From what a commit says, and the code before it, to the code after it."""

    name: ClassVar[str] = "commit"
    version: ClassVar[int] = 3
    languages: ClassVar[frozenset[str]] = frozenset({"patch"})
    tasks: ClassVar[tuple[str, ...]] = (TASK,)
    Options: ClassVar[type[Options]] = CommitOptions

    def document(self, parsed: Parsed) -> Iterator[Example | LeftOut]:
        patch = read_patch(parsed.document.text)
        if patch is None:
            yield self.left_out(parsed, UNREADABLE)
            return
        try:
            yield self._row(parsed, patch)
        except (_Unfit, message.Unfit) as reason:
            yield self.left_out(parsed, str(reason), patch.subject[:100])

    def _row(self, parsed: Parsed, patch: Patch) -> Example:
        asked = message.request(patch.subject, patch.body)
        changed = [self._changed(parsed, change) for change in _code(patch)]
        tests = self._tests(parsed, patch, telling(asked.subject))
        if sum(len(each.cut.shown(after=True)) for each in changed) > self.options.max_code:
            raise _Unfit(TOO_LONG)
        if sum(len(each.cut.shown(after=False)) for each in changed) > self.options.max_code:
            raise _Unfit(TOO_LONG)
        subjects = [
            f"{module}{':' if each.language == 'erlang' else '.'}{function.label}"
            for each in changed
            for module, function in each.after.functions([h.after for h in each.change.hunks])
        ]
        self._check_said(asked, tests)
        added = "".join(each.lines(after=True) for each in changed)
        removed = "".join(each.lines(after=False) for each in changed)
        if not speaks(asked.subject, added, removed, subjects):
            raise _Unfit(SPEAKS_NOT)
        if leaves_debugging(added, removed) and "IO.inspect" not in asked.text:
            raise _Unfit(DEBUGGING)
        if comments_out(added, removed):
            raise _Unfit(COMMENTED_OUT)
        size = sum(len(each.cut.shown(after=True)) for each in changed)
        if self.options.answer == "code" and (
            size > COPIED + COPIED_PER_CHANGE * (len(added) + len(removed))
            or _indents(added, removed)
        ):
            raise _Unfit(MOSTLY_COPIED)
        language = changed[0].language
        number = self.number(parsed, patch.commit)
        request = self._request(asked, changed, tests, number)
        told = Told(request, language)
        code = "".join(each.cut.shown(after=True) for each in changed)
        plain = "".join(each.lines(after=True, code=True) for each in changed)
        before = "".join(each.cut.shown(after=False) for each in changed)
        around = "\n".join(f"{each.path}\n{each.context}" for each in changed)
        if misnamed(asked.subject, f"{before}\n{code}\n{around}\n{tests}"):
            raise _Unfit(SPEAKS_NOT)
        bare = not tests and len(asked.body.split()) < EXPLAINED
        if strays(places(changed), telling(asked.text), bare=bare):
            raise _Unfit(STRAYS)
        if told.patterns(plain, removed):
            raise _Unfit(PATTERN)
        if rewrites_prose(changed):
            raise _Unfit(PROSE)
        if told.too_much(asked.text, tests, plain, removed):
            raise _Unfit(TELLS_LITTLE)
        facts = told.facts(plain, code, self.options.max_names)
        if facts is None or (not tests and len(dict(facts)["atoms"]) > ATOMS):
            raise _Unfit(NEEDS_MORE)
        gone = "".join(each.lines(after=False, code=True) for each in changed)
        reason = uncovered(
            Change(
                asked=asked,
                tests=tests,
                request=" ".join([request, *(name for _, names in facts for name in names)]),
                added=added,
                removed=removed,
                plain=plain,
                gone=gone,
                before=before,
                after=code,
                names=" ".join(subjects),
                remarks=remarks(changed),
                language=language,
            )
        )
        if reason:
            raise _Unfit(reason)
        say = wordings(TASK).say
        said = [say(key, number >> 40, **{key: listed(names)}) for key, names in facts if names]
        answer = self._answer(changed)
        example = self.ask(
            parsed,
            TASK,
            Span(changed[0].change.span.start, changed[-1].change.span.end),
            ", ".join(subjects[:3]) or changed[0].path,
            "\n\n".join([request, *said, self._form(changed, number)]),
            answer,
        )
        return replace(example, language=language, quality=quality(changed))

    def _check_said(self, asked: message.Request, tests: str) -> None:
        """Raises `_Unfit` for what only says that something gets better, or is repaired, where
        neither the message's body nor a test says how."""
        explained = len(asked.body.split()) >= EXPLAINED
        if asked.verb in message.OPEN and not explained:
            raise _Unfit(HOW)
        if message.MORE.search(asked.subject) and not (explained or tests):
            raise _Unfit(HOW)
        if asked.verb in message.REPAIRS and not (explained or tests):
            raise _Unfit(HOW)

    def _changed(self, parsed: Parsed, change: FileChange) -> Changed:
        if change.before is None or change.after is None:
            raise _Unfit(NEW_FILE)
        language = LANGUAGES["." + change.path.rpartition(".")[2]]
        before = side(parsed.document, change.path, change.before, language)
        after = side(parsed.document, change.path, change.after, language)
        if not before.sound or not after.sound:
            raise _Unfit(BROKEN)
        shown = cut(before.lines, after.lines, change.hunks, (before.items, after.items), language)
        if not shown.shown(after=False).strip():
            raise _Unfit(NO_PLACE)
        if tokens(before, shown.shown(after=False)) == tokens(after, shown.shown(after=True)):
            raise _Unfit(NO_CODE)
        if not exact(shown, change.after, language):
            raise _Unfit(INEXACT)
        around = context(before, shown, shown.shown(after=True), self.options.max_context)
        return Changed(change, before, after, shown, around)

    def _tests(self, parsed: Parsed, patch: Patch, meant: frozenset[str]) -> str:
        """The tests that the commit adds or changes, as far as there is room for them and they
        speak of what is `meant`."""
        found: list[str] = []
        left = self.options.max_tests
        for change in patch.files:
            if not _is_test(change.path) or not change.path.endswith("_test.exs"):
                continue
            if change.after is None:
                continue
            after = side(parsed.document, change.path, change.after, "elixir")
            for test in after.tests([hunk.after for hunk in change.hunks]) if after.sound else ():
                if len(test) + 2 <= left and meant & words(test):
                    left -= len(test) + 2
                    found.append(test)
        return "\n\n".join(found)

    def _request(
        self, asked: message.Request, changed: Sequence[Changed], tests: str, number: int
    ) -> str:
        say = wordings(TASK).say
        where = listed([each.path for each in changed])
        parts = [
            say(
                "change",
                number,
                task=asked.text,
                where=where,
                code=_blocks([(e.path, e.cut.shown(after=False), e.language) for e in changed]),
            )
        ]
        around = [(each.path, each.context, each.language) for each in changed if each.context]
        if around:
            places = listed([path for path, *_ in around])
            blocks = _blocks(around)
            parts.append(say("context", number >> 8, where=places, context=blocks))
        if tests:
            parts.append(say("tests", number >> 16, tests=fenced(tests, "elixir")))
        return "\n\n".join(parts)

    def _form(self, changed: Sequence[Changed], number: int) -> str:
        say = wordings(TASK).say
        if self.options.answer == "diff":
            return say("diff", number >> 24)
        marks = {each.cut.mark for each in changed if each.cut.marked}
        if marks:
            return say("marked", number >> 24, mark=marks.pop())
        return say("whole", number >> 24)

    def _answer(self, changed: Sequence[Changed]) -> str:
        if self.options.answer == "diff":
            return fenced("".join(diff(each) for each in changed), "diff")
        return _blocks([(e.path, e.cut.shown(after=True), e.language) for e in changed])


def _indents(added: str, removed: str) -> bool:
    """Whether most of what changes is only indented otherwise."""
    new, old = (Counter(line.strip() for line in side.split("\n")) for side in (added, removed))
    same = (new & old).total()
    return same > INDENTED and same > 2 * ((new - old).total() + (old - new).total())


def _code(patch: Patch) -> list[FileChange]:
    """The files whose code the row is about. Raises `_Unfit` when there are none."""
    known = [c for c in patch.files if "." + c.path.rpartition(".")[2] in LANGUAGES]
    code = [change for change in known if not _is_test(change.path)]
    if not code:
        raise _Unfit(TESTS_ONLY if known else PROJECT_ONLY)
    own = [change for change in code if not _is_project(change.path)]
    if not own:
        raise _Unfit(PROJECT_ONLY)
    return own


def _is_test(path: str) -> bool:
    return is_of_tests(path) or "_test/" in path or "_tests/" in path


def _is_project(path: str) -> bool:
    """Whether a file configures a project, or shows its use."""
    folders, _, name = path.rpartition("/")
    return (
        path.endswith(_PROJECT[:2])
        or path.startswith(_PROJECT[2:])
        or "config" in folders.split("/")
        or name.startswith((".", "example"))
        or name in _SETTINGS
    )


def _blocks(parts: Sequence[tuple[str, str, str]]) -> str:
    """Code as fenced blocks; below the names of their files when there are several."""
    if len(parts) == 1:
        return fenced(parts[0][1], parts[0][2])
    return "\n\n".join(f"`{path}`:\n\n{fenced(code, language)}" for path, code, language in parts)
