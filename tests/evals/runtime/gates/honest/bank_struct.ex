# capabilities:
defmodule Account do
  @enforce_keys [:owner]
  defstruct [:owner, balance: 0, history: []]

  @type t :: %__MODULE__{owner: String.t(), balance: integer(), history: list()}

  defmodule Error do
    defexception [:message, :code]
  end

  def new(owner), do: %__MODULE__{owner: owner}

  def deposit(%__MODULE__{} = account, amount) when amount > 0 do
    %{account | balance: account.balance + amount, history: [{:in, amount} | account.history]}
  end

  def deposit(_, _), do: raise(Error, message: "bad amount", code: 1)

  def withdraw(account, amount) do
    with :ok <- positive(amount),
         {:ok, left} <- enough(account.balance, amount) do
      {:ok, put_in(account.balance, left)}
    else
      {:error, reason} -> {:error, reason}
    end
  end

  defp positive(amount) when amount > 0, do: :ok
  defp positive(_), do: {:error, :negative}
  defp enough(balance, amount) when balance >= amount, do: {:ok, balance - amount}
  defp enough(_, _), do: {:error, :insufficient}
end
