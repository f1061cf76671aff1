"""What the tests of the installer share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wiring.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a checkout of Watchkeeper, a Python and a client; nothing is installed on it."""
    return Machine(tmp_path)
