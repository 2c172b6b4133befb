defmodule Hostile do
  alias ElixirEval.{Proxy, Wire}

  # Frames as a candidate VM would encode them, with holes for bytes: `{:raw, bytes}`.
  def enc({:raw, bytes}), do: bytes
  def enc(tuple) when is_tuple(tuple), do: <<?u, tuple_size(tuple)>> <> each(Tuple.to_list(tuple))
  def enc([]), do: "["
  def enc(list) when is_list(list), do: <<?l, length(list)::32>> <> each(list)

  def enc(map) when is_map(map),
    do: <<?M, map_size(map)::32>> <> each(Enum.flat_map(Map.to_list(map), &Tuple.to_list/1))

  def enc(atom) when is_atom(atom) do
    name = Atom.to_string(atom)
    <<?a, byte_size(name)>> <> name
  end

  def enc(other), do: Wire.encode(other, %{side: :candidate})

  defp each(list), do: Enum.map_join(list, &enc/1)

  def host_pid(id), do: {:raw, <<?p, 1, id::32>>}
  def my_pid(id), do: {:raw, <<?p, 0, id::32>>}
  def my_fun(id, arity), do: {:raw, <<?h, 0, id::32, arity>>}

  def module(name, functions, more \\ %{}) do
    Map.merge(
      %{name: name, functions: functions, macros: [], struct: nil, implements: nil},
      more
    )
  end

  # A session with proxies for `modules`; frames that the host sends come as `{:sent, frame}`.
  def open(modules, limits \\ %{}) do
    test = self()
    channel = System.unique_integer([:positive])

    send_frame = fn frame ->
      send(test, {:sent, frame})

      if match?(<<?u, 3, ?a, 4, "load", _::binary>>, frame),
        do: Proxy.frame(channel, enc({:loaded, modules, []}))
    end

    case Proxy.open(channel, "source", send_frame, limits) do
      {:ok, session, names} ->
        receive do: ({:sent, <<?u, 3, ?a, 4, "load", _::binary>>} -> :ok)
        {session, names}

      other ->
        other
    end
  end

  def feed(session, term), do: Proxy.frame(session, enc(term))

  # How the session stands when the bridge has handled all that it was sent.
  def settled(session) do
    case Process.info(session.bridge, [:message_queue_len, :status]) do
      [message_queue_len: 0, status: :waiting] -> Proxy.status(session)
      nil -> {:lost, :closed}
      _ -> Process.sleep(1) && settled(session)
    end
  end

  # Makes the host know this process (number of the pid in the host's table is returned) by calling
  # across, and answers the call with `answer` (a list of frames made from pid bytes and call id).
  def answering(session, arguments, answer) do
    caller =
      Task.async(fn -> try do: {:ok, apply(Cand, :f, arguments)}, catch: (k, r -> {k, r}) end)

    receive do
      {:sent, <<?u, 6, ?a, 4, "call", ?p, 0, pid::32, rest::binary>>} ->
        id =
          case rest do
            <<?i, id::signed-8, _::binary>> -> id
            <<?I, id::signed-32, _::binary>> -> id
          end

        for frame <- answer.(host_pid(pid), id), do: feed(session, frame)
    after
      2_000 -> raise "no call came"
    end

    Task.await(caller)
  end

  def moved, do: {false, [], nil, [], []}
  def return(pid, id, result), do: {:return, pid, id, result, moved()}

  def check(name, true), do: IO.puts("held: #{name}")
  def check(name, other), do: IO.puts("BROKEN: #{name}: #{inspect(other)}")
end
