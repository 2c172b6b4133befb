defmodule ElixirEval.Output do
  @moduledoc """
  What a candidate prints: a group leader that counts all of it and keeps the beginning.

  One such process serves one candidate as group leader and as `:standard_error`. It answers the I/O protocol, reads nothing (every read is at the end of input), and runs no function
  that a request names, save Erlang's own formatting: the protocol would let anybody run code here.
  """

  @kept 8 * 1024

  @doc """
  Start one that allows `limit` bytes. Over it, `notify`, `{pid, ref}`, is sent
  `{ref, :too_much_output}` once.
  """
  def start(limit, notify, heap_words \\ 4_000_000) do
    heap = %{size: heap_words, kill: true, error_logger: false, include_shared_binaries: true}

    :erlang.spawn_opt(
      fn -> loop(%{limit: limit, notify: notify, total: 0, kept: [], room: @kept}) end,
      max_heap_size: heap,
      message_queue_data: :on_heap
    )
  end

  @doc "What was printed so far, cut to the first kilobytes; any bytes."
  def text(pid) do
    monitor = Process.monitor(pid)
    send(pid, {__MODULE__, self(), monitor})

    receive do
      {^monitor, text} ->
        Process.demonitor(monitor, [:flush])
        text

      {:DOWN, ^monitor, _, _, _} ->
        ""
    after
      1_000 ->
        Process.demonitor(monitor, [:flush])
        ""
    end
  end

  @doc "Let the name of a standard device (`:standard_error`, `:user`) lead to `pid`."
  def take_over(name, pid) do
    if Process.whereis(name) != pid do
      if Process.whereis(name), do: Process.unregister(name)
      Process.register(pid, name)
    end

    :ok
  end

  defp loop(state) do
    receive do
      {:io_request, from, tag, request} when is_pid(from) ->
        {reply, state} = answer(request, state)
        send(from, {:io_reply, tag, reply})
        loop(state)

      {__MODULE__, from, ref} when is_pid(from) ->
        send(from, {ref, state.kept |> Enum.reverse() |> IO.iodata_to_binary()})
        loop(state)

      _ ->
        loop(state)
    end
  end

  defp answer({:put_chars, encoding, text}, state), do: put(encoding, text, state)
  defp answer({:put_chars, text}, state), do: put(:latin1, text, state)

  defp answer({:put_chars, encoding, :io_lib, :format, [format, arguments]}, state) do
    put(encoding, :io_lib.format(format, arguments), state)
  catch
    _, _ -> {{:error, :format}, state}
  end

  defp answer({:requests, requests}, state) when is_list(requests) do
    Enum.reduce_while(requests, {:ok, state}, fn request, {_, state} ->
      case answer(request, state) do
        {{:error, _}, _} = failed -> {:halt, failed}
        done -> {:cont, done}
      end
    end)
  catch
    _, _ -> {{:error, :request}, state}
  end

  defp answer({:setopts, _}, state), do: {:ok, state}
  defp answer(:getopts, state), do: {[binary: true, encoding: :unicode], state}
  defp answer({:get_geometry, _}, state), do: {{:error, :enotsup}, state}

  defp answer(request, state)
       when is_tuple(request) and
              elem(request, 0) in [:get_line, :get_chars, :get_until, :get_password],
       do: {:eof, state}

  defp answer(_, state), do: {{:error, :request}, state}

  defp put(encoding, text, state) do
    case bytes(encoding, text) do
      {:ok, bytes} -> {:ok, counted(bytes, state)}
      :error -> {{:error, :put_chars}, state}
    end
  end

  # `IO.binwrite` comes as latin1 and means bytes.
  defp bytes(_, text) when is_binary(text), do: {:ok, text}

  defp bytes(:unicode, text) do
    case :unicode.characters_to_binary(text) do
      bytes when is_binary(bytes) -> {:ok, bytes}
      _ -> :error
    end
  catch
    _, _ -> :error
  end

  defp bytes(_, text) do
    {:ok, IO.iodata_to_binary(text)}
  rescue
    _ -> bytes(:unicode, text)
  end

  defp counted(bytes, state) do
    size = byte_size(bytes)
    total = state.total + size

    if total > state.limit and state.total <= state.limit do
      {pid, ref} = state.notify
      send(pid, {ref, :too_much_output})
    end

    taken = min(size, state.room)

    kept =
      if taken > 0,
        do: [:binary.copy(binary_part(bytes, 0, taken)) | state.kept],
        else: state.kept

    %{state | total: total, kept: kept, room: state.room - taken}
  end
end
