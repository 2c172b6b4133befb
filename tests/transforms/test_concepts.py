"""Which concepts a section introduces and uses: cases written here, and Elixir's own guides."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factory.passes.curriculum import Section, order
from transforms.concepts import (
    LEVELS,
    Found,
    concepts,
    concepts_of,
    read_concepts,
    usual_order,
)
from transforms.markdown import Code, Prose, read


def found(
    heading: str = "", prose: str = "", *code: str, language: str = "elixir", known: str = ""
) -> tuple[list[str], list[str]]:
    blocks = [(language, block) for block in code]
    known_ones = [name.strip() for name in known.split(",") if name]
    introduces, uses = concepts_of(heading, prose, blocks, known_ones)
    return list(introduces), list(uses)


def test_a_heading_introduces_and_code_uses():
    introduces, uses = found("The pipe operator", "Text.", "list |> Enum.map(&f/1)")
    assert introduces == ["pipe operator"]
    assert {"capture operator", "Enum"} <= set(uses)


def test_what_was_introduced_before_is_used():
    assert found("Agents", "Text.", "Agent.get(a, f)") == (["Agent"], ["processes"])
    assert found("Agents", "Text.", "Agent.get(a, f)", known="Agent") == ([], ["Agent"])


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("case, cond, and if", ["case", "cond", "if and unless"]),
        ("Monitors or links?", ["links", "monitors"]),
        ("`GenServer` callbacks", ["GenServer"]),
        ("try/rescue", ["exceptions"]),
        ("Keyword lists and maps", ["keyword lists", "maps"]),
        ("The `IO` module", []),
        ("Summing up", []),
        ("What if it fails?", []),
    ],
)
def test_headings(heading: str, names: list[str]):
    assert found(heading)[0] == names


@pytest.mark.parametrize(
    "prose",
    [
        "Streams are lazy enumerables.",
        "This is what we call a comprehension.\n\nIn Elixir, a struct is a map with a name.",
        "Such a function is known as a *closure*.",
        "Guards allow more complex checks.",
    ],
)
def test_a_definition_introduces(prose: str):
    introduces, _ = found("More", prose)
    assert introduces


@pytest.mark.parametrize(
    "prose",
    [
        "We will learn about macros in a later chapter. Macros, you will see, are macros.",
        "See [the macros guide](macros.md#macros) for more.",
        "```",
        "A process the user list may map to.",
    ],
)
def test_a_mention_is_no_use(prose: str):
    assert found("More", prose) == ([], [])


def test_strings_and_comments_are_no_code():
    assert found("More", "", 'x = "GenServer.call"  # Agent.get') == ([], [])


def test_what_is_everywhere_counts_only_where_it_is_spoken_of():
    assert found("More", "Some text.", "f([1, 2])")[1] == []
    assert found("More", "It takes a list.", "f([1, 2])")[1] == ["lists"]


def test_a_session_and_a_shell_are_read_as_what_was_typed():
    session = (
        "iex> spawn(fn -> :ok end)\n#PID<0.1.0>\niex(2)> Agent\n...(2)> .get(a)\n** GenServer.call"
    )
    uses = found("More", "", session, language="iex")[1]
    assert "processes" in uses
    assert "GenServer" not in uses
    shell = "$ MIX_ENV=test mix test --only slow\n$ iex --sname a -S mix"
    assert found("More", "", shell, language="console")[1] == [
        "interactive shell",
        "ExUnit",
        "test tags",
        "Mix projects",
        "Mix environments",
        "distribution",
    ]


def test_erlang_shows_the_same_concepts():
    uses = found("More", "", "f(P) -> P ! ets:lookup(t, 1).", language="erlang")[1]
    assert uses == ["message passing", "ETS"]


def test_a_topic_brings_what_it_is_built_on():
    introduces, uses = found("Macros", "Text.")
    assert introduces == ["macros"]
    assert uses == ["quote and unquote"]


def test_the_list_is_in_learning_order():
    """A concept's needs stand before it, but for the few that are told in another order."""
    entries = concepts().entries
    rank = {concept.name: at for at, concept in enumerate(entries)}
    assert 80 <= len(entries) <= 140
    assert {concept.level for concept in entries} == set(LEVELS)
    late = [(c.name, need) for c in entries for need in c.needs if rank[need] > rank[c.name]]
    assert len(late) <= 14, late


def test_needs_run_in_no_circle():
    by_name = concepts().by_name
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, above
        if name not in done:
            for need in by_name[name].needs:
                visit(need, (*above, name))
            done.add(name)

    for name in by_name:
        visit(name, ())


