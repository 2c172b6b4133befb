defmodule ElixirEval.Style do
  @moduledoc """
  Whether a source is formatted as `mix format` would leave it.

  Only the formatter's defaults are known here: a candidate has no `.formatter.exs`.
  """

  @seconds 2

  @doc "`true`, `false`, or `nil` when the source does not parse or takes too long."
  def formatted?(source) do
    me = self()
    ref = make_ref()
    heap = %{size: 8_000_000, kill: true, error_logger: false, include_shared_binaries: true}

    {pid, monitor} =
      :erlang.spawn_opt(fn -> send(me, {ref, check(source)}) end, [
        :monitor,
        # A usual source is formatted within it, without collecting garbage.
        min_heap_size: 250_000,
        max_heap_size: heap
      ])

    receive do
      {^ref, answer} ->
        Process.demonitor(monitor, [:flush])
        answer

      {:DOWN, ^monitor, _, _, _} ->
        nil
    after
      @seconds * 1000 ->
        Process.exit(pid, :kill)
        Process.demonitor(monitor, [:flush])
        nil
    end
  end

  defp check(source) do
    formatted = IO.iodata_to_binary(Code.format_string!(source, emit_warnings: false))
    # A missing newline at the end is what completions have; it is no one's style.
    source == formatted or source == formatted <> "\n"
  rescue
    _ -> nil
  end
end
