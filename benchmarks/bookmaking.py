"""Books with known text: Elixir's own guides, set by pandoc in several layouts.

The guides come from Debian's source package and are joined to one Markdown file, a chapter each.
Two things are changed in it, for the truth as well: a letter that the fonts of a layout do not have
becomes `?`, and a title inside a quote becomes bold text (LaTeX's classes refuse a heading there).
Truth is what pandoc itself reads in that file: its code blocks and its headings.

Debian's packages that a layout needs are installed when this runs as root, and named when not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus import WORK
from factory.plugins import SourceContext
from factory.records import Document
from sources.debian import Debian

BOOKS = WORK / "books"
GUIDES = "lib/elixir/pages/"
ORDER = ("getting-started", "mix-and-otp", "anti-patterns", "meta-programming", "references")
TITLE = "Elixir Guides"
AUTHOR = "The Elixir Team"

LATIN = re.compile(r"[^\x00-\u00ffł—–’]")
ASCII = re.compile(r"[^\x00-\x7f]")

TABLES_IN_COLUMNS = r"""\makeatletter
\renewenvironment{longtable}[2][]{\par\medskip\noindent\let\endhead\@empty
\let\endfirsthead\@empty\small\begin{tabular}{#2}}{\end{tabular}\par\medskip}
\makeatother
"""
FRAMED = r"""\usepackage{xcolor}
\lstset{basicstyle=\ttfamily\small,numbers=left,numberstyle=\tiny\color{gray},frame=single,
backgroundcolor=\color[gray]{0.95},breaklines=true,postbreak=\mbox{$\hookrightarrow$\space},
columns=fullflexible,keepspaces=true,showstringspaces=false,upquote=true}
"""
SPREAD = r"""\lstset{basicstyle=\ttfamily\footnotesize,columns=fixed,breaklines=true,frame=lines,
numbers=left,stepnumber=5,upquote=false,showstringspaces=false}
\usepackage{fancyhdr}\pagestyle{fancy}
"""
BOXES = """@page { size: 150mm 220mm; margin: 18mm 15mm 20mm; }
body { font: 10.5px/1.45 "DejaVu Sans"; max-width: none; padding: 0; margin: 0 }
pre { background: #f0f0f0; border: 1px solid #ddd; padding: 8px; font: 8.5px/1.35 "Fira Code";
  white-space: pre-wrap }
code { font-family: "Fira Code"; font-size: 90% }
h1 { break-before: page; }
"""
COLUMNS = """body { columns: 2; font: 11px/1.4 "Liberation Serif"; max-width: none; padding: 0 }
pre { font: 7.5px/1.3 "JetBrains Mono"; background: #eee; white-space: pre-wrap; padding: 4px }
h1, h2 { font-family: "Liberation Sans" }
"""

LATEX = (
    "pandoc",
    "texlive-latex-base",
    "texlive-latex-recommended",
    "texlive-latex-extra",
    "texlive-fonts-recommended",
    "lmodern",
)


@dataclass(frozen=True)
class Layout:
    """A way to set the book: the file's ending, what it needs of Debian, and pandoc's words.
    `print_with` makes a PDF from the HTML that pandoc made. `plain` takes the ASCII text."""

    name: str
    needs: tuple[str, ...]
    words: tuple[str, ...] = ()
    ending: str = "pdf"
    header: str = ""
    css: str = ""
    print_with: Callable[[Path, Path], None] | None = None
    plain: bool = False


def chromium(page: Path, to: Path, *words: str) -> None:
    _run(
        "chromium", "--headless", "--no-sandbox", "--disable-background-networking",
        "--disable-gpu", f"--print-to-pdf={to}", *words, str(page),
    )  # fmt: skip


def chromium_bare(page: Path, to: Path) -> None:
    chromium(page, to, "--no-pdf-header-footer")


def wkhtmltopdf(page: Path, to: Path) -> None:
    _run(
        "wkhtmltopdf", "-q", "--enable-local-file-access", "--footer-right", "[page]",
        "--header-left", "[section]", str(page), str(to),
    )  # fmt: skip


def asciidoctor(page: Path, to: Path) -> None:
    _run(
        "asciidoctor-pdf", "-d", "book", "-a", "toc", "-a", "source-highlighter=rouge",
        "-o", str(to), str(page),
    )  # fmt: skip


CHAPTERS = "--top-level-division=chapter"

ASKED = (
    Layout("LaTeX", LATEX),
    Layout("LaTeX, two columns", LATEX, ("-V", "classoption=twocolumn"), header=TABLES_IN_COLUMNS),
    Layout("Chromium print", ("pandoc", "chromium"), print_with=chromium_bare),
    Layout("EPUB", ("pandoc",), ending="epub"),
)
"""The four layouts that are asked for."""

OTHERS = (
    Layout(
        "listings: frames, numbers, wraps",
        LATEX,
        ("--listings", "-V", "documentclass=book", CHAPTERS),
        header=FRAMED + TABLES_IN_COLUMNS,
        plain=True,
    ),
    Layout(
        "KOMA, A5, listings spread on columns",
        LATEX,
        ("--listings", "-V", "documentclass=scrbook", "-V", "papersize=a5",
         "-V", "geometry:margin=2cm", "-N", CHAPTERS),
        header=SPREAD + TABLES_IN_COLUMNS,
        plain=True,
    ),
    Layout(
        "memoir, A5",
        LATEX,
        ("-V", "documentclass=memoir", "-V", "papersize=a5", "-V", "fontsize=11pt", "-N", CHAPTERS),
        header=TABLES_IN_COLUMNS,
    ),
    Layout(
        "XeLaTeX, Fira Code with ligatures",
        (*LATEX, "texlive-xetex", "fonts-firacode", "fonts-dejavu"),
        ("-V", "documentclass=book", "-V", "mainfont=DejaVu Serif", "-V", "monofont=Fira Code",
         "-V", "monofontoptions=Contextuals=Alternate", "-V", "monofontoptions=Scale=0.8",
         "--pdf-engine=xelatex", CHAPTERS),
        header=TABLES_IN_COLUMNS,
    ),
    Layout(
        "LaTeX, parts",
        LATEX,
        ("--top-level-division=part", "-V", "documentclass=book"),
        header=TABLES_IN_COLUMNS,
    ),
    Layout(
        "LuaLaTeX, JetBrains Mono with ligatures",
        (*LATEX, "texlive-luatex", "fonts-jetbrains-mono", "fonts-dejavu"),
        ("-V", "documentclass=scrreprt", "-V", "mainfont=DejaVu Sans",
         "-V", "monofont=JetBrains Mono", "-V", "monofontoptions=Contextuals=Alternate",
         "-V", "monofontoptions=Scale=0.75", "--pdf-engine=lualatex", CHAPTERS),
        header=TABLES_IN_COLUMNS,
    ),
    Layout(
        "Chromium, boxes, heads and feet, Fira Code",
        ("pandoc", "chromium", "fonts-firacode", "fonts-dejavu"),
        css=BOXES,
        print_with=chromium,
    ),
    Layout(
        "Chromium, two columns",
        ("pandoc", "chromium", "fonts-jetbrains-mono", "fonts-liberation"),
        css=COLUMNS,
        print_with=chromium_bare,
    ),
    Layout("wkhtmltopdf", ("pandoc", "wkhtmltopdf"), print_with=wkhtmltopdf),
    Layout(
        "Asciidoctor PDF",
        ("pandoc", "asciidoctor", "ruby-asciidoctor-pdf"),
        (CHAPTERS,),
        ending="adoc",
        print_with=asciidoctor,
    ),
)  # fmt: skip
"""Layouts that were not asked for, to see what general means."""


@dataclass(frozen=True)
class Truth:
    """What a book holds: its blocks of code with the language declared, and its headings."""

    blocks: tuple[tuple[str, str], ...]
    headings: tuple[tuple[int, str], ...]


def guides() -> str:
    """The guides as one Markdown text."""
    cache = WORK / "debian"
    cache.mkdir(parents=True, exist_ok=True)
    options = {"suite": "trixie", "packages": ["elixir-lang"], "include": [f"{GUIDES}**/*.md"]}
    source = Debian(Debian.Options.model_validate(options), SourceContext(cache))
    found = {
        document.path.partition(GUIDES)[2]: document.text
        for release in source.releases()
        for document in source.documents(release)
        if isinstance(document, Document)
    }
    paths = [path for folder in ORDER for path in sorted(found) if path.startswith(f"{folder}/")]
    return "\n\n".join(_plain(found[path]) for path in paths)


def _plain(text: str) -> str:
    text = re.sub(r"[ \t]*\{: \.[\w.]+\}", "", text)
    text = re.sub(r"^> #+ (.*)$", r"> **\1**", text, flags=re.MULTILINE)
    text = re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL)  # one is on the network
    return LATIN.sub("?", text)


def install(packages: Sequence[str]) -> None:
    """Raises SystemExit, saying what to install, when this is not root or Debian's."""
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages]
    there = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    missing = [name for name in packages if f"{name} installed" not in there]
    if not missing:
        return
    words = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(f"this needs Debian's packages: {' '.join(words)}")
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def make(layout: Layout) -> tuple[Path, Truth]:
    """The book in a layout, made if it was not, and its truth."""
    install(layout.needs)
    BOOKS.mkdir(parents=True, exist_ok=True)
    text = guides()
    source = BOOKS / ("plain.md" if layout.plain else "book.md")
    source.write_text(ASCII.sub("?", text) if layout.plain else text, encoding="utf-8")
    name = re.sub(r"\W+", "-", layout.name).strip("-").lower()
    made = BOOKS / f"{name}.{'epub' if layout.ending == 'epub' else 'pdf'}"
    if not made.exists():
        _set(layout, source, made)
    return made, _truth(source)


def _set(layout: Layout, source: Path, made: Path) -> None:
    words = [
        "pandoc", "-f", "gfm", str(source), "-s", "--toc", "-M", f"title={TITLE}",
        "-M", f"author={AUTHOR}", "-M", "lang=en", *layout.words,
    ]  # fmt: skip
    if layout.header:
        header = made.with_suffix(".tex")
        header.write_text(layout.header)
        words += ["-H", str(header)]
    if layout.css:
        style = made.with_suffix(".css")
        style.write_text(f"<style>\n{layout.css}</style>\n")
        words += ["-H", str(style)]
    if layout.print_with is None:
        _run(*words, "-o", str(made))
        return
    page = made.with_suffix(".adoc" if layout.ending == "adoc" else ".html")
    _run(*words, "-o", str(page))
    layout.print_with(page, made)


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=1_200)
    if done.returncode:
        raise SystemExit(f"{words[0]} failed: {done.stderr[-2000:]}")


def _truth(source: Path) -> Truth:
    words = ["pandoc", "-f", "gfm", str(source), "-t", "json"]
    tree = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    blocks: list[tuple[str, str]] = []
    headings: list[tuple[int, str]] = []
    _walk(tree["blocks"], blocks, headings)
    return Truth(tuple(blocks), tuple(headings))


def _walk(
    nodes: Sequence[Any], blocks: list[tuple[str, str]], headings: list[tuple[int, str]]
) -> None:
    for node in nodes:
        kind, content = node["t"], node.get("c")
        if kind == "Header":
            headings.append((content[0], _said(content[2])))
        elif kind == "CodeBlock":
            declared = content[0][1]
            blocks.append((declared[0] if declared else "", content[1]))
        elif kind == "BlockQuote":
            _walk(content, blocks, headings)
        elif kind in ("BulletList", "OrderedList"):
            for item in content if kind == "BulletList" else content[1]:
                _walk(item, blocks, headings)


def _said(node: Any) -> str:
    if isinstance(node, list):
        return "".join(map(_said, node))
    if not isinstance(node, dict):
        return ""
    kind, content = node["t"], node.get("c")
    if kind == "Str":
        return str(content)
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind in ("Code", "Quoted", "Link"):
        inner = content[1]
        return inner if isinstance(inner, str) else _said(inner)
    return _said(content)
