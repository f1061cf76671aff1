"""Tests of first_use.py: the plugin's environment, which nobody installs."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.support.environment import User
from tests.support.guards import ROOT
from tests.support.processes import PythonRunner
from watchkeeper import first_use

TYPED = json.dumps(
    {
        "session_id": "s",
        "command_name": "watchkeeper:session-status",
        "command_args": "",
        "command_source": "plugin",
    }
)


def test_only_a_plugin_makes_an_environment_of_its_own() -> None:
    """Outside a plugin nothing is promised; inside one the user reads that it takes a minute, once."""
    assert "" == first_use.answer({})
    assert "about a minute, once" in first_use.answer({"CLAUDE_PLUGIN_DATA": "/nowhere"})


def test_a_reason_it_cannot_be_made_is_told(tmp_path: Path) -> None:
    """What went wrong the last time is said, and that it is tried once more."""
    (tmp_path / first_use.NOTE).write_text("There is no network.")

    assert "There is no network. It is tried once more now." in first_use.answer({"CLAUDE_PLUGIN_DATA": str(tmp_path)})


def test_the_hook_answers_without_an_environment(run_python: PythonRunner, home: User, tmp_path: Path) -> None:
    """Typed for the first time, a command is answered at once, without a model, though its packages are missing."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "venv.claim").mkdir()
    hook = os.path.join(ROOT, "hooks", "user_prompt_expansion.py")
    boot = "import sys, site; site.main = lambda: None; exec(open(sys.argv[1]).read())"

    done = run_python(
        "-I", "-S", "-X", "utf8", "-c", boot, hook, stdin=TYPED, environ={"CLAUDE_PLUGIN_DATA": str(data)}
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert "once" in json.loads(done.stdout)["reason"]
