"""EPUBs that are broken, locked or made to do harm: each is refused with a clear word, or read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from factory.errors import SourceError
from sources.books.epub import read_epub
from tests.sources.books.epubs import CONTAINER, epub, links, package, page

ONE = {"one.xhtml": page("<h1>One</h1><p>text</p>")}
NAV = links(("One", "one.xhtml"))
LAUGHS = (
    '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as raised:
        read_epub(path)
    message = str(raised.value)
    assert message.startswith(path.name)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("OEBPS/one.xhtml", f"{LAUGHS}<html><body><p>&c;</p></body></html>"),
        (
            "OEBPS/one.xhtml",
            '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body>&x;</body></html>',
        ),
        ("OEBPS/book.opf", f"{LAUGHS}<package><spine/></package>"),
        ("META-INF/container.xml", f"{LAUGHS}<container/>"),
        (
            "META-INF/container.xml",
            '<!DOCTYPE c [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><container/>',
        ),
    ],
)
def test_entities_are_refused_wherever_they_are_declared(tmp_path: Path, where: str, text: str):
    for name, data in (("a.epub", text.encode()), ("b.epub", text.encode("utf-16"))):
        message = refusal(epub(tmp_path / name, ONE, NAV, more={where: data}))
        assert where in message
        assert "declares entities of its own" in message


def test_nothing_is_fetched_for_an_external_subset(tmp_path: Path):
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY x "leaked">')
    text = f'<!DOCTYPE html SYSTEM "file://{secret}"><html><body><h1>A</h1>&x;</body></html>'
    path = epub(tmp_path / "x.epub", {"one.xhtml": text})
    assert read_epub(path).chapters[0].text == "# A\n\n&x;\n"


def test_a_path_that_climbs_is_refused(tmp_path: Path):
    path = epub(tmp_path / "x.epub", ONE, more={"../../etc/cron.d/x": "* * * * *"})
    assert "climbs with '..'" in refusal(path)


@pytest.mark.parametrize("target", ["../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd"])
def test_links_that_lead_out_lead_nowhere(tmp_path: Path, target: str):
    path = epub(tmp_path / "x.epub", ONE, links(("Out", target), ("One", "one.xhtml")))
    assert [c.text for c in read_epub(path).chapters] == ["# One\n\ntext\n"]
    container = CONTAINER.replace("OEBPS/book.opf", target)
    path = epub(tmp_path / "y.epub", ONE, more={"META-INF/container.xml": container})
    assert "names no package file that is there" in refusal(path)


def test_a_zip_bomb_is_refused(tmp_path: Path):
    path = tmp_path / "bomb.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        block = b"<p>" + b"a" * ((1 << 20) - 3)
        with archive.open("OEBPS/one.xhtml", "w", force_zip64=True) as member:
            for _ in range(90):
                member.write(block)
    assert "times its packed size" in refusal(path)


def test_a_chapter_too_large_is_refused(tmp_path: Path):
    path = epub(tmp_path / "x.epub", {"one.xhtml": page("<p>" + "ab c" * 6_000_000 + "</p>")})
    assert "OEBPS/one.xhtml is missing or larger than 20,000,000 bytes" in refusal(path)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"META-INF/rights.xml": "<r/>"}, "locked by Adobe's DRM"),
        ({"META-INF/license.lcpl": "{}"}, "locked by Readium LCP DRM"),
        (
            {
                "META-INF/encryption.xml": "<encryption><EncryptedData><EncryptionMethod Algorithm="
                '"http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></EncryptedData></encryption>'
            },
            "its chapters are encrypted (DRM)",
        ),
    ],
)
def test_a_locked_book_is_refused(tmp_path: Path, more: dict[str, str], reason: str):
    assert reason in refusal(epub(tmp_path / "x.epub", ONE, NAV, more=more))


def test_obfuscated_fonts_are_no_lock(tmp_path: Path):
    encryption = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData xmlns='
        '"http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm='
        '"http://www.idpf.org/2008/embedding"/></EncryptedData></encryption>'
    )
    path = epub(tmp_path / "x.epub", ONE, NAV, more={"META-INF/encryption.xml": encryption})
    assert len(read_epub(path).chapters) == 1


@pytest.mark.parametrize(
    ("opf", "reason"),
    [
        (package(["one.xhtml"], "<dc:title>T</dc:title>", ""), "has no spine"),
        (package(["one.xhtml"], "", '<spine><itemref idref="gone"/></spine>'), "has no spine"),
        (package(["gone.xhtml"], "", '<spine><itemref idref="i0"/></spine>'), "has no spine"),
        ("<package><spine>", "is not well-formed XML"),
        ("", "is not well-formed XML"),
        (b"\xff\xfe\x00", "is no text of its encoding"),
        ('<?xml version="1.0" encoding="utf-7"?><package/>', "its encoding is none that is read"),
    ],
)
def test_a_broken_package_file_is_named(tmp_path: Path, opf: str | bytes, reason: str):
    message = refusal(epub(tmp_path / "x.epub", ONE, NAV, more={"OEBPS/book.opf": opf}))
    assert reason in message


def test_what_is_no_epub_is_refused(tmp_path: Path):
    empty = epub(tmp_path / "empty.epub", {"one.xhtml": page("<p></p>")})
    assert "holds no chapter with text" in refusal(empty)
    text = tmp_path / "text.epub"
    text.write_text("not a zip")
    refusal(text)
    archive = tmp_path / "other.epub"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("a/b.txt", "x")
    assert "it is no EPUB" in refusal(archive)


def test_deep_nesting_is_read_without_falling(tmp_path: Path):
    """Three thousand elements are beyond what the parser takes; some two hundred are read."""
    deep = "<div>" * 3000 + "deep" + "</div>" * 3000
    assert "no chapter" in refusal(epub(tmp_path / "x.epub", {"one.xhtml": page(deep)}))
    deep = "<div>" * 240 + "deep" + "</div>" * 240
    lists = "<ul><li>" * 110 + "low" + "</li></ul>" * 110
    spans = "<b>" * 230 + "bold" + "</b>" * 230
    code = "<pre>" + "<span>" * 230 + "x = 1" + "</span>" * 230 + "</pre>"
    for at, body in enumerate((deep, lists, f"<p>{spans}</p>", code)):
        path = epub(tmp_path / f"{at}.epub", {"one.xhtml": page(f"<h1>One</h1>{body}")})
        (only,) = read_epub(path).chapters
        assert any(word in only.text for word in ("deep", "low", "bold", "x = 1"))


def test_a_contents_list_in_circles_and_out_of_order_keeps_every_chapter_once(tmp_path: Path):
    chapters = {f"c{n}.xhtml": page(f"<h1>C{n}</h1><p>{n}</p>") for n in range(3)}
    nav = links(("C2", "c2.xhtml"), ("C0", "c0.xhtml"), ("C0", "c0.xhtml#none"), ("C1", "c1.xhtml"))
    book = read_epub(epub(tmp_path / "x.epub", chapters, nav))
    assert [c.text for c in book.chapters] == [f"# C{n}\n\n{n}\n" for n in range(3)]
