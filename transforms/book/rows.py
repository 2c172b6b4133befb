"""What the three transforms share: reading a document as lessons, and building a row from one.

A lesson is a section with what is needed to ask about it: the headings above, the project or
language that the text is about, the concepts it introduces and uses. A row's language is that of
the code it shows (a document's is Markdown), and its curriculum is its section's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import Field

from factory.parsed import Parsed
from factory.plugins import Options, Transform
from factory.records import Curriculum, Document, Example, LeftOut
from factory.syntax import Span
from transforms import markdown
from transforms.book.code import LANGUAGES, Block, strangers
from transforms.book.headings import Capitals, Heading, bare, general, lists, of_chapter, read
from transforms.book.local import Definitions
from transforms.book.teaching import CODELESS, not_teaching
from transforms.concepts import concepts_of, usual_order
from transforms.markdown import Code, Items, Prose, Section

STRANGERS = "its example uses what is defined elsewhere"
TOO_LONG = "its quotation would be longer than max_quote"

_MODULE = re.compile(r"(?<![\w.])[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")
_ROOT = re.compile(
    r"\b(?:use|import|alias|require) ([A-Z]\w*)|(?<![\w.])([A-Z]\w*)\.(?=[A-Z]|\w+[(/])"
)
_NAMES = {"elixir": "Elixir", "erlang": "Erlang", "heex": "HEEx", "eex": "EEx"}
_COMMON = frozenset({"elixir", "erlang", "learn", "learning", "programming"})
"""Words in the names of repositories that are no project's own."""

_USED = re.compile(r"\b(?:use|import|alias|require) ([A-Z]\w*(?:\.[A-Z]\w*)?)")
_LIVE = re.compile(r"\ballow_upload\(|\bpush_event\(|\bdef handle_event\(|\blive_view\b|\bphx-\w")
_WEB = re.compile(r"\b[A-Z]\w*[a-z]Web\b")
"""What Phoenix calls an application's modules for the web, and what only a live view has."""

_ASH = re.compile(r"\bmanage_relationship\(|^\s*default_accept\b|\bAsh\.[A-Z]\w+", re.MULTILINE)
"""What only the resources of Ash are written with."""


class BookOptions(Options):
    max_quote: int = Field(
        1_200, ge=200, description="Most characters of the text that one row may quote."
    )
    least_prose: int = Field(80, ge=0, description="Fewest characters of prose in an answer.")
    per_document: int = Field(
        60, ge=1, description="Most rows from one document, taken from its beginning."
    )


class Course:
    """What the sections of a document teach, one after another: a concept is introduced by the
    first of them that does. Looked into only as far as somebody asks."""

    def __init__(self, sections: Sequence[Section], *, notebook: bool) -> None:
        self._sections = sections
        self.definitions = Definitions(sections, notebook=notebook)
        self._known: set[str] = set()
        self._taught: list[Curriculum] = []

    def taught(self, number: int) -> Curriculum:
        """What the section of this number introduces and uses."""
        while len(self._taught) <= number:
            one = _taught(self._sections[len(self._taught)], self._known)
            self._known.update(one.introduces)
            self._taught.append(one)
        return self._taught[number]


@dataclass(frozen=True)
class Lesson:
    """A section of teaching text, the `number`-th of its document's course. `above` are the titles
    that hold it, outermost first; `heading` is what its own asks (None when nobody would),
    `chapter` what the document's title does."""

    parsed: Parsed
    section: Section
    above: tuple[str, ...]
    heading: Heading | None
    chapter: Heading | None
    course: Course
    number: int

    @property
    def curriculum(self) -> Curriculum:
        return self.course.taught(self.number)

    def inside(self) -> Lesson:
        """The same for what stands in the section: its own title counts as one above."""
        return replace(self, above=(*self.above, self.section.title))


def whole_lessons(parsed: Parsed) -> list[Lesson] | str:
    """The sections of a document that is known to teach or to ask, or why it cannot be read."""
    if parsed.outline.truncated:
        return f"not read: {parsed.outline.truncated}"
    try:
        return list(_lessons(parsed, markdown.read(parsed.document.text)))
    except markdown.TooLongError as error:
        return f"not read: {error}"


def lessons(parsed: Parsed, *, codeless: bool = False) -> Iterator[Lesson] | str:
    """The document's sections in reading order, or why it is no teaching text. With `codeless` it
    need not show code: an exercise may be prose alone."""
    if parsed.outline.truncated:
        return f"not read: {parsed.outline.truncated}"
    try:
        whole = markdown.read(parsed.document.text)
    except markdown.TooLongError as error:
        return f"not read: {error}"
    reason = not_teaching(parsed.document, whole)
    if codeless and reason == CODELESS:
        reason = ""
    return reason or _lessons(parsed, whole)


def _lessons(parsed: Parsed, whole: Section) -> Iterator[Lesson]:
    capitals = Capitals(
        block.text
        for _, section in whole.every()
        for block in section.blocks
        if isinstance(block, Prose)
    )
    titled = parsed.document.chapter or whole.title
    if not titled and whole.sections and [s.level for s in whole.sections].count(1) == 1:
        titled = whole.sections[0].title
    if not titled or general(titled):
        titled = _folder(parsed.document.path) or titled
    chapter = of_chapter(titled, capitals) if titled else None
    every = list(whole.every())
    notebook = parsed.document.path.endswith(".livemd")
    course = Course([section for _, section in every], notebook=notebook)
    for number, (above, section) in enumerate(every):
        yield Lesson(
            parsed,
            section,
            tuple(one.title for one in above if one.level),
            read(section.title, capitals) if section.level else None,
            chapter,
            course,
            number,
        )


