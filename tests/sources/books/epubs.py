"""EPUBs made for tests: whole ones from chapters of XHTML, and broken or hostile ones."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>"""


def page(body: str, head: str = "") -> str:
    """A chapter's file around what its body holds."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title>t</title>{head}</head>\n<body>{body}</body></html>"
    )


def package(files: list[str], metadata: str, spine: str, extra: str = "") -> str:
    items = "".join(
        f'<item id="i{at}" href="{name}" media-type="application/xhtml+xml"/>'
        for at, name in enumerate(files)
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>
  <manifest>{items}{extra}</manifest>
  {spine}
</package>"""


def epub(
    path: Path,
    chapters: Mapping[str, str],
    nav: str = "",
    *,
    metadata: str = "<dc:title>Small Book</dc:title>",
    ncx: str = "",
    more: Mapping[str, str | bytes] | None = None,
) -> Path:
    """An EPUB with these files (path below OEBPS to XHTML) in this order. `nav` is the inside of
    EPUB 3's table of contents, `ncx` that of EPUB 2's; `more` are further files, or others in the
    place of those made here."""
    names = list(chapters)
    spine = "".join(f'<itemref idref="i{at}"/>' for at in range(len(names)))
    extra = ""
    made: dict[str, str | bytes] = {"mimetype": "application/epub+zip"}
    made["META-INF/container.xml"] = CONTAINER
    if nav:
        extra += (
            '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        )
        made["OEBPS/nav.xhtml"] = page(f'<nav epub:type="toc"><h1>Contents</h1>{nav}</nav>')
    if ncx:
        extra += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        made["OEBPS/toc.ncx"] = (
            '<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" '
            '"http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
            f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{ncx}</navMap></ncx>'
        )
    made["OEBPS/book.opf"] = package(names, metadata, f'<spine toc="ncx">{spine}</spine>', extra)
    made |= {f"OEBPS/{name}": text for name, text in chapters.items()}
    made |= more or {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in made.items():
            archive.writestr(name, data)
    return path


def links(*entries: str | tuple[str, str] | tuple[str, str, list[tuple[str, str]]]) -> str:
    """The inside of a `nav`: (label, target), or (label, target, the entries below)."""
    out = []
    for entry in entries:
        if isinstance(entry, str):
            out.append(f"<li><span>{entry}</span></li>")
            continue
        below = links(*entry[2]) if len(entry) == 3 else ""
        out.append(f'<li><a href="{entry[1]}">{entry[0]}</a>{below}</li>')
    return f"<ol>{''.join(out)}</ol>"
