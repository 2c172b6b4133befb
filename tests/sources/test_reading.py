"""From files to documents: what becomes one, what does not, and what is said about the rest."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from pydantic import ValidationError

from factory.records import Document
from factory.syntax.reader import MAX_BYTES, MAX_LINE
from sources.local import Local
from tests.sources.checkouts import PROJECT, lay, read
from tests.sources.packing import tar_of, write

MODULE = "defmodule A do\nend\n"


def left_out(tmp_path: Path, name: str, content: str | bytes) -> str:
    """The reason that a single file is left out for."""
    documents, reasons = read(tmp_path / "cache", lay(tmp_path / "demo", {name: content}))
    assert documents == {}
    return reasons[name]


def test_a_document_carries_where_it_came_from(tmp_path: Path) -> None:
    documents, reasons = read(tmp_path / "cache", lay(tmp_path / "demo", PROJECT))
    assert list(documents) == sorted(PROJECT)
    document = documents["lib/demo.ex"]
    assert document == Document(
        source="local",
        release="demo",
        version=document.version,
        checksum=document.checksum,
        family="demo",
        path="lib/demo.ex",
        language="elixir",
        licence="MIT",
        text=PROJECT["lib/demo.ex"],
    )
    assert documents["README.md"].language == "markdown"
    assert documents["test/demo_test.exs"].language == "elixir"
    assert reasons == {}


def test_folders_that_hold_no_ones_source_are_one_record_each(tmp_path: Path) -> None:
    files = PROJECT | {
        "deps/jason/lib/jason.ex": MODULE,
        "deps/jason/mix.exs": MODULE,
        "_build/dev/lib/demo/x.ex": MODULE,
        "priv/static/app.ex": MODULE,
        "apps/web/node_modules/a/README.md": "x",
    }
    packed = tar_of({f"demo/{name}": content.encode() for name, content in files.items()})
    archive = write(tmp_path, "demo.tar", packed)
    documents, reasons = read(tmp_path / "cache", archive)
    assert set(documents) == set(PROJECT)
    assert reasons == {
        "_build/": "it holds build output of Mix or rebar3: 1 file",
        "apps/web/node_modules/": "it holds JavaScript packages fetched by npm: 1 file",
        "deps/": "it holds dependencies, which are packages of their own: 2 files",
        "priv/static/": "it holds assets that a bundler built: 1 file",
    }
    from_folder, reasons = read(tmp_path / "cache", lay(tmp_path / "demo", files))
    assert set(from_folder) == set(PROJECT)
    assert set(reasons) == {"_build/", "apps/web/node_modules/", "deps/", "priv/static/"}


def test_keep_takes_back_what_is_the_projects_own(tmp_path: Path) -> None:
    files = {"deps/ours_a/a.ex": MODULE, "deps/ours_a/ebin/b.ex": MODULE, "deps/jason/j.ex": MODULE}
    root = lay(tmp_path / "demo", files)
    documents, reasons = read(tmp_path / "cache", root, keep=["deps/ours_*"])
    assert list(documents) == ["deps/ours_a/a.ex"]
    assert set(reasons) == {"deps/", "deps/ours_a/ebin/"}


def test_other_files_are_counted_by_extension_in_one_record(tmp_path: Path) -> None:
    files = {"a.png": b"\x89PNG\0", "b.png": b"\x89PNG\0", "Makefile": "all:", "c.ex": MODULE}
    documents, reasons = read(tmp_path / "cache", lay(tmp_path / "demo", files))
    assert list(documents) == ["c.ex"]
    assert reasons == {"*": "not in a language that is read: 2 .png, 1 without extension"}


def test_a_hundred_thousand_odd_extensions_are_still_one_short_record(tmp_path: Path) -> None:
    files = {f"d/f.x{i}": b"" for i in range(3000)}
    _, reasons = read(tmp_path / "cache", write(tmp_path, "x.tar", tar_of(files)))
    assert reasons["*"].endswith(", and 2960 others")
    assert len(reasons["*"]) < 1000


def test_include_exclude_and_languages(tmp_path: Path) -> None:
    root = lay(tmp_path / "demo", PROJECT)
    cache = tmp_path / "cache"
    assert set(read(cache, root, include=["lib/**"])[0]) == {"lib/demo.ex", "lib/demo/b.ex"}
    assert set(read(cache, root, include=["lib"], exclude=["b.ex"])[0]) == {"lib/demo.ex"}
    documents, reasons = read(cache, root, exclude=["*.exs"], languages=["elixir"])
    assert set(documents) == {"lib/demo.ex", "lib/demo/b.ex"}
    assert reasons["*"] == (
        "left out by the source's options: 2 files; not in a language that is read: 1 .md"
    )


def test_options_that_cannot_work_are_refused() -> None:
    with pytest.raises(ValidationError, match="'elixr' is not read; known: elixir, erlang"):
        Local.Options(paths=["."], languages=["elixr"])
    with pytest.raises(ValidationError, match="not a pattern"):
        Local.Options(paths=["."], include=["!"])


@pytest.mark.parametrize("content", ["", " \n\t\n"])
def test_an_empty_file(content: str, tmp_path: Path) -> None:
    assert left_out(tmp_path, "a.ex", content) == "empty"


def test_binary_content(tmp_path: Path) -> None:
    assert "NUL" in left_out(tmp_path, "a.ex", b"defmodule A do\0end\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_other_encodings(encoding: str, tmp_path: Path) -> None:
    reason = left_out(tmp_path, "a.ex", "# é über\ndefmodule A do\nend\n".encode(encoding))
    assert "UTF-8" in reason


def test_erlang_may_declare_latin_1(tmp_path: Path) -> None:
    text = "%% -*- coding: latin-1 -*-\n%% é\n-module(a).\n"
    root = lay(tmp_path / "demo", {"a.erl": text.encode("latin-1")})
    documents, _ = read(tmp_path / "cache", root)
    assert documents["a.erl"].text == text


def test_a_line_without_end(tmp_path: Path) -> None:
    line = '@data "' + "x" * MAX_LINE + '"\n'
    assert left_out(tmp_path, "a.ex", line) == "a line longer than 200,000 bytes"
    longest = "#" * MAX_LINE + "\n"
    root = lay(tmp_path / "other", {"a.ex": longest})
    assert read(tmp_path / "cache", root)[0]["a.ex"].text == longest


def test_a_file_larger_than_any_person_writes(tmp_path: Path) -> None:
    assert left_out(tmp_path, "a.ex", b"#\n" * (MAX_BYTES // 2 + 1)) == (
        "larger than 4,000,000 bytes"
    )


def test_one_line_of_50_mb_is_left_out_unread(tmp_path: Path) -> None:
    line = b"x" * 50_000_000
    files = {"demo/line.ex": line, "demo/a.ex": MODULE.encode()}
    archive = write(tmp_path, "demo.tar.gz", gzip.compress(tar_of(files), 1))
    documents, reasons = read(tmp_path / "cache", archive)
    assert list(documents) == ["a.ex"]
    assert reasons == {"line.ex": "larger than 4,000,000 bytes"}
    folder = lay(tmp_path / "demo", {"line.ex": line, "a.ex": MODULE})
    documents, reasons = read(tmp_path / "cache", folder)
    assert list(documents) == ["a.ex"]
    assert reasons == {"line.ex": "larger than 4,000,000 bytes"}


def test_brackets_without_end_and_broken_code_are_documents(tmp_path: Path) -> None:
    files = {"a.ex": "[" * 100_000, "b.ex": "defmodule do do end end end"}
    documents, _ = read(tmp_path / "cache", lay(tmp_path / "demo", files))
    assert {path: d.text for path, d in documents.items()} == files


def test_a_generated_file_is_a_document_that_says_so(tmp_path: Path) -> None:
    text = "# This file was generated by a tool. Do not edit.\n" + MODULE
    documents, _ = read(tmp_path / "cache", lay(tmp_path / "demo", {"a.ex": text, "b.ex": MODULE}))
    assert "generated" in documents["a.ex"].generated
    assert documents["b.ex"].generated == ""


def test_a_release_without_files_has_no_documents(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert read(tmp_path / "cache", tmp_path / "empty") == ({}, {})
    assert read(tmp_path / "cache", write(tmp_path, "x.tar", tar_of({}))) == ({}, {})


def test_line_ends_stay_as_they_are(tmp_path: Path) -> None:
    text = "defmodule A do\r\nend\r\n"
    documents, _ = read(tmp_path / "cache", lay(tmp_path / "demo", {"a.ex": text}))
    assert documents["a.ex"].text == text


def test_a_licence_is_no_document(tmp_path: Path) -> None:
    files = {"LICENSE.md": "Licensed under the ISC license.", "a.ex": MODULE}
    documents, reasons = read(tmp_path / "cache", lay(tmp_path / "demo", files))
    assert {path: d.licence for path, d in documents.items()} == {"a.ex": "ISC"}
    assert reasons == {"*": "a licence's text: 1 file"}
