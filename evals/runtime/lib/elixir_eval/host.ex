defmodule ElixirEval.Host do
  @moduledoc """
  The trusted VM: holds the tests, grades one candidate after another, answers on descriptor 1.

  Three processes matter. The *host* owns the port, keeps time, and decides; it never runs, formats
  or matches on anything of a candidate's. The *judge*, one a candidate, walks through the steps
  (tests, gate, compile, run) and is itself believed only with a reference that it alone was given.
  Everything else that exists after a candidate and did not before is killed.

  Started as `erl … -s Elixir.ElixirEval.Host main`. The protocol is told in `evals/worker.py`.
  """

  alias ElixirEval.{Dispatch, Output, Protocol, Proxy, Snapshot, Style, Tests}
  alias ElixirEval.Host.{Boot, Judge, Watch}

  @most_problems 64
  @most_processes 10_000
  @most_atoms 300_000
  @trusted_ms 60_000
  @counted [:gate, :compile, :tests]

  @doc "Boot, tell Python, and serve until descriptor 0 ends."
  def main do
    port = Protocol.open()
    Process.flag(:priority, :high)
    Process.flag(:message_queue_data, :off_heap)
    state = Map.merge(Boot.start(), %{port: port, problems: %{}, loaded: nil, count: 0})

    state = %{state | snapshot: Snapshot.take(state.sink)}
    Protocol.control(port, %{op: "ready"} |> Map.merge(Boot.versions()))
    serve(state)
  end

  defp serve(%{port: port} = state) do
    receive do
      {^port, {:data, frame}} ->
        case Protocol.decode(frame) do
          {:control, %{"op" => "grade"} = question} ->
            state |> grade(question) |> serve()

          {:control, %{"op" => "state", "id" => id}} ->
            Protocol.control(port, Map.put(Snapshot.sizes(), :id, id))
            serve(state)

          # What a candidate VM still sends after its verdict is for nobody.
          _ ->
            serve(state)
        end

      {^port, :eof} ->
        :erlang.halt(0)

      _ ->
        serve(state)
    end
  end

  defp grade(state, %{"id" => id, "problem" => %{"key" => key} = asked} = question) do
    case known(state, key, asked) do
      nil ->
        Protocol.control(state.port, %{id: id, outcome: "unknown_problem"})
        state

      problem ->
        {answer, state} = judged(state, problem, question)
        Protocol.control(state.port, Map.put(answer, :id, id))
        state
    end
  end

  defp known(state, key, %{"test" => test} = asked) when is_binary(test) do
    state.problems[key] || Tests.problem(key, test, asked["capabilities"] || [])
  end

  defp known(state, key, _), do: state.problems[key]

  ## one candidate

  defp judged(state, problem, question) do
    limits = limits(question["limits"] || %{})
    ref = make_ref()
    output = Output.start(limits.output, {self(), ref})
    Output.take_over(:standard_error, output)
    Watch.watch(state.watch, self(), ref, @most_processes)
    host = self()

    job = %{
      problem: problem,
      loaded: state.loaded,
      source: question["candidate"],
      way: question["way"] || "auto",
      limits: limits,
      channel: question["channel"] || 0,
      send: Protocol.relay(state.port, question["channel"] || 0),
      tell: fn what -> send(host, {ref, what}) end,
      baseline: state.snapshot.processes |> Map.put(output, true)
    }

    {judge, monitor} =
      :erlang.spawn_opt(
        fn ->
          Process.group_leader(self(), output)
          send(host, {ref, {:judged, Judge.judge(job)}})
        end,
        [:monitor, max_heap_size: 0]
      )

    waiting = %{
      ref: ref,
      id: question["id"],
      judge: judge,
      monitor: monitor,
      port: state.port,
      budget: limits.seconds * 1000,
      phase: :tests_compile,
      since: now(),
      spent: %{},
      oom: nil,
      session: nil,
      problem: nil,
      entry: nil
    }

    {verdict, waiting} = await(waiting)
    peak = Watch.rest(state.watch)
    # The watch may have had something to say that the judge's word overtook.
    verdict = verdict |> blamed(late(waiting)) |> stopped(Dispatch.violation(), job.way)
    if waiting.session, do: close(waiting.session)
    Process.exit(judge, :kill)
    cleaned = now()
    text = Output.text(output)
    {state, extra} = finished(state, waiting, output)
    clean = now() - cleaned

    formatted = if style?(verdict), do: Style.formatted?(job.source)
    timing = waiting.spent |> Map.put(:clean, clean) |> Map.new(fn {k, ms} -> {k, ms / 1000} end)
    seconds = for(name <- @counted, do: waiting.spent[name] || 0) |> Enum.sum()

    # Cut short, it was where it had been sent.
    where = if job.way == "two_vms", do: "two_vms", else: "warm"

    verdict =
      if verdict.outcome in ["timeout", "out_of_memory", "too_much_output", "failed"],
        do: Map.put(verdict, :way, where),
        else: verdict

    answer =
      verdict
      |> Map.merge(extra)
      |> Map.merge(expected(problem, waiting.problem))
      |> Map.merge(%{
        seconds: seconds / 1000,
        output: Protocol.cut(text, 4096),
        timing: timing,
        formatted: formatted,
        vm_memory: peak
      })

    {answer, state}
  end

  # What the tests are when they are new to this VM, and compiled without a candidate: known before
  # one ran.
  defp expected(%{kept: kept}, %{kept: %{general: %{} = entry}})
       when not is_map_key(kept, :general),
       do: %{expected: for({module, name} <- Tests.expected(entry), do: [module, name])}

  defp expected(_, _), do: %{}

  defp style?(%{outcome: outcome}), do: outcome not in ["needs_two_vms", "refused"]

  defp close(session) do
    Proxy.close(session)
  catch
    _, _ -> :ok
  end

  defp limits(given) do
    %{
      seconds: given["seconds"] || 10,
      output: given["output"] || 262_144,
      heap_words: given["heap_words"] || 32_000_000,
      frame: given["frame"] || 8_388_608
    }
  end

  # Until the judge has spoken, a limit is passed, or Python is gone. Only phases that run the
  # candidate count against its time.
  defp await(waiting) do
    %{ref: ref, monitor: monitor, port: port} = waiting

    receive do
      {^ref, {:judged, verdict}} ->
        Process.demonitor(monitor, [:flush])
        {verdict, turned(waiting, :done)}

      {^ref, {:phase, name}} ->
        await(turned(waiting, name))

      {^ref, {:session, session}} ->
        await(%{waiting | session: session})

      # Python should know whatever becomes of this VM.
      {^ref, {:failing, result}} ->
        Protocol.control(port, %{op: "failing", of: waiting.id, test: result})
        await(waiting)

      {^ref, {:problem, problem}} ->
        await(%{waiting | problem: problem})

      {^ref, {:entry, entry}} ->
        await(%{waiting | entry: entry})

      {^ref, {:out_of_memory, why}} ->
        if String.starts_with?(why, "a process"),
          do: await(%{waiting | oom: why}),
          else: {ended("out_of_memory", why), turned(waiting, :done)}

      {^ref, :too_much_output} ->
        {ended("too_much_output", "it printed more than it may"), turned(waiting, :done)}

      {:DOWN, ^monitor, :process, _, _} ->
        {ended("failed", "the process that ran the tests was killed"), turned(waiting, :done)}

      {^port, {:data, frame}} ->
        await(relayed(frame, waiting))

      {^port, :eof} ->
        :erlang.halt(0)
    after
      left(waiting) ->
        {ended("timeout", "#{waiting.phase} took too long"), turned(waiting, :done)}
    end
  end

  defp late(%{ref: ref} = waiting) do
    receive do
      {^ref, {:out_of_memory, why}} -> %{waiting | oom: why}
    after
      0 -> waiting
    end
  end

  # A failure after a heap went over its limit is that limit's doing.
  defp blamed(%{outcome: outcome} = verdict, %{oom: why})
       when is_binary(why) and outcome in ["failed", "compile_error"],
       do: %{verdict | outcome: "out_of_memory", reason: why}

  defp blamed(verdict, _), do: verdict

  # A call that may not be made here was not made: no word on the candidate, whatever came of it.
  defp stopped(verdict, nil, _), do: verdict
  defp stopped(_, call, "warm"), do: ended("refused", call)
  defp stopped(_, call, _), do: %{outcome: "needs_two_vms", reason: call}

  defp ended(outcome, reason), do: %{outcome: outcome, reason: reason, way: ""}

  defp turned(waiting, phase) do
    now = now()

    spent =
      Map.update(waiting.spent, waiting.phase, now - waiting.since, &(&1 + now - waiting.since))

    %{waiting | phase: phase, since: now, spent: spent}
  end

  defp left(waiting) do
    used = now() - waiting.since

    left =
      if waiting.phase in @counted do
        before = for(name <- @counted, do: waiting.spent[name] || 0) |> Enum.sum()
        waiting.budget - before - used
      else
        # Of a VM beside this one too: it has its own limit, and boots within it.
        @trusted_ms - used
      end

    left |> max(0) |> ceil()
  end

  # By channel, since frames arrive before the judge has the session.
  defp relayed(frame, waiting) do
    case Protocol.decode(frame) do
      {:relay, channel, bytes} ->
        Proxy.frame(channel, bytes)

      {:control, %{"op" => "channel_closed", "channel" => channel} = message} ->
        Proxy.lost(channel, message["reason"])

      _ ->
        :ok
    end

    waiting
  end

  ## afterwards

  defp finished(state, waiting, output) do
    state = if waiting.problem, do: remember(state, waiting.problem), else: state
    entry = if waiting.entry == :none, do: nil, else: waiting.entry || state.loaded
    Dispatch.finish()

    case Snapshot.clean(state.snapshot, if(entry, do: entry.digests, else: %{}), output) do
      {:ok, snapshot} ->
        retire = :erlang.system_info(:atom_count) > @most_atoms
        extra = if retire, do: %{retire: true}, else: %{}
        {%{state | snapshot: snapshot, loaded: entry, count: state.count + 1}, extra}

      {:tainted, what} ->
        {state, %{tainted: what}}
    end
  end

  defp remember(state, problem) do
    problem = %{problem | used: state.count}
    problems = Map.put(state.problems, problem.key, problem)

    problems =
      if map_size(problems) > @most_problems do
        {oldest, _} = Enum.min_by(problems, fn {_, problem} -> problem.used end)
        Map.delete(problems, oldest)
      else
        problems
      end

    %{state | problems: problems}
  end

  defp now, do: System.monotonic_time(:microsecond) / 1000
end
