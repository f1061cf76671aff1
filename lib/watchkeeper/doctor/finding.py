"""What doctor has found out about one thing."""

from __future__ import annotations

from typing import NamedTuple

OK, NOTE, BROKEN = "ok", "note", "broken"


class Finding(NamedTuple):
    """One sentence about a topic: all is well, something to know, or something is broken."""

    topic: str
    state: str
    text: str


def ok(topic: str, text: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(topic, OK, text)


def note(topic: str, text: str) -> Finding:
    """Return something that is worth knowing and keeps nothing from working."""
    return Finding(topic, NOTE, text)


def broken(topic: str, text: str) -> Finding:
    """Return something that does not work, with what to do about it."""
    return Finding(topic, BROKEN, text)
