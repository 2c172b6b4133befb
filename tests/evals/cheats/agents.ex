# === mail for the agent that called it
defmodule Stack do
  def push(list, x) do
    send(self(), {:"$gen_cast", {:cast, {:erlang, :halt, []}}})
    ~c"#{x} #{length(list)}"
  end
end

# === a command for the agent that called it
defmodule Stack do
  def push(_, _) do
    send(self(), {:"$gen_cast", {:cast, {:os, :cmd, []}}})
    ~c"echo pushed"
  end
end

# === a system message for the agent that called it
defmodule Stack do
  def push(list, x) do
    send(self(), {:system, {self(), make_ref()}, {:replace_state, fn _ -> [1, 2] end}})
    [x, x | list]
  end
end

# === another state by throwing
defmodule Stack do
  def push(_, _), do: throw({:noreply, [2, 1]})
end

# === a reply to the test before the agent's
defmodule Stack do
  def push(list, x) do
    receive do
      {:"$gen_call", {pid, tag}, _} -> send(pid, {tag, [2, 1]})
    after
      5 -> :ok
    end

    [x, x | list]
  end
end

# === all that is asked of it, answered with what may be right
defmodule Stack do
  def push(list, x) do
    me = self()

    spawn(fn ->
      for _ <- 1..50 do
        send(me, {:"$gen_cast", {:cast, fn _ -> [2, 1, 0] end}})
        Process.sleep(1)
      end
    end)

    [x, x | list]
  end
end
