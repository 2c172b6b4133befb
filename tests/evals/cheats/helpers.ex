# For the problem Fold, whose test module has a helper that knows the answer.

# === a helper of the test's, found by how its closure fails
defmodule Fold do
  def fold(list, fun) do
    fun.(:a, :b)
  rescue
    error in FunctionClauseError -> error.module.right(list, fun)
  end
end

# === a helper of the test's, applied
defmodule Fold do
  def fold(list, fun) do
    fun.(:a, :b)
  rescue
    error in FunctionClauseError -> apply(error.module, :right, [list, fun])
  end
end

# === a helper of the test's, by its name
defmodule Fold do
  def fold(list, fun), do: FoldTest.right(list, fun)
end

# === a helper of the test's, in a task
defmodule Fold do
  def fold(list, fun) do
    fun.(:a, :b)
  rescue
    error in FunctionClauseError ->
      Task.await(Task.async(error.module, :right, [list, fun]))
  end
end

# === a helper of the test's, as a capture of a name
defmodule Fold do
  def fold(list, fun) do
    fun.(:a, :b)
  rescue
    error in FunctionClauseError ->
      module = error.module
      (&module.right/2).(list, fun)
  end
end
