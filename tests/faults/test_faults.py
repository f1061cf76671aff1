"""Whatever is wrong with the machine, Claude Code goes on, a command says one sentence, and nothing written is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.docs.options import commands
from tests.faults.faults import FAULTS, Fault, How
from tests.support.command_table import EXIT_CODES, NEVER_HERE, READING, WRITING, Commands, of
from tests.support.household import HOOKS, NOTE, PLANNED, REMARK, Household, broke_in, ended_badly

ALL = (*READING, *WRITING)
RecordProperty = Callable[[str, object], None]


def rotated(number: int) -> tuple[tuple[str, ...], Commands]:
    """Return the hooks and commands that the fault of that number is tried with: others for each."""
    return (
        ("PostToolUse", HOOKS[number % len(HOOKS)]),
        (READING[number % len(READING)], WRITING[number % len(WRITING)]),
    )


@pytest.mark.parametrize(
    ("number", "name"),
    [
        pytest.param(number, name, id=name, marks=pytest.mark.slow if fault.is_more else ())
        for number, (name, fault) in enumerate(FAULTS.items())
    ],
)
def test_the_client_goes_on(
    household: Household, tmp_path: Path, number: int, name: str, record_property: RecordProperty
) -> None:
    """Under every fault hooks end in silence and a command in its answer or one sentence; what people wrote stays."""
    events, tried = rotated(number)

    try_all(household, tmp_path, FAULTS[name], events, tried)
    record_property("faults", 1)
    record_property("hooks under a fault", len(events))
    record_property("commands under a fault", len(tried))


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_every_command_under_every_fault(
    household: Household, tmp_path: Path, name: str, record_property: RecordProperty
) -> None:
    """The same is true of every hook and every command, and with the fault gone the totals are exact."""
    totals = household.totals()

    try_all(household, tmp_path, FAULTS[name], HOOKS, ALL)

    if not FAULTS[name].is_damage:
        assert totals == household.totals()
    record_property("hooks under a fault", len(HOOKS))
    record_property("commands under a fault", len(ALL))


def try_all(household: Household, folder: Path, fault: Fault, events: Sequence[str], tried: Commands) -> None:
    before = household.persons_files()
    with fault.inject(household, folder) as how:
        if fault.is_damage:
            before = household.persons_files()
        broken = broke_in(household, events, **how)
        badly = ended_badly(household, tried, **how) if not fault.is_mute else ended_with_a_bug(household, tried, how)

    assert ({}, {}) == (broken, badly)
    now = household.persons_files()
    assert before == {path: now.get(path) for path in before}
    if not fault.is_damage:
        assert [REMARK, NOTE, PLANNED] == household.persons_words()
        assert ["ok", "ok"] == household.integrity()


def ended_with_a_bug(household: Household, tried: Commands, how: How) -> dict[str, int]:
    """Return the commands, and their codes, whose code is neither of success nor of a stated failure."""
    codes = {words: household.command(*words, **how).returncode for words in tried}
    return {" ".join(words): code for words, code in codes.items() if code not in EXIT_CODES.get(words, (0, 1))}


def test_every_command_is_in_a_table() -> None:
    """A command that is not tried, and not named with the reason, is found here."""
    untried = [name for name, each in commands().items() if not each.is_group and not of(name)]

    assert sorted(NEVER_HERE) == sorted(untried)
