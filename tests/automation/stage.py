"""A project with a handoff that waits, and bookings of it, for tests of the automation."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.automation.outside import PID, OpeningTerminal, Outside
from tests.commands.scene import Scene, closing_app
from tests.handoff.samples import AUTH
from watchkeeper.adapters.processes import Identity
from watchkeeper.adapters.terminal.port import Opening
from watchkeeper.app import App
from watchkeeper.automation import booking, bookings, fire, plan, preflight
from watchkeeper.automation.bookings import Booking
from watchkeeper.automation.facts import Fact
from watchkeeper.automation.fire import Fired
from watchkeeper.core import whole_file
from watchkeeper.core.ledger import Transaction
from watchkeeper.handoff import folder, markdown, pending
from watchkeeper.handoff.pending import Waiting

HANDOFF = "handoff-auth"
ENDED_MIN = 5.0
"""So many minutes before noon the last window has ended, in a stage where all is ready."""
OTHER_SESSION = "11111111-2222-4333-8444-555555555555"


class Stage:
    """The user's project and ledger; times are minutes before noon, which is now."""

    def __init__(self, scene: Scene, outside: Outside, claude: str) -> None:
        self.scene = scene
        self.outside = outside
        self.claude = claude
        self.project = scene.project
        self.now = scene.now

    def app(self, now: float | None = None, **environ: str) -> App:
        app = self.scene.app(environ=environ)
        return app if now is None else closing_app(app.surroundings._replace(now=now))

    def write_handoff(self, handoff_id: str = HANDOFF, **fields: Any) -> Path:
        """A handoff of the project on the disk, which waits for its next session."""
        path = Path(folder.path_of(folder.folder_of(self.scene.paths), handoff_id))
        written = AUTH.model_copy(update={"id": handoff_id, "project": self.project, "agent": "", **fields})
        whole_file.write_text(str(path), markdown.render(written))
        with self.scene.ledger as ledger, Transaction(ledger.state) as db:
            pending.mark(db, handoff_id, self.project, "", str(path), "manual", None, self.now - 600.0)
        return path

    def ready(self) -> None:
        """The last window has ended, the week has room, and the plan is known."""
        self.scene.settings(quota={"plan": "pro"})
        self.scene.report(83.0, resets_in_min=-ENDED_MIN, ago_min=60.0)
        self.scene.report(30.0, 60 * 24 * 3, ago_min=60.0, weekly=True)

    def book(self, at: float | None = None, handoff: str = HANDOFF, **fields: Any) -> Booking:
        """A booking that is due now, unless another time is given."""
        app = self.app(now=self.now - 8 * 3_600.0)
        chosen = plan.made(**{"estimated_tokens": 45_000, "start": "reset+5m", **fields})
        wish = booking.Wish(self.now if at is None else at, self.project, chosen, handoff)
        with app.ledger:
            return booking.book(app, wish, self.outside.doors)

    def fire(self, booking_id: str, by_scheduler: bool = True, now: float | None = None) -> Fired:
        """What a scheduler starts when the time has come."""
        app = self.app(now)
        with app.ledger:
            return fire.fire(app, booking_id, self.outside.doors, by_scheduler)

    def facts(self, booked: Booking) -> dict[str, Fact]:
        """What the preflight of a booking finds, by name."""
        app = self.app()
        with app.ledger:
            found = preflight.preflight(app, booked, plan.read(booked.plan), self.outside.doors, self.now)
        return {each.fact: each for each in found.facts}

    def booking(self, booking_id: str) -> Booking:
        with self.scene.ledger as ledger:
            found = bookings.find(ledger.state, booking_id)
        assert found is not None
        return found

    def change(self, booking_id: str, **columns: object) -> None:
        """Change a booking by hand."""
        with self.scene.ledger as ledger, Transaction(ledger.state) as db:
            bookings.note(db, booking_id, **columns)

    def cut_off(self, state: str) -> Booking:
        """A booking that a living process had in hand two hours ago; `killed` lets that process end."""
        booked = self.book(at=self.now - 7_200.0)
        living = f"{os.getpid()} 1000.000"
        self.change(
            booked.booking_id, state=state, session_id="never seen", fired_by=living, changed_at=self.now - 7_200.0
        )
        return booked

    def killed(self, booking_id: str) -> None:
        """The process that has a booking in hand ends."""
        self.change(booking_id, fired_by="999999 1.0")

    def waiting(self, handoff_id: str = HANDOFF) -> Waiting:
        with self.scene.ledger as ledger:
            found = pending.find(ledger.state, handoff_id)
        assert found is not None
        return found

    def log(self) -> str:
        path = Path(self.scene.paths.state, "automation", "session-log.txt")
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def runs(self, session_id: str = OTHER_SESSION, pid: int = PID, **fields: Any) -> None:
        """A session whose process runs, as its client tells of it."""
        started_at = self.now - 3_600.0
        told = {
            "pid": pid,
            "sessionId": session_id,
            "cwd": self.project,
            "startedAt": int(started_at * 1000) + 400,
            "kind": "interactive",
            "status": "idle",
            **fields,
        }
        self.outside.processes[pid] = Identity(pid, started_at, "")
        path = self.scene.user.config / "sessions" / f"{pid}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(told), encoding="utf-8")

    def said(self, session_id: str, *records: dict[str, Any]) -> None:
        """The transcript of a session ends with these records."""
        path = self.scene.user.config / "projects" / "-my-app" / f"{session_id}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")


def informational(content: str) -> dict[str, Any]:
    """The client's own word in a transcript."""
    return {"type": "system", "subtype": "informational", "content": content, "level": "notice"}


def begins(stage: Stage) -> OpeningTerminal:
    """A terminal in which the client starts at once, as its session file tells."""

    def start(opening: Opening) -> None:
        session_id = next(each for each in opening.argv if each.startswith("--session-id=")).partition("=")[2]
        stage.runs(session_id, pid=9000 + len(stage.outside.processes), status="busy")

    stage.outside.terminal = OpeningTerminal(start)
    made: OpeningTerminal = stage.outside.terminal
    return made
