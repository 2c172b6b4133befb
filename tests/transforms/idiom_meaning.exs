# Reads lines of `id <tab> before <tab> after <tab> calls` (in base64; one call a line) from the file
# named first, runs every call on both texts, and prints `id <tab> equal`, or `id <tab>` and the
# first call with what came of it before and after.
#
# A text is the inside of a module. What it can call besides its own functions says when it is
# called: `t(tag, value)` gives the value back, `a/1`, `b/2` and `c/3` give lists of their arguments.
# So two runs are equal only when the same calls happened in the same order, with the same result
# or the same kind of error.

Code.compiler_options(ignore_module_conflict: true)

defmodule IdiomMeaning do
  @tracing """
  def t(tag, value) do
    Process.put(:trace, [tag | Process.get(:trace, [])])
    value
  end

  def a(one), do: t({:a, one}, [one])
  def b(one, two), do: t({:b, one, two}, [one, two])
  def c(one, two, three), do: t({:c, one, two, three}, [one, two, three])
  """

  def compare(id, before, later, calls) do
    one = compile("Before#{id}", before)
    two = compile("After#{id}", later)

    Enum.find_value(calls, "equal", fn call ->
      first = run(one, call)
      second = run(two, call)
      if first != second, do: "#{call}: #{inspect(first)} became #{inspect(second)}"
    end)
  end

  defp compile(name, text) do
    Code.eval_string("defmodule #{name} do\n#{@tracing}\n#{text}\nend")
    name
  end

  defp run(module, call) do
    Process.put(:trace, [])

    outcome =
      try do
        {result, _} = Code.eval_string("#{module}.#{call}")
        {:ok, result}
      catch
        :error, %struct{} -> {:error, struct}
        kind, reason -> {kind, reason}
      end

    {outcome, Enum.reverse(Process.get(:trace))}
  end
end

[path] = System.argv()

for line <- File.stream!(path) do
  [id | parts] = line |> String.trim_trailing("\n") |> String.split("\t")
  [before, later, calls] = Enum.map(parts, &Base.decode64!/1)
  verdict = IdiomMeaning.compare(id, before, later, String.split(calls, "\n"))
  IO.puts("#{id}\t#{verdict}")
end
