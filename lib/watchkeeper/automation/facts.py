"""What the preflight finds, and what follows from it: start, wait for the next try, or give up and say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

YES, NO, UNKNOWN = "yes", "no", "unknown"
START, WAIT, REFUSE = "start", "wait", "refuse"

# What waiting does not mend: somebody has to do something.
_LASTING = frozenset({"handoff", "project", "trusted", "claude", "login", "terminal", "permissions"})


class Fact(NamedTuple):
    """One thing that must be so for a session to start, whether it is, and what was seen."""

    fact: str
    state: str
    detail: str


class Verdict(NamedTuple):
    """What is to be done, and the facts that speak against starting (with START: those that are not known)."""

    action: str
    because: tuple[Fact, ...]

    @property
    def reason(self) -> str:
        """Why, in a line; empty where nothing speaks against it."""
        return "; ".join(f"{each.fact}: {each.detail}" for each in self.because)


def decide(facts: Sequence[Fact], even_if_unknown: bool) -> Verdict:
    """Return what follows from the facts: start when all hold, or those that do not are only unknown and may be."""
    lasting = tuple(each for each in facts if each.state == NO and each.fact in _LASTING)
    if lasting:
        return Verdict(REFUSE, lasting)
    passing = tuple(each for each in facts if each.state == NO)
    unknown = tuple(each for each in facts if each.state == UNKNOWN)
    if passing or (unknown and not even_if_unknown):
        return Verdict(WAIT, passing or unknown)
    return Verdict(START, unknown)


def fact(name: str, holds: bool | None, detail: str) -> Fact:
    """Return a fact that holds, does not, or cannot be told (None)."""
    return Fact(name, UNKNOWN if holds is None else YES if holds else NO, detail)
