# capabilities:
defmodule Echo do
  def start, do: spawn_link(&loop/0)
  def ask(pid, message) do
    ref = Process.monitor(pid)
    send(pid, {self(), ref, message})

    receive do
      {^ref, answer} ->
        Process.demonitor(ref, [:flush])
        {:ok, answer}

      {:DOWN, ^ref, _, _, reason} ->
        {:error, reason}
    after
      100 -> {:error, :timeout}
    end
  end

  defp loop do
    receive do
      {from, ref, :stop} -> send(from, {ref, :stopped})
      {from, ref, message} -> send(from, {ref, message}); loop()
    end
  end
end
