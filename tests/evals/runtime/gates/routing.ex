# Sources with where the gates must send them. The line after a name: the outcome, then a part of
# the reason.

# === halting in a function
# two_vms: calls System.halt/0
defmodule A do
  def f, do: System.halt()
end

# === halting under an alias
# two_vms: calls System.halt/1
defmodule A do
  alias System, as: Enum
  def f, do: Enum.halt(0)
end

# === an allowed function of System under an alias
# warm
defmodule A do
  alias System, as: S
  def f, do: S.monotonic_time()
end

# === halting by Erlang
# two_vms: calls :erlang.halt/0
defmodule A do
  def f, do: :erlang.halt()
end

# === a capture of halt
# two_vms: calls System.halt/1
defmodule A do
  def f, do: Enum.each([0], &System.halt/1) && (&System.halt/0)
end

# === halt in the module's body
# two_vms: calls System.halt/1
defmodule A do
  System.halt(0)
end

# === halt in an attribute
# two_vms: calls System.halt/0
defmodule A do
  @x &System.halt/0
  def f, do: @x
end

# === halt by import
# two_vms: System
defmodule A do
  import System, only: [halt: 1]
  def f, do: halt(0)
end

# === halt by a pipe
# two_vms: calls System.halt/1
defmodule A do
  def f, do: 0 |> System.halt()
end

# === halt by delegation
# two_vms: calls System.halt/1
defmodule A do
  defdelegate stop(n), to: System, as: :halt
end

# === what the expansion of GenServer calls, by delegation
# two_vms: calls Process.info/2
defmodule A do
  use GenServer
  def init(x), do: {:ok, x}
  defdelegate info(pid, item), to: Process
end

# === what the expansion of GenServer calls, by hand
# two_vms: calls Process.info/2
defmodule A do
  use GenServer
  def init(x), do: {:ok, x}
  def handle_info(pid, item), do: Process.info(pid, item)
end

# === code at the top level
# two_vms: code outside a module
defmodule A do
end
IO.puts("x")

# === a macro
# two_vms: defmacro
defmodule A do
  defmacro f, do: 1
end

# === quote
# two_vms: quote
defmodule A do
  def f, do: quote(do: 1)
end

# === quote by its full name
# two_vms: quote by its full name
defmodule A do
  def f, do: Kernel.SpecialForms.quote(do: 1)
end

# === on_load
# two_vms: @on_load
defmodule A do
  @on_load :f
  def f, do: :ok
end

# === after_compile
# two_vms: @after_compile
defmodule A do
  @after_compile __MODULE__
  def __after_compile__(_, _), do: :ok
end

# === before_compile
# two_vms: @before_compile
defmodule A do
  @before_compile A
end

# === on_definition
# two_vms: @on_definition
defmodule A do
  @on_definition A
end

# === after_verify
# two_vms: @after_verify
defmodule A do
  @after_verify A
end

# === compile options
# two_vms: @compile
defmodule A do
  @compile {:parse_transform, A}
end

# === no parse transform by another way
# two_vms: @compile
defmodule A do
  @compile [{:inline, []}, {:no_parse_transform, true}]
end

# === inlining
# warm
defmodule A do
  @compile {:inline, f: 1}
  def f(x), do: x
end

# === compile options by Module
# two_vms: Module
defmodule A do
  Module.put_attribute(__MODULE__, :compile, :nowarn)
end

# === evaluation
# two_vms: Code
defmodule A do
  def f(x), do: Code.eval_string(x)
end

# === the environment
# two_vms: __ENV__
defmodule A do
  def f, do: __ENV__
end

# === a module defined when it runs
# two_vms: defmodule
defmodule A do
  def f, do: defmodule(B, do: nil)
end

# === a definition by its full name
# two_vms: by its full name
defmodule A do
  Kernel.def f(), do: 1
end

# === an unquote fragment
# two_vms: where nothing is defined
defmodule A do
  for n <- [:a, :b], do: def unquote(n)(), do: 1
end

# === atoms from text
# two_vms: calls String.to_atom/1
defmodule A do
  def f(x), do: String.to_atom(x)
end

# === atoms from charlists
# two_vms: calls List.to_existing_atom/1
defmodule A do
  def f(x), do: List.to_existing_atom(x)
end

# === atoms by interpolation
# two_vms: :erlang.binary_to_atom
defmodule A do
  def f(x), do: :"a#{x}"
end

