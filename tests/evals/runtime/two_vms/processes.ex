defmodule Processes do
  def echo, do: spawn(fn -> loop() end)

  defp loop do
    receive do
      {from, msg} ->
        send(from, {self(), msg})
        loop()

      :stop ->
        :ok
    end
  end

  def ask(pid, msg) do
    send(pid, {self(), msg})

    receive do
      {^pid, reply} -> reply
    after
      1000 -> :timeout
    end
  end

  def parallel(list, fun) do
    parent = self()

    refs =
      for x <- list do
        ref = make_ref()
        spawn_link(fn -> send(parent, {ref, fun.(x)}) end)
        ref
      end

    for ref <- refs,
        do:
          (receive do
             {^ref, v} -> v
           end)
  end

  def pmap(list, fun), do: list |> Enum.map(&Task.async(fn -> fun.(&1) end)) |> Task.await_many()

  def stream(list, fun),
    do: list |> Task.async_stream(fun, ordered: true) |> Enum.map(fn {:ok, x} -> x end)

  def async(fun), do: Task.async(fun)
  def await(task), do: Task.await(task)
  def me, do: self()

  def wait_for(msg) do
    receive do
      ^msg -> :got
    after
      500 -> :nothing
    end
  end

  def later(pid, msg, ms), do: Process.send_after(pid, msg, ms)
  def put(k, v), do: Process.put(k, v)
  def get(k), do: Process.get(k)
  def trap, do: Process.flag(:trap_exit, true)
  def linked_crash(reason), do: spawn_link(fn -> exit(reason) end)

  def watch(pid) do
    ref = Process.monitor(pid)

    receive do
      {:DOWN, ^ref, :process, ^pid, reason} -> reason
    after
      1000 -> :timeout
    end
  end

  def forward(to),
    do:
      spawn(fn ->
        receive do
          m -> send(to, {:forwarded, m})
        end
      end)
end
