"""What holds for every EPUB: its chapters are Markdown of the one plain kind that `model` says."""

from __future__ import annotations

import html
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sources.books.epub import read_epub
from sources.books.model import LANGUAGES, Section
from tests.sources.books.epubs import epub, links, page

WORDS = st.text(
    st.sampled_from("abz AZ09 \u00a0#>-+*_`~.:1)[](){}<&|=\\\"'é\t\n"), min_size=1, max_size=14
)
CODE = st.lists(
    st.text(st.sampled_from('ab x=:<>&`~#-*1.()[]{}"\\\t '), max_size=12), min_size=1, max_size=5
).map("\n".join)


def _tag(name: str, inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return inner.map(lambda text: f"<{name}>{text}</{name}>")


TEXT = WORDS.map(html.escape)
INLINE = st.lists(
    st.one_of(
        TEXT,
        *(_tag(name, TEXT) for name in ("code", "em", "strong", "a", "span", "sup")),
        st.just("<br/>"),
        st.just('<img src="x" alt="y"/>'),
    ),
    max_size=4,
).map("".join)
PRE = CODE.map(lambda code: f'<pre class="elixir">{html.escape(code)}</pre>')
LEAF = st.one_of(
    _tag("p", INLINE), PRE, PRE, *(_tag(f"h{n}", INLINE) for n in (2, 3, 4)), INLINE,
    st.just("<table><caption>t</caption><tr><td>1</td><td>2</td></tr></table>"),
)  # fmt: skip
BLOCKS = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map("".join),
        *(_tag(name, inner) for name in ("div", "section", "blockquote", "aside", "figure")),
        *(
            st.lists(_tag("li", inner), max_size=3).map(
                lambda items, name=name: f"<{name}>{''.join(items)}</{name}>"
            )
            for name in ("ul", "ol")
        ),
    ),
    max_leaves=12,
)


def _typed(code: str) -> list[str]:
    """The lines of a block, without blank ones at its ends."""
    lines = code.replace("\u00a0", " ").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


@settings(max_examples=150)
@given(BLOCKS)
def test_a_chapter_is_plain_markdown(body: str):
    with tempfile.TemporaryDirectory() as folder:
        path = epub(
            Path(folder) / "b.epub",
            {"one.xhtml": page(f"<h1>One</h1><p>first</p>{body}")},
            links(("One", "one.xhtml")),
        )
        (chapter,) = read_epub(path).chapters
    text = chapter.text
    assert text.startswith("# One\n")
    assert text.endswith("\n")
    tokens = MarkdownIt("commonmark").parse(text)
    kinds = {token.type for token in tokens}
    assert not kinds & {"code_block", "html_block"}, text
    assert all(t.map and t.info in LANGUAGES for t in tokens if t.type == "fence")

    headings = [
        (int(token.tag[1:]), len("".join(text.splitlines(True)[: token.map[0]]).encode()))
        for token in tokens
        if token.type == "heading_open" and token.map
    ]
    flat: list[tuple[int, int]] = []

    def walk(sections: tuple[Section, ...], level: int, end: int) -> None:
        for section in sections:
            assert section.level > level
            assert section.end <= end
            flat.append((section.level, section.start))
            walk(section.sections, section.level, section.end)

    walk(chapter.sections, 1, len(text.encode()))
    assert [(1, 0), *flat] == headings, text


@settings(max_examples=150)
@given(st.lists(CODE, min_size=1, max_size=4))
def test_code_comes_through_to_the_byte(blocks: list[str]):
    body = "".join(f"<p>x</p><pre class='elixir'>{html.escape(b)}</pre>" for b in blocks)
    with tempfile.TemporaryDirectory() as folder:
        path = epub(Path(folder) / "b.epub", {"one.xhtml": page(f"<h1>One</h1>{body}")})
        (chapter,) = read_epub(path).chapters
    fences = [t for t in MarkdownIt("commonmark").parse(chapter.text) if t.type == "fence"]
    expected = ["\n".join(_typed(block)) for block in blocks]
    assert [t.content.removesuffix("\n") for t in fences] == [e for e in expected if e.strip()]
