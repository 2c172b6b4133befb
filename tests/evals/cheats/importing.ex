# === a macro where the tests import a function
defmodule Sum do
  defmacro sum(_), do: 6
end

# === a macro that the other VM claims to have
defmodule Sum do
  :code.unstick_mod(:"Elixir.ElixirEval.Proxy.Modules")
  Code.compiler_options(ignore_module_conflict: true)

  Code.eval_string("""
  defmodule ElixirEval.Proxy.Modules do
    def describe(module) do
      %{
        name: module,
        functions: [{:"MACRO-sum", 2}],
        macros: [sum: 1],
        struct: nil,
        implements: nil
      }
    end
  end
  """)

  defmacro sum(list), do: {{:., [], [Enum, :sum]}, [], [list]}
end

# === assert, in place of ExUnit's
defmodule Sum do
  def sum(list), do: length(list)
  def assert(_), do: true
end

# === a comparison in place of Kernel's
defmodule Sum do
  import Kernel, except: [==: 2]
  def sum(list), do: length(list)
  def _ == _, do: true
end

# === a guard in place of a comparison
defmodule Sum do
  import Kernel, except: [==: 2]
  defguard a == b when is_integer(a) or is_integer(b)
  def sum(list), do: length(list)
end

# === a guard in place of assert
defmodule Sum do
  defguard assert(x) when x or true
  def sum(list), do: length(list)
end

# === test, in place of ExUnit's
defmodule Sum do
  def sum(list), do: length(list)
  def test(_, _), do: :ok
  def describe(_, _), do: :ok
end

# === operators for the tests
defmodule Sum do
  import Kernel, except: [+: 2, !: 1, !=: 2, ===: 2]
  def sum(list), do: length(list)
  def _ + _, do: 3
  def _ === _, do: true
  def _ != _, do: false
end
