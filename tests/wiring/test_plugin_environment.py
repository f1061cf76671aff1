from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.support.guards import ROOT
from tests.wiring.test_environment import LOCK, Programs
from watchkeeper.errors import UserError
from watchkeeper.wiring import plugin_environment
from watchkeeper.wiring.programs import Completed


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


def make(data: Path, bundle: Path, run: Pythons) -> str | None:
    return plugin_environment.make(data, bundle, {}, run, lambda _: None)  # type: ignore[arg-type]


def test_made_on_first_use(data: Path, bundle: Path) -> None:
    """The first use makes it, the next ones find it whole, and nothing else stays in the folder but the lock."""
    assert "there is none yet" == make(data, bundle, Pythons())
    assert make(data, bundle, Pythons()) is None
    assert [data / "venv", data / "venv.lock"] == sorted(data.iterdir())


def test_one_process_makes_it(data: Path, bundle: Path, real_processes: User) -> None:
    """While another process is at it nothing is done; once that was killed the next one makes it at once."""
    data.mkdir(parents=True)
    claim = "with plugin_environment.claim(pathlib.Path(sys.argv[1])): print('claimed', flush=True); sys.stdin.read()"
    program = f"import pathlib, sys; from watchkeeper.wiring import plugin_environment\n{claim}"
    environ = {**real_processes.environ, "PYTHONPATH": os.path.join(ROOT, "lib")}
    command = [sys.executable, "-c", program, str(data)]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert b"claimed" == other.stdout.readline().strip()
        assert plugin_environment.is_at_work(data)
        assert make(data, bundle, Pythons()) is None
        assert not (data / "venv").exists()
        other.kill()

    assert not plugin_environment.is_at_work(data)
    assert "there is none yet" == make(data, bundle, Pythons())


def test_nobody_is_at_work_where_nothing_is(data: Path) -> None:
    """A folder that is not there yet is not claimed, and not made by looking."""
    assert not plugin_environment.is_at_work(data)
    assert not data.exists()


def test_what_was_made_meanwhile_stays(data: Path, bundle: Path) -> None:
    """Another process may have made it between the look and the claim: it is not made a second time."""

    class Slow(Pythons):
        def __call__(self, arguments: list[str], **how: object) -> Completed:  # type: ignore[override]
            if "-S" in arguments:
                assert "there is none yet" == make(data, bundle, Pythons())
            return super().__call__(arguments, **how)

    slow = Slow()
    assert make(data, bundle, slow) is None
    assert not any("pip" in words for words in slow.ran)


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
