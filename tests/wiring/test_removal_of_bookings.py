"""Sessions that are booked are cancelled when Watchkeeper is taken out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.wiring.machine import Machine

CANCEL = ["cancel-next-session", "--all", "--no-color"]


def cancelled(machine: Machine) -> list[list[str]]:
    return [argv[-3:] for argv in machine.ran if "cancel-next-session" in argv]


@pytest.mark.parametrize("purge", [False, True], ids=["kept", "purged"])
def test_they_are_cancelled_while_the_command_is_there(machine: Machine, purge: bool) -> None:
    """Nothing is left in the operating system that would start something."""
    machine.install()
    (machine.place.state / "automation").mkdir()

    assert machine.uninstall(purge=purge)

    assert [CANCEL] == cancelled(machine)
    assert not machine.place.environment.exists()


def test_where_nothing_was_ever_booked_nobody_is_asked(machine: Machine) -> None:
    """Most people book nothing."""
    machine.install()

    machine.uninstall()

    assert [] == cancelled(machine)


def test_what_cannot_be_cancelled_is_said(machine: Machine) -> None:
    """The rest is taken out all the same: what fires then finds nothing to start."""
    machine.install()
    (machine.place.state / "automation").mkdir()

    def fails(argv: Sequence[str]) -> str | None:
        return "error: the bus is gone" if "cancel-next-session" in argv else None

    machine.fails = fails

    machine.uninstall()

    assert any("could not be cancelled (error: the bus is gone)" in line for line in machine.said)
    assert not machine.place.environment.exists()
