"""What past work says of libraries: how often each was worked with, and what getting to know it took."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

from . import accuracy
from .prior import NEW_LIBRARY_TOKENS

if TYPE_CHECKING:
    from .learned import Learned

# The constant weighs as much as so many first uses.
_CONSTANT_WEIGHT = 3.0


class Knowledge(NamedTuple):
    """`integration_tokens` is what work took beyond its estimate when the library came up first."""

    library: str
    sessions: int
    integration_tokens: float
    variance: float | None
    """Median absolute variance of the work that uses it, as a share; None for a single piece."""
    first_at: float
    last_at: float


def knowledge(learned: Learned) -> list[Knowledge]:
    """Return what is known of each library, the one used in most sessions first.

    A first use may also have been cheaper than expected; then it took nothing. One case says little, so the figure is
    drawn towards the constant.
    """
    uses: dict[str, list[accuracy.Checked]] = {}
    for each in accuracy.pieces(learned):
        for library in each.case.work.libraries:
            uses.setdefault(library, []).append(each)
    found = []
    for library, own in uses.items():
        first = own[0]
        excess = min(max(0.0, first.case.tokens - first.expected_tokens), first.expected_tokens)
        shared = excess / len(first.case.work.libraries)
        found.append(
            Knowledge(
                library,
                len({each.case.session_id for each in own}),
                (shared + _CONSTANT_WEIGHT * NEW_LIBRARY_TOKENS) / (1.0 + _CONSTANT_WEIGHT),
                statistics.median(abs(each.variance) for each in own) if len(own) > 1 else None,
                first.case.at,
                own[-1].case.at,
            )
        )
    return sorted(found, key=lambda each: (-each.sessions, -each.last_at, each.library))
