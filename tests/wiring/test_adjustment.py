"""Tests of wiring/adjustment.py, and of the share in an installation and a removal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.wiring.machine import Machine
from tests.wiring.test_installation import MINE
from watchkeeper.wiring import adjustment, inspection, receipt

PCT, WINDOW = "CLAUDE_AUTOCOMPACT_PCT_OVERRIDE", "autoCompactWindow"


def configure(machine: Machine, pct: float) -> None:
    """What `config set context.auto_compact_pct` has compiled."""
    (machine.place.state / "settings.json").write_text(json.dumps({"context": {"auto_compact_pct": pct}}))


def adjust(machine: Machine, pct: float) -> list[str]:
    configure(machine, pct)
    return adjustment.adjust(str(machine.config), machine.environ)


def told(machine: Machine) -> tuple[Any, Any]:
    """Share and window in the user's settings."""
    settings = machine.wired()
    return (settings.get("env") or {}).get(PCT), settings.get(WINDOW)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(json.dumps(MINE, indent=2) + "\n", id="as the client writes"),
        pytest.param('{"a":1.0e5,\r\n"env" : { } , "b":"\\u00e9"}', id="as nobody writes"),
        pytest.param('{"env": null, "autoCompactWindow": null}', id="nulls"),
        pytest.param('{\n "env": {"LANG": "C"}\n}', id="variables of the user's"),
    ],
)
def test_the_share_goes_in_and_all_comes_out_again(machine: Machine, settings: str) -> None:
    """Set, changed and uninstalled, every byte of the user's is what it was."""
    before = machine.write_settings(settings)
    machine.install()

    assert [] == adjust(machine, 90)
    assert ("90", 1_000_000) == told(machine)
    assert [] == adjust(machine, 82.5)
    assert ("82.5", 1_000_000) == told(machine)
    assert not machine.install()

    machine.uninstall()
    assert before == machine.client_settings.read_bytes()


def test_leaving_it_to_the_client_takes_the_share_out(machine: Machine) -> None:
    """With 0 the settings are byte for byte those without the share."""
    machine.write_settings(MINE)
    machine.install()
    without = machine.client_settings.read_bytes()

    adjust(machine, 90)
    adjust(machine, 0)

    assert without == machine.client_settings.read_bytes()
    record = receipt.read(machine.place.receipt)
    assert record is not None
    assert () == record.settings.members


def test_an_installation_puts_in_what_is_configured(machine: Machine) -> None:
    """Installed anew, or updated, the settings are told the share too; a second run changes nothing."""
    machine.write_settings(MINE)
    machine.install()
    configure(machine, 90)

    assert "stale" == inspection.inspect(str(machine.config), machine.environ).in_force
    assert machine.install()
    assert ("90", 1_000_000) == told(machine)
    assert not machine.install()


def test_settings_that_were_rewritten_lose_only_the_share(machine: Machine) -> None:
    """What the user has changed since stays, when the share is changed and when all is taken out."""
    machine.write_settings(MINE)
    machine.install()
    adjust(machine, 90)
    machine.write_settings({"model": "opus", **machine.wired()})

    adjust(machine, 80)
    changed = told(machine)
    machine.uninstall()

    assert ("80", 1_000_000) == changed
    assert {"model": "opus", **MINE} == machine.wired()


def test_a_share_of_the_users_own_stays(machine: Machine) -> None:
    """A value that the user has put there decides; that is said, and it is still there after the removal."""
    mine = {**MINE, "env": {PCT: "70"}}
    before = machine.write_settings(mine)
    machine.install()

    [said] = adjust(machine, 90)

    assert "70 of its own" in said
    assert ("70", None) == told(machine)
    machine.said.clear()
    machine.install()
    assert said in machine.said
    machine.uninstall()
    assert before == machine.client_settings.read_bytes()


def test_what_the_user_changes_afterwards_is_the_users(machine: Machine) -> None:
    """A share that was edited in the settings is left at a removal; our window goes."""
    machine.write_settings(MINE)
    machine.install()
    adjust(machine, 90)
    settings = machine.wired()
    settings["env"][PCT] = "60"
    machine.write_settings(settings)

    machine.uninstall()

    assert {**MINE, "env": {PCT: "60"}} == machine.wired()


def test_without_an_installation_nothing_is_written(machine: Machine) -> None:
    """Where nothing of ours is wired, the settings are left alone and the user is told how to set it."""
    before = machine.write_settings(MINE)
    machine.place.state.mkdir()

    [said] = adjust(machine, 90)

    assert before == machine.client_settings.read_bytes()
    assert f'"{PCT}": "90"' in said
    assert [] == adjust(machine, 0)
