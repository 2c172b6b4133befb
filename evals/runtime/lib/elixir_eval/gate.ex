defmodule ElixirEval.Gate do
  @moduledoc """
  Decides, from a candidate's source alone, whether it may be compiled in the warm VM, and prepares
  its syntax tree for that.

  It is the first of four: this one, the compiler's tracer (`ElixirEval.Tracer`), the transform that
  checks dynamic calls as they run (`ElixirEval.Guard`, `ElixirEval.Dispatch`) and the gate on the
  compiled module (`ElixirEval.BeamGate`). Each refuses what it does not know.

  What it sees to, because none of the others can:

    * only definitions stand at the top level, and nothing defines a module when it runs;
    * no macros of the candidate's own, no `quote`, nothing that shows the compiler's or the VM's
      inside (`__ENV__`, `binding`; `__STACKTRACE__` is stripped of others' frames), no attribute that runs code or changes how
      the module is compiled;
    * no dynamic call in a module's body, which runs uncompiled and unguarded;
    * no module with a name of Elixir's, OTP's, the tests' or ours, nor one below such a name
      (`String.Chars.Foo` implements a protocol) save an implementation for a type of its own.

  ## Why a warm candidate cannot reach the runner

  To send to the runner, kill it or look into it, one needs its pid or a name for it. A candidate
  gets pids from `self/0`, from starting processes, and from messages. It runs in the test's process
  or in ones it started: their parent's and ancestors' pids are in the process dictionary under
  `$ancestors` and `$callers`, which no literal may name and which no listing function is allowed to
  show; links and monitors are shown by `Process.info`, which is not allowed; a pid cannot be made
  from text or bytes, nor an atom. A trapped exit may show the pid of the supervisor that the test
  started it under. With any pid it can still forge nothing: the runner believes only an exit reason
  that carries a reference which lives on the stack of trusted frames, and there is no way to see a
  reference that one was not given.
  """

  alias ElixirEval.{Allowed, Dispatch, Tracer}
  alias ElixirEval.Gate.{Modules, Source}

  @definers ~w(def defp defmacro defmacrop defguard defguardp defmodule defprotocol defimpl
    defstruct defexception defdelegate defoverridable)a

  @denied ~w(quote unquote unquote_splicing defmacro defmacrop var! alias! binding dbg
    __cursor__ unquote_fragment)a

  @denied_variables ~w(__ENV__ __CALLER__ __DIR__)a

  # Attributes that do something; others only hold a value.
  @acting ~w(after_compile after_verify before_compile compile external_resource file nifs
    on_definition on_load record import export protocol impl_for)a

  @typing ~w(type typep opaque spec callback macrocallback optional_callbacks)a
  @definitions ~w(defmodule defprotocol defimpl)a
  # Implementations for types of the VM are named after these.
  @types for {_, type} <- Protocol.__built_in__(), into: %{Any => true}, do: {type, true}
  @protocols [String.Chars, Inspect, Enumerable, Collectable, List.Chars, JSON.Encoder]

  @type verdict ::
          {:warm, Macro.t(), [module]}
          | {:two_vms, String.t(), [module] | nil}
          | {:refused, String.t()}
          | {:compile_error, [Source.diagnostic()]}

  @doc """
  Judge a source for a problem with these capabilities. When it is `:warm`, the tree is ready to be
  compiled **by the calling process**, under `ElixirEval.Tracer`, whose table is the caller's.
  """
  @spec check(binary, [String.t()], Allowed.reserved()) :: verdict
  def check(source, capabilities, reserved) do
    case Source.parse(source) do
      {:ok, ast} -> judge(ast, capabilities, reserved)
      {:two_vms, why} -> {:two_vms, why, nil}
      error -> error
    end
  end

  defp judge(ast, capabilities, reserved) do
    found = Modules.find(ast)
    modules = found && found |> Enum.map(& &1.module) |> Enum.uniq()

    try do
      unless Dispatch.ready?(), do: stop("ElixirEval.Dispatch.harden/0 was not called at boot")
      if found == nil, do: stop("a module's name is not literal")
      if found == [], do: stop("it defines no module")
      names(found, modules, reserved)
      guarded = top(ast)
      Tracer.start(modules, Allowed.granted(capabilities))
      Dispatch.candidate(modules, reserved.tests)
      {:warm, guarded, modules}
    catch
      {:stop, why} -> {:two_vms, why, modules}
      {:refuse, why} -> {:refused, why}
    end
  end

  ## names

  defp names(found, modules, reserved) do
    own = Map.new(modules, &{&1, true})
    if length(modules) != length(found), do: stop("it defines a module twice")

    Enum.each(found, fn %{module: module} = entry ->
      name = Atom.to_string(module)

      cond do
        is_map_key(reserved.tests, module) ->
          refuse("defines a module of the tests: #{inspect(module)}")

        String.starts_with?(name, ["Elixir.ElixirEval", "Elixir.ExUnit"]) ->
          refuse("defines #{inspect(module)}")

        is_map_key(reserved.modules, module) ->
          stop("defines #{inspect(module)}, which exists")

        is_map_key(@types, module) ->
          stop("defines #{inspect(module)}, a type's name")

        is_map_key(reserved.names, module) ->
          stop("defines #{inspect(module)}, a name in use")

        implementation?(entry, own) ->
          :ok

        above = reserved_above(module, own, reserved) ->
          stop("defines #{inspect(module)}, below #{inspect(above)}")

        true ->
          :ok
      end
    end)
  end

  defp implementation?(%{kind: :implementation, module: module, for: target}, own) do
    is_map_key(own, target) and Enum.any?(@protocols, &(Module.concat(&1, target) == module))
  end

  defp implementation?(_, _), do: false

  defp reserved_above(module, own, reserved) do
    case Atom.to_string(module) do
      "Elixir." <> name ->
        name
        |> String.split(".")
        |> prefixes()
        |> Enum.find(&(not is_map_key(own, &1) and is_map_key(reserved.modules, &1)))

      _ ->
        nil
    end
  end

  defp prefixes(parts),
    do: for(n <- 1..(length(parts) - 1)//1, do: Module.concat(Enum.take(parts, n)))

  ## the top level and bodies

  defp top({:__block__, meta, statements}), do: {:__block__, meta, Enum.map(statements, &top/1)}

  defp top({kind, _, arguments} = form) when kind in @definitions and is_list(arguments),
    do: definition(form)

  defp top({kind, _, arguments} = form)
       when kind in [:alias, :import, :require] and is_list(arguments),
       do: code(form, :body)

  defp top(_), do: stop("there is code outside a module")

  defp definition({kind, meta, arguments}) do
    {options, [last]} = Enum.split(arguments, -1)

    unless Keyword.keyword?(last) and Keyword.has_key?(last, :do),
      do: stop("#{kind} without a body")

    context = if kind == :defprotocol, do: :protocol, else: :body
    {body, others} = Keyword.pop!(last, :do)
    body = {:__block__, [], [guard() | Enum.map(Modules.block(body), &statement(&1, context))]}
    {kind, meta, code(options, :body) ++ [code(others, :body) ++ [do: body]]}
  end

  # `@compile {:core_transform, ElixirEval.Guard}`, without a column: not the candidate's.
  defp guard, do: {:@, [], [{:compile, [], [{:core_transform, ElixirEval.Guard}]}]}

  defp statement({:__block__, meta, list}, context),
    do: {:__block__, meta, Enum.map(list, &statement(&1, context))}

  defp statement({kind, _, arguments} = form, _) when kind in @definitions and is_list(arguments),
    do: definition(form)

  defp statement({kind, meta, [head | rest]}, :protocol) when kind == :def do
    if rest != [], do: stop("a protocol's function has a body")
    named(head)
    {kind, meta, [code(head, :function)]}
  end

  defp statement({kind, meta, [head | rest]}, :body)
       when kind in [:def, :defp, :defguard, :defguardp] do
    named(head)
    {kind, meta, [code(head, :function) | code(rest, :function)]}
  end

  defp statement({:defdelegate, meta, [head, options]}, :body), do: delegate(meta, head, options)

  defp statement({kind, meta, arguments}, :body)
       when kind in [:defstruct, :defexception, :defoverridable] and is_list(arguments),
       do: {kind, meta, code(arguments, :body)}

  defp statement({:use, meta, arguments}, :body) when is_list(arguments),
    do: {:use, meta, code(arguments, :body)}

  defp statement({:@, meta, [{name, at, arguments}]}, _),
    do: {:@, meta, [attribute(name, at, arguments)]}

  defp statement(form, _), do: code(form, :body)

  defp attribute(name, at, [value]) when name in @typing, do: {name, at, [code(value, :type)]}

  defp attribute(:compile, at, [{:inline, functions}]),
    do: {:compile, at, [{:inline, code(functions, :body)}]}

  defp attribute(:compile, at, [[inline: functions]]),
    do: {:compile, at, [[inline: code(functions, :body)]]}

  defp attribute(name, _, [_ | _]) when name in @acting, do: stop("sets @#{name}")
  defp attribute(name, at, arguments), do: {name, at, code(arguments, :body)}

  # A function whose name the compiler or a protocol gives meaning to.
  defp named({:when, _, [head | _]}), do: named(head)

  # A server that fails shows it the process dictionary, with the pids of its ancestors.
  defp named({:format_status, _, [_, _]}), do: stop("defines format_status/2")

  # Whoever imports it instead of Kernel's runs what is read here as a type.
  defp named({:@, _, _}), do: stop("defines @")

  defp named({name, _, _}) when is_atom(name) do
    if String.starts_with?(Atom.to_string(name), "__"), do: stop("defines #{name}")
  end

  defp named(_), do: stop("defines a function with a name that is not literal")

  # Written out, so that the call is the candidate's own and judged as such.
  defp delegate(meta, {name, _, arguments} = head, options)
       when is_atom(name) and is_list(arguments) do
    named(head)
    unless Keyword.keyword?(options), do: stop("delegates in an unusual way")
    target = options[:to]
    unless static?(target), do: stop("delegates to what is not a module's name")
    as = Keyword.get(options, :as, name)
    unless is_atom(as), do: stop("delegates to a name that is not literal")

    variables =
      Enum.map(arguments, fn
        {:\\, _, [{variable, _, context} = argument, _]}
        when is_atom(variable) and is_atom(context) ->
          argument

        {variable, _, context} = argument when is_atom(variable) and is_atom(context) ->
          argument

        _ ->
          stop("delegates in an unusual way")
      end)

    call = {{:., meta, [code(target, :function), as]}, meta, variables}
    {:def, meta, [code(head, :function), [do: code(call, :function)]]}
  end

  defp delegate(_, _, _), do: stop("delegates in an unusual way")

  ## code

  defp code({name, meta, context}, _) when name in @denied_variables and is_atom(context),
    do: stop("uses #{name}#{at(meta)}")

  # Without the frames of the tests and of the runner.
  defp code({:__STACKTRACE__, _, context} = form, :function) when is_atom(context),
    do: {{:., [], [Dispatch, :stack]}, [], [form]}

  defp code({:__STACKTRACE__, meta, context}, _) when is_atom(context),
    do: stop("uses __STACKTRACE__#{at(meta)}")

  defp code({name, meta, arguments}, _) when name in @denied and is_list(arguments),
    do: stop("uses #{name}#{at(meta)}")

  defp code({name, meta, arguments}, _) when name in @definers and is_list(arguments),
    do: stop("uses #{name} where nothing is defined#{at(meta)}")

  defp code({:use, meta, arguments}, _) when is_list(arguments),
    do: stop("uses `use` inside code#{at(meta)}")

  defp code({:@, meta, [{name, at, arguments}]}, context)
       when is_list(arguments) and arguments != [] do
    if context == :function, do: stop("sets an attribute in a function#{at(meta)}")
    {:@, meta, [attribute(name, at, arguments)]}
  end

  defp code({{:., at, [left, name]}, meta, arguments}, context) when is_atom(name) do
    cond do
      context == :type and static?(left) ->
        :ok

      static?(left) and (name in @definers or name in [:@, :use]) ->
        stop("uses #{name} by its full name#{at(meta)}")

      static?(left) and name in @denied ->
        stop("uses #{name} by its full name#{at(meta)}")

      # A list of words as atoms, where nobody would look at the words.
      name in [:sigil_w, :sigil_W] ->
        stop("uses #{name} by its full name#{at(meta)}")

      static?(left) or context == :function ->
        :ok

      true ->
        stop("calls what is not a literal module in a module's body#{at(meta)}")
    end

    # An error would show the name of a function that is missing.
    {{:., at, [code(left, context), code(name, context)]}, meta, code(arguments, context)}
  end

  # A type may speak of any module; without a column it is not taken for a use.
  defp code({:__aliases__, meta, parts}, :type),
    do: {:__aliases__, Keyword.delete(meta, :column), parts}

  defp code({:__aliases__, meta, [first | rest]} = form, _) do
    head? = is_atom(first) or match?({:__MODULE__, _, context} when is_atom(context), first)

    if head? and Enum.all?(rest, &is_atom/1),
      do: form,
      else: stop("builds a module's name#{at(meta)}")
  end

  defp code({name, meta, [{:<<>>, _, parts}, modifiers]} = form, context)
       when name in [:sigil_w, :sigil_W] and is_list(modifiers) do
    words = for part <- parts, is_binary(part), word <- String.split(part), do: word
    if context == :body and ?a in modifiers, do: Enum.each(words, &word/1)

    if ?a in modifiers and (length(words) > 500 or not Enum.all?(parts, &is_binary/1)),
      do: stop("makes atoms from text#{at(meta)}")

    if Enum.all?(parts, &is_binary/1),
      do: form,
      else: {name, meta, [{:<<>>, meta, code(parts, context)}, modifiers]}
  end

  defp code({name, meta, arguments}, context) when is_atom(name),
    do: {name, meta, code(arguments, context)}

  defp code({name, meta, arguments}, context),
    do: {code(name, context), meta, code(arguments, context)}

  defp code({left, right}, context), do: {code(left, context), code(right, context)}
  defp code([head | tail], context), do: [code(head, context) | code(tail, context)]

  # A body runs as it is read, so what it holds is judged here.
  defp code(atom, :body) when is_atom(atom) do
    if why = Allowed.forbidden_datum(atom, %{}), do: stop(why), else: atom
  end

  defp code(other, _), do: other

  # One that is no atom yet is the name of nothing. What escapes in it mean is not asked.
  defp word(text) do
    if String.contains?(text, "\\"), do: stop("makes atoms from text")
    code(String.to_existing_atom(text), :body)
  rescue
    ArgumentError -> :ok
  end

  defp static?({:__aliases__, _, _}), do: true
  defp static?({:__MODULE__, _, context}) when is_atom(context), do: true
  defp static?(name), do: is_atom(name)

  defp at(meta), do: if(line = meta[:line], do: " in line #{line}", else: "")
  defp stop(why), do: throw({:stop, why})
  defp refuse(why), do: throw({:refuse, why})
end
