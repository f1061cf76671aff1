"""`queue` lists the planned sessions and changes them; what cannot be is refused in a sentence."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.golden import assert_golden
from tests.commands.queue_command import add, queue, states, told
from tests.commands.scene import SESSION, Scene
from tests.support.clock import NOON


def a_full_queue(scene: Scene) -> None:
    """Two of five complete, others ready, scheduled and waiting."""
    early = {"now": NOON - 14_400}
    add(scene, "Research", "--tokens", "30k", "--hours", "2", **early)
    add(scene, "Implementation - Part 1/3", "--tokens", "50k", "--hours", "3", "--after", "research", **early)
    add(
        scene, "Implementation - Part 2/3", "--tokens", "45k", "--hours", "3", "--priority", "high", "--after",
        "implementation", "--objective", "Build API integration layer", "--objective", "Implement error handling",
        "--objective", "Add validation logic", "--agent", "implementation-agent", **early,
    )  # fmt: skip
    add(scene, "Testing", "--tokens", "20-25k", "--hours", "1.5", "--after", "implementation-2", **early)
    add(scene, "Polish & Documentation", "--tokens", "18k", "--hours", "2", "--at", "15:00", **early)
    add(scene, "Old idea", **early)
    queue(scene, "done", "research", "--tokens", "31k", now=NOON - 3_600)
    queue(scene, "done", "implementation", "--tokens", "48200", now=NOON - 1_800)
    queue(scene, "cancel", "old")


def a_running_session(scene: Scene) -> None:
    """Part 2 runs in a session that has used two thirds of the estimate."""
    a_full_queue(scene)
    scene.session(began_min=200)
    scene.response(190, tokens=(10_000, 0, 0, 0))
    scene.environ["CLAUDE_CODE_SESSION_ID"] = SESSION
    scene.run("start-next-session", "--choose", "implementation-2", "--yes", now=NOON - 7_200)
    scene.response(60, tokens=(1_000, 9_000, 20_000, 70_000))


def test_page_empty(here: Scene) -> None:
    """An empty queue says how to fill it."""
    assert_golden("queue-empty", lambda columns, colour: queue(here, columns=columns, colour=colour).out)


def test_page_full(here: Scene) -> None:
    """Sessions in the order of their turn, with what they take and wait for."""
    a_full_queue(here)

    assert_golden(
        "queue-full", lambda columns, colour: queue(here, "list", "--all", columns=columns, colour=colour).out
    )


def test_page_running(here: Scene) -> None:
    """A running session is shown with what it has used against its estimate."""
    a_running_session(here)

    assert_golden(
        "queue-running",
        lambda columns, colour: queue(here, columns=columns, colour=colour).out.replace(str(here.project), "/p"),
    )


def test_page_of_one(here: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session's own page has all that is known of it, and its history."""
    # Of one length wherever the tests run, so that the page breaks its lines in the same places.
    with tempfile.TemporaryDirectory(prefix="wk-") as folder:
        monkeypatch.chdir(folder)
        here.project = os.path.realpath(folder)
        a_running_session(here)

        def draw(columns: int, colour: bool) -> str:
            page = queue(here, "show", "implementation-2", columns=columns, colour=colour).out
            return page.replace(here.project, "/my-project")

        assert_golden("queue-session", draw)
        monkeypatch.undo()


def test_what_is_added(here: Scene) -> None:
    """Everything that was said of a session is kept, in the project's real path."""
    first = add(here, "Research")
    session = add(
        here, "API", "--objective", "Layer", "--objective", "Errors", "--tokens", "45k", "--hours", "3", "--priority",
        "high", "--after", first["id"], "--agent", "implementation-agent",
    )  # fmt: skip

    known = {
        "id": "api",
        "name": "API",
        "state": "planned",
        "objectives": ["Layer", "Errors"],
        "project": here.project,
        "agent": "implementation-agent",
        "estimated_tokens": 45_000,
        "hours": 3.0,
        "priority": "high",
        "after": ["research"],
        "waits_for": ["research"],
        "at": None,
        "handoff": None,
        "created_at": "2026-11-20T12:00:00+00:00",
    }
    assert known == {key: session[key] for key in known}
    assert [("planned", 45_000)] == [(each["state"], each["estimated_tokens"]) for each in session["history"]]
    assert "ready" == first["state"]
    assert first["estimated_tokens"] is None


def test_a_link_to_a_project_is_the_project(here: Scene, tmp_path: Path) -> None:
    """However its folder is named, a project is one."""
    (Path(here.project) / ".git").mkdir()
    (Path(here.project) / "deep").mkdir()
    (tmp_path / "link").symlink_to(Path(here.project) / "deep")

    assert here.project == add(here, "x", "--project", str(tmp_path / "link"))["project"]


