"""What the faults are held against: where nothing is wrong, each writing command does its work in the household."""

from __future__ import annotations

import pytest

from tests.support.command_table import BOOKING, WRITING
from tests.support.household import Household

# The household's session was at work a moment ago, so the one that is booked is put off.
PUT_OFF = ("automation", "fire", BOOKING)


@pytest.mark.slow
@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_a_command_does_its_work(household: Household, command: tuple[str, ...]) -> None:
    """None only refuses: under a fault that would prove nothing."""
    done = household.command(*command)

    assert (1 if command == PUT_OFF else 0) == done.returncode, done.stderr
