"""The records that flow through the house, and the Arrow schema that stands beside each.

`Document` is a file (or a chapter) with where it came from; `Example` is one training row. A stage
takes an iterator of one and yields an iterator of the other. Two small companions travel with them:
`Release`, the immutable thing upstream that documents belong to, and `LeftOut`, the trace of
whatever did *not* become a document or an example, with the reason.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa

SCHEMA_VERSION = 2
"""Raised when the meaning or shape of a record changes; part of every partition's key."""

Format = Literal["messages", "prompt_completion", "text"]
FORMATS: tuple[Format, ...] = ("messages", "prompt_completion", "text")

LANGUAGES = ("elixir", "erlang", "heex", "eex", "markdown", "patch")
"""What a document can be written in. HEEx and EEx are templates; Markdown is guides and books'
chapters; a patch is one commit, with its message and the whole of the files that it touches."""

UNKNOWN_LICENCE = "LicenseRef-unknown"
"""SPDX has no word for *unknown*; a `LicenseRef-` is its way to say something of one's own."""


def about(count: int) -> int:
    """A count to two significant digits: stars and downloads move every day, and no dataset should
    become another one for that."""
    digits = len(str(abs(count)))
    return round(count, 2 - digits) if digits > 2 else count


@dataclass(frozen=True, slots=True)
class Signals:
    """What the world says of a release's project; None or "" where the source does not know.

    `stars`, `downloads` and `contributors` are to two significant digits (`about`), `top_share` is
    the part of recent commits by the most active person, to the next 0.05, `updated` the month of
    the last activity (YYYY-MM); `ci` and `tests` say whether the project has them. They are joined
    to rows when a version is written, so that a new star rebuilds no partition.
    """

    stars: int | None = None
    downloads: int | None = None
    contributors: int | None = None
    top_share: float | None = None
    ci: bool | None = None
    tests: bool | None = None
    updated: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that should have been a release and could not even be listed, and why: a package
    whose entry in its registry never came, say. A build names it; with `--strict` it stops."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Release:
    """One immutable release upstream: a Debian source version, a commit, a directory's digest.

    `checksum` is `algorithm:hex` and identifies the content. `family` is what the split keeps
    together: all versions of a package, and packages that are one project. `origin` says where a
    person finds it and holds no path of this machine. `released` is an ISO date (UTC) or "" when
    upstream does not say. `size` is about how many bytes there are to read, 0 when nobody knows:
    it decides which release is worked on first, and nothing else. `book` is the title where the
    release is a book.
    """

    source: str
    name: str
    version: str
    checksum: str
    family: str
    origin: str
    released: str = ""
    size: int = 0
    signals: Signals = Signals()
    book: str = ""

    @property
    def label(self) -> str:
        return f"{self.source}:{self.name}@{self.version}"

    def document(
        self,
        *,
        path: str,
        language: str,
        licence: str,
        text: str,
        generated: str = "",
        origin: str = "",
        licence_note: str = "",
        chapter: str = "",
        pages: tuple[tuple[int, int], ...] = (),
    ) -> Document:
        """A document of this release: what all of them share is the release's."""
        return Document(
            source=self.source,
            release=self.name,
            version=self.version,
            checksum=self.checksum,
            family=self.family,
            path=path,
            language=language,
            licence=licence,
            text=text,
            released=self.released,
            generated=generated,
            origin=origin,
            licence_note=licence_note,
            book=self.book,
            chapter=chapter,
            pages=pages,
        )


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that was seen and left out, and why.

    `stage` is the plugin or pass that decided, `subject` what it was about inside the path (say
    `Enum.map/2`; "" for the whole file), `line` where it starts (1-based, 0 for the whole file),
    `task` the transform's task ("" where no task was involved yet).
    """

    path: str
    reason: str
    stage: str
    subject: str = ""
    line: int = 0
    task: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A file or a chapter, with where it came from.

    `text` is valid Unicode with `\\n` or `\\r\\n` line ends as upstream has them; spans everywhere
    count bytes of its UTF-8 form. `licence` is an SPDX expression or `LicenseRef-unknown`.
    `generated` says why the file is held to be generated ("" when it is not). `origin` says where
    the file came from when that is not the release itself (tests that a package left out, from its
    repository), `licence_note` what was assumed about the licence. A chapter of a book has its
    title, and `pages`: from which byte of the text on it stands on which page, ascending.
    """

    source: str
    release: str
    version: str
    checksum: str
    family: str
    path: str
    language: str
    licence: str
    text: str
    released: str = ""
    generated: str = ""
    origin: str = ""
    licence_note: str = ""
    book: str = ""
    chapter: str = ""
    pages: tuple[tuple[int, int], ...] = ()

    @property
    def place(self) -> str:
        """Where the file is: its path in the release, or its origin elsewhere."""
        return self.origin or self.path

    @property
    def size(self) -> int:
        """Size in bytes of the UTF-8 text."""
        return len(self.text.encode())

    @property
    def digest(self) -> str:
        """`sha256:…` of the UTF-8 text: equal for the same file in two packages."""
        return "sha256:" + hashlib.sha256(self.text.encode()).hexdigest()


