"""ElixirEval: suites of problems, a grader that runs candidates in a sandbox, and what it measures.

```python
import evals

suite = evals.load("core")
verdicts = evals.grade(suite.problem("trie"), ["defmodule Trie do … end"])
```

`grade` and `grade_async` share one pool of warm workers in a process; `Grader` is a pool of one's
own. Importing this package is cheap: what grades is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evals.grader import Grader, Settings, grade, grade_async
    from evals.problem import Problem
    from evals.suite import Suite, load
    from evals.verdict import Verdict

__all__ = [
    "Grader",
    "Problem",
    "Settings",
    "Suite",
    "Verdict",
    "grade",
    "grade_async",
    "load",
]

_HOMES = {
    "Grader": "evals.grader",
    "Settings": "evals.grader",
    "grade": "evals.grader",
    "grade_async": "evals.grader",
    "Problem": "evals.problem",
    "Suite": "evals.suite",
    "load": "evals.suite",
    "Verdict": "evals.verdict",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
