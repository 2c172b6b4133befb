defmodule ProfileStoreTest do
  use ExUnit.Case, async: true

  @extra [year: 2026]

  test "upgrades from version 1" do
    old = %{users: [{1, "Ada King Lovelace", 36}, {:b, "Plato", 80}, {1, "Wrong Name", 1}]}

    assert ProfileStore.code_change(1, old, @extra) ==
             {:ok,
              %{
                vsn: 3,
                profiles: %{
                  1 => %{first: "Ada", last: "King Lovelace", born: 1990, tags: []},
                  :b => %{first: "Plato", last: "", born: 1946, tags: []}
                }
              }}

    assert ProfileStore.code_change(1, %{users: []}, @extra) == {:ok, %{vsn: 3, profiles: %{}}}
  end

  test "upgrades from version 2" do
    old = %{
      vsn: 2,
      profiles: %{7 => %{name: "Grace  Hopper", born: 1906}, 8 => %{name: "", born: 2000}}
    }

    assert ProfileStore.code_change(2, old, @extra) ==
             {:ok,
              %{
                vsn: 3,
                profiles: %{
                  7 => %{first: "Grace", last: " Hopper", born: 1906, tags: []},
                  8 => %{first: "", last: "", born: 2000, tags: []}
                }
              }}
  end

  test "a state of version 3 stays as it is" do
    state = %{vsn: 3, profiles: %{1 => %{first: "A", last: "B", born: 1, tags: ["x"]}}}
    assert ProfileStore.code_change(3, state, @extra) == {:ok, state}
    assert ProfileStore.code_change({:down, 3}, state, @extra) == {:ok, state}
  end

  test "downgrades to version 2 and 1" do
    state = %{
      vsn: 3,
      profiles: %{
        2 => %{first: "Ada", last: "King Lovelace", born: 1990, tags: ["x"]},
        1 => %{first: "Plato", last: "", born: 1946, tags: []},
        3 => %{first: "A", last: "B", born: 2026, tags: []}
      }
    }

    assert ProfileStore.code_change({:down, 2}, state, @extra) ==
             {:ok,
              %{
                vsn: 2,
                profiles: %{
                  1 => %{name: "Plato", born: 1946},
                  2 => %{name: "Ada King Lovelace", born: 1990},
                  3 => %{name: "A B", born: 2026}
                }
              }}

    assert ProfileStore.code_change({:down, 1}, state, @extra) ==
             {:ok, %{users: [{1, "Plato", 80}, {2, "Ada King Lovelace", 36}, {3, "A B", 0}]}}
  end

  test "a large state comes down sorted" do
    profiles = Map.new(1..100, &{&1, %{first: "P", last: "", born: 2000, tags: []}})

    {:ok, %{users: users}} =
      ProfileStore.code_change({:down, 1}, %{vsn: 3, profiles: profiles}, @extra)

    assert Enum.map(users, &elem(&1, 0)) == Enum.to_list(1..100)
  end

  test "versions that never were are refused" do
    # A process that fails while it starts takes those that are linked to it along.
    Process.flag(:trap_exit, true)

    for vsn <- [0, 4, "1", nil, {:up, 2}] do
      assert ProfileStore.code_change(vsn, %{vsn: vsn}, @extra) ==
               {:error, {:unknown_version, vsn}}

      assert ProfileStore.code_change({:down, vsn}, %{vsn: 3, profiles: %{}}, @extra) ==
               {:error, {:unknown_version, vsn}}

      assert ProfileStore.start_link({vsn, %{}}, @extra) == {:error, {:unknown_version, vsn}}
    end
  end

  test "a store starts from any version and can be exported to any" do
    saved = [
      {1, %{users: [{1, "Ada Lovelace", 36}]}},
      {2, %{vsn: 2, profiles: %{1 => %{name: "Ada Lovelace", born: 1990}}}},
      {3, %{vsn: 3, profiles: %{1 => %{first: "Ada", last: "Lovelace", born: 1990, tags: []}}}}
    ]

    for from <- saved do
      {:ok, store} = ProfileStore.start_link(from, @extra)

      assert ProfileStore.fetch(store, 1) ==
               {:ok, %{first: "Ada", last: "Lovelace", born: 1990, tags: []}}

      for {vsn, state} <- saved,
          do: assert(ProfileStore.export(store, vsn, @extra) == {:ok, state})

      assert ProfileStore.export(store, 4, @extra) == {:error, {:unknown_version, 4}}
    end
  end

  test "profiles are stored with what was left out, replaced and found" do
    {:ok, store} = ProfileStore.start_link({1, %{users: []}}, @extra)
    assert ProfileStore.fetch(store, :a) == {:error, :not_found}
    assert ProfileStore.put(store, :a, %{first: "A", born: 2000}) == :ok
    assert ProfileStore.fetch(store, :a) == {:ok, %{first: "A", last: "", born: 2000, tags: []}}
    assert ProfileStore.put(store, :a, %{first: "B", last: "C", born: 2001, tags: ["x"]}) == :ok

    assert ProfileStore.fetch(store, :a) ==
             {:ok, %{first: "B", last: "C", born: 2001, tags: ["x"]}}

    assert ProfileStore.export(store, 1, year: 2030) == {:ok, %{users: [{:a, "B C", 29}]}}

    assert {:ok, %{vsn: 3, profiles: %{a: %{tags: ["x"]}}}} =
             ProfileStore.export(store, 3, @extra)
  end
end
