"""What a package's licence is held to be, from its metadata and its licence files."""

from __future__ import annotations

import pytest

from sources.hex.licences import Stated, root
from tests.factory.projects import MIT as LICENCE

UNKNOWN = "LicenseRef-unknown"
MIT = {"LICENSE": LICENCE}
EITHER = {"LICENSE": "Licensed under either of the MIT License or the Apache License, Version 2.0."}
STRANGE = {"LICENSE.md": "Do as you like, my friend."}
NOBODY = {"LICENSE": LICENCE + "\nThe Software may not be used for commercial purposes.\n"}
BSD = {"LICENSE": "This package is licensed under the BSD 3-Clause License."}
FLASK = {
    "LICENSE": """Some rights reserved.
Redistribution and use in source and binary forms of the software as well
as documentation, with or without modification, are permitted provided
that the following conditions are met:
* Redistributions of source code must retain the above copyright notice.
* Redistributions in binary form must reproduce the above copyright notice.
* The names of the contributors may not be used to endorse or promote products.
"""
}
GPL = {"COPYING": "This program is licensed under the GNU General Public License version 3."}


@pytest.mark.parametrize(
    ("names", "texts", "expression", "note"),
    [
        # No licence file: the names, through the table.
        (["MIT"], {}, "MIT", ""),
        (["mit"], {}, "MIT", "'mit' in its metadata was read as MIT"),
        (["Apache 2.0"], {}, "Apache-2.0", "'Apache 2.0' in its metadata was read as Apache-2.0"),
        (["MPL v2"], {}, "MPL-2.0", "'MPL v2' in its metadata was read as MPL-2.0"),
        (["MIT OR Apache-2.0"], {}, "Apache-2.0 OR MIT",
         "'MIT OR Apache-2.0' in its metadata was read as Apache-2.0 OR MIT"),
        (["MIT", "Apache-2.0"], {}, "Apache-2.0 AND MIT",
         "all licences that its metadata names are held to apply"),
        (["BSD"], {}, UNKNOWN, "'BSD' in its metadata may mean several licences"),
        (["Commons Clause"], {}, UNKNOWN,
         "'Commons Clause' in its metadata is no licence that is known"),
        (["MIT", "Ours"], {}, "LicenseRef-unknown AND MIT",
         "'Ours' in its metadata is no licence that is known; "
         "all licences that its metadata names are held to apply"),
        ([], {}, UNKNOWN, ""),
        (["see LICENSE"], {}, UNKNOWN, ""),
        # A licence file with a known text, and metadata that adds nothing.
        ([], MIT, "MIT", ""),
        (["MIT"], MIT, "MIT", ""),
        (["The MIT License"], MIT, "MIT", ""),
        (["See LICENSE file"], MIT, "MIT", ""),
        (["BSD"], BSD, "BSD-3-Clause", ""),
        (["BSD"], FLASK, "BSD-3-Clause", ""),
        (["MIT", "Apache-2.0"], EITHER, "Apache-2.0 OR MIT", ""),
        (["GPL-3.0-or-later"], GPL, "GPL-3.0-or-later", ""),
        # Metadata that says more than the text: all apply.
        (["Apache 2.0"], MIT, "Apache-2.0 AND MIT",
         "'Apache 2.0' in its metadata was read as Apache-2.0; its licence file is MIT, its "
         "metadata says 'Apache 2.0': all are held to apply"),
        (["MIT", "Commons Clause"], MIT, "LicenseRef-unknown AND MIT",
         "'Commons Clause' in its metadata is no licence that is known; its licence file is MIT, "
         "its metadata says 'Commons Clause': all are held to apply"),
        (["BSD"], MIT, "LicenseRef-unknown AND MIT",
         "'BSD' in its metadata may mean several licences; its licence file is MIT, its metadata "
         "says 'BSD': all are held to apply"),
        # A licence file whose text is none that is known.
        (["MIT"], STRANGE, "MIT",
         "the text of LICENSE.md is none that is known; its metadata counts"),
        ([], STRANGE, UNKNOWN, "the text of LICENSE.md is none that is known"),
        (["MIT"], NOBODY, UNKNOWN,
         "LICENSE says 'may not be used for commercial', which no licence known here does"),
        # Only the root's licence files count here.
        (["MIT"], {"priv/LICENSE": "Apache License, Version 2.0"}, "MIT", ""),
    ],
)  # fmt: skip
def test_the_root_licence(
    names: list[str], texts: dict[str, str], expression: str, note: str
) -> None:
    assert root(names, texts) == Stated(expression, note)


def test_a_long_name_is_shown_short() -> None:
    stated = root(["x" * 5_000 + "\n\x1b[0m"], {})
    assert stated.expression == UNKNOWN
    assert len(stated.note) < 150
    assert stated.note.isprintable()
