"""`plan-next-session` writes the handoff from JSON, from answers or without a model, and says what happens next."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import SESSION, Ran, Scene, danger
from tests.handoff.samples import AUTH
from tests.handoff.test_said import WRITTEN
from tests.handoff.transcript import Transcript
from tests.support.clock import NOON
from watchkeeper.handoff import markdown, planning, start_time
from watchkeeper.handoff.history import History
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen


@pytest.fixture
def here(in_project: Scene) -> Scene:
    """A session at 81 % in a folder that exists."""
    danger(in_project)
    path = in_project.user.config / "projects" / "-p" / f"{SESSION}.jsonl"
    told = Transcript(path, cwd=in_project.project).asked("Add sign-in to the API")
    told.wrote(f"{in_project.project}/auth.py").made_task(1, "Refresh tokens")
    in_project.session(transcript_path=str(path), began_min=215)
    for number, tokens in enumerate((40_000, 60_000, 110_000)):
        in_project.session(f"old-{number}", began_min=3_000)
        in_project.response(2_900, session_id=f"old-{number}", tokens=(tokens, 0, 0, 9))
    return in_project


def plan(scene: Scene, *options: str, stdin: str = WRITTEN, **more: Any) -> Ran:
    environ = {"CLAUDE_CODE_SESSION_ID": SESSION}
    return scene.run("plan-next-session", *options, stdin=stdin, environ=environ, **more)


def planned(scene: Scene, *options: str, stdin: str = WRITTEN) -> dict[str, Any]:
    ran = plan(scene, *options, "--json", stdin=stdin)
    assert (0, "") == (ran.code, ran.err)
    view: dict[str, Any] = json.loads(ran.out)
    return view


VIEW: dict[str, Any] = {
    "now_at": NOON,
    "handoff": planning.handoff_view(AUTH, f"/home/ada/.claude/session-handoffs/{AUTH.id}.md", AUTH.project, True),
    "name": "95847ad0",
    "estimate": {
        "tokens": 45_000,
        "share_pct": 22.5,
        "limit_tokens": 200_000,
        "verdict": "fits",
        "history": History(5, 60_000, 40_000, 85_000, here=True)._asdict(),
    },
    "start": {"choice": "reset+5m", "at": NOON + 6 * 3600 + 300},
    "choices": start_time.choices(NOON + 6 * 3600),
    "resets_at": NOON + 6 * 3600,
    "booking": None,
}
VIEWS = {
    "noted": VIEW,
    "booked": {**VIEW, "booking": {"at": NOON + 6 * 3600 + 300, "permissions": "default", "against": []}},
    "by-hand": {
        **VIEW,
        "start": {"choice": "manual", "at": None},
        "estimate": {**VIEW["estimate"], "tokens": 9_000, "verdict": "low"},
        "handoff": {**VIEW["handoff"], "kind": "draft", "masked": 2, "agent": None, "objectives": []},
    },
}


@pytest.mark.parametrize("name", VIEWS)
def test_page(name: str) -> None:
    """What a person sees: agent, handoff, project, estimate and its share, start, reminder, how to check and cancel."""
    assert_golden(
        f"plan-next-session-{name}",
        lambda columns, colour: engine.render("plan-next-session", VIEWS[name], Pen(colour), columns, NOON),
    )


def test_json(here: Scene) -> None:
    """Programs are told the handoff, its estimate against quota and history, the start and the choices."""
    view = planned(here, "--at", "reset+5m")

    handoff = view["handoff"]
    assert (f"handoff-{SESSION}", here.project, 33_000, True) == (
        handoff["id"],
        handoff["project"],
        handoff["estimated_tokens"],
        handoff["pending"],
    )
    assert ["Guard the routes", "Refresh tokens"] == [each["title"] for each in handoff["objectives"]]
    assert (16.5, "fits", 60_000) == (
        view["estimate"]["share_pct"],
        view["estimate"]["verdict"],
        view["estimate"]["history"]["middle_tokens"],
    )
    assert ("reset+5m", "2026-11-20T13:28:00+00:00") == (view["start"]["choice"], view["start"]["at"])
    assert ["reset", "reset+5m", "TIME", "manual"] == [choice["option"] for choice in view["choices"]]
    assert ("booked", handoff["id"]) == (view["booking"]["state"], view["booking"]["handoff"])


def test_what_waited_before_is_named(here: Scene) -> None:
    """Whoever plans after somebody else is told whose handoff waits no longer."""
    first = planned(here)
    second = planned(here)

    assert (None, first["handoff"]["id"]) == (first["replaced"], second["replaced"])
    assert f"Replaces      {second['handoff']['id']}" in plan(here).out


def test_what_is_to_be_booked(here: Scene) -> None:
    """Who books the session is handed the handoff, its project, the agent and the time; nothing to start by hand."""
    views = {
        at: planning.plan(app, planning.Wish(SESSION, is_draft=True, at=at))
        for at in ("reset+5m", "manual")
        for app in [here.app()]
    }

    assert planning.to_book(views["manual"]) is None
    booked = planning.to_book(views["reset+5m"])
    assert booked is not None
    assert (f"handoff-{SESSION}", here.project, "implementation-agent", "reset+5m", NOON + 88 * 60) == booked


def test_the_file_holds_what_was_said_and_what_is_known(here: Scene) -> None:
    """The handoff on the disk is what Claude wrote, with files, tasks, agent and usage added."""
    path = planned(here)["handoff"]["path"]

    written = markdown.parse(Path(path).read_text(encoding="utf-8"))

    assert ("Auth, phase 2", ("auth.py",), "implementation-agent") == (
        written.title,
        written.files_modified,
        written.agent,
    )
    assert ["Refresh tokens"] == [task.subject for task in written.tasks]
    assert (200_000, 162_560) == (written.limit_tokens, written.used_tokens)


def test_a_file_can_be_given(here: Scene, tmp_path: Path) -> None:
    """--input reads a file, and - is standard input."""
    file = tmp_path / "handoff.json"
    file.write_text(WRITTEN, encoding="utf-8")

    assert "Auth, phase 2" == planned(here, "--input", str(file), stdin="")["handoff"]["title"]
    assert "Auth, phase 2" == planned(here, "--input", "-")["handoff"]["title"]


def test_a_draft_needs_nobody(here: Scene) -> None:
    """--draft reads nothing and asks nothing."""
    view = planned(here, "--draft", stdin="")

    assert ("draft", ["auth.py"], ["Refresh tokens"], 60_000) == (
        view["handoff"]["kind"],
        view["handoff"]["files_modified"],
        view["handoff"]["open_tasks"],
        view["handoff"]["estimated_tokens"],
    )


@pytest.mark.parametrize(
    ("options", "stdin", "sentence"),
    [
        ((), "", "There is no handoff on standard input"),
        ((), '"title": "x"', "objectives is missing"),
        (("--input", "nowhere.json"), "", "is no file"),
        (("--at", "yesterday 10:00"), WRITTEN, "is over"),
        (("--at", "soonish"), WRITTEN, "is no time"),
        (("--session", "zzz"), WRITTEN, "No session begins with"),
    ],
)
def test_refusals(here: Scene, options: tuple[str, ...], stdin: str, sentence: str) -> None:
    """What cannot be used is refused in a sentence, and nothing is written."""
    ran = plan(here, *options, stdin=stdin)

    assert ran.code in (1, 2)
    assert sentence in ran.err
    assert 1 == len(ran.err.strip().splitlines())
    assert not Path(here.paths.config, "session-handoffs").exists()


def test_an_estimate_far_from_history_is_called_so(here: Scene) -> None:
    """A tenth of what sessions take here is worth a word."""
    out = plan(here, stdin='"objectives": [["x", 5000]]').out

    assert "half of 3 sessions here took 50k to 85k; that is far less" in " ".join(out.split())


def test_masked_secrets_are_said(here: Scene) -> None:
    """A secret that somebody wrote down is masked, and that is told."""
    ran = plan(here, stdin='"title": "x", "objectives": ["Use password: hunter2hunter2"]')

    assert "Masked        1 thing that looked like a secret" in ran.out
    assert "hunter2" not in ran.out
    assert all("hunter2" not in file.read_text() for file in Path(here.paths.config).rglob("*.md"))
    assert all("hunter2" not in file.read_text() for file in Path(here.paths.config).rglob("project-memory/*"))


def test_in_a_terminal_questions_are_asked(here: Scene) -> None:
    """A person answers the questions one by one, and chooses when it starts."""
    answers = ["Built sign-in", "", "15 of 15 pass", "Guard the routes (15k)", "Refresh tokens", "", "45000"]
    answers += ["Tokens, not sessions", "", "None", "", "2"]

    ran = plan(here, stdin="\n".join(answers) + "\n", is_interactive=True)

    assert (0, "") == (ran.code, ran.err)
    for part in (
        "What was accomplished",
        "1> ",
        "The quota resets at 13:23 (in 1h 23m).",
        "2. 5 minutes after (13:28), recommended",
    ):
        assert part in ran.out
    (path,) = Path(here.paths.config, "session-handoffs").glob("*.md")
    written = markdown.parse(path.read_text(encoding="utf-8"))
    assert (("Built sign-in",), "15 of 15 pass", 45_000, ()) == (
        written.accomplished,
        written.tests,
        written.estimated_tokens,
        written.blockers,
    )
    assert ([("Guard the routes", 15_000), ("Refresh tokens", None)], "reset+5m") == (
        [(each.title, each.tokens) for each in written.objectives],
        written.start,
    )


@pytest.mark.parametrize("answer", ["7\n4\n", "whenever\nmanual\n", "3\n2020-01-01\n4\n"])
def test_wrong_choices_are_asked_again(here: Scene, answer: str) -> None:
    """A choice that is none is answered with what to write, and asked again."""
    ran = plan(here, stdin="\n\nObjective\n\n\n\n\n" + answer, is_interactive=True)

    assert 0 == ran.code
    assert "Starts        by hand" in ran.out


def test_a_terminal_that_closes_leaves_nothing(here: Scene) -> None:
    """The end of the input in the midst of the questions ends the command."""
    ran = plan(here, stdin="Built it\n", is_interactive=True)

    assert 130 == ran.code
    assert not Path(here.paths.config, "session-handoffs").exists()


def test_nothing_to_draft_from(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a session and a repository there is no draft."""
    monkeypatch.chdir(tmp_path)

    ran = scene.run("plan-next-session", "--draft")

    assert 1 == ran.code
    assert "neither a session of this folder nor a git repository" in ran.err


def test_a_damaged_memory_is_said(here: Scene) -> None:
    """The handoff is written all the same."""
    planned(here)
    (path,) = Path(here.paths.config, "project-memory").glob("*.json")
    path.write_text("{", encoding="utf-8")

    ran = plan(here)

    assert 0 == ran.code
    assert "is no JSON and was left alone" in ran.err
    assert "{" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("variable", ["XYZ-99", "XYZ+24", "Nowhere/Land"])
def test_a_draft_in_any_time_zone_that_the_system_takes(
    variable: str, here: Scene, time_zone: Callable[[str], None]
) -> None:
    """Where TZ names no zone of the zone library's, a handoff is drafted, scheduled and remembered all the same."""
    time_zone(variable)

    view = json.loads(plan(here, "--draft", "--at", "in 2h", "--json").out)["handoff"]
    text = Path(view["path"]).read_text(encoding="utf-8")
    assert NOON == markdown.parse(text).written_at
    assert [view["id"]] == [each["id"] for each in json.loads(here.run("handoffs", "--json").out)["handoffs"]]
    assert (0, "") == here.run("memory", "show")[::2]
