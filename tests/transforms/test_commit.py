"""`commit`: what a commit says and the code before it in, the code after it out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from factory.parsed import Parsed
from factory.plugins import Transform, load, names
from factory.records import Document, Example, LeftOut
from sources.history import Commit as Commit_
from sources.languages import language_of
from sources.patches import FileChange, patch
from tests.transforms import commit_history
from tests.transforms.commit_history import CART, ITEM, QUEUE
from transforms.commit import Commit, covered
from transforms.commit.cut import cut
from transforms.commit.message import Unfit, plain_verb, request
from transforms.commit.patch import read_patch
from transforms.commit.side import side
from transforms.commit.transform import MOSTLY_COPIED, STRAYS
from transforms.fences import unfenced

PATH = "lib/shop/cart.ex"


def commit(message: str) -> Commit_:
    return Commit_("a" * 40, "b" * 40, ("c" * 40,), "A <a@b.c>", "A <a@b.c>", 0, message)


def document(message: str, *changes: FileChange) -> Document:
    text = patch(commit(message), changes)
    path = f"commits/{'a' * 40}.patch"
    return Document("test", "ours", "1", "sha256:1", "ours", path, "patch", "MIT", text)


def made(
    message: str, before: str, after: str, path: str = PATH, *more: FileChange, **options: object
) -> Example | LeftOut:
    transform = Commit(Commit.Options.model_validate(options), 1)
    given = document(message, FileChange(path, before, after), *more)
    (item,) = transform.document(Parsed(given))
    return item


def row(*arguments: object, **options: object) -> Example:
    item = made(*arguments, **options)  # type: ignore[arg-type]
    assert isinstance(item, Example), item
    return item


def reason(*arguments: object, **options: object) -> str:
    item = made(*arguments, **options)  # type: ignore[arg-type]
    assert isinstance(item, LeftOut), item
    return item.reason


FASTER = CART.replace("length(items) == 0", "items == []")
COMPARE = "Compare items with [] instead of asking for their length"


def test_the_fixtures_are_what_the_sources_make_of_the_history(tmp_path: Path) -> None:
    kept = {path.name: path.read_text("utf-8") for path in commit_history.FIXTURES.iterdir()}
    assert commit_history.fixtures(tmp_path / "shop") == kept


def test_nothing_else_reads_patches_and_no_file_of_a_repository_is_taken_for_one() -> None:
    readers = [n for n in names("factory.transforms") if "patch" in load_(n).languages]
    assert readers == ["commit"]
    assert language_of("a.patch") is None


def load_(name: str) -> type[Transform]:
    kind: type[Transform] = load("factory.transforms", name)
    return kind


def test_a_whole_row() -> None:
    made = row(COMPARE, CART, FASTER)
    assert made.request == (
        "Can you make this change for me? Compare items with [] instead of asking for their "
        "length.\n\n"
        "From `lib/shop/cart.ex`:\n\n"
        "```elixir\n"
        "defmodule Shop.Cart do\n"
        "  # ...\n\n"
        '  @doc "Whether there is nothing in the cart."\n'
        "  @spec empty?(t()) :: boolean()\n"
        "  def empty?(%__MODULE__{items: items}), do: length(items) == 0\n\n"
        "  # ...\n"
        "end\n"
        "```\n\n"
        "Also in `lib/shop/cart.ex`, not to be changed:\n\n"
        "```elixir\n"
        "defstruct items: [], coupon: nil\n"
        "```\n\n"
        "Answer with the code above after the change, `# ...` included where it stands for code "
        "that does not change."
    )
    assert made.answer == (
        "```elixir\n"
        "defmodule Shop.Cart do\n"
        "  # ...\n\n"
        '  @doc "Whether there is nothing in the cart."\n'
        "  @spec empty?(t()) :: boolean()\n"
        "  def empty?(%__MODULE__{items: items}), do: items == []\n\n"
        "  # ...\n"
        "end\n"
        "```"
    )
    assert (made.task, made.format, made.language) == ("commit", "messages", "elixir")
    assert made.provenance.subject == "Shop.Cart.empty?/1"
    assert made.quality.documentation == pytest.approx(2 / 3)
    text = document(COMPARE, FileChange(PATH, CART, FASTER)).text.encode()
    at = made.provenance
    assert text[at.start_byte : at.end_byte].decode() == (
        "-  def empty?(%__MODULE__{items: items}), do: length(items) == 0\n"
        "+  def empty?(%__MODULE__{items: items}), do: items == []"
    )


def test_a_diff_may_be_the_answer_instead() -> None:
    made = row(COMPARE, CART, FASTER, answer="diff")
    assert made.answer == (
        "```diff\n"
        "--- a/lib/shop/cart.ex\n"
        "+++ b/lib/shop/cart.ex\n"
        "@@ -27,7 +27,7 @@\n"
        " \n"
        '   @doc "Whether there is nothing in the cart."\n'
        "   @spec empty?(t()) :: boolean()\n"
        "-  def empty?(%__MODULE__{items: items}), do: length(items) == 0\n"
        "+  def empty?(%__MODULE__{items: items}), do: items == []\n"
        " \n"
        '   @doc "The names of all items, as they were added."\n'
        "   @spec names(t()) :: [String.t()]\n"
        "```"
    )
    assert re.search(r"diff|patch", made.request.rpartition("\n\n")[2])


def test_two_files_are_told_apart_by_their_names() -> None:
    item = ITEM.replace("quantity: 1]", "quantity: 1, weight: 0]")
    cart = CART.replace(
        "  @doc false\n  def limit",
        "  @doc false\n  def weight(%{items: items}), do: Enum.sum_by(items, & &1.weight)\n\n"
        "  @doc false\n  def limit",
    )
    change = FileChange("lib/shop/item.ex", ITEM, item)
    message = "Add a weight to items and weight/1 to carts, which sums up the weight of all items"
    made = row(message, CART, cart, PATH, change)
    assert "`lib/shop/cart.ex` and `lib/shop/item.ex`" in made.request
    assert made.answer.startswith("`lib/shop/cart.ex`:\n\n```elixir\n")
    assert f"`lib/shop/item.ex`:\n\n```elixir\n{item}```" in made.answer


def test_a_small_file_is_shown_whole() -> None:
    made = row(
        "Return none from pop when the queue is empty, in place of an error",
        QUEUE,
        QUEUE.replace("    error(empty);", "    none;"),
        "src/shop_queue.erl",
    )
    assert made.language == "erlang"
    assert made.provenance.subject == "shop_queue:pop/1"
    assert unfenced(made.answer) == [QUEUE.replace("    error(empty);", "    none;").strip()]
    assert "..." not in made.request


def test_the_commits_own_tests_are_shown() -> None:
    test = (
        "defmodule CartTest do\n  use ExUnit.Case\n\n"
        '  test "an old one" do\n    assert true\n  end\n'
    )
    new = '\n  test "a cart without items is empty" do\n    assert Cart.empty?(%Cart{})\n  end\n'
    changed = FileChange("test/cart_test.exs", f"{test}end\n", f"{test}{new}end\n")
    made = row(COMPARE, CART, FASTER, PATH, changed)
    shown = 'test "a cart without items is empty" do\n  assert Cart.empty?(%Cart{})\nend'
    assert f"```elixir\n{shown}\n```" in made.request
    assert "an old one" not in made.request
    assert "CartTest" not in made.answer


def test_names_that_nothing_tells_are_told() -> None:
    after = CART.replace("|> Enum.reverse()", "|> Enum.reverse()\n    |> Shop.Sort.sorted()")
    made = row("Sort the names of items in a cart, so that they are always alike", CART, after)
    assert re.search(r"`Shop\.Sort\.sorted`", made.request)
    new = CART.replace("  @doc false\n  def limit", "  def clear(_), do: new()\n\n  def limit")
    made = row("Add a function that takes all items out of the cart, to clear it", CART, new)
    assert re.search(r"`clear`|\bclear\b", made.request)


@pytest.mark.parametrize(
    ("expected", "message", "after"),
    [
        ("a merge", "Merge branch 'main' into items", FASTER),
        ("a revert", 'Revert "Compare items with length"', FASTER),
        ("a release or a change of version", "Bump version of items to 1.2.3", FASTER),
        ("formatting only", "Run mix format on items", FASTER),
        ("the message tells nothing of the change", "fix", FASTER),
        ("the message tells nothing of the change", "WIP", FASTER),
        ("the message tells nothing of the change", "Address review comments", FASTER),
        (
            "the message is about tests, documentation or the project's tools",
            "Fix typo in items",
            FASTER,
        ),
        (
            "the message is about tests, documentation or the project's tools",
            "docs: compare items with []",
            FASTER,
        ),
        (
            "the message does not begin with what is to be done",
            "Comparison of items with []",
            FASTER,
        ),
        (
            "the message speaks of what stands elsewhere",
            "Compare items as in the previous commit",
            FASTER,
        ),
        ("the message does not say how", "Simplify check for empty items", FASTER),
        ("the message does not say how", "Fix check for empty items", FASTER),
        (
            "the message does not speak of what changed",
            "Allow colours to be mixed on a screen",
            FASTER,
        ),
        (
            "it changes documentation, comments or formatting alone",
            "Compare a cart with a basket, so that nothing is left",
            CART.replace("An empty cart.", "A basket with nothing."),
        ),
        (
            "it changes documentation, comments or formatting alone",
            "Add parentheses and commas around items in total",
            CART.replace("[item | items]}", "[item | (items)]}"),
        ),
        (
            "it changes documentation, comments or formatting alone",
            "Allow integers as total of a cart",
            CART.replace("total(t()) :: non_neg_integer()", "total(t()) :: integer()"),
        ),
        (
            "the code before or after it has syntax errors",
            COMPARE,
            CART.replace("length(items) == 0", "items == [}"),
        ),
        (
            "it leans on names that the request does not tell",
            "Sort the names of items in a cart",
            CART.replace("Enum.reverse()", "Shop.Sort.sorted(:rank, nil, 3, true)"),
        ),
        (
            "it leans on names that the request does not tell",
            "Raise the limit of items in a cart",
            CART.replace("@limit 100", "@limit 250"),
        ),
        (
            "it rewrites more documentation than code",
            "Compare items with [] instead of asking for their length",
            FASTER.replace(
                '  @doc "Whether', '  # Carts are empty\n  # or they are not.\n  @doc "If'
            )
            .replace("An empty cart.", "None.")
            .replace("The names of", "Names of"),
        ),
        (
            "it leaves debugging output behind",
            "Compare items with [] instead of asking for their length",
            CART.replace("length(items) == 0", "IO.inspect(items) == []"),
        ),
        (
            "it makes comments of code",
            "Compare items with [] instead of asking for their length",
            FASTER.replace("def limit, do: @limit", "# def limit, do: @limit"),
        ),
        (
            "more changes than the message tells",
            "Return the limit of items in a cart",
            CART.replace(
                "def limit, do: @limit",
                "def limit do\n"
                + "".join(f"    limit = @limit + {n} * limit_of({n})\n" for n in range(20))
                + "    limit\n  end\n\n  defp limit_of(n), do: n",
            ),
        ),
    ],
)
def test_what_makes_no_row(expected: str, message: str, after: str) -> None:
    assert reason(message, CART, after) == expected


def test_which_files_make_no_row() -> None:
    test = FileChange("test/a_test.exs", "a = 1\n", "a = 2\n")
    assert reason(COMPARE, "a = 1\n", "a = 2\n", "test/a_test.exs") == "it changes tests alone"
    there = "integration_test/a.exs"
    assert reason(COMPARE, "a = 1\n", "a = 2\n", there) == "it changes tests alone"
    project = "it changes the project's configuration alone"
    assert reason(COMPARE, "a = 1\n", "a = 2\n", "mix.exs") == project
    new = FileChange("lib/new.ex", None, CART)
    assert reason(COMPARE, CART, FASTER, PATH, new) == "it adds or deletes a file of code"
    assert isinstance(made(COMPARE, CART, FASTER, PATH, test), Example)
    long = "the code that changes is longer than max_code"
    assert reason(COMPARE, CART, FASTER.replace("@limit", "@most"), max_code=200) == long


def test_a_small_change_in_long_code_makes_no_row_but_a_diff() -> None:
    lines = "".join(f"    items = [{n} | items]\n" for n in range(100))
    before = f"defmodule A do\n  def items(items) do\n{lines}    items\n  end\nend\n"
    after = before.replace("[50 |", "[51 |")
    message = "Use 51 instead of 50 among the items"
    assert reason(message, before, after) == "a small change in code that is long"
    assert row(message, before, after, answer="diff").answer.count("\n") < 14


def test_what_is_no_patch_is_left_out() -> None:
    text = document(COMPARE, FileChange(PATH, CART, FASTER)).text
    lines = text.split("\n")
    for broken in ("", "nothing", text[:-40], "\n".join(lines[:20] + lines[21:])):
        given = document(COMPARE, FileChange(PATH, CART, FASTER))
        given = Document(*(getattr(given, f) for f in given.__slots__[:8]), text=broken)
        (item,) = Commit(Commit.Options(), 1).document(Parsed(given))
        assert isinstance(item, LeftOut)
        assert item.reason == "the patch cannot be read"


@pytest.mark.parametrize(
    ("message", "subject", "body"),
    [
        ("Fixed crash on empty carts (#123)", "Fix crash on empty carts.", ""),
        ("Adds limits to carts, closes #4", "Add limits to carts.", ""),
        ("feat(cart): stop adding at the limit", "Stop adding at the limit.", ""),
        ("ABC-12: Allow nil coupons", "Allow nil coupons.", ""),
        ("[#9] Allowing nil coupons. Fixes GH-9", "Allow nil coupons.", ""),
        ("cart: always keep the coupon", "cart: always keep the coupon.", ""),
        (
            "Keep the coupon\n\nIt was lost,\nand nobody saw it. See #12.\n\n"
            "Signed-off-by: A <a@b.c>\nCo-authored-by: B <b@b.c>",
            "Keep the coupon.",
            "It was lost, and nobody saw it.",
        ),
        (
            "Keep the coupon (#7)\n\n* keep it\n\n* fix test\n\n---------\n\nCo-authored-by: B",
            "Keep the coupon.",
            "",
        ),
        (
            "Keep the coupon\n\n- when it is nil\n- when `@limit` is reached\n\n"
            "https://example.org/1\n\nThis broke in 0123abcdef0. I saw it yesterday. "
            "Your feedback is welcome.",
            "Keep the coupon.",
            "- when it is nil\n- when `@limit` is reached",
        ),
    ],
)
def test_a_message_becomes_a_request_that_stands_alone(
    message: str, subject: str, body: str
) -> None:
    first, _, rest = message.partition("\n\n")
    found = request(first, rest)
    assert (found.subject, found.body) == (subject, body)


@given(st.text(max_size=200), st.text(max_size=400))
def test_any_message_is_read_or_refused(subject: str, body: str) -> None:
    try:
        found = request(subject, body)
    except Unfit:
        return
    assert found.subject.endswith(".")
    assert "#1" not in request("Keep the coupon", "Closes #1").text


def test_messages_made_to_take_long_do_not() -> None:
    with pytest.raises(Unfit):
        request("Keep " + "- " * 200_000, "")
    for piece in ("closes #1 and ", "- ", "see also ", "A-1 ", "( fix ", "* x\n\n", "@a "):
        assert request("Keep the coupon", piece * 100_000).subject == "Keep the coupon."


def test_verbs_in_their_plain_form() -> None:
    for word in ("Fix", "Fixes", "fixed", "fixing"):
        assert plain_verb(word) == "fix"
    assert (plain_verb("stopped"), plain_verb("Copies"), plain_verb("making")) == (
        "stop",
        "copy",
        "make",
    )
    assert (plain_verb("went"), plain_verb("cart")) == ("", "")


LINES = st.lists(st.sampled_from(["", "a = 1", "b = 2", "  c", "-- d", "+e", "@@ f", "\r"]))


@given(LINES, LINES, st.booleans(), st.booleans())
def test_both_sides_come_back_from_a_patch_exactly(
    before: list[str], after: list[str], old_ends: bool, new_ends: bool
) -> None:
    old = "\n".join(before) + "\n" * old_ends
    new = "\n".join(after) + "\n" * new_ends
    read = read_patch(patch(commit("Say\nsomething\n\nand more"), [FileChange("a.ex", old, new)]))
    assert read is not None
    assert (read.subject, read.body) == ("Say something", "and more")
    (change,) = read.files
    assert (change.before, change.after) == (old, new)


PIECES = [
    "  alias A.B\n",
    "  @x 1\n",
    '  @doc "One."\n  def a(x) do\n    x + 1\n  end\n',
    "  def a(_), do: 2\n",
    "  # a comment\n  defp b, do: 3\n",
    "  defmodule In do\n    def c, do: 4\n\n    def d, do: 5\n  end\n",
    '  describe "long" do\n' + "".join(f'    test "{n}", do: {n}\n' for n in range(32)) + "  end\n",
    "\n",
    "\n\n",
]
MODULES = st.lists(st.sampled_from(PIECES), max_size=25).map(
    lambda pieces: "defmodule M do\n" + "".join(pieces) + "end\n"
)


@settings(max_examples=150)
@given(MODULES, MODULES)
def test_code_after_a_change_can_be_put_back_exactly(before: str, after: str) -> None:
    assume(before != after)
    given = document("Change", FileChange("a.ex", before, after))
    read = read_patch(given.text)
    assert read is not None
    (change,) = read.files
    sides = [side(given, "a.ex", text, "elixir") for text in (before, after)]
    shown = cut(
        sides[0].lines, sides[1].lines, change.hunks, (sides[0].items, sides[1].items), "elixir"
    )
    assert shown.applied(shown.shown(after=True)) == after
    assert shown.applied(shown.shown(after=False)) == before
    hidden = [line for line in shown.shown(after=True).split("\n") if line.strip() == "# ..."]
    assert shown.marked == bool(hidden)


def test_a_cut_shows_whole_functions_in_the_frame_of_their_modules() -> None:
    before = "defmodule A do\n" + "".join(
        f'  @doc "{n}."\n  def f{n}(x) do\n    x + {n}\n  end\n\n' for n in range(12)
    )
    before = f"{before}end\n"
    after = before.replace("x + 3", "x + 33").replace("x + 9", "x - 9")
    given = document("Change", FileChange("a.ex", before, after))
    (change,) = read_patch(given.text).files  # type: ignore[union-attr]
    sides = [side(given, "a.ex", text, "elixir") for text in (before, after)]
    shown = cut(
        sides[0].lines, sides[1].lines, change.hunks, (sides[0].items, sides[1].items), "elixir"
    )
    assert shown.shown(after=True) == (
        "defmodule A do\n  # ...\n\n"
        '  @doc "3."\n  def f3(x) do\n    x + 33\n  end\n\n'
        "  # ...\n\n"
        '  @doc "9."\n  def f9(x) do\n    x - 9\n  end\n\n'
        "  # ...\n\nend\n"
    )
    with pytest.raises(ValueError, match="missing"):
        shown.applied("defmodule A do\nend\n")
    with pytest.raises(ValueError, match="more marks"):
        shown.applied(shown.shown(after=True) + "# ...\n")


def test_two_changes_in_one_function_show_that_function_and_no_more() -> None:
    rest = "".join(f"\n  def f{n}, do: {n}\n" for n in range(40))
    one = "  def g(1) do\n    :one\n  end\n\n  def g(2) do\n    :two\n  end\n"
    many = one.replace(":one", ":first").replace("    :two\n", "    x = 2\n" * 12 + "    x\n")
    before, after = (f"defmodule A do\n{code}{rest}end\n" for code in (one, many))
    given = document("Change", FileChange("a.ex", before, after))
    (change,) = read_patch(given.text).files  # type: ignore[union-attr]
    assert len(change.hunks) == 2
    sides = [side(given, "a.ex", text, "elixir") for text in (before, after)]
    shown = cut(
        sides[0].lines, sides[1].lines, change.hunks, (sides[0].items, sides[1].items), "elixir"
    )
    assert shown.shown(after=False) == f"defmodule A do\n{one}\n  # ...\nend\n"
    assert shown.shown(after=True) == f"defmodule A do\n{many}\n  # ...\nend\n"


def test_what_was_put_right_in_passing_is_no_part_of_the_request() -> None:
    besides = FASTER.replace("do: %__MODULE__{}", "do: struct(__MODULE__)")
    said = "it changes something besides what the message says"
    assert reason(COMPARE, CART, besides) == said
    told = f"{COMPARE}\n\nWhat is new is made by its struct, too."
    assert "struct(__MODULE__)" in row(told, CART, besides).answer


def test_parts_that_share_a_new_name_are_one_change() -> None:
    shared = FASTER.replace("  @limit 100\n", "  @limit 100\n  @nothing []\n")
    shared = shared.replace("items == []", "items == @nothing")
    assert "@nothing" in row(f"{COMPARE}, as @nothing", CART, shared).answer


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("Compare shelf_items with [] in empty?", "the message does not speak of what changed"),
        ("Compare `things` with [] in empty?", "the message does not speak of what changed"),
        ("Make empty? compare items with some list", "the message does not say how"),
        (
            "Compare items with []\n\nRésolution de l'erreur: la liste était très longue",
            "the message is not in English",
        ),
    ],
)
def test_messages_that_mislead_or_say_nothing_are_no_request(message: str, why: str) -> None:
    assert reason(message, CART, FASTER) == why


def test_what_a_commit_did_besides_its_code_is_not_asked_for() -> None:
    body = "Add tests for empty carts. A list of no items is found by looking at it once. e.g."
    assert (
        request("Compare items by themselves", body).body
        == "A list of no items is found by looking at it once."
    )


def test_a_benchmark_in_the_body_is_left_out_whole() -> None:
    code = "\n\n".join(f"    step_{n} = measure(fn -> Enum.to_list(1..{n}) end)" for n in range(30))
    told = "The list is walked twice, and once is enough for what we want to know of it."
    assert request("Compare items by themselves", f"{told}\n\n{code}").body == told
    announced = f"{told}\n\nThe measurement is:\n\n{code}"
    assert request("Compare items by themselves", announced).body == told


def test_a_pattern_that_nobody_tells_is_not_asked_for() -> None:
    fuzzy = CART.replace("length(items) == 0", "not Enum.any?(items, &(&1.name =~ ~r/\\w{3,}+$/))")
    message = "Let empty? look at the names of its items"
    said = "a regular expression is new that nothing tells"
    assert reason(message, CART, fuzzy) == said
    before = CART.replace("length(items) == 0", "items =~ ~r{\\A(\\s*)(\\w)}")
    assert reason(message, before, before.replace("(\\w)", "([\\w-]+)")) == said


def test_what_two_modules_of_a_file_both_import_is_shown_once() -> None:
    second = CART.replace("Shop.Cart", "Shop.Other").replace("alias Shop.Item", "import Shop.Item")
    both = CART.replace("alias Shop.Item", "import Shop.Item")
    asked = row(COMPARE, both + second, both.replace("length(items) == 0", "items == []") + second)
    assert asked.request.count("import Shop.Item") == 1


def test_who_found_a_fault_is_no_part_of_the_request() -> None:
    body = "@ada pointed out that lists are walked whole. An empty list is told by a match alone."
    assert request(COMPARE, body).body == "An empty list is told by a match alone."


PRICES = """\
defmodule Shop.Prices do
  @moduledoc "What things cost, as people read it."

  require Logger

  @doc "A price in euros."
  @spec show(Shop.Item.t()) :: String.t()
  def show(item) do
    # Logger.debug("showing a price")
    euros = Float.round(item.price / 100, 2)
    notice("Prices are shown in euros with all taxes")
    "#{euros} EUR"
  end

  @doc "Whether an item is cheap."
  def cheap?(item), do: item.price < 500

  defp notice(text), do: Logger.info(text)
