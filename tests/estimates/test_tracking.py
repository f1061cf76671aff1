"""A session is compared with its estimate: phases advance, what leaves its range is told once, the file has it all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.commands.scene import SESSION
from tests.estimates import plans
from tests.estimates.planned_work import PlannedWork
from watchkeeper.core.ledger import Transaction
from watchkeeper.estimates import tracked, tracking

OTHER = "1f0c5a77-0000-4000-8000-000000000000"
SEED_KEYS = {"sessionId", "planFile", "startTime", "endTime", "status", "estimated", "actual", "burnRate", "deviations"}


def states(work: PlannedWork, session_id: str = SESSION) -> list[str]:
    rows = work.json("estimates", "phase", session_id=session_id)["phases"]
    return [row["state"] for row in rows]


def test_the_first_phase_begins_when_it_is_saved(work: PlannedWork) -> None:
    """What the session uses from then on is the first phase's."""
    work.begin()
    work.use(9_000, 20)

    view = work.json("estimates", "phase")

    assert ["now", "to come"] == [row["state"] for row in view["phases"]]
    assert (9_000, 9_000) == (view["used_tokens"], view["phases"][0]["actual_tokens"])
    assert view["projected"]["mid_tokens"] > 9_000


def test_a_phase_ends_by_command(work: PlannedWork) -> None:
    """`done` ends the phase at hand and begins the next; each has what was used in its time."""
    work.begin()
    work.use(9_000, 20)
    work.run("estimates", "phase", "done")
    work.use(5_000, 30)

    view = work.json("estimates", "phase")

    assert [("done", 9_000), ("now", 5_000)] == [(row["state"], row["actual_tokens"]) for row in view["phases"]]
    assert [] == work.check(), "who ended it was shown how it stands"


def test_a_phase_ends_by_its_boxes(work: PlannedWork) -> None:
    """Ticking the last box in the plan ends the phase, and that is told once."""
    work.begin()
    work.use(9_000, 20)
    work.tick("Phase 1")

    (line,) = work.check()

    assert ["done", "now"] == states(work)
    assert line.startswith("Watchkeeper: 'Bid queue' is done: 9k tokens, ")
    assert "The plan now makes about" in line
    assert [line] == work.check()


def test_a_box_counts_from_when_it_was_ticked(work: PlannedWork) -> None:
    """What is used after the tick is the next phase's, also when it is noticed later; a file of any age harms none."""
    work.begin()
    work.use(9_000, 20)
    work.tick("Phase 1")
    work.use(4_000, 25)
    work.check()
    assert [9_000, 4_000] == [row["actual_tokens"] for row in work.json("estimates", "phase")["phases"]]

    work.tick("Phase 2")
    os.utime(work.plan, (1, 1))
    work.check()
    assert [9_000, 4_000] == [row["actual_tokens"] for row in work.json("estimates", "phase")["phases"]]


def test_leaving_the_range_is_told_once(work: PlannedWork) -> None:
    """A phase that takes more than its range says so while it runs, and once."""
    work.begin()
    made = work.tracked()
    assert made is not None
    work.use(round(made.phases[0].high_tokens) + 1_000, 20)

    (line,) = work.check()

    assert "'Bid queue' has left its range" in line
    work.use(1_000, 21)
    assert [line] == work.check()


def test_the_file_has_the_specified_keys(work: PlannedWork) -> None:
    """Estimate, actual, pace, projection and deviations stand in the session's file."""
    work.begin()
    work.use(90_000, 60)
    work.run("estimates", "phase", "done")
    work.use(5_000, 75)
    work.check()

    content = work.document()

    assert SEED_KEYS <= content.keys()
    assert (SESSION, str(work.plan), "in_progress", None) == (
        content["sessionId"], content["planFile"], content["status"], content["endTime"],
    )  # fmt: skip
    assert {"name", "tokens", "hours"} <= content["estimated"]["phases"]["phase1"].keys()
    first, second = content["actual"]["phases"]["phase1"], content["actual"]["phases"]["phase2"]
    assert (True, 90_000) == (first["completed"], first["actualTokens"])
    assert first["variance"] == 90_000 - first["estimatedTokens"]
    assert {"variancePercent", "startTime", "endTime", "actualHours"} <= first.keys()
    assert (False, 5_000, "phase2") == (second["completed"], second["actualTokens"], content["actual"]["currentPhase"])
    assert 0 < second["progress"] < 1
    assert {"currentRate", "averageRate", "projectedTotal"} <= content["burnRate"].keys()
    assert [{"phase", "reason", "extraTokens", "category", "preventable", "lesson"}] == [
        set(each) for each in content["deviations"]
    ]


