"""What the outline of an Elixir file says, on small files written for it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from factory.syntax.elixir import outline
from factory.syntax.outline import Call, Function, Module, Outline, Span
from factory.syntax.parse import parse


class File:
    """A source and its outline; `text` cuts a span."""

    def __init__(self, source: str) -> None:
        self.source = dedent(source).encode()
        self.outline: Outline = outline(self.source, parse(self.source, "elixir"))

    def text(self, span: Span | None) -> str | None:
        return None if span is None else span.cut(self.source)

    @property
    def module(self) -> Module:
        (module,) = self.outline.modules
        return module

    def function(self, label: str) -> Function:
        (found,) = [f for f in self.module.functions if f.label == label]
        return found


def inside(body: str) -> File:
    """A file whose module `Shop` has the given body."""
    return File("defmodule Shop do\n" + dedent(body) + "\nend\n")


class TestModules:
    def test_names_of_nested_modules_are_full(self) -> None:
        file = File("""
            defmodule Shop.Cart do
              defmodule Item do
                defmodule Price do
                end
              end

              defprotocol Sum do
              end
            end

            defmodule Shop.Till, do: def open, do: :ok
        """)
        assert [(m.kind, m.name) for m in file.outline.every_module()] == [
            ("defmodule", "Shop.Cart"),
            ("defmodule", "Shop.Cart.Item"),
            ("defmodule", "Shop.Cart.Item.Price"),
            ("defprotocol", "Shop.Cart.Sum"),
            ("defmodule", "Shop.Till"),
        ]

    def test_names_that_do_not_follow_the_nesting(self) -> None:
        file = File("""
            defmodule Shop do
              defmodule Elixir.Bank do
              end

              defmodule __MODULE__.Cart do
              end

              defmodule :erlang_name do
              end

              defmodule unquote(name) do
              end
            end
        """)
        assert [m.name for m in file.module.modules] == ["Bank", "Shop.Cart", ":erlang_name"]

    def test_an_implementation_is_named_after_protocol_and_type(self) -> None:
        file = File("""
            defmodule Shop.Cart do
              alias Shop.Protocols.Sum
              defstruct [:items]

              defimpl Sum do
                def sum(cart), do: length(cart.items)
              end

              defimpl Sum, for: [List, Map] do
              end
            end
        """)
        own, others = file.module.modules
        assert (own.kind, own.name) == ("defimpl", "Shop.Protocols.Sum.Shop.Cart")
        assert (own.protocol, own.target) == ("Shop.Protocols.Sum", "Shop.Cart")
        assert [f.label for f in own.functions] == ["sum/1"]
        assert file.module.functions == ()
        assert others.target == "List, Map"

    def test_body_is_what_stands_between_do_and_end(self) -> None:
        file = inside("  # first\n  @a 1\n\n  def b, do: 2\n")
        assert file.text(file.module.body) == "# first\n@a 1\n\ndef b, do: 2"
        assert file.text(file.module.span) == file.source.decode().strip()

    def test_modules_in_a_condition_count_and_those_in_quotes_do_not(self) -> None:
        file = File("""
            if Code.ensure_loaded?(Jason) do
              defmodule Shop.Json do
              end
            else
              defmodule Shop.NoJson do
              end
            end

            quote do
              defmodule Made do
              end
            end
        """)
        assert [m.name for m in file.outline.modules] == ["Shop.Json", "Shop.NoJson"]

    def test_struct_and_exception(self) -> None:
        file = inside("  defstruct name: nil,\n            age: 0\n")
        assert file.text(file.module.struct) == "defstruct name: nil,\n          age: 0"
        file = inside('  defexception message: "no"\n')
        assert file.text(file.module.struct) == 'defexception message: "no"'


class TestFunctions:
    def test_clauses_of_a_name_and_arity_are_one_function(self) -> None:
        file = inside("""
            def total([], sum), do: sum

            def total([%{price: price} | rest], sum) when price > 0 and is_list(rest) do
              total(rest, sum + price)
            end

            def total(items), do: total(items, 0)
        """)
        assert [f.label for f in file.module.functions] == ["total/2", "total/1"]
        first, second = file.function("total/2").clauses
        assert file.text(first.head) == "total([], sum)"
        assert [file.text(a) for a in first.arguments] == ["[]", "sum"]
        assert (file.text(first.guard), file.text(first.body)) == (None, "sum")
        assert file.text(second.head) == "total([%{price: price} | rest], sum)"
        assert file.text(second.guard) == "price > 0 and is_list(rest)"
        assert file.text(second.body) == "total(rest, sum + price)"
        assert file.function("total/2").contiguous

    def test_every_kind_of_definition(self) -> None:
        file = inside("""
            def a(x), do: x
            defp b(x), do: x
            defmacro c(x), do: x
            defmacrop d(x), do: x
            defguard e(x) when is_atom(x)
            defguardp f(x) when is_atom(x)
            defdelegate g(x), to: Other, as: :h
        """)
        assert [(f.kind, f.label, f.public) for f in file.module.functions] == [
            ("def", "a/1", True),
            ("defp", "b/1", False),
            ("defmacro", "c/1", True),
            ("defmacrop", "d/1", False),
            ("defguard", "e/1", True),
            ("defguardp", "f/1", False),
            ("defdelegate", "g/1", True),
        ]
        assert file.text(file.function("e/1").clauses[0].guard) == "is_atom(x)"
        assert file.function("g/1").clauses[0].body is None

    @pytest.mark.parametrize(
        ("definition", "label", "arguments"),
        [
            ("def left + right, do: 1", "+/2", ["left", "right"]),
            ("def (a ~> b) when a, do: 1", "~>/2", ["a", "b"]),
            ("def !value, do: 1", "!/1", ["value"]),
            ("defmacro first..last//step, do: 1", "..///3", ["first", "last", "step"]),
            ("defmacro .., do: 1", "../0", []),
            ("defmacro left in right, do: 1", "in/2", ["left", "right"]),
            ("def now, do: 1", "now/0", []),
            ("def now(), do: 1", "now/0", []),
            ("def add a, b do\n a\nend", "add/2", ["a", "b"]),
            ("def add(a, # the first\n b), do: 1", "add/2", ["a", "b"]),
            ("def unquote(:add)(a), do: 1", "add/1", ["a"]),
            ("def options(a, key: b), do: 1", "options/2", ["a", "key: b"]),
        ],
    )
    def test_heads_of_all_shapes(self, definition: str, label: str, arguments: list[str]) -> None:
        file = inside(definition)
        function = file.function(label)
        assert [file.text(a) for a in function.clauses[0].arguments] == arguments

    def test_names_that_only_a_macro_knows_are_left_out(self) -> None:
        file = inside("""
            def unquote(name)(a), do: a
            def unquote(head), do: 1
            def known, do: 1
        """)
        assert [f.label for f in file.module.functions] == ["known/0"]

    def test_defaults_lower_the_arity_and_specs_follow_it(self) -> None:
        file = inside("""
            @spec find(list) :: term
            @spec find(list, term) :: term
            def find(list, default \\\\ nil)
            def find([], default), do: default

            @spec find(list, term, term) :: term
            def find(list, _, _), do: list
        """)
        function = file.function("find/2")
        assert (function.arity, function.min_arity) == (2, 1)
        assert [s.arity for s in function.specs] == [1, 2]
        assert [c.body is None for c in function.clauses] == [True, False]
        assert [s.arity for s in file.function("find/3").specs] == [3]

    def test_what_stands_above_a_function_belongs_to_it(self) -> None:
        file = inside("""
            @timeout 5

            # What it does, for those who read on.
            @doc "Runs."
            @doc since: "1.2.0"
            @impl true
            @deprecated "Use go/1"
            @spec run(term) :: :ok
            # The rest.
            def run(_), do: :ok
        """)
        function = file.function("run/1")
        shown = file.text(function.span)
        assert shown is not None
        assert shown.startswith("# What it does") and shown.endswith("def run(_), do: :ok")
        assert file.text(function.code) == "def run(_), do: :ok"
        assert function.impl == "true"
        assert function.doc is not None and function.doc.text == "Runs."
        assert [file.text(a) for a in function.attributes] == [
            '@doc since: "1.2.0"',
            "@impl true",
            '@deprecated "Use go/1"',
        ]
        assert [a.name for a in file.module.attributes] == ["timeout"]

    def test_a_comment_apart_from_the_function_is_not_its_own(self) -> None:
        file = inside("""
            # Helpers

            def a, do: 1 # one
            def b, do: 2
        """)
        assert file.text(file.function("a/0").span) == "def a, do: 1"
        assert file.text(file.function("b/0").span) == "def b, do: 2"

    def test_clauses_with_something_between_are_not_contiguous(self) -> None:
        file = inside("""
            def a(1), do: 1
            def b, do: 2
            def a(2), do: 2
        """)
        assert not file.function("a/1").contiguous
        assert file.function("b/0").contiguous

    def test_clauses_made_by_a_comprehension_are_not_read_but_noted(self) -> None:
        file = inside("""
            for {word, number} <- [one: 1] do
              def number(unquote(word)), do: unquote(number)
            end

            def number(_), do: :error
            def other(_), do: :error
        """)
        assert len(file.function("number/1").clauses) == 1
        assert not file.function("number/1").contiguous
        assert file.function("other/1").contiguous

    def test_of_two_branches_the_first_definition_counts(self) -> None:
        file = inside("""
            if System.otp_release() >= "26" do
              def sort(list), do: :lists.sort(list)
            else
              def sort(list), do: Enum.sort(list)
              def fallback, do: true
            end
        """)
        assert file.text(file.function("sort/1").code) == "def sort(list), do: :lists.sort(list)"
        assert file.function("fallback/0").public

    def test_what_a_macro_puts_into_others_is_not_the_module_s(self) -> None:
        file = inside("""
            defmacro __using__(_) do
              quote do
                def injected, do: 1
              end
            end

            quote do
              def nowhere, do: 1
            end
        """)
        assert [f.label for f in file.module.functions] == ["__using__/1"]

    def test_the_body_holds_rescue_and_after(self) -> None:
        file = inside("def a do\n  b()\nrescue\n  _ -> c()\nafter\n  d()\nend")
        body = file.text(file.function("a/0").clauses[0].body)
        assert body == "b()\nrescue\n  _ -> c()\nafter\n  d()"


class TestDocs:
    @pytest.mark.parametrize(
        ("written", "text"),
        [
            ('"One line."', "One line."),
            ('"A \\"quote\\", a tab\\t, \\u00e9\\x41\\u{1F600}"', 'A "quote", a tab\t, éA😀'),
            ('"""\n  One.\n\n    Two.\n  """', "One.\n\n  Two.\n"),
            ('"""\n  Joined \\\n  up.\n  """', "Joined up.\n"),
            ('~S"""\n  No \\n escape, no #{code}.\n  """', "No \\n escape, no #{code}.\n"),
            ("~S(A \\) and \\n)", "A ) and \\n"),
            ("~s|a\\tb|", "a\tb"),
            ('(\n  "In parentheses."\n)', "In parentheses."),
            ('"""\n  Uses #{@version}.\n  """', ""),
            ('File.read!("README.md")', ""),
        ],
    )
    def test_text_as_a_reader_sees_it(self, written: str, text: str) -> None:
        file = File(f"defmodule Shop do\n  @doc {written}\n  def a, do: 1\nend\n")
        doc = file.function("a/0").doc
        assert doc is not None
        assert (doc.text, doc.hidden) == (text, False)

    def test_hidden_functions_modules_and_typedocs(self) -> None:
        file = inside("""
            @moduledoc false
            @typedoc "A price in cents."
            @type price :: integer
            @doc false
            def a, do: 1
        """)
        assert file.module.doc is not None and file.module.doc.hidden
        doc = file.function("a/0").doc
        assert doc is not None and doc.hidden
        assert file.module.types[0].doc is not None
        assert file.module.types[0].doc.text == "A price in cents."

    def test_a_doc_of_something_else_does_not_reach_the_next_function(self) -> None:
        file = inside("""
            @doc "About the callback."
            @callback run(term) :: term
            def a, do: 1

            @doc "About a parser."
            defparsec :b, string("b")
            def c, do: 1
        """)
        assert [f.doc for f in file.module.functions] == [None, None]


