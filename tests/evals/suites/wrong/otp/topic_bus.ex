# Wrong: a process with several matching patterns gets a message several times.
defmodule TopicBus do
  @moduledoc "Publish and subscribe with patterns, on top of a registry with duplicate keys."

  @type topic :: [String.t(), ...]
  @type pattern :: [String.t() | :any | :rest, ...]

  @doc "Starts a bus."
  @spec start_link(atom()) :: {:ok, pid()} | {:error, term()}
  def start_link(name), do: Registry.start_link(keys: :duplicate, name: name)

  @doc "Subscribes the calling process to a pattern."
  @spec subscribe(atom(), pattern()) :: :ok | {:error, :already_subscribed}
  def subscribe(bus, pattern) do
    if Registry.values(bus, pattern, self()) == [] do
      {:ok, _owner} = Registry.register(bus, pattern, nil)
      :ok
    else
      {:error, :already_subscribed}
    end
  end

  @doc "Ends the calling process's subscription to a pattern."
  @spec unsubscribe(atom(), pattern()) :: :ok
  def unsubscribe(bus, pattern), do: Registry.unregister(bus, pattern)

  @doc "Sends a message to all that have subscribed to a matching pattern, and counts them."
  @spec publish(atom(), topic(), term()) :: non_neg_integer()
  def publish(bus, topic, message) do
    receivers = receivers(bus, topic)
    Enum.each(receivers, &send(&1, {:bus, topic, message}))
    length(receivers)
  end

  @doc "Counts those who would be sent a message on this topic."
  @spec subscribers(atom(), topic()) :: non_neg_integer()
  def subscribers(bus, topic), do: length(receivers(bus, topic))

  defp receivers(bus, topic) do
    subscriptions = Registry.select(bus, [{{:"$1", :"$2", :_}, [], [{{:"$1", :"$2"}}]}])
    for {pattern, pid} <- subscriptions, matches?(pattern, topic), do: pid
  end

  defp matches?([:rest], _segments), do: true
  defp matches?([:any | pattern], [_segment | segments]), do: matches?(pattern, segments)
  defp matches?([segment | pattern], [segment | segments]), do: matches?(pattern, segments)
  defp matches?([], []), do: true
  defp matches?(_pattern, _segments), do: false
end
