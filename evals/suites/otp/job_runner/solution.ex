defmodule JobRunner do
  @moduledoc "Runs functions as supervised jobs with a restart policy each."

  @type restart :: :permanent | :transient | :temporary

  @doc "Starts a runner; `:max_restarts`, `:max_seconds` and `:max_jobs` are required."
  @spec start_link(keyword()) :: Supervisor.on_start()
  def start_link(opts) do
    DynamicSupervisor.start_link(
      strategy: :one_for_one,
      max_restarts: Keyword.fetch!(opts, :max_restarts),
      max_seconds: Keyword.fetch!(opts, :max_seconds),
      max_children: Keyword.fetch!(opts, :max_jobs)
    )
  end

  @doc "Starts a job."
  @spec run(Supervisor.supervisor(), restart(), (-> term())) ::
          {:ok, pid()} | {:error, :too_many_jobs}
  def run(runner, restart, fun) when restart in [:permanent, :transient, :temporary] do
    job = %{id: :job, start: {Task, :start_link, [fun]}, restart: restart, shutdown: 20}

    with {:error, :max_children} <- DynamicSupervisor.start_child(runner, job) do
      {:error, :too_many_jobs}
    end
  end

  @doc "Ends a job."
  @spec stop_job(Supervisor.supervisor(), pid()) :: :ok | {:error, :not_found}
  def stop_job(runner, pid), do: DynamicSupervisor.terminate_child(runner, pid)

  @doc "Counts the jobs that are running."
  @spec count(Supervisor.supervisor()) :: non_neg_integer()
  def count(runner), do: DynamicSupervisor.count_children(runner).active
end
