"""Passes over the whole: what decides, once every row exists, which rows a dataset keeps.

Each module is one pass and holds plain functions: some run in a worker while a document is at hand
(`redact`, `tokens`, `duplicates.signatures`, `decontaminate`), the rest decide afterwards over
small tables of signals (never over texts). Whatever a pass drops, it drops with a reason that the
row's owner can understand.
"""

PASSES_VERSION = {
    "curriculum": 1,
    "decontaminate": 2,
    "difficulty": 1,
    "duplicates": 1,
    "licences": 2,
    "mixture": 1,
    "redact": 1,
    "split": 1,
    "syntax": 1,
}
"""Raised, each by its author, when a pass comes to mean something else: part of the keys of what it
decides (`factory.plan`), so that a build does not take an older pass's word."""
