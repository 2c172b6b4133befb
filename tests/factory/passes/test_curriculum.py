"""The learning order: concepts before their use, books in their own order, the same every time."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from factory.passes.curriculum import Section, order, rendered, steps


def section(
    path: str, introduces: str = "", uses: str = "", level: int = 0, release: str = "books:a@1"
) -> Section:
    """A section of a chapter's only line, its concepts as words."""
    title = path.rpartition("/")[2].removesuffix(".md")
    book = release.partition(":")[2].partition("@")[0].upper()
    return Section(
        release, path, 1, tuple(introduces.split()), tuple(uses.split()), level, book, title
    )


def paths(*sections: Section) -> list[str]:
    return [chapter.path for chapter in order(sections)]


def test_a_guide_comes_after_what_it_uses():
    assert paths(
        section("agents.md", "agent", "process"),
        section("basics.md", "atom"),
        section("processes.md", "process", "atom"),
    ) == ["basics.md", "processes.md", "agents.md"]


def test_among_those_that_are_ready_the_easiest_comes_first():
    assert paths(
        section("a.md", "macro", level=3), section("b.md", "atom"), section("c.md", "map", level=1)
    ) == ["b.md", "c.md", "a.md"]


def test_numbered_chapters_keep_their_authors_order():
    """Chapter 2 uses what chapter 10 introduces: the author has a reason."""
    assert paths(
        section("10-processes.md", "process"),
        section("2-servers.md", "server", "process", level=2),
        section("1-start.md", "start", level=3),
    ) == ["1-start.md", "2-servers.md", "10-processes.md"]


def test_numbers_order_a_folder_only_when_all_its_files_have_one():
    assert paths(
        section("1-servers.md", "server", "process"),
        section("2-processes.md", "process"),
        section("start.md", "start"),
    ) == ["2-processes.md", "1-servers.md", "start.md"]


def test_another_book_steps_in_where_one_asks_too_much():
    """Book A uses processes in its second chapter; B introduces them in its first."""
    b = "books:b@1"
    assert paths(
        section("1-start.md", "atom"),
        section("2-servers.md", "server", "process"),
        section("1-processes.md", "process", level=2, release=b),
        section("2-ets.md", "table", "process server", release=b),
    ) == ["1-start.md", "1-processes.md", "2-servers.md", "2-ets.md"]


def test_books_that_ask_for_each_other_begin_with_the_one_that_lacks_least():
    assert paths(
        section("x.md", "x", "y z"), section("y.md", "y", "x"), section("z.md", "z", "y")
    ) == ["y.md", "z.md", "x.md"]


def test_what_nobody_introduces_holds_nobody_up():
    assert paths(section("b.md", "b"), section("a.md", "a", "alien aliens")) == ["a.md", "b.md"]


USUAL = ("atom", "list", "map", "process", "exception", "macro")


def test_the_usual_order_of_concepts_decides_where_nothing_depends():
    sections = [
        section("a.md", "macro", "atom"),
        section("b.md", "map", "atom"),
        section("c.md", "", "list"),
        section("d.md", "unheard"),
        section("e.md", "atom"),
    ]
    assert paths(*sections) == ["c.md", "d.md", "e.md", "a.md", "b.md"]
    assert [c.path for c in order(sections, USUAL)] == ["e.md", "c.md", "b.md", "a.md", "d.md"]


def test_what_is_usually_learnt_later_is_shown_in_passing():
    """The chapter on atoms shows an exception; it does not build on exceptions."""
    atoms = section("atoms.md", "atom", "exception")
    exceptions = section("exceptions.md", "exception", "list")
    assert [c.needs for c in order([atoms, exceptions], USUAL)] == [{}, {"list": 1}]
    assert [c.path for c in order([atoms, exceptions], USUAL)] == ["atoms.md", "exceptions.md"]
    assert paths(atoms, exceptions) == ["exceptions.md", "atoms.md"]


def test_a_need_outweighs_the_usual_order_by_eight_places():
    usual = [f"c{n}" for n in range(30)]
    early, late = section("early.md", "c10", "c9"), section("late.md", "c9 c17")
    assert [c.path for c in order([early, late], usual)] == ["late.md", "early.md"]
    late = section("late.md", "c9 c19")
    assert [c.path for c in order([early, late], usual)] == ["early.md", "late.md"]


