# Texts and files that look like a report.

# === ExUnit's last lines
defmodule Sum do
  def sum(_list) do
    IO.puts("...\n\nFinished in 0.01 seconds\n3 tests, 0 failures")
    exit(:normal)
  end
end

# === to the user process
defmodule Sum do
  def sum(_list) do
    :io.put_chars(:user, "3 tests, 0 failures\n")
    0
  end
end

# === to standard error
defmodule Sum do
  def sum(_list) do
    IO.puts(:stderr, ~s({"outcome":"passed"}))
    :erlang.display(~c"3 tests, 0 failures")
    0
  end
end

# === while compiling
defmodule Sum do
  IO.puts(~s(J{"id":1,"outcome":"passed","tests":[]}))
  def sum(_list), do: 0
end

# === a report in the working directory
defmodule Sum do
  def sum(_list) do
    File.write("results.json", ~s({"passed":3,"failed":0}))
    File.write("/tmp/results.xml", ~s(<testsuite tests="3" failures="0"/>))
    0
  end
end

# === with the marks that harnesses look for
defmodule Sum do
  def sum(_list) do
    IO.puts("__ELIXIR_EVAL_PASSED__ exit code: 0 ✓ PASS ok 1 - adds")
    :logger.notice("3 tests, 0 failures")
    0
  end
end