def test_reasons_are_kept(work: PlannedWork) -> None:
    """What was said of a deviation, by command or in the file, outlives the next check."""
    work.begin()
    work.use(90_000, 60)
    work.run("estimates", "phase", "done", "--reason", "CORS", "--category", "debugging", "--preventable")
    path = Path(work.scene.user.config, "session-tracking", f"{SESSION}.json")
    content = work.document()
    content["deviations"][0]["lesson"] = "Read\x1b[2J first"
    content["actual"]["phases"]["phase1"]["notes"] = "by hand"
    path.write_text(json.dumps(content), encoding="utf-8")
    work.use(1_000, 65)
    work.check()

    (deviation,) = work.document()["deviations"]

    assert ("CORS", "debugging", True, "Read first") == (
        deviation["reason"], deviation["category"], deviation["preventable"], deviation["lesson"],
    )  # fmt: skip
    assert "by hand" == work.document()["actual"]["phases"]["phase1"]["notes"]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"deviations": 5, "actual": {"phases": [1]}}'])
def test_a_damaged_file_is_made_anew(work: PlannedWork, content: str) -> None:
    """The file is made from the ledger; what cannot be read of it costs nothing else."""
    work.begin()
    work.check()
    Path(work.scene.user.config, "session-tracking", f"{SESSION}.json").write_text(content, encoding="utf-8")
    work.use(1_000, 5)
    work.check()

    assert SEED_KEYS <= work.document().keys()


def test_a_plan_that_changes_keeps_what_was_saved(work: PlannedWork) -> None:
    """A plan that is rewritten, broken or gone while work goes on changes nothing but what its boxes say."""
    work.begin()
    work.use(3_000, 5)
    for content in (b"\x00", b"", plans.TABLE.encode()):
        work.plan.write_bytes(content)
        os.utime(work.plan, ns=(1, 1))
        assert [] == work.check()
    work.plan.unlink()
    assert [] == work.check()

    assert ["now", "to come"] == states(work)


def test_two_sessions_on_one_plan(work: PlannedWork) -> None:
    """Each session has its own figures; a phase that the other one ticked took nothing here, and is not told."""
    work.begin()
    work.begin(session_id=OTHER)
    work.use(9_000, 20)
    work.use(4_000, 25, session_id=OTHER)
    work.tick("Phase 1")
    lines = work.check()

    assert ["done", "now"] == states(work) == states(work, OTHER)
    assert [9_000, 4_000] == [
        work.json("estimates", "phase", session_id=each)["used_tokens"] for each in (SESSION, OTHER)
    ]
    assert 2 == len(lines)


def test_what_was_saved_outside_a_session_waits_for_one(work: PlannedWork) -> None:
    """The next session that a person begins in the project is compared with it from its beginning, and told so."""
    assert "the next session" in " ".join(work.run("estimate-session", "plan.md", "--save", session_id="").out.split())
    work.at(1)
    work.scene.session("headless", began_min=0.0, attended=0)
    work.use(1_000, 2, session_id="headless")
    assert [] == work.check()
    work.scene.session(OTHER, began_min=0.0)
    work.use(7_000, 4, session_id=OTHER)

    (line,) = work.check()

    assert "this session is compared with plan 'Auction backend'" in line
    assert 7_000 == work.json("estimates", "phase", session_id=OTHER)["used_tokens"]
    assert work.tracked("headless") is None


def test_saving_again_replaces(work: PlannedWork) -> None:
    """A second estimate of a session takes the first one's place; phases that the first has finished stay known."""
    for minute, expected in ((0, ["running"]), (1, ["replaced", "running"]), (9, ["done", "replaced", "running"])):
        work.at(minute)
        work.run("estimate-session", "plan.md", "--save")
        if minute == 1:
            work.use(4_000, 5)
            work.run("estimates", "phase", "done")

        with work.scene.ledger as ledger:
            rows = ledger.state.execute("SELECT state FROM estimates ORDER BY state").fetchall()
            assert expected == [row[0] for row in rows]


def test_the_rest_waits_for_the_next_session(work: PlannedWork) -> None:
    """What a session leaves of its plan is compared with the next one; what it began counts less what it took."""
    work.begin()
    work.use(9_000, 20)
    work.run("estimates", "phase", "done")
    work.use(5_000, 30)
    work.end()
    work.at(40)
    work.scene.session(OTHER, began_min=0.0)
    work.use(2_000, 41, session_id=OTHER)
    work.check()

    made = work.tracked(OTHER)

    assert made is not None
    assert ["Cover it with tests"] == [phase.name for phase in made.phases]
    first = work.tracked()
    assert first is not None
    assert (tracked.DONE, 14_000) == (first.state, first.actual_tokens)


