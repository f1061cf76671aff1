"""`session-status` shows what is used and left, where each figure comes from, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.scene import SESSION, STORIES, Scene, critical_context, danger, moderate
from tests.support.tree import TREE
from watchkeeper.core.ledger import Transaction
from watchkeeper.readings.status import status
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen
from watchkeeper.wiring.command_files import PLUGIN_CALL, PLUGIN_ROOT, installed_text


@pytest.mark.parametrize("story", STORIES)
def test_page(scene: Scene, story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person sees in each situation."""
    monkeypatch.chdir(tmp_path)
    STORIES[story](scene)

    assert_golden(
        f"session-status-{story}",
        lambda columns, colour: scene.run("session-status", columns=columns, colour=colour).out,
    )


def status_of(scene: Scene, *arguments: str) -> dict[str, Any]:
    ran = scene.run("session-status", "--json", *arguments)
    assert (0, "") == (ran.code, ran.err)
    view: dict[str, Any] = json.loads(ran.out)
    return view


def test_json_has_the_promised_keys(scene: Scene) -> None:
    """The keys that scripts rely on are there, with values in the promised form."""
    danger(scene)

    view = status_of(scene)

    assert "2026-11-20T12:00:00+00:00" == view["now"]
    assert {"id", "started_at", "cwd", "model", "elapsed_s", "agent", "expires_at"} <= view["session"].keys()
    quota = view["quota"]
    assert (81.5, 160_500, 200_000, "reported", 120.0, "danger") == tuple(
        quota[key] for key in ("used_pct", "used_tokens", "limit_tokens", "source", "age_s", "level")
    )
    assert {"burn_tokens_per_min", "runway_min", "next_alert_pct", "remaining_tokens", "tool_calls_left", "plan"} <= (
        quota.keys()
    )
    assert {"started_at", "resets_at", "source"} <= quota["window"].keys()
    assert {"used_pct", "resets_at", "source"} <= quota["weekly"].keys()
    assert {"used_tokens", "limit_tokens", "used_pct", "level", "source", "hours_left", "next_alert_pct"} <= (
        view["context"].keys()
    )
    assert {"ram_available_gb", "cpu_temp_c", "level"} <= view["resources"].keys()
    assert view["automation"] is None
    assert "danger" == view["health"]["word"]


def test_pace_and_what_is_left(scene: Scene) -> None:
    """Burn rate, runway and tool calls left follow from the elapsed window."""
    danger(scene)

    quota = status_of(scene)["quota"]

    assert 160_500 / 217 == pytest.approx(quota["burn_tokens_per_min"], abs=0.001)
    assert 18.5 / (81.5 / 215) == pytest.approx(quota["runway_min"], abs=0.001)
    assert int(18.5 * 112 / 81.5) == quota["tool_calls_left"]
    assert (90, 17_000) == (quota["next_alert_pct"], quota["next_alert_tokens"])


def test_the_pace_is_silent_in_the_first_ten_minutes(scene: Scene) -> None:
    """A window that has just begun says nothing of its pace."""
    STORIES["fresh"](scene)

    quota = status_of(scene)["quota"]

    assert (None, None) == (quota["burn_tokens_per_min"], quota["runway_min"])


def test_what_is_unknown_is_null_and_said_to_be(scene: Scene) -> None:
    """Without a report, a plan or anything learned there is no percentage and no level."""
    scene.session()
    scene.response(60, tokens=(1_000, 500, 20_000, 0))

    quota = status_of(scene)["quota"]

    assert (None, "unknown", "unknown", None) == tuple(quota[key] for key in ("used_pct", "source", "level", "age_s"))
    assert "quota.plan" in quota["why_unknown"]


def test_an_api_key_has_no_window(scene: Scene) -> None:
    """Whoever pays by the token is told so."""
    STORIES["api-key"](scene)

    view = status_of(scene)

    assert "pays by the token" in view["quota"]["why_unknown"]
    assert view["quota"]["window"]["started_at"] is None


def test_an_old_look_at_the_machine_says_nothing(scene: Scene) -> None:
    """The machine's level is unknown when nobody has looked for ten minutes."""
    scene.sample(ago_s=601, level="critical")

    assert "unknown" == status_of(scene)["resources"]["level"]


@pytest.mark.parametrize(
    ("quota_pct", "context_tokens", "word"),
    [
        pytest.param(20.0, 20_000, "good", id="both healthy"),
        pytest.param(55.0, 20_000, "moderate", id="quota half used"),
        pytest.param(20.0, 140_000, "danger", id="context in danger"),
        pytest.param(85.0, 160_000, "critical", id="context worse than quota"),
        pytest.param(96.0, 20_000, "critical", id="quota emergency"),
    ],
)
def test_health_is_the_worse_of_quota_and_context(
    scene: Scene, quota_pct: float, context_tokens: int, word: str
) -> None:
    """One word sums up both."""
    scene.session()
    scene.response(60, tokens=(1_000, 500, 20_000, 0))
    scene.report(quota_pct, 200)
    scene.snapshot(context_tokens=context_tokens)

    assert word == status_of(scene)["health"]["word"]


def test_an_estimate_frightens_nobody(scene: Scene) -> None:
    """However high an estimate is, health is at most moderate and there is no danger block."""
    STORIES["measured"](scene)
    scene.settings()
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        db.execute("INSERT INTO learned VALUES ('', '', 0.00112, 12, 0.2, 0)")

    assert ("emergency", "moderate") == (status_of(scene)["quota"]["level"], status_of(scene)["health"]["word"])
    assert "Danger zone" not in scene.run("session-status").out


