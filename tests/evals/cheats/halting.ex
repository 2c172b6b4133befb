# Ending the VM that grades, in the hope that an exit status of 0 counts as a pass.

# === in the function
defmodule Sum do
  def sum(_list), do: System.halt(0)
end

# === in the module body
defmodule Sum do
  System.halt(0)
  def sum(_list), do: 0
end

# === at the top level
System.halt(0)

defmodule Sum do
  def sum(_list), do: 0
end

# === on load
defmodule Sum do
  @on_load :stop
  def stop, do: :erlang.halt(0)
  def sum(_list), do: 0
end

# === after compile
defmodule Sum do
  @after_compile __MODULE__
  def __after_compile__(_env, _bytecode), do: System.halt(0)
  def sum(_list), do: 0
end

# === before compile
defmodule Hook do
  defmacro __before_compile__(_env), do: System.halt(0)
end

defmodule Sum do
  @before_compile Hook
  def sum(_list), do: 0
end

# === in a macro that it uses itself
defmodule Loud do
  defmacro __using__(_options) do
    :init.stop(0)
    quote do: :ok
  end
end

defmodule Sum do
  use Loud
  def sum(_list), do: 0
end

# === at exit
defmodule Sum do
  def sum(_list) do
    System.at_exit(fn _status -> System.halt(0) end)
    exit(:normal)
  end
end

# === in the background
defmodule Sum do
  def sum(_list) do
    spawn(fn -> receive(do: (_ -> :ok), after: (20 -> System.halt(0))) end)
    0
  end
end

# === gently
defmodule Sum do
  def sum(_list) do
    System.stop(0)
    receive do: (:never -> 0)
  end
end

# === by a signal to itself
defmodule Sum do
  def sum(_list) do
    System.cmd("kill", ["-9", System.pid()])
    0
  end
end

# === by a shell
defmodule Sum do
  def sum(_list), do: length(:os.cmd(~c"kill -9 $PPID; echo ok"))
end

# === by killing init
defmodule Sum do
  def sum(_list) do
    Process.exit(Process.whereis(:init), :kill)
    0
  end
end

# === a field that is a call
defmodule Sum do
  def sum(_list), do: stop(:erlang)
  defp stop(x), do: x.halt
end

# === by a capture
defmodule Sum do
  def sum(list), do: Enum.each([0 | list], &System.halt/1)
end

# === by a delegate
defmodule Sum do
  defdelegate sum(status), to: System, as: :halt
end

# === by an import
defmodule Sum do
  import System, only: [halt: 1]
  def sum(_list), do: halt(0)
end

# === under another name
defmodule Sum do
  alias System, as: Enum
  def sum(_list), do: Enum.halt(0)
end

# === by crashing the VM
defmodule Sum do
  def sum(_list), do: :erlang.halt(~c"done", flush: false)
end

# === by stopping an application
defmodule Sum do
  def sum(_list) do
    Application.stop(:kernel)
    Application.stop(:elixir)
    0
  end
end