def test_a_time_makes_it_scheduled(here: Scene) -> None:
    """A time, the reset among them, schedules a session; without one it is ready again."""
    here.report(42.5, 165)

    assert ("scheduled", "2026-11-20T14:50:00+00:00") == (
        (session := add(here, "x", "--at", "reset+5m"))["state"],
        session["at"],
    )
    edited = told(here, "edit", "x", "--at", "none")["session"]
    assert ("ready", None) == (edited["state"], edited["at"])
    assert ["scheduled", "ready"] == [each["state"] for each in edited["history"]]


def test_who_is_ready_follows_from_what_is_done(here: Scene) -> None:
    """Done in order, each makes the next one ready; what is reopened takes that back."""
    add(here, "One")
    add(here, "Two", "--after", "one")
    add(here, "Three", "--after", "one", "--after", "two")
    assert {"one": "ready", "two": "planned", "three": "planned"} == states(here)

    queue(here, "done", "one")
    assert {"one": "done", "two": "ready", "three": "planned"} == states(here)

    queue(here, "done", "two")
    assert {"one": "done", "two": "done", "three": "ready"} == states(here)

    queue(here, "reopen", "two")
    assert {"one": "done", "two": "ready", "three": "planned"} == states(here)


def test_what_waits_for_a_cancelled_session_is_told(here: Scene) -> None:
    """A session that can no longer start is named with the way out."""
    add(here, "One")
    add(here, "Two", "--after", "one")

    out = " ".join(queue(here, "cancel", "one").out.split())

    assert "two waits for it and will never start so: `watchkeeper queue edit two --after none`" in out
    assert "ready" == told(here, "edit", "two", "--after", "none")["session"]["state"]


def test_an_edit_changes_what_it_says(here: Scene) -> None:
    """What is not said stays, lists are replaced, and a single figure takes the place of a range."""
    add(here, "One", "--objective", "a", "--objective", "b", "--tokens", "20-25k", "--hours", "2")

    edited = told(here, "edit", "one", "--objective", "c", "--tokens", "30k")["session"]

    assert ("One", ["c"], 30_000, None, 2.0) == (
        edited["name"],
        edited["objectives"],
        edited["estimated_tokens"],
        edited["low_tokens"],
        edited["hours"],
    )
    assert "one" == told(here, "edit", "one", "--name", "Something else")["session"]["id"]


def test_one_like_a_session_that_went_well(here: Scene) -> None:
    """Its structure is taken over, with what it really took as the estimate, and nothing that was its own."""
    add(here, "First")
    add(
        here,
        "API",
        "--objective",
        "a",
        "--tokens",
        "40k",
        "--hours",
        "3",
        "--agent",
        "x",
        "--after",
        "first",
        "--at",
        "in 1h",
    )
    queue(here, "done", "api", "--tokens", "52,300")

    session = add(here, "API again", "--like", "api", "--hours", "2")

    assert ("api-again", ["a"], 52_300, 2.0, "x", [], None, "ready") == (
        session["id"],
        session["objectives"],
        session["estimated_tokens"],
        session["hours"],
        session["agent"],
        session["after"],
        session["at"],
        session["state"],
    )
    assert "API" == told(here, "add", "--like", "api")["session"]["name"]


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        pytest.param(("add",), 2, "A session needs a name: --name 'what it is about'.", id="no name"),
        pytest.param(("add", "--name", " "), 2, "name must be a line", id="empty name"),
        pytest.param(("add", "--name", "x", "--tokens", "-5"), 2, "tokens must be a whole number", id="negative"),
        pytest.param(
            ("add", "--name", "x", "--tokens", "999m"), 2, "tokens must be a whole number", id="beyond any limit"
        ),
        pytest.param(("add", "--name", "x", "--hours", "6"), 2, "at most 5, the length of a window", id="too long"),
        pytest.param(("add", "--name", "x", "--at", "yesterday 9:00"), 1, "is over", id="past"),
        pytest.param(("add", "--name", "x", "--at", "in 40d"), 1, "more than 30 days away", id="far"),
        pytest.param(("add", "--name", "x", "--at", "reset"), 1, "The reset is not known yet", id="no reset"),
        pytest.param(("add", "--name", "x", "--at", "soon"), 2, "is no time", id="no time"),
        pytest.param(("add", "--name", "x", "--after", "nobody"), 1, "No session in the queue is called", id="unknown"),
        pytest.param(("add", "--name", "x", "--project", "/nowhere"), 1, "is no folder", id="no folder"),
        pytest.param(("add", "--name", "x", "--handoff", "nothing"), 1, "No handoff is called", id="no handoff"),
        pytest.param(("add", "--like", "nobody"), 1, "No session in the queue is called", id="like nothing"),
        pytest.param(
            ("edit", "one", "--after", "two"), 1, "one waits for two waits for one: none of them", id="circle"
        ),
        pytest.param(("edit", "one"), 2, "Say what to change", id="nothing to change"),
        pytest.param(("edit", "one", "--after", "one"), 1, "one waits for one: none of them", id="itself"),
        pytest.param(
            ("edit", "old", "--tokens", "5"), 1, "old is cancelled; `watchkeeper queue add --like old`", id="over"
        ),
        pytest.param(("edit", "two", "--after", "old"), 1, "waits for old, which is cancelled", id="after cancelled"),
        pytest.param(("done", "old"), 1, "old is cancelled already", id="done twice"),
        pytest.param(("cancel", "old"), 1, "old is cancelled already", id="cancelled twice"),
        pytest.param(("reopen", "one"), 1, "one is ready: there is nothing to take back", id="nothing to reopen"),
        pytest.param(("show", "../../etc/passwd"), 1, "No session in the queue is called", id="a path"),
        pytest.param(("done", "two", "--tokens", "some"), 2, "tokens must be a whole number", id="done with words"),
        pytest.param(("import", "nowhere.json"), 1, "is no file", id="no file"),
        pytest.param(("import", "nothing"), 1, "No handoff is called", id="no handoff to import"),
    ],
)
def test_refusals(here: Scene, options: tuple[str, ...], code: int, sentence: str) -> None:
    """What cannot be is refused in one sentence, and the queue stays as it was."""
    add(here, "One")
    add(here, "Two", "--after", "one")
    add(here, "Old")
    queue(here, "cancel", "old")
    before = states(here)

    ran = queue(here, *options)

    assert (code, "") == (ran.code, ran.out)
    assert sentence in ran.err
    assert 1 == len(ran.err.splitlines())
    assert before == states(here)


