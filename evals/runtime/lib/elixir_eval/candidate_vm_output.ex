defmodule ElixirEval.CandidateVm.Output do
  @moduledoc """
  The group leader of a candidate's processes: what they print is written to the host's.

  A request of the I/O protocol may name a function to call, so requests stay in this VM; bytes
  cross, in one direction, without waiting (`{:write, …}`). Reading asks the host and waits for its
  answer. One process stands for each group leader of the host.
  """

  alias ElixirEval.Handles

  @doc "Makes the group leader that stands for the host's number `id` the caller's."
  def lead(id) do
    pid =
      case :ets.lookup(Handles, {:leader_of, id}) do
        [{_, pid}] ->
          pid

        [] ->
          context = Handles.context()
          pid = spawn(fn -> serve(id, context, %{}) end)
          :ets.insert(Handles, {{:leader_of, id}, pid})
          pid
      end

    Process.group_leader(self(), pid)
  end

  @doc "Delivers the host's answer to a read."
  def input({pid, ref}, reply) when is_pid(pid), do: send(pid, {:input, ref, reply})
  def input(_, _), do: :ok

  @doc "A group leader that swallows everything."
  def sink do
    receive do
      {:io_request, from, ref, request} ->
        {answer, _} = answer(request)
        send(from, {:io_reply, ref, answer})

      _ ->
        :ok
    end

    sink()
  end

  defp serve(id, context, reads) do
    reads =
      receive do
        {:io_request, from, ref, request} ->
          case answer(request) do
            {{:ask, question}, _} ->
              emit(context, {:read, id, {self(), ref}, question})
              Map.put(reads, ref, from)

            {answer, writes} ->
              for {encoding, bytes} <- writes, do: emit(context, {:write, id, encoding, bytes})
              send(from, {:io_reply, ref, answer})
              reads
          end

        {:input, ref, reply} ->
          {from, reads} = Map.pop(reads, ref)
          if from, do: send(from, {:io_reply, ref, reply})
          reads

        _ ->
          reads
      end

    serve(id, context, reads)
  end

  defp emit(context, term), do: send(context.bridge, {context.tag, :control, term})

  # The answer, and what is to be written.
  defp answer({:put_chars, encoding, chars}), do: put(encoding, chars)

  defp answer({:put_chars, encoding, module, name, arguments}) do
    put(encoding, apply(module, name, arguments))
  rescue
    _ -> {{:error, :put_chars}, []}
  end

  defp answer({:put_chars, chars}), do: put(:latin1, chars)

  defp answer({:requests, requests}) do
    Enum.reduce(requests, {:ok, []}, fn request, {_, writes} ->
      {answer, more} = answer(request)
      {answer, writes ++ more}
    end)
  end

  defp answer({:get_line, encoding, prompt}), do: ask({:get_line, encoding, prompt(prompt)})

  defp answer({:get_chars, encoding, prompt, count}),
    do: ask({:get_chars, encoding, prompt(prompt), count})

  defp answer({:setopts, _}), do: {:ok, []}
  defp answer(:getopts), do: {[binary: true, encoding: :unicode], []}
  defp answer({:get_geometry, _}), do: {{:error, :enotsup}, []}
  defp answer(_), do: {{:error, :request}, []}

  defp ask(question), do: {{:ask, question}, []}

  defp prompt(prompt) do
    IO.chardata_to_string(prompt)
  rescue
    _ -> ""
  end

  defp put(:unicode, chars) do
    case :unicode.characters_to_binary(chars, :unicode) do
      binary when is_binary(binary) -> {:ok, [{:unicode, binary}]}
      _ -> {{:error, {:no_translation, :unicode, :unicode}}, []}
    end
  end

  defp put(:latin1, chars) do
    {:ok, [{:latin1, IO.iodata_to_binary(chars)}]}
  rescue
    _ -> {{:error, :put_chars}, []}
  end
end
