# Wrong: readers overtake writers that wait.
defmodule RwLock do
  @moduledoc "A fair lock for many readers or one writer."
  use GenServer

  @type mode :: :read | :write

  @doc "Starts a lock that is free."
  @spec start_link() :: GenServer.on_start()
  def start_link, do: GenServer.start_link(__MODULE__, nil)

  @doc "Takes the lock, waiting for it."
  @spec acquire(GenServer.server(), mode()) :: :ok | {:error, :already_held}
  def acquire(lock, mode) when mode in [:read, :write] do
    GenServer.call(lock, {:acquire, mode}, :infinity)
  end

  @doc "Gives the lock back."
  @spec release(GenServer.server()) :: :ok | {:error, :not_held}
  def release(lock), do: GenServer.call(lock, :release)

  @doc "Turns the writer into a reader."
  @spec downgrade(GenServer.server()) :: :ok | {:error, :not_writer}
  def downgrade(lock), do: GenServer.call(lock, :downgrade)

  @doc "The mode, the number of holders and of those who wait."
  @spec status(GenServer.server()) :: {:free | mode(), non_neg_integer(), non_neg_integer()}
  def status(lock), do: GenServer.call(lock, :status)

  # `holders` is `pid => monitor`; `line` holds `{monitor, from, mode}`, the first in line first.
  @impl true
  def init(nil), do: {:ok, %{mode: :free, holders: %{}, line: []}}

  @impl true
  def handle_call({:acquire, _mode}, {pid, _tag}, state) when is_map_key(state.holders, pid) do
    {:reply, {:error, :already_held}, state}
  end

  def handle_call({:acquire, :read}, {pid, _tag}, %{mode: :read} = state) do
    {:reply, :ok, put_in(state.holders[pid], Process.monitor(pid))}
  end

  def handle_call({:acquire, mode}, {pid, _tag} = from, state) do
    waiter = {Process.monitor(pid), from, mode}
    {:noreply, admit(%{state | line: state.line ++ [waiter]})}
  end

  def handle_call(:release, {pid, _tag}, state) when is_map_key(state.holders, pid) do
    Process.demonitor(state.holders[pid], [:flush])
    {:reply, :ok, leave(state, pid)}
  end

  def handle_call(:release, _from, state), do: {:reply, {:error, :not_held}, state}

  def handle_call(:downgrade, {pid, _tag}, %{mode: :write, holders: holders} = state)
      when is_map_key(holders, pid) do
    {:reply, :ok, admit(%{state | mode: :read})}
  end

  def handle_call(:downgrade, _from, state), do: {:reply, {:error, :not_writer}, state}

  def handle_call(:status, _from, state) do
    {:reply, {state.mode, map_size(state.holders), length(state.line)}, state}
  end

  @impl true
  def handle_info({:DOWN, ref, :process, pid, _reason}, state) do
    case state.holders do
      %{^pid => ^ref} -> {:noreply, leave(state, pid)}
      %{} -> {:noreply, admit(%{state | line: List.keydelete(state.line, ref, 0)})}
    end
  end

  defp leave(state, pid) do
    holders = Map.delete(state.holders, pid)
    mode = if holders == %{}, do: :free, else: state.mode
    admit(%{state | mode: mode, holders: holders})
  end

  # Lets in whoever stands first in line, again and again, until that one has to wait.
  defp admit(%{mode: held, line: [{ref, {pid, _tag} = from, mode} | line]} = state)
       when held == :free or (held == :read and mode == :read) do
    GenServer.reply(from, :ok)
    admit(%{state | mode: mode, holders: Map.put(state.holders, pid, ref), line: line})
  end

  defp admit(state), do: state
end
