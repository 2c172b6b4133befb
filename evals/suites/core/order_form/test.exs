defmodule OrderFormTest do
  use ExUnit.Case, async: true

  @form %{"email" => "ann@example.org", "items" => "apple:3"}

  defp field(key, value) do
    case OrderForm.parse(Map.put(@form, Atom.to_string(key), value)) do
      {:ok, order} -> {:ok, order[key]}
      {:error, [{^key, reason}]} -> {:error, reason}
    end
  end

  test "reads a whole form" do
    form = %{
      "email" => " Ann@Example.org",
      "items" => "apple:3, pear:1,apple:2",
      "express" => "on",
      "other" => "ignored"
    }

    assert OrderForm.parse(form) ==
             {:ok,
              %{
                email: "ann@example.org",
                items: [{"apple", 5}, {"pear", 1}],
                express: true,
                note: nil
              }}
  end

  test "tells of every wrong field, in order" do
    assert OrderForm.parse(%{"items" => "apple:0", "express" => "yes"}) ==
             {:error, [email: :missing, items: {:quantity, "apple"}, express: :invalid]}

    assert OrderForm.parse(%{
             "note" => String.duplicate("x", 21),
             "express" => "off",
             "email" => "@"
           }) ==
             {:error,
              [email: :invalid, items: :missing, express: :invalid, note: {:too_long, 21}]}
  end

  test "checks the address" do
    for good <- ["a@b.c", "a.b+c@d-e.f.gh", "..@x.y", "ÄNN@exämple.org"] do
      assert field(:email, "\t#{good} \n") == {:ok, String.downcase(good)}
    end

    for bad <- [
          "a",
          "a@b",
          "@b.c",
          "a@",
          "a@b@c.d",
          "a@b..c",
          "a@.b",
          "a@b.",
          "a b@c.d",
          "a@b c.d"
        ] do
      assert {bad, field(:email, bad)} == {bad, {:error, :invalid}}
    end

    assert field(:email, " \n ") == {:error, :missing}
  end

  test "reads items and adds what comes again" do
    assert field(:items, "pear:1") == {:ok, [{"pear", 1}]}
    assert field(:items, " b:01 ,a:2,\nb:5 , c:99") == {:ok, [{"b", 6}, {"a", 2}, {"c", 99}]}
    assert field(:items, "a:0,a:1") == {:ok, [{"a", 1}]}
    assert field(:items, "  ") == {:error, :missing}
  end

  test "names the first invalid entry" do
    assert field(:items, "apple") == {:error, {:invalid, "apple"}}
    assert field(:items, "a:1, Pear:2 ,x") == {:error, {:invalid, "Pear:2"}}
    assert field(:items, "a:1,") == {:error, {:invalid, ""}}
    assert field(:items, "a:-1") == {:error, {:invalid, "a:-1"}}
    assert field(:items, "a: 1") == {:error, {:invalid, "a: 1"}}
    assert field(:items, "a:1:2") == {:error, {:invalid, "a:1:2"}}
    assert field(:items, ":1") == {:error, {:invalid, ":1"}}
    assert field(:items, "a:") == {:error, {:invalid, "a:"}}
    assert field(:items, "a:0,b:1;c:2") == {:error, {:invalid, "b:1;c:2"}}
  end

  test "names the first wrong quantity" do
    assert field(:items, "a:1,b:0,c:100") == {:error, {:quantity, "b"}}
    assert field(:items, "a:100") == {:error, {:quantity, "a"}}
    assert field(:items, "a:50,b:1,a:50,c:0") == {:error, {:quantity, "a"}}
    assert field(:items, "a:50,a:49") == {:ok, [{"a", 99}]}
  end

  test "reads the check box" do
    assert field(:express, "on") == {:ok, true}
    assert field(:express, "") == {:ok, false}
    assert {:ok, %{express: false}} = OrderForm.parse(@form)
    assert field(:express, "true") == {:error, :invalid}
  end

  test "keeps the note as it is" do
    assert field(:note, " ring twice ") == {:ok, " ring twice "}
    assert field(:note, "  \n") == {:ok, nil}
    assert field(:note, String.duplicate(" ", 30)) == {:ok, nil}
    twenty = String.duplicate("e\u0301", 20)
    assert field(:note, twenty) == {:ok, twenty}
    assert field(:note, twenty <> "x") == {:error, {:too_long, 21}}
  end

  test "adds up the total" do
    prices = %{"apple" => 120, "pear" => 0, "crate" => 2500}
    order = fn items, express -> %{email: "a@b.c", items: items, express: express, note: nil} end
    assert OrderForm.total(order.([{"apple", 3}, {"pear", 9}], false), prices) == {:ok, 360}
    assert OrderForm.total(order.([{"apple", 3}], true), prices) == {:ok, 860}
    assert OrderForm.total(order.([{"crate", 2}], true), prices) == {:ok, 5000}
    assert OrderForm.total(order.([{"crate", 1}, {"apple", 20}], true), prices) == {:ok, 5400}
    assert OrderForm.total(order.([{"apple", 41}], true), prices) == {:ok, 5420}
    assert OrderForm.total(order.([{"almost", 1}], true), %{"almost" => 4999}) == {:ok, 5499}

    assert OrderForm.total(order.([{"fig", 1}, {"apple", 1}, {"date", 1}], false), prices) ==
             {:error, {:unknown, ["fig", "date"]}}
  end
end
