# check: Pair.user_email(%{user: %{email: "a@b"}}) == {:ok, "a@b"}
# check: Pair.user_email(%{}) == {:error, :no_email}

# idiomatic
defmodule Pair do
  def user_email(%{user: %{email: email}}), do: {:ok, email}
  def user_email(_), do: {:error, :no_email}
end

# plain
defmodule Pair do
  def user_email(session) do
    user = Map.get(session, :user)

    if user != nil do
      email = Map.get(user, :email)

      if email != nil do
        {:ok, email}
      else
        {:error, :no_email}
      end
    else
      {:error, :no_email}
    end
  end
end
