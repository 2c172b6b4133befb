"""The one place that knows tree-sitter: source bytes in, outlines, metrics and safe edits out."""

from factory.syntax.outline import (
    Attribute,
    Call,
    Clause,
    Directive,
    Doc,
    Doctest,
    Function,
    Module,
    Outline,
    Span,
    Spec,
    Test,
    TypeDef,
)
from factory.syntax.parse import Node, Tree, captures, parse
from factory.syntax.reader import read

__all__ = [
    "Attribute",
    "Call",
    "Clause",
    "Directive",
    "Doc",
    "Doctest",
    "Function",
    "Module",
    "Node",
    "Outline",
    "Span",
    "Spec",
    "Test",
    "Tree",
    "TypeDef",
    "captures",
    "parse",
    "read",
]
