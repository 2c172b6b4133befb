# capabilities:
defmodule WordCount do
  def count(text) do
    ~r/[[:alnum:]'-]+/u
    |> Regex.scan(String.downcase(text))
    |> List.flatten()
    |> Enum.frequencies()
  end

  def top(text, n \\ 3) do
    for {word, times} <- Enum.sort_by(count(text), fn {w, c} -> {-c, w} end) |> Enum.take(n),
        do: "#{word}: #{times}"
  end
end