class TestTypesAndDirectives:
    def test_types_specs_and_callbacks(self) -> None:
        file = inside("""
            @behaviour Access
            @type t :: %__MODULE__{}
            @typep pair(a, b) :: {a, b} | nil
            @opaque secret :: binary
            @callback run(term, opts :: keyword) :: a when a: term
            @macrocallback expand(term) :: Macro.t()
            @spec left + right :: integer when left: integer, right: integer
            def left + right, do: left - right
        """)
        assert [(t.kind, t.name, t.arity) for t in file.module.types] == [
            ("type", "t", 0),
            ("typep", "pair", 2),
            ("opaque", "secret", 0),
        ]
        assert [(c.name, c.arity) for c in file.module.callbacks] == [("run", 2), ("expand", 1)]
        assert [(s.name, s.arity) for s in file.function("+/2").specs] == [("+", 2)]
        assert file.module.behaviours == ("Access",)

    def test_directives_are_resolved_one_by_one(self) -> None:
        file = inside("""
            alias Bank.{Account, Ledger.Entry}
            alias Account.Id, as: AccountId
            alias __MODULE__.Cart
            import Entry, only: [post: 2]
            require Logger
            use GenServer, restart: :transient
            import :lists
        """)
        assert [(d.kind, d.target, d.options) for d in file.module.directives] == [
            ("alias", "Bank.Account", ""),
            ("alias", "Bank.Ledger.Entry", ""),
            ("alias", "Bank.Account.Id", "as: AccountId"),
            ("alias", "Shop.Cart", ""),
            ("import", "Bank.Ledger.Entry", "only: [post: 2]"),
            ("require", "Logger", ""),
            ("use", "GenServer", "restart: :transient"),
            ("import", ":lists", ""),
        ]
        assert file.module.uses("GenServer") is not None

    def test_references_name_every_other_module_once(self) -> None:
        file = inside("""
            @moduledoc "Nothing Here.Counts, only #{Interpolated.Code}."
            alias Bank.Account
            use GenServer

            def a(%Account{} = x), do: Account.Id.of(x) |> Enum.map(&__MODULE__.Cart.add/1)

            def b do
              alias Bank.Ledger, as: Account
              # Not.This
              Account.post(:ets.new(:t, []), Shop)
            end

            def c, do: Account.close()

            defmodule Inner do
              def d, do: Other
            end
        """)
        assert file.module.references == (
            "Bank.Account",
            "GenServer",
            "Interpolated.Code",
            "Bank.Account.Id",
            "Enum",
            "Shop.Cart",
            "Bank.Ledger",
            ":ets",
        )
        assert file.module.modules[0].references == ("Other",)


