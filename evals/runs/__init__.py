"""Runs that last: a model's answers to suites and their grades, on disk as they come.

`running.run` asks and grades what lacks, `folder.read` opens what is there, `summary` counts it.
`scored_file` grades candidates that somebody else has.
"""
