# capabilities: process
defmodule Door do
  @behaviour :gen_statem

  def start_link(code), do: :gen_statem.start_link(__MODULE__, code, [])
  def push(door, digit), do: :gen_statem.call(door, {:push, digit})
  def state(door), do: :gen_statem.call(door, :state)

  @impl true
  def callback_mode, do: [:state_functions, :state_enter]

  @impl true
  def init(code), do: {:ok, :locked, %{code: code, typed: []}}

  def locked(:enter, _old, data), do: {:keep_state, %{data | typed: []}}

  def locked({:call, from}, {:push, digit}, %{code: code} = data) do
    typed = data.typed ++ [digit]

    cond do
      typed == code -> {:next_state, :open, data, [{:reply, from, :ok}, {:state_timeout, 1000, :lock}]}
      List.starts_with?(code, typed) -> {:keep_state, %{data | typed: typed}, [{:reply, from, :more}]}
      true -> {:keep_state, %{data | typed: []}, {:reply, from, :wrong}}
    end
  end

  def locked({:call, from}, :state, _), do: {:keep_state_and_data, {:reply, from, :locked}}

  def open(:enter, _old, _data), do: :keep_state_and_data
  def open(:state_timeout, :lock, data), do: {:next_state, :locked, data}
  def open({:call, from}, :state, _), do: {:keep_state_and_data, {:reply, from, :open}}
  def open({:call, from}, {:push, _}, _), do: {:keep_state_and_data, {:reply, from, :ok}}
end
