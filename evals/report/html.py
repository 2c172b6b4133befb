"""HTML that is safe by construction: text is escaped unless it is `Html` already.

Candidates are hostile: whatever they hold reaches a page as text. Characters that reorder or hide
others, with which code can look like what it is not (Boucher and Anderson 2021, "Trojan Source"),
are shown by their code points.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_VOID = frozenset({"meta", "br", "line", "rect", "circle", "path"})


class Html(str):
    """Markup that was made here."""

    __slots__ = ()


def text(value: Any) -> Html:
    """A value as text that a page can hold, whatever it is."""
    if isinstance(value, Html):
        return value
    seen = _UNSEEN.sub(
        lambda found: f"\N{LEFT CEILING}{ord(found[0]):04X}\N{RIGHT CEILING}", str(value)
    )
    return Html(html.escape(seen, quote=True))


def tag(name: str, /, *children: Any, **attributes: Any) -> Html:
    """An element. Children are escaped unless they are `Html`; None is left out. An attribute's
    trailing underscore is dropped and others become hyphens (`class_`, `text_anchor`)."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID and not children:
        return Html(f"<{name}{written}>" if name in {"meta", "br"} else f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[Any], between: str = "") -> Html:
    return Html(between.join(text(child) for child in children if child is not None))


def cut(value: str, most: int) -> str:
    """A text of at most so many characters, with a word on what is left out."""
    return (
        value if len(value) <= most else f"{value[:most]}\n… {len(value) - most:,} more characters"
    )
