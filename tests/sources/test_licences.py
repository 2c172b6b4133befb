"""Which licence a file has, and where that was read: texts, sentences, headers, metadata."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.records import UNKNOWN_LICENCE
from sources.languages import language_of
from sources.licence_files import (
    Licences,
    header,
    header_licence,
    is_licence_file,
    is_metadata_file,
    named,
    spdx,
)
from sources.licence_text import identify, phrases, stated, texts_in, words

MIT = """\
Copyright (c) 2021 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
"""

BSD2 = """\
Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met:

* Redistributions of source code must retain the above copyright notice.
* Redistributions in binary form must reproduce the above copyright notice.
"""

BSD3 = (
    BSD2
    + """
* Neither the name of Somebody may be used to endorse or promote products.
"""
)

ISC = """\
Permission to use, copy, modify, and/or distribute this software for any purpose with or without
fee is hereby granted, provided that the above copyright notice and this permission notice appear
in all copies.
"""

DISCLAIMER = ". THE SOFTWARE IS PROVIDED AS IS AND THE AUTHOR DISCLAIMS ALL WARRANTIES"

TAG = "SPDX-License-Identifier:"

GPL2_TEXT = """\
GNU GENERAL PUBLIC LICENSE Version 2, June 1991
preserving the free status of all derivatives
"""

GPL2_NOTICE = """\
This program is free software; you can redistribute it and/or modify it under the terms of the GNU
General Public License as published by the Free Software Foundation; either version 2 of the
License, or (at your option) any later version.
"""


def comment(text: str) -> str:
    return "".join(f"%% {line}\n" for line in text.splitlines())


def licence(files: dict[str, str], path: str = "lib/a.ex", text: str = "x", root: str = "") -> str:
    return Licences(files, root).of(path, text, language_of(path) or "").expression


# --- texts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MIT, "MIT"),
        (BSD2, "BSD-2-Clause"),
        (BSD3, "BSD-3-Clause"),
        (ISC, "ISC"),
        (
            ISC.replace(
                ", provided that the above copyright notice and this permission notice appear\n"
                "in all copies",
                "",
            )
            + "THE SOFTWARE IS PROVIDED AS IS AND THE AUTHOR DISCLAIMS ALL WARRANTIES",
            "0BSD",
        ),
        (BSD3 + "All advertising materials must display this.", "BSD-4-Clause"),
        (MIT + "The Software shall be used for Good, not Evil.", "JSON"),
    ],
)
def test_a_whole_text_is_told_by_all_of_its_terms(text: str, expected: str) -> None:
    assert identify(text)[0] == expected


@pytest.mark.parametrize("text", [MIT, BSD3, ISC])
def test_marks_of_comments_and_broken_lines_change_nothing(text: str) -> None:
    commented = "".join(f"%%% {line}\n" for line in text.splitlines())
    assert (
        identify(commented)[0] == identify(" ".join(text.upper().split()))[0] == identify(text)[0]
    )


@pytest.mark.parametrize("text", [MIT, BSD3, ISC])
@pytest.mark.parametrize(
    "limit", ["Commons Clause License Condition v1.0", "For non-commercial use only."]
)
def test_a_text_with_a_restriction_beside_it_is_not_that_licence(text: str, limit: str) -> None:
    expression, why = identify(text + limit)
    assert expression == ""
    assert "it says" in why


def test_half_a_text_is_no_licence() -> None:
    assert identify(MIT[: len(MIT) // 2])[0] == ""
    assert identify(BSD2[:120])[0] == ""
    assert identify("All rights reserved.")[0] == ""


def test_several_texts_ask_for_all_unless_a_choice_is_offered() -> None:
    assert identify(f"{MIT}\n\n{BSD3}")[0] == "BSD-3-Clause AND MIT"
    assert identify(f"You may choose either of these.\n{MIT}\n{ISC}")[0] == "ISC OR MIT"


def test_each_name_of_the_table_stands_for_one_licence() -> None:
    table = phrases()
    for name, id_ in table.names.items():
        assert named(name) == id_
        assert spdx(id_) == id_
    for text in table.texts:
        assert spdx(text.id) == text.id


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("This package, the Demo, is licensed under the MPL 2.0. For the MPL, see X.", "MPL-2.0"),
        ("This package is licensed under the MPL2.0.", "MPL-2.0"),
        ("demo is licensed under the BSD 3-Clause License, see LICENSE-demo.", "BSD-3-Clause"),
        (
            "It is dual-licensed under the Apache License v2 and the\nMozilla Public License v2.0.",
            "Apache-2.0 OR MPL-2.0",
        ),
        ('Licensed under the Apache License, Version 2.0 (the "License");', "Apache-2.0"),
        (
            "The contents of this file are subject to the Erlang Public License,\nVersion 1.1",
            "ErlPL-1.1",
        ),
        (
            "This Source Code Form is subject to the terms of the Mozilla Public\n"
            "License, v. 2.0. If a copy of the MPL was not distributed",
            "MPL-2.0",
        ),
        (GPL2_NOTICE, "GPL-2.0-or-later"),
        (GPL2_NOTICE.replace(", or (at your option) any later version", ""), "GPL-2.0-only"),
        (
            GPL2_NOTICE.replace("GNU\nGeneral", "GNU Lesser\nGeneral").replace(
                "version 2 ", "version 2.1 "
            ),
            "LGPL-2.1-or-later",
        ),
        ("It is licensed under the BSD licence.", ""),
        ("Values are distributed by weight under the mean.", ""),
        ("See the file LICENSE.", ""),
    ],
)
def test_a_sentence_that_names_the_licence(sentence: str, expected: str) -> None:
    assert stated(sentence) == expected


@given(st.text(max_size=2000))
def test_no_text_makes_it_fail(text: str) -> None:
    expression, why = identify(text)
    assert why
    assert not expression or spdx(expression)
    Licences({"LICENSE": text, "mix.exs": text}).of("lib/a.ex", text, "elixir")


@pytest.mark.parametrize("text", ["is under " * 40_000, "(" * 300_000, "licensed " * 40_000])
def test_long_texts_take_no_longer_than_their_length(text: str) -> None:
    assert identify(text)[0] == ""


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["LICENSE", "LICENCE.md", "a/COPYING", "UNLICENSE", "license.txt", "LICENSE-MIT", "LICENSE.MIT",
     "LICENSES/MIT.txt", "COPYING.LESSER", "licence"],
)  # fmt: skip
def test_files_that_tell_a_licence(path: str) -> None:
    assert is_licence_file(path)


@pytest.mark.parametrize(
    "path", ["lib/license.ex", "license_test.exs", "licenses.md", "lib/licensed.erl", "LICENSE.ex",
             "my-license", "license-checker.js"],
)  # fmt: skip
def test_files_that_do_not(path: str) -> None:
    assert not is_licence_file(path)


def test_the_nearest_folder_wins() -> None:
    files = {"LICENSE": MIT, "deps/cow/LICENSE": ISC}
    assert licence(files, "lib/a.ex") == "MIT"
    assert licence(files, "deps/cow/src/deep/a.erl") == "ISC"
    assert licence(files, "deps/other/a.erl") == "MIT"


def test_an_unknown_text_is_not_passed_over_for_one_further_up() -> None:
    files = {"LICENSE": MIT, "deps/odd/LICENSE": "You may look, not touch."}
    assert licence(files, "deps/odd/a.ex") == UNKNOWN_LICENCE


def test_nothing_anywhere_is_unknown() -> None:
    assert licence({}) == UNKNOWN_LICENCE
    assert licence({"lib/mix.exs": "licenses: []"}) == UNKNOWN_LICENCE


def test_the_texts_of_parts_beside_a_licence_do_not_count() -> None:
    files = {
        "LICENSE": "This package is licensed under the ISC license, see LICENSE-demo.\n\n"
        "jQuery is under the MIT license, see LICENSE-MIT-jQuery.",
        "LICENSE-demo": ISC,
        "LICENSE-MIT-jQuery": MIT,
    }
    assert licence(files) == "ISC"


def test_a_licence_that_names_a_file_with_another_text_is_unknown() -> None:
    files = {
        "LICENSE": "demo is licensed under the ISC license, see LICENSE-demo.",
        "LICENSE-demo": MIT,
    }
    finding = Licences(files).folder("")
    assert finding.expression == UNKNOWN_LICENCE
    assert finding.why == "LICENSE says ISC but LICENSE-demo does not"


def test_parts_without_a_main_file_are_all_asked_for() -> None:
    assert licence({"LICENSE-MIT": MIT, "LICENSE-ISC": ISC}) == "ISC AND MIT"
    assert licence({"LICENSES/MIT.txt": MIT}) == "MIT"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("mix.exs", 'licenses: ["Apache-2.0"],', "Apache-2.0"),
        ("mix.exs", 'licenses: [\n  "MIT", "Apache 2.0"\n]', "Apache-2.0 AND MIT"),
        ("mix.exs", 'licenses: ["BSD"]', UNKNOWN_LICENCE),
        ("src/demo.app.src", '{licenses, ["BSD-3 Clause"]}', "BSD-3-Clause"),
        ("hex_metadata.config", '{<<"licenses">>,[<<"MIT">>]}.', "MIT"),
    ],
)
def test_metadata_counts_where_there_is_no_licence_file(
    path: str, text: str, expected: str
) -> None:
    assert is_metadata_file(path)
    assert licence({path: text}) == expected
    assert licence({path: text, "LICENSE": ISC}) == "ISC"


def test_metadata_tells_or_later_which_a_licence_text_cannot() -> None:
    later = {"COPYING": GPL2_TEXT, "mix.exs": 'licenses: ["GPL-2.0-or-later"]'}
    other = {"COPYING": GPL2_TEXT, "mix.exs": 'licenses: ["MIT"]'}
    assert licence({"COPYING": GPL2_TEXT}) == "GPL-2.0-only"
    assert licence(later) == "GPL-2.0-or-later"
    assert licence(other) == "GPL-2.0-only"


# --- headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.ex", f"# {TAG} MIT\ndefmodule A do\nend\n", "MIT"),
        ("a.ex", f"#!/usr/bin/env elixir\n# {TAG} mit OR apache-2.0\n", "MIT OR Apache-2.0"),
        ("a.erl", f"%% {TAG} (MIT OR ISC) AND 0BSD\n-module(a).\n", "(MIT OR ISC) AND 0BSD"),
        ("a.md", f"<!-- {TAG} CC0-1.0 -->\n# A\n", "CC0-1.0"),
        ("a.eex", f"<%# {TAG} ISC %>\n<%= 1 %>", "ISC"),
        ("a.ex", f"defmodule A do\nend\n\n# {TAG} ISC\n", "ISC"),
        ("a.ex", f"# {TAG} LicenseRef-Own AND MIT\n", "LicenseRef-Own AND MIT"),
        ("a.ex", f"# {TAG} Whatever-9\n", UNKNOWN_LICENCE),
        ("a.erl", comment(GPL2_NOTICE), "GPL-2.0-or-later"),
        ("a.erl", comment(BSD3) + "-module(a).", "BSD-3-Clause"),
        ("a.ex", f'defmodule A do\n  @x "{TAG} MIT"\nend\n', "Apache-2.0"),
        ("a.ex", "# See LICENSE for the licence.\ndefmodule A do\nend\n", "Apache-2.0"),
        ("a.ex", "# For internal use only; see the license.\n", UNKNOWN_LICENCE),
        (
            "a.erl",
            "%% Parts were released under the MIT license.\n"
            "%% This file is subject to the Mozilla Public License, v. 2.0.\n",
            "MIT AND MPL-2.0",
        ),
    ],
)
def test_a_files_own_header_wins(path: str, text: str, expected: str) -> None:
    root = {"LICENSE": "Licensed under the Apache License, Version 2.0"}
    assert licence(root, path, text) == expected


def test_what_the_user_states_stands_in_for_the_root_alone() -> None:
    files = {"LICENSE": MIT, "vendored/LICENSE": ISC}
    own = "LicenseRef-proprietary"
    assert licence(files, "lib/a.ex", root=own) == own
    assert licence(files, "vendored/a.ex", root=own) == "ISC"
    assert licence(files, "lib/a.ex", "# SPDX-License-Identifier: 0BSD\n", root=own) == "0BSD"


def test_a_header_ends_where_code_begins() -> None:
    assert header("%% a\n%% b\n\n-module(a).\n%% c\n", "erlang") == "%% a\n%% b\n\n"
    assert header("# Title\n\ntext", "markdown") == ""
    assert header_licence("%% nothing of interest\n") is None


def test_words_keep_version_numbers() -> None:
    assert words("%% The Apache-License, Version 2.0.\n%% (the “License”)") == (
        "the apache license version 2.0 the license"
    )


# --- real packages --------------------------------------------------------------------------------

REAL = {
    "elixir-lang": {"Apache-2.0"},
    "elixir-nimble-parsec": {"Apache-2.0"},
    "elixir-earmark-parser": {"Apache-2.0"},
    "elixir-ex-doc": {"Apache-2.0"},
    "elixir-makeup": {"BSD-2-Clause"},
    "erlang-cowlib": {"ISC"},
    "erlang-poolboy": {"ISC AND Unlicense"},
    "erlang-p1-mysql": {"BSD-3-Clause", "GPL-2.0-or-later"},
}


@pytest.mark.parametrize(("package", "expected"), REAL.items())
def test_real_packages(package: str, expected: set[str], corpus: Path) -> None:
    root = corpus / package
    texts = {str(p.relative_to(root)): p for p in root.rglob("*") if p.is_file()}
    licences = Licences(
        {
            name: path.read_text("utf-8", "replace")
            for name, path in texts.items()
            if is_licence_file(name) or is_metadata_file(name)
        }
    )
    found = {
        licences.of(name, path.read_text("utf-8", "replace"), language).expression
        for name, path in texts.items()
        if (language := language_of(name))
    }
    assert found == expected


def test_real_licence_texts_hold_one_licence_each(corpus: Path) -> None:
    assert texts_in((corpus / "elixir-lang" / "LICENSE").read_text()) == ["Apache-2.0"]
    assert texts_in((corpus / "erlang-poolboy" / "UNLICENSE").read_text()) == ["Unlicense"]
