defmodule ElixirEval.Proxy do
  @moduledoc """
  Two VMs: a candidate runs in a VM of its own, and its modules stand in the host VM as proxies.

      {:ok, session, modules} = Proxy.open(channel, source, send_frame, limits)
      # run the tests; meanwhile every frame that arrives: Proxy.frame(session, frame)
      Proxy.close(session)

  `frame/2` takes the channel as well as the session, because frames arrive while `open/4` still
  waits. Only one session is open at a time. When a call finds its VM gone it raises
  `ElixirEval.Proxy.Lost`; `status/1` then tells why, and no test that ran since may count.

  ## Why this is safe

  No code of the candidate's is ever loaded here: proxies are names and arities turned into
  functions of ours (`ElixirEval.Proxy.Modules`), macros are not offered. What arrives is bytes from
  a VM that may be wholly in the candidate's hands, so nothing is assumed of them:

    * They decode to values (`ElixirEval.Wire`), within budgets of bytes, words, atoms and handles,
      or they end the candidate. Processes, references and functions are numbers in a table
      (`ElixirEval.Handles`): the sender can name what it was given and nothing else.
    * A value cannot become code. Functions are closures that call back across, or captures of
      modules without effects; a triple of module, function and arguments that names a function of
      the host, which a supervisor might call, becomes one that runs in the candidate VM; compiled
      regular expressions and structs that open files are refused.
    * A message can reach processes that were given out, and of these only such as test code
      wrote. Library processes act on messages (a supervisor calls what `start_child` names) and get
      none; output is written as bytes to the caller's group leader, never as an I/O request of the
      sender's (`ElixirEval.Proxy.Names.deliverable?/2`).
    * A frame that claims to be a call runs only a closure that a test handed out, or an exported
      function of a helper module whose name a test handed out; never a test case's. One that claims to
      be a result is taken only by the process that waits for it. So a forged frame is a value, an
      exception or an exit that the candidate could have produced by returning, raising or exiting.
    * A test's verdict is the runner's, from a reference that no value here contains: references in
      exit reasons are replaced before they cross, and the mailbox of a supervisor does not move.

  What remains is what tests do with values themselves: one that calls `apply/3` on an answer,
  or a function of a module that the answer names, trusts it. The integrity snapshot after each
  candidate stands behind that.

  ## What does not work

  Macros of the candidate's in tests, doctests, its ETS tables and `Registry` names seen from tests,
  `:sys` calls made *by* the candidate on processes of the tests, and values so large that sending
  them at each call takes too long (a map of thousands of keys, changed thousands of times).
  """

  alias ElixirEval.Handles
  alias ElixirEval.Proxy.Body
  alias ElixirEval.Proxy.Bridge
  alias ElixirEval.Proxy.Modules
  alias ElixirEval.Wire

  @typedoc "An open candidate."
  @type session :: %{tag: reference(), bridge: pid(), channel: term()}

  @type diagnostic :: %{severity: :error | :warning, message: String.t(), line: integer()}

  @doc """
  Sends `source` to the candidate VM at the other end of `send_frame`, waits until it is compiled
  there, and loads proxies for its modules.

  `limits` (all optional): `:seconds` to wait, `:frame` bytes of the largest frame, `:words`
  that one frame may become, `:bytes` that may arrive in all, `:memory` that this VM may hold beyond
  what it holds now, `:atoms` that may be new, `:handles`. Call it in a process other than the one
  that delivers frames. The session ends with the calling process if not closed before.
  """
  @spec open(term(), String.t(), (binary() -> any()), map()) ::
          {:ok, session(), [module()]}
          | {:compile_error, [diagnostic()]}
          | {:refused, String.t()}
          | {:failed, term()}
  def open(channel, source, send_frame, limits \\ %{}) do
    limits = Map.merge(defaults(), Map.reject(limits, fn {_, value} -> value == nil end))
    tag = make_ref()
    owner = self()

    context = %{
      side: :host,
      tag: tag,
      channel: channel,
      owner: owner,
      notify: owner,
      send: send_frame,
      frame: limits.frame,
      bytes: limits.bytes,
      words: limits.words,
      memory: :erlang.memory(:total) + limits.memory,
      budget: Wire.budget(limits.words, limits.atoms, limits.handles)
    }

    {bridge, monitor} =
      spawn_monitor(fn ->
        Process.monitor(owner)
        Bridge.run(context)
      end)

    session = %{tag: tag, bridge: bridge, channel: channel}
    send(bridge, {tag, :load, source, Process.group_leader()})
    answer = loaded(session, monitor, round(limits.seconds * 1000))
    Process.demonitor(monitor, [:flush])
    answer
  end

  defp defaults do
    %{
      seconds: 10.0,
      frame: 8 * 1024 * 1024,
      bytes: 2 * 1024 * 1024 * 1024,
      words: 6 * 1024 * 1024,
      memory: 256 * 1024 * 1024,
      atoms: 2_000,
      handles: 200_000
    }
  end

  defp loaded(%{tag: tag} = session, monitor, timeout) do
    receive do
      {^tag, :loaded, modules, diagnostics} ->
        names = Enum.map(modules, & &1.name)
        # Before they exist, so that whatever happens they are unloaded.
        :ets.insert(Handles, {:modules, names})
        Modules.define(modules)
        :ets.insert(Handles, {:diagnostics, diagnostics})
        {:ok, session, names}

      {^tag, :not_loaded, {:compile_error, diagnostics}} ->
        close(session)
        {:compile_error, diagnostics}

      {^tag, :not_loaded, {:refused, reason}} ->
        close(session)
        {:refused, reason}

      {^tag, :lost, reason} ->
        close(session)
        {:failed, reason}

      {:DOWN, ^monitor, :process, _, reason} ->
        {:failed, reason}
    after
      timeout ->
        close(session)
        {:failed, :timeout}
    end
  end

  @doc "Delivers one frame from the candidate VM; frames of another channel are dropped."
  @spec frame(session() | term(), binary()) :: :ok
  # A candidate VM's first frame is empty: it is up.
  def frame(_, ""), do: :ok
  def frame(%{bridge: bridge, tag: tag}, frame), do: deliver(bridge, {tag, :frame, frame})
  def frame(channel, frame), do: to_channel(channel, &{&1, :frame, frame})

  @doc "Tells that the candidate VM is gone, and why: calls that wait for it raise, as do new ones."
  @spec lost(session() | term(), term()) :: :ok
  def lost(%{bridge: bridge, tag: tag}, reason), do: deliver(bridge, {tag, :lost, reason})
  def lost(channel, reason), do: to_channel(channel, &{&1, :lost, reason})

  defp to_channel(channel, message) do
    case Handles.context() do
      %{channel: ^channel, tag: tag, bridge: bridge} -> deliver(bridge, message.(tag))
      _ -> :ok
    end
  end

  defp deliver(bridge, message) do
    send(bridge, message)
    :ok
  end

  @doc "`:ok`, or `{:lost, reason}` when the candidate broke a rule or its VM ended."
  @spec status(session()) :: :ok | {:lost, term()}
  def status(_session) do
    case :ets.lookup(Handles, :lost) do
      [{:lost, reason}] -> {:lost, reason}
      [] -> :ok
    end
  rescue
    ArgumentError -> {:lost, "closed"}
  end

  @doc "What the compiler said of the source: the warnings, when it compiled."
  @spec diagnostics(session()) :: [diagnostic()]
  def diagnostics(_session), do: :ets.lookup_element(Handles, :diagnostics, 2)

  @doc "Ends everything that stood for the candidate and unloads its proxies."
  @spec close(session()) :: :ok
  def close(%{bridge: bridge, tag: tag}) do
    monitor = Process.monitor(bridge)
    send(bridge, {tag, :stop})

    receive do
      {:DOWN, ^monitor, :process, _, _} -> :ok
    end
  end

  @doc "What a proxy's function does: calls the candidate's."
  def call(module, name, arguments), do: Body.call({:mfa, module, name}, arguments)

  @doc "What a candidate's triple of module, function and arguments becomes when it names the host's."
  def remote(module, name, arguments), do: call(module, name, arguments)
end
