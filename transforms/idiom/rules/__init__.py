"""All rules, rarer ones first: a function that several rules fit serves the rarest.

Some well-known rewritings are no rules here, because they change meaning:

- `Map.get(map, key) || default` and `Map.get/3`: a stored `nil` or `false` differs.
- `Enum.sort/1 |> Enum.reverse/1` and `Enum.sort(:desc)`: `1` and `1.0` come out in another order.
- `Enum.filter/2 |> hd/1` and `Enum.find/2`: the function is called fewer times, and [] raises.
- `length(list) > 0` and `list != []` in a guard: what is no list fails one and passes the other.
- `Enum.reverse(list) ++ tail` and `Enum.reverse/2`: a tail that is no list differs.
- `if not x … else …` with the branches swapped, where `x` may be no boolean: `not` raises.
"""

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
