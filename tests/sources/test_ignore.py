"""`.gitignore` in folders without Git: the same files as Git itself would list."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.folder import walk
from sources.ignore import Rules
from tests.sources.checkouts import git, lay

NAMES = st.sampled_from(["a", "b", "lib", "x.ex", "y.ex", "z.md", "tmp"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PATTERNS = st.one_of(
    st.sampled_from(
        ["*.ex", "!x.ex", "/lib", "tmp/", "a/b", "a/**", "**/b", "a/**/x.ex", "*", "!*/", "/*",
         "!lib/", "lib/*", "!/lib/a", "?.md", "[ab]", "[!a]", "# no", "", "  ", "x.ex ", "\\#a",
         "\\!b", "/a/", "**", "!**/y.ex", "*.ex\r", "a//b", "/", "b/**/", "a/**/**/b",
         "[^a]", "a**b", "li\\b", "\\*"]
    ),
    NAMES,
)  # fmt: skip


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    paths=st.sets(PATHS, min_size=1, max_size=14),
    root=st.lists(PATTERNS, max_size=5),
    nested=st.dictionaries(st.sampled_from(["a", "lib", "a/b"]), st.lists(PATTERNS, max_size=4)),
)
def test_a_folder_holds_what_git_would_list(
    paths: set[str],
    root: list[str],
    nested: dict[str, list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("ignore")
    files = {p: p for p in paths if not any(q.startswith(p + "/") for q in paths)}
    files[".gitignore"] = "\n".join(root)
    for name, patterns in nested.items():
        if name not in files and not any(name.startswith(f + "/") for f in files):
            files[f"{name}/.gitignore"] = "\n".join(patterns)
    lay(folder, files)
    git(folder, "init", "-q")
    listed = git(folder, "ls-files", "-z", "--others", "--exclude-standard").split("\0")
    found = walk(folder, prune=False)
    assert {entry.path for entry in found.entries} == {path for path in listed if path}


def test_deeper_patterns_win_over_those_above() -> None:
    rules = Rules().within("", b"*.log\n").within("keep", b"!*.log\n")
    assert rules.ignores("a.log", is_folder=False)
    assert not rules.ignores("keep/a.log", is_folder=False)
    assert rules.within("keep/in", b"a.log").ignores("keep/in/a.log", is_folder=False)


def test_a_pattern_for_folders_spares_files() -> None:
    rules = Rules().within("", b"tmp/")
    assert rules.ignores("tmp", is_folder=True)
    assert not rules.ignores("tmp", is_folder=False)


@pytest.mark.parametrize(
    "text", [b"\xff\xfe\n*.ex\n", b"[\n*.ex\n", b"\xef\xbb\xbf*.ex", b"!\n*.ex"]
)
def test_an_odd_line_does_not_hide_the_others(text: bytes) -> None:
    assert Rules().within("", text).ignores("a.ex", is_folder=False)


def test_a_pattern_made_to_keep_a_matcher_busy_does_not() -> None:
    rules = Rules().within("", b"*a" * 60 + b"b\n" + b"**/" * 2000 + b"x\nz\n")
    assert not rules.ignores("/".join(["a" * 250] * 60), is_folder=False)
    assert rules.ignores("z", is_folder=False)
