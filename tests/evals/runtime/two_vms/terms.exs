defmodule TermsTest do
  use ExUnit.Case

  test "every kind of term crosses in both directions unchanged" do
    for term <- Terms.all(), do: assert(Terms.same(term) === term)
    assert [0, -129 | _] = Terms.all()
    assert Enum.at(Terms.all(), 4) === 18_446_744_073_709_551_616
    assert Enum.at(Terms.all(), 12) === <<1::3>>
    assert Enum.at(Terms.all(), 16) === [1, 2 | :tail]
  end

  test "big maps, deep tuples, regular expressions, dates" do
    assert map_size(Terms.big()) == 2000
    assert Terms.same(Terms.big()) == Terms.big()
    assert Regex.run(Terms.regex(), "xAAB") == ["AAB", "AA"]
    assert Terms.same(~r/x/u).source == "x"
    assert Date.leap_year?(Terms.date())
    assert elem(Terms.deep(), 0) == 50_000
  end

  test "references and processes come back as themselves" do
    ref = make_ref()
    assert Terms.same(ref) == ref
    assert Terms.same(self()) == self()
    assert Terms.same({ref, self(), ref}) == {ref, self(), ref}
    fun = fn x -> x + 1 end
    assert Terms.same(fun) == fun
  end
end
