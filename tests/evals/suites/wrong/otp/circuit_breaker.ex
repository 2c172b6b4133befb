# Wrong: when half-open, all calls are executed, not just a trial.
defmodule CircuitBreaker do
  @moduledoc "A circuit breaker; functions are executed in the caller, outcomes are reported."
  @behaviour :gen_statem

  @doc "Starts a breaker; `:threshold`, `:cooldown` and `:clock` are required."
  @spec start_link(keyword()) :: :gen_statem.start_ret()
  def start_link(opts), do: :gen_statem.start_link(__MODULE__, opts, [])

  @doc "Executes `fun` unless the breaker is open."
  @spec call(pid(), (-> result)) :: result | {:error, :open} when result: term()
  def call(breaker, fun) do
    case :gen_statem.call(breaker, :begin) do
      {:ok, ref} -> execute(breaker, ref, fun)
      {:error, :open} -> {:error, :open}
    end
  end

  @doc "The breaker's state."
  @spec state(pid()) :: :closed | :open | :half_open
  def state(breaker), do: :gen_statem.call(breaker, :state)

  defp execute(breaker, ref, fun) do
    fun.()
  catch
    kind, reason ->
      report(breaker, ref, :failure)
      :erlang.raise(kind, reason, __STACKTRACE__)
  else
    result ->
      report(breaker, ref, if(failure?(result), do: :failure, else: :success))
      result
  end

  defp failure?(:error), do: true
  defp failure?({:error, _reason}), do: true
  defp failure?(_result), do: false

  # Waits for the answer, so that the caller sees the effect of its own outcome.
  defp report(breaker, ref, outcome), do: :gen_statem.call(breaker, {:ended, ref, outcome})

  # `running` holds the monitors of the callers whose outcome counts in the present state.
  @impl true
  def callback_mode, do: :handle_event_function

  @impl true
  def init(opts) do
    data = %{
      threshold: Keyword.fetch!(opts, :threshold),
      cooldown: Keyword.fetch!(opts, :cooldown),
      clock: Keyword.fetch!(opts, :clock),
      failures: 0,
      opened_at: nil,
      running: MapSet.new()
    }

    {:ok, :closed, data}
  end

  @impl true
  def handle_event({:call, from}, request, :open, data) when request in [:begin, :state] do
    cond do
      data.clock.() - data.opened_at >= data.cooldown ->
        {:next_state, :half_open, data, :postpone}

      request == :begin ->
        {:keep_state_and_data, {:reply, from, {:error, :open}}}

      true ->
        {:keep_state_and_data, {:reply, from, :open}}
    end
  end

  def handle_event({:call, from}, :state, state, _data) do
    {:keep_state_and_data, {:reply, from, state}}
  end

  def handle_event({:call, {caller, _tag} = from}, :begin, state, data) do
    if state == :open and MapSet.size(data.running) > 0 do
      {:keep_state_and_data, {:reply, from, {:error, :open}}}
    else
      ref = Process.monitor(caller)
      data = %{data | running: MapSet.put(data.running, ref)}
      {:keep_state, data, {:reply, from, {:ok, ref}}}
    end
  end

  def handle_event({:call, from}, {:ended, ref, outcome}, state, data) do
    Process.demonitor(ref, [:flush])
    ended(ref, outcome, state, data, {:reply, from, :ok})
  end

  def handle_event(:info, {:DOWN, ref, :process, _pid, _reason}, state, data) do
    ended(ref, :failure, state, data, [])
  end

  def handle_event(:info, _other, _state, _data), do: :keep_state_and_data

  defp ended(ref, outcome, state, data, actions) do
    if MapSet.member?(data.running, ref) do
      counted(outcome, state, %{data | running: MapSet.delete(data.running, ref)}, actions)
    else
      {:keep_state_and_data, actions}
    end
  end

  defp counted(:success, :closed, data, actions),
    do: {:keep_state, %{data | failures: 0}, actions}

  defp counted(:success, :half_open, data, actions) do
    {:next_state, :closed, %{data | failures: 0, running: MapSet.new()}, actions}
  end

  defp counted(:failure, :closed, %{failures: failures, threshold: threshold} = data, actions)
       when failures + 1 < threshold do
    {:keep_state, %{data | failures: failures + 1}, actions}
  end

  defp counted(:failure, _state, data, actions) do
    {:next_state, :open, %{data | opened_at: data.clock.(), running: MapSet.new()}, actions}
  end
end
