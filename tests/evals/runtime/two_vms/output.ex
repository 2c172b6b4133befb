defmodule Output do
  def hello, do: IO.puts("hello")
  def write(x), do: IO.write(x)
  def inspected(x), do: IO.inspect(x, label: "x")
  def err, do: IO.puts(:stderr, "bad")
  def ask, do: IO.gets("name? ")
  def raw, do: IO.binwrite(<<255, 254>>)
  def each(list), do: Enum.each(list, &IO.puts/1)

  def spawned do
    Task.await(Task.async(fn -> IO.puts("from a task") end))
  end

  def format, do: :io.format("~p~n", [{:a, 1}])
end
