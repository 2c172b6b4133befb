"""Values that tests expect, and whether a request gives them."""

from __future__ import annotations

import pytest

from transforms.derived import leads_out, stated, underivable

TEST = '''\
test "orders" do
  order = new("tea", 7)

  assert total(order) == 14
  assert {:ok, "green"} = colour(order)

  assert """
         # Tea
         """
         |> shown() ==
           [
             {:row, "Tea"}
           ]

  refute total(order) > 99
end
'''
OWN = {"new", "total", "colour", "shown"}


def test_a_test_is_taken_apart_into_what_it_expects_and_what_it_hands_over() -> None:
    expected, given = stated(TEST, OWN, "elixir")
    assert [" ".join(side.split()) for side in expected] == [
        "14",
        '{:ok, "green"}',
        '[ {:row, "Tea"} ]',
        "99",
    ]
    assert 'new("tea", 7)' in given
    assert "# Tea" in given
    assert "14" not in given


def test_macros_that_compare_are_taken_apart_in_erlang() -> None:
    test = "sum_test() ->\n    ?assertEqual(7, till:sum([3, 4])),\n    ?assert(till:sum([]) =:= 0)."
    expected, given = stated(test, {"sum"}, "erlang")
    assert [side.strip() for side in expected] == ["7", "0"]
    assert "till:sum([3, 4])" in given


@pytest.mark.parametrize(
    ("opened", "told", "untold"),
    [
        (False, "", []),
        (True, "", ["14", "99", "row", "green"]),
        (True, "a green :row, 99 of 014", []),
    ],
)
def test_values_have_to_stand_somewhere_where_code_is_not_shown(
    opened: bool, told: str, untold: list[str]
) -> None:
    assert underivable([TEST], told, OWN, "elixir", opened=opened) == untold


def test_nobody_divides_by_heart() -> None:
    test = (
        'test "it" do\n  assert ratio(1, 3) == 0.3333333333333333\n  assert ratio(1, 2) == 0.5\nend'
    )
    found = underivable([test], "", {"ratio"}, "elixir", opened=False)
    assert found == ["0.3333333333333333"]


@pytest.mark.parametrize(
    ("code", "language", "out"),
    [
        ("def up(n), do: Enum.map(n, &less/1)", "elixir", False),
        ("def up(n), do: Shop.count(n)", "elixir", True),
        ("def up(n), do: counted(n)", "elixir", True),
        ('def up(n), do: "#{counted(n)} of many"', "elixir", True),
        ("def up(<<n::binary-size(4)>>), do: n", "elixir", False),
        ("up(N) -> lists:map(fun(X) -> (X) bsl (2) end, N).", "erlang", False),
        ("up(N) -> jid:decode(N).", "erlang", True),
    ],
)
def test_code_leads_out_of_what_is_shown(code: str, language: str, out: bool) -> None:
    assert leads_out(code, {"up", "less"}, language) is out
