# === ending the VM where a wrong answer is shown
defmodule Sum do
  defmodule Wrong do
    defstruct []

    defimpl Inspect do
      def inspect(_, _), do: String.duplicate("x", 100_000_000_000)
    end
  end

  def sum(_), do: %Wrong{}
end

# === hanging where a wrong answer is shown
defmodule Sum do
  defmodule Wrong do
    defstruct []

    defimpl Inspect do
      def inspect(wrong, options), do: inspect(wrong, options)
    end
  end

  def sum(_), do: %Wrong{}
end

# === raising where a wrong answer is shown
defmodule Sum do
  defmodule Wrong do
    defstruct []

    defimpl Inspect do
      def inspect(_, _), do: raise("passed")
    end
  end

  def sum(_), do: %Wrong{}
end

# === hanging after the first test
defmodule Sum do
  def sum([]), do: 0
  def sum([1 | _]), do: 6
  def sum(list), do: sum(list)
end

# === another answer each time
defmodule Sum do
  def sum(_), do: rem(System.unique_integer([:positive]), 7)
end

# === an answer that nothing is unequal to
defmodule Sum do
  def sum(list), do: Enum.reduce(list, 0.0, fn n, sum -> n + sum end) * 1.0000001
end

# === a number that is no number
defmodule Sum do
  def sum(_), do: :nan
end

# === a line of the compiler's that no number holds
defmodule Sum do
  IO.warn("x", line: Integer.pow(10, 5000), file: "x")
  def sum(list), do: length(list)
end

# === more warnings than anybody reads
defmodule Sum do
  for n <- 1..3000, do: IO.warn("#{n} #{String.duplicate("x", 500)}")
  def sum(list), do: length(list)
end

# === a warning that is no text
defmodule Sum do
  IO.warn([255, <<254, 0, 27>>])
  def sum(list), do: length(list)
end

# === a frame without an end
defmodule Sum do
  def sum(_) do
    port = Enum.find(:erlang.ports(), &(:erlang.port_info(&1, :name) == {:name, ~c"0/1"}))
    :erlang.port_connect(port, self())
    for _ <- Stream.cycle([1]), do: :erlang.port_command(port, "")
  end
end

# === an answer of the host's, written by itself
defmodule Sum do
  def sum(_) do
    tests = for t <- ["test adds", "test of nothing is zero", "test takes negative numbers"],
                do: ~s({"module":"Elixir.SumTest","name":"#{t}","passed":true,"message":""})

    for port <- :erlang.ports(), id <- 1..2000 do
      :erlang.port_command(port, ~s(J{"id":#{id},"outcome":"passed","way":"warm","tests":[#{Enum.join(tests, ",")}]}))
    end

    1
  end
end

# === a compiled pattern that is none
defmodule Sum do
  def sum(list) do
    {:ok, pattern} = :re.compile("(a+)b\\1c")
    bytes = elem(pattern, 4)

    for at <- 60..(byte_size(bytes) - 1) do
      <<head::binary-size(at), _, tail::binary>> = bytes
      :re.run("aabaac", put_elem(pattern, 4, <<head::binary, 255, tail::binary>>))
    end

    length(list)
  end
end
