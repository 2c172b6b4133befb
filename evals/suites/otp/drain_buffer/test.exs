defmodule DrainBufferTest do
  use ExUnit.Case, async: true

  @never 3_600_000

  # Options whose `:write` reports every attempt and answers as told by the last argument of `set`.
  defp opts(size, interval) do
    test = self()
    broken = :atomics.new(1, [])

    write = fn items ->
      send(test, {:write, items})
      if :atomics.get(broken, 1) == 1, do: {:error, :disk_full}, else: :ok
    end

    {[write: write, size: size, interval: interval],
     fn on -> :atomics.put(broken, 1, if(on, do: 1, else: 0)) end}
  end

  defp buffer(size, interval) do
    {opts, break} = opts(size, interval)
    {:ok, pid} = DrainBuffer.start_link(opts)
    {pid, break}
  end

  defp add(buffer, items),
    do: for(item <- items, do: assert(DrainBuffer.add(buffer, item) == :ok))

  test "a full batch is written at once, in order" do
    {buffer, _break} = buffer(3, @never)
    add(buffer, [1, 2])
    assert DrainBuffer.pending(buffer) == 2
    refute_received {:write, _items}
    add(buffer, [3])
    assert_receive {:write, [1, 2, 3]}, 2_000
    assert DrainBuffer.pending(buffer) == 0
    add(buffer, [4])
    assert DrainBuffer.pending(buffer) == 1
    refute_received {:write, _items}
  end

  test "with a size of one every item is written" do
    {buffer, _break} = buffer(1, @never)
    add(buffer, [:a, nil])
    assert_receive {:write, [:a]}, 2_000
    assert_receive {:write, [nil]}, 2_000
  end

  test "flush writes what there is and counts it" do
    {buffer, _break} = buffer(10, @never)
    assert DrainBuffer.flush(buffer) == {:ok, 0}
    send(buffer, :strange)
    send(buffer, {:strange, make_ref()})
    add(buffer, [:b, :a])
    assert DrainBuffer.flush(buffer) == {:ok, 2}
    assert_receive {:write, [:b, :a]}, 2_000
    assert DrainBuffer.flush(buffer) == {:ok, 0}
    refute_received {:write, _items}
  end

  test "the interval writes what has come" do
    {buffer, _break} = buffer(10, 5)
    add(buffer, [1])
    assert_receive {:write, [1]}, 2_000
    assert DrainBuffer.pending(buffer) == 0
    add(buffer, [2])
    assert_receive {:write, [2]}, 2_000
    refute_receive {:write, _items}, 15
  end

  test "what could not be written stays, in order" do
    {buffer, break} = buffer(2, @never)
    break.(true)
    add(buffer, [1, 2])
    assert_receive {:write, [1, 2]}, 2_000
    assert DrainBuffer.pending(buffer) == 2
    assert DrainBuffer.flush(buffer) == {:error, :disk_full}
    assert_receive {:write, [1, 2]}, 2_000
    add(buffer, [3])
    assert_receive {:write, [1, 2, 3]}, 2_000
    break.(false)
    add(buffer, [4])
    assert_receive {:write, [1, 2, 3, 4]}, 2_000
    assert DrainBuffer.pending(buffer) == 0
    assert DrainBuffer.flush(buffer) == {:ok, 0}
    refute_received {:write, _items}
  end

  test "the interval tries again and again until it works" do
    {buffer, break} = buffer(10, 2)
    break.(true)
    add(buffer, [1])
    for _ <- 1..3, do: assert_receive({:write, [1]}, 2_000)
    break.(false)
    assert drained(buffer, System.monotonic_time(:millisecond) + 3_000)
  end

  defp drained(buffer, deadline) do
    cond do
      DrainBuffer.pending(buffer) == 0 -> true
      System.monotonic_time(:millisecond) > deadline -> false
      true -> drained(buffer, deadline)
    end
  end

  test "a batch that was full is tried again after the interval" do
    {buffer, break} = buffer(2, 20)
    break.(true)
    add(buffer, [1, 2])
    for _ <- 1..2, do: assert_receive({:write, [1, 2]}, 2_000)
  end

  test "a shutdown writes the rest" do
    {opts, _break} = opts(10, @never)

    buffer =
      start_supervised!(%{id: :drain, start: {DrainBuffer, :start_link, [opts]}, shutdown: 2_000})

    add(buffer, [1, 2])
    assert stop_supervised(:drain) == :ok
    assert_receive {:write, [1, 2]}, 2_000

    empty =
      start_supervised!(%{id: :drain, start: {DrainBuffer, :start_link, [opts]}, shutdown: 2_000})

    assert DrainBuffer.pending(empty) == 0
    assert stop_supervised(:drain) == :ok
    refute_received {:write, _items}
  end

  test "the end of its starter writes the rest" do
    {opts, _break} = opts(10, @never)
    test = self()

    starter =
      spawn(fn ->
        {:ok, buffer} = DrainBuffer.start_link(opts)
        :ok = DrainBuffer.add(buffer, :last)
        send(test, {:buffer, buffer})
        receive do: (:stop -> exit(:crash))
      end)

    assert_receive {:buffer, buffer}, 2_000
    ref = Process.monitor(buffer)
    send(starter, :stop)
    assert_receive {:write, [:last]}, 2_000
    assert_receive {:DOWN, ^ref, :process, ^buffer, :crash}, 2_000
  end

  test "its supervisor gives it time, and restarts it after a crash only" do
    {opts, _break} = opts(10, @never)

    assert %{id: DrainBuffer, shutdown: 10_000, restart: :transient, start: {_, _, _}} =
             DrainBuffer.child_spec(opts)
  end
end
