# check: Pair.depth(nil) == 0
# check: Pair.depth({1, {2, nil, nil}, nil}) == 2

# idiomatic
defmodule Pair do
  def depth(nil), do: 0
  def depth({_, left, right}), do: 1 + max(depth(left), depth(right))
end

# plain
defmodule Pair do
  def depth(tree) do
    if is_nil(tree) do
      0
    else
      left_depth = depth(elem(tree, 1))
      right_depth = depth(elem(tree, 2))

      if left_depth > right_depth do
        left_depth + 1
      else
        right_depth + 1
      end
    end
  end
end
