"""`results`: a spec is asked for when something shown tells what the function gives."""

from __future__ import annotations

import pytest

from tests.transforms.reading import run
from transforms import results, spec

HELPERS = """
  @spec told(integer) :: {:ok, integer}
  defp told(x), do: {:ok, x}

  @spec open(integer) :: any
  defp open(x), do: x

  defp whole(x), do: {:ok, x}
"""


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        ("x", ["x"]),
        ("y = f(x)\ng(y)", ["g(y)"]),
        ("case x do\n  1 -> a(x)\n  _ ->\n    y = 1\n    b(y)\nend", ["a(x)", "b(y)"]),
        ("if x do\n  a(x)\nelse\n  b(x)\nend", ["a(x)", "b(x)"]),
        ("f(\n  x,\n  y\n)", ["f("]),
        ("x\n|> a()\n|> b()", ["|> b()"]),
        ("if x, do: a(x), else: b(x)", ["a(x)", "b(x)"]),
        ("if x, do: a(x)\ng(x)", ["g(x)"]),
    ],
)
def test_branches_end_in_their_last_statements(body: str, ends: list[str]) -> None:
    assert list(results.endings(body)) == ends


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("  def f(x), do: Shop.Till.open(x)", False),
        ("  def f(x) do\n    y = x + 1\n    shop_till(y)\n  end", False),
        ("  def f(x) do\n    y = x + 1\n    Shop.Till.open(y)\n  end", False),
        ("  def f(x) do\n    if x > 1, do: :ok\n    Shop.open x\n  end", False),
        ("  def f(x) do\n    y = x + 1\n    open(y)\n  end", False),
        ("  def f(x) do\n    y = x + 1\n    told(y)\n  end", True),
        ("  def f(x) do\n    y = x + 1\n    whole(y)\n  end", True),
        ("  def f(x) do\n    y = x + 1\n    {:ok, y}\n  end", True),
        (
            "  def f(x) do\n    case x do\n      1 -> {:ok, x}\n"
            "      _ -> Shop.open(x)\n    end\n  end",
            True,
        ),
    ],
)
def test_a_result_that_nothing_shown_tells_of(code: str, asked: bool) -> None:
    written = "  @spec f(integer) :: {:ok, integer}\n"
    left_out = run("spec", f"defmodule A do\n{written}{code}\n{HELPERS}end\n")[1]
    assert left_out.get("A.f/1", "") == ("" if asked else spec.WRAPPER)


def test_documentation_may_tell_the_result() -> None:
    doc = '  @doc "Opens the till and returns what is in it."\n'
    code = "  @spec f(integer) :: {:ok, integer}\n  def f(x), do: Shop.Till.open(x)\n"
    assert run("spec", f"defmodule A do\n{doc}{code}end\n")[1] == {}


def test_a_server_answers_where_its_callback_is_shown() -> None:
    code = (
        "  @spec f(pid) :: {:ok, integer}\n  def f(x), do: GenServer.call(x, :sum)\n"
        "  def handle_call(:sum, _from, s), do: {:reply, {:ok, s}, s}\n"
    )
    assert run("spec", f"defmodule A do\n{code}end\n")[1] == {}
    silent = code.replace("handle_call(:sum", "handle_info(:sum")
    assert run("spec", f"defmodule A do\n{silent}end\n")[1] == {"A.f/1": spec.WRAPPER}
