"""Carrying requests out: saved, asked to end, insisted on where that was wanted, and gone on with."""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scene import SESSION, Scene
from tests.monitor.outside import IDENTITY, World
from watchkeeper.app import App
from watchkeeper.errors import UserError
from watchkeeper.handoff import checkpoint
from watchkeeper.monitor import termination
from watchkeeper.monitor.ending import DONE, FAILED, REFUSED, WAITING, Ending, Endings
from watchkeeper.monitor.monitor_config import MonitorConfig
from watchkeeper.monitor.target import Target
from watchkeeper.monitor.workspace import REQUEST, RESULT, Workspace

CONFIG = MonitorConfig()


class Case:
    """A request in its workspace, looked at again and again."""

    def __init__(self, app: App, where: Workspace, world: World) -> None:
        self.app, self.where, self.world = app, where, world
        self.endings = Endings()
        self.app.environ = {**app.environ, "PATH": os.path.dirname(world.program)}

    def file(self, **fields: Any) -> None:
        known = {
            "session_id": SESSION,
            "project": self.where.project,
            "reason": "token_limit_approaching",
            "continuation_command": ("claude", "--resume", SESSION),
            "requested_at": self.app.now,
        }
        termination.file_request(self.where, termination.made(**{**known, **fields}))

    def look(self, after_s: float = 0.0, config: MonitorConfig = CONFIG) -> Ending:
        """Look at what waits, so many seconds after the last look."""
        self.app.now += after_s
        self.world.monotonic_s += after_s
        request = termination.waiting_in(self.where)
        assert request is not None
        return self.endings.carry_out(self.app, self.where, request, config, self.world.doors)

    @property
    def is_settled(self) -> bool:
        return not os.path.exists(self.where.path(REQUEST))


@pytest.fixture
def case(app: App, where: Workspace, world: World) -> Case:
    """A session that runs and can be ended."""
    return Case(app, where, world)


def test_asked_ended_and_gone_on_with(case: Case) -> None:
    """It is interrupted once, waited for, and after the back-off its continuation opens in a window."""
    case.file()

    assert WAITING == case.look().outcome
    assert WAITING == case.look(1).outcome
    assert [] == case.world.opened
    done = case.look(2)

    assert Ending(DONE, "ended and started again (tmux attach -t =watchkeeper)") == done
    assert ["interrupt"] == case.world.signals
    (opening,) = case.world.opened
    assert (case.world.program, "--resume", SESSION) == opening.argv
    assert case.where.project == opening.folder
    assert opening.environment["CLAUDE_CODE_SESSION_ID"] is None
    assert case.app.paths.config == opening.environment["CLAUDE_CONFIG_DIR"]
    assert case.is_settled


def test_without_a_continuation_it_just_ends(case: Case) -> None:
    """Nothing is started that was not asked for."""
    case.file(continuation_command=())
    case.look()

    assert Ending(DONE, "the session was ended") == case.look(1)
    assert [] == case.world.opened + case.world.started
    assert case.is_settled


def test_one_that_nobody_saw_goes_on_unseen(case: Case) -> None:
    """What ran headless is started again without a window."""
    case.world.target = case.world.target._replace(is_interactive=False)
    case.file()
    case.look()
    case.look(1)

    assert DONE == case.look(2).outcome
    assert ([], 1) == (case.world.opened, len(case.world.started))


def test_graceful_never_insists(case: Case) -> None:
    """A session that does not end within a minute is left alone, and that is told."""
    case.world.ends_after = 99
    case.file()
    case.look()

    assert WAITING == case.look(59).outcome
    told = case.look(2)
    assert FAILED == told.outcome
    assert "--priority immediate" in told.detail
    assert ["interrupt"] == case.world.signals
    assert case.is_settled


def test_immediate_insists(case: Case) -> None:
    """It is interrupted, terminated and killed, ten seconds apart."""
    case.world.ends_after = 99
    case.file(priority="immediate")
    case.look()
    case.look(5)
    assert ["interrupt"] == case.world.signals
    case.look(6)
    case.look(11)

    assert ["interrupt", "terminate", "kill"] == case.world.signals
    assert FAILED == case.look(11).outcome


@pytest.mark.parametrize(
    "fields",
    [{}, {"priority": "immediate"}],
    ids=["graceful", "immediate"],
)
def test_doubt_is_refused(case: Case, fields: dict[str, str]) -> None:
    """Where the process is not proved nothing is signalled, nothing started, and the doubt is told."""
    case.world.target = Target(None, doubt="process 1 belongs to another user")
    case.file(**fields)

    assert Ending(REFUSED, "nothing was ended: process 1 belongs to another user") == case.look()
    assert ([], []) == (case.world.signals, case.world.opened)
    told = json.loads(Path(case.where.path(RESULT)).read_text(encoding="utf-8"))
    assert SESSION == told["request"]["session_id"]
    assert case.is_settled


OTHER = Target(IDENTITY._replace(pid=4343), is_interactive=True)
GONE = Target(None, doubt="the session does not run any more", is_gone=True)


@pytest.mark.parametrize(
    ("target", "outcome", "detail"),
    [
        (Target(None, doubt="process 4242 runs vim"), REFUSED, "it is left alone: process 4242 runs vim"),
        (OTHER, REFUSED, "it is left alone: another process runs the session by now"),
        (GONE, WAITING, "it has ended and goes on in a moment"),
    ],
    ids=["doubt", "moved", "another session in its place"],
)
@pytest.mark.parametrize("when", ["while it is saved", "while it is waited for"])
def test_each_signal_is_proved_anew(
    case: Case, monkeypatch: pytest.MonkeyPatch, when: str, target: Target, outcome: str, detail: str
) -> None:
    """A process that holds another session by now is sent nothing more, however the end was insisted on."""
    case.world.ends_after = 99
    case.file(priority="immediate")
    if when == "while it is saved":
        monkeypatch.setattr(checkpoint, "refresh", lambda *_: setattr(case.world, "target", target))
    else:
        case.look()
        case.world.target = target
    before = list(case.world.signals)

    assert Ending(outcome, detail) == case.look(11)
    assert before == case.world.signals
    assert case.is_settled is (outcome == REFUSED)


