# Wrong: a member with a higher priority takes the leadership away.
defmodule Election do
  @moduledoc "Members agree on a leader, by priority and age; every leadership has a number."
  use GenServer

  @doc "Starts an election without members."
  @spec start_link() :: GenServer.on_start()
  def start_link, do: GenServer.start_link(__MODULE__, nil)

  @doc "Makes the calling process a member."
  @spec join(GenServer.server(), integer()) :: :ok | {:error, :already_member}
  def join(election, priority), do: GenServer.call(election, {:join, priority})

  @doc "Ends the calling process's membership."
  @spec leave(GenServer.server()) :: :ok
  def leave(election), do: GenServer.call(election, :leave)

  @doc "The leader and its term."
  @spec leader(GenServer.server()) :: {:ok, pid(), pos_integer()} | :none
  def leader(election), do: GenServer.call(election, :leader)

  @doc "The members, the leader first and the others in the order of succession."
  @spec members(GenServer.server()) :: [{pid(), integer()}]
  def members(election), do: GenServer.call(election, :members)

  @doc "Whether the calling process leads in this term."
  @spec leading?(GenServer.server(), term()) :: boolean()
  def leading?(election, term), do: GenServer.call(election, {:leading?, term})

  # `members` holds `{pid, priority, monitor}`: the leader, then the others in order.
  @impl true
  def init(nil), do: {:ok, %{members: [], term: 0}}

  @impl true
  def handle_call({:join, priority}, {pid, _tag}, state) do
    if List.keymember?(state.members, pid, 0) do
      {:reply, {:error, :already_member}, state}
    else
      {:reply, :ok, admit(state, {pid, priority, Process.monitor(pid)})}
    end
  end

  def handle_call(:leave, {pid, _tag}, state), do: {:reply, :ok, remove(state, pid)}

  def handle_call(:leader, _from, %{members: []} = state), do: {:reply, :none, state}

  def handle_call(:leader, _from, %{members: [{pid, _, _} | _]} = state) do
    {:reply, {:ok, pid, state.term}, state}
  end

  def handle_call(:members, _from, state) do
    {:reply, for({pid, priority, _ref} <- state.members, do: {pid, priority}), state}
  end

  def handle_call({:leading?, term}, {pid, _tag}, state) do
    {:reply, match?(%{members: [{^pid, _, _} | _], term: ^term}, state), state}
  end

  @impl true
  def handle_info({:DOWN, _ref, :process, pid, _reason}, state),
    do: {:noreply, remove(state, pid)}

  defp admit(%{members: []} = state, member), do: begin(%{state | members: [member]})

  defp admit(%{members: [{_, low, _} | _] = members} = state, {_, priority, _} = member)
       when priority > low do
    begin(%{state | members: [member | members]})
  end

  defp admit(%{members: [leader | others]} = state, {pid, priority, _ref} = member) do
    {before, later} = Enum.split_while(others, fn {_pid, other, _ref} -> other >= priority end)
    tell(state, pid, leader)
    %{state | members: [leader | before] ++ [member | later]}
  end

  defp remove(state, pid) do
    case List.keytake(state.members, pid, 0) do
      nil ->
        state

      {{^pid, _priority, ref}, members} ->
        Process.demonitor(ref, [:flush])
        led? = match?([{^pid, _, _} | _], state.members)
        state = %{state | members: members}
        if led? and members != [], do: begin(state), else: state
    end
  end

  defp begin(%{members: [leader | _]} = state) do
    state = %{state | term: state.term + 1}
    for {pid, _priority, _ref} <- state.members, do: tell(state, pid, leader)
    state
  end

  defp tell(state, pid, {leader, _priority, _ref}) do
    send(pid, {:leader, self(), leader, state.term})
  end
end
