defmodule ElixirEval.Proxy.Names do
  @moduledoc """
  Which names a candidate may bring into the host VM, and which processes of the host it may reach.

  A module that the host has, or could load, is never replaced. A registered name is mirrored only
  if neither Elixir nor OTP uses it, since library code in the host would then talk to a candidate.
  """

  # Registered by OTP and Elixir on first use, so absent from a host that has not used them.
  @lazy_names [
    :timer_server,
    :pg,
    :net_kernel,
    :net_sup,
    :auth,
    :global_group,
    :global_name_server,
    :erl_epmd,
    :dets,
    :dets_sup,
    :disk_log_server,
    :disk_log_sup,
    :inet_gethost_native,
    :inet_gethost_native_sup,
    :os_cmd_port_creator,
    :rex,
    :fixtable_server,
    :erl_reply,
    :slave,
    :pool_master,
    :dbg,
    :dtrace,
    :ttb,
    :mnesia_sup,
    :error_logger,
    :cover_server,
    :eunit_server,
    :user,
    :init,
    :undefined
  ]

  @reserved_prefixes ["Elixir.ElixirEval", "Elixir.ExUnit", "Elixir.Logger", "Elixir.Mix"]

  @doc "Whether a candidate's module of this name may become a proxy in the host."
  def free_module?(module) do
    not reserved?(module) and not :erlang.module_loaded(module) and not on_code_path?(module)
  end

  @doc "Whether a module was defined by the tests, as a helper that a candidate may be given."
  def exposable?(module) do
    :erlang.module_loaded(module) and not reserved?(module) and
      not ElixirEval.Handles.candidate_module?(module) and
      not function_exported?(module, :__ex_unit__, 0) and
      not function_exported?(module, :__ex_unit__, 1) and not on_code_path?(module)
  end

  @doc "Implementations of protocols, defined by the tests, for their own module `for`."
  def implementations(for) do
    suffix = "." <> (for |> Atom.to_string() |> String.replace_prefix("Elixir.", ""))

    for {module, _} <- :code.all_loaded(),
        String.ends_with?(Atom.to_string(module), suffix),
        exposable?(module),
        function_exported?(module, :__impl__, 1),
        do: module
  end

  @doc "Whether the host has a module or could load it."
  def host_module?(module), do: :erlang.module_loaded(module) or on_code_path?(module)

  @doc "Whether a module's name reads as an implementation of a protocol of the host."
  def below_protocol?(module) do
    case Module.split(module) do
      [_] ->
        false

      parts ->
        Enum.any?(1..(length(parts) - 1), fn count ->
          parent = parts |> Enum.take(count) |> existing()
          parent && host_module?(parent) && function_exported?(parent, :__protocol__, 1)
        end)
    end
  rescue
    ArgumentError -> false
  end

  defp existing(parts) do
    Module.safe_concat(parts)
  rescue
    ArgumentError -> nil
  end

  @doc "Whether a process may be registered in the host under a name that the candidate chose."
  def free_name?(name) do
    ElixirEval.Handles.candidate_module?(name) or
      (name not in @lazy_names and not reserved?(name) and not :erlang.module_loaded(name) and
         not on_code_path?(name) and not String.starts_with?(Atom.to_string(name), "logger"))
  end

  @doc "Whether a module that is not loaded lies on the code path. Loads nothing."
  def on_code_path?(module) do
    name = Atom.to_charlist(module)

    not List.ascii_printable?(name) or ?/ in name or
      :code.where_is_file(name ++ ~c".beam") != :non_existing
  end

  @doc "Whether a name is the grader's or the test framework's."
  def reserved?(module) do
    name = Atom.to_string(module)
    Enum.any?(@reserved_prefixes, &(name == &1 or String.starts_with?(name, &1 <> ".")))
  end

  @doc """
  Whether a message from the candidate may be delivered to a process of the host.

  Library processes act on messages: a supervisor calls the function that `start_child` names, an
  I/O server the one that `put_chars` names, `:sys` runs what a system message brings. None of
  these is ever delivered. What is left is what test code itself receives: plain messages, and
  calls and casts to servers whose callbacks are the test's.
  """
  def deliverable?(_, message) when is_tuple(message) and tuple_size(message) == 0, do: true

  def deliverable?(pid, message) when is_tuple(message) do
    case elem(message, 0) do
      kind when kind in [:system, :io_request, :file_request, :"$gen_all_state"] -> false
      kind when kind in [:"$gen_call", :"$gen_cast"] -> not applied?(message) and own?(pid)
      _ -> not library?(pid)
    end
  end

  def deliverable?(pid, _), do: not library?(pid)

  # What an agent applies. An agent names whoever started it as its initial call, so it is known
  # by the message alone; functions that come across run on the other side anyway.
  defp applied?({_, _, {_, {module, name, arguments}}}), do: applied?(module, name, arguments)
  defp applied?({_, {:cast, {module, name, arguments}}}), do: applied?(module, name, arguments)
  defp applied?(_), do: false

  defp applied?(module, name, arguments),
    do: is_atom(module) and is_atom(name) and is_list(arguments)

  defp own?(pid), do: not library?(pid)

  defp library?(pid) do
    case initial_module(pid) do
      nil -> false
      module -> library_module?(module)
    end
  end

  defp library_module?(module) do
    case :code.which(module) do
      path when is_list(path) -> path != [] and on_code_path?(module)
      :preloaded -> true
      _ -> false
    end
  end

  defp initial_module(pid) do
    with {:dictionary, dictionary} <- Process.info(pid, :dictionary),
         {:"$initial_call", {module, _, _}} <- List.keyfind(dictionary, :"$initial_call", 0) do
      if module in [Task.Supervised, :proc_lib, :erlang], do: nil, else: module
    else
      _ -> nil
    end
  end

  @doc """
  Whether the mailbox of the calling process stays where it is when a call crosses: a supervisor's
  holds what the test framework asks of it, and library code acts on what it finds there.
  """
  def keeps_mail?(%{side: :host}), do: supervisor?() or library?(self())
  def keeps_mail?(_), do: supervisor?()

  defp supervisor? do
    match?(
      {module, _, _} when module in [:supervisor, DynamicSupervisor],
      Process.get(:"$initial_call")
    )
  end
end
