# Wrong: the task is linked to the caller, so that a function that fails takes the caller with it.
defmodule SafeRun do
  def run(fun, timeout) do
    task = Task.async(fun)

    case Task.yield(task, timeout) || Task.shutdown(task, :brutal_kill) do
      {:ok, value} -> {:ok, value}
      {:exit, reason} -> {:error, {:exited, reason}}
      nil -> {:error, :timeout}
    end
  end
end
