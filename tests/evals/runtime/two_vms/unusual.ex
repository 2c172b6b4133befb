defmodule Unusual do
  @compiled Enum.map(1..3, fn n -> {:"get_#{n}", n} end)
  for {name, n} <- @compiled do
    def unquote(name)(), do: unquote(n)
  end

  defmacrop double(x), do: quote(do: 2 * unquote(x))
  def doubled(x), do: double(x)
  def evaluated(code), do: code |> Code.eval_string() |> elem(0)
  def atom(s), do: String.to_atom(s)
  def encode(x), do: x |> :erlang.term_to_binary() |> :erlang.binary_to_term()
  def default(a, b \\ 2, c \\ 3), do: {a, b, c}
  def now, do: DateTime.utc_now()
  def env, do: System.get_env("NOTHING_HERE")

  def file do
    path = Path.join(System.tmp_dir!(), "x.txt")
    File.write!(path, "text")
    File.read!(path)
  end

  def guard?(x) when x > 1 and is_number(x), do: true
  def guard?(_), do: false
  def dict, do: :dict.store(:a, 1, :dict.new())
  def queue, do: :queue.from_list([1, 2])
  def ref, do: make_ref()
  def many_atoms, do: for(n <- 1..200, do: :"atom_number_#{n}")
  def sort_by(list, key), do: Enum.sort_by(list, key, :desc)
  def with_query?(x?), do: x?
  def unquote(:"odd name!")(), do: :odd
end

defmodule Unusual.Nested.Deep do
  def hi, do: :hi
end
