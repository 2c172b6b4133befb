"""OTP as it is written: which behaviours a module takes on, what each callback's head asks, and
what its result tells the process to do.

Everything is read from names and shapes: `use GenServer`, `-behaviour(gen_server)`, the place of
an argument, the tag of a tuple (the `gen_server`, `gen_statem`, `gen_event`, `supervisor` and
`application` manuals of OTP 27; GenStage 1.2 for its callbacks). Nothing is followed through
variables, and what `use` of a module other than OTP's brings in is not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from factory.syntax.outline import Clause, Function, Module, Span
from factory.syntax.parse import Node
from factory.syntax.steps import Plain, Step, Tuple, list_items, pairs_of, tuple_items

SERVER, STAGE, STATEM, EVENT = "GenServer", "GenStage", "gen_statem", "gen_event"
SUPERVISOR, DYNAMIC, APPLICATION = "Supervisor", "DynamicSupervisor", "Application"
AGENT, TASK, REGISTRY = "Agent", "Task", "Registry"

_USED = frozenset({SERVER, SUPERVISOR, DYNAMIC, AGENT, TASK, APPLICATION, STAGE})
_BEHAVIOURS = {
    "gen_server": SERVER,
    "supervisor": SUPERVISOR,
    "gen_statem": STATEM,
    "gen_event": EVENT,
    "application": APPLICATION,
}

_SERVING = {
    ("init", 1): "init",
    ("handle_call", 3): "call",
    ("handle_cast", 2): "cast",
    ("handle_info", 2): "info",
    ("handle_continue", 2): "continue",
    ("terminate", 2): "terminate",
    ("code_change", 3): "code_change",
    ("format_status", 1): "format_status",
    ("format_status", 2): "format_status",
}
_ROLES: dict[str, dict[tuple[str, int], str]] = {
    SERVER: _SERVING,
    STAGE: {
        **_SERVING,
        ("handle_demand", 2): "demand",
        ("handle_events", 3): "events",
        ("handle_subscribe", 4): "subscribe",
        ("handle_cancel", 3): "cancel",
    },
    STATEM: {
        ("init", 1): "init",
        ("callback_mode", 0): "callback_mode",
        ("handle_event", 4): "any_state",
        ("terminate", 3): "terminate",
        ("code_change", 4): "code_change",
        ("format_status", 1): "format_status",
        ("format_status", 2): "format_status",
    },
    EVENT: {
        ("init", 1): "init",
        ("handle_event", 2): "event",
        ("handle_call", 2): "event_call",
        ("handle_info", 2): "info",
        ("terminate", 2): "terminate",
        ("code_change", 3): "code_change",
    },
    SUPERVISOR: {("init", 1): "children"},
    DYNAMIC: {("init", 1): "children"},
    APPLICATION: {
        ("start", 2): "start",
        ("stop", 1): "stop",
        ("prep_stop", 1): "prep_stop",
        ("config_change", 3): "config_change",
    },
}

_WORKS_WITH = re.compile(
    rb"(?<![\w.])(Agent|Registry|Task|DynamicSupervisor|Supervisor|:gen_statem|GenServer)"
    rb"(?:\.Supervisor)?\.(start_link|start|async\w*|register|start_child|await\w*|dispatch"
    rb"|lookup|get|update|get_and_update|cast)\("
)


def behaviours(module: Module) -> tuple[str, ...]:
    """The OTP behaviours that a module takes on, by the constants of this file, each once."""
    found = [d.target for d in module.directives if d.kind == "use" and d.target in _USED]
    for name in module.behaviours:
        plain = name.removeprefix(":")
        if plain in _BEHAVIOURS:
            found.append(_BEHAVIOURS[plain])
        elif plain in _USED:
            found.append(plain)
    return tuple(dict.fromkeys(found))


def works_with(source: bytes, module: Module) -> tuple[str, ...]:
    """The kinds of process that an Elixir module without a behaviour starts or talks to."""
    found = _WORKS_WITH.findall(source, module.body.start, module.body.end)
    names = [name.decode().removeprefix(":") for name, _ in found]
    return tuple(dict.fromkeys(names))


def role(kinds: tuple[str, ...], function: Function, states: frozenset[str]) -> str:
    """What a function is to its behaviours: `call`, `init`, …, `state` for a function of a
    `gen_statem` that is named after one of its `states`; "" for a function of its own."""
    for kind in kinds:
        known = _ROLES.get(kind, {}).get((function.name, function.arity))
        if known is not None and function.public:
            return known
    if STATEM in kinds and function.arity == 3 and function.name in states:
        return "state"
    return ""


def states(source: bytes, module: Module) -> frozenset[str]:
    """The names of a `gen_statem`'s state functions: public functions of three arguments whose
    first is an event type in some clause, where `callback_mode` asks for such functions."""
    mode = next((f for f in module.functions if f.label == "callback_mode/0"), None)
    if mode is None or b"state_functions" not in source[mode.code.start : mode.code.end]:
        return frozenset()
    return frozenset(
        function.name
        for function in module.functions
        if function.arity == 3
        and any(
            _EVENT_TYPE.match(clause.arguments[0].cut(source))
            for clause in function.clauses
            if len(clause.arguments) == 3
        )
    )


_EVENT_TYPE = re.compile(
    r":?(?:cast|info|enter|internal|timeout|state_timeout)$|\{ *:?(?:call|timeout)\b|_?[Ee]vent"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A callback clause's head, by the meaning of its arguments: the `message` (init's argument,
    the event's content), who sent it, a `gen_statem`'s event type, the process' `state` (a
    `gen_statem`'s data), and a `gen_statem`'s current state where one function serves all."""

    message: Span | None = None
    sender: Span | None = None
    event: Span | None = None
    state: Span | None = None
    current: Span | None = None


