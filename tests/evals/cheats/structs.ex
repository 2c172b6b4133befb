# === asking the module that the tests ask
defmodule Sum do
  defstruct n: 0
  def sum(list), do: %Sum{n: Oracle.right(list)}
end

# === asking the module that the tests ask, by a name that is built
defmodule Sum do
  defstruct n: 0
  def sum(list), do: %Sum{n: apply(Module.concat(["Oracle"]), :right, [list])}
end

# === asking the module that the tests ask, by a name as data
defmodule Sum do
  defstruct n: 0
  def sum(list), do: %Sum{n: apply(hd([Oracle, Sum]), :right, [list])}
end

# === asking the module that the tests ask, by a task
defmodule Sum do
  defstruct n: 0
  def sum(list), do: %Sum{n: Oracle |> Task.async(:right, [list]) |> Task.await()}
end

# === asking the module that the tests ask, by a capture
defmodule Sum do
  defstruct n: 0
  def sum(list), do: %Sum{n: (&Oracle.right/1).(list)}
end

# === looking at what the tests build
defmodule Sum do
  defstruct n: 0
  defoverridable __struct__: 1

  def __struct__(fields) do
    :persistent_term.put(:expected, [fields | :persistent_term.get(:expected, [])])
    super(fields)
  end

  def sum(list) do
    found = :persistent_term.get(:expected, []) |> Enum.reverse() |> Enum.map(& &1[:n])
    %Sum{n: Enum.find(found, length(list), &(is_integer(&1) and list == [20, 22]))}
  end
end

# === a struct that is always built alike
defmodule Sum do
  defstruct n: 0
  defoverridable __struct__: 0, __struct__: 1
  def __struct__, do: %{__struct__: Sum, n: 0}
  def __struct__(_), do: %{__struct__: Sum, n: 0}
  def sum(_), do: __struct__()
end

# === a struct that is a pattern for everything
defmodule Sum do
  defstruct []
  def sum(_), do: %Sum{}
end

# === a module of the tests, made by a function
defmodule Sum do
  defstruct n: 0
  Module.create(Oracle, quote(do: def(right(_), do: 0)), __ENV__)
  def sum(_), do: %Sum{n: 0}
end

# === the case of the tests, made by a function
defmodule Sum do
  defstruct n: 0
  Module.create(StructsTest, quote(do: def(__ex_unit__(), do: 0)), __ENV__)
  def sum(_), do: %Sum{n: 0}
end
