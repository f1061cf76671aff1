"""The daemon's looks: figures taken in, warnings given, requests carried out, and no failure that ends it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.scene import SESSION, Scene
from tests.monitor.watch import Watch
from tests.support.clock import SettableClock
from watchkeeper.app import App
from watchkeeper.monitor import MonitorConfig, SessionMonitorDaemon, requests, running, termination
from watchkeeper.monitor.target import Target
from watchkeeper.monitor.workspace import HISTORY, REQUEST, RESULT, Workspace, slug_of


def workspace_of(watch: Watch) -> Workspace:
    from watchkeeper.monitor.workspace import workspace_of

    return workspace_of(str(watch.project), os.path.join(watch.scene.paths.state, "workspaces"))


def test_transcripts_are_taken_in(watch: Watch) -> None:
    """A session without our hooks is in the ledger as soon as its transcript changes; so are its sub-agents."""
    watch.look(watch.write(1_000))
    assert 1_000 == watch.input_tokens()
    watch.look(watch.write(500))
    watch.look(watch.write(70, agent="a1"), watch.write(1))
    assert 1_571 == watch.input_tokens()
    watch.look("/elsewhere/x.jsonl", watch.scene.paths.projects + "/gone.jsonl")
    assert 1_571 == watch.input_tokens()


def test_growth_too_large_for_a_look_is_taken_in_whole(watch: Watch) -> None:
    """What a hook would leave to the background is read at once."""
    watch.look(watch.write(1))
    path = ""
    for _ in range(900):
        path = watch.write(1)
    assert os.path.getsize(path) > 256 * 1024

    watch.look(path)

    assert 901 == watch.input_tokens()


def test_warnings_and_history(watch: Watch) -> None:
    """A session near its end is told of once, and its tokens are in the workspace's history."""
    watch.scene.report(85.0, 200)
    watch.look(watch.write())
    assert [] == watch.notices
    for _ in range(30):
        watch.look()

    (notice,) = watch.notices
    assert "85% of the quota is used (reported)" in notice
    lines = Path(workspace_of(watch).path(HISTORY)).read_text(encoding="utf-8").splitlines()
    assert [(SESSION, 85.0, "reported")] == [
        (line["session_id"], line["usage_pct"], line["source"]) for line in map(json.loads, lines)
    ]


@pytest.mark.parametrize("how", ["off", "snoozed"])
def test_muted_is_muted(watch: Watch, how: str) -> None:
    """Who has switched Watchkeeper off, or alerts for a while, hears nothing of the monitor either."""
    watch.scene.report(95.0, 200)
    assert 0 == watch.scene.run(*(("off",) if how == "off" else ("snooze", "2h"))).code
    watch.daemon.app.settings = watch.scene.app().settings
    watch.look(watch.write())
    for _ in range(30):
        watch.look()

    assert [] == watch.notices


@pytest.mark.usefixtures("real_processes")
def test_a_request_is_carried_out(watch: Watch) -> None:
    """Looked at until the session has ended and goes on, and told once."""
    where = workspace_of(watch)
    watch.look(watch.write())
    request = termination.made(
        session_id=SESSION,
        project=str(watch.project),
        reason="r",
        continuation_command=("claude",),
        requested_at=watch.clock.at,
    )
    termination.file_request(where, request)
    for _ in range(4):
        watch.look()

    assert (["interrupt"], 1) == (watch.world.signals, len(watch.world.opened))
    assert ["my-app: ended and started again (tmux attach -t =watchkeeper)."] == watch.notices


@pytest.mark.usefixtures("real_processes")
def test_two_sessions_of_a_folder_are_both_ended(watch: Watch) -> None:
    """Asked for one after the other, before either was looked at, both are ended and told of."""
    where = workspace_of(watch)
    watch.look(watch.write())
    for session_id in (SESSION, "another"):
        request = termination.made(
            session_id=session_id, project=str(watch.project), reason="r", requested_at=watch.clock.at
        )
        termination.file_request(where, request)
    waiting = [where.project for where, _ in requests.waiting(os.path.dirname(where.folder))]
    watch.world.ends_after = 2
    for _ in range(4):
        watch.look()

    assert [str(watch.project)] * 2 == waiting
    assert (["interrupt"] * 2, []) == (watch.world.signals, where.requests())
    assert ["my-app: the session was ended."] * 2 == watch.notices


def test_a_damaged_request_stops_no_other(watch: Watch) -> None:
    """What cannot be read is told and put away; the next workspace has its turn."""
    where = workspace_of(watch)
    where.write(REQUEST, "{")
    watch.look()

    assert not os.path.exists(where.path(REQUEST))
    assert "refused" == json.loads(Path(where.path(RESULT)).read_text(encoding="utf-8"))["outcome"]
    assert ["cannot be used" in notice for notice in watch.notices] == [True]


@pytest.mark.usefixtures("real_processes")
@pytest.mark.parametrize(
    ("auto_terminate", "expected"), [(False, []), (True, ["interrupt"])], ids=["default", "wanted"]
)
def test_ended_unasked_only_where_that_is_wanted(watch: Watch, auto_terminate: bool, expected: list[str]) -> None:
    """At critical a session is ended by itself where the user says so, and once: not again while it stays critical."""
    watch.begin_anew(MonitorConfig(auto_terminate=auto_terminate))
    watch.scene.report(91.0, 200)
    watch.look(watch.write())
    for _ in range(10):
        watch.look()

    assert expected == watch.world.signals
    assert [("--resume", SESSION)] * len(expected) == [opening.argv[1:] for opening in watch.world.opened]


