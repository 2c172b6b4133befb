"""Where the parser could not read: the spans of error and missing nodes.

Works for every grammar. It walks only into subtrees that hold an error, without recursion, because
a query for missing nodes takes time that grows with the square of the tree's depth.
"""

from __future__ import annotations

from factory.syntax.outline import Span
from factory.syntax.parse import Node


def error_spans(root: Node) -> tuple[Span, ...]:
    """The outermost error spans under `root`, in source order.

    A token that the parser had to invent (a missing `end`) gives an empty span at its place.
    """
    if not root.has_error:
        return ()
    found: list[Span] = []
    cursor = root.walk()
    while True:
        node = cursor.node
        assert node is not None
        if node.is_error or node.is_missing:
            found.append(Span(node.start_byte, node.end_byte))
        elif node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return tuple(found)


def hopeless(root: Node, most: int = 5_000) -> bool:
    """Whether an error node holds more than `most` loose parts.

    No query should run over such a tree (100,000 open brackets are an error node with as many
    children): its time grows with the square of that number.
    """
    if not root.has_error:
        return False
    cursor = root.walk()
    while True:
        node = cursor.node
        assert node is not None
        if node.is_error and node.child_count > most:
            return True
        if node.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return False
