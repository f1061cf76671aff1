"""`create-calendar-events` writes what is scheduled, follows every change, and leaves alone what is not its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import Ran, Scene
from tests.support.clock import NOON
from watchkeeper.core.ledger import Transaction
from watchkeeper.planner import rows
from watchkeeper.planner.calendar import standing_events
from watchkeeper.planner.calendar_events import create_events
from watchkeeper.planner.model import PlannedSession
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen

HOUR_S = 3_600.0
IMPLEMENTATION = PlannedSession(
    id="implementation",
    name="Implementation - Part 1/3",
    objectives=("Build API integration layer", "Implement error handling, with retries"),
    project="/home/ada/my-project",
    agent="implementation-agent",
    estimated_tokens=65_000,
    low_tokens=55_000,
    high_tokens=80_000,
    hours=3.0,
    at=NOON + 2.75 * HOUR_S + 300,
    state="scheduled",
    created_at=NOON - 86_400,
    changed_at=NOON - 60,
)
TESTING = IMPLEMENTATION.model_copy(
    update={
        "id": "testing",
        "name": "Testing",
        "objectives": (),
        "agent": "",
        "estimated_tokens": 22_000,
        "low_tokens": None,
        "high_tokens": None,
        "hours": 1.5,
        "at": NOON + 21 * HOUR_S,
    }
)
POLISH = TESTING.model_copy(update={"id": "polish", "name": "Polish", "hours": None, "at": None, "state": "ready"})


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Two sessions with a time and one without."""
    scene.settings(quota={"plan": "pro"}, planner={"time_zone": "Europe/Berlin"})
    scene.environ["TZ"] = "UTC"
    save(scene, IMPLEMENTATION, TESTING, POLISH)
    return scene


def save(scene: Scene, *sessions: PlannedSession, **changes: object) -> None:
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        for session in sessions:
            rows.write(db, session.model_copy(update=changes))


def run(scene: Scene, *options: str, now: float = NOON, **how: Any) -> Ran:
    return scene.run("create-calendar-events", *options, now=now, **how)


def view(scene: Scene, *options: str, now: float = NOON) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(run(scene, *options, "--json", now=now).out)
    return shown


def changes(shown: dict[str, Any]) -> dict[str, tuple[str, int]]:
    return {each["session_id"]: (each["change"], each["sequence"]) for each in shown["events"]}


def folder(scene: Scene) -> Path:
    return Path(scene.paths.config, "calendar")


def contents(scene: Scene) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder(scene).iterdir()}


def test_page(scene: Scene) -> None:
    """What is written, where it is, how to import it, and what comes next."""
    scene.session()
    scene.snapshot()
    scene.report(42.0, 165)
    app = scene.app()
    with app.ledger:
        made = create_events(app, "", with_reset=True)
    testing = {**made["events"][1], "change": "foreign"}
    polish = {
        **testing,
        "name": "Polish & Documentation",
        "file": "session-polish.ics",
        "change": "cancelled",
        "cancelled": True,
    }
    where = "/home/ada/.claude/calendar"
    shown = {
        **made,
        "events": [made["events"][0], testing, polish],
        "folder": where,
        "combined": f"{where}/all-sessions.ics",
        "opened": f"{where}/all-sessions.ics",
    }

    assert_golden(
        "create-calendar-events",
        lambda columns, colour: engine.render("create-calendar-events", shown, Pen(colour), columns, NOON),
    )


def test_nothing_scheduled(scene: Scene) -> None:
    """Where no session has a time nothing is written, and the commands that give it one are named."""
    save(scene, IMPLEMENTATION, TESTING, at=None, state="ready")

    assert "No session is scheduled yet" in run(scene).out
    assert (None, []) == (view(scene)["combined"], view(scene)["events"])
    assert not folder(scene).exists()


