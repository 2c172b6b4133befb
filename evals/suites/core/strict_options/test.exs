defmodule StrictOptionsTest do
  use ExUnit.Case, async: true

  @schema [port: [type: :pos_integer, default: 80], name: [type: :string, required: true]]

  defp wrong(options, schema) do
    assert {:error, error} = StrictOptions.validate(options, schema)
    assert is_exception(error)
    {error.reason, error.path, error.value}
  end

  defp type(type, value) do
    case StrictOptions.validate([x: value], x: [type: type]) do
      {:ok, [x: value]} -> {:ok, value}
      {:error, error} -> {error.reason, error.path, error.value}
    end
  end

  test "fills in defaults, in the order of the schema" do
    assert StrictOptions.validate([name: "web"], @schema) == {:ok, [port: 80, name: "web"]}

    assert StrictOptions.validate([name: "web", port: 1], @schema) ==
             {:ok, [port: 1, name: "web"]}

    schema = [a: [default: nil], b: [], c: [type: :string, default: :unchecked]]
    assert StrictOptions.validate([], schema) == {:ok, [a: nil, c: :unchecked]}
    assert StrictOptions.validate([b: nil, a: 1], schema) == {:ok, [a: 1, b: nil, c: :unchecked]}
    assert StrictOptions.validate([], a: [required: true, default: 5]) == {:ok, [a: 5]}
  end

  test "the first of two values counts" do
    assert StrictOptions.validate([name: "a", name: :wrong], @schema) ==
             {:ok, [port: 80, name: "a"]}

    assert wrong([name: :wrong, name: "a"], @schema) == {:type, [:name], :wrong}
  end

  test "wants a keyword list" do
    for options <- [nil, %{name: "a"}, [1], [{"name", "a"}], [:name]] do
      assert wrong(options, @schema) == {:not_keyword, [], options}
    end
  end

  test "reports the first thing wrong" do
    assert wrong([prot: 1, name: :x, zzz: 2], @schema) == {:unknown, [:prot], 1}
    assert wrong([name: :x, port: 0], @schema) == {:type, [:port], 0}
    assert wrong([port: -1], @schema) == {:type, [:port], -1}
    assert wrong([port: 8], @schema) == {:required, [:name], nil}
    assert wrong([], a: [required: true], b: [required: true]) == {:required, [:a], nil}
    assert wrong([name: nil], @schema) == {:type, [:name], nil}
  end

  test "checks plain types" do
    for {type, good, bad} <- [
          {:any, [nil, 1, "a"], []},
          {:atom, [:a, nil, true], ["a", 1]},
          {:boolean, [true, false], [nil, :a, 1]},
          {:string, ["", "ä"], [:a, ~c"a", <<1::3>>]},
          {:integer, [0, -1, 5], [1.0, "1"]},
          {:pos_integer, [1, 5], [0, -1, 1.0]},
          {{:in, [:a, 1, nil]}, [:a, 1, nil, 1.0], [:b, "a"]}
        ] do
      for value <- good, do: assert(type(type, value) === {:ok, value})
      for value <- bad, do: assert(type(type, value) === {:type, [:x], value})
    end
  end

  test "checks lists element by element" do
    assert type({:list, :integer}, []) == {:ok, []}
    assert type({:list, :integer}, [1, 2]) == {:ok, [1, 2]}
    assert type({:list, :integer}, [1, :b, :c]) == {:type, [:x, 1], :b}
    assert type({:list, :integer}, :no) == {:type, [:x], :no}
    assert type({:list, :integer}, [1 | 2]) == {:type, [:x], [1 | 2]}
    assert type({:list, {:list, :atom}}, [[], [:a, "b"]]) == {:type, [:x, 1, 1], "b"}
  end

  test "takes the first type that fits" do
    assert type({:or, [:string, :integer]}, 5) == {:ok, 5}
    assert type({:or, [:string, {:list, :string}]}, ["a", 1]) == {:type, [:x], ["a", 1]}
    assert type({:or, []}, 1) == {:type, [:x], 1}
    assert type({:or, [:boolean, :atom]}, false) == {:ok, false}
    assert type({:or, [:string, :atom]}, nil) == {:ok, nil}
    either = {:or, [{:options, [a: [default: 1]]}, {:options, [b: [default: 2]]}]}
    assert type(either, []) == {:ok, [a: 1]}
    assert type(either, b: 5) == {:ok, [b: 5]}
    assert type(either, c: 5) == {:type, [:x], [c: 5]}
  end

  test "checks options within options" do
    inner =
      {:options, [host: [type: :string, default: "localhost"], tags: [type: {:list, :atom}]]}

    assert type(inner, tags: [:a]) == {:ok, [host: "localhost", tags: [:a]]}
    assert type(inner, 5) == {:not_keyword, [:x], 5}
    assert type(inner, hots: 1) == {:unknown, [:x, :hots], 1}
    assert type(inner, tags: [:a, "b"]) == {:type, [:x, :tags, 1], "b"}
    assert type({:list, inner}, [[], [host: "h"]]) == {:ok, [[host: "localhost"], [host: "h"]]}
    assert type({:list, inner}, [[], [host: :h]]) == {:type, [:x, 1, :host], :h}
    deep = {:options, [y: [type: {:options, [z: [required: true]]}]]}
    assert type(deep, y: []) == {:required, [:x, :y, :z], nil}
  end

  test "says it in words" do
    message = fn options, schema ->
      {:error, error} = StrictOptions.validate(options, schema)
      Exception.message(error)
    end

    inner = [x: [type: {:options, [y: [type: {:list, :string}], z: [required: true]]}]]
    assert message.(%{a: 1}, inner) == "expected options to be a keyword list, got: %{a: 1}"
    assert message.([x: "a"], inner) == ~s(expected x to be a keyword list, got: "a")
    assert message.([x: [w: 1]], inner) == "unknown option x.w"
    assert message.([x: []], inner) == "required option x.z is missing"
    assert message.([x: [y: ["a", nil]]], inner) == "invalid value for x.y.1: nil"
  end

  test "raises" do
    assert StrictOptions.validate!([name: "web"], @schema) == [port: 80, name: "web"]

    assert_raise StrictOptions.Error, "unknown option prot", fn ->
      StrictOptions.validate!([prot: 1], @schema)
    end

    assert_raise StrictOptions.Error, "invalid value for name: :web", fn ->
      StrictOptions.validate!([name: :web], @schema)
    end
  end
end