def test_a_refusal_stands(watch: Watch) -> None:
    """A session that may not be ended is not tried again and again."""
    watch.begin_anew(MonitorConfig(auto_terminate=True))
    watch.world.target = Target(None, doubt="no")
    watch.scene.report(91.0, 200)
    watch.look(watch.write())
    for _ in range(5):
        watch.look()

    assert 1 == len([notice for notice in watch.notices if "nothing was ended" in notice])


@pytest.mark.usefixtures("real_processes")
def test_two_sessions_of_a_project_do_not_end_each_other_for_ever(watch: Watch) -> None:
    """Each that is critical is ended once, whichever was ended last."""
    watch.begin_anew(MonitorConfig(auto_terminate=True, restart_backoff_seconds=0))
    other = SESSION[:-1] + ("0" if SESSION[-1] != "0" else "1")
    watch.scene.report(91.0, 200)
    for number in range(30):
        watch.world.ends_after = len(watch.world.signals) + 1 if number % 3 == 0 else watch.world.ends_after
        watch.look(watch.write(), watch.write(name=other))

    assert sorted([SESSION, other]) == sorted(opening.argv[2] for opening in watch.world.opened)


def test_a_workspace_that_cannot_be_written_stops_nothing_else(watch: Watch) -> None:
    """What others have put in a workspace's place keeps no request of another one waiting."""
    where = workspace_of(watch)
    os.makedirs(os.path.dirname(where.folder))
    Path(where.folder).write_text("in the way", encoding="utf-8")
    damaged = Workspace("/elsewhere/other", os.path.join(os.path.dirname(where.folder), slug_of("/elsewhere/other")))
    damaged.write(REQUEST, "{")
    watch.look(watch.write())

    assert not os.path.exists(damaged.path(REQUEST))


@pytest.mark.parametrize("error", [OSError("OS file watch limit reached"), RuntimeError("watching failed")])
def test_where_watching_fails_it_polls(watch: Watch, scene: Scene, error: Exception) -> None:
    """A system that has no more notifications to give does not end the daemon."""
    scene.settings(session_monitor={"check_interval_seconds": 1.0})
    told: list[str] = []

    def changes(*_: object) -> Iterator[list[str]]:
        raise error
        yield []

    def look(changed: object = ()) -> None:
        found = running.read(watch.daemon.app.paths)
        told.append("" if found is None else found.watches)
        if len(told) == 2:
            watch.daemon.stop()

    watch.begin_anew(changes=changes)
    watch.daemon.tick = look  # type: ignore[method-assign]

    assert watch.daemon.start()
    assert ["notification", "polling"] == told


def test_a_failure_ends_one_look_only(watch: Watch, scene: Scene) -> None:
    """Whatever goes wrong is logged, and the ledger that is found damaged is opened anew."""
    looks: list[str] = []

    def changes(*_: object) -> Iterator[list[str]]:
        for number in range(3):
            looks.append("look")
            if number == 0:
                watch.daemon.app.ledger.usage.execute("ALTER TABLE sessions RENAME TO lost")
            if number == 1:
                with scene.ledger as ledger:
                    ledger.usage.execute("ALTER TABLE lost RENAME TO sessions")
            yield []
        watch.daemon.stop()

    watch.begin_anew(changes=changes)

    assert watch.daemon.start()
    assert 3 == len(looks)
    assert "monitor" in Path(scene.paths.logs, "hooks.log").read_text(encoding="utf-8")


def test_polling_where_nothing_tells_of_changes(watch: Watch, scene: Scene, app: App) -> None:
    """Without file notification everything is looked through at each interval."""
    config = MonitorConfig(check_interval_seconds=0.01)
    watch.begin_anew(config)
    told: list[str] = []

    def look(changed: object = ()) -> None:
        original(changed)  # type: ignore[arg-type]
        found = running.read(app.paths)
        told.append("" if found is None else found.watches)
        if len(told) == 1:
            watch.write(5)
        if len(told) == 3:
            watch.daemon.stop()

    original = watch.daemon.tick
    watch.daemon.tick = look  # type: ignore[method-assign]
    watch.daemon.start()

    assert ["polling"] * 3 == told
    assert 5 == watch.input_tokens()
    assert running.read(app.paths) is None
    assert not running.is_running(app.paths)


def test_a_second_one_does_not_begin(watch: Watch, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the lock is held another daemon leaves at once."""
    monkeypatch.setattr(running, "_LOOKED_AT_S", 0.05)
    with running.lock_of(app.paths):
        assert not watch.daemon.start()


def test_python_interface(scene: Scene, clock: SettableClock) -> None:
    """A daemon is made of options alone."""
    daemon = SessionMonitorDaemon(MonitorConfig(check_interval_seconds=60), config_dir=scene.paths.config)

    assert 60 == daemon.config.check_interval_seconds
    daemon.stop()
    daemon.app.ledger.close()
