"""What GitHub works out about a query before it runs it, from its published rules: every connection
has `first` or `last` between 1 and 100, no more than 500,000 nodes, at most 100 ids; and what it
costs: connections to open, divided by 100 and rounded, at least 1.

https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

MOST_NODES = 500_000


class LimitError(Exception):
    """A query that GitHub refuses; `kind` as it names the reason."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass
class Weight:
    nodes: int = 0
    requests: int = 0

    @property
    def cost(self) -> int:
        return max(1, round(self.requests / 100))


def weigh(schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any]) -> Weight:
    """What a valid document weighs. Raises `LimitError`."""
    fragments = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    weight = Weight()
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            assert schema.query_type is not None
            _walk(schema, schema.query_type, each.selection_set, fragments, variables, 1, weight)
    if weight.nodes > MOST_NODES:
        raise LimitError(
            "MAX_NODE_LIMIT_EXCEEDED",
            f"This query requests up to {weight.nodes:,} possible nodes which exceeds the maximum "
            f"limit of {MOST_NODES:,}.",
        )
    return weight


def _walk(
    schema: GraphQLSchema,
    parent: Any,
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    times: int,
    weight: Weight,
) -> None:
    for selection in selections.selections:
        if isinstance(selection, FragmentSpreadNode):
            fragment = fragments[selection.name.value]
            on = schema.type_map[fragment.type_condition.name.value]
            _walk(schema, on, fragment.selection_set, fragments, variables, times, weight)
        elif isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            on = schema.type_map[condition.name.value] if condition else parent
            _walk(schema, on, selection.selection_set, fragments, variables, times, weight)
        elif isinstance(selection, FieldNode) and selection.selection_set:
            field = parent.fields[selection.name.value]
            inner = get_named_type(field.type)
            each = times
            if isinstance(inner, GraphQLObjectType) and inner.name.endswith("Connection"):
                size = _size(selection, variables)
                weight.requests += times
                each = times * size
                weight.nodes += each
            _walk(schema, inner, selection.selection_set, fragments, variables, each, weight)


def _size(field: FieldNode, variables: Mapping[str, Any]) -> int:
    for argument in field.arguments or ():
        if argument.name.value not in ("first", "last"):
            continue
        node = argument.value
        value = (
            variables.get(node.name.value)
            if isinstance(node, VariableNode)
            else int(node.value)
            if isinstance(node, IntValueNode)
            else None
        )
        if isinstance(value, int):
            if not 1 <= value <= 100:
                raise LimitError(
                    "EXCESSIVE_PAGINATION",
                    f"Requesting {value} records on the `{field.name.value}` connection exceeds "
                    "the `first` limit of 100 records.",
                )
            return value
    raise LimitError(
        "MISSING_PAGINATION_BOUNDARIES",
        f"You must provide a `first` or `last` value to properly paginate the "
        f"`{field.name.value}` connection.",
    )
