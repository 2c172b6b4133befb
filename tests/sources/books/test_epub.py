"""EPUBs of the kinds that publishers and tools make, read into chapters of plain Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.books.epub import read_epub
from sources.books.model import Book, Section
from tests.sources.books.epubs import epub, links, page


def chapter(tmp_path: Path, body: str, head: str = "") -> str:
    """The Markdown of a book's only chapter, below its title."""
    path = epub(tmp_path / "b.epub", {"one.xhtml": page(f"<h1>One</h1>{body}", head)},
                links(("One", "one.xhtml")))  # fmt: skip
    (only,) = read_epub(path).chapters
    assert only.text.startswith("# One\n")
    return only.text.removeprefix("# One\n").strip("\n")


def test_a_book_as_pandoc_makes_it(tmp_path: Path):
    """A chapter a file, highlighted code with an anchor for each line, notes at the file's end."""
    one = page(
        '<section id="values" class="level1"><h1><span class="header-section-number">1</span> '
        "Values &amp; <em>types</em></h1>"
        '<p>Atoms are <strong>constants</strong>.<a href="#fn1" class="footnote-ref" id="fnref1" '
        'epub:type="noteref">1</a> See\n<code>:ok</code>:</p>'
        '<div class="sourceCode" id="cb1"><pre class="sourceCode elixir"><code class="sourceCode '
        'elixir"><span id="cb1-1"><a href="#cb1-1" aria-hidden="true"></a><span class="kw">def'
        '</span> a <span class="kw">do</span></span>\n<span id="cb1-2"><a href="#cb1-2" '
        'aria-hidden="true"></a>  <span class="co"># a comment</span></span>\n\n<span id="cb1-4">'
        "<a></a>  &lt;&lt;1&gt;&gt;</span>\n<span><a></a>end</span></code></pre></div>"
        '<section id="atoms" class="level2"><h2>Atoms</h2><p>More.</p></section></section>'
        '<section class="footnotes" epub:type="footnotes"><hr/><ol><li id="fn1" '
        'epub:type="footnote"><p>As <code>:a</code> is.<a href="#fnref1" class="footnote-back">↩'
        "</a></p></li></ol></section>"
    )
    two = page("<h1>Lists</h1><p>A <em>list</em>.</p>")
    path = epub(
        tmp_path / "pandoc.epub",
        {"text/ch001.xhtml": one, "text/ch002.xhtml": two},
        links(
            (
                "1 Values &amp; types",
                "text/ch001.xhtml#values",
                [("Atoms", "text/ch001.xhtml#atoms")],
            ),
            ("2 Lists", "text/ch002.xhtml"),
        ),
        metadata='<dc:title id="t">Small Book</dc:title>'
        '<dc:creator id="a">Ada Lovelace</dc:creator>'
        '<meta refines="#e" property="role">edt</meta><dc:creator id="e">Ed Itor</dc:creator>'
        "<dc:identifier>urn:isbn:978-0-306-40615-7</dc:identifier><dc:language>en-GB</dc:language>",
    )
    book = read_epub(path)
    values = """\
# Values & types

Atoms are **constants**.[^1] See `:ok`:

```elixir
def a do
  # a comment

  <<1>>
end
```

[^1]: As `:a` is.

## Atoms

More.
"""
    assert book == Book(
        title="Small Book",
        chapters=book.chapters,
        authors=("Ada Lovelace",),
        isbn="9780306406157",
        language="en-GB",
    )
    assert [c.text for c in book.chapters] == [values, "# Lists\n\nA *list*.\n"]
    start = values.index("## Atoms")
    assert book.chapters[0].sections == (Section("Atoms", 2, start, len(values)),)


