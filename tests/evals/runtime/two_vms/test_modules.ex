defprotocol Sized do
  def size(x)
end

defimpl Sized, for: List do
  def size(x), do: length(x)
end

defmodule Runner do
  @callback start(term) :: {:ok, term} | {:error, term}
  @callback step(term) :: term
  def run(module, arg, n) do
    with {:ok, state} <- module.start(arg) do
      Enum.reduce(1..n, state, fn _, s -> module.step(s) end)
    end
  end

  def sizes(list), do: Enum.map(list, &Sized.size/1)
  def loaded?(module), do: Code.ensure_loaded?(module) and function_exported?(module, :step, 1)
  def server(module, arg), do: GenServer.start_link(module, arg)
end