_PLACES: dict[str, tuple[str, ...]] = {
    "init": ("message",),
    "children": ("message",),
    "call": ("message", "sender", "state"),
    "cast": ("message", "state"),
    "info": ("message", "state"),
    "continue": ("message", "state"),
    "demand": ("message", "state"),
    "events": ("message", "sender", "state"),
    "event": ("message", "state"),
    "event_call": ("message", "state"),
    "terminate": ("message", "state"),
    "state": ("event", "message", "state"),
    "any_state": ("event", "message", "current", "state"),
}


def asked(role_name: str, clause: Clause) -> Asked | None:
    """A callback clause's head; None for roles whose arguments have no such meaning."""
    places = _PLACES.get(role_name)
    if places is None or len(places) != len(clause.arguments):
        return None
    return Asked(**dict(zip(places, clause.arguments, strict=True)))


@dataclass(frozen=True, slots=True)
class Told:
    """What a callback's result tells the process: `deed` is `reply`, `wait` (no reply), `stop`,
    `stop_reply`, `begin` (init), `ignore`, `next`, `keep`, `remove`, or `stage` (GenStage's init).
    `extra` is a timeout, `hibernate`, `{continue, …}`, a `gen_statem`'s actions or GenStage's
    options; `word` is what GenStage's init called itself."""

    deed: str
    reply: Span | None = None
    state: Span | None = None
    reason: Span | None = None
    current: Span | None = None
    events: Span | None = None
    extra: Span | None = None
    word: str = ""


_RESULTS: dict[tuple[str, int], tuple[str, ...]] = {
    ("reply", 3): ("reply", "reply", "state"),
    ("reply", 4): ("reply", "reply", "state", "extra"),
    ("noreply", 2): ("wait", "state"),
    ("noreply", 3): ("wait", "state", "extra"),
    ("stop", 2): ("stop", "reason"),
    ("stop", 3): ("stop", "reason", "state"),
    ("stop", 4): ("stop_reply", "reason", "reply", "state"),
    ("ok", 2): ("begin", "state"),
    ("ok", 3): ("begin", "state", "extra"),
}
_STAGE_RESULTS: dict[tuple[str, int], tuple[str, ...]] = {
    **{(word, 2): ("stage", "state") for word in ("producer", "consumer", "producer_consumer")},
    **{
        (word, 3): ("stage", "state", "extra")
        for word in ("producer", "consumer", "producer_consumer")
    },
    ("reply", 4): ("reply", "reply", "events", "state"),
    ("noreply", 3): ("wait", "events", "state"),
}
_STATEM_RESULTS: dict[tuple[str, int], tuple[str, ...]] = {
    ("ok", 3): ("begin", "current", "state"),
    ("ok", 4): ("begin", "current", "state", "extra"),
    ("next_state", 3): ("next", "current", "state"),
    ("next_state", 4): ("next", "current", "state", "extra"),
    ("keep_state", 2): ("keep", "state"),
    ("keep_state", 3): ("keep", "state", "extra"),
    ("keep_state_and_data", 2): ("keep", "extra"),
    ("repeat_state", 2): ("repeat", "state"),
    ("repeat_state_and_data", 2): ("repeat", "extra"),
    ("stop", 2): ("stop", "reason"),
    ("stop", 3): ("stop", "reason", "state"),
    ("stop_and_reply", 3): ("stop", "reason", "extra"),
    ("stop_and_reply", 4): ("stop", "reason", "extra", "state"),
}
_EVENT_RESULTS: dict[str, dict[tuple[str, int], tuple[str, ...]]] = {
    "event": {("ok", 2): ("wait", "state"), ("ok", 3): ("wait", "state", "extra")},
    "event_call": {
        ("ok", 3): ("reply", "reply", "state"),
        ("ok", 4): ("reply", "reply", "state", "extra"),
        ("remove_handler", 2): ("remove", "reply"),
    },
}
_WORDS = {"ignore": "ignore", "keep_state_and_data": "keep", "remove_handler": "remove"}
_WITH_RESULT = frozenset(
    {"init", "call", "cast", "info", "continue", "demand", "events"}
    | {"event", "event_call", "state", "any_state"}
)


