defmodule UndoHistory do
  @moduledoc "A value with undo and redo, held by an agent."
  use Agent

  @doc "Starts a history; `:limit` bounds how many steps back are remembered."
  @spec start_link(term(), keyword()) :: Agent.on_start()
  def start_link(initial, opts) do
    limit = Keyword.get(opts, :limit, :infinity)
    Agent.start_link(fn -> %{past: [], present: initial, future: [], limit: limit} end)
  end

  @doc "The present value."
  @spec current(Agent.agent()) :: term()
  def current(history), do: Agent.get(history, & &1.present)

  @doc "Replaces the present value by what `fun` makes of it."
  @spec change(Agent.agent(), (term() -> term())) :: term()
  def change(history, fun) do
    # What goes wrong in `fun` is carried to the caller: it must not end the agent.
    outcome =
      Agent.get_and_update(history, fn state ->
        try do
          fun.(state.present)
        catch
          kind, reason -> {{:failed, kind, reason, __STACKTRACE__}, state}
        else
          value -> {{:changed, value}, record(state, value)}
        end
      end)

    case outcome do
      {:changed, value} -> value
      {:failed, kind, reason, stacktrace} -> :erlang.raise(kind, reason, stacktrace)
    end
  end

  @doc "Goes one step back."
  @spec undo(Agent.agent()) :: {:ok, term()} | {:error, :nothing_to_undo}
  def undo(history) do
    Agent.get_and_update(history, fn
      %{past: []} = state ->
        {{:error, :nothing_to_undo}, state}

      %{past: [value | past], present: present, future: future} = state ->
        {{:ok, value}, %{state | past: past, present: value, future: [present | future]}}
    end)
  end

  @doc "Takes back the latest undo."
  @spec redo(Agent.agent()) :: {:ok, term()} | {:error, :nothing_to_redo}
  def redo(history) do
    Agent.get_and_update(history, fn
      %{future: []} = state ->
        {{:error, :nothing_to_redo}, state}

      %{past: past, present: present, future: [value | future]} = state ->
        {{:ok, value}, %{state | past: [present | past], present: value, future: future}}
    end)
  end

  @doc "How many steps can be undone and redone."
  @spec depth(Agent.agent()) :: {non_neg_integer(), non_neg_integer()}
  def depth(history), do: Agent.get(history, &{length(&1.past), length(&1.future)})

  defp record(%{present: value} = state, value), do: state

  defp record(state, value) do
    %{state | past: remember(state), present: value, future: []}
  end

  defp remember(%{past: past, present: present, limit: :infinity}), do: [present | past]

  defp remember(%{past: past, present: present, limit: limit}) do
    Enum.take([present | past], limit)
  end
end