def test_an_assumed_length_is_marked(scene: Scene) -> None:
    """How long a session takes whose hours nobody planned is marked as kept free, and only then."""
    assert "kept free" not in run(scene).out

    save(scene, POLISH, at=NOON + HOUR_S, state="scheduled")

    assert ["assumed", "planned", "planned"] == [each["hours_source"] for each in view(scene)["events"]]
    assert "2h*  Polish" in run(scene).out
    assert "* kept free: nobody planned how long it takes." in run(scene).out


def test_an_empty_queue_names_no_session(scene: Scene) -> None:
    """Where nothing is planned the command that is named plans something, and does what it says when it is typed."""
    save(scene, IMPLEMENTATION, TESTING, POLISH, at=None, state="done")
    named = 'watchkeeper queue add --name "What it is about" --at 18:05'
    assert named in run(scene).out

    assert 0 == scene.run(*shlex.split(named)[1:]).code

    assert 1 == len(view(scene)["events"])


def test_sessions_without_a_time_are_named(scene: Scene) -> None:
    """A planned session that has no time is in no calendar, and the page says so and how it gets one."""
    save(scene, TESTING, id="idea", at=None, state="planned", after_ids=("polish",), created_at=NOON - 60)
    save(scene, TESTING, id="over", at=None, state="done")

    page = " ".join(run(scene).out.split())

    assert ["polish", "idea"] == [each["session_id"] for each in view(scene)["unscheduled"]]
    assert "No time yet 2 planned sessions, so not in the calendar" in page
    assert "watchkeeper queue edit polish --at 18:05" in page


def test_a_session_without_a_time_is_named_where_none_has_one(scene: Scene) -> None:
    """Also where nothing is written the session is named that could be given a time."""
    save(scene, IMPLEMENTATION, TESTING, at=None, state="cancelled")

    assert "watchkeeper queue edit polish --at 18:05" in run(scene).out


def test_files(scene: Scene) -> None:
    """One file for each session and one with all, readable by their owner alone."""
    shown = view(scene)

    assert ["all-sessions.ics", "session-implementation.ics", "session-testing.ics"] == sorted(contents(scene))
    assert [("implementation", "2026-11-20T14:50:00+00:00", "2026-11-20T17:50:00+00:00")] == [
        (each["session_id"], each["starts_at"], each["ends_at"]) for each in shown["events"][:1]
    ]
    assert str(folder(scene) / "all-sessions.ics") == shown["combined"]
    assert str(folder(scene) / "session-implementation.ics") == shown["events"][0]["path"]
    assert "session-" in shown["events"][0]["uid"]
    assert ("implementation", "2026-11-20T14:50:00+00:00") == (shown["next"]["id"], shown["next"]["starts_at"])
    if os.name == "posix":
        assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in folder(scene).iterdir()}
        assert 0o700 == stat.S_IMODE(folder(scene).stat().st_mode)


def test_what_an_event_says(scene: Scene) -> None:
    """Name, objectives, budget with its range, agent and project; and how the session is started."""
    run(scene)
    text = (folder(scene) / "session-implementation.ics").read_bytes().decode().replace("\r\n ", "")

    assert "SUMMARY:Claude Session: Implementation - Part 1/3\r\n" in text
    assert "LOCATION:/home/ada/my-project\r\n" in text
    assert "DTSTART;TZID=Europe/Berlin:20261120T155000\r\nDTEND;TZID=Europe/Berlin:20261120T185000\r\n" in text
    assert ["-PT30M", "-PT5M"] == re.findall(r"TRIGGER:(\S+)", text)
    for part in (
        r"- Implement error handling\, with retries\n", r"Token budget: 65\,000 tokens (55\,000 to 80\,000)",
        "Agent: implementation-agent", "/start-next-session",
    ):  # fmt: skip
        assert part in text


def test_running_it_again_changes_nothing(scene: Scene) -> None:
    """A second run, later, leaves every file as it is, byte for byte and untouched."""
    run(scene)
    before = contents(scene)
    shown = view(scene, now=NOON + 600)

    assert before == contents(scene)
    assert {"implementation": ("unchanged", 0), "testing": ("unchanged", 0)} == changes(shown)


