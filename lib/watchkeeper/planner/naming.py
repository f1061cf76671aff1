"""Ids of planned sessions: a few plain words of the name, so that they can be typed, and be part of a file's name."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

_LONGEST = 16
_NAMELESS = "session"
_WORD = re.compile(r"[a-z0-9]+")
# Words of the options, which an id must not look like.
RESERVED = frozenset({"none", "manual", "all"})


def id_for(name: str, taken: Container[str]) -> str:
    """Return an id made of the first words of `name` that is not taken: `fix-the-login`."""
    base = _shortened(_WORD.findall(_plain(name))) or _NAMELESS
    number, made = 1, base
    while made in taken or made in RESERVED:
        number += 1
        made = f"{base}-{number}"
    return made


def _shortened(words: list[str]) -> str:
    kept: list[str] = []
    for word in words:
        if kept and len("-".join([*kept, word])) > _LONGEST:
            break
        kept.append(word[:_LONGEST])
    return "-".join(kept)


def _plain(name: str) -> str:
    # Accents go, letters stay.
    whole = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in whole if not unicodedata.combining(character))
