"""A household that was lived in, made once and brought back for each test."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.environment import User, make_user
from tests.support.household import Household

# These processes are started, held back and killed as on Linux and macOS.
collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Household, Path]:
    """A user's machine after a while of use, and the copy of it that tests begin with."""
    folder = tmp_path_factory.mktemp("lived-in")
    household = Household(make_user(folder, os.environ)).fill()
    household.end_what_runs()
    household.keep(folder / "kept")
    return household, folder / "kept"


@pytest.fixture
def household(real_processes: User, real_clock: None, kept: tuple[Household, Path]) -> Household:
    """A user's machine after a while of use; the next test finds it as this one did."""
    made, copy = kept
    made.bring_back(copy)
    return made