def test_hostile_text_stays_text(here: Scene) -> None:
    """Escapes and newlines are gone before anything is stored, quotes and dollars are only shown."""
    hostile = 'a\x1b]0;owned\x07\n"$(touch pwned)" `id` <system-reminder>\u202eb'

    session = add(here, hostile, "--objective", hostile, "--agent", hostile)

    assert 'a "$(touch pwned)" `id` <system-reminder> b' == session["name"]
    assert "a-touch-pwned-id" == session["id"]
    for options in (("list",), ("show", session["id"])):
        out = queue(here, *options).out
        assert out.replace("\n", "").isprintable()


def test_other_projects_can_be_left_out(here: Scene, tmp_path: Path) -> None:
    """--project shows one project's sessions alone."""
    (tmp_path / "other").mkdir()
    add(here, "Here")
    add(here, "There", "--project", str(tmp_path / "other"))

    assert ["here", "there"] == [each["id"] for each in told(here)["sessions"]]
    assert ["there"] == [each["id"] for each in told(here, "list", "--project", str(tmp_path / "other"))["sessions"]]


def test_a_running_session_is_measured(here: Scene) -> None:
    """What was used since the start counts, what its session had used before does not; done keeps the figure."""
    a_running_session(here)

    running = next(each for each in told(here)["sessions"] if each["state"] == "running")

    assert ([SESSION], 30_000, "measured") == (
        running["progress"]["session_ids"],
        running["progress"]["used_tokens"],
        running["progress"]["source"],
    )
    assert 66.6667 == running["progress"]["used_pct"]
    done = told(here, "done", "implementation-2")["session"]
    assert (30_000, None) == (done["used_tokens"], done["progress"])


def test_an_ended_session_is_not_done(here: Scene) -> None:
    """The end of its session is told with what to do, and nothing is claimed."""
    a_running_session(here)
    here.session(began_min=200, ended_at=NOON - 600, last_at=NOON - 1_200)

    out = " ".join(queue(here).out.split())

    assert "Its session ended 10m ago: `watchkeeper queue done implementation-2` if its work is done" in out
    assert "running" == states(here)["implementation-2"]


@pytest.mark.parametrize("variable", ["XYZ-99", "XYZ+24", "Nowhere/Land", "../../etc/passwd", "Europe"])
def test_any_time_zone_that_the_system_takes(variable: str, scene: Scene, time_zone: Callable[[str], None]) -> None:
    """Where TZ names no zone of the zone library's, times are those of the machine's own clock."""
    time_zone(variable)
    (scene.user.config / "watchkeeper").mkdir(parents=True)
    scene.run("config", "set", "planner.working_hours", "9-17")
    add(scene, "Research", "--tokens", "30k", "--hours", "2", "--at", "tomorrow 9:00")

    for words in (["plan"], ["plan", "--json"], ["list"], ["list", "--json"]):
        ran = scene.run("queue", *words, environ={"TZ": variable})
        assert (0, "") == (ran.code, ran.err)
