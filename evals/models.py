"""Models by the names that people type: ours that needs no model, local folders, URLs.

What asks a model is inspect_ai; here are its provider `reference`, which answers every problem with
the problem's own solution, its provider `stored`, which a run uses when nothing is left to ask, and
what a spelling means to inspect_ai. Nothing here knows of runs or grades.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    get_model,
    modelapi,
)
from inspect_ai.tool import ToolChoice, ToolInfo

from evals.problem import Problem
from factory import digest
from factory.errors import RequestError

REFERENCE = "reference/solution"
PROBLEM_KEY = "elixir_problem"
"""The key of a question's metadata that names its problem by digest."""

_asked: dict[str, Problem] = {}


def remember(problem: Problem) -> str:
    """Let `reference` answer this problem; the value that goes under `PROBLEM_KEY`."""
    _asked[problem.digest] = problem
    return problem.digest


def remembered(problem_digest: str) -> Problem | None:
    """The problem of that digest, if this process asks it."""
    return _asked.get(problem_digest)


@modelapi(name="reference")
class Reference(ModelAPI):
    """Answers a question of our tasks with the problem's solution. Any model name will do."""

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002 (inspect_ai's name for it)
        tools: list[ToolInfo],  # noqa: ARG002
        tool_choice: ToolChoice,  # noqa: ARG002
        config: GenerateConfig,  # noqa: ARG002
    ) -> ModelOutput:
        for message in reversed(input):
            problem = _asked.get((message.metadata or {}).get(PROBLEM_KEY, ""))
            if problem is None:
                continue
            if not problem.solution:
                raise ValueError(f"{problem.label} comes without a reference solution")
            answer = f"```elixir\n{problem.solution.rstrip()}\n```\n"
            return ModelOutput.from_content(str(self.model_name), answer)
        raise ValueError("the model `reference` answers the questions of our own tasks only")

    def max_connections(self) -> int:
        return 64


@modelapi(name="stored")
class Stored(ModelAPI):
    """Stands for a model that must not be asked: all its answers are on disk."""

    async def generate(
        self,
        input: list[ChatMessage],  # noqa: A002, ARG002
        tools: list[ToolInfo],  # noqa: ARG002
        tool_choice: ToolChoice,  # noqa: ARG002
        config: GenerateConfig,  # noqa: ARG002
    ) -> ModelOutput:
        raise ValueError(f"{self.model_name} must not be asked again")

    def max_connections(self) -> int:
        return 64


@dataclass(frozen=True)
class Choice:
    """A model as inspect_ai names it. `weights` identifies the files of a local folder."""

    name: str
    base_url: str | None = None
    weights: str = ""
    args: dict[str, Any] = field(default_factory=dict)


def choose(
    spelling: str, base_url: str | None = None, args: dict[str, Any] | None = None
) -> Choice:
    """What a person means: `reference`; the folder of a Hugging Face model (`./smollm2`, or
    `hf//where/it/lies`); any model of inspect_ai's (`openai/gpt-4o`); with a base URL, any name
    that the server there knows.

    Raises `RequestError` when a folder is meant that is not there or holds no model.
    """
    args = args or {}
    if spelling in {"reference", REFERENCE}:
        return Choice(REFERENCE)
    path = spelling.removeprefix("hf/") if spelling.startswith(("hf//", "hf/.", "hf/~")) else None
    if path is None and (spelling.startswith((".", "/", "~")) or _is_model(Path(spelling))):
        path = spelling
    if path is not None:
        folder = Path(path).expanduser().resolve()
        if not _is_model(folder):
            raise RequestError(
                f"--model {spelling}: {folder} is no folder with a Hugging Face model "
                "(a config.json and weights)"
            )
        return Choice(f"hf/{folder}", base_url, fingerprint(folder), args)
    if base_url is not None and not _known(spelling):
        return Choice(f"openai-api/local/{spelling}", base_url, "", args)
    return Choice(spelling, base_url, "", args)


def opened(choice: Choice, config: GenerateConfig) -> Model:
    """The model, ready to be asked.

    Raises `RequestError` when inspect_ai knows no such provider, or lacks a key or a package.
    """
    parts = choice.name.split("/")
    key = None
    if parts[0] == "openai-api" and len(parts) > 2 and choice.base_url:
        # Local servers ask for no key, and inspect_ai insists on one.
        variable = re.sub(r"\W", "_", parts[1]).upper() + "_API_KEY"
        key = os.environ.get(variable, "none")
    try:
        return get_model(
            choice.name,
            base_url=choice.base_url,
            api_key=key,
            config=config,
            memoize=False,
            **choice.args,
        )
    except Exception as error:  # providers fail in as many ways as there are of them
        raise RequestError(f"--model {choice.name}: {_plain(str(error))}") from error


def fingerprint(folder: Path) -> str:
    """64 hex digits that change when the model in a folder does.

    Small files count whole. Of each large one 64 pieces, spread evenly, and the size do: weights
    that were trained on differ nearly everywhere, and reading 15 GB takes longer than most runs.
    """
    parts: list[Any] = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and ".git" not in p.parts):
        size = path.stat().st_size
        name = str(path.relative_to(folder))
        if size <= 16 << 20:
            parts.append([name, digest.of_file(path)])
            continue
        with path.open("rb") as stream:
            pieces = []
            for i in range(64):
                stream.seek((size - 4096) * i // 63)
                pieces.append(stream.read(4096).hex())
        parts.append([name, size, digest.of(pieces)])
    return digest.of(parts)


def _is_model(folder: Path) -> bool:
    return (folder / "config.json").is_file()


def _known(name: str) -> bool:
    """Whether the part before the first slash is a provider of inspect_ai's."""
    if name.startswith("hf/"):
        return True  # to make one is to load it
    try:
        get_model(name, memoize=False)
    except ValueError as error:
        return not re.search(r"not recognized|should be in the format", str(error))
    except Exception:
        return True  # it wants a key or a package: so it is one
    return True


def _plain(message: str) -> str:
    """inspect_ai's messages without their markup and blank lines."""
    text = re.sub(r"\[/?(?:bold|italic|red|yellow|blue|green|dim)[^\]]*\]", "", message)
    return " ".join(text.split())