def test_thresholds_are_the_users(scene: Scene) -> None:
    """Levels, alerts and advice come from the settings."""
    moderate(scene)
    scene.settings(
        quota={"alerts": [43, 60], "levels": {"danger": 40}}, advice={"quota": {"danger": "Have a cup of tea."}}
    )

    quota = status_of(scene)["quota"]

    assert ("danger", 43, "Have a cup of tea.") == (quota["level"], quota["next_alert_pct"], quota["advice"])


def test_the_session_is_the_calling_one(scene: Scene) -> None:
    """Inside a session its own figures are shown, whatever happened elsewhere since."""
    moderate(scene)
    scene.session("22222222-0000", began_min=1)

    assert SESSION == status_of(scene)["session"]["id"]


def test_a_session_is_named_by_its_beginning(scene: Scene) -> None:
    """Eight characters, as the list shows them, are enough."""
    moderate(scene)
    scene.session("22222222-0000", began_min=1)

    assert "22222222-0000" == status_of(scene, "--session", "2222")["session"]["id"]


def test_the_newest_session_of_this_project_is_meant_elsewhere(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a terminal the newest session of the current folder's project is shown, not the newest of all."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "deep").mkdir()
    project = str((tmp_path / "repo").resolve())
    monkeypatch.chdir(tmp_path / "repo" / "deep")
    scene.environ.pop("CLAUDE_CODE_SESSION_ID")
    for session_id, ago_min, where in (("older", 50, project), ("newer", 20, project), ("elsewhere", 5, "/else")):
        scene.session(session_id, began_min=60, cwd=where, project=where)
        scene.response(ago_min, session_id=session_id, cwd=where, tokens=(10, 10, 10, 10))

    assert "newer" == status_of(scene)["session"]["id"]


@pytest.mark.parametrize(("named", "said"), [("zzz", "No session begins with"), ("2", "Several sessions begin with")])
def test_a_name_that_fits_none_or_several_is_a_sentence(scene: Scene, named: str, said: str) -> None:
    """A wrong id says where to find the right one."""
    scene.session("22222222-0000")
    scene.session("23333333-0000")

    ran = scene.run("session-status", "--session", named)

    assert (1, "") == (ran.code, ran.out)
    assert said in ran.err
    assert "watchkeeper sessions" in ran.err
    assert 1 == ran.err.count("\n")


def test_foreign_text_never_reaches_the_terminal(scene: Scene) -> None:
    """Folder, model and agent names are shown without what a terminal would obey, on the page and as JSON."""
    hostile = "\x1b]0;pwned\x07\x9b31mred\u202e"
    scene.session(cwd=f"/tmp/{hostile}", project=f"/tmp/{hostile}")
    scene.snapshot(agent=hostile, model_name=hostile, context_tokens=10_000)

    for ran in (scene.run("session-status"), scene.run("session-status", "--json")):
        assert 0 == ran.code
        assert ran.out.replace("\n", "").isprintable()
    assert hostile == status_of(scene)["session"]["agent"]


def test_times_are_the_users(scene: Scene, time_zone: Callable[[str], None]) -> None:
    """Times of day are those of the user's zone, and JSON carries its offset."""
    time_zone("America/New_York")
    moderate(scene)

    assert "Expires       09:45\n" in scene.run("session-status").out
    assert "2026-11-20T09:45:00-05:00" == status_of(scene)["session"]["expires_at"]


def test_a_mute_is_told(scene: Scene) -> None:
    """Whoever has snoozed alerts is reminded until when."""
    moderate(scene)
    scene.run("snooze", "2h")

    out = scene.run("session-status").out

    assert "Watching      snoozed until 14:00  `watchkeeper on` ends it" in out


def test_the_command_file_runs_the_same_command(scene: Scene) -> None:
    """Where no hook answers, Claude runs this command and nothing else, and no argument meets a shell by itself."""
    text = (TREE / "commands" / "session-status.md").read_text(encoding="utf-8")
    _, front, body = text.split("---\n", 2)

    assert f"allowed-tools: Bash({PLUGIN_CALL} session-status:*)\n" in front
    assert {"description", "argument-hint", "allowed-tools", "disable-model-invocation"} == {
        line.partition(":")[0] for line in front.splitlines()
    }
    assert f"    {PLUGIN_CALL} session-status --no-color\n" in body
    assert "!`" not in text
    assert "$ARGUMENTS" not in text
    assert PLUGIN_ROOT not in installed_text(text, "/app", "/bin/watchkeeper")


def test_a_booking_has_a_section_of_its_own(scene: Scene) -> None:
    """What starts by itself is shown with its time, agent and handoff."""
    critical_context(scene)
    booking = {
        "state": "booked",
        "here": True,
        "project": scene.project,
        "more": 0,
        "at": scene.now + 4_700,
        "agent": "implementation-agent",
        "handoff": "handoff-1736195432.md",
        "detail": "waiting for the quota reset",
    }
    shown = {**status(scene.app()), "automation": booking}

    text = engine.render("session-status", shown, Pen(colour=False), 80, scene.now)

    assert "Automation ─" in text
    assert "Launch time   13:18  in 1h 18m" in text
    assert "Handoff       handoff-1736195432.md" in text
