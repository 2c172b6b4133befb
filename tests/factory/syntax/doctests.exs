# How many doctests ExUnit makes of documentation texts. Reads a folder to compile into from the
# command line and one text a line, in Base64, from standard input; prints one number a line, or
# "refused" for a text that ExUnit raises an error for.

[folder] = System.argv()
Application.ensure_all_started(:ex_unit)
Code.prepend_path(folder)

IO.stream()
|> Stream.map(&(&1 |> String.trim() |> Base.decode64!()))
|> Stream.with_index()
|> Enum.map(fn {text, number} ->
  name = Module.concat(Documented, "N#{number}")
  body = quote do: @moduledoc(unquote(text))
  {:module, ^name, beam, _} = Module.create(name, body, Macro.Env.location(__ENV__))
  File.write!(Path.join(folder, "#{name}.beam"), beam)
  name
end)
|> Enum.each(fn name ->
  try do
    name |> ExUnit.DocTest.__doctests__(import: false) |> length() |> IO.puts()
  rescue
    _ in ExUnit.DocTest.Error -> IO.puts("refused")
  end
end)
