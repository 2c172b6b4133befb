# Wrong: of equal priorities the last one comes first.
defmodule PriorityQueue do
  @moduledoc """
  A stable priority queue: a pairing heap whose entries are numbered as they come.

  A heap is `nil` or `{entry, children}`, an entry `{priority, number, value}`.
  """

  @enforce_keys [:before]
  defstruct [:before, heap: nil, size: 0, next: 0]

  @doc "An empty queue ordered by `before`."
  def new(before \\ &</2), do: %__MODULE__{before: before}

  @doc "Adds an entry."
  def push(%__MODULE__{} = queue, priority, value) do
    heap = meld({{priority, queue.next, value}, []}, queue.heap, queue.before)
    %{queue | heap: heap, size: queue.size + 1, next: queue.next + 1}
  end

  @doc "Takes the first entry."
  def pop(%__MODULE__{heap: nil}), do: :empty

  def pop(%__MODULE__{heap: {{priority, _number, value}, children}} = queue) do
    heap = pair(children, queue.before)
    {:ok, {priority, value}, %{queue | heap: heap, size: queue.size - 1}}
  end

  @doc "Shows the first entry."
  def peek(%__MODULE__{heap: nil}), do: :empty

  def peek(%__MODULE__{heap: {{priority, _number, value}, _children}}),
    do: {:ok, {priority, value}}

  @doc "All entries of two queues, in the order of the first."
  def merge(%__MODULE__{} = a, %__MODULE__{} = b) do
    b
    |> to_list()
    |> Enum.reduce(a, fn {priority, value}, queue -> push(queue, priority, value) end)
  end

  @doc "The number of entries."
  def size(%__MODULE__{size: size}), do: size

  @doc "All entries in order."
  def to_list(%__MODULE__{} = queue) do
    queue
    |> Stream.unfold(fn queue ->
      with {:ok, entry, queue} <- pop(queue), do: {entry, queue}, else: (:empty -> nil)
    end)
    |> Enum.to_list()
  end

  defp meld(heap, nil, _before), do: heap

  defp meld({a, children_a} = heap_a, {b, children_b} = heap_b, before) do
    if first?(a, b, before),
      do: {a, [heap_b | children_a]},
      else: {b, [heap_a | children_b]}
  end

  defp first?({p, _n, _}, {q, _m, _}, before), do: not before.(q, p)

  defp pair([], _before), do: nil
  defp pair([heap], _before), do: heap
  defp pair([a, b | rest], before), do: a |> meld(b, before) |> meld(pair(rest, before), before)
end
