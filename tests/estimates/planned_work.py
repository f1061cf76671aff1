"""Work on a plan as it goes on, told minute by minute."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from tests.commands.scene import SESSION, Ran, Scene
from tests.estimates import plans
from watchkeeper.core import settings
from watchkeeper.core.ledger import Transaction
from watchkeeper.estimates import session_end, tracked, tracking
from watchkeeper.estimates.tracked import Tracked

PLAN = "plan.md"


class PlannedWork:
    """A session that works on `plan`; `minute` is how far it is."""

    def __init__(self, scene: Scene, project: Path) -> None:
        self.scene = scene
        self.project = project
        self.began_at = scene.now
        self.plan = project / PLAN
        self.plan.write_text(plans.RECKONED, encoding="utf-8")

    def begin(self, *options: str, session_id: str = SESSION, text: str | None = None) -> Ran:
        """The session begins, and its plan is estimated and saved."""
        if text is not None:
            self.plan.write_text(text, encoding="utf-8")
        self.scene.session(session_id, began_min=0.0)
        return self.run("estimate-session", PLAN, "--save", *options, session_id=session_id)

    def run(self, *argv: str, session_id: str = SESSION, **options: Any) -> Ran:
        """Run a command as the session."""
        return self.scene.run(*argv, environ={"CLAUDE_CODE_SESSION_ID": session_id}, **options)

    def json(self, *argv: str, session_id: str = SESSION, **options: Any) -> dict[str, Any]:
        """Run a command as the session that must not complain, and return its JSON."""
        return self.scene.json(*argv, environ={"CLAUDE_CODE_SESSION_ID": session_id}, **options)

    def at(self, minute: float) -> None:
        """Let it be so many minutes after the beginning."""
        self.scene.now = self.began_at + minute * 60.0

    def use(self, tokens: int, until_min: float, responses: int = 4, session_id: str = SESSION, calls: int = 4) -> None:
        """Use tokens evenly until a minute, and let it be that minute."""
        since = (self.scene.now - self.began_at) / 60.0
        for number in range(responses):
            self.at(since + (until_min - since) * (number + 0.5) / responses)
            share = tokens // responses + (tokens % responses if number == 0 else 0)
            self.scene.response(0.0, tokens=(0, share, 0, 10_000), session_id=session_id)
        self.at(until_min)
        self.scene.tool_calls(calls, (until_min - since, 0.1), session_id)

    def tick(self, phase: str) -> None:
        """Tick a phase's boxes in the plan."""
        before, heading, after = self.plan.read_text(encoding="utf-8").partition(phase)
        section, mark, rest = after.partition("\n##")
        self.plan.write_text(before + heading + section.replace("- [ ]", "- [x]") + mark + rest, encoding="utf-8")
        os.utime(self.plan, (self.scene.now, self.scene.now))

    @property
    def place(self) -> tracking.Place:
        """What background jobs work with now."""
        scene = self.scene
        return tracking.Place(scene.ledger, settings.load(scene.paths), scene.paths, scene.environ, scene.now)

    def check(self) -> list[str]:
        """Run the background check, and return what is due to be told."""
        place = self.place
        with place.ledger:
            session_end.follow_all(place.ledger, place.settings, place.paths, place.environ, place.now)
        return self.due()

    def end(self, session_id: str = SESSION) -> Path | None:
        """The session ends; return its report."""
        place = self.place
        with place.ledger as ledger:
            with Transaction(ledger.usage) as db:
                db.execute("UPDATE sessions SET ended_at = ? WHERE session_id = ?", (self.scene.now, session_id))
            path = session_end.settle(ledger, place.settings, place.paths, place.environ, session_id, place.now)
        return None if path is None else Path(path)

    def due(self) -> list[str]:
        with self.scene.ledger as ledger:
            return [row[0] for row in ledger.state.execute("SELECT text FROM due_lines ORDER BY at, text")]

    def tracked(self, session_id: str = SESSION) -> Tracked | None:
        with self.scene.ledger as ledger:
            return tracked.of_session(ledger.state, session_id)

    def document(self, session_id: str = SESSION) -> dict[str, Any]:
        """The session's file."""
        path = self.scene.user.config / "session-tracking" / f"{session_id}.json"
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content
