"""An uninstall leaves no monitor running."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wiring.machine import Machine

STOP = ["monitor", "stop", "--uninstall"]


@pytest.mark.parametrize("was_started", [True, False])
def test_the_monitor_is_stopped_first(tmp_path: Path, was_started: bool) -> None:
    """Where it was ever started, it is stopped before the product goes; its files are no data of the user's."""
    machine = Machine(tmp_path)
    machine.install()
    if was_started:
        (machine.place.state / "monitor.lock").touch()
    machine.ran.clear()
    machine.uninstall()

    assert was_started == any(words[-3:] == STOP for words in machine.ran)
    assert not any("monitor.lock" in sentence for sentence in machine.said)


def test_one_that_does_not_stop_is_told(tmp_path: Path) -> None:
    """The removal goes on, and says so."""
    machine = Machine(tmp_path)
    machine.install()
    (machine.place.state / "monitor.lock").touch()
    machine.fails = lambda words: "it does not end" if words[-3:] == STOP else None
    machine.uninstall()

    assert any("may still run (it does not end)" in sentence for sentence in machine.said)
    assert not machine.place.app.exists()
