"""The report on a session: how close the estimate was, what was learned, where the tokens went."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scene import SESSION
from tests.context import sessions as transcripts
from tests.estimates.planned_work import PlannedWork
from watchkeeper.core import state
from watchkeeper.core.ledger import Transaction
from watchkeeper.estimates import report_page, session_report


def done(work: PlannedWork, first: int = 30_000, second: int = 40_000) -> None:
    """Both phases of the plan are worked through."""
    work.begin()
    work.use(first, 60, calls=12)
    work.run("estimates", "phase", "done")
    work.use(second, 180, calls=12)
    work.run("estimates", "phase", "done")


def view_of(work: PlannedWork, session: str = SESSION) -> dict[str, Any]:
    return work.json("estimates", "report", session)


def test_a_finished_plan(work: PlannedWork) -> None:
    """Its variance, rating and phases are those of the figures, and the pictures stand beside it."""
    done(work)
    path = work.end()

    assert path is not None
    text, view = path.read_text(encoding="utf-8"), view_of(work)
    estimate = view["estimate"]
    assert (70_000, True) == (estimate["compared_actual_tokens"], estimate["is_whole"])
    assert estimate["variance_pct"] == pytest.approx(
        100.0 * (70_000 - estimate["mid_tokens"]) / estimate["mid_tokens"], abs=0.001
    )
    assert [30_000, 40_000] == [phase["actual_tokens"] for phase in estimate["phases"]]
    for heading in ("Estimation accuracy", "Lessons", "Where the tokens went", "Updated model weights", "Trend"):
        assert f"## {heading}" in text
    assert f"![Tokens left, planned and used]({SESSION}-burn-down.svg)" in text
    assert path.with_name(f"{SESSION}-burn-down.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "None: every finished phase stayed within its range." in text


def test_what_counts_is_what_the_settings_say(work: PlannedWork) -> None:
    """Where cache creation does not count, the models' tokens are without it as the total is."""
    work.begin()
    work.use(30_000, 60)
    work.scene.response(0.0, tokens=(10, 200, 4_000, 0))
    work.scene.settings(quota={"counted": ["input", "output"]})

    view = view_of(work)

    assert 30_210 == view["tokens"]
    assert [30_210] == [each["counted_tokens"] for each in view["models"]]


def test_a_second_plan_makes_a_trend(work: PlannedWork) -> None:
    """From the second finished plan on the accuracy has a picture."""
    done(work)
    work.end()
    work.at(200)
    work.begin(session_id="second")
    for minute in (220, 240):
        work.use(20_000, minute, session_id="second")
        work.run("estimates", "phase", "done", session_id="second")
    path = work.end("second")

    assert path is not None
    assert ["second-accuracy.svg", "second-burn-down.svg"] == sorted(
        each.name for each in path.parent.glob("second-*.svg")
    )
    assert 2 == len(view_of(work, "second")["trend"]["sessions"])


def test_lessons_are_from_data(work: PlannedWork) -> None:
    """A phase outside its range is told with what was counted of it, and with what somebody said of it."""
    work.begin()
    made = work.tracked()
    assert made is not None
    work.use(round(made.phases[0].high_tokens) + 50_000, 240, calls=12)
    with work.scene.ledger as ledger, Transaction(ledger.usage) as db:
        db.execute("UPDATE tool_calls SET failed = 1")
        db.execute(
            "INSERT INTO compactions VALUES (?,?,?,?,?)", (SESSION, work.scene.now - 60, "auto", 160_000, 30_000)
        )
    work.run("estimates", "phase", "done", "--reason", "The # broker | was down", "--not-preventable")
    work.use(20_000, 300, calls=12)
    work.run("estimates", "phase", "done")
    path = work.end()

    assert path is not None
    (lesson,) = view_of(work)["lessons"]
    assert (1, True, False) == (lesson["number"], lesson["outside"], lesson["preventable"])
    measured = " ".join(lesson["distinguished_by"])
    assert "1 compaction fell into it" in measured
    assert "it was worked on for" in measured
    assert "libraries that were new: bullmq" in measured
    assert "100% of its tool calls failed, 0% in the other phases" in measured
    text = path.read_text(encoding="utf-8")
    assert "- **Reason**: The \\# broker \\| was down" in text
    assert "- **Preventable**: no" in text
    assert "- **Compactions**: 1: " in text


def test_what_nothing_sets_apart_is_said_to_be_so(work: PlannedWork) -> None:
    """A phase outside its range of which nobody said anything is a lesson all the same, and none is made up."""
    work.begin(text="# P\n\n## Phase 1: Build (1h)\n\n## Phase 2: Build on (1h)\n")
    made = work.tracked()
    assert made is not None
    for phase, minute in zip(made.phases, (60, 120), strict=True):
        work.use(round(phase.high_tokens) + 50_000, minute)
        work.run("estimates", "phase", "done")
    path = work.end()

    assert path is not None
    assert [[], []] == [lesson["distinguished_by"] for lesson in view_of(work)["lessons"]]
    assert "nothing that was counted sets it apart" in path.read_text(encoding="utf-8")


