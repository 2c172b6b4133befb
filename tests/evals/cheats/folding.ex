# === looking into itself by a call that the compiler makes plain
defmodule Counter do
  def start_link(n) do
    {:links, links} = apply(Process, :info, [self(), :links])
    for pid <- links, is_pid(pid), do: send(pid, :ok)
    {:ok, n}
  end

  def increment(_), do: :ok
  def value(_), do: 5
end

# === looking into itself by a captured apply
defmodule Counter do
  def start_link(n), do: {:ok, {n, (&Kernel.apply/3).(Process, :info, [self()])}}
  def increment(_), do: :ok
  def value(_), do: 5
end

# === a compiler by a call that the compiler makes plain
defmodule Counter do
  def start_link(_), do: apply(:elixir_module, :compile, [[], Sly, nil, [], true, __MODULE__])
  def increment(_), do: :ok
  def value(_), do: 5
end

# === a module's name by a call that the compiler makes plain
defmodule Counter do
  def start_link(n) do
    {:ok, {n, apply(Module, :concat, [["ExUnit", "Server"]]), apply(Protocol, :__concat__, [:"Elixir", :"ExUnit.Server"])}}
  end

  def increment(_), do: :ok
  def value(_), do: 5
end

# === the inside of a function
defmodule Counter do
  def start_link(n), do: {:ok, {n, apply(:erlang, :fun_info, [fn -> n end, :env])}}
  def increment(_), do: :ok
  def value(_), do: 5
end
