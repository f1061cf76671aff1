from __future__ import annotations

from typing import Any

from tests.wiring.machine import Machine
from watchkeeper.wiring import inspection

PLUGIN = {"enabledPlugins": {"watchkeeper@somewhere": True}}


def inspect(machine: Machine) -> inspection.Wiring:
    return inspection.inspect(str(machine.config), machine.environ)


def change(machine: Machine, **changes: Any) -> None:
    machine.write_settings({**machine.wired(), **changes})


def test_none(machine: Machine) -> None:
    """Before the installation nothing is in force, and looking changes nothing."""
    machine.config.mkdir(parents=True)
    before = machine.tree()

    assert inspection.Wiring("none", ()) == inspect(machine)
    assert before == machine.tree()


def test_settings(machine: Machine) -> None:
    """After the installation the settings are in force, with nothing to remark."""
    machine.install()

    assert inspection.Wiring("settings", ()) == inspect(machine)
    assert [] == [words for words in machine.ran if "config" in words]


def test_plugin(machine: Machine) -> None:
    """With the plugin alone, the missing status line is mentioned."""
    machine.write_settings(PLUGIN)

    found = inspect(machine)

    assert "plugin" == found.in_force
    assert found.reasons[0].startswith("A plugin cannot bring a status line")


def test_both(machine: Machine) -> None:
    """Being wired twice is seen and called harmless."""
    machine.install()
    change(machine, **PLUGIN)

    found = inspect(machine)

    assert "both" == found.in_force
    assert found.reasons[0].startswith("The plugin watchkeeper@somewhere is enabled as well: harmless")


def test_a_disabled_or_foreign_plugin_is_none(machine: Machine) -> None:
    """Only our plugin counts, and only when it is enabled."""
    machine.write_settings({"enabledPlugins": {"watchkeeper@a": False, "other@b": True}})
    assert "none" == inspect(machine).in_force

    machine.write_settings({"enabledPlugins": ["watchkeeper@a"]})
    assert "none" == inspect(machine).in_force


def test_stale(machine: Machine) -> None:
    """Each thing that has gone wrong since the installation has its sentence and what to do."""
    machine.install()
    hooks = machine.wired()["hooks"]
    hooks["Stop"] *= 2
    del hooks["PreCompact"]
    change(machine, hooks=hooks, statusLine={"type": "command", "command": "mine"})
    machine.python.unlink()
    machine.place.python.unlink()
    (machine.place.app / "hooks/stop.py").write_bytes(b"changed")

    found = inspect(machine)

    assert "stale" == found.in_force
    assert (
        "Stop is wired 2 times in the settings: run install.py again.",
        "PreCompact is wired 0 times in the settings: run install.py again.",
        "The status line is another one's: run install.py again to have ours beside it.",
        f"{machine.python} is gone: run install.py again.",
        f"{machine.place.python} is gone: run install.py again.",
        "1 files of the bundle are missing or changed (hooks/stop.py is one): run install.py again.",
    ) == found.reasons


def test_without_a_receipt(machine: Machine) -> None:
    """Entries whose receipt is gone cannot be checked."""
    machine.install()
    machine.place.receipt.unlink()

    assert inspection.Wiring(
        "stale", ("There is no readable receipt of the installation: run install.py again.",)
    ) == inspect(machine)


def test_switched_off(machine: Machine) -> None:
    """Hooks that the settings switch off are mentioned, whatever is wired."""
    machine.install()
    change(machine, disableAllHooks=True)

    assert "disableAllHooks is set, so neither hooks nor the status line run." in inspect(machine).reasons


def test_unreadable(machine: Machine) -> None:
    """Settings that cannot be read leave the wiring unknown, with the reason."""
    machine.write_settings("{} // mine")

    found = inspect(machine)

    assert "unknown" == found.in_force
    assert "has comments" in found.reasons[0]
