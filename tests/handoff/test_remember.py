"""A session is taken into its project's memory: masked, and also when another one is taken in at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scene import Scene
from tests.handoff.samples import AUTH
from tests.support.clock import NOON
from tests.support.environment import User
from watchkeeper.handoff import memory
from watchkeeper.handoff.facts import Facts
from watchkeeper.handoff.masking import MASK
from watchkeeper.handoff.remember import remember

_SECRET = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture
def scene(home: User, tmp_path: Path) -> Scene:
    made = Scene(home)
    made.project = str(tmp_path)
    return made


@pytest.mark.parametrize("variable", ["XYZ-99", "XYZ+24"])
def test_a_zone_a_day_or_more_from_utc(variable: str, scene: Scene, time_zone: Callable[[str], None]) -> None:
    """Times are remembered where TZ has what ISO 8601 cannot say."""
    time_zone(variable)
    with scene.ledger as ledger:
        remember(ledger, scene.paths, facts_of(scene, "s-1", commits=("Sign-up",)), None, "", NOON)

    assert ["2026-11-20T12:00:00+00:00"] == [each["endTime"] for each in remembered(scene)["sessions"]]


def facts_of(scene: Scene, session_id: str, **changes: Any) -> Facts:
    known = dict.fromkeys(Facts._fields)
    texts = dict.fromkeys(("agent", "tests"), "")
    lists = dict.fromkeys(("commits", "files_modified", "runs", "tasks", "tasks_done"), ())
    told = {"session_id": session_id, "project": scene.project, "started_at": NOON - 60, "last_at": NOON}
    return Facts(**{**known, **texts, **lists, **told, **changes})


def remembered(scene: Scene) -> dict[str, Any]:
    return memory.read(memory.path_of(scene.paths, scene.project))


def test_sessions_that_end_at_once_are_all_remembered(scene: Scene) -> None:
    """None of eight that are taken in at the same moment gets lost."""
    with scene.ledger as ledger:
        ledger.state.execute("SELECT 1")

    def end(number: int) -> None:
        with scene.ledger as ledger:
            remember(ledger, scene.paths, facts_of(scene, f"s{number}", commits=("Did it",)), None, "", NOON)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(end, range(8)))

    assert {f"s{number}" for number in range(8)} == {each["id"] for each in memory.sessions_of(remembered(scene))}


def test_secrets_are_not_remembered(scene: Scene) -> None:
    """What looks like a secret is masked, with a handoff and without one."""
    handoff = AUTH.model_copy(update={"accomplished": (f"Used {_SECRET}",), "decisions": ()})
    with scene.ledger as ledger:
        remember(ledger, scene.paths, facts_of(scene, "s1", commits=(f"Add {_SECRET}",)), None, "", NOON)
        remember(ledger, scene.paths, facts_of(scene, "s2"), handoff, "/h/handoff-s2.md", NOON, f"Uses {_SECRET}")

    kept = remembered(scene)
    assert [[f"Add {MASK}"], [f"Used {MASK}"]] == [each["accomplishments"] for each in kept["sessions"]]
    assert f"Uses {MASK}" == kept["cumulativeContext"]["architecture"]


def test_nothing_worth_a_line_is_no_session(scene: Scene) -> None:
    """A session that did nothing leaves the memory without it; one without a project leaves no memory."""
    with scene.ledger as ledger:
        remember(ledger, scene.paths, facts_of(scene, "s1"), None, "", NOON)
        nowhere = remember(ledger, scene.paths, facts_of(scene, "s1", project=""), None, "", NOON)

    assert ([], "") == (memory.sessions_of(remembered(scene)), nowhere)
