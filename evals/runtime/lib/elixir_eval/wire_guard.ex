defmodule ElixirEval.Wire.Guard do
  @moduledoc """
  What a value from a candidate VM must not make the host's trusted code do.

  Supervisors and `apply/3` call the function that a triple names; compiled regular expressions are
  run by native code; some structs open files when they are enumerated. In a candidate VM nothing is
  looked at.
  """

  alias ElixirEval.Handles

  @doc "A decoded tuple as the host may have it; throws `{:wire, reason}` for one that it may not."
  # A compiled pattern is run by native code that believes it.
  def tuple(tuple, %{side: :host}) when elem(tuple, 0) == :re_pattern,
    do: throw({:wire, "a compiled regular expression"})

  # Supervisors and `apply/3` call what such a triple names. One that names a function of the
  # host becomes one that runs in the candidate VM, save those that blame a call in an exit reason.
  def tuple({module, name, arguments} = triple, %{side: :host})
      when is_atom(module) and is_atom(name) and is_list(arguments) do
    if blame?(triple), do: triple, else: remote_triple(triple)
  end

  def tuple({id, {_, _, _} = triple, a, b, c, d}, %{side: :host}),
    do: {id, remote_triple(triple), a, b, c, d}

  def tuple(tuple, _), do: tuple

  defp blame?({GenServer, name, _}), do: name in [:call, :stop]
  defp blame?({:gen_server, name, _}), do: name in [:call, :stop]
  defp blame?({:gen_statem, name, _}), do: name in [:call, :stop]
  defp blame?({:gen, name, _}), do: name in [:call, :stop]
  defp blame?({Task, name, _}), do: name in [:await, :await_many]
  defp blame?(_), do: false

  @doc "A decoded map as the host may have it; throws `{:wire, reason}` for one that it may not."
  # Structs of the host whose protocols read and write files or devices.
  def map(%{__struct__: module}, %{side: :host})
      when module in [File.Stream, IO.Stream, Regex],
      do: throw({:wire, "a struct of #{inspect(module)}"})

  def map(%{start: {_, _, _} = triple} = map, %{side: :host}),
    do: %{map | start: remote_triple(triple)}

  def map(map, _), do: map

  defp remote_triple({ElixirEval.Proxy, :remote, [_, _, _]} = triple), do: triple

  defp remote_triple({module, name, arguments} = triple)
       when is_atom(module) and is_atom(name) and is_list(arguments) do
    cond do
      Handles.candidate_module?(module) -> triple
      not host_function?(module, name, arguments) -> triple
      true -> {ElixirEval.Proxy, :remote, [module, name, arguments]}
    end
  end

  defp remote_triple(triple), do: triple

  # Also true of a module that is not loaded yet: the code path is asked by name, since loading
  # modules at a candidate's word would change the VM.
  defp host_function?(module, name, arguments) do
    if :erlang.module_loaded(module) do
      function_exported?(module, name, length(arguments)) or
        :erlang.is_builtin(module, name, length(arguments))
    else
      ElixirEval.Proxy.Names.on_code_path?(module)
    end
  rescue
    ArgumentError -> false
  end
end
