"""What the result of a callback tells the process, as one phrase."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from factory.syntax.otp import EVENT, STAGE, STATEM, Told

if TYPE_CHECKING:
    from transforms.otp.tail import Tail
    from transforms.otp.tell import Teller


def phrase(teller: Teller, result: Told, tail: Tail) -> str:
    """What a callback's result says, as one phrase."""
    deed, parts = result.deed, [""]
    facts = {
        key: teller.quote(span)
        for key in ("reply", "state", "reason", "current", "events")
        if (span := getattr(result, key)) is not None
    }
    if deed == "begin":
        key = "begins_machine" if result.current is not None else "begins"
        parts = [teller.say(key, **facts)]
    elif deed == "stage":
        parts = [teller.say("begins_stage", word=result.word, state=facts["state"])]
    elif deed in ("stop", "stop_reply"):
        key = "stops" if deed == "stop" else "stops_replying"
        told_of = {k: facts[k] for k in ("reply", "reason") if k in facts}
        parts = [teller.say(key, **told_of)]
        if "state" in facts and facts["state"] != tail.state:
            parts.append(_state(teller, facts["state"], tail))
    elif deed == "ignore":
        parts = [teller.say("ignores")]
    elif deed == "remove":
        parts = [
            teller.say("removes_replying", reply=facts["reply"])
            if "reply" in facts
            else teller.say("removes")
        ]
    elif deed == "repeat":
        parts = [teller.say("repeats")]
    else:
        parts = _going_on(teller, deed, facts, tail)
    if result.extra is not None:
        parts[-1] += ", " + _extra(teller, teller.quote(result.extra))
    return " and ".join(part for part in parts if part)


def _going_on(teller: Teller, deed: str, facts: dict[str, str], tail: Tail) -> list[str]:
    parts = []
    if deed == "reply":
        parts.append(teller.say("reply", reply=facts["reply"]))
    elif deed == "wait" and tail.role == "call":
        parts.append(teller.say("wait"))
    elif deed == "next":
        parts.append(teller.say("next", current=facts["current"]))
    elif deed == "keep":
        parts.append(teller.say("stays"))
    if "events" in facts:
        none = facts["events"] == "[]"
        parts.append(
            teller.say("emits_none") if none else teller.say("emits", events=facts["events"])
        )
    if "state" in facts:
        parts.append(_state(teller, facts["state"], tail))
    elif deed == "keep":
        parts.append(teller.say("keeps_data"))
    return parts


def _state(teller: Teller, state: str, tail: Tail) -> str:
    suffix = "_data" if teller.data == "data" else ""
    if state == tail.state:
        return teller.say("goes_on", state=state) if tail.anew else teller.say(f"keeps{suffix}")
    return teller.say(f"becomes{suffix}", state=state)


def _extra(teller: Teller, text: str) -> str:
    if STATEM in teller.kinds:
        return teller.say("with_actions", extra=text)
    if text.removeprefix(":") == "hibernate":
        return teller.say("with_hibernate")
    goes_on = re.fullmatch(r"\{:?continue, *(.+)\}", text)
    if goes_on:
        return teller.say("with_continue", extra=goes_on[1])
    if EVENT in teller.kinds or STAGE in teller.kinds:
        return teller.say("with_options", extra=text)
    return teller.say("with_timeout", extra=text)