# === atoms by a sigil
# two_vms: makes atoms from text
defmodule A do
  def f(x), do: ~w(a#{x})a
end

# === atoms from bytes
# two_vms: calls :erlang.binary_to_term/1
defmodule A do
  def f(x), do: :erlang.binary_to_term(x)
end

# === atoms by Module
# two_vms: Module
defmodule A do
  def f(x), do: Module.concat([x])
end

# === atoms by OptionParser
# two_vms: OptionParser
defmodule A do
  def f(x), do: OptionParser.parse(x, switches: [])
end

# === atoms by a scan
# two_vms: calls :io_lib.fread/2
defmodule A do
  def f(x), do: :io_lib.fread(~c"~a", x)
end

# === atoms by the scanner
# two_vms: :erl_scan
defmodule A do
  def f(x), do: :erl_scan.string(x)
end

# === looking into a process
# two_vms: calls Process.info/1
defmodule A do
  def f, do: Process.info(self())
end

# === listing processes
# two_vms: calls Process.list/0
defmodule A do
  def f, do: Process.list()
end

# === listing names
# two_vms: calls Process.registered/0
defmodule A do
  def f, do: Process.registered()
end

# === the whole process dictionary
# two_vms: calls Process.get/0
defmodule A do
  def f, do: Process.get()
end

# === the keys of the process dictionary
# two_vms: calls Process.get_keys/0
defmodule A do
  def f, do: Process.get_keys()
end

# === ancestors
# two_vms: names :"$ancestors"
defmodule A do
  def f, do: Process.get(:"$ancestors")
end

# === callers, from a function's own name
# two_vms: names :"$callers"
defmodule A do
  def unquote_me, do: %{"$callers": 1} |> Map.keys() |> hd() |> Process.get()
end

# === pids from text
# two_vms: calls :erlang.list_to_pid/1
defmodule A do
  def f, do: :erlang.list_to_pid(~c"<0.1.0>")
end

# === references from text
# two_vms: calls :erlang.list_to_ref/1
defmodule A do
  def f(x), do: :erlang.list_to_ref(x)
end

# === the group leader
# two_vms: calls Process.group_leader/0
defmodule A do
  def f, do: Process.group_leader()
end

# === the state of any process
# two_vms: :sys
defmodule A do
  def f(pid), do: :sys.replace_state(pid, fn s -> s end)
end

# === all tables
# two_vms: calls :ets.all/0
defmodule A do
  def f, do: :ets.all()
end

# === a table of the VM
# two_vms: names :ac_tab
# capabilities: ets
defmodule A do
  def f, do: :ets.insert(:ac_tab, {1, 2})
end

# === a table of the VM by a digraph
# two_vms: names :ac_tab
# capabilities: ets
defmodule A do
  def f, do: :digraph.add_vertex({:digraph, :ac_tab, :ac_tab, :ac_tab, true}, 1)
end

# === a table of the VM from the name of a function
# two_vms: names :ac_tab
# capabilities: ets
defmodule A do
  def ac_tab(1), do: :ok
end

# === a table of ExUnit
# two_vms: names ExUnit.Server
# capabilities: ets
defmodule A do
  def f, do: :ets.tab2list(ExUnit.Server)
end

# === a server of the VM
# two_vms: names :application_controller
defmodule A do
  def f, do: GenServer.call(:application_controller, :x)
end

# === a server of OTP, started anew
# two_vms: names :file_server
defmodule A do
  def f, do: GenServer.start_link(:file_server, [])
end

# === configuration
# two_vms: Application
defmodule A do
  def f, do: Application.put_env(:ex_unit, :x, 1)
end

# === persistent terms
# two_vms: :persistent_term
defmodule A do
  def f, do: :persistent_term.put(1, 2)
end

# === the time zone database
# two_vms: calls Calendar.put_time_zone_database/1
defmodule A do
  def f, do: Calendar.put_time_zone_database(A)
end

# === default ports
# two_vms: calls URI.default_port/2
defmodule A do
  def f, do: URI.default_port("x", 1)
end

# === the default inspection
# two_vms: calls Inspect.Opts.default_inspect_fun/1
defmodule A do
  def f, do: Inspect.Opts.default_inspect_fun(fn _, _ -> "" end)
end

# === the logger's configuration
# two_vms: calls Logger.configure/1
defmodule A do
  def f, do: Logger.configure(level: :none)
end

# === files
# two_vms: File
defmodule A do
  def f, do: File.read!("/etc/passwd")
end

# === ports
# two_vms: Port
defmodule A do
  def f, do: Port.open({:spawn, "ls"}, [])
end

# === commands
# two_vms: calls System.cmd/2
defmodule A do
  def f, do: System.cmd("ls", [])
end

# === commands by Erlang
# two_vms: :os
defmodule A do
  def f, do: :os.cmd(~c"ls")
end

# === a log file by an option of a server
# two_vms: log_to_file
defmodule A do
  def f, do: GenServer.start(A, 1, debug: [log_to_file: ~c"/tmp/x"])
end

# === other nodes
# two_vms: Node
defmodule A do
  def f, do: Node.connect(:a@b)
end

# === tracing
# two_vms: calls :erlang.trace/3
defmodule A do
  def f, do: :erlang.trace(:all, true, [:call])
end

# === the code server
# two_vms: :code
defmodule A do
  def f, do: :code.purge(Enum)
end

# === native stubs
# two_vms: calls :erlang.load_nif/2
defmodule A do
  def f, do: :erlang.load_nif(~c"x", 0)
end

# === ExUnit
# two_vms: ExUnit
defmodule A do
  use ExUnit.Case
end

# === ExUnit as data
# two_vms: names ExUnit.Runner
defmodule A do
  def f, do: ExUnit.Runner
end

# === a module of Elixir
# two_vms: which exists
defmodule Enum do
  def sum(_), do: 0
end

# === a module of ExUnit
# refused: ExUnit
defmodule ExUnit.Assertions do
end

# === a module of the tests
# refused: a module of the tests
defmodule SumTest do
end

# === a module of the grader
# refused: ElixirEval
defmodule ElixirEval.Dispatch do
end

# === a module of ExUnit by an alias
# refused: ExUnit
alias ExUnit.Runner, as: A
defmodule A do
end

# === a module of Erlang
# two_vms: which exists
defmodule :lists do
end

# === an implementation for everyone's type
# two_vms: below String
defimpl String.Chars, for: Tuple do
  def to_string(_), do: ""
end

# === an implementation by its name
# two_vms: below String
defmodule String.Chars.Tuple do
  def to_string(_), do: ""
end

# === an implementation that replaces
# two_vms: which exists
defimpl Inspect, for: Integer do
  def inspect(_, _), do: ""
end

# === a struct of the VM by hand
# two_vms: defines __struct__
defmodule A do
  def __struct__, do: %{__struct__: A}
end

# === a dynamic call in a body
# two_vms: not a literal module in a module's body
defmodule A do
  x = :erlang
  x.halt()
end

# === a call without parentheses in a body
# two_vms: not a literal module in a module's body
defmodule A do
  x = :erlang
  x.halt
end

# === apply in a body
# two_vms: a module's body calls Kernel.apply/3
defmodule A do
  apply(:erlang, :halt, [])
end

# === a process in a body
# two_vms: a module's body calls Kernel.spawn/1
defmodule A do
  spawn(fn -> :ok end)
end

# === a message in a body
# two_vms: a module's body calls Kernel.send/2
defmodule A do
  send(self(), :x)
end

# === what is rescued in a body
# two_vms: where nothing is defined
defmodule A do
  try do
    defmodule B do
      def f, do: System.halt()
    end
  rescue
    _ -> :ok
  end
end

# === a nested module in a conditional body
# two_vms: defmodule
defmodule A do
  if true do
    defmodule B do
    end
  end
end

# === ets without the capability
# two_vms: needs ets
defmodule A do
  def f, do: :ets.new(:a, [])
end

# === a server without the capability
# two_vms: needs process
# capabilities: none
defmodule A do
  def f, do: GenServer.call(self(), 1)
end

# === a closure in a task without the capability
# warm
# capabilities: none
defmodule A do
  def f, do: Task.await(Task.async(fn -> 1 end))
end

# === ets with the capability
# warm
# capabilities: ets
defmodule A do
  def f, do: :ets.new(:a, [])
end

# === a syntax error
# compile_error: missing terminator
defmodule A do
  def f, do: (

# === an undefined function
# compile_error: cannot compile module A
defmodule A do
  def f, do: g()
end

# === an undefined variable
# compile_error: cannot compile module A
defmodule A do
  def f, do: x
end

# === nothing
# two_vms: it defines no module
1

# === a use of its own macro
# two_vms: defmacro
defmodule A do
  defmacro __using__(_), do: nil
end

# === a custom sigil and operator
# warm
defmodule A do
  def sigil_x(text, _), do: String.upcase(text)
  def a <~> b, do: {a, b}
  def f, do: ~x(hi) <~> 1
end

# === fields with the names of functions
# warm
defmodule A do
  def f(x), do: {x.halt, x.stop, x.exit, x.init, x.pid}
end

# === a stack given on
# warm
defmodule A do
  def f(g) do
    g.()
  rescue
    e -> reraise e, __STACKTRACE__
  end
end

# === a protocol with a body
# two_vms: a protocol's function has a body
defprotocol P do
  def f(x), do: x.halt()
end

# === the name of a module built
# two_vms: builds a module's name
defmodule A do
  @x System
  def f, do: @x.Sub.f()
end

# === its links
# two_vms: calls :erlang.process_info/2
defmodule A do
  def f, do: :erlang.process_info(self(), :links)
end

# === a struct that reads a file, in a body
# two_vms: names File.Stream
defmodule A do
  @lines Enum.to_list(%{__struct__: :"Elixir.File.Stream", path: "/etc/passwd", modes: []})
end

# === a struct that reads a file, in a function
# two_vms: names File.Stream
defmodule A do
  def f, do: Enum.to_list(%{__struct__: :"Elixir.File.Stream", path: "/etc/passwd", modes: []})
end

# === a struct that reads a file, by an alias of an atom
# two_vms: names File.Stream
defmodule A do
  alias :"Elixir.File.Stream", as: S
  @lines Enum.to_list(%S{path: "/etc/passwd"})
end

# === a struct that reads a file, by its name
# two_vms: names File.Stream
defmodule A do
  def f, do: %File.Stream{path: "/etc/passwd"}
end

# === types of modules that it may not call
# warm
defmodule A do
  @type t :: {File.posix(), Macro.t(), Path.t(), Code.binding()}
  @spec f(t) :: File.Stat.t() | :ok
  def f(_), do: :ok
end

# === a registered name of the VM, unregistered
# two_vms: names :logger
defmodule A do
  def f, do: Process.unregister(:logger)
end

# === a version for code_change
# warm
defmodule A do
  @vsn "2"
  def f, do: 1
end

# === an attribute by its full name
# two_vms: by its full name
defmodule A do
  Kernel.@(before_compile(A))
end

# === a use by its full name
# two_vms: by its full name
defmodule A do
  Kernel.use(GenServer)
end

# === what use expands to, by hand
# two_vms: uses the macro GenServer.__using__/1
defmodule A do
  require GenServer
  GenServer.__using__([])
end

# === what deriving expands to, by hand
# two_vms: uses the macro Inspect.__deriving__/2
defmodule A do
  require Inspect
  Inspect.__deriving__(%{__struct__: Integer}, [])
end

# === deriving
# warm
defmodule A do
  @derive [{JSON.Encoder, only: [:a]}, {Inspect, except: [:b]}]
  defstruct [:a, :b]
end

# === a module of Elixir by a require
# two_vms: which exists
require Enum, as: A
defmodule A do
end

# === a module of Elixir by an alias of several
# two_vms: which exists
alias Elixir.{Enum, Map}
defmodule Map do
end

# === a module of Elixir by an alias of an alias
# two_vms: which exists
alias Enum, as: B
alias B, as: A
defmodule A do
end

# === an implementation for a type that is computed
# two_vms: not literal
defmodule A do
  defstruct [:a]
  import Enum, only: [], warn: false
  alias Integer, as: B
  if true, do: alias(A, as: C)
  defimpl String.Chars, for: (if true, do: A, else: B) do
    def to_string(_), do: ""
  end
end

# === a hidden key as the name of a function that is not there
# two_vms: names :"$ancestors"
defmodule A do
  def f do
    A."$ancestors"()
  rescue
    e -> Process.get(e.function)
  end
end

# === a hidden key as the name of another's function that is not there
# two_vms: names :"$ancestors"
defmodule A do
  def f do
    Enum."$ancestors"()
  rescue
    e -> Process.get(e.function)
  end
end

# === parts of a module's name
# warm
defmodule A do
  def f, do: __MODULE__ |> Module.split() |> List.last()
end

# === a file's struct as data in a body
# two_vms: names File.Stream
defmodule A do
  @x [:"Elixir.File.Stream"]
end

# === an attribute of its own
# two_vms: defines @
defmodule A do
  import Kernel, except: [@: 1]
  def @x, do: x
end

# === an attribute of its own protocol
# two_vms: defines @
defprotocol A do
  def @x
end

# === a function of its own that a protocol may not have
# two_vms: defines __info__
defprotocol A do
  def __info__(x)
end

# === a dynamic call in a type
# two_vms: calls what is not a literal module
defmodule A do
  @type t :: x.y()
end

# === a module named as an instruction
# two_vms: calls :erlang.halt/1
defmodule :move do
  def f, do: Enum.each([0], :erlang.make_fun(:erlang, :halt, 1))
end

# === a callback that is shown the process dictionary
# two_vms: defines format_status/2
defmodule A do
  use GenServer
  def init(x), do: {:ok, x}
  def format_status(_, [_dictionary, state]), do: state
end

# === a callback that is shown the state
# warm
defmodule A do
  use GenServer
  def init(x), do: {:ok, x}
  def format_status(status), do: Map.delete(status, :state)
end

# === an implementation for everyone's type, which it claims
# two_vms: defines BitString, a type's name
defmodule BitString do
  defstruct []
end

defimpl Enumerable, for: BitString do
  def count(_), do: {:ok, 0}
  def member?(_, _), do: {:ok, true}
  def slice(_), do: {:error, __MODULE__}
  def reduce(_, {_, acc}, _), do: {:done, acc}
end