PAGES_TYPE = pa.list_(pa.struct([("byte", pa.int64()), ("page", pa.int32())]))

DOCUMENT_SCHEMA = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("language", pa.string(), nullable=False),
        pa.field("licence", pa.string(), nullable=False),
        pa.field("generated", pa.string(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("licence_note", pa.string(), nullable=False),
        pa.field("chapter", pa.string(), nullable=False),
        pa.field("pages", PAGES_TYPE, nullable=False),
        pa.field("text", pa.large_string(), nullable=False),
    ]
)
"""A release's documents as they are cached; what they share stands in the file's metadata."""


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an example comes from. Spans are of the document's UTF-8 bytes, end exclusive; lines
    are 1-based and inclusive. `related` names other files of the release that the row also quotes
    (a test file's module, say), by origin where they are not the release's own. `subject` is what
    the row is about (`Enum.map/2`, `MyApp.Cart`). `origin` and `licence_note` are the document's; a
    row from a book names it, its chapter and its pages (`12`, or `12-14`)."""

    source: str
    release: str
    version: str
    checksum: str
    family: str
    released: str
    path: str
    start_line: int
    end_line: int
    start_byte: int
    end_byte: int
    transform: str
    transform_version: int
    subject: str = ""
    related: tuple[str, ...] = ()
    origin: str = ""
    licence_note: str = ""
    book: str = ""
    chapter: str = ""
    pages: str = ""


@dataclass(frozen=True, slots=True)
class Curriculum:
    """What a row teaches: the concepts that its section introduces, those that it uses, and its
    place in a learning order over the whole dataset (1 for the first; None until the pass of that
    name has run, and for rows that teach no concept)."""

    introduces: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """Signals that passes and users filter by; all are measured, none is a judgement.

    `documentation` is the share (0..1) of doc, spec and doctest present on the subject;
    `structure` metrics are those of `factory.syntax.metrics` over the subject's span;
    `syntax_errors` counts error spans inside it; `redactions` counts what was replaced in its file.
    """

    documentation: float = 0.0
    lines: int = 0
    nesting: int = 0
    constructs: int = 0
    processes: int = 0
    macros: int = 0
    syntax_errors: int = 0
    redactions: int = 0


@dataclass(frozen=True, slots=True)
class Execution:
    """Whether the row was executed and what happened. `status` is `not_run`, `passed` or
    `failed`; `detail` says why it was not run, or what the run said."""

    status: Literal["not_run", "passed", "failed"] = "not_run"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """One training row.

    Exactly one payload is set, as `format` says: `messages` (a chat), `prompt` and `completion`,
    or `text`; the names are those of TRL and `datasets`. `difficulty` is set by the difficulty
    pass. The id is the digest of task, format and payload, so equal content has an equal id.
    """

    task: str
    format: Format
    language: str
    licence: str
    provenance: Provenance
    messages: tuple[Message, ...] = ()
    prompt: str = ""
    completion: str = ""
    text: str = ""
    quality: Quality = Quality()
    executed: Execution = Execution()
    curriculum: Curriculum = Curriculum()
    difficulty: str = ""

    @property
    def id(self) -> str:
        """32 hex digits: the first half of a SHA-256 over task, format and payload, each text
        with its length before it."""
        parts = [self.task, self.format, self.prompt, self.completion, self.text]
        for message in self.messages:
            parts += (message.role, message.content)
        packed = [part.encode() for part in parts]
        whole = b"".join(b"%d:%b" % (len(part), part) for part in packed)
        return hashlib.sha256(whole).hexdigest()[:32]

    @property
    def answer(self) -> str:
        """What the model learns to write: the last assistant turn, the completion, or the text."""
        if self.format == "messages":
            return self.messages[-1].content
        return self.completion if self.format == "prompt_completion" else self.text

    @property
    def request(self) -> str:
        """What the model is given: all turns before the answer, or the prompt ("" for text)."""
        if self.format == "messages":
            return "\n\n".join(m.content for m in self.messages[:-1])
        return self.prompt


MESSAGES_TYPE = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))

PROVENANCE_TYPE = pa.struct(
    [
        ("source", pa.string()),
        ("release", pa.string()),
        ("version", pa.string()),
        ("checksum", pa.string()),
        ("family", pa.string()),
        ("released", pa.string()),
        ("path", pa.string()),
        ("start_line", pa.int32()),
        ("end_line", pa.int32()),
        ("start_byte", pa.int64()),
        ("end_byte", pa.int64()),
        ("transform", pa.string()),
        ("transform_version", pa.int32()),
        ("subject", pa.string()),
        ("related", pa.list_(pa.string())),
        ("origin", pa.string()),
        ("licence_note", pa.string()),
        ("book", pa.string()),
        ("chapter", pa.string()),
        ("pages", pa.string()),
    ]
)

QUALITY_TYPE = pa.struct(
    [
        ("documentation", pa.float32()),
        ("lines", pa.int32()),
        ("nesting", pa.int32()),
        ("constructs", pa.int32()),
        ("processes", pa.int32()),
        ("macros", pa.int32()),
        ("syntax_errors", pa.int32()),
        ("redactions", pa.int32()),
    ]
)

SIGNALS_TYPE = pa.struct(
    [
        ("stars", pa.int64()),
        ("downloads", pa.int64()),
        ("contributors", pa.int64()),
        ("top_share", pa.float32()),
        ("ci", pa.bool_()),
        ("tests", pa.bool_()),
        ("updated", pa.string()),
    ]
)

CURRICULUM_TYPE = pa.struct(
    [
        ("introduces", pa.list_(pa.string())),
        ("uses", pa.list_(pa.string())),
        ("step", pa.int32()),
    ]
)

EXECUTION_TYPE = pa.struct([("status", pa.string()), ("detail", pa.string())])

PAYLOAD_FIELDS: dict[Format, list[tuple[str, pa.DataType]]] = {
    "messages": [("messages", MESSAGES_TYPE)],
    "prompt_completion": [("prompt", pa.string()), ("completion", pa.string())],
    "text": [("text", pa.string())],
}


def example_schema(fmt: Format) -> pa.Schema:
    """The Arrow schema of published rows of one format: its payload columns, then what all share.

    Rows of different formats live in different files, because TRL decides by the columns present
    which kind of dataset it was given.
    """
    return pa.schema(
        [
            ("id", pa.string()),
            ("task", pa.string()),
            *PAYLOAD_FIELDS[fmt],
            ("language", pa.string()),
            ("difficulty", pa.string()),
            ("licence", pa.string()),
            ("provenance", PROVENANCE_TYPE),
            ("quality", QUALITY_TYPE),
            ("signals", SIGNALS_TYPE),
            ("curriculum", CURRICULUM_TYPE),
            ("executed", EXECUTION_TYPE),
        ]
    )


__all__ = [
    "DOCUMENT_SCHEMA",
    "FORMATS",
    "LANGUAGES",
    "SCHEMA_VERSION",
    "UNKNOWN_LICENCE",
    "Curriculum",
    "Document",
    "Example",
    "Execution",
    "Failed",
    "Format",
    "LeftOut",
    "Message",
    "Provenance",
    "Quality",
    "Release",
    "Signals",
    "about",
    "example_schema",
    "replace",
]
