# check: Pair.any_negative?([1, -1]) == true
# check: Pair.any_negative?([1]) == false

# idiomatic
defmodule Pair do
  def any_negative?(numbers), do: Enum.any?(numbers, &(&1 < 0))
end

# plain
defmodule Pair do
  def any_negative?(numbers) do
    try do
      Enum.each(numbers, fn n ->
        if n < 0 do
          throw(:found)
        end
      end)

      false
    catch
      :found -> true
    end
  end
end
