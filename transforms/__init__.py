"""Kinds of training task made from a document; one module per kind, wordings as data beside them."""