def test_parts_hold_chapters_and_teach_nothing(tmp_path: Path):
    """DocBook's way (O'Reilly, AsciiDoc): parts in files of their own, an EPUB 2 contents."""

    def point(label: str, target: str, below: str = "") -> str:
        return (
            f"<navPoint><navLabel><text>{label}</text></navLabel>"
            f'<content src="{target}"/>{below}</navPoint>'
        )

    book = read_epub(
        epub(
            tmp_path / "parts.epub",
            {
                "cover.xhtml": page('<p><img src="c.png"/></p>'),
                "p1.xhtml": page("<h1>Part I. First Things</h1>"),
                "c1.xhtml": page("<h2>Chapter 1. Atoms</h2><p>a</p><h3>Deeper</h3><p>b</p>"),
                "c2.xhtml": page("<h2>Chapter 2. Maps</h2><p>c</p>"),
                "p2.xhtml": page("<h1>Part II. Later</h1>"),
                "c3.xhtml": page("<h2>Chapter 3. Processes</h2><p>d</p>"),
                "index.xhtml": page("<h1>Index</h1><p>a, 1</p>"),
            },
            ncx=point("Cover", "cover.xhtml")
            + point(
                "I. First Things",
                "p1.xhtml",
                point("1. Atoms", "c1.xhtml") + point("2. Maps", "c2.xhtml"),
            )
            + point("II. Later", "p2.xhtml", point("3. Processes", "c3.xhtml")),
        )
    )
    assert [(c.part, c.title, c.text) for c in book.chapters] == [
        ("First Things", "Atoms", "# Atoms\n\na\n\n## Deeper\n\nb\n"),
        ("First Things", "Maps", "# Maps\n\nc\n"),
        ("Later", "Processes", "# Processes\n\nd\n"),
    ]


def test_chapters_of_one_file_and_a_chapter_of_several(tmp_path: Path):
    book = read_epub(
        epub(
            tmp_path / "split.epub",
            {
                "a.xhtml": page('<h1 id="one">One</h1><p>1</p><h1 id="two">Two</h1><p>2</p>'),
                "b.xhtml": page("<p>still two</p><h2>Inside</h2><p>3</p>"),
            },
            links(("One", "a.xhtml#one"), ("Two", "a.xhtml#two")),
        )
    )
    assert [c.text for c in book.chapters] == [
        "# One\n\n1\n",
        "# Two\n\n2\n\nstill two\n\n## Inside\n\n3\n",
    ]


def test_a_title_of_two_headings_and_sections_that_are_no_headings(tmp_path: Path):
    """Number and name apart; a section that only the table of contents and a class know."""
    body = (
        "<h1>Chapter 3</h1><h1>Supervisors</h1><p>Text.</p>"
        '<p class="h2" id="s">Restarting</p><p>More.</p>'
    )
    book = read_epub(
        epub(
            tmp_path / "t.epub",
            {"c.xhtml": page(body), "d.xhtml": page("<h1>Links</h1><p>x</p>")},
            links(
                ("Chapter 3: Supervisors", "c.xhtml", [("Restarting", "c.xhtml#s")]),
                ("Links", "d.xhtml"),
            ),
        )
    )
    assert book.chapters[0].text == "# Supervisors\n\nText.\n\n## Restarting\n\nMore.\n"


def test_a_book_without_contents_has_its_headings(tmp_path: Path):
    book = read_epub(
        epub(
            tmp_path / "bare.epub",
            {
                "a.xhtml": page("<h1>One</h1><p>1</p><h3>In</h3><p>x</p>"),
                "b.xhtml": page("<h1>Two</h1><p>2</p>"),
            },
        )
    )
    assert [c.text for c in book.chapters] == ["# One\n\n1\n\n### In\n\nx\n", "# Two\n\n2\n"]


