# Wrong: elements are started in batches, and a batch waits for its slowest call.
defmodule BoundedMap do
  @moduledoc "Maps with a bounded number of processes and stops at the first failure."

  @type failure :: {non_neg_integer(), :crashed | :timeout}

  @doc "Calls `fun` with every element, at most `:max` at a time, each for at most `:timeout` ms."
  @spec run(Enumerable.t(), (term() -> term()), keyword()) ::
          {:ok, [term()]} | {:error, failure()}
  def run(enumerable, fun, opts) do
    job = %{
      max: Keyword.fetch!(opts, :max),
      fun: fun,
      timeout: Keyword.fetch!(opts, :timeout),
      secret: make_ref()
    }

    {first, rest} = enumerable |> Enum.with_index() |> Enum.split(Keyword.fetch!(opts, :max))
    running = Map.new(first, &start(&1, job))
    collect(running, rest, %{}, job)
  end

  defp collect(running, [], results, _job) when running == %{} do
    {:ok, results |> Enum.sort() |> Enum.map(fn {_index, value} -> value end)}
  end

  defp collect(running, waiting, results, %{secret: secret} = job) do
    receive do
      {:DOWN, ref, :process, _pid, reason} when is_map_key(running, ref) ->
        {{_pid, index, timer}, running} = Map.pop!(running, ref)
        cancel(timer, secret, ref)

        case reason do
          {^secret, value} ->
            {next, waiting} = Enum.split(waiting, if(running == %{}, do: job.max, else: 0))
            running = Enum.into(next, running, &start(&1, job))
            collect(running, waiting, Map.put(results, index, value), job)

          _crash ->
            stop(running, secret)
            {:error, {index, :crashed}}
        end

      {^secret, :timeout, ref} ->
        {_pid, index, _timer} = Map.fetch!(running, ref)
        stop(running, secret)
        {:error, {index, :timeout}}
    end
  end

  defp start({element, index}, %{fun: fun, secret: secret, timeout: timeout}) do
    {pid, ref} = spawn_monitor(fn -> exit({secret, fun.(element)}) end)
    {ref, {pid, index, arm(timeout, {secret, :timeout, ref})}}
  end

  defp arm(:infinity, _message), do: nil
  defp arm(timeout, message), do: Process.send_after(self(), message, timeout)

  defp stop(running, secret) do
    for {ref, {pid, _index, timer}} <- running do
      Process.exit(pid, :kill)

      receive do
        {:DOWN, ^ref, :process, ^pid, _reason} -> cancel(timer, secret, ref)
      end
    end
  end

  defp cancel(nil, _secret, _ref), do: nil

  # A timer that has fired already left its message, which must not stay in the mailbox.
  defp cancel(timer, secret, ref) do
    Process.cancel_timer(timer)

    receive do
      {^secret, :timeout, ^ref} -> nil
    after
      0 -> nil
    end
  end
end
