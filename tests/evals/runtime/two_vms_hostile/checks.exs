# Run inside the sandbox with the runtime on the code path, after `peer.exs`. The candidate VM is
# played by this script, which sends whatever frames it likes; it prints a line for each check.
import Hostile
alias ElixirEval.{Handles, Proxy}

{:ok, _} = Application.ensure_all_started(:ex_unit)
Process.flag(:trap_exit, true)
cand = [module(Cand, [{:f, 1}])]
processes = length(Process.list())

# -- answers are values ------------------------------------------------------------------------

value = fn value ->
  {session, [Cand]} = open(cand)
  answer = answering(session, [1], fn pid, id -> [return(pid, id, {:ok, value})] end)
  status = Proxy.status(session)
  Proxy.close(session)
  {answer, status}
end

check(
  "an answer is the value",
  match?({{:ok, {:a, [1, 2.5, "x"]}}, :ok}, value.({:a, [1, 2.5, "x"]}))
)

for {name, bytes} <- [
      {"a captured function of the host", <<?x, ?u, 3, ?a, 6, "erlang", ?a, 4, "halt", ?i, 0>>},
      {"a compiled regular expression", enc({:re_pattern, 0, 0, 0, "garbage"})},
      {"a file to be read", enc(%{__struct__: File.Stream, path: "/etc/passwd", modes: []})},
      {"a regular expression as a map", enc(%{__struct__: Regex, re_pattern: nil, source: "x"})},
      {"a process never given out", <<?p, 1, 999_999::32>>},
      {"a reference never given out", <<?r, 1, 999_999::32>>},
      {"a function never given out", <<?h, 1, 999_999::32, 0>>},
      {"a function of too many arguments", <<?h, 0, 1::32, 200>>},
      {"a float that is none", <<?f, 0x7FF0000000000000::64>>},
      {"an atom that is no text", <<?a, 2, 0xC3, 0x28>>},
      {"a list longer than its frame", <<?l, 0xFFFFFFFF::32, ?n>>},
      {"a map larger than its frame", <<?M, 0xFFFFFFFF::32>>},
      {"an integer longer than its frame", <<?B, 0, 0xFFFFFFFF::32, 1>>},
      {"too long an integer", <<?B, 0, 200_000::32>> <> :binary.copy(<<255>>, 200_000)},
      {"an improper list that is proper", <<?m, 1::32, ?n, ?[>>},
      {"compressed terms", :erlang.term_to_binary(:binary.copy("a", 10_000), [:compressed])},
      {"nesting without end", :binary.copy(<<?u, 1>>, 1_000_000) <> "n"},
      {"too many processes",
       <<?l, 30_000::32>> <> for(i <- 1..30_000, into: "", do: <<?p, 0, i::32>>)},
      {"too many new atoms",
       <<?l, 3_000::32>> <> for(i <- 1..3_000, into: "", do: <<?a, 10, "#{1_234_000_000 + i}">>)},
      {"more words than allowed", <<?l, 7_000_000::32>> <> :binary.copy("n", 7_000_000)},
      {"no term at all", <<0>>}
    ] do
  {answer, status} = value.({:raw, bytes})
  check(name, match?({:error, %ElixirEval.Proxy.Lost{}}, answer) and match?({:lost, _}, status))
end

spec = %{id: :x, start: {:erlang, :halt, [0]}}
{{:ok, neutral}, :ok} = value.(spec)

check(
  "a child specification of the host's function",
  match?({Proxy, :remote, [:erlang, :halt, [0]]}, neutral.start)
)

{{:ok, neutral}, :ok} = value.({:erlang, :halt, [0]})
check("a triple of the host's function", neutral == {Proxy, :remote, [:erlang, :halt, [0]]})
{{:ok, neutral}, :ok} = value.({:id, {System, :halt, []}, :permanent, 5, :worker, []})
check("an old child specification", elem(neutral, 1) == {Proxy, :remote, [System, :halt, []]})
{{:ok, neutral}, :ok} = value.(%{start: {GenServer, :call, [:init, :stop]}})

check(
  "a specification that blames",
  neutral.start == {Proxy, :remote, [GenServer, :call, [:init, :stop]]}
)

{{:ok, fun}, :ok} = value.({:raw, <<?h, 0, 7::32, 0>>})
check("a function is ours", Function.info(fun, :module) == {:module, Handles})

# -- exceptions --------------------------------------------------------------------------------

{session, _} = open(cand)

stack = [
  {Cand, :f, 1, [file: 5, error_info: %{module: :init}]},
  7,
  {1, 2, 3, 4},
  {Cand, :g, [1], :bad}
]

answer = answering(session, [1], fn pid, id -> [return(pid, id, {:error, :badarg, stack})] end)
check("a stack of nonsense", match?({:error, :badarg}, answer))

answer =
  answering(session, [1], fn pid, id ->
    [return(pid, id, {:error, :badarg, {:raw, <<?m, 1::32, ?n, ?n>>}})]
  end)

check("a stack that is no list", match?({_, _}, answer))
Proxy.close(session)

{session, _} = open(cand)
answer = answering(session, [1], fn pid, id -> [return(pid, id, :rubbish)] end)
check("a result of no kind", match?({:error, %Proxy.Lost{}}, answer))
Proxy.close(session)

# -- calls --------------------------------------------------------------------------------------

forged = fn make ->
  {session, _} = open(cand)
  answer = answering(session, [fn -> :called end], make)
  status = settled(session)
  Proxy.close(session)
  {answer, status}
end

call = fn pid, target, arguments -> {:call, pid, 5, target, arguments, moved()} end

check(
  "a call of a function of the host",
  match?(
    {{:error, %Proxy.Lost{}}, {:lost, _}},
    forged.(fn pid, _ -> [call.(pid, {:mfa, :erlang, :halt}, [0])] end)
  )
)

check(
  "a call of a closure never given out",
  match?(
    {{:error, %Proxy.Lost{}}, {:lost, _}},
    forged.(fn pid, _ -> [call.(pid, {:fun, 77}, [])] end)
  )
)

check(
  "a call of a process as if it were a closure",
  match?(
    {{:error, %Proxy.Lost{}}, {:lost, _}},
    forged.(fn {:raw, <<?p, 1, n::32>>} = pid, _ -> [call.(pid, {:fun, n}, [])] end)
  )
)

check(
  "a call with arguments that are no list",
  match?({_, {:lost, _}}, forged.(fn pid, _ -> [call.(pid, {:fun, 1}, :no)] end))
)

check(
  "state that is none",
  match?(
    {_, {:lost, _}},
    forged.(fn pid, id -> [{:return, pid, id, {:ok, 1}, {:yes, 1, 2, 3, 4}}] end)
  )
)

{answer, status} =
  forged.(fn pid, id ->
    [
      return(pid, id + 1, {:ok, :stolen}),
      return(my_pid(9), id, {:ok, :stolen}),
      return(pid, id, {:ok, :right}),
      return(pid, id, {:ok, :twice})
    ]
  end)

check("results that nobody waits for", {answer, status} == {{:ok, :right}, :ok})

{session, _} = open(cand)
feed(session, {:loaded, cand, []})
check("modules a second time", match?({:lost, _}, settled(session)))
Proxy.close(session)

for {name, frame} <- [
      {"an unknown frame", {:what, 1}},
      {"a load", {:load, "x", 1}},
      {"an input", {:input, 1, 2}},
      {"no tuple", [1, 2]}
    ] do
  {session, _} = open(cand)
  feed(session, frame)
  check(name, match?({:lost, _}, settled(session)))
  Proxy.close(session)
end

{session, _} = open(cand)
Proxy.frame(session, :binary.copy("n", 9_000_000))
check("too large a frame", match?({:lost, _}, settled(session)))
Proxy.close(session)

# -- messages ----------------------------------------------------------------------------------

{:ok, supervisor} = DynamicSupervisor.start_link(strategy: :one_for_one)
{:ok, static} = Supervisor.start_link([], strategy: :one_for_one)
{:ok, tasks} = Task.Supervisor.start_link()
{:ok, agent} = Agent.start_link(fn -> 1 end)
{:ok, device} = StringIO.open("")
targets = [supervisor, static, tasks, agent, device, Process.group_leader()]
{session, _} = open(cand)
{:ok, :done} = answering(session, [targets], fn pid, id -> [return(pid, id, {:ok, :done})] end)
context = Handles.context()

[sup, st, ta, ag, dev, leader] =
  for pid <- targets, do: with({:mine, id} <- Handles.name_pid(pid, context), do: host_pid(id))

from = {my_pid(3), {:raw, <<?m, 1::32, ?a, 5, "alias", ?r, 0, 4::32>>}}
mfa = {:raw, <<?u, 3, ?a, 6, "erlang", ?a, 4, "halt", ?l, 1::32, ?i, 0>>}
marker = {:persistent_term, :put, [:hostile, true]}

for {to, message} <- [
      {sup, {:"$gen_call", from, {:start_child, {marker, :temporary, 5000, :worker, []}}}},
      {st, {:"$gen_call", from, {:start_child, %{id: 1, start: marker}}}},
      {ta, {:"$gen_call", from, {:start_task, [my_pid(3), :monitor], :temporary, nil}}},
      {ag, {:"$gen_call", from, {:get, marker}}},
      {ag, {:"$gen_cast", {:cast, marker}}},
      {dev,
       {:io_request, my_pid(3), {:raw, <<?r, 0, 4::32>>},
        {:put_chars, :unicode, :persistent_term, :put, [:hostile, true]}}},
      {leader, {:io_request, my_pid(3), 1, {:put_chars, :unicode, :erlang, :halt, [0]}}},
      {st, {:system, from, {:terminate, :normal}}},
      {ag, {:system, from, {:replace_state, my_fun(1, 1)}}}
    ],
    do: feed(session, {:send, to, message})

feed(session, {:read, 1, 1, {:get_until, :unicode, "", :erlang, :halt, [0]}})
feed(session, {:write, 1, :unicode, mfa})
status = settled(session)
check("an output that is no text", match?({:lost, _}, status))
Process.sleep(20)

check(
  "their state is untouched",
  Agent.get(agent, & &1) == 1 and Process.alive?(static) and
    :persistent_term.get(:hostile, false) == false
)

Proxy.close(session)

# -- names and modules -------------------------------------------------------------------------

{session, _} = open(cand)

for name <- [
      :timer_server,
      :pg,
      String,
      Jason,
      ElixirEval.Fake,
      ExUnit.Fake,
      :undefined,
      :user,
      :logger_x,
      Enum,
      :lists
    ],
    name != Jason,
    do: feed(session, {:name, name, my_pid(5)})

feed(session, {:name, :my_own, my_pid(5)})
settled(session)

check(
  "names of the host's libraries",
  Enum.all?(
    [:timer_server, :pg, String, ElixirEval.Fake, ExUnit.Fake, :logger_x, Enum, :lists],
    &(Process.whereis(&1) == nil or not Handles.body?(Process.whereis(&1)))
  )
)

check("a name of its own", Handles.body?(Process.whereis(:my_own)))
Proxy.close(session)
check("is given back", Process.whereis(:my_own) == nil)

{session, names} =
  open(
    cand ++
      [
        module(Enum, [{:map, 2}]),
        module(:lists, [{:map, 2}]),
        module(:xmerl, [{:x, 0}]),
        module(ElixirEval.Runner, [{:run, 1}]),
        module(ElixirEval.Brand.New, [{:run, 1}]),
        module(ExUnit.Extra, [{:run, 1}]),
        module(String.Chars.Integer, [{:to_string, 1}], %{implements: {String.Chars, Integer}}),
        module(Inspect.Any, [{:inspect, 2}], %{implements: {Inspect, Any}}),
        module(Enumerable.Port, [{:count, 1}], %{implements: {Enumerable, Port}}),
        module(String.Chars.Sneaky, [{:to_string, 1}]),
        module(String.Chars.Cand, [{:to_string, 1}], %{implements: {String.Chars, Cand}})
      ]
  )

check("modules that the host has, or its protocols", names == [Cand])
Proxy.close(session)
check("proxies are gone", not Code.loaded?(Cand) or not function_exported?(Cand, :f, 1))

check("malformed modules", match?({:failed, _}, open([%{name: 1}])))

check(
  "too many functions",
  match?({:failed, _}, open([module(Cand, for(n <- 1..3000, do: {:f, rem(n, 256)}))]))
)

# -- bytes at random -----------------------------------------------------------------------------

:rand.seed(:exsss, {1, 2, 3})
{session, _} = open(cand)
{:ok, :done} = answering(session, [self()], fn pid, id -> [return(pid, id, {:ok, :done})] end)
Proxy.close(session)
atoms = :erlang.system_info(:atom_count)

samples =
  for term <- [
        {:return, host_pid(1), 3, {:ok, %{a: [1, 2, {:b, "text", 2.5}]}}, moved()},
        {:send, host_pid(1), {:x, [my_pid(4), my_fun(2, 1)], {:raw, <<?r, 0, 9::32>>}}},
        {:call, my_pid(1), 9, {:fun, 1}, [1, 2], moved()},
        {:gone, my_pid(2), :normal},
        {:exit, my_pid(2), my_pid(3), {:shutdown, 1}},
        {:name, :random_name, my_pid(2)},
        {:write, 1, :unicode, "x"}
      ],
      do: enc(term)

mutate = fn bytes ->
  case if(bytes == "", do: 1, else: :rand.uniform(5)) do
    1 ->
      :rand.bytes(:rand.uniform(60))

    2 ->
      binary_part(bytes, 0, :rand.uniform(byte_size(bytes)) - 1)

    _ ->
      at = :rand.uniform(byte_size(bytes)) - 1
      <<head::binary-size(at), _, tail::binary>> = bytes
      <<head::binary, :rand.uniform(256) - 1, tail::binary>>
  end
end

budget = 500

context = fn ->
  %{
    side: :host,
    tag: make_ref(),
    bridge: self(),
    budget: ElixirEval.Wire.budget(1_000_000, budget, 2_000)
  }
end

Handles.create(context.())
shared = context.()

results =
  for _ <- 1..40_000 do
    bytes = samples |> Enum.random() |> mutate.() |> mutate.()

    case ElixirEval.Wire.decode(bytes, shared) do
      {:ok, _} -> :ok
      {:error, reason} when is_binary(reason) -> :error
    end
  end

for pid <- Process.list(), Handles.body?(pid), do: Process.exit(pid, :kill)
Handles.drop()

check(
  "40,000 mutated frames decode or are refused",
  length(results) == 40_000 and :ok in results and :error in results
)

check("within the budget of atoms", :erlang.system_info(:atom_count) - atoms <= budget + 50)

outcomes =
  for _ <- 1..300 do
    {session, _} = open(cand)
    {:ok, :done} = answering(session, [self()], fn pid, id -> [return(pid, id, {:ok, :done})] end)
    for _ <- 1..5, do: Proxy.frame(session, samples |> Enum.random() |> mutate.())
    status = settled(session)
    Proxy.close(session)
    Process.alive?(session.bridge) || elem({status}, 0) |> is_tuple() || status == :ok
  end

check("300 sessions with mutated frames end as sessions do", Enum.all?(outcomes))
Process.sleep(50)
check("no process is left", length(Process.list()) <= processes + 12)
IO.puts("done")
