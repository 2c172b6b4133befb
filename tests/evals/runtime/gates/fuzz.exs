# Generates modules, lets the gates judge them, runs those that stay warm under call tracing, and
# tells every function that the candidate's code reached and may not call.
#
# Standard input: {"seed": n, "count": n}. It runs in a VM that is thrown away.

Code.eval_string(
  __DIR__ |> Path.join("drive.exs") |> File.read!() |> String.split("reserved = Drive.boot()") |> hd()
)

defmodule Generate do
  @moduledoc "Random modules: a target to reach, a way to reach it, a place to do it from."

  @dangerous [
    {:erlang, :halt, 0},
    {:erlang, :processes, 0},
    {:erlang, :binary_to_atom, 1},
    {:erlang, :list_to_atom, 1},
    {:erlang, :process_info, 1},
    {:erlang, :group_leader, 0},
    {:erlang, :list_to_pid, 1},
    {:erlang, :binary_to_term, 1},
    {:erlang, :get, 0},
    {:ets, :all, 0},
    {System, :get_env, 0},
    {System, :pid, 0},
    {String, :to_atom, 1},
    {List, :to_existing_atom, 1},
    {Process, :list, 0},
    {Process, :info, 1},
    {Process, :registered, 0},
    {Module, :concat, 1},
    {Code, :eval_string, 1},
    {File, :cwd, 0},
    {File, :read, 1},
    {Application, :loaded_applications, 0},
    {Application, :get_all_env, 1},
    {:persistent_term, :get, 0},
    {:code, :all_loaded, 0},
    {:sys, :get_state, 1},
    {Node, :list, 0},
    {Logger, :level, 0},
    {Calendar, :get_time_zone_database, 0},
    {ExUnit.Server, :modules_loaded, 1},
    {ElixirEval.Dispatch, :finish, 0},
    {ElixirEval.Allowed, :baseline, 0}
  ]

  def dangerous, do: @dangerous

  def source(all) do
    probes = for n <- 1..Enum.random(1..3), do: probe(n, target(all))
    {outside, inside} = Enum.unzip(probes)

    """
    #{outside |> Enum.map(& &1.before) |> Enum.join("\n")}
    defmodule A do
      #{pick(["", "use GenServer\n  def init(x), do: {:ok, x}", "use Supervisor\n  def init(x), do: x", "import Enum", "import Bitwise", "require Logger", "defstruct [:m, :f, a: 1]"])}
      #{outside |> Enum.map(& &1.body) |> Enum.join("\n  ")}
      def held(:m), do: Process.get(:m)
      def id(x), do: x
    #{Enum.join(inside, "\n")}
      def run do
        #{Enum.map_join(1..length(probes), "\n    ", &"guarded(fn -> probe#{&1}() end)")}
      end
      defp guarded(f) do
        f.()
      catch
        k, r -> {k, r}
      end
    end
    """
  end

  # Allowed functions, dangerous ones, and anything at all.
  defp target(all) do
    case :rand.uniform(10) do
      n when n <= 4 -> Enum.random(@dangerous)
      n when n <= 7 -> elem(all, :rand.uniform(tuple_size(all)) - 1)
      _ -> Enum.random([{Enum, :sort, 1}, {String, :upcase, 1}, {Map, :new, 0}, {:lists, :sum, 1}, {Kernel, :inspect, 1}, {Agent, :start, 1}, {:erlang, :self, 0}])
    end
  end

  defp probe(n, {m, f, a}) do
    arguments = for _ <- 1..a//1, do: term()
    list = "[" <> Enum.join(arguments, ", ") <> "]"
    call = Enum.join(arguments, ", ")
    module = inspect(m)
    name = Macro.inspect_atom(:remote_call, f)
    atom = inspect(f)
    none = %{before: "", body: ""}
    elixir? = String.starts_with?(module, ~w(A B C D E F G H I J K L M N O P Q R S T U V W X Y Z))

    {extra, code} =
      pick([
        {none, "#{module}.#{name}(#{call})"},
        {none, "apply(#{module}, #{atom}, #{list})"},
        {none, "id(#{module}).#{name}(#{call})"},
        {none, "(fn m -> m.#{name}(#{call}) end).(#{module})"},
        {none, "id(#{module}).#{name}"},
        {none, "Map.get(%{a: #{module}}, :a).#{name}"},
        {none, "(&#{module}.#{name}/#{a}).(#{call})"},
        {none, "(&id(#{module}).#{name}/#{a}).(#{call})"},
        {none, "Function.capture(#{module}, #{atom}, #{a}).(#{call})"},
        {none, ":erlang.apply(id(#{module}), #{atom}, #{list})"},
        {none, "Enum.map([#{list}], &apply(#{module}, #{atom}, &1))"},
        {none, "Enum.reduce([#{atom}], #{module}, fn f, m -> apply(m, f, #{list}) end)"},
        {none, "(&apply/3).(#{module}, #{atom}, #{list})"},
        {none, "apply(Kernel, :apply, [#{module}, #{atom}, #{list}])"},
        {none, "apply(A, :id, [#{module}]).#{name}(#{call})"},
        {none, "Task.await(Task.async(#{module}, #{atom}, #{list}), 50)"},
        {none, "Task.async(fn -> id(#{module}).#{name}(#{call}) end) |> Task.await(50)"},
        {none, "spawn(#{module}, #{atom}, #{list}); Process.sleep(1)"},
        {none, "Process.spawn(#{module}, #{atom}, #{list}, []); Process.sleep(1)"},
        {none, "{:ok, p} = Agent.start(fn -> 1 end); Agent.get(p, #{module}, #{atom}, #{list})"},
        {none, "{:ok, p} = Agent.start(fn -> 1 end); GenServer.call(p, {:get, {#{module}, #{atom}, #{list}}}, 50)"},
        {none, "Supervisor.start_link([%{id: 1, start: {#{module}, #{atom}, #{list}}}], strategy: :one_for_one)"},
        {none, "{:ok, p} = DynamicSupervisor.start_link(strategy: :one_for_one); DynamicSupervisor.start_child(p, %{id: 1, start: {#{module}, #{atom}, #{list}}})"},
        {none, ":timer.apply_after(0, #{module}, #{atom}, #{list})"},
        {none, ":proc_lib.spawn(#{module}, #{atom}, #{list})"},
        {none, ":erlang.spawn_opt(#{module}, #{atom}, #{list}, [])"},
        {none, ":lists.map(fn m -> m.#{name} end, [#{module}])"},
        {none, "for m <- [#{module}], do: m.#{name}(#{call})"},
        {none, "with m when is_atom(m) <- #{module}, do: m.#{name}(#{call})"},
        {none, "%{__struct__: #{module}} |> Map.get(:__struct__) |> then(& &1.#{name}(#{call}))"},
        {none, "get_in(%{a: #{module}}, [:a]).#{name}"},
        {none, "\"\#{inspect(#{module}.#{name}(#{call}))}\""},
        {none, "(try do raise #{module} rescue e -> e end).__struct__.#{name}(#{call})"},
        {none, "Stream.map([#{module}], & &1.#{name}(#{call})) |> Enum.to_list()"},
        {none, "if #{module}.#{name}(#{call}), do: 1"},
        {none, "GenServer.start_link(#{module}, #{term()})"},
        {none, "Process.put(:m, #{module}); held(:m).#{name}(#{call})"},
        {none, "receive do: (m -> m.#{name}), after: (0 -> id(#{module}).#{name})"},
        {none, "send(self(), {#{module}, #{atom}}); receive do: ({m, f} -> apply(m, f, #{list}))"},
        {none, "struct(#{module}, %{})"},
        {none, "Enum.sort([1, 2], #{module})"},
        {%{none | body: "@m#{n} #{module}"}, "@m#{n}.#{name}(#{call})"},
        {%{none | body: "@f#{n} &#{module}.#{name}/#{a}"}, "@f#{n}.(#{call})"},
        {%{none | body: "@v#{n} #{module}.#{name}(#{call})"}, "@v#{n}"},
        {%{none | body: "def with_default#{n}(m \\\\ #{module}), do: m.#{name}(#{call})"}, "with_default#{n}()"},
        {%{none | body: "def #{if name =~ ~r/^[a-z_]+$/, do: "x_#{name}", else: "x"}#{n}(#{module}), do: 1"}, "1"},
        {%{none | body: delegate(f, a, module, n)}, "delegated#{n}(#{call})"},
        {%{none | before: "defmodule B#{n} do\n  def f(m), do: m.#{name}(#{call})\nend"}, "B#{n}.f(#{module})"},
        {%{none | before: "defprotocol P#{n} do\n  def f(x)\nend\ndefimpl P#{n}, for: Atom do\n  def f(m), do: m.#{name}(#{call})\nend"}, "P#{n}.f(#{module})"},
        if(elixir?, do: {%{none | body: "alias #{module}, as: Enum#{n}"}, "Enum#{n}.#{name}(#{call})"}, else: {none, "1"}),
        if(elixir?, do: {%{none | before: "alias #{module}, as: String#{n}"}, "String#{n}.#{name}"}, else: {none, "1"}),
        {%{none | body: "import #{module}, only: [#{Macro.inspect_atom(:key, f)} #{a}]"}, "#{name}(#{call})"}
      ])

    {extra, "  def probe#{n}, do: (#{code})"}
  end

  defp delegate(f, a, module, n) do
    variables = Enum.map_join(1..a//1, ", ", &"v#{&1}")
    "defdelegate delegated#{n}(#{variables}), to: #{module}, as: #{inspect(f)}"
  end

  defp term do
    pick([~s("a"), "1", ":a", "[]", "[1, 2]", "%{a: 1}", "{1, 2}", "fn -> 1 end", "fn x -> x end", "self()", "nil", "~c\"ab\"", "A", ":init", "make_ref()"])
  end

  defp pick(list), do: Enum.random(list)
end

defmodule Watch do
  @moduledoc "Runs a candidate's function and tells the calls that its modules made to others."

  # What an allowed function jumps to at its end looks as if its caller had called it.
  def start do
    :erlang.trace_pattern({:_, :_, :_}, [{:_, [], [{:message, {:caller}}]}], [:global])
    :erlang.trace_pattern({ElixirEval.Dispatch, :_, :_}, false, [:global])
  end

  def reached(modules, function) do
    collector = self()
    own = Map.new(modules, &{&1, true})

    {pid, monitor} =
      spawn_monitor(fn ->
        receive do: (:go -> function.())
      end)

    :erlang.trace(pid, true, [:call, :set_on_spawn, {:tracer, collector}])
    send(pid, :go)

    receive do
      {:DOWN, ^monitor, _, _, _} -> :ok
    after
      500 -> :ok
    end

    Process.exit(pid, :kill)
    drain(own, MapSet.new(), 20_000)
  end

  defp drain(_own, found, 0), do: found

  defp drain(own, found, left) do
    receive do
      {:trace, pid, :call, {m, f, a}, {caller, _, _}} when is_map_key(own, caller) ->
        Process.put(:tracees, MapSet.put(Process.get(:tracees, MapSet.new()), pid))
        drain(own, MapSet.put(found, {m, f, length(a)}), left - 1)

      _ ->
        drain(own, found, left - 1)
    after
      5 -> found
    end
  end
end

reserved = Drive.boot()
{:ok, %{"seed" => seed, "count" => count}} = :stdio |> IO.read(:eof) |> JSON.decode()
:rand.seed(:exsss, seed)

all =
  for {module, true} <- reserved.modules,
      :erlang.module_loaded(module),
      {function, arity} <- module.module_info(:exports),
      not String.starts_with?(Atom.to_string(module), "Elixir.Mix"),
      do: {module, function, arity}

all = all |> Enum.sort() |> List.to_tuple()
before = Process.list()
Watch.start()

results =
  for number <- 1..count do
    source = Generate.source(all)

    {pid, monitor} =
      spawn_monitor(fn ->
        result =
          case Drive.judge(source, ["process", "ets"], reserved) do
            {:warm, modules} ->
              ElixirEval.Dispatch.begin(modules)
              reached = Watch.reached(modules, fn -> apply(A, :run, []) end)
              violation = ElixirEval.Dispatch.violation()
              ElixirEval.Dispatch.finish()

              for module <- modules do
                :code.purge(module)
                :code.delete(module)
                :code.purge(module)
              end

              own = Map.new(modules, &{&1, true})

              holes =
                for {m, _, _} = mfa <- reached,
                    not is_map_key(own, m),
                    ElixirEval.Allowed.group(mfa) == nil,
                    not ElixirEval.Allowed.compiled?(mfa),
                    do: Exception.format_mfa(m, elem(mfa, 1), elem(mfa, 2))

              {:warm, violation, holes, MapSet.size(reached)}

            {outcome, _} ->
              outcome
          end

        exit({:done, result})
      end)

    result =
      receive do
        {:DOWN, ^monitor, _, _, {:done, result}} -> result
        {:DOWN, ^monitor, _, _, reason} -> {:crash, inspect(reason)}
      after
        15_000 -> Process.exit(pid, :kill) && {:crash, "no answer"}
      end

    for pid <- Process.list() -- before, pid != self(), do: Process.exit(pid, :kill)

    case result do
      {:warm, violation, holes, calls} ->
        %{number: number, outcome: "warm", violation: violation, holes: holes, calls: calls, source: if(holes != [], do: source)}

      {:crash, reason} ->
        %{number: number, outcome: "crash", reason: reason, source: source}

      outcome ->
        %{number: number, outcome: to_string(outcome)}
    end
  end

# On a line of its own, whatever the modules have printed.
IO.puts(["\n", JSON.encode!(results)])
