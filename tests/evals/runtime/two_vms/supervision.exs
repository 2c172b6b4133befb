defmodule SupervisionTest do
  use ExUnit.Case

  defp eventually(fun, n \\ 200) do
    cond do
      fun.() ->
        true

      n == 0 ->
        false

      true ->
        Process.sleep(5)
        eventually(fun, n - 1)
    end
  end

  test "a supervisor restarts what is killed" do
    {:ok, sup} = Sup.start_link([:kid_a, :kid_b])
    Kid.put(:kid_a, 5)
    old = Process.whereis(:kid_a)
    assert is_pid(old)
    ref = Process.monitor(old)
    Process.exit(old, :kill)
    assert_receive {:DOWN, ^ref, :process, ^old, :killed}

    assert eventually(fn ->
             Process.whereis(:kid_a) not in [nil, old] and Kid.get(:kid_a) == 0
           end)

    assert %{active: 2} = Supervisor.count_children(sup)
    assert [_, _] = Supervisor.which_children(Sup)
    Supervisor.stop(sup)
    assert Process.whereis(Sup) == nil
    assert Process.whereis(:kid_b) == nil
  end

  test "dynamic supervisors" do
    start_supervised!({Dyn, []})
    {:ok, pid} = Dyn.add(:dyn_a)
    {:ok, _} = Dyn.add(:dyn_b)
    assert Dyn.count() == 2
    assert Kid.get(pid) == 0
    DynamicSupervisor.terminate_child(Dyn, pid)
    assert Dyn.count() == 1
    assert {:ok, _} = DynamicSupervisor.start_child(Dyn, {Kid, :dyn_c})
    assert Dyn.count() == 2
  end

  test "registries, by the candidate's functions" do
    {:ok, _} = Reg.start_link()
    {:ok, pid} = Reg.start("k")
    assert Reg.get("k") == "k"
    assert [{^pid, _}] = Reg.lookup("k")
    assert Agent.get(pid, fn s -> s <> "!" end) == "k!"
    assert Agent.update(pid, fn _ -> 1 end) == :ok
    assert Agent.get_and_update(pid, fn s -> {s, 2} end) == 1
    assert {:error, {:already_started, ^pid}} = Reg.start("k")
  end
end
