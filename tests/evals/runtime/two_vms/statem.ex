defmodule Door do
  @behaviour :gen_statem
  def start_link(code), do: :gen_statem.start_link(__MODULE__, code, [])
  def push(d, c), do: :gen_statem.call(d, {:push, c})
  def state(d), do: :gen_statem.call(d, :state)
  def callback_mode, do: [:state_functions, :state_enter]
  def init(code), do: {:ok, :locked, code}
  def locked(:enter, _, data), do: {:keep_state, data}
  def locked({:call, from}, {:push, c}, c), do: {:next_state, :open, c, [{:reply, from, :ok}]}
  def locked({:call, from}, {:push, _}, _), do: {:keep_state_and_data, [{:reply, from, :wrong}]}
  def locked({:call, from}, :state, _), do: {:keep_state_and_data, [{:reply, from, :locked}]}
  def open(:enter, _, _), do: {:keep_state_and_data, [{:state_timeout, 20, :lock}]}
  def open(:state_timeout, :lock, data), do: {:next_state, :locked, data}
  def open({:call, from}, :state, _), do: {:keep_state_and_data, [{:reply, from, :open}]}
end
