"""Reads one PDF in a process of its own, whose time and memory are limited.

What PyMuPDF parses was made by strangers, and its parser is C: a file that makes it crash, or work
for hours, ends this process and nothing else. Standard input names the file; the book, or why it is
refused, comes on standard output, both as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from pathlib import Path

from factory.errors import RequestError, SourceError

CPU_SECONDS = 600
MEMORY = 12_000_000_000
"""Bytes of address space; a thousand pages need one."""


def main() -> None:
    asked = json.load(sys.stdin)
    _limit(resource.RLIMIT_CPU, int(asked.get("seconds", CPU_SECONDS)))
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CORE, 0)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the parser prints is no answer
    from sources.books.layout.reading import read_book

    answer: dict[str, object]
    try:
        answer = {"book": asdict(read_book(Path(asked["path"]), asked["password"]))}
    except SourceError as error:
        answer = {"source": str(error)}
    except RequestError as error:
        answer = {"request": str(error)}
    json.dump(answer, answers)
    answers.close()


def _limit(what: int, to: int) -> None:
    _, most = resource.getrlimit(what)
    to = to if most == resource.RLIM_INFINITY else min(to, most)
    resource.setrlimit(what, (to, most))


if __name__ == "__main__":
    main()
