# check: Pair.handle({:ok, 200}) == :success
# check: Pair.handle({:ok, 404}) == :missing
# check: Pair.handle({:error, :timeout}) == :retry
# check: Pair.handle({:ok, 500}) == :failed

# idiomatic
defmodule Pair do
  def handle({:ok, 200}), do: :success
  def handle({:ok, 404}), do: :missing
  def handle({:error, :timeout}), do: :retry
  def handle(_), do: :failed
end

# plain
defmodule Pair do
  def handle(response) do
    case elem(response, 0) do
      :ok ->
        case elem(response, 1) do
          200 -> :success
          404 -> :missing
          _ -> :failed
        end

      :error ->
        if elem(response, 1) == :timeout, do: :retry, else: :failed
    end
  end
end
