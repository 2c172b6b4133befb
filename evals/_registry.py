"""What inspect_ai finds of ours (entry point of the group `inspect_ai`): providers and tasks."""

from evals.models import Reference, Stored
from evals.tasks import elixir, register

TASKS = register()

__all__ = ["TASKS", "Reference", "Stored", "elixir"]
