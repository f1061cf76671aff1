"""install.py as a program: what it says on an old Python, and one whole installation with a real environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from tests.support.processes import PythonRunner

TREE = Path(__file__).resolve().parents[1]
INSTALL = TREE / "install.py"
SHELL = "bash" if os.name == "nt" else "/bin/sh"


@pytest.mark.parametrize("version", [(3, 6), (3, 9)])
def test_an_old_python_gets_one_sentence(run_python: PythonRunner, version: tuple[int, int]) -> None:
    """A Python that is too old hears which one is needed, with exit code 1 and before anything is imported."""
    script = f"import sys; sys.version_info = {version} + (0,); exec(open({str(INSTALL)!r}, encoding='utf-8').read())"

    done = run_python("-c", script)

    assert (1, "") == (done.returncode, done.stdout)
    here = ".".join(map(str, version))
    assert (
        f"Watchkeeper needs Python 3.10 or newer, and this is {here}: run install.py with a newer one.\n" == done.stderr
    )


def test_help(run_python: PythonRunner) -> None:
    """It tells its options on a Python that has nothing installed."""
    done = run_python("-S", str(INSTALL), "--help")

    assert (0, "") == (done.returncode, done.stderr)
    for option in ("--config-dir", "--dry-run", "--yes", "--plan", "--purge", "uninstall", "update"):
        assert option in done.stdout


def test_wrong_usage(run_python: PythonRunner) -> None:
    """A wrong argument ends with 2."""
    assert 2 == run_python(str(INSTALL), "--frobnicate").returncode


def test_a_refusal(run_python: PythonRunner, home: User) -> None:
    """Settings that must be left alone are refused in one sentence, and nothing is made."""
    settings = home.config / "settings.json"
    settings.write_text("{} // mine\n", encoding="utf-8")

    done = run_python(str(INSTALL), "--yes")

    assert (1, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith(f"{settings} has comments, which are not JSON")
    assert [settings] == list(home.config.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_nobody_listens(real_processes: User) -> None:
    """An installation whose output nobody reads any more goes on to its end."""
    command = f"'{sys.executable}' '{INSTALL}' --dry-run; echo $? >&2"

    done = subprocess.run(
        [SHELL, "-c", f"({command}) | true"], env=real_processes.environ, capture_output=True, text=True, check=False
    )

    assert "0\n" == done.stderr


@pytest.mark.slow
def test_a_whole_installation(run_python: PythonRunner, home: User) -> None:
    """On a real machine it installs once, its command works, and its removal leaves the data and nothing else."""
    settings = home.config / "settings.json"
    before = '{"model":"opus","statusLine":{"type":"command","command":"echo mine"}}'
    settings.write_text(before, encoding="utf-8")
    python = getattr(sys, "_base_executable", "") or sys.executable

    done = run_python(str(INSTALL), "--yes", "--plan", "pro", executable=python, timeout_s=600)
    assert (0, "") == (done.returncode, done.stderr)
    wired = json.loads(settings.read_text(encoding="utf-8"))

    again = run_python(str(INSTALL), "--yes", executable=python, timeout_s=120)
    assert "there is nothing to change" in again.stdout

    launcher = home.config / "watchkeeper" / "bin" / ("watchkeeper.cmd" if os.name == "nt" else "watchkeeper")
    shown = run_python("config", "show", "--json", executable=str(launcher))
    options = {option["name"]: option["value"] for option in json.loads(shown.stdout)["options"]}
    assert ("echo mine", "pro") == (options["status_line.passthrough"], options["quota.plan"])

    line = run_python("-c", wired["statusLine"]["command"], executable=SHELL, stdin=b"{}")
    assert "mine" == line.stdout.splitlines()[0]
    hook = wired["hooks"]["SessionStart"][0]["hooks"][0]
    words = [hook["command"], *hook["args"]] if "args" in hook else [SHELL, "-c", hook["command"]]
    payload = {"session_id": "s1", "hook_event_name": "SessionStart", "source": "startup", "cwd": str(home.home)}
    answered = run_python(*words[1:], executable=words[0], stdin=json.dumps(payload))
    assert (0, "") == (answered.returncode, answered.stderr)
    assert (home.config / "watchkeeper" / "usage.db").exists()

    removed = run_python(str(INSTALL), "uninstall", executable=python, timeout_s=120)
    assert (0, "") == (removed.returncode, removed.stderr)
    assert before == settings.read_text(encoding="utf-8")
    assert {"watchkeeper", "settings.json"} == {path.name for path in home.config.iterdir()}
