"""Tests of packages.py: whose packages a command imports, whichever interpreter started it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from watchkeeper import packages
from watchkeeper.wiring import environment


def made(place: Path, is_ours: bool = True) -> str:
    """Make a folder that looks like a virtual environment with our packages."""
    site = Path(packages.packages_of(str(place), os.name, sys.version_info[:2]))
    (site / "typer").mkdir(parents=True)
    (site / "typer" / "__init__.py").touch()
    if is_ours:
        (place / environment.MARKER).write_text("{}", encoding="utf-8")
    return str(place)


def test_the_bundles_own_comes_first(home: User, tmp_path: Path) -> None:
    """Beside the bundle, in the plugin's folder, in the configuration, in any plugin's folder: in this order."""
    data = home.config / "plugins" / "data"
    places = [
        made(tmp_path / "venv"),
        made(tmp_path / "told" / "venv"),
        made(home.config / "watchkeeper" / "venv"),
        made(data / "watchkeeper-market" / "venv"),
    ]
    made(data / "another-market" / "venv")

    environ = {**home.environ, "CLAUDE_PLUGIN_DATA": str(tmp_path / "told")}
    assert places == packages.environments(str(tmp_path / "bundle"), environ)


def test_nobody_elses_environment_is_used(home: User, tmp_path: Path) -> None:
    """A folder `venv` beside a checkout is somebody's own: nothing is imported from it and its Python not started."""
    made(tmp_path / "venv", is_ours=False)

    assert [] == packages.environments(str(tmp_path / "checkout"), home.environ)


@pytest.mark.parametrize(
    ("system", "expected"),
    [("posix", "e/lib/python3.12/site-packages e/bin/python"), ("nt", "e/Lib/site-packages e/Scripts/python.exe")],
    ids=["posix", "nt"],
)
def test_places_in_an_environment(system: str, expected: str) -> None:
    """Windows has its packages and its interpreter elsewhere."""
    found = f"{packages.packages_of('e', system, (3, 12))} {packages.python_of('e', system)}"

    assert expected == found.replace(os.sep, "/")
