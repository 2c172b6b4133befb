defmodule Trie do
  @moduledoc """
  A prefix tree from strings to values.

  A node is `{held, children}`: `held` is `{:ok, value}` or `:error`, `children` a map from
  graphemes to nodes.
  """

  @empty {:error, %{}}

  @doc "A trie without strings."
  def new, do: @empty

  @doc "Adds or replaces a value."
  def put(trie, string, value), do: put_at(trie, String.graphemes(string), value)

  defp put_at({_held, children}, [], value), do: {{:ok, value}, children}

  defp put_at({held, children}, [grapheme | rest], value) do
    child = Map.get(children, grapheme, @empty)
    {held, Map.put(children, grapheme, put_at(child, rest, value))}
  end

  @doc "The value of a string."
  def fetch(trie, string) do
    {held, _children} = descend(trie, String.graphemes(string))
    held
  end

  # The node that graphemes lead to, an empty one where they lead nowhere.
  defp descend(node, []), do: node

  defp descend({_held, children}, [grapheme | rest]) do
    children |> Map.get(grapheme, @empty) |> descend(rest)
  end

  @doc "Takes a string out, with the nodes that nothing else needs."
  def delete(trie, string), do: delete_at(trie, String.graphemes(string))

  defp delete_at({_held, children}, []), do: {:error, children}

  defp delete_at({held, children} = node, [grapheme | rest]) do
    case children do
      %{^grapheme => child} -> {held, keep(children, grapheme, delete_at(child, rest))}
      _without -> node
    end
  end

  defp keep(children, grapheme, child) when child == @empty, do: Map.delete(children, grapheme)
  defp keep(children, grapheme, child), do: Map.put(children, grapheme, child)

  @doc "All pairs whose string begins with a prefix, sorted."
  def with_prefix(trie, prefix) do
    trie |> descend(String.graphemes(prefix)) |> pairs(prefix)
  end

  defp pairs({held, children}, string) do
    below =
      children
      |> Enum.sort()
      |> Enum.flat_map(fn {grapheme, child} -> pairs(child, string <> grapheme) end)

    case held do
      {:ok, value} -> [{string, value} | below]
      :error -> below
    end
  end

  @doc "The longest string in the trie that a text begins with."
  def longest_prefix(trie, text), do: longest(trie, String.graphemes(text), "", nil)

  defp longest({held, children}, graphemes, string, found) do
    found =
      case held do
        {:ok, value} -> {string, value}
        :error -> found
      end

    with [grapheme | rest] <- graphemes,
         {:ok, child} <- Map.fetch(children, grapheme) do
      longest(child, rest, string <> grapheme, found)
    else
      _end -> found
    end
  end

  @doc "How many strings there are."
  def count({held, children}) do
    own = if held == :error, do: 0, else: 1
    Enum.reduce(children, own, fn {_grapheme, child}, sum -> sum + count(child) end)
  end

  @doc "How many nodes there are, with the root."
  def nodes({_held, children}) do
    Enum.reduce(children, 1, fn {_grapheme, child}, sum -> sum + nodes(child) end)
  end
end
