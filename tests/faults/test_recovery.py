"""Once a fault is over, totals are exact again and what was written is whole."""

from __future__ import annotations

import pytest

from tests.faults.faults import FAULTS, LEDGERS
from tests.faults.limits import write_at_most
from tests.support.household import NOTE, PLANNED, REMARK, Household


def test_totals_are_exact_once_there_is_room_again(household: Household) -> None:
    """What could not be stored is stored later, whole and once."""
    before = household.totals()
    (household.state / "usage.db").unlink()
    for most_bytes in (0, 3_000, 40_000):
        household.command("usage", prepare=write_at_most(most_bytes))
        household.hook("PostToolUse", prepare=write_at_most(most_bytes))

    assert before == household.totals()


@pytest.mark.parametrize("fault", ["usage.db ends in its middle", "usage.db has noise at its start"])
def test_totals_survive_a_damaged_ledger(household: Household, tmp_path: object, fault: str) -> None:
    """They are read again from the transcripts, and the damaged file is kept aside."""
    before = household.totals()

    with FAULTS[fault].inject(household, household.project):
        household.hook("PostToolUse")
        household.command("usage")
        assert before == household.totals()
    assert len([path for path in household.state.iterdir() if path.name.startswith(LEDGERS[0])]) > 1


@pytest.mark.parametrize("fault", ["clock ahead by a month", "clock back by eleven years"])
def test_a_clock_that_stepped_changes_no_total(household: Household, fault: str) -> None:
    """Totals are the transcripts', whatever the clock said meanwhile, and nothing of a person's is too old to keep."""
    before = household.totals()

    with FAULTS[fault].inject(household, household.project) as how:
        for event in ("SessionStart", "PostToolUse", "SessionEnd"):
            household.hook(event, **how)
        household.command("usage", **how)

    assert before == household.totals()
    assert [REMARK, NOTE, PLANNED] == household.persons_words()
