"""Made-up users whose true habits are known, so that what is learned of them can be compared."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

from watchkeeper.estimates.cases import Case
from watchkeeper.estimates.prior import prior_of
from watchkeeper.estimates.work import STRETCH, TASK_TYPES, Work

HOUR_S = 3_600.0


class Habits(NamedTuple):
    """What a made-up user's work takes: constants x factor x hours^slope x library x noise."""

    factor: float = 8.0
    slope: float = -0.3
    noise: float = 0.5
    """Standard deviation of the logarithm."""
    session_noise: float = 0.0
    """Of what the stretches of a session have in common."""
    library_factor: float = 1.0
    """Of work with the library `heavy`."""


class SimulatedUser:
    """Works piece by piece; each piece takes an hour of the clock."""

    def __init__(self, seed: int, habits: Habits | None = None) -> None:
        """Make a user; the same seed works the same way."""
        self.habits = habits or Habits()
        self.cases: list[Case] = []
        self._random = random.Random(seed)

    def work(self, pieces: int, per_session: int = 2, library: str = "") -> list[Case]:
        """Do some pieces of work, and return all that were done so far."""
        shared = 0.0
        for number in range(pieces):
            if number % per_session == 0:
                shared = self._random.gauss(0.0, self.habits.session_noise)
            work = self.next_work(library)
            error = shared + self._random.gauss(0.0, self.habits.noise)
            at = HOUR_S * (len(self.cases) + 1)
            session = f"s{len(self.cases) // per_session}"
            self.cases.append(Case(work, self.truth(work) * math.exp(error), at, session, at - HOUR_S, work.hours))
        return list(self.cases)

    def next_work(self, library: str = "") -> Work:
        """Return a piece of work that could come next."""
        return Work(
            STRETCH,
            self._random.choice(TASK_TYPES),
            math.exp(self._random.gauss(-1.0, 0.9)),
            self._random.choice(("/p/one", "/p/two", "/p/three")),
            libraries=(library,) if library else (),
        )

    def truth(self, work: Work) -> float:
        """Return what such work takes in the median."""
        hours = math.pow(work.hours or 1.0, self.habits.slope)
        library = self.habits.library_factor if "heavy" in work.libraries else 1.0
        return prior_of(work).tokens * self.habits.factor * hours * library

    def actual(self, work: Work) -> float:
        """Return what it takes this time."""
        return self.truth(work) * math.exp(
            self._random.gauss(0.0, math.hypot(self.habits.noise, self.habits.session_noise))
        )
