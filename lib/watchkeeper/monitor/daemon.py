"""The daemon: one per user, woken by changes of transcripts and requests, near idle between them."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from filelock import Timeout

from watchkeeper import mutes
from watchkeeper.app import App, Surroundings
from watchkeeper.core import clock, entry, state
from watchkeeper.core.account import account_of_session
from watchkeeper.core.ledger import Ledger
from watchkeeper.core.quota import read_quota
from watchkeeper.core.settings import are_stale, ledger_dir, load
from watchkeeper.errors import UserError

from . import intake, monitor_config, requests, running, warnings
from .tracker import usage_of
from .workspace import REQUEST, workspace_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .ending import Doors
    from .monitor_config import MonitorConfig
    from .tracker import TokenUsage
    from .workspace import Workspace

NOTIFICATION, POLLING = "notification", "polling"
# Sessions that gave a sign within this time are looked at.
_LIVE_S = 600.0
# A change is waited with until nothing changes any more, but not for longer than the first of these.
_DEBOUNCE_MS, _STEP_MS = 400, 200
# So often the tokens of a session that works are written into its workspace's history.
_HISTORY_S = 30.0


class Outside(NamedTuple):
    """What the daemon uses of the world, or a test in its place."""

    notify: Callable[[App, str], None]
    doors: Callable[[App], Doors]
    changes: Callable[[tuple[str, ...], float, threading.Event], Iterator[list[str]]] | None
    """Yields the files that changed below these folders, nothing after so many seconds; None where it cannot."""
    clock_s: Callable[[], float] = time.monotonic
    """Only runs forward."""


def real_outside() -> Outside:
    """Return the world itself."""
    return Outside(_notify, _doors, _watched if _can_watch() else None)


class SessionMonitorDaemon:
    """Keeps readings fresh, warns in time, and carries out requests, until it is stopped."""

    def __init__(
        self,
        config: MonitorConfig | None = None,
        *,
        surroundings: Surroundings | None = None,
        config_dir: str | None = None,
        outside: Outside | None = None,
    ) -> None:
        """Take the options, by default those of the settings, which are read again when they change."""
        self._given = config
        self._surroundings = surroundings or Surroundings.of_this_process()
        self.app = App(self._surroundings, config_dir)
        """What the daemon works with; its time is that of the last look."""
        self._outside = outside or real_outside()
        self._stopping = threading.Event()
        self._intake = intake.Intake()
        self._requests = requests.Requests()
        self._warnings = warnings.Warnings(self._outside.clock_s)
        self._noted: dict[str, tuple[float, int | None]] = {}

    @property
    def config(self) -> MonitorConfig:
        """The options that count now."""
        return self._given or monitor_config.config_of(self.app.settings)

    def start(self) -> bool:
        """Work until `stop` is called; False at once where another daemon runs already."""
        app = self.app
        lock = running.lock_of(app.paths)
        try:
            lock.acquire()
        except Timeout:
            app.ledger.close()
            return False
        try:
            since_at = clock.now()
            running.tell(app.paths, since_at, POLLING if self._outside.changes is None else NOTIFICATION)
            self._work(since_at)
        finally:
            running.forget(app.paths)
            app.ledger.close()
            lock.release()
        return True

    def stop(self) -> None:
        """Let the work end; may be called from a signal's handler or another thread."""
        self._stopping.set()

    def tick(self, changed: Iterable[str] = ()) -> None:
        """Take in what has changed, warn of what is near, and carry out what was requested."""
        app = self.app
        app.now = clock.now()
        self._intake.take_in(app, changed)
        config = self.config
        base = monitor_config.base_of(config, app.paths)
        for session_id, project, account in _live(app):
            try:
                self._look_at(session_id, workspace_of(project, base), account)
            except (OSError, UserError) as error:
                # A workspace that cannot be written keeps no other from its turn.
                entry.log_failure("monitor", error, app.environ)
        for text in self._warnings.due(app):
            self._outside.notify(app, text)
        if requests.waiting(base):
            for text in self._requests.carry_out(app, base, config, self._outside.doors(app)):
                self._outside.notify(app, text)

    def _look_at(self, session_id: str, where: Workspace, account: str) -> None:
        app, config = self.app, self.config
        found = usage_of(app, session_id, config, where.project)
        muted = {what for what in (mutes.EVERYTHING, mutes.ALERTS) if _is_muted(app, where.project, what)}
        if not muted:
            self._warnings.time_left(app, read_quota(app.ledger, app.settings, account, app.now))
            self._warnings.tokens(app, where, found, config)
        self._note(where, found)
        if config.auto_terminate and mutes.EVERYTHING not in muted and requests.is_wanted(found):
            requests.file_for(app, where, found)

    def _work(self, since_at: float) -> None:
        changes = self._outside.changes
        self._look([])
        while not self._stopping.is_set():
            if changes is None:
                self._stopping.wait(self.config.check_interval_seconds)
                self._intake.is_stale = True
                self._look([])
                continue
            try:
                self._follow(changes)
            except (OSError, RuntimeError) as error:
                # The system has no notifications to give, or not enough of them.
                entry.log_failure("monitor", error, self.app.environ)
                changes = None
                running.tell(self.app.paths, since_at, POLLING)

    def _follow(self, changes: Callable[[tuple[str, ...], float, threading.Event], Iterator[list[str]]]) -> None:
        """Look at each change, until there are other folders to watch or another interval."""
        every_s, folders = self.config.check_interval_seconds, self._folders()
        for changed in changes(folders, every_s, self._stopping):
            self._look(changed)
            if (self.config.check_interval_seconds, self._folders()) != (every_s, folders):
                break

    def _folders(self) -> tuple[str, ...]:
        """Return what to watch: transcripts, workspaces, and the client's list of sessions once it has made that."""
        paths = self.app.paths
        folders = (paths.projects, monitor_config.base_of(self.config, paths))
        for folder in folders:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        sessions = os.path.join(paths.config, "sessions")
        return (*folders, sessions) if os.path.isdir(sessions) else folders

    def _look(self, changed: list[str]) -> None:
        if self._stopping.is_set():
            return
        self.app.settings = self._settings()
        if not self.config.enabled:
            self.stop()
            return
        self._safely(partial(self.tick, changed))

    def _settings(self) -> dict[str, dict[str, Any]]:
        """The settings as they are now, also where somebody has edited their file and no command has read it since."""
        app = self.app
        settings = load(app.paths)
        if are_stale(app.paths, settings):
            from watchkeeper.config import compiled

            # Where the file is wrong, or the disk is full, the settings in force stay.
            with contextlib.suppress(UserError, OSError):
                compiled.compile_settings(app.paths, app.environ)
            settings = load(app.paths)
        return settings

    def _note(self, where: Workspace, found: TokenUsage) -> None:
        at, tokens = self._noted.get(found.session_id, (0.0, None))
        if tokens == found.estimated_tokens or 0.0 <= self.app.now - at < _HISTORY_S:
            return
        self._noted[found.session_id] = (self.app.now, found.estimated_tokens)
        where.note(
            {
                "at": self.app.now,
                "session_id": found.session_id,
                "estimated_tokens": found.estimated_tokens,
                "usage_pct": found.usage_pct,
                "source": found.source,
            }
        )

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except sqlite3.DatabaseError as error:
            # A ledger that is damaged or locked for long is opened anew at the next look.
            entry.log_failure("monitor", error, self.app.environ)
            self.app.ledger.close()
            self.app.ledger = Ledger(ledger_dir(self.app.paths, self.app.settings), clock.now())
        except Exception as error:  # noqa: BLE001 - whatever goes wrong at one look, the next one is taken
            entry.log_failure("monitor", error, self.app.environ)


