"""The line of a crontab: its words in a real shell, and the crontab around it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clock import NOON
from tests.support.environment import User
from tests.support.hostile import HOSTILE, NOT_UTF8
from watchkeeper.adapters.scheduler import cron_line
from watchkeeper.adapters.scheduler.naming import Owner
from watchkeeper.adapters.scheduler.port import Job

NAME = Owner("0a1b2c3d").name("x", NOON)
LINE = cron_line.line(Job("x", NOON, ("/bin/true",), "/", "it"), NAME, NOON)
CRONTAB = st.text(st.sampled_from("a#%\\ \n\r\t*0w\udcff"))
SHELLS = [each for each in ("/bin/sh", "/bin/dash", "/bin/bash") if os.path.exists(each)]


def cron_makes(command: str) -> str:
    r"""Return what cron hands to the shell: `\%` becomes `%`, and of two backslashes one (as Debian's does)."""
    made = ""
    escaped = False
    for each in command:
        if escaped and each not in "%\\":
            made += "\\"
        assert escaped or each != "%"
        escaped = each == "\\" and not escaped
        made += "" if escaped else each
    return made + ("\\" if escaped else "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sh")
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("cron", [cron_makes, str], ids=["cron unescapes", "cron leaves it"])
def test_words_reach_the_program(real_processes: User, shell: str, cron: object) -> None:
    """Every word, and all of them together in one word, is the same again behind cron and the shell."""
    words = [*HOSTILE, NOT_UTF8, "".join(HOSTILE), "\\\\\\", "\\\\%%\\%"]
    script = "import os, sys; print([os.fsencode(word) for word in sys.argv[1:]])"
    quoted = [cron_line.quoted(word) for word in (sys.executable, "-I", "-c", script, *words)]
    command = cron_makes(" ".join(quoted)) if cron is cron_makes else " ".join(quoted)

    done = subprocess.run([shell, "-c", command], capture_output=True, check=True)

    assert repr([os.fsencode(word) for word in words]) == done.stdout.decode().strip()


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=())))
def test_word_is_safe_in_a_crontab(word: str) -> None:
    """A word has no line end, no bare `%`, and never two backslashes beside each other."""
    quoted = cron_line.quoted(word)

    assert "\n" not in quoted
    assert "\\\\" not in quoted
    assert "%" not in quoted.replace("\\%", "")


@given(CRONTAB)
def test_crontab_is_preserved(before: str) -> None:
    """Our line put in and taken out again leaves every other byte; a line end is added where cron wants one."""
    ended = before if before.endswith("\n") or not before else before + "\n"

    changed = LINE + cron_line.without(before, set())

    assert [NAME] == list(cron_line.names(changed))
    assert ended == cron_line.without(changed, {NAME})


@given(CRONTAB, st.integers(0, 20))
def test_line_is_found_wherever_the_user_moves_it(around: str, at_line: int) -> None:
    """Our line is taken out also where an editor has moved it and given it another line end."""
    lines = around.split("\n")
    moved = [*lines[:at_line], LINE.rstrip("\n") + "\r", *lines[at_line:], ""]

    assert "\n".join([*lines, ""]).rstrip("\n") == cron_line.without("\n".join(moved), {NAME}).rstrip("\n")


def test_line_that_was_switched_off_is_not_held() -> None:
    """A line that somebody has made a comment starts nothing, and is still taken out with the rest."""
    crontab = f"# {LINE}0 5 * * 1 backup\n"

    assert [] == list(cron_line.names(crontab))
    assert [NAME] == list(cron_line.names(crontab, switched_off=True))
    assert "0 5 * * 1 backup\n" == cron_line.without(crontab, {NAME})


@pytest.mark.parametrize(
    "crontab",
    [f"0 5 * * 1 echo {NAME}\n", f"0 5 * * 1 echo # {NAME} is mine\n", f"{NAME}=1\n", "MAILTO=watchkeeper\n"],
    ids=["argument", "comment", "variable", "other"],
)
def test_other_lines_are_not_ours(crontab: str) -> None:
    """A line that only mentions a name of ours is the user's."""
    assert [] == list(cron_line.names(crontab, switched_off=True))
    assert crontab == cron_line.without(crontab, {NAME})


def test_line_waits_for_its_time() -> None:
    """Before anything else the line looks at the clock, in a way that no cron's treatment of `%` can change."""
    command = LINE.split(" ", 5)[5]

    assert command.startswith(f"[ $(date +\\%s) -ge {NOON:.0f} ] || exit 0; ")
    assert cron_makes(command).startswith(f"[ $(date +%s) -ge {NOON:.0f} ] || exit 0; ")
