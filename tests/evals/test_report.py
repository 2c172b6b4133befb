"""The report is one page that needs nothing, tells what a run came to, and runs nothing of what
candidates hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evals import report
from evals.report.html import Html, tag, text
from evals.runs import folder, summary
from evals.runs.running import Done
from tests.evals import small
from tests.evals.serving import answer, serving
from tests.evals.test_runs import asked, number_in, run

EVIL = (
    "</code></pre></style></title><script>alert(1)</script><img src=x onerror=alert(2)>"
    "\" onmouseover='x' &amp; \u202e reversed \x00\x1b[31m <svg/onload=alert(3)>"
)


class Read(HTMLParser):
    """The tags, attributes and text of a page, as a browser would take them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.suite(tmp_path_factory.mktemp("report") / "suite")


def made(home: Path, name: str, program: Any, n: int = 2) -> Done:
    with serving(lambda i, body: answer(small.fenced(program(number_in(body), i)))) as served:
        return run(asked(home, "m", served.url, name=name, n=n, temperature=0.25))


@pytest.fixture(scope="module")
def hostile(home: Path) -> Done:
    """A run whose candidates try to be markup, everywhere they can."""

    def program(number: int, _: int) -> str:
        if number == 1:
            return small.right(1) + f"# {EVIL}\n"
        return small.right(number) if number == 2 else f"# outcome: refused\n# {EVIL}"

    return made(home, "hostile", program)


@pytest.fixture(scope="module")
def good(home: Path) -> Done:
    return made(home, "good", lambda number, _: small.right(number), n=1)


def page(*runs: Done) -> str:
    return report.page([summary.of(done.path, (1, 2)) for done in runs])


def test_nothing_of_a_candidate_becomes_markup(hostile: Done) -> None:
    read = Read(page(hostile))
    assert not {"script", "img", "iframe", "object", "link", "form"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert not {"src", "style"} & {name for name, _ in read.attributes}
    assert {
        value[0] for name, value in read.attributes if name == "href" and value is not None
    } == {"#"}
    assert "</code></pre></style></title><script>alert(1)</script>" in read.text
    assert read.open == []


def test_characters_that_hide_or_reorder_are_shown(hostile: Done) -> None:
    written = page(hostile)
    assert "⌈202E⌉ reversed ⌈0000⌉⌈001B⌉[31m" in written
    assert not re.search("[\u202e\x00\x1b]", written)


def test_the_page_needs_nothing_else(hostile: Done) -> None:
    written = page(hostile)
    assert "default-src &#x27;none&#x27;" in written
    assert not re.search(r"url\(|@import|https?://(?!127\.0\.0\.1)", written)


def test_it_tells_what_the_run_came_to(hostile: Done) -> None:
    read = Read(page(hostile))
    identity = folder.read(hostile.path).identity
    for told in (
        "hostile",
        "openai-api/local/m",
        "0.25",
        identity.suites[0].digest[:16],
        identity.grader[:16],
        identity.image[:23],
        "pass@1",
        "33.3%",
        "not measured: there is no Credo",
        "2 passed",
        "2 failed",
        "2 refused",
        "as it was marked",
        "left: 0",
        "Write a module `Add1`",
    ):
        assert told in read.text, told
    cells = [v for n, v in read.attributes if n == "title" and v and v.startswith("sample")]
    assert sorted(cells) == sorted(
        f"sample {sample}: {outcome}"
        for outcome in ("failed", "passed", "refused")
        for sample in (1, 2)
    )
    anchors = {value for name, value in read.attributes if name == "id"}
    links = {value for name, value in read.attributes if name == "href"}
    assert {f"#{anchor}" for anchor in anchors} == links


def test_equal_candidates_are_shown_once(good: Done, hostile: Done) -> None:
    assert Read(page(hostile)).text.count("samples 1, 2") == 3
    assert Read(page(good)).text.count("sample 1") == 3


def test_two_runs_are_compared(hostile: Done, good: Done) -> None:
    read = Read(page(hostile, good))
    assert "good less hostile: +66.7% pass@1, 95 % interval [" in read.text
    assert "The second is better on 2 of them, the first on 0." in read.text


def test_long_candidates_are_cut(home: Path) -> None:
    long = made(home, "long", lambda number, _: small.wrong(number) + "# " + "x" * 200_000, n=1)
    written = page(long)
    assert len(written) < 150_000
    assert "more characters" in written


def test_it_is_written_whole_or_not_at_all(good: Done, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    report.write(target, [summary.of(good.path, (1,))])
    assert target.read_text("utf-8").endswith("</html>\n")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_only_markup_made_here_is_markup() -> None:
    assert tag("p", "<b>", Html("<br>"), title='"<') == '<p title="&quot;&lt;">&lt;b&gt;<br></p>'
    assert text("\ud800") == "⌈D800⌉"
    assert text(None) == "None"
