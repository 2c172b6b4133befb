# capabilities:
defmodule Linked do
  defstruct head: nil, size: 0

  def new(items \\ []), do: Enum.into(items, %__MODULE__{})
  def push(list, item), do: %{list | head: {item, list.head}, size: list.size + 1}

  def to_list(%__MODULE__{head: head}), do: walk(head, [])
  defp walk(nil, acc), do: Enum.reverse(acc)
  defp walk({item, next}, acc), do: walk(next, [item | acc])

  defimpl Enumerable do
    def count(list), do: {:ok, list.size}
    def member?(_, _), do: {:error, __MODULE__}
    def slice(_), do: {:error, __MODULE__}
    def reduce(list, acc, fun), do: Enumerable.List.reduce(Linked.to_list(list), acc, fun)
  end

  defimpl Collectable do
    def into(list) do
      {list,
       fn
         acc, {:cont, item} -> Linked.push(acc, item)
         acc, :done -> acc
         _, :halt -> :ok
       end}
    end
  end

  defimpl Inspect do
    import Inspect.Algebra

    def inspect(list, opts) do
      concat(["#Linked<", to_doc(Linked.to_list(list), opts), ">"])
    end
  end
end
