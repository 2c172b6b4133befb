"""Kinds of training task made from a document: a module a kind, wordings as data beside it."""
