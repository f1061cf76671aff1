from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from watchkeeper.errors import UserError
from watchkeeper.wiring import interpreter, programs
from watchkeeper.wiring.interpreter import Candidate, Interpreter

SYSTEM = Candidate("/usr/bin/python3")
PYENV = Candidate("/home/dev/.pyenv/versions/3.12.4/bin/python3.12")


def proves(*paths: str, version: tuple[int, int, int] = (3, 12, 1)) -> Callable[[str], Interpreter | None]:
    def prove(path: str) -> Interpreter | None:
        return Interpreter(path, version, "cpython-312", path != SYSTEM.path) if path in paths else None

    return prove


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        pytest.param(Candidate("/home/dev/.pyenv/shims/python3"), "a shim", id="pyenv"),
        pytest.param(Candidate("/home/dev/.asdf/shims/python3"), "a shim", id="asdf"),
        pytest.param(Candidate("/home/dev/.local/share/mise/shims/python3"), "a shim", id="mise"),
        pytest.param(Candidate("/usr/local/bin/python3", is_script=True), "a shim", id="script"),
        pytest.param(
            Candidate(r"C:\Users\A\AppData\Local\Microsoft\WindowsApps\python.exe"), "a shim", id="Windows store"
        ),
        pytest.param(
            Candidate("/opt/homebrew/Cellar/python@3.12/3.12.4/bin/python3.12"),
            "a versioned Homebrew path",
            id="Homebrew",
        ),
        pytest.param(
            Candidate("/home/dev/venv/bin/python", in_environment=True), "part of a virtual", id="environment"
        ),
    ],
)
def test_never_wired(candidate: Candidate, reason: str) -> None:
    """A path that is slow or goes away at the next upgrade is refused with the reason."""
    assert str(interpreter.objection(candidate)).startswith(reason)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("/usr/bin/python3", "/usr/bin/python3.12"),
        ("/usr/bin/python3", "/home/dev/.pyenv/versions/3.12.4/bin/python3"),
        ("/opt/homebrew/bin/python3", "/opt/homebrew/opt/python@3.12/bin/python3.12"),
        ("/opt/homebrew/opt/python@3.12/bin/python3.12", "/nix/store/abc-python3-3.12.4/bin/python3"),
        (
            r"C:\Users\A\AppData\Local\Programs\Python\Python312\python.exe",
            r"C:\Users\A\.pyenv\versions\3.12.4\python.exe",
        ),
        ("/home/dev/bin/python3", "/home/dev/.local/share/uv/python/cpython-3.12.4-linux-x86_64-gnu/bin/python3.12"),
        ("/run/current-system/sw/bin/python3", "/nix/store/abc-python3-3.12.4/bin/python3"),
    ],
)
def test_the_path_that_stays_is_preferred(better: str, worse: str) -> None:
    """A path that an upgrade keeps goes before one that it removes, in whatever order they are found."""
    candidates = [Candidate(worse), Candidate(better)]

    chosen = interpreter.chosen(candidates, proves(better, worse))

    assert better == chosen.path


def test_a_path_that_goes_away_is_better_than_none() -> None:
    """Where nothing stable can be started, another Python does the work."""
    assert PYENV.path == interpreter.chosen([SYSTEM, PYENV], proves(PYENV.path)).path


def test_one_that_can_build_environments_is_preferred_where_that_is_needed() -> None:
    """Hooks and commands share one Python; where only pip can fill its environment, that decides."""
    prove = proves(SYSTEM.path, PYENV.path)

    assert SYSTEM.path == interpreter.chosen([SYSTEM, PYENV], prove).path
    assert PYENV.path == interpreter.chosen([SYSTEM, PYENV], prove, prefers_ensurepip=True).path
    assert SYSTEM.path == interpreter.chosen([SYSTEM], prove, prefers_ensurepip=True).path


@pytest.mark.parametrize("version", [(3, 9, 18), (2, 7, 18)])
def test_too_old(version: tuple[int, int, int]) -> None:
    """A Python before 3.10 is not chosen, and with no other the user is told what to do."""
    with pytest.raises(UserError, match=r"No Python 3\.10 or newer .* install one"):
        interpreter.chosen([SYSTEM], proves(SYSTEM.path, version=version))


@pytest.mark.parametrize(
    ("output", "returncode"),
    [
        ("", 1),
        ("ModuleNotFoundError: No module named 'sqlite3'", 1),
        ("3 12", 0),
        ("a b c d e", 0),
        ("", 0),
        ("3 ² 1 c True", 0),
    ],
)
def test_not_proved(output: str, returncode: int) -> None:
    """A Python that cannot import what is needed, or says something else, is not proved."""
    assert interpreter.prove("/usr/bin/python3", lambda *_, **__: programs.Completed(returncode, output)) is None


def test_the_proof_starts_it_as_hooks_do(real_processes: object) -> None:
    """A real Python proves itself without site-packages and tells its version."""
    base = getattr(sys, "_base_executable", "") or sys.executable

    found = interpreter.prove(base, programs.run)

    assert found is not None
    assert (base, sys.version_info[:3], sys.implementation.cache_tag) == found[:3]


def test_candidates_of_this_machine(tmp_path: Path) -> None:
    """Pythons on the path are found, scripts and those of environments marked as such."""
    for folder in ("shims", "env/bin", "plain"):
        path = tmp_path / folder / "python3"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"#!/bin/sh\n" if folder == "shims" else b"\x7fELF")
        path.chmod(0o755)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "plain" / "python3.12").touch(mode=0o644)
    on_path = os.pathsep.join(str(tmp_path / folder) for folder in ("shims", "env/bin", "plain", "missing"))

    found = [one for one in interpreter.candidates({"PATH": on_path}, "linux") if one.path.startswith(str(tmp_path))]

    assert [
        Candidate(str(tmp_path / "shims/python3"), is_script=True),
        Candidate(str(tmp_path / "env/bin/python3"), in_environment=True),
        Candidate(str(tmp_path / "plain/python3")),
    ] == found


def test_apples_stub_is_never_started() -> None:
    """On a Mac /usr/bin/python3 may open a dialog, so that it is not even a candidate."""
    assert "/usr/bin/python3" not in {one.path for one in interpreter.candidates({"PATH": "/usr/bin"}, "darwin")}
