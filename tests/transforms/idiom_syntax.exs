# Reads lines of `id <tab> before <tab> after` (both in base64) from the file named first, and
# prints one line for each: `id <tab> verdict ...` with the verdicts that hold:
#
#   parses    both texts are Elixir
#   same      both are the same syntax tree once pipes are expanded and captures are functions
#   stable    mix format leaves the second text as it is

defmodule IdiomSyntax do
  def verdicts(before, later) do
    with {:ok, one} <- Code.string_to_quoted(before),
         {:ok, two} <- Code.string_to_quoted(later) do
      same = if plain(one) == plain(two), do: ["same"], else: []
      formatted = later |> Code.format_string!() |> IO.iodata_to_binary()
      stable = if formatted == String.trim_trailing(later), do: ["stable"], else: []
      ["parses" | same ++ stable]
    else
      _ -> []
    end
  end

  defp plain(tree) do
    tree
    |> Macro.prewalk(&expand/1)
    |> Macro.prewalk(fn
      {name, _meta, arguments} -> {name, [], arguments}
      other -> other
    end)
  end

  defp expand({:|>, _, [_, _]} = pipe) do
    [{first, _} | steps] = Macro.unpipe(pipe)
    Enum.reduce(steps, first, fn {step, position}, value -> Macro.pipe(value, step, position) end)
  end

  defp expand({:__block__, _, [only]}), do: only
  defp expand(other), do: other
end

[path] = System.argv()

for line <- File.stream!(path) do
  [id, before, later] = line |> String.trim_trailing("\n") |> String.split("\t")
  verdicts = IdiomSyntax.verdicts(Base.decode64!(before), Base.decode64!(later))
  IO.puts(Enum.join([id | verdicts], "\t"))
end
