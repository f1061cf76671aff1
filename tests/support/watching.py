"""A made-up user's ledger and hooks, for tests of what hooks do."""

from __future__ import annotations

import json
from typing import Any

from tests.support.environment import User
from watchkeeper.core import entry, settings, state, status_line, usage
from watchkeeper.core.ledger import Ledger, Transaction
from watchkeeper.core.records import MAIN, Response
from watchkeeper.core.watch import Watch

SESSION = "95847ad0-d7c5-45bb-aa00-1664be934fc7"
HOUR = 3600.0


def response(message_id: str, at: float, tokens: int = 1000, **changes: Any) -> Response:
    """A main-chain response that counts `tokens`, all of them output."""
    made = Response(message_id, MAIN, SESSION, "", "claude-sonnet-5-5", at, 0, tokens, 0, 0, "/home/dev/proj", ())
    return made._replace(**changes)


def report(used_pct: float, at: float, resets_at: float, **changes: Any) -> state.Report:
    """A report of the five-hour limit of the account without a name."""
    return state.Report("", "five_hour", resets_at, used_pct, at, "status_line", False)._replace(**changes)


class Hooks:
    """Calls the hooks of one made-up user in this process, at any time."""

    def __init__(self, user: User, **environ: str) -> None:
        self.user = user
        self.environ = {**user.environ, "CLAUDE_CODE_SESSION_ATTENDED": "1", **environ}
        self.settings: dict[str, dict[str, Any]] = settings.DEFAULTS
        self.project = user.config / "projects" / "-home-dev-proj"
        self.project.mkdir(parents=True, exist_ok=True)
        self._calls = 0

    def configure(self, **tables: dict[str, Any]) -> None:
        """Change settings, table by table."""
        self.settings = settings.merged(self.settings, tables)

    def watch(self, now: float) -> Watch:
        made = entry.watch(self.environ, now)
        return made._replace(settings=self.settings)

    def ledger(self, now: float = 0.0) -> Ledger:
        return self.watch(now).ledger

    def payload(self, event: str, **fields: Any) -> dict[str, Any]:
        """The payload of an event, as the client sends it."""
        self._calls += 1
        session = fields.get("session_id", SESSION)
        common = {
            "session_id": session,
            "transcript_path": str(self.project / f"{session}.jsonl"),
            "cwd": "/home/dev/proj",
            "hook_event_name": event,
        }
        if event == "PostToolUse":
            common |= {
                "tool_name": "Bash",
                "tool_input": {"command": "ls"},
                "tool_response": {"stdout": "a.txt", "stderr": ""},
                "tool_use_id": f"toolu_{self._calls:06}",
                "duration_ms": 7,
            }
        return {**common, **fields}

    def call(self, event: str, now: float, **fields: Any) -> dict[str, Any]:
        """What the hook answers, as the client would read it; empty when it says nothing."""
        watch = self.watch(now)
        with watch.ledger:
            output, _ = entry.run(event, json.dumps(self.payload(event, **fields)).encode(), watch)
        answer: dict[str, Any] = json.loads(output) if output else {}
        return answer

    def jobs(self, event: str, now: float, **fields: Any) -> tuple[str, ...]:
        """The background jobs that the hook starts."""
        watch = self.watch(now)
        with watch.ledger:
            return entry.run(event, json.dumps(self.payload(event, **fields)).encode(), watch)[1]

    def status_line(self, now: float, **fields: Any) -> str:
        """The status line for the client's JSON."""
        told = {"session_id": SESSION, "cwd": "/home/dev/proj", **fields}
        watch = self.watch(now)
        with watch.ledger:
            return status_line.run(json.dumps(told).encode(), watch)

    def report(self, *reports: state.Report) -> None:
        """Store reports, in this order."""
        with self.ledger() as ledger, Transaction(ledger.state) as db:
            for told in reports:
                state.save_report(db, told, told.at)

    def used(self, *responses: Response) -> None:
        """Store responses."""
        with self.ledger() as ledger, Transaction(ledger.usage) as db:
            usage.merge_facts(db, responses)
