"""`mcp` says what is missing where its packages are not installed."""

from __future__ import annotations

import sys

import pytest

from tests.commands.scene import Scene


def test_without_its_packages(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not asked for the server at the installation is told how to."""
    for name in [each for each in sys.modules if each == "mcp" or each.startswith("mcp.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "watchkeeper.monitor.mcp_server", raising=False)
    monkeypatch.setitem(sys.modules, "mcp", None)

    ran = scene.run("mcp")

    assert (1, "") == (ran.code, ran.out)
    assert "install.py --mcp" in ran.err
