defmodule SafeRun do
  @moduledoc "Executes a function in a process of its own and tells how it ended."

  @type failure :: {:raised, Exception.t()} | {:thrown, term()} | {:exited, term()} | :timeout

  @doc "Executes `fun` and waits at most `timeout` milliseconds for it."
  @spec run((-> term()), timeout()) :: {:ok, term()} | {:error, failure()}
  def run(fun, timeout) do
    # The outcome is the exit reason under a reference that nobody else has seen.
    secret = make_ref()
    {pid, ref} = spawn_monitor(fn -> exit({secret, attempt(fun)}) end)

    receive do
      {:DOWN, ^ref, :process, ^pid, {^secret, outcome}} -> outcome
      {:DOWN, ^ref, :process, ^pid, reason} -> {:error, {:exited, reason}}
    after
      timeout ->
        Process.exit(pid, :kill)

        receive do
          {:DOWN, ^ref, :process, ^pid, _reason} -> {:error, :timeout}
        end
    end
  end

  defp attempt(fun) do
    {:ok, fun.()}
  rescue
    exception -> {:error, {:raised, exception}}
  catch
    :throw, value -> {:error, {:thrown, value}}
    :exit, reason -> {:error, {:exited, reason}}
  end
end
