"""Doctor on what runs: figures that are unknown and why, notices, failures of hooks, mutes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.commands.scene import STORIES, Scene, moderate
from watchkeeper.adapters.scheduler.failing import FailingScheduler
from watchkeeper.adapters.scheduler.none import NoScheduler
from watchkeeper.adapters.scheduler.port import Scheduler
from watchkeeper.adapters.scheduler.recording import RecordingScheduler
from watchkeeper.adapters.terminal.failing import FailingTerminal
from watchkeeper.adapters.terminal.port import Terminal
from watchkeeper.adapters.terminal.recording import RecordingTerminal
from watchkeeper.doctor import running
from watchkeeper.doctor.finding import BROKEN, NOTE, OK, Finding


class Herald:
    """A notifier that works or has a reason not to."""

    def __init__(self, name: str, reason: str | None) -> None:
        self.name = name
        self._reason = reason

    def unavailable(self) -> str | None:
        return self._reason

    def send(self, title: str, body: str) -> None:
        raise AssertionError("doctor shows no notice")


NOTIFIERS = (Herald("bell", "there is no bell here"), Herald("flag", None))
NOTHING = FailingScheduler("no daemon runs")
SCHEDULERS = (NOTHING, RecordingScheduler(), NoScheduler())
TERMINALS = (FailingTerminal("there is no desktop"), RecordingTerminal())


def about(
    topic: str,
    scene: Scene,
    schedulers: Sequence[Scheduler] = SCHEDULERS,
    terminals: Sequence[Terminal] = TERMINALS,
) -> list[Finding]:
    found = running.findings(scene.app(), NOTIFIERS, schedulers, terminals)
    return [each for each in found if each.topic == topic]


@pytest.mark.parametrize(
    ("story", "state", "said"),
    [
        ("moderate", OK, "Reported 2m ago: 42%."),
        ("measured", OK, "Measured just now: 42%."),
        ("api-key", NOTE, "pays by the token"),
        ("empty", NOTE, "in the VS Code panel it never does"),
    ],
)
def test_what_is_unknown_and_why(scene: Scene, story: str, state: str, said: str) -> None:
    """A figure that is not known comes with its reason."""
    STORIES[story](scene)

    found = about("Quota", scene)

    assert [state] == [each.state for each in found]
    assert said in found[0].text


def test_sessions_without_a_status_line_are_counted(scene: Scene) -> None:
    """Sessions of the VS Code panel report no limits, and that is said."""
    moderate(scene)
    scene.session("panel")
    scene.response(30, session_id="panel", tokens=(1, 2, 3, 4))

    assert ["1 of 2 sessions of the last week"] == [each.text[:32] for each in about("Status line", scene)]


def test_every_notifiers_reason(scene: Scene) -> None:
    """The one in use is named, and why the others are not."""
    assert [(OK, "flag shows desktop notices."), (OK, "bell: there is no bell here.")] == [
        (each.state, each.text) for each in about("Notices", scene)
    ]


def test_a_chosen_notifier_that_does_not_work_is_broken(scene: Scene) -> None:
    """Whoever asked for one by name is told why it is silent."""
    scene.settings(notices={"notifier": "bell"})

    assert BROKEN == about("Notices", scene)[0].state
    assert "there is no bell here" in about("Notices", scene)[0].text


@pytest.mark.parametrize(
    ("chosen", "schedulers", "state", "said"),
    [
        ("auto", SCHEDULERS, OK, "recording starts booked sessions."),
        ("none", SCHEDULERS, OK, "Booked sessions are started by hand, as the settings say."),
        ("failing", SCHEDULERS, BROKEN, "failing is chosen and does not work: no daemon runs."),
        ("cronie", SCHEDULERS, BROKEN, "cronie is chosen and does not work: there is no scheduler called cronie;"),
        ("auto", (NOTHING, NoScheduler()), NOTE, "Nothing here can start a session at its time"),
    ],
    ids=["first", "by hand", "does not work", "unknown", "nothing"],
)
def test_scheduler_in_use(scene: Scene, chosen: str, schedulers: Sequence[Scheduler], state: str, said: str) -> None:
    """What starts booked sessions is named, or why nothing does."""
    scene.settings(automation={"scheduler": chosen})

    found = about("Scheduler", scene, schedulers)

    assert state == found[0].state
    assert said in found[0].text


def test_every_schedulers_reason(scene: Scene) -> None:
    """Each scheduler that does not work here says why."""
    assert [(OK, "failing: no daemon runs.")] == [(each.state, each.text) for each in about("Scheduler", scene)[1:]]


@pytest.mark.parametrize(
    ("chosen", "terminals", "state", "said"),
    [
        ("auto", TERMINALS, OK, "Booked sessions open in recording."),
        ("failing", TERMINALS, BROKEN, "failing is chosen and does not work: there is no desktop."),
        ("auto", TERMINALS[:1], NOTE, "No terminal can be opened from here: a booked session can only be headless."),
    ],
    ids=["first", "does not work", "nothing"],
)
def test_terminal_in_use(scene: Scene, chosen: str, terminals: Sequence[Terminal], state: str, said: str) -> None:
    """Where booked sessions open is named, or why they cannot."""
    scene.settings(automation={"terminal": chosen})

    found = about("Terminal", scene, terminals=terminals)

    assert (state, said) == (found[0].state, found[0].text)


def test_failures_of_hooks_in_the_last_week(scene: Scene) -> None:
    """The log's recent lines are told, older ones and nonsense are not."""
    log = Path(scene.paths.logs, "hooks.log")
    log.parent.mkdir(parents=True)
    lines = [f"{scene.now - days * 86_400:.0f} Stop ValueError at x.py:{days}: no" for days in (9, 5, 2, 1, 0)]
    log.write_text("\n".join(["nonsense", *lines]) + "\n", encoding="utf-8")

    found = about("Hooks", scene)

    assert {NOTE} == {each.state for each in found}
    assert "4 failures in the last week" in found[0].text
    assert ["x.py:2", "x.py:1", "x.py:0"] == [each.text.split(" at ")[1].split(": ")[0] for each in found[1:]]


def test_no_failure_is_good_news(scene: Scene) -> None:
    """Without a log all is well."""
    assert [OK] == [each.state for each in about("Hooks", scene)]


@pytest.mark.parametrize(
    ("words", "said"),
    [((), "On."), (("snooze", "2h"), "Snoozed everywhere until 14:00"), (("off",), "Off everywhere")],
)
def test_mutes_are_told(scene: Scene, words: tuple[str, ...], said: str) -> None:
    """Whoever wonders about the silence is told."""
    if words:
        scene.run(*words)

    assert about("Watching", scene)[0].text.startswith(said)
