defmodule Hedge do
  @moduledoc "Asks one replica after another until one has answered."

  @doc "Calls `fun` with the replicas and returns the first success."
  @spec run([replica], (replica -> {:ok, value} | {:error, term()}), keyword()) ::
          {:ok, replica, value} | {:error, :timeout | {:failed, [term()]}}
        when replica: term(), value: term()
  def run(replicas, fun, opts) do
    race = %{
      fun: fun,
      delay: Keyword.fetch!(opts, :delay),
      deadline: later(Keyword.fetch!(opts, :timeout)),
      secret: make_ref()
    }

    replicas |> Enum.with_index() |> ask(%{}, [], race)
  end

  # Asks the next replica, if there is one, and waits for what comes next.
  defp ask([], running, failed, _race) when running == %{} do
    {:error, {:failed, failed |> Enum.sort() |> Enum.map(fn {_index, reason} -> reason end)}}
  end

  defp ask([], running, failed, race), do: await([], running, failed, :infinity, race)

  defp ask([{replica, index} | rest], running, failed, race) do
    %{fun: fun, secret: secret} = race
    {pid, ref} = spawn_monitor(fn -> exit({secret, fun.(replica)}) end)
    running = Map.put(running, ref, {pid, replica, index})
    await(rest, running, failed, later(race.delay), race)
  end

  defp await(rest, running, failed, next, %{secret: secret} = race) do
    receive do
      {:DOWN, ref, :process, _pid, reason} when is_map_key(running, ref) ->
        {{_pid, replica, index}, running} = Map.pop!(running, ref)

        case reason do
          {^secret, {:ok, value}} ->
            stop(running)
            {:ok, replica, value}

          {^secret, {:error, reason}} ->
            ask(rest, running, [{index, reason} | failed], race)

          _crash ->
            ask(rest, running, [{index, :crashed} | failed], race)
        end
    after
      left(min(next, race.deadline)) ->
        if passed?(race.deadline) do
          stop(running)
          {:error, :timeout}
        else
          ask(rest, running, failed, race)
        end
    end
  end

  defp stop(running) do
    for {ref, {pid, _replica, _index}} <- running do
      Process.exit(pid, :kill)

      receive do
        {:DOWN, ^ref, :process, ^pid, _reason} -> :ok
      end
    end
  end

  # `:infinity`, an atom, is greater than any integer.
  defp later(:infinity), do: :infinity
  defp later(ms), do: System.monotonic_time(:millisecond) + ms

  defp left(:infinity), do: :infinity
  defp left(time), do: max(time - System.monotonic_time(:millisecond), 0)

  defp passed?(deadline), do: left(deadline) == 0
end
