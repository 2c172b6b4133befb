defmodule RingBuffer do
  @moduledoc "A buffer of the newest elements, oldest first."

  @enforce_keys [:capacity]
  defstruct [:capacity, size: 0, queue: :queue.new()]

  @doc "An empty buffer for at most `capacity` elements."
  def new(capacity) when is_integer(capacity) and capacity > 0,
    do: %__MODULE__{capacity: capacity}

  def new(capacity) do
    raise ArgumentError, "the capacity must be a positive integer, got: #{inspect(capacity)}"
  end

  @doc "Adds an element as the newest."
  def push(%__MODULE__{size: capacity, capacity: capacity} = buffer, element) do
    %{buffer | queue: :queue.in(element, :queue.drop(buffer.queue))}
  end

  def push(%__MODULE__{} = buffer, element) do
    %{buffer | size: buffer.size + 1, queue: :queue.in(element, buffer.queue)}
  end

  @doc "Takes the oldest element out."
  def pop(%__MODULE__{} = buffer) do
    case :queue.out(buffer.queue) do
      {{:value, oldest}, queue} -> {:ok, oldest, %{buffer | size: buffer.size - 1, queue: queue}}
      {:empty, _queue} -> :empty
    end
  end

  defimpl Enumerable do
    def count(buffer), do: {:ok, buffer.size}
    def member?(buffer, element), do: {:ok, :queue.any(&(&1 === element), buffer.queue)}
    def slice(buffer), do: {:ok, buffer.size, &:queue.to_list(&1.queue)}

    def reduce(buffer, acc, fun),
      do: Enumerable.List.reduce(:queue.to_list(buffer.queue), acc, fun)
  end

  defimpl Collectable do
    def into(buffer) do
      {buffer,
       fn
         buffer, {:cont, element} -> RingBuffer.push(buffer, element)
         buffer, :done -> buffer
         _buffer, :halt -> :ok
       end}
    end
  end

  defimpl String.Chars do
    def to_string(buffer) do
      fill = "(#{buffer.size}/#{buffer.capacity})"
      if buffer.size == 0, do: fill, else: "#{Enum.join(buffer, " → ")} #{fill}"
    end
  end

  defimpl Inspect do
    import Inspect.Algebra

    def inspect(buffer, options) do
      elements = to_doc(Enum.to_list(buffer), options)
      concat(["#RingBuffer<", elements, ", capacity: #{buffer.capacity}>"])
    end
  end
end
