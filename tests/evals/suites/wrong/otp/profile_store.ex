# Wrong: when an id occurs several times, the oldest entry wins.
defmodule ProfileStore do
  @moduledoc "Profiles whose state can be brought up and down between three versions."
  use GenServer

  @vsn 3

  @doc "Starts the store from a saved state of any known version."
  @spec start_link({term(), map()}, keyword()) :: GenServer.on_start()
  def start_link({vsn, state}, extra) do
    # A version that is not known is found here: a process that fails to start would also send an
    # exit signal.
    with {:ok, state} <- up(vsn, state, extra) do
      GenServer.start_link(__MODULE__, state)
    end
  end

  @doc "Stores a profile."
  @spec put(GenServer.server(), term(), map()) :: :ok
  def put(store, id, attributes), do: GenServer.call(store, {:put, id, attributes})

  @doc "Reads a profile."
  @spec fetch(GenServer.server(), term()) :: {:ok, map()} | {:error, :not_found}
  def fetch(store, id), do: GenServer.call(store, {:fetch, id})

  @doc "The state in the shape of a version."
  @spec export(GenServer.server(), term(), keyword()) ::
          {:ok, map()} | {:error, {:unknown_version, term()}}
  def export(store, vsn, extra), do: GenServer.call(store, {:export, vsn, extra})

  @impl true
  def init(state), do: {:ok, state}

  @impl true
  def handle_call({:put, id, attributes}, _from, state) do
    profile = Map.merge(%{last: "", tags: []}, attributes)
    {:reply, :ok, put_in(state.profiles[id], profile)}
  end

  def handle_call({:fetch, id}, _from, state) do
    case state.profiles do
      %{^id => profile} -> {:reply, {:ok, profile}, state}
      %{} -> {:reply, {:error, :not_found}, state}
    end
  end

  def handle_call({:export, vsn, extra}, _from, state) do
    {:reply, down(vsn, state, extra), state}
  end

  @impl true
  def code_change({:down, vsn}, state, extra), do: down(vsn, state, extra)
  def code_change(vsn, state, extra), do: up(vsn, state, extra)

  defp up(1, %{users: users}, extra) do
    # The user that was added last comes first, so that the list is put in from its end.
    profiles =
      for {id, name, age} <- users, into: %{} do
        {id, %{name: name, born: extra[:year] - age}}
      end

    up(2, %{vsn: 2, profiles: profiles}, extra)
  end

  defp up(2, %{profiles: profiles}, extra) do
    profiles =
      Map.new(profiles, fn {id, %{name: name, born: born}} ->
        {first, last} = cut(name)
        {id, %{first: first, last: last, born: born, tags: []}}
      end)

    up(3, %{vsn: 3, profiles: profiles}, extra)
  end

  defp up(3, state, _extra), do: {:ok, state}
  defp up(vsn, _state, _extra), do: {:error, {:unknown_version, vsn}}

  defp down(3, state, _extra), do: {:ok, state}

  defp down(2, state, _extra) do
    profiles =
      Map.new(state.profiles, fn {id, profile} ->
        {id, %{name: joined(profile), born: profile.born}}
      end)

    {:ok, %{vsn: 2, profiles: profiles}}
  end

  defp down(1, state, extra) do
    users =
      for {id, profile} <- Enum.sort_by(state.profiles, &elem(&1, 0)) do
        {id, joined(profile), extra[:year] - profile.born}
      end

    {:ok, %{users: users}}
  end

  defp down(vsn, _state, _extra), do: {:error, {:unknown_version, vsn}}

  defp cut(name) do
    case String.split(name, " ", parts: 2) do
      [first, last] -> {first, last}
      [first] -> {first, ""}
    end
  end

  defp joined(%{first: first, last: ""}), do: first
  defp joined(%{first: first, last: last}), do: first <> " " <> last
end
