"""With very many files beside the user's own, hooks and commands end as always."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.support.command_table import Commands
from tests.support.household import Household, broke_in, ended_badly

LONG_AGO = 1_000_000_000
ASKED: Commands = (("usage",), ("session-status",), ("sessions",), ("handoffs",), ("plan-next-session", "--draft"))
# The client gives a hook five; the machine may be busy with other tests.
HOOK_S = 50.0


@pytest.mark.parametrize(
    "count", [pytest.param(2_000, id="2,000 files"), pytest.param(100_000, id="100,000 files", marks=pytest.mark.slow)]
)
def test_very_many_files(household: Household, count: int, record_property: Callable[[str, object], None]) -> None:
    """Transcripts, handoffs and calendar files in a number that nobody has hold nobody up; totals stay exact."""
    before = household.totals()
    places = (
        ("projects/-old", "{:08x}-d7c5-45bb-aa00-1664be934fc7.jsonl"),
        ("session-handoffs", "handoff-{:08x}.md"),
        ("calendar", "session-{}.ics"),
        ("watchkeeper/logs", "bug-{}.md"),
    )
    for folder, name in places:
        place = household.user.config / folder
        place.mkdir(exist_ok=True)
        for number in range(count // len(places)):
            (place / name.format(number)).write_bytes(b"")
        # As most of a history is.
        os.utime(place, (LONG_AGO, LONG_AGO))

    broken = broke_in(household, timeout_s=HOOK_S)
    badly = ended_badly(household, ASKED, timeout_s=120.0)

    assert ({}, {}) == (broken, badly)
    assert before == household.totals()
    record_property("files at once", count)