def test_changes_and_cancellations(scene: Scene) -> None:
    """Each change of a session is the next one of its event; a cancelled event keeps its identity and its place."""
    uid = view(scene)["events"][0]["uid"]

    save(scene, IMPLEMENTATION, at=NOON + 5 * HOUR_S)
    assert {"implementation": ("updated", 1), "testing": ("unchanged", 0)} == changes(view(scene, now=NOON + 60))

    save(scene, IMPLEMENTATION, at=NOON + 5 * HOUR_S, name="Implementation, renamed")
    assert ("updated", 2) == changes(view(scene, now=NOON + 120))["implementation"]

    save(scene, IMPLEMENTATION, at=NOON + 5 * HOUR_S, state="cancelled")
    cancelled = view(scene, now=NOON + 180)
    assert ("cancelled", 3) == changes(cancelled)["implementation"]
    text = (folder(scene) / "session-implementation.ics").read_text(encoding="utf-8")
    assert "METHOD:CANCEL" in text
    assert "STATUS:CANCELLED" in text
    assert "DTSTART;TZID=Europe/Berlin:20261120T180000" in text
    assert "testing" == cancelled["next"]["id"]
    assert ("unchanged", 3) == changes(view(scene, now=NOON + 240))["implementation"]

    save(scene, IMPLEMENTATION, at=NOON + 8 * HOUR_S)
    again = view(scene, now=NOON + 300)
    assert ("updated", 4) == changes(again)["implementation"]
    assert {uid} == {each["uid"] for each in again["events"] if each["session_id"] == "implementation"}
    combined = standing_events((folder(scene) / "all-sessions.ics").read_bytes()) or {}
    assert {each["uid"]: each["sequence"] for each in again["events"]} == {
        uid: standing.stamp.sequence for uid, standing in combined.items()
    }


def test_a_session_without_a_time_any_more(scene: Scene) -> None:
    """Who takes a session's time away takes it out of the calendar too."""
    run(scene)
    save(scene, TESTING, at=None, state="ready")

    assert ("cancelled", 1) == changes(view(scene))["testing"]


def test_what_is_over_stays(scene: Scene) -> None:
    """A session that has run stays in the calendar as it was; one that was never in it does not come into it."""
    run(scene)
    before = contents(scene)
    save(scene, IMPLEMENTATION, state="done")
    save(scene, POLISH, at=NOON - 9 * HOUR_S, state="scheduled")

    assert {"implementation": ("unchanged", 0), "testing": ("unchanged", 0)} == changes(view(scene, now=NOON + 80_000))
    assert before == contents(scene)


def test_a_file_that_was_deleted_comes_back_as_it_was(scene: Scene) -> None:
    """How often an event was changed is known from the file with all, where its own is gone."""
    run(scene)
    save(scene, TESTING, at=NOON + 30 * HOUR_S)
    run(scene)
    before = contents(scene)
    (folder(scene) / "session-testing.ics").unlink()

    assert ("created", 1) == changes(view(scene, now=NOON + 900))["testing"]
    assert {name: text for name, (text, _) in before.items()} == {
        name: text for name, (text, _) in contents(scene).items()
    }


@pytest.mark.parametrize("change", [{"state": "cancelled"}, {"at": None, "state": "ready"}], ids=["off", "no time"])
def test_what_the_file_with_all_has_told_is_cancelled_too(scene: Scene, change: dict[str, Any]) -> None:
    """Whoever keeps that file alone is told of a cancellation as well."""
    run(scene)
    (folder(scene) / "session-testing.ics").unlink()
    save(scene, TESTING, **change)

    (event,) = [each for each in view(scene)["events"] if each["session_id"] == "testing"]

    assert (True, 1) == (event["cancelled"], event["sequence"])
    for name in ("session-testing", "all-sessions"):
        assert 1 == (folder(scene) / f"{name}.ics").read_text(encoding="utf-8").count("STATUS:CANCELLED")


