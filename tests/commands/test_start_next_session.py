"""`start-next-session` proposes what fits, and does it, or schedules it, when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.golden import assert_golden
from tests.commands.queueing import (
    add,
    asked,
    flat,
    left,
    run,
    state_of,
    told,
    usual_queue,
)
from tests.commands.scene import Scene
from tests.support.clock import NOON
from watchkeeper.render import engine
from watchkeeper.render.ink import Pen

pytestmark = pytest.mark.usefixtures("plan_pro")


def test_with_full_quota_it_starts_at_once(here: Scene) -> None:
    """200,000 available, four hours, Implementation with 65,000."""
    add(here, "Implementation", "--tokens", "65k", "--hours", "4")
    left(here, 200_000)

    view = told(here, "--hours", "4", "--yes")

    assert ("start", "implementation", "started", 190_000, 125_000) == (
        view["decision"],
        view["session"]["id"],
        view["outcome"],
        view["session"]["fit"]["has_tokens"],
        view["session"]["fit"]["buffer_tokens"],
    )
    assert ["ready", "running"] == [each["state"] for each in state_of(here, "implementation")["history"]]
    assert 65_000 == state_of(here, "implementation")["history"][-1]["estimated_tokens"]


def test_the_narrower_estimate_goes_first(here: Scene) -> None:
    """Of two with the same priority the one whose estimate is narrower is proposed, and that is the reason."""
    add(here, "Vague", "--tokens", "20k-60k")
    add(here, "Sure", "--tokens", "38k-42k")
    left(here, 115_000)

    view = told(here, "--hours", "3")

    assert "sure" == view["session"]["id"]
    assert "narrower estimate" in view["reason"]


def test_nobody_there_means_no(here: Scene) -> None:
    """Without a person and without --yes it is only proposed, with the commands that do it."""
    add(here, "x", "--tokens", "5k")
    left(here, 115_000)

    assert "watchkeeper start-next-session --choose x --yes" in run(here, "--hours", "3").out
    assert (None, None) == ((view := told(here, "--choose", "x"))["outcome"], view["next_step"])
    assert "ready" == state_of(here, "x")["state"]


def test_the_reserve_is_used_by_choice_alone(here: Scene) -> None:
    """--yes by itself does not touch what is kept for saving the work; whoever chooses the session may."""
    add(here, "Polish", "--tokens", "18k")
    left(here, 25_000)

    view = told(here, "--yes")
    assert ("schedule", "scheduled") == (view["decision"], view["outcome"])
    assert "started" == told(here, "--choose", "polish", "--yes")["outcome"]


@pytest.mark.parametrize("tokens", [("--tokens", "18k"), ()], ids=["by the reserve", "without an estimate"])
def test_where_no_smaller_one_surely_fits_the_first_is_scheduled(here: Scene, tokens: tuple[str, ...]) -> None:
    """--yes starts nothing that may run out of quota: what comes first waits for the reset."""
    add(here, "Large", "--tokens", "85k", "--priority", "high")
    add(here, "Polish", *tokens)
    left(here, 25_000)

    view = told(here, "--yes")

    assert ("smaller", "large", "scheduled", "2026-11-20T14:50:00+00:00") == (
        view["decision"],
        view["session"]["id"],
        view["outcome"],
        view["scheduled_for"],
    )
    assert ["scheduled", "ready"] == [state_of(here, each)["state"] for each in ("large", "polish")]


def test_a_chosen_session_that_does_not_fit_is_scheduled(here: Scene) -> None:
    """--yes schedules it for after the reset; --now starts it whatever is left."""
    add(here, "Large", "--tokens", "85k")
    left(here, 25_000)

    view = told(here, "--choose", "large", "--yes")
    assert ("schedule", "scheduled", "2026-11-20T14:50:00+00:00") == (
        view["decision"],
        view["outcome"],
        view["scheduled_for"],
    )

    assert "started" == told(here, "--choose", "large", "--now", "--yes")["outcome"]


def test_what_is_scheduled_already_is_only_told(here: Scene) -> None:
    """Where nothing else waits than what has its time, --yes changes nothing."""
    add(here, "Later", "--at", "18:00")
    left(here, 115_000)

    view = told(here, "--yes")

    assert ("schedule", None, True) == (view["decision"], view["outcome"], view["is_scheduled"])
    assert "Later is scheduled for 18:00" in flat(asked(here, "3"))
    assert 1 == len(state_of(here, "later")["history"])


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (("--hours", "soon"), 2, "'soon' is no number of hours"),
        (("--hours", "0"), 2, "is no number of hours"),
        (("--hours", "25"), 2, "24 at most"),
        (("--choose", "nobody"), 1, "No session in the queue is called 'nobody'"),
        (("--choose", "second"), 1, "second waits for first: `watchkeeper queue done first`"),
        (("--choose", "old"), 1, "old is cancelled; `watchkeeper queue add --like old`"),
        (("--now",), 2, "--now needs --choose ID"),
    ],
)
def test_refusals(here: Scene, options: tuple[str, ...], code: int, sentence: str) -> None:
    """What cannot be started is refused in one sentence."""
    add(here, "First")
    add(here, "Second", "--after", "first")
    add(here, "Old")
    here.run("queue", "cancel", "old")

    ran = run(here, *options, "--yes")

    assert (code, "") == (ran.code, ran.out)
    assert sentence in ran.err
    assert 1 == len(ran.err.splitlines())


def test_a_project_that_is_gone(here: Scene, tmp_path: Path) -> None:
    """A session whose folder is no longer there is not started."""
    (tmp_path / "gone").mkdir()
    add(here, "x", "--project", str(tmp_path / "gone"))
    (tmp_path / "gone").rmdir()

    ran = run(here, "--yes")

    assert 1 == ran.code
    assert "is no folder: name the folder that the session shall work in." in ran.err
    assert "ready" == state_of(here, "x")["state"]


def test_this_projects_sessions_come_first(here: Scene, tmp_path: Path) -> None:
    """Where this project has sessions of its own, others are counted, and a due one is named."""
    (tmp_path / "other").mkdir()
    add(here, "Elsewhere", "--project", str(tmp_path / "other"), "--priority", "critical")
    add(here, "Due there", "--project", str(tmp_path / "other"), "--at", "11:30")
    add(here, "Own")

    view = told(here)

    assert ("own", 2, ["due-there"]) == (view["session"]["id"], view["elsewhere"], view["due_elsewhere"])


def _empty(scene: Scene) -> None:
    left(scene, 25_000)


def _fits(scene: Scene) -> None:
    usual_queue(scene)
    left(scene, 115_000)


def _smaller(scene: Scene) -> None:
    add(scene, "Large", "--tokens", "85k", "--hours", "3", "--priority", "high")
    add(scene, "Polish & Documentation", "--tokens", "18k", "--hours", "2")
    add(scene, "Testing", "--tokens", "12k-14k", "--hours", "1.5")
    left(scene, 25_000)


def _schedule(scene: Scene) -> None:
    add(scene, "Implementation", "--tokens", "85k", "--hours", "3", "--objective", "Build the API")
    left(scene, 25_000)


def _unknown(scene: Scene) -> None:
    scene.settings()
    add(scene, "Implementation", "--tokens", "85k", "--hours", "3")


@pytest.mark.parametrize("story", [_empty, _fits, _smaller, _schedule, _unknown], ids=lambda story: story.__name__[1:])
def test_page_proposed(here: Scene, story: Callable[[Scene], None]) -> None:
    """What Claude shows, or a script: how things stand, what is proposed and why, and the commands that do it."""
    story(here)

    def draw(columns: int, colour: bool) -> str:
        return run(here, "--hours", "3", columns=columns, colour=colour).out

    assert_golden(f"start-next-session-{story.__name__[1:]}", draw)


@pytest.mark.parametrize(
    ("story", "name"), [(_fits, "started"), (_schedule, "scheduled")], ids=["started", "scheduled"]
)
def test_page_done(claude: Scene, story: Callable[[Scene], None], name: str) -> None:
    """What is shown once it was done."""
    story(claude)

    view: dict[str, Any] = {}

    def keep(self: Any, template: str, shown: dict[str, Any]) -> None:
        view.update(shown)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("watchkeeper.app.App.show", keep)
        run(claude, "--hours", "3", "--yes")

    assert_golden(
        f"start-next-session-{name}",
        lambda columns, colour: engine.render("start-next-session", view, Pen(colour), columns, NOON),
    )
