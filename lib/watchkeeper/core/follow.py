"""Taking into the ledger what a transcript has grown by."""

from __future__ import annotations

import os

from . import limit_hits, records, tail, usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import NamedTuple
else:
    from .named import NamedTuple

# What one hook reads at most; a background job reads on.
MOST_BYTES = 256 * 1024


class Followed(NamedTuple):
    """What a look at a transcript brought. `left_bytes` are still unread; `limit_hits` state resets."""

    left_bytes: int
    limit_hits: tuple[records.LimitHit, ...]


def follow(db: sqlite3.Connection, path: str, session_id: str, in_agent_file: bool) -> Followed:
    """Merge the growth of a transcript inside a transaction, if it is little enough for a hook to read."""
    position = usage.position_of(db, path)
    try:
        size = os.stat(path).st_size
        behind = size - position.offset
        if behind > MOST_BYTES:
            return Followed(behind, ())
        growth = tail.read_growth(path, position, MOST_BYTES)
    except OSError:
        return Followed(0, ())
    if growth is None:
        return Followed(0, ())
    facts, unreadable = records.read_lines(growth.lines, session_id, in_agent_file)
    usage.merge_facts(db, facts, usage.pruned_before_at(db))
    usage.save_position(db, path, session_id, growth.position, unreadable, growth.restarted)
    return Followed(growth.left_bytes, limit_hits.among(facts))
