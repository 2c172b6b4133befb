defmodule Plugin do
  @callback run(term) :: term
  @optional_callbacks []
  defmacro __using__(_) do
    quote do
      @behaviour Plugin
      def run(x), do: {:default, x}
      defoverridable run: 1
    end
  end
end

defmodule Upper do
  use Plugin
  def run(x), do: String.upcase(x)
end

defmodule Plain do
  use Plugin
end

defmodule Plugins do
  @plugins %{upper: Upper, plain: Plain}
  def run(name, x), do: Map.fetch!(@plugins, name).run(x)
  def dynamic(module, fun, args), do: apply(module, fun, args)
  def known?(module), do: Code.ensure_loaded?(module) and function_exported?(module, :run, 1)
end
