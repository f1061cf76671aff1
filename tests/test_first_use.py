"""Tests of first_use.py: the plugin's environment, which nobody installs."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from tests.support.environment import User
from tests.support.guards import ROOT
from tests.support.processes import PythonRunner
from watchkeeper import first_use
from watchkeeper.wiring import plugin_environment

TYPED = json.dumps(
    {
        "session_id": "s",
        "command_name": "watchkeeper:session-status",
        "command_args": "",
        "command_source": "plugin",
    }
)


STARTED = "which takes about a minute, once"


def answer(data: Path) -> str:
    return first_use.answer({"CLAUDE_PLUGIN_DATA": str(data)})


def test_only_a_plugin_makes_an_environment_of_its_own(tmp_path: Path) -> None:
    """Outside a plugin nothing is promised; inside one the user reads that it takes a minute, once."""
    assert "" == first_use.answer({})
    assert STARTED in answer(tmp_path / "nowhere")


def test_a_reason_it_cannot_be_made_is_told(tmp_path: Path) -> None:
    """What went wrong the last time is said, and that it is tried once more; while it is tried, that it is."""
    (tmp_path / first_use.NOTE).write_text("There is no network.")

    assert "There is no network. Watchkeeper tries once more now." == answer(tmp_path)
    with plugin_environment.claim(tmp_path):
        assert STARTED in answer(tmp_path)


def test_how_far_it_is_is_told(tmp_path: Path) -> None:
    """Meanwhile the packages are counted, and their installation said; what a process that was killed left is not."""
    (tmp_path / "lock").write_text("a==1\nb==2\nc==3; sys_platform == 'win32'\n")
    progress = first_use.Progress(tmp_path / first_use.PROGRESS, tmp_path / "lock")
    said = []
    with plugin_environment.claim(tmp_path):
        for step in ("uv could not make it; trying pip.", "  a==1", "  b==2", "  installing them"):
            progress.count(step)
            said.append(answer(tmp_path))

    told = [
        re.sub(r"^Watchkeeper is making its Python environment: (.*)\. Type this again.*", r"\1", one) for one in said
    ]
    counted = [f"{number} of 3 packages so far" for number in range(3)]
    assert [*counted, "installing 2 packages"] == told
    assert STARTED in answer(tmp_path)
    progress.end()
    assert not (tmp_path / first_use.PROGRESS).exists()


def test_the_hook_answers_without_an_environment(run_python: PythonRunner, home: User, tmp_path: Path) -> None:
    """Typed for the first time, a command is answered at once, without a model, though its packages are missing."""
    hook = os.path.join(ROOT, "hooks", "user_prompt_expansion.py")
    boot = "import sys, site; site.main = lambda: None; exec(open(sys.argv[1]).read())"

    with plugin_environment.claim(tmp_path):
        done = run_python(
            "-I", "-S", "-X", "utf8", "-c", boot, hook, stdin=TYPED, environ={"CLAUDE_PLUGIN_DATA": str(tmp_path)}
        )

    assert (0, "") == (done.returncode, done.stderr)
    assert STARTED in json.loads(done.stdout)["reason"]
