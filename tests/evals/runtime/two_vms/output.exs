defmodule OutputTest do
  use ExUnit.Case
  import ExUnit.CaptureIO

  test "what is printed can be captured" do
    assert capture_io(fn -> Output.hello() end) == "hello\n"
    assert capture_io(fn -> Output.write("é") end) == "é"
    assert capture_io(fn -> assert Output.inspected([1]) == [1] end) == "x: [1]\n"
    assert capture_io(fn -> Output.each(["a", "b"]) end) == "a\nb\n"
    assert capture_io(fn -> Output.spawned() end) == "from a task\n"
    assert capture_io(fn -> Output.format() end) == "{a,1}\n"

    assert capture_io(fn ->
             Output.hello()
             IO.puts("mine")
             Output.hello()
           end) == "hello\nmine\nhello\n"
  end

  test "input can be given" do
    assert capture_io("Ann\n", fn -> assert Output.ask() == "Ann\n" end) == "name? "
    assert capture_io("", fn -> assert Output.ask() == :eof end) == "name? "
  end

  test "not captured, and not UTF-8" do
    assert Output.hello() == :ok
    assert Output.raw() == :ok
  end
end
