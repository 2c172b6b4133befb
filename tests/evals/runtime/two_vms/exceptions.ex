defmodule Exceptions.Invalid do
  defexception [:value, message: "invalid"]
end

defmodule Exceptions.Custom do
  defexception [:code]
  @impl true
  def message(%{code: code}), do: "code #{code}"
  @impl true
  def exception(code) when is_integer(code), do: %__MODULE__{code: code}
end

defmodule Exceptions do
  def raise_invalid(v), do: raise(Exceptions.Invalid, value: v)
  def custom(code), do: raise(Exceptions.Custom, code)
  def argument, do: raise(ArgumentError, "bad thing")
  def arith(x), do: 1 + x
  def clause(:a), do: :a
  def badarg, do: String.to_integer("x")
  def throws(x), do: throw(x)
  def exits(x), do: exit(x)
  def match(x), do: {:ok, _} = x
  def key, do: Map.fetch!(%{a: 1}, :b)
  def undefined, do: apply(Exceptions, :no_such, [])

  def cond(x),
    do:
      (cond do
         x -> 1
       end)

  def safe(fun) do
    fun.()
  rescue
    e in ArgumentError -> {:rescued, Exception.message(e)}
    e in Exceptions.Invalid -> {:invalid, e.value}
  catch
    :throw, v -> {:caught, v}
    :exit, v -> {:exited, v}
  else
    v -> {:fine, v}
  after
    send(self(), :after)
  end
end
