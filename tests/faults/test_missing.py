"""Without an interpreter, a home or git: nothing is blocked, and what can be done without them is done whole."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.faults import FAULTS, NO_ACCOUNT
from tests.support.household import Household
from watchkeeper.wiring import hook_entries, launcher

# A hook that ends with it blocks the prompt or the compaction.
BLOCKS = 2


@pytest.mark.parametrize("form", ["in a shell", "PreCompact's script", "the command"])
def test_an_interpreter_that_is_gone_blocks_nothing(household: Household, tmp_path: Path, form: str) -> None:
    """Whatever names a Python that was removed since says so in a line and ends with a code that blocks nothing."""
    gone, script = str(tmp_path / "gone it's" / "python"), household.script("PreCompact")
    text = {
        "in a shell": hook_entries.shell_command(gone, script),
        "PreCompact's script": launcher.pre_compact(gone, script),
        "the command": launcher.posix(gone, script, str(household.user.config), is_default=False),
    }[form]

    done = subprocess.run(
        ["/bin/sh", "-c", text], env=household.environ, input=household.told("PreCompact"), capture_output=True,
        encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode not in {0, BLOCKS}
    assert "" == done.stdout
    assert re.fullmatch(r"[^\n]*(not found|No such file)[^\n]*\n", done.stderr)


def test_a_script_that_is_gone_says_nothing(household: Household) -> None:
    """A bundle that was deleted under a live session is no word to the client, whichever way its hooks are wired."""
    gone = str(household.bundle / "hooks" / "gone.py")

    for words in (
        [sys.executable, *hook_entries.FLAGS, "-c", hook_entries.BOOT, gone],
        ["/bin/sh", "-c", _shell(gone)],
    ):
        done = subprocess.run(
            words, env=household.environ, input="{}", capture_output=True, encoding="utf-8", check=False, timeout=60
        )
        assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_without_a_home_a_command_says_what_to_set(household: Household) -> None:
    """Where neither the environment nor the account names a home, nothing is written and the reason is said."""
    before = sorted(household.user.home.rglob("*"))

    done = household.command("usage", prelude=NO_ACCOUNT, without=("HOME", "CLAUDE_CONFIG_DIR"))

    assert 1 == done.returncode
    assert re.fullmatch(r"watchkeeper: [^\n]*set HOME or CLAUDE_CONFIG_DIR[^\n]*\n", done.stderr)
    assert before == sorted(household.user.home.rglob("*"))


def test_a_draft_without_git_is_whole(household: Household, tmp_path: Path) -> None:
    """A handoff is written without git, the repository's facts left out."""
    before = set(household.handoffs())

    done = household.command("plan-next-session", "--draft", environ={"PATH": str(tmp_path)})

    assert 0 == done.returncode, done.stderr
    (draft,) = set(household.handoffs()) - before
    assert "Add sign-in to the API" in draft.read_text(encoding="utf-8")


def _shell(script: str) -> str:
    return shlex.join([sys.executable, *hook_entries.FLAGS, "-c", hook_entries.BOOT, script])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    ("words", "code"), [(("queue", "show", "nothing"), 1), (("nothing",), 2)], ids=["stated failure", "wrong usage"]
)
def test_a_failure_nobody_can_be_told_of_has_its_code(household: Household, words: tuple[str, ...], code: int) -> None:
    """Where standard error takes nothing either, a script still learns how a command ended."""
    with FAULTS["output and errors that are full"].inject(household, household.project) as how:
        assert code == household.command(*words, **how).returncode
