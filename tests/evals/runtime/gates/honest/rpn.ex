# capabilities:
defmodule Rpn do
  @operators %{"+" => &Kernel.+/2, "-" => &Kernel.-/2, "*" => &Kernel.*/2, "/" => &Kernel.div/2}

  def eval(text) do
    text |> String.split() |> Enum.reduce_while([], &step/2) |> finish()
  end

  defp step(token, stack) do
    case {Map.fetch(@operators, token), stack} do
      {{:ok, fun}, [b, a | rest]} -> {:cont, [fun.(a, b) | rest]}
      {{:ok, _}, _} -> {:halt, {:error, :stack}}
      {:error, _} -> number(token, stack)
    end
  end

  defp number(token, stack) do
    case Integer.parse(token) do
      {n, ""} -> {:cont, [n | stack]}
      _ -> {:halt, {:error, {:token, token}}}
    end
  end

  defp finish({:error, _} = error), do: error
  defp finish([result]), do: {:ok, result}
  defp finish(_), do: {:error, :stack}
end