@pytest.mark.parametrize(
    ("markup", "block"),
    [
        pytest.param(
            '<pre data-type="programlisting" data-code-language="elixir"><span class="k">def</span>'
            ' a <a class="co" href="#co"><img src="1.png" alt="1"/></a>\n  b ❷\nend</pre>',
            "```elixir\ndef a\n  b\nend\n```",
            id="callouts",
        ),
        pytest.param(
            '<figure class="code"><table class="highlighttable"><tr><td class="linenos"><pre>1\n2'
            '</pre></td><td class="code"><pre class="elixir">x = 1\ny = 2\n</pre></td></tr></table>'
            "</figure>",
            "```elixir\nx = 1\ny = 2\n```",
            id="line numbers in a column",
        ),
        pytest.param(
            '<table class="processedcode"><tr><td class="codeprefix">&#8203;&#160;</td><td '
            'class="codeline">defmodule A <strong>do</strong></td></tr><tr><td class="codeprefix">'
            '&#8203;</td><td class="codeline">&#160;&#160;@a "&#8203;x"</td></tr><tr><td '
            'class="codeprefix"/><td class="codeline"/></tr><tr><td class="codeprefix">»</td><td '
            'class="codeline">end</td></tr></table>',
            '```elixir\ndefmodule A do\n  @a "x"\n\nend\n```',
            id="a row a line",
        ),
        pytest.param(
            '<p class="programlisting">iex&gt; a = 1</p>\n<p class="programlisting">1</p>\n'
            '<p class="programlisting">iex&gt;&#160;&#160;b</p>',
            "```iex\niex> a = 1\n1\niex>  b\n```",
            id="a paragraph a line",
        ),
        pytest.param(
            '<pre class="lang-elixir">\n\n  indented<br/>    more\n\n\n  end\n\n</pre>',
            "```elixir\n  indented\n    more\n\n\n  end\n```",
            id="blank lines and br",
        ),
        pytest.param(
            '<pre><code class="language-elixir">1  def a do\n2    :ok\n3  end</code></pre>',
            "```elixir\ndef a do\n  :ok\nend\n```",
            id="numbers typed before lines",
        ),
        pytest.param(
            "<pre>$ mix test\n....\n</pre>",
            "```shell\n$ mix test\n....\n```",
            id="a shell, unnamed",
        ),
        pytest.param(
            '<pre class="brush-json">{"a": "```"}</pre>', '````text\n{"a": "```"}\n````', id="other"
        ),
        pytest.param("<pre>a\n````\nb</pre>", "`````text\na\n````\nb\n`````", id="fences inside"),
        pytest.param(
            "<pre>👩‍🚒 \u00a0x\ufeff</pre>", "```text\n👩‍🚒  x\n```", id="joined characters stay"
        ),
    ],
)
def test_code_is_what_was_typed(tmp_path: Path, markup: str, block: str):
    assert chapter(tmp_path, f"<p>Before.</p>{markup}<p>After.</p>") == (
        f"Before.\n\n{block}\n\nAfter."
    )


def test_text_is_plain_markdown(tmp_path: Path):
    body = """
    <p>A&nbsp;<i>tail call</i>, see&#173;ing <a href="http://x.org/">this</a>,<br/>`x` and
      <code>a  `b`</code><sup>2</sup>.</p>
    <p># no heading</p><p>1. no item</p><p>- nor this</p><p>&lt;div&gt; no tag</p>
    <blockquote><p>Said.</p><p>Again.</p></blockquote>
    <div class="admonition tip"><h3>Tip</h3><p>Mind it.</p></div>
    <dl><dt>Atom</dt><dd><p>A constant.</p></dd></dl>
    <figure><img src="t.png" alt="a tree"/><figcaption>Figure 1. A [tree]</figcaption></figure>
    <p><img src="u.png" alt="a leaf"/></p>
    <table><caption>Table 1</caption><tr><td>1</td><td>2</td></tr></table>
    <script>alert(1)</script><nav><ol><li>x</li></ol></nav>
    """
    assert chapter(tmp_path, body) == "\n\n".join(
        [
            "A *tail call*, seeing this, `x` and `` a `b` ``2.",
            "\\# no heading",
            "1\\. no item",
            "\\- nor this",
            "\\<div> no tag",
            "> Said.\n>\n> Again.",
            "> **Tip**\n>\n> Mind it.",
            "**Atom**",
            "A constant.",
            "[figure: Figure 1. A (tree)]",
            "[figure: a leaf]",
            "[table: Table 1]",
        ]
    )


def test_lists_nest_and_end_where_code_begins(tmp_path: Path):
    body = (
        "<ul><li>one<ul><li>inner</li></ul></li><li><p>two</p><p>more</p></li></ul>"
        '<ol start="9"><li>nine</li><li>ten<pre class="elixir">a()</pre>after'
        "<ul><li>deep</li></ul></li><li>eleven</li></ol>"
    )
    assert chapter(tmp_path, body) == "\n\n".join(
        [
            "- one",
            "  - inner",
            "- two",
            "  more",
            "9. nine",
            "10. ten",
            "```elixir\na()\n```",
            "after",
            "- deep",
            "11. eleven",
        ]
    )


def test_notes_of_other_files_are_found_by_their_raised_numbers(tmp_path: Path):
    book = read_epub(
        epub(
            tmp_path / "n.epub",
            {
                "a.xhtml": page(
                    '<h1>A</h1><p>Text<sup><a id="r1" href="notes.xhtml#n1">1</a></sup> and'
                    " x<sup>2</sup>.</p><h2>B</h2>"
                    '<p>y<a href="notes.xhtml#n2"><sup>[2]</sup></a></p>'
                ),
                "notes.xhtml": page(
                    '<h1>Notes</h1><p><a id="n1" href="a.xhtml#r1">1.</a> First.</p>'
                    '<p><a id="n2" href="a.xhtml#r2">2.</a> Second.</p>'
                ),
            },
            links(("A", "a.xhtml"), ("Notes", "notes.xhtml")),
        )
    )
    assert [c.text for c in book.chapters] == [
        "# A\n\nText[^1] and x2.\n\n[^1]: First.\n\n## B\n\ny[^2]\n\n[^2]: Second.\n"
    ]


