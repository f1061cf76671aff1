from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.commands.scene import Scene
from tests.handoff.samples import AUTH, SESSION
from tests.handoff.transcript import Transcript
from tests.support.environment import User
from watchkeeper.core import settings
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import checkpoint, folder, memory, pending
from watchkeeper.handoff.saving import Saved, save


@pytest.fixture
def scene(home: User, tmp_path: Path) -> Scene:
    made = Scene(home)
    project = tmp_path / "proj"
    project.mkdir()
    made.project = str(project)
    return made


def work(scene: Scene, task_state: str = "in_progress") -> None:
    path = scene.user.config / "projects" / "-proj" / f"{SESSION}.jsonl"
    Transcript(path, cwd=scene.project).asked("Add sign-in to the API").made_task(1, "Sign-in", task_state).said(
        "Done so far."
    )
    scene.session(SESSION, began_min=60, transcript_path=str(path))


def refresh(scene: Scene, reason: str) -> Saved | None:
    with scene.ledger as ledger:
        return checkpoint.refresh(
            ledger, settings.load(scene.paths), scene.paths, scene.environ, SESSION, reason, scene.now
        )


@pytest.mark.parametrize("reason", ["danger", "limit", "compaction", "end"])
def test_a_draft_is_written_and_renewed(scene: Scene, reason: str) -> None:
    """Each occasion renews one draft, which waits for nobody and is remembered."""
    work(scene)

    first, second = refresh(scene, reason), refresh(scene, reason)

    assert first is not None
    assert second is not None
    assert (first.path, "draft") == (second.path, second.handoff.kind)
    with scene.ledger as ledger:
        assert pending.waiting_in(ledger.state, scene.project) is None
    remembered = memory.read(memory.path_of(scene.paths, scene.project))
    assert [SESSION] == [each["id"] for each in memory.sessions_of(remembered)]


def test_a_finished_session_leaves_no_draft(scene: Scene) -> None:
    """At its end a session without open work is remembered, and that is all."""
    work(scene, "completed")

    assert refresh(scene, "end") is None
    assert not os.path.exists(folder.folder_of(scene.paths))
    (session,) = memory.sessions_of(memory.read(memory.path_of(scene.paths, scene.project)))
    assert ["Sign-in"] == session["accomplishments"]


def test_a_session_that_was_refused_leaves_a_draft(scene: Scene) -> None:
    """Where the last answer was a limit's, there is something to go on with whatever the task list says."""
    work(scene, "completed")
    path = scene.user.config / "projects" / "-proj" / f"{SESSION}.jsonl"
    text = "You've hit your 5-hour limit · resets 4:24pm (UTC)"
    message = {"model": "<synthetic>", "role": "assistant", "content": [{"type": "text", "text": text}]}
    refusal = {"type": "assistant", "isApiErrorMessage": True, "error": "rate_limit", "message": message}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(refusal) + "\n" + json.dumps({"type": "last-prompt"}) + "\n")

    assert refresh(scene, "end") is not None


def test_a_session_that_did_nothing_is_not_remembered(scene: Scene) -> None:
    """A question and its answer are no session worth a line."""
    path = scene.user.config / "projects" / "-proj" / f"{SESSION}.jsonl"
    Transcript(path, cwd=scene.project).asked("What time is it?").said("Noon.")
    scene.session(SESSION, began_min=60, transcript_path=str(path))

    assert refresh(scene, "end") is None
    assert [] == memory.sessions_of(memory.read(memory.path_of(scene.paths, scene.project)))


def test_what_was_composed_is_not_drafted_again(scene: Scene) -> None:
    """After a composed handoff a draft is due only once something was done."""
    work(scene)
    with scene.ledger as ledger:
        save(AUTH.model_copy(update={"project": scene.project}), folder.folder_of(scene.paths), ledger)

    assert refresh(scene, "end") is None
    scene.tool_calls(1, (-5.0, -6.0), SESSION)
    again = refresh(scene, "end")
    assert again is not None
    assert again.handoff.id.endswith("-2")


def test_a_planned_draft_keeps_its_start(scene: Scene) -> None:
    """A draft that waits for a session at a time is renewed with that time."""
    work(scene)
    first = refresh(scene, "danger")
    assert first is not None
    with scene.ledger as ledger, Transaction(ledger.state) as db:
        pending.mark(db, first.handoff.id, scene.project, SESSION, first.path, "reset", scene.now + 60, scene.now)

    second = refresh(scene, "end")

    assert second is not None
    assert (first.path, "reset", int(scene.now) + 60) == (
        second.path,
        second.handoff.start,
        second.handoff.scheduled_for,
    )


def test_an_unknown_session_is_left_alone(scene: Scene) -> None:
    """Nothing is written for a session that left no trace."""
    assert refresh(scene, "danger") is None


def test_a_damaged_memory_stops_nothing(scene: Scene) -> None:
    """A memory that cannot be read is left as it is, and the draft is written."""
    work(scene)
    path = Path(memory.path_of(scene.paths, scene.project))
    path.parent.mkdir()
    path.write_text("{", encoding="utf-8")

    assert refresh(scene, "danger") is not None
    assert "{" == path.read_text(encoding="utf-8")
