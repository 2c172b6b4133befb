defmodule ProcessesTest do
  use ExUnit.Case

  test "messages both ways" do
    p = Processes.echo()
    send(p, {self(), :hi})
    assert_receive {^p, :hi}
    assert Processes.ask(p, "x") == "x"
    for n <- 1..50, do: send(p, {self(), n})

    assert Enum.map(1..50, fn _ ->
             receive do
               {^p, n} -> n
             end
           end) == Enum.to_list(1..50)

    ref = Process.monitor(p)
    send(p, :stop)
    assert_receive {:DOWN, ^ref, :process, ^p, :normal}
  end

  test "the candidate is the process that calls it" do
    assert Processes.me() == self()
    send(self(), :early)
    assert Processes.wait_for(:early) == :got
    send(self(), :other)
    assert Processes.wait_for(:never_comes) == :nothing
    assert_received :other
    Processes.put(:k, 1)
    assert Processes.get(:k) == 1
    me = self()
    spawn(fn -> send(me, :while_waiting) end)
    assert Processes.wait_for(:while_waiting) == :got
    task = Task.async(fn -> {self(), Processes.me(), Processes.get(:k)} end)
    assert {pid, pid, nil} = Task.await(task)
    assert pid == task.pid
  end

  test "parallel maps with callbacks" do
    assert Processes.parallel([1, 2, 3], &(&1 * 2)) == [2, 4, 6]
    assert Processes.pmap([1, 2, 3], fn x -> x * x end) == [1, 4, 9]
    assert Processes.stream(1..10, fn x -> x + 1 end) == Enum.to_list(2..11)
  end

  test "tasks cross" do
    task = Processes.async(fn -> 42 end)
    assert %Task{} = task
    assert Task.await(task) == 42
    assert Processes.await(Task.async(fn -> 43 end)) == 43
  end

  test "timers" do
    Processes.later(self(), :ding, 5)
    assert_receive :ding
  end

  test "exits and links" do
    Processes.trap()
    assert Process.info(self(), :trap_exit) == {:trap_exit, true}
    p = Processes.linked_crash(:oops)
    assert_receive {:EXIT, ^p, :oops}

    q =
      spawn(fn ->
        Process.sleep(20)
        exit(:gone)
      end)

    assert Processes.watch(q) == :gone
    p = Processes.forward(self())
    send(p, {:a, 1})
    assert_receive {:forwarded, {:a, 1}}
  end

  test "a crash of a linked process takes the caller with it" do
    {pid, ref} =
      spawn_monitor(fn ->
        Processes.linked_crash(:boom)
        Process.sleep(:infinity)
      end)

    assert_receive {:DOWN, ^ref, :process, ^pid, :boom}
  end
end
