from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.wiring.test_environment import LOCK, Programs
from watchkeeper.errors import UserError
from watchkeeper.wiring import plugin_environment
from watchkeeper.wiring.programs import Completed

NOW = 1_800_000_000.0


class Pythons(Programs):
    """Programs of a machine whose Python is the one that runs these tests."""

    ensurepip = True

    def __call__(self, arguments: list[str], **how: object) -> Completed:  # type: ignore[override]
        done = super().__call__(arguments, **how)  # type: ignore[arg-type]
        version = " ".join(map(str, sys.version_info[:3]))
        if "-S" in arguments:
            return Completed(done.returncode, f"{version} {sys.implementation.cache_tag} {self.ensurepip}")
        return Completed(done.returncode, version.rpartition(" ")[0]) if "-c" in arguments else done


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "requirements.lock").write_bytes(LOCK)
    return tmp_path / "bundle"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "plugins" / "data" / "watchkeeper"


def make(data: Path, bundle: Path, run: Pythons, now: float = NOW) -> str | None:
    return plugin_environment.make(data, bundle, {}, now, run, lambda _: None)  # type: ignore[arg-type]


def test_made_on_first_use(data: Path, bundle: Path) -> None:
    """The first use makes it, the next ones find it whole, and nothing else stays in the folder."""
    assert "there is none yet" == make(data, bundle, Pythons())
    assert make(data, bundle, Pythons()) is None
    assert [data / "venv"] == list(data.iterdir())


def test_one_process_makes_it(data: Path, bundle: Path) -> None:
    """While another process is at it nothing is done; one that died long ago is no obstacle."""
    claim = data / "venv.claim"
    claim.mkdir(parents=True)
    os.utime(claim, (NOW, NOW))

    assert make(data, bundle, Pythons(), NOW + 60) is None
    assert not (data / "venv").exists()
    assert "there is none yet" == make(data, bundle, Pythons(), NOW + 3600)


def test_a_failure_gives_the_claim_back(data: Path, bundle: Path) -> None:
    """When it cannot be made, the next use may try again at once."""
    with pytest.raises(UserError, match="could not be made"):
        make(data, bundle, Pythons("-m pip"))

    assert "there is none yet" == make(data, bundle, Pythons())


def test_no_python_that_can(data: Path, bundle: Path) -> None:
    """A Python without what is needed is named, and nothing is made."""
    with pytest.raises(UserError, match=r"version 3\.10 or newer"):
        make(data, bundle, Pythons("-S"))
    without = Pythons()
    without.ensurepip = False
    with pytest.raises(UserError, match="python3-venv"):
        make(data, bundle, without)

    assert not data.exists()