def told(source: bytes, kinds: tuple[str, ...], role_name: str, step: Step) -> Told | None:
    """What the last step of a callback tells the process; None when it is no such result."""
    if role_name not in _WITH_RESULT:
        return None
    if isinstance(step, Plain):
        deed = _WORDS.get(step.span.cut(source).removeprefix(":"))
        return Told(deed) if deed else None
    if not isinstance(step, Tuple) or not step.elements:
        return None
    word = step.elements[0].cut(source).removeprefix(":")
    key = (word, len(step.elements))
    shape = None
    if EVENT in kinds and SERVER not in kinds and role_name != "init":
        shape = _EVENT_RESULTS["event_call" if role_name == "event_call" else "event"].get(key)
    elif STATEM in kinds:
        shape = _STATEM_RESULTS.get(key)
    elif STAGE in kinds:
        shape = _STAGE_RESULTS.get(key) or (_RESULTS.get(key) if word != "noreply" else None)
    elif (word == "ok") == (role_name == "init") and (word != "reply" or role_name == "call"):
        shape = _RESULTS.get(key)
    if shape is None:
        return None
    return Told(shape[0], word=word, **dict(zip(shape[1:], step.elements[1:], strict=True)))


@dataclass(frozen=True, slots=True)
class Child:
    """A child specification in parts. A module alone has `module` (and `argument` when it is
    `{Module, argument}`); a full one has its start function as `function` (`Mod.fun` or `mod:fun`
    as two spans) with `arguments`, or `start` where that is not written as a tuple. The rest is
    what it says of itself, in its own words."""

    module: Span | None = None
    argument: Span | None = None
    id: Span | None = None
    function: tuple[Span, Span] | None = None
    start: Span | None = None
    arguments: Span | None = None
    restart: Span | None = None
    shutdown: Span | None = None
    type: Span | None = None
    modules: Span | None = None
    significant: Span | None = None


_CHILD_KEYS = frozenset({"id", "start", "restart", "shutdown", "type", "modules", "significant"})
_ALIAS = re.compile(r"[A-Z][\w.]*|__MODULE__(?:\.[\w.]+)?")


def child(root: Node, source: bytes, span: Span) -> Child | None:
    """The child specification at `span`: a map, a tuple, or Elixir's short forms; None for code
    that computes one."""
    if _ALIAS.fullmatch(span.cut(source)):
        return Child(module=span)
    items = tuple_items(root, span)
    if items is not None and len(items) == 2 and _ALIAS.fullmatch(items[0].cut(source)):
        return Child(module=items[0], argument=items[1])
    if items is not None and len(items) == 6:
        started = _started(root, items[1])
        if started is None:
            return None
        _, _, restart, shutdown, kind, modules = items
        return Child(
            id=items[0],
            function=started[0],
            arguments=started[1],
            restart=restart,
            shutdown=shutdown,
            type=kind,
            modules=modules,
        )
    pairs = pairs_of(root, source, span)
    if not pairs or not pairs.keys() <= _CHILD_KEYS or not {"id", "start"} <= pairs.keys():
        return None
    started = _started(root, pairs["start"])
    return Child(
        id=pairs["id"],
        function=started[0] if started else None,
        start=None if started else pairs["start"],
        arguments=started[1] if started else None,
        restart=pairs.get("restart"),
        shutdown=pairs.get("shutdown"),
        type=pairs.get("type"),
        modules=pairs.get("modules"),
        significant=pairs.get("significant"),
    )


def _started(root: Node, span: Span) -> tuple[tuple[Span, Span], Span] | None:
    items = tuple_items(root, span)
    if items is None or len(items) != 3:
        return None
    return (items[0], items[1]), items[2]


@dataclass(frozen=True, slots=True)
class Flags:
    """A supervisor's strategy, most restarts and the seconds they are counted in."""

    strategy: Span | None
    intensity: Span | None = None
    period: Span | None = None
    others: tuple[tuple[str, Span], ...] = ()


_FLAGS = {
    "strategy": "strategy",
    "intensity": "intensity",
    "max_restarts": "intensity",
    "period": "period",
    "max_seconds": "period",
}


def flags(root: Node, source: bytes, span: Span) -> Flags | None:
    """Supervisor flags written as a map, keywords or `{Strategy, Intensity, Period}`."""
    items = tuple_items(root, span)
    if items is not None:
        return Flags(*items) if len(items) == 3 else None
    pairs = pairs_of(root, source, span)
    if pairs is None:
        return None
    known = {_FLAGS[key]: pairs[key] for key in pairs if key in _FLAGS}
    others = tuple((key, pairs[key]) for key in pairs if key not in _FLAGS)
    return Flags(known.get("strategy"), known.get("intensity"), known.get("period"), others)


__all__ = [
    "AGENT",
    "APPLICATION",
    "DYNAMIC",
    "EVENT",
    "REGISTRY",
    "SERVER",
    "STAGE",
    "STATEM",
    "SUPERVISOR",
    "TASK",
    "Asked",
    "Child",
    "Flags",
    "Told",
    "asked",
    "behaviours",
    "child",
    "flags",
    "list_items",
    "role",
    "states",
    "told",
    "works_with",
]
