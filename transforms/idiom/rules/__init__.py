"""All rules, rarer ones first: a function that several rules fit serves the rarest."""

from __future__ import annotations

from transforms.idiom.rule import Rule
from transforms.idiom.rules.booleans import CASE_ON_BOOLEAN, MATCH, REDUNDANT_IF
from transforms.idiom.rules.capture import CAPTURE
from transforms.idiom.rules.chains import WITH_CHAIN, WITH_SINGLE
from transforms.idiom.rules.emptiness import EMPTINESS
from transforms.idiom.rules.fused import COUNT, FLAT_MAP, MAP_JOIN, MAP_NEW
from transforms.idiom.rules.guards import GUARDS
from transforms.idiom.rules.heads import CASE_AND_HEADS
from transforms.idiom.rules.loops import COMPREHENSION, FILTERED, REDUCE
from transforms.idiom.rules.negation import NEGATED_IF, UNLESS
from transforms.idiom.rules.nils import IS_NIL
from transforms.idiom.rules.pipe import PIPE, SINGLE
from transforms.idiom.rules.reject import REJECT
from transforms.idiom.rules.short import SHORT_BODY
from transforms.idiom.rules.strings import INTERPOLATION
from transforms.idiom.rules.variables import VARIABLES

RULES: tuple[Rule, ...] = (
    EMPTINESS,
    COUNT,
    FLAT_MAP,
    FILTERED,
    MAP_NEW,
    MAP_JOIN,
    REJECT,
    MATCH,
    WITH_CHAIN,
    WITH_SINGLE,
    CASE_ON_BOOLEAN,
    GUARDS,
    VARIABLES,
    REDUCE,
    COMPREHENSION,
    UNLESS,
    CASE_AND_HEADS,
    IS_NIL,
    INTERPOLATION,
    NEGATED_IF,
    PIPE,
    CAPTURE,
    REDUNDANT_IF,
    SINGLE,
    SHORT_BODY,
)