def _is_muted(app: App, project: str, what: str) -> bool:
    is_off = what == mutes.EVERYTHING and not app.settings["watch"]["enabled"]
    return is_off or state.is_muted(app.ledger.state, project, what, app.now)


def _notify(app: App, text: str) -> None:
    from watchkeeper.adapters.notifier import choose

    if app.settings["notices"]["desktop"]:
        choose.notify(app.settings, "Watchkeeper", text)


def _doors(app: App) -> Doors:
    # Not before somebody asks for an end: most of what it needs is needed for nothing else.
    from . import ending

    return ending.real_doors(app)


def _can_watch() -> bool:
    try:
        import watchfiles  # noqa: F401 - whether the system has it is known when it is loaded
    except ImportError:
        return False
    return True


def _watched(folders: tuple[str, ...], every_s: float, stopping: threading.Event) -> Iterator[list[str]]:
    from watchfiles import Change, watch

    for changes in watch(
        *folders,
        # What is put into a new folder at once is told of by the folder alone.
        watch_filter=lambda change, path: change == Change.added or _counts(os.path.basename(path)),
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stopping,
        rust_timeout=int(every_s * 1000),
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        yield [path for _, path in changes]


def _counts(name: str) -> bool:
    return name.endswith((".jsonl", ".json")) or name.startswith(REQUEST)


def _live(app: App) -> list[tuple[str, str, str]]:
    """The sessions that gave a sign lately and have not ended: id, project and account."""
    rows = app.ledger.usage.execute(
        "SELECT session_id, project FROM sessions WHERE last_at >= ? AND project <> ''"
        " AND (ended_at IS NULL OR ended_at < last_at) ORDER BY last_at DESC",
        (app.now - _LIVE_S,),
    ).fetchall()
    return [(row[0], row[1], account_of_session(app.ledger, row[0], app.paths, app.environ)) for row in rows]
