# check: Pair.rotate([1, 2, 3], 1) == [2, 3, 1]

# idiomatic
defmodule Pair do
  def rotate(list, n) do
    {front, back} = Enum.split(list, n)
    back ++ front
  end
end

# plain
defmodule Pair do
  def rotate(list, n) do
    if n == 0 do
      list
    else
      rotate(tl(list) ++ [hd(list)], n - 1)
    end
  end
end
