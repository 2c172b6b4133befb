# Reads lines "VERSION<TAB>REQUIREMENT" and prints what Elixir's Version makes of each:
# version valid, requirement valid, matches with and without allow_pre; 0, 1 or - for each.
bit = fn true -> "1"; false -> "0" end

for line <- IO.stream(:stdio, :line) do
  [version, requirement] = line |> String.trim_trailing("\n") |> String.split("\t")
  parsed = Version.parse(version)
  required = Version.parse_requirement(requirement)

  matches =
    case {parsed, required} do
      {{:ok, v}, {:ok, r}} ->
        bit.(Version.match?(v, r, allow_pre: false)) <> bit.(Version.match?(v, r))

      _ ->
        "--"
    end

  IO.puts(bit.(parsed != :error) <> bit.(required != :error) <> matches)
end
