"""The made-up user's ledger for tests of commands."""

from __future__ import annotations

import pytest

from tests.commands.scene import Scene
from tests.support.environment import User


@pytest.fixture
def scene(home: User) -> Scene:
    """An empty ledger, and the commands to run on it."""
    return Scene(home)