def test_an_unfinished_plan_is_compared_by_what_is_finished(work: PlannedWork) -> None:
    """Phases that were not done count neither as saved nor as spent."""
    work.begin()
    work.use(30_000, 60)
    work.run("estimates", "phase", "done")
    work.use(5_000, 70)
    path = work.end()

    assert path is not None
    estimate = view_of(work)["estimate"]
    assert (False, 30_000) == (estimate["is_whole"], estimate["compared_actual_tokens"])
    assert ["done", "open"] == [phase["state"] for phase in estimate["phases"]]
    assert "The plan is not finished" in path.read_text(encoding="utf-8")
    assert [] == view_of(work)["trend"]["sessions"]


def test_a_session_without_a_plan(work: PlannedWork) -> None:
    """Any session has a report of where its tokens went."""
    work.scene.session(began_min=0.0)
    work.use(12_000, 30)

    view = view_of(work)

    assert (None, 12_000) == (view["estimate"], view["tokens"])
    path = Path(view["path"])
    assert "was compared with no estimate" in path.read_text(encoding="utf-8")
    assert [path.name] == os.listdir(path.parent)


def test_where_the_tokens_went(work: PlannedWork) -> None:
    """By model, sub-agent, tool and file, with cache, alerts and compactions, from ledger and transcript."""
    scene = work.scene
    transcripts.working(scene)
    scene.response(30, tokens=(10, 500, 2_000, 100), agent_id="a1", model="claude-haiku-4-5")
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        state.claim_told(db, "user", "", "five_hour", (50.0, 80.0), 0.0, scene.now - 60.0)

    view = view_of(work)

    assert {"claude-haiku-4-5"} < {each["name"] for each in view["models"]}
    assert [("a1", 2_510)] == [(each["name"], each["counted_tokens"]) for each in view["agents"]]
    assert view["tokens"] == sum(each["counted_tokens"] for each in view["models"])
    assert "measured" == view["contents_source"]
    assert "Read" in [each["name"] for each in view["tools"]]
    assert view["files"]
    assert [each["tokens"] for each in view["files"]] == sorted(
        (each["tokens"] for each in view["files"]), reverse=True
    )
    assert [("five_hour", 80.0)] == [(each["kind"], each["threshold"]) for each in view["alerts"]]
    assert 0 < view["usage"]["cache_pct"] < 100


def test_a_hostile_session_writes_a_plain_report(work: PlannedWork) -> None:
    """Names out of a transcript are text in the Markdown, and never lead out of the folder."""
    scene = work.scene
    with scene.ledger as ledger, Transaction(ledger.usage) as db:
        db.execute("INSERT INTO sessions (session_id, started_at) VALUES ('../../evil', ?)", (scene.now,))
    scene.response(0, session_id="../../evil", tokens=(1, 1, 1, 1), model="x | y\n# <script>")

    path = Path(view_of(work, "../../evil")["path"])

    assert scene.user.config / "session-reports" == path.parent
    assert "| x \\| y \\# \\<script\\> |" in path.read_text(encoding="utf-8")


def test_the_page_stands_without_figures() -> None:
    """A report of nothing is a report that says so."""
    empty = dict.fromkeys(("responses", "input_tokens", "output_tokens"), 0)
    view: dict[str, Any] = {
        "session": "s", "project": None, "started_at": None, "ended_at": None, "counted": ["input"], "tokens": 0,
        "hours": 0.0, "usage": {**empty, "cache_pct": None}, "models": [], "agents": [], "tools": [], "files": [],
        "contents_source": "unknown", "compactions": [], "alerts": [], "estimate": None, "lessons": [], "weights": {},
        "trend": {"sessions": [], "word": None, "recent": 3}, "recommendations": [], "pictures": [],
    }  # fmt: skip

    text = report_page.render(view)

    assert "- **Alerts**: none" in text
    assert "Nothing was learned yet." in text


def test_settling_what_is_not_compared(work: PlannedWork) -> None:
    """The job of a session that is compared with nothing does nothing."""
    work.scene.session(began_min=0.0)

    assert work.end() is None
    assert not os.path.exists(session_report.folder_of(work.scene.paths))


def test_the_model_file_is_renewed(work: PlannedWork) -> None:
    """What was learned from the session stands in the model file when its report does."""
    done(work)
    work.end()

    model = json.loads((work.scene.user.config / "ml-model" / "estimation-model.json").read_text(encoding="utf-8"))
    assert model["taskTypeAccuracy"]["testing"]["estimatedBefore"] == 1