end
"""
SHOW = "    euros = Float.round(item.price / 100, 2)\n"
CHEAP = "do: item.price < 500"


@pytest.mark.parametrize(
    ("expected", "message", "old", "new"),
    [
        (covered.THIN, "Allow free items", CHEAP, "do: (item.price || 0) < 500"),
        (
            covered.ELSEWHERE,
            "Make sure the price of an item is shown with care",
            SHOW,
            SHOW.replace("100, 2)", "100, 2) |> Float.ceil()"),
        ),
        (
            covered.AWAY,
            "Allow cheap items for customers who live abroad",
            CHEAP,
            "do: cheap(item, 500)\n\n  defp cheap(item, most), do: item.price < most",
        ),
        (
            covered.FIELD,
            "Show the price of an item in its own currency",
            "#{euros} EUR",
            '#{euros}" <> item.iso_code <> "',
        ),
        (
            covered.MODULE,
            "Raise when the price of an item is not positive",
            SHOW,
            f"    if item.price < 0, do: raise Shop.Prices.Negative\n{SHOW}",
        ),
        (
            covered.LITERAL,
            "Show euros with the currency before",
            '"#{euros} EUR"',
            '"EU" <> to_string(euros)',
        ),
        (
            covered.LITERAL,
            "Log a notice of the price that is shown in euros",
            SHOW,
            f'{SHOW}    notice("the price shown in euros is set by price_source of the item")\n',
        ),
        (
            covered.NUMBER,
            "Round euros of a price to less digits when shown",
            "item.price / 100, 2)",
            "item.price / 100, 4)",
        ),
        (
            covered.REWORDED,
            "Let the notice of prices and taxes tell what euros include",
            "Prices are shown in euros with all taxes",
            "What you see has taxes but no costs of delivery in it",
        ),
        (
            covered.TEXT,
            "Show prices of items that are cheap as such",
            SHOW,
            f'{SHOW}    if cheap?(item), do: notice("Buy now before somebody else does")\n',
        ),
        (
            covered.LOGS,
            "Show free items with a price of zero euros",
            SHOW,
            f"    Logger.info(item.name)\n{SHOW.replace('item.price /', '(item.price || 0) /')}",
        ),
        (
            covered.DOCUMENTS,
            "Show free items with a price of zero euros",
            f'    # Logger.debug("showing a price")\n{SHOW}    notice(',
            f'    # Logger.debug("what somebody sees")\n{SHOW}    item.price && notice(',
        ),
        (
            covered.BESIDES,
            "Let an item with a price of 500 be cheap and further stuff",
            CHEAP,
            "do: item.price <= 500",
        ),
        (
            covered.UNCOMMENTS,
            "Log at the debug level that a price is showing",
            "# Logger.debug",
            "Logger.debug",
        ),
        (
            covered.UNFINISHED,
            "Show prices of free items as zero euros",
            SHOW,
            f"    # TODO: what of gifts?\n{SHOW.replace('item.price /', '(item.price || 0) /')}",
        ),
        (
            covered.MISQUOTED,
            'Let "bargain" mean that the price of an item is 500 too',
            CHEAP,
            "do: item.price <= 500",
        ),
        (
            covered.REMOVES,
            "Remove the notice from the price of each item",
            '  @doc "Whether an item is cheap."\n  def cheap?(item), do: item.price < 500\n\n',
            "",
        ),
        (
            covered.DOCUMENTS,
            "Round the price of an item down to whole euros when it is shown",
            f'"A price in euros."\n  @spec show(Shop.Item.t()) :: String.t()\n  def show(item) do\n'
            f'    # Logger.debug("showing a price")\n{SHOW}',
            '"Currencies differ."\n  @spec show(Shop.Item.t()) :: String.t()\n  def show(item) do\n'
            '    # Logger.debug("showing a price")\n    euros = Float.round(item.price / 100, 0)\n',
        ),
        (
            covered.LOSES,
            "Show the price of an item in euros as an integer",
            f'{SHOW}    notice("Prices are shown in euros with all taxes")\n',
            "    euros = div(item.price, 100)\n",
        ),
        (
            covered.RENAMES,
            "Rename the function for notices of prices and their text",
            "  defp notice(text), do: Logger.info(text)\n",
            "  defp tell(text), do: Logger.info(text)\n",
        ),
        (covered.OPEN, "Extend which items are cheap by price", CHEAP, "do: item.price <= 500"),
        (
            covered.OPEN,
            "Handle cheap items of a negative price",
            CHEAP,
            "do: abs(item.price) < 500",
        ),
        (
            covered.OPEN,
            "Make the price of cheap items configurable",
            CHEAP,
            "do: item.price < Application.get_env(:shop, :cheap, 500)",
        ),
        (
            covered.OPEN,
            "Remove unused ways to show prices with a notice",
            '    notice("Prices are shown in euros with all taxes")\n',
            "",
        ),
        (
            covered.OPEN,
            "Add cheap_price/0 to prices",
            '  @doc "Whether an item is cheap."',
            '  def cheap_price, do: 500\n\n  @doc "Whether an item is cheap."',
        ),
        (
            covered.OTHER_WAY,
            "Check the notice that prices are shown in euros with all taxes",
            '    notice("Prices are shown in euros with all taxes")\n',
            "",
        ),
        (
            covered.MISQUOTED,
            "Round euros of an item by using Float.floor instead of round",
            SHOW,
            SHOW.replace("Float.round", "Float.ceil"),
        ),
        (
            covered.MISQUOTED,
            "Let is_cheap? of an item be true for a price of 500",
            CHEAP,
            "do: item.price <= 500",
        ),
        (
            covered.BESIDES,
            "Let items of a price of 500 be cheap, plus small renames",
            CHEAP,
            "do: item.price <= 500",
        ),
        (
            covered.LONG,
            "Show the price of every item in euros with its name before it",
            SHOW,
            SHOW + "".join(f"    name_{at} = {{item.name, item.price}}\n" for at in "abcdefgh"),
        ),
    ],
)
def test_what_a_message_does_not_cover_is_not_asked_for(
    expected: str, message: str, old: str, new: str
) -> None:
    assert old in PRICES
    path = "lib/shop/prices.ex"
    assert reason(message, PRICES, PRICES.replace(old, new), path) == expected


MARKED = '''\
defmodule ShopWeb.Total do
  use Phoenix.Component

  def total(assigns) do
    ~H"""
    <p>{@total}</p>
    """
  end
end
'''


@pytest.mark.parametrize(
    ("message", "old", "new"),
    [
        ("Show the price of an item with 3 digits", "100, 2)", "100, 3)"),
        ("Let an item be cheap up to a price of 500", CHEAP, "do: item.price <= 500"),
        (
            "Remove the notice that prices are in euros",
            '    notice("Prices are shown in euros with all taxes")\n',
            "",
        ),
        ('Show the currency as "EURO"', '"#{euros} EUR"', '"#{euros}" <> "EURO"'),
    ],
)
def test_what_a_message_covers_is_a_row(message: str, old: str, new: str) -> None:
    assert old in PRICES
    row(message, PRICES, PRICES.replace(old, new), "lib/shop/prices.ex")


def test_a_key_that_goes_is_told() -> None:
    rows = 'defmodule Shop.Row do\n  def row(name), do: %{"kind" => "tea", "name" => name}\nend\n'
    other = rows.replace('"kind"', '"label"')
    path = "lib/shop/row.ex"
    assert reason('Add a "label" to each row of tea', rows, other, path) == covered.LOSES
    row('Let each row of tea have a "label" for its kind', rows, other, path)


def test_what_is_only_laid_out_otherwise_is_no_part_of_a_bare_request() -> None:
    after = FASTER.replace("items |> Enum.reverse()", "Enum.reverse(items)").replace(
        "|> Enum.reverse()", "|> Enum.reverse"
    )
    assert after != FASTER
    assert reason(COMPARE + " of the items and the names of them", CART, after) == STRAYS


def test_what_is_told_stands_in_what_differs() -> None:
    hidden = PRICES.replace("Float.round(item.price / 100, 2)", "Float.ceil(item.price / 100, 2)")
    both = hidden.replace(CHEAP, CHEAP.replace("500", "700"))
    said = "Show euros of an item with Float.ceil for its price"
    path = "lib/shop/prices.ex"
    assert reason(said, PRICES, both, path) == STRAYS
    row(said, PRICES, hidden, path)


def test_a_name_that_goes_is_not_the_new_one() -> None:
    renamed = PRICES.replace("notice", "tell")
    path = "lib/shop/prices.ex"
    assert reason("Rename `tell` to `notice`", PRICES, renamed, path) == covered.OTHER_WAY
    row("Rename `notice` to `tell`", PRICES, renamed, path)


def test_code_that_is_only_indented_otherwise_is_copied() -> None:
    lines = "".join(f"  def price_{at}(item), do: item.price + {at % 3}\n\n" for at in range(50))
    inside = f"defmodule Shop.Prices do\n{lines}end\n"
    wrapped = "".join(f"  {line}" if line.strip() else line for line in inside.splitlines(True))
    after = f"if Code.ensure_loaded?(Shop.Item) do\n{wrapped}end\n"
    message = "Define the prices only if Shop.Item is loaded"
    assert reason(message, inside, after, "lib/shop/prices.ex") == MOSTLY_COPIED


def test_a_bug_of_which_only_a_test_tells_is_left_out() -> None:
    test = "defmodule CartTest do\n  use ExUnit.Case\n"
    new = '\n  test "a cart without items" do\n    assert Cart.empty?(%Cart{})\n  end\n'
    tests = FileChange("test/cart_test.exs", f"{test}end\n", f"{test}{new}end\n")
    vague = "Fix a bug in empty carts"
    assert reason(vague, CART, FASTER, PATH, tests) == covered.OPEN
    assert "a cart without items" in row("Fix empty? of carts", CART, FASTER, PATH, tests).request


def test_a_sigil_is_no_function_to_call() -> None:
    new = CART.replace("@limit 100\n", "@limit 100\n  @kinds ~w(tea milk)a\n")
    new = new.replace("def limit, do: @limit", "def limit, do: @limit + length(@kinds)")
    made = row("Add the kinds tea and milk to the limit of a cart, as @kinds", CART, new)
    assert "`w`" not in made.request


def test_markup_that_nobody_tells_is_not_asked_for() -> None:
    styled = MARKED.replace(
        "<p>{@total}</p>", '<p class="mt-4 font-medium text-gray-700 underline">{@total}</p>'
    )
    message = "Show the total in a paragraph with its class"
    assert reason(message, MARKED, styled, "lib/shop_web/total.ex") == covered.MARKUP
    plain = MARKED.replace("<p>{@total}</p>", "<strong>{@total}</strong>")
    row("Show the total in a strong tag, and in no `p`", MARKED, plain, "lib/shop_web/total.ex")


def test_examples_and_settings_are_no_code_of_a_project() -> None:
    said = "it changes the project's configuration alone"
    for path in (".check.exs", "examples.exs", "apps/shop/config/runtime.exs", "priv/config.exs"):
        assert reason(COMPARE, CART, FASTER, path) == said
