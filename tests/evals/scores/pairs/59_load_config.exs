# check: Pair.load(%{"host" => "h", "port" => "1"}) == {:ok, {"h", 1}}
# check: Pair.load(%{"host" => "h"}) == {:error, {:missing, "port"}}
# check: Pair.load(%{"host" => "h", "port" => "q"}) == {:error, :bad_port}

# idiomatic
defmodule Pair do
  def load(env) do
    with {:ok, host} <- fetch(env, "host"),
         {:ok, text} <- fetch(env, "port"),
         {:ok, port} <- to_port(text) do
      {:ok, {host, port}}
    end
  end

  defp fetch(env, key) do
    with :error <- Map.fetch(env, key), do: {:error, {:missing, key}}
  end

  defp to_port(text) do
    case Integer.parse(text) do
      {port, ""} -> {:ok, port}
      _ -> {:error, :bad_port}
    end
  end
end

# plain
defmodule Pair do
  def load(env) do
    case Map.fetch(env, "host") do
      {:ok, host} ->
        case Map.fetch(env, "port") do
          {:ok, text} ->
            case Integer.parse(text) do
              {port, ""} -> {:ok, {host, port}}
              _ -> {:error, :bad_port}
            end

          :error ->
            {:error, {:missing, "port"}}
        end

      :error ->
        {:error, {:missing, "host"}}
    end
  end
end
