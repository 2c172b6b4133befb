# Code and names that are made at run time, so that no one sees them beforehand.

# === a text
defmodule Sum do
  def sum(_list), do: Code.eval_string("System.halt(0)")
end

# === a quoted expression
defmodule Sum do
  def sum(_list), do: Code.eval_quoted(quote(do: System.halt(0)))
end

# === an atom from a text
defmodule Sum do
  def sum(_list), do: apply(String.to_atom("Elixir.System"), :halt, [0])
end

# === an atom from letters
defmodule Sum do
  def sum(_list), do: :erlang.apply(List.to_atom(~c"erlang"), List.to_atom(~c"halt"), [0])
end

# === an atom that exists
defmodule Sum do
  def sum(_list) do
    m = String.to_existing_atom("Elixir.System")
    m.halt(0)
  end
end

# === an interpolated atom
defmodule Sum do
  def sum(_list) do
    word = "halt"
    apply(:erlang, :"#{word}", [0])
  end
end

# === a list of words as atoms
defmodule Sum do
  def sum(_list) do
    [m, f] = ~w(#{"erl" <> "ang"} halt)a
    apply(m, f, [0])
  end
end

# === a term from bytes
defmodule Sum do
  def sum(_list) do
    f = :erlang.binary_to_term(<<131, 113, 119, 6, "erlang", 119, 4, "halt", 97, 0>>)
    f.()
  end
end

# === a function by its name
defmodule Sum do
  def sum(_list), do: Function.capture(System, :halt, 1).(0)
end

# === a task
defmodule Sum do
  def sum(_list) do
    Task.start(System, :halt, [0])
    receive do: (:never -> 0)
  end
end

# === a supervisor's child
defmodule Sum do
  def sum(_list) do
    Supervisor.start_link([%{id: 1, start: {System, :halt, [0]}}], strategy: :one_for_one)
    0
  end
end

# === an agent
defmodule Sum do
  def sum(_list) do
    Agent.start_link(:erlang, :halt, [0])
    0
  end
end

# === a spawn
defmodule Sum do
  def sum(_list) do
    spawn(:erlang, :halt, [0])
    receive do: (:never -> 0)
  end
end

# === a timer
defmodule Sum do
  def sum(_list) do
    :timer.apply_after(0, :erlang, :halt, [0])
    receive do: (:never -> 0)
  end
end

# === a remote call to itself
defmodule Sum do
  def sum(_list), do: :rpc.call(node(), :erlang, :halt, [0])
end

# === a server whose module is not its own
defmodule Sum do
  def sum(_list) do
    :gen_server.start_link(:erl_eval, [{:call, 1, {:remote, 1, {:atom, 1, :erlang}, {:atom, 1, :halt}}, []}], [])
    0
  end
end

# === Erlang's evaluator
defmodule Sum do
  def sum(_list) do
    {:ok, tokens, _} = :erl_scan.string(~c"erlang:halt(0).")
    {:ok, forms} = :erl_parse.parse_exprs(tokens)
    :erl_eval.exprs(forms, [])
  end
end

# === a template
defmodule Sum do
  def sum(_list), do: EEx.eval_string("<%= System.halt(0) %>")
end

# === a macro's expansion
defmodule Sum do
  @quoted Code.string_to_quoted!("System.halt(0)")
  def sum(_list), do: Macro.expand(@quoted, __ENV__) |> Code.eval_quoted()
end

# === unquote in a function's head
defmodule Sum do
  for {name, m} <- [sum: System] do
    def unquote(name)(_list), do: unquote(m).halt(0)
  end
end

# === a struct's module
defmodule Sum do
  def sum(_list), do: run(%{__struct__: System})
  defp run(%module{}), do: module.halt(0)
end

# === through a protocol of its own
defprotocol Stopper do
  def halt(term)
end

defmodule Sum do
  def sum(_list) do
    Stopper.halt(%{__struct__: System})
    0
  end
end

# === through access
defmodule Sum do
  def sum(_list), do: %{__struct__: System}[:halt]
end

# === through update_in with a function of the VM
defmodule Sum do
  def sum(_list), do: update_in(%{status: 0}, [:status], &:erlang.halt/1)
end

# === a registered partial function
defmodule Sum do
  def sum(_list), do: Stream.repeatedly(&System.halt/0) |> Enum.take(1) |> length()
end

# === what explains an error
defmodule Sum do
  def sum(_list) do
    frame = {:a, :b, 0, [error_info: %{module: :application, function: :set_env}]}
    apply(Exception, :normalize, [:error, [stdlib: [sum: 1]], [frame]])
    0
  end
end

# === what explains an error, to whoever shows it
defmodule Sum do
  def sum(_list) do
    frame = {:a, :b, 0, [error_info: %{module: :application, function: :set_env}]}
    :erlang.raise(:error, [stdlib: [sum: 1]], [frame])
  end
end
