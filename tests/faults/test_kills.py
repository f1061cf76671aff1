"""Commands and hooks killed at random points: what is stored stays whole, the totals exact, and the next run works."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support.command_table import READING, WRITING
from tests.support.household import HOOKS, NOTE, PLANNED, REMARK, Household, ended_badly, files_below

Start = Callable[[], "subprocess.Popen[bytes]"]


def victims(household: Household) -> dict[str, Start]:
    """Return what starts each writing command, each hook and the status line, by name."""
    commands = {" ".join(words): (household.command_words(words), "") for words in WRITING}
    hooks = {event: (household.hook_words(event), household.told(event)) for event in (*HOOKS, "StatusLine")}
    return {name: partial(_start, household, words, told) for name, (words, told) in (commands | hooks).items()}


@pytest.mark.parametrize(
    "kills", [pytest.param(8, id="8 kills"), pytest.param(500, id="500 kills", marks=pytest.mark.slow)]
)
def test_a_kill_breaks_nothing(
    household: Household, kills: int, record_property: Callable[[str, object], None]
) -> None:
    """Killed anywhere, each leaves both files whole, what people wrote entire, and the totals exact."""
    totals, persons = household.totals(), household.persons_files()
    chance = random.Random(13)
    started = victims(household)
    # The few of the short run are others than the first of the table.
    order = list(started) if kills >= len(started) else chance.sample(list(started), len(started))
    lasts_s: dict[str, float] = {}
    killed = dict.fromkeys(started, 0)
    while sum(killed.values()) < kills:
        for name in order:
            if sum(killed.values()) == kills:
                break
            if name not in lasts_s:
                lasts_s[name] = _kill(started[name], None)[1]
            # Most of the work is near the end.
            is_killed, lasted_s = _kill(started[name], chance.triangular(0.0, 1.1 * lasts_s[name], lasts_s[name]))
            killed[name] += is_killed
            if not is_killed:
                lasts_s[name] = lasted_s
            now = household.persons_files()
            assert persons == {path: now.get(path) for path in persons}, name
            assert ["ok", "ok"] == household.integrity(), name
            assert [REMARK, NOTE, PLANNED] == household.persons_words(), name

    assert totals == household.totals()
    assert {} == ended_badly(household, (*READING, *WRITING) if kills > len(started) else WRITING[:3])
    assert totals == household.totals()
    assert [] == [path for path in files_below(household.user.config) if not is_entire(path)]
    assert kills < len(started) or all(killed.values()), killed
    record_property("kills", sum(killed.values()))
    record_property("commands and hooks that were killed", sum(map(bool, killed.values())))


def is_entire(path: Path) -> bool:
    """Return whether a document reaches from its beginning to its end; any other file has its own check."""
    if path.suffix == ".writing":
        # Aside, and nobody's document before it is moved into place.
        return True
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".json":
        return json.loads(text) is not None
    if path.suffix == ".ics":
        return text.startswith("BEGIN:VCALENDAR") and text.rstrip().endswith("END:VCALENDAR")
    if path.parent.name == "session-handoffs":
        return text.startswith("---\n") and f'\nid: "{path.stem}"\n' in text and text.endswith("\n")
    return True


def _start(household: Household, words: list[str], told: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, *words],
        env=household.environ,
        cwd=household.project,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(told.encode())
    process.stdin.close()
    return process


def _kill(start: Start, after_s: float | None) -> tuple[bool, float]:
    """Start a program and return whether it was killed at work, and how long it lasted; None lets it end by itself."""
    began = time.monotonic()
    with start() as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.returncode == -signal.SIGKILL, time.monotonic() - began
