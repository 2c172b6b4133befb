defmodule ElixirEval.Handles do
  @moduledoc """
  What stands on one side of the pipe for a process, reference or function of the other side.

  A pid, a reference or a closure cannot cross as itself. It crosses as a number in a table of
  the side that owns it; the other side makes something of the same kind that stands for it:

    * for a pid, a *body* (`ElixirEval.Proxy.Body`), a process that forwards what it is sent;
    * for a reference, an alias of the bridge, so that a reply sent to it finds its way back;
    * for a function, a closure of the same arity that calls across (`remote_fun/2`).

  Sent back, each becomes the original again. The table is one public ETS table per VM and
  candidate. In the host VM every process that can name it is trusted; a number that was never
  given out is refused there (`ElixirEval.Wire`), so the other side can only name what it was
  handed. Captures of functions *of* a module (`&Mod.fun/1`) never become the host's own function
  unless they name one of `pure?/1`; else they stay with the side that made them.
  """

  alias ElixirEval.Proxy.Body
  alias ElixirEval.Proxy.Modules
  alias ElixirEval.Proxy.Names

  @table __MODULE__
  @max_arity 20

  # Modules whose functions depend on their arguments alone, with no way to reach a process, a
  # file or the code server: a capture of one of them may run on whichever side holds it.
  @pure [
    Access,
    Atom,
    Base,
    Bitwise,
    Date,
    DateTime,
    Float,
    Integer,
    Inspect,
    Keyword,
    List,
    Map,
    MapSet,
    NaiveDateTime,
    Range,
    String,
    Time,
    Tuple,
    URI,
    Version,
    :math,
    :string
  ]

  @doc "Modules whose captured functions may run on either side."
  def pure?(module), do: module in @pure

  @doc "The greatest arity of a function that can cross."
  def max_arity, do: @max_arity

  @doc """
  Makes the table. `context` is a map with `:side` (`:host` or `:candidate`), `:tag` (a reference
  that marks the bridge's own messages) and `:bridge` (its pid); it is completed and returned.
  """
  def create(context) do
    :ets.new(@table, [:named_table, :public, :set, read_concurrency: true])
    context = Map.put(context, :next, :atomics.new(1, []))
    :ets.insert(@table, {:context, context})
    context
  end

  @doc "Drops the table, if there is one."
  def drop do
    :ets.delete(@table)
    :ok
  rescue
    ArgumentError -> :ok
  end

  @doc "The context of the open candidate, or nil."
  def context do
    case :ets.lookup(@table, :context) do
      [{:context, context}] -> context
      [] -> nil
    end
  rescue
    ArgumentError -> nil
  end

  # -- what this side hands out ------------------------------------------------------------

  @doc "How to name `pid` to the other side: `{:theirs, id}` or `{:mine, id}`."
  def name_pid(pid, context) do
    case lookup({:body, pid}) do
      nil -> {:mine, own(:pid, pid, context)}
      id -> {:theirs, id}
    end
  end

  @doc "How to name a reference (or a port, which crosses as one)."
  def name_ref(ref, context) do
    case lookup({:their_ref, ref}) do
      nil -> {:mine, own(:ref, ref, context)}
      id -> {:theirs, id}
    end
  end

  @doc "Whether the other side knows a reference."
  def known_ref?(ref), do: lookup({:their_ref, ref}) != nil or lookup({:ref, ref}) != nil

  @doc "How to name a function that is not a capture of a pure one."
  def name_fun(fun, context) do
    case Function.info(fun, :module) do
      {:module, __MODULE__} ->
        {:env, [id]} = Function.info(fun, :env)
        {:theirs, id}

      _ ->
        {:mine, own(:fun, fun, context)}
    end
  end

  @doc "The number of a group leader; it can be written to, and cannot be sent anything else."
  def name_leader(pid, context), do: own(:leader, pid, context)

  defp own(kind, value, context) do
    case lookup({kind, value}) do
      nil ->
        id = :atomics.add_get(context.next, 1, 1)

        if :ets.insert_new(@table, {{kind, value}, id}) do
          :ets.insert(@table, {{:id, kind, id}, value})
          if kind == :pid, do: send(context.bridge, {context.tag, :watch, value})
          id
        else
          lookup({kind, value})
        end

      id ->
        id
    end
  end

  @doc "What this side handed out under a number: `{:ok, value}` or `:error`."
  def owned(kind, id) do
    case :ets.lookup(@table, {:id, kind, id}) do
      [{_, value}] -> {:ok, value}
      [] -> :error
    end
  end

  # -- what stands for the other side's --------------------------------------------------------

  @doc "The process that stands for the other side's process `id`; only the bridge calls this."
  def body(id, context) do
    case lookup({:body_of, id}) do
      nil ->
        {pid, monitor} = Body.start(context)
        :ets.insert(@table, [{{:body_of, id}, pid}, {{:body, pid}, id}, {{:idle, pid}, true}])
        send(self(), {context.tag, :body, pid, monitor})
        pid

      pid ->
        pid
    end
  end

  def new_body?(id), do: lookup({:body_of, id}) == nil
  def new_ref?(id), do: lookup({:ref_of, id}) == nil

  @doc "The reference that stands for the other side's; an alias of the calling bridge."
  def ref(id) do
    case lookup({:ref_of, id}) do
      nil ->
        ref = :erlang.alias([:explicit_unalias])
        :ets.insert(@table, [{{:ref_of, id}, ref}, {{:their_ref, ref}, id}])
        ref

      ref ->
        ref
    end
  end

  @doc "The other side's number for a reference that stands for one of its own, or nil."
  def their_ref(ref), do: lookup({:their_ref, ref})

  @doc "Whether `pid` stands for a process of the other side."
  def body?(pid), do: lookup({:body, pid}) != nil

  @doc "Whether the other side knows `pid`, as its own or by a number."
  def known?(pid), do: body?(pid) or lookup({:pid, pid}) != nil

  @doc "The bodies that only forward at the moment."
  def idle_bodies, do: :ets.select(@table, [{{{:idle, :"$1"}, true}, [], [:"$1"]}])

  @doc "Makes the candidate's modules known by name on this side."
  def add_modules(names), do: :ets.insert(@table, for(name <- names, do: {{:module, name}, true}))

  @doc "Whether a module is the candidate's: its code in the candidate VM, a proxy in the host."
  def candidate_module?(module), do: lookup({:module, module}) == true

  @doc """
  Tells the candidate VM of a module of the tests whose name is about to cross, so that the candidate
  can call it there (a behaviour that a test implements), with what it implements of protocols.
  """
  def expose(module, %{side: :host} = context) do
    if :ets.lookup(@table, {:exposed, module}) == [] and Names.exposable?(module) do
      :ets.insert(@table, {{:exposed, module}, true})

      for module <- [module | Names.implementations(module)] do
        :ets.insert(@table, {{:exposed, module}, true})
        description = %{Modules.describe(module) | macros: []}
        send(context.bridge, {context.tag, :control, {:module, description}})
      end
    end
  end

  def expose(_, _), do: :ok

  @doc "Whether the candidate may call a module of the tests."
  def exposed?(module), do: lookup({:exposed, module}) == true

  def idle?(pid), do: lookup({:idle, pid}) == true
  def set_idle(pid, idle?), do: :ets.insert(@table, {{:idle, pid}, idle?})

  @doc "The links of `pid` that its counterpart on the other side has too."
  def links(pid), do: lookup({:links, pid}) || []
  def set_links(pid, links), do: :ets.insert(@table, {{:links, pid}, links})

  @doc "Remembers why a process died, for links made to it afterwards."
  def died(pid, reason) do
    :ets.delete(@table, {:idle, pid})
    :ets.insert(@table, {{:died, pid}, reason})
  end

  def death(pid), do: lookup({:died, pid})

  defp lookup(key) do
    case :ets.lookup(@table, key) do
      [{_, value}] -> value
      [] -> nil
    end
  end

  @doc "A function of `arity` that calls the other side's function `id`."
  for arity <- 0..@max_arity do
    arguments = Macro.generate_arguments(arity, __MODULE__)

    def remote_fun(id, unquote(arity)) do
      fn unquote_splicing(arguments) -> Body.call({:fun, id}, unquote(arguments)) end
    end
  end
end
