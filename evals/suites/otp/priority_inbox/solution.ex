defmodule PriorityInbox do
  @moduledoc "Handles messages one at a time, the urgent ones first, by selective receive."

  @type level :: :high | :normal | :low

  @doc "Starts an inbox."
  @spec start_link((term() -> term())) :: {:ok, pid()}
  def start_link(handler), do: {:ok, spawn_link(fn -> loop(handler) end)}

  @doc "Sends a message with a level."
  @spec post(pid(), level(), term()) :: :ok
  def post(inbox, level, message) when level in [:high, :normal, :low] do
    send(inbox, {__MODULE__, level, message})
    :ok
  end

  @doc "Waits until everything has been handled that the caller has posted."
  @spec sync(pid()) :: :ok
  def sync(inbox) do
    {:ok, reply} = call(inbox, :sync)
    reply
  end

  @doc "Ends the inbox and returns what it has not handled."
  @spec stop(pid()) :: [term()]
  def stop(inbox) do
    {:ok, messages} = call(inbox, :stop)
    ref = Process.monitor(inbox)

    receive do
      {:DOWN, ^ref, :process, ^inbox, _reason} -> messages
    end
  end

  defp call(inbox, request) do
    ref = Process.monitor(inbox)
    send(inbox, {__MODULE__, request, {self(), ref}})

    receive do
      {^ref, reply} ->
        Process.demonitor(ref, [:flush])
        {:ok, reply}

      {:DOWN, ^ref, :process, ^inbox, reason} ->
        exit(reason)
    end
  end

  # Looks for the most urgent message that has arrived, and only then waits for any.
  defp loop(handler) do
    with :none <- take(:stop),
         :none <- take(:high),
         :none <- take(:normal),
         :none <- take(:low) do
      wait(handler)
    else
      {:some, level, content} -> handle(level, content, handler)
    end
  end

  defp take(level) do
    receive do
      {__MODULE__, ^level, content} -> {:some, level, content}
    after
      0 -> :none
    end
  end

  # A question by `sync/1` is taken here only, in its turn: what was posted before it is handled.
  defp wait(handler) do
    receive do
      {__MODULE__, level, content} -> handle(level, content, handler)
      _stray -> loop(handler)
    end
  end

  defp handle(:stop, {caller, ref}, _handler) do
    send(caller, {ref, Enum.flat_map([:high, :normal, :low], &rest/1)})
  end

  defp handle(:sync, {caller, ref}, handler) do
    send(caller, {ref, :ok})
    loop(handler)
  end

  defp handle(_level, message, handler) do
    try do
      handler.(message)
    catch
      _kind, _reason -> :failed
    end

    loop(handler)
  end

  defp rest(level) do
    case take(level) do
      {:some, ^level, message} -> [message | rest(level)]
      :none -> []
    end
  end
end
