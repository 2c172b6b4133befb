defmodule ElixirEval.Host.Boot do
  @moduledoc """
  What the host VM does once, before it takes candidates.

  After it, nothing but the host's port writes to descriptor 1, the logger has no handler, ExUnit
  never runs by itself, the code path is short (a name that is no module is looked for in every
  folder of it), and what a usual candidate makes Elixir load is loaded.
  """

  alias ElixirEval.{Allowed, Bodies, Compile, Dispatch, Output, Toolchain}
  alias ElixirEval.Host.Watch

  @memory 450_000_000
  @heap_words 32_000_000
  @applications [:kernel, :stdlib, :compiler, :crypto, :elixir, :logger, :ex_unit]
  @warm """
  defmodule Elixireval.Warm do
    use GenServer
    defstruct [:a, b: 1]
    @moduledoc "x"
    @spec start(term) :: {:ok, pid}
    def start(x), do: GenServer.start(__MODULE__, x)
    def init(x), do: {:ok, %{x: x, list: for(i <- 1..3, do: "\#{i}")}}
    def handle_call(:get, _, state), do: {:reply, state.x, state}
    def handle_cast({:put, x}, state) when is_integer(x), do: {:noreply, %{state | x: x}}
    def sum(list), do: list |> Enum.map(&(&1 * 2)) |> Enum.reduce(0, fn x, y -> unused = 1; x + y end)
  end
  """
  @warm_test """
  defmodule Elixireval.WarmTest do
    use ExUnit.Case
    import ExUnit.CaptureIO
    setup do
      on_exit(fn -> :ok end)
      {:ok, x: start_supervised!({Agent, fn -> 1 end})}
    end
    describe "a" do
      test "b", %{x: x} do
        assert Agent.get(x, & &1) == 1
        assert_receive :x, 10
        assert capture_io(fn -> IO.puts("x") end) == "x\\n"
        assert_raise ArgumentError, fn -> raise ArgumentError, "x" end
        refute [1] == [2, 3]
        assert %{a: _} = %{a: 1}
      end
    end
  end
  """

  @doc "Boot; gives the beginnings of the host's state."
  def start do
    sink = Output.start(:infinity, {self(), nil})
    Process.group_leader(self(), sink)
    Process.group_leader(Process.whereis(:application_controller), sink)
    Output.take_over(:standard_error, sink)
    Output.take_over(:user, Output.start(:infinity, {self(), nil}))
    Application.load(:ex_unit)
    Application.put_env(:ex_unit, :autorun, false)
    {:ok, _} = Application.ensure_all_started(:elixir)
    {:ok, _} = Application.ensure_all_started(:logger)
    {:ok, _} = Application.ensure_all_started(:ex_unit)
    for handler <- :logger.get_handler_ids(), do: :logger.remove_handler(handler)
    Application.put_env(:elixir, :ansi_enabled, false)
    # A server that runs whatever it is told to, and of which nobody here has need.
    :ok = :supervisor.terminate_child(:kernel_sup, :rex)
    :ok = :supervisor.delete_child(:kernel_sup, :rex)
    close_init()
    Compile.options()
    File.cd!(System.tmp_dir!())
    :ok = :timer.start()
    :erlang.system_flag(:backtrace_depth, 20)
    Dispatch.harden()
    Bodies.install()
    Toolchain.install()
    warm_up()
    Allowed.reserved()
    shorten_path()
    :erlang.system_flag(:max_heap_size, ElixirEval.Runner.heap(@heap_words))
    %{sink: sink, watch: Watch.start(@memory), snapshot: nil}
  end

  @doc "The versions that decide how candidates run."
  def versions do
    %{
      elixir: System.version(),
      otp: to_string(:erlang.system_info(:otp_release)),
      erts: to_string(:erlang.system_info(:version))
    }
  end

  # `init` ends the VM when it is told to or does not understand, and its name is an honest word.
  # Servers answer, and cast to, whom they are told: with an atom or a reference of theirs in front.
  defp close_init do
    init = Process.whereis(:init)
    Process.unregister(:init)
    Process.register(spawn(fn -> door(init) end), :init)
  end

  defp door(init) do
    receive do
      {from, _} = request when is_pid(from) -> send(init, request)
      _ -> :ok
    end

    door(init)
  end

  defp shorten_path do
    ours = :code.which(__MODULE__) |> Path.dirname() |> String.to_charlist()

    folders =
      for app <- @applications, dir = :code.lib_dir(app), is_list(dir), do: dir ++ ~c"/ebin"

    :code.set_path([ours | folders], :cache)
  end

  # Grades a small candidate without its gate, so that the first real one finds all in memory.
  defp warm_up do
    problem = ElixirEval.Tests.problem("warm", @warm_test, [])
    {:ok, entry, _} = ElixirEval.Tests.general(problem)
    {made, _} = Code.with_diagnostics(fn -> Code.compile_string(@warm, "candidate.ex") end)
    {:ok, server} = GenServer.start(Elixireval.Warm, 1)
    GenServer.stop(server)
    ElixirEval.Tests.load(entry)
    ElixirEval.Tests.run(entry, %{heap_words: @heap_words, baseline: %{}})
    ElixirEval.Style.formatted?(@warm)
    ElixirEval.Tests.unload(for {module, _} <- made ++ entry.beams, do: module)
  end
end
