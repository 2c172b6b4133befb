"""Parsing in several threads at a time: a shared parser would end the process."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from factory.syntax.parse import parse, parse_frugally

sys.setswitchinterval(1e-6)
source = ("defmodule A do\\n" + "  def f(x), do: g(x, [1, {2, x}])\\n" * 400 + "end\\n").encode()
whole = str(parse(source, "elixir").root_node)

def read(_):
    tree = parse_frugally(source, "elixir")
    return tree is not None and str(tree.root_node) == whole

with ThreadPoolExecutor(8) as threads:
    print(all(threads.map(read, range(64))))
"""


def test_threads_do_not_share_a_parser() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
