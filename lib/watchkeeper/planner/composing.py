"""The handoff that is written of what is known of a planned session, for one that is opened elsewhere."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from watchkeeper.core import whole_file
from watchkeeper.handoff import folder, markdown, saving, stored
from watchkeeper.handoff.model import COMPOSED, Handoff, Objective

if TYPE_CHECKING:
    from watchkeeper.app import App
    from watchkeeper.handoff.folder import Entry

    from .model import PlannedSession


def compose(app: App, session: PlannedSession, project: str) -> Entry:
    """Write what is known of a session as a handoff, and return its place in the folder."""
    written = _handoff(session, project, "handoff-new", app.now)
    saved = saving.save(written, folder.folder_of(app.paths), app.ledger)
    return stored.find(app, saved.handoff.id)


def follow(app: App, before: PlannedSession, changed: PlannedSession) -> bool:
    """Write the handoff of a changed session anew, under its id, where all it says is what was known before.

    Return False for one that a session or a person wrote or changed: it stays as it is.
    """
    where = folder.folder_of(app.paths)
    entry = next((each for each in folder.entries(where) if each.id == before.handoff), None)
    if entry is None:
        return False
    project = entry.project if changed.project == before.project else changed.project
    with contextlib.suppress(OSError):
        if folder.read(entry.path) == _text(before, entry.project, entry):
            whole_file.write_text(entry.path, _text(changed, project, entry))
            return True
    return False


def _text(session: PlannedSession, project: str, entry: Entry) -> str:
    return markdown.render(saving.without_secrets(_handoff(session, project, entry.id, entry.written_at)))


def _handoff(session: PlannedSession, project: str, handoff_id: str, written_at: float) -> Handoff:
    objectives = session.objectives or (session.name,)
    return Handoff(
        id=handoff_id,
        kind=COMPOSED,
        title=session.name,
        written_at=int(written_at),
        agent=session.agent,
        project=project,
        objectives=tuple(Objective(title=line) for line in objectives),
        stated_tokens=session.estimated_tokens,
    )
