# capabilities: process
defmodule Events.Handler do
  @behaviour :gen_event
  @impl true
  def init(parent), do: {:ok, parent}
  @impl true
  def handle_event(event, parent) do
    send(parent, {:event, event})
    {:ok, parent}
  end
  @impl true
  def handle_call(:who, parent), do: {:ok, parent, parent}
end

defmodule Events do
  def start_link, do: :gen_event.start_link()
  def subscribe(manager), do: :gen_event.add_handler(manager, Events.Handler, self())
  def notify(manager, event), do: :gen_event.sync_notify(manager, event)
end
