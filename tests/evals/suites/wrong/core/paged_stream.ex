# Wrong: fetches the first page before anyone asks for an element.
defmodule PagedStream do
  @moduledoc "Lazy streams of pages, resources, sorted sources and windows."

  @doc "The items of a service that answers in pages."
  def items(fetch, cursor) do
    case fetch.(cursor) do
      {:ok, items, nil} -> Stream.map(items, &{:ok, &1})
      {:ok, items, next} -> Stream.concat(Stream.map(items, &{:ok, &1}), items(fetch, next))
      {:error, reason} -> [{:error, reason}]
    end
  end

  @doc "The elements of a resource that is closed in any case."
  def with_resource(open, next, close) do
    Stream.resource(
      open,
      fn resource ->
        case next.(resource) do
          {:ok, element} -> {[element], resource}
          :done -> {:halt, resource}
        end
      end,
      close
    )
  end

  @doc "Two sorted sources as one."
  def merge_sorted(a, b) do
    Stream.unfold({take(a), take(b)}, fn
      {nil, nil} -> nil
      {{x, rest}, nil} -> {x, {take(rest), nil}}
      {nil, {y, rest}} -> {y, {nil, take(rest)}}
      {{x, rest}, {y, _} = other} when x <= y -> {x, {take(rest), other}}
      {other, {y, rest}} -> {y, {other, take(rest)}}
    end)
  end

  defp take([]), do: nil
  defp take([first | rest]), do: {first, rest}
  defp take(first..last//_step) when first > last, do: nil
  defp take(first..last//step), do: {first, (first + step)..last//step}

  @doc "All runs of `size` elements next to each other."
  def windows(enumerable, size) do
    Stream.transform(enumerable, {:queue.new(), 0}, fn element, {window, held} ->
      window = :queue.in(element, window)

      if held + 1 < size do
        {[], {window, held + 1}}
      else
        {[:queue.to_list(window)], {:queue.drop(window), held}}
      end
    end)
  end
end