class TestTests:
    def test_names_tags_bodies_and_calls(self) -> None:
        file = File("""
            defmodule Shop.CartTest do
              use ExUnit.Case, async: true
              alias Shop.Cart
              import Shop.Factory, only: [build: 1]

              setup do
                %{cart: Cart.new()}
              end

              test "is empty", %{cart: cart} do
                assert Cart.size(cart) == 0
              end

              describe "add/2" do
                alias Shop.Item

                @tag :slow
                @tag timeout: 5
                test "takes an item", %{cart: cart} do
                  item = build(:item) |> Item.named("x")
                  cart |> Cart.add(item) |> check(1)
                  refute Enum.map([1], &Item.valid?/1) == []
                  assert_raise ArgumentError, fn -> Cart.add(cart, nil) end
                end

                test "is to be written"
              end

              for n <- [1, 2] do
                test "number #{n}" do
                end
              end

              defp check(cart, n), do: assert(Cart.size(cart) == n)
            end
        """)
        first, second, third = file.module.tests
        assert (first.name, first.describe) == ("is empty", "")
        assert first.calls == (Call("Shop.Cart", "size", 1),)
        assert file.text(first.body) == "assert Cart.size(cart) == 0"
        assert (second.name, second.describe) == ("add/2 takes an item", "add/2")
        shown = file.text(second.span)
        assert shown is not None and shown.startswith("@tag :slow\n")
        assert second.calls == (
            Call("Shop.Factory", "build", 1),
            Call("Shop.Item", "named", 2),
            Call("Shop.Cart", "add", 2),
            Call("", "check", 2),
            Call("Enum", "map", 2),
            Call("Shop.Item", "valid?", 1),
        )
        assert (third.name, third.body, third.calls) == ("add/2 is to be written", None, ())

    def test_a_single_imported_module_owns_the_local_calls(self) -> None:
        file = File("""
            defmodule CartTest do
              use ExUnit.Case
              import Cart

              test "sums" do
                assert sum([1]) == own([1])
                capture_log(fn -> sum([]) end)
              end

              def own(x), do: x
            end
        """)
        assert file.module.tests[0].calls == (
            Call("Cart", "sum", 1),
            Call("", "own", 1),
            Call("Cart", "capture_log", 1),
        )


