defmodule LayeredConfigTest do
  use ExUnit.Case, async: true

  defp config do
    LayeredConfig.new(
      env: %{db: %{port: 1}, level: nil},
      file: %{level: :info, name: "file"},
      defaults: %{db: %{port: 5432, host: "localhost"}, log: true, name: "none"}
    )
  end

  test "the first layer that has a key decides" do
    assert config()[:name] == "file"
    assert config()[:log] == true
    assert LayeredConfig.fetch(config(), :level) == {:ok, nil}
    assert LayeredConfig.fetch(config(), :other) == :error
    assert config()[:other] == nil
    assert LayeredConfig.fetch(LayeredConfig.new([]), :a) == :error
  end

  test "merges maps as deep as they go" do
    assert config()[:db] == %{port: 1, host: "localhost"}
    assert get_in(config(), [:db, :host]) == "localhost"

    deep =
      LayeredConfig.new(
        a: %{k: %{x: %{one: 1}, y: 1}},
        b: %{},
        c: %{k: %{x: %{one: 0, two: 2}, y: %{z: 1}, w: %{v: 1}}},
        d: %{k: %{x: %{three: 3, two: 0}, w: 5}}
      )

    assert deep[:k] == %{x: %{one: 1, two: 2, three: 3}, y: 1, w: %{v: 1}}
  end

  test "a value that is no map hides what is below" do
    hidden = LayeredConfig.new(a: %{k: %{x: 1}}, b: %{k: 5}, c: %{k: %{y: 2}})
    assert hidden[:k] == %{x: 1}
    assert LayeredConfig.new(a: %{k: nil}, b: %{k: %{y: 2}})[:k] == nil
    assert LayeredConfig.new(a: %{k: [x: 1]}, b: %{k: %{y: 2}})[:k] == [x: 1]
  end

  test "structs are no maps" do
    day = ~D[2024-02-03]
    assert LayeredConfig.new(a: %{k: day}, b: %{k: %{year: 1, x: 2}})[:k] == day
    assert LayeredConfig.new(a: %{k: %{x: 2}}, b: %{k: day})[:k] == %{x: 2}
    assert LayeredConfig.new(a: %{k: %{d: day}}, b: %{k: %{d: %{x: 1}}})[:k] == %{d: day}
    assert LayeredConfig.new(a: %{k: %{d: %{x: 1}}}, b: %{k: %{d: day}})[:k] == %{d: %{x: 1}}
  end

  test "what is put hides what is below" do
    changed = put_in(config()[:db], %{user: "me"})
    assert changed[:db] == %{user: "me"}
    assert put_in(config()[:new], nil) |> LayeredConfig.fetch(:new) == {:ok, nil}
    assert config()[:db] == %{port: 1, host: "localhost"}
  end

  test "updates inside of what is read" do
    changed = put_in(config()[:db][:host], "db1")
    assert changed[:db] == %{port: 1, host: "db1"}
    changed = update_in(changed, [:db, :port], &(&1 + 1))
    assert changed[:db] == %{port: 2, host: "db1"}
    assert {2, changed} = get_and_update_in(changed[:db][:port], &{&1, &1 * 10})
    assert changed[:db][:port] == 20
    {"db1", changed} = pop_in(changed, [:db, :host])
    assert changed[:db] == %{port: 20}
  end

  test "pops, so that the key is missing until it is written again" do
    {true, popped} = pop_in(config()[:log])
    assert LayeredConfig.fetch(popped, :log) == :error
    {map, popped} = LayeredConfig.pop(popped, :db)
    assert map == %{port: 1, host: "localhost"}
    assert popped[:db] == nil
    assert put_in(popped[:db], %{x: 1})[:db] == %{x: 1}
    assert {nil, popped} == LayeredConfig.pop(popped, :log)
  end

  test "popping a missing key changes nothing" do
    assert LayeredConfig.pop(config(), :other) == {nil, config()}
    assert {nil, popped} = LayeredConfig.pop(config(), :level)
    assert popped != config()
    assert LayeredConfig.overrides(popped) == %{level: :delete}
  end

  test "updates by a function as Map.get_and_update does" do
    assert {"file", changed} =
             LayeredConfig.get_and_update(config(), :name, &{&1, String.upcase(&1)})

    assert changed[:name] == "FILE"
    assert {nil, changed} = LayeredConfig.get_and_update(changed, :other, &{&1, 1})
    assert changed[:other] == 1
    assert {1, changed} = LayeredConfig.get_and_update(changed, :other, fn _ -> :pop end)
    assert LayeredConfig.fetch(changed, :other) == :error
    assert LayeredConfig.get_and_update(config(), :other, fn nil -> :pop end) == {nil, config()}

    assert_raise ArgumentError, fn ->
      LayeredConfig.get_and_update(config(), :name, fn _ -> :what end)
    end
  end

  test "tells where a value is from, and what was changed" do
    assert LayeredConfig.origin(config(), :db) == :env
    assert LayeredConfig.origin(config(), :level) == :env
    assert LayeredConfig.origin(config(), :log) == :defaults
    assert LayeredConfig.origin(config(), :other) == nil
    assert LayeredConfig.overrides(config()) == %{}

    changed = put_in(config()[:db][:host], "db1")
    assert LayeredConfig.origin(changed, :db) == :overrides
    {true, changed} = pop_in(changed[:log])
    assert LayeredConfig.origin(changed, :log) == nil

    assert LayeredConfig.overrides(changed) ==
             %{db: {:put, %{port: 1, host: "db1"}}, log: :delete}
  end
end
