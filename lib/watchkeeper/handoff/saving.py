"""Saving a handoff: under the next free name, secrets masked, and never over what somebody wrote or changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from watchkeeper.core import whole_file
from watchkeeper.core.ledger import Transaction

from . import document, folder, markdown
from .masking import masked
from .model import DRAFT, Handoff

if TYPE_CHECKING:
    from watchkeeper.core.ledger import Ledger

# What is compared again later, letter by letter, is no text that anybody wrote.
_NOT_TEXT = frozenset(
    {"id", "kind", "written_at", "project", "branch", "commit", "fingerprint", "from_session", "to_session", "start"}
)
# No draft takes longer than this; one that is further ahead was written under another clock.
_AT_ONCE_S = 120.0


class Saved(NamedTuple):
    """A handoff as it was written, and where."""

    handoff: Handoff
    path: str


def save(handoff: Handoff, where: str, ledger: Ledger) -> Saved:
    """Write a handoff into the folder `where` under an id of its session's that is free or an unchanged draft's.

    The ledger's lock lets one process at a time look for a name and take it. Of two drafts that are made at once the
    one that was begun later stays.
    """
    clean = without_secrets(handoff)
    base = folder.base_id(clean.from_session, clean.written_at)
    with Transaction(ledger.state):
        number = 1
        while True:
            path = folder.path_of(where, folder.numbered(base, number))
            if not os.path.lexists(path) or folder.is_replaceable(path):
                break
            number += 1
        named = clean.model_copy(update={"id": folder.numbered(base, number)})
        if clean.kind == DRAFT and os.path.exists(path):
            there = folder.read(path)
            later_s = (folder.written_at(document.split(there)) or 0.0) - clean.written_at
            if 0.0 < later_s < _AT_ONCE_S:
                return Saved(markdown.parse(there), path)
        whole_file.write_text(path, markdown.render(named))
    return Saved(named, path)


def without_secrets(handoff: Handoff) -> Handoff:
    """Return the handoff with everything that looks like a secret masked and counted."""
    count = 0

    def clean(value: Any) -> Any:
        nonlocal count
        if isinstance(value, str):
            text, found = masked(value)
            count += found
            return text
        if isinstance(value, (list, tuple)):
            return tuple(clean(part) for part in value)
        if isinstance(value, dict):
            return {name: part if name in _NOT_TEXT else clean(part) for name, part in value.items()}
        return value

    fields = clean(handoff.model_dump())
    return Handoff(**{**fields, "masked": handoff.masked + count})
