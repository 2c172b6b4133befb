# Leaving something behind that changes the verdict on the next candidate.

# === a start file
defmodule Sum do
  def sum(_list) do
    File.write(Path.join(System.user_home() || "/tmp", ".erlang"), "halt(0).")
    File.write("/root/.erlang", "halt(0).")
    0
  end
end

# === a file of the toolchain
defmodule Sum do
  def sum(_list) do
    path = :code.which(ExUnit.Assertions)
    File.write(path, "")
    0
  end
end

# === a path before all others
defmodule Sum do
  def sum(_list) do
    Code.prepend_path("/tmp")
    File.write("/tmp/Elixir.ExUnit.Assertions.beam", "")
    0
  end
end

# === a process that replaces the next candidate
defmodule Sum do
  def sum(_list) do
    spawn(fn -> wait() end)
    0
  end

  defp wait do
    receive do
      _ -> :ok
    after
      5 ->
        Code.compile_string("defmodule Sum do def sum(l), do: Enum.sum(l) end")
        wait()
    end
  end
end

# === a process under a name that others use
defmodule Sum do
  def sum(_list) do
    for name <- [:counter, Counter, :server, Sum.Server] do
      spawn(fn ->
        Process.register(self(), name)
        receive do: (:never -> :ok)
      end)
    end

    0
  end
end

# === global names
defmodule Sum do
  def sum(_list) do
    :global.register_name(:counter, self())
    :pg.start_link()
    0
  end
end

# === a named table
defmodule Sum do
  def sum(_list) do
    spawn(fn ->
      :ets.new(:cache, [:named_table, :public])
      receive do: (:never -> :ok)
    end)

    0
  end
end

# === persistent terms
defmodule Sum do
  def sum(_list) do
    :persistent_term.put({ExUnit, :options}, exclude: [:test])
    :persistent_term.put(:counter, 1)
    0
  end
end

# === the environment
defmodule Sum do
  def sum(_list) do
    System.put_env("ELIXIR_ERL_OPTIONS", "-eval halt(0)")
    Application.put_env(:elixir, :ansi_enabled, true)
    Application.put_env(:logger, :level, :none)
    0
  end
end

# === time zones and ports of schemes
defmodule Sum do
  def sum(_list) do
    Calendar.put_time_zone_database(Sum)
    URI.default_port("http", 1)
    0
  end
end

# === the compiler's options
defmodule Sum do
  Code.compiler_options(ignore_module_conflict: true, warnings_as_errors: true)
  def sum(_list), do: 0
end

# === the schedulers
defmodule Sum do
  def sum(_list) do
    :erlang.system_flag(:multi_scheduling, :block)
    :erlang.system_flag(:max_heap_size, 1000)
    0
  end
end

# === a busy process of the highest priority
defmodule Sum do
  def sum(_list) do
    spawn(fn ->
      Process.flag(:priority, :max)
      loop()
    end)

    0
  end

  defp loop, do: loop()
end

# === a timer that fires later
defmodule Sum do
  def sum(_list) do
    for name <- [:counter, Counter] do
      Process.send_after(name, :stop, 10)
      :timer.exit_after(10, :kill)
    end

    0
  end
end

# === the logger's handlers
defmodule Sum do
  def sum(_list) do
    :logger.remove_handler(:default)
    :logger.set_primary_config(:level, :none)
    0
  end
end

# === the random seed of others
defmodule Sum do
  def sum(_list) do
    :rand.seed(:exsss, {1, 2, 3})
    :erlang.system_flag(:time_offset, :finalize)
    0
  end
end
