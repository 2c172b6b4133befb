defmodule ElixirEval.Gate.Source do
  @moduledoc """
  Parses a candidate's source with its size and the atoms that it makes bounded.

  Every name in a source becomes an atom, and atoms are never freed. A source may bring only so many
  that the VM does not know; one that needs more is parsed where it does no harm, in the candidate's
  own VM. Columns are kept: by them `ElixirEval.Tracer` knows what the candidate wrote.
  """

  @bytes 100_000
  @new_atoms 2_000

  @type diagnostic :: %{message: String.t(), line: non_neg_integer}

  @doc "The syntax tree, a diagnostic as a compiler would give it, or why it is not parsed here."
  @spec parse(binary) ::
          {:ok, Macro.t()} | {:compile_error, [diagnostic]} | {:two_vms, String.t()}
  def parse(source) when byte_size(source) > @bytes, do: {:two_vms, "the source is too long"}

  def parse(source) do
    cond do
      not String.valid?(source) ->
        {:compile_error, [%{message: "the source is not valid UTF-8", line: 1}]}

      # The parser takes quadratic time for `A.A.A…`: ten seconds at this size.
      Regex.match?(~r/(?:\w\s*\.\s*\w*){500}/, source) ->
        {:two_vms, "the source chains too many names"}

      true ->
        Process.put({__MODULE__, :new_atoms}, 0)
        quoted(source)
    end
  after
    Process.delete({__MODULE__, :new_atoms})
  end

  defp quoted(source) do
    options = [columns: true, emit_warnings: false, static_atoms_encoder: &atom/2]

    case Code.string_to_quoted(source, options) do
      {:ok, ast} ->
        if sigils(source) > @new_atoms,
          do: {:two_vms, "the source makes too many atoms"},
          else: {:ok, ast}

      {:error, {_, "too many atoms" <> _, _}} ->
        {:two_vms, "the source makes too many atoms"}

      {:error, {meta, message, token}} ->
        {:compile_error,
         [%{message: text(message, token), line: Keyword.get(List.wrap(meta), :line, 0)}]}
    end
  rescue
    error -> {:compile_error, [%{message: Exception.message(error), line: 0}]}
  end

  defp atom(name, _meta) do
    {:ok, String.to_existing_atom(name)}
  rescue
    ArgumentError ->
      made = Process.get({__MODULE__, :new_atoms})

      if made >= @new_atoms or byte_size(name) > 255 do
        {:error, "too many atoms"}
      else
        Process.put({__MODULE__, :new_atoms}, made + 1)
        {:ok, String.to_atom(name)}
      end
  end

  # The tokenizer makes the names of sigils itself.
  defp sigils(source), do: source |> :binary.matches("~") |> length()

  defp text({before, later}, token), do: "#{before}#{token}#{later}"
  defp text(message, token), do: "#{message}#{token}"
end
