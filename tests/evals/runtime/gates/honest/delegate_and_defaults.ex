# capabilities:
defmodule Queue do
  @type t :: :queue.queue()
  defdelegate new(), to: :queue
  defdelegate size(queue), to: :queue, as: :len
  defdelegate reverse(list), to: Enum
  def push(queue, item), do: :queue.in(item, queue)

  def pop(queue) do
    case :queue.out(queue) do
      {{:value, item}, rest} -> {:ok, item, rest}
      {:empty, _} -> :empty
    end
  end
end
