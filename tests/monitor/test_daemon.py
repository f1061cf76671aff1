"""The daemon's looks: figures taken in, warnings given, requests carried out, and no failure that ends it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scene import SESSION, Scene
from tests.monitor.outside import World
from tests.support.clock import NOON, SettableClock
from watchkeeper.app import App
from watchkeeper.monitor import MonitorConfig, SessionMonitorDaemon, running, termination
from watchkeeper.monitor.daemon import Outside
from watchkeeper.monitor.target import Target
from watchkeeper.monitor.workspace import HISTORY, REQUEST, RESULT, Workspace, slug_of

RECORD: dict[str, Any] = {
    "type": "assistant",
    "sessionId": SESSION,
    "requestId": "req_1",
    "message": {
        "id": "msg_1",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [],
        "usage": {
            "input_tokens": 1_000,
            "output_tokens": 20,
            "cache_creation_input_tokens": 300,
            "cache_read_input_tokens": 4_000,
        },
    },
}


class Watch:
    """A daemon that is looked after by hand, with a clock that the test moves."""

    def __init__(self, scene: Scene, world: World, clock: SettableClock, project: Path) -> None:
        self.scene, self.world, self.clock, self.project = scene, world, clock, project
        self.notices: list[str] = []
        self.changes: Callable[..., Iterator[list[str]]] | None = None
        self.monotonic_s = 0.0
        self.daemon = self.made()

    def made(self, config: MonitorConfig | None = None) -> SessionMonitorDaemon:
        app = self.scene.app(environ={"PATH": os.path.dirname(self.world.program)})
        daemon = SessionMonitorDaemon(
            config,
            surroundings=app.surroundings,
            outside=Outside(
                lambda _, text: self.notices.append(text),
                lambda _: self.world.doors,
                self.changes,
                lambda: self.monotonic_s,
            ),
        )
        app.ledger.close()
        return daemon

    def begin_anew(
        self, config: MonitorConfig | None = None, changes: Callable[..., Iterator[list[str]]] | None = None
    ) -> None:
        """Have another daemon, which learns of changes by `changes`."""
        self.daemon.app.ledger.close()
        self.changes = changes
        self.daemon = self.made(config)

    def write(self, tokens: int = 1_000, name: str = SESSION, agent: str = "") -> str:
        """A response in a transcript, and where that is."""
        folder = Path(self.scene.paths.projects, "-my-app")
        path = folder / f"{name}.jsonl" if not agent else folder / name / "subagents" / f"agent-{agent}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        count = path.read_text(encoding="utf-8").count("\n") if path.exists() else 0
        usage = {**RECORD["message"]["usage"], "input_tokens": tokens}
        record = {
            **RECORD,
            "uuid": f"{name}-{agent}-{count}",
            "sessionId": name,
            "cwd": str(self.project),
            "timestamp": "2026-11-20T11:59:00.000Z",
            "requestId": f"req_{agent}_{count}",
            "message": {**RECORD["message"], "id": f"msg_{name}_{agent}_{count}", "usage": usage},
        }
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        return str(path)

    def input_tokens(self) -> int:
        with self.scene.ledger as ledger:
            return int(ledger.usage.execute("SELECT ifnull(sum(input_tokens), 0) FROM responses").fetchone()[0])

    def look(self, *changed: str, after_s: float = 5.0) -> None:
        self.clock.at += after_s
        self.monotonic_s += after_s
        self.world.monotonic_s += after_s
        self.daemon.tick(changed)


@pytest.fixture
def watch(scene: Scene, world: World, clock: SettableClock, tmp_path: Path) -> Iterator[Watch]:
    """A daemon that has not looked yet, and a session of a project."""
    project = tmp_path / "my-app"
    (project / ".git").mkdir(parents=True)
    clock.at = NOON
    scene.project = str(project)
    made = Watch(scene, world, clock, project)
    yield made
    made.daemon.app.ledger.close()


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


def test_switched_off_it_ends(watch: Watch, scene: Scene) -> None:
    """Whoever switches the monitor off has nothing ended by the one that runs."""
    looks: list[str] = []

    def changes(folders: tuple[str, ...], every_s: float, stopping: threading.Event) -> Iterator[list[str]]:
        scene.settings(session_monitor={"enabled": False})
        while not stopping.is_set() and len(looks) < 9:
            looks.append("look")
            yield []
        watch.daemon.stop()

    watch.begin_anew(changes=changes)
    watch.daemon.start()

    assert 1 == len(looks)


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


def test_folders_and_interval_follow_the_settings(watch: Watch, scene: Scene) -> None:
    """Watching begins anew where the settings say so."""
    asked: list[tuple[tuple[str, ...], float]] = []

    def changes(folders: tuple[str, ...], every_s: float, stopping: threading.Event) -> Iterator[list[str]]:
        asked.append((folders, every_s))
        if len(asked) == 2:
            watch.daemon.stop()
        scene.settings(session_monitor={"check_interval_seconds": 9.0})
        while not stopping.is_set():
            yield []

    watch.begin_anew(changes=changes)
    watch.daemon.start()

    assert [5, 9] == [every_s for _, every_s in asked]
    assert all(os.path.isdir(folder) for folder in asked[0][0])


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