@pytest.mark.parametrize(
    ("fields", "detail"),
    [({"project": "/home/ada/other"}, "another project"), ({"requested_at": 1.0}, "waited for too long")],
    ids=["other project", "yesterday's"],
)
def test_requests_out_of_place(case: Case, fields: dict[str, Any], detail: str) -> None:
    """A request in another project's workspace, or from long ago, ends nothing."""
    case.file(**fields)

    told = case.look()

    assert REFUSED == told.outcome
    assert detail in told.detail
    assert [] == case.world.signals


def test_one_that_has_ended_by_itself_goes_on(case: Case) -> None:
    """Whoever asked and left is gone on with in a window."""
    case.world.target = Target(None, doubt="the session does not run any more", is_gone=True)
    case.file()
    case.look()

    assert DONE == case.look(3).outcome
    assert ([], 1) == (case.world.signals, len(case.world.opened))


def test_back_off_doubles_and_ends(case: Case) -> None:
    """A continuation that does not start is tried as often as the settings say, each time after twice the wait."""
    case.world.failures = 99
    case.file()
    case.look()
    case.look(1)
    tries: list[int] = []
    told = Ending(WAITING, "")
    for second in range(60):
        if case.is_settled:
            break
        left = case.world.failures
        told = case.look(1)
        if case.world.failures < left:
            tries.append(second)

    assert [4, 8] == [later - earlier for earlier, later in pairwise(tries)]
    assert Ending(FAILED, "it was ended, and could not be started again in 3 tries") == told
    assert ["interrupt"] == case.world.signals


def test_clock_that_is_set_ends_nothing(case: Case) -> None:
    """Set while a session is waited for, it moves the time its process started at, which is no end of the session."""
    case.world.ends_after = 3
    case.file(priority="immediate")
    case.look()
    case.world.target = Target(IDENTITY._replace(started_at=IDENTITY.started_at + 3_600.0), is_interactive=True)

    assert [WAITING] * 4 == [case.look(after_s).outcome for after_s in (1, 1, 11, 11)]
    assert (["interrupt", "terminate", "kill"], []) == (case.world.signals, case.world.opened)
    assert [WAITING, DONE] == [case.look(1).outcome, case.look(3).outcome]


def test_clock_that_was_set_back_holds_nothing_up(case: Case) -> None:
    """The wait before a try is never longer than it was meant to be."""
    case.file()
    case.look()
    case.look(1)

    assert DONE == case.look(-86_400).outcome


def test_no_window_opens_a_day_later(case: Case) -> None:
    """Where no monitor ran when the session was to go on, nobody expects it to by then."""
    case.file()
    case.look()
    case.look(1)

    told = case.look(86_400)

    assert (FAILED, []) == (told.outcome, case.world.opened)
    assert "without a monitor" in told.detail
    assert case.is_settled


def test_a_program_that_is_not_there(case: Case) -> None:
    """A continuation that cannot be found is told, after all tries."""
    case.file(continuation_command=("no-such-program",))
    case.look()
    case.look(1)

    assert "not on the search path" in case.look(3).detail


def test_words_meet_no_shell(case: Case) -> None:
    """What looks like shell stays one word."""
    words = ("claude", "$(touch /tmp/x)", "; rm -rf /", "a b")
    case.file(continuation_command=words)
    case.look()
    case.look(1)
    case.look(2)

    assert words[1:] == case.world.opened[0].argv[1:]


def test_a_daemon_that_starts_again_asks_again_and_ends_nothing_else(case: Case) -> None:
    """What was ended is written down: a second daemon goes on, and does not look for a process."""
    case.file()
    case.look()
    case.look(1)
    case.endings = Endings()
    case.world.target = Target(None, doubt="somebody else runs there by now")

    assert DONE == case.look(2).outcome
    assert ["interrupt"] == case.world.signals


@pytest.mark.parametrize(("priority", "signals"), [("graceful", []), ("immediate", ["interrupt"])])
def test_unsaved_work(case: Case, monkeypatch: pytest.MonkeyPatch, priority: str, signals: list[str]) -> None:
    """Where the draft cannot be written a session is ended only by whoever insists."""

    def fails(*_: object) -> None:
        raise UserError("the disk is full")

    monkeypatch.setattr(checkpoint, "refresh", fails)
    case.file(priority=priority)
    case.look()

    assert signals == case.world.signals


def test_it_is_saved_before_it_is_asked(case: Case, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The draft is written while the session still runs."""
    order: list[str] = []
    monkeypatch.setattr(checkpoint, "refresh", lambda *_: order.append(f"save {len(case.world.signals)}"))
    case.file()
    case.look()

    assert (["save 0"], ["interrupt"]) == (order, case.world.signals)


def test_the_default_directory_is_not_spelled_out(case: Case) -> None:
    """Where the configuration is the usual one and nobody named it, the variable that would move it is taken away."""
    home = os.path.dirname(case.app.paths.config)
    case.app.environ = {**case.app.environ, "HOME": home, "USERPROFILE": home, "CLAUDE_CONFIG_DIR": ""}
    case.app.paths = case.app.paths._replace(config=os.path.join(home, ".claude"))
    case.file()
    case.look()
    case.look(1)
    case.look(2)

    assert case.world.opened[0].environment["CLAUDE_CONFIG_DIR"] is None