def _folder(path: str) -> str:
    """What a file is about that is called `about.md` or the like: its folder's name, where that
    is no word for texts ("")."""
    *_, folder, name = ("", *path.split("/"))
    if name.partition(".")[0].lower() not in lists()["nameless"] or folder in lists()["folders"]:
        return ""
    return re.sub(r"[-_]", " ", folder).capitalize()


def _taught(section: Section, known: set[str]) -> Curriculum:
    prose = "\n\n".join(block.text for block in section.blocks if isinstance(block, Prose | Items))
    blocks = [(block.language, block.text) for block in section.blocks if isinstance(block, Code)]
    found = concepts_of(bare(section.title), prose, blocks, known)
    return Curriculum(introduces=found.introduces, uses=found.uses)


def topic(document: Document, language: str) -> str:
    """What the text is about, as a question names it: a project where the release is one, else the
    code's language. A package is one; a repository is when the text's code uses it."""
    if document.book or document.source in ("books", "local"):
        return _NAMES[language]
    names: dict[str, str] = lists()["topics"]
    name = document.release.rpartition("/")[2]
    known = names.get(name) or names.get(name.removeprefix("elixir-"))
    if known or document.source != "github" or _in_use(name, document.text):
        return known or f"`{name}`"
    return _NAMES[language]


def topic_of(document: Document, language: str, codes: Iterable[Block]) -> str:
    """The same for a question about this code: in a text about the language at large the library
    that the code uses, where it is one that people know by its name."""
    about = topic(document, language)
    if about != _NAMES["elixir"]:
        return about
    libraries: dict[str, str] = lists()["libraries"]
    used = (name for code in codes for name in _USED.findall(code.text))
    roots = (root for name in used for root in (name, name.partition(".")[0]))
    found = next((libraries[root] for root in roots if root in libraries), "")
    if not found and any(_ASH.search(code.text) for code in codes):
        return libraries["Ash"]
    if not found and any(_LIVE.search(code.text) for code in codes):
        return libraries["Phoenix.LiveView"]
    if not found and any(_WEB.search(code.text) for code in codes):
        return libraries["Phoenix"]
    return found or about


def _in_use(name: str, text: str) -> bool:
    """Whether a text speaks of a project's modules or names it as code does. A repository that is a
    course or a website has a name as well, but nothing in its code goes by it."""
    named = [word.lower() for word in re.split(r"[-_.]", name) if word]
    words = [word for word in named if word not in _COMMON] or named
    if not set(words).isdisjoint(lists()["teaching"]):
        return False
    roots = {"".join(words), *words[:1]} - _COMMON
    atom = re.escape("_".join(named))
    if re.search(rf"(?<![\w:]):{atom}\b|`{atom}`|(?<![\w:]){atom}:[a-z]\w*\(", text):
        return True
    if (
        len(named) > 1
        and words[0] not in _COMMON
        and re.search(rf"\b{''.join(w.capitalize() for w in words)}\b", text)
    ):
        return True
    return any((found[1] or found[2]).lower() in roots for found in _ROOT.finditer(text))


def unshown(lesson: Lesson, codes: Sequence[Block], prose: str) -> bool:
    """Whether code leans on other code: a shell's session always has to be whole; where the text
    is about the language itself, so has every snippet (a library's may take a `conn` for granted).

    Modules that prose names are known by it, and so are the package's own and those that stand for
    any project's."""
    document = lesson.parsed.document
    language = written_in(codes)
    own = "".join(word.capitalize() for word in re.split(r"[_-]", document.release))
    known = {own, "MyApp", "Repo", "Ecto", "Phoenix", "Plug", "Jason", "Nx", "Ash"}
    known.update(_MODULE.findall(prose))
    return bool(strangers(codes, known, snippets=topic(document, language) in _NAMES.values()))


def written_in(blocks: Sequence[Block]) -> str:
    """The language that a row with this code is about, "" when tasks are made from none of it."""
    found = [block.language for block in blocks if block.language in LANGUAGES]
    return min(found, key=lambda one: (-found.count(one), LANGUAGES.index(one))) if found else ""


class BookTransform(Transform):
    """The base of the three: a row is asked about a span of a lesson."""

    languages: ClassVar[frozenset[str]] = frozenset({"markdown"})
    Options: ClassVar[type[Options]] = BookOptions
    options: BookOptions

    def concepts(self) -> Sequence[str]:
        return usual_order()

    def asked(
        self,
        lesson: Lesson,
        span: Span,
        subject: str,
        request: str,
        answer: str,
        *,
        language: str,
        related: Sequence[Parsed] = (),
    ) -> Example:
        row = self.ask(
            lesson.parsed, self.tasks[0], span, subject, request, answer, related=related
        )
        return replace(row, language=language, curriculum=lesson.curriculum)

    def at_most(self, items: Iterable[Example | LeftOut]) -> Iterator[Example | LeftOut]:
        """The items up to the last row that one document may have."""
        made = 0
        for item in items:
            yield item
            made += isinstance(item, Example)
            if made >= self.options.per_document:
                return
