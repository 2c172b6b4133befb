# === exits and deaths for everybody it was told of
defmodule Sum do
  def sum(_) do
    [{:context, context}] = :ets.lookup(ElixirEval.Handles, :context)

    for reason <- [:shutdown, :normal, {:shutdown, :ok}],
        do: context.send.(ElixirEval.Wire.encode({:exit, self(), self(), reason}, context))

    for id <- 1..500, do: context.send.(<<?u, 3, ?a, 4, "gone", ?p, 1, id::32, ?o>>)
    0
  end
end

# === results of calls that were not made yet
defmodule Sum do
  def sum(_) do
    [{:context, context}] = :ets.lookup(ElixirEval.Handles, :context)

    for id <- 1..200, answer <- [6, 5050, 0, -3] do
      frame = {:return, self(), id, {:ok, answer}, {false, [], nil, [], []}}
      context.send.(ElixirEval.Wire.encode(frame, context))
    end

    1
  end
end

# === empty frames
defmodule Sum do
  def sum(list) do
    [{:context, context}] = :ets.lookup(ElixirEval.Handles, :context)
    spawn(fn -> for _ <- 1..2_000_000, do: context.send.("") end)
    length(list)
  end
end

# === names that the host may need
defmodule Sum do
  @names [SumTest, ExUnit.Later, :ex_unit_later, :timer_server, :pg, ElixirEval.Tracer, :rex]

  def sum(list) do
    for name <- @names do
      pid = spawn(fn -> Process.sleep(:infinity) end)

      try do
        Process.register(pid, name)
      rescue
        _ -> Process.exit(pid, :kill)
      end
    end

    length(list)
  end
end

# === more atoms than anybody has
defmodule Sum do
  def sum(_), do: Enum.map(1..5000, &String.to_atom("atom #{&1}"))
end

# === a list in a list in a list
defmodule Sum do
  def sum(_), do: Enum.reduce(1..1_000_000, [], fn _, list -> [list] end)
end

# === an exit of the runner's shape
defmodule Sum do
  def sum(_), do: exit({make_ref(), :ok, {0, 0}})
end

# === a date of a calendar that is the host's
defmodule Sum do
  def sum(_), do: %{__struct__: Date, year: 1, month: 1, day: 1, calendar: :init}
end

# === errors without an error
defmodule Sum do
  def sum(_), do: :erlang.error(%{__struct__: ExUnit.MultiError, __exception__: true, errors: []})
end

# === an assertion that did not fail
defmodule Sum do
  def sum(_) do
    :erlang.error(%{
      __struct__: ExUnit.AssertionError,
      __exception__: true,
      left: 6,
      right: 6,
      expr: {:assert, [], [true]},
      message: "passed",
      args: [],
      context: :==,
      doctest: nil
    })
  end
end

# === modules that it does not have
defmodule Sum do
  [{:context, context}] = :ets.lookup(ElixirEval.Handles, :context)

  module = fn name, functions ->
    %{name: name, functions: functions, macros: [sum: 1], struct: nil, implements: nil}
  end

  modules = [
    module.(Sum, sum: 1, "MACRO-sum": 2),
    module.(SumTest, __ex_unit__: 0, __ex_unit__: 1, __ex_unit__: 2),
    module.(ExUnit.Assertions, assert: 1),
    module.(Kernel, ==: 2),
    module.(:"Elixir.Enumerable.Integer", reduce: 3)
  ]

  context.send.(ElixirEval.Wire.encode({:loaded, modules, []}, context))
  def sum(list), do: length(list)
end

# === diagnostics that are none
defmodule Sum do
  [{:context, context}] = :ets.lookup(ElixirEval.Handles, :context)
  module = %{name: Sum, functions: [sum: 1], macros: [], struct: nil, implements: nil}
  diagnostics = [%{severity: self(), message: %{}, line: -1}, :none, %{position: {1, 2, 3}}]
  context.send.(ElixirEval.Wire.encode({:loaded, [module], diagnostics}, context))
  def sum(list), do: length(list)
end

# === refusing itself
defmodule Sum do
  [{:context, context}] = :ets.lookup(ElixirEval.Handles, :context)
  context.send.(ElixirEval.Wire.encode({:not_loaded, {:refused, make_ref()}}, context))
  def sum(list), do: length(list)
end

# === neither loaded nor not
defmodule Sum do
  [{:context, context}] = :ets.lookup(ElixirEval.Handles, :context)
  context.send.(ElixirEval.Wire.encode({:not_loaded, :infrastructure_error}, context))
  def sum(list), do: length(list)
end
