"""How a problem is put to a model: a system message, and the prompt in a template.

A template holds `{prompt}` where the problem's prompt goes; nothing else in it is replaced, so that
Elixir's braces need no escape.
"""

from __future__ import annotations

from evals.problem import Problem
from factory import digest

SYSTEM = "You write Elixir. Answer with one complete program in a single ```elixir block."
PROMPT = "{prompt}"
COMPLETE = (
    "Complete this Elixir program. Answer with the whole of it, from its first line on, "
    "in a single ```elixir block.\n\n```elixir\n{prompt}\n```"
)
"""In place of `PROMPT` for problems whose prompt is the beginning of the program."""


def question(problem: Problem, template: str = PROMPT) -> str:
    """The text that the model is asked."""
    if template == PROMPT and problem.prefix:
        template = COMPLETE
    before, placed, after = template.partition("{prompt}")
    return f"{before}{problem.prompt.rstrip()}{after}" if placed else template


def question_digest(problem: Problem, system: str, template: str) -> str:
    """64 hex digits over all that a model is told of a problem."""
    return digest.of(system, question(problem, template))
