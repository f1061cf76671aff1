"""Clocks that stand in for the `time` module inside core/clock.py: one that can be set, one that refuses."""

from __future__ import annotations

from typing import NoReturn

from .guards import Guard, TheRealClockIsOffLimits

NOON = 1_795_176_000.0
"""2026-11-20 12:00 UTC, where the settable clock starts."""


class SettableClock:
    """Stands still until it is set (`clock.at = …`) or moved."""

    def __init__(self, at: float = NOON) -> None:
        self.at = at

    def time(self) -> float:
        return self.at

    def advance(self, seconds: float) -> float:
        self.at += seconds
        return self.at


class RefusingClock:
    """What a test has that asked for no clock."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def time(self) -> NoReturn:
        self._guard.refuse(TheRealClockIsOffLimits("core.clock.now(): pass `now`, or ask for the clock fixture"))
