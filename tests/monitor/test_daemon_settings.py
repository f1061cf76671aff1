"""A daemon that runs minds its settings: switched off it ends, and what a person writes counts at the next look."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.commands.scene import Scene
from tests.monitor.watch import Watch
from tests.support.clock import NOON


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


def test_a_settings_file_edited_by_hand_counts_at_the_next_look(watch: Watch, scene: Scene) -> None:
    """Nobody has to run a command before the daemon minds what was written; a file that is wrong changes nothing."""
    seen: list[float] = []
    file = Path(scene.paths.config_file)

    def changes(*_: object) -> Iterator[list[str]]:
        for number, value in enumerate(("33", "44", '"no number"')):
            file.write_text(f"[session_monitor]\ntoken_warning_threshold = {value}\n", encoding="utf-8")
            os.utime(file, (NOON + number, NOON + number))
            yield []
            seen.append(watch.daemon.config.token_warning_threshold)
        watch.daemon.stop()

    watch.begin_anew(changes=changes)
    watch.daemon.start()

    assert [33, 44, 44] == seen


def test_the_list_of_sessions_is_watched_once_the_client_has_made_it(watch: Watch, scene: Scene) -> None:
    """The folder of the sessions that run is not made for Claude Code; made later, it is watched from then on."""
    asked: list[tuple[str, ...]] = []
    sessions = Path(scene.paths.config, "sessions")
    were_there: list[bool] = []

    def changes(folders: tuple[str, ...], every_s: float, stopping: threading.Event) -> Iterator[list[str]]:
        asked.append(folders)
        were_there.append(sessions.exists())
        if len(asked) == 2:
            watch.daemon.stop()
        sessions.mkdir(exist_ok=True)
        while not stopping.is_set():
            yield []

    watch.begin_anew(changes=changes)
    watch.daemon.start()

    assert [False, True] == were_there
    assert [False, True] == [str(sessions) in folders for folders in asked]