def test_every_word_of_code_is_one_that_code_can_have():
    """A form in parentheses that the vocabulary does not know would never be found."""
    from factory.syntax.vocabulary import FORMS

    for concept in concepts().entries:
        for word in (*concept.code, *concept.weak):
            assert not word.startswith("(") or word in FORMS, (concept.name, word)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("concepts: [{name: a, level: easy, need: [b]}]", "a: it has need"),
        ("concepts: [{name: a, level: trivial}]", "a: its level or name is wrong"),
        ("concepts: [{name: a, level: easy, needs: [b]}]", "a needs b, which is no concept"),
        ("concepts: [{name: a, level: easy}, {name: a, level: easy}]", "a: its level or name"),
    ],
)
def test_a_mistake_in_the_list_is_named(text: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        read_concepts(text)


def test_elixirs_own_guides(corpus: Path):
    """What each guide is about, by its own title: introduced in it."""
    pages = corpus / "elixir-lang" / "lib" / "elixir" / "pages"
    about = {
        "getting-started/case-cond-and-if.md": {"case", "cond", "if and unless"},
        "getting-started/comprehensions.md": {"comprehensions"},
        "getting-started/enumerable-and-streams.md": {"Enum", "streams", "pipe operator"},
        "getting-started/keywords-and-maps.md": {"keyword lists", "maps", "nested data"},
        "getting-started/pattern-matching.md": {"pattern matching", "pin operator"},
        "getting-started/processes.md": {"processes", "message passing", "links", "Task"},
        "getting-started/protocols.md": {"protocols"},
        "getting-started/sigils.md": {"sigils", "regular expressions"},
        "getting-started/structs.md": {"structs"},
        "getting-started/try-catch-and-rescue.md": {"exceptions", "throw and catch", "exits"},
        "meta-programming/macros.md": {"macros", "macro hygiene"},
        "meta-programming/quote-and-unquote.md": {"quote and unquote"},
        "mix-and-otp/agents.md": {"Agent"},
        "mix-and-otp/erlang-term-storage.md": {"ETS"},
        "mix-and-otp/genservers.md": {"GenServer", "monitors"},
        "mix-and-otp/introduction-to-mix.md": {"Mix projects", "code formatting"},
    }
    for page, wanted in about.items():
        known: set[str] = set()
        for _, section in read((pages / page).read_text()).every():
            prose = "\n\n".join(b.text for b in section.blocks if isinstance(b, Prose))
            blocks = [(b.language, b.text) for b in section.blocks if isinstance(b, Code)]
            known |= set(concepts_of(section.title, prose, blocks, known).introduces)
        assert wanted <= known, (page, wanted - known)


@given(st.text(max_size=80), st.text(max_size=400), st.text(max_size=200), st.booleans())
def test_any_text_is_read(heading: str, prose: str, code: str, iex: bool):
    result = concepts_of(heading, prose, [("iex" if iex else "elixir", code)])
    assert isinstance(result, Found)
    assert not set(result.introduces) & set(result.uses)
    again = concepts_of(heading, prose, [("iex" if iex else "elixir", code)], result.introduces)
    assert not again.introduces or set(again.introduces).isdisjoint(result.introduces)


OFFICIAL = [
    "introduction",
    "basic-types",
    "lists-and-tuples",
    "pattern-matching",
    "case-cond-and-if",
    "anonymous-functions",
    "binaries-strings-and-charlists",
    "keywords-and-maps",
    "modules-and-functions",
    "alias-require-and-import",
    "module-attributes",
    "structs",
    "recursion",
    "enumerable-and-streams",
    "comprehensions",
    "protocols",
    "sigils",
    "try-catch-and-rescue",
    "processes",
    "io-and-the-file-system",
    "writing-documentation",
    "optional-syntax",
    "erlang-libraries",
    "debugging",
    "introduction-to-mix",
    "agents",
    "genservers",
    "supervisor-and-application",
    "dynamic-supervisor",
    "erlang-term-storage",
    "dependencies-and-umbrella-projects",
    "task-and-gen-tcp",
    "docs-tests-and-with",
    "distributed-tasks",
    "config-and-releases",
    "quote-and-unquote",
    "macros",
    "domain-specific-languages",
]
"""The order in which Elixir's own documentation lists its guides."""


def test_elixirs_own_guides_come_out_in_nearly_their_own_order(corpus: Path):
    """By their names alone, 75 % of all pairs would stand right."""
    pages = corpus / "elixir-lang" / "lib" / "elixir" / "pages"
    sections: list[Section] = []
    for page in sorted(pages.glob("*/*.md")):
        known: set[str] = set()
        if page.stem in OFFICIAL:
            for line, (_, section) in enumerate(read(page.read_text()).every()):
                prose = "\n\n".join(b.text for b in section.blocks if isinstance(b, Prose))
                blocks = [(b.language, b.text) for b in section.blocks if isinstance(b, Code)]
                concepts_here = concepts_of(section.title, prose, blocks, known)
                known |= set(concepts_here.introduces)
                sections.append(Section("guides", page.stem, line, *concepts_here))
    found = [chapter.path for chapter in order(sections, usual_order())]
    assert sorted(found) == sorted(OFFICIAL)
    pairs = list(combinations(OFFICIAL, 2))
    right = sum(found.index(one) < found.index(other) for one, other in pairs)
    assert right / len(pairs) > 0.85
