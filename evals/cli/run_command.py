"""`evals run`: ask a model, grade what it says, print what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from evals.cli import app, options
from evals.cli.options import (
    CredoOption,
    DialyzerOption,
    EngineOption,
    JsonOption,
    KOption,
    SobelowOption,
    SuitesOption,
    UnsafeOption,
    WeightsOption,
    WorkersOption,
)
from evals.questions import PROMPT, SYSTEM
from factory.errors import RequestError


@app.command(
    epilog="Examples:\n\n"
    "  evals run --suite otp --model reference\n\n"
    "  evals run --suite otp --suite core --model openai/gpt-4o --n 20 --k 1,5,10\n\n"
    "  evals run --suite otp --model ./smollm2 --n 5 --temperature 0.8 --max-tokens 1024\n\n"
    "  evals run --suite otp --model qwen3 --model-base-url http://localhost:8000/v1 --json"
)
def run(
    suites: SuitesOption,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            metavar="MODEL",
            help="As inspect_ai names it; `reference`; or a Hugging Face model's folder.",
        ),
    ],
    base_url: Annotated[
        str | None,
        typer.Option(
            "--model-base-url", metavar="URL", help="An OpenAI-compatible server that has MODEL."
        ),
    ] = None,
    model_args: Annotated[
        list[str] | None,
        typer.Option(
            "--model-arg", "-M", metavar="KEY=VALUE", help="An argument of inspect_ai's provider."
        ),
    ] = None,
    n: Annotated[int, typer.Option("--n", min=1, max=100_000, help="Samples a problem.")] = 1,
    k: KOption = "1,5,10",
    temperature: Annotated[
        float | None, typer.Option("--temperature", min=0.0, help="Default: the provider's.")
    ] = None,
    top_p: Annotated[float | None, typer.Option("--top-p", min=0.0, max=1.0)] = None,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", min=1, help="Of an answer.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Of sample 1; each further one takes the next.")
    ] = None,
    system: Annotated[
        str, typer.Option("--system", metavar="TEXT|@FILE", help="The system message.")
    ] = SYSTEM,
    prompt: Annotated[
        str,
        typer.Option(
            "--prompt", metavar="TEXT|@FILE", help="A template with {prompt} for the problem's."
        ),
    ] = PROMPT,
    problems: Annotated[
        list[str] | None, typer.Option("--problem", metavar="ID", help="This one. Repeatable.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="The first so many of each suite.")
    ] = None,
    workers: WorkersOption = 0,
    engine: EngineOption = None,
    unsafe_local: UnsafeOption = False,
    credo: CredoOption = None,
    sobelow: SobelowOption = None,
    dialyzer: DialyzerOption = True,
    weights: WeightsOption = None,
    store: Annotated[
        Path,
        typer.Option(
            "--store",
            "--out",
            metavar="DIR",
            help="Where runs are kept, under runs/.",
            envvar="FACTORY_STORE",
        ),
    ] = options.DEFAULT_STORE,
    name: Annotated[
        str | None, typer.Option("--name", help="The run's. Default: from suite, model, settings.")
    ] = None,
    rescore: Annotated[
        bool, typer.Option("--rescore", help="Grade what is there anew; accept a changed suite.")
    ] = False,
    connections: Annotated[
        int | None, typer.Option("--connections", min=1, help="Questions asked at a time.")
    ] = None,
    retries: Annotated[
        int, typer.Option("--retries", min=0, help="Of a question that failed.")
    ] = 8,
    timeout: Annotated[
        int | None, typer.Option("--timeout", min=1, help="Seconds for a question with retries.")
    ] = None,
    cache: Annotated[
        bool, typer.Option("--cache", help="Use inspect_ai's cache of answers, across runs.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask a model every problem of a suite, grade the answers, print pass@k and the composite.

    A run that was killed goes on with the same command; so does one whose --n is raised. What is
    on disk is neither asked nor graded again.
    """
    from evals import models
    from evals.cli import progress, telling
    from evals.runs import running
    from evals.runs.grading import How

    asked = running.Asked(
        suites=options.opened(suites),
        model=models.choose(model, base_url, _pairs(model_args or [])),
        store=store,
        n=n,
        k=options.several_k(k),
        temperature=temperature,
        top_p=top_p,
        max_tokens=max_tokens,
        seed=seed,
        system=options.text_or_file("--system", system),
        prompt=options.text_or_file("--prompt", prompt),
        problems=tuple(problems or ()),
        limit=limit,
        name=name,
        rescore=rescore,
        connections=connections,
        retries=retries,
        timeout=timeout,
        cache=cache,
        how=How(workers, engine, unsafe_local, credo, sobelow, dialyzer),
    )
    if "{prompt}" not in asked.prompt:
        raise RequestError("--prompt: the template must hold {prompt}, where the problem's goes")
    weighed = options.weights(weights)
    done = running.run(asked, progress.chosen(as_json))
    counted = running.counted(asked, done, weighed)
    if as_json:
        typer.echo(json.dumps(telling.as_json(counted, done)))
    else:
        typer.echo(telling.text(counted, done))
    if done.failures or counted.infrastructure:
        telling.warn(done, counted)
        raise typer.Exit(1)


def _pairs(words: list[str]) -> dict[str, Any]:
    """`KEY=VALUE` options; a value that is JSON is read as such."""
    found: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise RequestError(f"--model-arg {word}: write KEY=VALUE")
        try:
            found[key] = json.loads(value)
        except ValueError:
            found[key] = value
    return found