class TestBrokenCode:
    def test_what_comes_before_the_damage_is_kept(self) -> None:
        file = File("""
            defmodule Shop do
              @doc "Adds."
              def add(a, b) do
                a + b
              end

              def broken(c) do
                if c do
        """)
        assert [f.label for f in file.module.functions] == ["add/2"]
        assert file.function("add/2").doc is not None
        assert file.module.name == "Shop"
        assert file.outline.errors

    def test_a_damaged_file_keeps_its_modules_apart(self) -> None:
        file = File("""
            defmodule First do
              def a, do: 1

            defmodule Second do
              def b, do: 2

              def c(x) do
                foo(x
        """)
        found = {m.name: [f.label for f in m.functions] for m in file.outline.every_module()}
        assert found["First"] == ["a/0"]
        assert found["Second"] == ["b/0"]

    def test_errors_are_the_outermost_spans(self) -> None:
        file = inside("def a, do: )\ndef b, do: 2\n")
        assert file.outline.errors
        for one in file.outline.errors:
            assert not any(one is not other and other.holds(one) for other in file.outline.errors)
        clean = inside("def a, do: 1\n")
        assert clean.outline.errors == ()

    @pytest.mark.parametrize("source", ["", "\n", "end", ")", "@", "@doc", "def", "alias", "\xff"])
    def test_scraps(self, source: str) -> None:
        for written in (source.encode("latin-1"), b"defmodule A do\n" + source.encode("latin-1")):
            found = outline(written, parse(written, "elixir"))
            assert found.size == len(written)
