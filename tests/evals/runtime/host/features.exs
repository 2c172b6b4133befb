defmodule FeaturesTest do
  use ExUnit.Case, parameterize: [%{step: 1}, %{step: 2}]
  import ExUnit.CaptureIO
  import ExUnit.CaptureLog
  require Logger

  @moduletag :everything

  setup_all do
    {:ok, agent} = Agent.start_link(fn -> [] end)
    on_exit(fn -> :ok end)
    {:ok, agent: agent, from_all: 1}
  end

  setup [:named]
  setup %{from_all: 1}, do: {:ok, from_setup: 2}

  defp named(_), do: %{named: true}

  test "contexts are merged", context do
    assert %{from_all: 1, from_setup: 2, named: true, everything: true, step: step} = context
    assert step in [1, 2]
    assert context.test == :"test contexts are merged"
    assert context.test_pid == self()
  end

  @tag :skip
  test "skipped" do
    flunk("never run")
  end

  @tag limit: 3
  test "tags reach the test", %{limit: limit}, do: assert(Subject.add(limit, 1) == 4)

  @tag :tmp_dir
  test "a folder of its own", %{tmp_dir: dir} do
    File.write!(Path.join(dir, "x"), "1")
    assert File.ls!(dir) == ["x"]
  end

  @tag :capture_log
  test "logs are kept off" do
    Logger.error("loud")
  end

  test "output and logs are captured" do
    assert capture_io(fn -> IO.puts(Subject.add(1, 1)) end) == "2\n"
    assert capture_io(:stderr, fn -> IO.puts(:stderr, "x") end) == "x\n"
    assert capture_log(fn -> Logger.warning("careful") end) =~ "careful"
    assert capture_io("in\n", fn -> IO.write(IO.gets("")) end) == "in\n"
  end

  test "messages", %{agent: agent} do
    me = self()
    Agent.update(agent, fn list -> send(me, {:got, Subject.add(1, 2)}) && list end)
    assert_receive {:got, 3}
    refute_received {:got, _}
  end

  describe "supervised" do
    setup do
      start_supervised!({Agent, fn -> 7 end})
      :ok
    end

    test "children stop with the test" do
      pid = start_supervised!({Agent, fn -> 8 end}, id: :other)
      on_exit(fn -> refute Process.alive?(pid) end)
      assert Agent.get(pid, & &1) == 8
      assert :ok = stop_supervised(:other)
    end
  end

  test "an on_exit that fails fails its test" do
    on_exit(fn -> raise "late" end)
  end

  @tag timeout: 30
  test "a test's own timeout" do
    Process.sleep(:infinity)
  end

  test "errors", do: assert_raise(ArithmeticError, fn -> Subject.add(:a, 1) end)
end
