"""A piece of work whose tokens are to be estimated: a phase of a plan, a stretch of a session, a whole session."""

from __future__ import annotations

import math
from typing import NamedTuple

PLANNING, IMPLEMENTATION, REFACTORING = "planning", "implementation", "refactoring"
TESTING, DEBUGGING, POLISH = "testing", "debugging", "polish"
TASK_TYPES = (PLANNING, IMPLEMENTATION, REFACTORING, TESTING, DEBUGGING, POLISH)

SMALL, MEDIUM, LARGE, ENTERPRISE = "small", "medium", "large", "enterprise"
# Lines of code from which a project is of that size.
SIZES = ((50_000, ENTERPRISE), (20_000, LARGE), (5_000, MEDIUM), (0, SMALL))
FAMILIAR, LEARNING, NEW = "familiar", "learning", "new"
CLEAN, MIXED, LEGACY = "clean", "mixed", "legacy"

STRETCH, SESSION, PHASE = "stretch", "session", "phase"


class Range(NamedTuple):
    """What a plan itself says a piece of work takes, in counted tokens."""

    low_tokens: float
    high_tokens: float

    @property
    def mid_tokens(self) -> float:
        """The middle, as figures are compared: in logarithms."""
        return math.sqrt(max(1.0, self.low_tokens) * max(1.0, self.high_tokens))


class Work(NamedTuple):
    """What is known of a piece of work before it is done. Empty and None are unknown, and count as average."""

    kind: str = PHASE
    task_type: str = ""
    """One of TASK_TYPES."""
    hours: float | None = None
    """Planned hours of work, pauses not counted; the middle of a range."""
    project: str = ""
    """The real path of its git top level."""
    size: str = ""
    """Of the project, by its lines of code."""
    familiarity: str = ""
    """How well the user knows the stack."""
    quality: str = ""
    """Of the code that is worked on."""
    libraries: tuple[str, ...] = ()
    """Libraries that it is about, as `library_key` writes them."""
    new_libraries: tuple[str, ...] = ()
    """Those of them that the user has not worked with."""
    own_range: Range | None = None
    name: str = ""


def size_of(lines_of_code: int | None) -> str:
    """Return the size of a project with so many lines of code, empty when they are not known."""
    if lines_of_code is None:
        return ""
    return next(size for fewest, size in SIZES if lines_of_code >= fewest)


def library_key(name: str) -> str:
    """Return a library's name as it is compared: `Socket.IO`, `socket.io` and `socketio` are one."""
    return "".join(character for character in name.casefold() if character.isalnum())
