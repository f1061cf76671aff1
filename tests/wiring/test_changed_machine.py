"""What the next run makes of a machine that has changed since the installation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.wiring.machine import Machine
from tests.wiring.test_installation import MINE


def test_a_moved_configuration_directory(machine: Machine, tmp_path: Path) -> None:
    """Installed again after a move, nothing is wired to the place that was left, and nothing is lost."""
    machine.write_settings(MINE)
    machine.install()
    moved = tmp_path / "home" / "moved"
    machine.config.rename(moved)
    machine.config = moved

    machine.install()

    assert str(moved.parent / ".claude") not in moved.joinpath("settings.json").read_text(encoding="utf-8")
    assert not machine.install()
    machine.uninstall()
    assert machine.wired() == MINE


@pytest.mark.parametrize("environment", ["follows", "stays behind", "is broken"])
def test_after_an_upgrade_of_the_systems_python(machine: Machine, environment: str) -> None:
    """When the hooks' Python is of another minor version, the next run compiles and makes the environment for it."""
    machine.install()
    settings = machine.client_settings.read_bytes()
    machine.upgrade_python("3.12", environment == "follows")
    if environment == "is broken":
        machine.fails = lambda words: "no such library" if "venv" in words[0] and "-c" in words else None
    machine.said = []

    assert machine.install()

    reason = {"is broken": "its Python does not start any more"}.get(
        environment, "it is of another Python version than the hooks"
    )
    place = machine.place
    assert f"Make the virtual environment {place.environment} ({reason}; this takes a minute)" in machine.said
    assert f"Compile {place.app / 'lib'} for {machine.python}" in machine.said
    assert (2, settings) == (machine.environments_made, machine.client_settings.read_bytes())
    machine.fails = lambda _: None
    assert not machine.install()