def test_a_resumed_session_goes_on(work: PlannedWork) -> None:
    """Who comes back to the same session goes on in the same plan, and nothing waits for another one."""
    work.begin()
    work.use(9_000, 20)
    work.run("estimates", "phase", "done")
    work.use(5_000, 30)
    work.end()
    work.at(600)
    work.use(3_000, 610)
    work.check()

    assert ["done", "now"] == states(work)
    assert 17_000 == work.json("estimates", "phase")["used_tokens"]
    with work.scene.ledger as ledger:
        assert tracked.waiting(ledger.state) == []


def test_a_session_that_never_ended(work: PlannedWork) -> None:
    """A session that said nothing for half a day is over; it has its report, and its rest waits."""
    work.begin()
    work.use(9_000, 20)
    work.at(20 + 13 * 60)
    work.check()

    made = work.tracked()
    assert made is not None
    assert (tracked.DONE, 9_000) == (made.state, made.actual_tokens)
    assert (work.scene.user.config / "session-reports" / f"{SESSION}-report.md").exists()


def test_stopping(work: PlannedWork) -> None:
    """A session can be let go; then nothing is told of it any more."""
    work.begin()
    work.run("estimates", "phase", "stop")
    work.use(500_000, 5)

    assert [] == work.check()
    assert "is compared with no estimate" in work.run("estimates", "phase").err


def test_looking_again_tells_nothing_again(work: PlannedWork) -> None:
    """However often a job looks, a phase's end is told once."""
    work.begin()
    work.use(9_000, 20)
    work.tick("Phase 1")
    for _ in range(10):
        work.check()

    assert 1 == len(work.due())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("done", "9"), "There is no phase 9"),
        (("start", "x"), "must be a whole number"),
        (("start", "9"), "There is no phase 9"),
        (("note", "1"), "Say what is to be noted"),
        (("note", "1", "--category", "weather"), "There is no category 'weather'"),
    ],
)
def test_refusals(work: PlannedWork, arguments: tuple[str, ...], sentence: str) -> None:
    """What names no phase or says nothing is refused in a sentence."""
    work.begin()

    ran = work.run("estimates", "phase", *arguments)

    assert sentence in ran.err
    assert ran.code in (1, 2)


def test_a_phase_can_begin_again(work: PlannedWork) -> None:
    """A phase that was over too early goes on, and the one at hand ends."""
    work.begin()
    work.use(9_000, 20)
    work.run("estimates", "phase", "done")
    work.run("estimates", "phase", "start", "1")

    assert ["now", "done"] == states(work)


def test_an_estimate_in_another_tongue_of_tokens(work: PlannedWork) -> None:
    """Figures are of the kinds of tokens that were counted when it was saved."""
    work.begin()
    made = work.tracked()
    assert made is not None
    assert ("input", "output", "cache_creation") == made.counted
    with work.scene.ledger as ledger, Transaction(ledger.state) as db:
        db.execute("UPDATE estimates SET counted = 'output cache_read'")
    work.use(8_000, 10)

    assert 48_000 == work.json("estimates", "phase")["used_tokens"]


def test_nothing_is_compared_at_all(work: PlannedWork) -> None:
    """Without an estimate the command says how to begin."""
    work.scene.session(began_min=0.0)

    assert "/estimate-session PLAN --save begins that" in work.run("estimates", "phase").err
    place = work.place
    with place.ledger:
        assert tracking.check(place, "nothing") is None


def test_phases_of_one_name_end_one_by_one(work: PlannedWork) -> None:
    """The boxes of a phase end that phase, and no other of the same name, also when one was done before."""
    before = "### Phase 1: Tests (1h)\n- [x] lexer\n"
    text = f"# Plan\n\n{before}\n### Phase 2: Tests (1h)\n- [ ] parser\n\n### Phase 3: Tests (1h)\n- [ ] printer\n"
    work.begin(text=text)
    work.use(9_000, 20)
    work.tick("Phase 2")
    work.check()

    assert ["done", "now"] == states(work)


def test_a_phase_that_is_begun_again_leaves_the_others_their_own(work: PlannedWork) -> None:
    """What was used while another phase was worked on is not its as well: the phases add up to the whole."""
    work.begin()
    work.use(9_000, 20)
    work.run("estimates", "phase", "done")
    work.use(5_000, 30)
    work.run("estimates", "phase", "start", "1")
    work.use(2_000, 40)

    view = work.json("estimates", "phase")

    assert 16_000 == view["used_tokens"]
    assert [("now", 11_000), ("done", 5_000)] == [(row["state"], row["actual_tokens"]) for row in view["phases"]]
