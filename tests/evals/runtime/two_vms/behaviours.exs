defmodule PluginsTest do
  use ExUnit.Case

  test "behaviours and macros inside the candidate" do
    assert Plugins.run(:upper, "a") == "A"
    assert Plugins.run(:plain, "a") == {:default, "a"}
    assert Plugins.dynamic(Upper, :run, ["x"]) == "X"
    assert Plugins.known?(Upper)
    refute Plugins.known?(NoSuch)
    assert Plugin.behaviour_info(:callbacks) == [run: 1]
    assert Code.ensure_loaded?(Upper)
    assert function_exported?(Upper, :run, 1)
    assert {:run, 1} in Upper.__info__(:functions)
    assert apply(Upper, :run, ["q"]) == "Q"
  end
end
