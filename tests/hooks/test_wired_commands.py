"""The command lines that settings hold, started as the client starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.environment import User
from watchkeeper.wiring import hook_entries, status_line_entry

HOOKS = Path(__file__).resolve().parents[2] / "hooks"
SCRIPTS = [*hook_entries.SCRIPTS.values(), status_line_entry.SCRIPT]
HOSTILE = [
    "plain",
    "with space",
    "quo'te\"s",
    "$(touch pwned)",
    "`touch pwned`",
    "ünï",
    "a;b&c|d",
    "$HOME",
    "back\\slash",
]


def started(user: User, handler: hook_entries.Handler, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Start a handler as the client does: directly with its arguments, or through sh."""
    words = [handler["command"], *handler["args"]] if "args" in handler else ["/bin/sh", "-c", handler["command"]]
    return subprocess.run(
        words, input=stdin, env=user.environ, cwd=user.home, capture_output=True, timeout=60, check=False
    )


FORMS = {
    "exec": hook_entries.exec_handler,
    "shell": pytest.param(
        hook_entries.shell_handler, marks=pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
    ),
}


@pytest.fixture(params=[*FORMS.values()], ids=[*FORMS])
def form(request: pytest.FixtureRequest) -> object:
    return request.param


def test_each_event_has_its_script() -> None:
    """The scripts in hooks/ are those that the settings name, and the one of the status line."""
    assert sorted(SCRIPTS) == sorted(path.name for path in HOOKS.glob("*.py"))


@pytest.mark.parametrize("event", hook_entries.SCRIPTS)
def test_each_script_answers_its_event(event: str) -> None:
    """A script's job line names the event that starts it."""
    first_line = (HOOKS / hook_entries.SCRIPTS[event]).read_text(encoding="utf-8").partition("\n")[0]

    assert first_line.startswith(f'"""Answers {event}: ')


@pytest.mark.parametrize("folder", HOSTILE)
def test_a_script_is_run_wherever_it_is(real_processes: User, tmp_path: Path, folder: str, form: object) -> None:
    """Whatever its path is, the script runs with that path as its one argument, reads UTF-8, and nothing else runs."""
    script = tmp_path / folder / "watchkeeper" / "app" / "hooks" / "stop.py"
    script.parent.mkdir(parents=True)
    script.write_text("import sys\nprint('ü', sys.argv[1:], sys.flags.isolated, sys.flags.no_site)\n", encoding="utf-8")

    done = started(real_processes, form(sys.executable, str(script)))  # type: ignore[operator]

    assert (0, b"") == (done.returncode, done.stderr)
    assert f"ü {[str(script)]} 1 1\n" == done.stdout.decode().replace("\r\n", "\n")
    assert not (real_processes.home / "pwned").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="missing"),
        pytest.param("raise ValueError", id="fails"),
        pytest.param("syntax error", id="broken"),
        pytest.param("import watchkeeper.core.nothing", id="library missing"),
        pytest.param("\0", id="zero bytes"),
    ],
)
def test_nothing_breaks_the_session(real_processes: User, tmp_path: Path, content: str | None, form: object) -> None:
    """A script that is missing or broken exits 0 and says nothing, in either form."""
    script = tmp_path / "stop.py"
    if content is not None:
        script.write_text(content, encoding="utf-8")

    done = started(real_processes, form(sys.executable, str(script)), b"{}")  # type: ignore[operator]

    assert (0, b"", b"") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_survives_nonsense(real_processes: User, script: str) -> None:
    """Every script of the bundle, wired as it is, takes nonsense without a word."""
    done = started(real_processes, hook_entries.exec_handler(sys.executable, str(HOOKS / script)), b"\xff{nonsense")

    assert (0, b"") == (done.returncode, done.stderr)
    assert b"" == done.stdout or script == status_line_entry.SCRIPT
