defmodule ElixirEval.Runner do
  @moduledoc """
  Runs the tests of loaded test modules, as `ExUnit.Runner` would, with a result nobody can forge.

  ExUnit's own runner believes any message of the right shape. Here every piece of code that may
  call a candidate (a test, `setup_all`, an `on_exit` callback) runs in a process of its own, and
  the runner learns one of two things of it: the monitor's `:DOWN`, which is a failure whatever its
  reason says, or a message that carries a reference made for this one process. That reference

    * is made fresh by the runner for each process, so that one that leaked would be worthless;
    * lives in the runner's and in the first frame of the new process, which are ours; it is in no
      process dictionary, ETS table, message, exit reason or argument that other code gets to see;
    * is sent by that first frame after the test function has *returned*. A throw, an exit, an
      error and a kill all end in another branch, and candidate code on the stack is gone by then.

  A candidate on the warm way has no function that makes a reference from data or reads another
  process, its stack or its messages, and one in a VM of its own only sends values that the proxy
  builds, so neither can name the reference even if it knows the runner's pid; sending anything else
  there, killing the test process, unlinking, trapping exits, swallowing messages or registering
  names can only make tests fail. Killing the runner itself is a failure too: the host asks its
  monitor, not the runner's word.

  What a failed test says is formatted in the test's own process, since formatting calls protocols
  that the candidate may implement, and after the failure is known: a formatter that hangs or raises
  changes the message, never the result.

  Tests run in the order of their definition, modules in that of their compilation, one at a time.
  """

  alias ElixirEval.Protocol

  @message 4_000
  @format_ms 2_000

  # Words. A usual test ends before its garbage is collected, which takes now more reductions, now
  # less.
  @room 10_958

  @doc """
  Run the modules (`{name, parameters}`) and give `[%{module, name, passed, message}]`, the bytes
  that the candidate held at the end of the test where it held most, and the reductions that
  measuring took.

  Options: `:heap_words` for each process; `:baseline`, a set of pids that are not the candidate's;
  `:exunit`, ExUnit's configuration; `:failing`, called with the result of a test as soon as it has
  failed.
  """
  def run(modules, options) do
    {include, exclude} =
      ExUnit.Filters.normalize(options.exunit[:include] || [], options.exunit[:exclude] || [])

    settings = Map.merge(options, %{include: include, exclude: exclude})
    runs = Enum.map(modules, fn {module, params} -> module(module, params, settings) end)

    {memory, own} = Enum.reduce(runs, {0, 0}, fn {_, used}, sofar -> most(used, sofar) end)
    {merged(Enum.flat_map(runs, &elem(&1, 0))), memory, own}
  end

  @doc "The tests of a module that are to run, `{module, name}` each, without running any."
  def names(modules, exunit) do
    {include, exclude} = ExUnit.Filters.normalize(exunit[:include] || [], exunit[:exclude] || [])

    for {module, params} <- modules,
        test <- selected(%{module.__ex_unit__() | parameters: params}, include, exclude),
        uniq: true,
        do: {module, test.name}
  end

  # A test that runs with several parameters is one test: it passes when it does with all of them.
  defp merged(results) do
    results
    |> Enum.with_index()
    |> Enum.group_by(fn {result, _} -> {result.module, result.name} end)
    |> Enum.map(fn {_, group} ->
      {first, index} = hd(group)
      failed = Enum.find(group, fn {result, _} -> not result.passed end)
      {index, if(failed, do: elem(failed, 0), else: first)}
    end)
    |> Enum.sort_by(&elem(&1, 0))
    |> Enum.map(&elem(&1, 1))
  end

  defp selected(test_module, include, exclude) do
    for test <- test_module.tests,
        tags = Map.merge(test.tags, %{test: test.name, module: test.module, async: false}),
        ExUnit.Filters.eval(include, exclude, tags, test_module.tests) == :ok,
        do: %{test | tags: tags, parameters: test_module.parameters}
  end

  defp module(module, params, settings) do
    test_module = %{module.__ex_unit__() | parameters: params}
    tests = selected(test_module, settings.include, settings.exclude)

    context =
      test_module.tags |> Map.merge(params) |> Map.merge(%{module: module, async: false})

    cond do
      tests == [] -> {[], {0, 0}}
      test_module.setup_all? -> with_setup_all(test_module, tests, context, settings)
      true -> tests(tests, context, settings)
    end
  end

  defp tests(tests, context, settings) do
    Enum.map_reduce(tests, {0, 0}, fn test, sofar ->
      {result, used} = test(test, context, settings)
      {result, most(used, sofar)}
    end)
  end

  defp most({bytes, own}, {most, sum}), do: {max(bytes, most), own + sum}

  ## setup_all

  defp with_setup_all(test_module, tests, context, settings) do
    secret = make_ref()
    finish = make_ref()
    runner = self()
    module = test_module.name

    {pid, monitor} =
      start(settings, fn ->
        ExUnit.OnExitHandler.register(self())

        case guarded(fn -> module.__ex_unit__(:setup_all, context) end) do
          {:ok, context} ->
            send(runner, {secret, :ok, context})

          {:failed, failure} ->
            send(runner, {secret, :failed})
            send(runner, {secret, module_message(test_module, failure)})
        end

        # What setup_all started stays alive until the module's tests are done. The monitor's
        # reference is as unknown to others as `finish`.
        down = Process.monitor(runner)

        receive do
          {^finish, :exit} -> :ok
          {:DOWN, ^down, :process, _, _} -> :ok
        end
      end)

    {results, peak} =
      receive do
        {^secret, :ok, context} ->
          tests(tests, context, settings)

        {^secret, :failed} ->
          message = "the module's setup_all failed\n" <> late_message(secret, pid, monitor)
          {Enum.map(tests, &result(&1, false, message)), {0, 0}}

        {:DOWN, ^monitor, :process, _, reason} ->
          send(self(), {:DOWN, monitor, :process, pid, reason})
          message = "setup_all ended with #{exit_text(reason)}"
          {Enum.map(tests, &result(&1, false, message)), {0, 0}}
      after
        timeout(%{}, settings) ->
          Process.exit(pid, :kill)
          {Enum.map(tests, &result(&1, false, "setup_all took too long")), {0, 0}}
      end

    send(pid, {finish, :exit})
    ended(pid, monitor)

    case on_exit(pid, timeout(%{}, settings), settings) do
      :ok -> {results, peak}
      {:failed, message} -> {Enum.map(results, &failed_later(&1, message)), peak}
    end
  end

  defp failed_later(%{passed: true} = result, message),
    do: %{result | passed: false, message: "on_exit of setup_all failed\n" <> message}

  defp failed_later(result, _), do: result

  ## one test

  defp test(test, context, settings) do
    secret = make_ref()
    told = make_ref()
    runner = self()
    timeout = timeout(test.tags, settings)

    {pid, monitor} =
      start(settings, fn ->
        ExUnit.OnExitHandler.register(self())
        :rand.seed(:exsss, {:erlang.phash2(test.module), :erlang.phash2(test.name), 0})
        context = context |> Map.merge(test.tags) |> Map.put(:test_pid, self())

        outcome =
          guarded(fn ->
            logged(Map.get(context, :capture_log, settings.exunit[:capture_log] || false), fn ->
              context = tmp_dir(context, test)
              apply(test.module, test.name, [test.module.__ex_unit__(:setup, context)])
            end)
          end)

        case outcome do
          {:ok, _} ->
            send(runner, {secret, :ok, used(settings.baseline)})

          {:failed, failure} ->
            send(runner, {secret, :failed})
            # Showing it may bring the VM down.
            receive do: (^told -> send(runner, {secret, message(test, failure)}))
        end

        # As ExUnit's do: what is linked ends quietly with it.
        exit(:shutdown)
      end)

    {result, used} =
      receive do
        {^secret, :ok, used} ->
          ended(pid, monitor)
          {result(test, true, ""), used}

        {^secret, :failed} ->
          if is_map_key(settings, :failing), do: settings.failing.(result(test, false, ""))
          send(pid, told)
          text = late_message(secret, pid, monitor)
          ended(pid, monitor)
          {result(test, false, text), {0, 0}}

        {:DOWN, ^monitor, :process, _, reason} ->
          {result(test, false, "the test's process ended with #{exit_text(reason)}"), {0, 0}}
      after
        timeout ->
          where = stack(pid)
          Process.exit(pid, :kill)
          ended(pid, monitor)
          {result(test, false, "the test took longer than #{timeout} ms\n#{where}"), {0, 0}}
      end

    case on_exit(pid, timeout, settings) do
      :ok -> {result, used}
      {:failed, _} when not result.passed -> {result, used}
      {:failed, message} -> {%{result | passed: false, message: message}, used}
    end
  end

  defp result(test, passed, message) do
    %{
      module: Atom.to_string(test.module),
      name: Atom.to_string(test.name),
      passed: passed,
      message: Protocol.cut(message, @message)
    }
  end

  # The heaps of what the candidate has at this moment, with the test's own: `{bytes, reductions}`,
  # the second being what it took to find out.
  defp used(baseline) do
    {:reductions, before} = Process.info(self(), :reductions)

    bytes =
      for pid <- Process.list(), not is_map_key(baseline, pid), reduce: 0 do
        sum ->
          case Process.info(pid, :memory) do
            {:memory, bytes} -> sum + bytes
            nil -> sum
          end
      end

    {:reductions, now} = Process.info(self(), :reductions)
    {bytes, now - before}
  end

  ## on_exit

  # Callbacks in the reverse order of registration, after the test's supervisor is gone.
  defp on_exit(pid, timeout, settings) do
    case :ets.take(ExUnit.Server, pid) do
      [{^pid, supervisor, callbacks}] ->
        first = stopped(supervisor, timeout)

        Enum.reduce(Enum.reverse(callbacks), first, fn {_, callback}, sofar ->
          case callback(callback, timeout, settings) do
            {:failed, _} = failed when sofar == :ok -> failed
            _ -> sofar
          end
        end)

      [] ->
        :ok
    end
  end

  defp stopped(nil, _), do: :ok

  defp stopped(supervisor, timeout) do
    monitor = Process.monitor(supervisor)

    receive do
      {:DOWN, ^monitor, _, _, _} -> :ok
    after
      timeout -> {:failed, "the test's supervisor did not stop within #{timeout} ms"}
    end
  end

  defp callback(callback, timeout, settings) do
    secret = make_ref()
    runner = self()

    {pid, monitor} =
      start(settings, fn ->
        case guarded(callback) do
          {:ok, _} ->
            send(runner, {secret, :ok})

          {:failed, {kind, reason, stack}} ->
            send(runner, {secret, :failed})
            send(runner, {secret, "on_exit: " <> Exception.format(kind, reason, stack)})
        end

        exit(:shutdown)
      end)

    receive do
      {^secret, :ok} ->
        ended(pid, monitor)
        :ok

      {^secret, :failed} ->
        text = late_message(secret, pid, monitor)
        ended(pid, monitor)
        {:failed, text}

      {:DOWN, ^monitor, :process, _, reason} ->
        {:failed, "an on_exit callback ended with #{exit_text(reason)}"}
    after
      timeout ->
        Process.exit(pid, :kill)
        ended(pid, monitor)
        {:failed, "an on_exit callback took longer than #{timeout} ms"}
    end
  end

  ## processes

  defp start(settings, fun) do
    room = min(@room, div(settings.heap_words, 4))
    options = [min_heap_size: room, max_heap_size: heap(settings.heap_words)]
    :erlang.spawn_opt(fun, [:monitor | options])
  end

  @doc "The option for a process that is killed, and reported to the host, beyond `words`."
  def heap(words),
    do: %{size: words, kill: true, error_logger: true, include_shared_binaries: true}

  defp guarded(fun) do
    {:ok, fun.()}
  catch
    kind, reason -> {:failed, {kind, reason, pruned(__STACKTRACE__)}}
  end

  defp ended(pid, monitor) do
    receive do
      {:DOWN, ^monitor, :process, ^pid, _} -> :ok
    after
      5_000 ->
        Process.exit(pid, :kill)
        Process.demonitor(monitor, [:flush])
        :ok
    end
  end

  defp late_message(secret, pid, monitor) do
    receive do
      {^secret, text} when is_binary(text) ->
        text

      {:DOWN, ^monitor, :process, ^pid, reason} ->
        # Put back for `ended`.
        send(self(), {:DOWN, monitor, :process, pid, reason})
        "the failure could not be shown"
    after
      @format_ms ->
        Process.exit(pid, :kill)
        "the failure took too long to be shown"
    end
  end

  defp stack(pid) do
    case Process.info(pid, :current_stacktrace) do
      {:current_stacktrace, stack} -> Exception.format_stacktrace(pruned(stack))
      nil -> ""
    end
  end

  defp timeout(tags, settings) do
    case Map.get(tags, :timeout, settings.exunit[:timeout] || 60_000) do
      ms when is_integer(ms) and ms >= 0 -> ms
      # The candidate's own limit ends it.
      _ -> :infinity
    end
  end

  defp logged(false, fun), do: fun.()
  defp logged(true, fun), do: logged([], fun)

  defp logged(options, fun) do
    {result, _} = ExUnit.CaptureLog.with_log(options, fun)
    result
  end

  ## messages

  defp message(test, {kind, reason, stack}) do
    ExUnit.Formatter.format_test_failure(test, failures(kind, reason, stack), 1, 80, &plain/2)
  end

  defp module_message(test_module, {kind, reason, stack}) do
    failures = failures(kind, reason, stack)
    ExUnit.Formatter.format_test_all_failure(test_module, failures, 1, 80, &plain/2)
  end

  defp failures(:error, %ExUnit.MultiError{errors: errors}, _) do
    for {kind, reason, stack} <- errors,
        do: {kind, Exception.normalize(kind, reason, stack), pruned(stack)}
  end

  defp failures(kind, reason, stack),
    do: [{kind, Exception.normalize(kind, reason, stack), stack}]

  defp plain(:diff_enabled?, _), do: false
  defp plain(:blame_diff, text), do: text
  defp plain(_, text), do: text

  defp pruned([{ExUnit.Assertions, _, _, _} | rest]), do: pruned(rest)
  defp pruned([{__MODULE__, _, _, _} | _]), do: []
  defp pruned([entry | rest]), do: [entry | pruned(rest)]
  defp pruned([]), do: []

  # The reason may hold anything, large or with a protocol of the candidate's: only its shape.
  defp exit_text(reason) when is_atom(reason), do: inspect(reason)

  defp exit_text(reason) do
    :io_lib.format(~c"~0tP", [reason, 12]) |> IO.chardata_to_string() |> Protocol.cut(500)
  rescue
    _ -> "a reason that cannot be shown"
  end

  ## tmp_dir

  defp tmp_dir(%{tmp_dir: false} = context, _), do: context

  defp tmp_dir(%{tmp_dir: true} = context, test), do: tmp_dir(context, test, "")

  defp tmp_dir(%{tmp_dir: path} = context, test) when is_binary(path),
    do: tmp_dir(context, test, path)

  defp tmp_dir(%{tmp_dir: other}, _),
    do:
      raise(
        ArgumentError,
        "expected :tmp_dir to be a boolean or a string, got: #{inspect(other)}"
      )

  defp tmp_dir(context, _), do: context

  defp tmp_dir(context, test, extra) do
    name = Enum.map_join([inspect(test.module), to_string(test.name)], "-", &escaped/1)
    number = :erlang.phash2({test.module, test.name, test.parameters})
    path = Path.expand(Path.join(["tmp", "#{name}-#{number}", extra]))
    File.rm_rf!(path)
    File.mkdir_p!(path)
    Map.put(context, :tmp_dir, path)
  end

  defp escaped(text), do: String.replace(text, ~r/[^A-Za-z0-9_.]/, "-")
end
