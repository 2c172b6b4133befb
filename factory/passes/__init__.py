"""Passes over the whole: what decides, once every row exists, which rows a dataset keeps.

Each module is one pass and holds plain functions: some run in a worker while a document is at hand
(`redact`, `tokens`, `duplicates.signatures`, `decontaminate`), the rest decide afterwards over
small tables of signals (never over texts). Whatever a pass drops, it drops with a reason that the
row's owner can understand.
"""
