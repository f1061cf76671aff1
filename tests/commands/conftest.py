"""The made-up user's ledger for tests of commands."""

from __future__ import annotations

import pytest

from tests.automation.outside import Outside
from tests.commands.scene import Scene
from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.automation import doors


@pytest.fixture
def scene(home: User) -> Scene:
    """An empty ledger, and the commands to run on it."""
    return Scene(home)


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    """What bookings reach outside: a scheduler that only remembers, and a client that nobody starts."""
    made = Outside(NOON)
    monkeypatch.setattr(doors, "real", lambda _: made.doors)
    return made