@pytest.mark.parametrize(
    "text", ["", "my own notes\n", "BEGIN:VCALENDAR\nPRODID:-//Ada//EN\nVERSION:2.0\nEND:VCALENDAR\n"]
)
def test_files_of_somebody_else(scene: Scene, text: str) -> None:
    """A file that a person put there under one of our names stays as it is, and that is said."""
    folder(scene).mkdir(parents=True)
    mine = {name: folder(scene) / f"{name}.ics" for name in ("session-testing", "dentist")}
    for path in mine.values():
        path.write_text(text, encoding="utf-8")
    shown = view(scene)

    assert {text} == {path.read_text(encoding="utf-8") for path in mine.values()}
    assert ("foreign", 0) == changes(shown)["testing"]
    assert next(each["path"] for each in shown["events"] if each["session_id"] == "testing") is None
    assert b"Claude Session: Testing" in contents(scene)["all-sessions.ics"][0]
    assert "a file of that name there is not ours" in run(scene).out


def test_the_file_with_all_may_be_somebody_elses(scene: Scene) -> None:
    """Where a person has a file of that name it stays, and the others are written all the same."""
    folder(scene).mkdir(parents=True)
    (folder(scene) / "all-sessions.ics").mkdir()
    shown = view(scene)

    assert shown["combined"] is None
    assert {"created"} == {change for change, _ in changes(shown).values()}
    assert "all-sessions.ics there is not ours" in run(scene).out


def test_the_reset_is_optional(scene: Scene) -> None:
    """With --reset the window's reset is an event that moves with the window; without it none is written."""
    scene.session()
    scene.snapshot()
    scene.report(42.0, 165)
    assert view(scene)["reset"] is None

    first = view(scene, "--reset")["reset"]
    assert ("created", "2026-11-20T14:45:00+00:00", 0) == (first["change"], first["starts_at"], first["sequence"])
    assert "unchanged" == view(scene, "--reset", now=NOON + 60)["reset"]["change"]
    assert b"TRANSP:TRANSPARENT" in contents(scene)["window-reset.ics"][0]

    scene.report(3.0, 460)
    second = view(scene, "--reset", now=NOON + 10_000)["reset"]
    assert ("updated", first["uid"], 1) == (second["change"], second["uid"], second["sequence"])
    third = view(scene, "--reset", now=NOON + 10_060)["reset"]
    assert ("unchanged", 1) == (third["change"], third["sequence"])


def test_another_folder(scene: Scene, tmp_path: Path) -> None:
    """The files can be written elsewhere, and nothing but a folder can be named."""
    shown = view(scene, "--output", str(tmp_path / "somewhere else"))

    assert str(tmp_path / "somewhere else" / "all-sessions.ics") == shown["combined"]
    assert f"'{tmp_path}/somewhere else/all-sessions.ics'" == shown["opened"]
    assert not folder(scene).exists()

    (tmp_path / "file").write_text("", encoding="utf-8")
    ran = run(scene, "--output", str(tmp_path / "file"))
    assert (1, True) == (ran.code, "is no folder: name another one with --output" in ran.err)


def test_reminders_can_be_set(scene: Scene) -> None:
    """The minutes of the reminders come from the settings; there may be none."""
    scene.settings(calendar={"reminders_min": []}, planner={"time_zone": "Europe/Berlin"})

    assert "Reminders     none" in run(scene).out
    assert b"VALARM" not in contents(scene)["session-testing.ics"][0]


def test_a_session_that_is_due(scene: Scene) -> None:
    """What should have started by now is told with the command that starts it."""
    run(scene)

    assert "it was due at 14:50: /start-next-session" in run(scene, now=NOON + 3 * HOUR_S).out


def test_in_claude_code_it_is_answered_without_a_model() -> None:
    """The typed command is answered by the hook."""
    from watchkeeper.expansion import ANSWERED

    assert "create-calendar-events" in ANSWERED
