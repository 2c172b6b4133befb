"""Calls of OTP's own functions that have words of their own: making a call, starting a server,
sending oneself a message later.

A phrase tells what is asked for and hides how it is spelled, so that the answer has to find the
function. Calls that are not listed are quoted as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from transforms.facts import Voice

_WORD = re.compile(r"\w+[?!]?")
_FLAT = re.compile(r"\{:?\w+[?!]?(?:, *\w+[?!]?)*\}")
_SELF = frozenset({"__MODULE__", "?MODULE"})
_NAMES_ITSELF = re.compile(r"name: ((?:[^,{}()\[\]]|\{[^{}]*\}|\([^()]*\))+)")
_HOLDING = re.compile(r"fn ->\s*(.+?)\s+end|&([\w.]+)/0", re.DOTALL)


class Said:
    """A call in quotable parts: its (normalised) name, its arguments on one line each, who speaks,
    and the module that it stands in. A message tagged `alike` need not be quoted: it is named
    after the function that sends it, carries none but what that was given (`carried`), and the
    reader sees who takes it."""

    def __init__(
        self,
        voice: Voice,
        name: str,
        arguments: Sequence[str],
        module: str,
        alike: str = "",
        carried: frozenset[str] = frozenset(),
    ) -> None:
        self.voice = voice
        self.name = name
        self.arguments = list(arguments)
        self.module = module
        self.alike = alike
        self.carried = carried

    def own(self, text: str) -> bool:
        return text in _SELF or text == self.module

    def message(self, key: str, server: str, message: str) -> str:
        tag, *carried = _WORD.findall(message) or [""]
        flat = not carried or _FLAT.fullmatch(message)
        if flat and tag == self.alike and self.carried.issuperset(carried):
            return self.voice.say(f"{key}_alike", server=server)
        return self.voice.say(key, server=server, message=message)


def normal(target: str) -> str:
    """`GenServer.call` for `gen_server:call`; `send_after` for Erlang's. Elixir code that says
    `:gen_server.call` is quoted: nobody would guess that it does not say `GenServer.call`."""
    if target.startswith((":gen_server.", ":supervisor.")):
        return target
    plain = target.removeprefix(":").replace(":", ".").replace("Elixir.", "")
    plain = plain.removeprefix("erlang.")
    for erlang, elixir in (("gen_server.", "GenServer."), ("supervisor.", "Supervisor.")):
        if plain.startswith(erlang):
            return elixir + plain[len(erlang) :]
    return plain


def phrase(said: Said) -> str | None:
    """The words for a call of this (normalised) name, None when it has none of its own."""
    known = PHRASES.get(said.name)
    return known(said) if known is not None else None


def _call(said: Said) -> str | None:
    if len(said.arguments) not in (2, 3):
        return None
    server, message = said.arguments[:2]
    text = said.message("makes_call", server, message)
    if len(said.arguments) == 3:
        text += " " + said.voice.say("within", timeout=said.arguments[2])
    return text


def _cast(said: Said) -> str | None:
    if len(said.arguments) != 2:
        return None
    server, message = said.arguments
    return said.message("makes_cast", server, message)


def _reply(said: Said) -> str | None:
    if len(said.arguments) != 2:
        return None
    return said.voice.say("answers", client=said.arguments[0], reply=said.arguments[1])


def _start(said: Said) -> str | None:
    arguments = said.arguments
    key = "starts_linked" if said.name.endswith("start_link") else "starts"
    name = ""
    if arguments and arguments[0].startswith("{") and len(arguments) > 2:
        name, *arguments = arguments
    if len(arguments) < 2 or not said.own(arguments[0]):
        return None
    text = said.voice.say(key, argument=arguments[1])
    options = arguments[2] if len(arguments) > 2 else ""
    inside = options.removeprefix("[").removesuffix("]") if options.startswith("[") else options
    named = _NAMES_ITSELF.fullmatch(inside)
    if named:
        name, inside = named[1], ""
    if name:
        text += ", " + said.voice.say("registered", name=name)
    if inside:
        text += ", " + said.voice.say("start_options", options=inside)
    return text


def _agent_start(said: Said) -> str | None:
    arguments = said.arguments
    held = _HOLDING.fullmatch(arguments[0]) if arguments else None
    if held is None or len(arguments) > 2:
        return None
    key = "holds" if said.name.endswith("start_link") else "holds_unlinked"
    text = said.voice.say(key, value=held[1] or f"{held[2]}()")
    if len(arguments) == 2:
        inside = arguments[1].removeprefix("[").removesuffix("]")
        named = _NAMES_ITSELF.fullmatch(inside)
        fact = ("registered", "name", named[1]) if named else ("start_options", "options", inside)
        text += ", " + said.voice.say(fact[0], **{fact[1]: fact[2]})
    return text


def _agent(key: str) -> Callable[[Said], str | None]:
    def words(said: Said) -> str | None:
        if len(said.arguments) != 2:
            return None
        return said.voice.say(key, agent=said.arguments[0], function=said.arguments[1])

    return words


def _send(said: Said) -> str | None:
    if len(said.arguments) != 2:
        return None
    receiver, message = said.arguments
    return said.voice.say("sends", receiver=receiver, message=message)


def _send_later(said: Said) -> str | None:
    if len(said.arguments) != 3:
        return None
    receiver, message, time = said.arguments
    if said.name == "send_after":
        time, receiver, message = said.arguments
    return said.voice.say("sends_later", receiver=receiver, message=message, time=time)


def _flag(said: Said) -> str | None:
    flag, *value = said.arguments or [""]
    if flag.removeprefix(":") != "trap_exit" or value != ["true"]:
        return None
    return said.voice.say("traps")


def _raise(said: Said) -> str | None:
    return said.voice.say("raises", what=", ".join(said.arguments)) if said.arguments else None


PHRASES: dict[str, Callable[[Said], str | None]] = {
    **dict.fromkeys(("GenServer.call", "gen_statem.call", "GenStage.call"), _call),
    **dict.fromkeys(("GenServer.cast", "gen_statem.cast", "GenStage.cast"), _cast),
    **dict.fromkeys(("GenServer.reply", "gen_statem.reply", "GenStage.reply"), _reply),
    **dict.fromkeys(
        [
            f"{module}.{name}"
            for module in ("GenServer", "gen_statem", "GenStage", "Supervisor", "DynamicSupervisor")
            for name in ("start_link", "start")
        ],
        _start,
    ),
    "Agent.start_link": _agent_start,
    "Agent.start": _agent_start,
    "Agent.get": _agent("agent_get"),
    "Agent.update": _agent("agent_update"),
    "Agent.cast": _agent("agent_cast"),
    "Agent.get_and_update": _agent("agent_get_and_update"),
    "send": _send,
    "!": _send,
    "Process.send_after": _send_later,
    "send_after": _send_later,
    "Process.flag": _flag,
    "process_flag": _flag,
    "raise": _raise,
}
