# capabilities:
defmodule Printer do
  def hello(name) do
    IO.puts("Hello, #{name}!")
    IO.inspect(name, label: "name")
    :io.format("~p~n", [name])
    name |> String.upcase() |> tap(&IO.puts/1)
  end

  def table(rows) do
    for {k, v} <- rows, do: IO.write([String.pad_trailing(to_string(k), 8), " ", to_string(v), ?\n])
    :ok
  end
end
