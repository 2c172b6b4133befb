defmodule Ordered do
  @moduledoc "A process that keeps what it is sent, in order, while it runs a callback."
  def start(handler), do: spawn_link(fn -> loop(handler) end)

  def post(pid, message) do
    send(pid, {:post, message})
    :ok
  end

  def all(pid) do
    send(pid, {:all, self()})

    receive do
      {:kept, messages} -> messages
    end
  end

  defp loop(handler) do
    receive do
      {:post, :work} ->
        handler.()
        loop(handler)

      {:all, from} ->
        send(from, {:kept, kept()})
        loop(handler)
    end
  end

  defp kept do
    receive do
      {:post, message} -> [message | kept()]
    after
      0 -> []
    end
  end
end
