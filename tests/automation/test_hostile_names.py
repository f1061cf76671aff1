"""Hostile names on the whole way from a booking to the program that starts: executed, and compared byte by byte."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.automation.outside import Outside
from tests.automation.stage import HANDOFF, Stage
from tests.support.environment import User
from watchkeeper.adapters.host import Host
from watchkeeper.adapters.terminal.tmux import Tmux

NAMES = {
    "quotes": 'it\'s "quoted" `id`',
    "substitution": "$(touch pwned) ${HOME} $PATH",
    "separators": "a; touch pwned & b | c > d #{pid} #(touch pwned)",
    "percent": "100%s %PATH% %n",
    "foreign": "ünïcödé 名前 🜁",
    "backslash": "a\\b\\n\\",
    "spaces": "two  spaces",
}
CLIENT = """#!{python} -S
import json, os, sys
if sys.argv[1:] == ["--version"]:
    print("2.1.329 (Claude Code)"); sys.exit()
if sys.argv[1:2] == ["auth"]:
    print(json.dumps({{"loggedIn": True, "authMethod": "claude.ai"}})); sys.exit()
seen = [sys.argv[1:], os.getcwd(), os.environ.get("WATCHKEEPER_HANDOFF"), os.environ.get("ODD")]
open({aside!r}, "w").write(json.dumps(seen))
os.rename({aside!r}, {seen!r})
"""


@pytest.fixture
def tmux(
    stage: Stage, real_processes: User, outside: Outside, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tmux]:
    """The real tmux, with a server of this test's own."""
    program = shutil.which("tmux", path="/usr/local/bin:/usr/bin:/bin")
    if program is None:
        pytest.skip("tmux is not installed")
    environ = {**stage.scene.environ, "PATH": f"{Path(stage.claude).parent}:{Path(program).parent}:/bin"}
    environ["TMUX_TMPDIR"] = str(tmp_path_factory.mktemp("t"))
    stage.scene.environ.update(environ)
    made = Tmux(Host(environ))
    outside.terminal = made
    yield made
    subprocess.run([program, "kill-server"], env=environ, capture_output=True, check=False)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_they_stay_data(stage: Stage, tmux: Tmux, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As an agent, a model, an argument, a folder and a variable they arrive as they were written."""
    home = stage.scene.user.home
    seen, aside = home / "seen.json", home / "aside.json"
    Path(stage.claude).write_text(
        CLIENT.format(python=sys.executable, aside=str(aside), seen=str(seen)), encoding="utf-8"
    )
    project = Path(stage.project).with_name(name.replace("/", "-"))
    Path(stage.project).rename(project)
    stage.project = stage.scene.project = str(project)
    (stage.scene.user.config / ".claude.json").write_text(
        json.dumps({"projects": {str(project): {"hasTrustDialogAccepted": True}}}), encoding="utf-8"
    )
    stage.write_handoff()
    stage.ready()
    monkeypatch.setenv("ODD", name)
    stage.scene.environ["ODD"] = name
    booked = stage.book(agent=name, model=name, extra=["--append-system-prompt", name])

    stage.fire(booked.booking_id)

    deadline = time.monotonic() + 20.0
    while not seen.exists():
        assert time.monotonic() < deadline, stage.log()
        time.sleep(0.02)
    argv, folder, handoff, odd = json.loads(seen.read_text(encoding="utf-8"))
    session_id = stage.booking(booked.booking_id).session_id
    assert [
        *(f"--session-id={session_id}", f"--agent={name}", f"--model={name}"),
        *("--append-system-prompt", name, "--"),
    ] == argv[:-1]
    assert (str(project), HANDOFF, name) == (folder, handoff, odd)
    assert [] == list(project.parent.rglob("pwned"))
