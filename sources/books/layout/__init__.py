"""From a PDF to a book: `read_pdf`.

PyMuPDF gives every character with its font, size and box, the lines and images drawn, and the
outline; everything else is decided here from them. It is imported when a PDF is read and no sooner,
so that the rest of the factory works without the extra `books`, and in a process of its own
(`child`), because PDFs are hostile and it is C.

The way: `pdf` takes what a page holds (`glyphs`); `lines` makes lines of it in reading order;
`furniture`, `numbering` and `marks` take off what is not the text; `measure` tells what is usual;
`headings` finds the tree; `code` (`grid`, `breaks`) and `prose` read blocks; `chapters` writes.

Not covered: scanned text, right-to-left and vertical scripts, formulas, three columns.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from pydantic import TypeAdapter

from factory.errors import RequestError, SourceError
from sources.books.layout.child import CPU_SECONDS
from sources.books.model import Book

MISSING = "reading PDF needs PyMuPDF: pip install 'elixir-factory[books]'"
SLACK = 6
"""Seconds of the clock for each of the processor's, on a busy machine."""


def read_pdf(path: Path, password: str = "", *, seconds: int = CPU_SECONDS) -> Book:
    """The book in a PDF file; reading it may take so many `seconds` of one processor.

    Raises `SourceError`, naming the file and what to do, for one that is no PDF, is damaged, holds
    no text (a scan), is encrypted and `password` does not open it, or is larger than the limits;
    and `RequestError` when PyMuPDF is not installed.
    """
    if not path.is_file():
        raise SourceError(f"{path.name}: there is no such file")
    if find_spec("pymupdf") is None:
        raise RequestError(MISSING)
    asked = {"path": str(path.absolute()), "password": password, "seconds": seconds}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "sources.books.layout.child"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SLACK * seconds,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)},
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        answer = {}
    if "request" in answer:
        raise RequestError(answer["request"])
    if "book" not in answer:
        raise SourceError(answer.get("source") or _gave_up(path))
    return TypeAdapter(Book).validate_python(answer["book"])


def _gave_up(path: Path) -> str:
    return (
        f"{path.name}: it could not be read with the time and memory that a book may take; it is "
        "damaged or no book: print it anew to PDF, or leave it out"
    )
