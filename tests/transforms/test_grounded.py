"""`grounded`: documentation has to stand on the code beside it, as far as its words tell."""

from __future__ import annotations

import pytest

from tests.transforms.reading import run
from transforms import document, explain, grounded

CODE = """
def push(queue, job) do
  :telemetry.execute([:queue, :push], %{size: size(queue)})
  %{queue | jobs: queue.jobs ++ [job]}
end
"""


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("Appends a job to the queue's jobs and tells telemetry the queue's size.", False),
        ("Adds the given job at the end.", False),
        ("Workers on other nodes are balanced fairly by a ring of consistent hashes.", True),
        ("Takes the job. The database is polled by workers, who lock rows before dawn.", True),
        # What stands in examples is not about the code.
        ("Appends a job.\n\n    Workers.poll(nodes, ring, hashes, dawn, database, rows)\n", False),
        ("Appends a job.\n\n```\nworkers poll nodes by ring and lock rows\n```\n", False),
        ('Takes a job of the kind "express".', True),
        ('Tells the event "telemetry".', False),
        ("Checks the job with `Mail.address(job)` first.", True),
        ("Tells `:telemetry`, and asks `size(queue)` for it.", False),
        ("Appends to a `JobQueue` and returns it.", True),
        ("Appends a job unless `full?` is true.", True),
        ("Appends a job; exits with `{full, Job}' if there is no room.", True),
        ("Keeps the jobs in a `MapSet`.", False),
        ("Appends a job, as Acme.Warehouse does.", True),
        ("Appends a job; a queue holds 1,500 of them.", True),
        ("Appends a job to a queue of 0-24.", True),
        ("Appends a job, in base 10 and as ISO 8601 has it.", False),
        ("Appends a job to the `job_list`.", True),
        ("Gives `{:ok, new_queue}`, where `new_queue` holds the job.", False),
        ("Appends a job, as `gen_server` does.", False),
        ("Appends a job to what `shops.json` holds.", True),
        ("Appends a job, an `integer()`.", True),
    ],
)
def test_what_says_more_than_the_code(text: str, more: bool) -> None:
    assert grounded.says_more(text, CODE) is more


def test_strange_words_are_those_that_code_and_common_language_have_not() -> None:
    assert grounded.strange("Pushing jobs, in the order of the deadlines.", CODE) == [
        "deadl",
        "pushi",
    ]


def test_rows_whose_documentation_says_more_are_left_out() -> None:
    doc = "Workers on other nodes are balanced fairly by a ring of consistent hashes."
    body = CODE.replace("\n", "\n  ")
    source = f'defmodule Queue do\n  @moduledoc "{doc}"\n{body}end\n'
    assert run("document", source) == ({}, {"Queue": document.SAYS_MORE})
    assert run("explain", source) == ({}, {"Queue": explain.SAYS_MORE})
    source = f'defmodule Queue do\n  @doc "{doc}"{body}end\n'
    assert run("document", source) == ({}, {"Queue.push/2": document.SAYS_MORE})
    assert run("explain", source) == ({}, {"Queue.push/2": explain.SAYS_MORE})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Appends a job to the queue.", "Appends a job to the queue."),
        (
            "Appends a job to the queue. The size is told to telemetry.\n\nWorkers poll nodes.",
            "Appends a job to the queue. The size is told to telemetry.",
        ),
        ("Appends a job. Workers poll nodes by dawn. It has a size.", "Appends a job."),
        # What announces a list goes with it.
        (
            "Appends a job. These workers poll:\n\n  * `Mail.post(job)`",
            "Appends a job.",
        ),
        ("Appends a job:\n\n  * `job` - the job", "Appends a job:\n\n  * `job` - the job"),
    ],
)
def test_a_text_is_supported_up_to_its_first_strange_sentence(text: str, kept: str) -> None:
    assert grounded.supported(text, CODE) == kept
