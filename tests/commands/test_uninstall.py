"""`uninstall` asks, and does what install.py uninstall does."""

from __future__ import annotations

import json

from tests.commands.scene import Scene


def test_it_asks_first(scene: Scene) -> None:
    """Without a person to say yes nothing is touched."""
    ran = scene.run("uninstall")

    assert (1, "") == (ran.code, ran.out)
    assert "give --yes" in ran.err


def test_a_no_is_a_no(scene: Scene) -> None:
    """Anything but yes changes nothing."""
    ran = scene.run("uninstall", "--purge", stdin="no\n", is_interactive=True)

    assert 1 == ran.code
    assert "delete its figures, settings and documents? (yes/no)" in ran.out
    assert "Nothing was changed" in ran.err


def test_a_yes_is_a_yes(scene: Scene) -> None:
    """With consent it goes ahead."""
    ran = scene.run("uninstall", stdin="yes\n", is_interactive=True)

    assert (0, "") == (ran.code, ran.err)
    assert "There is nothing of Watchkeeper to take out of" in ran.out


def test_json_has_every_step(scene: Scene) -> None:
    """A dry run tells the steps as data and asks nothing."""
    view = json.loads(scene.run("uninstall", "--dry-run", "--json").out)

    assert (True, True) == (view["done"], view["dry_run"])
    assert any("nothing of Watchkeeper" in step for step in view["steps"])
