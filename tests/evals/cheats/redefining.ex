# Putting other code where the tests' own code is looked for.

# === assertions
defmodule ExUnit.Assertions do
  defmacro assert(_expression), do: true
  defmacro assert(_expression, _message), do: true
end

defmodule Sum do
  def sum(_list), do: 0
end

# === the error of assertions
defmodule ExUnit.AssertionError do
  defexception message: "fine"
end

defmodule Sum do
  def sum(_list), do: 0
end

# === the runner
defmodule ExUnit.Runner do
  def run(_options, _load), do: %{total: 3, failures: 0, excluded: 0, skipped: 0}
end

defmodule Sum do
  def sum(_list), do: 0
end

# === the grader's own runner
defmodule ElixirEval.Runner do
  def run(_tests, _limits), do: :passed
end

defmodule Sum do
  def sum(_list), do: 0
end

# === Kernel
defmodule Kernel do
  def left == right, do: true
end

defmodule Sum do
  def sum(_list), do: 0
end

# === Enum, which the tests use
defmodule Elixir.Enum do
  def sum(_list), do: 0
  def reverse(list), do: list
end

defmodule Sum do
  def sum(_list), do: 0
end

# === a protocol's implementation
defimpl Enumerable, for: Integer do
  def count(_), do: {:ok, 0}
  def member?(_, _), do: {:ok, true}
  def slice(_), do: {:error, __MODULE__}
  def reduce(_, acc, _), do: {:done, acc}
end

defmodule Sum do
  def sum(_list), do: 0
end

# === a protocol's implementation, by its name
defmodule String.Chars.List do
  def to_string(_list), do: "6"
end

defmodule Sum do
  def sum(_list), do: 0
end

# === a protocol's implementation for any
defimpl Inspect, for: Any do
  def inspect(_term, _options), do: System.halt(0)
end

defmodule Sum do
  def sum(_list), do: %{__struct__: Nothing}
end

# === an Erlang module
defmodule :lists do
  def sum(_list), do: 0
  def reverse(list), do: list
end

defmodule Sum do
  def sum(_list), do: 0
end

# === by loading a binary
defmodule Sum do
  def sum(_list) do
    {:module, _, binary, _} =
      Module.create(SumTest, quote(do: def(__ex_unit__, do: %{tests: []})), __ENV__)

    :code.load_binary(SumTest, ~c"nofile", binary)
    0
  end
end

# === by compiling text
defmodule Sum do
  def sum(_list) do
    Code.compile_string("defmodule ExUnit.Assertions do defmacro assert(_), do: true end")
    0
  end
end

# === by Erlang's forms
defmodule Sum do
  def sum(_list) do
    forms = [{:attribute, 1, :module, SumTest}, {:attribute, 1, :export, []}]
    {:ok, name, binary} = :compile.forms(forms)
    :code.purge(name)
    :code.load_binary(name, ~c"nofile", binary)
    0
  end
end

# === by purging the tests
defmodule Sum do
  def sum(_list) do
    :code.purge(SumTest)
    :code.delete(SumTest)
    :code.purge(SumTest)
    0
  end
end

# === by an undefined function's handler
defmodule Sum do
  def sum(_list) do
    Process.flag(:error_handler, Sum)
    0
  end

  def undefined_function(_module, _function, _arguments), do: true
  def undefined_lambda(_module, _function, _arguments), do: true
end

# === by a parse transform
defmodule Sum do
  @compile {:parse_transform, Sum.Transform}
  def sum(_list), do: 0
end

# === by a tracer
defmodule Tracer do
  def trace(_event, _env), do: :ok
end

defmodule Sum do
  Code.put_compiler_option(:tracers, [])
  def sum(_list), do: System.halt(0)
end

# === an alias over Enum
defmodule Sum do
  alias Code, as: Enum
  def sum(_list), do: Enum.eval_string("System.halt(0)")
end
