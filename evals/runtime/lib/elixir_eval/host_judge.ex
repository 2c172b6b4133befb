defmodule ElixirEval.Host.Judge do
  @moduledoc """
  The steps from a source to a verdict, in a process that the host may kill at any moment.

  The verdict is `passed` only when the runner reports every test that the test file defines, each
  as passed. Nothing that a candidate prints, returns or sends is looked at.
  """

  alias ElixirEval.{Allowed, Compile, Dispatch, Proxy, Snapshot, Tests}

  @doc "The verdict, as a map for the host to complete."
  def judge(job) do
    job.tell.({:phase, :tests_compile})
    {general, problem} = general(job.problem)
    job.tell.({:problem, problem})
    job = %{job | problem: problem}

    job = without_others(job, general)

    case candidate(job) do
      {:ok, modules, diagnostics, session} ->
        tested(job, general, modules, diagnostics, session)

      {:two_vms, reason} when job.way == "warm" ->
        %{outcome: "refused", reason: reason, way: ""}

      {:two_vms, reason} ->
        %{outcome: "needs_two_vms", reason: reason}

      {:refused, reason} ->
        %{outcome: "refused", reason: reason, way: ""}

      {:compile_error, diagnostics} ->
        %{
          outcome: "compile_error",
          reason: said(diagnostics),
          diagnostics: diagnostics,
          way: way(job)
        }

      {:killed, reason} ->
        %{outcome: "failed", reason: "it was killed while compiling: #{reason}", way: way(job)}

      {:lost, reason} ->
        lost(reason)
    end
  end

  defp general(problem) do
    case Tests.general(problem) do
      {:ok, entry, problem} -> {entry, problem}
      {:needs_candidate, problem} -> {nil, problem}
    end
  end

  # An earlier problem's tests must not be there to be called.
  defp without_others(%{loaded: loaded} = job, general) when loaded in [nil, general], do: job

  defp without_others(job, _) do
    job.tell.({:entry, :none})
    Tests.unload(Map.keys(job.loaded.digests))
    %{job | loaded: nil}
  end

  defp candidate(%{way: "two_vms"} = job) do
    job.tell.({:phase, :remote})

    case Proxy.open(job.channel, job.source, job.send, job.limits) do
      {:ok, session, modules} ->
        job.tell.({:session, session})

        # Made by a function, where the gate did not see it.
        if taken = Enum.find(modules, &(&1 in Tests.reserved(job.problem))),
          do: throw({:refused, "defines a module of the tests: #{inspect(taken)}"})

        {:ok, modules, Compile.plains(Proxy.diagnostics(session)), session}

      {:compile_error, diagnostics} ->
        {:compile_error, Compile.plains(diagnostics)}

      {:failed, reason} ->
        {:lost, reason}

      {:refused, reason} ->
        {:refused, text(reason)}
    end
  catch
    {:refused, _} = refused -> refused
  end

  defp candidate(job) do
    reserved = Allowed.with_tests(Allowed.baseline(), Tests.reserved(job.problem))
    phase = fn name -> job.tell.({:phase, name}) end

    case Compile.candidate(
           job.source,
           job.problem.capabilities,
           reserved,
           job.limits.heap_words,
           phase
         ) do
      {:ok, beams, diagnostics} ->
        {:ok, for({module, _} <- beams, do: module), diagnostics, nil}

      other ->
        other
    end
  end

  defp tested(job, general, modules, diagnostics, session) do
    base = %{diagnostics: diagnostics, way: way(job)}
    job.tell.({:phase, :tests_compile})

    case entry(job, general, modules) do
      {:ok, entry} ->
        job.tell.({:entry, entry})
        if entry != job.loaded, do: Tests.load(entry)
        if way(job) == "warm", do: Dispatch.begin(modules ++ Map.keys(entry.digests))
        job.tell.({:phase, :tests})
        base |> Map.merge(run(job, entry)) |> still_there(session)

      {:error, why} ->
        Map.merge(base, %{
          outcome: "failed",
          reason: "the tests cannot be compiled with it: " <> text(why)
        })
    end
  end

  defp entry(_, %{} = general, _), do: {:ok, general}

  defp entry(job, nil, modules) do
    case Tests.special(job.problem, modules) do
      {:ok, entry, problem} ->
        job.tell.({:problem, problem})
        {:ok, entry}

      {:error, why, _} ->
        {:error, why}
    end
  end

  defp run(job, entry) do
    expected =
      for {module, name} <- Tests.expected(entry),
          do: {Atom.to_string(module), Atom.to_string(name)}

    baseline = Map.put(job.baseline, self(), true)

    # What compiling left behind (the candidate's or the compiler's) neither runs with the tests nor
    # is measured with them.
    if way(job) == "warm", do: Snapshot.alone(baseline)
    # Copied to each test's process, and the whole job with it if that were named in it.
    tell = job.tell
    failing = fn result -> tell.({:failing, result}) end
    options = %{heap_words: job.limits.heap_words, baseline: baseline, failing: failing}
    before = reductions(baseline)
    {results, memory, measuring} = Tests.run(entry, options)
    reductions = reductions(baseline) - before - measuring
    passed = for %{passed: true} = result <- results, do: {result.module, result.name}
    failed = Enum.count(results, &(not &1.passed))

    {outcome, reason} =
      cond do
        expected == [] -> {"infrastructure_error", "the test file defines no test"}
        Enum.sort(passed) == Enum.sort(expected) -> {"passed", ""}
        true -> {"failed", "#{failed} of #{length(expected)} tests failed"}
      end

    measured = %{reductions: reductions, memory: memory}
    answer = %{outcome: outcome, reason: reason, tests: results}
    if way(job) == "warm", do: Map.merge(answer, measured), else: answer
  end

  # Of a candidate whose VM is gone no test counts.
  defp still_there(answer, nil), do: answer

  defp still_there(answer, session) do
    case Proxy.status(session) do
      :ok -> answer
      {:lost, reason} -> Map.merge(answer, lost(reason))
    end
  end

  defp lost(reason) do
    {outcome, why} =
      case reason do
        "out_of_memory" -> {"out_of_memory", "its VM passed its memory limit"}
        "too_much_traffic" -> {"failed", "it sent more to the tests than it may"}
        :timeout -> {"timeout", "compiling took too long"}
        "ended" -> {"failed", "its VM ended"}
        other -> {"failed", "its VM was ended: " <> text(other)}
      end

    %{outcome: outcome, reason: why, way: "two_vms"}
  end

  # All that the VM did, less what its own processes did. At the beginning of a time slice, since
  # what a process has done of its slice is in one of the two counts only: 0 of noise for 4,000.
  defp reductions(baseline) do
    :erlang.yield()
    {all, _} = :erlang.statistics(:exact_reductions)
    {:reductions, mine} = Process.info(self(), :reductions)

    own =
      for {pid, _} <- baseline, pid != self(), reduce: mine do
        sum ->
          case Process.info(pid, :reductions) do
            {:reductions, count} -> sum + count
            nil -> sum
          end
      end

    all - own
  end

  defp said(diagnostics) do
    case Enum.find(diagnostics, &(&1.severity == "error")) do
      nil -> "it does not compile"
      error -> error.message
    end
  end

  defp way(%{way: "two_vms"}), do: "two_vms"
  defp way(_), do: "warm"

  defp text(reason) when is_binary(reason), do: reason
  defp text(reason), do: inspect(reason, limit: 20, printable_limit: 500)
end
