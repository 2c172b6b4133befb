# capabilities: registry
defmodule PubSub do
  def child_spec(_), do: Registry.child_spec(keys: :duplicate, name: __MODULE__)
  def start_link(_ \\ []), do: Registry.start_link(keys: :duplicate, name: __MODULE__, partitions: 2)
  def subscribe(topic), do: Registry.register(__MODULE__, topic, [])
  def unsubscribe(topic), do: Registry.unregister(__MODULE__, topic)

  def publish(topic, message) do
    Registry.dispatch(__MODULE__, topic, fn entries ->
      for {pid, _} <- entries, do: send(pid, {:pubsub, topic, message})
    end)
  end
end