def test_sections_stay_in_their_chapter_and_count_on():
    first = Section("r", "a.md", 3, ("atom",), ())
    second = Section("r", "a.md", 9, (), ("atom",))
    other = Section("r", "b.md", 1, ("map",), ("atom",))
    silent = Section("r", "a.md", 5, (), ())
    assert steps([other, second, silent, first]) == {first: 1, second: 2, other: 3}


def test_rendered():
    a = Section("r", "1-a.md", 3, ("atoms", "maps"), (), 0, "Elixir by Hand", "Values")
    b = Section("r", "1-a.md", 9, (), ("atoms", "maps"), 0, "Elixir by Hand", "Values")
    c = Section("r", "2-b.md", 1, ("structs", "maps"), ("atoms", "protocols"), 2, "", "")
    d = Section("r", "3-c.md", 1, ("protocols",), ("alien",), 1, "Elixir by Hand", "Protocols")
    text = rendered(order([a, b, c, d]), {a: 2, b: 1, c: 1, d: 1000})
    assert (
        text
        == """\
1. Elixir by Hand: Values (easy, steps 1-2, 3 rows)
   new: atoms, maps
2. r: 2-b.md (hard, step 3, 1 row)
   new: structs
   again: maps
   builds on: atoms
   ahead of: protocols
3. Elixir by Hand: Protocols (medium, step 4, 1,000 rows)
   new: protocols
   takes as known: alien"""
    )
    assert "row" not in rendered(order([a, b, c, d]))


NAMES = st.sampled_from("abcdefgh")
SECTIONS = st.builds(
    Section,
    st.sampled_from(["books:one@1", "books:two@1", "hex:three@1"]),
    st.sampled_from(["1-x.md", "2-x.md", "10-x.md", "g/1-x.md", "g/y.md", "g/z.md", "h.md"]),
    st.integers(1, 4),
    st.lists(NAMES, max_size=2).map(tuple),
    st.lists(NAMES, max_size=3).map(tuple),
    st.integers(0, 3),
)


@given(st.lists(SECTIONS, max_size=25), st.randoms(use_true_random=False))
def test_the_order_is_of_the_sections_alone(sections: list[Section], shuffler: random.Random):
    first = order(sections)
    again = [*sections, *sections[:3]]
    shuffler.shuffle(again)
    assert order(again) == first
    assert order(again, "hgfedcba") == order(sections, "hgfedcba")


@given(st.lists(SECTIONS, max_size=25))
def test_every_section_that_teaches_has_one_place(sections: list[Section]):
    found = steps(sections)
    assert set(found) == {s for s in sections if s.introduces or s.uses}
    assert sorted(found.values()) == list(range(1, len(found) + 1))
    numbered = {
        (s.release, s.path): step for s, step in found.items() if s.path in ("1-x.md", "2-x.md")
    }
    alone = {s.path for s in found if s.path == "h.md"}  # a file without a number in that folder
    for release in {s.release for s in sections}:
        both = numbered.get((release, "1-x.md")), numbered.get((release, "2-x.md"))
        if None not in both and not any(s.release == release for s in found if s.path in alone):
            assert both[0] < both[1]


@st.composite
def teachable(draw: st.DrawFn) -> list[Section]:
    """Chapters of several books for which some order exists: each uses only what one before it in
    a hidden order introduced, and numbered ones stand in that order."""
    known: list[str] = []
    counts = {"books:one@1": 0, "books:two@1": 0, "hex:three@1": 0}
    found: list[Section] = []
    for at in range(draw(st.integers(1, 14))):
        release = draw(st.sampled_from(sorted(counts)))
        counts[release] += 1
        uses = draw(st.lists(st.sampled_from(known), max_size=3)) if known else []
        introduces = [f"c{at}"] + ([draw(st.sampled_from(known))] if known else [])
        known.append(f"c{at}")
        letter = draw(st.sampled_from("pqrstuv"))
        path = f"{letter}{at}.md" if release.startswith("hex") else f"{counts[release]}-x.md"
        level = draw(st.integers(0, 3))
        found.append(Section(release, path, 1, tuple(introduces), tuple(uses), level))
    return draw(st.permutations(found))


@given(teachable())
def test_where_an_order_exists_nothing_is_used_before_it_is_introduced(sections: list[Section]):
    known: set[str] = set()
    for chapter in order(sections):
        assert chapter.needs.keys() <= known
        known |= chapter.introduces
