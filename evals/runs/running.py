"""A run: ask the model for what is not on disk, grade what is not graded, keep both as they come.

What is asked and where it is kept is `evals.runs.asked`'s, the asking and grading
`evals.runs.work`'s, what came of it all `evals.runs.summary`'s.
"""

from __future__ import annotations

from evals.problem import Problem
from evals.runs import folder, identity, summary
from evals.runs.asked import Asked, Done, Progress, path, selection, settings
from evals.runs.grading import Grading
from evals.runs.identity import Identity
from evals.runs.summary import Summary
from evals.runs.work import Work
from evals.scores import DEFAULT, Weights
from factory.store import Store

__all__ = ["Asked", "Done", "Progress", "counted", "path", "run", "selection", "settings"]


def run(asked: Asked, progress: Progress, grading: Grading | None = None) -> Done:
    """Bring a run to where it was asked to be.

    Raises `RequestError` when what is on disk is of another model, suite or grader (naming it),
    and `KeyboardInterrupt` when Ctrl-C ended it; what came until then is kept either way.
    """
    selected = selection(asked)
    if grading is None:
        with Grading(asked.how) as own:
            return _run(asked, selected, progress, own)
    return _run(asked, selected, progress, grading)


def counted(asked: Asked, done: Done, weights: Weights = DEFAULT) -> Summary:
    """The numbers of what was asked: the selected problems and their first n samples."""
    kept = folder.read(done.path)
    problems = [p for ps in selection(asked).values() for p in ps]
    return summary.summary(kept, summary.samples(kept, problems, asked.n), asked.k, weights)


def _run(
    asked: Asked, selected: dict[str, list[Problem]], progress: Progress, grading: Grading
) -> Done:
    model = settings(asked)
    now = Identity(
        suites=tuple(identity.suite_identity(suite, at, model) for at, suite in asked.suites),
        model=model,
        grader=grading.digest,
        image=grading.image,
        engine=grading.engine,
        k=asked.k,
    )
    where = path(asked)
    Store(asked.store).prepare()
    with folder.opened(where, now, asked.rescore) as kept:
        work = Work(asked, kept, grading, progress)
        done = Done(where, tuple(p.label for ps in selected.values() for p in ps), work.failures)
        todo = {name: [p for p in problems if work.lacks(p)] for name, problems in selected.items()}
        total = asked.n * len(done.selected)
        there = [
            grade
            for problems in selected.values()
            for p in problems
            for sample in range(1, asked.n + 1)
            if (grade := work.grade_of(p, sample)) is not None
        ]
        progress.start(total, len(there), sum(grade.verdict.passed for grade in there))
        try:
            if any(todo.values()):
                work.through_inspect(todo)
        finally:
            progress.finish()
        done.asked, done.graded = work.asked_now, work.graded_now
    return done
