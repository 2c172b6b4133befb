defmodule ElixirEval.Wire do
  @moduledoc """
  Terms as bytes, for the pipe between the host VM and a candidate VM.

  The encoding is our own, because `:erlang.binary_to_term/2` makes of hostile bytes whatever
  they say: atoms, functions, references to anything, terms a thousand times the size of their
  bytes. Every value is a tag byte and what the tag calls for:

      i I B      integer of 1 byte, 4 bytes, or sign, length and bytes     f  float
      t F n o    true, false, nil, :ok       a A  atom (length of 1 or 2 bytes, UTF-8)
      s b c      binary (length of 1 or 4 bytes), bitstring
      [ l m      [], list, improper list     u T  tuple (size of 1 or 4 bytes)     M  map
      p r h      pid, reference, function: whose it is, its number (and arity)
      x          a captured function: module, name, arity     R  regex: source and options

  What `decode/2` guarantees, for any bytes at all: it returns `{:ok, term}` or `{:error, reason}`,
  nothing is left over, no more words, atoms and handles are made than `t:budget/0` still has,
  nesting is bounded, and nothing is shared (a term is at most a constant times its bytes).

  For the host VM (`side: :host`) it also guarantees that a term cannot make trusted code run
  something of the sender's choosing in the host: captured functions run on the side that captured them, and
  `ElixirEval.Wire.Guard` looks at every tuple and map.
  """

  alias ElixirEval.Handles
  alias ElixirEval.Wire.Guard

  @typedoc "Counters of what may still be made: 1 words, 2 new atoms, 3 handles."
  @type budget :: :counters.counters_ref()

  @max_depth 200_000
  @max_integer_bytes 131_072
  @max_regex_bytes 65_536

  @doc "A budget of so many words of memory, new atoms, and handles (a reference
  is 1, a process 10)."
  def budget(words, atoms, handles) do
    counters = :counters.new(3, [])
    :counters.put(counters, 1, words)
    :counters.put(counters, 2, atoms)
    :counters.put(counters, 3, handles)
    counters
  end

  # -- encoding --------------------------------------------------------------------------------

  @doc "Encodes any term."
  def encode(term, context), do: enc(term, <<>>, context)

  defp enc(int, acc, _) when is_integer(int) and int >= -128 and int < 128,
    do: <<acc::binary, ?i, int::signed-8>>

  defp enc(int, acc, _) when is_integer(int) and int >= -0x80000000 and int < 0x80000000,
    do: <<acc::binary, ?I, int::signed-32>>

  defp enc(int, acc, _) when is_integer(int) do
    bytes = :binary.encode_unsigned(abs(int))
    sign = if int < 0, do: 1, else: 0
    <<acc::binary, ?B, sign, byte_size(bytes)::32, bytes::binary>>
  end

  defp enc(float, acc, _) when is_float(float), do: <<acc::binary, ?f, float::float-64>>
  defp enc(true, acc, _), do: <<acc::binary, ?t>>
  defp enc(false, acc, _), do: <<acc::binary, ?F>>
  defp enc(nil, acc, _), do: <<acc::binary, ?n>>
  defp enc(:ok, acc, _), do: <<acc::binary, ?o>>

  defp enc(atom, acc, context) when is_atom(atom) do
    name = Atom.to_string(atom)
    if match?("Elixir." <> _, name), do: Handles.expose(atom, context)

    case name do
      name when byte_size(name) < 256 -> <<acc::binary, ?a, byte_size(name), name::binary>>
      name -> <<acc::binary, ?A, byte_size(name)::16, name::binary>>
    end
  end

  defp enc(bin, acc, _) when is_binary(bin) and byte_size(bin) < 256,
    do: <<acc::binary, ?s, byte_size(bin), bin::binary>>

  defp enc(bin, acc, _) when is_binary(bin),
    do: <<acc::binary, ?b, byte_size(bin)::32, bin::binary>>

  defp enc(bits, acc, _) when is_bitstring(bits) do
    pad = 8 * byte_size(bits) - bit_size(bits)
    <<acc::binary, ?c, pad, byte_size(bits)::32, bits::bitstring, 0::size(pad)>>
  end

  defp enc([], acc, _), do: <<acc::binary, ?[>>

  defp enc(list, acc, context) when length(list) > 0,
    do: enc_each(list, <<acc::binary, ?l, length(list)::32>>, context)

  defp enc(list, acc, context) when is_list(list) do
    {elements, tail} = split_improper(list, [])
    acc = enc_each(elements, <<acc::binary, ?m, length(elements)::32>>, context)
    enc(tail, acc, context)
  end

  defp enc(tuple, acc, context) when is_tuple(tuple) and tuple_size(tuple) < 256,
    do: enc_each(Tuple.to_list(tuple), <<acc::binary, ?u, tuple_size(tuple)>>, context)

  defp enc(tuple, acc, context) when is_tuple(tuple),
    do: enc_each(Tuple.to_list(tuple), <<acc::binary, ?T, tuple_size(tuple)::32>>, context)

  defp enc(%{__struct__: Regex, source: source, opts: opts} = regex, acc, context)
       when is_binary(source) and is_map_key(regex, :re_pattern),
       do: enc({source, opts}, <<acc::binary, ?R>>, context)

  defp enc(map, acc, context) when is_map(map) do
    Enum.reduce(:maps.to_list(map), <<acc::binary, ?M, map_size(map)::32>>, fn {key, value},
                                                                               acc ->
      enc(value, enc(key, acc, context), context)
    end)
  end

  defp enc(pid, acc, context) when is_pid(pid),
    do: handle(?p, Handles.name_pid(pid, context), acc)

  defp enc(ref, acc, context) when is_reference(ref) or is_port(ref),
    do: handle(?r, Handles.name_ref(ref, context), acc)

  defp enc(fun, acc, context) when is_function(fun) do
    {:arity, arity} = Function.info(fun, :arity)

    with {:type, :external} <- Function.info(fun, :type),
         {:module, module} = Function.info(fun, :module),
         true <- Handles.pure?(module) or Handles.candidate_module?(module) do
      {:name, name} = Function.info(fun, :name)
      enc({module, name, arity}, <<acc::binary, ?x>>, context)
    else
      _ -> <<handle(?h, Handles.name_fun(fun, context), acc)::binary, arity>>
    end
  end

  defp enc_each([], acc, _), do: acc
  defp enc_each([head | tail], acc, context), do: enc_each(tail, enc(head, acc, context), context)

  defp split_improper([head | tail], acc), do: split_improper(tail, [head | acc])
  defp split_improper(tail, acc), do: {Enum.reverse(acc), tail}

  defp handle(tag, {:mine, id}, acc), do: <<acc::binary, tag, 0, id::32>>
  defp handle(tag, {:theirs, id}, acc), do: <<acc::binary, tag, 1, id::32>>

  # -- decoding --------------------------------------------------------------------------------

  @doc """
  Decodes one whole frame; only the bridge calls this. `context` needs `:budget` and `:side`.
  """
  def decode(binary, context) do
    case dec(binary, @max_depth, context) do
      {term, <<>>} -> {:ok, term}
      {_, _} -> {:error, "bytes after the end of a term"}
    end
  catch
    {:wire, reason} -> {:error, reason}
  end

  defp dec(_, 0, _), do: refuse("a term is nested too deeply")
  defp dec(<<?i, int::signed-8, rest::binary>>, _, _), do: {int, rest}
  defp dec(<<?I, int::signed-32, rest::binary>>, _, _), do: {int, rest}

  defp dec(<<?B, sign, size::32, bytes::binary-size(size), rest::binary>>, _, context)
       when sign < 2 and size <= @max_integer_bytes do
    charge(context, 1, div(size, 8) + 2)
    int = :binary.decode_unsigned(bytes)
    {if(sign == 1, do: -int, else: int), rest}
  end

  defp dec(<<?f, float::float-64, rest::binary>>, _, context) do
    charge(context, 1, 2)
    {float, rest}
  end

  defp dec(<<?t, rest::binary>>, _, _), do: {true, rest}
  defp dec(<<?F, rest::binary>>, _, _), do: {false, rest}
  defp dec(<<?n, rest::binary>>, _, _), do: {nil, rest}
  defp dec(<<?o, rest::binary>>, _, _), do: {:ok, rest}

  defp dec(<<?a, size, name::binary-size(size), rest::binary>>, _, context),
    do: {to_atom(name, context), rest}

  defp dec(<<?A, size::16, name::binary-size(size), rest::binary>>, _, context)
       when size <= 1020,
       do: {to_atom(name, context), rest}

  # Copied: a slice would keep its whole frame alive.
  defp dec(<<?s, size, bin::binary-size(size), rest::binary>>, _, context) do
    charge(context, 1, div(size, 8) + 3)
    {:binary.copy(bin), rest}
  end

  defp dec(<<?b, size::32, bin::binary-size(size), rest::binary>>, _, context) do
    charge(context, 1, div(size, 8) + 10)
    {:binary.copy(bin), rest}
  end

  defp dec(<<?c, pad, size::32, bin::binary-size(size), rest::binary>>, _, context)
       when pad > 0 and pad < 8 and size > 0 do
    charge(context, 1, div(size, 8) + 10)
    length = 8 * size - pad
    <<bits::bitstring-size(length), _::bitstring>> = :binary.copy(bin)
    {bits, rest}
  end

  defp dec(<<?[, rest::binary>>, _, _), do: {[], rest}

  defp dec(<<?l, count::32, rest::binary>>, depth, context) do
    size(context, count, rest, 2)
    dec_each(rest, count, [], depth - 1, context)
  end

  defp dec(<<?m, count::32, rest::binary>>, depth, context) when count > 0 do
    size(context, count, rest, 2)
    {elements, rest} = dec_each(rest, count, [], depth - 1, context)

    case dec(rest, depth - 1, context) do
      {tail, _} when is_list(tail) -> refuse("an improper list with a list as its tail")
      {tail, rest} -> {elements ++ tail, rest}
    end
  end

  defp dec(<<?u, count, rest::binary>>, depth, context),
    do: dec_tuple(rest, count, depth, context)

  defp dec(<<?T, count::32, rest::binary>>, depth, context),
    do: dec_tuple(rest, count, depth, context)

  defp dec(<<?M, count::32, rest::binary>>, depth, context) do
    size(context, 2 * count, rest, 3)
    {flat, rest} = dec_each(rest, 2 * count, [], depth - 1, context)
    {Guard.map(:maps.from_list(pairs(flat, [])), context), rest}
  end

  defp dec(<<?p, whose, id::32, rest::binary>>, _, context), do: {pid(whose, id, context), rest}
  defp dec(<<?r, whose, id::32, rest::binary>>, _, context), do: {ref(whose, id, context), rest}

  defp dec(<<?h, whose, id::32, arity, rest::binary>>, _, context),
    do: {fun(whose, id, arity, context), rest}

  defp dec(<<?x, rest::binary>>, depth, context) do
    case dec(rest, min(depth - 1, 3), context) do
      {{module, name, arity}, rest}
      when is_atom(module) and is_atom(name) and arity in 0..255 ->
        {captured(module, name, arity, context), rest}

      _ ->
        refuse("a malformed captured function")
    end
  end

  defp dec(<<?R, rest::binary>>, depth, context) do
    charge(context, 1, 2_000)

    with {{source, opts}, rest}
         when is_binary(source) and byte_size(source) <= @max_regex_bytes <-
           dec(rest, depth - 1, context),
         {:ok, regex} <- compile_regex(source, opts) do
      {regex, rest}
    else
      _ -> refuse("a malformed regular expression")
    end
  end

  defp dec(_, _, _), do: refuse("bytes that are no term")

  defp dec_tuple(rest, count, depth, context) do
    size(context, count, rest, 2)
    {elements, rest} = dec_each(rest, count, [], depth - 1, context)
    {Guard.tuple(List.to_tuple(elements), context), rest}
  end

  defp dec_each(rest, 0, acc, _, _), do: {Enum.reverse(acc), rest}

  defp dec_each(rest, count, acc, depth, context) do
    {element, rest} = dec(rest, depth, context)
    dec_each(rest, count - 1, [element | acc], depth, context)
  end

  defp pairs([], acc), do: acc
  defp pairs([key, value | rest], acc), do: pairs(rest, [{key, value} | acc])

  # Every element takes at least one byte, so a count beyond what is left is a lie; refusing it
  # before anything is made keeps the cost within the bytes that were really sent.
  defp size(context, count, rest, words) do
    if count > byte_size(rest), do: refuse("a count beyond the end of the frame")
    charge(context, 1, count * words + 1)
  end

  defp charge(%{budget: budget}, index, amount) do
    :counters.sub(budget, index, amount)

    if :counters.get(budget, index) < 0,
      do: refuse(elem({nil, "too much data", "too many new atoms", "too many handles"}, index))
  end

  defp to_atom(name, context) do
    :erlang.binary_to_existing_atom(name, :utf8)
  rescue
    ArgumentError ->
      charge(context, 2, 1)

      try do
        :erlang.binary_to_atom(name, :utf8)
      rescue
        _ -> refuse("a malformed atom")
      end

    _ ->
      refuse("a malformed atom")
  end

  defp pid(0, id, context) do
    if Handles.new_body?(id), do: charge(context, 3, 10)
    Handles.body(id, context)
  end

  defp pid(1, id, _) do
    case Handles.owned(:pid, id) do
      {:ok, pid} -> pid
      :error -> refuse("a process that was never given out")
    end
  end

  defp pid(_, _, _), do: refuse("a malformed process")

  defp ref(0, id, context) do
    if Handles.new_ref?(id), do: charge(context, 3, 1)
    Handles.ref(id)
  end

  defp ref(1, id, _) do
    case Handles.owned(:ref, id) do
      {:ok, ref} -> ref
      :error -> refuse("a reference that was never given out")
    end
  end

  defp ref(_, _, _), do: refuse("a malformed reference")

  defp fun(0, id, arity, context) do
    charge(context, 1, 8)
    if arity > Handles.max_arity(), do: refuse("a function of too many arguments")
    Handles.remote_fun(id, arity)
  end

  defp fun(1, id, arity, _) do
    case Handles.owned(:fun, id) do
      {:ok, fun} when is_function(fun, arity) -> fun
      _ -> refuse("a function that was never given out")
    end
  end

  defp fun(_, _, _, _), do: refuse("a malformed function")

  # In the host a capture may name a pure function (which the sender could have called itself) or
  # a function of a module that is a proxy there, that is, of the candidate's own. Everything else
  # crosses as a handle and runs on the side that captured it.
  defp captured(module, name, arity, %{side: :candidate}),
    do: Function.capture(module, name, arity)

  defp captured(module, name, arity, _) do
    if Handles.pure?(module) or Handles.candidate_module?(module),
      do: Function.capture(module, name, arity),
      else: refuse("a captured function of the host")
  end

  defp compile_regex(source, opts) when is_list(opts) or is_binary(opts) do
    Regex.compile(source, opts)
  rescue
    _ -> :error
  end

  defp compile_regex(_, _), do: :error

  @spec refuse(String.t()) :: no_return()
  defp refuse(reason), do: throw({:wire, reason})
end