def test_printed_pages_are_kept(tmp_path: Path):
    body = (
        '<h1>One</h1><p>a</p><span epub:type="pagebreak" id="p12" title="12"/><p>b</p>'
        '<pre>c</pre><p>d <span role="doc-pagebreak" aria-label="Page 13"/> e</p>'
    )
    path = epub(tmp_path / "p.epub", {"one.xhtml": page(body)}, links(("One", "one.xhtml")))
    (only,) = read_epub(path).chapters
    data = only.text.encode()
    assert [(data[at:].split(b"\n")[0], number) for at, number in only.pages] == [
        (b"b", 12),
        (b"d e", 13),
    ]


def test_broken_xhtml_is_read_as_a_browser_would(tmp_path: Path):
    broken = (
        '<html><head><title/></head><body><h1>One</h1><a id="x"/><p>a & b<p>c<br>d'
        '<pre class="elixir">x = 1 < 2\n</pre></div><p>end&nbsp;&bogus;</body>'
    )
    path = epub(tmp_path / "x.epub", {"one.xhtml": broken}, links(("One", "one.xhtml")))
    (only,) = read_epub(path).chapters
    assert only.text == ("# One\n\na & b\n\nc d\n\n```elixir\nx = 1 < 2\n```\n\nend &bogus;\n")


def test_latin_and_utf_16_files_are_decoded(tmp_path: Path):
    latin = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><html><body><h1>Ä</h1><p>ö</p></body></html>'
    )
    wide = "<html><body><h1>Ü</h1><p>ß</p></body></html>"
    path = epub(
        tmp_path / "e.epub",
        {"a.xhtml": "", "b.xhtml": ""},
        more={"OEBPS/a.xhtml": latin.encode("latin-1"), "OEBPS/b.xhtml": wide.encode("utf-16")},
    )
    assert [c.text for c in read_epub(path).chapters] == ["# Ä\n\nö\n", "# Ü\n\nß\n"]


def test_a_title_said_twice_and_bars_to_get_around_are_left_out(tmp_path: Path):
    bar = '<div class="related" role="navigation"><h3>Navigation</h3><ul><li>next</li></ul></div>'
    book = read_epub(
        epub(
            tmp_path / "t.epub",
            {
                "toc.xhtml": page("<h1>Welcome</h1><ul><li>1. One</li><li>2. Two</li></ul>"),
                "a.xhtml": page(
                    f"{bar}<h1>One</h1><h2 id='x'>1. One</h2><p>a</p><h3 id='y'>In</h3>{bar}"
                ),
                "b.xhtml": page("<h1>2. Two</h1><p>b<a class='headerlink' href='#'>¶</a></p>"),
                "c.xhtml": page("<h1>Three</h1>"),
                "search.xhtml": page("<h1>Index</h1><p>words</p>"),
            },
            links(
                ("Welcome", "toc.xhtml"),
                ("One", "a.xhtml", [("1. One", "a.xhtml#x", [("In", "a.xhtml#y")])]),
                ("2. Two", "b.xhtml"),
                ("Three", "c.xhtml"),
            ),
        )
    )
    assert [c.text for c in book.chapters] == ["# One\n\na\n\n## In\n", "# Two\n\nb\n"]


def test_parts_with_and_without_chapters_below_them(tmp_path: Path):
    """A part that holds nothing by the table of contents is a chapter like any other."""
    book = read_epub(
        epub(
            tmp_path / "p.epub",
            {
                "p.xhtml": page("<h1>Part 1</h1>"),
                "a.xhtml": page("<h1>A</h1><p>a</p><h2 id='i'>I</h2><p>i</p>"),
                "q.xhtml": page("<h1>Part 2</h1><p>q</p>"),
            },
            links(
                ("Part 1", "p.xhtml", [("A", "a.xhtml", [("I", "a.xhtml#i")])]),
                ("Part 2", "q.xhtml"),
            ),
        )
    )
    assert [(c.part, c.title) for c in book.chapters] == [("Part 1", "A"), ("", "Part 2")]
