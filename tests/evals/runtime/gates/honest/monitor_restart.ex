# capabilities: process
defmodule Watcher do
  def watch(fun, retries) do
    {pid, ref} = spawn_monitor(fun)

    receive do
      {:DOWN, ^ref, :process, ^pid, :normal} -> :ok
      {:DOWN, ^ref, :process, ^pid, reason} when retries == 0 -> {:error, reason}
      {:DOWN, ^ref, :process, ^pid, _reason} -> watch(fun, retries - 1)
    after
      5_000 ->
        Process.demonitor(ref, [:flush])
        Process.exit(pid, :kill)
        {:error, :timeout}
    end
  end

  def linked(fun) do
    Process.flag(:trap_exit, true)
    pid = spawn_link(fun)

    receive do
      {:EXIT, ^pid, reason} -> {:exited, reason}
    end
  end

  def safely(fun) do
    {:ok, fun.()}
  rescue
    e in [ArgumentError, ArithmeticError] -> {:error, Exception.message(e)}
    error -> {:error, error.__struct__}
  catch
    :exit, reason -> {:exit, reason}
    value -> {:thrown, value}
  after
    send(self(), :done)
  end
end
